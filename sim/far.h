/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events that come in no order, by (time, cause, rank, order): a radix heap (Ahuja, Mehlhorn, Orlin and Tarjan, "Faster
 * algorithms for the shortest path problem", J. ACM 37, 1990) of digits of six bits. An event stands at the level of
 * the highest digit in which its time differs from `base`, which is at most any of their times, in the slot of that
 * digit. The lowest slot of the lowest level has the next; where it holds several, `base` moves to where the slot
 * begins, and they to lower levels. So an event moves a few times at most, and hardly a branch depends on how two times
 * compare. The first of all is kept apart.
 */
#ifndef SYNFIN_FAR_H
#define SYNFIN_FAR_H

#include <stdbool.h>
#include <stdint.h>

#include "plugin.h"

struct far_item {
    synfin_time time;
    uint32_t what; /* the caller's; SYNFIN_NONE: cancelled */
    uint32_t next; /* in its slot; SYNFIN_NONE: the last */
};

/* Looked at only where two times are equal. Orders wrap: those of one instant lie close together. */
struct far_tie {
    synfin_time cause;
    uint64_t rank;
    uint32_t order;
};

enum { FAR_DIGIT = 6, FAR_SLOTS = 1 << FAR_DIGIT, FAR_LEVELS = 11 };

struct far {
    struct far_item *item;
    struct far_tie *tie; /* of each item */
    uint32_t room, used, free; /* of items */
    uint32_t first;            /* SYNFIN_NONE: there is none */
    synfin_time time;          /* of the first; SYNFIN_NEVER: there is none */
    synfin_time base;
    uint32_t levels;             /* those with items, a bit each */
    uint64_t slots[FAR_LEVELS];  /* likewise */
    uint32_t (*slot)[FAR_SLOTS]; /* the first item of each; in order at level 0, where all of a slot have one time. Made
                                    when it is first needed */
    uint32_t last[FAR_SLOTS];    /* the last item of each slot of level 0 that has any */
};

void far_init(struct far *);
void far_free(struct far *);

/* The number of the item; SYNFIN_NONE: no memory. */
uint32_t far_add(struct far *, synfin_time time, synfin_time cause, uint64_t rank, uint32_t order, uint32_t what);

/* Removes the first. */
void far_drop(struct far *);

/* Removes any. */
void far_cancel(struct far *, uint32_t item);

#endif
