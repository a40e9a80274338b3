/* SPDX-License-Identifier: BSD-2-Clause */
/* How a value is added to a distribution where every connection adds some. */
#ifndef SYNFIN_STATISTICS_H
#define SYNFIN_STATISTICS_H

#include "synfin.h"

/* What a statistic begins with: values that have come and are not added yet, as is done with all of them before
   somebody reads. One that comes again and again, as latencies do where nothing is random, is only counted; others are
   kept to be added some at a time, which takes fewer steps, and misses of the cache overlap. */
enum { STATISTIC_KEPT = 32 };
struct statistic_new {
    synfin_time value; /* the one that came last */
    uint64_t times;    /* that it has come */
    uint32_t kept;
    synfin_time keep[STATISTIC_KEPT]; /* those that came before it, each once */
};

/* Counts the value and returns true where it is the one that came last. */
static inline bool statistic_again(struct synfin_statistic *s, synfin_time value)
{
    struct statistic_new *new = (struct statistic_new *)s;
    if (value != new->value)
        return false;
    new->times++;
    return true;
}

/* Takes one that is not. */
void statistic_other(struct synfin_statistic *, synfin_time value);

#endif
