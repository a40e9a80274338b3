/* SPDX-License-Identifier: BSD-2-Clause */
#include "far.h"

#include <assert.h>
#include <stdlib.h>

static_assert(FAR_DIGIT * FAR_LEVELS >= 63, "all times have a level");

void far_init(struct far *f)
{
    *f = (struct far){.free = SYNFIN_NONE, .first = SYNFIN_NONE, .time = SYNFIN_NEVER};
}

void far_free(struct far *f)
{
    free(f->item);
    free(f->tie);
    free(f->last);
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
    if (!f->last)
        f->last = malloc(FAR_LEVELS * sizeof(*f->last));
    if (!item || !tie || !f->last)
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

/* Into the ring of a slot of level 0, whose items have one time and stand in order: most often at its end. */
static void put_in_order(struct far *f, uint32_t *last, uint32_t i)
{
    struct far_item *item = f->item;
    uint32_t at = *last;
    if (before(f, i, at)) {
        while (!before(f, i, item[at].next))
            at = item[at].next;
    } else {
        *last = i;
    }
    item[i].next = item[at].next;
    item[at].next = i;
}

/* Its time is at least the base. */
static inline void put(struct far *f, uint32_t i)
{
    struct far_item *x = &f->item[i];
    unsigned level = level_of(f, x->time), slot = (unsigned)(x->time >> FAR_DIGIT * level) % FAR_SLOTS;
    uint32_t *last = &f->last[level][slot];
    bool taken = f->slots[level] >> slot & 1;
    if (level == 0 && taken) {
        put_in_order(f, last, i);
        return;
    }
    f->levels |= 1u << level;
    f->slots[level] |= UINT64_C(1) << slot;
    struct far_item *end = taken ? &f->item[*last] : x;
    x->next = i;
    x->next = end->next;
    end->next = i;
    *last = i;
}

static inline void empty_slot(struct far *f, unsigned level, unsigned slot)
{
    f->slots[level] &= ~(UINT64_C(1) << slot);
    if (!f->slots[level])
        f->levels &= ~(1u << level);
}

/* Puts the items of a slot where they belong now. */
static void put_anew(struct far *f, unsigned level, unsigned slot)
{
    uint32_t last = f->last[level][slot], i = f->item[last].next, next;
    empty_slot(f, level, slot);
    for (f->item[last].next = SYNFIN_NONE; i != SYNFIN_NONE; i = next) {
        next = f->item[i].next;
        if (f->item[i].what == SYNFIN_NONE)
            give_item(f, i);
        else
            put(f, i);
    }
}

/* Items that stood below the level of the difference now stand there. */
static void move_base_back(struct far *f, synfin_time time)
{
    unsigned level = level_of(f, time);
    f->base = time;
    for (unsigned l = 0; l < level; l++) {
        while (f->slots[l])
            put_anew(f, l, (unsigned)__builtin_ctzll(f->slots[l]));
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
        unsigned level = (unsigned)__builtin_ctz(f->levels), slot = (unsigned)__builtin_ctzll(f->slots[level]);
        uint32_t last = f->last[level][slot], i = f->item[last].next;
        if (level > 0 && i != last) {
            f->base = f->item[i].time >> FAR_DIGIT * level << FAR_DIGIT * level;
            put_anew(f, level, slot);
            continue;
        }
        if (i == last)
            empty_slot(f, level, slot);
        f->item[last].next = f->item[i].next;
        if (f->item[i].what != SYNFIN_NONE) {
            set_first(f, i);
            return;
        }
        give_item(f, i);
    }
    f->first = SYNFIN_NONE;
    f->time = SYNFIN_NEVER;
}

uint32_t far_add(struct far *f, synfin_time time, struct far_tie tie, uint32_t what)
{
    uint32_t i = take_item(f), later = i;
    if (i == SYNFIN_NONE)
        return i;
    f->item[i] = (struct far_item){time, what, SYNFIN_NONE};
    f->tie[i] = tie;
    if (f->first == SYNFIN_NONE || before(f, i, f->first)) {
        later = f->first;
        set_first(f, i);
    }
    if (later != SYNFIN_NONE) {
        if (f->item[later].time < f->base || !f->levels)
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
