/* SPDX-License-Identifier: BSD-2-Clause */
#include "draft.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned pick(struct draft *d, unsigned n)
{
    d->random = d->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)((d->random >> 33) % n);
}

/* One of a list `a|b|c`, as text valid until the next call but three. */
static const char *one_of(struct draft *d, const char *words)
{
    static char text[4][64];
    static unsigned turn;
    unsigned n = 1;
    for (const char *w = words; *w; w++)
        n += *w == '|';
    for (n = pick(d, n); n > 0; n--)
        words = strchr(words, '|') + 1;
    turn = (turn + 1) % 4;
    snprintf(text[turn], sizeof text[turn], "%.*s", (int)strcspn(words, "|"), words);
    return text[turn];
}

__attribute__((format(printf, 3, 4))) static void set(struct draft *d, const char *value, const char *path, ...)
{
    char name[128];
    struct synfin_error error;
    va_list arguments;
    va_start(arguments, path);
    vsnprintf(name, sizeof name, path, arguments);
    va_end(arguments);
    if (synfin_settings_set(d->settings, name, value, 1, &error))
        abort();
    d->used += (size_t)snprintf(d->text + d->used, sizeof d->text - d->used, "%s: %s\n", name, value);
}

/* One time in `n`. */
static bool rarely(struct draft *d, unsigned n)
{
    return pick(d, n) == 0;
}

static void draft_host(struct draft *d, unsigned i)
{
    set(d, one_of(d, "rfc9293|linux"), "hosts.h%u.profile", i);
    set(d, one_of(d, "1|1|2"), "hosts.h%u.addresses", i);
    set(d, d->retries ? "40000-60000" : one_of(d, "50000-50003|50000-50020|40000-60000"), "hosts.h%u.ports", i);
    set(d, one_of(d, "exact|wheel"), "hosts.h%u.tcp.timers", i);
    set(d, one_of(d, "1|2|4"), "hosts.h%u.tcp.syn_retries", i);
    set(d, one_of(d, "0|2"), "hosts.h%u.tcp.syn_linear_timeouts", i);
    set(d, one_of(d, "1|3"), "hosts.h%u.tcp.synack_retries", i);
    set(d, one_of(d, "20ms|1s|60s"), "hosts.h%u.tcp.time_wait", i);
    set(d, one_of(d, "0|1s|60s"), "hosts.h%u.tcp.fin_timeout", i);
    set(d, one_of(d, "0|1|2"), "hosts.h%u.tcp.tw_reuse", i);
    set(d, one_of(d, "2147483647|2147483647|0|1|5"), "hosts.h%u.tcp.max_tw_buckets", i);
    set(d, one_of(d, "0|1|2"), "hosts.h%u.tcp.syncookies", i);
    set(d, one_of(d, "0|0|4|2048"), "hosts.h%u.tcp.max_syn_backlog", i);
    set(d, one_of(d, "0|0|1s|4s"), "hosts.h%u.tcp.defer_accept", i);
    set(d, one_of(d, "false|false|true"), "hosts.h%u.tcp.abort_on_overflow", i);
    set(d, one_of(d, "0|1|2|3|3"), "hosts.h%u.tcp.fastopen", i);
    set(d, one_of(d, "0|1|16"), "hosts.h%u.tcp.fastopen_queue", i);
    set(d, one_of(d, "20ms|1s"), "hosts.h%u.udp.retry", i);
    set(d, one_of(d, "100ms|60s"), "hosts.h%u.udp.idle", i);
    set(d, "80", "hosts.h%u.listen.0.port", i);
    set(d, one_of(d, "1|4|4096"), "hosts.h%u.listen.0.backlog", i);
    if (rarely(d, 3))
        set(d, one_of(d, "0|20ms|1s|30s"), "hosts.h%u.listen.0.accept_after", i);
    if (rarely(d, 3))
        set(d, one_of(d, "0|2/s|100/s"), "hosts.h%u.listen.0.accept_rate", i);
    set(d, "80", "hosts.h%u.listen.1.port", i);
    set(d, "udp", "hosts.h%u.listen.1.protocol", i);
}

static void draft_delay(struct draft *d, const char *at)
{
    const char *least = d->delays_everywhere ? "1ms|5ms|10ms" : "0|0|1ms|10ms";
    switch (pick(d, 5)) {
    case 0:
    case 1:
        set(d, "constant", "%s.delay.model", at);
        break;
    case 2:
        set(d, one_of(d, "uniform|normal|pareto"), "%s.delay.model", at);
        set(d, one_of(d, "1ns|2ns|3ns|100us"), "%s.delay.jitter", at);
        break;
    case 3:
        set(d, "uniform", "%s.delay.model", at);
        set(d, one_of(d, "2ns|1ms"), "%s.delay.jitter", at);
        set(d, one_of(d, "0|25%|100%"), "%s.delay.correlation", at);
        break;
    case 4:
        set(d, "script", "%s.delay.model", at);
        set(d, one_of(d, "1ms|10ms|1s"), "%s.delay.extra", at);
        set(d, one_of(d, "[any:1]|[syn:1, fin:1]|[ack:1, syn_ack:1]|[any:2, any:3]"), "%s.delay.segments", at);
        break;
    }
    set(d, one_of(d, least), "%s.delay.time", at);
    if (!d->delays_everywhere && rarely(d, 4))
        set(d, one_of(d, "[syn]|[ack, fin]|[data]"), "%s.delay.only", at);
}

static void draft_loss(struct draft *d, const char *at)
{
    switch (pick(d, 11)) {
    case 0:
        set(d, "bernoulli", "%s.loss.model", at);
        set(d, one_of(d, "5%|20%|50%"), "%s.loss.p", at);
        break;
    case 1:
        set(d, "gilbert-elliott", "%s.loss.model", at);
        set(d, one_of(d, "5%|20%"), "%s.loss.p", at);
        set(d, one_of(d, "20%|50%"), "%s.loss.r", at);
        break;
    case 2:
        set(d, "periodic", "%s.loss.model", at);
        set(d, one_of(d, "3|7"), "%s.loss.every", at);
        break;
    case 3:
        set(d, "script", "%s.loss.model", at);
        set(d, one_of(d, "[syn:1]|[syn_ack:1, any:2]|[fin:1]|[ack:1]|[any:3, any:4]"), "%s.loss.segments", at);
        break;
    case 4:
        set(d, "rst", "%s.loss.model", at);
        set(d, one_of(d, "5%|20%|100%"), "%s.loss.p", at);
        set(d, one_of(d, "[]|[any:4, any:5]|[syn_ack:1, data:1, fin:1]"), "%s.loss.segments", at);
        set(d, one_of(d, "both|sender|receiver"), "%s.loss.to", at);
        break;
    case 5:
        set(d, "idle", "%s.loss.model", at);
        set(d, one_of(d, "10ms|50ms|3s"), "%s.loss.timeout", at);
        set(d, one_of(d, "false|true"), "%s.loss.reset", at);
        break;
    default:
        return;
    }
    if (rarely(d, 3))
        set(d, one_of(d, "[syn, syn_ack]|[fin]|[ack, data]"), "%s.loss.only", at);
}

static void draft_direction(struct draft *d, unsigned link, const char *way)
{
    char at[40];
    snprintf(at, sizeof at, "links.l%u.%s", link, way);
    draft_delay(d, at);
    draft_loss(d, at);
    if (rarely(d, 4)) {
        set(d, "droptail", "%s.queue.model", at);
        set(d, one_of(d, "64kbit/s|320kbit/s|10Mbit/s"), "%s.queue.rate", at);
        set(d, one_of(d, "3|20|2KB"), "%s.queue.limit", at);
    }
    if (rarely(d, 5)) {
        set(d, "bernoulli", "%s.duplicate.model", at);
        set(d, one_of(d, "10%|50%"), "%s.duplicate.p", at);
    }
    if (rarely(d, 6)) {
        set(d, "bernoulli", "%s.corrupt.model", at);
        set(d, "10%", "%s.corrupt.p", at);
    }
    if (!d->delays_everywhere && rarely(d, 4)) {
        set(d, "netem", "%s.reorder.model", at);
        set(d, one_of(d, "20%|100%"), "%s.reorder.p", at);
        set(d, one_of(d, "1|3"), "%s.reorder.gap", at);
    }
}

/* Some links in random order, some of them the other way round. */
static void draft_path(struct draft *d, unsigned workload)
{
    char over[64] = "[";
    unsigned first = pick(d, d->links), hops = 1 + pick(d, d->links);
    for (unsigned i = 0; i < hops; i++) {
        size_t used = strlen(over);
        const char *reversed = rarely(d, 3) ? "-" : "";
        snprintf(over + used, sizeof over - used, "%s%sl%u", i ? ", " : "", reversed, (first + i) % d->links);
    }
    strcat(over, "]");
    set(d, over, "workloads.w%u.over", workload);
}

static void draft_workload(struct draft *d, unsigned i)
{
    char from[16], to[32];
    unsigned client = pick(d, d->hosts), server = (client + 1 + pick(d, d->hosts - 1)) % d->hosts;
    unsigned other = (client + 1 + pick(d, d->hosts - 1)) % d->hosts;
    snprintf(from, sizeof from, "h%u", client);
    if (server != other && rarely(d, 2))
        snprintf(to, sizeof to, "[h%u, h%u]", server, other);
    else
        snprintf(to, sizeof to, "h%u", server);
    set(d, from, "workloads.w%u.from", i);
    set(d, to, "workloads.w%u.to", i);
    draft_path(d, i);
    set(d, one_of(d, "tcp|tcp|tcp|udp"), "workloads.w%u.protocol", i);
    switch (pick(d, 3)) {
    case 0:
        set(d, "constant", "workloads.w%u.arrivals.model", i);
        set(d, one_of(d, "1000/s|100/s|3/s"), "workloads.w%u.arrivals.rate", i);
        break;
    case 1:
        set(d, "poisson", "workloads.w%u.arrivals.model", i);
        set(d, one_of(d, "1000/s|20/s"), "workloads.w%u.arrivals.rate", i);
        break;
    case 2:
        set(d, "burst", "workloads.w%u.arrivals.model", i);
        set(d, one_of(d, "2|7"), "workloads.w%u.arrivals.size", i);
        set(d, one_of(d, "1ms|10ms|1s"), "workloads.w%u.arrivals.every", i);
        break;
    }
    if (rarely(d, 4))
        set(d, one_of(d, "5ms|20ms|300ms"), "workloads.w%u.duration", i);
    else
        set(d, one_of(d, "1|5|20"), "workloads.w%u.connections", i);
    set(d, one_of(d, "0|0|5ms|1s"), "workloads.w%u.start", i);
    set(d, one_of(d, "0|0|100B|5KB"), "workloads.w%u.request", i);
    set(d, one_of(d, "0|0|100B|10KB"), "workloads.w%u.response", i);
    set(d, one_of(d, "0|0|5ms|1s"), "workloads.w%u.hold", i);
    set(d, one_of(d, "client|client|server|both|none|client-only|server-only"), "workloads.w%u.close", i);
    set(d, one_of(d, "0|0|5ms|1s"), "workloads.w%u.close_after", i);
    set(d, one_of(d, "false|false|true"), "workloads.w%u.half_close", i);
    set(d, one_of(d, "false|true"), "workloads.w%u.fast_open", i);
    if (rarely(d, 4)) {
        set(d, one_of(d, "15ms|500ms|1s|3s"), "workloads.w%u.connect_timeout", i);
        set(d, d->retries ? one_of(d, "0|1|2") : "0", "workloads.w%u.retries", i);
    }
}

void draft_new(struct draft *d, uint64_t number, bool delays_everywhere)
{
    char seed[24];
    *d = (struct draft){.random = number, .settings = synfin_settings_new(), .delays_everywhere = delays_everywhere};
    if (!d->settings)
        abort();
    d->hosts = 2 + pick(d, 3);
    d->links = 1 + pick(d, 3);
    d->workloads = 1 + pick(d, 3);
    d->retries = rarely(d, 2);
    snprintf(seed, sizeof seed, "%" PRIu64, number);
    set(d, seed, "seed");
    if (rarely(d, 3))
        set(d, one_of(d, "50ms|1s|70s"), "stop");
    for (unsigned i = 0; i < d->hosts; i++)
        draft_host(d, i);
    for (unsigned i = 0; i < d->links; i++) {
        draft_direction(d, i, "forward");
        draft_direction(d, i, "backward");
    }
    for (unsigned i = 0; i < d->workloads; i++)
        draft_workload(d, i);
}
