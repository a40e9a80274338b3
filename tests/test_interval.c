/* SPDX-License-Identifier: BSD-2-Clause */
/* Confidence intervals against published tables and against the definition of coverage. */
#include <math.h>
#include <stdlib.h>

#include "interval.h"
#include "suite.h"

#define ASSERT_NEAR(actual, expected, within) CU_ASSERT_DOUBLE_EQUAL(actual, expected, within)

/* Abramowitz and Stegun, table 26.10. */
static void test_student(void)
{
    ASSERT_NEAR(interval_student(1, 0.95), 12.706, 5e-4);
    ASSERT_NEAR(interval_student(2, 0.95), 4.303, 5e-4);
    ASSERT_NEAR(interval_student(3, 0.95), 3.182, 5e-4);
    ASSERT_NEAR(interval_student(4, 0.95), 2.776, 5e-4);
    ASSERT_NEAR(interval_student(9, 0.95), 2.262, 5e-4);
    ASSERT_NEAR(interval_student(30, 0.95), 2.042, 5e-4);
    ASSERT_NEAR(interval_student(120, 0.95), 1.980, 5e-4);
    ASSERT_NEAR(interval_student(5, 0.99), 4.032, 5e-4);
    ASSERT_NEAR(interval_student(12, 0.9), 1.782, 5e-4);
}

/* With one degree of freedom t is tan(pi level / 2), with two, level sqrt(2 / (1 - level^2)). */
static void test_student_closed_forms(void)
{
    for (double level = 0.1; level < 0.999; level += 0.07) {
        ASSERT_NEAR(interval_student(1, level) / tan(3.14159265358979 * level / 2), 1, 1e-9);
        ASSERT_NEAR(interval_student(2, level) / (level * sqrt(2 / (1 - level * level))), 1, 1e-9);
    }
}

/* Many degrees of freedom: the normal distribution. */
static void test_student_limit(void)
{
    ASSERT_NEAR(interval_student(100000, 0.95), 1.959964, 5e-5);
    CU_ASSERT(interval_student(100001, 0.95) < interval_student(1000, 0.95));
}

static void test_mean(void)
{
    const double values[] = {1, 2, 3, 4, 5};
    struct interval i;
    CU_ASSERT_FATAL(interval_mean(values, 5, 0.95, &i));
    ASSERT_NEAR(i.low, 3 - 2.776445 * sqrt(2.5 / 5), 1e-6);
    ASSERT_NEAR(i.high, 3 + 2.776445 * sqrt(2.5 / 5), 1e-6);
    CU_ASSERT_FALSE(interval_mean(values, 1, 0.95, &i));
    CU_ASSERT_FALSE(interval_mean(values, 0, 0.95, &i));
}

/* Large values with small differences lose nothing. */
static void test_mean_of_large_values(void)
{
    const double values[] = {1e9 + 1, 1e9 + 2, 1e9 + 3};
    struct interval i;
    CU_ASSERT_FATAL(interval_mean(values, 3, 0.95, &i));
    ASSERT_NEAR(i.high - i.low, 2 * 4.302653 / sqrt(3), 1e-5);
}

/* Conover, Practical Nonparametric Statistics, 3.2: ranks for the median. */
static void test_ranks_of_median(void)
{
    uint64_t low, high;
    CU_ASSERT_FATAL(interval_ranks(10, 0.5, 0.95, &low, &high));
    CU_ASSERT_EQUAL(low, 2);
    CU_ASSERT_EQUAL(high, 9);
    CU_ASSERT_FATAL(interval_ranks(100, 0.5, 0.95, &low, &high));
    CU_ASSERT_EQUAL(low, 40);
    CU_ASSERT_EQUAL(high, 61);
    CU_ASSERT_FATAL(interval_ranks(6, 0.5, 0.95, &low, &high));
    CU_ASSERT_EQUAL(low, 1);
    CU_ASSERT_EQUAL(high, 6);
}

static void test_ranks_of_few(void)
{
    uint64_t low, high;
    CU_ASSERT_FALSE(interval_ranks(0, 0.5, 0.95, &low, &high));
    CU_ASSERT_FALSE(interval_ranks(5, 0.5, 0.95, &low, &high));
    CU_ASSERT_FALSE(interval_ranks(100, 0.99, 0.95, &low, &high));
    CU_ASSERT_FALSE(interval_ranks(299, 0.001, 0.95, &low, &high));
}

/* P(B <= k) of the binomial distribution (n, p). */
static double binomial_at_most(uint64_t n, double p, uint64_t k)
{
    double sum = 0;
    for (uint64_t i = 0; i <= k; i++)
        sum += exp(lgamma((double)n + 1) - lgamma((double)i + 1) - lgamma((double)(n - i) + 1) + (double)i * log(p) +
                   (double)(n - i) * log(1 - p));
    return sum;
}

/* Each tail is at most 2.5 %, and would not be with the next rank. */
static void test_ranks_cover(void)
{
    const uint64_t sizes[] = {20, 57, 400, 1000, 5000};
    const double levels[] = {0.2, 0.5, 0.9, 0.97};
    for (int i = 0; i < 5; i++) {
        for (int j = 0; j < 4; j++) {
            uint64_t n = sizes[i], low, high;
            double p = levels[j];
            if (!interval_ranks(n, p, 0.95, &low, &high))
                continue;
            CU_ASSERT(binomial_at_most(n, p, low - 1) <= 0.025);
            CU_ASSERT(binomial_at_most(n, p, low) > 0.025);
            CU_ASSERT(1 - binomial_at_most(n, p, high - 1) <= 0.025 + 1e-9);
            CU_ASSERT(1 - binomial_at_most(n, p, high - 2) > 0.025 - 1e-9);
        }
    }
}

/* A hundred million values: the normal approximation within two ranks. */
static void test_ranks_of_many(void)
{
    uint64_t low, high;
    CU_ASSERT_FATAL(interval_ranks(100000000, 0.99, 0.95, &low, &high));
    double sd = sqrt(1e8 * 0.99 * 0.01);
    ASSERT_NEAR((double)low, 99e6 - 1.959964 * sd, 2);
    ASSERT_NEAR((double)high, 99e6 + 1.959964 * sd + 1, 2);
}

static void test_quantile(void)
{
    struct synfin_statistic *s = synfin_statistic_new();
    struct interval i;
    for (synfin_time value = 1; value <= 100; value++)
        synfin_statistic_add(s, value);
    CU_ASSERT_FATAL(interval_quantile(s, 0.5, 0.95, &i));
    ASSERT_NEAR(i.low, 40, 1e-9);
    ASSERT_NEAR(i.high, 61, 1e-9);
    CU_ASSERT_FALSE(interval_quantile(s, 0.99, 0.95, &i));
    synfin_statistic_free(s);
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"Student's t as tabulated", test_student},
        {"Student's t where it has a closed form", test_student_closed_forms},
        {"Student's t tends to the normal distribution", test_student_limit},
        {"interval of a mean", test_mean},
        {"interval of a mean of large values", test_mean_of_large_values},
        {"ranks for the median as tabulated", test_ranks_of_median},
        {"no ranks where values are too few", test_ranks_of_few},
        {"ranks cover what they promise and no more", test_ranks_cover},
        {"ranks among a hundred million values", test_ranks_of_many},
        {"interval of a quantile", test_quantile},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "test_interval", cases);
}
