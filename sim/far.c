/* SPDX-License-Identifier: BSD-2-Clause */
#include "far.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static_assert(SYNFIN_NONE == UINT32_MAX, "memset() makes slots empty");
static_assert(FAR_LOWEST + FAR_DIGIT * FAR_LEVELS >= 63, "all times have a level");

/* So many events may be ready in order; more are a heap. Up to FEW are made ready, and the others of their slot, unless
   it has more than SLOT_FEW. */
enum { FEW = 16, SLOT_FEW = 4, MANY = 24 };
static_assert(FEW - 1 + SLOT_FEW <= MANY, "there is room for them");

void far_init(struct far *f, struct synfin_memory *memory)
{
    *f = (struct far){.time = SYNFIN_NEVER, .base = SYNFIN_NEVER};
    pool_init(&f->pool, memory, FAR_EVENT, FAR_EVENT);
}

void far_free(struct far *f)
{
    free(f->ready);
    free(f->item);
    for (unsigned level = 0; level < FAR_LEVELS; level++)
        free(f->level[level]);
    pool_free(&f->pool);
}

static bool tie_before(const struct far_event *a, const struct far_event *b)
{
    if (a->key.cause != b->key.cause)
        return a->key.cause < b->key.cause;
    if (a->rank != b->rank)
        return a->rank < b->rank;
    return (int32_t)(a->order - b->order) < 0;
}

static inline bool before(const struct far_ready *a, const struct far_ready *b)
{
    return a->time != b->time ? a->time < b->time : tie_before(a->event, b->event);
}

/* ---- Items ------------------------------------------------------------------------------------------------------- */

/* Makes room for this one. False: no memory. */
__attribute__((cold, noinline)) static bool more_items(struct far *f, uint32_t i)
{
    size_t items = f->items ? f->items : 64;
    while (items <= i)
        items *= 2;
    struct far_item *item = realloc(f->item, items * sizeof(*item));
    if (!item) {
        f->no_memory = true;
        return false;
    }
    f->item = item;
    f->items = (uint32_t)items;
    return true;
}

static inline bool has_item(const struct far *f, const struct far_event *e)
{
    return far_index(e) < f->items;
}

/* ---- Slots ------------------------------------------------------------------------------------------------------- */

static inline unsigned level_of(const struct far *f, synfin_time time)
{
    uint64_t differs = (uint64_t)(time ^ f->base) | UINT64_C(1) << FAR_LOWEST;
    return (63u - FAR_LOWEST - (unsigned)__builtin_clzll(differs)) / FAR_DIGIT;
}

static inline unsigned shift_of(unsigned level)
{
    return FAR_LOWEST + FAR_DIGIT * level;
}

/* The last instant of the slot of a level in which this one is. */
static inline synfin_time slot_end(unsigned level, synfin_time time)
{
    return time | (((synfin_time)1 << shift_of(level)) - 1);
}

static inline synfin_time slot_begin(unsigned level, synfin_time time)
{
    return time & -((synfin_time)1 << shift_of(level));
}

static inline void put_at(struct far *f, unsigned level, uint32_t i)
{
    struct far_item *x = &f->item[i];
    struct far_level *l = f->level[level];
    unsigned slot = (unsigned)(x->time >> shift_of(level)) % FAR_SLOTS;
    x->next = l->slot[slot];
    l->slot[slot] = i;
    l->taken[slot / 64] |= UINT64_C(1) << slot % 64;
    l->some |= UINT64_C(1) << slot / 64;
    f->levels |= 1u << level;
}

/* The first of a level. False: no memory, and it is lost. */
__attribute__((cold, noinline)) static bool put_first(struct far *f, unsigned level, uint32_t i)
{
    struct far_level *l = f->level[level] = malloc(sizeof(*l));
    if (!l) {
        f->no_memory = true;
        return false;
    }
    l->some = 0;
    memset(l->taken, 0, sizeof(l->taken));
    memset(l->slot, 0xff, sizeof(l->slot));
    put_at(f, level, i);
    return true;
}

/* Where it belongs; it is later than `base`, or is made ready at once. */
static inline bool put(struct far *f, uint32_t i)
{
    unsigned level = level_of(f, f->item[i].time);
    if (!f->level[level])
        return put_first(f, level, i);
    put_at(f, level, i);
    return true;
}

static void put_all(struct far *f, uint32_t i)
{
    while (i != SYNFIN_NONE) {
        uint32_t next = f->item[i].next;
        put(f, i);
        i = next;
    }
}

/* It has an item. */
static inline bool put_event(struct far *f, struct far_event *e)
{
    uint32_t i = far_index(e);
    f->item[i].time = e->key.time;
    return put(f, i);
}

/* The rarer case. False: no memory, and it is lost. */
static bool put_new(struct far *f, struct far_event *e)
{
    return (has_item(f, e) || more_items(f, far_index(e))) && put_event(f, e);
}

/* Of the slots of a level's lowest word with any only these have items any more. */
static inline void set_taken(struct far *f, unsigned level, uint64_t taken)
{
    struct far_level *l = f->level[level];
    l->taken[__builtin_ctzll(l->some)] = taken;
    if (!taken) {
        l->some &= l->some - 1;
        f->levels &= ~((uint32_t)!l->some << level);
    }
}

/* Empties the lowest slot of a level that has some. What was there. */
static uint32_t take_lowest(struct far *f, unsigned level)
{
    struct far_level *l = f->level[level];
    unsigned word = (unsigned)__builtin_ctzll(l->some), slot = 64 * word + (unsigned)__builtin_ctzll(l->taken[word]);
    uint32_t i = l->slot[slot];
    l->slot[slot] = SYNFIN_NONE;
    set_taken(f, level, l->taken[word] & (l->taken[word] - 1));
    return i;
}

/* What stands below the level of the difference stands there then. */
static void move_base_back(struct far *f, synfin_time time)
{
    unsigned level = level_of(f, time);
    f->base = time;
    for (unsigned l = 0; l < level; l++) {
        while (f->levels & 1u << l)
            put_all(f, take_lowest(f, l));
    }
}

/* ---- Ready ------------------------------------------------------------------------------------------------------- */

static bool make_room(struct far *f)
{
    uint32_t room = f->room ? 2 * f->room : 2 * MANY;
    struct far_ready *ready = realloc(f->ready, room * sizeof(*ready));
    if (!ready) {
        f->no_memory = true;
        return false;
    }
    f->ready = ready;
    f->room = room;
    return true;
}

static void sift_up(struct far_ready *ready, uint32_t at, struct far_ready r)
{
    while (at > 0 && before(&r, &ready[(at - 1) / 2])) {
        ready[at] = ready[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    ready[at] = r;
}

static void sift_down(struct far_ready *ready, uint32_t end, struct far_ready r)
{
    uint32_t at = 0, down;
    while ((down = 2 * at + 1) < end) {
        down += down + 1 < end && before(&ready[down + 1], &ready[down]);
        if (!before(&ready[down], &r))
            break;
        ready[at] = ready[down];
        at = down;
    }
    ready[at] = r;
}

/* From behind the others up to where it belongs. */
static void insert(struct far_ready *ready, uint32_t first, uint32_t at, struct far_ready r)
{
    for (; at > first && before(&r, &ready[at - 1]); at--)
        ready[at] = ready[at - 1];
    ready[at] = r;
}

static inline void begin_ready(struct far *f)
{
    f->first = f->end = 0;
    f->heap = false;
}

static void move_to_front(struct far *f)
{
    memmove(f->ready, f->ready + f->first, (f->end - f->first) * sizeof(*f->ready));
    f->end -= f->first;
    f->first = 0;
}

/* There is room for it. */
static void make_ready(struct far *f, struct far_event *e)
{
    struct far_ready r = {e->key.time, e};
    if (f->end - f->first >= MANY) {
        move_to_front(f);
        f->heap = true; /* what is in order is one */
    }
    if (f->heap)
        sift_up(f->ready, f->end++, r);
    else
        insert(f->ready, f->first, f->end++, r);
}

/* Of those ready, which begin at 0, only what is not later than `time` remains. */
static void put_back(struct far *f, synfin_time time)
{
    uint32_t end = f->end;
    move_base_back(f, time);
    begin_ready(f);
    for (uint32_t i = 0; i < end; i++) {
        struct far_event *e = f->ready[i].event;
        if (e->key.time <= time)
            make_ready(f, e);
        else
            put_new(f, e);
    }
}

/* Makes room for one more among those ready, most of which were added after they had been made so. */
static bool clear_room(struct far *f, synfin_time time)
{
    move_to_front(f);
    if (f->end == f->room)
        put_back(f, time < f->time ? time : f->time);
    return f->end <= f->room / 2 || make_room(f);
}

/* It is not later than `base`, or has no item yet. */
__attribute__((noinline)) static bool add_rare(struct far *f, struct far_event *e)
{
    synfin_time time = e->key.time;
    if (time > f->base)
        return !put_new(f, e);
    if (f->time == SYNFIN_NEVER)
        f->base = time;
    f->few = f->few / 2 + 1;
    if (f->end == f->room && !(f->room ? clear_room(f, time) : make_room(f)))
        return true;
    if (time > f->base)
        return !put_new(f, e);
    make_ready(f, e);
    f->time = f->ready[f->first].time;
    return far_first(f) == e;
}

bool far_add(struct far *f, struct far_event *e)
{
    return e->key.time <= f->base || !has_item(f, e) ? add_rare(f, e) : !put_event(f, e);
}

/* ---- The next ---------------------------------------------------------------------------------------------------- */

static inline void take_ready(struct far *f, uint32_t i)
{
    struct far_event *e = far_event_at(f, i);
    f->ready[f->end++] = (struct far_ready){f->item[i].time, e};
    __builtin_prefetch(e, 1);
    __builtin_prefetch((char *)e + 64, 1);
}

/* Those behind the first of a slot. Whether there are too many. */
__attribute__((noinline)) static bool take_others(struct far *f, uint32_t i, uint32_t *rest)
{
    for (unsigned n = 1; i != SYNFIN_NONE && n < SLOT_FEW; n++) {
        uint32_t next = f->item[i].next;
        take_ready(f, i);
        i = next;
    }
    *rest = i;
    return i != SYNFIN_NONE;
}

/* Makes what is in some of the lowest slots of a level ready, not in order yet. Most have one item. Whether the last
   slot has more. */
static inline bool take_some(struct far *f, unsigned level)
{
    struct far_level *l = f->level[level];
    unsigned word = (unsigned)__builtin_ctzll(l->some);
    uint64_t taken = l->taken[word];
    bool more = false;
    do {
        uint32_t *slot = &l->slot[64 * word + (unsigned)__builtin_ctzll(taken)], i = *slot, next = f->item[i].next;
        take_ready(f, i);
        if (next != SYNFIN_NONE && take_others(f, next, slot)) {
            more = true;
            break;
        }
        *slot = SYNFIN_NONE;
        taken &= taken - 1;
    } while (taken && f->end < f->few);
    set_taken(f, level, taken);
    return more;
}

/* All of a slot. */
static void all_ready(struct far *f, uint32_t i)
{
    while (i != SYNFIN_NONE && (f->end < f->room || make_room(f))) {
        uint32_t next = f->item[i].next;
        make_ready(f, far_event_at(f, i));
        i = next;
    }
}

/* The lowest slot has more than those ready from it, which are not sorted yet. If any are from slots before, these are
   enough; else all of it moves to lower levels, or has one time. */
__attribute__((cold, noinline)) static void spread(struct far *f, unsigned level)
{
    synfin_time time = f->ready[f->end - 1].time, begin = slot_begin(level, time);
    uint32_t n = f->end, slot = take_lowest(f, level);
    begin_ready(f);
    while (f->end < n && f->ready[f->end].time < begin)
        f->end++;
    if (f->end == 0)
        f->base = begin;
    if (f->end > 0 || level > 0) {
        for (uint32_t i = f->end; i < n; i++)
            put_event(f, f->ready[i].event);
        put_all(f, slot);
    } else {
        for (uint32_t i = 0; i < n; i++)
            make_ready(f, f->ready[i].event);
        all_ready(f, slot);
    }
}

/* Nothing is ready: makes the next so. */
static void find_next(struct far *f)
{
    begin_ready(f);
    while (f->levels) {
        unsigned level = (unsigned)__builtin_ctz(f->levels);
        if (take_some(f, level))
            spread(f, level);
        if (f->end == 0)
            continue;
        for (uint32_t i = 1; i < f->end && !f->heap; i++) {
            if (!before(&f->ready[i - 1], &f->ready[i]))
                insert(f->ready, 0, i, f->ready[i]);
        }
        f->time = f->ready[0].time;
        f->base = slot_end(level, f->heap ? f->time : f->ready[f->end - 1].time);
        f->few += f->few < FEW;
        return;
    }
    f->time = f->base = SYNFIN_NEVER;
}

/* Removes the first. The next may be cancelled. */
static inline void next_ready(struct far *f)
{
    if (!f->heap)
        f->first++;
    else if (--f->end)
        sift_down(f->ready, f->end, f->ready[f->end]);
    if (f->first == f->end)
        find_next(f);
    else
        f->time = f->ready[f->first].time;
}

void far_turn(struct far *f)
{
    next_ready(f);
    while (f->time != SYNFIN_NEVER && far_cancelled(far_first(f))) {
        struct far_event *e = far_first(f);
        next_ready(f);
        far_give(f, e);
    }
}

void far_cancel(struct far *f, struct far_event *e)
{
    e->name |= FAR_CANCELLED;
    if (e == far_first(f)) {
        far_drop(f);
        far_give(f, e);
    }
}
