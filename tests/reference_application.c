/* SPDX-License-Identifier: BSD-2-Clause */
/* Workloads of the reference simulator, and what is measured, worked out at the end. */
#include <stdlib.h>

#include "reference_engine.h"

static const struct scenario_workload *workload_of(const struct reference_side *side)
{
    return &side->host->sim->scenario->workload[side->connection->workload];
}

static const struct synfin_protocol *protocol_of(const struct reference_side *side)
{
    return reference_protocol(side->host->sim, &side->endpoint->sender);
}

static synfin_time now_of(const struct reference_side *side)
{
    return side->host->base.now;
}

/* ---- Arrivals ---------------------------------------------------------------------------------------------------- */

static void expect_arrival(struct reference *r, uint32_t workload, synfin_time now, synfin_time cause)
{
    const struct scenario_workload *s = &r->scenario->workload[workload];
    const struct scenario_model *m = &s->arrivals;
    uint32_t opened = r->opened[workload];
    struct synfin_crossing x = {.now = now, .count = opened, .state = r->arrivals[workload], .tools = &random_tools};
    random_at_count(&x, random_key(r->scenario->seed, r->replication, m->component, s->name), opened, NULL);
    synfin_time at = m->model->act(m->config, &x);
    if (at == SYNFIN_NEVER || (s->duration ? at >= s->start + s->duration : opened >= s->connections))
        return;
    reference_schedule(r, (struct reference_event){.time = at,
                                                   .cause = cause,
                                                   .place = s->from,
                                                   .source = SOURCE_WORKLOADS + workload,
                                                   .kind = REFERENCE_OPEN,
                                                   .workload = workload});
}

void reference_first_arrival(struct reference *r, uint32_t workload)
{
    r->arrivals[workload] = reference_take(r->scenario->workload[workload].arrivals.model->state_size);
    expect_arrival(r, workload, r->scenario->workload[workload].start, 0);
}

static void expect_application(struct reference_side *side, synfin_time wait)
{
    struct reference *r = side->host->sim;
    reference_cancel(r, REFERENCE_APPLICATION, side, 0);
    reference_schedule(r, (struct reference_event){.time = now_of(side) + wait,
                                                   .cause = now_of(side),
                                                   .place = side->host->number,
                                                   .source = SOURCE_TIMERS,
                                                   .kind = REFERENCE_APPLICATION,
                                                   .side = side});
}

/* The connection's present attempt. */
static void attempt(struct reference *r, struct reference_connection *c)
{
    const struct scenario_workload *s = &r->scenario->workload[c->workload];
    struct reference_host *h = &r->host[s->from];
    size_t n = c->number % s->destinations;
    c->row.remote = r->host[s->to[n]].first_address;
    c->row.remote_port = s->port[n];
    enum synfin_no_port why;
    c->client = reference_open(h, c, c->row.remote, s->port[n], s->protocol, &why);
    if (!c->client) {
        r->results->workload[c->workload].no_port[why]++;
        c->row.local = h->first_address;
        c->row.local_port = 0;
        return;
    }
    c->row.local = c->client->endpoint->sender.local;
    c->row.local_port = c->client->endpoint->sender.local_port;
    if (s->connect_timeout)
        expect_application(c->client, s->connect_timeout);
    const struct synfin_protocol *p = protocol_of(c->client);
    if (s->fast_open && s->request && p->open_with)
        c->client->sent = p->open_with(c->client->endpoint, s->request, &h->base);
    else
        p->open(c->client->endpoint, &h->base);
}

void reference_connect(struct reference *r, uint32_t workload)
{
    struct reference_connection *c = reference_take(sizeof *c);
    synfin_time now = r->now;
    c->workload = workload;
    c->number = r->opened[workload]++;
    c->opened = now;
    c->fin[0] = c->fin[1] = -1;
    for (unsigned m = 0; m < SYNFIN_METRICS; m++)
        c->row.duration[m] = -1;
    r->connection = realloc(r->connection, (r->connections + 1) * sizeof(struct reference_connection *));
    if (!r->connection)
        abort();
    r->connection[r->connections++] = c;
    r->results->workload[workload].opened++;
    expect_arrival(r, workload, now, now);
    attempt(r, c);
}

/* ---- The application at each end --------------------------------------------------------------------------------- */

static void close_now(struct reference_side *side)
{
    if (side->close_called || !side->live)
        return;
    side->close_called = true;
    const struct scenario_workload *s = workload_of(side);
    if (s->half_close && side->client && side->received < s->response && protocol_of(side)->shutdown)
        protocol_of(side)->shutdown(side->endpoint, &side->host->base); /* it reads on */
    else
        protocol_of(side)->close(side->endpoint, &side->host->base);
}

/* Once a close is due, nothing puts it off. */
static void close_later(struct reference_side *side, synfin_time wait)
{
    if (side->close_due)
        return;
    side->close_due = wait > 0;
    if (wait)
        expect_application(side, wait);
    else
        close_now(side);
}

/* The side has done its work: the one that starts the close does so after `hold`. */
static void work_done(struct reference_side *side)
{
    const struct scenario_workload *s = workload_of(side);
    bool clients = s->close == SCENARIO_CLOSE_CLIENT || s->close == SCENARIO_CLOSE_CLIENT_ONLY;
    bool servers = s->close == SCENARIO_CLOSE_SERVER || s->close == SCENARIO_CLOSE_SERVER_ONLY;
    if (s->close == SCENARIO_CLOSE_BOTH || (side->client ? clients : servers))
        close_later(side, s->hold);
}

static void respond(struct reference_side *side)
{
    const struct scenario_workload *s = workload_of(side);
    if (s->response)
        protocol_of(side)->send(side->endpoint, s->response, &side->host->base);
    if (side->live)
        work_done(side);
}

static void client_established(struct reference_side *side)
{
    const struct scenario_workload *s = workload_of(side);
    struct reference_connection *c = side->connection;
    if (s->connect_timeout)
        reference_cancel(side->host->sim, REFERENCE_APPLICATION, side, 0);
    side->host->sim->results->workload[c->workload].established++;
    side->established_at = now_of(side);
    if (protocol_of(side)->number == SYNFIN_TCP)
        c->row.duration[SYNFIN_SETUP] = now_of(side) - c->opened;
    if (s->request && !side->sent)
        protocol_of(side)->send(side->endpoint, s->request, &side->host->base);
    if (side->live && (!s->response || s->half_close))
        work_done(side);
}

static void data_arrived(struct reference_side *side, uint64_t n)
{
    const struct scenario_workload *s = workload_of(side);
    struct reference_connection *c = side->connection;
    uint64_t wanted = side->client ? s->response : s->request;
    bool complete = side->received < wanted && side->received + n >= wanted;
    side->received += n;
    if (!complete || side->queued)
        return;
    if (!side->client) {
        respond(side);
        return;
    }
    c->row.duration[SYNFIN_RESPONSE] = now_of(side) - c->opened;
    if (protocol_of(side)->number == SYNFIN_TCP)
        c->row.duration[SYNFIN_TRANSFER] = now_of(side) - side->established_at;
    if (!s->half_close)
        work_done(side);
    else if (side->close_called && protocol_of(side)->shutdown)
        protocol_of(side)->close(side->endpoint, &side->host->base);
}

static void peer_closed(struct reference_side *side)
{
    const struct scenario_workload *s = workload_of(side);
    bool never = s->close == SCENARIO_CLOSE_NONE || (side->client && s->close == SCENARIO_CLOSE_SERVER_ONLY) ||
                 (!side->client && s->close == SCENARIO_CLOSE_CLIENT_ONLY);
    if (!never && !side->close_called)
        close_later(side, s->close_after);
}

/* ---- Accepting --------------------------------------------------------------------------------------------------- */

static struct reference_queue *queue_of(const struct reference_side *side)
{
    return &side->host->queue[side->endpoint->listener];
}

static void leave_queue(struct reference_side *side)
{
    struct reference_queue *q = queue_of(side);
    size_t i = 0;
    while (q->side[i] != side)
        i++;
    for (q->waiting--; i < q->waiting; i++)
        q->side[i] = q->side[i + 1];
    side->queued = false;
}

static void accept_due(struct reference_host *h, size_t listener)
{
    struct reference_queue *q = &h->queue[listener];
    synfin_time now = h->base.now, every = h->scenario->listener[listener].accept_every;
    while (q->waiting && now >= q->ready) {
        struct reference_side *side = q->side[0];
        leave_queue(side);
        q->ready = every == SYNFIN_NEVER ? SYNFIN_NEVER : now + every;
        protocol_of(side)->accept(side->endpoint, &h->base);
        if (side->received >= workload_of(side)->request)
            respond(side);
        if (side->peer_closed && side->live)
            peer_closed(side);
    }
    if (q->waiting && q->ready != SYNFIN_NEVER && !q->armed) {
        q->armed = true;
        expect_application(h->side[listener], q->ready - now);
    }
}

/* A connection comes to the server's application, or to the queue from which that accepts. */
static void comes(struct reference_side *side)
{
    side->told = true;
    if (side->host->scenario->listener[side->endpoint->listener].queues) {
        struct reference_queue *q = queue_of(side);
        q->side = realloc(q->side, (q->waiting + 1) * sizeof(struct reference_side *));
        if (!q->side)
            abort();
        q->side[q->waiting++] = side;
        side->queued = true;
        accept_due(side->host, side->endpoint->listener);
    } else if (!workload_of(side)->request) {
        respond(side);
    }
}

void reference_told(struct reference_side *side, enum synfin_news news, uint64_t n)
{
    if (news == SYNFIN_ESTABLISHED) {
        side->established = true;
        if (side->client) {
            client_established(side);
            return;
        }
        if (protocol_of(side)->number == SYNFIN_TCP && side->known && !side->connection->settled)
            side->connection->row.duration[SYNFIN_ACCEPT] = now_of(side) - side->connection->opened;
        if (!side->told)
            comes(side);
    } else if (news == SYNFIN_EARLY) {
        comes(side);
    } else if (news == SYNFIN_DATA) {
        data_arrived(side, n);
    } else if (news == SYNFIN_PEER_CLOSED) {
        side->peer_closed = true;
        if (!side->queued)
            peer_closed(side);
    }
}

void reference_application_timer(struct reference_side *side)
{
    if (!side->connection) {
        queue_of(side)->armed = false;
        accept_due(side->host, side->endpoint->listener);
    } else if (side->established || side->told)
        close_now(side);
    else
        protocol_of(side)->abort(side->endpoint, &side->host->base);
}

/* ---- The end of a connection ------------------------------------------------------------------------------------- */

/* Whether the side is of the connection's last attempt, whose four-tuple the row has: others say nothing about it. */
static bool of_last_attempt(const struct reference_side *side, const struct reference_connection *c)
{
    const struct synfin_sender *s = &side->endpoint->sender;
    return side->client ? side == c->client : s->remote == c->row.local && s->remote_port == c->row.local_port;
}

/* Of two in one instant, at which host; at one host, as it happened. */
static bool failed_before(const struct reference_side *a, const struct reference_side *b)
{
    if (a->over_at != b->over_at)
        return a->over_at < b->over_at;
    if (a->host != b->host)
        return a->host->number < b->host->number;
    return a->over_order < b->over_order;
}

static struct reference_ends ends_of(const struct reference *r, const struct reference_connection *c)
{
    struct reference_ends e = {.end = {-1, -1}};
    for (size_t h = 0; h < r->scenario->hosts; h++) {
        for (size_t i = 0; i < r->host[h].sides; i++) {
            const struct reference_side *side = r->host[h].side[i];
            if (side->connection != c || !side->known)
                continue;
            e.alive |= !side->over;
            if (!side->over || !of_last_attempt(side, c))
                continue;
            e.end[!side->client] = side->over_at;
            if (side->reason == SYNFIN_FAILURES)
                e.in_order[!side->client] = true;
            else if (!e.failed || failed_before(side, e.first_failure)) {
                e.failed = true;
                e.first_failure = side;
                e.reason = side->reason;
            }
        }
    }
    return e;
}

void reference_over(struct reference_side *side, enum synfin_failure reason)
{
    struct reference_connection *c = side->connection;
    if (side->queued)
        leave_queue(side);
    side->over = true;
    side->over_at = now_of(side);
    if (side->known && c->changed < side->over_at) /* a SYN's loss may be known before its time */
        c->changed = side->over_at;
    side->over_order = side->host->sim->order++;
    side->reason = reason;
    if (side->client && reason != SYNFIN_FAILURES && !side->established && c->attempt < workload_of(side)->retries) {
        c->attempt++;
        attempt(side->host->sim, c);
    }
    struct reference_ends e = ends_of(side->host->sim, c);
    if (!c->settled && c->client && !e.alive && !e.failed && e.in_order[1]) {
        c->settled = true;
        c->settled_at = side->over_at;
        c->ends = e;
    }
}

/* ---- What is measured -------------------------------------------------------------------------------------------- */

static void measure(const struct reference *r, struct reference_connection *c)
{
    struct reference_ends e = c->settled ? c->ends : ends_of(r, c);
    struct synfin_connection *row = &c->row;
    row->workload = c->workload;
    row->number = c->number;
    row->opened = c->opened;
    if (!c->client) {
        e.failed = true;
        e.reason = SYNFIN_NO_PORT;
    }
    /* A SYN under way may yet make an endpoint, unless the server's side has ended in order. */
    bool open = e.alive || (c->under_way && !e.in_order[1]);
    if (e.failed)
        row->outcome = SYNFIN_OUTCOME_TIMEOUT + e.reason;
    else
        row->outcome = open ? SYNFIN_OUTCOME_OPEN : SYNFIN_OUTCOME_CLOSED;
    if (c->fin[0] < 0 && c->fin[1] < 0)
        return;
    unsigned first = c->fin[0] >= 0 && (c->fin[1] < 0 || c->fin[0] <= c->fin[1]) ? 0 : 1;
    if (e.in_order[first])
        row->duration[SYNFIN_TEARDOWN] = e.end[first] - c->fin[first];
    if (row->outcome == SYNFIN_OUTCOME_CLOSED) {
        synfin_time last = e.end[0] > e.end[1] ? e.end[0] : e.end[1];
        row->duration[SYNFIN_CLOSE] = last - c->fin[first];
        row->duration[SYNFIN_LIFETIME] = last - c->opened;
    }
}

/* The instant from which the connection is no longer concurrent; SYNFIN_NEVER: it is to the end. */
static synfin_time end_of(const struct reference *r, const struct reference_connection *c)
{
    struct reference_ends e = ends_of(r, c);
    if (c->settled)
        return c->settled_at;
    return e.alive || c->under_way ? SYNFIN_NEVER : c->changed;
}

/* The most connections at once, each in [its first segment, its end): counted anew at each beginning. */
static uint64_t peak(const struct reference *r, uint32_t workload, bool all)
{
    uint64_t most = 0;
    for (size_t i = 0; i < r->connections; i++) {
        uint64_t n = 0;
        for (size_t k = 0; k < r->connections; k++) {
            const struct reference_connection *c = r->connection[k];
            n += c->begun && (all || c->workload == workload) && c->opened <= r->connection[i]->opened &&
                 c->end > r->connection[i]->opened;
        }
        most = n > most ? n : most;
    }
    return most;
}

static int by_workload_and_number(const void *a, const void *b)
{
    const struct synfin_connection *x = a, *y = b;
    if (x->workload != y->workload)
        return x->workload < y->workload ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

void reference_measure(struct reference *r)
{
    struct reference_results *results = r->results;
    results->connections = r->connections;
    results->connection = reference_take(r->connections * sizeof *results->connection);
    for (size_t i = 0; i < r->connections; i++) {
        struct reference_connection *c = r->connection[i];
        struct synfin_connection_counts *counts = &results->workload[c->workload];
        measure(r, c);
        c->end = end_of(r, c);
        results->connection[i] = c->row;
        if (c->row.outcome == SYNFIN_OUTCOME_OPEN)
            counts->open++;
        else if (c->row.outcome == SYNFIN_OUTCOME_CLOSED)
            counts->closed++;
        else
            counts->failed[c->row.outcome - SYNFIN_OUTCOME_TIMEOUT]++;
    }
    for (uint32_t w = 0; w < r->scenario->workloads; w++)
        results->workload[w].peak_concurrent = peak(r, w, false);
    results->peak = peak(r, 0, true);
    if (r->connections)
        qsort(results->connection, r->connections, sizeof *results->connection, by_workload_and_number);
}
