/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The limits of Linux's listeners in whole runs: who of a burst gets a SYN+ACK, who a cookie, who nothing; when the
 * others are served. 10 ms one way: a SYN arrives at 10 ms, its SYN+ACK at 20, the ACK at 30.
 */
#include <string.h>

#include "sim_run.h"
#include "suite.h"

#define MS(n) ((n) * SYNFIN_MS)
#define LINUX "hosts.client.profile=linux\nhosts.server.profile=linux\nhosts.client.tcp.timers=exact\n" \
              "hosts.server.tcp.timers=exact\n"
#define BURST LINUX "workloads.w.arrivals.model=burst\nworkloads.w.arrivals.every=1s\n" \
                    "workloads.w.arrivals.size=20\nworkloads.w.connections=20\n"
#define NEVER_CONFIRMED "links.wan.backward.loss.model=bernoulli\nlinks.wan.backward.loss.p=1\n"

static const struct synfin_connection_counts *counts(const struct sim_run *r)
{
    return &r->results->total.connections;
}

static bool is(const struct synfin_event *e, enum synfin_event_kind kind, bool client)
{
    return e->kind == kind && e->client == client;
}

/* SYN+ACKs that were sent in this time. */
static size_t syn_acks(const struct sim_run *r, synfin_time from, synfin_time until)
{
    size_t n = 0;
    for (size_t i = 0; i < r->events; i++) {
        const struct synfin_event *e = &r->event[i];
        n += is(e, SYNFIN_EVENT_SENT, false) && synfin_segment_kind(e->segment) == SYNFIN_KIND_SYN_ACK &&
             e->time >= from && e->time < until;
    }
    return n;
}

static const struct synfin_segment *first_syn_ack(const struct sim_run *r)
{
    for (size_t i = 0; i < r->events; i++) {
        if (is(&r->event[i], SYNFIN_EVENT_SENT, false) &&
            synfin_segment_kind(r->event[i].segment) == SYNFIN_KIND_SYN_ACK)
            return r->event[i].segment;
    }
    return NULL;
}

/* Server's endpoints that entered the state at this instant. */
static size_t entered(const struct sim_run *r, const char *state, synfin_time at)
{
    size_t n = 0;
    for (size_t i = 0; i < r->events; i++) {
        const struct synfin_event *e = &r->event[i];
        n += is(e, SYNFIN_EVENT_STATE, false) && e->time == at && strcmp(e->state, state) == 0;
    }
    return n;
}

/* ---- The queue of half-open connections -------------------------------------------------------------------------- */

/* A burst of 20 at 0; those that get no answer send again as syn_linear_timeouts 4 and syn_retries 6 have it: `room` of
   them are half-open at a time. */
static void check_room(const char *more, size_t room)
{
    static const synfin_time again[] = {0, 1, 2, 3, 4, 5, 7, 11, 19, 35, 67};
    enum { TIMES = sizeof again / sizeof again[0] };
    struct sim_run r;
    if (sim_run(&r, sim_plain, sim_text(0, BURST "hosts.server.tcp.syncookies=0\n%s", more), SIM_ROWS | SIM_EVENTS)) {
        for (size_t i = 0; i < 20; i++) {
            bool served = i / room < TIMES;
            CU_ASSERT_EQUAL(r.row[i].outcome, served ? SYNFIN_OUTCOME_CLOSED : SYNFIN_OUTCOME_TIMEOUT);
            CU_ASSERT_EQUAL(r.row[i].duration[SYNFIN_SETUP], served ? again[i / room] * SYNFIN_S + MS(20) : -1);
            CU_ASSERT_EQUAL(r.row[i].syn_ack_sent, served); /* what is dropped is not answered later */
        }
        CU_ASSERT_EQUAL(entered(&r, "SYN-RECEIVED", MS(10)), room < 20 ? room : 20);
        CU_ASSERT_EQUAL(r.results->crowded, room < 20);
        CU_ASSERT_EQUAL(r.results->total.segments[1].kind[SYNFIN_KIND_RST], 0);
    }
    sim_run_end(&r);
}

/* Dropped where max - (half-open) < max / 4: max - max / 4 + 1 are answered. */
static void test_three_quarters(void)
{
    check_room("hosts.server.tcp.max_syn_backlog=8\n", 7);
    check_room("hosts.server.tcp.max_syn_backlog=10\n", 9);
    check_room("hosts.server.tcp.max_syn_backlog=4\n", 4);
    check_room("hosts.server.tcp.max_syn_backlog=3\n", 4);
    check_room("hosts.server.tcp.max_syn_backlog=1\n", 2);
    check_room("hosts.server.tcp.max_syn_backlog=2048\n", 20);
}

/* A backlog of b answers b + 1; somaxconn bounds it. */
static void test_backlog(void)
{
    check_room("hosts.server.listen.backlog=4\n", 5);
    check_room("hosts.server.listen.backlog=0\n", 1);
    check_room("hosts.server.tcp.somaxconn=6\n", 7);
    check_room("hosts.server.listen.backlog=4\nhosts.server.tcp.somaxconn=6\n", 5);
    check_room("hosts.server.listen.backlog=9\nhosts.server.tcp.max_syn_backlog=8\n", 7); /* the least counts */
}

/* A connection whose peer's last one is in TIME-WAIT comes in although the queue is full (Linux: "TW buckets are
   converted to open requests without limitations"). */
static void test_known_peer(void)
{
    static const char other[] = "hosts.other.profile=linux\nlinks.dark.backward.loss.model=bernoulli\n"
                                "links.dark.backward.loss.p=1\nlinks.dark.both.delay.model=constant\n"
                                "links.dark.both.delay.time=10ms\nworkloads.v.from=other\nworkloads.v.to=server\n"
                                "workloads.v.over=dark\nworkloads.v.protocol=tcp\nworkloads.v.connections=3\n"
                                "workloads.v.arrivals.model=constant\nworkloads.v.arrivals.rate=1000/s\n"
                                "workloads.v.start=500ms\nworkloads.v.close=client\n";
    static const char one_port[] = LINUX "hosts.server.tcp.syncookies=0\nhosts.server.listen.backlog=2\n"
                                         "workloads.w.arrivals.rate=1/s\nworkloads.w.connections=2\n"
                                         "workloads.w.close=server\n";
    static const char *const ports[] = {"50000-50000", "50000-50001"};
    for (unsigned fresh = 0; fresh < 2; fresh++) {
        struct sim_run r;
        if (sim_run(&r, sim_text(0, "%s%s", sim_plain, other),
                    sim_text(1, "%shosts.client.ports=%s\n", one_port, ports[fresh]), SIM_ROWS)) {
            CU_ASSERT_EQUAL(r.row[0].duration[SYNFIN_SETUP], MS(20));
            CU_ASSERT_EQUAL(r.row[1].duration[SYNFIN_SETUP] == MS(20), !fresh);
        }
        sim_run_end(&r);
        /* Nor is it sent a cookie. */
        if (sim_run(&r, sim_plain,
                    sim_text(1, LINUX "hosts.client.ports=%s\nhosts.server.tcp.syncookies=2\nworkloads.w.close=server\n"
                                      "workloads.w.arrivals.rate=1/s\nworkloads.w.connections=2\n",
                             ports[fresh]),
                    SIM_EVENTS))
            CU_ASSERT_EQUAL(entered(&r, "SYN-RECEIVED", MS(1010)), fresh ? 0 : 1);
        sim_run_end(&r);
    }
}

/* reqsk_timer_handler(): while twice the queue exceeds the backlog (8 at least) and most of it is old, those sent three
   times go. One by one they leave, until the rest may stay for all of synack_retries. */
static void check_old(const char *backlog, size_t n, size_t shortened)
{
    struct sim_run r;
    const char *more = sim_text(0, LINUX NEVER_CONFIRMED "hosts.server.tcp.syncookies=0\n"
                                   "hosts.server.listen.backlog=%s\n"
                                   "hosts.client.tcp.syn_retries=0\nhosts.client.tcp.syn_linear_timeouts=0\n"
                                   "workloads.w.arrivals.model=burst\nworkloads.w.arrivals.every=1s\n"
                                   "workloads.w.arrivals.size=%zu\nworkloads.w.connections=%zu\n",
                                backlog, n, n);
    if (sim_run(&r, sim_plain, more, SIM_ROWS | SIM_EVENTS)) {
        for (size_t i = 0; i < n; i++)
            CU_ASSERT_EQUAL(r.row[i].syn_ack_sent, i < shortened ? 3 : 6);
        CU_ASSERT_EQUAL(entered(&r, "CLOSED", MS(7010)), shortened);
        CU_ASSERT_EQUAL(entered(&r, "CLOSED", MS(63010)), n - shortened);
        CU_ASSERT_EQUAL(r.results->crowded, shortened > 0);
    }
    sim_run_end(&r);
}

static void test_old(void)
{
    check_old("16", 8, 0);  /* 2 x 8 does not exceed 16 */
    check_old("16", 10, 2); /* 10 and 9 do */
    check_old("4", 5, 1);   /* 8 is the least bound */
    check_old("3", 4, 0);
}

/* Young ones keep old ones: as long as more than half are young nobody's time is shortened. */
static void test_young(void)
{
    struct sim_run r;
    /* Six at 0, six more at 6.5 s: at 7 s half of the twelve are young. */
    if (sim_run(&r, sim_plain,
                LINUX NEVER_CONFIRMED "hosts.server.tcp.syncookies=0\nhosts.server.listen.backlog=16\n"
                                      "hosts.client.tcp.syn_retries=0\nhosts.client.tcp.syn_linear_timeouts=0\n"
                                      "workloads.w.arrivals.model=burst\nworkloads.w.arrivals.every=6500ms\n"
                                      "workloads.w.arrivals.size=6\nworkloads.w.connections=12\n",
                SIM_ROWS)) {
        for (size_t i = 0; i < 6; i++)
            CU_ASSERT(r.row[i].syn_ack_sent > 3);
    }
    sim_run_end(&r);
}

/* ---- SYN cookies ------------------------------------------------------------------------------------------------- */

/* syncookies 1: from the backlog on cookies are sent; 2: always. Everybody is served at once, and what has got a cookie
   is nowhere until its ACK comes. */
static void check_cookies(const char *more, size_t half_open)
{
    struct sim_run r;
    if (sim_run(&r, sim_plain, sim_text(0, BURST "hosts.server.listen.backlog=4\n%s", more), SIM_ROWS | SIM_EVENTS)) {
        CU_ASSERT_EQUAL(counts(&r)->closed, 20);
        CU_ASSERT_EQUAL(sim_run_count(&r, SYNFIN_SETUP, MS(20)), 20);
        CU_ASSERT_EQUAL(sim_run_count(&r, SYNFIN_ACCEPT, MS(30)), 20);
        CU_ASSERT_EQUAL(syn_acks(&r, MS(10), MS(11)), 20);
        CU_ASSERT_EQUAL(entered(&r, "SYN-RECEIVED", MS(10)), half_open);
        CU_ASSERT_EQUAL(entered(&r, "ESTABLISHED", MS(30)), 20);
        CU_ASSERT_EQUAL(r.results->crowded, half_open > 0); /* who always sends cookies treats all alike */
    }
    sim_run_end(&r);
}

static void test_cookies(void)
{
    check_cookies("hosts.server.tcp.syncookies=1\n", 5);
    check_cookies("hosts.server.tcp.syncookies=1\nhosts.server.tcp.max_syn_backlog=4\n", 5); /* no quarter is kept */
    check_cookies("hosts.server.tcp.syncookies=2\n", 0);
    check_cookies("", 5); /* 1 is the default */
}

/* The longest segment of data that the server sends. */
static uint32_t longest(const struct sim_run *r)
{
    uint32_t most = 0;
    for (size_t i = 0; i < r->events; i++) {
        const struct synfin_event *e = &r->event[i];
        if (is(e, SYNFIN_EVENT_SENT, false) && e->segment->length > most)
            most = e->segment->length;
    }
    return most;
}

/* What a cookie carries: of the MSS the next lower of 536, 1300, 1440, 1460; window scale and SACK in the timestamp, so
   without timestamps neither is agreed on. */
static void check_options(const char *more, uint32_t segment, bool timestamps, bool scale_and_sack)
{
    struct sim_run r;
    const char *all = sim_text(0, LINUX "workloads.w.connections=1\nworkloads.w.response=20KB\n%s", more);
    if (sim_run(&r, sim_plain, all, SIM_EVENTS)) {
        const struct synfin_segment *s = first_syn_ack(&r);
        CU_ASSERT_PTR_NOT_NULL_FATAL(s);
        CU_ASSERT_EQUAL((s->bits & SYNFIN_HAS_TIMESTAMPS) != 0, timestamps);
        CU_ASSERT_EQUAL(s->window_scale != SYNFIN_NO_SCALE, scale_and_sack);
        CU_ASSERT_EQUAL((s->bits & SYNFIN_SACK_PERMITTED) != 0, scale_and_sack);
        CU_ASSERT_EQUAL(longest(&r), segment);
        CU_ASSERT_EQUAL(counts(&r)->closed, 1);
    }
    sim_run_end(&r);
}

static void test_cookie_options(void)
{
#define ALWAYS "hosts.server.tcp.syncookies=2\n"
#define NO_TIMESTAMPS "hosts.client.tcp.timestamps=false\n"
    check_options("hosts.client.tcp.mss=1400B\n", 1388, true, true);
    check_options("hosts.client.tcp.mss=1400B\n" ALWAYS, 1288, true, true);
    check_options("hosts.client.tcp.mss=1459B\n" ALWAYS, 1428, true, true);
    check_options("hosts.client.tcp.mss=1460B\n" ALWAYS, 1448, true, true);
    check_options("hosts.client.tcp.mss=1000B\n" ALWAYS, 524, true, true);
    check_options(NO_TIMESTAMPS, 1460, false, true);
    check_options(NO_TIMESTAMPS ALWAYS, 1460, false, false);
    check_options("hosts.client.tcp.sack=false\nhosts.client.tcp.window_scaling=false\n"
                  "hosts.client.tcp.window=65535B\n" ALWAYS,
                  1448, true, false);
}

/* The server knows of SACK-permitted what the timestamp told it: it reports what came behind a gap. */
static void test_cookie_sack(void)
{
    static const char gap[] = LINUX ALWAYS "workloads.w.connections=1\nworkloads.w.request=10KB\n"
                                           "links.wan.forward.loss.model=script\n"
                                           "links.wan.forward.loss.segments=[data:2]\n";
    static const char *const sack[] = {"false", "true"};
    for (unsigned on = 0; on < 2; on++) {
        struct sim_run r;
        size_t n = 0;
        if (sim_run(&r, sim_plain, sim_text(0, "%shosts.client.tcp.sack=%s\n", gap, sack[on]), SIM_EVENTS)) {
            for (size_t i = 0; i < r.events; i++)
                n += is(&r.event[i], SYNFIN_EVENT_SENT, false) && synfin_sack_blocks(r.event[i].segment) > 0;
            CU_ASSERT_EQUAL(n > 0, on);
        }
        sim_run_end(&r);
    }
}

/* A SYN+ACK with a cookie is not sent again: where the ACK is lost, what the client sends next makes the connection. */
static void test_lost_ack(void)
{
    static const char lost[] = LINUX "workloads.w.connections=1\nlinks.wan.forward.loss.model=script\n"
                                     "links.wan.forward.loss.segments=[ack:1]\nworkloads.w.hold=5s\n";
    struct sim_run r;
    if (sim_run(&r, sim_plain, sim_text(0, "%shosts.server.tcp.syncookies=0\n", lost), SIM_ROWS)) {
        CU_ASSERT_EQUAL(r.row[0].syn_ack_sent, 2);
        CU_ASSERT_EQUAL(r.row[0].duration[SYNFIN_ACCEPT], MS(1030));
    }
    sim_run_end(&r);
    if (sim_run(&r, sim_plain, sim_text(0, "%shosts.server.tcp.syncookies=2\n", lost), SIM_ROWS)) {
        CU_ASSERT_EQUAL(r.row[0].syn_ack_sent, 1);
        CU_ASSERT_EQUAL(r.row[0].duration[SYNFIN_ACCEPT], MS(5030)); /* the FIN */
        CU_ASSERT_EQUAL(counts(&r)->closed, 1);
    }
    sim_run_end(&r);
}

/* A cookie is good for two minutes by the clock's: one sent in minute 0 until the end of minute 1. */
static void check_age(const char *extra, bool good)
{
    struct sim_run r;
    const char *more = sim_text(0, LINUX ALWAYS "workloads.w.connections=1\nlinks.wan.forward.delay.model=script\n"
                                         "links.wan.forward.delay.segments=[ack:1]\nlinks.wan.forward.delay.extra=%s\n"
                                         "workloads.w.hold=300s\n",
                                extra);
    if (sim_run(&r, sim_plain, more, SIM_ROWS)) {
        CU_ASSERT_EQUAL(counts(&r)->closed, good);
        CU_ASSERT_EQUAL(counts(&r)->failed[SYNFIN_RESET], !good);
    }
    sim_run_end(&r);
}

static void test_cookie_age(void)
{
    check_age("59s", true);
    check_age("119s", true);
    check_age("121s", false);
}

/* ---- The accept queue -------------------------------------------------------------------------------------------- */

/* A backlog of b holds b + 1; those whose ACK finds no room go on repeating SYN+ACK until there is, and SYNs that find
   none are dropped, with cookies too. The application accepts one a second. */
static void test_accept_queue(void)
{
    static const char *const cookies[] = {"0", "1", "2"};
    for (unsigned i = 0; i < 3; i++) {
        struct sim_run r;
        const char *more = sim_text(0, LINUX "hosts.server.listen.backlog=2\nhosts.server.listen.accept_after=10s\n"
                                       "workloads.w.arrivals.rate=10/s\nworkloads.w.connections=5\n"
                                       "hosts.server.tcp.syncookies=%s\n",
                                    cookies[i]);
        if (sim_run(&r, sim_plain, more, SIM_ROWS | SIM_EVENTS)) {
            CU_ASSERT_EQUAL(counts(&r)->closed, 5);
            CU_ASSERT_EQUAL(syn_acks(&r, 0, MS(10000)), 3);
            CU_ASSERT_EQUAL(sim_run_count(&r, SYNFIN_ACCEPT, MS(30)), 3);
            CU_ASSERT_EQUAL(r.row[3].syn_sent, 8); /* at 0, 1, 2, 3, 4, 5, 7 and 11 s */
            CU_ASSERT_EQUAL(r.results->crowded, 1);
            CU_ASSERT_EQUAL(r.row[3].duration[SYNFIN_SETUP], MS(11020));
        }
        sim_run_end(&r);
    }
}

/* An ACK that brings a cookie back to a full accept queue might as well have been lost, abort_on_overflow or not: what
   the client sends next makes the connection, if there is room by then. */
static void test_cookie_overflow(void)
{
    static const char full[] = LINUX ALWAYS "hosts.server.listen.backlog=0\nhosts.server.listen.accept_after=1s\n"
                                            "hosts.server.tcp.abort_on_overflow=true\nworkloads.w.hold=5s\n"
                                            "workloads.w.arrivals.model=burst\nworkloads.w.arrivals.size=2\n"
                                            "workloads.w.arrivals.every=1s\nworkloads.w.connections=2\n";
    struct sim_run r;
    if (sim_run(&r, sim_plain, full, SIM_ROWS | SIM_EVENTS)) {
        CU_ASSERT_EQUAL(counts(&r)->closed, 2);
        CU_ASSERT_EQUAL(entered(&r, "SYN-RECEIVED", MS(30)), 1);
        CU_ASSERT_EQUAL(r.row[0].duration[SYNFIN_ACCEPT], MS(30));
        CU_ASSERT_EQUAL(r.row[1].duration[SYNFIN_ACCEPT], MS(5030)); /* the FIN */
        CU_ASSERT_EQUAL(r.results->total.segments[1].kind[SYNFIN_KIND_RST], 0);
        CU_ASSERT_EQUAL(r.results->crowded, 1);
    }
    sim_run_end(&r);
}

/* ---- defer_accept ------------------------------------------------------------------------------------------------ */

/* TCP_DEFER_ACCEPT of d seconds stands for the timeouts that d takes: 1 s, then 2, 4 ... A bare ACK is passed over, and
   SYN+ACK is not sent again, until the last of these; the ACK of that one is taken. */
static void test_defer_accept(void)
{
    static const struct {
        const char *defer;
        uint32_t syn_acks;
        synfin_time accept;
    } rows[] = {
        {"0", 1, MS(30)},    {"1s", 2, MS(1030)}, {"2s", 2, MS(3030)},
        {"3s", 2, MS(3030)}, {"4s", 2, MS(7030)}, {"8s", 2, MS(15030)},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sim_run r;
        const char *defer = sim_text(0, LINUX "workloads.w.connections=1\nworkloads.w.hold=100s\n"
                                        "hosts.server.tcp.defer_accept=%s\n",
                                     rows[i].defer);
        if (sim_run(&r, sim_plain, defer, SIM_ROWS)) {
            CU_ASSERT_EQUAL(r.row[0].syn_ack_sent, rows[i].syn_acks);
            CU_ASSERT_EQUAL(r.row[0].duration[SYNFIN_ACCEPT], rows[i].accept);
            CU_ASSERT_EQUAL(r.row[0].duration[SYNFIN_SETUP], MS(20));
        }
        sim_run_end(&r);
        /* Data, or FIN, is what it waits for. */
        if (sim_run(&r, sim_plain, sim_text(1, "%sworkloads.w.request=100B\n", defer), SIM_ROWS))
            CU_ASSERT_EQUAL(r.row[0].duration[SYNFIN_ACCEPT], MS(30));
        sim_run_end(&r);
        if (sim_run(&r, sim_plain, sim_text(1, LINUX "workloads.w.connections=1\nhosts.server.tcp.defer_accept=%s\n",
                                            rows[i].defer), SIM_ROWS))
            CU_ASSERT_EQUAL(r.row[0].duration[SYNFIN_ACCEPT], MS(30));
        sim_run_end(&r);
    }
}

/* Its entry stays past synack_retries for as long as defer_accept lasts once its ACK has come, not without it. */
static void test_defer_accept_longer(void)
{
    struct sim_run r;
    static const char longer[] = LINUX "workloads.w.connections=1\nworkloads.w.hold=100s\n"
                                       "hosts.server.tcp.defer_accept=15s\nhosts.server.tcp.synack_retries=1\n";
    if (sim_run(&r, sim_plain, longer, SIM_ROWS)) {
        CU_ASSERT_EQUAL(r.row[0].duration[SYNFIN_ACCEPT], MS(15030));
        CU_ASSERT_EQUAL(r.row[0].syn_ack_sent, 2);
    }
    sim_run_end(&r);
    if (sim_run(&r, sim_plain,
                sim_text(0, "%slinks.wan.forward.loss.model=script\n"
                            "links.wan.forward.loss.segments=[ack:1, ack:2]\n", longer),
                SIM_ROWS | SIM_EVENTS)) {
        CU_ASSERT_EQUAL(entered(&r, "CLOSED", MS(3010)), 1);
        CU_ASSERT_EQUAL(r.row[0].duration[SYNFIN_ACCEPT], -1);
        CU_ASSERT_EQUAL(r.row[0].syn_ack_sent, 2);
    }
    sim_run_end(&r);
}

/* Data that finds the accept queue full is an acknowledgment: SYN+ACK is not sent again before the last timeout. */
static void test_defer_accept_overflow(void)
{
    static const struct {
        const char *defer;
        size_t syn_acks; /* of both connections, within 3 s */
    } rows[] = {{"0", 3}, {"3s", 2}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sim_run r;
        const char *full = sim_text(0, LINUX "hosts.server.listen.backlog=0\nhosts.server.listen.accept_rate=0\n"
                                       "hosts.server.tcp.max_syn_backlog=0\nhosts.server.tcp.syncookies=0\n"
                                       "workloads.w.arrivals.model=burst\nworkloads.w.arrivals.size=2\n"
                                       "workloads.w.arrivals.every=1s\nworkloads.w.connections=2\n"
                                       "workloads.w.request=100B\nworkloads.w.close=none\nstop=10s\n"
                                       "links.wan.forward.loss.model=script\nlinks.wan.forward.loss.segments=[ack:1]\n"
                                       "hosts.server.tcp.defer_accept=%s\n",
                                    rows[i].defer);
        if (sim_run(&r, sim_plain, full, SIM_EVENTS)) {
            CU_ASSERT_EQUAL(syn_acks(&r, 0, MS(3000)), rows[i].syn_acks);
            CU_ASSERT_EQUAL(syn_acks(&r, MS(3000), MS(3011)), 1);
            CU_ASSERT_EQUAL(r.results->crowded, 1);
        }
        sim_run_end(&r);
    }
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"max_syn_backlog with syncookies 0: three quarters of it, and one", test_three_quarters},
        {"backlog b answers b + 1, somaxconn bounds it", test_backlog},
        {"a SYN out of TIME-WAIT needs no room in the SYN queue", test_known_peer},
        {"a long queue of old requests: three SYN+ACKs are enough", test_old},
        {"a long queue of young requests: nobody goes early", test_young},
        {"syncookies 1 and 2: everybody is served at once", test_cookies},
        {"syncookies: the MSS table; window scale and SACK in the timestamp", test_cookie_options},
        {"syncookies: SACK goes on behind them", test_cookie_sack},
        {"syncookies: SYN+ACK is not sent again", test_lost_ack},
        {"syncookies: good for two minutes", test_cookie_age},
        {"accept queue: a backlog of b holds b + 1, SYNs find no room", test_accept_queue},
        {"accept queue: a cookie that finds no room is no connection", test_cookie_overflow},
        {"defer_accept: a bare ACK waits for data, or for the last timeout", test_defer_accept},
        {"defer_accept: an acknowledged request outlasts synack_retries", test_defer_accept_longer},
        {"defer_accept: data for which there is no room", test_defer_accept_overflow},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "test_listener", cases);
}
