/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows on their way from a worker to the writer. */
#include <stdlib.h>
#include <string.h>

#include "rows.h"
#include "suite.h"

static char all[] = ROWS_ALL, churn[] = "churn", wan[] = "wan", text[] = "setup.p50 < 1s";
static unsigned char bins[] = {1, 0, 3, 0, 200, 1, 0, 4, 0};

static struct rows_metric metrics[] = {
    {.workload = all, .metric = SYNFIN_SETUP, .count = 7, .sum = {1, 2}, .squares = {3, UINT64_MAX}, .mean_ms = 0.1,
     .sd_ms = 0.2, .quantile_ms = {1, 2, 3, 4}, .min = 5, .max = 6, .bins = bins, .size = sizeof bins},
    {.workload = churn, .metric = SYNFIN_LIFETIME, .count = 1, .bins = bins, .size = 0},
};
static uint64_t counts[] = {UINT64_MAX, 0};
static char names[] = "connections.opened\0wan"; /* its end is the last one's */
static struct synfin_sample samples[] = {{.time = 1, .segments = {2, 3}}, {.time = 4}};
static struct rows_waiting waitings[] = {{9, wan, true, 8}};
static struct rows_expectation expectations[] = {{text, true, 0.5}};
static const struct rows full = {
    .point = 3, .replication = 4, .independent = true, .simulated = 5, .events = 6, .wall_s = 0.7, .metrics = 2,
    .counts = 2, .samples = 2, .waitings = 1, .expectations = 1, .metric = metrics, .count = counts, .names = names,
    .names_size = sizeof names, .sample = samples, .waiting = waitings, .expectation = expectations};

/* Both as messages: every member stands in them. */
static bool same(const struct rows *a, const struct rows *b)
{
    struct rows_message x = {0}, y = {0};
    CU_ASSERT_EQUAL_FATAL(rows_write(a, &x), 0);
    CU_ASSERT_EQUAL_FATAL(rows_write(b, &y), 0);
    bool equal = x.used == y.used && memcmp(x.bytes, y.bytes, x.used) == 0;
    free(x.bytes);
    free(y.bytes);
    return equal;
}

static void test_there_and_back(void)
{
    struct rows_message message = {0};
    struct rows rows;
    CU_ASSERT_EQUAL_FATAL(rows_write(&full, &message), 0);
    CU_ASSERT_EQUAL_FATAL(rows_read(&rows, message.bytes, message.used), 0);
    CU_ASSERT_TRUE(same(&rows, &full));
    CU_ASSERT_PTR_NULL(rows.failure);
    CU_ASSERT_EQUAL(rows.replication, 4);
    CU_ASSERT_STRING_EQUAL(rows.metric[1].workload, "churn");
    CU_ASSERT_EQUAL(rows.metric[0].squares[1], UINT64_MAX);
    CU_ASSERT_EQUAL(memcmp(rows.metric[0].bins, bins, sizeof bins), 0);
    CU_ASSERT_EQUAL(rows.count[0], UINT64_MAX);
    CU_ASSERT_STRING_EQUAL(rows.names + strlen(rows.names) + 1, "wan");
    CU_ASSERT_EQUAL(rows.sample[0].segments[1], 3);
    CU_ASSERT_TRUE(rows.waiting[0].backward);
    CU_ASSERT_EQUAL(rows.expectation[0].found, 0.5);
    rows_free(&rows);
    free(message.bytes);
}

static void test_failure(void)
{
    static char why[] = "out of memory";
    struct rows failed = {.point = 1, .failure = why}, rows;
    struct rows_message message = {0};
    CU_ASSERT_EQUAL_FATAL(rows_write(&failed, &message), 0);
    CU_ASSERT_EQUAL_FATAL(rows_read(&rows, message.bytes, message.used), 0);
    CU_ASSERT_STRING_EQUAL(rows.failure, why);
    rows_free(&rows);
    free(message.bytes);
}

/* A message that ends early, goes on, or has one byte wrong is refused, or is one of other values: never a crash. */
static void test_damaged(void)
{
    struct rows_message message = {0};
    struct rows rows;
    CU_ASSERT_EQUAL_FATAL(rows_write(&full, &message), 0);
    for (size_t size = 0; size < message.used; size++)
        CU_ASSERT_EQUAL(rows_read(&rows, message.bytes, size), -1);
    unsigned char *longer = calloc(message.used + 1, 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(longer);
    memcpy(longer, message.bytes, message.used);
    CU_ASSERT_EQUAL(rows_read(&rows, longer, message.used + 1), -1);
    for (size_t i = 0; i < message.used; i++) {
        longer[i] = (unsigned char)~longer[i];
        if (rows_read(&rows, longer, message.used) == 0)
            rows_free(&rows);
        longer[i] = (unsigned char)~longer[i];
    }
    free(longer);
    free(message.bytes);
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"rows there and back", test_there_and_back},
        {"a failed run there and back", test_failure},
        {"damaged messages are refused", test_damaged},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "test_rows_message", cases);
}
