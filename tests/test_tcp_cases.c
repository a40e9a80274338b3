/* SPDX-License-Identifier: BSD-2-Clause */
/* What went wrong in other stacks and simulators, by their public trackers, with values worked out by hand. */
#include "tcp_fixture.h"

/* libnfs 41, Linux commit ccce324dabfe: how many SYNs; failure when the last timer runs out, not with the last SYN. */
/* HOLDS(MUST-22, MUST-23, MUST-20, 6298-2.1, 6298-5.5) */
static void syn_retries(void)
{
    struct pair *p = single_new(LINUX " syn_retries=3 syn_linear_timeouts=2");
    open_active(&p->a);
    run_to_end(p);
    EXPECT_SENT(&p->a, "0 S", "1s S", "2s S", "3s S", "5s S", "9s S");
    EXPECT_NEWS(&p->a, "17s failed timeout");
    pair_free(p);

    p = single_new(LINUX " syn_retries=3 syn_linear_timeouts=0");
    open_active(&p->a);
    run_to_end(p);
    EXPECT_SENT(&p->a, "0 S", "1s S", "3s S", "7s S");
    EXPECT_NEWS(&p->a, "15s failed timeout");
    pair_free(p);

    p = single_new(RFC);
    open_active(&p->a);
    run_to_end(p);
    EXPECT_SENT(&p->a, "0 S seq=0", "1s S seq=0", "3s S seq=0", "7s S seq=0", "15s S seq=0", "31s S seq=0",
                "63s S seq=0", "127s S seq=0");
    EXPECT_NEWS(&p->a, "255s failed timeout");
    pair_free(p);
}

/* RIOT 10945, inet 1040, IncludeOS 542: SYN+ACK is repeated a bounded number of times, then the entry goes. */
static struct pair *half_open(const char *settings)
{
    struct pair *p = single_new(settings);
    open_listener(&p->a, 8);
    arrive(&p->a, "S seq=0");
    return p;
}

/* HOLDS(MUST-22) */
static void synack_retries(void)
{
    struct pair *p = half_open(LINUX);
    run_until(p, "62.9s");
    EXPECT_SENT(&p->a, "0 S. seq=0 ack=1", "1s S. seq=0 ack=1", "3s S. seq=0 ack=1", "7s S. seq=0 ack=1",
                "15s S. seq=0 ack=1", "31s S. seq=0 ack=1");
    arrive(&p->a, ". seq=1 ack=1"); /* just in time */
    EXPECT_SILENCE(&p->a);
    EXPECT_STATE(&p->a, TCP_ESTABLISHED);
    pair_free(p);

    p = half_open(LINUX);
    run_until(p, "75s");
    EXPECT_STATES(&p->a, "0 LISTEN, 0 SYN-RECEIVED, 63s CLOSED");
    forget(&p->a);
    arrive(&p->a, ". seq=1 ack=1"); /* too late */
    EXPECT_SENT(&p->a, "75s R seq=1");
    EXPECT_EQUAL(p, connections_in(&p->a, TCP_SYN_RECEIVED), 0);
    EXPECT_EQUAL(p, connections_in(&p->a, TCP_LISTEN), 1);
    pair_free(p);

    p = half_open(LINUX " synack_retries=1");
    run_to_end(p);
    EXPECT_SENT(&p->a, "0 S.", "1s S.");
    EXPECT_STATES(&p->a, "0 LISTEN, 0 SYN-RECEIVED, 3s CLOSED");
    pair_free(p);
}

/* With the kernel's timer wheel every timeout is late, never early, by at most an eighth and a tick. */
static void synack_retries_wheel(void)
{
    struct pair *p = half_open("profile=linux");
    synfin_time timeout = SYNFIN_S, last = 0;
    run_to_end(p);
    EXPECT_EQUAL(p, p->a.sends, 6);
    for (size_t i = 1; i <= p->a.sends; i++, timeout *= 2) {
        synfin_time now = i < p->a.sends ? p->a.sent[i].time : p->a.note[p->a.notes - 1].time;
        EXPECT(p, now - last >= timeout && now - last <= timeout + timeout / 8 + 4 * SYNFIN_MS);
        EXPECT_EQUAL(p, now % (4 * SYNFIN_MS), 0);
        last = now;
    }
    EXPECT_STATE(&p->a, TCP_CLOSED);
    pair_free(p);
}

/* gvisor 11536: the third segment is lost, the client silent; the repeated SYN+ACK draws the ACK that was lost. */
/* HOLDS(sequence-answer) */
static void third_segment_lost(void)
{
    static const struct {
        unsigned lost;
        const char *client, *server;
    } rows[] = {
        {1, "0 SYN-SENT, 20ms ESTABLISHED", "0 LISTEN, 10ms SYN-RECEIVED, 1.03s ESTABLISHED"},
        {2, "0 SYN-SENT, 20ms ESTABLISHED", "0 LISTEN, 10ms SYN-RECEIVED, 3.03s ESTABLISHED"},
        {3, "0 SYN-SENT, 20ms ESTABLISHED", "0 LISTEN, 10ms SYN-RECEIVED, 7.03s ESTABLISHED"},
        {4, "0 SYN-SENT, 20ms ESTABLISHED", "0 LISTEN, 10ms SYN-RECEIVED, 15.03s ESTABLISHED"},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pair *p = pair_new(RFC, RFC);
        label(p, "forward #2 to #%u lost", rows[i].lost + 1);
        for (unsigned n = 0; n < rows[i].lost; n++)
            drop(p, FORWARD, n + 2);
        open_listener(&p->b, 8);
        open_active(&p->a);
        run_to_end(p);
        EXPECT_STATES(&p->a, rows[i].client);
        EXPECT_STATES(&p->b, rows[i].server);
        EXPECT_NEWS(&p->a, "20ms established");
        EXPECT_EQUAL(p, p->a.sends, rows[i].lost + 2);
        EXPECT_EQUAL(p, p->b.sends, rows[i].lost + 1);
        pair_free(p);
    }
}

/* picotcp 148, mtcp 78, serenity 7512: the same SYN twice. */
/* HOLDS(sequence-answer) */
static void repeated_syn(void)
{
    static const struct {
        const char *settings, *answer;
    } rows[] = {{RFC, "400ms . seq=1 ack=1"}, {LINUX, "400ms S. seq=0 ack=1"}};
    for (unsigned i = 0; i < 2; i++) {
        struct pair *p = half_open(rows[i].settings);
        label(p, "%s", rows[i].settings);
        EXPECT_SENT(&p->a, "0 S. seq=0 ack=1");
        run_until(p, "400ms");
        arrive(&p->a, "S seq=0");
        EXPECT_SENT(&p->a, rows[i].answer);
        EXPECT_EQUAL(p, connections_in(&p->a, TCP_SYN_RECEIVED), 1);
        arrive(&p->a, ". seq=1 ack=1");
        EXPECT_SILENCE(&p->a);
        EXPECT_STATES(&p->a, "0 LISTEN, 0 SYN-RECEIVED, 400ms ESTABLISHED");
        pair_free(p);
    }
}

/* Linux: an answer to a repeated SYN restarts the SYN+ACK's timer; there is one in 500 ms at most. */
static void repeated_syn_restarts_timer(void)
{
    struct pair *p = half_open(LINUX);
    run_until(p, "400ms");
    arrive(&p->a, "S seq=0");
    run_until(p, "800ms");
    arrive(&p->a, "S seq=0"); /* 400 ms after the last answer: none */
    run_until(p, "950ms");
    arrive(&p->a, "S seq=0");
    run_until(p, "4s");
    EXPECT_SENT(&p->a, "0 S.", "400ms S.", "950ms S.", "1.95s S.", "3.95s S.");
    pair_free(p);

    p = half_open(RFC);
    run_until(p, "400ms");
    arrive(&p->a, "S seq=0");
    run_until(p, "2s");
    EXPECT_SENT(&p->a, "0 S.", "400ms .", "1s S.");
    pair_free(p);
}

/* gvisor 5637, 6545: how many half-open connections a listener takes: Linux, without SYN cookies, backlog and one. */
static void syn_queue(void)
{
    struct pair *p = single_new(LINUX " syncookies=0 max_syn_backlog=256");
    open_listener(&p->a, 4);
    for (uint16_t port = 5001; port <= 5009; port++)
        arrive_from(&p->a, port, "S seq=0");
    EXPECT_EQUAL(p, connections_in(&p->a, TCP_SYN_RECEIVED), 5);
    EXPECT_EQUAL(p, p->a.sends, 5); /* the others draw nothing, no reset either */
    arrive_from(&p->a, 5005, ". seq=1 ack=1");
    EXPECT_EQUAL(p, connections_in(&p->a, TCP_ESTABLISHED), 1);
    arrive_from(&p->a, 5006, "S seq=0"); /* there is room again, for one */
    arrive_from(&p->a, 5007, "S seq=0");
    EXPECT_EQUAL(p, connections_in(&p->a, TCP_SYN_RECEIVED), 5);
    pair_free(p);
}

/* A host without memory drops the SYN, as if it were lost. */
static void syn_without_memory(void)
{
    struct pair *p = single_new(RFC);
    open_listener(&p->a, 4);
    p->a.no_memory = true;
    arrive(&p->a, "S seq=0");
    EXPECT_SILENCE(&p->a);
    p->a.no_memory = false;
    arrive(&p->a, "S seq=0");
    EXPECT_SENT(&p->a, "S. seq=0 ack=1");
    pair_free(p);
}

/* shadow 3100, 3568: the FIN comes after every byte, and only from a side whose application closed. */
/* HOLDS(close-established) */
static void fin_after_data(void)
{
    for (unsigned server_closes = 0; server_closes < 2; server_closes++) {
        struct pair *p = pair_new(RFC, RFC);
        label(p, server_closes ? "server closes" : "server never closes");
        pair_delay(p, 100 * SYNFIN_MS);
        p->a.application.send_established = 3000;
        p->a.application.close_established = true;
        p->b.application.close_peer_closed = server_closes;
        open_listener(&p->b, 8);
        open_active(&p->a);
        run_until(p, "30s");
        EXPECT_SENT(&p->a, "0 S seq=0", "200ms . seq=1 ack=1", "200ms . seq=1 len=1460", "200ms . seq=1461 len=1460",
                    "200ms . seq=2921 len=80", "200ms F. seq=3001", server_closes ? "400ms . seq=3002 ack=2" : NULL);
        EXPECT_EQUAL(p, last_sent(&p->b)->ack, 3002);
        const char *told = server_closes ? "300ms established, 300ms data 1460, 300ms data 1460, 300ms data 80, "
                                           "300ms peer-closed, 500ms closed"
                                         : "300ms established, 300ms data 1460, 300ms data 1460, 300ms data 80, "
                                           "300ms peer-closed";
        EXPECT_NEWS(&p->b, told);
        EXPECT_STATES(&p->a, server_closes
                                 ? "0 SYN-SENT, 200ms ESTABLISHED, 200ms FIN-WAIT-1, 400ms FIN-WAIT-2, 400ms TIME-WAIT"
                                 : "0 SYN-SENT, 200ms ESTABLISHED, 200ms FIN-WAIT-1, 400ms FIN-WAIT-2");
        EXPECT_STATE(&p->b, server_closes ? TCP_CLOSED : TCP_CLOSE_WAIT);
        for (size_t i = 0; i < p->b.sends; i++) {
            bool last = server_closes && i == p->b.sends - 1;
            EXPECT_EQUAL(p, p->b.sent[i].segment.flags & SYNFIN_FIN, last ? SYNFIN_FIN : 0);
        }
        pair_free(p);
    }
}

/* smoltcp 470: LAST-ACK ends by the acknowledgment of the FIN, not by just any. */
/* HOLDS(ack-last-ack) */
static void last_ack(void)
{
    struct pair *p = passive_endpoint_in(TCP_CLOSE_WAIT, RFC);
    user_send(&p->a, 10);
    user_close(&p->a);
    EXPECT_SENT(&p->a, "0 . seq=1 ack=2 len=10", "0 F. seq=11 ack=2");
    EXPECT_STATES(&p->a, "0 LAST-ACK");
    run_until(p, "10ms");
    arrive(&p->a, ". seq=2 ack=11");
    EXPECT_SILENCE(&p->a);
    EXPECT_STATE(&p->a, TCP_LAST_ACK);
    run_until(p, "1.5s");
    EXPECT_SENT(&p->a, "1.01s F. seq=11 ack=2");
    arrive(&p->a, ". seq=2 ack=12");
    EXPECT_SILENCE(&p->a);
    EXPECT_STATES(&p->a, "1.5s CLOSED");
    EXPECT_NEWS(&p->a, "1.5s closed");
    EXPECT_EQUAL(p, next_timer(&p->a), SYNFIN_NEVER);
    pair_free(p);
}

/* gvisor 13165, tricep 97, smoltcp 338: which reset is believed (RFC 5961 3.2). RCV.NXT 1, RCV.WND 65535. */
/* HOLDS(5961-3-out, 5961-3-exact, 5961-3-in) */
static void which_reset(void)
{
    static const struct {
        const char *arrives, *reply;
        enum tcp_state after;
    } rows[] = {
        {"R seq=0", NULL, TCP_ESTABLISHED},
        {"R seq=1", NULL, TCP_CLOSED},
        {"R seq=2", ". seq=1 ack=1", TCP_ESTABLISHED},
        {"R seq=65535", ". seq=1 ack=1", TCP_ESTABLISHED}, /* the last in the window */
        {"R seq=65536", NULL, TCP_ESTABLISHED},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pair *p = endpoint_in(TCP_ESTABLISHED, RFC " window=65535B");
        label(p, "'%s'", rows[i].arrives);
        arrive(&p->a, rows[i].arrives);
        EXPECT_SENT(&p->a, rows[i].reply);
        EXPECT_STATE(&p->a, rows[i].after);
        EXPECT_NEWS(&p->a, rows[i].after == TCP_CLOSED ? "failed reset" : "");
        pair_free(p);
    }
}

/* shadow 3572, picotcp 249: the round trip is longer than the first timeout. At 1.6 s the server's timer (armed at
   0.6 s) comes before the second SYN (emitted at 1 s). */
static void long_round_trip(void)
{
    struct pair *p = pair_new(RFC, RFC);
    pair_delay(p, 600 * SYNFIN_MS);
    p->a.application.close_established = p->b.application.close_peer_closed = true;
    open_listener(&p->b, 8);
    open_active(&p->a);
    run_to_end(p);
    EXPECT_SENT(&p->a, "0 S seq=0", "1s S seq=0", "1.2s . seq=1 ack=1", "1.2s F. seq=1 ack=1", "2.2s . seq=2 ack=1",
                "2.4s . seq=2 ack=2");
    EXPECT_SENT(&p->b, "600ms S. seq=0 ack=1", "1.6s S. seq=0 ack=1", "1.6s . seq=1 ack=1", "1.8s F. seq=1 ack=2");
    EXPECT_STATES(&p->a, "0 SYN-SENT, 1.2s ESTABLISHED, 1.2s FIN-WAIT-1, 2.4s FIN-WAIT-2, 2.4s TIME-WAIT, "
                         "242.4s CLOSED");
    EXPECT_STATES(&p->b, "0 LISTEN, 600ms SYN-RECEIVED, 1.8s ESTABLISHED, 1.8s CLOSE-WAIT, 1.8s LAST-ACK, 3s CLOSED");
    pair_free(p);
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"S01 RFC 6298 5.5 how many SYNs and when the attempt ends", syn_retries},
        {"S02 RFC 9293 3.8.1 a half-open entry that nobody confirms", synack_retries},
        {"S02 Linux timer wheel: a half-open entry", synack_retries_wheel},
        {"S03 RFC 9293 3.10.7.4 the third segment is lost", third_segment_lost},
        {"S04 RFC 9293 3.10.7.4 the same SYN arrives twice", repeated_syn},
        {"Linux: a repeated SYN restarts the timer, one answer in 500 ms", repeated_syn_restarts_timer},
        {"S13 Linux: how many half-open connections", syn_queue},
        {"no memory for a SYN", syn_without_memory},
        {"S10 RFC 9293 3.10.4 the FIN comes after every byte", fin_after_data},
        {"S11 RFC 9293 3.10.7.4 LAST-ACK ends by the acknowledgment of the FIN", last_ack},
        {"S14 RFC 5961 3.2 which reset is believed", which_reset},
        {"S15 RFC 9293 3.10.7.4 the round trip is longer than the timeout", long_round_trip},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "test_tcp_cases", cases);
}
