/* SPDX-License-Identifier: BSD-2-Clause */
/* Timers of endpoints. The first that runs has its handle in the endpoint's head; those beside it in struct more. */
#include <string.h>

#include "host_part.h"

struct more *host_more(struct host *h, struct synfin_endpoint *e)
{
    struct more *more = sparse_at(&h->more, e->sender.self);
    if (!more) {
        host_no_memory(h);
        return NULL;
    }
    if (!(e->host_bits & ENDPOINT_MORE)) {
        *more = (struct more){0};
        e->host_bits |= ENDPOINT_MORE;
    }
    return more;
}

/* ---- Lanes by duration ------------------------------------------------------------------------------------------- */

static unsigned timer_hash(synfin_time duration)
{
    return (unsigned)(((uint64_t)duration * UINT64_C(0x9e3779b97f4a7c15)) >> 58);
}

static_assert(HOST_TIMER_HASH == 64, "six bits");

/* Files the lanes by duration, after one of them has changed. */
static void timer_rehash(struct host *h)
{
    memset(h->timer_hash, 0, sizeof(h->timer_hash));
    for (uint32_t i = 0; i < h->timer_lanes; i++) {
        unsigned at = timer_hash(h->timer_lane[i].lane.duration);
        while (h->timer_hash[at])
            at = (at + 1) % HOST_TIMER_HASH;
        h->timer_hash[at] = &h->timer_lane[i];
    }
}

/* A new lane, or one that stands empty, whose duration is over. NULL: there is none. */
static struct timer_lane *timer_lane_spare(struct host *h)
{
    if (h->timer_lanes < HOST_TIMER_LANES)
        return &h->timer_lane[h->timer_lanes++];
    for (uint32_t i = 0; i < HOST_TIMER_LANES; i++) {
        struct lane *l = &h->timer_lane[i].lane;
        lane_clean(l);
        if (!lane_empty(l))
            continue;
        schedule_leave(&h->schedule, l);
        lane_free(l);
        return &h->timer_lane[i];
    }
    return NULL;
}

static struct timer_lane *timer_lane_new(struct host *h, synfin_time duration, bool exact)
{
    struct timer_lane *t = timer_lane_spare(h);
    if (!t)
        return NULL;
    t->number = (uint8_t)(t - h->timer_lane + 1);
    lane_init(&t->lane, h->sim->memory, LANE_TIMER, exact ? TIMER_EXACT_SIZE : sizeof(struct timer_entry), RANK_TIMER);
    t->lane.duration = duration;
    t->lane.exact = exact;
    timer_rehash(h);
    return t;
}

/* Whether a timer may stand in this lane, as far as it goes by duration: an exact one takes none that a wheel has put
   off. */
static inline bool timer_lane_fits(const struct timer_lane *t, synfin_time duration, synfin_time wait)
{
    return t->lane.duration == duration && !(t->lane.exact && wait != duration);
}

/* The lane for a duration; NULL: there is none. */
static struct timer_lane *timer_lane_for(struct host *h, synfin_time duration, synfin_time wait)
{
    for (unsigned at = timer_hash(duration); h->timer_hash[at]; at = (at + 1) % HOST_TIMER_HASH) {
        if (timer_lane_fits(h->timer_hash[at], duration, wait))
            return h->timer_hash[at];
    }
    return timer_lane_new(h, duration, wait == duration);
}

/* ---- Handles ----------------------------------------------------------------------------------------------------- */

/* Of timer_lane: the lane, above it the slot of the timer whose handle the head has. */
enum { LANE_BITS = 5, LANE_MASK = (1 << LANE_BITS) - 1 };
static_assert((int)TIMER_FAR <= (int)LANE_MASK && TIMER_APPLICATION < 8, "they fit in a byte");

/* The lane of a timer whose handle the head has; none of 1 to LANE_MASK: it has not. */
static inline size_t lane_in_head(const struct synfin_endpoint *e, unsigned slot)
{
    return (size_t)e->timer_lane - (slot << LANE_BITS);
}

static inline struct timer_entry *timer_at(const struct lane *l, uint32_t position)
{
    return lane_at(l, position);
}

static inline void bury(struct host *h, size_t lane, uint32_t position)
{
    struct lane *l = &h->timer_lane[lane - 1].lane;
    if (!lane_leads(l, position))
        timer_at(l, position)->what = SYNFIN_NONE;
    lane_bury(l, position);
}

/* A timer of the far queue, or one that has its handle in struct more. */
__attribute__((noinline)) static void stop_elsewhere(struct host *h, struct synfin_endpoint *e, unsigned slot)
{
    struct timer_handle head = {e->timer_position, TIMER_FAR}, *handle = &head;
    if (lane_in_head(e, slot) == TIMER_FAR)
        e->timer_lane = 0;
    else if (!(e->host_bits & ENDPOINT_MORE))
        return;
    else
        handle = &host_more(h, e)->timer[slot];
    if (handle->lane == TIMER_FAR)
        schedule_far_cancel(&h->schedule, handle->position);
    else if (handle->lane != TIMER_OFF)
        bury(h, handle->lane, handle->position);
    handle->lane = TIMER_OFF;
}

static inline void stop(struct host *h, struct synfin_endpoint *e, unsigned slot)
{
    size_t lane = lane_in_head(e, slot);
    if (lane - 1 < HOST_TIMER_LANES) {
        e->timer_lane = 0;
        bury(h, lane, e->timer_position);
    } else if (lane == TIMER_FAR || (e->host_bits & ENDPOINT_MORE)) {
        stop_elsewhere(h, e, slot);
    }
}

void timer_over(struct host *h, struct synfin_endpoint *e, unsigned slot)
{
    struct more *more;
    if (lane_in_head(e, slot) - 1 < LANE_MASK)
        e->timer_lane = 0;
    else if ((more = host_more(h, e)) != NULL)
        more->timer[slot].lane = TIMER_OFF;
}

void timer_stop_head(struct host *h, struct synfin_endpoint *e)
{
    stop(h, e, e->timer_lane >> LANE_BITS);
}

void timer_stop_beside(struct host *h, struct synfin_endpoint *e)
{
    for (unsigned slot = 0; slot <= TIMER_APPLICATION; slot++)
        stop_elsewhere(h, e, slot);
}

/* ---- Starting ---------------------------------------------------------------------------------------------------- */

static inline uint32_t timer_what(const struct synfin_endpoint *e, unsigned slot)
{
    return (uint32_t)slot << TIMER_SLOT_SHIFT | e->sender.self;
}

static inline void head_keeps(struct synfin_endpoint *e, unsigned slot, uint32_t position, uint8_t lane)
{
    e->timer_position = position;
    e->timer_lane = (uint8_t)(slot << LANE_BITS | lane);
}

/* The first timer that runs has its handle in the head. */
static void keep_handle(struct host *h, struct synfin_endpoint *e, unsigned slot, uint32_t position, uint8_t lane)
{
    struct more *more;
    if (!e->timer_lane)
        head_keeps(e, slot, position, lane);
    else if ((more = host_more(h, e)) != NULL)
        more->timer[slot] = (struct timer_handle){position, lane};
}

/* Into the far queue: no lane takes it. */
static void start_far(struct host *h, struct synfin_endpoint *e, unsigned slot, synfin_time deadline,
                      synfin_time duration)
{
    struct far_timer far = {{deadline, h->base.now}, duration, timer_what(e, slot)};
    uint32_t index = schedule_far_timer(&h->schedule, &far, sizeof(far), RANK_TIMER, h->schedule.order++);
    if (index == SYNFIN_NONE)
        host_no_memory(h);
    else
        keep_handle(h, e, slot, index, TIMER_FAR);
}

static inline void fill(struct host *h, const struct lane *l, struct timer_entry *to, uint32_t what,
                        synfin_time deadline)
{
    to->time = deadline;
    to->what = what;
    to->order = h->schedule.order++;
    if (!l->exact)
        to->cause = h->base.now;
}

/* What start() does not foresee. */
__attribute__((noinline)) static void start_elsewhere(struct host *h, struct synfin_endpoint *e, unsigned slot,
                                                      synfin_time deadline, synfin_time duration)
{
    stop(h, e, slot);
    synfin_time now = h->base.now;
    struct timer_lane *t = timer_lane_for(h, duration, deadline - now);
    struct timer_entry *to = t && lane_takes(&t->lane, deadline, now) ? lane_append(&t->lane) : NULL;
    if (!to) {
        start_far(h, e, slot, deadline, duration);
        return;
    }
    fill(h, &t->lane, to, timer_what(e, slot), deadline);
    keep_handle(h, e, slot, t->lane.tail, t->number);
    schedule_added(&h->schedule, &t->lane, deadline, now, to->order);
}

/* Most often no timer of the endpoint runs, and the lane is the first that the hash names and has entries already. */
static inline void start(struct host *h, struct synfin_endpoint *e, unsigned slot, synfin_time deadline,
                         synfin_time duration)
{
    synfin_time now = h->base.now;
    struct timer_lane *t = h->timer_hash[timer_hash(duration)];
    if (e->timer_lane || (e->host_bits & ENDPOINT_MORE) || !t || !timer_lane_fits(t, duration, deadline - now) ||
        !lane_takes_next(&t->lane, deadline, now)) {
        start_elsewhere(h, e, slot, deadline, duration);
        return;
    }
    fill(h, &t->lane, timer_at(&t->lane, t->lane.tail), timer_what(e, slot), deadline);
    head_keeps(e, slot, t->lane.tail, t->number);
    t->lane.tail++;
    t->lane.last.time = deadline; /* causes keep their order by themselves */
}

void host_arm(struct synfin_host *base, struct synfin_endpoint *e, unsigned slot, synfin_time deadline,
              synfin_time duration)
{
    assert(slot < SYNFIN_TIMERS && deadline >= base->now);
    start(host_of(base), e, slot, deadline, duration);
}

void host_disarm(struct synfin_host *base, struct synfin_endpoint *e, unsigned slot)
{
    assert(slot < SYNFIN_TIMERS);
    stop(host_of(base), e, slot);
}

void host_arm_application(struct host *h, struct synfin_endpoint *e, synfin_time duration)
{
    start(h, e, TIMER_APPLICATION, h->base.now + duration, duration);
}

void host_disarm_application(struct host *h, struct synfin_endpoint *e)
{
    stop(h, e, TIMER_APPLICATION);
}
