/* SPDX-License-Identifier: BSD-2-Clause */
/* What replications of a point tell of a number: its estimate and its interval. */
#ifndef SYNFIN_ESTIMATE_H
#define SYNFIN_ESTIMATE_H

#include "interval.h"
#include "results.h"

struct estimate {
    double value; /* ms, or a count; NAN: there is none */
    bool known;   /* the interval is */
    bool binomial; /* it is of pooled order statistics; else Student's t over replications */
    struct interval interval;
    struct interval gap; /* of a quantile: the widest part of the interval in which there is no value at all */
};

/*
 * Of a metric's statistic (`mean`, `p99`, `count` ...) or, where `metric` < 0, of a count, over the replications below
 * `bound`, at the level of the results. A quantile where connections are independent is that of all values together,
 * with the binomial interval; everything else is the mean over replications, with Student's t. 0 or -1.
 */
int estimate_at(struct estimate *, struct results *, size_t point, uint32_t bound, const char *workload, int metric,
                const char *name);

/* Whether the interval is a known one that lies, for the most part, in a gap: whatever is in it depends on which side
   of the gap the quantile falls, and more replications do not tell. */
bool estimate_spans_gap(const struct estimate *);

#endif
