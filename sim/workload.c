/* SPDX-License-Identifier: BSD-2-Clause */
#include "workload.h"

#include <stdlib.h>

#include "accept.h"
#include "record.h"
#include "simulation.h"

struct arrival_entry {
    struct schedule_key key;
};

static bool is_client(const struct synfin_endpoint *e)
{
    return !(e->sender.sides & SIDE_SERVER);
}

/* The server's application does not know of it yet. */
static bool waits_for_accept(const struct synfin_endpoint *e)
{
    return (e->host_bits & ENDPOINT_WAITS) && !is_client(e);
}

static const struct application *application_of(const struct workload *w, const struct synfin_endpoint *e)
{
    return &w->application[is_client(e) ? CLIENT : SERVER];
}

static const struct synfin_protocol *protocol_of(const struct host *h, const struct synfin_endpoint *e)
{
    return h->sim->protocol[e->sender.protocol];
}

/* Whether a server's endpoint belongs to the client's current try; what an earlier one left says nothing any more. */
static bool of_current_try(const struct record *r, const struct synfin_endpoint *e)
{
    return r->local == e->sender.remote && r->local_port == e->sender.remote_port;
}

/* ---- Arrivals ---------------------------------------------------------------------------------------------------- */

/* There is no other arrival, or there should be but it has no number. */
__attribute__((cold, noinline)) static void no_arrival(struct synfin_simulation *sim, const struct workload *w,
                                                       synfin_time at)
{
    const struct scenario_workload *s = w->scenario;
    if (at < w->until && (s->duration || w->opened < s->connections))
        simulation_fail(sim, "a workload opened more connections than can be numbered (2^32 / workloads)");
}

__attribute__((noinline)) static void draw_gaps(struct workload *w)
{
    const struct scenario_model *m = &w->scenario->arrivals;
    struct random_key key = {{w->crossing.key[0], w->crossing.key[1]}};
    uint32_t draw[SYNFIN_DRAWS];
    random_to_count(&w->crossing, w->opened);
    random_fastest()->blocks(key, w->crossing.counter, draw);
    m->model->delays_of(m->config, draw, w->gap, SYNFIN_DRAWS, &random_tools);
}

/* When the connection that follows the one at `now` comes. */
static inline synfin_time next_instant(struct workload *w, synfin_time now)
{
    const struct scenario_model *m = &w->scenario->arrivals;
    if (m->model->delays_of) {
        if (w->opened % SYNFIN_DRAWS == 0)
            draw_gaps(w);
        return now + w->gap[random_place(w->opened / 4, w->opened)];
    }
    w->crossing.now = now;
    w->crossing.count = w->opened;
    random_to_count(&w->crossing, w->opened);
    return m->model->act(m->config, &w->crossing);
}

/* Arms the arrival that follows the one at `now` (the first: the workload's start), decided at `cause`. */
static inline void next_arrival(struct host *h, struct workload *w, synfin_time now, synfin_time cause)
{
    synfin_time at = next_instant(w, now);
    if (at >= w->until || w->opened >= w->most) {
        no_arrival(h->sim, w, at);
        return;
    }
    struct arrival_entry *entry = lane_append_entry(&w->arrival, sizeof(*entry));
    if (!entry) {
        simulation_fail(h->sim, "out of memory");
        return;
    }
    entry->key = (struct schedule_key){at > now ? at : now, cause};
    schedule_added(&h->schedule, &w->arrival, entry->key.time, cause, 0);
}

/* An active open of a client that has something to send or a time limit. */
__attribute__((noinline)) static void open_with(struct host *h, struct synfin_endpoint *e,
                                                const struct scenario_workload *s)
{
    const struct synfin_protocol *p = protocol_of(h, e);
    if (s->connect_timeout)
        host_arm_application(h, e, s->connect_timeout);
    if (!s->fast_open || !s->request || !p->open_with)
        p->open(e, &h->base);
    else if (p->open_with(e, s->request, &h->base))
        e->host_bits |= ENDPOINT_SENT;
}

/* It ended before it began. */
__attribute__((cold, noinline)) static void not_opened(struct host *h, struct workload *w, uint32_t record,
                                                       enum synfin_no_port why)
{
    struct record *r = record_at(h->sim, record);
    r->local = h->first_address;
    r->local_port = 0;
    w->results->connections.no_port[why]++;
    record_failed(h->sim, record, CLIENT, SYNFIN_NO_PORT, true, h->base.now);
    record_over(h->sim, w, record, OVER_CURRENT, h->base.now);
}

/* Opens the connection's next try, which counts its segments on from `ordinal`; most have one. */
__attribute__((always_inline)) static inline void try_open(struct host *h, struct workload *w, uint32_t connection,
                                                          uint32_t record, uint32_t ordinal)
{
    struct synfin_simulation *sim = h->sim;
    const struct destination *to = w->destination;
    if (w->destinations > 1)
        to += simulation_number_of(sim, connection) % w->destinations;
    enum synfin_no_port why;
    struct synfin_endpoint *e = host_open(h, to->address, to->port, w->scenario->protocol, &why);
    if (sim->observer.connection) {
        record_detail_at(sim, record)->remote = to->address;
        record_detail_at(sim, record)->remote_port = to->port;
    }
    if (!e) {
        not_opened(h, w, record, why);
        return;
    }
    e->record = record;
    e->sender.peer = record_hint(record);
    e->sender.connection = connection;
    e->sender.ordinal = ordinal;
    struct record *r = record_at(sim, record);
    r->local = e->sender.local;
    r->local_port = e->sender.local_port;
    if (w->application[CLIENT].idle)
        protocol_of(h, e)->open(e, &h->base);
    else
        open_with(h, e, w->scenario);
}

void workload_arrive(struct host *h, struct lane *l)
{
    struct workload *w = (struct workload *)(void *)((char *)l - offsetof(struct workload, arrival));
    synfin_time now = h->base.now;
    uint32_t connection = w->opened++ * h->sim->workloads + w->number;
    next_arrival(h, w, now, now);
    lane_drop(l); /* only now: it has not been empty, and the schedule keeps it where it is */
    uint32_t record = record_open(h->sim, w, connection, now);
    if (record != SYNFIN_NONE)
        try_open(h, w, connection, record, 0);
}

/* ---- The application at each end --------------------------------------------------------------------------------- */

/* A client that closes its direction only stays to read the response. */
__attribute__((noinline)) static void close_half(struct host *h, struct synfin_endpoint *e, const struct application *a)
{
    const struct synfin_protocol *p = protocol_of(h, e);
    const struct more *more = p->shutdown ? host_more(h, e) : NULL;
    if (more && more->received < a->receives)
        p->shutdown(e, &h->base);
    else
        p->close(e, &h->base);
}

static inline void close_now(struct host *h, struct synfin_endpoint *e, const struct application *a)
{
    e->host_bits |= ENDPOINT_CLOSE_CALLED;
    if (a->half_close)
        close_half(h, e, a);
    else
        protocol_of(h, e)->close(e, &h->base);
}

__attribute__((noinline)) static void close_later(struct host *h, struct synfin_endpoint *e, synfin_time wait)
{
    if (e->host_bits & ENDPOINT_CLOSE_DUE)
        return;
    e->host_bits |= ENDPOINT_CLOSE_DUE;
    host_arm_application(h, e, wait);
}

/* A close that is due stays so: a side that holds before it closes itself is not put off by its peer's close. */
static inline void close_after(struct host *h, struct synfin_endpoint *e, const struct application *a, synfin_time wait)
{
    if (wait > 0)
        close_later(h, e, wait);
    else if (wait == 0 && !(e->host_bits & (ENDPOINT_CLOSE_DUE | ENDPOINT_CLOSE_CALLED | ENDPOINT_DYING)))
        close_now(h, e, a);
}

/* What the side had to do is done: it holds the connection for a while, then starts the close. */
static inline void work_done(struct host *h, struct synfin_endpoint *e, const struct application *a)
{
    close_after(h, e, a, a->hold);
}

__attribute__((noinline)) static void send_then_done(struct host *h, struct synfin_endpoint *e,
                                                     const struct application *a)
{
    protocol_of(h, e)->send(e, a->sends, &h->base);
    if (!(e->host_bits & ENDPOINT_DYING))
        work_done(h, e, a);
}

static inline void send_response(struct host *h, struct synfin_endpoint *e, const struct application *a)
{
    if (a->sends)
        send_then_done(h, e, a);
    else
        work_done(h, e, a);
}

/* A client that has a time limit, something to send or to wait for. */
__attribute__((noinline)) static void client_begins(struct host *h, struct synfin_endpoint *e, const struct workload *w)
{
    const struct application *a = &w->application[CLIENT];
    if (w->scenario->connect_timeout)
        host_disarm_application(h, e);
    struct more *more = a->receives ? host_more(h, e) : NULL;
    if (more)
        more->established = h->base.now;
    if (a->sends && !(e->host_bits & ENDPOINT_SENT))
        protocol_of(h, e)->send(e, a->sends, &h->base);
    if (!a->waits && !(e->host_bits & ENDPOINT_DYING))
        work_done(h, e, a);
}

static inline void client_established(struct host *h, struct synfin_endpoint *e, struct workload *w)
{
    const struct application *a = &w->application[CLIENT];
    e->host_bits |= ENDPOINT_TOLD_ESTABLISHED;
    w->results->connections.established++;
    if (w->stream)
        record_metric(h->sim, w, e->record, SYNFIN_SETUP, h->base.now - record_at(h->sim, e->record)->opened);
    if (a->idle)
        work_done(h, e, a);
    else
        client_begins(h, e, w);
}

/* In the view of its protocol the server is established. */
static inline void server_established(struct host *h, struct synfin_endpoint *e, struct workload *w)
{
    if (!w->stream || e->record == SYNFIN_NONE)
        return;
    const struct record *r = record_at(h->sim, e->record);
    if (!(r->flags & RECORD_FINAL) && of_current_try(r, e))
        record_metric(h->sim, w, e->record, SYNFIN_ACCEPT, h->base.now - r->opened);
}

/* A server that accepts connections in turn, or has something to send or to wait for. */
__attribute__((noinline)) static void server_begins(struct host *h, struct synfin_endpoint *e,
                                                    const struct application *a)
{
    if (accept_queues(h, e))
        accept_queue(h, e);
    else if (!a->waits)
        send_response(h, e, a);
}

/* The server's application may take the connection. */
static inline void server_known(struct host *h, struct synfin_endpoint *e, const struct workload *w)
{
    const struct application *a = &w->application[SERVER];
    if (e->host_bits & ENDPOINT_TOLD_ESTABLISHED)
        return; /* SYNFIN_EARLY came before */
    e->host_bits |= ENDPOINT_TOLD_ESTABLISHED;
    if (a->idle)
        work_done(h, e, a);
    else
        server_begins(h, e, a);
}

void workload_established(struct host *h, struct synfin_endpoint *e)
{
    struct workload *w = simulation_workload(h->sim, e->sender.connection);
    if (is_client(e)) {
        client_established(h, e, w);
    } else {
        server_established(h, e, w);
        server_known(h, e, w);
    }
}

void workload_early(struct host *h, struct synfin_endpoint *e)
{
    if (is_client(e))
        workload_established(h, e);
    else
        server_known(h, e, simulation_workload(h->sim, e->sender.connection));
}

/* The whole response. */
static void response_arrived(struct host *h, struct synfin_endpoint *e, struct workload *w, const struct more *more)
{
    const struct application *a = &w->application[CLIENT];
    synfin_time now = h->base.now;
    record_metric(h->sim, w, e->record, SYNFIN_RESPONSE, now - record_at(h->sim, e->record)->opened);
    if (w->stream)
        record_metric(h->sim, w, e->record, SYNFIN_TRANSFER, now - more->established);
    if (!a->half_close)
        work_done(h, e, a);
    else if ((e->host_bits & ENDPOINT_CLOSE_CALLED) && protocol_of(h, e)->shutdown)
        protocol_of(h, e)->close(e, &h->base);
}

void workload_data(struct host *h, struct synfin_endpoint *e, uint64_t n)
{
    struct workload *w = simulation_workload(h->sim, e->sender.connection);
    const struct application *a = application_of(w, e);
    struct more *more = host_more(h, e);
    if (!more)
        return;
    bool before = more->received >= a->receives;
    more->received += n;
    if (before || more->received < a->receives || waits_for_accept(e))
        return;
    if (is_client(e))
        response_arrived(h, e, w, more);
    else
        send_response(h, e, a);
}

void workload_peer_closed(struct host *h, struct synfin_endpoint *e)
{
    if (e->host_bits & ENDPOINT_CLOSE_CALLED)
        return;
    const struct application *a = application_of(simulation_workload(h->sim, e->sender.connection), e);
    struct more *more = waits_for_accept(e) ? host_more(h, e) : NULL;
    if (more)
        more->peer_closed = true;
    else
        close_after(h, e, a, a->close_after);
}

void workload_accepted(struct host *h, struct synfin_endpoint *e)
{
    const struct application *a = &simulation_workload(h->sim, e->sender.connection)->application[SERVER];
    const struct more *more = host_more(h, e);
    if (!more)
        return;
    if (more->received >= a->receives)
        send_response(h, e, a);
    if (more->peer_closed && !(e->host_bits & ENDPOINT_DYING))
        workload_peer_closed(h, e);
}

void workload_timer(struct host *h, struct synfin_endpoint *e)
{
    if (e->sender.sides & SIDE_LISTENER)
        accept_timer(h, e);
    else if (!(e->host_bits & ENDPOINT_TOLD_ESTABLISHED))
        protocol_of(h, e)->abort(e, &h->base); /* connect_timeout */
    else if (!(e->host_bits & (ENDPOINT_CLOSE_CALLED | ENDPOINT_DYING)))
        close_now(h, e, application_of(simulation_workload(h->sim, e->sender.connection), e));
}

/* Notes why an endpoint is over that failed. */
static void note_failure(struct host *h, const struct synfin_endpoint *e, enum synfin_failure reason)
{
    bool first = h->number < simulation_owner(h->sim, e->sender.remote)->number;
    record_failed(h->sim, e->record, is_client(e) ? CLIENT : SERVER, reason, first, h->base.now);
}

/* A client that was not established may try again. */
__attribute__((noinline)) static void client_fails(struct host *h, struct synfin_endpoint *e, struct workload *w,
                                                   enum synfin_failure reason)
{
    if (!(e->host_bits & ENDPOINT_TOLD_ESTABLISHED) && record_tries(h->sim, e->record) < w->scenario->retries) {
        record_tries_again(h->sim, e->record);
        try_open(h, w, e->sender.connection, e->record, e->sender.ordinal);
        return;
    }
    note_failure(h, e, reason);
    record_over(h->sim, w, e->record, OVER_CURRENT, h->base.now);
}

__attribute__((noinline)) static void server_fails(struct host *h, struct synfin_endpoint *e, struct workload *w,
                                                   enum synfin_failure reason)
{
    bool current = of_current_try(record_at(h->sim, e->record), e);
    if (current)
        note_failure(h, e, reason);
    record_over(h->sim, w, e->record, OVER_SERVER | (current ? OVER_CURRENT : 0), h->base.now);
}

static inline void server_over(struct host *h, struct synfin_endpoint *e, enum synfin_failure reason)
{
    struct workload *w = simulation_workload(h->sim, e->sender.connection);
    if (e->record == SYNFIN_NONE)
        return;
    struct record *r = record_at(h->sim, e->record);
    if (!(e->sender.sides & SIDE_SHARED))
        r->server = e->sender.ordinal;
    if (reason != SYNFIN_FAILURES)
        server_fails(h, e, w, reason);
    else
        record_over(h->sim, w, e->record, OVER_SERVER | (of_current_try(r, e) ? OVER_CURRENT | OVER_IN_ORDER : 0),
                    h->base.now);
}

/* A server's that nobody has accepted. */
__attribute__((noinline)) static void waiting_over(struct host *h, struct synfin_endpoint *e,
                                                   enum synfin_failure reason)
{
    accept_leave(h, e);
    server_over(h, e, reason);
}

void workload_over(struct host *h, struct synfin_endpoint *e, enum synfin_failure reason)
{
    struct workload *w = simulation_workload(h->sim, e->sender.connection);
    if (waits_for_accept(e))
        waiting_over(h, e, reason);
    else if (!is_client(e))
        server_over(h, e, reason);
    else if (e->record != SYNFIN_NONE && reason == SYNFIN_FAILURES)
        record_over(h->sim, w, e->record, OVER_CURRENT | OVER_IN_ORDER, h->base.now);
    else if (e->record != SYNFIN_NONE)
        client_fails(h, e, w, reason);
}

void workload_overflow(struct host *h, const struct synfin_endpoint *e)
{
    simulation_workload(h->sim, e->sender.connection)->results->connections.time_wait_overflow++;
}

/* ---- Building ---------------------------------------------------------------------------------------------------- */

static int build_paths(struct synfin_simulation *sim, struct workload *w)
{
    const struct scenario_workload *s = w->scenario;
    for (unsigned way = 0; way < 2; way++) {
        struct path *p = w->path[way] = calloc(1, sizeof(*p));
        if (!p || !(p->hop = calloc(s->hops ? s->hops : 1, sizeof(struct link_direction *))))
            return -1;
        p->counts = &w->segments[way];
        for (size_t i = 0; i < s->hops; i++) {
            const struct scenario_hop *hop = &s->hop[way == 0 ? i : s->hops - 1 - i];
            unsigned backward = (way == 1) != hop->backward;
            p->hop[p->hops++] = &sim->direction[2 * hop->link + backward];
        }
    }
    return 0;
}

static bool starts_close(enum scenario_close close, bool client)
{
    switch (close) {
    case SCENARIO_CLOSE_BOTH:
        return true;
    case SCENARIO_CLOSE_CLIENT:
    case SCENARIO_CLOSE_CLIENT_ONLY:
        return client;
    case SCENARIO_CLOSE_SERVER:
    case SCENARIO_CLOSE_SERVER_ONLY:
        return !client;
    case SCENARIO_CLOSE_NONE:
        return false;
    }
    return false;
}

/* Whether a side that is told that its peer has closed closes too. */
static bool answers_close(enum scenario_close close, bool client)
{
    switch (close) {
    case SCENARIO_CLOSE_CLIENT_ONLY:
        return client;
    case SCENARIO_CLOSE_SERVER_ONLY:
        return !client;
    case SCENARIO_CLOSE_NONE:
        return false;
    default:
        return true;
    }
}

static struct application build_application(const struct scenario_workload *s, bool client)
{
    return (struct application){.sends = client ? s->request : s->response,
                                .receives = client ? s->response : s->request,
                                .hold = starts_close(s->close, client) ? s->hold : -1,
                                .close_after = answers_close(s->close, client) ? s->close_after : -1,
                                .waits = client ? s->response > 0 && !s->half_close : s->request > 0,
                                .half_close = client && s->half_close && s->response > 0,
                                .idle = !s->request && !s->response && !s->connect_timeout};
}

/* Arrivals draw by the count of connections. */
static int build_arrivals(struct synfin_simulation *sim, struct workload *w)
{
    const struct scenario_model *m = &w->scenario->arrivals;
    struct random_key key = random_key(sim->scenario->seed, sim->replication, m->component, w->scenario->name);
    w->crossing.tools = &random_tools;
    random_at_count(&w->crossing, key, 0, &w->arrival_draws);
    if (m->model->state_size && !(w->crossing.state = calloc(1, m->model->state_size)))
        return -1;
    lane_init(&w->arrival, sim->memory, LANE_ARRIVAL, sizeof(struct arrival_entry), RANK_ARRIVAL | w->number);
    const struct scenario_workload *s = w->scenario;
    uint32_t numbers = UINT32_MAX / sim->workloads;
    w->until = s->duration ? s->start + s->duration : SYNFIN_NEVER;
    w->most = s->duration || s->connections > numbers ? numbers : (uint32_t)s->connections;
    return 0;
}

int workload_build(struct synfin_simulation *sim)
{
    const struct synfin_scenario *s = sim->scenario;
    sim->workload = calloc(s->workloads ? s->workloads : 1, sizeof(*sim->workload));
    if (!sim->workload)
        return -1;
    sim->workloads = (uint32_t)s->workloads;
    sim->only = sim->workloads == 1 ? sim->workload : NULL;
    for (uint32_t i = 0; i < sim->workloads; i++) {
        struct workload *w = &sim->workload[i];
        w->scenario = &s->workload[i];
        w->results = &sim->workload_results[i];
        w->number = i;
        w->segments = w->results->segments;
        w->stream = sim->protocol[w->scenario->protocol]->number == SYNFIN_TCP;
        w->application[CLIENT] = build_application(w->scenario, true);
        w->application[SERVER] = build_application(w->scenario, false);
        if (build_arrivals(sim, w) < 0 || build_paths(sim, w) < 0)
            return -1;
    }
    return 0;
}

int workload_build_destinations(struct synfin_simulation *sim)
{
    for (uint32_t i = 0; i < sim->workloads; i++) {
        struct workload *w = &sim->workload[i];
        const struct scenario_workload *s = w->scenario;
        w->destinations = (uint32_t)s->destinations;
        w->destination = calloc(w->destinations, sizeof(*w->destination));
        if (!w->destination)
            return -1;
        for (uint32_t k = 0; k < w->destinations; k++) {
            const struct host *to = &sim->host[s->to[k]];
            w->destination[k] = (struct destination){to->first_address, s->port[k]};
            for (size_t l = 0; l < to->listeners; l++)
                w->application[SERVER].idle &= !to->scenario->listener[l].queues;
        }
    }
    return 0;
}

void workload_free(struct synfin_simulation *sim)
{
    for (uint32_t i = 0; sim->workload && i < sim->workloads; i++) {
        struct workload *w = &sim->workload[i];
        const struct synfin_model *m = w->scenario ? w->scenario->arrivals.model : NULL;
        if (w->crossing.state && m->finish)
            m->finish(w->crossing.state);
        free(w->crossing.state);
        free(w->destination);
        for (unsigned way = 0; way < 2 && w->path[way]; way++) {
            free(w->path[way]->hop);
            free(w->path[way]->gate);
            free(w->path[way]->lost);
            free(w->path[way]->delayed);
            free(w->path[way]->delays);
            free(w->path[way]->draw);
            free(w->path[way]);
        }
        lane_free(&w->arrival);
        concurrency_free(&w->concurrency);
    }
    free(sim->workload);
}

void workload_begin(struct synfin_simulation *sim)
{
    for (uint32_t i = 0; i < sim->workloads; i++) {
        struct workload *w = &sim->workload[i];
        next_arrival(&sim->host[w->scenario->from], w, w->scenario->start, 0);
    }
}
