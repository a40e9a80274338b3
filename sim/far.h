/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The far queue: events that come in no order, by (time, cause, rank, order). The first few are ready, in order. Most
 * others are in a ring of slots of one width, unsorted, as in a calendar queue (Brown, "Calendar queues: a fast O(1)
 * priority queue implementation for the simulation event set problem", CACM 31, 1988): an event is put there once, and
 * most slots have one, so that to take slot after slot is to sort them. Some slots are made ready together, so that the
 * events, which may be in no cache any more, are fetched some time before the first of them is taken. What is too far
 * ahead for the ring, or comes before it but is none of the first few, or is too much for one slot, is in a binary
 * heap. Slots become wider and narrower, more and fewer with what comes: adapt() in far.c.
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
    uintptr_t next; /* in its slot, as that says what is there; or, as a pointer, among those that are free */
    uint64_t rank;
    uint32_t order; /* wraps: those of one instant lie close together */
    uint32_t name;  /* its index in the pool, above FAR_NAME_BITS: whether it is a timer, and cancelled */
    struct schedule_key key; /* with it the entry begins, which is the caller's */
};

enum { FAR_CANCELLED = 1, FAR_TIMER = 2, FAR_NAME_BITS = 2, FAR_NAME = (1 << FAR_NAME_BITS) - 1 };

/* What an event takes, two lines of the cache, and its entry at most. */
enum { FAR_EVENT = 128, FAR_ENTRY = FAR_EVENT - offsetof(struct far_event, key) };

/* So many events may be ready. */
enum { FAR_READY = 32 };

/* What is in the heap. */
struct far_later {
    synfin_time time;
    struct far_event *event;
};

struct far {
    synfin_time time; /* of the first; SYNFIN_NEVER: there is none */
    /* The ring takes what is due from `begin` on and before `begin` + `span`; what is ready is due before it. Span 0:
       there is nothing at all. */
    uint64_t begin, span;
    unsigned shift;        /* slots are 2^shift ns wide */
    uint32_t slots;        /* a power of two; 0: no memory yet */
    uintptr_t *slot;       /* the event that came last, and 1 if there are others behind it; 0: there is none */
    uint64_t *taken;       /* which slots have some, a bit each */
    struct far_event *free;
    uint32_t first, end;   /* of those ready; none in the ring or the heap comes before one of them */
    uint32_t few;          /* are made ready together: the fewer, the more often one comes that is due before `begin` */
    struct far_event *ready[FAR_READY]; /* in order; the first is not cancelled */
    struct far_later *later;            /* the heap */
    uint32_t laters, room;
    uint32_t made_ready;  /* since the slots were last looked at; meanwhile ... */
    uint32_t wide, narrow; /* ... so often they were found too wide, or too narrow */
    uint32_t patience;     /* looks until they may become narrower */
    uint32_t moved;        /* events in the ring when it was last made anew, and since then ... */
    uint32_t early;        /* ... those that came long before `begin` and are in the heap */
    bool no_memory;        /* something was lost */
    struct pool pool;      /* of events */
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

/* Room for an event, not marked as a timer yet. NULL: no memory. */
__attribute__((cold)) struct far_event *far_take_new(struct far *); /* one that was never used */
static inline struct far_event *far_take(struct far *f)
{
    struct far_event *e = f->free;
    if (!e)
        return far_take_new(f);
    f->free = (struct far_event *)e->next;
    __builtin_prefetch(f->free, 1); /* it may have been given back long ago */
    return e;
}

static inline bool far_cancelled(const struct far_event *e)
{
    return e->name & FAR_CANCELLED;
}

/* Gives the room of an event back that is not in here. */
static inline void far_give(struct far *f, struct far_event *e)
{
    e->name &= ~(uint32_t)FAR_NAME;
    e->next = (uintptr_t)f->free;
    f->free = e;
}

/* Whether the ring takes one that is due then. */
static inline bool far_takes(const struct far *f, synfin_time time)
{
    return (uint64_t)time - f->begin < f->span;
}

/* Into the ring, which takes its time. */
static inline void far_put(struct far *f, struct far_event *e)
{
    size_t slot = ((uint64_t)e->key.time >> f->shift) & (f->slots - 1);
    uintptr_t *at = &f->slot[slot], behind = *at;
    e->next = behind;
    *at = (uintptr_t)e + (behind != 0);
    f->taken[slot / 64] |= UINT64_C(1) << slot % 64;
}

/* Adds an event whose key, rank and order are set. Whether it is the first now, or no_memory has been set. */
bool far_add_rare(struct far *, struct far_event *); /* one that the ring does not take */
static inline bool far_add(struct far *f, struct far_event *e)
{
    if (!far_takes(f, e->key.time))
        return far_add_rare(f, e);
    far_put(f, e);
    return false;
}

static inline struct far_event *far_first(const struct far *f)
{
    return f->ready[f->first];
}

/* Removes the first. What is the first now, or one that was. */
void far_turn(struct far *); /* the rarer case */
static inline struct far_event *far_drop(struct far *f)
{
    if (f->first + 1 == f->end || far_cancelled(f->ready[f->first + 1])) {
        far_turn(f);
        return far_first(f);
    }
    struct far_event *e = f->ready[++f->first];
    f->time = e->key.time;
    return e;
}

/* Any. Its room is given back when its time comes. */
void far_cancel(struct far *, struct far_event *);

#endif
