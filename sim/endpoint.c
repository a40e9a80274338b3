/* SPDX-License-Identifier: BSD-2-Clause */
/* Endpoints of a host: made by an active open at a free port, or by a listener; what becomes of them at their end. */
#include <stdlib.h>
#include <string.h>

#include "host_part.h"

struct synfin_endpoint *endpoint_new(struct host *h, uint8_t protocol, uint8_t sides)
{
    uint32_t index = h->endpoint.used < TIMER_ENDPOINTS ? pool_take(&h->endpoint) : SYNFIN_NONE;
    if (index == SYNFIN_NONE) {
        host_no_memory(h);
        return NULL;
    }
    struct synfin_endpoint *e = pool_at(&h->endpoint, index);
    e->sender.self = index;
    e->record = SYNFIN_NONE;
    e->listener = NO_LISTENER;
    e->sender.protocol = protocol;
    e->sender.number = h->sim->protocol[protocol]->number;
    e->sender.sides = sides;
    e->sender.peer = SYNFIN_NONE;
    return e;
}

void endpoint_release(struct host *h, const struct synfin_sender *s)
{
    struct port_tuple t = host_tuple(s);
    struct port_place at = port_map_find(&h->ports, &t);
    port_map_set(&h->ports, at, 0);
    if (s->sides & SIDE_EPHEMERAL) {
        struct port_use *use = port_map_use(&h->ports, &t, at);
        use->in_use--;
        use->time_waits -= s->state != 0; /* of an endpoint it is 0 by now */
    }
}

/* Its memory stays until the protocol has returned. */
void endpoint_dies(struct host *h, struct synfin_endpoint *e)
{
    assert(!(e->host_bits & ENDPOINT_DYING));
    e->host_bits |= ENDPOINT_DYING;
    e->sender.peer = h->dying;
    h->dying = e->sender.self;
}

void endpoint_reap(struct host *h)
{
    while (h->dying != SYNFIN_NONE) {
        struct synfin_endpoint *e = pool_at(&h->endpoint, h->dying);
        uint32_t index = h->dying;
        h->dying = e->sender.peer;
        e->sender.remote = 0; /* hints to it fail from now on */
        pool_give(&h->endpoint, index);
    }
}

void endpoint_over(struct host *h, struct synfin_endpoint *e, enum synfin_failure reason)
{
    timer_stop_all(h, e);
    host_count_state(h, &e->sender, -1);
    e->sender.state = 0;
    if (h->sim->observed)
        trace_state(h, &e->sender, 0);
    endpoint_release(h, &e->sender);
    endpoint_dies(h, e);
    workload_over(h, e, reason);
}

/* ---- Passive opens ------------------------------------------------------------------------------------------------ */

/* A new endpoint of a connection at the server counts on where those before it (an earlier try's, or one that gave up)
   have come to, so that no two segments of a connection have the same fate. */
static void serve(struct host *h, struct synfin_endpoint *e, uint32_t record)
{
    struct record *r = record_at(h->sim, record);
    e->record = record;
    if (!(r->flags & RECORD_SERVED)) {
        r->flags |= RECORD_SERVED;
        r->server = e->sender.self;
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

struct synfin_endpoint *host_spawn(struct synfin_host *base, struct synfin_endpoint *listener,
                                          const struct synfin_segment *seg)
{
    struct host *h = host_of(base);
    struct port_tuple t = host_tuple_for(seg);
    struct port_place at = h->trigger && seg == &h->trigger->segment && h->trigger_place.root ? h->trigger_place : port_map_add(&h->ports, &t);
    if (port_map_get(&h->ports, at))
        return NULL;
    struct synfin_endpoint *e = endpoint_new(h, listener->sender.protocol, seg->bits & SYNFIN_BACKWARD ? 0 : SIDE_SERVER);
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
    uint32_t record = record_opens(seg) ? record_named(seg) : SYNFIN_NONE;
    if (record != SYNFIN_NONE)
        serve(h, e, record);
    else
        e->sender.ordinal = LATE_ORDINAL | seg->ordinal;
    if (!at.root || port_map_set(&h->ports, at, e->sender.self + 1) < 0)
        host_no_memory(h);
    host_count_state(h, &e->sender, 1);
    return e;
}

struct synfin_endpoint *host_listener(struct synfin_host *base, const struct synfin_segment *seg)
{
    struct host *h = host_of(base);
    for (size_t i = 0; i < h->listeners; i++) {
        struct synfin_endpoint *e = pool_at(&h->endpoint, h->listener[i].endpoint);
        if (h->listener[i].port == seg->destination_port && e->sender.number == seg->protocol)
            return e;
    }
    return NULL;
}

struct synfin_endpoint *host_parent(struct synfin_host *base, struct synfin_endpoint *e)
{
    struct host *h = host_of(base);
    return e->listener == NO_LISTENER ? NULL : pool_at(&h->endpoint, h->listener[e->listener].endpoint);
}

uint64_t *host_peer(struct synfin_host *base, uint32_t remote)
{
    struct host *h = host_of(base);
    if (remote - FIRST_ADDRESS >= h->sim->addresses)
        return NULL;
    if (!h->peer && !(h->peer = calloc(h->sim->addresses, sizeof(*h->peer)))) {
        host_no_memory(h);
        return NULL;
    }
    return &h->peer[remote - FIRST_ADDRESS];
}

void *host_extra(struct synfin_host *base, struct synfin_endpoint *e)
{
    struct host *h = host_of(base);
    if (h->extra_of != e->sender.self || !h->extra_at) {
        h->extra_of = e->sender.self;
        h->extra_at = sparse_at(&h->extra, e->sender.self);
    }
    void *extra = h->extra_at;
    if (!extra) {
        host_no_memory(h);
        return NULL;
    }
    if (!synfin_has_extra(e)) {
        const struct synfin_protocol *p = host_protocol(h, &e->sender);
        memset(extra, 0, p->extra_size);
        e->host_bits |= SYNFIN_EXTRA_TAKEN;
    }
    return extra;
}

void *host_large(struct synfin_host *base, struct synfin_endpoint *e)
{
    struct host *h = host_of(base);
    void *large = sparse_at(&h->large, e->sender.self);
    if (!large)
        host_no_memory(h);
    return large;
}

/* ---- Active opens ------------------------------------------------------------------------------------------------- */

/* Ports that are tried in turn when all are in use: the next ones are those that have waited longest. */
enum { PORTS_TRIED_AGAIN = 64 };

/* Whether the tuple's TIME-WAIT may end in favour of a new connection; then it has, and `old` is what it was. */
static bool takes_over(struct host *h, struct port_place at, unsigned protocol, bool chosen,
                       struct synfin_time_wait *old)
{
    const struct synfin_protocol *p = h->sim->protocol[protocol];
    uint32_t cell = port_map_get(&h->ports, at);
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
   then `old` is what that was. Its place; NULL: there is none, or (after no_memory) no memory; then *why is set. */
static struct port_place port_take(struct host *h, struct port_tuple *t, unsigned protocol,
                                   struct synfin_time_wait *old, enum synfin_no_port *why)
{
    const struct scenario_host *c = h->scenario;
    uint32_t ports = (uint32_t)(c->port_high - c->port_low) + 1;
    t->local_port = c->port_low;
    struct port_place at = port_map_add(&h->ports, t);
    struct port_use *use = at.root ? port_map_use(&h->ports, t, at) : NULL;
    uint32_t tries = 0;
    if (!use)
        host_no_memory(h);
    else
        tries = use->in_use < ports || ports < PORTS_TRIED_AGAIN ? ports : PORTS_TRIED_AGAIN;
    for (uint32_t i = 0, next = use ? use->next : 0; i < tries; i++) {
        t->local_port = (uint16_t)(c->port_low + next);
        next = next + 1 < ports ? next + 1 : 0;
        at = c->port_low > t->remote_port ? port_map_beside(at, t->local_port) : port_map_add(&h->ports, t);
        if (!port_map_get(&h->ports, at) || takes_over(h, at, protocol, false, old)) {
            use->next = next;
            use->in_use++;
            return at;
        }
    }
    *why = use && use->time_waits ? SYNFIN_PORTS_IN_TIME_WAIT : SYNFIN_PORTS_IN_USE;
    return (struct port_place){0};
}

/* A new endpoint at a port that has been taken. */
static struct synfin_endpoint *open_at(struct host *h, const struct port_tuple *t, struct port_place at,
                                       unsigned protocol, const struct synfin_time_wait *old)
{
    struct synfin_endpoint *e = endpoint_new(h, (uint8_t)protocol, SIDE_EPHEMERAL);
    if (!e)
        return NULL;
    e->sender.local = t->local;
    e->sender.local_port = t->local_port;
    e->sender.remote = t->remote;
    e->sender.remote_port = t->remote_port;
    if (port_map_set(&h->ports, at, e->sender.self + 1) < 0)
        host_no_memory(h);
    host_count_state(h, &e->sender, 1);
    if (old->entered >= 0) {
        struct synfin_time_wait copy = *old;
        h->sim->protocol[protocol]->take_over(&copy, e, true, &h->base);
    }
    return e;
}

struct synfin_endpoint *host_open(struct host *h, uint32_t destination, uint16_t port, unsigned protocol,
                                  enum synfin_no_port *why)
{
    struct port_tuple t = {.local = h->first_address + h->next_address,
                           .remote = destination,
                           .remote_port = port,
                           .protocol = h->sim->protocol[protocol]->number};
    struct synfin_time_wait old;
    old.entered = -1;
    *why = SYNFIN_PORTS_IN_USE;
    h->next_address = h->next_address + 1 < h->scenario->addresses ? h->next_address + 1 : 0;
    struct port_place at = port_take(h, &t, protocol, &old, why);
    return at.root ? open_at(h, &t, at, protocol, &old) : NULL;
}

struct synfin_endpoint *host_open_from(struct host *h, uint16_t local_port, uint32_t destination, uint16_t port,
                                       unsigned protocol)
{
    struct port_tuple t = {h->first_address, destination, local_port, port, h->sim->protocol[protocol]->number};
    struct synfin_time_wait old;
    old.entered = -1;
    struct port_place at = port_map_add(&h->ports, &t);
    if (!at.root || (port_map_get(&h->ports, at) && !takes_over(h, at, protocol, true, &old)))
        return NULL;
    struct port_use *use = port_map_use(&h->ports, &t, at);
    if (!use)
        return NULL;
    use->in_use++;
    return open_at(h, &t, at, protocol, &old);
}

void host_queues(struct host *h, size_t n)
{
    struct synfin_endpoint *listener = pool_at(&h->endpoint, h->listener[n].endpoint);
    listener->host_bits |= SYNFIN_QUEUES;
}

