/* SPDX-License-Identifier: BSD-2-Clause */
#include "two_sample.h"

#include <math.h>
#include <stdlib.h>

static double mean_of(const double *value, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += value[i];
    return n > 0 ? sum / (double)n : (double)NAN;
}

/* Of n - 1 degrees of freedom. */
static double variance_of(const double *value, size_t n, double mean)
{
    double squares = 0;
    for (size_t i = 0; i < n; i++)
        squares += (value[i] - mean) * (value[i] - mean);
    return squares / (double)(n - 1);
}

static double rounding(double grain)
{
    return grain * grain / 12;
}

static void judge(struct two_sample *s)
{
    double distance = fabs(s->difference);
    if (s->degrees == 0)
        s->p = 1;
    else if (s->error > 0)
        s->p = interval_student_outside(distance / s->error, s->degrees);
    else
        s->p = distance > 0 ? 0 : 1; /* no chance is at play */
}

struct two_sample two_sample_paired(const double *a, const double *b, size_t n, const double grain[2])
{
    struct two_sample s = {.mean = {mean_of(a, n), mean_of(b, n)}};
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++)
        sum += b[i] - a[i];
    s.difference = n > 0 ? sum / (double)n : (double)NAN;
    if (n > 1) {
        for (size_t i = 0; i < n; i++)
            squares += (b[i] - a[i] - s.difference) * (b[i] - a[i] - s.difference);
        bool same = !(squares > 0) && !(fabs(s.difference) > 0);
        double variance = same ? 0 : squares / (double)(n - 1) + rounding(grain[0]) + rounding(grain[1]);
        s.error = sqrt(variance / (double)n);
        s.degrees = n - 1;
    }
    judge(&s);
    return s;
}

struct two_sample two_sample_welch(const double *a, size_t a_values, const double *b, size_t b_values,
                                   const double grain[2])
{
    struct two_sample s = {.mean = {mean_of(a, a_values), mean_of(b, b_values)}};
    s.difference = s.mean[1] - s.mean[0];
    if (a_values > 1 && b_values > 1) {
        double of_a = (variance_of(a, a_values, s.mean[0]) + rounding(grain[0])) / (double)a_values;
        double of_b = (variance_of(b, b_values, s.mean[1]) + rounding(grain[1])) / (double)b_values;
        double both = of_a + of_b;
        double degrees = both * both / (of_a * of_a / (double)(a_values - 1) + of_b * of_b / (double)(b_values - 1));
        s.error = sqrt(both);
        s.degrees = both > 0 ? (size_t)degrees : a_values + b_values - 2;
    }
    judge(&s);
    return s;
}

bool two_sample_interval(const struct two_sample *s, double level, struct interval *interval)
{
    if (s->degrees == 0)
        return false;
    double half = s->error > 0 ? interval_student(s->degrees, level) * s->error : 0;
    *interval = (struct interval){s->difference - half, s->difference + half};
    return true;
}

/* ---- Several comparisons ----------------------------------------------------------------------------------------- */

static int by_p(const void *x, const void *y)
{
    double a = **(double *const *)x, b = **(double *const *)y;
    return (a > b) - (a < b);
}

void two_sample_holm(double **p, size_t n)
{
    double largest = 0;
    qsort(p, n, sizeof *p, by_p);
    for (size_t i = 0; i < n; i++) {
        largest = fmax(largest, fmin(1, (double)(n - i) * *p[i]));
        *p[i] = largest;
    }
}

/* ---- Distributions ----------------------------------------------------------------------------------------------- */

/* P(K > x) of Kolmogorov's distribution. */
static double kolmogorov_above(double x)
{
    double sum = 0;
    if (x < 0.3) /* 1 to five digits, and the series below converges slowly */
        return 1;
    for (int k = 1; k <= 30; k++)
        sum += (k % 2 ? 2 : -2) * exp(-2.0 * k * k * x * x);
    return fmin(1, fmax(0, sum));
}

double two_sample_kolmogorov(const struct synfin_statistic *a, const struct synfin_statistic *b, double *distance)
{
    const struct synfin_statistic *of[2] = {a, b};
    double values[2], seen[2] = {0};
    struct synfin_bin bin[2];
    size_t cursor[2] = {0};
    bool more[2];
    *distance = 0;
    for (int i = 0; i < 2; i++) {
        values[i] = (double)synfin_statistic_count(of[i]);
        more[i] = synfin_statistic_next(of[i], &cursor[i], &bin[i]);
    }
    if (!more[0] || !more[1])
        return 1;
    while (more[0] || more[1]) {
        bool take[2];
        for (int i = 0; i < 2; i++)
            take[i] = more[i] && (!more[1 - i] || bin[i].low <= bin[1 - i].low);
        for (int i = 0; i < 2; i++) {
            if (take[i]) {
                seen[i] += (double)bin[i].count;
                more[i] = synfin_statistic_next(of[i], &cursor[i], &bin[i]);
            }
        }
        *distance = fmax(*distance, fabs(seen[0] / values[0] - seen[1] / values[1]));
    }
    double root = sqrt(values[0] * values[1] / (values[0] + values[1]));
    return kolmogorov_above((root + 0.12 + 0.11 / root) * *distance);
}
