/* SPDX-License-Identifier: BSD-2-Clause */
/* Transfers in whole runs over paths that lose, reorder, double and drop: all end, little is sent twice, and Linux's
   recovery is worth having. */
#include "sim_run.h"
#include "suite.h"

#include <stdio.h>

static const char plain[] = "hosts.client.profile=linux\n"
                            "hosts.server.profile=linux\n"
                            "hosts.server.listen.port=80\n"
                            "links.wan.both.delay.model=constant\n"
                            "links.wan.both.delay.time=10ms\n"
                            "workloads.w.from=client\n"
                            "workloads.w.to=server\n"
                            "workloads.w.over=wan\n"
                            "workloads.w.arrivals.model=constant\n"
                            "workloads.w.arrivals.rate=1/s\n"
                            "workloads.w.connections=10\n"
                            "workloads.w.request=500KB\n"
                            "workloads.w.response=200KB\n"
                            "workloads.w.close=client\n";

static const char *const profiles[] = {
    "",
    "hosts.client.profile=rfc9293\nhosts.server.profile=rfc9293\n",
    "hosts.client.profile=rfc9293\n", /* without SACK on one side */
    "hosts.client.tcp.recovery=0\nhosts.server.tcp.recovery=0\n",
    "hosts.client.tcp.congestion_control=reno\nhosts.client.tcp.frto=0\nhosts.client.tcp.early_retrans=0\n",
    "hosts.client.tcp.timestamps=false\nhosts.server.tcp.dsack=false\nhosts.server.tcp.window=64KiB\n",
};

static const char *const paths[] = {
    "links.wan.both.loss.model=bernoulli\nlinks.wan.both.loss.p=1%\n",
    "links.wan.both.loss.model=bernoulli\nlinks.wan.both.loss.p=10%\n",
    "links.wan.both.loss.model=gilbert-elliott\nlinks.wan.both.loss.p=1%\nlinks.wan.both.loss.r=20%\n",
    "links.wan.both.delay.model=uniform\nlinks.wan.both.delay.time=10ms\nlinks.wan.both.delay.jitter=8ms\n",
    "links.wan.both.duplicate.model=bernoulli\nlinks.wan.both.duplicate.p=10%\n",
    "links.wan.both.reorder.model=netem\nlinks.wan.both.reorder.p=5%\n",
    "links.wan.both.queue.model=droptail\nlinks.wan.both.queue.rate=10Mbit/s\nlinks.wan.both.queue.limit=10\n",
    "links.wan.both.corrupt.model=bernoulli\nlinks.wan.both.corrupt.p=2%\n",
};

static uint64_t data_sent(const struct sim_run *r, unsigned way)
{
    return r->results->workload[0].segments[way].kind[SYNFIN_KIND_DATA];
}

static uint64_t not_arrived(const struct sim_run *r, unsigned way)
{
    const struct synfin_segment_counts *c = &r->results->workload[0].segments[way];
    return c->lost + c->dropped + c->corrupted;
}

/* Every byte arrives, whatever either side knows of SACK. */
static void all_end(void)
{
    for (size_t i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++) {
        for (size_t k = 0; k < sizeof(paths) / sizeof(paths[0]); k++) {
            struct sim_run r;
            if (sim_run(&r, plain, sim_text(0, "%s%s", profiles[i], paths[k]), SIM_ROWS)) {
                CU_ASSERT_EQUAL(r.results->total.connections.closed, 10);
                for (size_t n = 0; n < r.rows; n++)
                    CU_ASSERT(r.row[n].duration[SYNFIN_RESPONSE] > 0);
            }
            sim_run_end(&r);
        }
    }
}

/* RFC 6675, RFC 8985: what is sent again is about what was lost, and a tenth more at most. The last segment of each
   carries FIN, and counts as that. */
static void little_sent_twice(void)
{
    static const char *const p[] = {"0.1%", "1%", "5%"};
    for (size_t i = 0; i < 3; i++) {
        struct sim_run r;
        const char *more = sim_text(0,
                                    "links.wan.forward.loss.model=bernoulli\nlinks.wan.forward.loss.p=%s\n"
                                    "workloads.w.request=5MB\nworkloads.w.response=0\n",
                                    p[i]);
        if (sim_run(&r, plain, more, 0)) {
            uint64_t needed = 10 * (UINT64_C(5000000) / 1448), again = data_sent(&r, 0) - needed;
            printf("  %s: %llu lost, %llu sent again\n", p[i], (unsigned long long)not_arrived(&r, 0),
                   (unsigned long long)again);
            CU_ASSERT(again >= not_arrived(&r, 0) * 9 / 10);
            CU_ASSERT(again <= not_arrived(&r, 0) * 11 / 10 + 10);
        }
        sim_run_end(&r);
    }
}

static synfin_time response_of(const char *more)
{
    struct sim_run r;
    synfin_time sum = 0;
    if (sim_run(&r, plain, more, SIM_ROWS)) {
        for (size_t n = 0; n < r.rows; n++)
            sum += r.row[n].duration[SYNFIN_RESPONSE] / (synfin_time)r.rows;
    }
    sim_run_end(&r);
    return sum;
}

/* Where segments overtake each other, RACK takes few for lost, DupThresh many (RFC 8985 3); under loss as well, SACK is
   better than none. */
static void worth_having(void)
{
    synfin_time rack = response_of(paths[3]), thresh = response_of(sim_text(1, "%s%s", profiles[3], paths[3]));
    CU_ASSERT(3 * rack < thresh);
    static const char without[] = "hosts.client.tcp.sack=false\n";
    CU_ASSERT(response_of(paths[1]) < response_of(sim_text(2, "%s%s", without, paths[1])));
}

/* A queue that overflows in slow start loses hundreds of segments at once; all are repaired in a few round trips. */
static void overshoot(void)
{
    struct sim_run r;
    const char *more = "links.wan.both.queue.model=droptail\nlinks.wan.both.queue.rate=1Gbit/s\n"
                       "links.wan.both.queue.limit=500\nlinks.wan.both.delay.time=20ms\n"
                       "hosts.client.tcp.congestion_control=reno\nworkloads.w.connections=1\n"
                       "workloads.w.request=50MB\nworkloads.w.response=0\n";
    if (sim_run(&r, plain, more, SIM_ROWS)) {
        printf("  %llu dropped, %.2f s\n", (unsigned long long)not_arrived(&r, 0),
               (double)r.row[0].duration[SYNFIN_LIFETIME] / 1e9);
        CU_ASSERT(not_arrived(&r, 0) > 200);
        CU_ASSERT(r.row[0].duration[SYNFIN_LIFETIME] < 4 * SYNFIN_S); /* 0.4 s at the link's rate */
    }
    sim_run_end(&r);
}

/* Linux, a round trip of 2.6 s: three SYNs and three SYN+ACKs though none is lost. With timestamps either side sees
   that its first was acknowledged: the initial window stays (tcp_try_undo_spurious_syn()), and what is echoed gives the
   first round trip, so no timeout comes too early. Without, one segment and a timeout of 3 s (RFC 6298 5.7). */
static void long_round_trip(void)
{
    static const char more[] = "links.wan.both.delay.time=1300ms\nworkloads.w.connections=1\n"
                               "workloads.w.request=100KB\nworkloads.w.response=100KB\n"
                               "hosts.client.tcp.timers=exact\nhosts.server.tcp.timers=exact\n";
    static const struct {
        const char *timestamps;
        size_t first;
        uint64_t all;
    } rows[] = {{"true", 10, 70}, {"false", 1, 69}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sim_run r;
        size_t first = 0;
        if (sim_run(&r, plain, sim_text(0, "%shosts.server.tcp.timestamps=%s\n", more, rows[i].timestamps),
                    SIM_EVENTS)) {
            for (size_t k = 0; k < r.events; k++) {
                const struct synfin_event *e = &r.event[k];
                first += e->kind == SYNFIN_EVENT_SENT && e->client && e->segment->length > 0 &&
                         e->time == 2600 * SYNFIN_MS;
            }
            CU_ASSERT_EQUAL(first, rows[i].first);
            CU_ASSERT_EQUAL(r.results->total.segments[0].kind[SYNFIN_KIND_SYN], 3);
            CU_ASSERT_EQUAL(r.results->total.segments[1].kind[SYNFIN_KIND_SYN_ACK], 3);
            CU_ASSERT_EQUAL(data_sent(&r, 0), rows[i].all);
            CU_ASSERT_EQUAL(data_sent(&r, 1), rows[i].all);
        }
        sim_run_end(&r);
    }
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"all transfers end", all_end},
        {"RFC 6675, RFC 8985: little is sent twice", little_sent_twice},
        {"RFC 8985 3: reordering and loss", worth_having},
        {"an overshoot of slow start", overshoot},
        {"Linux: a round trip longer than the first timeouts", long_round_trip},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "test_tcp_transfer", cases);
}
