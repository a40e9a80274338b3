/* SPDX-License-Identifier: BSD-2-Clause */
/* The events of a host in the order of (time, cause, source, order at the source), by lanes and heaps. */
#include "schedule.h"
#include "suite.h"

#include <stdlib.h>
#include <string.h>

/* An oracle keeps all pending timers in an array and looks for the least key. */
enum { MOST = 4000, LANES = 5, EXACT = 3 };

struct far_timer {
    struct schedule_key key;
    uint32_t what;
};

struct pending {
    struct timer_entry entry;
    uint64_t rank;
    int lane; /* -1: in the far queue */
    uint32_t position;
};

struct rig {
    struct schedule s;
    struct lane lane[LANES];
    struct pending pending[MOST];
    size_t count;
    uint32_t random;
};

static uint32_t next_random(struct rig *r)
{
    r->random = r->random * 1664525u + 1013904223u;
    return r->random >> 8;
}

static void rig_begin(struct rig *r, uint32_t seed)
{
    memset(r, 0, sizeof(*r));
    r->random = seed;
    schedule_init(&r->s, NULL);
    for (int i = 0; i < LANES; i++) {
        lane_init(&r->lane[i], NULL, LANE_TIMER, sizeof(struct timer_entry), (uint64_t)i / 2);
    }
}

static void rig_end(struct rig *r)
{
    for (int i = 0; i < LANES; i++)
        lane_free(&r->lane[i]);
    schedule_free(&r->s);
}

static void add(struct rig *r, int lane, synfin_time time, synfin_time cause, uint32_t name)
{
    struct pending *p = &r->pending[r->count++];
    struct lane *l = &r->lane[lane];
    *p = (struct pending){{time, name, r->s.order++, cause}, l->rank, lane, 0};
    if (lane_takes(l, time, cause)) {
        memcpy(lane_append(l), &p->entry, l->stride);
        p->position = l->tail;
        schedule_added(&r->s, l, time, cause, p->entry.order);
    } else {
        p->lane = -1;
        struct far_timer far = {{time, cause}, name};
        p->position = schedule_far_timer(&r->s, &far, sizeof(far), p->rank, p->entry.order);
    }
}

static bool before(const struct pending *a, const struct pending *b)
{
    if (a->entry.time != b->entry.time)
        return a->entry.time < b->entry.time;
    if (a->entry.cause != b->entry.cause)
        return a->entry.cause < b->entry.cause;
    if (a->rank != b->rank)
        return a->rank < b->rank;
    return (int32_t)(a->entry.order - b->entry.order) < 0;
}

static size_t least(const struct rig *r)
{
    size_t best = 0;
    for (size_t i = 1; i < r->count; i++) {
        if (before(&r->pending[i], &r->pending[best]))
            best = i;
    }
    return best;
}

/* The first of the far queue is alive: who takes one after the other looks at nothing else. */
static bool far_first_is_alive(const struct rig *r)
{
    synfin_time first = SYNFIN_NEVER;
    for (size_t i = 0; i < r->count; i++) {
        if (r->pending[i].lane < 0 && r->pending[i].entry.time < first)
            first = r->pending[i].entry.time;
    }
    return schedule_far_time(&r->s) == first;
}

static void forget(struct rig *r, size_t i)
{
    r->pending[i] = r->pending[--r->count];
    CU_ASSERT(far_first_is_alive(r));
}

/* Takes the next event and compares it with the oracle's. */
static bool take(struct rig *r, synfin_time *now)
{
    const struct lane_head *head = schedule_next(&r->s);
    struct timer_entry got;
    size_t want = least(r);
    if (!head)
        return false;
    if (head->lane->kind != LANE_FAR) {
        struct lane *l = head->lane;
        memcpy(&got, lane_at(l, l->head), l->stride);
        lane_drop(l);
    } else {
        struct far_event *e = schedule_far_first(&r->s);
        schedule_far_drop(&r->s);
        const struct far_timer *far = far_entry(e);
        got = (struct timer_entry){.time = far->key.time, .what = far->what};
        schedule_far_give(&r->s, e);
    }
    *now = got.time;
    bool same = got.what == r->pending[want].entry.what;
    forget(r, want);
    return same;
}

static void cancel(struct rig *r, size_t i)
{
    struct pending *p = &r->pending[i];
    if (p->lane < 0) {
        schedule_far_cancel(&r->s, p->position);
    } else {
        struct lane *l = &r->lane[p->lane];
        ((struct timer_entry *)lane_at(l, p->position))->what = SYNFIN_NONE;
        lane_bury(l, p->position);
    }
    forget(r, i);
}

/* Of lane EXACT every timer lasts as long as its lane says, so that its entries need no cause. */
static void rig_begin_exact(struct rig *r, uint32_t seed)
{
    rig_begin(r, seed);
    lane_init(&r->lane[EXACT], NULL, LANE_TIMER, TIMER_EXACT_SIZE, EXACT / 2);
    r->lane[EXACT].exact = true;
    r->lane[EXACT].duration = 10 * EXACT;
}

/* What is added to a timer that breaks its lane's order: a little, or up to 2^bits ns. */
static synfin_time some_time(struct rig *r, unsigned bits)
{
    if (bits < 6)
        return next_random(r) % 50;
    return (synfin_time)(((uint64_t)next_random(r) << 24 | next_random(r)) >> (48 - next_random(r) % bits));
}

/* Adds, takes and cancels at random, with many ties; the order is the oracle's at every step. `adds`: of 16 steps; where
   they are few, lanes stand empty but for what was cancelled. */
static void random_run(uint32_t seed, unsigned bits, uint32_t adds)
{
    struct rig *r = malloc(sizeof(*r));
    synfin_time now = 0;
    uint32_t name = 0;
    bool same = true;
    rig_begin_exact(r, seed);
    r->s.order = UINT32_MAX - 3000; /* wraps on the way */
    for (int step = 0; step < 20000 && same; step++) {
        uint32_t what = next_random(r) % 16;
        if (what < adds && r->count < MOST) {
            int lane = (int)(next_random(r) % LANES);
            synfin_time duration = 10 * lane + (lane != EXACT && next_random(r) % 4 == 0 ? some_time(r, bits) : 0);
            add(r, lane, now + duration, now, name++);
        } else if (what < (adds + 18) / 2 && r->count) {
            same = take(r, &now);
        } else if (r->count) {
            cancel(r, next_random(r) % r->count);
        }
    }
    while (same && r->count)
        same = take(r, &now);
    CU_ASSERT(same);
    CU_ASSERT_PTR_NULL(schedule_next(&r->s));
    rig_end(r);
    free(r);
}

static void order_of_random_timers(void)
{
    for (uint32_t seed = 1; seed <= 50; seed++)
        random_run(seed, 0, 8);
}

/* From nanoseconds to days ahead: through the far queue's ring and heap. */
static void order_of_timers_far_apart(void)
{
    for (uint32_t seed = 1; seed <= 50; seed++)
        random_run(seed, 47, 8);
}

/* A timer that is cancelled and started anew in one instant takes its place among those of the same time by its new
   order, though what it was still stands in the heap. */
static void order_of_few_timers(void)
{
    for (uint32_t seed = 1; seed <= 200; seed++)
        random_run(seed, 0, 6);
}

/* At one time and cause the source with the lower rank comes first, whatever came in first. */
static void ties_go_by_rank(void)
{
    struct rig *r = malloc(sizeof(*r));
    synfin_time now = 0;
    rig_begin(r, 1);
    add(r, 4, 100, 50, 1);
    add(r, 0, 100, 50, 2);
    CU_ASSERT_EQUAL(((const struct timer_entry *)lane_at(schedule_next(&r->s)->lane, 0))->what, 2);
    CU_ASSERT(take(r, &now));
    CU_ASSERT(take(r, &now));
    rig_end(r);
    free(r);
}

/* A timer armed earlier comes before a segment sent later that arrives in the same instant. */
static void ties_go_by_cause(void)
{
    struct rig *r = malloc(sizeof(*r));
    rig_begin(r, 1);
    add(r, 0, 100, 90, 1);
    add(r, 4, 100, 10, 2);
    CU_ASSERT_PTR_EQUAL(schedule_next(&r->s)->lane, &r->lane[4]);
    rig_end(r);
    free(r);
}

/* A cancelled timer keeps nothing pending: a run ends when the last live event has happened. */
static void cancelled_timers_vanish(void)
{
    struct rig *r = malloc(sizeof(*r));
    rig_begin(r, 1);
    for (uint32_t i = 0; i < 100; i++)
        add(r, 1, 1000 + i, i, i);
    add(r, 1, 500, 100, 100); /* out of order: the far queue */
    while (r->count)
        cancel(r, r->count / 2);
    CU_ASSERT_PTR_NULL(schedule_next(&r->s));
    rig_end(r);
    free(r);
}

/* Positions run on and wrap; a ring that has wrapped grows without losing its order. */
static void rings_grow_when_wrapped(void)
{
    struct rig *r = malloc(sizeof(*r));
    synfin_time now = 0;
    bool same = true;
    rig_begin(r, 1);
    r->lane[2].head = r->lane[2].tail = UINT32_MAX - 20;
    for (uint32_t i = 0; i < 40; i++)
        add(r, 2, i, i, i);
    for (uint32_t i = 0; i < 30; i++)
        same = same && take(r, &now);
    for (uint32_t i = 40; i < 500; i++)
        add(r, 2, i, i, i);
    while (same && r->count)
        same = take(r, &now);
    CU_ASSERT(same);
    rig_end(r);
    free(r);
}

/* A lane does not grow for those that were cancelled before its first. */
static void rings_do_not_grow_for_cancelled(void)
{
    static struct rig r;
    rig_begin(&r, 1);
    struct lane *l = &r.lane[0];
    add(&r, 0, 1, 0, 1);
    uint32_t room = l->room;
    for (uint32_t i = 2; i <= room; i++)
        add(&r, 0, i, 0, i);
    cancel(&r, 1);
    cancel(&r, 0); /* not removed: one is marked already */
    add(&r, 0, room + 1, 0, room + 1);
    add(&r, 0, room + 2, 0, room + 2);
    CU_ASSERT(l->room == room);
    CU_ASSERT(schedule_next(&r.s) && r.s.heap[0].key.time == 3);
    rig_end(&r);
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"random timers, cancelled at random, come in the order of the key", order_of_random_timers},
        {"timers from nanoseconds to days ahead come in order", order_of_timers_far_apart},
        {"order of few timers", order_of_few_timers},
        {"ties go by cause", ties_go_by_cause},
        {"ties of one cause go by the source's rank", ties_go_by_rank},
        {"cancelled timers keep nothing pending", cancelled_timers_vanish},
        {"rings grow when wrapped", rings_grow_when_wrapped},
        {"rings do not grow for cancelled timers before the first", rings_do_not_grow_for_cancelled},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "schedule", cases);
}
