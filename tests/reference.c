/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "reference_engine.h"

void *reference_take(size_t size)
{
    void *memory = calloc(1, size ? size : 1);
    if (!memory)
        abort();
    return memory;
}

/* ---- What is pending --------------------------------------------------------------------------------------------- */

/* The order of events: time, cause, source, order of emission at the source; of several hosts, the file's order. */
static bool earlier(const struct reference_event *a, const struct reference_event *b)
{
    if (a->time != b->time)
        return a->time < b->time;
    if (a->cause != b->cause)
        return a->cause < b->cause;
    if (a->place != b->place)
        return a->place < b->place;
    if (a->source != b->source)
        return a->source < b->source;
    if (a->sender != b->sender)
        return a->sender < b->sender;
    return a->order < b->order;
}

void reference_schedule(struct reference *r, struct reference_event e)
{
    if (r->pending == r->pending_room) {
        r->pending_room = r->pending_room ? 2 * r->pending_room : 64;
        r->event = realloc(r->event, r->pending_room * sizeof *r->event);
        if (!r->event)
            abort();
    }
    e.order = r->order++;
    r->event[r->pending++] = e;
}

void reference_cancel(struct reference *r, enum reference_kind kind, const struct reference_side *side, unsigned slot)
{
    for (size_t i = 0; i < r->pending; i++) {
        if (r->event[i].kind == kind && r->event[i].side == side && r->event[i].slot == slot) {
            r->event[i] = r->event[--r->pending];
            return;
        }
    }
}

/* False: nothing is pending. */
static bool next_event(struct reference *r, struct reference_event *e)
{
    size_t first = 0;
    if (r->pending == 0)
        return false;
    for (size_t i = 1; i < r->pending; i++) {
        if (earlier(&r->event[i], &r->event[first]))
            first = i;
    }
    *e = r->event[first];
    r->event[first] = r->event[--r->pending];
    return true;
}

/* ---- Rows -------------------------------------------------------------------------------------------------------- */

void reference_row_add(struct reference_rows *rows, const struct synfin_event *event, uint32_t host)
{
    if (rows->count == rows->room) {
        rows->room = rows->room ? 2 * rows->room : 256;
        rows->row = realloc(rows->row, rows->room * sizeof *rows->row);
        if (!rows->row)
            abort();
    }
    struct reference_row *row = &rows->row[rows->count++];
    *row = (struct reference_row){.event = *event, .host = host};
    if (event->segment)
        row->segment = *event->segment;
    row->event.segment = NULL;
}

void reference_note(struct reference_host *h, enum synfin_event_kind kind, struct synfin_event event)
{
    event.kind = kind;
    event.host = h->scenario->name;
    reference_row_add(&h->sim->results->rows, &event, h->number);
}

/* ---- The run ----------------------------------------------------------------------------------------------------- */

const struct synfin_protocol *reference_protocol(const struct reference *r, const struct synfin_sender *s)
{
    return synfin_registry_protocol(r->scenario->registry, s->protocol);
}

struct reference_connection *reference_connection_of(const struct reference *r, uint32_t connection)
{
    uint32_t workloads = (uint32_t)r->scenario->workloads;
    for (size_t i = 0; i < r->connections; i++) {
        if (r->connection[i]->number * workloads + r->connection[i]->workload == connection)
            return r->connection[i];
    }
    abort();
}

static void happen(struct reference *r, const struct reference_event *e)
{
    struct reference_host *h = e->place < r->scenario->hosts ? &r->host[e->place] : NULL;
    r->now = e->time;
    if (h)
        h->base.now = e->time;
    switch (e->kind) {
    case REFERENCE_ARRIVAL:
        reference_arrive(h, &e->segment, e->cause);
        break;
    case REFERENCE_PASSAGE:
        reference_pass(r, e);
        break;
    case REFERENCE_TIMER:
        reference_timer(h, e);
        break;
    case REFERENCE_APPLICATION:
        reference_application_timer(e->side);
        break;
    case REFERENCE_TIME_WAIT:
        reference_time_wait_over(h, e->side);
        break;
    case REFERENCE_OPEN:
        reference_connect(r, e->workload);
        break;
    }
}

static void build(struct reference *r)
{
    const struct synfin_scenario *s = r->scenario;
    uint32_t address = UINT32_C(0x0a000001);
    r->host = reference_take(s->hosts * sizeof *r->host);
    r->direction = reference_take(2 * s->links * sizeof *r->direction);
    r->opened = reference_take(s->workloads * sizeof *r->opened);
    r->arrivals = reference_take(s->workloads * sizeof *r->arrivals);
    r->results->workload = reference_take(s->workloads * sizeof *r->results->workload);
    r->results->segments = reference_take(s->workloads * sizeof *r->results->segments);
    r->results->link = reference_take(s->links * sizeof *r->results->link);
    for (uint32_t i = 0; i < s->links; i++)
        reference_build_link(r, i);
    for (uint32_t i = 0; i < s->hosts; i++) {
        reference_build_host(r, i, address);
        address += s->host[i].addresses;
    }
    for (uint32_t i = 0; i < s->workloads; i++)
        reference_first_arrival(r, i);
}

static void free_all(struct reference *r)
{
    const struct synfin_scenario *s = r->scenario;
    for (uint32_t i = 0; i < s->hosts; i++)
        reference_free_host(&r->host[i]);
    for (uint32_t i = 0; i < 2 * s->links; i++)
        reference_free_direction(&r->direction[i]);
    for (uint32_t i = 0; i < s->workloads; i++)
        free(r->arrivals[i]);
    for (size_t i = 0; i < r->connections; i++)
        free(r->connection[i]);
    free(r->host);
    free(r->direction);
    free(r->opened);
    free(r->arrivals);
    free(r->connection);
    free(r->event);
}

static int by_time_and_host(const void *a, const void *b)
{
    const struct reference_row *x = a, *y = b;
    if (x->event.time != y->event.time)
        return x->event.time < y->event.time ? -1 : 1;
    return x->host < y->host ? -1 : x->host > y->host;
}

/* By time and host, rows of one host and instant as they happened: by insertion, since they come nearly in order. */
static void sort_rows(struct reference_rows *rows)
{
    for (size_t i = 1; i < rows->count; i++) {
        struct reference_row row = rows->row[i];
        size_t at = i;
        for (; at > 0 && by_time_and_host(&row, &rows->row[at - 1]) < 0; at--)
            rows->row[at] = rows->row[at - 1];
        rows->row[at] = row;
    }
}

struct reference_results *reference_run(const struct synfin_scenario *scenario, uint32_t replication, uint64_t most)
{
    struct reference r = {.scenario = scenario, .replication = replication};
    struct reference_event e;
    r.results = reference_take(sizeof *r.results);
    build(&r);
    for (uint64_t n = 0; next_event(&r, &e); n++) {
        if (e.time > scenario->stop) {
            r.now = scenario->stop;
            break;
        }
        if (n == most) {
            r.results->endless = true;
            break;
        }
        happen(&r, &e);
    }
    r.results->simulated = r.now;
    reference_measure(&r);
    sort_rows(&r.results->rows);
    free_all(&r);
    return r.results;
}

void reference_results_free(struct reference_results *results)
{
    free(results->rows.row);
    free(results->connection);
    free(results->workload);
    free(results->segments);
    free(results->link);
    free(results);
}
