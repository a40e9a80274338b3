/* SPDX-License-Identifier: BSD-2-Clause */
/* Hosts of the reference simulator: what struct synfin_host_api promises, without an index of anything. */
#include <assert.h>
#include <stdlib.h>

#include "reference_engine.h"

/* Marks the ordinal of an answer for no endpoint, which is that of the segment answered. */
#define STRAY UINT32_C(0x80000000)
/* Those of an endpoint that comes when its connection is over count from here and the ordinal that made it. */
#define LATE UINT32_C(0x40000000)

static struct reference_host *host_of(struct synfin_host *base)
{
    return (struct reference_host *)base;
}

static struct reference_side *side_of(struct reference_host *h, const struct synfin_endpoint *e)
{
    return h->side[e->sender.self];
}

static const char *state_name(const struct reference_host *h, const struct synfin_sender *s)
{
    return reference_protocol(h->sim, s)->states[s->state];
}

static uint32_t number_of(const struct reference_host *h, const struct reference_connection *c)
{
    return c->number * (uint32_t)h->sim->scenario->workloads + c->workload;
}

/* The event of a connection at this host, now. */
static struct synfin_event event_of(const struct reference_host *h, const struct reference_connection *c, bool client)
{
    return (struct synfin_event){.time = h->base.now,
                                 .since = h->base.now,
                                 .workload = c->workload,
                                 .connection = c->number,
                                 .client = client};
}

static void note_state(struct reference_side *side, const struct synfin_sender *s)
{
    struct reference_host *h = side->host;
    struct synfin_event e = event_of(h, side->connection, side->client);
    e.state = state_name(h, s);
    reference_note(h, SYNFIN_EVENT_STATE, e);
}

/* ---- Sides ------------------------------------------------------------------------------------------------------- */

static struct reference_side *side_new(struct reference_host *h, unsigned protocol, struct reference_connection *c)
{
    const struct synfin_protocol *p = synfin_registry_protocol(h->sim->scenario->registry, protocol);
    struct reference_side *side = reference_take(sizeof *side);
    h->side = realloc(h->side, (h->sides + 1) * sizeof(struct reference_side *));
    if (!h->side)
        abort();
    side->host = h;
    side->connection = c;
    side->live = true;
    side->endpoint = reference_take(p->endpoint_size);
    side->endpoint->sender.self = (uint32_t)h->sides;
    side->endpoint->record = side->endpoint->sender.peer = SYNFIN_NONE;
    side->endpoint->sender.protocol = (uint8_t)protocol;
    if (c)
        side->endpoint->sender.connection = number_of(h, c);
    h->side[h->sides++] = side;
    return side;
}

static const struct synfin_sender *sender_of(const struct reference_side *side)
{
    return side->waiting ? &side->wait.sender : &side->endpoint->sender;
}

struct tuple {
    uint32_t local, remote;
    uint16_t local_port, remote_port;
    uint8_t number;
};

/* Who holds a four-tuple, alive or in TIME-WAIT. */
static struct reference_side *holder(const struct reference_host *h, struct tuple t)
{
    for (size_t i = 0; i < h->sides; i++) {
        struct reference_side *side = h->side[i];
        const struct synfin_sender *s = sender_of(side);
        if (side->connection && (side->live || side->waiting) && s->local == t.local && s->remote == t.remote &&
            s->local_port == t.local_port && s->remote_port == t.remote_port &&
            reference_protocol(h->sim, s)->number == t.number)
            return side;
    }
    return NULL;
}

/* Whose sender it is; NULL: that of an answer for no endpoint. */
static struct reference_side *side_that_sends(const struct reference_host *h, const struct synfin_sender *s)
{
    for (size_t i = 0; i < h->sides; i++) {
        if (s == &h->side[i]->endpoint->sender || s == &h->side[i]->wait.sender)
            return h->side[i];
    }
    return NULL;
}

static void timers_off(struct reference_side *side)
{
    for (unsigned slot = 0; slot < SYNFIN_TIMERS; slot++)
        reference_cancel(side->host->sim, REFERENCE_TIMER, side, slot);
    reference_cancel(side->host->sim, REFERENCE_APPLICATION, side, 0);
}

static bool same_use(const struct reference_use *use, struct tuple t)
{
    return use->local == t.local && use->remote == t.remote && use->port == t.remote_port && use->protocol == t.number;
}

/* Whether a new connection may take the tuple's place in TIME-WAIT; then it is over, and `old` is what it was. */
static bool takes_over(struct reference_host *h, struct reference_side *side, unsigned protocol,
                       struct synfin_time_wait *old)
{
    const struct synfin_protocol *p = synfin_registry_protocol(h->sim->scenario->registry, protocol);
    if (!side->waiting || !p->take_over || !p->take_over(&side->wait, NULL, false, &h->base))
        return false;
    *old = side->wait;
    reference_cancel(h->sim, REFERENCE_TIME_WAIT, side, 0);
    reference_time_wait_over(h, side);
    return true;
}

/* The next port towards the destination, in turn, that is free or may be taken from TIME-WAIT; 0: none, and *why. */
static uint16_t free_port(struct reference_host *h, struct tuple t, unsigned protocol, struct synfin_time_wait *old,
                          enum synfin_no_port *why)
{
    size_t i = 0;
    while (i < h->uses && !same_use(&h->use[i], t))
        i++;
    if (i == h->uses) {
        h->use = realloc(h->use, (h->uses + 1) * sizeof *h->use);
        if (!h->use)
            abort();
        h->use[h->uses++] = (struct reference_use){t.local, t.remote, t.remote_port, t.number, 0};
    }
    uint32_t ports = (uint32_t)(h->scenario->port_high - h->scenario->port_low) + 1;
    *why = SYNFIN_PORTS_IN_USE;
    for (uint32_t n = 0; n < ports; n++) {
        t.local_port = (uint16_t)(h->scenario->port_low + (h->use[i].next + n) % ports);
        struct reference_side *side = holder(h, t);
        if (!side || takes_over(h, side, protocol, old)) {
            h->use[i].next = (h->use[i].next + n + 1) % ports;
            return t.local_port;
        }
        if (side->waiting)
            *why = SYNFIN_PORTS_IN_TIME_WAIT;
    }
    return 0;
}

struct reference_side *reference_open(struct reference_host *h, struct reference_connection *c, uint32_t destination,
                                      uint16_t port, unsigned protocol, enum synfin_no_port *why)
{
    struct synfin_time_wait old = {.entered = -1};
    struct tuple t = {.local = h->first_address + h->next_address, .remote = destination, .remote_port = port};
    t.number = synfin_registry_protocol(h->sim->scenario->registry, protocol)->number;
    h->next_address = (h->next_address + 1) % h->scenario->addresses;
    t.local_port = free_port(h, t, protocol, &old, why);
    if (t.local_port == 0)
        return NULL;
    struct reference_side *side = side_new(h, protocol, c);
    side->client = side->known = true;
    side->endpoint->listener = UINT16_MAX;
    side->endpoint->sender.local = t.local;
    side->endpoint->sender.local_port = t.local_port;
    side->endpoint->sender.remote = destination;
    side->endpoint->sender.remote_port = port;
    if (old.entered >= 0)
        synfin_registry_protocol(h->sim->scenario->registry, protocol)->take_over(&old, side->endpoint, true, &h->base);
    return side;
}

/* ---- What protocols ask for -------------------------------------------------------------------------------------- */

static struct synfin_sender answer_to(const struct synfin_segment *seg, unsigned protocol)
{
    return (struct synfin_sender){.local = seg->destination,
                                  .remote = seg->source,
                                  .local_port = seg->destination_port,
                                  .remote_port = seg->source_port,
                                  .connection = seg->connection,
                                  .ordinal = seg->ordinal | STRAY,
                                  .protocol = (uint8_t)protocol};
}

static void emit(struct synfin_host *base, struct synfin_sender *s, struct synfin_segment *seg)
{
    struct reference_host *h = host_of(base);
    struct reference_side *side = side_that_sends(h, s);
    struct synfin_sender answer;
    if (side && !side->connection) {
        answer = answer_to(h->trigger, s->protocol); /* a listener answers whom it was asked by */
        s = &answer;
        side = NULL;
    }
    struct reference_connection *c = reference_connection_of(h->sim, s->connection);
    /* Without an endpoint, the opposite way of what is answered. */
    bool client = side ? side->client : (h->trigger->bits & SYNFIN_BACKWARD) != 0;
    unsigned way = client ? 0 : 1;
    seg->source = s->local;
    seg->destination = s->remote;
    seg->source_port = s->local_port;
    seg->destination_port = s->remote_port;
    seg->protocol = reference_protocol(h->sim, s)->number;
    seg->connection = s->connection;
    seg->ordinal = s->ordinal;
    if (side && side->live && side->known) /* endpoints of one connection count on, whatever attempt they are of */
        seg->ordinal = c->emitted[way]++;
    if (side)
        s->ordinal = seg->ordinal + 1;
    seg->from = side && side->live ? 0 : SYNFIN_NONE;
    seg->to = SYNFIN_NONE;
    seg->bits &= SYNFIN_HAS_TIMESTAMPS | SYNFIN_SACK_PERMITTED | SYNFIN_HAS_SACK;
    if (!client)
        seg->bits |= SYNFIN_BACKWARD;
    enum synfin_kind kind = synfin_segment_kind(seg);
    if (client && side && side->live && kind != SYNFIN_KIND_RST &&
        (kind == SYNFIN_KIND_SYN || seg->protocol == SYNFIN_UDP || !side->knows_peer))
        seg->to = REFERENCE_OPENS;
    seg->kind_ordinal = ++c->of_kind[way][kind];
    h->sim->results->segments[c->workload][way].kind[kind]++;
    bool part = !side || side->known; /* of the connection; what a late cookie begins is none */
    if (part && !c->settled) {
        c->row.syn_sent += kind == SYNFIN_KIND_SYN;
        c->row.syn_ack_sent += kind == SYNFIN_KIND_SYN_ACK;
        c->row.fin_sent += kind == SYNFIN_KIND_FIN;
    }
    if (part && kind == SYNFIN_KIND_FIN && c->fin[way] < 0)
        c->fin[way] = base->now;
    if (reference_opens(seg)) {
        c->under_way++;
        c->begun = true;
    }
    struct synfin_event e = event_of(h, c, client);
    e.segment = seg;
    e.state = side ? state_name(h, s) : NULL;
    reference_note(h, SYNFIN_EVENT_SENT, e);
    reference_send(h, seg);
}

static void disarm(struct synfin_host *base, struct synfin_endpoint *e, unsigned slot)
{
    struct reference_host *h = host_of(base);
    reference_cancel(h->sim, REFERENCE_TIMER, side_of(h, e), slot);
}

static void arm(struct synfin_host *base, struct synfin_endpoint *e, unsigned slot, synfin_time deadline,
                synfin_time duration)
{
    struct reference_host *h = host_of(base);
    disarm(base, e, slot);
    reference_schedule(h->sim, (struct reference_event){.time = deadline,
                                                        .cause = base->now,
                                                        .place = h->number,
                                                        .source = SOURCE_TIMERS,
                                                        .kind = REFERENCE_TIMER,
                                                        .side = side_of(h, e),
                                                        .slot = slot,
                                                        .duration = duration});
}

static void enter(struct synfin_host *base, struct synfin_endpoint *e, uint8_t state)
{
    struct reference_side *side = side_of(host_of(base), e);
    e->sender.state = state;
    if (side->connection)
        note_state(side, &e->sender);
}

static void tell(struct synfin_host *base, struct synfin_endpoint *e, enum synfin_news news, uint64_t n)
{
    struct reference_side *side = side_of(host_of(base), e);
    if (news != SYNFIN_CLOSED && news != SYNFIN_FAILED) {
        reference_told(side, news, n);
        return;
    }
    if (news == SYNFIN_CLOSED && n)
        side->host->sim->results->workload[side->connection->workload].time_wait_overflow++;
    timers_off(side);
    e->sender.state = 0;
    note_state(side, &e->sender);
    side->live = false;
    reference_over(side, news == SYNFIN_CLOSED ? SYNFIN_FAILURES : (enum synfin_failure)n);
}

static struct synfin_endpoint *spawn(struct synfin_host *base, struct synfin_endpoint *listener,
                                     const struct synfin_segment *seg)
{
    struct reference_host *h = host_of(base);
    struct tuple t = {seg->destination, seg->source, seg->destination_port, seg->source_port, seg->protocol};
    if (holder(h, t))
        return NULL;
    struct reference_connection *c = reference_connection_of(h->sim, seg->connection);
    struct reference_side *side = side_new(h, listener->sender.protocol, c);
    struct synfin_sender *s = &side->endpoint->sender;
    side->client = (seg->bits & SYNFIN_BACKWARD) != 0;
    side->known = reference_opens(seg);
    side->heard = seg->ordinal + 1;
    side->endpoint->listener = listener->listener;
    s->local = t.local;
    s->remote = t.remote;
    s->local_port = t.local_port;
    s->remote_port = t.remote_port;
    s->ordinal = LATE | seg->ordinal;
    return side->endpoint;
}

static struct synfin_endpoint *listener_of(struct synfin_host *base, const struct synfin_segment *seg)
{
    struct reference_host *h = host_of(base);
    for (size_t i = 0; i < h->scenario->listeners; i++) {
        struct synfin_endpoint *e = h->side[i]->endpoint;
        uint8_t number = reference_protocol(h->sim, &e->sender)->number;
        if (e->sender.local_port == seg->destination_port && number == seg->protocol)
            return e;
    }
    return NULL;
}

static struct synfin_endpoint *parent(struct synfin_host *base, struct synfin_endpoint *e)
{
    return e->listener == UINT16_MAX ? NULL : host_of(base)->side[e->listener]->endpoint;
}

static void *extra(struct synfin_host *base, struct synfin_endpoint *e)
{
    struct reference_side *side = side_of(host_of(base), e);
    if (!side->extra)
        side->extra = reference_take(reference_protocol(side->host->sim, &e->sender)->extra_size);
    e->host_bits |= SYNFIN_EXTRA_TAKEN;
    return side->extra;
}

static void *large(struct synfin_host *base, struct synfin_endpoint *e)
{
    struct reference_side *side = side_of(host_of(base), e);
    if (!side->large)
        side->large = reference_take(reference_protocol(side->host->sim, &e->sender)->large_size);
    return side->large;
}

static uint64_t *peer(struct synfin_host *base, uint32_t remote)
{
    struct reference_host *h = host_of(base);
    uint32_t n = remote - h->sim->host[0].first_address;
    if (n >= h->peers)
        return NULL;
    return &h->peer[n];
}

static void expect_end(struct reference_side *side)
{
    struct reference_host *h = side->host;
    reference_schedule(h->sim, (struct reference_event){.time = side->wait.expiry,
                                                        .cause = side->wait.entered,
                                                        .place = h->number,
                                                        .source = SOURCE_TIME_WAIT,
                                                        .kind = REFERENCE_TIME_WAIT,
                                                        .side = side});
}

static struct synfin_time_wait *time_wait(struct synfin_host *base, struct synfin_endpoint *e, synfin_time duration)
{
    struct reference_host *h = host_of(base);
    struct reference_side *side = side_of(h, e);
    timers_off(side);
    enter(base, e, reference_protocol(h->sim, &e->sender)->time_wait_state);
    side->wait = (struct synfin_time_wait){.expiry = base->now + duration, .entered = base->now, .sender = e->sender};
    side->live = false;
    side->waiting = true;
    base->time_waits++;
    expect_end(side);
    reference_over(side, SYNFIN_FAILURES);
    return &side->wait;
}

static struct reference_side *side_of_wait(struct synfin_host *base, const struct synfin_time_wait *w)
{
    struct reference_side *side = side_that_sends(host_of(base), &w->sender);
    assert(side && side->waiting);
    reference_cancel(side->host->sim, REFERENCE_TIME_WAIT, side, 0);
    return side;
}

static void time_wait_restart(struct synfin_host *base, struct synfin_time_wait *w, synfin_time duration)
{
    struct reference_side *side = side_of_wait(base, w);
    w->expiry = base->now + duration;
    w->entered = base->now;
    expect_end(side);
}

void reference_time_wait_over(struct reference_host *h, struct reference_side *side)
{
    side->wait.sender.state = 0;
    side->waiting = false;
    h->base.time_waits--;
    note_state(side, &side->wait.sender);
}

static void time_wait_end(struct synfin_host *base, struct synfin_time_wait *w)
{
    reference_time_wait_over(host_of(base), side_of_wait(base, w));
}

/* ---- Events ------------------------------------------------------------------------------------------------------ */

/* Counts a segment that arrives after a later one of its connection. */
static void hear(struct reference_side *side, const struct synfin_segment *seg)
{
    struct reference *r = side->host->sim;
    if (seg->ordinal & STRAY)
        return;
    if (seg->connection != sender_of(side)->connection)
        return;
    if (seg->ordinal + 1 >= side->heard) {
        side->heard = seg->ordinal + 1;
        return;
    }
    unsigned way = seg->bits & SYNFIN_BACKWARD ? 1 : 0;
    r->results->segments[side->connection->workload][way].reordered++;
    struct reference_direction *last = reference_last_hop(r, seg);
    if (last)
        r->results->link[last->number / 2][last->number % 2].reordered++;
}

static void deliver(struct reference_host *h, const struct synfin_segment *seg, synfin_time emitted)
{
    struct tuple t = {seg->destination, seg->source, seg->destination_port, seg->source_port, seg->protocol};
    struct reference_side *side = holder(h, t);
    struct reference_connection *c = reference_connection_of(h->sim, seg->connection);
    struct synfin_endpoint *listener = side ? NULL : listener_of(&h->base, seg);
    struct synfin_event e = event_of(h, c, (seg->bits & SYNFIN_BACKWARD) != 0);
    unsigned protocol = h->sim->scenario->workload[c->workload].protocol;
    const struct synfin_protocol *p = synfin_registry_protocol(h->sim->scenario->registry, protocol);
    e.segment = seg;
    e.since = emitted;
    e.state = side ? state_name(h, sender_of(side)) : listener ? state_name(h, &listener->sender) : p->states[0];
    reference_note(h, SYNFIN_EVENT_DELIVERED, e);
    if (side)
        hear(side, seg);
    if (side && seg->from != SYNFIN_NONE && seg->connection == sender_of(side)->connection)
        side->knows_peer = true;
    if (side && side->waiting) {
        p->time_wait(&side->wait, seg, &h->base);
    } else if (side || listener) {
        p->segment(side ? side->endpoint : listener, seg, &h->base);
    } else {
        struct synfin_sender reply = answer_to(seg, protocol);
        p->stray(&reply, seg, &h->base);
    }
}

void reference_arrive(struct reference_host *h, const struct synfin_segment *seg, synfin_time emitted)
{
    if (!(seg->bits & SYNFIN_CORRUPTED)) {
        h->trigger = seg;
        deliver(h, seg, emitted);
        h->trigger = NULL;
    }
    reference_resolved(h->sim, seg, h->base.now);
}

void reference_timer(struct reference_host *h, const struct reference_event *timer)
{
    struct reference_side *side = timer->side;
    const struct synfin_protocol *p = reference_protocol(h->sim, &side->endpoint->sender);
    struct synfin_event e = event_of(h, side->connection, side->client);
    e.model = p->timer_name(side->endpoint, timer->slot);
    e.state = state_name(h, &side->endpoint->sender);
    e.since = timer->cause;
    e.duration = timer->duration;
    reference_note(h, SYNFIN_EVENT_TIMER, e);
    p->timer(side->endpoint, timer->slot, &h->base);
}

/* ---- Building ---------------------------------------------------------------------------------------------------- */

static const struct synfin_host_api api = {
    .emit = emit,
    .arm = arm,
    .disarm = disarm,
    .enter = enter,
    .tell = tell,
    .spawn = spawn,
    .listener = listener_of,
    .extra = extra,
    .large = large,
    .time_wait = time_wait,
    .time_wait_restart = time_wait_restart,
    .time_wait_end = time_wait_end,
    .parent = parent,
    .peer = peer,
};

void reference_build_host(struct reference *r, uint32_t number, uint32_t first_address)
{
    struct reference_host *h = &r->host[number];
    const struct scenario_host *s = &r->scenario->host[number];
    struct random_key key = random_key(r->scenario->seed, r->replication, "hosts", s->name);
    uint32_t secret[4];
    random_block(key, (const uint32_t[4]){0}, secret);
    h->base = (struct synfin_host){.api = &api, .watched = true, .settings = (const void *const *)s->protocol};
    h->base.secret[0] = (uint64_t)secret[0] << 32 | secret[1];
    h->base.secret[1] = (uint64_t)secret[2] << 32 | secret[3];
    h->sim = r;
    h->scenario = s;
    h->number = number;
    h->first_address = first_address;
    for (size_t i = 0; i < r->scenario->hosts; i++)
        h->peers += r->scenario->host[i].addresses;
    h->peer = reference_take(h->peers * sizeof *h->peer);
    h->queue = reference_take((s->listeners + 1) * sizeof *h->queue);
    for (size_t i = 0; i < s->listeners; i++) {
        struct synfin_endpoint *e = side_new(h, s->listener[i].protocol, NULL)->endpoint;
        e->sender.local_port = s->listener[i].port;
        e->listener = (uint16_t)i;
        if (s->listener[i].queues)
            e->host_bits |= SYNFIN_QUEUES;
        h->queue[i].ready = s->listener[i].accept_every == SYNFIN_NEVER ? SYNFIN_NEVER : s->listener[i].accept_after;
        reference_protocol(r, &e->sender)->listen(e, &h->base, s->listener[i].backlog);
    }
}

void reference_free_host(struct reference_host *h)
{
    for (size_t i = 0; i < h->sides; i++) {
        free(h->side[i]->endpoint);
        free(h->side[i]->extra);
        free(h->side[i]->large);
        free(h->side[i]);
    }
    for (size_t i = 0; i < h->scenario->listeners; i++)
        free(h->queue[i].side);
    free(h->queue);
    free(h->peer);
    free(h->side);
    free(h->use);
}
