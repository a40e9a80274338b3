/* SPDX-License-Identifier: BSD-2-Clause */
/* Ports and TIME-WAIT in whole runs: why there is none, when one in TIME-WAIT is taken again (RFC 6191 as Linux has
   it), and how many of those a host keeps. 10 ms one way: TIME-WAIT begins 40 ms after a connection that closes at once. */
#include <string.h>

#include "sim_run.h"
#include "suite.h"

#define MS(n) ((n) * SYNFIN_MS)
#define LINUX "hosts.client.profile=linux\nhosts.server.profile=linux\nhosts.client.tcp.timers=exact\n" \
              "hosts.server.tcp.timers=exact\n"
#define TEN_A_SECOND "workloads.w.arrivals.rate=10/s\n"

static const struct synfin_connection_counts *counts(const struct sim_run *r)
{
    return &r->results->total.connections;
}

/* States that a side entered. */
static size_t entered(const struct sim_run *r, bool client, const char *state)
{
    size_t n = 0;
    for (size_t i = 0; i < r->events; i++) {
        const struct synfin_event *e = &r->event[i];
        n += e->kind == SYNFIN_EVENT_STATE && e->client == client && strcmp(e->state, state) == 0;
    }
    return n;
}

/* ---- Why there is no port ---------------------------------------------------------------------------------------- */

static void check_reasons(const char *more, uint64_t in_use, uint64_t time_wait)
{
    struct sim_run r;
    const char *few = sim_text(0, TEN_A_SECOND "hosts.client.ports=50000-50009\nworkloads.w.connections=30\n%s", more);
    if (sim_run(&r, sim_plain, few, 0)) {
        CU_ASSERT_EQUAL(counts(&r)->no_port[SYNFIN_PORTS_IN_USE], in_use);
        CU_ASSERT_EQUAL(counts(&r)->no_port[SYNFIN_PORTS_IN_TIME_WAIT], time_wait);
        CU_ASSERT_EQUAL(counts(&r)->failed[SYNFIN_NO_PORT], in_use + time_wait);
        CU_ASSERT_EQUAL(counts(&r)->established, 30 - in_use - time_wait);
        CU_ASSERT_EQUAL(r.results->workload[0].connections.no_port[SYNFIN_PORTS_IN_TIME_WAIT], time_wait);
    }
    sim_run_end(&r);
}

static void test_reasons(void)
{
    check_reasons("", 0, 20);
    check_reasons("workloads.w.hold=60s\n", 20, 0);
    /* The first is in TIME-WAIT from 1.54 s on, 15 connections later. */
    check_reasons("workloads.w.hold=1500ms\n", 6, 14);
    /* At the server's end TIME-WAIT takes no port: each is free again 1.56 s after it was taken, for the sixteenth. */
    check_reasons("workloads.w.hold=1500ms\nworkloads.w.close=server\n", 10, 0);
    /* Two addresses, in turn: each has ports of its own. */
    check_reasons("hosts.client.addresses=2\n", 0, 10);
    /* A retry needs a port as well; that of the try given up is free. */
    check_reasons("workloads.w.connect_timeout=15ms\nworkloads.w.retries=1\nlinks.wan.forward.delay.model=script\n"
                  "links.wan.forward.delay.extra=1s\nlinks.wan.forward.delay.segments=[syn:1]\nworkloads.w.hold=60s\n",
                  20, 0);
}

/* TIME-WAIT that has ended is no reason. */
static void test_ended(void)
{
    static const char later[] = "workloads.later.from=client\nworkloads.later.to=server\nworkloads.later.over=wan\n"
                                "workloads.later.protocol=tcp\nworkloads.later.start=5s\nworkloads.later.hold=60s\n"
                                "workloads.later.arrivals.model=constant\nworkloads.later.arrivals.rate=10/s\n"
                                "workloads.later.connections=25\nworkloads.later.close=client\n";
    struct sim_run r;
    if (sim_run(&r, sim_text(0, "%s%s", sim_plain, later),
                "hosts.client.ports=50000-50009\nhosts.client.tcp.time_wait=1s\n", 0)) {
        CU_ASSERT_EQUAL(counts(&r)->no_port[SYNFIN_PORTS_IN_USE], 15);
        CU_ASSERT_EQUAL(counts(&r)->no_port[SYNFIN_PORTS_IN_TIME_WAIT], 0);
        CU_ASSERT_EQUAL(r.results->workload[0].connections.failed[SYNFIN_NO_PORT], 0);
    }
    sim_run_end(&r);
}

/* ---- tw_reuse ---------------------------------------------------------------------------------------------------- */

/* Connections 0 to 29, ten a second, of ten ports: which of them failed for want of one. */
static void check_reuse(const char *more, const char *expected)
{
    struct sim_run r;
    char failed[31] = "";
    const char *few = sim_text(0, LINUX TEN_A_SECOND "workloads.w.connections=30\n%s%s",
                               strstr(more, ".ports=") ? "" : "hosts.client.ports=50000-50009\n", more);
    if (sim_run(&r, sim_plain, few, SIM_ROWS)) {
        for (size_t i = 0; i < 30; i++)
            failed[i] = r.row[i].outcome == SYNFIN_OUTCOME_NO_PORT ? 'x' : '.';
        CU_ASSERT_STRING_EQUAL(failed, expected);
    }
    sim_run_end(&r);
}

static void test_reuse(void)
{
    static const char never[] = "..........xxxxxxxxxxxxxxxxxxxx";
    check_reuse("hosts.client.tcp.tw_reuse=0\n", never);
    check_reuse("hosts.client.tcp.tw_reuse=2\n", never); /* only from an address to itself */
    check_reuse("", never);
    check_reuse("hosts.client.tcp.tw_reuse=1\nhosts.client.tcp.timestamps=false\n", never);
    check_reuse("hosts.client.tcp.tw_reuse=1\nhosts.server.tcp.timestamps=false\n", never);
    /* The tenth comes 960 ms after the first has entered TIME-WAIT, the next one 1060 ms; each takes the port of the
       one eleven before it, until the ten have been taken and the next is too early again. */
    check_reuse("hosts.client.tcp.tw_reuse=1\n", "..........x..........x........");
    /* Exactly one second is not enough: 60 ms later in TIME-WAIT, eleven connections later. */
    check_reuse("hosts.client.tcp.tw_reuse=1\nworkloads.w.hold=60ms\n", "..........xx..........xx......");
    check_reuse("hosts.client.tcp.tw_reuse=1\nworkloads.w.hold=59ms\n", "..........x..........x........");
    /* A FIN that comes again, for the last ACK was lost, starts TIME-WAIT anew, but not that second. */
    check_reuse("hosts.client.tcp.tw_reuse=1\nhosts.client.ports=50000-50000\nlinks.wan.forward.loss.model=script\n"
                "links.wan.forward.loss.segments=[ack:2]\n",
                ".xxxxxxxxxx.xxxxxxxxxx.xxxxxxx");
}

/* ---- max_tw_buckets ---------------------------------------------------------------------------------------------- */

/* One a 100 ms enters TIME-WAIT for 5 s: of each fifty the first `most` find room, those of the next fifty again. */
static void check_buckets(const char *profile, const char *buckets, uint64_t waits)
{
    struct sim_run r;
    const char *more = sim_text(0, TEN_A_SECOND "workloads.w.connections=150\nhosts.client.tcp.time_wait=5s\n%s%s",
                                profile, buckets);
    if (sim_run(&r, sim_plain, more, SIM_EVENTS)) {
        CU_ASSERT_EQUAL(counts(&r)->closed, 150);
        CU_ASSERT_EQUAL(counts(&r)->time_wait_overflow, 150 - waits);
        CU_ASSERT_EQUAL(r.results->workload[0].connections.time_wait_overflow, 150 - waits);
        CU_ASSERT_EQUAL(entered(&r, true, "TIME-WAIT"), waits);
        CU_ASSERT_EQUAL(entered(&r, true, "CLOSED"), 150);
        CU_ASSERT_EQUAL(r.results->total.segments[0].kind[SYNFIN_KIND_ACK], 300); /* the last one too */
        CU_ASSERT_EQUAL(r.results->total.segments[0].kind[SYNFIN_KIND_RST], 0);
    }
    sim_run_end(&r);
}

static void test_buckets(void)
{
    check_buckets("", "", 150);
    check_buckets("", "hosts.client.tcp.max_tw_buckets=50\n", 150);
    check_buckets("", "hosts.client.tcp.max_tw_buckets=20\n", 60);
    check_buckets(LINUX, "hosts.client.tcp.max_tw_buckets=20\n", 60);
    check_buckets(LINUX, "hosts.client.tcp.max_tw_buckets=1\n", 3);
    check_buckets(LINUX, "hosts.client.tcp.max_tw_buckets=0\n", 0);
    check_buckets(LINUX, "hosts.server.tcp.max_tw_buckets=0\n", 150); /* the end that closed first */
    struct sim_run r;
    if (sim_run(&r, sim_plain,
                LINUX "workloads.w.close=server\nhosts.client.tcp.max_tw_buckets=3\n"
                      "hosts.server.tcp.max_tw_buckets=4\n",
                SIM_EVENTS)) {
        CU_ASSERT_EQUAL(counts(&r)->closed, 10);
        CU_ASSERT_EQUAL(entered(&r, false, "TIME-WAIT"), 4);
        CU_ASSERT_EQUAL(counts(&r)->time_wait_overflow, 6);
    }
    sim_run_end(&r);
}

/* Nobody answers for what is not in TIME-WAIT: a FIN that comes again draws a reset; and its port is free at once. */
static void test_without_time_wait(void)
{
    struct sim_run r;
    static const char lost[] = LINUX "workloads.w.connections=1\nlinks.wan.forward.loss.model=script\n"
                                     "links.wan.forward.loss.segments=[ack:2]\n";
    if (sim_run(&r, sim_plain, lost, SIM_ROWS)) {
        CU_ASSERT_EQUAL(counts(&r)->closed, 1);
        CU_ASSERT_EQUAL(r.results->total.segments[0].kind[SYNFIN_KIND_RST], 0);
    }
    sim_run_end(&r);
    if (sim_run(&r, sim_plain, sim_text(0, "%shosts.client.tcp.max_tw_buckets=0\n", lost), SIM_ROWS)) {
        CU_ASSERT_EQUAL(counts(&r)->failed[SYNFIN_RESET], 1);
        CU_ASSERT_EQUAL(r.results->total.segments[0].kind[SYNFIN_KIND_RST], 1);
        CU_ASSERT_EQUAL(r.row[0].duration[SYNFIN_TEARDOWN], MS(20)); /* the client's own end was in order */
    }
    sim_run_end(&r);
    if (sim_run(&r, sim_plain, TEN_A_SECOND "hosts.client.ports=50000-50001\nhosts.client.tcp.max_tw_buckets=1\n", 0)) {
        CU_ASSERT_EQUAL(counts(&r)->closed, 10); /* one port rests, nine use the other */
        CU_ASSERT_EQUAL(counts(&r)->time_wait_overflow, 9);
    }
    sim_run_end(&r);
}

/* Linux's tcp_time_wait(sk, TCP_FIN_WAIT2, ...): connections in FIN-WAIT-2 that the user has closed count too, unless
   fin_timeout is longer than a minute. The server closes 5 s later. */
static void test_buckets_in_fin_wait_2(void)
{
    static const struct {
        const char *more;
        uint64_t closed, reset, overflow;
    } rows[] = {
        {LINUX, 3, 7, 7},
        {LINUX "hosts.client.tcp.fin_timeout=70s\n", 10, 0, 7}, /* TIME-WAIT alone */
        {"hosts.client.tcp.fin_timeout=60s\nhosts.client.tcp.time_wait=60s\n", 10, 0, 7}, /* rfc9293 likewise */
        {LINUX "hosts.client.tcp.fin_timeout=1s\n", 0, 12, 7}, /* ten a second: the last two find room again */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sim_run r;
        const char *more = sim_text(0, "workloads.w.close_after=5s\nhosts.client.tcp.max_tw_buckets=3\n%s%s",
                                    i == 3 ? TEN_A_SECOND "workloads.w.connections=12\n" : "", rows[i].more);
        if (sim_run(&r, sim_plain, more, 0)) {
            CU_ASSERT_EQUAL(counts(&r)->closed, rows[i].closed);
            CU_ASSERT_EQUAL(counts(&r)->failed[SYNFIN_RESET], rows[i].reset);
            CU_ASSERT_EQUAL(counts(&r)->time_wait_overflow, rows[i].overflow);
        }
        sim_run_end(&r);
    }
}

/* A user who has closed one direction and reads on is there: FIN-WAIT-2 has no limit until the response has come. */
static void test_half_close(void)
{
    struct sim_run r;
    static const char slow[] = LINUX "workloads.w.half_close=true\nworkloads.w.request=1B\nworkloads.w.response=1B\n"
                                     "hosts.server.listen.accept_after=100s\n";
    if (sim_run(&r, sim_plain, slow, SIM_ROWS)) {
        CU_ASSERT_EQUAL(counts(&r)->closed, 10);
        for (size_t i = 0; i < r.rows; i++)
            CU_ASSERT_EQUAL(r.row[i].opened + r.row[i].duration[SYNFIN_RESPONSE], MS(100010));
    }
    sim_run_end(&r);
    if (sim_run(&r, sim_plain, sim_text(0, "%shosts.client.tcp.max_tw_buckets=3\n", slow), SIM_ROWS)) {
        CU_ASSERT_EQUAL(synfin_statistic_count(r.results->total.metric[SYNFIN_RESPONSE]), 10);
        CU_ASSERT_EQUAL(counts(&r)->time_wait_overflow, 7);
    }
    sim_run_end(&r);
    /* Then it is gone, and a server that never closes is waited for as long as fin_timeout says. */
    if (sim_run(&r, sim_plain, sim_text(0, "%sworkloads.w.close=client-only\nhosts.client.tcp.fin_timeout=7s\n", slow),
                SIM_EVENTS)) {
        CU_ASSERT_EQUAL(entered(&r, true, "CLOSED"), 10);
        CU_ASSERT_EQUAL(r.results->simulated, MS(107010));
    }
    sim_run_end(&r);
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"no port: all in use, or some in TIME-WAIT", test_reasons},
        {"no port: TIME-WAIT that has ended is no reason", test_ended},
        {"RFC 6191 tw_reuse 0, 1, 2: a port more than a second in TIME-WAIT, with timestamps", test_reuse},
        {"max_tw_buckets: who finds no room is closed at once", test_buckets},
        {"max_tw_buckets: what is not in TIME-WAIT does not answer, nor hold its port", test_without_time_wait},
        {"max_tw_buckets: Linux counts orphans in FIN-WAIT-2", test_buckets_in_fin_wait_2},
        {"a client that half-closes and reads on is no orphan", test_half_close},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "test_ports", cases);
}
