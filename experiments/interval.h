/* SPDX-License-Identifier: BSD-2-Clause */
/* Confidence intervals of means and quantiles. */
#ifndef SYNFIN_INTERVAL_H
#define SYNFIN_INTERVAL_H

#include <stdbool.h>
#include <stddef.h>

#include "synfin.h"

#define INTERVAL_LEVEL 0.95

struct interval {
    double low, high;
};

/* The t with P(|T| <= t) = level for Student's distribution with `degrees` >= 1 degrees of freedom. */
double interval_student(size_t degrees, double level);

/* P(|T| > t), t >= 0; below 1e-15 it may be told as 0. */
double interval_student_outside(double t, size_t degrees);

/* Of the mean of n independent values, by Student's t. False: fewer than two values. */
bool interval_mean(const double *value, size_t n, double level, struct interval *);

/*
 * Ranks (from 1) of the order statistics that hold the p-quantile between them with probability `level` or more,
 * whatever the distribution: the number of values at or below the quantile is binomial (n, p). False: n values are
 * too few for both ends.
 */
bool interval_ranks(uint64_t n, double p, double level, uint64_t *low, uint64_t *high);

/* Of the p-quantile of the independent values in the statistic, in ns, by interval_ranks. */
bool interval_quantile(const struct synfin_statistic *, double p, double level, struct interval *);

#endif
