/* SPDX-License-Identifier: BSD-2-Clause */
#include "link.h"

#include <string.h>

#include "connection_states.h"
#include "random_block.h"
#include "record.h"
#include "simulation.h"

/* ---- One segment crosses one direction --------------------------------------------------------------------------- */

/* A segment on its way over a path. */
struct crossing_state {
    struct synfin_simulation *sim;
    struct flight *flight;          /* key.time: when it reaches the current stage */
    struct synfin_segment *segment; /* of the flight */
    synfin_time delay;              /* on this link so far */
    const struct path *path;
    const struct link_stage *loses; /* the stage that is known to lose it; NULL: none is */
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

/* What a model is told of a segment that reaches its stage at `now`. */
static inline void approach(struct synfin_crossing *x, const struct synfin_simulation *sim, struct link_stage *s,
                            const struct synfin_segment *seg, uint32_t size, synfin_time now)
{
    /* every member is set */
    x->segment = seg;
    x->now = now;
    x->count = s->count;
    x->size = size;
    x->state = s->state;
    x->connection_state = NULL;
    x->tools = &random_tools;
    if (s->memory) {
        random_at_count(x, s->key[0], s->count, s->draws);
        return;
    }
    uint32_t number = simulation_number_of(sim, seg->connection);
    random_at(x, s->key[simulation_workload_of(sim, seg->connection)], number, seg->ordinal, seg->bits >> 5,
              &s->draws[number % LINK_DRAWS]);
}

static int64_t act(struct crossing_state *c, struct link_stage *s)
{
    struct synfin_crossing x;
    approach(&x, c->sim, s, c->segment, c->size, c->flight->key.time);
    if (s->connections) {
        size_t size = s->model->connection_state_size;
        x.connection_state = connection_state(s->connections, c->segment->connection, size);
        if (!x.connection_state) {
            simulation_fail(c->sim, "out of memory");
            return 0;
        }
    }
    s->count++;
    return s->model->act(s->config, &x);
}

/* Copies take the rest of the way on their own; a copy's number tells its draws from the original's. */
static void duplicate(const struct crossing_state *c, struct link_direction *d, size_t at, int64_t copies);

/* A middlebox resets the connection of a segment that stage `at` has taken out. */
static void inject(const struct crossing_state *c, struct link_direction *d, size_t at, unsigned whom);

/* A queue has no room for it. */
static void drop(const struct crossing_state *c, struct link_direction *d, const struct link_stage *s)
{
    d->counts.dropped++;
    counts_of(c)->dropped++;
    fate(c, SYNFIN_EVENT_DROPPED, d, s, 0);
    gone(c);
}

/* Stage `at` has taken it out, as `result` says. */
static void lose(const struct crossing_state *c, struct link_direction *d, size_t at, int64_t result)
{
    const struct link_stage *s = &d->stage[at];
    d->counts.lost++;
    counts_of(c)->lost++;
    fate(c, SYNFIN_EVENT_LOST, d, s, 0);
    gone(c);
    if (s->model->resets)
        inject(c, d, at, (unsigned)result);
}

static void corrupt(const struct crossing_state *c, struct link_direction *d, const struct link_stage *s)
{
    if (c->segment->bits & SYNFIN_CORRUPTED)
        return;
    d->counts.corrupted++;
    counts_of(c)->corrupted++;
    fate(c, SYNFIN_EVENT_CORRUPTED, d, s, 0);
    c->segment->bits |= SYNFIN_CORRUPTED;
}

/* What the result of stage `at` does to the segment. Whether it goes on. */
static inline bool pass(struct crossing_state *c, struct link_direction *d, size_t at, int64_t result)
{
    const struct link_stage *s = &d->stage[at];
    switch (s->stage) {
    case SYNFIN_QUEUE:
        if (result == SYNFIN_NEVER) {
            drop(c, d, s);
            return false;
        }
        c->flight->key.time += result > 0 ? result : 0;
        break;
    case SYNFIN_LOSS:
        if (result)
            lose(c, d, at, result);
        return !result;
    case SYNFIN_DUPLICATE:
        if (result > 0)
            duplicate(c, d, at, result);
        break;
    case SYNFIN_CORRUPT:
        if (result)
            corrupt(c, d, s);
        break;
    case SYNFIN_DELAY:
        c->delay += result > 0 ? result : 0;
        break;
    case SYNFIN_REORDER:
        if (result)
            c->delay = 0;
        break;
    }
    return true;
}

static void stages_from(struct crossing_state *c, struct link_direction *d, size_t first)
{
    unsigned kind = 1u << c->kind;
    for (size_t i = first; i < d->stages; i++) {
        struct link_stage *s = &d->stage[i];
        if (!(s->only & kind))
            continue;
        if (s->fixed >= 0)
            c->delay += s->fixed;
        else if (!pass(c, d, i, s == c->loses ? SYNFIN_LOST : act(c, s)))
            return;
    }
    c->flight->key.time += c->delay;
    c->hop++;
    go_on(c);
}

static void duplicate(const struct crossing_state *c, struct link_direction *d, size_t at, int64_t copies)
{
    unsigned old = c->segment->bits >> 5;
    d->counts.duplicated += (uint64_t)copies;
    counts_of(c)->duplicated += (uint64_t)copies;
    fate(c, SYNFIN_EVENT_DUPLICATED, d, &d->stage[at], copies);
    for (int64_t k = 1; k <= copies && k <= 15; k++) {
        struct flight copy = *c->flight;
        struct crossing_state way = *c;
        unsigned number = old + (unsigned)k + (c->hop < 2 ? (unsigned)c->hop : 2) + (old != 0);
        copy.segment.bits = (uint8_t)((copy.segment.bits & ~SYNFIN_COPY) | (number < 7 ? number : 7) << 5);
        way.flight = &copy;
        way.segment = &copy.segment;
        if (record_opens(&copy.segment))
            record_pending(c->sim, record_named(&copy.segment));
        stages_from(&way, d, at + 1);
    }
}

static void cross(struct crossing_state *c, struct link_direction *d)
{
    d->counts.sent++;
    d->counts.bytes += c->size;
    c->delay = 0;
    stages_from(c, d, 0);
}

/* ---- A whole path ------------------------------------------------------------------------------------------------ */

static void arrive(const struct crossing_state *c)
{
    const struct link_direction *last = c->path->hops ? c->path->hop[c->path->hops - 1] : NULL;
    struct host *to = simulation_owner(c->sim, c->segment->destination);
    host_receive(to, link_rank(last, last && last->station ? 0 : c->sender), c->flight);
}

/* Into a direction that is a station; `last`: from which direction, NULL: from a host. */
static void enter_station(const struct crossing_state *c, struct link_direction *d, const struct link_direction *last)
{
    struct station *s = d->station;
    uint64_t rank = link_rank(last, last && last->station ? 0 : c->sender); /* a station keeps an order of its own */
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
    return simulation_workload(sim, seg->connection)->path[seg->bits & SYNFIN_BACKWARD ? 1 : 0];
}

/* ---- A middlebox resets a connection ----------------------------------------------------------------------------- */

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

void link_send(struct host *from, const struct path *path, struct flight *f, enum synfin_kind kind, bool lost)
{
    struct crossing_state c = {.sim = from->sim,
                               .flight = f,
                               .segment = &f->segment,
                               .path = path,
                               .loses = lost && path->gates == 1 ? path->gate[0].stage : NULL,
                               .size = synfin_segment_size(&f->segment),
                               .sender = from->number,
                               .kind = kind};
    go_on(&c);
}

void link_count_bare(struct path *p)
{
    uint64_t fins = p->bare[PATH_FIN] + p->bare[PATH_FIN | PATH_TIMED], others = p->bare[0] + p->bare[PATH_TIMED];
    uint64_t timed = p->bare[PATH_TIMED] + p->bare[PATH_FIN | PATH_TIMED], all = fins + others;
    const struct synfin_segment untimed_one = {.protocol = SYNFIN_TCP};
    const struct synfin_segment timed_one = {.protocol = SYNFIN_TCP, .bits = SYNFIN_HAS_TIMESTAMPS};
    p->counts->kind[SYNFIN_KIND_FIN] += fins;
    p->counts->kind[SYNFIN_KIND_DATA] += p->texts;
    p->counts->kind[SYNFIN_KIND_ACK] += others - p->texts;
    p->sent += all;
    p->bytes += timed * synfin_segment_size(&timed_one) + (all - timed) * synfin_segment_size(&untimed_one) + p->text;
    memset(p->bare, 0, sizeof(p->bare));
    p->texts = p->text = 0;
    link_count_shape(p);
}

void link_count_shape(struct path *p)
{
    struct path_shape *shape = &p->shape;
    p->counts->kind[shape->kind] += shape->segments;
    p->sent += shape->segments;
    p->bytes += shape->segments * shape->size;
    shape->segments = 0;
}

struct synfin_link_counts link_counts(const struct synfin_simulation *sim, const struct link_direction *d)
{
    struct synfin_link_counts counts = d->counts;
    for (uint32_t i = 0; i < 2 * sim->workloads; i++) {
        const struct path *p = sim->workload[i / 2].path[i % 2];
        for (size_t k = 0; k < p->hops; k++) {
            counts.sent += p->hop[k] == d ? p->sent : 0;
            counts.bytes += p->hop[k] == d ? p->bytes : 0;
        }
    }
    return counts;
}

bool link_asks(struct synfin_simulation *sim, const struct path *p, const struct flight *f, enum synfin_kind kind)
{
    uint32_t size = synfin_segment_size(&f->segment);
    for (size_t i = 0; i < p->gates; i++) {
        struct link_stage *s = p->gate[i].stage;
        struct synfin_crossing x;
        if (!(s->only & 1u << kind))
            continue;
        approach(&x, sim, s, &f->segment, size, f->key.cause + p->gate[i].after);
        if (s->model->act(s->config, &x))
            return false;
    }
    for (size_t i = 0; i < p->gates; i++)
        p->gate[i].stage->count += (p->gate[i].stage->only & 1u << kind) != 0;
    return true;
}

/* A draw of 32 bits has left undecided which of four segments are lost. */
static __attribute__((cold, noinline)) uint32_t border_case(const struct link_stage *s, struct random_key key,
                                                            const uint32_t counter[4])
{
    uint32_t lost = 0;
    for (uint32_t k = 0; k < 4; k++) {
        struct synfin_crossing x = {.tools = &random_tools};
        random_at(&x, key, counter[0], 4 * counter[1] + k, 0, NULL);
        lost |= (uint32_t)(s->model->act(s->config, &x) != 0) << k;
    }
    return lost;
}

/* Which of four segments are lost at a gate, a bit each. */
static inline uint32_t lose_four(const struct path_gate *g, const uint32_t counter[4])
{
    uint64_t high = g->chance;
    uint32_t u[4];
    random_block_inline(g->key, counter, u);
    if (u[0] == high || u[1] == high || u[2] == high || u[3] == high)
        return border_case(g->stage, g->key, counter);
    return (uint32_t)(u[0] < high) | (uint32_t)(u[1] < high) << 1 | (uint32_t)(u[2] < high) << 2 |
           (uint32_t)(u[3] < high) << 3;
}

/* Takes the place of the connection's group, which is to be drawn: unless a later one has it. So each is drawn once at
   most. */
static inline bool take_place(uint32_t kept[PATH_GROUPS], uint32_t number)
{
    uint32_t group = number / RANDOM_MANY, *place = &kept[group % PATH_GROUPS];
    if (*place > group)
        return false;
    *place = group + 1;
    return true;
}

/* Adds which of the first four segments of RANDOM_MANY connections, from that of this number on, are lost at a gate. */
static void lose_many(const struct path_gate *g, uint32_t first, uint8_t lost[RANDOM_MANY])
{
    uint32_t u[SYNFIN_DRAWS], four[RANDOM_MANY] = {0}, high = (uint32_t)g->chance;
    uint32_t border = g->chance > UINT32_MAX; /* one by one, too: all are lost, which `high` cannot say */
    random_fastest()->blocks(g->key, (const uint32_t[4]){first}, u);
    for (uint32_t k = 0; k < 4; k++) {
        for (uint32_t i = 0; i < RANDOM_MANY; i++) {
            four[i] |= (uint32_t)(u[random_place(i, k)] < high) << k;
            border |= u[random_place(i, k)] == high;
        }
    }
    for (uint32_t i = 0; i < RANDOM_MANY; i++)
        lost[i] |= (uint8_t)four[i];
    for (uint32_t i = 0; border && i < RANDOM_MANY; i++)
        lost[i] |= (uint8_t)lose_four(g, (const uint32_t[4]){first + i});
}

uint32_t link_draw_losses(const struct path *p, uint32_t number, uint32_t block)
{
    uint32_t four = 0;
    if (block == 0 && take_place(p->lost->group, number)) {
        uint8_t *lost = p->lost->lost[number / RANDOM_MANY % PATH_GROUPS];
        memset(lost, 0, RANDOM_MANY);
        for (const struct path_gate *g = p->gate; g < p->gate + p->gates; g++)
            lose_many(g, number - number % RANDOM_MANY, lost);
        return lost[number % RANDOM_MANY];
    }
    for (const struct path_gate *g = p->gate; g < p->gate + p->gates; g++)
        four |= lose_four(g, (const uint32_t[4]){number, block});
    return four;
}

/* Adds what the segments of so many draws are delayed at one stage. */
static inline void delay_them(const struct path_draw *d, const uint32_t *draw, synfin_time *delay, size_t n)
{
    int64_t drawn[SYNFIN_DRAWS];
    d->stage->model->delays_of(d->stage->config, draw, drawn, n, &random_tools);
    for (size_t k = 0; k < n; k++)
        delay[k] += drawn[k] & ~(drawn[k] >> 63); /* those below 0 count as 0 */
}

/* How long the first four segments of RANDOM_MANY connections take, from that of this number on; by random_place(). */
static void delay_many(const struct path *p, uint32_t first, synfin_time delay[SYNFIN_DRAWS])
{
    uint32_t draw[SYNFIN_DRAWS];
    for (unsigned i = 0; i < SYNFIN_DRAWS; i++)
        delay[i] = p->delay;
    for (const struct path_draw *d = p->draw; d < p->draw + p->draws; d++) {
        random_fastest()->blocks(d->key, (const uint32_t[4]){first}, draw);
        delay_them(d, draw, delay, SYNFIN_DRAWS);
    }
}

/* How long four segments of one connection take. */
static void delay_four(const struct path *p, uint32_t number, uint32_t block, struct path_delays *to)
{
    const uint32_t counter[4] = {number, block};
    uint32_t draw[4];
    *to = (struct path_delays){number, block + 1, {p->delay, p->delay, p->delay, p->delay}};
    for (const struct path_draw *d = p->draw; d < p->draw + p->draws; d++) {
        random_block_inline(d->key, counter, draw);
        delay_them(d, draw, to->delay, 4);
    }
}

synfin_time link_draw_delay(const struct path *p, uint32_t number, uint32_t ordinal)
{
    if (ordinal < 4 && take_place(p->delayed->group, number)) {
        synfin_time *delay = p->delayed->delay[number / RANDOM_MANY % PATH_GROUPS];
        delay_many(p, number - number % RANDOM_MANY, delay);
        return delay[random_place(number, ordinal)];
    }
    struct path_delays *d = &p->delays[number % PATH_DELAYS];
    delay_four(p, number, ordinal / 4, d);
    return d->delay[ordinal % 4];
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
        if (next->lane->kind != LANE_FAR) {
            struct lane *l = next->lane;
            f = *(const struct flight *)lane_at(l, l->head);
            lane_drop(l);
        } else {
            struct far_event *e = schedule_far_first(&s->schedule);
            schedule_far_drop(&s->schedule);
            f = *(const struct flight *)far_entry(e);
            schedule_far_give(&s->schedule, e);
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
    if (schedule_lost(&s->schedule))
        simulation_fail(sim, "out of memory");
    return n;
}
