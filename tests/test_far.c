/* SPDX-License-Identifier: BSD-2-Clause */
/* Events in no order: whatever their times, they come by (time, cause, rank, order), and cancelled ones not at all. */
#include "far.h"
#include "suite.h"

#include <stdlib.h>

/* An oracle keeps all pending events in an array and looks for the least. */
enum { MOST = 3000 };

struct entry {
    struct schedule_key key; /* first */
    uint32_t name;
};

struct pending {
    struct entry entry;
    uint64_t rank;
    uint32_t order;
    struct far_event *event;
};

struct rig {
    struct far f;
    struct pending pending[MOST];
    size_t count;
    uint64_t random;
    uint32_t names;
    synfin_time now;
};

static uint32_t next_random(struct rig *r, uint32_t below)
{
    r->random = r->random * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)((r->random >> 33) % below);
}

static bool before(const struct pending *a, const struct pending *b)
{
    if (a->entry.key.time != b->entry.key.time)
        return a->entry.key.time < b->entry.key.time;
    if (a->entry.key.cause != b->entry.key.cause)
        return a->entry.key.cause < b->entry.key.cause;
    return a->rank != b->rank ? a->rank < b->rank : (int32_t)(a->order - b->order) < 0;
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

static struct rig *rig_begin(uint64_t seed)
{
    struct rig *r = calloc(1, sizeof(*r));
    r->random = seed;
    r->names = UINT32_MAX - 2000; /* orders wrap on the way */
    far_init(&r->f, NULL);
    return r;
}

static void rig_end(struct rig *r)
{
    far_free(&r->f);
    free(r);
}

/* Ties of time are common among causes of few instants, those of both among few ranks. */
static bool add(struct rig *r, synfin_time time)
{
    struct far_event *e = far_take(&r->f);
    uint32_t name = r->names++;
    struct pending *p = &r->pending[r->count];
    *p = (struct pending){{{time, r->now - (synfin_time)next_random(r, 3)}, name}, next_random(r, 3), name, e};
    bool first = r->count == 0 || before(p, &r->pending[least(r)]);
    *(struct entry *)far_entry(e) = p->entry;
    e->rank = p->rank;
    e->order = p->order;
    r->count++;
    bool is_first = far_add(&r->f, e);
    return is_first == first;
}

static bool first_is_right(const struct rig *r)
{
    if (r->count == 0)
        return r->f.time == SYNFIN_NEVER;
    const struct pending *p = &r->pending[least(r)];
    const struct entry *e = far_entry(far_first(&r->f));
    return r->f.time == p->entry.key.time && e->name == p->entry.name;
}

static bool take(struct rig *r)
{
    size_t i = least(r);
    struct far_event *e = far_first(&r->f);
    bool right = first_is_right(r);
    r->now = r->f.time;
    far_drop(&r->f);
    far_give(&r->f, e);
    r->pending[i] = r->pending[--r->count];
    return right && first_is_right(r);
}

static bool cancel(struct rig *r)
{
    size_t i = next_random(r, (uint32_t)r->count);
    far_cancel(&r->f, r->pending[i].event);
    r->pending[i] = r->pending[--r->count];
    return first_is_right(r);
}

/* How far ahead the next event lies. */
typedef synfin_time distance(struct rig *);

/* Adds, takes and cancels, more of the first until there are `full`, then fewer. */
static void random_run(uint64_t seed, distance *ahead, size_t full)
{
    struct rig *r = rig_begin(seed);
    bool right = true, filling = true;
    for (int step = 0; step < 6000 && right; step++) {
        uint32_t what = next_random(r, 16);
        filling = r->count == 0 || (filling && r->count < full);
        if (what < (filling ? 10u : 5u) && r->count < MOST)
            right = add(r, r->now + ahead(r));
        else if (r->count && what < 14)
            right = take(r);
        else if (r->count)
            right = cancel(r);
    }
    while (right && r->count)
        right = take(r);
    CU_ASSERT(right);
    rig_end(r);
}

static void random_runs(distance *ahead)
{
    for (uint64_t seed = 1; seed <= 20; seed++) {
        random_run(seed, ahead, 5);
        random_run(seed, ahead, 40);
        random_run(seed, ahead, 900);
    }
}

static synfin_time delays(struct rig *r)
{
    return 9 * SYNFIN_MS + next_random(r, 2000000);
}

static void test_delays(void)
{
    random_runs(delays);
}

static synfin_time all_magnitudes(struct rig *r)
{
    unsigned least = r->now >> 60 ? 20 : 0; /* times end at 2^63 */
    uint64_t most = (uint64_t)next_random(r, 1u << 31) << 31 | next_random(r, 1u << 31);
    return (synfin_time)(most >> (least + next_random(r, 62 - least)));
}

static void test_all_magnitudes(void)
{
    random_runs(all_magnitudes);
}

/* One instant for long, now and then another before or behind it. */
static synfin_time one_instant(struct rig *r)
{
    synfin_time second = (r->now / SYNFIN_S + 1) * SYNFIN_S;
    return second - r->now + (next_random(r, 50) ? 0 : (synfin_time)next_random(r, 200) - 100);
}

static void test_one_instant(void)
{
    random_runs(one_instant);
}

/* Hours ahead, and as soon as none but these are left, nearer ones. */
static synfin_time hours_or_less(struct rig *r)
{
    return next_random(r, 4) ? (synfin_time)next_random(r, 50000) : 7200 * SYNFIN_S + (synfin_time)next_random(r, 3);
}

static void test_hours_or_less(void)
{
    random_runs(hours_or_less);
}

/* Bursts of near ones that come and go, while others are hours ahead. */
static synfin_time bursts(struct rig *r)
{
    return r->count < 500 ? 3600 * SYNFIN_S + next_random(r, 1000) : (synfin_time)next_random(r, 100000);
}

static void test_bursts(void)
{
    random_runs(bursts);
}

/* Now close together, now far apart, so that slots become narrower and wider. */
static synfin_time changing(struct rig *r)
{
    return 1 + (synfin_time)next_random(r, 1000) * (r->names / 1500 % 2 ? 1 : 50 * SYNFIN_MS);
}

static void test_changing(void)
{
    random_runs(changing);
}

/* Each before all others: of none it is known that no more will come before it. */
static void test_backwards(void)
{
    struct rig *r = rig_begin(1);
    bool right = true;
    for (synfin_time time = 1000 * SYNFIN_MS; time > 0 && right; time -= SYNFIN_MS)
        right = add(r, time);
    while (right && r->count)
        right = take(r);
    CU_ASSERT(right);
    rig_end(r);
}

/* ---- Where they are kept: the heap is for the few that the slots do not take ------------------------------------- */

static void add_many(struct rig *r, size_t n, synfin_time from, uint32_t within)
{
    bool right = true;
    for (size_t i = 0; i < n; i++)
        right = add(r, from + next_random(r, within)) && right;
    CU_ASSERT(right);
}

static void take_many(struct rig *r, size_t n)
{
    bool right = true;
    for (size_t i = 0; i < n; i++)
        right = take(r) && right;
    CU_ASSERT(right);
}

/* All come before the first is taken. */
static void test_all_ahead(void)
{
    struct rig *r = rig_begin(1);
    add_many(r, MOST, 20 * SYNFIN_MS, 20000000);
    CU_ASSERT(r->f.laters < MOST / 2);
    take_many(r, MOST);
    rig_end(r);
}

/* One is alone and far ahead when the others come. */
static void test_behind_one(void)
{
    struct rig *r = rig_begin(1);
    add_many(r, 1, 3600 * SYNFIN_S, 1);
    for (int i = 1; i <= 100; i++)
        add_many(r, 10, SYNFIN_S + i * SYNFIN_MS / 10, 100000);
    CU_ASSERT(r->f.laters < 100);
    take_many(r, 1001);
    rig_end(r);
}

/* Many make many slots, through all of which one that is alone would have to be looked for. */
static void test_alone(void)
{
    struct rig *r = rig_begin(1);
    add_many(r, MOST, 1, 1000000);
    for (int i = 0; i < 2 * MOST; i++) {
        take_many(r, 1);
        add_many(r, 1, r->now, 1000000);
    }
    uint32_t slots = r->f.slots;
    take_many(r, MOST);
    for (int i = 0; i < 1000; i++) {
        add_many(r, 1, r->now + SYNFIN_S, 1);
        take_many(r, 1);
    }
    CU_ASSERT(slots >= 4 * MOST && r->f.slots < MOST);
    rig_end(r);
}

/* Many were there once; the few of today find slots as wide as they need all the same. */
static void test_few_after_many(void)
{
    struct rig *r = rig_begin(1);
    add_many(r, MOST, 1, 1000000);
    take_many(r, MOST);
    add_many(r, 50, r->now + SYNFIN_S, 1000000000);
    for (int i = 0; i < MOST; i++) {
        take_many(r, 1);
        add_many(r, 1, r->now + SYNFIN_S, 1000000000);
    }
    CU_ASSERT(r->f.laters < 25);
    rig_end(r);
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"delays that lie close together", test_delays},
        {"from nanoseconds to decades ahead", test_all_magnitudes},
        {"many of one instant", test_one_instant},
        {"hours ahead, and nearer ones meanwhile", test_hours_or_less},
        {"hours ahead, and bursts of nearer ones", test_bursts},
        {"now close together, now far apart", test_changing},
        {"each before those that are there", test_backwards},
        {"many before the first is due", test_all_ahead},
        {"many before one that is far ahead", test_behind_one},
        {"one at a time after many", test_alone},
        {"few after many", test_few_after_many},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "far", cases);
}
