/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The events of one host (or of one shared link) in the order of (time, cause, source, order at the source).
 *
 * Most events come in order by themselves: timers of one duration, segments over a link of fixed delay, arrivals. Each
 * such source is a lane, a ring that is first in, first out. An event that would break its lane's order goes to the far
 * heap instead. A small heap of the lanes' heads says which event is next; where a lane holds many events, taking one
 * costs no more than looking at the next.
 *
 * Every entry of a lane begins with struct schedule_key. Sources are ordered by rank; of two events of one rank with
 * equal time and cause, the one with the smaller order comes first, and a lane's before the far heap's.
 */
#ifndef SYNFIN_SCHEDULE_H
#define SYNFIN_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plugin.h"
#include "pool.h"

struct schedule_key {
    synfin_time time, cause;
};

/* Ranks of a host's sources, DESIGN's order: its own timers, its workloads, link directions. */
#define RANK_TIMER UINT64_C(0)
#define RANK_TIME_WAIT UINT64_C(1)
#define RANK_ARRIVAL (UINT64_C(1) << 62)
#define RANK_SEGMENT (UINT64_C(2) << 62)

enum { LANE_TIMER, LANE_TIME_WAIT, LANE_ARRIVAL, LANE_SEGMENT }; /* what a lane's entries are */

struct lane {
    unsigned char *ring;
    uint32_t head, tail; /* positions; they run on and wrap at 2^32 */
    uint32_t mask;       /* capacity - 1; 0: no memory yet */
    uint32_t stride;
    uint32_t heap_at;    /* where the head stands in the heap; SYNFIN_NONE: empty */
    uint8_t kind;
    uint64_t rank;
};

/* An event of the far heap: a copy of a lane's entry in a pool. */
struct far_item {
    struct schedule_key key;
    uint64_t rank, order;
    uint32_t index;
    uint8_t kind;
};

/* The head of a lane, or of the far heap (lane is NULL). */
struct lane_head {
    struct schedule_key key;
    uint64_t rank, order;
    struct lane *lane;
};

struct schedule {
    struct lane_head *heap;
    uint32_t heads, room;
    struct far_item *far;
    uint32_t fars, far_room, far_head; /* far_head: where the far heap's head stands in `heap` */
    uint64_t order;                    /* counts what goes to the far heap, and timers */
    struct pool far_entry[2];          /* copies of entries: [0] timers, [1] segments */
    bool no_memory;                    /* something was lost for want of memory */
};

void schedule_init(struct schedule *, size_t timer_size, size_t segment_size);
void schedule_free(struct schedule *);

void lane_init(struct lane *, uint8_t kind, uint32_t stride, uint64_t rank);
void lane_free(struct lane *);

static inline void *lane_at(const struct lane *l, uint32_t position)
{
    return l->ring + (size_t)(position & l->mask) * l->stride;
}

static inline bool lane_empty(const struct lane *l)
{
    return l->head == l->tail;
}

/* Whether an entry of this key may stand at the lane's end. */
static inline bool lane_takes(const struct lane *l, synfin_time time, synfin_time cause)
{
    if (lane_empty(l))
        return true;
    const struct schedule_key *last = lane_at(l, l->tail - 1);
    return last->time < time || (last->time == time && last->cause <= cause);
}

/* The next event's lane head; NULL: nothing is pending. */
static inline const struct lane_head *schedule_next(const struct schedule *s)
{
    return s->heads ? &s->heap[0] : NULL;
}

static inline synfin_time schedule_time(const struct schedule *s)
{
    return s->heads ? s->heap[0].key.time : SYNFIN_NEVER;
}

/*
 * Room for one more entry at the lane's end, to be filled by the caller, who then calls schedule_added(). `order`
 * matters between lanes of one rank. NULL: no memory.
 */
void *lane_grown(struct lane *); /* the rare case of lane_append */
static inline void *lane_append(struct lane *l)
{
    return l->ring && l->tail - l->head <= l->mask ? lane_at(l, l->tail) : lane_grown(l);
}

void schedule_added(struct schedule *, struct lane *, uint64_t order);

/* Removes the lane's first entry, which the caller has read. For timers: tombstones behind it go with it. */
void schedule_drop_head(struct schedule *, struct lane *);

/* Makes the entry at `position` of a lane of timers or TIME-WAIT records a tombstone: the caller has marked it dead. */
void schedule_buried(struct schedule *, struct lane *, uint32_t position);

/* Puts a copy of `entry` in the far heap. The index of the copy (for far timers: to cancel), SYNFIN_NONE: no memory. */
uint32_t schedule_far(struct schedule *, uint8_t kind, const void *entry, uint64_t rank, uint64_t order);
void *schedule_far_entry(struct schedule *, uint8_t kind, uint32_t index);
/* Removes the far heap's first entry: what it is, copied to `entry`, and its kind; dead timers behind it go with it. */
uint8_t schedule_take_far(struct schedule *, void *entry);
/* A far timer has been marked dead. */
void schedule_far_buried(struct schedule *);

/* Lanes by rank, made when they are first asked for. */
struct lane_set {
    struct lane **slot; /* open addressing, half full at most */
    uint32_t lanes, mask;
    struct lane *last; /* most look-ups repeat the one before */
};

/* The lane of a rank; a new one has the given kind and stride. NULL: no memory. */
struct lane *lane_set_get(struct lane_set *, uint64_t rank, uint8_t kind, uint32_t stride);
void lane_set_free(struct lane_set *);

/* Puts a segment's entry at the end of the lane of its source, or into the far heap. True where it is the next event
   of all now. Without memory it sets no_memory. */
bool schedule_segment(struct schedule *, struct lane_set *, uint64_t rank, const void *entry, uint32_t size);

/* An entry of a timer lane. */
struct timer_entry {
    struct schedule_key key;
    uint64_t order;
    uint32_t endpoint; /* SYNFIN_NONE: cancelled */
    uint32_t slot;
};

#endif
