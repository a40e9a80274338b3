/* SPDX-License-Identifier: BSD-2-Clause */
#include "trace.h"

#include <stdlib.h>
#include <string.h>

#include "simulation.h"

static bool wanted(const struct synfin_simulation *sim, uint32_t connection)
{
    const struct synfin_observer *o = &sim->observer;
    return (o->only_workload == SYNFIN_NONE || o->only_workload == simulation_workload_of(sim, connection)) &&
           (o->only_connection == SYNFIN_NONE || o->only_connection == simulation_number_of(sim, connection));
}

/* Room for one more event of a connection, or NULL: not wanted, or no memory. */
static struct trace_event *append(struct synfin_simulation *sim, uint32_t connection, const struct host *h,
                                  uint32_t source)
{
    struct trace *t = &sim->trace;
    if (!wanted(sim, connection))
        return NULL;
    if (t->count == t->room) {
        size_t room = t->room ? 2 * t->room : 1024;
        struct trace_event *event = realloc(t->event, room * sizeof(*event));
        if (!event) {
            simulation_fail(sim, "out of memory");
            return NULL;
        }
        t->event = event;
        t->room = room;
    }
    struct trace_event *e = &t->event[t->count++];
    *e = (struct trace_event){.host = h->number, .source = source, .order = t->order++};
    e->event.host = h->scenario->name;
    e->event.workload = simulation_workload_of(sim, connection);
    e->event.connection = simulation_number_of(sim, connection);
    return e;
}

static const char *state_name(const struct synfin_simulation *sim, uint8_t protocol, uint8_t state)
{
    return sim->protocol[protocol]->states[state];
}

void trace_segment(struct host *h, enum synfin_event_kind kind, const struct synfin_segment *seg, uint8_t protocol,
                   uint8_t state, bool has_state)
{
    struct trace_event *e = append(h->sim, seg->connection, h, 0);
    if (!e)
        return;
    e->segment = *seg;
    e->has_segment = true;
    e->event.time = h->base.now;
    e->event.since = kind == SYNFIN_EVENT_DELIVERED ? h->trigger->key.cause : h->base.now;
    e->event.kind = kind;
    e->event.state = has_state ? state_name(h->sim, protocol, state) : NULL;
    bool forward = !(seg->bits & SYNFIN_BACKWARD);
    e->event.client = kind == SYNFIN_EVENT_DELIVERED ? !forward : forward;
}

void trace_fate(struct synfin_simulation *sim, enum synfin_event_kind kind, const struct synfin_segment *seg,
                synfin_time now, synfin_time emitted, const struct link_direction *d, const struct link_stage *s,
                uint32_t copies)
{
    struct trace_event *e = append(sim, seg->connection, simulation_owner(sim, seg->source), d->number + 1);
    if (!e)
        return;
    e->segment = *seg;
    e->has_segment = true;
    e->event.time = now;
    e->event.since = emitted;
    e->event.kind = kind;
    e->event.client = !(seg->bits & SYNFIN_BACKWARD);
    e->event.link = d->link;
    e->event.link_backward = d->backward;
    e->event.model = s->model->name;
    e->event.copies = copies;
}

void trace_state(struct host *h, const struct synfin_sender *sender, uint8_t state)
{
    struct trace_event *e = append(h->sim, sender->connection, h, 0);
    if (!e)
        return;
    e->event.time = e->event.since = h->base.now;
    e->event.kind = SYNFIN_EVENT_STATE;
    e->event.client = !(sender->sides & SIDE_SERVER);
    e->event.state = state_name(h->sim, sender->protocol, state);
}

void trace_timer(struct host *h, const struct synfin_sender *sender, const char *name, synfin_time since,
                 synfin_time duration)
{
    struct trace_event *e = append(h->sim, sender->connection, h, 0);
    if (!e)
        return;
    e->event.time = h->base.now;
    e->event.kind = SYNFIN_EVENT_TIMER;
    e->event.client = !(sender->sides & SIDE_SERVER);
    e->event.model = name;
    e->event.state = state_name(h->sim, sender->protocol, sender->state);
    e->event.since = since;
    e->event.duration = duration;
}

/* Outputs that merge hosts go by time, then host in the file's order; then the host's own order, then what
   befell its segments on links further away. */
static int compare(const void *a, const void *b)
{
    const struct trace_event *x = a, *y = b;
    if (x->event.time != y->event.time)
        return x->event.time < y->event.time ? -1 : 1;
    if (x->host != y->host)
        return x->host < y->host ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

void trace_flush(struct synfin_simulation *sim, synfin_time until)
{
    struct trace *t = &sim->trace;
    if (!t->count)
        return;
    qsort(t->event, t->count, sizeof(*t->event), compare);
    size_t n = 0;
    while (n < t->count && t->event[n].event.time < until) {
        struct trace_event *e = &t->event[n++];
        e->event.segment = e->has_segment ? &e->segment : NULL;
        sim->observer.event(sim->observer.user, &e->event);
    }
    memmove(t->event, t->event + n, (t->count - n) * sizeof(*t->event));
    t->count -= n;
}

void trace_free(struct trace *t)
{
    free(t->event);
}

const char *synfin_event_name(enum synfin_event_kind kind)
{
    static const char *const names[SYNFIN_EVENTS] = {"sent",      "lost",      "dropped", "duplicated",
                                                     "corrupted", "delivered", "state",   "timer",
                                                     "injected"};
    return names[kind];
}
