/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Building, running and finishing a run. Hosts cannot influence each other faster than the least delay between them,
 * the look-ahead: in a window of that length each host runs all its events, then each shared link, in any order of
 * hosts, with the same result as one event after the other. Where there is no look-ahead, the next event of all is
 * taken each time: by time, cause, hosts before links, in the file's order.
 */
#include "simulation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record.h"

/* Longer windows would only make the lanes longer. */
#define WINDOW_MAX (20 * SYNFIN_MS)

/* Of `at`: not in the heap; in the middle of its turn. */
#define TURN_NONE SYNFIN_NONE
#define TURN_RUNNING (SYNFIN_NONE - 1)

void simulation_fail(struct synfin_simulation *sim, const char *why)
{
    if (!sim->failed)
        sim->failure = why;
    sim->failed = true;
}

/* ---- Turns ------------------------------------------------------------------------------------------------------- */

/* What the two heaps have in common: schedules by number, each with its place. */
struct turns {
    struct turn_heap *heap;
    const struct lane_head *(*next)(const struct synfin_simulation *, uint32_t number);
    uint32_t *(*at)(const struct synfin_simulation *, uint32_t number);
};

static const struct lane_head *host_next(const struct synfin_simulation *sim, uint32_t n)
{
    return schedule_peek(&sim->host[n].schedule);
}

static uint32_t *host_at(const struct synfin_simulation *sim, uint32_t n)
{
    return &sim->host[n].at;
}

static const struct lane_head *station_next(const struct synfin_simulation *sim, uint32_t n)
{
    return schedule_peek(&sim->station[n]->schedule);
}

static uint32_t *station_at(const struct synfin_simulation *sim, uint32_t n)
{
    return &sim->station[n]->at;
}

static struct turns host_turns(struct synfin_simulation *sim)
{
    return (struct turns){&sim->host_turns, host_next, host_at};
}

static struct turns station_turns(struct synfin_simulation *sim)
{
    return (struct turns){&sim->station_turns, station_next, station_at};
}

static bool key_less(const struct schedule_key *a, const struct schedule_key *b)
{
    return a->time != b->time ? a->time < b->time : a->cause < b->cause;
}

static bool turn_before(const struct synfin_simulation *sim, const struct turns *t, uint32_t a, uint32_t b)
{
    const struct schedule_key *x = &t->next(sim, a)->key, *y = &t->next(sim, b)->key;
    return x->time == y->time && x->cause == y->cause ? a < b : key_less(x, y);
}

static void turn_place(const struct synfin_simulation *sim, const struct turns *t, uint32_t at, uint32_t number)
{
    t->heap->number[at] = number;
    *t->at(sim, number) = at;
}

static void turn_up(const struct synfin_simulation *sim, const struct turns *t, uint32_t at, uint32_t number)
{
    while (at > 0 && turn_before(sim, t, number, t->heap->number[(at - 1) / 2])) {
        turn_place(sim, t, at, t->heap->number[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    turn_place(sim, t, at, number);
}

static void turn_down(const struct synfin_simulation *sim, const struct turns *t, uint32_t number)
{
    uint32_t at = 0;
    for (;;) {
        uint32_t down = 2 * at + 1;
        if (down >= t->heap->count)
            break;
        if (down + 1 < t->heap->count && turn_before(sim, t, t->heap->number[down + 1], t->heap->number[down]))
            down++;
        if (!turn_before(sim, t, t->heap->number[down], number))
            break;
        turn_place(sim, t, at, t->heap->number[down]);
        at = down;
    }
    turn_place(sim, t, at, number);
}

static void turn_nearer(struct synfin_simulation *sim, const struct turns *t, uint32_t number)
{
    uint32_t at = *t->at(sim, number);
    if (at == TURN_RUNNING)
        return;
    turn_up(sim, t, at == TURN_NONE ? t->heap->count++ : at, number);
}

/* Takes the first out of the heap for its turn. */
static uint32_t turn_begin(struct synfin_simulation *sim, const struct turns *t)
{
    uint32_t number = t->heap->number[0];
    *t->at(sim, number) = TURN_RUNNING;
    if (--t->heap->count)
        turn_down(sim, t, t->heap->number[t->heap->count]);
    return number;
}

/* Its schedule has been looked at by schedule_next(): the others compare what that found. */
static void turn_end(struct synfin_simulation *sim, const struct turns *t, uint32_t number)
{
    *t->at(sim, number) = TURN_NONE;
    if (t->next(sim, number))
        turn_nearer(sim, t, number);
}

void simulation_nearer_host(struct synfin_simulation *sim, struct host *h)
{
    struct turns t = host_turns(sim);
    turn_nearer(sim, &t, h->number);
}

void simulation_nearer_station(struct synfin_simulation *sim, struct station *s)
{
    struct turns t = station_turns(sim);
    turn_nearer(sim, &t, s->number);
}

static const struct schedule_key *first_key(const struct synfin_simulation *sim, const struct turns *t)
{
    return t->heap->count ? &t->next(sim, t->heap->number[0])->key : NULL;
}

/* ---- Running ----------------------------------------------------------------------------------------------------- */

/* One turn of the first host or station of a heap; how many events. */
static uint64_t host_turn(struct synfin_simulation *sim, synfin_time until, uint64_t most)
{
    struct turns t = host_turns(sim);
    uint32_t n = turn_begin(sim, &t);
    uint64_t events = host_run(&sim->host[n], until, most);
    schedule_next(&sim->host[n].schedule);
    turn_end(sim, &t, n);
    return events;
}

static uint64_t station_turn(struct synfin_simulation *sim, synfin_time until, uint64_t most)
{
    struct turns t = station_turns(sim);
    uint32_t n = turn_begin(sim, &t);
    uint64_t events = station_run(sim, sim->station[n], until, most);
    schedule_next(&sim->station[n]->schedule);
    turn_end(sim, &t, n);
    return events;
}

/* The next event of all; NULL: there is none. */
static const struct schedule_key *next_key(struct synfin_simulation *sim, bool *is_station)
{
    struct turns hosts = host_turns(sim), stations = station_turns(sim);
    const struct schedule_key *h = first_key(sim, &hosts), *s = first_key(sim, &stations);
    *is_station = s && (!h || key_less(s, h));
    return *is_station ? s : h;
}

static void settle_outputs(struct synfin_simulation *sim, synfin_time until)
{
    sim->settled = until;
    if (sim->observed)
        trace_flush(sim, until);
}

static uint64_t run_window(struct synfin_simulation *sim, synfin_time from, synfin_time end)
{
    synfin_time until = from < end - sim->lookahead ? from + sim->lookahead : end;
    uint64_t events = 0;
    const struct schedule_key *key;
    struct turns hosts = host_turns(sim), stations = station_turns(sim);
    while ((key = first_key(sim, &hosts)) != NULL && key->time < until)
        events += host_turn(sim, until, UINT64_MAX);
    while ((key = first_key(sim, &stations)) != NULL && key->time < until)
        events += station_turn(sim, until, UINT64_MAX);
    settle_outputs(sim, until);
    return events;
}

/* Without look-ahead, what happened before `from` cannot change any more; events are told now and then. */
static uint64_t run_step(struct synfin_simulation *sim, synfin_time from, synfin_time end, bool is_station)
{
    sim->settled = from;
    if (sim->trace.count > 4096)
        trace_flush(sim, from);
    return is_station ? station_turn(sim, end, 1) : host_turn(sim, end, 1);
}

static void begin(struct synfin_simulation *sim)
{
    struct turns t = host_turns(sim);
    sim->begun = true;
    workload_begin(sim);
    for (uint32_t i = 0; i < sim->hosts; i++)
        turn_end(sim, &t, i);
}

static void finish(struct synfin_simulation *sim, bool stopped)
{
    if (stopped)
        sim->last = sim->scenario->stop;
    settle_outputs(sim, SYNFIN_NEVER);
    series_finish(sim);
    record_finish(sim);
    sim->finished = true;
}

static int failed(const struct synfin_simulation *sim, struct synfin_error *error)
{
    *error = (struct synfin_error){0};
    snprintf(error->text, sizeof(error->text), "%s at %.9f s of the simulation", sim->failure, (double)sim->now / 1e9);
    return -1;
}

int synfin_simulation_run(struct synfin_simulation *sim, uint64_t budget, struct synfin_error *error)
{
    synfin_time stop = sim->scenario->stop, end = stop == SYNFIN_NEVER ? stop : stop + 1;
    uint64_t done = 0;
    if (sim->finished)
        return 0;
    if (!sim->begun)
        begin(sim);
    while (!sim->failed && (!budget || done < budget)) {
        bool is_station;
        const struct schedule_key *key = next_key(sim, &is_station);
        if (!key || key->time >= end) {
            finish(sim, key != NULL);
            break;
        }
        sim->now = key->time;
        uint64_t n = sim->lookahead ? run_window(sim, key->time, end) : run_step(sim, key->time, end, is_station);
        sim->events += n;
        done += n;
    }
    if (sim->kinds.no_memory)
        simulation_fail(sim, "out of memory");
    if (sim->failed)
        return failed(sim, error);
    return sim->finished ? 0 : 1;
}

/* How many have been counted. */
static uint64_t over(const struct synfin_connection_counts *c)
{
    uint64_t n = c->closed;
    for (unsigned i = 0; i < SYNFIN_FAILURES; i++)
        n += c->failed[i];
    return n;
}

void synfin_simulation_progress(const struct synfin_simulation *sim, struct synfin_progress *p)
{
    bool known = true;
    *p = (struct synfin_progress){.now = sim->now, .events = sim->events};
    for (uint32_t i = 0; i < sim->workloads; i++) {
        p->opened += sim->workload_results[i].connections.opened;
        p->over += over(&sim->workload_results[i].connections);
        p->expected += sim->workload[i].scenario->connections;
        known &= sim->workload[i].scenario->connections > 0;
    }
    if (!known)
        p->expected = 0;
}

/* ---- Building ---------------------------------------------------------------------------------------------------- */

static bool uses_segment_lists(const struct synfin_scenario *s)
{
    for (size_t i = 0; i < s->links; i++) {
        for (unsigned way = 0; way < 2; way++) {
            for (unsigned stage = 0; stage < SYNFIN_LINK_STAGES; stage++) {
                for (size_t k = 0; k < s->link[i].stage[way][stage].models; k++) {
                    const struct synfin_param *p = s->link[i].stage[way][stage].model[k].model->params;
                    for (; p && p->name; p++) {
                        if (p->quantity == SYNFIN_SEGMENT_LIST)
                            return true;
                    }
                }
            }
        }
    }
    return false;
}

static int build_protocols(struct synfin_simulation *sim)
{
    const struct synfin_scenario *s = sim->scenario;
    sim->protocol = calloc(s->protocols ? s->protocols : 1, sizeof(*sim->protocol));
    if (!sim->protocol)
        return -1;
    for (unsigned i = 0; i < s->protocols; i++)
        sim->protocol[i] = synfin_registry_protocol(s->registry, i);
    sim->tcp = (unsigned)synfin_registry_find_protocol(s->registry, "tcp");
    return 0;
}

static int build_results(struct synfin_simulation *sim)
{
    const struct synfin_scenario *s = sim->scenario;
    sim->workload_results = calloc(s->workloads ? s->workloads : 1, sizeof(*sim->workload_results));
    sim->link_results = calloc(s->links ? s->links : 1, sizeof(*sim->link_results));
    if (!sim->workload_results || !sim->link_results)
        return -1;
    for (size_t i = 0; i < s->workloads; i++) {
        sim->workload_results[i].name = s->workload[i].name;
        for (unsigned m = 0; m < SYNFIN_METRICS; m++) {
            if (!(sim->workload_results[i].metric[m] = synfin_statistic_new()))
                return -1;
        }
    }
    for (size_t i = 0; i < s->links; i++)
        sim->link_results[i].name = s->link[i].name;
    return 0;
}

static int build(struct synfin_simulation *sim)
{
    const struct synfin_scenario *s = sim->scenario;
    pool_init(&sim->record, sim->memory, sizeof(struct record), 4);
    pool_init(&sim->record_end, sim->memory, sizeof(struct record_end), 8);
    pool_init(&sim->detail, sim->memory, sizeof(struct record_detail), 8);
    sim->host_turns.number = calloc(s->hosts ? s->hosts : 1, sizeof(uint32_t));
    sim->station_turns.number = calloc(s->links ? 2 * s->links : 1, sizeof(uint32_t));
    if (!sim->host_turns.number || !sim->station_turns.number)
        return -1;
    sim->numbered = uses_segment_lists(s);
    if (build_protocols(sim) < 0 || build_results(sim) < 0 || link_build(sim) < 0 || workload_build(sim) < 0 ||
        link_build_stations(sim) < 0 || host_build(sim) < 0 || workload_build_destinations(sim) < 0 ||
        link_build_paths(sim) < 0)
        return -1;
    sim->lookahead = link_least_delay(sim);
    for (size_t i = 0; i < s->workloads; i++) {
        if (!s->workload[i].hops)
            sim->lookahead = 0;
    }
    if (sim->lookahead > WINDOW_MAX)
        sim->lookahead = WINDOW_MAX;
    return 0;
}

struct synfin_simulation *synfin_simulation_new_from(struct synfin_memory *memory,
                                                     const struct synfin_scenario *scenario, uint32_t replication,
                                                     struct synfin_error *error)
{
    struct synfin_simulation *sim = calloc(1, sizeof(*sim));
    *error = (struct synfin_error){0};
    if (sim) {
        sim->scenario = scenario;
        sim->memory = memory;
        sim->replication = replication;
        sim->series = scenario->series;
        sim->observer.only_workload = sim->observer.only_connection = SYNFIN_NONE;
        if (build(sim) == 0 && !sim->failed)
            return sim;
        synfin_simulation_free(sim);
    }
    snprintf(error->text, sizeof(error->text), "out of memory while the run was built");
    return NULL;
}

struct synfin_simulation *synfin_simulation_new(const struct synfin_scenario *scenario, uint32_t replication,
                                                struct synfin_error *error)
{
    return synfin_simulation_new_from(NULL, scenario, replication, error);
}

static void free_metrics(struct synfin_workload_results *r)
{
    for (unsigned m = 0; m < SYNFIN_METRICS; m++) {
        synfin_statistic_free(r->metric[m]);
        r->metric[m] = NULL;
    }
}

void synfin_simulation_free(struct synfin_simulation *sim)
{
    if (!sim)
        return;
    host_free(sim);
    workload_free(sim);
    link_free(sim);
    pool_free(&sim->record);
    pool_free(&sim->record_end);
    pool_free(&sim->detail);
    kinds_free(&sim->kinds);
    trace_free(&sim->trace);
    for (uint32_t i = 0; sim->workload_results && i < sim->scenario->workloads; i++)
        free_metrics(&sim->workload_results[i]);
    free_metrics(&sim->results.total);
    free(sim->workload_results);
    free(sim->link_results);
    concurrency_free(&sim->concurrency);
    free(sim->host_turns.number);
    free(sim->station_turns.number);
    free(sim->sample);
    free(sim->waiting);
    free(sim->protocol);
    free(sim);
}

void synfin_simulation_observe(struct synfin_simulation *sim, const struct synfin_observer *observer)
{
    sim->observer = *observer;
    sim->observed = observer->event != NULL;
    for (uint32_t i = 0; i < sim->hosts; i++) {
        struct host *h = &sim->host[i];
        h->base.watched = sim->observed || observer->connection || sim->numbered || sim->series;
        h->way[0] = h->way[1] = (struct host_way){0};
    }
}

/* ---- Results ----------------------------------------------------------------------------------------------------- */

static void add_segments(struct synfin_segment_counts *to, const struct synfin_segment_counts *from)
{
    for (unsigned k = 0; k < SYNFIN_KINDS; k++)
        to->kind[k] += from->kind[k];
    to->lost += from->lost;
    to->dropped += from->dropped;
    to->duplicated += from->duplicated;
    to->corrupted += from->corrupted;
    to->reordered += from->reordered;
}

static void add_workload(struct synfin_workload_results *to, const struct synfin_workload_results *from)
{
    to->connections.opened += from->connections.opened;
    to->connections.established += from->connections.established;
    to->connections.closed += from->connections.closed;
    to->connections.open += from->connections.open;
    for (unsigned i = 0; i < SYNFIN_FAILURES; i++)
        to->connections.failed[i] += from->connections.failed[i];
    for (unsigned i = 0; i < SYNFIN_NO_PORT_REASONS; i++)
        to->connections.no_port[i] += from->connections.no_port[i];
    to->connections.time_wait_overflow += from->connections.time_wait_overflow;
    add_segments(&to->segments[0], &from->segments[0]);
    add_segments(&to->segments[1], &from->segments[1]);
    for (unsigned m = 0; m < SYNFIN_METRICS; m++)
        synfin_statistic_merge(to->metric[m], from->metric[m]);
}

static uint64_t most_waiting(const struct link_direction *d)
{
    uint64_t most = 0;
    for (size_t i = 0; i < d->stages; i++) {
        const struct link_stage *s = &d->stage[i];
        if (s->stage == SYNFIN_QUEUE && s->model->most_waiting && s->model->most_waiting(s->state) > most)
            most = s->model->most_waiting(s->state);
    }
    return most;
}

static size_t crowded_listeners(const struct synfin_simulation *sim)
{
    size_t n = 0;
    for (uint32_t i = 0; i < sim->hosts; i++) {
        const struct host *h = &sim->host[i];
        for (size_t k = 0; k < h->listeners; k++) {
            const struct synfin_endpoint *listener = h->listener[k].endpoint;
            n += (listener->host_bits & SYNFIN_CROWDED) != 0;
        }
    }
    return n;
}

static uint64_t peak(const struct synfin_simulation *sim, struct concurrency *c)
{
    concurrency_settle(c, sim->settled);
    return (uint64_t)c->peak;
}

const struct synfin_results *synfin_simulation_results(struct synfin_simulation *sim)
{
    struct synfin_results *r = &sim->results;
    free_metrics(&r->total);
    *r = (struct synfin_results){.simulated = sim->last,
                                 .events = sim->events,
                                 .workloads = sim->workloads,
                                 .links = sim->scenario->links,
                                 .workload = sim->workload_results,
                                 .link = sim->link_results,
                                 .crowded = crowded_listeners(sim),
                                 .samples = sim->samples,
                                 .sample = sim->sample};
    for (unsigned m = 0; m < SYNFIN_METRICS; m++) {
        if (!(r->total.metric[m] = synfin_statistic_new()))
            return NULL;
    }
    for (uint32_t i = 0; i < sim->workloads; i++) {
        struct synfin_connection_counts *c = &sim->workload_results[i].connections;
        link_count_bare(sim->workload[i].path[0]);
        link_count_bare(sim->workload[i].path[1]);
        c->open = c->opened - over(c);
        c->peak_concurrent = peak(sim, sim->only ? &sim->concurrency : &sim->workload[i].concurrency);
        add_workload(&r->total, &sim->workload_results[i]);
    }
    r->total.connections.peak_concurrent = peak(sim, &sim->concurrency);
    for (size_t i = 0; i < 2 * sim->scenario->links; i++) {
        struct synfin_link_counts *c = &sim->link_results[i / 2].direction[i % 2];
        *c = link_counts(sim, &sim->direction[i]);
        c->max_queue = most_waiting(&sim->direction[i]);
    }
    return r;
}
