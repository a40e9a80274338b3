/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Large zeroed blocks from the system: pages cost nothing until they are touched, large blocks lie in huge pages. Where
 * simulations follow each other, from what the last one left (struct synfin_memory; NULL: there is none): to map and to
 * touch memory anew costs a short run more than all else.
 */
#ifndef SYNFIN_MEMORY_H
#define SYNFIN_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

#include "synfin.h"

enum { MEMORY_HUGE_PAGE = 2 << 20 };

void *memory_take(struct synfin_memory *, size_t size); /* NULL: none left */
/* One part of something large: in huge pages where it fills one and `huge` says that the whole is worth it. */
void *memory_take_part(struct synfin_memory *, size_t size, bool huge);

/* A block that grows. */
struct memory_block {
    void *at; /* NULL: it has no memory yet */
    size_t size;
    size_t touched; /* all behind so many bytes was zero when it was taken */
};

/* Makes the block `larger`, or twice, four times ... as large where such a one was kept: there it would come to in the
   end. Its bytes, or where they can its pages, move; what follows them is not zeroed. False: none left, and all is as
   before. */
bool memory_enlarge(struct synfin_memory *, struct memory_block *, size_t larger);

/* Gives a block back, to where it came from. All behind its first `touched` bytes is still zero. */
void memory_free(struct synfin_memory *, void *, size_t size, size_t touched);

#endif
