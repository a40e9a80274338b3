/* SPDX-License-Identifier: BSD-2-Clause */
/* The figures of RFC 9293 sections 3.5 and 3.6, between two endpoints 10 ms apart. */
#include "tcp_fixture.h"

static struct pair *client_and_server(void)
{
    struct pair *p = pair_new(RFC, RFC);
    open_listener(&p->b, 8);
    return p;
}

/* Both ESTABLISHED, what led there seen. */
static struct pair *established(void)
{
    struct pair *p = pair_new(RFC " time_wait=4s", RFC " time_wait=4s");
    open_listener(&p->b, 8);
    open_active(&p->a);
    run_until(p, "100ms");
    EXPECT_STATE(&p->a, TCP_ESTABLISHED);
    EXPECT_STATE(&p->b, TCP_ESTABLISHED);
    forget(&p->a);
    forget(&p->b);
    return p;
}

/* Figure 6 */
/* HOLDS(listen-syn, syn-sent-syn-ack, ack-syn-received) */
static void three_way_handshake(void)
{
    struct pair *p = client_and_server();
    open_active(&p->a);
    run_until(p, "30ms");
    user_send(&p->a, 10);
    run_to_end(p);
    EXPECT_SENT(&p->a, "0 S seq=0", "20ms . seq=1 ack=1", "30ms . seq=1 ack=1 len=10");
    EXPECT_SENT(&p->b, "10ms S. seq=0 ack=1", "40ms . seq=1 ack=11");
    EXPECT_STATES(&p->a, "0 SYN-SENT, 20ms ESTABLISHED");
    EXPECT_STATES(&p->b, "0 LISTEN, 10ms SYN-RECEIVED, 30ms ESTABLISHED");
    EXPECT_NEWS(&p->a, "20ms established");
    EXPECT_NEWS(&p->b, "30ms established, 40ms data 10");
    pair_free(p);
}

/* Figure 7: one SYN and one SYN+ACK each (inet issue 92, picotcp issue 528). Linux acknowledges the SYN+ACK as well. */
static void simultaneous_open(const char *settings, bool extra)
{
    struct pair *p = pair_new(settings, settings);
    open_active(&p->a);
    open_active(&p->b);
    run_to_end(p);
    struct side *sides[] = {&p->a, &p->b};
    for (unsigned i = 0; i < 2; i++) {
        if (extra)
            EXPECT_SENT(sides[i], "0 S seq=0", "10ms S. seq=0 ack=1", "20ms . seq=1 ack=1");
        else
            EXPECT_SENT(sides[i], "0 S seq=0", "10ms S. seq=0 ack=1");
        EXPECT_STATES(sides[i], "0 SYN-SENT, 10ms SYN-RECEIVED, 20ms ESTABLISHED");
        EXPECT_NEWS(sides[i], "20ms established");
    }
    pair_free(p);
}

/* HOLDS(MUST-10) */
static void simultaneous_open_rfc(void)
{
    simultaneous_open(RFC, false);
}

/* HOLDS(MUST-10) */
static void simultaneous_open_linux(void)
{
    simultaneous_open(LINUX, true);
}

/* Figure 8: an old duplicate SYN reaches a listener; the reset brings it back to LISTEN before the new SYN arrives. */
/* HOLDS(MUST-11, reset-passive) */
static void old_duplicate_syn(void)
{
    struct pair *p = client_and_server();
    drop(p, FORWARD, 1); /* the new SYN arrives by its repetition */
    open_active(&p->a);
    arrive(&p->b, "S seq=-10");
    run_until(p, "20ms");
    EXPECT_SENT(&p->a, "0 S seq=0", "10ms R seq=-9");
    EXPECT_STATES(&p->b, "0 LISTEN, 0 SYN-RECEIVED, 20ms CLOSED");
    EXPECT_EQUAL(p, connections_in(&p->b, TCP_LISTEN), 1);
    EXPECT_SENT(&p->b, "0 S. ack=-9");
    EXPECT_NEWS(&p->b, "20ms failed reset");
    run_to_end(p);
    EXPECT_STATES(&p->a, "0 SYN-SENT, 1.02s ESTABLISHED");
    EXPECT_STATES(&p->b, "1.01s SYN-RECEIVED, 1.03s ESTABLISHED");
    EXPECT_SENT(&p->b, "1.01s S. seq=0 ack=1");
    pair_free(p);
}

/* A side that has forgotten the connection: its memory is lost, no segment is sent. */
static void crash(struct side *s)
{
    struct slot *slot = s->current;
    for (unsigned i = 0; i < SYNFIN_TIMERS; i++)
        slot->timer[i].on = false;
    slot->name.local_port = 1; /* nothing finds it any more */
}

/* Figure 9: a crashed and opens again; b answers the SYN with an ACK, a resets it, the next SYN opens. */
/* HOLDS(syn-synchronized, syn-sent-ack) */
static void half_open_discovery(void)
{
    struct pair *p = established();
    crash(&p->a);
    open_active(&p->a);
    run_until(p, "150ms");
    EXPECT_SENT(&p->b, "110ms .");
    EXPECT_STATES(&p->b, "130ms CLOSED");
    EXPECT_NEWS(&p->b, "130ms failed reset");
    EXPECT_EQUAL(p, last_sent(&p->a)->segment.seq, last_sent(&p->b)->segment.ack);
    EXPECT_SENT(&p->a, "100ms S seq=0", "120ms R");
    EXPECT_STATE(&p->a, TCP_SYN_SENT);
    run_to_end(p);
    EXPECT_STATES(&p->a, "100ms SYN-SENT, 1.12s ESTABLISHED");
    EXPECT_STATES(&p->b, "1.11s SYN-RECEIVED, 1.13s ESTABLISHED");
    pair_free(p);
}

/* Figure 10: b sends data to an a that crashed; the reset that it draws ends b. */
/* HOLDS(closed-ack, reset-synchronized) */
static void half_open_active_side(void)
{
    struct pair *p = established();
    crash(&p->a);
    user_send(&p->b, 10);
    run_to_end(p);
    EXPECT_SENT(&p->b, "100ms . seq=1 ack=1 len=10");
    EXPECT_SENT(&p->a, "110ms R seq=1");
    EXPECT_STATES(&p->b, "120ms CLOSED");
    EXPECT_NEWS(&p->b, "120ms failed reset");
    pair_free(p);
}

/* Figure 11: an old duplicate SYN between two passive sockets. */
/* HOLDS(reset-passive, listen-ack) */
static void two_passive_sockets(void)
{
    struct pair *p = single_new(RFC);
    open_listener(&p->a, 8);
    arrive(&p->a, "S seq=0");
    EXPECT_SENT(&p->a, "S. seq=0 ack=1");
    arrive(&p->a, "R seq=1"); /* by 3.10.7.2 the other listener answers <SEQ=Z+1><CTL=RST> */
    EXPECT_SILENCE(&p->a);
    EXPECT_EQUAL(p, connections_in(&p->a, TCP_SYN_RECEIVED), 0);
    EXPECT_EQUAL(p, connections_in(&p->a, TCP_LISTEN), 1);
    pair_free(p);

    p = single_new(RFC);
    open_listener(&p->a, 8);
    arrive(&p->a, "S. seq=300 ack=91 absolute");
    EXPECT_SENT(&p->a, "R seq=91 absolute");
    EXPECT_STATE(&p->a, TCP_LISTEN);
    pair_free(p);
}

/* Figure 12 */
/* HOLDS(close-established, close-wait, ack-fin-wait-1, ack-last-ack, MUST-12) */
static void normal_close(void)
{
    struct pair *p = established();
    user_close(&p->a);
    run_until(p, "150ms");
    user_close(&p->b);
    run_to_end(p);
    EXPECT_SENT(&p->a, "100ms F. seq=1 ack=1", "160ms . seq=2 ack=2");
    EXPECT_SENT(&p->b, "110ms . seq=1 ack=2", "150ms F. seq=1 ack=2");
    EXPECT_STATES(&p->a, "100ms FIN-WAIT-1, 120ms FIN-WAIT-2, 160ms TIME-WAIT, 4.16s CLOSED");
    EXPECT_STATES(&p->b, "110ms CLOSE-WAIT, 150ms LAST-ACK, 170ms CLOSED");
    EXPECT_NEWS(&p->a, "160ms peer-closed");
    EXPECT_NEWS(&p->b, "110ms peer-closed, 170ms closed");
    pair_free(p);
}

/* Figure 13: through CLOSING, and TIME-WAIT has its timer (FreeRTOS-Plus-TCP issue 1303, mirage-tcpip 489). */
/* HOLDS(fin-fin-wait-1, ack-closing) */
static void simultaneous_close(void)
{
    struct pair *p = established();
    user_close(&p->a);
    user_close(&p->b);
    run_to_end(p);
    struct side *sides[] = {&p->a, &p->b};
    for (unsigned i = 0; i < 2; i++) {
        EXPECT_SENT(sides[i], "100ms F. seq=1 ack=1", "110ms . seq=2 ack=2");
        EXPECT_STATES(sides[i], "100ms FIN-WAIT-1, 110ms CLOSING, 120ms TIME-WAIT, 4.12s CLOSED");
        EXPECT_NEWS(sides[i], "110ms peer-closed");
    }
    pair_free(p);
}

/* 3.6 case 2 with a half-close: the passive side sends on for as long as it likes, the active side acknowledges. */
/* HOLDS(text, send) */
static void half_close(void)
{
    struct pair *p = established();
    user_close(&p->a);
    run_until(p, "150ms");
    user_send(&p->b, 3000);
    run_until(p, "5s");
    user_send(&p->b, 100);
    user_close(&p->b);
    run_to_end(p);
    EXPECT_STATES(&p->a, "100ms FIN-WAIT-1, 120ms FIN-WAIT-2, 5.01s TIME-WAIT, 9.01s CLOSED");
    EXPECT_STATES(&p->b, "110ms CLOSE-WAIT, 5s LAST-ACK, 5.02s CLOSED");
    EXPECT_NEWS(&p->a, "160ms data 1460, 160ms data 1460, 160ms data 80, 5.01s data 100, 5.01s peer-closed");
    EXPECT_EQUAL(p, last_sent(&p->a)->ack, 3102);
    pair_free(p);
}

/* A whole life in six segments: both applications close at once. */
static void shortest_life(const char *settings, const char *states)
{
    struct pair *p = pair_new(settings, settings);
    open_listener(&p->b, 8);
    p->a.application.close_established = p->b.application.close_peer_closed = true;
    open_active(&p->a);
    run_to_end(p);
    EXPECT_SENT(&p->a, "0 S seq=0", "20ms . seq=1 ack=1", "20ms F. seq=1 ack=1", "40ms . seq=2 ack=2");
    EXPECT_SENT(&p->b, "10ms S. seq=0 ack=1", "30ms F. seq=1 ack=2");
    EXPECT_STATES(&p->a, states);
    EXPECT_STATES(&p->b, "0 LISTEN, 10ms SYN-RECEIVED, 30ms ESTABLISHED, 30ms CLOSE-WAIT, 30ms LAST-ACK, 50ms CLOSED");
    EXPECT_NEWS(&p->a, "20ms established, 40ms peer-closed");
    EXPECT_NEWS(&p->b, "30ms established, 30ms peer-closed, 50ms closed");
    pair_free(p);
}

static void shortest_life_rfc(void)
{
    shortest_life(RFC, "0 SYN-SENT, 20ms ESTABLISHED, 20ms FIN-WAIT-1, 40ms FIN-WAIT-2, 40ms TIME-WAIT, "
                       "240.04s CLOSED");
}

static void shortest_life_linux(void)
{
    shortest_life(LINUX, "0 SYN-SENT, 20ms ESTABLISHED, 20ms FIN-WAIT-1, 40ms FIN-WAIT-2, 40ms TIME-WAIT, "
                         "60.04s CLOSED");
}

/* Each segment of a direction has the next ordinal, through TIME-WAIT and all. */
static void ordinals(void)
{
    struct pair *p = pair_new(RFC, RFC);
    open_listener(&p->b, 8);
    p->a.application.close_established = p->b.application.close_peer_closed = true;
    drop(p, FORWARD, 4);
    open_active(&p->a);
    run_to_end(p);
    EXPECT_EQUAL(p, p->a.sends, 5);
    EXPECT_EQUAL(p, p->b.sends, 3);
    for (uint32_t i = 0; i < p->a.sends; i++)
        EXPECT_EQUAL(p, p->a.sent[i].segment.ordinal, i);
    for (uint32_t i = 0; i < p->b.sends; i++)
        EXPECT_EQUAL(p, p->b.sent[i].segment.ordinal, i);
    pair_free(p);
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"RFC 9293 3.5 figure 6: three-way handshake", three_way_handshake},
        {"RFC 9293 3.5 figure 7, S05: simultaneous open", simultaneous_open_rfc},
        {"RFC 9293 3.5 figure 7: simultaneous open, Linux", simultaneous_open_linux},
        {"RFC 9293 3.5 figure 8: old duplicate SYN", old_duplicate_syn},
        {"RFC 9293 3.5 figure 9: half-open connection discovery", half_open_discovery},
        {"RFC 9293 3.5 figure 10: the active side discovers it", half_open_active_side},
        {"RFC 9293 3.5 figure 11: old duplicate SYN, two passive sockets", two_passive_sockets},
        {"RFC 9293 3.6 figure 12: normal close", normal_close},
        {"RFC 9293 3.6 figure 13, S09: simultaneous close", simultaneous_close},
        {"RFC 9293 3.6 half-close with data from the passive side", half_close},
        {"RFC 9293 3.5, 3.6: six segments, rfc9293", shortest_life_rfc},
        {"RFC 9293 3.5, 3.6: six segments, Linux", shortest_life_linux},
        {"ordinals count up, TIME-WAIT included", ordinals},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "test_tcp_figures", cases);
}
