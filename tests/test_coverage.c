/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Coverage of intervals: over many sweeps, each with a seed of its own, how often does the interval hold what is known
 * from theory? With `until` too, where a sweep ends when its interval happens to be narrow.
 */
#include <math.h>
#include <stdlib.h>

#include "made_sweep.h"
#include "sim_run.h"
#include "suite.h"
#include "theory.h"
#include "two_sample.h"
#include "until.h"

#define SCENARIO(link, connections)                                                                                   \
    "name: made up\n"                                                                                                  \
    "hosts:\n"                                                                                                         \
    "  client: {tcp: {timers: exact}, ports: 40000-40999}\n"                                                           \
    "  server: {tcp: {timers: exact}, listen: {port: 80}}\n"                                                           \
    "links: {wan: {both: " link "}}\n"                                                                                 \
    "workloads: {w: {from: client, to: server, over: wan, arrivals: {model: constant, rate: 100/s},"                   \
    " connections: " connections "}}\n"

static const char lossy[] =
    SCENARIO("{delay: {model: constant, time: 10ms}, loss: {model: bernoulli, p: 1%}}", "100");

/* Sweeps to make, and what shares of them say of a probability: fewer under sanitizers. */
static int sweeps(void)
{
    const char *more = getenv("SYNFIN_LONG");
    return (int)sim_many(1000) * (more && *more ? 10 : 1);
}

/* A share is within `low` and `high`, or as near as so few sweeps can tell. */
static void within(int hits, int of, double low, double high)
{
    double share = (double)hits / of, unsure = of < 1000 ? 3 * sqrt(0.05 * 0.95 / of) : 0;
    if (share < low - unsure || share > high + unsure)
        fprintf(stderr, "%d of %d intervals hold it\n", hits, of);
    CU_ASSERT(share >= low - unsure && share <= high + unsure);
}

static bool holds(const struct interval *i, double value)
{
    return i->low <= value && value <= i->high;
}

/* The exact mean of set-up latency, ms: of steps, as exact timers and fixed delays give. NAN: it is not known. */
static double true_mean(const struct synfin_scenario *scenario)
{
    struct theory t;
    double sum = 0;
    CU_ASSERT_EQUAL_FATAL(theory_of_workload(&t, scenario, 0, 1), 0);
    if (t.unknown[0])
        return (double)NAN;
    for (size_t i = 0; i < t.points; i++)
        sum += (double)t.point[i].time / 1e6 * (t.point[i].after - t.point[i].before);
    sum /= 1 - t.never;
    theory_free(&t);
    return sum;
}

enum { POINTS = 2 };

/* A sweep of one or two points, over and over again. */
struct trials {
    struct made_sweep sweep;
    struct results results;
    struct synfin_scenario *scenario[POINTS];
    double mean[POINTS];
};

static void open_trials(struct trials *t, const char *scenario, const char *sweep)
{
    made_sweep_load(&t->sweep, scenario, sweep);
    made_sweep_begin(&t->results, &t->sweep, 1);
    CU_ASSERT_FATAL(t->results.points <= POINTS);
    for (size_t point = 0; point < t->results.points; point++) {
        t->scenario[point] = scenario_file_scenario(&t->sweep.file, point);
        t->mean[point] = true_mean(t->scenario[point]);
    }
}

static void close_trials(struct trials *t)
{
    for (size_t point = 0; point < t->results.points; point++)
        synfin_scenario_free(t->scenario[point]);
    results_close(&t->results);
    made_sweep_free(&t->sweep);
}

/* Begins the sweep of a seed anew. */
static void begin_trial(struct trials *t, int seed)
{
    made_sweep_clear(&t->results);
    for (size_t point = 0; point < t->results.points; point++)
        t->scenario[point]->seed = (uint64_t)seed;
}

static void run_to(struct trials *t, size_t point, uint32_t first, uint32_t end)
{
    for (uint32_t replication = first; replication < end; replication++)
        made_sweep_run(&t->results, t->scenario[point], point, replication);
}

static void estimate(struct estimate *e, struct trials *t, size_t point, const char *name)
{
    CU_ASSERT_EQUAL_FATAL(estimate_at(e, &t->results, point, RESULTS_EVERY, ROWS_ALL, SYNFIN_SETUP, name), 0);
}

/* ---- Fixed numbers of replications ------------------------------------------------------------------------------- */

/* B - A, run by run: with common random numbers. */
static bool difference_holds(struct trials *t)
{
    static const double no_grain[2] = {0, 0};
    struct interval i = {0, 0};
    double *value[2];
    size_t n[2];
    for (size_t k = 0; k < 2; k++)
        CU_ASSERT_EQUAL_FATAL(results_values(&t->results, k, ROWS_ALL, SYNFIN_SETUP, "mean", &value[k], &n[k]), 0);
    struct two_sample s = two_sample_paired(value[0], value[1], n[0], no_grain);
    CU_ASSERT(n[0] == n[1] && two_sample_interval(&s, INTERVAL_LEVEL, &i));
    free(value[0]);
    free(value[1]);
    return holds(&i, t->mean[1] - t->mean[0]);
}

/* Means by Student's t, and their difference between points. */
static void test_means(void)
{
    struct trials t;
    int hits[POINTS] = {0}, differences = 0;
    open_trials(&t, lossy, "sweep: {replications: 6, vary: {links.wan.both.loss.p: [10%, 20%]}}\n");
    for (int seed = 0; seed < sweeps(); seed++) {
        begin_trial(&t, seed);
        for (size_t point = 0; point < POINTS; point++) {
            struct estimate e;
            run_to(&t, point, 0, 6);
            estimate(&e, &t, point, "mean");
            CU_ASSERT(e.known && !e.binomial);
            hits[point] += holds(&e.interval, t.mean[point]);
        }
        differences += difference_holds(&t);
    }
    for (size_t point = 0; point < POINTS; point++)
        within(hits[point], sweeps(), 0.93, 0.97);
    within(differences, sweeps(), 0.93, 0.97);
    close_trials(&t);
}

/*
 * The sum of two delays, each uniform from 10 to 30 ms: P(sum > x) = (60 ms - x)^2 / (800 ms^2) from 40 ms on. The
 * interval of order statistics holds it with 95 % at least, and little more where values are many.
 */
static void test_quantiles(void)
{
    static const char *const names[] = {"p50", "p90", "p99"};
    static const double level[] = {0.5, 0.9, 0.99};
    struct trials t;
    int hits[3] = {0};
    open_trials(&t, SCENARIO("{delay: {model: uniform, time: 20ms, jitter: 10ms}}", "400"), "");
    for (int seed = 0; seed < sweeps(); seed++) {
        begin_trial(&t, seed);
        run_to(&t, 0, 0, 5);
        for (int i = 0; i < 3; i++) {
            struct estimate e;
            estimate(&e, &t, 0, names[i]);
            CU_ASSERT(e.known && e.binomial);
            hits[i] += holds(&e.interval, 60 - sqrt(800 * (1 - level[i])));
        }
    }
    for (int i = 0; i < 3; i++)
        within(hits[i], sweeps(), 0.93, 0.98);
    close_trials(&t);
}

/* ---- Until intervals are narrow ---------------------------------------------------------------------------------- */

/* Makes the runs of a point, round by round; how many there are. */
static uint32_t run_until(struct trials *t, size_t point)
{
    uint32_t made = 0, asked = 0;
    do {
        run_to(t, point, made, asked);
        made = asked;
        CU_ASSERT_EQUAL_FATAL(until_raise(&t->results, &t->sweep.file.until, point, &asked), 0);
    } while (asked > made);
    return made;
}

/* Sweeps end after few replications and after many; some at the first look. */
static void test_until(void)
{
    struct trials t;
    int hits = 0, early = 0, late = 0;
    open_trials(&t, lossy, "sweep: {replications: {until: {setup.mean: 11%}, min: 10, max: 60},"
                           " vary: {links.wan.both.loss.p: [20%]}}\n");
    for (int seed = 0; seed < sweeps(); seed++) {
        struct estimate e;
        begin_trial(&t, seed);
        uint32_t replications = run_until(&t, 0);
        early += replications <= 15;
        late += replications >= 23;
        estimate(&e, &t, 0, "mean");
        CU_ASSERT(replications == 60 || until_met(&e, 0.11));
        hits += holds(&e.interval, t.mean[0]);
    }
    within(hits, sweeps(), 0.95, 1);
    CU_ASSERT(early > sweeps() / 20 && late > sweeps() / 20);
    close_trials(&t);
}

/* Most looks find replications without a loss, whose means are all equal: they have not seen what makes the mean. */
static void test_until_rare(void)
{
    static const char rare[] =
        SCENARIO("{delay: {model: constant, time: 10ms}, loss: {model: bernoulli, p: 0.05%}}", "20");
    struct trials t;
    int equal = 0, wide = 0;
    open_trials(&t, rare, "sweep: {replications: {until: {setup.mean: 99%}, min: 2, max: 12}}\n");
    for (int seed = 0; seed < 20; seed++) {
        struct estimate e;
        begin_trial(&t, seed);
        uint32_t replications = run_until(&t, 0);
        estimate(&e, &t, 0, "mean");
        bool same = !(e.interval.high > e.interval.low);
        CU_ASSERT(!same || (replications == 12 && !until_met(&e, 0.99)));
        equal += same;
        wide += !same;
        estimate(&e, &t, 0, "p50"); /* order statistics know */
        CU_ASSERT(e.binomial && !(e.interval.high > e.interval.low) && until_met(&e, 0.01));
    }
    CU_ASSERT(equal > 0 && wide > 0);
    close_trials(&t);
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"means and their differences: 93 to 97 % of 95 % intervals hold them", test_means},
        {"quantiles: the binomial interval holds them with 95 % or little more", test_quantiles},
        {"means with until: 95 % or more hold them", test_until},
        {"means with until: replications that are all equal do not end it", test_until_rare},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "test_coverage", cases);
}
