/* SPDX-License-Identifier: BSD-2-Clause */
#include "far.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static_assert(SYNFIN_NONE == UINT32_MAX, "memset() makes slots empty");
static_assert(FAR_DIGIT * FAR_LEVELS >= 63, "all times have a level");

enum { WORDS = FAR_SLOTS / 64 /* of a level */ };
static_assert(WORDS * FAR_LEVELS == 32, "`words` has a bit for each");

/* So many events may be ready in order; more are a heap. Up to FEW are made ready, and the others of their slots. */
enum { FEW = 8, MANY = 16 };

void far_init(struct far *f, struct synfin_memory *memory, size_t timer_size, size_t segment_size)
{
    *f = (struct far){.time = SYNFIN_NEVER, .base = SYNFIN_NEVER, .free = SYNFIN_NONE};
    pool_init(&f->pool[FAR_TIMER], memory, offsetof(struct far_event, key) + timer_size, 8);
    pool_init(&f->pool[FAR_SEGMENT], memory, offsetof(struct far_event, key) + segment_size, 64);
}

void far_free(struct far *f)
{
    free(f->ready);
    free(f->level);
    free(f->item);
    for (unsigned kind = 0; kind < FAR_KINDS; kind++)
        pool_free(&f->pool[kind]);
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

static bool make_levels(struct far *f)
{
    f->level = malloc(FAR_LEVELS * sizeof(*f->level));
    for (unsigned level = 0; f->level && level < FAR_LEVELS; level++) {
        memset(f->level[level].taken, 0, sizeof(f->level[level].taken));
        memset(f->level[level].slot, 0xff, sizeof(f->level[level].slot));
    }
    return f->level;
}

static bool more_items(struct far *f)
{
    uint32_t items = f->items ? 2 * f->items : 64;
    struct far_item *item = realloc(f->item, items * sizeof(*item));
    if (item)
        f->item = item;
    if (!item || (!f->level && !make_levels(f))) {
        f->no_memory = true;
        return false;
    }
    f->items = items;
    return true;
}

static inline uint32_t take_item(struct far *f)
{
    uint32_t i = f->free;
    if (i != SYNFIN_NONE) {
        f->free = f->item[i].next;
        return i;
    }
    return f->used < f->items || more_items(f) ? f->used++ : SYNFIN_NONE;
}

static inline void give_item(struct far *f, uint32_t i)
{
    f->item[i].next = f->free;
    f->free = i;
}

/* ---- Slots ------------------------------------------------------------------------------------------------------- */

static inline unsigned level_of(const struct far *f, synfin_time time)
{
    return (63u - (unsigned)__builtin_clzll((uint64_t)(time ^ f->base) | 1)) / FAR_DIGIT;
}

/* The last instant of the slot of a level in which this one is. */
static inline synfin_time slot_end(unsigned level, synfin_time time)
{
    return time | (((synfin_time)1 << FAR_DIGIT * level) - 1);
}

static inline synfin_time slot_begin(unsigned level, synfin_time time)
{
    return time & -((synfin_time)1 << FAR_DIGIT * level);
}

/* Where it belongs; it is later than `base`, or is made ready at once. */
static inline void put(struct far *f, uint32_t i)
{
    struct far_item *x = &f->item[i];
    unsigned level = level_of(f, x->time), slot = (unsigned)(x->time >> FAR_DIGIT * level) % FAR_SLOTS;
    struct far_level *l = &f->level[level];
    x->next = l->slot[slot];
    l->slot[slot] = i;
    l->taken[slot / 64] |= UINT64_C(1) << slot % 64;
    f->words |= 1u << (WORDS * level + slot / 64);
}

static void put_all(struct far *f, uint32_t i)
{
    while (i != SYNFIN_NONE) {
        uint32_t next = f->item[i].next;
        put(f, i);
        i = next;
    }
}

/* False: no memory; it is lost. */
static inline bool put_event(struct far *f, struct far_event *e)
{
    uint32_t i = take_item(f);
    if (i == SYNFIN_NONE)
        return false;
    f->item[i].time = e->key.time;
    f->item[i].event = e;
    put(f, i);
    return true;
}

/* Of the word's slots only these have items any more. */
static inline void set_taken(struct far *f, unsigned word, uint64_t taken)
{
    f->level[word / WORDS].taken[word % WORDS] = taken;
    f->words &= ~((uint32_t)!taken << word);
}

/* The lowest word that has bits, and where its slots begin. */
static inline unsigned lowest_word(const struct far *f, uint64_t *taken, uint32_t **slot)
{
    unsigned word = (unsigned)__builtin_ctz(f->words);
    struct far_level *l = &f->level[word / WORDS];
    *taken = l->taken[word % WORDS];
    *slot = &l->slot[word % WORDS * 64];
    return word;
}

/* Empties the lowest slot. What was there. */
static uint32_t take_lowest(struct far *f)
{
    uint64_t taken;
    uint32_t *slot;
    unsigned word = lowest_word(f, &taken, &slot), lowest = (unsigned)__builtin_ctzll(taken);
    uint32_t i = slot[lowest];
    slot[lowest] = SYNFIN_NONE;
    set_taken(f, word, taken & (taken - 1));
    return i;
}

/* What stands below the level of the difference stands there then. */
static void move_base_back(struct far *f, synfin_time time)
{
    uint32_t below = (1u << WORDS * level_of(f, time)) - 1;
    f->base = time;
    while (f->words & below)
        put_all(f, take_lowest(f));
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
        if (e->key.time > time)
            put_event(f, e);
        else
            make_ready(f, e);
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

/* It is not later than `base`. */
__attribute__((noinline)) static bool add_ready(struct far *f, struct far_event *e)
{
    synfin_time time = e->key.time;
    if (f->time == SYNFIN_NEVER)
        f->base = time;
    f->few = f->few / 2 + 1;
    if (f->end == f->room && !(f->room ? clear_room(f, time) : make_room(f)))
        return true;
    if (time <= f->base)
        make_ready(f, e);
    else if (!put_event(f, e))
        return true;
    f->time = f->ready[f->first].time;
    return far_first(f) == e;
}

bool far_add(struct far *f, struct far_event *e, unsigned kind, uint32_t index)
{
    e->name = index << FAR_NAME_BITS | kind * FAR_KIND;
    return e->key.time <= f->base ? add_ready(f, e) : !put_event(f, e);
}

/* ---- The next ---------------------------------------------------------------------------------------------------- */

/* Sorts some by counting how many come before each, without a branch on how two compare. */
__attribute__((noinline)) static void sort(struct far_ready *ready, uint32_t n)
{
    struct far_ready r[MANY];
    uint32_t place[MANY];
    for (uint32_t i = 0; i < n; i++) {
        r[i] = ready[i];
        place[i] = i;
        for (uint32_t j = 0; j < i; j++) {
            bool later = r[j].time > r[i].time;
            place[j] += later;
            place[i] -= later;
        }
    }
    for (uint32_t i = 0; i < n; i++)
        ready[place[i]] = r[i];
    for (uint32_t i = 1; i < n; i++) {
        if (ready[i - 1].time == ready[i].time)
            insert(ready, 0, i, ready[i]);
    }
}

/* Makes what is in some of the word's slots ready, not sorted yet; no branch depends on how many are in each. Whether
   the last slot has more. */
static inline bool take_some(struct far *f, unsigned word, uint64_t taken, uint32_t *slot)
{
    uint32_t n = 0, next;
    do {
        unsigned lowest = (unsigned)__builtin_ctzll(taken);
        uint32_t i = slot[lowest];
        struct far_item *x = &f->item[i];
        slot[lowest] = next = x->next;
        taken &= taken - (next == SYNFIN_NONE);
        f->ready[n++] = (struct far_ready){x->time, x->event};
        __builtin_prefetch(x->event, 1);
        __builtin_prefetch((char *)x->event + 64, 1);
        give_item(f, i);
    } while (taken && (next != SYNFIN_NONE || n < f->few) && n < MANY);
    f->end = n;
    set_taken(f, word, taken);
    return next != SYNFIN_NONE;
}

/* All of a slot. */
static void all_ready(struct far *f, uint32_t i)
{
    while (i != SYNFIN_NONE && (f->end < f->room || make_room(f))) {
        uint32_t next = f->item[i].next;
        make_ready(f, f->item[i].event);
        give_item(f, i);
        i = next;
    }
}

/* The lowest slot has more than those ready from it, which are not sorted yet. If any are from slots before, these are
   enough; else all of it moves to lower levels, or has one time. */
__attribute__((cold, noinline)) static void spread(struct far *f, unsigned level)
{
    synfin_time time = f->ready[f->end - 1].time, begin = slot_begin(level, time);
    uint32_t n = f->end, slot = take_lowest(f);
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
    while (f->words) {
        uint64_t taken;
        uint32_t *slot;
        unsigned word = lowest_word(f, &taken, &slot), level = word / WORDS;
        if (take_some(f, word, taken, slot))
            spread(f, level);
        if (f->end == 0)
            continue;
        if (!f->heap)
            sort(f->ready, f->end);
        f->time = f->ready[0].time;
        f->base = slot_end(level, f->heap ? f->time : f->ready[f->end - 1].time);
        f->few += f->few < FEW;
        return;
    }
    f->time = f->base = SYNFIN_NEVER;
}

/* Removes the first, ready though the next may be cancelled. */
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
