/* SPDX-License-Identifier: BSD-2-Clause */
/* The queue: rate, limit, order, exact times. A packet of the trial has 40 bytes. */
#include "suite.h"
#include "trial.h"

static struct trial queue_of(const char *settings)
{
    struct trial t;
    CU_ASSERT_EQUAL_FATAL(trial_open(&t, SYNFIN_QUEUE, "droptail", settings, 1), 0);
    return t;
}

static int64_t send(struct trial *t, synfin_time now, uint16_t data)
{
    t->now = now;
    t->segment.length = data;
    return trial_next(t);
}

static uint64_t waiting(const struct trial *t, synfin_time now)
{
    return t->model->waiting(t->state, now);
}

/* Case S18 B: of 50 at once 11 pass (10 waiting and the one in transmission), exactly 8 L / 10^6 s apart. */
static void test_burst(void)
{
    struct trial t = queue_of("rate=1Mbit/s; limit=10");
    for (int i = 0; i < 50; i++)
        CU_ASSERT_EQUAL(send(&t, 0, 0), i < 11 ? (i + 1) * 8 * 40 * SYNFIN_US : SYNFIN_NEVER);
    CU_ASSERT_EQUAL(waiting(&t, 0), 10);
    CU_ASSERT_EQUAL(t.model->most_waiting(t.state), 10);
    trial_close(&t);
}

/* Retries of case S18 B: 39 at 1 s, 28 at 3 s, 17 at 7 s, 6 at 15 s find the queue empty; 90 are dropped in all. */
static void test_burst_retries(void)
{
    static const struct {
        synfin_time at;
        int packets;
    } tries[] = {{0, 50}, {1, 39}, {3, 28}, {7, 17}, {15, 6}};
    struct trial t = queue_of("rate=1Mbit/s; limit=10");
    int dropped = 0;
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        for (int n = 0; n < tries[i].packets; n++)
            dropped += send(&t, tries[i].at * SYNFIN_S, 0) == SYNFIN_NEVER;
    }
    CU_ASSERT_EQUAL(dropped, 90);
    trial_close(&t);
}

/* Case S18 A: at 1 Gbit/s 1,500 segments a second never wait. */
static void test_no_wait(void)
{
    struct trial t = queue_of("rate=1Gbit/s; limit=1000");
    for (int i = 0; i < 3000; i++)
        CU_ASSERT_EQUAL(send(&t, i * SYNFIN_S / 1500, 0), 320);
    CU_ASSERT_EQUAL(t.model->most_waiting(t.state), 0);
    trial_close(&t);
}

/* A packet whose transmission starts leaves its place to one that comes at that instant. */
static void test_instant_of_departure(void)
{
    struct trial t = queue_of("rate=320kbit/s; limit=1"); /* 1 ms a packet */
    CU_ASSERT_EQUAL(send(&t, 0, 0), 1 * SYNFIN_MS);
    CU_ASSERT_EQUAL(send(&t, 0, 0), 2 * SYNFIN_MS);
    CU_ASSERT_EQUAL(send(&t, SYNFIN_MS - 1, 0), SYNFIN_NEVER);
    CU_ASSERT_EQUAL(waiting(&t, SYNFIN_MS - 1), 1);
    CU_ASSERT_EQUAL(waiting(&t, SYNFIN_MS), 0);
    CU_ASSERT_EQUAL(send(&t, SYNFIN_MS, 0), 2 * SYNFIN_MS);
    CU_ASSERT_EQUAL(send(&t, 3 * SYNFIN_MS, 0), 1 * SYNFIN_MS); /* the link falls idle at this very instant */
    CU_ASSERT_EQUAL(send(&t, 10 * SYNFIN_MS, 0), 1 * SYNFIN_MS);
    trial_close(&t);
}

/* Bytes: 100 wait at most; the packet in transmission does not count, however long it is. */
static void test_limit_in_bytes(void)
{
    struct trial t = queue_of("rate=320kbit/s; limit=100B");
    CU_ASSERT_EQUAL(send(&t, 0, 1460), 37500 * SYNFIN_US);
    CU_ASSERT_EQUAL(send(&t, 0, 0), 38500 * SYNFIN_US);
    CU_ASSERT_EQUAL(send(&t, 0, 21), SYNFIN_NEVER);
    CU_ASSERT_EQUAL(send(&t, 0, 20), 40000 * SYNFIN_US);
    CU_ASSERT_EQUAL(send(&t, 0, 0), SYNFIN_NEVER);
    CU_ASSERT_EQUAL(waiting(&t, 0), 2);
    /* At 37.5 ms the first 40 bytes start: 60 wait, 40 more fit. */
    CU_ASSERT_EQUAL(send(&t, 37500 * SYNFIN_US, 1), SYNFIN_NEVER);
    CU_ASSERT_EQUAL(send(&t, 37500 * SYNFIN_US, 0), 3500 * SYNFIN_US);
    trial_close(&t);
}

/* 40 bytes at 7 Mbit/s take 45714 2/7 ns: every departure is rounded down, and no error adds up. */
static void test_rounding_does_not_add_up(void)
{
    struct trial t = queue_of("rate=7Mbit/s; limit=1000000");
    for (int64_t i = 1; i <= 100000; i++) {
        int64_t left = send(&t, 0, 0);
        if (left != i * 320000 / 7)
            CU_FAIL_FATAL("a departure is not the exact one rounded down");
    }
    CU_ASSERT_EQUAL(t.model->most_waiting(t.state), 99999); /* the ring has grown many times */
    CU_ASSERT_EQUAL(waiting(&t, 99999 * INT64_C(320000) / 7), 0);
    CU_ASSERT_EQUAL(waiting(&t, 50000 * INT64_C(320000) / 7), 49999);
    trial_close(&t);
}

/* A slow queue model: a list of departures, scanned. Random packets, against it. */
static void test_against_a_list(void)
{
    enum { PACKETS = 5000 };
    static synfin_time start[PACKETS], end[PACKETS];
    static uint64_t size[PACKETS];
    struct synfin_crossing x = {.tools = &random_tools};
    struct trial t = queue_of("rate=1Mbit/s; limit=4000B");
    synfin_time now = 0;
    int taken = 0, dropped = 0;
    for (int i = 0; i < PACKETS; i++) {
        random_at_count(&x, (struct random_key){{1, 2}}, (uint64_t)i, NULL);
        now += synfin_draw(&x) % 1000 * SYNFIN_US * 5;
        uint16_t data = (uint16_t)(synfin_draw(&x) % 1000);
        uint64_t bytes = 0, packets = 0;
        for (int k = 0; k < taken; k++) {
            bytes += start[k] > now ? size[k] : 0;
            packets += start[k] > now;
        }
        CU_ASSERT_EQUAL(waiting(&t, now), packets);
        bool idle = taken == 0 || end[taken - 1] <= now;
        int64_t left = send(&t, now, data);
        if (!idle && bytes + 40 + data > 4000) {
            CU_ASSERT_EQUAL(left, SYNFIN_NEVER);
            dropped++;
            continue;
        }
        start[taken] = idle ? now : end[taken - 1];
        end[taken] = start[taken] + (40 + data) * 8 * SYNFIN_US;
        size[taken] = 40 + data;
        CU_ASSERT_EQUAL(left, end[taken] - now);
        taken++;
    }
    CU_ASSERT(dropped > 500 && taken > 500);
    trial_close(&t);
}

static void test_refuses(void)
{
    struct trial t;
    CU_ASSERT_EQUAL(trial_open(&t, SYNFIN_QUEUE, "droptail", "rate=1Mbit/s", 1), -1);
    CU_ASSERT_EQUAL(trial_open(&t, SYNFIN_QUEUE, "droptail", "limit=10", 1), -1);
    CU_ASSERT_EQUAL(trial_open(&t, SYNFIN_QUEUE, "droptail", "rate=1Mbit/s; limit=0", 1), -1);
    CU_ASSERT_EQUAL(trial_open(&t, SYNFIN_QUEUE, "droptail", "rate=1bit/s; limit=10", 1), -1);
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"a burst into a short queue (case S18 B)", test_burst},
        {"a burst and its retries (case S18 B)", test_burst_retries},
        {"nothing waits below the rate (case S18 A)", test_no_wait},
        {"who leaves at an instant makes room at that instant", test_instant_of_departure},
        {"a limit in bytes", test_limit_in_bytes},
        {"rounding does not add up", test_rounding_does_not_add_up},
        {"random packets, against a list", test_against_a_list},
        {"rate and limit are needed and in range", test_refuses},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "test_models_queue", cases);
}
