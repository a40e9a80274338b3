/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events that come in no order, by (time, cause, rank, order). Those not later than `base` are ready, in order; of
 * later ones there are items in lists, unsorted, as in a radix heap (Ahuja, Mehlhorn, Orlin and Tarjan, "Faster
 * algorithms for the shortest path problem", J. ACM 37, 1990): at the level of the highest digit in which their time
 * differs from `base`, in the slot of that digit. The next are those in the lowest slots of the lowest level. Some are
 * made ready together, and `base` moves to where their last slot ends; too many of one slot move to lower levels. So an
 * item moves once or twice, most slots have one, and the events themselves, which may be in no cache any more, are
 * fetched some time before the first of them is taken.
 */
#ifndef SYNFIN_FAR_H
#define SYNFIN_FAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plugin.h"
#include "pool.h"

struct schedule_key {
    synfin_time time, cause;
};

struct far_event {
    uint64_t rank;
    uint32_t order; /* wraps: those of one instant lie close together */
    uint32_t name;  /* its index in the pool above FAR_NAME_BITS: whether it is a timer, and cancelled */
    struct schedule_key key; /* with it the entry begins, which is the caller's */
};

enum { FAR_CANCELLED = 1, FAR_TIMER = 2, FAR_NAME_BITS = 2 };

/* What an event takes, two lines of the cache, and its entry at most. */
enum { FAR_EVENT = 128, FAR_ENTRY = FAR_EVENT - offsetof(struct far_event, key) };

/* What is known of an event beside it, by its index, as long as it is in a slot. */
struct far_item {
    synfin_time time;
    uint32_t next; /* in its slot; SYNFIN_NONE: it is the last */
};

/* What is ready. */
struct far_ready {
    synfin_time time;
    struct far_event *event;
};

/* Slots of the lowest level are 8 ns wide, of the next 16 us, few enough for a near cache, as all are used in turn. */
enum { FAR_LOWEST = 3, FAR_DIGIT = 11, FAR_SLOTS = 1 << FAR_DIGIT, FAR_LEVELS = 6 };

struct far_level {
    uint64_t some;                  /* which words of `taken` have bits */
    uint64_t taken[FAR_SLOTS / 64]; /* which slots have items */
    uint32_t slot[FAR_SLOTS];       /* the first item; SYNFIN_NONE: there is none */
};

struct far {
    synfin_time time; /* of the first; SYNFIN_NEVER: there is none */
    synfin_time base; /* SYNFIN_NEVER where there is none, so that the next is ready */
    struct far_ready *ready;   /* from `first` to `end`: in order, the first not cancelled; or ... */
    uint32_t first, end, room; /* room 0: no memory yet */
    uint32_t few;              /* are made ready together: the fewer, the more often one is added that is not later */
    bool heap;                 /* ... a binary heap, from 0 on: many have one time */
    bool no_memory;            /* something was lost */
    uint32_t levels;           /* those with items, a bit each */
    struct far_level *level[FAR_LEVELS]; /* made when they are first needed */
    struct far_item *item;
    uint32_t items;   /* room */
    struct pool pool; /* of events */
};

void far_init(struct far *, struct synfin_memory *);
void far_free(struct far *);

/* What begins with the key. */
static inline void *far_entry(struct far_event *e)
{
    return &e->key;
}

static inline struct far_event *far_event_of(void *entry)
{
    return (struct far_event *)((char *)entry - offsetof(struct far_event, key));
}

static inline struct far_event *far_event_at(const struct far *f, uint32_t index)
{
    return pool_thing(&f->pool, index, FAR_EVENT);
}

static inline uint32_t far_index(const struct far_event *e)
{
    return e->name >> FAR_NAME_BITS;
}

/* Room for an event; `timer`: FAR_TIMER or 0. NULL: no memory. */
static inline struct far_event *far_take(struct far *f, uint32_t timer)
{
    uint32_t i = pool_take_thing(&f->pool, FAR_EVENT);
    if (i > UINT32_MAX >> FAR_NAME_BITS) /* SYNFIN_NONE too */
        return NULL;
    struct far_event *e = far_event_at(f, i);
    e->name = i << FAR_NAME_BITS | timer;
    return e;
}

static inline bool far_cancelled(const struct far_event *e)
{
    return e->name & FAR_CANCELLED;
}

/* Gives the room of an event back that is not in the heap. */
static inline void far_give(struct far *f, struct far_event *e)
{
    pool_give_thing(&f->pool, far_index(e), e);
}

/* Adds an event whose key, rank and order are set. Whether it is the first now, or no_memory has been set. */
bool far_add(struct far *, struct far_event *);

static inline struct far_event *far_first(const struct far *f)
{
    return f->ready[f->first].event;
}

/* Removes the first. */
void far_turn(struct far *); /* the rarer case */
static inline void far_drop(struct far *f)
{
    if (f->first + 1 < f->end && !f->heap && !far_cancelled(f->ready[f->first + 1].event))
        f->time = f->ready[++f->first].time;
    else
        far_turn(f);
}

/* Any. Its room is given back when its time comes. */
void far_cancel(struct far *, struct far_event *);

#endif
