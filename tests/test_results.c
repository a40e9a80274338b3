/* SPDX-License-Identifier: BSD-2-Clause */
/* Results in a database: histograms there and back, what a run leaves, whose database it is. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture.h"
#include "made_results.h"
#include "parameter.h"
#include "results.h"
#include "sha256.h"
#include "suite.h"

/* ---- A sweep in a folder of its own ------------------------------------------------------------------------------ */

#define SCENARIO                                                                                                      \
    "name: made up\n"                                                                                                 \
    "hosts: {client: {addresses: 16}, server: {listen: {port: 80}}}\n"                                                \
    "links: {wan: {both: {delay: {model: constant, time: 10ms}, loss: {model: bernoulli, p: 0}}}}\n"                  \
    "workloads:\n"                                                                                                    \
    "  churn: {from: client, to: server, over: wan, arrivals: {model: constant, rate: 10/s}, connections: 9}\n"

#define SWEEP                                   \
    "sweep:\n"                                  \
    "  replications: 2\n"                       \
    "  vary:\n"                                 \
    "    links.wan.both.loss.p: [0, 5%, 0.2]\n" \
    "    links.wan.both.delay.time: [10ms, 2s]\n"

struct fixture {
    char folder[64], yaml[96], db[96];
    struct options options;
    struct scenario_file file;
    struct results results;
};

static void load(struct fixture *f, const char *text)
{
    FILE *out = fopen(f->yaml, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    fputs(text, out);
    fclose(out);
    CU_ASSERT_EQUAL_FATAL(scenario_file_load(&f->file, f->yaml, &f->options), STATUS_DONE);
}

static void open_fixture(struct fixture *f)
{
    *f = (struct fixture){.folder = "/tmp/synfin-results-XXXXXX"};
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(f->folder));
    snprintf(f->yaml, sizeof f->yaml, "%s/s.yaml", f->folder);
    snprintf(f->db, sizeof f->db, "%s/r.db", f->folder);
    load(f, SCENARIO SWEEP);
    CU_ASSERT_EQUAL_FATAL(results_begin(&f->results, f->db, &f->file, 1), STATUS_DONE);
}

static void close_fixture(struct fixture *f)
{
    results_close(&f->results);
    scenario_file_free(&f->file);
    unlink(f->yaml);
    unlink(f->db);
    CU_ASSERT_EQUAL(rmdir(f->folder), 0); /* nothing else was left there */
}

/* Another file takes the place of the fixture's; the same database. */
static int begin_again(struct fixture *f, const char *text, uint64_t seed)
{
    results_close(&f->results);
    scenario_file_free(&f->file);
    load(f, text);
    struct capture quiet;
    capture_begin(&quiet);
    int status = results_begin(&f->results, f->db, &f->file, seed);
    capture_end(&quiet, NULL, 0);
    return status;
}

/* Rows of made-up results with set-up times that differ by run. */
static struct rows make_rows(struct fixture *f, size_t point, uint32_t replication, struct synfin_statistic *setup)
{
    struct rows rows = {.point = point, .replication = replication, .wall_s = 0.25};
    struct synfin_scenario *scenario = scenario_file_scenario(&f->file, point);
    struct made_results made;
    made_open(&made);
    for (int i = 0; i < 100; i++)
        synfin_statistic_add(made.results.total.metric[SYNFIN_SETUP],
                             (synfin_time)(point + 1) * 1000003 * (i + 1) + (synfin_time)replication * 77777);
    if (setup)
        synfin_statistic_merge(setup, made.results.total.metric[SYNFIN_SETUP]);
    CU_ASSERT_EQUAL_FATAL(rows_fill(&rows, scenario, &made.results), 0);
    made_close(&made);
    synfin_scenario_free(scenario);
    return rows;
}

static void put(struct fixture *f, size_t point, uint32_t replication, struct synfin_statistic *setup)
{
    struct rows rows = make_rows(f, point, replication, setup);
    CU_ASSERT_EQUAL(results_put(&f->results, &rows), 0);
    rows_free(&rows);
}

/* The one text that a query gives. */
static const char *ask(struct fixture *f, const char *sql)
{
    static char text[256];
    sqlite3_stmt *s = results_prepare(&f->results, sql);
    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    bool row = sqlite3_step(s) == SQLITE_ROW && sqlite3_column_text(s, 0);
    snprintf(text, sizeof text, "%s", row ? (const char *)sqlite3_column_text(s, 0) : "nothing");
    sqlite3_finalize(s);
    return text;
}

/* ---- Histograms as bytes ----------------------------------------------------------------------------------------- */

static bool same_statistic(const struct synfin_statistic *a, const struct synfin_statistic *b)
{
    uint64_t sums[2][4];
    struct synfin_bin x, y;
    size_t i = 0, j = 0;
    bool more = true;
    synfin_statistic_sums(a, sums[0], sums[0] + 2);
    synfin_statistic_sums(b, sums[1], sums[1] + 2);
    while (more) {
        more = synfin_statistic_next(a, &i, &x);
        if (more != synfin_statistic_next(b, &j, &y))
            return false;
        if (more && (x.low != y.low || x.width != y.width || x.count != y.count || x.excess != y.excess))
            return false;
    }
    return memcmp(sums[0], sums[1], sizeof sums[0]) == 0 && synfin_statistic_count(a) == synfin_statistic_count(b) &&
           synfin_statistic_min(a) == synfin_statistic_min(b) && synfin_statistic_max(a) == synfin_statistic_max(b);
}

static void test_round_trip(void)
{
    uint64_t x = 1;
    for (int trial = 0; trial < 50; trial++) {
        struct synfin_statistic *s = synfin_statistic_new(), *back = synfin_statistic_new();
        for (int i = 0; i < trial * trial; i++) {
            x = x * 6364136223846793005u + 1442695040888963407u;
            synfin_statistic_add(s, (synfin_time)(x >> (1 + x % 60)));
        }
        size_t size;
        unsigned char *bytes = rows_encode(s, &size);
        struct synfin_bin *bins = calloc(size / 4 + 1, sizeof *bins);
        ptrdiff_t n = rows_decode(bytes, size, bins, size / 4 + 1);
        uint64_t sum[2], squares[2];
        synfin_statistic_sums(s, sum, squares);
        CU_ASSERT_FATAL(n >= 0);
        CU_ASSERT_EQUAL(synfin_statistic_restore(back, bins, (size_t)n, synfin_statistic_min(s),
                                                 synfin_statistic_max(s), sum, squares),
                        0);
        CU_ASSERT(same_statistic(s, back));
        free(bins);
        free(bytes);
        synfin_statistic_free(s);
        synfin_statistic_free(back);
    }
}

/* As the schema describes it: gap, logarithm of the width, count, excess. */
static void test_bytes(void)
{
    const unsigned char zero_and_three[] = {0, 0, 1, 0, 2, 0, 1, 0};
    struct synfin_statistic *s = synfin_statistic_new();
    size_t size;
    synfin_statistic_add(s, 0);
    synfin_statistic_add(s, 3);
    unsigned char *bytes = rows_encode(s, &size);
    CU_ASSERT_EQUAL_FATAL(size, sizeof zero_and_three);
    CU_ASSERT_EQUAL(memcmp(bytes, zero_and_three, size), 0);
    free(bytes);
    synfin_statistic_free(s);
}

static void test_damaged_bytes(void)
{
    static const struct {
        const char *bytes;
        size_t size;
    } damaged[] = {
        {"\0\0\1", 3},                                             /* a number is missing */
        {"\0\0\1\x80", 4},                                         /* ends within a number */
        {"\0\x3f\1\0", 4},                                         /* wider than time */
        {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f\0\1\0", 13},    /* beyond 64 bits */
        {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\0\1\0", 13},    /* beyond the greatest instant */
    };
    struct synfin_bin bins[8];
    for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++)
        CU_ASSERT_EQUAL(rows_decode((const unsigned char *)damaged[i].bytes, damaged[i].size, bins, 8), -1);
    CU_ASSERT_EQUAL(rows_decode((const unsigned char *)"\0\0\1\0\0\0\1\0", 8, bins, 1), -1);
    CU_ASSERT_EQUAL(rows_decode((const unsigned char *)"\0\0\1\0\0\0\1\0", 8, bins, 2), 2);
    CU_ASSERT_EQUAL(rows_decode((const unsigned char *)"", 0, bins, 2), 0);
}

/* ---- What a run leaves ------------------------------------------------------------------------------------------- */

static void test_pooled(void)
{
    struct fixture f;
    struct synfin_statistic *expected = synfin_statistic_new(), *pooled = synfin_statistic_new();
    open_fixture(&f);
    put(&f, 4, 0, expected);
    put(&f, 4, 1, expected);
    put(&f, 3, 0, NULL);
    CU_ASSERT_EQUAL(results_pool(&f.results, 4, RESULTS_EVERY, ROWS_ALL, SYNFIN_SETUP, pooled), 0);
    CU_ASSERT(same_statistic(expected, pooled));
    CU_ASSERT_EQUAL(results_done(&f.results, 4, RESULTS_EVERY), 2);
    CU_ASSERT_EQUAL(results_done(&f.results, 5, RESULTS_EVERY), 0);
    close_fixture(&f);
    synfin_statistic_free(expected);
    synfin_statistic_free(pooled);
}

static void test_values(void)
{
    struct fixture f;
    double *values;
    size_t n;
    open_fixture(&f);
    put(&f, 0, 1, NULL);
    put(&f, 0, 0, NULL);
    CU_ASSERT_EQUAL_FATAL(results_values(&f.results, 0, ROWS_ALL, -1, "links.wan.backward.max_queue", &values, &n), 0);
    CU_ASSERT_EQUAL(n, 2);
    CU_ASSERT_EQUAL(values[0], 4015); /* as made_counts numbers them */
    free(values);
    CU_ASSERT_EQUAL_FATAL(results_values(&f.results, 0, "bulk-2", SYNFIN_SETUP, "max", &values, &n), 0);
    CU_ASSERT_EQUAL(n, 2);
    CU_ASSERT_DOUBLE_EQUAL(values[0], 1020.003, 1e-9);
    free(values);
    /* By number of the replication, however they came. */
    CU_ASSERT_EQUAL_FATAL(results_values(&f.results, 0, ROWS_ALL, SYNFIN_SETUP, "p50", &values, &n), 0);
    CU_ASSERT(values[0] < values[1]);
    free(values);
    CU_ASSERT_STRING_EQUAL(ask(&f, "SELECT value FROM counts WHERE name = 'workloads.churn.connections.opened' AND"
                                   " point = 0 AND replication = 1"), "2000");
    CU_ASSERT_STRING_EQUAL(ask(&f, "SELECT count(*) FROM metrics WHERE metric = 'transfer'"), "0");
    close_fixture(&f);
}

/* Sums beyond 2^63 - 1 are kept to the last digit, as text. */
static void test_large_sums(void)
{
    struct fixture f;
    struct synfin_statistic *pooled = synfin_statistic_new();
    uint64_t sum[2], squares[2];
    open_fixture(&f);
    struct rows rows = {.point = 0};
    struct synfin_scenario *scenario = scenario_file_scenario(&f.file, 0);
    struct made_results made;
    made_open(&made);
    synfin_statistic_add(made.results.total.metric[SYNFIN_SETUP], INT64_C(4000000000000000001));
    CU_ASSERT_EQUAL_FATAL(rows_fill(&rows, scenario, &made.results), 0);
    CU_ASSERT_EQUAL(results_put(&f.results, &rows), 0);
    CU_ASSERT_STRING_EQUAL(ask(&f, "SELECT typeof(sum_ns) || typeof(sum_squares_ns2) FROM metrics"
                                   " WHERE workload = '*' AND metric = 'setup'"),
                           "integertext");
    CU_ASSERT_EQUAL(results_pool(&f.results, 0, RESULTS_EVERY, ROWS_ALL, SYNFIN_SETUP, pooled), 0);
    synfin_statistic_sums(pooled, sum, squares);
    uint64_t wanted[4];
    synfin_statistic_sums(made.results.total.metric[SYNFIN_SETUP], wanted, wanted + 2);
    CU_ASSERT_EQUAL(memcmp(sum, wanted, sizeof sum), 0);
    CU_ASSERT_EQUAL(memcmp(squares, wanted + 2, sizeof squares), 0);
    made_close(&made);
    rows_free(&rows);
    synfin_scenario_free(scenario);
    synfin_statistic_free(pooled);
    close_fixture(&f);
}

static void count_bad(void *user, size_t point, uint32_t replication, const char *failure, const char *expectation,
                      double found)
{
    char *text = user;
    (void)found;
    snprintf(text, 128, "%zu %lu %s %s", point, (unsigned long)replication, failure ? failure : "-",
             expectation ? expectation : "-");
}

/* A failed run is no run that is there; it is replaced by one that went well. */
static void test_failed_run(void)
{
    struct fixture f;
    char bad[128] = "";
    open_fixture(&f);
    struct rows rows = {.point = 2, .replication = 1, .failure = strdup("it crashed")};
    CU_ASSERT_EQUAL(results_put(&f.results, &rows), 0);
    rows_free(&rows);
    CU_ASSERT_EQUAL(results_has(&f.results, 2, 1), 0);
    CU_ASSERT_EQUAL(results_bad(&f.results, count_bad, bad), 0);
    CU_ASSERT_STRING_EQUAL(bad, "2 1 it crashed -");
    put(&f, 2, 1, NULL);
    bad[0] = '\0';
    CU_ASSERT_EQUAL(results_has(&f.results, 2, 1), 1);
    CU_ASSERT_EQUAL(results_bad(&f.results, count_bad, bad), 0);
    CU_ASSERT_STRING_EQUAL(bad, "");
    close_fixture(&f);
}

static void test_expectations(void)
{
    struct fixture f;
    char bad[128] = "";
    size_t unjudged;
    open_fixture(&f);
    struct rows rows = make_rows(&f, 1, 0, NULL);
    rows.expectation = calloc(2, sizeof *rows.expectation);
    rows.expectations = 2;
    rows.expectation[0] = (struct rows_expectation){strdup("setup.p50 == 20ms"), true, 20};
    rows.expectation[1] = (struct rows_expectation){strdup("setup.p50 == 30ms"), false, 20};
    CU_ASSERT_EQUAL(results_put(&f.results, &rows), 0);
    rows_free(&rows);
    CU_ASSERT_EQUAL(results_bad(&f.results, count_bad, bad), 0);
    CU_ASSERT_STRING_EQUAL(bad, "1 0 - setup.p50 == 30ms");
    CU_ASSERT_EQUAL(results_unjudged(&f.results, "setup.p50 == 20ms", &unjudged), 0);
    CU_ASSERT_EQUAL(unjudged, 0);
    CU_ASSERT_EQUAL(results_unjudged(&f.results, "setup.p50 == 40ms", &unjudged), 0);
    CU_ASSERT_EQUAL(unjudged, 1);
    close_fixture(&f);
}

/* A run that does not fit leaves nothing of itself. */
static void test_transaction(void)
{
    struct fixture f;
    open_fixture(&f);
    struct rows rows = make_rows(&f, 1, 0, NULL);
    CU_ASSERT_FATAL(rows.metrics > 1);
    rows.metric[rows.metrics - 1].metric = rows.metric[rows.metrics - 2].metric; /* the same row twice */
    struct capture quiet;
    capture_begin(&quiet);
    CU_ASSERT_EQUAL(results_put(&f.results, &rows), -1);
    capture_end(&quiet, NULL, 0);
    rows_free(&rows);
    CU_ASSERT_EQUAL(results_has(&f.results, 1, 0), 0);
    CU_ASSERT_STRING_EQUAL(ask(&f, "SELECT count(*) FROM metrics"), "0");
    close_fixture(&f);
}

/* One run whose connections met each other is enough for a point to be without binomial intervals. */
static void test_independent(void)
{
    struct fixture f;
    open_fixture(&f);
    for (uint32_t i = 0; i < 3; i++) {
        struct rows rows = make_rows(&f, i % 2, i, NULL);
        rows.independent = i < 2;
        CU_ASSERT_EQUAL(results_put(&f.results, &rows), 0);
        rows_free(&rows);
    }
    CU_ASSERT_FALSE(results_independent(&f.results, 0, RESULTS_EVERY)); /* runs 0 and 2 */
    CU_ASSERT(results_independent(&f.results, 1, RESULTS_EVERY));       /* run 1 */
    CU_ASSERT_FALSE(results_independent(&f.results, 2, RESULTS_EVERY)); /* none */
    close_fixture(&f);
}

/* Models with memory, applications that accept one after the other, Fast Open's cookies, and want of room at a listener,
   in TIME-WAIT or among the ports make connections depend on each other. */
static void test_what_is_independent(void)
{
    struct fixture f;
    open_fixture(&f);
    struct synfin_scenario *scenario = scenario_file_scenario(&f.file, 0);
    struct made_results made;
    made_open(&made);
    const struct {
        bool queues, fast_open;
        size_t crowded;
        uint64_t overflow, no_port;
        bool independent;
    } cases[] = {{false, false, 0, 0, 0, true},  {true, false, 0, 0, 0, false}, {false, true, 0, 0, 0, false},
                 {false, false, 1, 0, 0, false}, {false, false, 0, 1, 0, false}, {false, false, 0, 0, 1, false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct rows rows = {0};
        scenario->host[1].listener[0].queues = cases[i].queues;
        scenario->workload[0].fast_open = cases[i].fast_open;
        made.results.crowded = cases[i].crowded;
        made.results.total.connections.time_wait_overflow = cases[i].overflow;
        made.results.total.connections.failed[SYNFIN_NO_PORT] = cases[i].no_port;
        CU_ASSERT_EQUAL(rows_fill(&rows, scenario, &made.results), 0);
        CU_ASSERT_EQUAL(rows.independent, cases[i].independent);
        rows_free(&rows);
    }
    synfin_scenario_free(scenario);
    made_close(&made);
    results_close(&f.results);
    unlink(f.db);
    scenario_file_free(&f.file);
    load(&f, SCENARIO "sweep: {vary: {links.wan.forward.loss.model: [periodic], links.wan.forward.loss.every: [3]}}\n");
    CU_ASSERT_EQUAL(results_begin(&f.results, f.db, &f.file, 1), STATUS_DONE);
    scenario = scenario_file_scenario(&f.file, 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(scenario);
    made_open(&made);
    made.results.total.connections.time_wait_overflow = 0;
    made.results.total.connections.failed[SYNFIN_NO_PORT] = 0;
    struct rows rows = {0};
    CU_ASSERT_EQUAL(rows_fill(&rows, scenario, &made.results), 0);
    CU_ASSERT_FALSE(rows.independent);
    rows_free(&rows);
    synfin_scenario_free(scenario);
    made_close(&made);
    close_fixture(&f);
}

/* ---- Views ------------------------------------------------------------------------------------------------------- */

/* The parameters are columns, numbers in one unit; the interval is Student's. */
static void test_views(void)
{
    struct fixture f;
    double *means, half;
    size_t n;
    open_fixture(&f);
    put(&f, 3, 0, NULL); /* loss 5 %, delay 2 s */
    put(&f, 3, 1, NULL);
    CU_ASSERT_STRING_EQUAL(ask(&f, "SELECT \"links.wan.both.loss.p_percent\" || ' ' || \"links.wan.both.delay.time_ms\""
                                   " FROM points WHERE metric = 'setup' AND workload = '*'"),
                           "5.0 2000.0");
    CU_ASSERT_EQUAL_FATAL(results_values(&f.results, 3, ROWS_ALL, SYNFIN_SETUP, "mean", &means, &n), 0);
    half = 12.7062 * fabs(means[1] - means[0]) / 2; /* t with one degree of freedom, sd / sqrt(2) */
    CU_ASSERT_DOUBLE_EQUAL(
        strtod(ask(&f, "SELECT mean_ms FROM points WHERE metric = 'setup' AND workload = '*'"), NULL),
        (means[0] + means[1]) / 2, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(
        strtod(ask(&f, "SELECT mean_high_ms - mean_ms FROM points WHERE metric = 'setup' AND workload = '*'"), NULL),
        half, half * 1e-5);
    free(means);
    CU_ASSERT_STRING_EQUAL(ask(&f, "SELECT count(*) FROM quantiles WHERE metric = 'setup' AND workload = '*'"), "4");
    CU_ASSERT_STRING_EQUAL(ask(&f, "SELECT quantile = 0.5 AND low_ms < value_ms AND value_ms < high_ms FROM quantiles"
                                   " WHERE metric = 'setup' AND workload = '*' ORDER BY quantile"),
                           "1");
    close_fixture(&f);
}

/* ---- Whose database it is ---------------------------------------------------------------------------------------- */

/* Comments, plots, and the number of replications may change; runs stay. */
static void test_goes_on(void)
{
    struct fixture f;
    open_fixture(&f);
    put(&f, 2, 0, NULL);
    CU_ASSERT_EQUAL(
        begin_again(&f, "# more\n" SCENARIO SWEEP "plots: [{kind: miss, metric: setup, title: a title}]\n", 1),
        STATUS_DONE);
    CU_ASSERT_EQUAL(results_has(&f.results, 2, 0), 1);
    CU_ASSERT_STRING_EQUAL(ask(&f, "SELECT kind || ', ' || title FROM plots"), "miss, a title");
    CU_ASSERT_STRING_EQUAL(ask(&f, "SELECT substr(value, 1, 6) FROM meta WHERE key = 'scenario'"), "# more");
    close_fixture(&f);
}

static void test_refuses(void)
{
    static const char *const others[] = {
        "seed: 1\n" SCENARIO,          /* no sweep */
        SCENARIO "series: 1s\n" SWEEP, /* a setting more */
        SCENARIO
        "sweep: {replications: 2, vary: {links.wan.both.loss.p: [0, 5%, 0.2, 1, 0.5, 0.6]}}\n", /* as many points */
        SCENARIO "sweep: {random: independent, vary: {links.wan.both.loss.p: [0, 5%, 0.2],"
                 " links.wan.both.delay.time: [10ms, 2s]}}\n",
        SCENARIO "sweep: {vary: {links.wan.both.loss.p: [0, 5%, 0.2], links.wan.both.delay.time: [10ms, 2001ms]}}\n",
    };
    struct fixture f;
    open_fixture(&f);
    put(&f, 2, 0, NULL);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        CU_ASSERT_EQUAL(begin_again(&f, others[i], 1), STATUS_USAGE);
    CU_ASSERT_EQUAL(begin_again(&f, SCENARIO SWEEP, 2), STATUS_USAGE); /* another seed */
    CU_ASSERT_EQUAL(begin_again(&f, SCENARIO SWEEP, 1), STATUS_DONE);
    CU_ASSERT_EQUAL(results_has(&f.results, 2, 0), 1);
    close_fixture(&f);
}

/* ---- Parameters and digests -------------------------------------------------------------------------------------- */

static void test_parameters(void)
{
    struct fixture f;
    open_fixture(&f);
    CU_ASSERT_EQUAL(parameter_count(&f.file), 2);
    CU_ASSERT_STRING_EQUAL(parameter_unit(&f.file, 0), "%"); /* 0 and 0.2 are percentages where 5% is one */
    CU_ASSERT_STRING_EQUAL(parameter_unit(&f.file, 1), "ms");
    CU_ASSERT_STRING_EQUAL(parameter_text(&f.file, 0, 5), "0.2"); /* the first axis varies slowest */
    CU_ASSERT_STRING_EQUAL(parameter_text(&f.file, 1, 5), "2s");
    CU_ASSERT_DOUBLE_EQUAL(parameter_value("0.2", "%"), 20, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(parameter_value("2s", "ms"), 2000, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(parameter_value("250us", "ms"), 0.25, 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(parameter_value("64KiB", "bytes"), 65536, 0);
    CU_ASSERT_DOUBLE_EQUAL(parameter_value("1.5Gbit/s", "bit/s"), 1.5e9, 0);
    CU_ASSERT(parameter_same("1%", "0.01") && parameter_same("0.07", "7%") && parameter_same("1s", "1000ms"));
    CU_ASSERT(parameter_same("0", "0%") && parameter_same("0ms", "0") && parameter_same("linux", "linux"));
    CU_ASSERT(parameter_same("1KB", "1000B") && parameter_same("1e3", "1000") && parameter_same("0.3us", "300ns"));
    CU_ASSERT(!parameter_same("1%", "1") && !parameter_same("1ms", "1s") && !parameter_same("1ms", "1B"));
    CU_ASSERT(!parameter_same("linux", "rfc9293") && !parameter_same("0", "none"));
    CU_ASSERT(!parameter_same("1000000001ns", "1s"));
    CU_ASSERT(isnan(parameter_value("linux", "")));
    CU_ASSERT(isnan(parameter_value("inf", "")));
    close_fixture(&f);
}

/* FIPS 180-4's examples, and lengths around the padding's border. */
static void test_sha256(void)
{
    char hex[65], text[200];
    sha256_hex("", 0, hex);
    CU_ASSERT_STRING_EQUAL(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    sha256_hex("abc", 3, hex);
    CU_ASSERT_STRING_EQUAL(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56, hex);
    CU_ASSERT_STRING_EQUAL(hex, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    memset(text, 'a', sizeof text);
    sha256_hex(text, 55, hex);
    CU_ASSERT_STRING_EQUAL(hex, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318");
    sha256_hex(text, 64, hex);
    CU_ASSERT_STRING_EQUAL(hex, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb");
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"a histogram as bytes and back", test_round_trip},
        {"the bytes are as described", test_bytes},
        {"damaged bytes are refused", test_damaged_bytes},
        {"replications of a point together", test_pooled},
        {"numbers of each replication", test_values},
        {"sums beyond 63 bits", test_large_sums},
        {"a failed run is replaced", test_failed_run},
        {"expectations that do not hold", test_expectations},
        {"a run in one transaction", test_transaction},
        {"whether the connections of a point are independent", test_independent},
        {"what makes connections depend on each other", test_what_is_independent},
        {"views for people", test_views},
        {"what may change while a sweep goes on", test_goes_on},
        {"another sweep's database is refused", test_refuses},
        {"parameters as numbers", test_parameters},
        {"SHA-256", test_sha256},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "test_results", cases);
}
