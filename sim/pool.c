/* SPDX-License-Identifier: BSD-2-Clause */
#include "pool.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "plugin.h"

void pool_init(struct pool *p, size_t size, size_t align)
{
    *p = (struct pool){.free_head = SYNFIN_NONE, .stride = (size + align - 1) & ~(align - 1)};
}

void pool_free(struct pool *p)
{
    for (uint32_t i = 0; i < p->chunks; i++)
        memory_free(p->chunk[i], p->stride * POOL_CHUNK);
    free(p->chunk);
    p->chunk = NULL;
    p->chunks = 0;
}

static int grow(struct pool *p)
{
    unsigned char **chunk = realloc(p->chunk, (p->chunks + 1) * sizeof(*chunk));
    if (!chunk)
        return -1;
    p->chunk = chunk;
    chunk[p->chunks] = memory_take(p->stride * POOL_CHUNK);
    if (!chunk[p->chunks])
        return -1;
    p->chunks++;
    return 0;
}

uint32_t pool_take(struct pool *p)
{
    if (p->free_head != SYNFIN_NONE) {
        uint32_t i = p->free_head;
        unsigned char *thing = pool_at(p, i);
        memcpy(&p->free_head, thing, sizeof(p->free_head));
        memset(thing, 0, p->stride);
        return i;
    }
    if (p->used == (uint64_t)p->chunks * POOL_CHUNK && (p->used > SYNFIN_NONE - POOL_CHUNK || grow(p) < 0))
        return SYNFIN_NONE;
    return p->used++; /* fresh memory is zero */
}

void pool_give(struct pool *p, uint32_t i)
{
    memcpy(pool_at(p, i), &p->free_head, sizeof(p->free_head));
    p->free_head = i;
}
