/* SPDX-License-Identifier: BSD-2-Clause */
/* How many connections there are at one time at most: against a count at each start, whatever the order of noting. */
#include <stdlib.h>

#include "simulation.h"
#include "suite.h"

enum { MOST = 4000 };

struct interval {
    synfin_time start, end; /* SYNFIN_NEVER: it does not end */
};

static uint32_t random_below(uint32_t *state, uint32_t limit)
{
    *state = *state * 1664525u + 1013904223u;
    return (uint32_t)((uint64_t)(*state >> 8) * limit >> 24);
}

/* At each start those that have begun and not ceased, it included: [start, end). */
static int64_t peak_of(const struct interval *list, size_t n)
{
    int64_t peak = 0;
    for (size_t i = 0; i < n; i++) {
        int64_t now = 0;
        for (size_t k = 0; k < n; k++)
            now += (list[k].start <= list[i].start) - (list[k].end <= list[i].start);
        peak = now > peak ? now : peak;
    }
    return peak;
}

struct rig {
    struct synfin_simulation sim;
    struct concurrency c;
    struct interval list[MOST];
    size_t n;
};

static struct rig *rig_begin(void)
{
    struct rig *r = calloc(1, sizeof(*r));
    CU_ASSERT_PTR_NOT_NULL_FATAL(r);
    return r;
}

static void rig_end(struct rig *r)
{
    CU_ASSERT_FALSE(r->sim.failed);
    concurrency_free(&r->c);
    free(r);
}

static void note(struct rig *r, struct instants *l, synfin_time at)
{
    concurrency_note(&r->sim, &r->c, l, at);
}

/* Windows of time as a run has them: in each, starts and ends come in no order. */
static void run(struct rig *r, uint32_t *state, size_t n, uint32_t window, uint32_t gap, uint32_t lasts)
{
    synfin_time now = 0;
    for (r->n = 0; r->n < n; r->n++) {
        now += random_below(state, gap);
        synfin_time end = random_below(state, 50) ? now + random_below(state, lasts) : SYNFIN_NEVER;
        r->list[r->n] = (struct interval){now, end};
    }
    for (synfin_time from = 0; from <= now + lasts; from += window) {
        for (size_t i = r->n; i-- > 0;) {
            if (r->list[i].start >= from && r->list[i].start < from + window)
                note(r, &r->c.starts, r->list[i].start);
        }
        for (size_t i = 0; i < r->n; i++) {
            if (r->list[i].end >= from && r->list[i].end < from + window)
                note(r, &r->c.ends, r->list[i].end);
        }
        r->sim.settled = from + window;
    }
}

static void test_random(void)
{
    uint32_t state = 1;
    for (unsigned round = 0; round < 60; round++) {
        struct rig *r = rig_begin();
        size_t n = 1 + random_below(&state, 1500);
        run(r, &state, n, 1 + random_below(&state, 300), 1 + random_below(&state, 20), 1 + random_below(&state, 400));
        concurrency_settle(&r->c, SYNFIN_NEVER);
        CU_ASSERT_EQUAL(r->c.peak, peak_of(r->list, r->n));
        rig_end(r);
    }
}

/* All begin before any ends; then as many again, which make no new peak. */
static void test_crowd(void)
{
    struct rig *r = rig_begin();
    for (unsigned wave = 0; wave < 2; wave++) {
        for (synfin_time i = 0; i < 3000; i++)
            note(r, &r->c.starts, 10000 * wave + i);
        for (synfin_time i = 0; i < 3000; i++)
            note(r, &r->c.ends, 10000 * wave + 5000 + i);
    }
    concurrency_settle(&r->c, SYNFIN_NEVER);
    CU_ASSERT_EQUAL(r->c.peak, 3000);
    CU_ASSERT_EQUAL(r->c.now, 0);
    rig_end(r);
}

/* What is not before `until` waits: an earlier instant may come yet. */
static void test_until(void)
{
    struct rig *r = rig_begin();
    note(r, &r->c.starts, 10);
    note(r, &r->c.starts, 20);
    note(r, &r->c.starts, 30);
    concurrency_settle(&r->c, 20);
    CU_ASSERT_EQUAL(r->c.peak, 1);
    note(r, &r->c.ends, 25);
    note(r, &r->c.ends, 20);
    concurrency_settle(&r->c, 25);
    CU_ASSERT_EQUAL(r->c.peak, 1); /* at 20 one ends as the second begins */
    CU_ASSERT_EQUAL(r->c.now, 1);
    concurrency_settle(&r->c, SYNFIN_NEVER);
    CU_ASSERT_EQUAL(r->c.peak, 1);
    CU_ASSERT_EQUAL(r->c.now, 1);
    rig_end(r);
}

/* They count for no time at all. */
static void test_no_time(void)
{
    struct rig *r = rig_begin();
    for (synfin_time i = 0; i < 1000; i++) {
        note(r, &r->c.starts, i);
        note(r, &r->c.ends, i);
    }
    concurrency_settle(&r->c, SYNFIN_NEVER);
    CU_ASSERT_EQUAL(r->c.peak, 0);
    CU_ASSERT_EQUAL(r->c.now, 0);
    rig_end(r);
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"random connections, noted window by window", test_random},
        {"many at once, twice", test_crowd},
        {"what comes too late to be counted yet", test_until},
        {"connections that last for no time", test_no_time},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "test_concurrency", cases);
}
