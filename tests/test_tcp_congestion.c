/* SPDX-License-Identifier: BSD-2-Clause */
/* Congestion control: RFC 5681 and NewReno's fast recovery, RFC 6582. The peer's MSS is 1000, its window 65535. */
#include "tcp_fixture.h"

#include "tcp.h"

#include <stdio.h>

static struct pair *established(const char *settings)
{
    struct pair *p = endpoint_in(TCP_SYN_SENT, settings);
    arrive(&p->a, "S. seq=0 ack=1 mss=1000");
    forget(&p->a);
    *p->label = '\0';
    return p;
}

static const struct tcp_data *data_of(const struct pair *p)
{
    return p->a.current->extra;
}

static void acks(struct pair *p, const char *text, unsigned times)
{
    while (times-- > 0)
        arrive(&p->a, text);
}

/* RFC 5681 3.1: 2, 3 or 4 segments by their size; one where the SYN was lost. */
static void initial_window(void)
{
    static const struct {
        const char *settings, *syn_ack, *when;
        unsigned segments;
    } rows[] = {
        {RFC " mss=4000B", "S. seq=0 ack=1 mss=2191", "0", 2}, {RFC " mss=4000B", "S. seq=0 ack=1 mss=2190", "0", 3},
        {RFC, "S. seq=0 ack=1 mss=1096", "0", 3},              {RFC, "S. seq=0 ack=1 mss=1095", "0", 4},
        {RFC, "S. seq=0 ack=1", "0", 4},                       {RFC, "S. seq=0 ack=1 mss=1000", "1.1s", 1},
        {LINUX, "S. seq=0 ack=1 mss=1000", "0", 10},
        {RFC " initial_window=7", "S. seq=0 ack=1 mss=1000", "0", 7},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pair *p = endpoint_in(TCP_SYN_SENT, rows[i].settings);
        label(p, "%s, '%s' at %s", rows[i].settings, rows[i].syn_ack, rows[i].when);
        run_until(p, rows[i].when);
        arrive(&p->a, rows[i].syn_ack);
        forget(&p->a);
        user_send(&p->a, 60000);
        EXPECT_EQUAL(p, p->a.sends - p->a.sends_seen, rows[i].segments);
        pair_free(p);
    }
}

/* 3.1: in slow start cwnd grows by min(N, SMSS) with each ACK of N new bytes. */
/* HOLDS(MUST-19, ack-advances) */
static void slow_start(void)
{
    struct pair *p = established(RFC);
    user_send(&p->a, 60000);
    forget(&p->a);
    arrive(&p->a, ". seq=1 ack=1001"); /* cwnd 5000 */
    EXPECT_SENT(&p->a, ". seq=4001 len=1000", ". seq=5001 len=1000");
    arrive(&p->a, ". seq=1 ack=1501"); /* 5500: only what fills a segment goes out */
    EXPECT_SENT(&p->a, ". seq=6001 len=1000");
    arrive(&p->a, ". seq=1 ack=6001"); /* of 4500 bytes: 6500 */
    EXPECT_EQUAL(p, data_of(p)->cwnd, 6500);
    pair_free(p);
}

/* It doubles with each round trip. */
static void slow_start_doubles(void)
{
    struct pair *p = pair_new(RFC, RFC);
    pair_delay(p, 100 * SYNFIN_MS);
    p->a.application.send_established = 60000;
    open_listener(&p->b, 8);
    open_active(&p->a);
    run_to_end(p);
    unsigned in_round[5] = {0};
    for (size_t i = 0; i < p->a.sends; i++) {
        synfin_time round = p->a.sent[i].time / (200 * SYNFIN_MS);
        if (p->a.sent[i].segment.length > 0 && round < 5)
            in_round[round]++;
    }
    EXPECT_EQUAL(p, in_round[1], 3);
    EXPECT_EQUAL(p, in_round[2], 6);
    EXPECT_EQUAL(p, in_round[3], 12);
    EXPECT_EQUAL(p, in_round[4], 21); /* the rest: 60000 / 1460 is 42 segments */
    pair_free(p);
}

/* 3.1, 3: congestion avoidance: one segment more for each window acknowledged. */
/* HOLDS(MUST-19) */
static void congestion_avoidance(void)
{
    struct pair *p = established(RFC);
    user_send(&p->a, 60000);
    run_until(p, "1s"); /* timeout: ssthresh = 4000 / 2, cwnd = 1000 */
    EXPECT_EQUAL(p, data_of(p)->ssthresh, 2000);
    EXPECT_EQUAL(p, data_of(p)->cwnd, 1000);
    arrive(&p->a, ". seq=1 ack=1001");
    EXPECT_EQUAL(p, data_of(p)->cwnd, 2000);
    arrive(&p->a, ". seq=1 ack=2001");
    EXPECT_EQUAL(p, data_of(p)->cwnd, 2000);
    arrive(&p->a, ". seq=1 ack=3001");
    EXPECT_EQUAL(p, data_of(p)->cwnd, 3000);
    acks(p, ". seq=1 ack=4001", 1);
    acks(p, ". seq=1 ack=5001", 1);
    EXPECT_EQUAL(p, data_of(p)->cwnd, 3000);
    acks(p, ". seq=1 ack=6001", 1);
    EXPECT_EQUAL(p, data_of(p)->cwnd, 4000);
    pair_free(p);
}

/* Five segments, 1001 to 6000, are outstanding; cwnd is 5000. */
static struct pair *five_outstanding(void)
{
    struct pair *p = established(RFC);
    user_send(&p->a, 60000);
    arrive(&p->a, ". seq=1 ack=1001");
    EXPECT_EQUAL(p, last_sent(&p->a)->seq, 5001);
    EXPECT_EQUAL(p, data_of(p)->cwnd, 5000);
    forget(&p->a);
    return p;
}

/* RFC 3042 2: the first two duplicate ACKs let a new segment out each, and leave cwnd as it is. */
static struct pair *two_duplicates(void)
{
    struct pair *p = five_outstanding();
    acks(p, ". seq=1 ack=1001", 1);
    EXPECT_SENT(&p->a, ". seq=6001 len=1000");
    acks(p, ". seq=1 ack=1001", 1);
    EXPECT_SENT(&p->a, ". seq=7001 len=1000");
    EXPECT_EQUAL(p, data_of(p)->cwnd, 5000);
    return p;
}

static void limited_transmit(void)
{
    pair_free(two_duplicates());
    struct pair *p = five_outstanding();
    arrive(&p->a, ". seq=1 ack=1001 win=5500"); /* a new window: no duplicate */
    arrive(&p->a, ". seq=1 ack=1001 win=5500"); /* the receiver's window has no room */
    EXPECT_SILENCE(&p->a);
    pair_free(p);
}

/* 3.2: the third duplicate ACK retransmits; each further one lets a segment out; the next new ACK deflates. */
static void fast_retransmit(void)
{
    struct pair *p = two_duplicates();
    acks(p, ". seq=1 ack=1001", 1);
    EXPECT_SENT(&p->a, ". seq=1001 len=1000");
    EXPECT_EQUAL(p, data_of(p)->ssthresh, 2500); /* what limited transmit sent does not count */
    EXPECT_EQUAL(p, data_of(p)->cwnd, 5500);
    acks(p, ". seq=1 ack=1001", 2); /* 7500, of which 7000 are outstanding */
    EXPECT_SILENCE(&p->a);
    acks(p, ". seq=1 ack=1001", 1); /* 8500 */
    EXPECT_SENT(&p->a, ". seq=8001 len=1000");
    arrive(&p->a, ". seq=1 ack=8001"); /* all that was outstanding then (RFC 6582 3.2, step 3, option 1) */
    EXPECT_EQUAL(p, data_of(p)->cwnd, 2000); /* FlightSize 1000 + SMSS */
    EXPECT_SENT(&p->a, ". seq=9001 len=1000");
    arrive(&p->a, ". seq=1 ack=9001");
    EXPECT_SENT(&p->a, ". seq=10001 len=1000", ". seq=11001 len=1000");
    pair_free(p);
}

/* RFC 6582 3.2, step 3: a partial ACK retransmits the next hole at once and deflates by what it acknowledges. */
static void partial_ack(void)
{
    struct pair *p = two_duplicates();
    acks(p, ". seq=1 ack=1001", 1);
    EXPECT_SENT(&p->a, ". seq=1001 len=1000");
    arrive(&p->a, ". seq=1 ack=3001");
    EXPECT_SENT(&p->a, ". seq=3001 len=1000");
    EXPECT_EQUAL(p, data_of(p)->cwnd, 5500 - 2000 + 1000); /* 5000 are outstanding */
    arrive(&p->a, ". seq=1 ack=6001"); /* the second hole */
    EXPECT_SENT(&p->a, ". seq=6001 len=1000");
    EXPECT_EQUAL(p, data_of(p)->cwnd, 4500 - 3000 + 1000);
    arrive(&p->a, ". seq=1 ack=8001"); /* past recover: over */
    EXPECT_EQUAL(p, data_of(p)->cwnd, 2000); /* nothing outstanding: 2 SMSS */
    EXPECT_EQUAL(p, data_of(p)->ssthresh, 2500);
    pair_free(p);
}

/* RFC 5681 2: a duplicate ACK has no data, the same window, and something is outstanding. */
static void no_duplicates(void)
{
    struct pair *p = five_outstanding();
    arrive(&p->a, ". seq=1 ack=1001 win=60000");
    arrive(&p->a, ". seq=1 ack=1001 win=60001");
    arrive(&p->a, ". seq=1 ack=1001 win=60002");
    arrive(&p->a, ". seq=1 ack=1001 win=60003");
    EXPECT_SILENCE(&p->a);
    for (unsigned i = 0; i < 4; i++) {
        char text[60];
        snprintf(text, sizeof text, ". seq=%u ack=1001 win=60003 len=10", 1 + 10 * i);
        arrive(&p->a, text);
    }
    EXPECT_SENT(&p->a, ". ack=11", ". ack=21", ". ack=31", ". ack=41");
    pair_free(p);

    p = established(RFC);
    user_send(&p->a, 100);
    arrive(&p->a, ". seq=1 ack=101");
    forget(&p->a);
    acks(p, ". seq=1 ack=101", 5);
    EXPECT_SILENCE(&p->a);
    pair_free(p);
}

/* 3.1: after a timeout cwnd is one segment, what was outstanding is sent again as acknowledgments come. */
static void timeout(void)
{
    struct pair *p = five_outstanding();
    run_until(p, "1s");
    EXPECT_SENT(&p->a, "1s . seq=1001 len=1000");
    EXPECT_EQUAL(p, data_of(p)->cwnd, 1000);
    EXPECT_EQUAL(p, data_of(p)->ssthresh, 2500);
    run_until(p, "3s"); /* the same segment again: ssthresh stays */
    EXPECT_SENT(&p->a, "3s . seq=1001 len=1000");
    EXPECT_EQUAL(p, data_of(p)->ssthresh, 2500);
    arrive(&p->a, ". seq=1 ack=2001");
    EXPECT_SENT(&p->a, ". seq=2001 len=1000", ". seq=3001 len=1000");
    arrive(&p->a, ". seq=1 ack=6001"); /* the peer had the rest */
    EXPECT_SENT(&p->a, ". seq=6001 len=1000", ". seq=7001 len=1000", ". seq=8001 len=1000");
    pair_free(p);
}

/* RFC 6582 3.2, steps 1 and 4: duplicates that the retransmissions after a timeout draw do not retransmit. */
static void no_fast_retransmit_after_timeout(void)
{
    struct pair *p = five_outstanding();
    run_until(p, "1s");
    forget(&p->a);
    acks(p, ". seq=1 ack=1001", 5);
    EXPECT_SILENCE(&p->a);
    EXPECT_EQUAL(p, data_of(p)->cwnd, 1000);
    pair_free(p);
}

/* A fast retransmission that is lost as well falls back to the timeout. */
static void retransmission_lost(void)
{
    struct pair *p = five_outstanding();
    run_until(p, "500ms");
    acks(p, ". seq=1 ack=1001", 3);
    EXPECT_SENT(&p->a, ". seq=6001 len=1000", ". seq=7001 len=1000", "500ms . seq=1001 len=1000");
    run_until(p, "1.6s");
    EXPECT_EQUAL(p, last_sent(&p->a)->seq, 1001);
    EXPECT_EQUAL(p, data_of(p)->cwnd, 1000);
    EXPECT_EQUAL(p, data_of(p)->flags & TCP_RECOVERY, 0);
    pair_free(p);
}

/* Between two endpoints: the loss of one segment among many costs one round trip more, not a timeout. */
static void one_loss_no_timeout(void)
{
    struct pair *p = pair_new(RFC, RFC);
    p->a.application.send_established = 60000;
    p->a.application.close_established = p->b.application.close_peer_closed = true;
    drop(p, FORWARD, 10);
    open_listener(&p->b, 8);
    open_active(&p->a);
    run_to_end(p);
    EXPECT_EQUAL(p, p->b.current->received, 60000);
    for (size_t i = 0; i < p->b.sends; i++)
        EXPECT(p, p->b.sent[i].time < 300 * SYNFIN_MS);
    pair_free(p);
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"RFC 5681 3.1: the initial window", initial_window},
        {"RFC 5681 3.1: slow start", slow_start},
        {"RFC 5681 3.1: slow start doubles", slow_start_doubles},
        {"RFC 5681 3.1: congestion avoidance", congestion_avoidance},
        {"RFC 3042 2: limited transmit", limited_transmit},
        {"RFC 5681 3.2: fast retransmit and fast recovery", fast_retransmit},
        {"RFC 6582 3.2: partial acknowledgments", partial_ack},
        {"RFC 5681 2: what is no duplicate", no_duplicates},
        {"RFC 5681 3.1: after a timeout", timeout},
        {"RFC 6582 3.2: no fast retransmit after a timeout", no_fast_retransmit_after_timeout},
        {"RFC 6582 3.2: a fast retransmission is lost", retransmission_lost},
        {"RFC 5681 3.2: one loss, no timeout", one_loss_no_timeout},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "test_tcp_congestion", cases);
}
