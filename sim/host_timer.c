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

static inline uint32_t timer_what(const struct synfin_endpoint *e, unsigned slot)
{
    return (uint32_t)slot << TIMER_SLOT_SHIFT | e->sender.self;
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

/* The first timer that runs has its handle in the head. */
static inline void keep_handle(struct host *h, struct synfin_endpoint *e, unsigned slot, uint32_t position,
                               uint8_t lane)
{
    struct more *more;
    if (!e->timer_lane) {
        e->timer_position = position;
        e->timer_lane = (uint8_t)(slot << LANE_BITS | lane);
    } else if ((more = host_more(h, e)) != NULL) {
        more->timer[slot] = (struct timer_handle){position, lane};
    }
}

/* No lane takes it: into the far heap. */
static void start_far(struct host *h, struct synfin_endpoint *e, unsigned slot, synfin_time deadline,
                      synfin_time duration)
{
    struct far_timer far = {{deadline, timer_what(e, slot), h->schedule.order++, h->base.now}, duration};
    struct schedule_key key = {deadline, h->base.now};
    uint32_t index = schedule_far(&h->schedule, LANE_TIMER, &far, key, RANK_TIMER, far.entry.order);
    if (index == SYNFIN_NONE)
        host_no_memory(h);
    else
        keep_handle(h, e, slot, index, TIMER_FAR);
}

static inline void start(struct host *h, struct synfin_endpoint *e, unsigned slot, synfin_time deadline,
                         synfin_time duration)
{
    stop(h, e, slot);
    synfin_time now = h->base.now;
    uint8_t lane = timer_lane_for(h, duration, deadline - now == duration);
    struct lane *l = &h->timer_lane[lane ? lane - 1 : 0];
    struct timer_entry *to = lane && lane_takes(l, deadline, now) ? lane_append(l) : NULL;
    if (!to) {
        start_far(h, e, slot, deadline, duration);
        return;
    }
    uint32_t position = l->tail, order = h->schedule.order++;
    to->time = deadline;
    to->what = timer_what(e, slot);
    to->order = order;
    if (!l->exact)
        to->cause = now;
    schedule_added(&h->schedule, l, deadline, now, order);
    keep_handle(h, e, slot, position, lane);
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
