/* SPDX-License-Identifier: BSD-2-Clause */
#include "far.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static_assert(SYNFIN_NONE == UINT32_MAX, "memset() makes slots empty");
static_assert(FAR_DIGIT * FAR_LEVELS >= 63, "all times have a level");

void far_init(struct far *f)
{
    *f = (struct far){.free = SYNFIN_NONE, .first = SYNFIN_NONE, .time = SYNFIN_NEVER};
}

void far_free(struct far *f)
{
    free(f->item);
    free(f->tie);
    free(f->slot);
}

/* ---- Items ------------------------------------------------------------------------------------------------------- */

static bool grow(struct far *f)
{
    uint32_t room = f->room ? 2 * f->room : 64;
    struct far_item *item = realloc(f->item, room * sizeof(*item));
    if (item)
        f->item = item;
    struct far_tie *tie = realloc(f->tie, room * sizeof(*tie));
    if (tie)
        f->tie = tie;
    if (!f->slot && (f->slot = malloc(FAR_LEVELS * sizeof(*f->slot))) != NULL)
        memset(f->slot, 0xff, FAR_LEVELS * sizeof(*f->slot));
    if (!item || !tie || !f->slot)
        return false;
    f->room = room;
    return true;
}

static inline uint32_t take_item(struct far *f)
{
    uint32_t i = f->free;
    if (i != SYNFIN_NONE) {
        f->free = f->item[i].next;
        return i;
    }
    return f->used < f->room || grow(f) ? f->used++ : SYNFIN_NONE;
}

static inline void give_item(struct far *f, uint32_t i)
{
    f->item[i].next = f->free;
    f->free = i;
}

static bool tie_before(const struct far_tie *a, const struct far_tie *b)
{
    if (a->cause != b->cause)
        return a->cause < b->cause;
    if (a->rank != b->rank)
        return a->rank < b->rank;
    return (int32_t)(a->order - b->order) < 0;
}

static inline bool before(const struct far *f, uint32_t a, uint32_t b)
{
    synfin_time x = f->item[a].time, y = f->item[b].time;
    return x == y ? tie_before(&f->tie[a], &f->tie[b]) : x < y;
}

/* ---- Slots ------------------------------------------------------------------------------------------------------- */

static inline unsigned level_of(const struct far *f, synfin_time time)
{
    return (63u - (unsigned)__builtin_clzll((uint64_t)(time ^ f->base) | 1)) / FAR_DIGIT;
}

static inline uint32_t *slot_of(struct far *f, unsigned level, synfin_time time)
{
    unsigned slot = (unsigned)(time >> FAR_DIGIT * level) % FAR_SLOTS;
    f->levels |= 1u << level;
    f->slots[level] |= UINT64_C(1) << slot;
    return &f->slot[level][slot];
}

/* Into a slot of level 0: most often at its end or beginning. */
static __attribute__((noinline)) void put_lowest(struct far *f, uint32_t i)
{
    uint32_t *first = slot_of(f, 0, f->item[i].time), *last = &f->last[first - f->slot[0]];
    if (*first != SYNFIN_NONE && before(f, *last, i)) {
        f->item[i].next = SYNFIN_NONE;
        f->item[*last].next = i;
        *last = i;
        return;
    }
    uint32_t *at = first;
    while (*at != SYNFIN_NONE && before(f, *at, i))
        at = &f->item[*at].next;
    if (*at == SYNFIN_NONE)
        *last = i;
    f->item[i].next = *at;
    *at = i;
}

/* Its time is at least the base. */
static inline void put(struct far *f, uint32_t i)
{
    struct far_item *x = &f->item[i];
    unsigned level = level_of(f, x->time);
    if (level == 0) {
        put_lowest(f, i);
        return;
    }
    uint32_t *slot = slot_of(f, level, x->time);
    x->next = *slot;
    *slot = i;
}

/* The lowest slot with items of a level that has some. */
static inline uint32_t *lowest_slot(struct far *f, unsigned level)
{
    return &f->slot[level][__builtin_ctzll(f->slots[level])];
}

/* Empties it. */
static inline void empty_slot(struct far *f, unsigned level, uint32_t *slot)
{
    *slot = SYNFIN_NONE;
    f->slots[level] &= f->slots[level] - 1;
    if (!f->slots[level])
        f->levels &= ~(1u << level);
}

/* Puts an item and those behind it where they belong now. */
static void put_anew(struct far *f, uint32_t i)
{
    struct far_item *item = f->item;
    while (i != SYNFIN_NONE) {
        uint32_t next = item[i].next;
        if (item[i].what == SYNFIN_NONE)
            give_item(f, i);
        else
            put(f, i);
        i = next;
    }
}

/* Items that stood below the level of the difference now stand there. */
static void move_base_back(struct far *f, synfin_time time)
{
    unsigned level = level_of(f, time);
    f->base = time;
    for (unsigned l = 0; l < level; l++) {
        while (f->slots[l]) {
            uint32_t *slot = lowest_slot(f, l), i = *slot;
            empty_slot(f, l, slot);
            put_anew(f, i);
        }
    }
}

/* ---- The first --------------------------------------------------------------------------------------------------- */

static inline void set_first(struct far *f, uint32_t i)
{
    f->first = i;
    f->time = f->item[i].time;
}

/* Takes the first out of its slot. */
static void find_first(struct far *f)
{
    while (f->levels) {
        unsigned level = (unsigned)__builtin_ctz(f->levels);
        uint32_t *slot = lowest_slot(f, level), i = *slot, next = f->item[i].next;
        if (next == SYNFIN_NONE) {
            empty_slot(f, level, slot);
        } else if (level == 0) {
            *slot = next;
        } else {
            f->base = f->item[i].time >> FAR_DIGIT * level << FAR_DIGIT * level;
            empty_slot(f, level, slot);
            put_anew(f, i);
            continue;
        }
        if (f->item[i].what != SYNFIN_NONE) {
            set_first(f, i);
            return;
        }
        give_item(f, i);
    }
    f->first = SYNFIN_NONE;
    f->time = SYNFIN_NEVER;
}

uint32_t far_add(struct far *f, synfin_time time, synfin_time cause, uint64_t rank, uint32_t order, uint32_t what)
{
    uint32_t i = take_item(f), later = i;
    if (i == SYNFIN_NONE)
        return i;
    f->item[i] = (struct far_item){time, what, SYNFIN_NONE};
    f->tie[i] = (struct far_tie){cause, rank, order};
    if (f->first == SYNFIN_NONE || before(f, i, f->first)) {
        later = f->first;
        set_first(f, i);
    }
    if (later != SYNFIN_NONE) {
        if (f->item[later].time < f->base)
            move_base_back(f, f->time);
        put(f, later);
    }
    return i;
}

void far_drop(struct far *f)
{
    uint32_t i = f->first;
    find_first(f);
    give_item(f, i);
}

void far_cancel(struct far *f, uint32_t item)
{
    f->item[item].what = SYNFIN_NONE;
    if (item == f->first)
        far_drop(f);
}
