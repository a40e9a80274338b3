/* SPDX-License-Identifier: BSD-2-Clause */
/* Arrivals: instants and their distribution. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "suite.h"
#include "trial.h"

static struct trial arrivals_of(const char *name, const char *settings, synfin_time start)
{
    struct trial t;
    CU_ASSERT_EQUAL_FATAL(trial_open(&t, SYNFIN_ARRIVALS, name, settings, 1), 0);
    t.now = start;
    return t;
}

/* ---- Constant ---------------------------------------------------------------------------------------------------- */

/* Connection n comes at start + floor(n x 10^9 / rate): 1/3 and 1/7 of a second do not drift in a million arrivals. */
static void check_constant(const char *settings, uint64_t rate)
{
    struct trial t = arrivals_of("constant", settings, 5 * SYNFIN_S);
    for (uint64_t n = 0; n < 1000000; n++) {
        if (trial_next(&t) != 5 * SYNFIN_S + (synfin_time)(n * 1000000000 / rate))
            CU_FAIL_FATAL("an arrival is not at its exact instant rounded down");
    }
    trial_close(&t);
}

static void test_constant(void)
{
    check_constant("rate=1000/s", 1000);
    check_constant("rate=3/s", 3);
    check_constant("rate=7/s", 7);
    check_constant("rate=10000/s", 10000);
    check_constant("rate=999983/s", 999983);
    check_constant("rate=1e9/s", 1000000000);
}

static void test_constant_fractions(void)
{
    struct trial t = arrivals_of("constant", "rate=0.5/s", 0);
    for (int n = 0; n < 1000; n++)
        CU_ASSERT_EQUAL(trial_next(&t), 2 * n * SYNFIN_S);
    trial_close(&t);
    t = arrivals_of("constant", "rate=33.3/s", 0);
    for (int n = 0; n < 1000; n++)
        CU_ASSERT_EQUAL(trial_next(&t), n * INT64_C(10000000000) / 333);
    trial_close(&t);
}

static void test_rates_refused(void)
{
    struct trial t;
    CU_ASSERT_EQUAL(trial_open(&t, SYNFIN_ARRIVALS, "constant", "rate=0/s", 1), -1);
    CU_ASSERT_EQUAL(trial_open(&t, SYNFIN_ARRIVALS, "constant", "rate=-1/s", 1), -1);
    CU_ASSERT_EQUAL(trial_open(&t, SYNFIN_ARRIVALS, "constant", "rate=2e9/s", 1), -1);
    CU_ASSERT_EQUAL(trial_open(&t, SYNFIN_ARRIVALS, "poisson", "rate=0/s", 1), -1);
}

/* ---- Poisson ----------------------------------------------------------------------------------------------------- */

/* Gaps are exponential, the first included: mean and deviation 1/rate (standard errors 1/1000 and sqrt(2)/1000 of it),
   neighbours independent, and the distribution by Kolmogorov: 2.2 / sqrt n bounds it for all seeds but one in 8,000. */
static void test_poisson_gaps(void)
{
    enum { POINTS = 100, N = 1000000 };
    struct trial t = arrivals_of("poisson", "rate=10000/s", SYNFIN_S);
    struct series s = {0};
    uint64_t bin[POINTS + 1] = {0}, sum = 0;
    synfin_time last = SYNFIN_S;
    for (int n = 0; n < N; n++) {
        synfin_time next = trial_next(&t), gap = next - last;
        series_add(&s, (double)gap);
        bin[gap < 500000 ? (gap + 4999) / 5000 : POINTS]++;
        last = next;
    }
    CU_ASSERT_DOUBLE_EQUAL(series_mean(&s), 1e5, 4e5 / 1000);
    CU_ASSERT_DOUBLE_EQUAL(series_sd(&s), 1e5, 4 * sqrt(2) * 1e5 / 1000);
    CU_ASSERT_DOUBLE_EQUAL(series_correlation(&s), 0, 4.0 / 1000);
    for (int i = 0; i < POINTS; i++) {
        sum += bin[i];
        CU_ASSERT_DOUBLE_EQUAL((double)sum / N, 1 - exp(-0.05 * i), 2.2 / 1000);
    }
    trial_close(&t);
}

/* Common random numbers: at half the rate every gap is twice as long, to the rounding of 1 ns. */
static void test_poisson_scales(void)
{
    struct trial a = arrivals_of("poisson", "rate=1000/s", 0), b = arrivals_of("poisson", "rate=500/s", 0);
    synfin_time last_a = 0, last_b = 0;
    for (int n = 0; n < 10000; n++) {
        synfin_time next_a = trial_next(&a), next_b = trial_next(&b);
        CU_ASSERT(llabs((next_b - last_b) - 2 * (next_a - last_a)) <= 2);
        last_a = next_a;
        last_b = next_b;
    }
    trial_close(&a);
    trial_close(&b);
}

/* ---- Burst and file ---------------------------------------------------------------------------------------------- */

static void test_burst(void)
{
    struct trial t = arrivals_of("burst", "size=3; every=10ms", 2 * SYNFIN_MS);
    for (int n = 0; n < 30; n++)
        CU_ASSERT_EQUAL(trial_next(&t), (2 + n / 3 * 10) * SYNFIN_MS);
    trial_close(&t);
}

#define FILE_TRIAL(t, text) trial_open_file(t, SYNFIN_ARRIVALS, "file", text, sizeof(text) - 1)

/* Instants count from the start, equal ones are allowed, and after the last there is none. */
static void test_file(void)
{
    struct trial t;
    CU_ASSERT_EQUAL_FATAL(FILE_TRIAL(&t, "# recorded\n0\n1ms\n1ms\n2.5s\n"), 0);
    t.now = 7 * SYNFIN_S;
    CU_ASSERT_EQUAL(trial_next(&t), 7 * SYNFIN_S);
    CU_ASSERT_EQUAL(trial_next(&t), 7 * SYNFIN_S + SYNFIN_MS);
    CU_ASSERT_EQUAL(trial_next(&t), 7 * SYNFIN_S + SYNFIN_MS);
    CU_ASSERT_EQUAL(trial_next(&t), 7 * SYNFIN_S + 2500 * SYNFIN_MS);
    CU_ASSERT_EQUAL(trial_next(&t), SYNFIN_NEVER);
    trial_close(&t);
}

static void test_file_errors(void)
{
    struct trial t;
    CU_ASSERT_EQUAL(FILE_TRIAL(&t, "1ms\n3ms\n2ms\n"), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(t.error, "instant 3 comes before instant 2"));
    CU_ASSERT_EQUAL(FILE_TRIAL(&t, "1ms 2\n"), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(t.error, ":1: "));
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"constant: exact instants of a million", test_constant},
        {"constant: rates that are no whole number", test_constant_fractions},
        {"rates have bounds", test_rates_refused},
        {"poisson: gaps are exponential", test_poisson_gaps},
        {"poisson: rates share random numbers", test_poisson_scales},
        {"burst: size at once, again and again", test_burst},
        {"file: the instants of the file, then none", test_file},
        {"file: errors", test_file_errors},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "test_models_arrivals", cases);
}
