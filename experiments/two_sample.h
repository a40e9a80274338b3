/* SPDX-License-Identifier: BSD-2-Clause */
/* Two samples, A and B: how far apart they are, and whether chance alone could do that. */
#ifndef SYNFIN_TWO_SAMPLE_H
#define SYNFIN_TWO_SAMPLE_H

#include <stddef.h>

#include "interval.h"

/*
 * B - A of two means. `grain` is by how much a single event (one connection more that failed, or that needed another
 * SYN) moves a value: where events are rare, a few values agree by chance, and their variance tells too little. The
 * variance of rounding to grains, grain^2 / 12 a value (Sheppard's correction), is therefore added.
 */
struct two_sample {
    double mean[2]; /* of A and of B; NAN: no values */
    double difference;
    double error;   /* the standard error of the difference */
    size_t degrees; /* of freedom; 0: too few values for an interval */
    double p;       /* of a difference as large or larger where there is none; 1 where degrees is 0 */
};

/* Of n pairs: Student's t of their differences. */
struct two_sample two_sample_paired(const double *a, const double *b, size_t n, const double grain[2]);

/* Of independent values: Welch, "The generalization of Student's problem ..." (1947); degrees of freedom rounded down. */
struct two_sample two_sample_welch(const double *a, size_t a_values, const double *b, size_t b_values,
                                   const double grain[2]);

/* Of the difference. False: too few values. */
bool two_sample_interval(const struct two_sample *, double level, struct interval *);

/* Holm, "A simple sequentially rejective multiple test procedure" (1979): turns the n > 0 p-values pointed to into
   adjusted ones, and sorts the pointers. Where those at most alpha are rejected, any false rejection at all has a
   probability of alpha or less. */
void two_sample_holm(double **p, size_t n);

/*
 * Kolmogorov and Smirnov: the largest distance between the distribution functions, on the bins of the histograms, and
 * its p by Stephens' approximation (1970) for independent values. Steps and bins make p too large, never too small.
 * 1 where one has no values.
 */
double two_sample_kolmogorov(const struct synfin_statistic *a, const struct synfin_statistic *b, double *distance);

#endif
