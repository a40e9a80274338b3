/* SPDX-License-Identifier: BSD-2-Clause */
#include "schedule.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

/* Which of two heads of one time comes first; their lanes know the rest of their keys. */
__attribute__((noinline)) static bool tie_before(const struct lane_head *a, const struct lane_head *b)
{
    const struct lane *x = a->lane, *y = b->lane;
    if (a->key.cause != b->key.cause)
        return a->key.cause < b->key.cause;
    if (x->rank != y->rank)
        return x->rank < y->rank;
    if (x->rank >= RANK_SEGMENT)
        return y->kind == LANE_FAR; /* segments in a lane have no order among those in the far queue */
    return (int32_t)(x->order - y->order) < 0; /* orders of one instant lie close together, wrapped or not */
}

static inline bool head_before(const struct lane_head *a, const struct lane_head *b)
{
    return a->key.time != b->key.time ? a->key.time < b->key.time : tie_before(a, b);
}

/* ---- The heap of heads ------------------------------------------------------------------------------------------- */

static inline void place(struct schedule *s, uint32_t at, struct lane_head h)
{
    s->heap[at] = h;
    h.lane->heap_at = at;
}

static void sift_up(struct schedule *s, uint32_t at, struct lane_head h)
{
    if (h.key.time < s->limit)
        s->limit = h.key.time;
    while (at > 0) {
        uint32_t up = (at - 1) / 2;
        if (!head_before(&h, &s->heap[up]))
            break;
        place(s, at, s->heap[up]);
        at = up;
    }
    place(s, at, h);
}

/* The first of those below a place; 0: there is none. */
static inline uint32_t first_below(const struct schedule *s, uint32_t at)
{
    uint32_t down = 2 * at + 1;
    if (down >= s->heads)
        return 0;
    return down + 1 < s->heads && head_before(&s->heap[down + 1], &s->heap[down]) ? down + 1 : down;
}

/* The head at a place has become later: those that come before it move up. */
static inline void sift_down(struct schedule *s, uint32_t at)
{
    struct lane_head h = s->heap[at];
    uint32_t down = first_below(s, at);
    if (!down || !head_before(&s->heap[down], &h))
        return;
    do {
        place(s, at, s->heap[down]);
        at = down;
        down = first_below(s, at);
    } while (down && head_before(&s->heap[down], &h));
    place(s, at, h);
}

static bool add_head(struct schedule *s, struct lane_head h)
{
    if (s->heads == s->room) {
        uint32_t room = s->room ? 2 * s->room : 16;
        struct lane_head *heap = realloc(s->heap, room * sizeof(*heap));
        if (!heap) {
            s->no_memory = true;
            return false;
        }
        s->heap = heap;
        s->room = room;
    }
    sift_up(s, s->heads++, h);
    return true;
}

static void remove_head(struct schedule *s, uint32_t at)
{
    struct lane_head last = s->heap[--s->heads];
    s->heap[at].lane->heap_at = SYNFIN_NONE;
    if (at == s->heads)
        return;
    if (at > 0 && head_before(&last, &s->heap[(at - 1) / 2])) {
        sift_up(s, at, last);
    } else {
        place(s, at, last);
        sift_down(s, at);
    }
}

/* Whether a head of this key, rank and order comes before the one by which the lane stands in the heap. */
static bool comes_nearer(const struct lane_head *stands, struct schedule_key key, uint64_t rank, uint32_t order)
{
    const struct lane *l = stands->lane;
    if (key.time != stands->key.time)
        return key.time < stands->key.time;
    if (key.cause != stands->key.cause)
        return key.cause < stands->key.cause;
    return rank != l->rank ? rank < l->rank : (int32_t)(order - l->order) < 0;
}

/* The lane has a head with this key. Where it stands in the heap already, by that of one that is gone or comes later,
   and is not before it, it stays: it is looked at when it comes to the top. Whether it moved. */
static bool head_nearer(struct schedule *s, struct lane *l, struct schedule_key key, uint64_t rank, uint32_t order)
{
    uint32_t at = l->heap_at;
    if (at != SYNFIN_NONE && !comes_nearer(&s->heap[at], key, rank, order))
        return false;
    l->rank = rank;
    l->order = order;
    if (at == SYNFIN_NONE)
        return add_head(s, (struct lane_head){key, l});
    sift_up(s, at, (struct lane_head){key, l});
    return true;
}

/* ---- Lanes ------------------------------------------------------------------------------------------------------- */

void lane_init(struct lane *l, struct synfin_memory *memory, uint8_t kind, uint16_t stride, uint64_t rank)
{
    *l = (struct lane){.memory = memory,
                       .stride = stride,
                       .heap_at = SYNFIN_NONE,
                       .kind = kind,
                       .rank = rank,
                       .last = {INT64_MIN, INT64_MIN}};
}

void lane_free(struct lane *l)
{
    size_t used = (size_t)(l->tail < l->room ? l->tail : l->room) * l->stride;
    if (l->ring)
        memory_free(l->memory, l->ring, (size_t)l->room * l->stride, used > l->touched ? used : l->touched);
    l->ring = NULL;
}

/* Doubles the ring at least. Positions keep their meaning: of those beyond the old one's end the slots change. */
static bool lane_grow(struct lane *l)
{
    uint32_t old = l->room, room = old ? 2 * old : 64;
    struct memory_block block = {l->ring, (size_t)old * l->stride, l->touched};
    if (room > UINT32_C(1) << 28 || !memory_enlarge(l->memory, &block, (size_t)room * l->stride))
        return false;
    l->ring = block.at;
    l->room = (uint32_t)(block.size / l->stride);
    l->mask = l->room - 1;
    l->touched = block.touched;
    for (uint32_t p = l->head; p != l->tail; p++) {
        unsigned char *from = l->ring + (size_t)(p & (old - 1)) * l->stride, *to = lane_at(l, p);
        if (to != from)
            memcpy(to, from, l->stride);
    }
    return true;
}

static inline bool buried(uint8_t kind, const void *entry)
{
    return kind == LANE_TIMER ? ((const struct timer_entry *)entry)->what == SYNFIN_NONE
                              : ((const struct synfin_time_wait *)entry)->sender.state == 0;
}

/* Compiled apart for each kind. */
static inline __attribute__((always_inline)) void trim(struct lane *l, uint8_t kind)
{
    uint32_t head = l->head, end = head + l->buried, mask = l->mask;
    const unsigned char *ring = l->ring;
    size_t stride = l->stride;
    while (head != end && buried(kind, ring + (head & mask) * stride))
        head++;
    l->head = head;
    l->buried = end - head;
}

void lane_trim(struct lane *l)
{
    if (l->kind == LANE_TIMER)
        trim(l, LANE_TIMER);
    else
        trim(l, LANE_TIME_WAIT);
}

void *lane_grown(struct lane *l)
{
    lane_clean(l); /* it may have room after all */
    return l->tail - l->head < l->room || lane_grow(l) ? lane_at(l, l->tail) : NULL;
}

/* The lane at the top is not empty, and its head is another than the heap knows. */
static inline void key_top(struct schedule *s, struct lane *l)
{
    const void *entry = lane_at(l, l->head);
    const struct timer_entry *timer = entry;
    const struct schedule_key *key = entry;
    struct schedule_key *top = &s->heap[0].key;
    l->keyed = l->head;
    top->time = key->time;
    if (l->kind == LANE_TIMER) {
        top->cause = l->exact ? timer->time - l->duration : timer->cause;
        l->order = timer->order;
    } else {
        top->cause = key->cause;
    }
}

bool schedule_first(struct schedule *s, struct lane *l, uint32_t order)
{
    if (head_nearer(s, l, l->last, l->rank, order))
        l->keyed = l->head;
    else if (l->heap_at == SYNFIN_NONE)
        l->tail--;
    return l->heap_at == 0 || s->no_memory;
}

void schedule_leave(struct schedule *s, struct lane *l)
{
    assert(lane_empty(l));
    if (l->heap_at != SYNFIN_NONE)
        remove_head(s, l->heap_at);
}

/* The far queue's head is at the top and no longer what its key says. */
static void key_far(struct schedule *s);

const struct lane_head *schedule_next(struct schedule *s)
{
    while (s->heads) {
        struct lane *l = s->heap[0].lane;
        lane_clean(l);
        if (l->kind == LANE_FAR ? !s->far_stale : l->keyed == l->head && !lane_empty(l))
            return &s->heap[0];
        if (l->kind == LANE_FAR ? s->far.time == SYNFIN_NEVER : lane_empty(l)) {
            remove_head(s, 0);
            continue;
        }
        if (l->kind == LANE_FAR)
            key_far(s);
        else
            key_top(s, l);
        sift_down(s, 0);
    }
    return NULL;
}

/* ---- Lanes by rank ----------------------------------------------------------------------------------------------- */

static struct lane **lane_set_probe(struct lane **slot, uint32_t mask, uint64_t rank)
{
    uint32_t i = (uint32_t)((rank * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & mask;
    while (slot[i] && slot[i]->rank != rank)
        i = (i + 1) & mask;
    return &slot[i];
}

static bool lane_set_grow(struct lane_set *set)
{
    uint32_t room = set->slot ? 2 * (set->mask + 1) : 4;
    struct lane **slot = calloc(room, sizeof(struct lane *));
    if (!slot)
        return false;
    for (uint32_t i = 0; set->slot && i <= set->mask; i++) {
        if (set->slot[i])
            *lane_set_probe(slot, room - 1, set->slot[i]->rank) = set->slot[i];
    }
    free(set->slot);
    set->slot = slot;
    set->mask = room - 1;
    return true;
}

struct lane *lane_set_find(struct lane_set *set, uint64_t rank, uint16_t stride)
{
    if ((!set->slot || 2 * (set->lanes + 1) > set->mask + 1) && !lane_set_grow(set))
        return NULL;
    struct lane **at = lane_set_probe(set->slot, set->mask, rank);
    if (!*at) {
        *at = malloc(sizeof(struct lane));
        if (!*at)
            return NULL;
        lane_init(*at, set->memory, LANE_SEGMENT, stride, rank);
        set->lanes++;
    }
    return set->last = *at;
}

void lane_set_free(struct lane_set *set)
{
    for (uint32_t i = 0; set->slot && i <= set->mask; i++) {
        if (set->slot[i]) {
            lane_free(set->slot[i]);
            free(set->slot[i]);
        }
    }
    free(set->slot);
}

/* ---- Events that no lane takes ----------------------------------------------------------------------------------- */

static void key_far(struct schedule *s)
{
    const struct far_event *first = far_first(&s->far);
    s->far_stale = false;
    s->far_lane.rank = first->rank;
    s->far_lane.order = first->order;
    s->heap[0].key = first->key;
}

bool schedule_far_nearer(struct schedule *s)
{
    s->no_memory |= s->far.no_memory;
    if (s->no_memory)
        return true;
    const struct far_event *first = far_first(&s->far);
    if (!head_nearer(s, &s->far_lane, first->key, first->rank, first->order))
        return s->no_memory;
    s->far_stale = false;
    return s->far_lane.heap_at == 0;
}

uint32_t schedule_far_timer(struct schedule *s, const void *entry, size_t size, uint64_t rank, uint32_t order)
{
    struct far_event *e = far_take(&s->far);
    if (!e)
        return SYNFIN_NONE;
    assert(size <= FAR_ENTRY);
    e->name |= FAR_TIMER;
    memcpy(far_entry(e), entry, size);
    schedule_far_add(s, e, rank, order);
    return s->no_memory ? SYNFIN_NONE : far_index(e); /* what may be lost is not to be cancelled */
}

void schedule_far_cancel(struct schedule *s, uint32_t number)
{
    struct far_event *e = far_event_at(&s->far, number);
    s->far_stale |= e == far_first(&s->far);
    far_cancel(&s->far, e);
}

bool schedule_segment(struct schedule *s, struct lane_set *set, uint64_t rank, const void *entry, uint16_t size)
{
    const struct schedule_key *key = entry;
    struct lane *l = lane_set_get(set, rank, size);
    if (l && lane_takes(l, key->time, key->cause)) {
        void *to = lane_append(l);
        if (to) {
            memcpy(to, entry, size);
            return schedule_added(s, l, key->time, key->cause, 0);
        }
    } else if (l) {
        void *to = schedule_far_place(s);
        if (to) {
            assert(size <= FAR_ENTRY);
            memcpy(to, entry, size);
            return schedule_far_segment(s, to, rank);
        }
    }
    s->no_memory = true;
    return true;
}

/* ------------------------------------------------------------------------------------------------------------------ */

void schedule_init(struct schedule *s, struct synfin_memory *memory)
{
    *s = (struct schedule){.limit = SYNFIN_NEVER};
    lane_init(&s->far_lane, memory, LANE_FAR, 0, RANK_TIMER);
    far_init(&s->far, memory);
}

void schedule_free(struct schedule *s)
{
    free(s->heap);
    far_free(&s->far);
}
