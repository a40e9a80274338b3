/* SPDX-License-Identifier: BSD-2-Clause */
/* Comparisons of sweeps held in memory: pairs of points and runs, verdicts, false alarms over many pairs of sweeps. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "made_sweep.h"
#include "suite.h"

/* ---- Sweeps ------------------------------------------------------------------------------------------------------ */

#define OF_LOSS(p)                                                                                                     \
    "name: made up\n"                                                                                                  \
    "hosts: {client: {addresses: 16, tcp: {syn_retries: 1}}, server: {listen: {port: 80, backlog: 4096}}}\n"           \
    "links: {wan: {both: {delay: {model: constant, time: 10ms}, loss: {model: bernoulli, p: " p "}}}}\n"               \
    "workloads: {churn: {from: client, to: server, over: wan, arrivals: {model: poisson, rate: 1000/s},"               \
    " connections: 100}}\n"
#define SCENARIO OF_LOSS("1%")

/* The replications from `first` up to `end` of all points, and no others. */
static void fill_side(struct compare_side *side, const struct made_sweep *s, uint64_t seed, uint32_t first, uint32_t end)
{
    made_sweep_clear(&side->results);
    for (size_t point = 0; point < side->results.points; point++) {
        struct synfin_scenario *scenario = scenario_file_scenario(&s->file, point);
        scenario->seed = seed * 100 + point; /* points with numbers of their own alarm apart from each other */
        for (uint32_t replication = first; replication < end; replication++)
            made_sweep_run(&side->results, scenario, point, replication);
        synfin_scenario_free(scenario);
    }
}

static void open_side(struct compare_side *side, const struct made_sweep *s, uint64_t seed, uint32_t first, uint32_t end)
{
    *side = (struct compare_side){.word = "side", .common = !s->file.independent};
    made_sweep_begin(&side->results, s, seed);
    side->seed = results_meta(&side->results, "seed");
    side->point = calloc(side->results.points, sizeof *side->point);
    while (side->points < side->results.points) {
        side->point[side->points] = side->points;
        side->points++;
    }
    fill_side(side, s, seed, first, end);
}

/* Compares what is listed, run by run or not. */
static void compare_as(struct compare *c, const char *const *names, bool paired)
{
    char error[256];
    c->item = calloc(8, sizeof *c->item);
    for (; *names; names++)
        CU_ASSERT_EQUAL_FATAL(quantity_parse(&c->item[c->items++].of, *names, error, sizeof error), 0);
    c->paired = paired;
    CU_ASSERT_EQUAL_FATAL(compare_match(c->side, &c->pairs), STATUS_DONE);
    CU_ASSERT_EQUAL_FATAL(compare_measure(c), 0);
}

static void compare_sides(struct compare *c, const char *const *names)
{
    compare_as(c, names, strcmp(c->side[0].seed, c->side[1].seed) == 0);
}

/* All but the sides. */
static void forget(struct compare *c)
{
    compare_pairs_free(&c->pairs);
    free(c->item);
    free(c->line);
    c->item = NULL;
    c->line = NULL;
    c->items = c->lines = c->comparisons = 0;
}

static void close_compare(struct compare *c)
{
    forget(c);
    compare_side_close(&c->side[0]);
    compare_side_close(&c->side[1]);
}

static size_t shown(const struct compare *c)
{
    size_t n = 0;
    for (size_t i = 0; i < c->lines; i++)
        n += c->line[i].shown;
    return n;
}

#define LOSSES(a, b) "sweep: {vary: {links.wan.both.loss.p: [" a ", " b "]}}\n"
static const char *const usual[] = {"setup", "setup.p99", "lifetime", "connections.failed.timeout", NULL};

/* ---- Verdicts ---------------------------------------------------------------------------------------------------- */

/* The same runs differ by exactly nothing. */
static void test_identical(void)
{
    struct made_sweep s;
    struct compare c = {0};
    made_sweep_load(&s, SCENARIO, LOSSES("1%", "20%"));
    open_side(&c.side[0], &s, 1, 0, 4);
    open_side(&c.side[1], &s, 1, 0, 4);
    compare_sides(&c, usual);
    CU_ASSERT_EQUAL(c.lines, 8);
    CU_ASSERT_EQUAL(c.comparisons, 8);
    CU_ASSERT_EQUAL(shown(&c), 0);
    for (size_t i = 0; i < c.lines; i++) {
        const struct compare_line *line = &c.line[i];
        CU_ASSERT(!(fabs(line->test.difference) > 0));
        CU_ASSERT_DOUBLE_EQUAL(line->adjusted, 1, 0);
        CU_ASSERT_EQUAL(line->replications[0], 4);
        CU_ASSERT(!(line->distance > 0));
        CU_ASSERT_EQUAL(line->distributions, strcmp(line->item->of.label, "setup") == 0 || line->item->of.label[0] == 'l');
    }
    close_compare(&c);
    made_sweep_free(&s);
}

/* What loss does is found, in the mean, in the distribution and in the failures. */
static void test_different(void)
{
    struct made_sweep a, b;
    struct compare c = {0};
    made_sweep_load(&a, SCENARIO, LOSSES("1%", "2%"));
    made_sweep_load(&b, SCENARIO, LOSSES("30%", "40%"));
    open_side(&c.side[0], &a, 1, 0, 5);
    open_side(&c.side[1], &b, 2, 0, 5);
    for (int k = 0; k < 2; k++)
        c.side[k].points = 1;
    struct compare_condition fixed = {0, strdup("links.wan.both.loss.p"), strdup("1%")};
    c.side[0].condition = calloc(1, sizeof fixed);
    c.side[0].condition[0] = fixed;
    c.side[0].conditions = 1;
    compare_sides(&c, usual);
    CU_ASSERT_EQUAL(c.lines, 4);
    CU_ASSERT_EQUAL(shown(&c), 4);
    for (size_t i = 0; i < c.lines; i++)
        CU_ASSERT(c.line[i].test.difference > 0);
    CU_ASSERT(c.line[0].distance > 0.3 && c.line[0].distance_p < 0.001);
    CU_ASSERT(compare_share(&c.line[0].test) > 1); /* more than twice A */
    close_compare(&c);
    made_sweep_free(&a);
    made_sweep_free(&b);
}

/* Common random numbers show a difference that runs of their own numbers hide. */
static void test_common_numbers(void)
{
    static const char *const mean[] = {"setup", NULL};
    struct made_sweep a, b;
    made_sweep_load(&a, SCENARIO, LOSSES("5%", "6%"));
    made_sweep_load(&b, SCENARIO, "sweep: {vary: {links.wan.both.loss.p: [5%, 6%], links.wan.both.delay.time: [11ms]}}\n");
    for (uint64_t seed = 1; seed <= 2; seed++) {
        struct compare c = {0};
        open_side(&c.side[0], &a, 1, 0, 5);
        open_side(&c.side[1], &b, seed, 0, 5);
        struct compare_condition fixed = {1, strdup("links.wan.both.delay.time"), strdup("11ms")};
        c.side[1].condition = calloc(1, sizeof fixed);
        c.side[1].condition[0] = fixed;
        c.side[1].conditions = 1;
        compare_sides(&c, mean);
        CU_ASSERT_EQUAL(c.lines, 2);
        CU_ASSERT_EQUAL(shown(&c), seed == 1 ? 2 : 0);
        close_compare(&c);
    }
    made_sweep_free(&a);
    made_sweep_free(&b);
}

/* Replications are paired by number, whatever else is there. */
static void test_replications_by_number(void)
{
    static const char *const names[] = {"setup", "connections.opened", NULL};
    struct made_sweep s;
    struct compare c = {0};
    made_sweep_load(&s, SCENARIO, LOSSES("10%", "20%"));
    open_side(&c.side[0], &s, 1, 0, 5);
    open_side(&c.side[1], &s, 1, 2, 9);
    compare_sides(&c, names);
    CU_ASSERT_EQUAL(c.lines, 4);
    for (size_t i = 0; i < c.lines; i++) {
        CU_ASSERT_EQUAL(c.line[i].replications[0], 3);
        CU_ASSERT_EQUAL(c.line[i].replications[1], 3);
        CU_ASSERT(!(fabs(c.line[i].test.difference) > 0));
    }
    close_compare(&c);
    made_sweep_free(&s);
}

static void test_one_replication(void)
{
    struct made_sweep s;
    struct compare c = {0};
    made_sweep_load(&s, SCENARIO, LOSSES("1%", "50%"));
    open_side(&c.side[0], &s, 1, 0, 1);
    open_side(&c.side[1], &s, 2, 0, 1);
    compare_sides(&c, usual);
    CU_ASSERT_EQUAL(c.comparisons, 0);
    CU_ASSERT_EQUAL(shown(&c), 0);
    CU_ASSERT(fabs(c.line[0].test.difference) > 0);
    close_compare(&c);
    made_sweep_free(&s);
}

/* A metric that one side does not have is no difference. */
static void test_without_values(void)
{
    static const char *const names[] = {"setup", "connections.established", NULL};
    struct made_sweep s;
    struct compare c = {0};
    made_sweep_load(&s, SCENARIO, "sweep: {vary: {links.wan.both.loss.p: [0, 100%]}}\n");
    open_side(&c.side[0], &s, 1, 0, 2);
    open_side(&c.side[1], &s, 1, 0, 2);
    c.side[0].condition = calloc(1, sizeof *c.side[0].condition);
    c.side[0].condition[0] = (struct compare_condition){0, strdup("links.wan.both.loss.p"), strdup("0")};
    c.side[0].conditions = 1;
    c.side[0].points = c.side[1].points = 1;
    c.side[1].point[0] = 1;
    compare_sides(&c, names);
    CU_ASSERT_EQUAL_FATAL(c.lines, 2);
    CU_ASSERT(isnan(c.line[0].test.difference) && isnan(c.line[0].test.mean[1]) && !c.line[0].shown);
    CU_ASSERT_DOUBLE_EQUAL(c.line[0].test.mean[0], 20, 0);
    CU_ASSERT_DOUBLE_EQUAL(c.line[1].test.difference, -100, 0);
    close_compare(&c);
    made_sweep_free(&s);
}

/* ---- Points ------------------------------------------------------------------------------------------------------ */

/* By value, however it is written and in whatever order it is swept; a setting of one side is the other's parameter. */
static void test_matching(void)
{
    static const struct {
        const char *sweep[2];
        size_t pairs, alone[2];
        size_t first[2]; /* the pair of A's first point */
    } cases[] = {
        {{LOSSES("1%", "5%"), LOSSES("0.05", "0.01")}, 2, {0, 0}, {0, 1}},
        {{LOSSES("1%", "5%"), LOSSES("5%", "9%")}, 1, {1, 1}, {1, 0}},
        {{LOSSES("1%", "5%"), ""}, 1, {1, 0}, {0, 0}},
        {{"", LOSSES("3%", "1.0%")}, 1, {0, 1}, {0, 1}},
        {{"sweep: {vary: {links.wan.both.loss.p: [1%], links.wan.both.delay.time: [10ms, 1s]}}\n",
          "sweep: {vary: {links.wan.both.delay.time: [1000ms, 2s], links.wan.both.loss.p: [1%, 2%]}}\n"},
         1, {1, 3}, {1, 0}},
        {{"sweep: {vary: {hosts.client.profile: [linux, rfc9293]}}\n",
          "sweep: {vary: {hosts.client.profile: [rfc9293]}}\n"}, 1, {1, 0}, {1, 0}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct made_sweep s[2];
        struct compare_side sides[2];
        struct compare_pairs pairs;
        for (int k = 0; k < 2; k++) {
            made_sweep_load(&s[k], SCENARIO, cases[i].sweep[k]);
            open_side(&sides[k], &s[k], 1, 0, 0);
        }
        CU_ASSERT_EQUAL_FATAL(compare_match(sides, &pairs), STATUS_DONE);
        CU_ASSERT_EQUAL(pairs.pairs, cases[i].pairs);
        CU_ASSERT_EQUAL(pairs.pair[0][0], cases[i].first[0]);
        CU_ASSERT_EQUAL(pairs.pair[0][1], cases[i].first[1]);
        for (int k = 0; k < 2; k++) {
            CU_ASSERT_EQUAL(pairs.alone[k], cases[i].alone[k]);
            compare_side_close(&sides[k]);
            made_sweep_free(&s[k]);
        }
        compare_pairs_free(&pairs);
    }
}

/* ---- Names and limits -------------------------------------------------------------------------------------------- */

static void test_items(void)
{
    static const struct {
        const char *name, *label, *workload, *of;
        int metric;
    } sound[] = {
        {"setup", "setup", "*", "mean", SYNFIN_SETUP},
        {"setup.mean", "setup", "*", "mean", SYNFIN_SETUP},
        {"close.p999", "close.p999", "*", "p999", SYNFIN_CLOSE},
        {"accept.count", "accept.count", "*", "count", SYNFIN_ACCEPT},
        {"workloads.churn.setup.mean", "workloads.churn.setup", "churn", "mean", SYNFIN_SETUP},
        {"workloads.churn.transfer", "workloads.churn.transfer", "churn", "mean", SYNFIN_TRANSFER},
        {"workloads.churn.connections.open", "workloads.churn.connections.open", "churn",
         "workloads.churn.connections.open", -1},
        {"links.wan.forward.lost", "links.wan.forward.lost", "*", "links.wan.forward.lost", -1},
    };
    static const char *const unsound[] = {"setpu", "setup.max", "setup.sd", "wall_s", "events", "connections", "setup.",
                                          "", "setup == 3", "workloads.churn"};
    struct quantity item;
    char error[256];
    for (size_t i = 0; i < sizeof sound / sizeof sound[0]; i++) {
        CU_ASSERT_EQUAL_FATAL(quantity_parse(&item, sound[i].name, error, sizeof error), 0);
        CU_ASSERT_STRING_EQUAL(item.label, sound[i].label);
        CU_ASSERT_STRING_EQUAL(item.name, sound[i].of);
        CU_ASSERT_EQUAL(item.metric, sound[i].metric);
        if (item.metric >= 0)
            CU_ASSERT_STRING_EQUAL(item.workload, sound[i].workload);
    }
    for (size_t i = 0; i < sizeof unsound / sizeof unsound[0]; i++)
        CU_ASSERT_EQUAL(quantity_parse(&item, unsound[i], error, sizeof error), -1);
}

static void test_limits(void)
{
    static const struct {
        const char *text, *label;
        enum expect_relation relation;
        bool relative;
        double limit;
    } sound[] = {
        {"setup.mean > +2%", "setup", EXPECT_GT, true, 0.02},
        {"setup.p99>=1.5%", "setup.p99", EXPECT_GE, true, 0.015},
        {"setup.p99 < -5ms", "setup.p99", EXPECT_LT, false, -5},
        {"setup.mean > 1s", "setup", EXPECT_GT, false, 1000},
        {"connections.failed.timeout > 0", "connections.failed.timeout", EXPECT_GT, false, 0},
        {"connections.established <= -3.5", "connections.established", EXPECT_LE, false, -3.5},
    };
    static const char *const unsound[] = {"setup.mean", "setup.mean >", "setup.mean == 2%", "setup.mean > fast",
                                          "setup.mean > 5", "connections.open > 5ms", "setup.max > 1%", "setup > 2%",
                                          "setup.mean > --1ms", "setup.mean > nan%", "> 2%"};
    struct compare_limit limit;
    char error[256];
    for (size_t i = 0; i < sizeof sound / sizeof sound[0]; i++) {
        CU_ASSERT_EQUAL_FATAL(compare_limit_parse(&limit, sound[i].text, error, sizeof error), 0);
        CU_ASSERT_STRING_EQUAL(limit.of.label, sound[i].label);
        CU_ASSERT_EQUAL(limit.relation, sound[i].relation);
        CU_ASSERT_EQUAL(limit.relative, sound[i].relative);
        CU_ASSERT_DOUBLE_EQUAL(limit.limit, sound[i].limit, 1e-12);
    }
    for (size_t i = 0; i < sizeof unsound / sizeof unsound[0]; i++)
        CU_ASSERT_EQUAL(compare_limit_parse(&limit, unsound[i], error, sizeof error), -1);
}

/* ---- False alarms and power -------------------------------------------------------------------------------------- */

/* Share of pairs of sweeps, with numbers of their own, in which any difference is shown. */
static double alarms(const struct made_sweep *a, const struct made_sweep *b, uint32_t replications, int sweeps,
                     bool paired)
{
    struct compare c = {0};
    int alarms = 0;
    open_side(&c.side[0], a, 1, 0, 0);
    open_side(&c.side[1], b, 2, 0, 0);
    for (int i = 0; i < sweeps; i++) {
        fill_side(&c.side[0], a, 2 * (uint64_t)i, 0, replications);
        fill_side(&c.side[1], b, 2 * (uint64_t)i + 1, 0, replications);
        forget(&c);
        compare_as(&c, usual, paired);
        alarms += shown(&c) > 0;
    }
    close_compare(&c);
    return (double)alarms / sweeps;
}

/* Of the same scenario: rare losses and common ones, few replications. 5 % and three standard deviations of what so
   many pairs tell. */
static void test_false_alarms(void)
{
    const char *more = getenv("SYNFIN_LONG");
    int sweeps = more && *more ? 2000 : 120;
    double most = 0.05 + 3 * sqrt(0.05 * 0.95 / sweeps);
    struct made_sweep s;
    made_sweep_load(&s, SCENARIO, "sweep: {vary: {links.wan.both.loss.p: [0.5%, 10%, 25%]}}\n");
    CU_ASSERT(alarms(&s, &s, 2, sweeps, true) <= most);
    CU_ASSERT(alarms(&s, &s, 4, sweeps, false) <= most);
    made_sweep_free(&s);
}

/* p of the mean with so many looks of `until` on either side. */
static double with_looks(struct compare *c, bool paired, size_t a, size_t b, const char *of_b)
{
    static const char *const mean[] = {"setup", NULL};
    forget(c);
    for (int k = 0; k < 2; k++) {
        free(c->side[k].replications);
        c->side[k].replications = strdup(k ? of_b : "until setup 2%, min 4, max 10");
        c->side[k].results.looks = k ? b : a;
    }
    compare_as(c, mean, paired);
    CU_ASSERT_DOUBLE_EQUAL(c->line[0].adjusted, fmin(1, c->line[0].test.p * (double)c->looks), 1e-12);
    return (double)c->looks;
}

/* Where intervals decided when to stop, p holds for every number of replications at which it may have been. */
static void test_until(void)
{
    static const char same[] = "until setup 2%, min 4, max 10", other[] = "until setup 2%, min 4, max 20";
    struct made_sweep s;
    struct compare c = {0};
    made_sweep_load(&s, SCENARIO, "");
    open_side(&c.side[0], &s, 1, 0, 4);
    open_side(&c.side[1], &s, 2, 0, 4);
    CU_ASSERT_EQUAL(with_looks(&c, true, 0, 0, same), 1);
    CU_ASSERT_EQUAL(with_looks(&c, true, 3, 3, same), 3);
    CU_ASSERT_EQUAL(with_looks(&c, true, 3, 4, other), 7);
    CU_ASSERT_EQUAL(with_looks(&c, true, 3, 0, "4"), 3);
    CU_ASSERT_EQUAL(with_looks(&c, false, 3, 4, other), 12);
    CU_ASSERT_EQUAL(with_looks(&c, false, 0, 4, other), 4);
    CU_ASSERT(c.line[0].adjusted > c.line[0].test.p);
    close_compare(&c);
    made_sweep_free(&s);
}

/* Twice the loss is found in nearly all of them, by five replications of 100 connections. */
static void test_power(void)
{
    struct made_sweep a, b;
    made_sweep_load(&a, OF_LOSS("10%"), "");
    made_sweep_load(&b, OF_LOSS("20%"), "");
    CU_ASSERT(alarms(&a, &b, 5, 40, false) >= 0.9);
    made_sweep_free(&a);
    made_sweep_free(&b);
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"identical results", test_identical},
        {"different results", test_different},
        {"common random numbers", test_common_numbers},
        {"replications are paired by number", test_replications_by_number},
        {"one replication shows nothing", test_one_replication},
        {"a side without values", test_without_values},
        {"points are matched by their parameters", test_matching},
        {"names of what is compared", test_items},
        {"limits to differences", test_limits},
        {"false alarms of whole comparisons", test_false_alarms},
        {"looks of until are allowed for", test_until},
        {"power of whole comparisons", test_power},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "test_compare", cases);
}
