/* SPDX-License-Identifier: BSD-2-Clause */
/* Servers that accept late, slowly or never (Linux's accept queue); requests that go with the SYN (Fast Open). 10 ms
   one way. */
#include "sim_run.h"
#include "suite.h"

#define MS(n) ((n) * SYNFIN_MS)
#define LINUX "hosts.client.profile=linux\nhosts.server.profile=linux\nhosts.client.tcp.timers=exact\n" \
              "hosts.server.tcp.timers=exact\n"

static const struct synfin_connection_counts *counts(const struct sim_run *r)
{
    return &r->results->total.connections;
}

/* What the application does not know of it does not answer: the response waits for accept(), ACCEPT does not. */
static void test_late(void)
{
    struct sim_run r;
    if (sim_run(&r, sim_plain, LINUX "hosts.server.listen.accept_after=5s\nworkloads.w.response=100B\n"
                                     "workloads.w.request=100B\n", SIM_ROWS)) {
        CU_ASSERT_EQUAL(counts(&r)->closed, 10);
        CU_ASSERT_EQUAL(sim_run_count(&r, SYNFIN_ACCEPT, MS(30)), 10);
        for (size_t i = 0; i < r.rows; i++)
            CU_ASSERT_EQUAL(r.row[i].duration[SYNFIN_RESPONSE], MS(5010) - r.row[i].opened);
    }
    sim_run_end(&r);
}

/* One in 100 ms, in order of arrival; the first at once. Peers that close meanwhile are told of later. */
static void test_slow(void)
{
    struct sim_run r;
    if (sim_run(&r, sim_plain, LINUX "hosts.server.listen.accept_rate=10/s\nworkloads.w.response=100B\n", SIM_ROWS)) {
        CU_ASSERT_EQUAL(counts(&r)->closed, 10);
        for (size_t i = 0; i < r.rows; i++)
            CU_ASSERT_EQUAL(r.row[i].opened + r.row[i].duration[SYNFIN_RESPONSE], MS(40) + MS(100) * (synfin_time)i);
    }
    sim_run_end(&r);
    if (sim_run(&r, sim_plain, LINUX "hosts.server.listen.accept_rate=10/s\n", SIM_ROWS)) {
        CU_ASSERT_EQUAL(counts(&r)->closed, 10);
        CU_ASSERT_EQUAL(r.row[9].duration[SYNFIN_CLOSE], MS(950 - 110)); /* FIN at 110 ms, the server's at 930 */
    }
    sim_run_end(&r);
}

/* Linux: a backlog of b holds b + 1. A SYN then finds no room, and the client gives up; nothing is half-open. */
static void test_never(void)
{
    struct sim_run r;
    if (sim_run(&r, sim_plain, LINUX "hosts.server.listen.accept_rate=0\nhosts.server.listen.backlog=3\n"
                                     "workloads.w.close=none\nworkloads.w.arrivals.rate=1/s\nstop=300s\n", SIM_ROWS)) {
        CU_ASSERT_EQUAL(counts(&r)->established, 4);
        CU_ASSERT_EQUAL(counts(&r)->open, 4);
        CU_ASSERT_EQUAL(counts(&r)->failed[SYNFIN_TIMEOUT], 6);
        CU_ASSERT_EQUAL(sim_run_count(&r, SYNFIN_ACCEPT, MS(30)), 4);
    }
    sim_run_end(&r);
}

/* Those that were half-open when the queue filled: their ACKs are ignored, and SYN+ACKs repeated until the end; with
   abort_on_overflow they are reset at once. */
static void test_overflow(void)
{
    static const char burst[] = LINUX "hosts.server.listen.accept_rate=0\nhosts.server.listen.backlog=2\n"
                                      "hosts.server.tcp.syncookies=0\nhosts.server.tcp.max_syn_backlog=1000\n"
                                      "workloads.w.close=none\nstop=300s\n"
                                      "workloads.w.connections=4\n";
    struct sim_run r;
    if (sim_run(&r, sim_plain, burst, SIM_ROWS)) {
        /* three wait; the fourth is half-open */
        CU_ASSERT_EQUAL(counts(&r)->established, 4);
        CU_ASSERT_EQUAL(counts(&r)->failed[SYNFIN_TIMEOUT], 1);
        CU_ASSERT_EQUAL(r.row[3].syn_ack_sent, 6);
        CU_ASSERT_EQUAL(r.row[3].duration[SYNFIN_ACCEPT], -1);
    }
    sim_run_end(&r);
    if (sim_run(&r, sim_plain,
                sim_text(0, "%shosts.server.tcp.abort_on_overflow=true\n", burst),
                SIM_ROWS)) {
        CU_ASSERT_EQUAL(counts(&r)->failed[SYNFIN_RESET], 1);
        CU_ASSERT_EQUAL(r.row[3].syn_ack_sent, 1);
    }
    sim_run_end(&r);
}

/* RFC 7413: the first connection asks for a cookie, and its request follows the handshake; those that come after it has
   one save a round trip. */
static void test_fast_open(void)
{
    static const char fast[] = LINUX "hosts.server.tcp.fastopen_queue=16\nworkloads.w.request=100B\n"
                                     "workloads.w.response=100B\n";
#define SERVER "hosts.server.tcp.fastopen=3\n"
#define ASKED "workloads.w.fast_open=true\n"
    struct sim_run r;
    if (sim_run(&r, sim_plain, sim_text(0, "%s" SERVER ASKED, fast), SIM_ROWS)) {
        CU_ASSERT_EQUAL(counts(&r)->closed, 10);
        CU_ASSERT_EQUAL(r.row[0].duration[SYNFIN_RESPONSE], MS(40));
        CU_ASSERT_EQUAL(r.row[9].duration[SYNFIN_RESPONSE], MS(20));
        CU_ASSERT_EQUAL(sim_run_count(&r, SYNFIN_RESPONSE, MS(20)), 7); /* three were sent before the cookie came */
        CU_ASSERT_EQUAL(sim_run_count(&r, SYNFIN_ACCEPT, MS(30)), 10);
    }
    sim_run_end(&r);
    /* Fall-back: a server that does not know of it; and the application has to ask for it. */
    if (sim_run(&r, sim_plain, sim_text(0, "%s" ASKED, fast), SIM_ROWS))
        CU_ASSERT_EQUAL(sim_run_count(&r, SYNFIN_RESPONSE, MS(40)), 10);
    sim_run_end(&r);
    if (sim_run(&r, sim_plain, sim_text(0, "%s" SERVER, fast), SIM_ROWS))
        CU_ASSERT_EQUAL(sim_run_count(&r, SYNFIN_RESPONSE, MS(40)), 10);
    sim_run_end(&r);
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"a server that accepts late", test_late},
        {"a server that accepts slowly", test_slow},
        {"a server that never accepts", test_never},
        {"the accept queue overflows", test_overflow},
        {"RFC 7413 Fast Open: response a round trip earlier", test_fast_open},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "test_application", cases);
}
