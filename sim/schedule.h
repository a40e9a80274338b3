/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The events of one host (or of one shared link) in the order of (time, cause, source, order at the source).
 *
 * Most events come in order by themselves: timers of one duration, segments over a link of fixed delay, arrivals. Each
 * such source is a lane, a ring that is first in, first out. An event that would break its lane's order goes to the far
 * queue instead (far.h). A small heap of the lanes' heads says which event is next. Its keys are lower bounds: a lane
 * whose first entry is taken or cancelled stays where it is until it comes to the top. So a cancelled timer costs two
 * stores, a mark and a count, and is removed together with others later; and as long as a lane's next event comes
 * before `limit`, before all other lanes' heads, it is taken without a look at the heap.
 *
 * Sources are ordered by rank; of two events of one rank with equal time and cause, the one with the smaller order
 * comes first, and a lane's before the far queue's.
 */
#ifndef SYNFIN_SCHEDULE_H
#define SYNFIN_SCHEDULE_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "far.h"
#include "plugin.h"
#include "pool.h"

/* Ranks of a host's sources, in the order of ties: its own timers, its workloads, link directions. */
#define RANK_TIMER UINT64_C(0)
#define RANK_TIME_WAIT UINT64_C(1)
#define RANK_ARRIVAL (UINT64_C(1) << 62)
#define RANK_SEGMENT (UINT64_C(2) << 62)

/* What a lane's entries are. LANE_FAR: it has none, and stands for the far queue among the heads. */
enum { LANE_TIMER, LANE_TIME_WAIT, LANE_ARRIVAL, LANE_SEGMENT, LANE_FAR };

struct lane {
    unsigned char *ring;
    struct synfin_memory *memory; /* of the ring */
    size_t touched;               /* so many of its bytes may be other than zero, whatever the positions say */
    uint32_t head, tail; /* positions; they run on and wrap at 2^32 */
    uint32_t room;       /* entries, a power of two; 0: no memory yet */
    uint32_t mask;       /* room - 1 */
    uint32_t buried;     /* LANE_TIMER, LANE_TIME_WAIT: cancelled entries, the head perhaps among them: lane_clean() */
    uint16_t stride;
    uint8_t kind;
    bool exact;          /* LANE_TIMER: every entry's cause is its time less `duration` and not kept */
    uint32_t heap_at;    /* where the lane stands in the heap; SYNFIN_NONE: nowhere, and it is empty */
    uint32_t keyed;      /* the position whose key stands there ... */
    uint32_t order;      /* ... and that entry's order */
    synfin_time duration; /* LANE_TIMER: the nominal one */
    uint32_t fetched;     /* LANE_TIMER: endpoints of timers before this position were fetched, as far as it is ahead */
    struct schedule_key last; /* of the entry appended last */
    uint64_t rank;
};

/* The head of a lane: the rest of its key are the lane's rank and order. */
struct lane_head {
    struct schedule_key key;
    struct lane *lane;
};

struct schedule {
    struct lane_head *heap;
    uint32_t heads, room;
    struct far far;                    /* events that no lane takes */
    struct lane far_lane;              /* their head in the heap, with its rank */
    bool far_stale;                    /* its key there is that of an event that is gone */
    uint32_t order;                    /* counts what goes to the far queue, and timers; wraps */
    synfin_time limit;                 /* no other lane's event comes before; set by schedule_run() */
    bool no_memory;                    /* something was lost for want of memory */
};

void schedule_init(struct schedule *, struct synfin_memory *);
void schedule_free(struct schedule *);

void lane_init(struct lane *, struct synfin_memory *, uint8_t kind, uint16_t stride, uint64_t rank);
void lane_free(struct lane *);

/* `stride`: of the lane, where it is known. */
static inline void *lane_entry(const struct lane *l, uint32_t position, size_t stride)
{
    return l->ring + (size_t)(position & l->mask) * stride;
}

static inline void *lane_at(const struct lane *l, uint32_t position)
{
    return lane_entry(l, position, l->stride);
}

static inline bool lane_empty(const struct lane *l)
{
    return l->head == l->tail;
}

/* Every entry begins with its time; all but timers have their cause next. */
static inline synfin_time lane_time(const struct lane *l)
{
    return *(const synfin_time *)lane_at(l, l->head);
}

/* Whether an entry of this key may stand at the lane's end: behind all that ever stood there. */
static inline bool lane_takes(const struct lane *l, synfin_time time, synfin_time cause)
{
    return l->last.time < time || (l->last.time == time && l->last.cause <= cause);
}

/* From now on it takes none. */
static inline void lane_close(struct lane *l)
{
    l->last = (struct schedule_key){SYNFIN_NEVER, SYNFIN_NEVER};
}

/* The next event's lane head; NULL: nothing is pending. */
const struct lane_head *schedule_next(struct schedule *);

/* The same, where nothing has been taken or cancelled since schedule_next(). */
static inline const struct lane_head *schedule_peek(const struct schedule *s)
{
    return s->heads ? &s->heap[0] : NULL;
}

/* Before the events of the lane that schedule_next() named are taken: those with a time below s->limit, which events
   that are scheduled meanwhile may lower, come before all other lanes' and before `until`. */
static inline void schedule_run(struct schedule *s, synfin_time until)
{
    s->limit = until;
    for (uint32_t i = 1; i < 3 && i < s->heads; i++) {
        if (s->heap[i].key.time < s->limit)
            s->limit = s->heap[i].key.time;
    }
}

/* Room for one more entry at the lane's end, to be filled by the caller, who then calls schedule_added(). NULL: no
   memory. */
void *lane_grown(struct lane *); /* the rare case of lane_append */
static inline void *lane_append_entry(struct lane *l, size_t stride)
{
    return l->tail - l->head < l->room ? lane_entry(l, l->tail, stride) : lane_grown(l);
}

/* Whether one more is not the first, nor needs more room. */
static inline bool lane_goes_on(const struct lane *l)
{
    return l->tail - l->head - 1 < l->mask;
}

/* The same, and an entry of this key may stand at the end. */
static inline bool lane_takes_next(const struct lane *l, synfin_time time, synfin_time cause)
{
    return lane_goes_on(l) && lane_takes(l, time, cause);
}

static inline void *lane_append(struct lane *l)
{
    return lane_append_entry(l, l->stride);
}

/* The entry at the lane's end has this key; `order` matters between lanes of one rank. Whether it is the next event of
   all now, or s->no_memory has been set. */
bool schedule_first(struct schedule *, struct lane *, uint32_t order); /* the rarer case: the lane was empty */
static inline bool schedule_added(struct schedule *s, struct lane *l, synfin_time time, synfin_time cause,
                                  uint32_t order)
{
    l->last = (struct schedule_key){time, cause};
    return l->head == l->tail++ && schedule_first(s, l, order);
}

/* Takes an empty lane out of the schedule. */
void schedule_leave(struct schedule *, struct lane *);

/* Removes cancelled entries from the lane's head: mostly there are none. Then the head is none. */
void lane_trim(struct lane *);
static inline void lane_clean(struct lane *l)
{
    if (l->buried)
        lane_trim(l);
}

/* Removes the lane's first entry, which the caller has read. */
static inline void lane_drop(struct lane *l)
{
    l->head++;
    lane_clean(l);
}

/* Whether the entry at a position is simply the first. */
static inline bool lane_leads(const struct lane *l, uint32_t position)
{
    return position == l->head && !l->buried;
}

/* Cancels the entry at a position; the caller has marked it, unless it leads. Those cancelled at the head are removed
   when it is looked at, or after LANE_BURIED more: how many they are cannot be predicted, and each time costs a branch
   that is not. */
enum { LANE_BURIED = 64 };
static inline void lane_bury(struct lane *l, uint32_t position)
{
    if (lane_leads(l, position))
        l->head++;
    else if (++l->buried % LANE_BURIED == 0)
        lane_trim(l);
}

/* Puts a copy of a timer's entry, which begins with its key, in the far queue. The number by which it is cancelled;
   SYNFIN_NONE: no memory. */
uint32_t schedule_far_timer(struct schedule *, const void *entry, size_t size, uint64_t rank, uint32_t order);
void schedule_far_cancel(struct schedule *, uint32_t number);

/* Room for a segment's entry in the far queue, to be filled by the caller, who then adds it or gives it back. NULL: no
   memory. */
static inline void *schedule_far_place(struct schedule *s)
{
    struct far_event *e = far_take(&s->far);
    return e ? far_entry(e) : NULL;
}

/* An event whose key is set. Returns as schedule_added(). */
bool schedule_far_nearer(struct schedule *); /* the rarer case: it is the first, or there was no memory */
static inline bool schedule_far_add(struct schedule *s, struct far_event *e, uint64_t rank, uint32_t order)
{
    e->rank = rank;
    e->order = order;
    return far_add(&s->far, e) && schedule_far_nearer(s);
}

/* Likewise a segment's entry, which begins with its key. */
static inline bool schedule_far_segment(struct schedule *s, void *entry, uint64_t rank)
{
    return schedule_far_add(s, far_event_of(entry), rank, s->order++);
}

/* Whether something was lost for want of memory: in the far queue, later than it was added. */
static inline bool schedule_lost(const struct schedule *s)
{
    return s->no_memory || s->far.no_memory;
}

/* When the far queue's first event is due; SYNFIN_NEVER: there is none. */
static inline synfin_time schedule_far_time(const struct schedule *s)
{
    return s->far.time;
}

/* The far queue's first event. The entry is what begins with its key. */
static inline struct far_event *schedule_far_first(const struct schedule *s)
{
    return far_first(&s->far);
}

/* Removes it; it stays until its room is given back. What is first now, or was: good for no more than to fetch it. */
static inline struct far_event *schedule_far_drop(struct schedule *s)
{
    s->far_stale = true;
    return far_drop(&s->far);
}

static inline void schedule_far_give(struct schedule *s, struct far_event *e)
{
    far_give(&s->far, e);
}

/* Lanes by rank, made when they are first asked for. */
struct lane_set {
    struct synfin_memory *memory;
    struct lane **slot; /* open addressing, half full at most */
    uint32_t lanes, mask;
    struct lane *last; /* most look-ups repeat the one before */
};

/* The lane of segments of a rank; `stride`: of a new one. NULL: no memory. */
struct lane *lane_set_find(struct lane_set *, uint64_t rank, uint16_t stride); /* the rarer case */
static inline struct lane *lane_set_get(struct lane_set *set, uint64_t rank, uint16_t stride)
{
    return set->last && set->last->rank == rank ? set->last : lane_set_find(set, rank, stride);
}
void lane_set_free(struct lane_set *);

/* Puts a segment's entry at the end of the lane of its source, or into the far queue. Returns as schedule_added(). */
bool schedule_segment(struct schedule *, struct lane_set *, uint64_t rank, const void *entry, uint16_t size);

/* An entry of a timer lane; where the lane is exact, `cause` is left out. */
struct timer_entry {
    synfin_time time;
    uint32_t what; /* endpoint and slot; SYNFIN_NONE: cancelled */
    uint32_t order;
    synfin_time cause;
};

enum { TIMER_SLOT_SHIFT = 29, TIMER_ENDPOINTS = 1 << TIMER_SLOT_SHIFT, TIMER_EXACT_SIZE = 16 };
static_assert(offsetof(struct timer_entry, cause) == TIMER_EXACT_SIZE, "an exact entry is a timer's without its cause");

#endif
