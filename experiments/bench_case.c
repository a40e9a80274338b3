/* SPDX-License-Identifier: BSD-2-Clause */
/* The cases: rows of a table, and the scenario that a row stands for. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

#define LOSS "links.wan0.both.loss.model=bernoulli", "links.wan0.both.loss.p=5%"

/* Connections of 10 full segments each way take 15,890 bytes forward on average; so many fill 95 % of 10 Gbit/s. */
#define QUEUE_RATE 74700

static const struct bench_case cases[] = {
    {.name = "churn", .size = 1000000, .pairs = 1, .addresses = 64, .rate = 1e4, .limit = 45},
    {.name = "churn-loss", .size = 1000000, .pairs = 1, .addresses = 64, .rate = 1e4, .set = {LOSS}, .limit = 60},
    {.name = "crowd", .size = 10000000, .pairs = 1, .addresses = 512, .rate = 1e6, .held = true,
     .with_r = true, .limit = 25, .churn_limit = 2, .bytes_limit = 320},
    {.name = "crowd-loss", .size = 10000000, .pairs = 1, .addresses = 512, .rate = 1e6, .held = true, .set = {LOSS},
     .with_r = true, .limit = 40},
    {.name = "queue", .size = 100000, .pairs = 2, .addresses = 64, .rate = QUEUE_RATE, .unit = BENCH_EVENT,
     .set = {"links.wan0.both.queue.model=droptail", "links.wan0.both.queue.rate=10Gbit/s",
             "links.wan0.both.queue.limit=1000"},
     .limit = 30},
    {.name = "jitter", .size = 1000000, .pairs = 1, .addresses = 64, .rate = 1e4,
     .set = {"links.wan0.both.delay.model=normal", "links.wan0.both.delay.time=10ms",
             "links.wan0.both.delay.jitter=1ms"},
     .limit = 70},
    {.name = "data", .size_of = BENCH_SIZE_MEGABYTES, .size = 10000, .connections = 1, .pairs = 1, .addresses = 1,
     .rate = 1, .unit = BENCH_SEGMENT,
     .set = {"links.wan0.both.delay.time=20ms", "links.wan0.forward.queue.model=droptail",
             "links.wan0.forward.queue.rate=1Gbit/s", "links.wan0.forward.queue.limit=10000",
             "hosts.client0.tcp.congestion_control=newreno", "hosts.client0.tcp.window=4MiB",
             "hosts.server0.tcp.window=4MiB"},
     .limit = 25},
    {.name = "startup", .way = BENCH_SHORT, .size = 10000, .pairs = 1, .addresses = 64, .rate = 1e4, .churn_limit = 3},
    {.name = "churn-connections", .way = BENCH_CONNECTIONS, .size = 1000000, .pairs = 1, .addresses = 64, .rate = 1e4},
    {.name = "churn-trace", .way = BENCH_TRACE, .size = 100000, .pairs = 1, .addresses = 64, .rate = 1e4},
    {.name = "statistics", .way = BENCH_STATISTICS, .size = 1000000, .pairs = 1, .addresses = 64, .rate = 1e4,
     .set = {LOSS}},
    {.name = "hosts", .size_of = BENCH_SIZE_HOSTS, .size = 100, .connections = 200000, .addresses = 64, .rate = 1e4,
     .extra = true},
    {.name = "links", .size_of = BENCH_SIZE_LINKS, .size = 4, .connections = 200000, .pairs = 1, .addresses = 64,
     .rate = 1e4, .extra = true},
};
enum { CASES = sizeof cases / sizeof cases[0] };

static const struct bench_bounds {
    const char *what;
    uint64_t least, most;
} bounds[] = {
    [BENCH_SIZE_CONNECTIONS] = {"connections", 1, 14000000},
    [BENCH_SIZE_MEGABYTES] = {"megabytes", 1, 1000000},
    [BENCH_SIZE_HOSTS] = {"hosts", 2, 100000},
    [BENCH_SIZE_LINKS] = {"links", 1, 32},
};

const struct bench_case *bench_case(size_t n)
{
    return n < CASES ? &cases[n] : NULL;
}

const struct bench_case *bench_case_find(const char *word, uint64_t *size)
{
    size_t length = strcspn(word, ":");

    for (size_t i = 0; i < CASES; i++) {
        if (strlen(cases[i].name) != length || strncmp(cases[i].name, word, length) != 0)
            continue;
        const struct bench_bounds *b = &bounds[cases[i].size_of];
        *size = cases[i].size;
        if (!word[length])
            return &cases[i];
        const char *digits = word + length + 1;
        char *end;
        *size = strtoull(digits, &end, 10);
        if (digits[0] >= '1' && digits[0] <= '9' && !*end && *size >= b->least && *size <= b->most)
            return &cases[i];
        fprintf(stderr, "synfin bench %s: error: bad number of %s; %" PRIu64 " to %" PRIu64 " would be right\n", word,
                b->what, b->least, b->most);
        return NULL;
    }
    fprintf(stderr, "synfin bench %s: error: no such case; there are", word);
    for (size_t i = 0; i < CASES; i++)
        fprintf(stderr, "%s %s", i ? "," : "", cases[i].name);
    fprintf(stderr, "\n");
    return NULL;
}

/* ---- Settings ---------------------------------------------------------------------------------------------------- */

/* Sets PATH of the thing `kind` number i: `hosts.client3.profile`. */
static int set(struct synfin_settings *s, const char *kind, unsigned i, const char *rest, const char *value,
               struct synfin_error *e)
{
    char path[128];

    snprintf(path, sizeof path, "%s%u.%s", kind, i, rest);
    return synfin_settings_set(s, path, value, 1, e);
}

static int set_links(struct synfin_settings *s, unsigned links, struct synfin_error *e)
{
    char time[32];

    snprintf(time, sizeof time, "%uns", 10000000 / links); /* 10 ms in all */
    for (unsigned i = 0; i < links; i++) {
        if (set(s, "links.wan", i, "both.delay.model", "constant", e) != 0 ||
            set(s, "links.wan", i, "both.delay.time", time, e) != 0)
            return -1;
    }
    return 0;
}

/* Limits that Linux has for a machine's good do not stand in the way. */
static int set_hosts(struct synfin_settings *s, unsigned i, unsigned addresses, struct synfin_error *e)
{
    char number[16];

    snprintf(number, sizeof number, "%u", addresses);
    return set(s, "hosts.client", i, "profile", "linux", e) != 0 ||
           set(s, "hosts.client", i, "addresses", number, e) != 0 ||
           set(s, "hosts.server", i, "profile", "linux", e) != 0 ||
           set(s, "hosts.server", i, "listen.port", "80", e) != 0 ||
           set(s, "hosts.server", i, "listen.backlog", "10000000", e) != 0 ||
           set(s, "hosts.server", i, "tcp.somaxconn", "10000000", e) != 0;
}

static int set_workload(struct synfin_settings *s, unsigned i, unsigned links, struct synfin_error *e)
{
    char client[32], server[32], over[512] = "[";

    snprintf(client, sizeof client, "client%u", i);
    snprintf(server, sizeof server, "server%u", i);
    for (unsigned l = 0; l < links; l++)
        snprintf(over + strlen(over), sizeof over - strlen(over), "%swan%u", l ? ", " : "", l);
    strncat(over, "]", sizeof over - strlen(over) - 1);
    return set(s, "workloads.load", i, "from", client, e) != 0 ||
           set(s, "workloads.load", i, "to", server, e) != 0 ||
           set(s, "workloads.load", i, "over", over, e) != 0 ||
           set(s, "workloads.load", i, "protocol", "tcp", e) != 0 ||
           set(s, "workloads.load", i, "arrivals.model", "poisson", e) != 0 ||
           set(s, "workloads.load", i, "close", "client", e) != 0;
}

/* How many connections, and what they do: nothing, or 10 full segments each way, or as many bytes one way. */
static int set_load(struct synfin_settings *s, const struct bench_case *c, uint64_t size, unsigned i, unsigned pairs,
                    struct synfin_error *e)
{
    uint64_t connections = c->size_of == BENCH_SIZE_CONNECTIONS ? size : c->connections;
    char number[32], rate[32], hold[32], request[32] = "0", response[32] = "0";

    snprintf(number, sizeof number, "%" PRIu64, (connections + pairs - 1) / pairs);
    snprintf(rate, sizeof rate, "%.9g/s", c->rate / pairs);
    /* Twice the time that all arrivals take on average, and some for the retransmissions of the last. */
    snprintf(hold, sizeof hold, "%.0fs", c->held ? 2 * (double)connections / c->rate + 10 : 0);
    if (c->unit == BENCH_SEGMENT)
        snprintf(request, sizeof request, "%" PRIu64 "MB", size);
    if (c->unit == BENCH_EVENT) {
        snprintf(request, sizeof request, "14480B");
        snprintf(response, sizeof response, "14480B");
    }
    return set(s, "workloads.load", i, "connections", number, e) != 0 ||
           set(s, "workloads.load", i, "arrivals.rate", rate, e) != 0 ||
           set(s, "workloads.load", i, "hold", hold, e) != 0 ||
           set(s, "workloads.load", i, "request", request, e) != 0 ||
           set(s, "workloads.load", i, "response", response, e) != 0;
}

static int set_own(struct synfin_settings *s, const struct bench_case *c, struct synfin_error *e)
{
    char path[128];

    if (synfin_settings_layer(s) != 0)
        return -1;
    for (const char *const *own = c->set; *own; own++) {
        const char *value = strchr(*own, '=');
        snprintf(path, sizeof path, "%.*s", (int)(value - *own), *own);
        if (synfin_settings_set(s, path, value + 1, 1, e) != 0)
            return -1;
    }
    return 0;
}

struct synfin_settings *bench_settings(const struct bench_case *c, uint64_t size, struct synfin_error *e)
{
    unsigned pairs = c->size_of == BENCH_SIZE_HOSTS ? (unsigned)size / 2 : c->pairs;
    unsigned links = c->size_of == BENCH_SIZE_LINKS ? (unsigned)size : 1;
    unsigned addresses = c->addresses > pairs ? c->addresses / pairs : 1;
    struct synfin_settings *s = synfin_settings_new();
    bool good = s && set_links(s, links, e) == 0;

    for (unsigned i = 0; i < pairs && good; i++)
        good = set_hosts(s, i, addresses, e) == 0 && set_workload(s, i, links, e) == 0 &&
               set_load(s, c, size, i, pairs, e) == 0;
    if (good && set_own(s, c, e) == 0)
        return s;
    synfin_settings_free(s);
    return NULL;
}
