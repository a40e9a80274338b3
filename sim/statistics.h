/* SPDX-License-Identifier: BSD-2-Clause */
/* How a value is added to a distribution where every connection adds some. */
#ifndef SYNFIN_STATISTICS_H
#define SYNFIN_STATISTICS_H

#include "synfin.h"

/* What a statistic begins with. A value that comes again and again, as latencies do where nothing is random, is only
   counted until another comes or somebody reads: then all of it is added at once. */
struct statistic_run {
    synfin_time value; /* the one that came last */
    uint64_t times;    /* that it has come since it was added */
};

/* Counts the value and returns true where it is the one that came last. */
static inline bool statistic_again(struct synfin_statistic *s, synfin_time value)
{
    struct statistic_run *run = (struct statistic_run *)s;
    if (value != run->value)
        return false;
    run->times++;
    return true;
}

#endif
