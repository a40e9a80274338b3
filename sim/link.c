/* SPDX-License-Identifier: BSD-2-Clause */
#include "link.h"

#include <stdlib.h>
#include <string.h>

#include "connection_states.h"
#include "simulation.h"

/* ---- One segment crosses one direction ------------------------------------------------------------------------------ */

/* A segment on its way over a path. */
struct crossing_state {
    struct synfin_simulation *sim;
    struct flight *flight;          /* key.time: when it reaches the current stage */
    struct synfin_segment *segment; /* of the flight */
    synfin_time delay;              /* on this link so far */
    const struct path *path;
    size_t hop;
    uint32_t size;                  /* of the packet, bytes */
    uint32_t sender;                /* host */
    enum synfin_kind kind;
};

static void go_on(struct crossing_state *c);

static struct synfin_segment_counts *counts_of(const struct crossing_state *c)
{
    uint32_t w = simulation_workload_of(c->sim, c->segment->connection);
    return &c->sim->workload_results[w].segments[c->segment->bits & SYNFIN_BACKWARD ? 1 : 0];
}

static void fate(const struct crossing_state *c, enum synfin_event_kind kind, const struct link_direction *d,
                 const struct link_stage *s, int64_t copies)
{
    if (c->sim->observed)
        trace_fate(c->sim, kind, c->segment, c->flight->key.time, c->flight->key.cause, d, s, (uint32_t)copies);
}

/* It goes no further. */
static void gone(const struct crossing_state *c)
{
    if (record_opens(c->segment))
        record_lost(c->sim, record_named(c->segment), c->flight->key.time);
}

/* Asks a model without memory what it does to a segment that reaches its stage at `now`. */
static inline int64_t act_alone(const struct synfin_simulation *sim, const struct link_stage *s,
                                const struct synfin_segment *seg, uint32_t size, synfin_time now)
{
    struct synfin_crossing x; /* every member is set */
    x.segment = seg;
    x.now = now;
    x.count = s->count;
    x.size = size;
    x.state = NULL;
    x.connection_state = NULL;
    x.tools = &random_tools;
    random_at(&x, s->key[simulation_workload_of(sim, seg->connection)], simulation_number_of(sim, seg->connection),
              seg->ordinal, seg->bits >> 5);
    return s->model->act(s->config, &x);
}

static int64_t act(struct crossing_state *c, struct link_stage *s)
{
    const struct synfin_segment *seg = c->segment;
    if (!s->state && !s->connections) {
        int64_t result = act_alone(c->sim, s, seg, c->size, c->flight->key.time);
        s->count++;
        return result;
    }
    struct synfin_crossing x; /* every member is set below */
    x.segment = seg;
    x.now = c->flight->key.time;
    x.count = s->count;
    x.size = c->size;
    x.state = s->state;
    x.connection_state = NULL;
    x.tools = &random_tools;
    if (s->connections) {
        x.connection_state = connection_state(s->connections, seg->connection, s->model->connection_state_size);
        if (!x.connection_state) {
            simulation_fail(c->sim, "out of memory");
            return 0;
        }
    }
    if (s->memory)
        random_at_count(&x, s->key[0], s->count, &s->draws);
    else
        random_at(&x, s->key[simulation_workload_of(c->sim, seg->connection)], simulation_number_of(c->sim, seg->connection),
                  seg->ordinal, seg->bits >> 5);
    s->count++;
    return s->model->act(s->config, &x);
}

/* Copies take the rest of the way on their own; a copy's number tells its draws from the original's. */
static void duplicate(const struct crossing_state *c, struct link_direction *d, size_t next_stage, int64_t copies);

/* A middlebox resets the connection of a segment that stage `at` has taken out. */
static void inject(const struct crossing_state *c, struct link_direction *d, size_t at, unsigned whom);

static void stages_from(struct crossing_state *c, struct link_direction *d, size_t first)
{
    unsigned kind = 1u << c->kind;
    for (size_t i = first; i < d->stages; i++) {
        struct link_stage *s = &d->stage[i];
        if (!(s->only & kind))
            continue;
        if (s->fixed >= 0) {
            c->delay += s->fixed;
            continue;
        }
        int64_t result = act(c, s);
        switch (s->stage) {
        case SYNFIN_QUEUE:
            if (result == SYNFIN_NEVER) {
                d->counts.dropped++;
                counts_of(c)->dropped++;
                fate(c, SYNFIN_EVENT_DROPPED, d, s, 0);
                gone(c);
                return;
            }
            c->flight->key.time += result > 0 ? result : 0;
            break;
        case SYNFIN_LOSS:
            if (result) {
                d->counts.lost++;
                counts_of(c)->lost++;
                fate(c, SYNFIN_EVENT_LOST, d, s, 0);
                gone(c);
                if (s->model->resets)
                    inject(c, d, i, (unsigned)result);
                return;
            }
            break;
        case SYNFIN_DUPLICATE:
            if (result > 0) {
                d->counts.duplicated += (uint64_t)result;
                counts_of(c)->duplicated += (uint64_t)result;
                fate(c, SYNFIN_EVENT_DUPLICATED, d, s, result);
                duplicate(c, d, i + 1, result);
            }
            break;
        case SYNFIN_CORRUPT:
            if (result && !(c->segment->bits & SYNFIN_CORRUPTED)) {
                d->counts.corrupted++;
                counts_of(c)->corrupted++;
                fate(c, SYNFIN_EVENT_CORRUPTED, d, s, 0);
                c->segment->bits |= SYNFIN_CORRUPTED;
            }
            break;
        case SYNFIN_DELAY:
            c->delay += result > 0 ? result : 0;
            break;
        case SYNFIN_REORDER:
            if (result)
                c->delay = 0;
            break;
        }
    }
    c->flight->key.time += c->delay;
    c->hop++;
    go_on(c);
}

static void duplicate(const struct crossing_state *c, struct link_direction *d, size_t next_stage, int64_t copies)
{
    unsigned old = c->segment->bits >> 5;
    for (int64_t k = 1; k <= copies && k <= 15; k++) {
        struct flight copy = *c->flight;
        struct crossing_state way = *c;
        unsigned number = old + (unsigned)k + (c->hop < 2 ? (unsigned)c->hop : 2) + (old != 0);
        copy.segment.bits = (uint8_t)((copy.segment.bits & ~SYNFIN_COPY) | (number < 7 ? number : 7) << 5);
        way.flight = &copy;
        way.segment = &copy.segment;
        if (record_opens(&copy.segment))
            record_pending(c->sim, record_named(&copy.segment));
        stages_from(&way, d, next_stage);
    }
}

static void cross(struct crossing_state *c, struct link_direction *d)
{
    d->counts.sent++;
    d->counts.bytes += c->size;
    c->delay = 0;
    stages_from(c, d, 0);
}

/* ---- A whole path ---------------------------------------------------------------------------------------------------- */

/* Ranks of arrivals from a link direction: by the direction, then by who sent into it. */
static uint64_t rank_from(const struct link_direction *d, uint32_t sender)
{
    return RANK_SEGMENT | (uint64_t)(d ? d->number + 1 : 0) << 32 | sender;
}

static void arrive(const struct crossing_state *c)
{
    const struct link_direction *last = c->path->hops ? c->path->hop[c->path->hops - 1] : NULL;
    struct host *to = simulation_owner(c->sim, c->segment->destination);
    host_receive(to, rank_from(last, last && last->station ? 0 : c->sender), c->flight);
}

/* Into a direction that is a station; `last`: from which direction, NULL: from a host. */
static void enter_station(const struct crossing_state *c, struct link_direction *d, const struct link_direction *last)
{
    struct station *s = d->station;
    uint64_t rank = rank_from(last, last && last->station ? 0 : c->sender); /* a station keeps an order of its own */
    bool nearer = schedule_segment(&s->schedule, &s->from, rank, c->flight, sizeof(*c->flight));
    if (s->schedule.no_memory)
        simulation_fail(c->sim, "out of memory");
    else if (nearer)
        simulation_nearer_station(c->sim, s);
}

static void go_on(struct crossing_state *c)
{
    if (c->hop == c->path->hops) {
        arrive(c);
        return;
    }
    struct link_direction *d = c->path->hop[c->hop];
    if (d->station)
        enter_station(c, d, c->hop ? c->path->hop[c->hop - 1] : NULL);
    else
        cross(c, d);
}

static const struct path *path_of(const struct synfin_simulation *sim, const struct synfin_segment *seg)
{
    return &sim->workload[simulation_workload_of(sim, seg->connection)].path[seg->bits & SYNFIN_BACKWARD ? 1 : 0];
}

/* ---- A middlebox resets a connection --------------------------------------------------------------------------------- */

static void inject_one(const struct crossing_state *c, struct link_direction *d, size_t at, bool back)
{
    struct flight f = {c->flight->key, link_reset(c->segment, back)};
    struct crossing_state way = *c;
    way.flight = &f;
    way.segment = &f.segment;
    way.size = synfin_segment_size(&f.segment);
    way.kind = KIND_INJECTED;
    fate(&way, SYNFIN_EVENT_INJECTED, d, &d->stage[at], 0);
    if (!back) {
        stages_from(&way, d, at + 1);
        return;
    }
    way.hop = c->path->hops - 1 - c->hop;
    way.path = path_of(c->sim, &f.segment);
    struct link_direction *other = way.path->hop[way.hop];
    if (other->station)
        enter_station(&way, other, d);
    else
        cross(&way, other);
}

static void inject(const struct crossing_state *c, struct link_direction *d, size_t at, unsigned whom)
{
    if (c->segment->protocol != SYNFIN_TCP)
        return;
    if ((whom & SYNFIN_RESET_RECEIVER) && c->kind != SYNFIN_KIND_SYN)
        inject_one(c, d, at, false);
    if (whom & SYNFIN_RESET_SENDER)
        inject_one(c, d, at, true);
}

void link_send(struct host *from, const struct path *path, struct flight *f, enum synfin_kind kind)
{
    struct crossing_state c = {.sim = from->sim,
                               .flight = f,
                               .segment = &f->segment,
                               .path = path,
                               .size = synfin_segment_size(&f->segment),
                               .sender = from->number,
                               .kind = kind};
    go_on(&c);
}

struct synfin_link_counts link_counts(const struct synfin_simulation *sim, const struct link_direction *d)
{
    struct synfin_link_counts counts = d->counts;
    for (uint32_t i = 0; i < 2 * sim->workloads; i++) {
        const struct path *p = &sim->workload[i / 2].path[i % 2];
        for (size_t k = 0; k < p->hops; k++) {
            counts.sent += p->hop[k] == d ? p->sent : 0;
            counts.bytes += p->hop[k] == d ? p->bytes : 0;
        }
    }
    return counts;
}

bool link_passes(struct synfin_simulation *sim, const struct path *p, const struct flight *f, enum synfin_kind kind)
{
    uint32_t size = synfin_segment_size(&f->segment);
    for (size_t i = 0; i < p->gates; i++) {
        const struct path_gate *g = &p->gate[i];
        if ((g->stage->only & 1u << kind) && act_alone(sim, g->stage, &f->segment, size, f->key.cause + g->after))
            return false;
    }
    for (size_t i = 0; i < p->gates; i++)
        p->gate[i].stage->count += (p->gate[i].stage->only & 1u << kind) != 0;
    return true;
}

/* Where on its path the segment is, now that it stands before this station. */
static size_t hop_of(const struct path *p, const struct station *s)
{
    size_t i = 0;
    while (p->hop[i]->station != s)
        i++;
    return i;
}

uint64_t station_run(struct synfin_simulation *sim, struct station *s, synfin_time until, uint64_t most)
{
    uint64_t n = 0;
    const struct lane_head *next;
    while (n < most && (next = schedule_next(&s->schedule)) != NULL && next->key.time < until) {
        struct flight f;
        if (s->next_sample <= next->key.time)
            series_station(sim, s, next->key.time);
        if (next->lane) {
            struct lane *l = next->lane;
            f = *(const struct flight *)lane_at(l, l->head);
            lane_drop(l);
        } else {
            schedule_take_far(&s->schedule, &f);
        }
        if (f.key.time > sim->last)
            sim->last = f.key.time;
        const struct path *path = path_of(sim, &f.segment);
        struct crossing_state c = {.sim = sim,
                                   .flight = &f,
                                   .segment = &f.segment,
                                   .path = path,
                                   .hop = hop_of(path, s),
                                   .size = synfin_segment_size(&f.segment),
                                   .sender = simulation_owner(sim, f.segment.source)->number,
                                   .kind = is_injected(&f.segment) ? KIND_INJECTED : synfin_segment_kind(&f.segment)};
        cross(&c, path->hop[c.hop]);
        n++;
    }
    if (s->schedule.no_memory)
        simulation_fail(sim, "out of memory");
    return n;
}

/* ---- Building ---------------------------------------------------------------------------------------------------------- */

/* What the model delays every segment by; -1: it is no delay, or they differ. */
static synfin_time fixed_delay(const struct scenario_model *m)
{
    const struct synfin_model *model = m->model;
    if (model->stage != SYNFIN_DELAY || !model->least_delay || !model->greatest_delay)
        return -1;
    synfin_time least = model->least_delay(m->config);
    return least == model->greatest_delay(m->config) ? least : -1;
}

static int build_stage(struct synfin_simulation *sim, struct link_stage *to, const struct scenario_model *m)
{
    const struct synfin_scenario *s = sim->scenario;
    *to = (struct link_stage){
        .model = m->model, .config = m->config, .only = m->only, .stage = (uint8_t)m->model->stage, .fixed = fixed_delay(m)};
    if ((m->only & 1u << SYNFIN_KIND_RST) && !m->model->resets)
        to->only |= 1u << KIND_INJECTED;
    to->memory = m->model->state_size > 0 && (!m->model->has_memory || m->model->has_memory(m->config));
    size_t keys = to->memory ? 1 : s->workloads;
    to->key = calloc(keys ? keys : 1, sizeof(*to->key));
    if (!to->key)
        return -1;
    for (size_t i = 0; i < keys; i++)
        to->key[i] = random_key(s->seed, sim->replication, m->component, to->memory ? "" : s->workload[i].name);
    if (m->model->state_size && !(to->state = calloc(1, m->model->state_size)))
        return -1;
    if (m->model->connection_state_size && !(to->connections = connection_states_new()))
        return -1;
    return 0;
}

static int build_direction(struct synfin_simulation *sim, uint32_t link, unsigned way)
{
    const struct scenario_link *l = &sim->scenario->link[link];
    struct link_direction *d = &sim->direction[2 * link + way];
    size_t n = 0;
    for (unsigned i = 0; i < SYNFIN_LINK_STAGES; i++)
        n += l->stage[way][i].models;
    *d = (struct link_direction){.link = l->name, .backward = way == 1, .number = 2 * link + way, .sender = SYNFIN_NONE};
    d->stage = calloc(n ? n : 1, sizeof(*d->stage));
    if (!d->stage)
        return -1;
    for (unsigned i = 0; i < SYNFIN_LINK_STAGES; i++) {
        for (size_t k = 0; k < l->stage[way][i].models; k++) {
            if (build_stage(sim, &d->stage[d->stages++], &l->stage[way][i].model[k]) < 0)
                return -1;
            struct link_stage *last = &d->stage[d->stages - 1];
            d->memory |= last->memory || last->connections;
            d->resets |= last->model->resets;
        }
    }
    return 0;
}

/* The n-th stage of a model whose memory is of both directions; NULL: there are not so many. */
static struct link_stage *both_ways_stage(struct link_direction *d, const struct synfin_model *m, size_t n)
{
    for (size_t i = 0; i < d->stages; i++) {
        if (d->stage[i].model == m && m->both_ways && n-- == 0)
            return &d->stage[i];
    }
    return NULL;
}

/* Lends the memory of the forward direction's stages to those of the backward one. */
static void share_memory(struct link_direction *forward, struct link_direction *backward)
{
    for (size_t i = 0; i < backward->stages; i++) {
        struct link_stage *to = &backward->stage[i];
        size_t n = 0;
        while (both_ways_stage(backward, to->model, n) && both_ways_stage(backward, to->model, n) != to)
            n++;
        const struct link_stage *from = both_ways_stage(forward, to->model, n);
        if (!from)
            continue;
        free(to->state);
        connection_states_free(to->connections);
        to->state = from->state;
        to->connections = from->connections;
        to->borrows = true;
        forward->shares = backward->shares = true;
    }
}

int link_build(struct synfin_simulation *sim)
{
    size_t links = sim->scenario->links;
    sim->direction = calloc(links ? 2 * links : 1, sizeof(*sim->direction));
    if (!sim->direction)
        return -1;
    for (uint32_t i = 0; i < links; i++) {
        if (build_direction(sim, i, 0) < 0 || build_direction(sim, i, 1) < 0)
            return -1;
        share_memory(&sim->direction[2 * i], &sim->direction[2 * i + 1]);
    }
    return 0;
}

/* A direction with memory needs a station where its segments do not come straight from one host. */
static bool needs_station(struct synfin_simulation *sim, struct link_direction *d)
{
    bool later_hop = false, several = false;
    for (uint32_t i = 0; i < sim->workloads; i++) {
        const struct workload *w = &sim->workload[i];
        for (unsigned way = 0; way < 2; way++) {
            const struct path *p = &w->path[way];
            for (size_t k = 0; k < p->hops; k++) {
                if (p->hop[k] != d)
                    continue;
                later_hop |= k > 0;
                size_t senders = way == 0 ? 1 : w->scenario->destinations;
                for (size_t n = 0; n < senders; n++) {
                    uint32_t sender = way == 0 ? w->scenario->from : w->scenario->to[n];
                    several |= d->sender != SYNFIN_NONE && d->sender != sender;
                    d->sender = sender;
                }
            }
        }
    }
    return d->memory && (later_hop || several);
}

static int build_station(struct synfin_simulation *sim, struct link_direction *d, size_t directions)
{
    struct station *s = calloc(1, sizeof(*s));
    if (!s)
        return -1;
    schedule_init(&s->schedule, sim->memory, sizeof(struct timer_entry), sizeof(struct flight));
    s->from.memory = sim->memory;
    s->direction = d;
    s->directions = directions;
    s->at = SYNFIN_NONE;
    s->number = sim->stations;
    s->next_sample = sim->series ? 0 : SYNFIN_NEVER;
    for (size_t i = 0; i < directions; i++) {
        d[i].station = s;
        d[i].sender = SYNFIN_NONE;
    }
    sim->station[sim->stations++] = s;
    return 0;
}

/* A link whose directions share memory, or send RSTs into each other where order matters, is one station. */
int link_build_stations(struct synfin_simulation *sim)
{
    size_t n = 2 * sim->scenario->links;
    sim->station = calloc(n ? n : 1, sizeof(struct station *));
    if (!sim->station)
        return -1;
    for (size_t i = 0; i < n; i += 2) {
        struct link_direction *d = &sim->direction[i];
        bool needs[2] = {needs_station(sim, &d[0]), needs_station(sim, &d[1])};
        bool one = d[0].shares || (d[0].resets && d[1].memory) || (d[1].resets && d[0].memory) ||
                   ((d[0].resets || d[1].resets) && (needs[0] || needs[1]));
        if (one && build_station(sim, d, 2) < 0)
            return -1;
        for (size_t k = 0; k < 2 && !one; k++) {
            if (needs[k] && build_station(sim, &d[k], 1) < 0)
                return -1;
        }
    }
    return 0;
}

/* Takes a direction into a plain path, if all that happens there is delays and losses that depend on nothing. */
static bool add_plain(struct path *p, const struct link_direction *d)
{
    for (size_t i = 0; i < d->stages; i++) {
        struct link_stage *s = &d->stage[i];
        bool all = (s->only & ALL_KINDS) == ALL_KINDS;
        if (s->stage == SYNFIN_LOSS && !s->state && !s->connections && !s->model->resets)
            p->gate[p->gates++] = (struct path_gate){s, p->delay};
        else if (s->fixed >= 0 && all)
            p->delay += s->fixed;
        else
            return false;
    }
    return !d->station;
}

int link_build_paths(struct synfin_simulation *sim)
{
    for (uint32_t i = 0; i < 2 * sim->workloads; i++) {
        struct path *p = &sim->workload[i / 2].path[i % 2];
        size_t stages = 0;
        for (size_t k = 0; k < p->hops; k++)
            stages += p->hop[k]->stages;
        p->gate = calloc(stages ? stages : 1, sizeof(*p->gate));
        if (!p->gate)
            return -1;
        p->plain = true;
        for (size_t k = 0; k < p->hops && p->plain; k++)
            p->plain = add_plain(p, p->hop[k]);
        p->rank = rank_from(p->hops ? p->hop[p->hops - 1] : NULL, 0);
    }
    return 0;
}

void link_free(struct synfin_simulation *sim)
{
    for (uint32_t i = 0; i < sim->stations; i++) {
        schedule_free(&sim->station[i]->schedule);
        lane_set_free(&sim->station[i]->from);
        free(sim->station[i]);
    }
    free(sim->station);
    for (size_t i = 0; sim->direction && i < 2 * sim->scenario->links; i++) {
        struct link_direction *d = &sim->direction[i];
        for (size_t k = 0; k < d->stages; k++) {
            struct link_stage *s = &d->stage[k];
            free(s->key);
            if (s->borrows)
                continue;
            if (s->state && s->model->finish)
                s->model->finish(s->state);
            free(s->state);
            connection_states_free(s->connections);
        }
        free(d->stage);
    }
    free(sim->direction);
}

synfin_time link_least_delay(const struct synfin_simulation *sim)
{
    synfin_time least = SYNFIN_NEVER;
    for (size_t i = 0; i < 2 * sim->scenario->links; i++) {
        const struct link_direction *d = &sim->direction[i];
        synfin_time sum = 0;
        for (size_t k = 0; k < d->stages; k++) {
            const struct link_stage *s = &d->stage[k];
            /* A delay that spares some kinds, or a reorder model, lets a segment through at once. */
            if (s->stage == SYNFIN_REORDER)
                sum = 0;
            else if (s->stage == SYNFIN_DELAY && (s->only & ALL_KINDS) == ALL_KINDS && s->model->least_delay)
                sum += s->model->least_delay(s->config);
        }
        if (sum < least)
            least = sum;
    }
    return least;
}
