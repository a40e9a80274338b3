/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hot path of a run. host_run() takes the events of one host in the order of its schedule: a segment arrives, a
 * timer expires, a connection is due, a TIME-WAIT ends. For a segment it finds the endpoint, first by the hint that
 * the segment carries (the index its sender knew), checked against the four-tuple, else in the port map, and calls the
 * protocol. What the protocol emits goes through host_emit() into link_send(), which decides its fate at once and puts
 * it into the lane of the receiving host. Within the least delay between hosts nothing that one host does can reach
 * another, so simulation.c lets each run that far on its own; a host's working set then stays in the cache.
 */
#include "host.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "simulation.h"

static inline struct host *host_of(struct synfin_host *base)
{
    return (struct host *)base;
}

static inline const struct synfin_protocol *protocol_of(const struct host *h, const struct synfin_sender *s)
{
    return h->sim->protocol[s->protocol];
}

static struct port_tuple tuple_of(const struct host *h, const struct synfin_sender *s)
{
    return (struct port_tuple){s->local, s->remote, s->local_port, s->remote_port, protocol_of(h, s)->number};
}

/* Cells of the port map: an endpoint's index + 1, or a place in TIME-WAIT. */
enum { CELL_TIME_WAIT = 1u << 31, CELL_LANE_SHIFT = 28, CELL_POSITION = (1u << CELL_LANE_SHIFT) - 1 };

static void no_memory(struct host *h)
{
    simulation_fail(h->sim, "out of memory");
}

static inline void count_state(struct host *h, const struct synfin_sender *s, int change)
{
    if (s->protocol == h->sim->tcp)
        h->states[s->state] += (uint64_t)(int64_t)change;
}

/* ---- Timers ------------------------------------------------------------------------------------------------------ */

struct more *host_more(struct host *h, struct synfin_endpoint *e)
{
    struct more *more = sparse_at(&h->more, e->self);
    if (!more) {
        no_memory(h);
        return NULL;
    }
    if (!(e->host_bits & ENDPOINT_MORE)) {
        *more = (struct more){0};
        e->host_bits |= ENDPOINT_MORE;
    }
    return more;
}

/* A timer in the far heap; a lane knows its timers' duration. */
struct far_timer {
    struct timer_entry entry;
    synfin_time duration;
};

static struct timer_handle timer_get(struct host *h, struct synfin_endpoint *e, unsigned slot)
{
    if (slot == 0)
        return (struct timer_handle){e->timer_position, e->timer_lane};
    if (!(e->host_bits & ENDPOINT_MORE))
        return (struct timer_handle){0};
    struct more *more = host_more(h, e);
    return more ? more->timer[slot - 1] : (struct timer_handle){0};
}

static void timer_put(struct host *h, struct synfin_endpoint *e, unsigned slot, struct timer_handle t)
{
    if (slot == 0) {
        e->timer_position = t.position;
        e->timer_lane = t.lane;
        return;
    }
    struct more *more = host_more(h, e);
    if (more)
        more->timer[slot - 1] = t;
}

static void timer_stop(struct host *h, struct synfin_endpoint *e, unsigned slot)
{
    struct timer_handle t = timer_get(h, e, slot);
    if (t.lane == TIMER_OFF)
        return;
    if (t.lane == TIMER_FAR) {
        ((struct timer_entry *)schedule_far_entry(&h->schedule, LANE_TIMER, t.position))->endpoint = SYNFIN_NONE;
        schedule_far_buried(&h->schedule);
    } else {
        struct lane *l = &h->timer_lane[t.lane - 1].lane;
        ((struct timer_entry *)lane_at(l, t.position))->endpoint = SYNFIN_NONE;
        schedule_buried(&h->schedule, l, t.position);
    }
    timer_put(h, e, slot, (struct timer_handle){0});
}

static unsigned timer_hash(synfin_time duration)
{
    return (unsigned)(((uint64_t)duration * UINT64_C(0x9e3779b97f4a7c15)) >> 58);
}

/* Files the lanes' durations anew after one of them has changed. */
static void timer_rehash(struct host *h)
{
    memset(h->timer_hash, 0, sizeof(h->timer_hash));
    for (uint32_t i = 0; i < h->timer_lanes; i++) {
        unsigned at = timer_hash(h->timer_lane[i].duration);
        while (h->timer_hash[at])
            at = (at + 1) % HOST_TIMER_HASH;
        h->timer_hash[at] = (uint8_t)(i + 1);
    }
}

/* The number + 1 of the lane for a duration: an old one, a new one, or one that stands empty; 0: none is left. */
static uint8_t timer_lane_for(struct host *h, synfin_time duration)
{
    for (unsigned at = timer_hash(duration); h->timer_hash[at]; at = (at + 1) % HOST_TIMER_HASH) {
        if (h->timer_lane[h->timer_hash[at] - 1].duration == duration)
            return h->timer_hash[at];
    }
    uint32_t i = 0;
    if (h->timer_lanes < HOST_TIMER_LANES) {
        i = h->timer_lanes++;
        lane_init(&h->timer_lane[i].lane, LANE_TIMER, sizeof(struct timer_entry), RANK_TIMER);
    } else {
        while (i < HOST_TIMER_LANES && !lane_empty(&h->timer_lane[i].lane))
            i++;
        if (i == HOST_TIMER_LANES)
            return 0;
    }
    h->timer_lane[i].duration = duration;
    timer_rehash(h);
    return (uint8_t)(i + 1);
}

static void timer_start(struct host *h, struct synfin_endpoint *e, unsigned slot, synfin_time deadline, synfin_time duration)
{
    timer_stop(h, e, slot);
    struct timer_entry entry = {{deadline, h->base.now}, h->schedule.order++, e->self, slot};
    struct timer_handle handle = {0, timer_lane_for(h, duration)};
    struct lane *l = handle.lane ? &h->timer_lane[handle.lane - 1].lane : NULL;
    if (l && lane_takes(l, deadline, h->base.now)) {
        struct timer_entry *to = lane_append(l);
        if (!to) {
            no_memory(h);
            return;
        }
        *to = entry;
        handle.position = l->tail;
        schedule_added(&h->schedule, l, entry.order);
    } else {
        handle.lane = TIMER_FAR;
        struct far_timer far = {entry, duration};
        handle.position = schedule_far(&h->schedule, LANE_TIMER, &far, RANK_TIMER, entry.order);
        if (handle.position == SYNFIN_NONE) {
            no_memory(h);
            return;
        }
    }
    timer_put(h, e, slot, handle);
}

static void timers_off(struct host *h, struct synfin_endpoint *e)
{
    unsigned last = e->host_bits & ENDPOINT_MORE ? TIMER_APPLICATION : 0;
    for (unsigned slot = 0; slot <= last; slot++)
        timer_stop(h, e, slot);
}

void host_arm_application(struct host *h, struct synfin_endpoint *e, synfin_time duration)
{
    timer_start(h, e, TIMER_APPLICATION, h->base.now + duration, duration);
}

void host_disarm_application(struct host *h, struct synfin_endpoint *e)
{
    timer_stop(h, e, TIMER_APPLICATION);
}

/* ---- Endpoints ---------------------------------------------------------------------------------------------------- */

static struct synfin_endpoint *endpoint_new(struct host *h, uint8_t protocol, uint8_t sides)
{
    uint32_t index = pool_take(&h->endpoint);
    if (index == SYNFIN_NONE) {
        no_memory(h);
        return NULL;
    }
    struct synfin_endpoint *e = pool_at(&h->endpoint, index);
    e->self = index;
    e->record = SYNFIN_NONE;
    e->listener = NO_LISTENER;
    e->sender.protocol = protocol;
    e->sender.sides = sides | SIDE_ENDPOINT;
    e->sender.peer = SYNFIN_NONE;
    return e;
}

static void tuple_release(struct host *h, const struct synfin_sender *s)
{
    struct port_tuple t = tuple_of(h, s);
    port_map_set(&h->ports, &t, 0);
    if (s->sides & SIDE_EPHEMERAL)
        port_map_use(&h->ports, &t)->in_use--;
}

/* Its memory stays until the protocol has returned. */
static void endpoint_dies(struct host *h, struct synfin_endpoint *e)
{
    assert(!(e->host_bits & ENDPOINT_DYING));
    e->host_bits |= ENDPOINT_DYING;
    e->sender.peer = h->dying;
    h->dying = e->self;
}

static inline void reap(struct host *h)
{
    while (h->dying != SYNFIN_NONE) {
        struct synfin_endpoint *e = pool_at(&h->endpoint, h->dying);
        uint32_t index = h->dying;
        h->dying = e->sender.peer;
        e->sender.remote = 0; /* hints to it fail from now on */
        pool_give(&h->endpoint, index);
    }
}

static void endpoint_over(struct host *h, struct synfin_endpoint *e, enum synfin_failure reason)
{
    timers_off(h, e);
    count_state(h, &e->sender, -1);
    e->sender.state = 0;
    if (h->sim->observed)
        trace_state(h, &e->sender, 0);
    tuple_release(h, &e->sender);
    endpoint_dies(h, e);
    workload_over(h, e, reason);
}

/* ---- What protocols may ask for (struct synfin_host_api) ---------------------------------------------------------- */

/* Where an answer to a segment for no endpoint goes out. Its ordinal is its own: it follows from the segment's. */
static struct synfin_sender stray_sender(const struct synfin_segment *seg, uint8_t protocol)
{
    return (struct synfin_sender){.local = seg->destination,
                                  .remote = seg->source,
                                  .local_port = seg->destination_port,
                                  .remote_port = seg->source_port,
                                  .connection = seg->connection,
                                  .ordinal = seg->ordinal | STRAY_ORDINAL,
                                  .peer = seg->from,
                                  .protocol = protocol,
                                  .sides = SIDE_STRAY | (seg->bits & SYNFIN_BACKWARD ? SIDE_CLIENT : 0)};
}

/* The number of the server's next segment, where several endpoints of the connection have sent some. */
static uint32_t shared_ordinal(struct host *h, const struct synfin_sender *s)
{
    const struct synfin_endpoint *e = (const struct synfin_endpoint *)(const void *)s;
    return record_at(h->sim, e->record)->server++;
}

static void fill(struct host *h, struct synfin_sender *s, struct synfin_segment *seg)
{
    if (s->sides & SIDE_SHARED)
        s->ordinal = shared_ordinal(h, s);
    seg->source = s->local;
    seg->destination = s->remote;
    seg->source_port = s->local_port;
    seg->destination_port = s->remote_port;
    seg->protocol = protocol_of(h, s)->number;
    seg->connection = s->connection;
    seg->ordinal = s->ordinal;
    seg->kind_ordinal = 0;
    seg->to = s->peer;
    seg->from = SYNFIN_NONE;
    seg->bits = (uint8_t)((seg->bits & (SYNFIN_HAS_TIMESTAMPS | SYNFIN_SACK_PERMITTED | SYNFIN_HAS_SACK)) |
                          (s->sides & SIDE_CLIENT ? 0 : SYNFIN_BACKWARD));
    if (!(s->sides & SIDE_STRAY))
        s->ordinal++;
}

static void host_emit(struct synfin_host *base, struct synfin_sender *s, struct synfin_segment *seg)
{
    struct host *h = host_of(base);
    struct synfin_simulation *sim = h->sim;
    struct synfin_sender stray;
    if (s->sides & SIDE_LISTENER) { /* LISTEN answers whom it was asked by */
        assert(h->trigger);
        stray = stray_sender(h->trigger, s->protocol);
        s = &stray;
    }
    fill(h, s, seg);
    enum synfin_kind kind = synfin_segment_kind(seg);
    unsigned side = s->sides & SIDE_CLIENT ? CLIENT : SERVER;
    sim->workload_results[simulation_workload_of(sim, seg->connection)].segments[side].kind[kind]++;
    h->emitted[side]++;
    if (sim->numbered)
        seg->kind_ordinal = kinds_next(&sim->kinds, seg->connection, side, kind);
    if (s->sides & SIDE_ENDPOINT) {
        struct synfin_endpoint *e = (struct synfin_endpoint *)(void *)s;
        seg->from = e->self;
        if (kind == SYNFIN_KIND_SYN || kind == SYNFIN_KIND_SYN_ACK || kind == SYNFIN_KIND_FIN)
            record_sent(sim, e->record, side, kind, base->now);
        if (record_opens(seg))
            record_pending(sim, seg->to = e->record);
    } else if (kind == SYNFIN_KIND_SYN_ACK && record_opens(h->trigger)) {
        record_sent(sim, h->trigger->to, side, kind, base->now); /* with a SYN cookie */
    }
    if (sim->observed)
        trace_segment(h, SYNFIN_EVENT_SENT, seg, s->protocol, s->state, !(s->sides & SIDE_STRAY));
    link_send(sim, h, seg);
}

static void host_arm(struct synfin_host *base, struct synfin_endpoint *e, unsigned slot, synfin_time deadline,
                     synfin_time duration)
{
    assert(slot < SYNFIN_TIMERS && deadline >= base->now);
    timer_start(host_of(base), e, slot, deadline, duration);
}

static void host_disarm(struct synfin_host *base, struct synfin_endpoint *e, unsigned slot)
{
    assert(slot < SYNFIN_TIMERS);
    timer_stop(host_of(base), e, slot);
}

static void host_enter(struct synfin_host *base, struct synfin_endpoint *e, uint8_t state)
{
    struct host *h = host_of(base);
    count_state(h, &e->sender, -1);
    e->sender.state = state;
    count_state(h, &e->sender, 1);
    if (h->sim->observed && !(e->sender.sides & SIDE_LISTENER))
        trace_state(h, &e->sender, state);
}

static void host_tell(struct synfin_host *base, struct synfin_endpoint *e, enum synfin_news news, uint64_t n)
{
    struct host *h = host_of(base);
    assert(!(e->host_bits & ENDPOINT_DYING) && !(e->sender.sides & SIDE_LISTENER));
    if (news == SYNFIN_CLOSED)
        endpoint_over(h, e, SYNFIN_FAILURES);
    else if (news == SYNFIN_FAILED)
        endpoint_over(h, e, (enum synfin_failure)n);
    else
        workload_told(h, e, news, n);
}

/* A new endpoint of a connection at the server counts on where those before it (an earlier try's, or one that gave up)
   have come to, so that no two segments of a connection have the same fate. */
static void serve(struct host *h, struct synfin_endpoint *e, uint32_t record)
{
    struct record *r = record_at(h->sim, record);
    e->record = record;
    if (!(r->flags & RECORD_SERVED)) {
        r->flags |= RECORD_SERVED;
        r->server = e->self;
    } else {
        if (r->servers && !(r->flags & RECORD_SHARED)) {
            struct synfin_endpoint *first = pool_at(&h->endpoint, r->server);
            first->sender.sides |= SIDE_SHARED;
            r->server = first->sender.ordinal;
        }
        r->flags |= RECORD_SHARED;
        e->sender.sides |= SIDE_SHARED;
    }
    record_served(h->sim, record);
}

/* The record of the connection that a client's segment belongs to: SYN cookies keep nothing of the SYN that told it. */
static uint32_t record_of(const struct host *h, const struct synfin_segment *seg)
{
    const struct host *peer = simulation_owner(h->sim, seg->source);
    if (!peer || (seg->bits & SYNFIN_BACKWARD) || seg->from >= peer->endpoint.used)
        return SYNFIN_NONE;
    const struct synfin_endpoint *e = pool_at(&peer->endpoint, seg->from);
    bool same = e->sender.local == seg->source && e->sender.remote == seg->destination &&
                e->sender.local_port == seg->source_port && e->sender.connection == seg->connection;
    return same ? e->record : SYNFIN_NONE;
}

static struct synfin_endpoint *host_spawn(struct synfin_host *base, struct synfin_endpoint *listener,
                                          const struct synfin_segment *seg)
{
    struct host *h = host_of(base);
    struct port_tuple t = {seg->destination, seg->source, seg->destination_port, seg->source_port, seg->protocol};
    if (port_map_get(&h->ports, &t))
        return NULL;
    struct synfin_endpoint *e = endpoint_new(h, listener->sender.protocol, seg->bits & SYNFIN_BACKWARD ? SIDE_CLIENT : 0);
    if (!e)
        return NULL;
    e->sender.local = t.local;
    e->sender.remote = t.remote;
    e->sender.local_port = t.local_port;
    e->sender.remote_port = t.remote_port;
    e->sender.connection = seg->connection;
    e->sender.heard = seg->ordinal + 1;
    e->sender.peer = seg->from;
    e->listener = listener->listener;
    uint32_t record = record_opens(seg) ? seg->to : record_of(h, seg);
    if (record != SYNFIN_NONE)
        serve(h, e, record);
    if (port_map_set(&h->ports, &t, e->self + 1) < 0)
        no_memory(h);
    count_state(h, &e->sender, 1);
    return e;
}

static struct synfin_endpoint *host_listener(struct synfin_host *base, const struct synfin_segment *seg)
{
    struct host *h = host_of(base);
    for (size_t i = 0; i < h->listeners; i++) {
        struct synfin_endpoint *e = pool_at(&h->endpoint, h->listener[i].endpoint);
        if (h->listener[i].port == seg->destination_port && protocol_of(h, &e->sender)->number == seg->protocol)
            return e;
    }
    return NULL;
}

static struct synfin_endpoint *host_parent(struct synfin_host *base, struct synfin_endpoint *e)
{
    struct host *h = host_of(base);
    return e->listener == NO_LISTENER ? NULL : pool_at(&h->endpoint, h->listener[e->listener].endpoint);
}

static uint64_t *host_peer(struct synfin_host *base, uint32_t remote)
{
    struct host *h = host_of(base);
    if (remote - FIRST_ADDRESS >= h->sim->addresses)
        return NULL;
    if (!h->peer && !(h->peer = calloc(h->sim->addresses, sizeof(*h->peer)))) {
        no_memory(h);
        return NULL;
    }
    return &h->peer[remote - FIRST_ADDRESS];
}

static void *host_extra(struct synfin_host *base, struct synfin_endpoint *e)
{
    struct host *h = host_of(base);
    void *extra = sparse_at(&h->extra, e->self);
    if (!extra) {
        no_memory(h);
        return NULL;
    }
    if (!synfin_has_extra(e)) {
        const struct synfin_protocol *p = protocol_of(h, &e->sender);
        memset(extra, 0, p->extra_cleared ? p->extra_cleared : p->extra_size);
        e->host_bits |= SYNFIN_EXTRA_TAKEN;
    }
    return extra;
}

/* ---- TIME-WAIT ---------------------------------------------------------------------------------------------------- */

static uint32_t time_wait_cell(unsigned lane, uint32_t position)
{
    return CELL_TIME_WAIT | (uint32_t)lane << CELL_LANE_SHIFT | (position & CELL_POSITION);
}

static struct lane *time_wait_lane(struct host *h, uint32_t cell)
{
    return &h->time_wait[cell >> CELL_LANE_SHIFT & (HOST_TIME_WAIT_LANES - 1)];
}

static struct synfin_time_wait *time_wait_at(struct host *h, uint32_t cell)
{
    return lane_at(time_wait_lane(h, cell), cell & CELL_POSITION);
}

/* Appends a record to the first lane that keeps its order; the last lane takes it at the price of a later expiry. */
static struct synfin_time_wait *time_wait_add(struct host *h, const struct synfin_time_wait *w)
{
    unsigned i = 0;
    while (i < HOST_TIME_WAIT_LANES - 1 && !lane_takes(&h->time_wait[i], w->expiry, w->entered))
        i++;
    struct lane *l = &h->time_wait[i];
    struct synfin_time_wait *to = lane_append(l);
    if (!to || l->tail - l->head >= CELL_POSITION) {
        no_memory(h);
        return NULL;
    }
    *to = *w;
    if (!lane_takes(l, w->expiry, w->entered))
        to->expiry = ((struct synfin_time_wait *)lane_at(l, l->tail - 1))->expiry;
    struct port_tuple t = tuple_of(h, &w->sender);
    if (port_map_set(&h->ports, &t, time_wait_cell(i, l->tail)) < 0)
        no_memory(h);
    schedule_added(&h->schedule, l, 0);
    return to;
}

/* Takes the record out of its lane; the four-tuple stays. */
static void time_wait_bury(struct host *h, struct synfin_time_wait *w)
{
    struct port_tuple t = tuple_of(h, &w->sender);
    uint32_t cell = port_map_get(&h->ports, &t);
    struct lane *l = time_wait_lane(h, cell);
    w->sender.state = 0;
    if ((l->head & CELL_POSITION) == (cell & CELL_POSITION))
        schedule_buried(&h->schedule, l, l->head);
}

static struct synfin_time_wait *host_time_wait(struct synfin_host *base, struct synfin_endpoint *e, synfin_time duration)
{
    struct host *h = host_of(base);
    uint8_t state = protocol_of(h, &e->sender)->time_wait_state;
    timers_off(h, e);
    host_enter(base, e, state);
    struct synfin_time_wait w = {.expiry = base->now + duration, .entered = base->now, .sender = e->sender};
    w.sender.sides &= (uint8_t)~(SIDE_ENDPOINT | SIDE_SHARED);
    struct synfin_time_wait *to = time_wait_add(h, &w);
    endpoint_dies(h, e);
    workload_over(h, e, SYNFIN_FAILURES);
    return to;
}

static void host_time_wait_restart(struct synfin_host *base, struct synfin_time_wait *w, synfin_time duration)
{
    struct host *h = host_of(base);
    struct synfin_time_wait again = *w;
    again.expiry = base->now + duration;
    again.entered = base->now;
    time_wait_bury(h, w);
    time_wait_add(h, &again);
}

static void time_wait_over(struct host *h, const struct synfin_sender *s)
{
    count_state(h, s, -1);
    if (h->sim->observed)
        trace_state(h, s, 0);
    tuple_release(h, s);
}

static void host_time_wait_end(struct synfin_host *base, struct synfin_time_wait *w)
{
    struct host *h = host_of(base);
    struct synfin_sender s = w->sender;
    time_wait_bury(h, w);
    time_wait_over(h, &s);
}

/* Ports that are tried in turn when all are in use: the next ones are those that have waited longest. */
enum { PORTS_TRIED_AGAIN = 64 };

/* Whether the tuple's TIME-WAIT may end in favour of a new connection; then it has, and `old` is what it was. */
static bool takes_over(struct host *h, const struct port_tuple *t, unsigned protocol, bool chosen,
                       struct synfin_time_wait *old)
{
    const struct synfin_protocol *p = h->sim->protocol[protocol];
    uint32_t cell = port_map_get(&h->ports, t);
    if (!(cell & CELL_TIME_WAIT) || !p->take_over)
        return false;
    struct synfin_time_wait *w = time_wait_at(h, cell);
    if (!p->take_over(w, NULL, chosen, &h->base))
        return false;
    *old = *w;
    host_time_wait_end(&h->base, w);
    return true;
}

/* The next ephemeral port towards the tuple's destination that is free, or may be taken from a connection in TIME-WAIT,
   then `old` is what that was; 0: none. */
static uint16_t port_take(struct host *h, struct port_tuple *t, unsigned protocol, struct synfin_time_wait *old)
{
    const struct scenario_host *c = h->scenario;
    uint32_t ports = (uint32_t)(c->port_high - c->port_low) + 1;
    struct port_use *use = port_map_use(&h->ports, t);
    if (!use) {
        no_memory(h);
        return 0;
    }
    uint32_t tries = use->in_use < ports || ports < PORTS_TRIED_AGAIN ? ports : PORTS_TRIED_AGAIN;
    uint32_t next = use->next;
    for (uint32_t i = 0; i < tries; i++) {
        t->local_port = (uint16_t)(c->port_low + next);
        next = next + 1 < ports ? next + 1 : 0;
        if (!port_map_get(&h->ports, t) || takes_over(h, t, protocol, false, old)) {
            use = port_map_use(&h->ports, t);
            use->next = next;
            use->in_use++;
            return t->local_port;
        }
    }
    return 0;
}

static struct synfin_endpoint *open_tuple(struct host *h, const struct port_tuple *t, unsigned protocol)
{
    struct synfin_endpoint *e = endpoint_new(h, (uint8_t)protocol, SIDE_CLIENT | SIDE_EPHEMERAL);
    if (!e)
        return NULL;
    e->sender.local = t->local;
    e->sender.local_port = t->local_port;
    e->sender.remote = t->remote;
    e->sender.remote_port = t->remote_port;
    if (port_map_set(&h->ports, t, e->self + 1) < 0)
        no_memory(h);
    count_state(h, &e->sender, 1);
    return e;
}

/* A new endpoint at a port that has been taken. */
static struct synfin_endpoint *open_at(struct host *h, const struct port_tuple *t, unsigned protocol,
                                       const struct synfin_time_wait *old)
{
    struct synfin_endpoint *e = open_tuple(h, t, protocol);
    struct synfin_time_wait copy = *old;
    if (e && old->entered >= 0)
        h->sim->protocol[protocol]->take_over(&copy, e, true, &h->base);
    return e;
}

struct synfin_endpoint *host_open(struct host *h, uint32_t destination, uint16_t port, unsigned protocol, bool *no_port)
{
    struct port_tuple t = {.local = h->first_address + h->next_address,
                           .remote = destination,
                           .remote_port = port,
                           .protocol = h->sim->protocol[protocol]->number};
    struct synfin_time_wait old = {.entered = -1};
    h->next_address = h->next_address + 1 < h->scenario->addresses ? h->next_address + 1 : 0;
    *no_port = !port_take(h, &t, protocol, &old);
    return *no_port ? NULL : open_at(h, &t, protocol, &old);
}

struct synfin_endpoint *host_open_from(struct host *h, uint16_t local_port, uint32_t destination, uint16_t port,
                                       unsigned protocol)
{
    struct port_tuple t = {h->first_address, destination, local_port, port, h->sim->protocol[protocol]->number};
    struct synfin_time_wait old = {.entered = -1};
    if (port_map_get(&h->ports, &t) && !takes_over(h, &t, protocol, true, &old))
        return NULL;
    struct port_use *use = port_map_use(&h->ports, &t);
    if (!use)
        return NULL;
    use->in_use++;
    return open_at(h, &t, protocol, &old);
}

void host_queues(struct host *h, size_t n)
{
    struct synfin_endpoint *listener = pool_at(&h->endpoint, h->listener[n].endpoint);
    listener->host_bits |= SYNFIN_QUEUES;
}

static void time_wait_expires(struct host *h, struct lane *l)
{
    struct synfin_sender s = ((struct synfin_time_wait *)lane_at(l, l->head))->sender;
    schedule_drop_head(&h->schedule, l);
    time_wait_over(h, &s);
}

/* ---- Events -------------------------------------------------------------------------------------------------------- */

static inline bool tuple_matches(const struct synfin_sender *s, const struct synfin_segment *seg)
{
    return s->local == seg->destination && s->remote == seg->source && s->local_port == seg->destination_port &&
           s->remote_port == seg->source_port;
}

/* Counts a segment that arrives after a later one of its connection. */
static inline void hear(struct host *h, struct synfin_sender *s, const struct synfin_segment *seg)
{
    if ((seg->ordinal & STRAY_ORDINAL) || seg->connection != s->connection)
        return;
    if (seg->ordinal + 1 >= s->heard) {
        s->heard = seg->ordinal + 1;
        return;
    }
    struct synfin_simulation *sim = h->sim;
    struct workload *w = &sim->workload[simulation_workload_of(sim, seg->connection)];
    unsigned way = seg->bits & SYNFIN_BACKWARD ? 1 : 0;
    sim->workload_results[w->number].segments[way].reordered++;
    if (w->path[way].hops)
        w->path[way].hop[w->path[way].hops - 1]->counts.reordered++;
}

/* The endpoint that the hint names, if it is the right one, else by the four-tuple; a cell of TIME-WAIT goes to `cell`. */
static struct synfin_endpoint *find(struct host *h, const struct synfin_segment *seg, uint32_t *cell)
{
    *cell = 0;
    if (seg->to < h->endpoint.used && !record_opens(seg)) {
        struct synfin_endpoint *e = pool_at(&h->endpoint, seg->to);
        if (tuple_matches(&e->sender, seg) && protocol_of(h, &e->sender)->number == seg->protocol)
            return e;
    }
    struct port_tuple t = {seg->destination, seg->source, seg->destination_port, seg->source_port, seg->protocol};
    *cell = port_map_get(&h->ports, &t);
    return *cell && !(*cell & CELL_TIME_WAIT) ? pool_at(&h->endpoint, *cell - 1) : NULL;
}

static void deliver(struct host *h, const struct synfin_segment *seg)
{
    uint32_t cell;
    struct synfin_endpoint *e = find(h, seg, &cell);
    if (e) {
        if (h->sim->observed)
            trace_segment(h, SYNFIN_EVENT_DELIVERED, seg, e->sender.protocol, e->sender.state, true);
        hear(h, &e->sender, seg);
        if (seg->from != SYNFIN_NONE)
            e->sender.peer = seg->from;
        protocol_of(h, &e->sender)->segment(e, seg, &h->base);
        return;
    }
    if (cell) {
        struct synfin_time_wait *w = time_wait_at(h, cell);
        if (h->sim->observed)
            trace_segment(h, SYNFIN_EVENT_DELIVERED, seg, w->sender.protocol, w->sender.state, true);
        hear(h, &w->sender, seg);
        protocol_of(h, &w->sender)->time_wait(w, seg, &h->base);
        return;
    }
    struct synfin_endpoint *listener = host_listener(&h->base, seg);
    unsigned protocol = h->sim->workload[simulation_workload_of(h->sim, seg->connection)].scenario->protocol;
    if (h->sim->observed)
        trace_segment(h, SYNFIN_EVENT_DELIVERED, seg, (uint8_t)protocol, listener ? listener->sender.state : 0, true);
    if (listener) {
        protocol_of(h, &listener->sender)->segment(listener, seg, &h->base);
    } else {
        struct synfin_sender reply = stray_sender(seg, (uint8_t)protocol);
        protocol_of(h, &reply)->stray(&reply, seg, &h->base);
    }
}

static void segment_arrives(struct host *h, const struct flight *f)
{
    const struct synfin_segment *seg = &f->segment;
    if (!(seg->bits & SYNFIN_CORRUPTED)) {
        h->trigger = seg;
        h->trigger_emitted = f->key.cause;
        deliver(h, seg);
        h->trigger = NULL;
    }
    if (record_opens(seg))
        record_resolved(h->sim, seg->to, h->base.now);
}

static void timer_expires(struct host *h, const struct timer_entry *t, synfin_time duration)
{
    struct synfin_endpoint *e = pool_at(&h->endpoint, t->endpoint);
    timer_put(h, e, t->slot, (struct timer_handle){0});
    const struct synfin_protocol *p = protocol_of(h, &e->sender);
    if (t->slot == TIMER_APPLICATION) {
        workload_timer(h, e);
        return;
    }
    if (h->sim->observed)
        trace_timer(h, &e->sender, p->timer_name ? p->timer_name(e, t->slot) : "timer", t->key.cause, duration);
    p->timer(e, t->slot, &h->base);
}

static void lane_event(struct host *h, struct lane *l)
{
    switch (l->kind) {
    case LANE_SEGMENT: {
        const struct flight *f = lane_at(l, l->head); /* stays there: only other hosts append to the lane */
        schedule_drop_head(&h->schedule, l);
        segment_arrives(h, f);
        break;
    }
    case LANE_TIMER: {
        struct timer_entry t = *(const struct timer_entry *)lane_at(l, l->head);
        const void *timer_lane = (const char *)l - offsetof(struct timer_lane, lane);
        synfin_time duration = ((const struct timer_lane *)timer_lane)->duration;
        schedule_drop_head(&h->schedule, l);
        timer_expires(h, &t, duration);
        break;
    }
    case LANE_TIME_WAIT:
        time_wait_expires(h, l);
        break;
    case LANE_ARRIVAL:
        workload_arrive(h, l);
        break;
    }
}

static void far_event(struct host *h)
{
    union {
        struct far_timer timer;
        struct flight flight;
    } entry;
    if (schedule_take_far(&h->schedule, &entry) == LANE_TIMER)
        timer_expires(h, &entry.timer.entry, entry.timer.duration);
    else
        segment_arrives(h, &entry.flight);
}

uint64_t host_run(struct host *h, synfin_time until, uint64_t most)
{
    uint64_t n = 0;
    const struct lane_head *next;
    while (n < most && (next = schedule_next(&h->schedule)) != NULL && next->key.time < until) {
        if (h->next_sample <= next->key.time)
            series_host(h, next->key.time);
        h->base.now = next->key.time;
        if (next->lane)
            lane_event(h, next->lane);
        else
            far_event(h);
        reap(h);
        n++;
    }
    if (n && h->base.now > h->sim->last)
        h->sim->last = h->base.now;
    if (h->schedule.no_memory)
        no_memory(h);
    return n;
}

void host_receive(struct host *h, uint64_t rank, const struct flight *f)
{
    if (schedule_segment(&h->schedule, &h->from, rank, f, sizeof(*f)))
        simulation_nearer_host(h->sim, h);
    if (h->schedule.no_memory)
        no_memory(h);
}

/* ---- Building ------------------------------------------------------------------------------------------------------ */

static const struct synfin_host_api host_api = {
    .emit = host_emit,
    .arm = host_arm,
    .disarm = host_disarm,
    .enter = host_enter,
    .tell = host_tell,
    .spawn = host_spawn,
    .listener = host_listener,
    .extra = host_extra,
    .time_wait = host_time_wait,
    .time_wait_restart = host_time_wait_restart,
    .time_wait_end = host_time_wait_end,
    .parent = host_parent,
    .peer = host_peer,
};

static void largest_sizes(const struct synfin_scenario *s, size_t *endpoint, size_t *extra)
{
    *endpoint = sizeof(struct synfin_endpoint);
    *extra = 1;
    for (unsigned i = 0; i < s->protocols; i++) {
        const struct synfin_protocol *p = synfin_registry_protocol(s->registry, i);
        if (p->endpoint_size > *endpoint)
            *endpoint = p->endpoint_size;
        if (p->extra_size > *extra)
            *extra = p->extra_size;
    }
}

static int listen_all(struct host *h)
{
    const struct scenario_host *c = h->scenario;
    h->listener = calloc(c->listeners ? c->listeners : 1, sizeof(*h->listener));
    if (!h->listener)
        return -1;
    for (size_t i = 0; i < c->listeners; i++) {
        struct synfin_endpoint *e = endpoint_new(h, (uint8_t)c->listener[i].protocol, SIDE_LISTENER);
        if (!e)
            return -1;
        e->sender.local_port = c->listener[i].port;
        e->listener = (uint16_t)i;
        h->listener[i] = (struct host_listener){c->listener[i].port, e->sender.protocol, e->self};
        h->listeners++;
        count_state(h, &e->sender, 1);
        protocol_of(h, &e->sender)->listen(e, &h->base, c->listener[i].backlog);
    }
    return 0;
}

static int build_one(struct synfin_simulation *sim, uint32_t number, uint32_t first_address)
{
    const struct synfin_scenario *s = sim->scenario;
    struct host *h = &sim->host[number];
    size_t endpoint, extra;
    h->base.api = &host_api;
    h->base.settings = (const void *const *)s->host[number].protocol;
    h->sim = sim;
    h->scenario = &s->host[number];
    h->number = number;
    h->at = SYNFIN_NONE;
    h->first_address = first_address;
    h->dying = SYNFIN_NONE;
    h->next_sample = sim->series ? 0 : SYNFIN_NEVER;
    struct random_key key = random_key(s->seed, sim->replication, "hosts", h->scenario->name);
    uint32_t secret[4];
    random_block(key, (const uint32_t[4]){0}, secret);
    h->base.secret[0] = (uint64_t)secret[0] << 32 | secret[1];
    h->base.secret[1] = (uint64_t)secret[2] << 32 | secret[3];
    largest_sizes(s, &endpoint, &extra);
    schedule_init(&h->schedule, sizeof(struct far_timer), sizeof(struct flight));
    pool_init(&h->endpoint, endpoint, 64);
    sparse_init(&h->extra, extra);
    sparse_init(&h->more, sizeof(struct more));
    port_map_init(&h->ports);
    for (unsigned i = 0; i < HOST_TIME_WAIT_LANES; i++)
        lane_init(&h->time_wait[i], LANE_TIME_WAIT, sizeof(struct synfin_time_wait), RANK_TIME_WAIT + i);
    return listen_all(h);
}

int host_build(struct synfin_simulation *sim)
{
    const struct synfin_scenario *s = sim->scenario;
    sim->host = calloc(s->hosts ? s->hosts : 1, sizeof(*sim->host));
    for (size_t i = 0; i < s->hosts; i++)
        sim->addresses += s->host[i].addresses;
    sim->owner = malloc((sim->addresses ? sim->addresses : 1) * sizeof(*sim->owner));
    if (!sim->host || !sim->owner)
        return -1;
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->hosts; i++) {
        sim->hosts++;
        if (build_one(sim, i, FIRST_ADDRESS + n) < 0)
            return -1;
        for (uint32_t k = 0; k < s->host[i].addresses; k++)
            sim->owner[n++] = i;
    }
    return 0;
}

void host_free(struct synfin_simulation *sim)
{
    for (uint32_t i = 0; i < sim->hosts; i++) {
        struct host *h = &sim->host[i];
        schedule_free(&h->schedule);
        pool_free(&h->endpoint);
        sparse_free(&h->extra);
        sparse_free(&h->more);
        port_map_free(&h->ports);
        for (uint32_t k = 0; k < h->timer_lanes; k++)
            lane_free(&h->timer_lane[k].lane);
        for (unsigned k = 0; k < HOST_TIME_WAIT_LANES; k++)
            lane_free(&h->time_wait[k]);
        lane_set_free(&h->from);
        free(h->listener);
        free(h->peer);
    }
    free(sim->host);
    free(sim->owner);
}
