/* SPDX-License-Identifier: BSD-2-Clause */
/* Two samples: published examples, and false alarms counted over many made-up families of comparisons. */
#include <math.h>
#include <stdlib.h>

#include "suite.h"
#include "two_sample.h"

#define ASSERT_NEAR(actual, expected, within) CU_ASSERT_DOUBLE_EQUAL(actual, expected, within)

static const double no_grain[2] = {0, 0}, whole[2] = {1, 1};

/* Hours of sleep gained by ten patients with two drugs: Student, "The probable error of a mean" (1908). */
static const double dextro[] = {0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2};
static const double laevo[] = {1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4};

static void test_paired(void)
{
    struct two_sample s = two_sample_paired(dextro, laevo, 10, no_grain);
    struct interval i;
    ASSERT_NEAR(s.mean[0], 0.75, 1e-12);
    ASSERT_NEAR(s.mean[1], 2.33, 1e-12);
    ASSERT_NEAR(s.difference, 1.58, 1e-12);
    ASSERT_NEAR(s.difference / s.error, 4.0621, 5e-5);
    CU_ASSERT_EQUAL(s.degrees, 9);
    ASSERT_NEAR(s.p, 0.002833, 5e-7);
    CU_ASSERT_FATAL(two_sample_interval(&s, 0.95, &i));
    ASSERT_NEAR(i.low, 0.7001142, 5e-7);
    ASSERT_NEAR(i.high, 2.4598858, 5e-7);
}

static void test_welch(void)
{
    struct two_sample s = two_sample_welch(dextro, 10, laevo, 10, no_grain);
    ASSERT_NEAR(s.difference / s.error, 1.8608, 5e-5);
    CU_ASSERT_EQUAL(s.degrees, 17); /* of 17.776 */
    CU_ASSERT(s.p > 0.07939 && s.p < 0.081); /* 0.07939 with the exact degrees: rounding down errs to the safe side */
    /* The means are apart by their difference, whichever of the two tests is made. */
    ASSERT_NEAR(s.difference, two_sample_paired(dextro, laevo, 10, no_grain).difference, 1e-12);
}

static void test_too_few(void)
{
    const double a[] = {1}, b[] = {2, 3};
    struct interval i;
    struct two_sample s = two_sample_paired(a, b, 1, no_grain);
    CU_ASSERT_EQUAL(s.degrees, 0);
    ASSERT_NEAR(s.difference, 1, 0);
    ASSERT_NEAR(s.p, 1, 0);
    CU_ASSERT_FALSE(two_sample_interval(&s, 0.95, &i));
    s = two_sample_welch(a, 1, b, 2, no_grain);
    CU_ASSERT_EQUAL(s.degrees, 0);
    ASSERT_NEAR(s.difference, 1.5, 0);
    ASSERT_NEAR(s.p, 1, 0);
    s = two_sample_welch(a, 0, b, 2, no_grain);
    CU_ASSERT(isnan(s.mean[0]) && isnan(s.difference));
    ASSERT_NEAR(s.p, 1, 0);
    s = two_sample_paired(a, b, 0, no_grain);
    CU_ASSERT(isnan(s.difference));
    ASSERT_NEAR(s.p, 1, 0);
}

/* Equal values differ by exactly 0; where no chance is at play, the smallest difference is one. */
static void test_without_chance(void)
{
    const double a[] = {0.1, 0.7, 1.3}, twenty[] = {20, 20, 20}, more[] = {20.5, 20.5, 20.5};
    struct interval i;
    for (int paired = 0; paired < 2; paired++) {
        struct two_sample s = paired ? two_sample_paired(a, a, 3, whole) : two_sample_welch(a, 3, a, 3, whole);
        CU_ASSERT(!(fabs(s.difference) > 0));
        ASSERT_NEAR(s.p, 1, 0);
        s = paired ? two_sample_paired(twenty, more, 3, no_grain) : two_sample_welch(twenty, 3, more, 3, no_grain);
        ASSERT_NEAR(s.p, 0, 0);
        CU_ASSERT_FATAL(two_sample_interval(&s, 0.95, &i));
        ASSERT_NEAR(i.low, 0.5, 0);
        ASSERT_NEAR(i.high, 0.5, 0);
    }
}

/* Two runs with no failure and two with one are no proof, a thousand against none are. */
static void test_grain(void)
{
    const double none[] = {0, 0}, one[] = {1, 1}, thousand[] = {1000, 1000};
    ASSERT_NEAR(two_sample_paired(none, one, 2, no_grain).p, 0, 0);
    CU_ASSERT(two_sample_paired(none, one, 2, whole).p > 0.1);
    CU_ASSERT(two_sample_welch(none, 2, one, 2, whole).p > 0.05);
    CU_ASSERT(two_sample_paired(none, thousand, 2, whole).p < 0.001);
    /* Variances add up: 2 x 1/12 over two pairs. */
    ASSERT_NEAR(two_sample_paired(none, one, 2, whole).error, sqrt(1.0 / 12), 1e-12);
    ASSERT_NEAR(two_sample_welch(none, 2, one, 2, whole).error, sqrt(1.0 / 12), 1e-12);
}

static void test_holm(void)
{
    double p[] = {0.01, 0.04, 0.03, 0.005, 0.9, 0.6}, *order[6];
    for (int i = 0; i < 6; i++)
        order[i] = &p[i];
    two_sample_holm(order, 4);
    ASSERT_NEAR(p[0], 0.03, 1e-12);
    ASSERT_NEAR(p[1], 0.06, 1e-12); /* never below that of a smaller p */
    ASSERT_NEAR(p[2], 0.06, 1e-12);
    ASSERT_NEAR(p[3], 0.02, 1e-12);
    ASSERT_NEAR(p[4], 0.9, 0);
    two_sample_holm(order + 4, 2);
    ASSERT_NEAR(p[4], 1, 0); /* and never above 1 */
    ASSERT_NEAR(p[5], 1, 0);
}

/* ---- Distributions ----------------------------------------------------------------------------------------------- */

/* n values of 1 ms, m of 2 ms. */
static struct synfin_statistic *of_two(int n, int m)
{
    struct synfin_statistic *s = synfin_statistic_new();
    for (int i = 0; i < n + m; i++)
        synfin_statistic_add(s, i < n ? SYNFIN_MS : 2 * SYNFIN_MS);
    return s;
}

/* 1.358 / sqrt(n) is the distance of p = 5 %, 1.628 / sqrt(n) that of 1 % (Smirnov, 1948); n m / (n + m) for two. */
static void test_kolmogorov(void)
{
    static const struct {
        int low; /* of 20000; 10000 of the other: apart by (low - 10000) / 20000 of sqrt(10000) */
        double p;
    } cases[] = {{10271, 0.05}, {10325, 0.01}, {10000, 1}, {20000, 0}, {9729, 0.05}};
    struct synfin_statistic *half = of_two(10000, 10000), *none = synfin_statistic_new();
    double distance;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct synfin_statistic *other = of_two(cases[i].low, 20000 - cases[i].low);
        ASSERT_NEAR(two_sample_kolmogorov(half, other, &distance), cases[i].p, 0.001);
        ASSERT_NEAR(distance, fabs(cases[i].low / 20000.0 - 0.5), 1e-12);
        synfin_statistic_free(other);
    }
    ASSERT_NEAR(two_sample_kolmogorov(half, none, &distance), 1, 0);
    ASSERT_NEAR(two_sample_kolmogorov(none, half, &distance), 1, 0);
    synfin_statistic_free(half);
    synfin_statistic_free(none);
}

/* Apart altogether, of different sizes: 1, whichever lies above. */
static void test_kolmogorov_apart(void)
{
    struct synfin_statistic *low = of_two(3, 0), *high = of_two(0, 50);
    double distance;
    CU_ASSERT(two_sample_kolmogorov(low, high, &distance) < 0.01);
    ASSERT_NEAR(distance, 1, 0);
    CU_ASSERT(two_sample_kolmogorov(high, low, &distance) < 0.01);
    ASSERT_NEAR(distance, 1, 0);
    synfin_statistic_free(low);
    synfin_statistic_free(high);
}

/* ---- False alarms ------------------------------------------------------------------------------------------------ */

static double uniform(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (double)(*state >> 11) * 0x1p-53;
}

static double poisson(double mean, uint64_t *state)
{
    double product = uniform(state), least = exp(-mean);
    int n = 0;
    for (; product > least; n++)
        product *= uniform(state);
    return n;
}

/* Share of families of comparisons, without any difference, in which one is found. */
static double false_alarms(double mean, size_t n, bool paired, const double grain[2])
{
    enum { FAMILIES = 3000, COMPARISONS = 6, MOST = 10 };
    uint64_t state = 1;
    int alarms = 0;
    for (int family = 0; family < FAMILIES; family++) {
        double p[COMPARISONS], *order[COMPARISONS], x[2][MOST];
        bool alarm = false;
        for (int i = 0; i < COMPARISONS; i++) {
            for (size_t j = 0; j < 2 * n; j++)
                x[j % 2][j / 2] = poisson(mean, &state);
            order[i] = &p[i];
            p[i] = (paired ? two_sample_paired(x[0], x[1], n, grain) : two_sample_welch(x[0], n, x[1], n, grain)).p;
        }
        two_sample_holm(order, COMPARISONS);
        for (int i = 0; i < COMPARISONS; i++)
            alarm = alarm || p[i] <= 0.05;
        alarms += alarm;
    }
    return (double)alarms / FAMILIES;
}

/* Counts of rare events are far from normal; 5 % and three standard deviations of what 3000 families tell. */
static void test_false_alarms(void)
{
    static const double means[] = {0.1, 0.3, 1, 3, 30};
    static const size_t replications[] = {2, 3, 4, 5, 10};
    for (size_t i = 0; i < sizeof means / sizeof means[0]; i++) {
        for (size_t j = 0; j < sizeof replications / sizeof replications[0]; j++) {
            CU_ASSERT(false_alarms(means[i], replications[j], true, whole) <= 0.05 + 3 * 0.004);
            CU_ASSERT(false_alarms(means[i], replications[j], false, whole) <= 0.05 + 3 * 0.004);
        }
    }
    /* The count itself is sound: without grains there are too many. */
    CU_ASSERT(false_alarms(1, 2, true, no_grain) > 0.3);
    CU_ASSERT(false_alarms(30, 10, true, whole) > 0.02);
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"pairs: Student's t", test_paired},
        {"independent values: Welch's t", test_welch},
        {"too few values say nothing", test_too_few},
        {"equal values, and values without chance", test_without_chance},
        {"rare events: a grain", test_grain},
        {"Holm's adjusted p", test_holm},
        {"Kolmogorov and Smirnov", test_kolmogorov},
        {"distributions apart", test_kolmogorov_apart},
        {"false alarms of families of comparisons", test_false_alarms},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "test_two_sample", cases);
}
