/* SPDX-License-Identifier: BSD-2-Clause */
/* TIME-WAIT: records in lanes, first in, first out as they expire; the port map names a record by lane and place. */
#include <string.h>

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

static inline struct synfin_time_wait *record(const struct lane *l, uint32_t position)
{
    return lane_entry(l, position, sizeof(struct synfin_time_wait));
}

struct synfin_time_wait *time_wait_at(struct host *h, uint32_t cell)
{
    return record(time_wait_lane(h, cell), cell & CELL_POSITION);
}

/* An empty lane takes what one with records does not. */
static bool keeps_order(struct lane *l, synfin_time expiry, synfin_time entered)
{
    lane_clean(l);
    return lane_empty(l) || lane_takes(l, expiry, entered);
}

static inline void fill(struct host *h, struct synfin_time_wait *w, synfin_time expiry, struct port_place at,
                        uint32_t cell)
{
    w->expiry = expiry;
    w->entered = h->base.now;
    w->root = at.root->number;
    port_map_change(at, cell);
}

/* To the first lane that keeps its order; the last takes all, at the price of a later expiry. */
__attribute__((cold, noinline)) static struct synfin_time_wait *add_elsewhere(struct host *h, struct port_place at,
                                                                              synfin_time expiry)
{
    synfin_time now = h->base.now;
    unsigned i = 0;
    while (i < HOST_TIME_WAIT_LANES - 1 && !keeps_order(&h->time_wait[i], expiry, now))
        i++;
    struct lane *l = &h->time_wait[i];
    struct synfin_time_wait *w = lane_append(l);
    if (!w) {
        host_no_memory(h);
        return NULL;
    }
    if (!keeps_order(l, expiry, now))
        expiry = record(l, l->tail - 1)->expiry;
    fill(h, w, expiry, at, time_wait_cell(i, l->tail));
    schedule_added(&h->schedule, l, expiry, now, 0);
    return w;
}

/* Appends a record, for the caller to fill in sender and data. `at`: of its four-tuple. NULL: no memory. */
static inline struct synfin_time_wait *add(struct host *h, struct port_place at, synfin_time duration)
{
    synfin_time now = h->base.now, expiry = now + duration;
    struct lane *l = &h->time_wait[0];
    if (!lane_takes_next(l, expiry, now))
        return add_elsewhere(h, at, expiry);
    struct synfin_time_wait *w = record(l, l->tail);
    fill(h, w, expiry, at, time_wait_cell(0, l->tail));
    l->tail++;
    l->last.time = expiry; /* causes keep their order by themselves */
    return w;
}

struct synfin_time_wait *host_time_wait(struct synfin_host *base, struct synfin_endpoint *e, synfin_time duration)
{
    struct host *h = host_of(base);
    timer_stop_all(h, e);
    synfin_enter(base, e, host_protocol(h, &e->sender)->time_wait_state);
    base->time_waits++;
    struct port_tuple t = host_tuple(&e->sender);
    struct port_place at = port_map_find(&h->ports, t);
    if (e->sender.sides & SIDE_EPHEMERAL)
        port_map_use(&h->ports, t, at)->time_waits++;
    struct synfin_time_wait *w = add(h, at, duration);
    if (w) {
        w->sender = e->sender;
        w->sender.self = SYNFIN_NONE;
        if (w->sender.peer & RECORD_HINT)
            w->sender.peer = SYNFIN_NONE;
        w->sender.sides &= (uint8_t)~SIDE_SHARED;
    }
    endpoint_dies(h, e);
    workload_over(h, e, SYNFIN_FAILURES);
    return w;
}

static struct port_place place_of(const struct host *h, const struct synfin_time_wait *w)
{
    return port_map_place(&h->ports, w->root, host_tuple(&w->sender));
}

/* Takes the record whose cell this is out of its lane. */
static void bury(struct host *h, uint32_t cell)
{
    struct lane *l = time_wait_lane(h, cell);
    time_wait_at(h, cell)->sender.state = 0;
    lane_bury(l, l->head + ((cell - l->head) & CELL_POSITION));
}

void host_time_wait_restart(struct synfin_host *base, struct synfin_time_wait *w, synfin_time duration)
{
    struct host *h = host_of(base);
    struct synfin_time_wait before = *w;
    struct port_place at = place_of(h, w);
    bury(h, port_map_get(at));
    w = add(h, at, duration);
    if (!w)
        return;
    w->sender = before.sender;
    memcpy(w->data, before.data, sizeof(w->data));
}

/* The four-tuple is free from now on. */
static inline void over(struct host *h, const struct synfin_time_wait *w, struct port_place at)
{
    const struct synfin_sender *s = &w->sender;
    h->base.time_waits--;
    host_closed(h, s);
    if (s->sides & SIDE_EPHEMERAL) {
        struct port_use *use = port_map_use(&h->ports, host_tuple(s), at);
        use->in_use--;
        use->time_waits--;
    }
    port_map_release(&h->ports, at);
}

void host_time_wait_end(struct synfin_host *base, struct synfin_time_wait *w)
{
    struct host *h = host_of(base);
    struct port_place at = place_of(h, w);
    uint32_t cell = port_map_get(at);
    over(h, w, at);
    bury(h, cell);
}

void time_wait_expires(struct host *h, struct lane *l)
{
    const struct synfin_time_wait *w = record(l, l->head);
    lane_drop(l); /* the record stays as it is until others are appended */
    __builtin_prefetch(record(l, l->head));
    __builtin_prefetch((const char *)(record(l, l->head) + 1) - 1);
    over(h, w, place_of(h, w));
}
