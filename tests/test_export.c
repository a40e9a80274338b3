/* SPDX-License-Identifier: BSD-2-Clause */
/* Tables for other programs: cells, rows and their order, counts, distributions as HdrHistogram's text. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "export.h"
#include "made_results.h"
#include "suite.h"
#include "tidy.h"

/* ---- Cells ------------------------------------------------------------------------------------------------------- */

static char text[1 << 16];

/* Ends a table that was written to `text`. */
static const char *written(struct tidy *t)
{
    CU_ASSERT_EQUAL(tidy_end(t), 0);
    fclose(t->out);
    tidy_free(t);
    return text;
}

static struct tidy begin(bool json)
{
    memset(text, 0, sizeof text);
    return (struct tidy){.out = fmemopen(text, sizeof text, "w"), .json = json};
}

static void test_csv(void)
{
    struct tidy t = begin(false);
    tidy_column(&t, "%s", "plain");
    tidy_column(&t, "with, comma");
    tidy_text(&t, "a \"b\"");
    tidy_missing(&t);
    tidy_text(&t, "two\nlines");
    tidy_count(&t, UINT64_MAX);
    tidy_text(&t, "");
    tidy_number(&t, (double)NAN);
    CU_ASSERT_STRING_EQUAL(written(&t),
                           "plain,\"with, comma\"\n\"a \"\"b\"\"\",\n\"two\nlines\",18446744073709551615\n,\n");
}

static void test_json(void)
{
    struct tidy t = begin(true);
    tidy_column(&t, "a");
    tidy_column(&t, "\"b\"");
    tidy_text(&t, "x\ty");
    tidy_missing(&t);
    tidy_count(&t, 7);
    tidy_number(&t, 0.5);
    CU_ASSERT_STRING_EQUAL(written(&t),
                           "[\n{\"a\":\"x\\u0009y\",\"\\\"b\\\"\":null},\n{\"a\":7,\"\\\"b\\\"\":0.5}\n]\n");
}

static void test_no_rows(void)
{
    struct tidy t = begin(false);
    tidy_column(&t, "a");
    tidy_column(&t, "b");
    CU_ASSERT_STRING_EQUAL(written(&t), "a,b\n");
    t = begin(true);
    tidy_column(&t, "a");
    CU_ASSERT_STRING_EQUAL(written(&t), "[\n]\n");
}

/* Every number reads back as itself; those of whole ns are short. */
static void test_numbers(void)
{
    static const double numbers[] = {0.1, 1.0 / 3, 1e300, 5e-324, -2.5, 123456789.123456, 1e9, -0.000001, 2e-7, 0};
    struct tidy t = begin(false);
    tidy_column(&t, "x");
    tidy_ms(&t, 20000001);
    tidy_ms(&t, INT64_MAX);
    tidy_ms(&t, -1500000);
    tidy_number(&t, 20.000001);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        tidy_number(&t, numbers[i]);
    const char *at = written(&t), *wanted = "x\n20.000001\n9223372036854.775807\n-1.5\n20.000001\n0.1\n";
    CU_ASSERT_NSTRING_EQUAL(at, wanted, strlen(wanted));
    at += strlen(wanted) - strlen("0.1\n");
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        char *end;
        CU_ASSERT(strtod(at, &end) == numbers[i]);
        CU_ASSERT_EQUAL(*end, '\n');
        at = end + 1;
    }
}

/* ---- A sweep in memory ------------------------------------------------------------------------------------------- */

#define SCENARIO                                                                                                     \
    "name: made up\n"                                                                                                \
    "hosts: {client: {addresses: 16}, server: {listen: {port: 80}}}\n"                                               \
    "links: {wan: {both: {delay: {model: constant, time: 10ms}, loss: {model: bernoulli, p: 0}}}}\n"                 \
    "workloads: {churn: {from: client, to: server, over: wan, arrivals: {model: constant, rate: 10/s},"              \
    " connections: 9}}\n"                                                                                            \
    "sweep: {replications: 2, vary: {links.wan.both.loss.p: [0, 5%], hosts.client.profile: [linux, rfc9293]}}\n"

struct fixture {
    char yaml[64];
    struct options options;
    struct scenario_file file;
    struct results results;
};

static void open_fixture(struct fixture *f)
{
    *f = (struct fixture){.yaml = "/tmp/synfin-export-XXXXXX"};
    int fd = mkstemp(f->yaml);
    FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    fputs(SCENARIO, out);
    fclose(out);
    CU_ASSERT_EQUAL_FATAL(scenario_file_load(&f->file, f->yaml, &f->options), STATUS_DONE);
    CU_ASSERT_EQUAL_FATAL(results_begin(&f->results, ":memory:", &f->file, 1), STATUS_DONE);
}

static void close_fixture(struct fixture *f)
{
    results_close(&f->results);
    scenario_file_free(&f->file);
    unlink(f->yaml);
}

/* A run whose values tell which it is; of replication 1 nothing was accepted. */
static void put(struct fixture *f, size_t point, uint32_t replication, double wall_s)
{
    struct rows rows = {.point = point, .replication = replication, .wall_s = wall_s};
    struct synfin_scenario *scenario = scenario_file_scenario(&f->file, point);
    struct made_results made;
    made_open(&made);
    synfin_statistic_add(made.results.total.metric[SYNFIN_SETUP], (synfin_time)(1000 * point + replication));
    if (replication == 1) {
        synfin_statistic_free(made.workload[0].metric[SYNFIN_ACCEPT]);
        made.workload[0].metric[SYNFIN_ACCEPT] = synfin_statistic_new();
    }
    made.results.total.connections.opened += 100 * point + replication;
    CU_ASSERT_EQUAL_FATAL(rows_fill(&rows, scenario, &made.results), 0);
    CU_ASSERT_EQUAL(results_put(&f->results, &rows), 0);
    made_close(&made);
    rows_free(&rows);
    synfin_scenario_free(scenario);
}

typedef int export_function(struct results *, FILE *, bool json);

static char *export_text(struct fixture *f, export_function *function, bool json)
{
    char *out = NULL;
    size_t size;
    FILE *stream = open_memstream(&out, &size);
    CU_ASSERT_EQUAL(function(&f->results, stream, json), STATUS_DONE);
    fclose(stream);
    return out;
}

/* The n-th line, from 0. */
static const char *line(const char *table, int n)
{
    static char found[4096];
    for (; n > 0 && table; n--)
        table = strchr(table, '\n') ? strchr(table, '\n') + 1 : NULL;
    snprintf(found, sizeof found, "%.*s", table ? (int)strcspn(table, "\n") : 0, table ? table : "");
    return found;
}

static bool starts(const char *table, int n, const char *with)
{
    return strncmp(line(table, n), with, strlen(with)) == 0;
}

/* ---- Rows -------------------------------------------------------------------------------------------------------- */

static void test_metrics(void)
{
    struct fixture f;
    open_fixture(&f);
    for (size_t point = 0; point < 4; point++)
        put(&f, point, 0, 1);
    put(&f, 3, 1, 1);
    char *table = export_text(&f, export_metrics, false);
    CU_ASSERT_STRING_EQUAL(line(table, 0),
                           "point,replication,links.wan.both.loss.p_percent,hosts.client.profile,workload,metric,count,"
                           "mean_ms,sd_ms,min_ms,p50_ms,p90_ms,p99_ms,p999_ms,max_ms,connections.opened,"
                           "connections.established,connections.closed,connections.open,connections.peak_concurrent,"
                           "connections.failed.timeout,connections.failed.reset,connections.failed.refused,"
                           "connections.failed.no_port,connections.no_port_reasons.in_use,"
                           "connections.no_port_reasons.time_wait,connections.time_wait.overflow");
    /* By point, replication, workload (all together first), metric in the order of definition. */
    CU_ASSERT(starts(table, 1, "0,0,0,linux,*,setup,4,"));
    CU_ASSERT(starts(table, 2, "0,0,0,linux,*,accept,1,30.000001,,30.000001,30.000001,"));
    CU_ASSERT(starts(table, 3, "0,0,0,linux,bulk-2,setup,3,"));
    CU_ASSERT(starts(table, 4, "0,0,0,linux,bulk-2,accept,1,"));
    CU_ASSERT(starts(table, 5, "0,0,0,linux,churn,setup,3,"));
    CU_ASSERT(starts(table, 7, "1,0,0,rfc9293,*,setup,4,"));
    CU_ASSERT(starts(table, 13, "2,0,5,linux,*,setup,4,"));
    CU_ASSERT(starts(table, 25, "3,1,5,rfc9293,*,setup,4,"));
    /* What has no values in a run that ended is told. */
    CU_ASSERT(starts(table, 30, "3,1,5,rfc9293,churn,accept,0,,,,,,,,,2000,2001,"));
    CU_ASSERT_STRING_EQUAL(line(table, 31), "");
    /* The counts are the workload's own. */
    CU_ASSERT_PTR_NOT_NULL(strstr(line(table, 25), ",1301,1001,1002,1003,1008,1004,1005,1006,1007,1009,1010,1011"));
    CU_ASSERT_PTR_NOT_NULL(strstr(line(table, 27), ",3000,3001,3002,3003,3008,3004,3005,3006,3007,3009,3010,3011"));
    free(table);
    close_fixture(&f);
}

static void test_counts(void)
{
    struct fixture f;
    open_fixture(&f);
    put(&f, 2, 1, 1);
    put(&f, 2, 0, 1);
    char *table = export_text(&f, export_counts, false);
    CU_ASSERT(starts(table, 0, "point,replication,links.wan.both.loss.p_percent,hosts.client.profile,simulated_s,"
                               "events,connections.closed,connections.established,connections.failed.no_port,"));
    CU_ASSERT(starts(table, 1, "2,0,5,linux,12.3,777,1002,1001,1007,"));
    CU_ASSERT(starts(table, 2, "2,1,5,linux,12.3,777,"));
    CU_ASSERT_STRING_EQUAL(line(table, 3), "");
    free(table);
    table = export_text(&f, export_counts, true);
    CU_ASSERT(starts(table, 1, "{\"point\":2,\"replication\":0,\"links.wan.both.loss.p_percent\":5,"
                               "\"hosts.client.profile\":\"linux\",\"simulated_s\":12.3,\"events\":777,"));
    free(table);
    close_fixture(&f);
}

/* The bytes tell nothing of the order of runs, of failures made good, of the wall clock. */
static void test_same_bytes(void)
{
    static export_function *const functions[] = {export_metrics, export_counts};
    struct fixture one, other;
    open_fixture(&one);
    open_fixture(&other);
    for (size_t i = 0; i < 8; i++)
        put(&one, i % 4, (uint32_t)(i / 4), 1);
    struct rows failed = {.point = 1, .replication = 1, .failure = strdup("it crashed")};
    CU_ASSERT_EQUAL(results_put(&other.results, &failed), 0);
    rows_free(&failed);
    for (size_t i = 8; i-- > 0;)
        put(&other, i % 4, (uint32_t)(i / 4), 2);
    for (int i = 0; i < 4; i++) {
        char *a = export_text(&one, functions[i / 2], i % 2), *b = export_text(&other, functions[i / 2], i % 2);
        CU_ASSERT(strlen(a) > 2000);
        CU_ASSERT_STRING_EQUAL(a, b);
        free(a);
        free(b);
    }
    close_fixture(&one);
    close_fixture(&other);
}

/* ---- Distributions ----------------------------------------------------------------------------------------------- */

static char *histograms(struct fixture *f)
{
    char *out = NULL;
    size_t size;
    FILE *stream = open_memstream(&out, &size);
    CU_ASSERT_EQUAL(export_histograms(&f->results, stream, NULL), STATUS_DONE);
    fclose(stream);
    return out;
}

/* The levels are HdrHistogram's: five on the way to half of what is left, and again; checked against its own output of
   the same values. */
static void test_percentiles(void)
{
    static const struct {
        int row;
        const char *text;
    } rows[] = {
        {0, "   20.000980 0.000000000000          8           1.00"},
        {1, "   29.702990 0.100000000000        100           1.11"},
        {5, " 1262.514990 0.500000000000        500           2.00"},
        {6, " 1674.691490 0.550000000000        550           2.22"},
        {11, " 4656.848240 0.775000000000        775           4.44"},
        {50, " 9990.029990 0.999023437500       1000        1024.00"},
        {51, " 9990.029990 1.000000000000       1000            inf"},
        {52, "#[Mean    =  2515.002500, StdDeviation   =  2831.738963]"},
        {53, "#[Max     =  9990.029990, Total count    =         1000]"},
        {54, "#[Buckets =           53, SubBuckets     =         2048]"},
        {55, ""},
    };
    enum { HEADING = 3 };
    struct fixture f;
    open_fixture(&f);
    struct rows run = {.point = 3};
    struct synfin_scenario *scenario = scenario_file_scenario(&f.file, 3);
    struct made_results made;
    made_open(&made);
    synfin_statistic_free(made.results.total.metric[SYNFIN_SETUP]);
    made.results.total.metric[SYNFIN_SETUP] = synfin_statistic_new();
    for (synfin_time i = 0; i < 1000; i++)
        synfin_statistic_add(made.results.total.metric[SYNFIN_SETUP], 20000000 + 10 * i * i * i);
    CU_ASSERT_EQUAL_FATAL(rows_fill(&run, scenario, &made.results), 0);
    CU_ASSERT_EQUAL(results_put(&f.results, &run), 0);
    char *out = histograms(&f);
    CU_ASSERT_STRING_EQUAL(line(out, 0), "# setup (ms), links.wan.both.loss.p = 5%, hosts.client.profile = rfc9293");
    CU_ASSERT_STRING_EQUAL(line(out, 1), "       Value     Percentile TotalCount 1/(1-Percentile)");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        CU_ASSERT_STRING_EQUAL(line(out, HEADING + rows[i].row), rows[i].text);
    /* The next one, two blank lines apart. */
    CU_ASSERT(starts(out, HEADING + 57, "# accept (ms), "));
    free(out);
    made_close(&made);
    rows_free(&run);
    synfin_scenario_free(scenario);
    close_fixture(&f);
}

/* All replications of a point together. */
static void test_replications_together(void)
{
    struct fixture f;
    open_fixture(&f);
    put(&f, 0, 0, 1);
    put(&f, 0, 1, 1);
    char *out = histograms(&f);
    CU_ASSERT_PTR_NOT_NULL(strstr(out, "Total count    =            8]"));
    CU_ASSERT_PTR_NOT_NULL(strstr(out, "# churn setup (ms), "));
    free(out);
    close_fixture(&f);
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"cells of CSV", test_csv},
        {"cells of JSON", test_json},
        {"a table without rows", test_no_rows},
        {"numbers read back", test_numbers},
        {"a row a run, workload and metric", test_metrics},
        {"a row a run with all counts", test_counts},
        {"the same bytes however the runs came", test_same_bytes},
        {"percentiles as HdrHistogram has them", test_percentiles},
        {"replications together", test_replications_together},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "test_export", cases);
}
