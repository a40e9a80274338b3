/* SPDX-License-Identifier: BSD-2-Clause */
#include "workload.h"

#include <stdlib.h>

#include "accept.h"
#include "simulation.h"

struct arrival_entry {
    struct schedule_key key;
};

static const struct scenario_workload *scenario_of(const struct host *h, const struct synfin_endpoint *e)
{
    return h->sim->workload[simulation_workload_of(h->sim, e->sender.connection)].scenario;
}

static bool is_client(const struct synfin_endpoint *e)
{
    return !(e->sender.sides & SIDE_SERVER);
}

static unsigned side_of(const struct synfin_endpoint *e)
{
    return is_client(e) ? CLIENT : SERVER;
}

static bool is_stream(const struct host *h, const struct synfin_endpoint *e)
{
    return h->sim->workload[simulation_workload_of(h->sim, e->sender.connection)].stream;
}

/* Whether a server's endpoint belongs to the client's current try; what an earlier one left says nothing any more. */
static bool of_current_try(const struct record *r, const struct synfin_endpoint *e)
{
    return r->local == e->sender.remote && r->local_port == e->sender.remote_port;
}

/* ---- Arrivals -------------------------------------------------------------------------------------------------------- */

static bool more_to_come(const struct workload *w, synfin_time at)
{
    const struct scenario_workload *s = w->scenario;
    if (at == SYNFIN_NEVER)
        return false;
    return s->duration ? at < s->start + s->duration : w->opened < s->connections;
}

/* Arms the arrival that follows the one at `now` (the first: the workload's start), decided at `cause`. */
static void next_arrival(struct synfin_simulation *sim, struct workload *w, synfin_time now, synfin_time cause)
{
    const struct scenario_model *m = &w->scenario->arrivals;
    struct synfin_crossing x = {.now = now, .count = w->opened, .state = w->arrival_state, .tools = &random_tools};
    random_at_count(&x, w->arrival_key, w->opened, &w->arrival_draws);
    synfin_time at = m->model->act(m->config, &x);
    if (!more_to_come(w, at))
        return;
    if (w->opened >= UINT32_MAX / sim->workloads) {
        simulation_fail(sim, "a workload opened more connections than can be numbered (2^32 / workloads)");
        return;
    }
    struct host *h = &sim->host[w->scenario->from];
    struct arrival_entry *entry = lane_append(&w->arrival);
    if (!entry) {
        simulation_fail(sim, "out of memory");
        return;
    }
    entry->key = (struct schedule_key){at > now ? at : now, cause};
    schedule_added(&h->schedule, &w->arrival, entry->key.time, cause, 0);
}

/* Opens the connection's next try, which counts its segments on from `ordinal`. False: it ended before it began (no
   port, or no memory). */
static bool try_open(struct host *h, struct workload *w, uint32_t connection, uint32_t record, uint32_t ordinal)
{
    struct synfin_simulation *sim = h->sim;
    const struct scenario_workload *s = w->scenario;
    size_t n = simulation_number_of(sim, connection) % s->destinations;
    uint32_t destination = sim->host[s->to[n]].first_address;
    enum synfin_no_port why;
    struct synfin_endpoint *e = host_open(h, destination, s->port[n], s->protocol, &why);
    struct record *r = record_at(sim, record);
    if (sim->observer.connection) {
        struct record_detail *d = pool_at(&sim->detail, record);
        d->remote = destination;
        d->remote_port = s->port[n];
    }
    if (!e) {
        r->local = h->first_address;
        r->local_port = 0;
        sim->workload_results[w->number].connections.no_port[why]++;
        record_over(sim, record, CLIENT, SYNFIN_NO_PORT, true, true, h->base.now);
        return false;
    }
    e->record = record;
    e->sender.peer = record_hint(record);
    e->sender.connection = connection;
    e->sender.ordinal = ordinal;
    r->local = e->sender.local;
    r->local_port = e->sender.local_port;
    if (s->connect_timeout)
        host_arm_application(h, e, s->connect_timeout);
    const struct synfin_protocol *p = sim->protocol[s->protocol];
    if (!s->fast_open || !s->request || !p->open_with)
        p->open(e, &h->base);
    else if (p->open_with(e, s->request, &h->base))
        e->host_bits |= ENDPOINT_SENT;
    return true;
}

void workload_arrive(struct host *h, struct lane *l)
{
    struct synfin_simulation *sim = h->sim;
    struct workload *w = (struct workload *)(void *)((char *)l - offsetof(struct workload, arrival));
    synfin_time now = h->base.now;
    lane_drop(l);
    uint32_t connection = w->opened * sim->workloads + w->number;
    w->opened++;
    next_arrival(sim, w, now, now);
    uint32_t record = record_open(sim, connection, now);
    if (record != SYNFIN_NONE)
        try_open(h, w, connection, record, 0);
}

/* ---- The application at each end --------------------------------------------------------------------------------------- */

/* A client that closes its direction only stays to read the response. */
static bool reads_on(struct host *h, const struct synfin_endpoint *e)
{
    const struct scenario_workload *s = scenario_of(h, e);
    if (!s->half_close || !s->response || !is_client(e) || !h->sim->protocol[e->sender.protocol]->shutdown)
        return false;
    const struct more *more = host_more(h, (struct synfin_endpoint *)e);
    return more && more->received < s->response;
}

static void close_now(struct host *h, struct synfin_endpoint *e)
{
    if (e->host_bits & (ENDPOINT_CLOSE_CALLED | ENDPOINT_DYING))
        return;
    e->host_bits |= ENDPOINT_CLOSE_CALLED;
    const struct synfin_protocol *p = h->sim->protocol[e->sender.protocol];
    if (reads_on(h, e))
        p->shutdown(e, &h->base);
    else
        p->close(e, &h->base);
}

/* A close that is due stays so: a side that holds before it closes itself is not put off by its peer's close. */
static void close_after(struct host *h, struct synfin_endpoint *e, synfin_time wait)
{
    if (e->host_bits & ENDPOINT_CLOSE_DUE)
        return;
    if (!wait) {
        close_now(h, e);
        return;
    }
    e->host_bits |= ENDPOINT_CLOSE_DUE;
    host_arm_application(h, e, wait);
}

static bool starts_close(const struct scenario_workload *s, bool client)
{
    switch (s->close) {
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
static bool answers_close(const struct scenario_workload *s, bool client)
{
    switch (s->close) {
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

/* What the side had to do is done: it holds the connection for a while, then starts the close. */
static void work_done(struct host *h, struct synfin_endpoint *e)
{
    const struct scenario_workload *s = scenario_of(h, e);
    if (starts_close(s, is_client(e)))
        close_after(h, e, s->hold);
}

static void send_response(struct host *h, struct synfin_endpoint *e)
{
    const struct scenario_workload *s = scenario_of(h, e);
    if (s->response)
        h->sim->protocol[e->sender.protocol]->send(e, s->response, &h->base);
    if (!(e->host_bits & ENDPOINT_DYING))
        work_done(h, e);
}

static void client_established(struct host *h, struct synfin_endpoint *e)
{
    const struct scenario_workload *s = scenario_of(h, e);
    struct record *r = record_at(h->sim, e->record);
    if (s->connect_timeout)
        host_disarm_application(h, e);
    r->flags |= RECORD_ESTABLISHED;
    h->sim->workload_results[simulation_workload_of(h->sim, e->sender.connection)].connections.established++;
    if (is_stream(h, e))
        record_metric(h->sim, e->record, SYNFIN_SETUP, r->opened, h->base.now);
    if (s->response) {
        struct more *more = host_more(h, e);
        if (more)
            more->established = h->base.now;
    }
    if (s->request && !(e->host_bits & ENDPOINT_SENT))
        h->sim->protocol[e->sender.protocol]->send(e, s->request, &h->base);
    if (e->host_bits & ENDPOINT_DYING)
        return;
    if (!s->response || s->half_close)
        work_done(h, e);
}

static void server_established(struct host *h, const struct synfin_endpoint *e)
{
    if (is_stream(h, e) && e->record != SYNFIN_NONE) {
        const struct record *r = record_at(h->sim, e->record);
        if (!(r->flags & RECORD_FINAL) && of_current_try(r, e))
            record_metric(h->sim, e->record, SYNFIN_ACCEPT, r->opened, h->base.now);
    }
}

/* The server's application knows of the connection. */
static void served(struct host *h, struct synfin_endpoint *e)
{
    if (!scenario_of(h, e)->request)
        send_response(h, e);
}

static void data_arrived(struct host *h, struct synfin_endpoint *e, uint64_t n)
{
    const struct scenario_workload *s = scenario_of(h, e);
    struct more *more = host_more(h, e);
    if (!more)
        return;
    uint64_t wanted = is_client(e) ? s->response : s->request;
    bool before = more->received >= wanted;
    more->received += n;
    if (before || more->received < wanted || (!is_client(e) && (e->host_bits & ENDPOINT_WAITS)))
        return;
    if (!is_client(e)) {
        send_response(h, e);
        return;
    }
    record_metric(h->sim, e->record, SYNFIN_RESPONSE, record_at(h->sim, e->record)->opened, h->base.now);
    if (is_stream(h, e))
        record_metric(h->sim, e->record, SYNFIN_TRANSFER, more->established, h->base.now);
    if (!s->half_close)
        work_done(h, e);
    else if ((e->host_bits & ENDPOINT_CLOSE_CALLED) && h->sim->protocol[e->sender.protocol]->shutdown)
        h->sim->protocol[e->sender.protocol]->close(e, &h->base);
}

static void peer_closed(struct host *h, struct synfin_endpoint *e)
{
    const struct scenario_workload *s = scenario_of(h, e);
    struct more *more = !is_client(e) && (e->host_bits & ENDPOINT_WAITS) ? host_more(h, e) : NULL;
    if (more)
        more->peer_closed = true;
    else if (answers_close(s, is_client(e)) && !(e->host_bits & ENDPOINT_CLOSE_CALLED))
        close_after(h, e, s->close_after);
}

void workload_accepted(struct host *h, struct synfin_endpoint *e)
{
    const struct more *more = host_more(h, e);
    if (!more)
        return;
    if (more->received >= scenario_of(h, e)->request)
        send_response(h, e);
    if (more->peer_closed && !(e->host_bits & ENDPOINT_DYING))
        peer_closed(h, e);
}

void workload_told(struct host *h, struct synfin_endpoint *e, enum synfin_news news, uint64_t n)
{
    bool early = e->host_bits & ENDPOINT_TOLD_ESTABLISHED;
    switch (news) {
    case SYNFIN_ESTABLISHED:
    case SYNFIN_EARLY:
        e->host_bits |= ENDPOINT_TOLD_ESTABLISHED;
        if (is_client(e))
            client_established(h, e);
        else if (news == SYNFIN_ESTABLISHED)
            server_established(h, e);
        if (!is_client(e) && !early && !accept_queue(h, e))
            served(h, e);
        break;
    case SYNFIN_DATA:
        data_arrived(h, e, n);
        break;
    case SYNFIN_PEER_CLOSED:
        peer_closed(h, e);
        break;
    case SYNFIN_CLOSED:
    case SYNFIN_FAILED:
        break; /* workload_over */
    }
}

void workload_timer(struct host *h, struct synfin_endpoint *e)
{
    if (e->sender.sides & SIDE_LISTENER)
        accept_timer(h, e);
    else if (e->host_bits & ENDPOINT_TOLD_ESTABLISHED)
        close_now(h, e);
    else
        h->sim->protocol[e->sender.protocol]->abort(e, &h->base); /* connect_timeout */
}

void workload_over(struct host *h, struct synfin_endpoint *e, enum synfin_failure reason)
{
    struct synfin_simulation *sim = h->sim;
    if (!is_client(e) && (e->host_bits & ENDPOINT_WAITS))
        accept_leave(h, e);
    if (e->record == SYNFIN_NONE)
        return;
    struct record *r = record_at(sim, e->record);
    struct workload *w = &sim->workload[simulation_workload_of(sim, e->sender.connection)];
    bool again = is_client(e) && reason != SYNFIN_FAILURES && !(e->host_bits & ENDPOINT_TOLD_ESTABLISHED) &&
                 record_tries(sim, e->record) < w->scenario->retries;
    bool stale = !is_client(e) && !of_current_try(r, e);
    if (!is_client(e) && !(e->sender.sides & SIDE_SHARED))
        r->server = e->sender.ordinal;
    if (again) {
        record_tries_again(sim, e->record);
        try_open(h, w, e->sender.connection, e->record, e->sender.ordinal);
        return;
    }
    bool first = h->number < simulation_owner(sim, e->sender.remote)->number;
    record_over(sim, e->record, side_of(e), reason, !stale, first, h->base.now);
}

void workload_overflow(struct host *h, const struct synfin_endpoint *e)
{
    uint32_t workload = simulation_workload_of(h->sim, e->sender.connection);
    h->sim->workload_results[workload].connections.time_wait_overflow++;
}

/* ---- Building ------------------------------------------------------------------------------------------------------------ */

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

int workload_build(struct synfin_simulation *sim)
{
    const struct synfin_scenario *s = sim->scenario;
    sim->workload = calloc(s->workloads ? s->workloads : 1, sizeof(*sim->workload));
    if (!sim->workload)
        return -1;
    sim->workloads = (uint32_t)s->workloads;
    for (uint32_t i = 0; i < sim->workloads; i++) {
        struct workload *w = &sim->workload[i];
        const struct scenario_model *m = &s->workload[i].arrivals;
        w->scenario = &s->workload[i];
        w->number = i;
        w->segments = sim->workload_results[i].segments;
        w->stream = sim->protocol[w->scenario->protocol]->number == SYNFIN_TCP;
        w->arrival_key = random_key(s->seed, sim->replication, m->component, w->scenario->name);
        if (m->model->state_size && !(w->arrival_state = calloc(1, m->model->state_size)))
            return -1;
        lane_init(&w->arrival, sim->memory, LANE_ARRIVAL, sizeof(struct arrival_entry), RANK_ARRIVAL | i);
        if (build_paths(sim, w) < 0)
            return -1;
    }
    return 0;
}

void workload_free(struct synfin_simulation *sim)
{
    for (uint32_t i = 0; sim->workload && i < sim->workloads; i++) {
        struct workload *w = &sim->workload[i];
        const struct synfin_model *m = w->scenario ? w->scenario->arrivals.model : NULL;
        if (w->arrival_state && m->finish)
            m->finish(w->arrival_state);
        free(w->arrival_state);
        for (unsigned way = 0; way < 2 && w->path[way]; way++) {
            free(w->path[way]->hop);
            free(w->path[way]->gate);
            free(w->path[way]->fate);
            free(w->path[way]);
        }
        lane_free(&w->arrival);
    }
    free(sim->workload);
}

void workload_begin(struct synfin_simulation *sim)
{
    for (uint32_t i = 0; i < sim->workloads; i++)
        next_arrival(sim, &sim->workload[i], sim->workload[i].scenario->start, 0);
}
