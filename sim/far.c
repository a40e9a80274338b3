/* SPDX-License-Identifier: BSD-2-Clause */
#include "far.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Up to FEW are made ready, and the others of their slot, unless it has more than SLOT_FEW. */
enum { FEW = 16, SLOT_FEW = 8 };
static_assert(FEW - 1 + SLOT_FEW <= FAR_READY, "there is room for them");

/* The ring takes nothing for its last WORD slots, so that where it begins no word has slots of its end. */
enum { WORD = 64, FIRST_SLOTS = 1024, MOST_SLOTS = 1 << 24, FIRST_SHIFT = 14, MOST_SHIFT = 36 };

void far_init(struct far *f, struct synfin_memory *memory)
{
    *f = (struct far){.time = SYNFIN_NEVER, .shift = FIRST_SHIFT};
    pool_init(&f->pool, memory, FAR_EVENT, FAR_EVENT);
}

void far_free(struct far *f)
{
    free(f->slot);
    free(f->taken);
    free(f->later);
    pool_free(&f->pool);
}

struct far_event *far_take_new(struct far *f)
{
    uint32_t i = pool_take_thing(&f->pool, FAR_EVENT);
    if (i > UINT32_MAX >> FAR_NAME_BITS) /* SYNFIN_NONE too */
        return NULL;
    struct far_event *e = far_event_at(f, i);
    e->name = i << FAR_NAME_BITS;
    return e;
}

static bool tie_before(const struct far_event *a, const struct far_event *b)
{
    if (a->key.cause != b->key.cause)
        return a->key.cause < b->key.cause;
    if (a->rank != b->rank)
        return a->rank < b->rank;
    return (int32_t)(a->order - b->order) < 0;
}

static inline bool before(const struct far_event *a, const struct far_event *b)
{
    return a->key.time != b->key.time ? a->key.time < b->key.time : tie_before(a, b);
}

/* ---- The heap ---------------------------------------------------------------------------------------------------- */

static inline bool later_before(const struct far_later *a, const struct far_later *b)
{
    return a->time != b->time ? a->time < b->time : tie_before(a->event, b->event);
}

/* Without memory it is lost. */
static void push(struct far *f, struct far_event *e)
{
    if (f->laters == f->room) {
        uint32_t room = f->room ? 2 * f->room : 64;
        struct far_later *later = realloc(f->later, room * sizeof(*later));
        if (!later) {
            f->no_memory = true;
            return;
        }
        f->later = later;
        f->room = room;
    }
    struct far_later x = {e->key.time, e};
    uint32_t at = f->laters++;
    for (; at > 0 && later_before(&x, &f->later[(at - 1) / 2]); at = (at - 1) / 2)
        f->later[at] = f->later[(at - 1) / 2];
    f->later[at] = x;
}

static struct far_event *pop(struct far *f)
{
    struct far_event *first = f->later[0].event;
    struct far_later last = f->later[--f->laters];
    uint32_t at = 0, down;
    while ((down = 2 * at + 1) < f->laters) {
        down += down + 1 < f->laters && later_before(&f->later[down + 1], &f->later[down]);
        if (!later_before(&f->later[down], &last))
            break;
        f->later[at] = f->later[down];
        at = down;
    }
    f->later[at] = last;
    return first;
}

/* Whether the heap has an event that is due before the ring begins. */
static inline bool has_early(const struct far *f)
{
    return f->laters && (uint64_t)f->later[0].time < f->begin;
}

/* ---- Ready ------------------------------------------------------------------------------------------------------- */

/* From behind the others, which begin at `first`, up to where it belongs. */
static inline void insert(struct far_event **ready, uint32_t first, uint32_t at, struct far_event *e)
{
    for (; at > first && before(e, ready[at - 1]); at--)
        ready[at] = ready[at - 1];
    ready[at] = e;
}

/* One that comes before the last of those ready. If these are too many, the last goes into the heap. */
static void make_ready(struct far *f, struct far_event *e)
{
    if (f->end == FAR_READY && f->first == 0)
        push(f, f->ready[--f->end]);
    if (f->end == FAR_READY) {
        memmove(f->ready, f->ready + f->first, (f->end - f->first) * sizeof(*f->ready));
        f->end -= f->first;
        f->first = 0;
    }
    insert(f->ready, f->first, f->end++, e);
}

/* ---- The ring ---------------------------------------------------------------------------------------------------- */

static inline uintptr_t *slot_word(const struct far *f, uint64_t time)
{
    return &f->slot[(time >> f->shift) & (f->slots - 1) & -(uint64_t)WORD];
}

/* It begins with the first slot after an instant. */
static void begin_after(struct far *f, synfin_time time)
{
    f->begin = (((uint64_t)time >> f->shift) + 1) << f->shift;
    f->span = (uint64_t)(f->slots - WORD) << f->shift;
}

static inline struct far_event *event_of(uintptr_t slot)
{
    return (struct far_event *)(slot & ~(uintptr_t)1);
}

/* What is behind the first of a slot. */
static inline uintptr_t behind(uintptr_t slot)
{
    return slot & 1 ? event_of(slot)->next : 0;
}

/* How many events are in a slot. */
static uint32_t count_slot(uintptr_t slot)
{
    uint32_t n = 0;
    for (; slot; slot = behind(slot))
        n++;
    return n;
}

static uint32_t count_ring(const struct far *f)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < f->slots; i++)
        n += count_slot(f->slot[i]);
    return n;
}

/* Takes the events of a slot out. They stand before `all`, linked as those of a slot. */
static uintptr_t empty_slot(struct far *f, uint32_t slot, uintptr_t all)
{
    for (uintptr_t x = f->slot[slot], next; x; x = next) {
        next = behind(x);
        event_of(x)->next = all;
        all = (uintptr_t)event_of(x) + (all != 0);
        f->moved++;
    }
    f->slot[slot] = 0;
    return all;
}

/* Takes all out. */
static uintptr_t empty_ring(struct far *f)
{
    uintptr_t all = 0;
    f->moved = 0;
    for (uint32_t word = 0; word < f->slots / WORD; word++) {
        for (uint64_t taken = f->taken[word]; taken; taken &= taken - 1)
            all = empty_slot(f, word * WORD + (uint32_t)__builtin_ctzll(taken), all);
        f->taken[word] = 0;
    }
    return all;
}

/* Where there is no memory for so many, those that are there remain. */
static void make_slots(struct far *f, uint32_t slots)
{
    uintptr_t *slot = calloc(slots, sizeof(*slot));
    uint64_t *taken = calloc(slots / WORD, sizeof(*taken));
    if (slot && taken) {
        free(f->slot);
        free(f->taken);
        f->slot = slot;
        f->taken = taken;
        f->slots = slots;
    } else {
        free(slot);
        free(taken);
    }
}

/* It begins anew after what is ready. */
static void remake(struct far *f, unsigned shift, uint32_t slots)
{
    uintptr_t all = empty_ring(f);
    if (slots != f->slots)
        make_slots(f, slots);
    f->shift = shift;
    f->early = 0;
    begin_after(f, f->ready[f->end - 1]->key.time);
    for (uintptr_t next; all; all = next) {
        struct far_event *e = event_of(all);
        next = behind(all);
        if (far_takes(f, e->key.time))
            far_put(f, e);
        else
            push(f, e);
    }
}

/* An event that slots of twice their width would have taken says as much of them as so many that are further ahead. */
enum { BEYOND = 4 };

/* Once slots were too narrow they stay as wide as they are then for so many looks. */
enum { PATIENCE = 16 };

/* Makes slots narrower: more of them, up to eight for an event, or else, if that may be, for less time. */
static void make_narrower(struct far *f)
{
    uint32_t slots = f->slots, events = count_ring(f);
    unsigned shift = f->shift;
    for (; shift > 0 && slots / 4 < events && slots < MOST_SLOTS; shift--)
        slots *= 2;
    if (slots > f->slots)
        remake(f, shift, slots);
    else if (f->patience > 0)
        f->patience--;
    else if (shift > 0)
        remake(f, shift - 1, slots);
}

/* Makes them wider: for more time, or fewer where there are many for an event. */
static void make_wider(struct far *f)
{
    f->patience = PATIENCE;
    remake(f, f->shift + 1, f->slots > FIRST_SLOTS && f->slots / 16 > f->moved ? f->slots / 2 : f->slots);
}

static void look_anew(struct far *f)
{
    f->made_ready = f->wide = f->narrow = 0;
}

/* Looks whether slots should be others. */
static void adapt(struct far *f)
{
    uint32_t few = f->made_ready / 8;
    if (f->narrow > 2 * few && 2 * f->narrow > f->wide && f->shift < MOST_SHIFT)
        make_wider(f);
    else if (f->wide > few)
        make_narrower(f);
    look_anew(f);
}

/* Whether about as much has been done since the last look as it takes to make the slots anew: what was not there when
   they were last made has been added meanwhile. */
static inline bool is_due(const struct far *f)
{
    uint64_t done = (uint64_t)f->made_ready + f->narrow;
    return done > f->slots && done > f->moved;
}

/* ---- Adding ------------------------------------------------------------------------------------------------------ */

/* There is nothing yet. */
static bool add_first(struct far *f, struct far_event *e)
{
    if (f->slots == 0) {
        make_slots(f, FIRST_SLOTS);
        f->no_memory |= f->slots == 0;
        if (f->no_memory)
            return true;
    }
    f->ready[0] = e;
    f->first = 0;
    f->end = 1;
    f->time = e->key.time;
    begin_after(f, f->time);
    return true;
}

/* One that comes before the ring and behind all that are ready. Where many such come while the ring begins far ahead,
   behind one that was alone, it begins anew. */
static void add_early(struct far *f, struct far_event *e)
{
    uint64_t ahead = f->begin - (uint64_t)f->ready[f->end - 1]->key.time;
    push(f, e);
    if (ahead >> f->shift < WORD)
        f->wide++;
    else if (++f->early > f->slots / WORD && f->early > f->moved)
        remake(f, f->shift, f->slots);
}

static void add_late(struct far *f, struct far_event *e)
{
    f->narrow += (uint64_t)e->key.time - f->begin < 2 * f->span ? BEYOND : 1;
    push(f, e);
    if (is_due(f))
        adapt(f);
}

bool far_add_rare(struct far *f, struct far_event *e)
{
    if (f->span == 0)
        return add_first(f, e);
    bool early = (uint64_t)e->key.time < f->begin;
    if (early)
        f->few = f->few / 2 + 1;
    if (early && before(e, f->ready[f->end - 1])) {
        make_ready(f, e);
        f->time = far_first(f)->key.time;
        return far_first(f) == e || f->no_memory;
    }
    if (early)
        add_early(f, e);
    else
        add_late(f, e);
    return f->no_memory;
}

/* ---- The next ---------------------------------------------------------------------------------------------------- */

static inline void fetch(struct far_event *e)
{
    __builtin_prefetch(e, 1);
    __builtin_prefetch((char *)e + 64, 1);
}

/* Of a slot with too many: those not made ready, and then those that are, from `end` on. */
__attribute__((cold, noinline)) static void push_several(struct far *f, uint32_t end, uint32_t ready, uintptr_t slot)
{
    for (uintptr_t next; slot; slot = next) {
        next = behind(slot);
        push(f, event_of(slot));
        f->wide++;
    }
    while (ready > end)
        push(f, f->ready[--ready]);
}

/* Makes what is in a slot with several ready. Where they end then: if they are too many, they are in the heap. */
__attribute__((noinline)) static uint32_t take_several(struct far *f, uint32_t end, uintptr_t slot)
{
    uint32_t ready = end;
    for (; slot && ready < end + SLOT_FEW; slot = behind(slot))
        insert(f->ready, end, ready++, event_of(slot));
    f->wide += ready - end - 1;
    if (!slot)
        return ready;
    push_several(f, end, ready, slot);
    return end;
}

/* Makes what is in some slots of the ring's first word ready: of none, if the first has too many. */
static inline void take_slots(struct far *f, uint64_t *word)
{
    uintptr_t *at = slot_word(f, f->begin);
    uint64_t taken = *word;
    uint32_t end = 0, few = f->few;
    size_t slot;
    do {
        slot = (size_t)__builtin_ctzll(taken);
        taken &= taken - 1;
        uintptr_t x = at[slot];
        at[slot] = 0;
        if (x & 1) {
            uint32_t several = take_several(f, end, x);
            if (several == end)
                break;
            end = several;
        } else {
            f->ready[end++] = event_of(x);
            fetch(event_of(x));
        }
    } while (taken && end < few);
    f->end = end;
    *word = taken;
    f->begin = (f->begin & -((uint64_t)WORD << f->shift)) + ((uint64_t)(slot + 1) << f->shift);
}

/* Makes the first of the heap ready that come before the ring. */
static void take_early(struct far *f)
{
    do
        f->ready[f->end++] = pop(f);
    while (f->end < f->few && has_early(f));
}

/* Some of the heap may come before the last of those ready from the ring. */
static void merge_early(struct far *f)
{
    while (f->laters && before(f->later[0].event, f->ready[f->end - 1]))
        make_ready(f, pop(f));
}

/* Where the search for an event in the ring ends, in words from instant 0 on: it has none there, or the heap has one
   before. */
static inline uint64_t last_word(const struct far *f, uint64_t first)
{
    uint64_t end = first + f->slots / WORD;
    uint64_t later = f->laters ? ((uint64_t)f->later[0].time >> f->shift) / WORD + 1 : end;
    return later < end ? later : end;
}

/* The ring's first word is empty: it begins with the next that is not. NULL: the heap has some that comes before, or
   there is nothing at all. */
static uint64_t *find_further(struct far *f, uint64_t first)
{
    uint64_t word = first + 1, end = last_word(f, first), mask = f->slots / WORD - 1;
    while (word < end && !f->taken[word & mask])
        word++;
    if (word == end && !f->laters)
        return NULL;
    f->narrow += (uint32_t)(word - first - 1);
    if (word == first + f->slots / WORD)
        begin_after(f, f->later[0].time);
    else
        f->begin = word * WORD << f->shift;
    return word < end ? &f->taken[word & mask] : NULL;
}

/* Nothing is ready: finds where the ring's first event is. NULL: the heap has some that comes before. */
static inline uint64_t *find_word(struct far *f)
{
    uint64_t first = (f->begin >> f->shift) / WORD;
    uint64_t *word = &f->taken[first & (f->slots / WORD - 1)];
    if (has_early(f))
        return NULL;
    return *word ? word : find_further(f, first);
}

/* There is nothing any more. To find that out took a look at all slots: fewer will do where that is most of the
   work. */
static void make_empty(struct far *f)
{
    f->time = SYNFIN_NEVER;
    f->span = 0;
    if (f->slots == FIRST_SLOTS)
        return;
    f->narrow += f->slots / WORD;
    if (is_due(f) && f->narrow / 2 > f->made_ready) {
        make_slots(f, f->slots / 2);
        look_anew(f);
    }
}

/* Nothing is ready: makes the next so. */
static void find_next(struct far *f)
{
    f->first = f->end = 0;
    f->few += f->few < FEW;
    while (f->end == 0) {
        uint64_t *word = find_word(f);
        if (word) {
            take_slots(f, word);
        } else if (f->laters) {
            take_early(f);
        } else {
            make_empty(f);
            return;
        }
    }
    if (has_early(f))
        merge_early(f);
    f->time = f->ready[0]->key.time;
    f->made_ready += f->end;
    if (is_due(f))
        adapt(f);
}

/* Removes the first. The next may be cancelled. */
static inline void next_ready(struct far *f)
{
    if (++f->first == f->end)
        find_next(f);
    else
        f->time = far_first(f)->key.time;
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
    if (f->time != SYNFIN_NEVER && e == far_first(f)) { /* it may have been lost */
        far_drop(f);
        far_give(f, e);
    }
}
