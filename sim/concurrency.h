/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How many connections were there at one time at most: of a workload, or in all. Hosts run ahead of each other, so that
 * instants at which connections begin and end are noted first, and counted when no earlier one can come any more.
 */
#ifndef SYNFIN_CONCURRENCY_H
#define SYNFIN_CONCURRENCY_H

#include "plugin.h"

struct synfin_simulation;

struct instants {
    synfin_time *list;
    size_t count, room;
    synfin_time last; /* the greatest that was noted */
    bool mixed;       /* they are not in order */
};

struct concurrency {
    struct instants starts, ends;
    int64_t now, peak;
};

void concurrency_free(struct concurrency *);

/* Notes that a connection begins (`starts` of a concurrency) or ceases (`ends`) to count. */
void concurrency_note_more(struct synfin_simulation *, struct concurrency *, struct instants *, synfin_time at);
static inline void concurrency_note(struct synfin_simulation *sim, struct concurrency *c, struct instants *l,
                                    synfin_time at)
{
    if (l->count == l->room) { /* makes room first */
        concurrency_note_more(sim, c, l, at);
        return;
    }
    l->list[l->count++] = at;
    if (at < l->last)
        l->mixed = true;
    else
        l->last = at;
}

/* Counts what was noted of instants before `until`. */
void concurrency_settle(struct concurrency *, synfin_time until);

#endif
