/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 9293 3.10.1 to 3.10.6: what the user calls, in every state. */
#include "tcp_fixture.h"

#include <string.h>

/* ---- 3.10.1 OPEN ------------------------------------------------------------------------------------------------- */

/* Active: <SEQ=ISS><CTL=SYN>, SYN-SENT, and the MSS option (MUST-14). */
/* HOLDS(open-active, MUST-14, SHLD-5) */
static void open_sends_syn(void)
{
    struct pair *p = endpoint_in(TCP_CLOSED, RFC);
    open_active(&p->a);
    EXPECT_SENT(&p->a, "0 S seq=0 len=0 mss=1460");
    EXPECT_STATES(&p->a, "0 SYN-SENT");
    EXPECT_NEWS(&p->a, "");
    EXPECT_EQUAL(p, last_sent(&p->a)->segment.flags, SYNFIN_SYN);
    pair_free(p);
}

/* Passive: LISTEN, silently. */
/* HOLDS(open-passive) */
static void open_listens(void)
{
    struct pair *p = single_new(RFC);
    open_listener(&p->a, 1);
    EXPECT_SILENCE(&p->a);
    EXPECT_STATE(&p->a, TCP_LISTEN);
    EXPECT_EQUAL(p, next_timer(&p->a), SYNFIN_NEVER);
    pair_free(p);
}

/* ---- 3.10.2 SEND ------------------------------------------------------------------------------------------------- */

/* SYN-SENT: queued until ESTABLISHED, then sent from ISS + 1; the third segment of the set-up goes out first. */
/* HOLDS(send-queued) */
static void send_in_syn_sent(void)
{
    struct pair *p = endpoint_in(TCP_SYN_SENT, RFC);
    user_send(&p->a, 100);
    EXPECT_SILENCE(&p->a);
    arrive(&p->a, "S. seq=0 ack=1 mss=1460");
    EXPECT_EQUAL(p, p->a.sends - p->a.sends_seen >= 1, 1);
    EXPECT_EQUAL(p, last_sent(&p->a)->segment.length, 100);
    EXPECT_EQUAL(p, last_sent(&p->a)->seq, 1);
    EXPECT_STATE(&p->a, TCP_ESTABLISHED);
    pair_free(p);
}

/* SYN-RECEIVED: queued; sent with the ACK that establishes. */
/* HOLDS(send-queued) */
static void send_in_syn_received(void)
{
    struct pair *p = endpoint_in(TCP_SYN_RECEIVED, RFC);
    user_send(&p->a, 100);
    EXPECT_SILENCE(&p->a);
    arrive(&p->a, ". seq=1 ack=1");
    EXPECT_SENT(&p->a, ". seq=1 ack=1 len=100");
    pair_free(p);
}

/* ESTABLISHED, CLOSE-WAIT: segmentized and sent. */
/* HOLDS(send) */
static void send_sends(void)
{
    static const struct {
        enum tcp_state state;
        const char *sent;
    } rows[] = {{TCP_ESTABLISHED, ". seq=1 ack=1 len=100"}, {TCP_CLOSE_WAIT, ". seq=1 ack=2 len=100"}};
    for (unsigned i = 0; i < 2; i++) {
        struct pair *p = endpoint_in(rows[i].state, RFC);
        user_send(&p->a, 100);
        EXPECT_SENT(&p->a, rows[i].sent);
        EXPECT_STATE(&p->a, rows[i].state);
        pair_free(p);
    }
}

/* FIN-WAIT-1 and later: "error: connection closing": nothing is sent. */
/* HOLDS(send-closing) */
static void send_after_close(void)
{
    static const enum tcp_state closing[] = {TCP_FIN_WAIT_1, TCP_FIN_WAIT_2, TCP_CLOSING, TCP_LAST_ACK};
    for (unsigned i = 0; i < sizeof closing / sizeof closing[0]; i++) {
        struct pair *p = endpoint_in(closing[i], RFC);
        user_send(&p->a, 100);
        EXPECT_SILENCE(&p->a);
        EXPECT_STATE(&p->a, closing[i]);
        run_until(p, "900ms");
        EXPECT_SILENCE(&p->a);
        pair_free(p);
    }
}

/* ---- 3.10.4 CLOSE ------------------------------------------------------------------------------------------------ */

/* HOLDS(close-listen, close-syn-received, close-established, close-wait, close-twice) */
static void close_by_state(void)
{
    static const struct {
        enum tcp_state state;
        const char *sent; /* NULL: nothing */
        const char *states;
    } rows[] = {
        {TCP_SYN_SENT, NULL, "CLOSED"},
        {TCP_SYN_RECEIVED, "F. seq=1 ack=1", "FIN-WAIT-1"},
        {TCP_ESTABLISHED, "F. seq=1 ack=1", "FIN-WAIT-1"},
        {TCP_FIN_WAIT_1, NULL, ""}, /* error: connection closing */
        {TCP_FIN_WAIT_2, NULL, ""},
        {TCP_CLOSE_WAIT, "F. seq=1 ack=2", "LAST-ACK"},
        {TCP_CLOSING, NULL, ""},
        {TCP_LAST_ACK, NULL, ""},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pair *p = endpoint_in(rows[i].state, RFC);
        user_close(&p->a);
        EXPECT_SENT(&p->a, rows[i].sent);
        EXPECT_STATES(&p->a, rows[i].states);
        EXPECT_EQUAL(p, next_timer(&p->a) != SYNFIN_NEVER,
                     rows[i].state != TCP_SYN_SENT && rows[i].state != TCP_FIN_WAIT_2);
        pair_free(p);
    }
}

/* LISTEN: nobody listens any more. */
/* HOLDS(close-listen) */
static void close_listener(void)
{
    struct pair *p = endpoint_in(TCP_LISTEN, RFC);
    user_close(&p->a);
    EXPECT_SILENCE(&p->a);
    EXPECT_STATES(&p->a, "CLOSED");
    arrive(&p->a, "S seq=1000 absolute");
    EXPECT_SENT(&p->a, "R. seq=0 ack=1001 absolute");
    pair_free(p);
}

/* SYN-RECEIVED with data waiting: the FIN is queued behind it until ESTABLISHED. */
/* HOLDS(close-syn-received) */
static void close_in_syn_received_with_data(void)
{
    struct pair *p = endpoint_in(TCP_SYN_RECEIVED, RFC);
    user_send(&p->a, 10);
    user_close(&p->a);
    EXPECT_SILENCE(&p->a);
    EXPECT_STATES(&p->a, "");
    arrive(&p->a, ". seq=1 ack=1");
    EXPECT_EQUAL(p, last_sent(&p->a)->segment.flags & SYNFIN_FIN, SYNFIN_FIN);
    EXPECT_EQUAL(p, last_sent(&p->a)->seq + last_sent(&p->a)->segment.length, 11);
    EXPECT_STATES(&p->a, "ESTABLISHED, FIN-WAIT-1");
    pair_free(p);
}

/* SYN-RECEIVED, closed: the FIN may overtake nothing; the peer's ACK of both leads to FIN-WAIT-2. */
/* HOLDS(close-syn-received) */
static void close_in_syn_received(void)
{
    struct pair *p = endpoint_in(TCP_SYN_RECEIVED, RFC);
    user_close(&p->a);
    forget(&p->a);
    arrive(&p->a, ". seq=1 ack=2");
    EXPECT_SILENCE(&p->a);
    EXPECT_STATE(&p->a, TCP_FIN_WAIT_2);
    pair_free(p);
}

/* The same where the peer's FIN comes with that ACK: the answer offers the window of a full connection, in Linux a
   little more than a SYN+ACK's. */
/* HOLDS(close-syn-received) */
static void close_in_syn_received_by_both(void)
{
    struct pair *p = single_new(LINUX);
    open_listener(&p->a, 5);
    arrive(&p->a, "S seq=0 ws=7 ts=1,0");
    user_close(&p->a);
    EXPECT_SENT(&p->a, "S. seq=0 ack=1 win=65160", "F. seq=1 ack=1 win=63");
    arrive(&p->a, "F. seq=1 ack=2 ts=2,0");
    EXPECT_SENT(&p->a, ". seq=2 ack=2 win=64");
    EXPECT_STATE(&p->a, TCP_TIME_WAIT);
    pair_free(p);
}

/* ESTABLISHED and CLOSE-WAIT: queued until all that was sent is segmentized. */
/* HOLDS(close-established, MUST-60) */
static void close_after_data(void)
{
    struct pair *p = endpoint_in(TCP_ESTABLISHED, RFC);
    arrive(&p->a, ". seq=1 ack=1 win=536");
    user_send(&p->a, 1100);
    user_close(&p->a);
    EXPECT_SENT(&p->a, ". seq=1 ack=1 len=536");
    EXPECT_STATE(&p->a, TCP_FIN_WAIT_1); /* "in any case" */
    arrive(&p->a, ". seq=1 ack=537 win=536");
    EXPECT_SENT(&p->a, ". seq=537 ack=1 len=536");
    arrive(&p->a, ". seq=1 ack=1073 win=536");
    EXPECT_SENT(&p->a, "F. seq=1073 ack=1 len=28");
    EXPECT_STATE(&p->a, TCP_FIN_WAIT_1);
    arrive(&p->a, ". seq=1 ack=1102");
    EXPECT_STATE(&p->a, TCP_FIN_WAIT_2);
    pair_free(p);
}

/* What traces call the timer. */
static void timer_names(void)
{
    static const struct {
        enum tcp_state state;
        const char *name;
    } rows[] = {
        {TCP_SYN_SENT, "SYN"}, {TCP_SYN_RECEIVED, "SYN-ACK"}, {TCP_FIN_WAIT_1, "RTO"},
        {TCP_FIN_WAIT_2, "FIN-WAIT-2"}, {TCP_LAST_ACK, "RTO"},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pair *p = endpoint_in(rows[i].state, RFC);
        EXPECT(p, strcmp(tcp_protocol.timer_name(p->a.current->endpoint, 0), rows[i].name) == 0);
        pair_free(p);
    }
}

/* ---- 3.10.5 ABORT ------------------------------------------------------------------------------------------------ */

/* <SEQ=SND.NXT><CTL=RST> where the peer may hold a connection that it believes in; timers off, CLOSED. */
/* HOLDS(abort-early, abort-reset, abort-late) */
static void abort_by_state(void)
{
    static const struct {
        enum tcp_state state;
        bool reset;
        int seq;
    } rows[] = {
        {TCP_SYN_SENT, false, 0},  {TCP_SYN_RECEIVED, true, 1}, {TCP_ESTABLISHED, true, 1},
        {TCP_FIN_WAIT_1, true, 2}, {TCP_FIN_WAIT_2, true, 2},   {TCP_CLOSE_WAIT, true, 1},
        {TCP_CLOSING, false, 0},   {TCP_LAST_ACK, false, 0},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pair *p = endpoint_in(rows[i].state, RFC);
        user_abort(&p->a);
        size_t sent = p->a.sends - p->a.sends_seen;
        EXPECT_EQUAL(p, sent, rows[i].reset ? 1 : 0);
        if (rows[i].reset && sent == 1) {
            EXPECT_EQUAL(p, last_sent(&p->a)->segment.flags, SYNFIN_RST);
            EXPECT_EQUAL(p, last_sent(&p->a)->seq, rows[i].seq);
        }
        EXPECT_STATES(&p->a, "CLOSED");
        EXPECT_EQUAL(p, next_timer(&p->a), SYNFIN_NEVER);
        pair_free(p);
    }
}

/* With data on its way, the reset's number is SND.NXT, so that the peer believes it whatever it has received. */
/* HOLDS(abort-reset, MUST-12, MUST-47) */
static void abort_with_data(void)
{
    struct pair *p = pair_new(RFC, RFC);
    open_listener(&p->b, 1);
    p->a.application.send_established = 500;
    open_active(&p->a);
    run_until(p, "25ms");
    user_abort(&p->a);
    run_to_end(p);
    EXPECT_EQUAL(p, last_sent(&p->a)->segment.flags & SYNFIN_RST, SYNFIN_RST);
    EXPECT_EQUAL(p, last_sent(&p->a)->seq, 501);
    EXPECT_STATES(&p->b, "0 LISTEN, 10ms SYN-RECEIVED, 30ms ESTABLISHED, 35ms CLOSED");
    EXPECT_NEWS(&p->b, "30ms established, 30ms data 500, 35ms failed reset");
    pair_free(p);
}

/* The application aborts in the call that tells it ESTABLISHED. */
/* HOLDS(abort-reset) */
static void abort_when_established(void)
{
    struct pair *p = pair_new(RFC, RFC);
    open_listener(&p->b, 1);
    p->a.application.abort_established = true;
    open_active(&p->a);
    run_to_end(p);
    EXPECT_SENT(&p->a, "0 S seq=0", "20ms . seq=1 ack=1", "20ms R seq=1");
    EXPECT_STATE(&p->a, TCP_CLOSED);
    EXPECT_STATE(&p->b, TCP_CLOSED);
    EXPECT_NEWS(&p->b, "30ms established, 30ms failed reset");
    pair_free(p);
}

/* Or in the call that tells it of data: no ACK follows the reset. */
static void abort_when_data(void)
{
    struct pair *p = endpoint_in(TCP_ESTABLISHED, RFC);
    p->a.application.abort_data = true;
    arrive(&p->a, "F. seq=1 ack=1 len=10");
    EXPECT_SENT(&p->a, "R seq=1");
    EXPECT_STATES(&p->a, "CLOSED");
    pair_free(p);
}

/* The application closes in the call that tells it ESTABLISHED: ACK, then FIN+ACK (the third segment goes first). */
static void close_when_established(void)
{
    struct pair *p = endpoint_in(TCP_SYN_SENT, RFC);
    p->a.application.close_established = true;
    arrive(&p->a, "S. seq=0 ack=1");
    EXPECT_SENT(&p->a, ". seq=1 ack=1", "F. seq=1 ack=1");
    EXPECT_STATES(&p->a, "ESTABLISHED, FIN-WAIT-1");
    pair_free(p);
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"RFC 9293 3.10.1 active OPEN sends SYN", open_sends_syn},
        {"RFC 9293 3.10.1 passive OPEN listens", open_listens},
        {"RFC 9293 3.10.2 SEND in SYN-SENT is queued", send_in_syn_sent},
        {"RFC 9293 3.10.2 SEND in SYN-RECEIVED is queued", send_in_syn_received},
        {"RFC 9293 3.10.2 SEND in ESTABLISHED and CLOSE-WAIT", send_sends},
        {"RFC 9293 3.10.2 SEND after CLOSE sends nothing", send_after_close},
        {"RFC 9293 3.10.4 CLOSE in every state", close_by_state},
        {"RFC 9293 3.10.4 CLOSE in LISTEN", close_listener},
        {"RFC 9293 3.10.4 CLOSE in SYN-RECEIVED with data waiting", close_in_syn_received_with_data},
        {"RFC 9293 3.10.4 CLOSE in SYN-RECEIVED", close_in_syn_received},
        {"RFC 9293 3.10.4 CLOSE in SYN-RECEIVED, and by the peer", close_in_syn_received_by_both},
        {"RFC 9293 3.10.4 CLOSE waits for data", close_after_data},
        {"names of timers", timer_names},
        {"RFC 9293 3.10.5 ABORT in every state", abort_by_state},
        {"RFC 9293 3.10.5 ABORT with data on its way", abort_with_data},
        {"RFC 9293 3.10.5 ABORT when told ESTABLISHED", abort_when_established},
        {"RFC 9293 3.10.5 ABORT when told of data", abort_when_data},
        {"RFC 9293 3.10.4 CLOSE when told ESTABLISHED", close_when_established},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "test_tcp_calls", cases);
}
