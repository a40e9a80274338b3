/* SPDX-License-Identifier: BSD-2-Clause */
/* Things of one size, named by index; they never move. Freed ones are used again, the last freed first. */
#ifndef SYNFIN_POOL_H
#define SYNFIN_POOL_H

#include <stddef.h>
#include <stdint.h>

#include "memory.h"

/* Chunks are of 2 MiB at most, one huge page: 2^14 endpoints of 128 bytes. */
struct pool {
    struct synfin_memory *memory;
    unsigned char **chunk;
    uint32_t chunks;
    uint32_t bits, mask; /* 2^bits things a chunk */
    uint32_t used;      /* indices handed out so far, the freed ones included */
    uint32_t free_head; /* SYNFIN_NONE: none; the next one's index stands at the start of each */
    size_t stride;
};

/* `memory`: where its chunks come from (memory.h). `size` is rounded up to `align`, a power of two. */
void pool_init(struct pool *, struct synfin_memory *memory, size_t size, size_t align);
void pool_free(struct pool *);

/* A zeroed thing; SYNFIN_NONE: no memory. */
uint32_t pool_take(struct pool *);
void pool_give(struct pool *, uint32_t index);

static inline void *pool_at(const struct pool *p, uint32_t i)
{
    return p->chunk[i >> p->bits] + (size_t)(i & p->mask) * p->stride;
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
