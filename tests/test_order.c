/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Order: whole runs of random scenarios (draft.h), event by event against a plain simulator that
 * takes the least of all that is pending (reference.h).
 */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "draft.h"
#include "link.h"
#include "reference.h"
#include "suite.h"

/* ---- The real simulator ------------------------------------------------------------------------------------------ */

struct observed {
    const struct synfin_scenario *scenario;
    struct reference_rows rows;
    size_t connections, room;
    struct synfin_connection *connection;
};

static void observe_event(void *user, const struct synfin_event *event)
{
    struct observed *o = user;
    uint32_t host = 0;
    while (strcmp(o->scenario->host[host].name, event->host))
        host++;
    reference_row_add(&o->rows, event, host);
}

static void observe_connection(void *user, const struct synfin_connection *connection)
{
    struct observed *o = user;
    if (o->connections == o->room) {
        o->room = o->room ? 2 * o->room : 64;
        o->connection = realloc(o->connection, o->room * sizeof *o->connection);
        if (!o->connection)
            abort();
    }
    o->connection[o->connections++] = *connection;
}

static int by_workload_and_number(const void *a, const void *b)
{
    const struct synfin_connection *x = a, *y = b;
    if (x->workload != y->workload)
        return x->workload < y->workload ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

/* ---- Comparison -------------------------------------------------------------------------------------------------- */

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && !strcmp(a, b));
}

static bool is_fate(const struct reference_row *r)
{
    return (r->event.kind >= SYNFIN_EVENT_LOST && r->event.kind <= SYNFIN_EVENT_CORRUPTED) ||
           r->event.kind == SYNFIN_EVENT_INJECTED;
}

static bool same_segment(const struct synfin_segment *a, const struct synfin_segment *b)
{
    return a->source == b->source && a->destination == b->destination && a->source_port == b->source_port &&
           a->destination_port == b->destination_port && a->seq == b->seq && a->ack == b->ack &&
           a->window == b->window && a->flags == b->flags && a->window_scale == b->window_scale && a->mss == b->mss &&
           a->length == b->length &&
           a->protocol == b->protocol && a->bits == b->bits && a->tsval == b->tsval && a->tsecr == b->tsecr &&
           a->connection == b->connection && a->ordinal == b->ordinal;
}

static bool same_row(const struct reference_row *x, const struct reference_row *y)
{
    const struct synfin_event *a = &x->event, *b = &y->event;
    return a->time == b->time && a->kind == b->kind && x->host == y->host && a->workload == b->workload &&
           a->connection == b->connection && a->client == b->client && same_text(a->link, b->link) &&
           a->link_backward == b->link_backward && same_text(a->model, b->model) && same_text(a->state, b->state) &&
           a->since == b->since && a->duration == b->duration && same_segment(&x->segment, &y->segment);
}

static bool same_connection(const struct synfin_connection *a, const struct synfin_connection *b)
{
    bool same = a->workload == b->workload && a->number == b->number && a->outcome == b->outcome &&
                a->opened == b->opened && a->syn_sent == b->syn_sent && a->syn_ack_sent == b->syn_ack_sent &&
                a->fin_sent == b->fin_sent && a->local == b->local && a->remote == b->remote &&
                a->local_port == b->local_port && a->remote_port == b->remote_port;
    for (unsigned m = 0; m < SYNFIN_METRICS; m++)
        same &= a->duration[m] == b->duration[m];
    return same;
}

static void show_row(const char *what, const struct reference_row *r)
{
    const struct synfin_event *e = &r->event;
    const struct synfin_segment *s = &r->segment;
    printf("  %-9s %" PRId64 " h%u %s w%u:%u %s", what, e->time, r->host, synfin_event_name(e->kind), e->workload,
           e->connection, e->client ? "client" : "server");
    printf(" since %" PRId64 " for %" PRId64 " link %s", e->since, e->duration, e->link ? e->link : "-");
    printf(" model %s state %s", e->model ? e->model : "-", e->state ? e->state : "-");
    printf(" flags %02x seq %u ack %u length %u window %u", s->flags, s->seq, s->ack, s->length, s->window);
    printf(" scale %u mss %u ts %u %u", s->window_scale, s->mss, s->tsval, s->tsecr);
    printf(" ordinal %x bits %02x connection %u", s->ordinal, s->bits, s->connection);
    printf(" %08x:%u > %08x:%u\n", s->source, s->source_port, s->destination, s->destination_port);
}

static void show_connection(const char *what, const struct synfin_connection *c)
{
    printf("  %-9s w%u:%u %s", what, c->workload, c->number, synfin_outcome_name(c->outcome));
    printf(" opened %" PRId64, c->opened);
    for (unsigned m = 0; m < SYNFIN_METRICS; m++)
        printf(" %s %" PRId64, synfin_metric_name(m), c->duration[m]);
    printf(" syn %u syn_ack %u fin %u", c->syn_sent, c->syn_ack_sent, c->fin_sent);
    printf(" local %08x:%u\n", c->local, c->local_port);
}

static void show_rows_of(const struct reference_rows *rows, const struct synfin_connection *c)
{
    for (size_t i = 0; i < rows->count; i++) {
        if (rows->row[i].event.workload == c->workload && rows->row[i].event.connection == c->number)
            show_row("", &rows->row[i]);
    }
}

/* What befell segments on links is no event of a host; of one instant and host it is compared in any order. */
static int compare_fates(const void *a, const void *b)
{
    const struct reference_row *x = a, *y = b;
    const int64_t keys[][2] = {{x->event.time, y->event.time},
                               {x->host, y->host},
                               {x->event.kind, y->event.kind},
                               {x->segment.connection, y->segment.connection},
                               {x->segment.bits, y->segment.bits},
                               {x->segment.ordinal, y->segment.ordinal},
                               {x->event.link[1], y->event.link[1]}};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (keys[i][0] != keys[i][1])
            return keys[i][0] < keys[i][1] ? -1 : 1;
    }
    return 0;
}

static struct reference_rows select_rows(const struct reference_rows *rows, bool fates)
{
    struct reference_rows some = {0};
    for (size_t i = 0; i < rows->count; i++) {
        if (is_fate(&rows->row[i]) == fates) {
            reference_row_add(&some, &rows->row[i].event, rows->row[i].host);
            some.row[some.count - 1].segment = rows->row[i].segment;
        }
    }
    if (fates && some.count)
        qsort(some.row, some.count, sizeof *some.row, compare_fates);
    return some;
}

static bool compare_rows(const struct reference_rows *real, const struct reference_rows *plain, bool fates)
{
    struct reference_rows a = select_rows(real, fates), b = select_rows(plain, fates);
    size_t i = 0;
    while (i < a.count && i < b.count && same_row(&a.row[i], &b.row[i]))
        i++;
    bool same = i == a.count && i == b.count;
    for (size_t k = i > 3 ? i - 3 : 0; !same && k <= i; k++) {
        if (k < a.count)
            show_row("real", &a.row[k]);
        if (k < b.count)
            show_row("reference", &b.row[k]);
    }
    free(a.row);
    free(b.row);
    return same;
}

static bool compare_connections(const struct observed *real, const struct reference_results *plain)
{
    if (real->connections != plain->connections) {
        printf("  real: %zu connections, reference: %zu\n", real->connections, plain->connections);
        return false;
    }
    for (size_t i = 0; i < real->connections; i++) {
        if (!same_connection(&real->connection[i], &plain->connection[i])) {
            show_connection("real", &real->connection[i]);
            show_connection("reference", &plain->connection[i]);
            show_rows_of(&plain->rows, &plain->connection[i]);
            return false;
        }
    }
    return true;
}

static bool check_number(const char *what, const char *where, uint64_t real, uint64_t plain)
{
    if (real != plain)
        printf("  %s %s: real %" PRIu64 ", reference %" PRIu64 "\n", where, what, real, plain);
    return real == plain;
}

static bool compare_segments(const char *where, const struct synfin_segment_counts *a,
                             const struct synfin_segment_counts *b)
{
    bool same = true;
    for (unsigned k = 0; k < SYNFIN_KINDS; k++)
        same &= check_number(synfin_kind_name(k), where, a->kind[k], b->kind[k]);
    same &= check_number("lost", where, a->lost, b->lost);
    same &= check_number("dropped", where, a->dropped, b->dropped);
    same &= check_number("duplicated", where, a->duplicated, b->duplicated);
    same &= check_number("corrupted", where, a->corrupted, b->corrupted);
    return same & check_number("reordered", where, a->reordered, b->reordered);
}

static bool compare_link(const char *where, const struct synfin_link_counts *a, const struct synfin_link_counts *b)
{
    bool same = check_number("sent", where, a->sent, b->sent);
    same &= check_number("bytes", where, a->bytes, b->bytes);
    same &= check_number("lost", where, a->lost, b->lost);
    same &= check_number("dropped", where, a->dropped, b->dropped);
    same &= check_number("duplicated", where, a->duplicated, b->duplicated);
    same &= check_number("corrupted", where, a->corrupted, b->corrupted);
    return same & check_number("reordered", where, a->reordered, b->reordered);
}

/* Peaks are compared where all is TCP: a client of UDP whose requests are lost is over before they are. */
static bool compare_counts(const struct synfin_results *real, const struct reference_results *plain, bool peaks)
{
    bool same = check_number("simulated", "run", (uint64_t)real->simulated, (uint64_t)plain->simulated);
    if (peaks)
        same &= check_number("peak", "run", real->total.connections.peak_concurrent, plain->peak);
    for (size_t i = 0; i < real->workloads; i++) {
        const struct synfin_workload_results *w = &real->workload[i];
        same &= check_number("opened", w->name, w->connections.opened, plain->workload[i].opened);
        same &= check_number("established", w->name, w->connections.established, plain->workload[i].established);
        same &= check_number("closed", w->name, w->connections.closed, plain->workload[i].closed);
        same &= check_number("open", w->name, w->connections.open, plain->workload[i].open);
        if (peaks)
            same &= check_number("peak", w->name, w->connections.peak_concurrent, plain->workload[i].peak_concurrent);
        for (unsigned f = 0; f < SYNFIN_FAILURES; f++)
            same &= check_number("failed", w->name, w->connections.failed[f], plain->workload[i].failed[f]);
        for (unsigned f = 0; f < SYNFIN_NO_PORT_REASONS; f++)
            same &= check_number("no port", w->name, w->connections.no_port[f], plain->workload[i].no_port[f]);
        same &= check_number("TIME-WAIT overflow", w->name, w->connections.time_wait_overflow,
                             plain->workload[i].time_wait_overflow);
        for (unsigned way = 0; way < 2; way++)
            same &= compare_segments(w->name, &w->segments[way], &plain->segments[i][way]);
    }
    for (size_t i = 0; i < real->links; i++) {
        for (unsigned way = 0; way < 2; way++)
            same &= compare_link(real->link[i].name, &real->link[i].direction[way], &plain->link[i][way]);
    }
    return same;
}

static bool all_tcp(const struct synfin_scenario *s)
{
    for (size_t i = 0; i < s->workloads; i++) {
        if (synfin_registry_protocol(s->registry, s->workload[i].protocol)->number != SYNFIN_TCP)
            return false;
    }
    return true;
}

/* Sums of all latencies of all workloads. */
static bool compare_latencies(const struct synfin_results *a, const struct synfin_results *b)
{
    bool same = true;
    for (unsigned m = 0; m < SYNFIN_METRICS; m++) {
        uint64_t sum[2][2], squares[2][2];
        synfin_statistic_sums(a->total.metric[m], sum[0], squares[0]);
        synfin_statistic_sums(b->total.metric[m], sum[1], squares[1]);
        same &= check_number(synfin_metric_name((enum synfin_metric)m), "sum of", sum[0][0], sum[1][0]);
        same &= check_number(synfin_metric_name((enum synfin_metric)m), "squares of", squares[0][0], squares[1][0]);
    }
    return same;
}

/* The same run with nobody watching it, when most of its segments take shorter ways. */
static bool compare_unwatched(const struct synfin_scenario *scenario, const struct synfin_results *watched,
                              const struct reference_results *plain, uint64_t budget)
{
    struct synfin_error error;
    struct synfin_simulation *real = synfin_simulation_new(scenario, 0, &error);
    int status = real ? 1 : -1;
    while (status == 1)
        status = synfin_simulation_run(real, budget, &error);
    const struct synfin_results *results = status == 0 ? synfin_simulation_results(real) : NULL;
    bool same = results && compare_counts(results, plain, all_tcp(scenario)) && compare_latencies(results, watched);
    if (!same)
        printf("  unwatched\n");
    synfin_simulation_free(real);
    return same;
}

enum { MOST_EVENTS = 300000 };

static bool compare_run(const struct synfin_scenario *scenario, uint64_t budget)
{
    struct synfin_error error;
    struct observed o = {.scenario = scenario};
    struct synfin_observer observer = {.user = &o,
                                       .event = observe_event,
                                       .only_workload = SYNFIN_NONE,
                                       .only_connection = SYNFIN_NONE,
                                       .connection = observe_connection};
    struct reference_results *plain = reference_run(scenario, 0, MOST_EVENTS);
    struct synfin_simulation *real = synfin_simulation_new(scenario, 0, &error);
    bool same = real != NULL && !plain->endless;
    if (same) {
        int status;
        synfin_simulation_observe(real, &observer);
        while ((status = synfin_simulation_run(real, budget, &error)) == 1)
            ;
        if (o.connections)
            qsort(o.connection, o.connections, sizeof *o.connection, by_workload_and_number);
        same = status == 0 && compare_rows(&o.rows, &plain->rows, false) &&
               compare_rows(&o.rows, &plain->rows, true) && compare_connections(&o, plain) &&
               compare_counts(synfin_simulation_results(real), plain, all_tcp(scenario)) &&
               compare_unwatched(scenario, synfin_simulation_results(real), plain, budget);
    } else {
        printf("  %s\n", plain->endless ? "the run does not end" : error.text);
    }
    synfin_simulation_free(real);
    reference_results_free(plain);
    free(o.rows.row);
    free(o.connection);
    return same;
}

/* Drafts `first` to `first + n - 1`; where one differs, it is shown and the rest is not run. */
static void compare_drafts(uint64_t first, unsigned n, bool delays_everywhere, uint64_t budget)
{
    static struct draft draft;
    struct synfin_registry *registry = synfin_registry_new();
    CU_ASSERT_PTR_NOT_NULL_FATAL(registry);
    bool same = true;
    for (uint64_t i = first; same && i < first + n; i++) {
        struct synfin_error error;
        draft_new(&draft, i, delays_everywhere);
        struct synfin_scenario *scenario = synfin_scenario_new(registry, draft.settings, NULL, &error);
        if (!scenario)
            printf("  %s: %s\n", error.path, error.text);
        same = scenario && compare_run(scenario, budget);
        if (!same)
            printf("  in draft %" PRIu64 ":\n%s", i, draft.text);
        synfin_scenario_free(scenario);
        synfin_settings_free(draft.settings);
    }
    synfin_registry_free(registry);
    CU_ASSERT(same);
}

static void test_with_look_ahead(void)
{
    compare_drafts(1, 400, true, 0);
}

static void test_without_look_ahead(void)
{
    compare_drafts(10001, 400, false, 0);
}

/* A run that is interrupted after every event goes on as if it had not been. */
static void test_in_small_turns(void)
{
    compare_drafts(20001, 20, true, 1);
    compare_drafts(30001, 20, false, 1);
}

static void with_settings(const char *const (*settings)[2], size_t n, bool (*compare)(const struct synfin_scenario *))
{
    struct synfin_registry *registry = synfin_registry_new();
    struct synfin_settings *s = synfin_settings_new();
    struct synfin_error error;
    CU_ASSERT_FATAL(registry && s);
    for (size_t i = 0; i < n; i++)
        CU_ASSERT_EQUAL_FATAL(synfin_settings_set(s, settings[i][0], settings[i][1], 1, &error), 0);
    struct synfin_scenario *scenario = synfin_scenario_new(registry, s, NULL, &error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(scenario);
    CU_ASSERT(compare(scenario));
    synfin_scenario_free(scenario);
    synfin_settings_free(s);
    synfin_registry_free(registry);
}

static bool compare_with_reference(const struct synfin_scenario *scenario)
{
    return compare_run(scenario, 0);
}

/* Chance alone on the paths, and so much of it that clients give up and try again, and many a connection has several
   endpoints at the server; and a longer path that ends with the same link, so that segments overtake others, and has
   losses in two places: what is known of a sender's next segments is to be known of the right ones. */
static void test_by_chance(void)
{
    static const char *const settings[][2] = {
        {"hosts.c.profile", "linux"}, {"hosts.c.tcp.syn_retries", "4"}, {"hosts.s.profile", "linux"},
        {"hosts.s.tcp.synack_retries", "5"}, {"hosts.s.listen.port", "80"}, {"hosts.s.listen.backlog", "4096"},
        {"links.l.both.delay.model", "constant"}, {"links.l.both.delay.time", "10ms"},
        {"links.l.both.loss.model", "bernoulli"}, {"links.l.both.loss.p", "40%"}, {"workloads.w.from", "c"},
        {"workloads.w.to", "s"}, {"workloads.w.over", "[l]"}, {"workloads.w.arrivals.model", "poisson"},
        {"workloads.w.arrivals.rate", "200/s"}, {"workloads.w.connections", "400"}, {"workloads.w.request", "100B"},
        {"workloads.w.close", "both"}, {"workloads.w.connect_timeout", "300ms"}, {"workloads.w.retries", "3"},
        {"links.k.both.delay.model", "constant"}, {"links.k.both.delay.time", "5ms"},
        {"links.k.both.loss.model", "bernoulli"}, {"links.k.both.loss.p", "20%"}, {"workloads.v.from", "c"},
        {"workloads.v.to", "s"}, {"workloads.v.over", "[k, l]"}, {"workloads.v.arrivals.model", "poisson"},
        {"workloads.v.arrivals.rate", "200/s"}, {"workloads.v.connections", "400"}, {"workloads.v.response", "100B"},
    };
    with_settings(settings, sizeof settings / sizeof *settings, compare_with_reference);
}

/* More connections than a path keeps draws of, so that each group takes the place of another's, some while segments of
   the other are yet to come, some before it has come at all. */
static void test_more_than_draws_are_kept_of(void)
{
    static const char *const settings[][2] = {
        {"hosts.c.profile", "linux"}, {"hosts.s.profile", "linux"}, {"hosts.s.listen.port", "80"},
        {"links.l.both.delay.model", "uniform"}, {"links.l.both.delay.time", "10ms"},
        {"links.l.both.delay.jitter", "10ms"}, {"links.l.both.loss.model", "bernoulli"},
        {"links.l.both.loss.p", "5%"}, {"workloads.w.from", "c"}, {"workloads.w.to", "s"},
        {"workloads.w.over", "[l]"}, {"workloads.w.arrivals.model", "poisson"},
        {"workloads.w.arrivals.rate", "200000/s"}, {"workloads.w.connections", "2100"},
        {"workloads.w.close", "client"},
    };
    static_assert(2100 > 2 * PATH_GROUPS * RANDOM_MANY && 2100 > 2 * PATH_DELAYS, "places are taken twice at least");
    with_settings(settings, sizeof settings / sizeof *settings, compare_with_reference);
}

/* The first draw of a connection is on the border of its loss, so that a second decides. */
static void test_on_the_border_of_loss(void)
{
    struct random_key key = random_key(1, 0, "links.l.forward.loss", "w");
    for (uint32_t number = 0; number < 20; number++) {
        uint32_t draw[4];
        char p[64];
        random_block(key, (const uint32_t[4]){number}, draw);
        snprintf(p, sizeof p, "%.18f", (draw[number % 4] + 0.5) * 0x1p-32);
        const char *const settings[][2] = {
            {"seed", "1"}, {"hosts.c.profile", "linux"}, {"hosts.s.profile", "linux"}, {"hosts.s.listen.port", "80"},
            {"links.l.both.delay.model", "constant"}, {"links.l.both.delay.time", "10ms"},
            {"links.l.forward.loss.model", "bernoulli"}, {"links.l.forward.loss.p", p}, {"workloads.w.from", "c"},
            {"workloads.w.to", "s"}, {"workloads.w.over", "[l]"}, {"workloads.w.arrivals.model", "constant"},
            {"workloads.w.arrivals.rate", "1000/s"}, {"workloads.w.connections", "20"},
            {"workloads.w.close", "client"},
        };
        with_settings(settings, sizeof settings / sizeof *settings, compare_with_reference);
    }
}

/* Where no draw of 32 bits is less than what is certain, nor more than what never happens. */
static void test_certain_loss(void)
{
    static const char *const chances[][2] = {{"100%", "0"}, {"0", "100%"}, {"30%", "100%"}, {"0", "0"}};
    for (size_t i = 0; i < sizeof chances / sizeof *chances; i++) {
        const char *const settings[][2] = {
            {"hosts.c.profile", "linux"}, {"hosts.s.profile", "linux"}, {"hosts.s.listen.port", "80"},
            {"links.l.both.delay.model", "uniform"}, {"links.l.both.delay.time", "10ms"},
            {"links.l.both.delay.jitter", "10ms"}, {"links.l.forward.loss.model", "bernoulli"},
            {"links.l.forward.loss.p", chances[i][0]}, {"links.k.forward.loss.model", "bernoulli"},
            {"links.k.forward.loss.p", chances[i][1]}, {"workloads.w.from", "c"}, {"workloads.w.to", "s"},
            {"workloads.w.over", "[l, k]"}, {"workloads.w.arrivals.model", "constant"},
            {"workloads.w.arrivals.rate", "1000/s"}, {"workloads.w.connections", "20"},
            {"workloads.w.close", "client"},
        };
        with_settings(settings, sizeof settings / sizeof *settings, compare_with_reference);
    }
}

/* Two segments are emitted at once, and may arrive at once over the same last link: one straight into the far queue, as
   its delay is drawn; the other, which a longer path may copy, by way of the models. The first emitted is the first. */
static void test_over_two_paths_at_once(void)
{
    static const char *const settings[][2] = {
        {"hosts.c.profile", "linux"}, {"hosts.s.profile", "linux"}, {"hosts.s.listen.port", "80"},
        {"links.l.both.delay.model", "uniform"}, {"links.l.both.delay.time", "10ms"},
        {"links.l.both.delay.jitter", "1ns"}, {"links.k.both.duplicate.model", "bernoulli"},
        {"links.k.both.duplicate.p", "1%"}, {"workloads.v.from", "c"}, {"workloads.v.to", "s"},
        {"workloads.v.over", "[l]"}, {"workloads.v.arrivals.model", "constant"},
        {"workloads.v.arrivals.rate", "1000/s"}, {"workloads.v.connections", "300"},
        {"workloads.v.close", "client"}, {"workloads.w.from", "c"}, {"workloads.w.to", "s"},
        {"workloads.w.over", "[k, l]"}, {"workloads.w.arrivals.model", "constant"},
        {"workloads.w.arrivals.rate", "1000/s"}, {"workloads.w.connections", "300"},
        {"workloads.w.close", "client"},
    };
    with_settings(settings, sizeof settings / sizeof *settings, compare_with_reference);
}

/* The run of a scenario to its end, `budget` events at a time; NULL: it failed. */
static struct synfin_simulation *run_in_turns(const struct synfin_scenario *scenario, uint64_t budget)
{
    struct synfin_error error;
    struct synfin_simulation *simulation = synfin_simulation_new(scenario, 0, &error);
    int status = simulation ? 1 : -1;
    while (status == 1)
        status = synfin_simulation_run(simulation, budget, &error);
    return status == 0 ? simulation : NULL;
}

static bool compare_turns(const struct synfin_scenario *scenario)
{
    struct synfin_simulation *whole = run_in_turns(scenario, 0), *turns = run_in_turns(scenario, 7);
    CU_ASSERT_FATAL(whole && turns);
    const struct synfin_results *a = synfin_simulation_results(whole), *b = synfin_simulation_results(turns);
    const struct synfin_connection_counts *c = &a->total.connections;
    bool same = a->events == b->events && memcmp(c, &b->total.connections, sizeof *c) == 0 &&
                memcmp(a->total.segments, b->total.segments, sizeof a->total.segments) == 0;
    CU_ASSERT_EQUAL(c->peak_concurrent, 9000);
    CU_ASSERT_EQUAL(c->closed + c->failed[SYNFIN_TIMEOUT] + c->failed[SYNFIN_RESET], 9000);
    synfin_simulation_free(whole);
    synfin_simulation_free(turns);
    return same;
}

/* More endpoints at once than those from which on a host fetches far ahead, which retransmit and close: what it looks
   at may be no event any more, or none yet. The reference would take too long. */
static void test_many_at_once(void)
{
    static const char *const settings[][2] = {
        {"hosts.c.profile", "linux"}, {"hosts.s.profile", "linux"}, {"hosts.s.listen.port", "80"},
        {"hosts.s.listen.backlog", "10000"}, {"hosts.s.tcp.somaxconn", "10000"},
        {"links.l.both.delay.model", "constant"}, {"links.l.both.delay.time", "10ms"},
        {"links.l.both.loss.model", "bernoulli"}, {"links.l.both.loss.p", "5%"}, {"workloads.w.from", "c"},
        {"workloads.w.to", "s"}, {"workloads.w.over", "[l]"}, {"workloads.w.arrivals.model", "poisson"},
        {"workloads.w.arrivals.rate", "100000/s"}, {"workloads.w.connections", "9000"}, {"workloads.w.hold", "10s"},
        {"workloads.w.close", "client"},
    };
    with_settings(settings, sizeof settings / sizeof *settings, compare_turns);
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"random scenarios, hosts running ahead of each other", test_with_look_ahead},
        {"random scenarios, one event at a time", test_without_look_ahead},
        {"random scenarios, in small turns", test_in_small_turns},
        {"several endpoints of a connection on a path with losses", test_by_chance},
        {"more connections than draws are kept of", test_more_than_draws_are_kept_of},
        {"on the border of a loss", test_on_the_border_of_loss},
        {"losses of all segments, and of none", test_certain_loss},
        {"over two paths at once, whose segments may arrive at once", test_over_two_paths_at_once},
        {"more endpoints at once than are fetched one by one", test_many_at_once},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "test_order", cases);
}
