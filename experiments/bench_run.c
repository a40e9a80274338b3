/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs a case as `synfin run` would, takes processor time and memory, and calibrates in between. */
#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "connections.h"
#include "options.h"
#include "runner.h"
#include "scenario.h"
#include "trace.h"

enum { WATCH_EVENTS = 1000, SHORT_RUNS = 20 };

/* One case under way. */
struct bench {
    const struct bench_case *c;
    uint64_t size;
    struct synfin_registry *registry;
    struct synfin_settings *settings;
    struct synfin_scenario *scenario;
    struct synfin_memory *memory; /* of one run after the other, as a sweep's workers have it */
    char label[64]; /* for progress */
    bool watched;   /* this run is for memory, not for time */
};

/* What one run came to. */
struct sample {
    double seconds;
    uint64_t connections, events, segments, peak, grown /* bytes */;
};

/* ---- Memory ------------------------------------------------------------------------------------------------------ */

static uint64_t resident_bytes(void)
{
    uint64_t size = 0, resident = 0;
    FILE *f = fopen("/proc/self/statm", "r");

    if (!f)
        return 0;
    if (fscanf(f, "%" SCNu64 " %" SCNu64, &size, &resident) != 2)
        resident = 0;
    fclose(f);
    return resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

struct memory_watch {
    const struct synfin_simulation *simulation;
    uint64_t most;
};

/* What is resident while all are open: later, what stays of connections in TIME-WAIT comes on top. */
static void watch_memory(void *user)
{
    struct memory_watch *w = user;
    struct synfin_progress p;
    uint64_t now = resident_bytes();

    synfin_simulation_progress(w->simulation, &p);
    if (p.over == 0 && now > w->most)
        w->most = now;
}

static int run_watching_memory(const struct bench *b, struct synfin_simulation *simulation, struct sample *out)
{
    uint64_t before = resident_bytes();
    struct memory_watch w = {simulation, before};
    int status = runner_run_watched(simulation, b->label, WATCH_EVENTS, watch_memory, &w);

    out->grown = w.most - before;
    return status;
}

/* ---- One run ----------------------------------------------------------------------------------------------------- */

static int failed(const struct bench *b, const char *path, const char *why)
{
    fprintf(stderr, "synfin bench %s: error: %s%s%s\n", b->c->name, path, path[0] ? ": " : "", why);
    return STATUS_FAILED;
}

static int count(const struct bench *b, struct synfin_simulation *simulation, struct sample *out)
{
    const struct synfin_results *results = synfin_simulation_results(simulation);

    if (!results)
        return failed(b, "", "out of memory");
    if (!results->total.connections.closed)
        return failed(b, "", "no connection was closed; at least one is needed");
    out->connections += results->total.connections.opened;
    out->peak = results->total.connections.peak_concurrent;
    out->events += results->events;
    for (int way = 0; way < 2; way++) {
        for (int kind = 0; kind < SYNFIN_KINDS; kind++)
            out->segments += results->total.segments[way].kind[kind];
    }
    return STATUS_DONE;
}

/* Writing takes no part in it: the rows go nowhere. */
static int run_with_connections(const struct bench *b, struct synfin_simulation *simulation)
{
    struct connections *file;

    if (connections_open(&file, "/dev/null", 1, (const char *const[]){b->scenario->workload[0].name}) != 0)
        return STATUS_FAILED;
    struct synfin_observer observer = {.user = file, .connection = connections_add, .only_workload = SYNFIN_NONE,
                                       .only_connection = SYNFIN_NONE};
    synfin_simulation_observe(simulation, &observer);
    int status = runner_run(simulation, b->label, NULL);
    return connections_close(file, status == STATUS_DONE) == 0 ? status : STATUS_FAILED;
}

static int run_with_trace(const struct bench *b, struct synfin_simulation *simulation)
{
    struct trace *file;

    if (trace_open(&file, "/dev/null", b->scenario) != 0)
        return STATUS_FAILED;
    struct synfin_observer observer = {.user = file, .event = trace_event, .only_workload = SYNFIN_NONE,
                                       .only_connection = SYNFIN_NONE};
    synfin_simulation_observe(simulation, &observer);
    int status = runner_run(simulation, b->label, NULL);
    return trace_close(file, status == STATUS_DONE) == 0 ? status : STATUS_FAILED;
}

/* From the first event to the last. */
static int simulate(const struct bench *b, struct synfin_simulation *simulation, struct sample *out)
{
    double start = bench_cpu_seconds();
    int status;

    if (b->watched)
        status = run_watching_memory(b, simulation, out);
    else if (b->c->way == BENCH_CONNECTIONS)
        status = run_with_connections(b, simulation);
    else if (b->c->way == BENCH_TRACE)
        status = run_with_trace(b, simulation);
    else
        status = runner_run(simulation, b->label, NULL);
    out->seconds = bench_cpu_seconds() - start;
    return status == STATUS_DONE ? count(b, simulation, out) : status;
}

static struct synfin_simulation *begin(const struct bench *b)
{
    struct synfin_error e = {0};
    struct synfin_simulation *simulation = synfin_simulation_new_from(b->memory, b->scenario, 0, &e);

    if (!simulation)
        failed(b, e.path, e.text);
    return simulation;
}

static int run_once(const struct bench *b, struct sample *out)
{
    struct synfin_simulation *simulation = begin(b);
    int status = simulation ? simulate(b, simulation, out) : STATUS_FAILED;

    synfin_simulation_free(simulation);
    return status;
}

static int run_short(const struct bench *b, struct sample *out)
{
    double start = bench_cpu_seconds();
    int status = STATUS_DONE;

    for (int i = 0; i < SHORT_RUNS && status == STATUS_DONE; i++)
        status = run_once(b, out);
    out->seconds = bench_cpu_seconds() - start;
    return status;
}

/* ---- Statistics alone -------------------------------------------------------------------------------------------- */

struct durations {
    synfin_time (*list)[SYNFIN_METRICS];
    uint64_t count, room;
};

static void keep_durations(void *user, const struct synfin_connection *connection)
{
    struct durations *d = user;

    if (d->count < d->room)
        memcpy(d->list[d->count++], connection->duration, sizeof d->list[0]);
}

static int add_durations(const struct bench *b, const struct durations *d, struct sample *out)
{
    struct synfin_statistic *statistic[SYNFIN_METRICS] = {NULL};
    bool good = true;
    double start = bench_cpu_seconds();

    for (int m = 0; m < SYNFIN_METRICS; m++)
        good = (statistic[m] = synfin_statistic_new()) && good;
    for (uint64_t i = 0; good && i < d->count; i++) {
        for (int m = 0; m < SYNFIN_METRICS; m++) {
            if (d->list[i][m] >= 0)
                synfin_statistic_add(statistic[m], d->list[i][m]);
        }
    }
    out->seconds = bench_cpu_seconds() - start;
    for (int m = 0; m < SYNFIN_METRICS; m++) {
        good = good && !synfin_statistic_failed(statistic[m]);
        synfin_statistic_free(statistic[m]);
    }
    out->connections = d->count;
    return good ? STATUS_DONE : failed(b, "", "out of memory");
}

/* A run tells the durations; only adding them is timed. */
static int run_statistics(const struct bench *b, struct sample *out)
{
    struct durations d = {.list = calloc(b->size, sizeof *d.list), .room = b->size};
    struct synfin_simulation *simulation = begin(b);
    struct synfin_observer observer = {.user = &d, .connection = keep_durations, .only_workload = SYNFIN_NONE,
                                       .only_connection = SYNFIN_NONE};
    int status = STATUS_FAILED;

    if (!d.list)
        failed(b, "", "out of memory");
    if (d.list && simulation) {
        synfin_simulation_observe(simulation, &observer);
        status = runner_run(simulation, b->label, NULL);
    }
    synfin_simulation_free(simulation);
    if (status == STATUS_DONE)
        status = add_durations(b, &d, out);
    free(d.list);
    return status;
}

/* ---- A case ------------------------------------------------------------------------------------------------------ */

static int run_case(const struct bench *b, struct sample *out)
{
    *out = (struct sample){0};
    if (b->c->way == BENCH_SHORT)
        return run_short(b, out);
    return b->c->way == BENCH_STATISTICS ? run_statistics(b, out) : run_once(b, out);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, size_t n)
{
    qsort(values, n, sizeof *values, by_value);
    return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

static double each(double seconds, uint64_t n)
{
    return n ? seconds * 1e9 / (double)n : NAN;
}

static int measure(struct bench *b, unsigned char *memory, struct bench_result *out)
{
    double p[BENCH_RUNS + 1], r[BENCH_RUNS + 1], seconds[BENCH_RUNS];
    struct sample s;

    /* The first run meets memory that the machine may not have handed out before; it is not timed. */
    snprintf(b->label, sizeof b->label, "bench %s, first run", b->c->name);
    b->watched = b->c->held;
    int status = run_case(b, &s);
    out->bytes = b->watched && s.peak ? (double)s.grown / (double)s.peak : NAN;
    b->watched = false;
    for (int i = 0; i < BENCH_RUNS && status == STATUS_DONE; i++) {
        p[i] = bench_philox_ns();
        r[i] = bench_memory_ns(memory);
        snprintf(b->label, sizeof b->label, "bench %s, run %d of %d", b->c->name, i + 1, BENCH_RUNS);
        status = run_case(b, &s);
        seconds[i] = s.seconds;
    }
    if (status != STATUS_DONE)
        return status;
    p[BENCH_RUNS] = bench_philox_ns();
    r[BENCH_RUNS] = bench_memory_ns(memory);
    double typical = median(seconds, BENCH_RUNS);
    out->p = median(p, BENCH_RUNS + 1);
    out->r = median(r, BENCH_RUNS + 1);
    out->connections = s.connections;
    out->lifecycle = each(typical, s.connections);
    out->event = each(typical, s.events);
    out->segment = each(typical, s.segments);
    return STATUS_DONE;
}

int bench_measure(const struct bench_case *c, uint64_t size, unsigned char *memory, struct bench_result *out)
{
    struct synfin_error e = {.text = "out of memory"};
    struct bench b = {
        .c = c, .size = size, .registry = synfin_registry_new(), .memory = synfin_memory_new(SIZE_MAX)};
    int status;

    *out = (struct bench_result){.c = c, .size = size, .churn = NAN};
    b.settings = b.registry ? bench_settings(c, size, &e) : NULL;
    b.scenario = b.settings ? synfin_scenario_new(b.registry, b.settings, NULL, &e) : NULL;
    status = b.scenario && b.memory ? measure(&b, memory, out) : failed(&b, e.path, e.text);
    synfin_scenario_free(b.scenario);
    synfin_memory_free(b.memory);
    synfin_settings_free(b.settings);
    synfin_registry_free(b.registry);
    return status;
}
