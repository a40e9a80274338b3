/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool.h"

#include <stdlib.h>

enum { HUGE_FROM = 4 /* blocks */ };

/* The chunks that are taken together. */
static size_t block_size(const struct pool *p)
{
    return (p->stride << POOL_BITS) * p->together;
}

void pool_init(struct pool *p, struct synfin_memory *memory, size_t size, size_t align)
{
    *p = (struct pool){.memory = memory,
                       .free_head = SYNFIN_NONE,
                       .stride = (size + align - 1) & ~(align - 1),
                       .together = 1};
    size_t fit = MEMORY_HUGE_PAGE / (p->stride << POOL_BITS);
    if (fit > 1)
        p->together = (uint32_t)fit;
}

/* Where chunk k really begins. */
static unsigned char *chunk_begin(const struct pool *p, uint32_t k)
{
    return pool_at(p, k << POOL_BITS);
}

void pool_free(struct pool *p)
{
    size_t size = block_size(p), touched = p->used * p->stride;
    for (uint32_t k = 0; k < p->chunks; k += p->together) {
        memory_free(p->memory, chunk_begin(p, k), size, touched < size ? touched : size);
        touched -= touched < size ? touched : size;
    }
    free(p->chunk);
    p->chunk = NULL;
    p->chunks = 0;
}

static int grow(struct pool *p)
{
    uintptr_t *chunk = realloc(p->chunk, (p->chunks + p->together) * sizeof(*chunk));
    if (!chunk)
        return -1;
    p->chunk = chunk;
    unsigned char *block = memory_take_part(p->memory, block_size(p), p->chunks / p->together >= HUGE_FROM);
    if (!block)
        return -1;
    uintptr_t thing_0 = (uintptr_t)block - (uintptr_t)p->chunks * POOL_CHUNK * p->stride;
    for (uint32_t i = 0; i < p->together; i++)
        chunk[p->chunks++] = thing_0;
    return 0;
}

bool pool_widen(struct pool *p)
{
    if (p->used >> POOL_BITS == p->chunks && (p->used > SYNFIN_NONE - POOL_CHUNK || grow(p) < 0))
        return false;
    pool_give(p, p->used++); /* fresh memory is zero */
    return true;
}

/* Chunks of a sparse array are small: its users are few and far between. */
enum { SPARSE_BITS = 6, SPARSE_CHUNK = 1 << SPARSE_BITS };

void sparse_init(struct sparse *s, struct synfin_memory *memory, size_t size)
{
    *s = (struct sparse){.memory = memory, .stride = (size + 63) & ~(size_t)63};
}

void sparse_free(struct sparse *s)
{
    size_t size = s->stride * SPARSE_CHUNK;
    for (uint32_t i = 0; i < s->chunks; i++)
        memory_free(s->memory, s->chunk[i], size, size);
    free(s->chunk);
}

static int sparse_reach(struct sparse *s, uint32_t number)
{
    uint32_t chunks = s->chunks ? s->chunks : 16;
    while (chunks <= number)
        chunks *= 2;
    if (chunks == s->chunks)
        return 0;
    unsigned char **chunk = realloc(s->chunk, chunks * sizeof(*chunk));
    if (!chunk)
        return -1;
    memset(chunk + s->chunks, 0, (chunks - s->chunks) * sizeof(*chunk));
    s->chunk = chunk;
    s->chunks = chunks;
    return 0;
}

void *sparse_at(struct sparse *s, uint32_t i)
{
    uint32_t number = i >> SPARSE_BITS;
    if (number >= s->chunks && sparse_reach(s, number) < 0)
        return NULL;
    if (!s->chunk[number])
        s->chunk[number] = memory_take(s->memory, s->stride * SPARSE_CHUNK);
    return s->chunk[number] ? s->chunk[number] + (size_t)(i & (SPARSE_CHUNK - 1)) * s->stride : NULL;
}
