/* SPDX-License-Identifier: BSD-2-Clause */
/* Timers of endpoints. The first that runs has its handle in the endpoint's head; those beside it in struct more. */
#include <string.h>

#include "host_part.h"

struct more *host_more(struct host *h, struct synfin_endpoint *e)
{
    struct more *more = sparse_at(&h->more, e->self);
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

/* Files the lanes' durations anew after one of them has changed. */
static void timer_rehash(struct host *h)
{
    memset(h->timer_hash, 0, sizeof(h->timer_hash));
    for (uint32_t i = 0; i < h->timer_lanes; i++) {
        unsigned at = timer_hash(h->timer_lane[i].duration);
        while (h->timer_hash[at])
            at = (at + 1) % HOST_TIMER_HASH;
        h->timer_hash[at] = (uint8_t)(i + 1);
    }
}

/* A new lane, or one that stands empty. Its number + 1; 0: none is left. */
static uint8_t timer_lane_new(struct host *h, synfin_time duration, bool exact)
{
    uint32_t i = 0;
    if (h->timer_lanes < HOST_TIMER_LANES)
        i = h->timer_lanes++;
    else
        while (i < HOST_TIMER_LANES && !lane_empty(&h->timer_lane[i]))
            i++;
    if (i == HOST_TIMER_LANES)
        return 0;
    schedule_leave(&h->schedule, &h->timer_lane[i]);
    lane_free(&h->timer_lane[i]);
    lane_init(&h->timer_lane[i], h->sim->memory, LANE_TIMER,
              exact ? TIMER_EXACT_SIZE : sizeof(struct timer_entry), RANK_TIMER);
    h->timer_lane[i].duration = duration;
    h->timer_lane[i].exact = exact;
    timer_rehash(h);
    return (uint8_t)(i + 1);
}

/* The number + 1 of the lane for a duration; 0: none is left. */
static inline uint8_t timer_lane_for(struct host *h, synfin_time duration, bool exact)
{
    for (unsigned at = timer_hash(duration); h->timer_hash[at]; at = (at + 1) % HOST_TIMER_HASH) {
        const struct lane *l = &h->timer_lane[h->timer_hash[at] - 1];
        if (l->duration == duration && l->exact == exact)
            return h->timer_hash[at];
    }
    return timer_lane_new(h, duration, exact);
}

/* ---- Handles ----------------------------------------------------------------------------------------------------- */

/* Of timer_lane: the lane's number + 1, above it the slot of the timer whose handle the head has. */
enum { LANE_BITS = 5, LANE_MASK = (1 << LANE_BITS) - 1 };
static_assert((int)TIMER_FAR <= (int)LANE_MASK && TIMER_APPLICATION < 8, "they fit in a byte");

static void bury_far(struct host *h, uint32_t position)
{
    ((struct timer_entry *)schedule_far_entry(&h->schedule, LANE_TIMER, position))->what = SYNFIN_NONE;
    schedule_far_buried(&h->schedule);
}

static inline void bury(struct host *h, uint8_t lane, uint32_t position)
{
    if (lane == TIMER_FAR) {
        bury_far(h, position);
        return;
    }
    struct lane *l = &h->timer_lane[lane - 1];
    ((struct timer_entry *)lane_at(l, position))->what = SYNFIN_NONE;
    lane_buried(l, position);
}

static inline bool in_head(const struct synfin_endpoint *e, unsigned slot)
{
    return e->timer_lane && e->timer_lane >> LANE_BITS == slot;
}

void timer_over(struct host *h, struct synfin_endpoint *e, unsigned slot)
{
    struct more *more;
    if (in_head(e, slot))
        e->timer_lane = 0;
    else if ((more = host_more(h, e)) != NULL)
        more->timer[slot].lane = TIMER_OFF;
}

static void stop_beside(struct host *h, struct synfin_endpoint *e, unsigned slot)
{
    struct more *more = host_more(h, e);
    if (!more || more->timer[slot].lane == TIMER_OFF)
        return;
    bury(h, more->timer[slot].lane, more->timer[slot].position);
    more->timer[slot].lane = TIMER_OFF;
}

static inline void stop(struct host *h, struct synfin_endpoint *e, unsigned slot)
{
    if (in_head(e, slot)) {
        bury(h, e->timer_lane & LANE_MASK, e->timer_position);
        e->timer_lane = 0;
    } else if (e->host_bits & ENDPOINT_MORE) {
        stop_beside(h, e, slot);
    }
}

void timer_stop(struct host *h, struct synfin_endpoint *e, unsigned slot)
{
    stop(h, e, slot);
}

void timer_stop_all(struct host *h, struct synfin_endpoint *e)
{
    if (e->timer_lane)
        timer_stop(h, e, e->timer_lane >> LANE_BITS);
    for (unsigned slot = 0; (e->host_bits & ENDPOINT_MORE) && slot <= TIMER_APPLICATION; slot++)
        timer_stop(h, e, slot);
}

/* ---- Starting ---------------------------------------------------------------------------------------------------- */

static struct timer_handle start_far(struct host *h, const struct timer_entry *entry, synfin_time duration)
{
    struct far_timer far = {*entry, duration};
    struct schedule_key key = {entry->time, entry->cause};
    uint32_t index = schedule_far(&h->schedule, LANE_TIMER, &far, key, RANK_TIMER, entry->order);
    return (struct timer_handle){index, index == SYNFIN_NONE ? TIMER_OFF : TIMER_FAR};
}

/* Puts the entry at the end of a lane that takes it. */
static inline struct timer_handle start_in_lane(struct host *h, uint8_t lane, const struct timer_entry *entry)
{
    struct lane *l = &h->timer_lane[lane - 1];
    struct timer_entry *to = lane_append(l);
    if (!to)
        return (struct timer_handle){0, TIMER_OFF};
    to->time = entry->time;
    to->what = entry->what;
    to->order = entry->order;
    if (!l->exact)
        to->cause = entry->cause;
    struct timer_handle handle = {l->tail, lane};
    schedule_added(&h->schedule, l, entry->time, entry->cause, entry->order);
    return handle;
}

static void start_beside(struct host *h, struct synfin_endpoint *e, unsigned slot, struct timer_handle handle)
{
    struct more *more = host_more(h, e);
    if (more)
        more->timer[slot] = handle;
}

static inline void start(struct host *h, struct synfin_endpoint *e, unsigned slot, synfin_time deadline,
                         synfin_time duration)
{
    stop(h, e, slot);
    synfin_time now = h->base.now;
    struct timer_entry entry = {deadline, (uint32_t)slot << TIMER_SLOT_SHIFT | e->self, h->schedule.order++, now};
    uint8_t lane = timer_lane_for(h, duration, deadline - now == duration);
    struct timer_handle handle = lane && lane_takes(&h->timer_lane[lane - 1], deadline, now)
                                     ? start_in_lane(h, lane, &entry)
                                     : start_far(h, &entry, duration);
    if (handle.lane == TIMER_OFF) { /* no memory */
        host_no_memory(h);
    } else if (!e->timer_lane) {
        e->timer_position = handle.position;
        e->timer_lane = (uint8_t)(slot << LANE_BITS | handle.lane);
    } else {
        start_beside(h, e, slot, handle);
    }
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
    timer_stop(h, e, TIMER_APPLICATION);
}
