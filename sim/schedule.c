/* SPDX-License-Identifier: BSD-2-Clause */
#include "schedule.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

/* Orders are those of one instant: however often the counter has wrapped, they lie close together. */
static inline bool key_before(const struct schedule_key *a, uint64_t a_rank, uint32_t a_order,
                              const struct schedule_key *b, uint64_t b_rank, uint32_t b_order)
{
    if (a->time != b->time)
        return a->time < b->time;
    if (a->cause != b->cause)
        return a->cause < b->cause;
    if (a_rank != b_rank)
        return a_rank < b_rank;
    return (int32_t)(a_order - b_order) < 0;
}

/* The same of two of one time. */
__attribute__((noinline)) static bool tie_before(const struct lane_head *a, const struct lane_head *b)
{
    if (!a->lane != !b->lane && a->rank >= RANK_SEGMENT && a->rank == b->rank && a->key.cause == b->key.cause)
        return a->lane != NULL; /* segments in a lane have no order among those in the far heap */
    return key_before(&a->key, a->rank, a->order, &b->key, b->rank, b->order);
}

static inline bool head_before(const struct lane_head *a, const struct lane_head *b)
{
    return a->key.time != b->key.time ? a->key.time < b->key.time : tie_before(a, b);
}

/* ---- The heap of heads ------------------------------------------------------------------------------------------- */

static inline void place(struct schedule *s, uint32_t at, const struct lane_head *h)
{
    s->heap[at] = *h;
    if (h->lane)
        h->lane->heap_at = at;
    else
        s->far_head = at;
}

static void sift_up(struct schedule *s, uint32_t at, struct lane_head h)
{
    if (h.key.time < s->limit)
        s->limit = h.key.time;
    while (at > 0) {
        uint32_t up = (at - 1) / 2;
        if (!head_before(&h, &s->heap[up]))
            break;
        place(s, at, &s->heap[up]);
        at = up;
    }
    place(s, at, &h);
}

static void sift_down(struct schedule *s, uint32_t at, struct lane_head h)
{
    for (;;) {
        uint32_t down = 2 * at + 1;
        if (down >= s->heads)
            break;
        if (down + 1 < s->heads && head_before(&s->heap[down + 1], &s->heap[down]))
            down++;
        if (!head_before(&s->heap[down], &h))
            break;
        place(s, at, &s->heap[down]);
        at = down;
    }
    place(s, at, &h);
}

/* The head at a place has become later; most often it stays where it is. */
static void head_later(struct schedule *s, uint32_t at, struct lane_head h)
{
    uint32_t down = 2 * at + 1;
    if ((down < s->heads && head_before(&s->heap[down], &h)) || (down + 1 < s->heads && head_before(&s->heap[down + 1], &h)))
        sift_down(s, at, h);
    else
        s->heap[at] = h;
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
    struct lane_head *gone = &s->heap[at], last = s->heap[--s->heads];
    if (gone->lane)
        gone->lane->heap_at = SYNFIN_NONE;
    else
        s->far_head = SYNFIN_NONE;
    if (at == s->heads)
        return;
    if (at > 0 && head_before(&last, &s->heap[(at - 1) / 2]))
        sift_up(s, at, last);
    else
        sift_down(s, at, last);
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
    uint32_t used = l->tail < l->room ? l->tail : l->room;
    if (l->ring)
        memory_free(l->memory, l->ring, (size_t)l->room * l->stride, (size_t)used * l->stride);
    l->ring = NULL;
}

/* Doubles the ring. Positions keep their meaning: of those in the other half of the new one the slots change. */
static bool lane_grow(struct lane *l)
{
    uint32_t old = l->room, room = old ? 2 * old : 64;
    if (room > UINT32_C(1) << 28)
        return false;
    unsigned char *ring = memory_enlarge(l->memory, l->ring, (size_t)old * l->stride, (size_t)room * l->stride);
    if (!ring)
        return false;
    l->ring = ring;
    l->room = room;
    for (uint32_t p = l->head; p != l->tail; p++) {
        if (p & old)
            memcpy(lane_at(l, p), ring + (size_t)(p & (old - 1)) * l->stride, l->stride);
    }
    return true;
}

void *lane_grown(struct lane *l)
{
    return lane_grow(l) ? lane_at(l, l->tail) : NULL;
}

static bool buried(const struct lane *l, const void *entry)
{
    return l->kind == LANE_TIMER ? ((const struct timer_entry *)entry)->what == SYNFIN_NONE
                                 : ((const struct synfin_time_wait *)entry)->sender.state == 0;
}

void lane_trim(struct lane *l)
{
    while (!lane_empty(l) && buried(l, lane_at(l, l->head)))
        l->head++;
}

/* The head of a lane that is not empty. */
static struct lane_head head_of(struct lane *l)
{
    const void *entry = lane_at(l, l->head);
    const struct timer_entry *timer = entry;
    const struct schedule_key *key = entry;
    l->keyed = l->head;
    if (l->kind != LANE_TIMER)
        return (struct lane_head){*key, l->rank, 0, l};
    synfin_time cause = l->exact ? timer->time - l->duration : timer->cause;
    return (struct lane_head){{timer->time, cause}, l->rank, timer->order, l};
}

bool schedule_first(struct schedule *s, struct lane *l, uint32_t order)
{
    struct lane_head h = {l->last, l->rank, order, l};
    if (l->heap_at == SYNFIN_NONE) {
        l->keyed = l->head;
        if (!add_head(s, h))
            l->tail--;
    } else if (head_before(&h, &s->heap[l->heap_at])) {
        l->keyed = l->head;
        sift_up(s, l->heap_at, h);
    }
    return l->heap_at == 0 || s->no_memory;
}

void schedule_leave(struct schedule *s, struct lane *l)
{
    assert(lane_empty(l));
    if (l->heap_at != SYNFIN_NONE)
        remove_head(s, l->heap_at);
}

/* The far heap's head is the first and no longer what its key says. */
static void far_refresh(struct schedule *s);

const struct lane_head *schedule_next(struct schedule *s)
{
    while (s->heads) {
        struct lane *l = s->heap[0].lane;
        if (l ? l->keyed == l->head && !lane_empty(l) : !s->far_stale)
            return &s->heap[0];
        if (!l)
            far_refresh(s);
        else if (lane_empty(l))
            remove_head(s, 0);
        else
            head_later(s, 0, head_of(l));
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

/* ---- Events that no lane takes ------------------------------------------------------------------------------------ */

/* What stands in the far heap for an entry: its index in the pool of its kind, and the kind. */
static inline uint32_t far_what(uint8_t kind, uint32_t index)
{
    assert(kind == LANE_TIMER || kind == LANE_SEGMENT);
    return 2 * index + (kind == LANE_SEGMENT);
}

static inline struct lane_head far_head(const struct schedule *s)
{
    const struct far_tie *tie = &s->far.tie[s->far.first];
    return (struct lane_head){{s->far.time, tie->cause}, tie->rank, tie->order, NULL};
}

static void far_refresh(struct schedule *s)
{
    s->far_stale = false;
    if (s->far.first != SYNFIN_NONE)
        head_later(s, 0, far_head(s));
    else
        remove_head(s, 0);
}

/* What has been added is the first. Whether it is the next event of all. */
static bool far_nearer(struct schedule *s)
{
    struct lane_head h = far_head(s);
    if (s->far_head == SYNFIN_NONE)
        add_head(s, h);
    else if (head_before(&h, &s->heap[s->far_head]))
        sift_up(s, s->far_head, h);
    else
        return false;
    s->far_stale = false;
    return s->far_head == 0 || s->no_memory;
}

static uint32_t add_far(struct schedule *s, const struct schedule_key *key, uint64_t rank, uint32_t order, uint32_t what)
{
    uint32_t item = far_add(&s->far, key->time, (struct far_tie){key->cause, rank, order}, what);
    s->no_memory |= item == SYNFIN_NONE;
    return item;
}

uint32_t schedule_far_timer(struct schedule *s, const void *entry, struct schedule_key key, uint64_t rank, uint32_t order)
{
    struct pool *p = &s->far_entry[0];
    uint32_t index = pool_take_unset(p);
    if (index == SYNFIN_NONE)
        return SYNFIN_NONE;
    memcpy(pool_at(p, index), entry, p->stride);
    uint32_t item = add_far(s, &key, rank, order, far_what(LANE_TIMER, index));
    if (item == s->far.first)
        far_nearer(s);
    return item;
}

void schedule_far_cancel(struct schedule *s, uint32_t item)
{
    pool_give(&s->far_entry[0], s->far.item[item].what / 2);
    s->far_stale |= item == s->far.first;
    far_cancel(&s->far, item);
}

bool schedule_far_segment(struct schedule *s, uint32_t place, struct schedule_key key, uint64_t rank)
{
    uint32_t item = add_far(s, &key, rank, s->order++, far_what(LANE_SEGMENT, place));
    return item == s->far.first && far_nearer(s);
}

void *schedule_far_take(struct schedule *s, uint8_t *kind, uint32_t *place)
{
    uint32_t what = s->far.item[s->far.first].what;
    *kind = what % 2 ? LANE_SEGMENT : LANE_TIMER;
    *place = what / 2;
    far_drop(&s->far);
    s->far_stale = true;
    return pool_at(&s->far_entry[what % 2], what / 2);
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
        uint32_t place = schedule_far_place(s);
        if (place != SYNFIN_NONE) {
            memcpy(schedule_far_at(s, place), entry, size);
            return schedule_far_segment(s, place, *key, rank);
        }
    }
    s->no_memory = true;
    return true;
}

/* ------------------------------------------------------------------------------------------------------------------ */

void schedule_init(struct schedule *s, struct synfin_memory *memory, size_t timer_size, size_t segment_size)
{
    *s = (struct schedule){.far_head = SYNFIN_NONE, .limit = SYNFIN_NEVER};
    far_init(&s->far);
    pool_init(&s->far_entry[0], memory, timer_size, 8);
    pool_init(&s->far_entry[1], memory, segment_size, 8);
}

void schedule_free(struct schedule *s)
{
    free(s->heap);
    far_free(&s->far);
    pool_free(&s->far_entry[0]);
    pool_free(&s->far_entry[1]);
}
