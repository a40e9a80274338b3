/* SPDX-License-Identifier: BSD-2-Clause */
#include "interval.h"

#include <assert.h>
#include <math.h>

static const double pi = 3.14159265358979323846;

/* P(|T| <= t): the finite sums of Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.3 and 26.7.4. */
static double student_within(double t, size_t degrees)
{
    double theta = atan(t / sqrt((double)degrees)), cosine = cos(theta), square = cosine * cosine;
    double term = degrees % 2 ? cosine : 1, sum = degrees == 1 ? 0 : term;
    for (size_t k = degrees % 2 ? 3 : 2; k < degrees; k += 2) {
        term *= square * (double)(k - 1) / (double)k;
        sum += term;
    }
    return degrees % 2 ? 2 / pi * (theta + sin(theta) * sum) : sin(theta) * sum;
}

double interval_student_outside(double t, size_t degrees)
{
    assert(t >= 0 && degrees >= 1);
    return fmin(1, fmax(0, 1 - student_within(t, degrees)));
}

double interval_student(size_t degrees, double level)
{
    assert(degrees >= 1 && level > 0 && level < 1);
    double low = 0, high = 1;
    while (student_within(high, degrees) < level)
        high *= 2;
    for (int i = 0; i < 80; i++) {
        double middle = (low + high) / 2;
        if (student_within(middle, degrees) < level)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}

bool interval_mean(const double *value, size_t n, double level, struct interval *interval)
{
    if (n < 2)
        return false;
    double mean = value[0], squares = 0; /* of equal values it is that value, without a rounding error */
    for (size_t i = 1; i < n; i++)
        mean += (value[i] - value[0]) / (double)n;
    for (size_t i = 0; i < n; i++)
        squares += (value[i] - mean) * (value[i] - mean);
    double half = interval_student(n - 1, level) * sqrt(squares / (double)(n - 1) / (double)n);
    *interval = (struct interval){mean - half, mean + half};
    return true;
}

/* The probability of k + 1 over that of k, of the binomial distribution (n, p). */
static double next_over(uint64_t k, uint64_t n, double p)
{
    return (double)(n - k) / (double)(k + 1) * (p / (1 - p));
}

/* Where terms no longer count beside that of the mode. */
#define NEGLIGIBLE 1e-25

bool interval_ranks(uint64_t n, double p, double level, uint64_t *low, uint64_t *high)
{
    assert(p > 0 && p < 1 && level > 0 && level < 1);
    if (n == 0)
        return false;
    /* Terms relative to that of the mode need no factorials. */
    uint64_t mode = (uint64_t)((double)n * p), first = mode;
    double total = 1, term = 1;
    while (first > 0 && term > NEGLIGIBLE) {
        term /= next_over(first - 1, n, p);
        first--;
        total += term;
    }
    double above = 1;
    for (uint64_t k = mode; k < n && above > NEGLIGIBLE; k++) {
        above *= next_over(k, n, p);
        total += above;
    }
    /* low: the largest rank with P(B < low) <= alpha / 2; high: the smallest with P(B >= high) <= alpha / 2. */
    double tail = (1 - level) / 2 * total, sum = 0;
    uint64_t k = first;
    while (sum + term <= tail) {
        sum += term;
        term *= next_over(k, n, p);
        k++;
    }
    *low = k;
    while (k < n && total - sum - term > tail) {
        sum += term;
        term *= next_over(k, n, p);
        k++;
    }
    *high = k + 1;
    return *low >= 1 && *high <= n;
}

bool interval_quantile(const struct synfin_statistic *statistic, double p, double level, struct interval *interval)
{
    uint64_t low, high, n = synfin_statistic_count(statistic);
    if (!interval_ranks(n, p, level, &low, &high))
        return false;
    /* The middle of a rank's share stays on that rank however it is rounded. */
    interval->low = synfin_statistic_quantile(statistic, ((double)low - 0.5) / (double)n);
    interval->high = synfin_statistic_quantile(statistic, ((double)high - 0.5) / (double)n);
    return true;
}
