/* SPDX-License-Identifier: BSD-2-Clause */
/* TIME-WAIT: records in lanes, first in, first out as they expire; the port map names a record by lane and place. */
#include "host_part.h"

enum { CELL_LANE_SHIFT = 28, CELL_POSITION = (1u << CELL_LANE_SHIFT) - 1 };

static uint32_t time_wait_cell(unsigned lane, uint32_t position)
{
    return CELL_TIME_WAIT | (uint32_t)lane << CELL_LANE_SHIFT | (position & CELL_POSITION);
}

static struct lane *time_wait_lane(struct host *h, uint32_t cell)
{
    return &h->time_wait[cell >> CELL_LANE_SHIFT & (HOST_TIME_WAIT_LANES - 1)];
}

struct synfin_time_wait *time_wait_at(struct host *h, uint32_t cell)
{
    return lane_at(time_wait_lane(h, cell), cell & CELL_POSITION);
}

/* An empty lane takes what one with records does not. */
static bool keeps_order(const struct lane *l, const struct synfin_time_wait *w)
{
    return lane_empty(l) || lane_takes(l, w->expiry, w->entered);
}

/* Appends a record to the first lane that keeps its order; the last lane takes it at the price of a later expiry. */
static struct synfin_time_wait *time_wait_add(struct host *h, const struct synfin_time_wait *w, struct port_place at)
{
    unsigned i = 0;
    while (i < HOST_TIME_WAIT_LANES - 1 && !keeps_order(&h->time_wait[i], w))
        i++;
    struct lane *l = &h->time_wait[i];
    struct synfin_time_wait *to = lane_append(l);
    if (!to || l->tail - l->head >= CELL_POSITION) {
        host_no_memory(h);
        return NULL;
    }
    *to = *w;
    if (!keeps_order(l, w))
        to->expiry = ((struct synfin_time_wait *)lane_at(l, l->tail - 1))->expiry;
    if (port_map_set(&h->ports, at, time_wait_cell(i, l->tail)) < 0)
        host_no_memory(h);
    schedule_added(&h->schedule, l, to->expiry, to->entered, 0);
    return to;
}

/* Takes the record out of its lane; the four-tuple stays. Its place. */
static struct port_place time_wait_bury(struct host *h, struct synfin_time_wait *w)
{
    struct port_tuple t = host_tuple(&w->sender);
    struct port_place at = port_map_find(&h->ports, &t);
    uint32_t cell = port_map_get(&h->ports, at);
    struct lane *l = time_wait_lane(h, cell);
    w->sender.state = 0;
    if ((l->head & CELL_POSITION) == (cell & CELL_POSITION))
        lane_buried(l, l->head);
    return at;
}

struct synfin_time_wait *host_time_wait(struct synfin_host *base, struct synfin_endpoint *e, synfin_time duration)
{
    struct host *h = host_of(base);
    uint8_t state = host_protocol(h, &e->sender)->time_wait_state;
    timer_stop_all(h, e);
    synfin_enter(base, e, state);
    struct synfin_time_wait w = {.expiry = base->now + duration, .entered = base->now, .sender = e->sender};
    if (w.sender.peer & RECORD_HINT)
        w.sender.peer = SYNFIN_NONE;
    w.sender.self = SYNFIN_NONE;
    w.sender.sides &= (uint8_t)~SIDE_SHARED;
    base->time_waits++;
    struct port_tuple t = host_tuple(&w.sender);
    struct port_place at = port_map_find(&h->ports, &t);
    if (w.sender.sides & SIDE_EPHEMERAL)
        port_map_use(&h->ports, &t, at)->time_waits++;
    struct synfin_time_wait *to = time_wait_add(h, &w, at);
    endpoint_dies(h, e);
    workload_over(h, e, SYNFIN_FAILURES);
    return to;
}

void host_time_wait_restart(struct synfin_host *base, struct synfin_time_wait *w, synfin_time duration)
{
    struct host *h = host_of(base);
    struct synfin_time_wait again = *w;
    again.expiry = base->now + duration;
    again.entered = base->now;
    time_wait_add(h, &again, time_wait_bury(h, w));
}

static void time_wait_over(struct host *h, const struct synfin_sender *s)
{
    h->base.time_waits--;
    host_count_state(h, s, -1);
    if (h->sim->observed)
        trace_state(h, s, 0);
    endpoint_release(h, s);
}

void host_time_wait_end(struct synfin_host *base, struct synfin_time_wait *w)
{
    struct host *h = host_of(base);
    struct synfin_sender s = w->sender;
    time_wait_bury(h, w);
    time_wait_over(h, &s);
}

void time_wait_expires(struct host *h, struct lane *l)
{
    struct synfin_sender s = ((struct synfin_time_wait *)lane_at(l, l->head))->sender;
    lane_drop(l);
    time_wait_over(h, &s);
}
