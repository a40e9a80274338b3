/* SPDX-License-Identifier: BSD-2-Clause */
/* Endpoints of a host: made by an active open at a free port, or by a listener; what becomes of them at their end. */
#include <stdlib.h>
#include <string.h>

#include "host_part.h"

enum { LINE = 64 }; /* what compilers clear in line */

/* Zeroed but for its head. */
static inline struct synfin_endpoint *begin(struct host *h, uint32_t index, struct port_tuple t, uint8_t protocol,
                                            uint8_t sides)
{
    struct synfin_endpoint *e = pool_at(&h->endpoint, index);
    for (size_t at = 0; at < ENDPOINT_SIZE; at += LINE)
        memset((unsigned char *)e + at, 0, LINE);
    if (h->endpoint.stride > ENDPOINT_SIZE)
        memset((unsigned char *)e + ENDPOINT_SIZE, 0, h->endpoint.stride - ENDPOINT_SIZE);
    e->sender.local = t.local;
    e->sender.remote = t.remote;
    e->sender.local_port = t.local_port;
    e->sender.remote_port = t.remote_port;
    e->sender.number = t.protocol;
    e->sender.protocol = protocol;
    e->sender.sides = sides;
    e->sender.self = index;
    e->sender.peer = SYNFIN_NONE;
    e->record = SYNFIN_NONE;
    e->listener = NO_LISTENER;
    return e;
}

struct synfin_endpoint *endpoint_listens(struct host *h, struct port_tuple t, uint8_t protocol)
{
    uint32_t index = pool_take_unset(&h->endpoint);
    return index < TIMER_ENDPOINTS ? begin(h, index, t, protocol, SIDE_LISTENER) : NULL;
}

/* A new endpoint and its cell in the port map, where there is none. NULL: no memory. */
__attribute__((always_inline)) static inline struct synfin_endpoint *begin_at(struct host *h, struct port_place at,
                                                                              struct port_tuple t, uint8_t protocol,
                                                                              uint8_t sides)
{
    uint32_t index = pool_take_unset(&h->endpoint);
    if (index >= TIMER_ENDPOINTS || port_map_take(&h->ports, at, index + 1) < 0) {
        host_no_memory(h);
        return NULL;
    }
    return begin(h, index, t, protocol, sides);
}

/* A place that has not been looked up yet. Its root is NULL: no memory. */
__attribute__((cold, noinline)) static struct port_place place_for(struct host *h, const struct synfin_segment *seg)
{
    return port_map_add(&h->ports, host_tuple_for(seg));
}

/* Its four-tuple is free from now on. */
static void release(struct host *h, const struct synfin_sender *s)
{
    struct port_tuple t = host_tuple(s);
    struct port_place at = port_map_find(&h->ports, t);
    if (s->sides & SIDE_EPHEMERAL)
        port_map_use(&h->ports, t, at)->in_use--;
    port_map_release(&h->ports, at);
}

void endpoint_reap(struct host *h)
{
    while (h->dying != SYNFIN_NONE) {
        uint32_t index = h->dying;
        struct synfin_endpoint *e = pool_at(&h->endpoint, index);
        h->dying = e->sender.peer;
        e->sender.remote = 0; /* hints to it fail from now on */
        pool_give(&h->endpoint, index);
    }
}

void endpoint_over(struct host *h, struct synfin_endpoint *e, enum synfin_failure reason)
{
    timer_stop_all(h, e);
    host_closed(h, &e->sender);
    e->sender.state = 0;
    release(h, &e->sender);
    endpoint_dies(h, e);
    workload_over(h, e, reason);
}

/* ---- Passive opens ---------------------------------------------------------------------------------------------- */

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
    bool found = h->trigger && seg == &h->trigger->segment && h->trigger_place.root;
    struct port_place at = found ? h->trigger_place : place_for(h, seg);
    if (!at.root)
        host_no_memory(h);
    if (!at.root || port_map_get(at))
        return NULL;
    uint8_t sides = seg->bits & SYNFIN_BACKWARD ? 0 : SIDE_SERVER;
    struct synfin_endpoint *e = begin_at(h, at, t, listener->sender.protocol, sides);
    if (!e)
        return NULL;
    e->sender.connection = seg->connection;
    e->sender.heard = seg->ordinal + 1;
    e->sender.peer = seg->from;
    e->listener = listener->listener;
    uint32_t record = record_opens(seg) ? record_named(seg) : SYNFIN_NONE;
    if (record != SYNFIN_NONE)
        serve(h, e, record);
    else
        e->sender.ordinal = LATE_ORDINAL | seg->ordinal;
    host_count_state(h, &e->sender, 1);
    return e;
}

struct synfin_endpoint *host_listener(struct synfin_host *base, const struct synfin_segment *seg)
{
    struct host *h = host_of(base);
    for (size_t i = 0; i < h->listeners; i++) {
        struct synfin_endpoint *e = h->listener[i].endpoint;
        if (h->listener[i].port == seg->destination_port && e->sender.number == seg->protocol)
            return e;
    }
    return NULL;
}

struct synfin_endpoint *host_parent(struct synfin_host *base, struct synfin_endpoint *e)
{
    struct host *h = host_of(base);
    return e->listener == NO_LISTENER ? NULL : h->listener[e->listener].endpoint;
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

/* ---- Active opens ----------------------------------------------------------------------------------------------- */

/* Ports that are tried in turn when all are in use: the next ones are those that have waited longest. */
enum { PORTS_TRIED_AGAIN = 64 };

/* The record in a cell, where a new connection may take its place; else NULL. */
__attribute__((cold, noinline)) static struct synfin_time_wait *may_end(struct host *h, uint32_t cell,
                                                                        unsigned protocol, bool chosen)
{
    const struct synfin_protocol *p = h->sim->protocol[protocol];
    if (!(cell & CELL_TIME_WAIT) || !p->take_over)
        return NULL;
    struct synfin_time_wait *w = time_wait_at(h, cell);
    return p->take_over(w, NULL, chosen, &h->base) ? w : NULL;
}

/* Where an active open goes. */
struct opening {
    struct port_place at;         /* root is NULL: there is no port */
    uint32_t port;
    struct synfin_time_wait *old; /* whose place it takes; NULL: it is free */
};

/* A new endpoint at a place that is free, or where a record's TIME-WAIT ends in its favour. */
__attribute__((always_inline)) static inline struct synfin_endpoint *open_at(struct host *h, struct opening o,
                                                                             struct port_tuple t, unsigned protocol,
                                                                             struct port_use *use)
{
    struct synfin_time_wait old;
    if (o.old) {
        old = *o.old;
        host_time_wait_end(&h->base, o.old);
    }
    t.local_port = (uint16_t)o.port;
    struct synfin_endpoint *e = begin_at(h, o.at, t, (uint8_t)protocol, SIDE_EPHEMERAL);
    if (!e)
        return NULL;
    use->in_use++;
    host_count_state(h, &e->sender, 1);
    if (o.old)
        h->sim->protocol[protocol]->take_over(&old, e, true, &h->base);
    return e;
}

/* The next ephemeral port that is free, or may be taken from a connection in TIME-WAIT; the tuple lacks it. */
__attribute__((cold, noinline)) static struct opening next_port(struct host *h, const struct port_tuple *tuple,
                                                                const struct port_use *use, unsigned protocol)
{
    struct port_tuple t = *tuple;
    const struct scenario_host *c = h->scenario;
    uint32_t ports = (uint32_t)(c->port_high - c->port_low) + 1, next = use->next;
    uint32_t tries = use->in_use < ports || ports < PORTS_TRIED_AGAIN ? ports : PORTS_TRIED_AGAIN;
    for (uint32_t i = 0; i < tries; i++) {
        t.local_port = (uint16_t)(c->port_low + next);
        struct opening o = {.at = port_map_add(&h->ports, t), .port = t.local_port};
        uint32_t cell = port_map_get(o.at);
        if (cell)
            o.old = may_end(h, cell, protocol, false);
        if (!cell || o.old)
            return o;
        next = next + 1 < ports ? next + 1 : 0;
    }
    return (struct opening){.at = {NULL, 0}};
}

/* Whether roots of active opens to this destination are kept. The first destination's are, as long as all ephemeral
   ports lie above its port, so that an address has one root. */
static inline bool keeps_roots(const struct host_opens *o, uint32_t destination, uint16_t port, unsigned protocol)
{
    return o->destination == destination && o->port == port && o->protocol == protocol && o->root;
}

static void keep_root(struct host *h, uint32_t nth, const struct port_tuple *towards, unsigned protocol,
                      struct port_root *root)
{
    struct host_opens *o = &h->opens;
    const struct scenario_host *c = h->scenario;
    if (c->port_low <= towards->remote_port)
        return;
    if (!o->root)
        *o = (struct host_opens){towards->remote, towards->remote_port, (uint8_t)protocol,
                                 calloc(c->addresses, sizeof(*o->root))};
    if (keeps_roots(o, towards->remote, towards->remote_port, protocol))
        o->root[nth] = root;
}

/* From the host's nth address, whatever it takes. */
__attribute__((noinline)) static struct synfin_endpoint *open_any(struct host *h, uint32_t nth, uint32_t destination,
                                                                  uint16_t port, unsigned protocol,
                                                                  enum synfin_no_port *why)
{
    const struct scenario_host *c = h->scenario;
    const struct port_tuple towards = {h->first_address + nth, destination, c->port_low, port,
                                       h->sim->protocol[protocol]->number};
    struct port_place at = port_map_add(&h->ports, towards);
    struct port_use *use = at.root ? port_map_use(&h->ports, towards, at) : NULL;
    if (!use) {
        host_no_memory(h);
        return NULL;
    }
    keep_root(h, nth, &towards, protocol, at.root);
    struct opening o = next_port(h, &towards, use, protocol);
    if (!o.at.root) {
        *why = use->time_waits ? SYNFIN_PORTS_IN_TIME_WAIT : SYNFIN_PORTS_IN_USE;
        return NULL;
    }
    use->next = o.port < c->port_high ? o.port + 1 - c->port_low : 0;
    return open_at(h, o, towards, protocol, use);
}

struct synfin_endpoint *host_open(struct host *h, uint32_t destination, uint16_t port, unsigned protocol,
                                  enum synfin_no_port *why)
{
    const struct scenario_host *c = h->scenario;
    uint32_t nth = h->next_address;
    *why = SYNFIN_PORTS_IN_USE; /* also where there is no memory */
    h->next_address = nth + 1 < c->addresses ? nth + 1 : 0;
    struct port_root *root = keeps_roots(&h->opens, destination, port, protocol) ? h->opens.root[nth] : NULL;
    if (root) {
        struct port_use *use = &root->use;
        struct opening o = {.at = {root, c->port_low + use->next}, .port = c->port_low + use->next};
        if (!port_map_get(o.at)) {
            struct port_root *after = h->opens.root[h->next_address];
            if (after) {
                __builtin_prefetch(&after->use, 1);
                __builtin_prefetch(port_page((struct port_place){after, o.port}), 1);
            }
            struct port_tuple t = {h->first_address + nth, destination, 0, port, h->sim->protocol[protocol]->number};
            use->next = o.port < c->port_high ? use->next + 1 : 0;
            return open_at(h, o, t, protocol, use);
        }
    }
    return open_any(h, nth, destination, port, protocol, why);
}

struct synfin_endpoint *host_open_from(struct host *h, uint16_t local_port, uint32_t destination, uint16_t port,
                                       unsigned protocol)
{
    struct port_tuple t = {h->first_address, destination, local_port, port, h->sim->protocol[protocol]->number};
    struct opening o = {.at = port_map_add(&h->ports, t), .port = local_port};
    struct port_use *use = o.at.root ? port_map_use(&h->ports, t, o.at) : NULL;
    uint32_t cell = port_map_get(o.at);
    if (cell)
        o.old = may_end(h, cell, protocol, true);
    return use && (!cell || o.old) ? open_at(h, o, t, protocol, use) : NULL;
}

void host_queues(struct host *h, size_t n)
{
    h->listener[n].endpoint->host_bits |= SYNFIN_QUEUES;
}

