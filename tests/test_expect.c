/* SPDX-License-Identifier: BSD-2-Clause */
/* Expectations: names of results, values with units, what holds, what is refused and how. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "expect.h"
#include "made_results.h"
#include "suite.h"

static double value_of(const char *name)
{
    struct made_results m;
    double value = -1;

    made_open(&m);
    if (expect_lookup(&m.results, name, &value) != 0)
        value = -2;
    made_close(&m);
    return value;
}

/* 1: it holds, 0: it does not, -1: an error when evaluated, -2: when parsed. */
static int verdict(const char *text)
{
    struct made_results m;
    struct expect e;
    char error[256];
    bool holds = false;
    double found;

    if (expect_parse(&e, text, error, sizeof error) != 0)
        return -2;
    made_open(&m);
    int status = expect_evaluate(&e, &m.results, &holds, &found, error, sizeof error);
    made_close(&m);
    expect_free(&e);
    return status == 0 ? holds : -1;
}

/* Whether parsing fails with a message that contains `part`. */
static bool refused(const char *text, const char *part)
{
    struct expect e;
    char error[256] = "";

    if (expect_parse(&e, text, error, sizeof error) == 0) {
        expect_free(&e);
        return false;
    }
    if (!strstr(error, part))
        printf("'%s': %s\n", text, error);
    return strstr(error, part) != NULL;
}

static void test_names(void)
{
    static const struct {
        const char *name;
        double value;
    } known[] = {
        {"connections.opened", 1000},
        {"connections.established", 1001},
        {"connections.closed", 1002},
        {"connections.open", 1003},
        {"connections.failed.timeout", 1004},
        {"connections.failed.reset", 1005},
        {"connections.failed.refused", 1006},
        {"connections.failed.no_port", 1007},
        {"connections.peak_concurrent", 1008},
        {"connections.no_port_reasons.in_use", 1009},
        {"connections.no_port_reasons.time_wait", 1010},
        {"workloads.churn.connections.time_wait.overflow", 2011},
        {"segments.forward.rst", 1100},
        {"segments.forward.syn_ack", 1101},
        {"segments.forward.syn", 1102},
        {"segments.forward.fin", 1103},
        {"segments.forward.data", 1104},
        {"segments.forward.ack", 1105},
        {"segments.forward.lost", 1106},
        {"segments.backward.rst", 1111},
        {"segments.backward.reordered", 1121},
        {"workloads.churn.connections.opened", 2000},
        {"workloads.bulk-2.connections.failed.timeout", 3004},
        {"workloads.bulk-2.segments.backward.rst", 3111},
        {"workloads.churn.setup.max", 1020.002},
        {"links.wan.forward.sent", 4000},
        {"links.wan.forward.bytes", 4006},
        {"links.wan.backward.max_queue", 4015},
        {"setup.count", 3},
        {"setup.min", 20},
        {"setup.p50", 20},
        {"setup.p99", 1020.001},
        {"setup.max", 1020.001},
        {"accept.mean", 30.000001},
        {"simulated_s", 12.3},
        {"events", 777},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        double value = value_of(known[i].name);
        if (value != known[i].value)
            printf("%s is %.17g\n", known[i].name, value);
        CU_ASSERT_EQUAL(value, known[i].value);
    }
}

static void test_no_such_name(void)
{
    static const char *const unknown[] = {
        "", ".", "setup", "setup.", ".setup", "setup.p95", "setup.p50.x", "latency_ms.setup.p50", "connections",
        "segments.syn", "connections.failed", "connections.time_wait", "connections.no_port_reasons.reset",
        "links.lan.forward.sent", "workloads.other.setup.p50", "workloads.churn",
        "events.n", "wall_s", "a.b.c.d.e.f.g.h.i.j.k",
    };
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++)
        CU_ASSERT_EQUAL(value_of(unknown[i]), -2);
}

static void test_relations(void)
{
    static const struct {
        const char *relation;
        int below, at, above; /* of the value expected: whether `20 ms relation value` holds */
    } table[] = {
        {"==", 0, 1, 0}, {"!=", 1, 0, 1}, {"<", 0, 0, 1}, {"<=", 0, 1, 1}, {">", 1, 0, 0}, {">=", 1, 1, 0},
    };
    char text[64];

    for (size_t i = 0; i < 6; i++) {
        snprintf(text, sizeof text, "setup.p50 %s 19.999999ms", table[i].relation);
        CU_ASSERT_EQUAL(verdict(text), table[i].below);
        snprintf(text, sizeof text, "setup.p50 %s 20ms", table[i].relation);
        CU_ASSERT_EQUAL(verdict(text), table[i].at);
        snprintf(text, sizeof text, "setup.p50%s20000001ns", table[i].relation);
        CU_ASSERT_EQUAL(verdict(text), table[i].above);
    }
}

static void test_units(void)
{
    CU_ASSERT_EQUAL(verdict("setup.p50 == 0.02s"), 1);
    CU_ASSERT_EQUAL(verdict("setup.p50 == 20000us"), 1);
    CU_ASSERT_EQUAL(verdict("setup.max == 1020001us"), 1);
    CU_ASSERT_EQUAL(verdict("accept.mean == 30000001ns"), 1);
    CU_ASSERT_EQUAL(verdict("setup.p50 > 0"), 1);
    CU_ASSERT_EQUAL(verdict("simulated_s == 12300ms"), 1);
    CU_ASSERT_EQUAL(verdict("  events == 7.77e2  "), 1);
    CU_ASSERT_EQUAL(verdict("links.wan.forward.bytes < 4KiB"), 1);
    CU_ASSERT_EQUAL(verdict("links.wan.forward.bytes == 4006"), 1);
}

/* Where nothing was measured, nothing holds. */
static void test_nothing_measured(void)
{
    CU_ASSERT_EQUAL(verdict("response.count == 0"), 1);
    CU_ASSERT_EQUAL(verdict("response.mean < 20ms"), 0);
    CU_ASSERT_EQUAL(verdict("response.mean != 20ms"), 0);
    CU_ASSERT_EQUAL(verdict("response.max >= 0"), 0);
    CU_ASSERT_EQUAL(verdict("accept.sd == 0"), 0); /* one value has no deviation */
}

static void test_refused(void)
{
    CU_ASSERT_TRUE(refused("", "compares nothing"));
    CU_ASSERT_TRUE(refused("setup.p50", "compares nothing"));
    CU_ASSERT_TRUE(refused("setup.p50 = 20ms", "compares nothing"));
    CU_ASSERT_TRUE(refused("setup.p50 == 20", "unit"));
    CU_ASSERT_TRUE(refused("setup.p50 == 20 ms", "20 ms"));
    CU_ASSERT_TRUE(refused("setup.p50 == 20Mbit/s", "20Mbit/s"));
    CU_ASSERT_TRUE(refused("setup.p50 ==", "no value"));
    CU_ASSERT_TRUE(refused("setup.p05 == 20ms", "did you mean 'p50'"));
    CU_ASSERT_TRUE(refused("setpu.p50 == 20ms", "did you mean 'setup'"));
    CU_ASSERT_TRUE(refused("connections.failed.timeouts == 0", "did you mean 'timeout'"));
    CU_ASSERT_TRUE(refused("connections.failed == 0", "reason of failure"));
    CU_ASSERT_TRUE(refused("connections.open == 0ms", "plain number"));
    CU_ASSERT_TRUE(refused("connections.open == nan", "plain number"));
    CU_ASSERT_TRUE(refused("connections.open == 0x10", "plain number"));
    CU_ASSERT_TRUE(refused("latency_ms.setup.p50 == 20ms", "left out"));
    CU_ASSERT_TRUE(refused("segments.forwards.syn == 1", "did you mean 'forward'"));
    CU_ASSERT_TRUE(refused("workloads.churn.p50 == 1", "result of a workload"));
    CU_ASSERT_TRUE(refused("setup..p50 == 20ms", "one dot"));
}

/* A name of a workload or link is known only to the results. */
static void test_refused_late(void)
{
    CU_ASSERT_EQUAL(verdict("workloads.other.setup.p50 == 20ms"), -1);
    CU_ASSERT_EQUAL(verdict("links.lan.forward.lost == 0"), -1);
    CU_ASSERT_EQUAL(verdict("peak_rss_mib < 100"), -1);
}

static void test_text(void)
{
    struct expect e;
    char error[256];

    CU_ASSERT_EQUAL_FATAL(expect_parse(&e, " workloads.churn.setup.p99<=1.5s ", error, sizeof error), 0);
    CU_ASSERT_STRING_EQUAL(e.text, "workloads.churn.setup.p99<=1.5s");
    CU_ASSERT_STRING_EQUAL(e.name, "workloads.churn.setup.p99");
    CU_ASSERT_STRING_EQUAL(e.unit, " ms");
    CU_ASSERT_EQUAL(e.relation, EXPECT_LE);
    CU_ASSERT_EQUAL(e.value, 1500);
    CU_ASSERT_FALSE(expect_of_machine(&e));
    expect_free(&e);
    CU_ASSERT_EQUAL_FATAL(expect_parse(&e, "wall_s < 2min", error, sizeof error), 0);
    CU_ASSERT_EQUAL(e.value, 120);
    CU_ASSERT_TRUE(expect_of_machine(&e));
    CU_ASSERT_TRUE(expect_holds(&e, 119));
    CU_ASSERT_FALSE(expect_holds(&e, 120));
    CU_ASSERT_FALSE(expect_holds(&e, NAN));
    expect_free(&e);
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"every result has its name", test_names},
        {"a name that is none is not found", test_no_such_name},
        {"six relations, exact to the nanosecond", test_relations},
        {"durations and sizes take their units", test_units},
        {"nothing holds of what was not measured", test_nothing_measured},
        {"an unsound statement is refused with what would be right", test_refused},
        {"a workload or link that does not exist is found at evaluation", test_refused_late},
        {"a statement is kept as written", test_text},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "expect", cases);
}
