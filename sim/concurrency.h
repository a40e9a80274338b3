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

__attribute__((cold)) bool instants_grow(struct instants *);

/* A connection of a workload begins (`starts`) or ceases (`ends`) to be concurrent. False: no memory. */
static inline bool instants_note(struct instants *l, synfin_time at, uint32_t workload)
{
    if (l->count == l->room && !instants_grow(l))
        return false;
    l->list[l->count++] = (struct instant){at, workload};
    if (at < l->last)
        l->mixed = true;
    else
        l->last = at;
    return true;
}

/* Counts what was noted of instants before `until`, when none of them can come any more. */
void concurrency_settle(struct concurrency *, synfin_time until);

#endif
