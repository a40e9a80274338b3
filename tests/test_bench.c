/* SPDX-License-Identifier: BSD-2-Clause */
/* What synfin bench makes of measurements: ratios and limits, from made-up numbers; that each case is a sound scenario. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench.h"
#include "suite.h"
#include "synfin.h"

/* A result of P = 10 ns and R = 30 ns that has nothing else yet. */
static struct bench_result result_of(const char *name)
{
    struct bench_result b = {.p = 10, .r = 30, .lifecycle = 1, .event = 1, .segment = 1, .bytes = NAN, .churn = NAN};

    b.c = bench_case_find(name, &b.size);
    CU_ASSERT_PTR_NOT_NULL_FATAL(b.c);
    return b;
}

/* Whether it is within the limits; `complaint`, unless NULL, is what is said else. */
static bool within(const struct bench_result *b, const char *complaint)
{
    char said[1024] = "";
    FILE *f = fmemopen(said, sizeof said, "w");

    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    bool good = bench_within_limits(b, f);
    fclose(f);
    CU_ASSERT_EQUAL(good, said[0] == '\0');
    if (complaint)
        CU_ASSERT_PTR_NOT_NULL(strstr(said, complaint));
    return good;
}

static void test_ratio(void)
{
    struct bench_result churn = result_of("churn"), crowd = result_of("crowd"), queue = result_of("queue"),
                        data = result_of("data");

    churn.lifecycle = crowd.lifecycle = 400;
    queue.event = 250;
    data.segment = 150;
    CU_ASSERT_DOUBLE_EQUAL(bench_ratio(&churn), 40, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(bench_ratio(&crowd), 10, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(bench_ratio(&queue), 25, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(bench_ratio(&data), 15, 1e-9);
}

/* A quarter over the limit is let pass, more is not. */
static void test_time_limit(void)
{
    static const struct {
        const char *name;
        double limit, unit;
    } rows[] = {{"churn", 45, 10}, {"churn-loss", 60, 10}, {"crowd", 25, 40}, {"crowd-loss", 40, 40},
                {"queue", 30, 10}, {"jitter", 70, 10},     {"data", 25, 10}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bench_result b = result_of(rows[i].name);
        b.lifecycle = b.event = b.segment = 1.249 * rows[i].limit * rows[i].unit;
        CU_ASSERT_TRUE(within(&b, NULL));
        b.lifecycle = b.event = b.segment = 1.251 * rows[i].limit * rows[i].unit;
        CU_ASSERT_FALSE(within(&b, rows[i].name));
    }
}

static void test_flatness(void)
{
    struct bench_result crowd = result_of("crowd"), startup = result_of("startup");

    crowd.churn = 2.49;
    CU_ASSERT_TRUE(within(&crowd, NULL));
    crowd.churn = 2.51;
    CU_ASSERT_FALSE(within(&crowd, "2.51 times churn's time a lifecycle; at most 2"));
    startup.churn = 3.74;
    CU_ASSERT_TRUE(within(&startup, NULL));
    startup.churn = 3.76;
    CU_ASSERT_FALSE(within(&startup, "3.76 times churn's"));
}

static void test_memory(void)
{
    struct bench_result crowd = result_of("crowd"), churn = result_of("churn");

    crowd.bytes = churn.bytes = 399;
    CU_ASSERT_TRUE(within(&crowd, NULL));
    crowd.bytes = churn.bytes = 401;
    CU_ASSERT_FALSE(within(&crowd, "401 bytes per open connection; at most 320"));
    CU_ASSERT_TRUE(within(&churn, NULL)); /* of which it is not measured */
}

/* Each case is found by its name and makes a scenario. */
static void test_scenarios(void)
{
    struct synfin_registry *registry = synfin_registry_new();
    uint64_t size;

    for (size_t i = 0; bench_case(i); i++) {
        struct synfin_error e = {0};
        struct synfin_settings *settings = bench_settings(bench_case(i), bench_case(i)->size, &e);
        CU_ASSERT_PTR_NOT_NULL_FATAL(settings);
        struct synfin_scenario *scenario = synfin_scenario_new(registry, settings, NULL, &e);
        CU_ASSERT_PTR_NOT_NULL_FATAL(scenario);
        CU_ASSERT_PTR_EQUAL(bench_case_find(bench_case(i)->name, &size), bench_case(i));
        CU_ASSERT_EQUAL(size, bench_case(i)->size);
        synfin_scenario_free(scenario);
        synfin_settings_free(settings);
    }
    synfin_registry_free(registry);
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"ratios are of the case's unit over P, or P + R", test_ratio},
        {"limits of time, and a quarter over them", test_time_limit},
        {"limits against churn", test_flatness},
        {"limit of memory", test_memory},
        {"every case is a sound scenario", test_scenarios},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "test_bench", cases);
}
