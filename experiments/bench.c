/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * synfin bench: how fast, and how large, on standard cases. Each case is a scenario like any other and takes the way of
 * `synfin run`; new ones are rows of the table below. Machines differ, so times are shown as ratios to two things
 * measured in between the runs of the same process: P, a call of Philox4x32-10, and R, a touch of a random line of memory.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <Random123/philox.h>

#include "options.h"
#include "runner.h"
#include "synfin.h"

enum { RUNS = 5, CALIBRATIONS = RUNS + 1, HELD = 200000 };

/* ---- Cases ------------------------------------------------------------------------------------------------------- */

struct bench_case {
    const char *name;
    const char *what;
    uint64_t connections;
    const char *rate;   /* of arrivals */
    bool held;          /* all connections are open at once, then closed */
    const char *set[8]; /* `path=value` over the common settings, NULL at the end */
    double limit;       /* --check: most units of P, or of P + R, a lifecycle */
    bool limit_with_r;
};

static const struct bench_case cases[] = {
    {"churn", "10,000 arrivals/s, 10 ms, TIME-WAIT 60 s, 64 addresses", 1000000, "10000/s", false, {NULL}, 45, false},
    {"churn-loss", "churn with 5 % loss each way", 1000000, "10000/s", false,
     {"links.wan.both.loss.model=bernoulli", "links.wan.both.loss.p=5%", NULL}, 60, false},
    {"crowd", "all open at once, then closed, 512 addresses", 1000000, "1000000/s", true,
     {"hosts.client.addresses=512", NULL}, 25, true},
};
enum { CASES = sizeof cases / sizeof cases[0] };

static const double memory_limit = 320; /* --check: most bytes per open connection, both ends */

static const char *const common[] = {
    "hosts.client.profile=linux",
    "hosts.client.addresses=64",
    "hosts.server.profile=linux",
    "hosts.server.listen.port=80",
    "hosts.server.listen.backlog=1000000",
    "links.wan.both.delay.model=constant",
    "links.wan.both.delay.time=10ms",
    "workloads.load.from=client",
    "workloads.load.to=server",
    "workloads.load.over=wan",
    "workloads.load.protocol=tcp",
    "workloads.load.arrivals.model=poisson",
    "workloads.load.close=client",
    NULL,
};

/* ---- Calibration ------------------------------------------------------------------------------------------------- */

static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* P: ns per independent call of Philox4x32-10, one scalar call after the other. */
static double calibrate_philox(void)
{
    const uint32_t calls = 1000000;
    philox4x32_key_t key = {{1, 2}};
    uint32_t sum = 0;
    double start = cpu_seconds();
    for (uint32_t i = 0; i < calls; i++) {
        philox4x32_ctr_t counter = {{i, 0, 0, 0}};
        philox4x32_ctr_t block = philox4x32(counter, key);
        sum ^= block.v[0] ^ block.v[1] ^ block.v[2] ^ block.v[3];
        __asm__ volatile("" : "+r"(sum)); /* keeps the compiler from computing several calls in one vector */
    }
    return (cpu_seconds() - start) * 1e9 / calls;
}

enum { LINE = 64, LINES = 1 << 24 }; /* 1 GiB */

/* Memory for R, touched once, in huge pages where they can be had. NULL after a message. */
static unsigned char *map_memory(void)
{
    const size_t size = (size_t)LINE * LINES;
    unsigned char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        fprintf(stderr, "synfin bench: error: no memory; calibration takes 1 GiB\n");
        return NULL;
    }
    madvise(memory, size, MADV_HUGEPAGE);
    memset(memory, 1, size);
    return memory;
}

/* R: ns per independent read-modify-write of a random 64-byte line in 1 GiB. */
static double calibrate_memory(unsigned char *memory)
{
    const uint32_t touches = 5000000;
    uint64_t x = 88172645463325252; /* xorshift64 (Marsaglia 2003): cheap, and known before the load */
    double start = cpu_seconds();
    for (uint32_t i = 0; i < touches; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        volatile uint64_t *word = (volatile uint64_t *)(memory + (x % LINES) * LINE);
        *word += x;
    }
    return (cpu_seconds() - start) * 1e9 / touches;
}

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

/* ---- Running a case ---------------------------------------------------------------------------------------------- */

static int failed(const struct bench_case *c, const struct synfin_error *e)
{
    fprintf(stderr, "synfin bench %s: error: %s%s%s\n", c->name, e->path, e->path[0] ? ": " : "", e->text);
    return STATUS_FAILED;
}

static int set_all(struct synfin_settings *settings, const char *const *set, struct synfin_error *e)
{
    for (; *set; set++) {
        const char *value = strchr(*set, '=');
        char path[128];
        snprintf(path, sizeof path, "%.*s", (int)(value - *set), *set);
        if (synfin_settings_set(settings, path, value + 1, 1, e))
            return -1;
    }
    return 0;
}

/* The settings of a case; `held`: every connection stays open until all are. */
static struct synfin_settings *settings_of(const struct bench_case *c, uint64_t connections, bool held,
                                           struct synfin_error *e)
{
    struct synfin_settings *settings = synfin_settings_new();
    char count[64], rate[64], hold[64];
    snprintf(count, sizeof count, "workloads.load.connections=%" PRIu64, connections);
    snprintf(rate, sizeof rate, "workloads.load.arrivals.rate=%s", c->rate);
    /* Twice the time that all arrivals take on average, and some for the retransmissions of the last. */
    snprintf(hold, sizeof hold, "workloads.load.hold=%.0fs", held ? 2 * (double)connections / atof(c->rate) + 10 : 0);
    const char *own[] = {count, rate, hold, NULL};
    if (settings && !set_all(settings, common, e) && !synfin_settings_layer(settings) &&
        !set_all(settings, c->set, e) && !set_all(settings, own, e))
        return settings;
    synfin_settings_free(settings);
    return NULL;
}

struct bench_run {
    double ns;              /* of processor time a lifecycle */
    double events_per_s;
    double bytes_per_open;  /* of resident memory, both ends; only where it was asked for */
};

/* Runs to the end and finds the most memory that was resident, by looking every so many events. */
static int run_watching_memory(struct synfin_simulation *simulation, uint64_t *grown, struct synfin_error *e)
{
    uint64_t before = resident_bytes(), most = before;
    int more;
    while ((more = synfin_simulation_run(simulation, 1000, e)) > 0 && !runner_interrupted()) {
        uint64_t now = resident_bytes();
        most = now > most ? now : most;
    }
    *grown = most - before;
    return more < 0 ? STATUS_FAILED : more > 0 ? STATUS_INTERRUPTED : STATUS_DONE;
}

static int simulate(struct synfin_simulation *simulation, bool memory, struct bench_run *out, struct synfin_error *e)
{
    uint64_t grown = 0;
    double start = cpu_seconds();
    int status = memory ? run_watching_memory(simulation, &grown, e) : runner_run(simulation, NULL, NULL);
    double spent = cpu_seconds() - start;
    if (status != STATUS_DONE)
        return status;
    const struct synfin_results *results = synfin_simulation_results(simulation);
    if (!results || !results->total.connections.closed) {
        snprintf(e->text, sizeof e->text, "no connection was closed; at least one is needed");
        return STATUS_FAILED;
    }
    const struct synfin_connection_counts *n = &results->total.connections;
    if (memory) {
        out->bytes_per_open = (double)grown / (double)n->peak_concurrent;
    } else {
        out->ns = spent * 1e9 / (double)n->opened;
        out->events_per_s = (double)results->events / spent;
    }
    return STATUS_DONE;
}

/* One run. With `memory` connections are held and resident memory is watched instead of the time. */
static int run_once(const struct bench_case *c, uint64_t connections, bool memory, struct bench_run *out)
{
    struct synfin_error e = {0};
    int status = STATUS_FAILED;
    struct synfin_registry *registry = synfin_registry_new();
    struct synfin_settings *settings = registry ? settings_of(c, connections, memory || c->held, &e) : NULL;
    struct synfin_scenario *scenario = settings ? synfin_scenario_new(registry, settings, NULL, &e) : NULL;
    struct synfin_simulation *simulation = scenario ? synfin_simulation_new(scenario, 0, &e) : NULL;
    if (simulation)
        status = simulate(simulation, memory, out, &e);
    if (status == STATUS_FAILED)
        failed(c, &e);
    synfin_simulation_free(simulation);
    synfin_scenario_free(scenario);
    synfin_settings_free(settings);
    synfin_registry_free(registry);
    return status;
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

struct bench_result {
    uint64_t connections;
    double p, r, ns, events_per_s, bytes_per_open;
};

/* Memory first, before anything larger has run; then RUNS runs with calibrations around each. */
static int measure(const struct bench_case *c, uint64_t connections, unsigned char *memory, struct bench_result *out)
{
    double p[CALIBRATIONS], r[CALIBRATIONS], ns[RUNS], rate[RUNS];
    struct bench_run run = {0};
    uint64_t held = c->held || connections < HELD ? connections : HELD;
    int status = run_once(c, held, true, &run);
    for (int i = 0; i < RUNS && status == STATUS_DONE; i++) {
        p[i] = calibrate_philox();
        r[i] = calibrate_memory(memory);
        status = run_once(c, connections, false, &run);
        ns[i] = run.ns;
        rate[i] = run.events_per_s;
    }
    if (status != STATUS_DONE)
        return status;
    p[RUNS] = calibrate_philox();
    r[RUNS] = calibrate_memory(memory);
    *out = (struct bench_result){.connections = connections, .p = median(p, CALIBRATIONS),
                                 .r = median(r, CALIBRATIONS), .ns = median(ns, RUNS),
                                 .events_per_s = median(rate, RUNS), .bytes_per_open = run.bytes_per_open};
    return STATUS_DONE;
}

/* ---- Output ------------------------------------------------------------------------------------------------------ */

static void print_json(const struct bench_case *c, const struct bench_result *b, bool first)
{
    printf("%s\n {\"case\":\"%s\",\"connections\":%" PRIu64 ",\"runs\":%d,\"lifecycles_per_s\":%.6g,"
           "\"ns_per_lifecycle\":%.6g,\"events_per_s\":%.6g,\"bytes_per_open_connection\":%.6g,"
           "\"p_ns\":%.4g,\"r_ns\":%.4g,\"lifecycle_per_p\":%.4g,\"lifecycle_per_p_plus_r\":%.4g}",
           first ? "" : ",", c->name, b->connections, RUNS, 1e9 / b->ns, b->ns, b->events_per_s, b->bytes_per_open,
           b->p, b->r, b->ns / b->p, b->ns / (b->p + b->r));
}

static void print_row(const struct bench_case *c, const struct bench_result *b, bool first)
{
    if (first)
        printf("%-11s %11s %12s %9s %12s %11s %6s %6s %7s %8s\n", "case", "connections", "lifecycles/s", "ns each",
               "events/s", "bytes/open", "P ns", "R ns", "each/P", "/(P+R)");
    printf("%-11s %11" PRIu64 " %12.0f %9.1f %12.0f %11.1f %6.2f %6.1f %7.1f %8.1f\n", c->name, b->connections,
           1e9 / b->ns, b->ns, b->events_per_s, b->bytes_per_open, b->p, b->r, b->ns / b->p, b->ns / (b->p + b->r));
    fflush(stdout);
}

/* A quarter over the limit is forgiven: machines are shared. */
static bool within_limits(const struct bench_case *c, const struct bench_result *b)
{
    double ratio = b->ns / (c->limit_with_r ? b->p + b->r : b->p);
    bool good = true;
    if (ratio > 1.25 * c->limit) {
        fprintf(stderr, "synfin bench %s: %.1f %s a lifecycle; at most %.0f\n", c->name, ratio,
                c->limit_with_r ? "(P + R)" : "P", c->limit);
        good = false;
    }
    if (c->held && b->bytes_per_open > 1.25 * memory_limit) {
        fprintf(stderr, "synfin bench %s: %.0f bytes per open connection; at most %.0f\n", c->name, b->bytes_per_open,
                memory_limit);
        good = false;
    }
    return good;
}

/* `CASE` or `CASE:CONNECTIONS`. NULL after a message. */
static const struct bench_case *find_case(const char *word, uint64_t *connections)
{
    size_t length = strcspn(word, ":");
    for (size_t i = 0; i < CASES; i++) {
        if (strlen(cases[i].name) != length || strncmp(cases[i].name, word, length))
            continue;
        *connections = cases[i].connections;
        if (!word[length])
            return &cases[i];
        char *end;
        *connections = strtoull(word + length + 1, &end, 10);
        if (word[length + 1] >= '1' && word[length + 1] <= '9' && !*end && *connections <= 14000000)
            return &cases[i];
        fprintf(stderr, "synfin bench %s: error: bad number of connections; 1 to 14000000 would be right\n", word);
        return NULL;
    }
    fprintf(stderr, "synfin bench %s: error: no such case; there are", word);
    for (size_t i = 0; i < CASES; i++)
        fprintf(stderr, "%s %s", i ? "," : "", cases[i].name);
    fprintf(stderr, "\n");
    return NULL;
}

int command_bench(const struct options *o)
{
    size_t n = o->files ? o->files : CASES;
    uint64_t connections;
    for (size_t i = 0; i < o->files; i++) {
        if (!find_case(o->file[i], &connections))
            return STATUS_USAGE;
    }
    runner_catch_interrupt();
    unsigned char *memory = map_memory();
    if (!memory)
        return STATUS_FAILED;
    int status = STATUS_DONE;
    bool good = true;
    if (o->json)
        printf("[");
    for (size_t i = 0; i < n && status == STATUS_DONE; i++) {
        const struct bench_case *c = find_case(o->files ? o->file[i] : cases[i].name, &connections);
        struct bench_result result;
        status = measure(c, connections, memory, &result);
        if (status != STATUS_DONE)
            break;
        (o->json ? print_json : print_row)(c, &result, i == 0);
        good = (!o->check || within_limits(c, &result)) && good;
    }
    if (o->json)
        printf("\n]\n");
    munmap(memory, (size_t)LINE * LINES);
    return status != STATUS_DONE || good ? status : STATUS_FAILED;
}
