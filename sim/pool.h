/* SPDX-License-Identifier: BSD-2-Clause */
/* Things of one size, named by index; they never move. Freed ones are used again, the last freed first. */
#ifndef SYNFIN_POOL_H
#define SYNFIN_POOL_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "memory.h"
#include "plugin.h"

/* Every chunk has 2^11 things, which makes finding one cheap; as many chunks as fill 2 MiB, one huge page, are taken
   together. */
enum { POOL_BITS = 11, POOL_CHUNK = 1 << POOL_BITS };

struct pool {
    uintptr_t *chunk; /* where thing 0 would lie, were the chunk's things part of one long array */
    size_t stride;
    uint32_t used;      /* indices handed out so far, the freed ones included */
    uint32_t free_head; /* SYNFIN_NONE: none; the next one's index stands at the start of each */
    uint32_t chunks, together;
    struct synfin_memory *memory;
};

/* `memory`: where its chunks come from (memory.h). `size` is rounded up to `align`, a power of two. */
void pool_init(struct pool *, struct synfin_memory *memory, size_t size, size_t align);
void pool_free(struct pool *);

/* `stride`: of the pool, where it is known. */
static inline void *pool_thing(const struct pool *p, uint32_t i, size_t stride)
{
    return (void *)(p->chunk[i >> POOL_BITS] + (uintptr_t)i * stride);
}

static inline void *pool_at(const struct pool *p, uint32_t i)
{
    return pool_thing(p, i, p->stride);
}

/* `thing`: the one of this index. */
static inline void pool_give_thing(struct pool *p, uint32_t i, void *thing)
{
    *(uint32_t *)thing = p->free_head;
    p->free_head = i;
}

static inline void pool_give(struct pool *p, uint32_t i)
{
    pool_give_thing(p, i, pool_at(p, i));
}

/* One to be filled by the caller. But for its first four bytes it is as it was given back; zero, if it never was.
   SYNFIN_NONE: no memory. `stride`: of the pool, where it is known. */
__attribute__((cold)) bool pool_widen(struct pool *); /* gives it one that was never used; false: no memory */
static inline uint32_t pool_take_thing(struct pool *p, size_t stride)
{
    if (p->free_head == SYNFIN_NONE && !pool_widen(p))
        return SYNFIN_NONE;
    uint32_t i = p->free_head;
    p->free_head = *(const uint32_t *)pool_thing(p, i, stride);
    if (p->free_head != SYNFIN_NONE) /* it may have been given back long ago */
        __builtin_prefetch(pool_thing(p, p->free_head, stride), 1);
    return i;
}

static inline uint32_t pool_take_unset(struct pool *p)
{
    return pool_take_thing(p, p->stride);
}

/* An array by index of which only what is used takes memory. */
struct sparse {
    struct synfin_memory *memory;
    unsigned char **chunk;
    uint32_t chunks;
    size_t stride;
};

void sparse_init(struct sparse *, struct synfin_memory *, size_t size);
void sparse_free(struct sparse *);

/* The thing of this index, zero before its first use. NULL: no memory. */
void *sparse_at(struct sparse *, uint32_t index);

#endif
