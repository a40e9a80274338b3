/* SPDX-License-Identifier: BSD-2-Clause */
/* What arrived out of order: a few ranges of sequence numbers (modulo 2^32), or of offsets below 2^31. */
#ifndef SYNFIN_RANGES_H
#define SYNFIN_RANGES_H

#include <stdbool.h>
#include <stdint.h>

enum { RANGES_MAX = 128 };

struct ranges {
    uint32_t count;
    struct {
        uint32_t start, end; /* [start, end) */
    } range[RANGES_MAX];     /* ascending, apart from each other */
};

/* Adds [start, end). The number of the range that it lies in now, -1: it would be one too many. `overlap`: what had
   been there already, from its first to its last byte; empty: nothing. */
int ranges_add(struct ranges *, uint32_t start, uint32_t end, uint32_t overlap[2]);

/* All before `next` is there: how far it goes on without a gap. Forgets what lies before that. */
uint32_t ranges_advance(struct ranges *, uint32_t next);

#endif
