/* SPDX-License-Identifier: BSD-2-Clause */
/* How many connections of each workload, and in all, were there at one time at most. */
#ifndef SYNFIN_CONCURRENCY_H
#define SYNFIN_CONCURRENCY_H

#include <stdint.h>

#include "plugin.h"

/* Instants at which connections began or ceased to be concurrent, until their order is settled. */
struct instants {
    struct instant {
        synfin_time at;
        uint32_t workload;
    } *list;
    size_t count, room;
    synfin_time last; /* the greatest noted */
    bool mixed;       /* they are not in order: hosts run ahead of each other */
    bool no_memory;   /* some are missing */
};

struct concurrent {
    int64_t now, peak;
};

struct concurrency {
    struct instants starts, ends;
    struct concurrent all, *workload;
};

/* 0, or -1: no memory. */
int concurrency_init(struct concurrency *, size_t workloads);
void concurrency_free(struct concurrency *);

/* A connection of a workload begins (`starts`) or ceases (`ends`) to be concurrent. */
__attribute__((cold)) void instants_note_more(struct instants *, synfin_time at, uint32_t workload); /* needs memory */
static inline void instants_note(struct instants *l, synfin_time at, uint32_t workload)
{
    if (l->count == l->room) {
        instants_note_more(l, at, workload);
        return;
    }
    l->list[l->count++] = (struct instant){at, workload};
    if (at < l->last)
        l->mixed = true;
    else
        l->last = at;
}

/* Counts what was noted of instants before `until`, when none of them can come any more. False: something is missing, as
   there was no memory. */
bool concurrency_settle(struct concurrency *, synfin_time until);

#endif
