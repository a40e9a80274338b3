/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of a host share: host.c (hot path), host_timer.c, endpoint.c, time_wait.c, host_build.c. */
#ifndef SYNFIN_HOST_PART_H
#define SYNFIN_HOST_PART_H

#include "record.h"
#include "simulation.h"

static inline struct host *host_of(struct synfin_host *base)
{
    return (struct host *)base;
}

static inline const struct synfin_protocol *host_protocol(const struct host *h, const struct synfin_sender *s)
{
    return h->sim->protocol[s->protocol];
}

static inline struct port_tuple host_tuple(const struct synfin_sender *s)
{
    return (struct port_tuple){s->local, s->remote, s->local_port, s->remote_port, s->number};
}

/* The tuple of an endpoint that a segment is for. */
static inline struct port_tuple host_tuple_for(const struct synfin_segment *seg)
{
    return (struct port_tuple){seg->destination, seg->source, seg->destination_port, seg->source_port, seg->protocol};
}

static inline void host_no_memory(struct host *h)
{
    simulation_fail(h->sim, "out of memory");
}

static inline void host_count_state(struct host *h, const struct synfin_sender *s, int change)
{
    if (h->sim->series && s->protocol == h->sim->tcp)
        h->states[s->state] += (uint64_t)(int64_t)change;
}

/* The sender is CLOSED from now on: counts and tells of it, where somebody watches. */
__attribute__((cold)) void host_watch_closed(struct host *, const struct synfin_sender *);
static inline void host_closed(struct host *h, const struct synfin_sender *s)
{
    if (h->base.watched)
        host_watch_closed(h, s);
}

/* Cells of the port map: an endpoint's index + 1, or a place in TIME-WAIT. */
enum { CELL_TIME_WAIT = 1u << 31 };

/* ---- host_timer.c ------------------------------------------------------------------------------------------------ */

/* A timer in the far queue; a lane knows its timers' duration. */
struct far_timer {
    struct schedule_key key; /* first */
    synfin_time duration;
    uint32_t what; /* as of struct timer_entry */
};

/* The timer's event has been taken. */
void timer_over(struct host *, struct synfin_endpoint *, unsigned slot);
/* Stops all timers of an endpoint. */
void timer_stop_head(struct host *, struct synfin_endpoint *);   /* the one in its head */
void timer_stop_beside(struct host *, struct synfin_endpoint *); /* those in struct more */
static inline void timer_stop_all(struct host *h, struct synfin_endpoint *e)
{
    if (e->timer_lane)
        timer_stop_head(h, e);
    if (e->host_bits & ENDPOINT_MORE)
        timer_stop_beside(h, e);
}

void host_arm(struct synfin_host *, struct synfin_endpoint *, unsigned slot, synfin_time deadline,
              synfin_time duration);
void host_disarm(struct synfin_host *, struct synfin_endpoint *, unsigned slot);

/* ---- endpoint.c -------------------------------------------------------------------------------------------------- */

/* A listener, zeroed but for its head; NULL: no memory. */
struct synfin_endpoint *endpoint_listens(struct host *, struct port_tuple, uint8_t protocol);
/* It is freed when the protocol has returned. */
static inline void endpoint_dies(struct host *h, struct synfin_endpoint *e)
{
    assert(!(e->host_bits & ENDPOINT_DYING));
    e->host_bits |= ENDPOINT_DYING;
    e->sender.peer = h->dying;
    h->dying = e->sender.self;
}
/* It is over, in order (SYNFIN_FAILURES) or with a failure. */
void endpoint_over(struct host *, struct synfin_endpoint *, enum synfin_failure);
/* Frees those that died. */
void endpoint_reap(struct host *);

struct synfin_endpoint *host_spawn(struct synfin_host *, struct synfin_endpoint *listener,
                                   const struct synfin_segment *);
struct synfin_endpoint *host_listener(struct synfin_host *, const struct synfin_segment *);
struct synfin_endpoint *host_parent(struct synfin_host *, struct synfin_endpoint *);
uint64_t *host_peer(struct synfin_host *, uint32_t remote);
void *host_extra(struct synfin_host *, struct synfin_endpoint *);
void *host_large(struct synfin_host *, struct synfin_endpoint *);

/* ---- time_wait.c ------------------------------------------------------------------------------------------------- */

struct synfin_time_wait *time_wait_at(struct host *, uint32_t cell);
/* The record at the head of a lane expires. */
void time_wait_expires(struct host *, struct lane *);

struct synfin_time_wait *host_time_wait(struct synfin_host *, struct synfin_endpoint *, synfin_time duration);
void host_time_wait_restart(struct synfin_host *, struct synfin_time_wait *, synfin_time duration);
void host_time_wait_end(struct synfin_host *, struct synfin_time_wait *);

/* ---- host.c ------------------------------------------------------------------------------------------------------ */

void host_emit(struct synfin_host *, struct synfin_sender *, struct synfin_segment *);
void host_enter(struct synfin_host *, struct synfin_endpoint *, uint8_t state);
void host_tell(struct synfin_host *, struct synfin_endpoint *, enum synfin_news, uint64_t n);

#endif
