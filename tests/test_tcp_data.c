/* SPDX-License-Identifier: BSD-2-Clause */
/* Data: both ways, out of order, again, into a closed window; acknowledgments; the retransmission timeout. */
#include "tcp_fixture.h"

#include <stdio.h>
#include <string.h>

/* ---- Both ways --------------------------------------------------------------------------------------------------- */

static void request_and_response(void)
{
    struct pair *p = pair_new(RFC, RFC);
    p->a.application.send_established = 100;
    p->b.application.request = 100;
    p->b.application.response = 2000;
    open_listener(&p->b, 8);
    open_active(&p->a);
    run_to_end(p);
    EXPECT_SENT(&p->a, "0 S", "20ms . seq=1 ack=1", "20ms . seq=1 ack=1 len=100", "40ms . seq=101 ack=1461",
                "40ms . seq=101 ack=2001");
    /* the response carries the acknowledgment of the request */
    EXPECT_SENT(&p->b, "10ms S.", "30ms . seq=1 ack=101 len=1460", "30ms . seq=1461 ack=101 len=540");
    EXPECT_NEWS(&p->a, "20ms established, 40ms data 1460, 40ms data 540");
    EXPECT_NEWS(&p->b, "30ms established, 30ms data 100");
    EXPECT_STATE(&p->a, TCP_ESTABLISHED);
    EXPECT_STATE(&p->b, TCP_ESTABLISHED);
    EXPECT_EQUAL(p, next_timer(&p->a), SYNFIN_NEVER);
    EXPECT_EQUAL(p, next_timer(&p->b), SYNFIN_NEVER);
    pair_free(p);
}

/* A long transfer over a wire that loses, doubles and delays: every byte arrives once, in order, both ways. */
static void transfer_through_trouble(const char *settings)
{
    struct pair *p = pair_new(settings, settings);
    label(p, "%s", settings);
    p->a.application.send_established = 300000;
    p->a.application.close_established = true;
    p->b.application.request = 300000;
    p->b.application.response = 200000;
    p->b.application.close_peer_closed = true;
    for (unsigned n = 5; n < 60; n += 7) {
        drop(p, FORWARD, n);
        drop(p, BACKWARD, n + 2);
        twice(p, FORWARD, n + 1);
    }
    hold(p, FORWARD, 14, 30 * SYNFIN_MS);
    hold(p, FORWARD, 25, 15 * SYNFIN_MS);
    hold(p, BACKWARD, 17, 50 * SYNFIN_MS);
    open_listener(&p->b, 8);
    open_active(&p->a);
    run_to_end(p);
    EXPECT_EQUAL(p, p->b.current->received, 300000);
    EXPECT_EQUAL(p, p->a.current->received, 200000);
    EXPECT_STATE(&p->a, TCP_CLOSED);
    EXPECT_STATE(&p->b, TCP_CLOSED);
    for (size_t i = 0; i < p->b.notes; i++)
        EXPECT(p, p->b.note[i].kind != NOTE_NEWS || p->b.note[i].what != SYNFIN_FAILED);
    EXPECT(p, p->wire[FORWARD].sent > 60 && p->wire[BACKWARD].sent > 60);
    pair_free(p);
}

/* HOLDS(MUST-1, text) */
static void transfer(void)
{
    transfer_through_trouble(RFC);
    transfer_through_trouble(LINUX);
    transfer_through_trouble(RFC " delayed_ack=200ms window=5000B");
}

/* ---- Receiving --------------------------------------------------------------------------------------------------- */

/* 3.10.7.4 seventh: what is out of order is kept and draws a duplicate ACK, a filled hole one ACK for all. */
/* HOLDS(SHLD-31, MUST-59, text) */
static void out_of_order(void)
{
    static const struct {
        const char *arrives;
        unsigned ack, delivered;
    } rows[] = {
        {". seq=101 ack=1 len=100", 1, 0},    /* [101, 201) */
        {". seq=301 ack=1 len=100", 1, 0},    /* [301, 401) */
        {". seq=151 ack=1 len=100", 1, 0},    /* [101, 251), overlaps */
        {". seq=301 ack=1 len=100", 1, 0},    /* again */
        {". seq=1 ack=1 len=50", 51, 50},     /* hole [51, 101) */
        {". seq=1 ack=1 len=100", 251, 200},  /* fills it, half of it old */
        {". seq=451 ack=1 len=50", 251, 0},   /* [451, 501) */
        {". seq=201 ack=1 len=300", 501, 250}, /* covers everything */
        {". seq=1 ack=1 len=500", 501, 0},    /* all old */
    };
    struct pair *p = established_to_1000(RFC);
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char reply[60], news[60] = "";
        label(p, "'%s'", rows[i].arrives);
        arrive(&p->a, rows[i].arrives);
        snprintf(reply, sizeof reply, ". seq=1 ack=%u", rows[i].ack);
        if (rows[i].delivered)
            snprintf(news, sizeof news, "data %u", rows[i].delivered);
        EXPECT_SENT(&p->a, reply);
        EXPECT_NEWS(&p->a, news);
    }
    pair_free(p);
}

/* There is no room for ever more holes: what is not kept comes again, and the transfer goes on. */
static void many_holes(void)
{
    enum { HOLES = 100 };
    char text[60];
    struct pair *p = established_to_1000(RFC);
    for (unsigned i = HOLES; i > 0; i--) {
        snprintf(text, sizeof text, ". seq=%u ack=1 len=10", 1 + 20 * i);
        arrive(&p->a, text);
        EXPECT_SENT(&p->a, ". seq=1 ack=1");
    }
    for (unsigned i = 0; i < 2 * HOLES + 1; i++) {
        snprintf(text, sizeof text, ". seq=%u ack=1 len=10", 1 + 10 * i);
        arrive(&p->a, text);
    }
    EXPECT_EQUAL(p, last_sent(&p->a)->ack, 1 + 10 * (2 * HOLES + 1));
    EXPECT_EQUAL(p, p->a.current->received, 10 * (2 * HOLES + 1));
    pair_free(p);
}

/* 3.8.6: the window is what was announced; text beyond it is not taken, and its right edge never moves back. */
/* HOLDS(SHLD-14, sequence-trim) */
static void receive_window(void)
{
    struct pair *p = established_to_1000(RFC " window=1000B");
    arrive(&p->a, ". seq=1 ack=1 len=1500");
    EXPECT_SENT(&p->a, ". seq=1 ack=1001 win=1000");
    EXPECT_NEWS(&p->a, "data 1000");
    arrive(&p->a, ". seq=1501 ack=1 len=1000"); /* [1501, 2001) fits */
    EXPECT_SENT(&p->a, ". seq=1 ack=1001 win=1000");
    arrive(&p->a, ". seq=2001 ack=1 len=10"); /* beyond */
    EXPECT_SENT(&p->a, ". seq=1 ack=1001 win=1000");
    arrive(&p->a, ". seq=1001 ack=1 len=500");
    EXPECT_SENT(&p->a, ". seq=1 ack=2001 win=1000");
    EXPECT_NEWS(&p->a, "data 1000");
    pair_free(p);
}

/* 3.8.6.3 (RFC 1122 4.2.3.2): an ACK waits for at most the delay; every second full-sized segment has one at once. */
/* HOLDS(SHLD-18, MUST-58, SHLD-19) */
static void delayed_ack(void)
{
    struct pair *p = established_to_1000(RFC " mss=1000B delayed_ack=200ms");
    arrive(&p->a, ". seq=1 ack=1 len=1000");
    EXPECT_SILENCE(&p->a);
    EXPECT_NEWS(&p->a, "data 1000");
    run_until(p, "100ms");
    arrive(&p->a, ". seq=1001 ack=1 len=1000");
    EXPECT_SENT(&p->a, "100ms . seq=1 ack=2001");
    run_until(p, "1s");
    EXPECT_SILENCE(&p->a); /* the timer was stopped */

    arrive(&p->a, ". seq=2001 ack=1 len=10");
    run_until(p, "2s");
    EXPECT_SENT(&p->a, "1.2s . seq=1 ack=2011");

    arrive(&p->a, ". seq=2011 ack=1 len=10"); /* carried by our own data */
    user_send(&p->a, 20);
    run_until(p, "2.5s");
    EXPECT_SENT(&p->a, "2s . seq=1 ack=2021 len=20");
    pair_free(p);
}

/* RFC 5681 4.2: out of order, or filling a hole: at once. A FIN too. */
static void delayed_ack_not(void)
{
    struct pair *p = established_to_1000(RFC " delayed_ack=200ms");
    arrive(&p->a, ". seq=101 ack=1 len=100");
    EXPECT_SENT(&p->a, "0 . seq=1 ack=1");
    arrive(&p->a, ". seq=1 ack=1 len=100");
    EXPECT_SENT(&p->a, "0 . seq=1 ack=201");
    arrive(&p->a, "F. seq=201 ack=1");
    EXPECT_SENT(&p->a, "0 . seq=1 ack=202");
    run_until(p, "1s");
    EXPECT_SILENCE(&p->a);
    pair_free(p);
}

/* Linux acknowledges the first sixteen at once, then every second one, then after a delay that is 40 ms at least and
   follows the gaps between arrivals, up to a round trip or 200 ms. */
static void delayed_ack_linux(void)
{
    struct pair *p = endpoint_in(TCP_SYN_SENT, LINUX);
    char text[60];
    run_until(p, "150ms"); /* the round trip */
    arrive(&p->a, "S. seq=0 ack=1 mss=1000 sack");
    forget(&p->a);
    unsigned seq = 1;
    synfin_time now = 150 * SYNFIN_MS;
    for (unsigned i = 0; i < 16; i++, seq += 1000) {
        snprintf(text, sizeof text, ". seq=%u ack=1 len=1000", seq);
        arrive(&p->a, text);
    }
    EXPECT_EQUAL(p, p->a.sends - p->a.sends_seen, 16);
    forget(&p->a);
    arrive(&p->a, ". seq=16001 ack=1 len=1000");
    EXPECT_SILENCE(&p->a);
    arrive(&p->a, ". seq=17001 ack=1 len=1000");
    EXPECT_SENT(&p->a, "150ms . ack=18001");
    arrive(&p->a, ". seq=18001 ack=1 len=1000");
    run_until(p, "200ms");
    EXPECT_SENT(&p->a, "190ms . ack=19001"); /* missed: 80 ms the next time, and half of that and the gap */
    run_until(p, "210ms");
    arrive(&p->a, ". seq=19001 ack=1 len=1000"); /* a gap of 60 ms: 80 / 2 + 60 */
    run_until(p, "400ms");
    EXPECT_SENT(&p->a, "310ms . ack=20001");
    arrive(&p->a, ". seq=20001 ack=1 len=1000"); /* missed again: 200 ms / 2 + 190, but a round trip at most */
    run_until(p, "700ms");
    EXPECT_SENT(&p->a, "550ms . ack=21001");
    for (now = 700 * SYNFIN_MS, seq = 21001; now < 850 * SYNFIN_MS; now += 10 * SYNFIN_MS, seq += 1000) {
        run_to(p, now); /* close together: half, and 20 ms, each time */
        snprintf(text, sizeof text, ". seq=%u ack=1 len=1000", seq);
        arrive(&p->a, text);
    }
    forget(&p->a);
    run_until(p, "1s");
    EXPECT_SENT(&p->a, ". ack=36001");
    EXPECT_EQUAL(p, last_sent(&p->a)->time / SYNFIN_MS, 840 + 40);
    pair_free(p);
}

/* ---- Sending ----------------------------------------------------------------------------------------------------- */

/* 3.7.1: segments of the peer's MSS, of 536 where it said none (MUST-15), never more than our own (MUST-16). */
/* HOLDS(MUST-15, MUST-16, SHLD-28) */
static void segment_size(void)
{
    static const struct {
        const char *syn_ack;
        unsigned length;
    } rows[] = {{"S. seq=0 ack=1 mss=1000", 1000}, {"S. seq=0 ack=1", 536}, {"S. seq=0 ack=1 mss=9000", 1460}};
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char sent[3][40];
        struct pair *p = endpoint_in(TCP_SYN_SENT, RFC);
        arrive(&p->a, rows[i].syn_ack);
        forget(&p->a);
        label(p, "'%s'", rows[i].syn_ack);
        user_send(&p->a, 2 * rows[i].length + 7);
        snprintf(sent[0], sizeof sent[0], ". seq=1 len=%u", rows[i].length);
        snprintf(sent[1], sizeof sent[1], ". seq=%u len=%u", 1 + rows[i].length, rows[i].length);
        snprintf(sent[2], sizeof sent[2], ". seq=%u len=7", 1 + 2 * rows[i].length);
        EXPECT_SENT(&p->a, sent[0], sent[1], sent[2]);
        pair_free(p);
    }
}

/* 3.10.7.4 fifth: SND.WND is taken from segments not older than the last one taken (SND.WL1, SND.WL2). */
/* HOLDS(ack-window) */
static void send_window(void)
{
    struct pair *p = established_to_1000(RFC);
    arrive(&p->a, ". seq=1 ack=1 win=1000");
    user_send(&p->a, 10000);
    EXPECT_SENT(&p->a, ". seq=1 len=1000");
    arrive(&p->a, ". seq=1 ack=1001 win=2000");
    EXPECT_SENT(&p->a, ". seq=1001 len=1000", ". seq=2001 len=1000");
    arrive(&p->a, ". seq=1 ack=1 win=6000"); /* an old one, late */
    EXPECT_SILENCE(&p->a);
    arrive(&p->a, ". seq=1 ack=1001 win=3000"); /* the same ACK, a larger window */
    EXPECT_SENT(&p->a, ". seq=3001 len=1000");
    arrive(&p->a, ". seq=1 ack=1001 win=3500"); /* 3.8.6.2.1: room for half a segment is not used */
    EXPECT_SILENCE(&p->a);
    pair_free(p);
}

/* 3.8.6.2.1: part of a segment goes out into half of the largest window, with nothing outstanding, else after 0.1 to
   1 s without a better one. */
/* HOLDS(MUST-38) */
static void silly_window(void)
{
    struct pair *p = established_to_1000(RFC);
    arrive(&p->a, ". seq=1 ack=1 win=500"); /* the SYN+ACK said 65535 */
    user_send(&p->a, 5000);
    EXPECT_SILENCE(&p->a);
    synfin_time due = next_timer(&p->a);
    EXPECT(p, due >= 100 * SYNFIN_MS && due <= SYNFIN_S);
    run_to(p, due / 2);
    arrive(&p->a, ". seq=1 ack=1 win=400");
    EXPECT_EQUAL(p, next_timer(&p->a), due); /* updates do not put it off */
    run_to(p, due);
    EXPECT_SENT(&p->a, ". seq=1 len=400");
    arrive(&p->a, ". seq=1 ack=401 win=400");
    EXPECT_SILENCE(&p->a);
    arrive(&p->a, ". seq=1 ack=401 win=0"); /* now it is probed, first after one timeout */
    EXPECT_EQUAL(p, next_timer(&p->a), due + SYNFIN_S);
    arrive(&p->a, ". seq=1 ack=401 win=1000");
    EXPECT_SENT(&p->a, ". seq=401 len=1000");
    pair_free(p);

    p = endpoint_in(TCP_SYN_SENT, RFC);
    arrive(&p->a, "S. seq=0 ack=1 mss=1000 win=400");
    forget(&p->a);
    label(p, "largest window 400");
    arrive(&p->a, ". seq=1 ack=1 win=199");
    user_send(&p->a, 1000);
    EXPECT_SILENCE(&p->a);
    arrive(&p->a, ". seq=1 ack=1 win=200");
    EXPECT_SENT(&p->a, ". seq=1 len=200");
    pair_free(p);
}

/* The same where the older segment has the same ACK and a lower number. */
/* HOLDS(ack-window) */
static void send_window_of_older_segment(void)
{
    struct pair *p = established_to_1000(RFC);
    arrive(&p->a, ". seq=1 ack=1 win=1000");
    user_send(&p->a, 10000);
    EXPECT_SENT(&p->a, ". seq=1 len=1000");
    arrive(&p->a, ". seq=11 ack=1 len=10 win=1000");
    EXPECT_SENT(&p->a, ". seq=1001 ack=1");
    arrive(&p->a, ". seq=1 ack=1 len=10 win=6000"); /* sent before it */
    EXPECT_SENT(&p->a, ". seq=1001 ack=21");
    arrive(&p->a, ". seq=21 ack=1 win=2000");
    EXPECT_SENT(&p->a, ". seq=1001 len=1000");
    pair_free(p);
}

/* 3.8.6.1: a window of 0 is probed, after one RTO, then at doubling intervals, as long as it is answered (MUST-37). */
/* HOLDS(MUST-35, MUST-36, MUST-37, SHLD-29, SHLD-30) */
static void zero_window(void)
{
    struct pair *p = established_to_1000(RFC);
    arrive(&p->a, ". seq=1 ack=1 win=0");
    user_send(&p->a, 500);
    EXPECT_SILENCE(&p->a);
    synfin_time due = 0, wait = SYNFIN_S;
    for (unsigned i = 0; i < 12; i++) {
        due += wait;
        run_to(p, due);
        EXPECT_EQUAL(p, p->a.sends - p->a.sends_seen, 1);
        EXPECT_EQUAL(p, last_sent(&p->a)->time, due);
        EXPECT(p, last_sent(&p->a)->segment.length <= 1);
        forget(&p->a);
        arrive(&p->a, ". seq=1 ack=1 win=0");
        EXPECT_SILENCE(&p->a);
        wait = wait < 120 * SYNFIN_S ? 2 * wait : 240 * SYNFIN_S;
    }
    EXPECT_STATE(&p->a, TCP_ESTABLISHED);
    uint32_t next = last_sent(&p->a)->seq + last_sent(&p->a)->segment.length;
    EXPECT(p, next <= 2);
    arrive(&p->a, ". seq=1 ack=1 win=1000");
    EXPECT(p, last_sent(&p->a)->seq + last_sent(&p->a)->segment.length == 501);
    pair_free(p);
}

/* Linux's probes take no number: they lie one below SND.UNA. Their intervals begin with the answer before. */
static void zero_window_linux(void)
{
    struct pair *p = endpoint_in(TCP_SYN_SENT, LINUX);
    run_until(p, "100ms");
    arrive(&p->a, "S. seq=0 ack=1 mss=1000 sack win=0"); /* the timeout is 300 ms */
    user_send(&p->a, 500);
    forget(&p->a);
    run_until(p, "400ms");
    EXPECT_SENT(&p->a, "400ms . seq=0 ack=1");
    run_until(p, "500ms");
    arrive(&p->a, ". seq=1 ack=1 win=0");
    run_until(p, "1.1s");
    EXPECT_SENT(&p->a, "1.1s . seq=0 ack=1");
    run_until(p, "1.2s");
    arrive(&p->a, ". seq=1 ack=1 win=1000");
    EXPECT_SENT(&p->a, "1.2s . seq=1 len=500");
    arrive(&p->a, ". seq=1 ack=501 win=1000");
    EXPECT_EQUAL(p, next_timer(&p->a), SYNFIN_NEVER);
    pair_free(p);
}

/* The update that opens the window is lost: the probe finds it open. */
/* HOLDS(MUST-36) */
static void window_update_lost(void)
{
    struct pair *p = established_to_1000(RFC);
    arrive(&p->a, ". seq=1 ack=1 win=0");
    user_send(&p->a, 500);
    run_until(p, "1s");
    arrive(&p->a, ". seq=1 ack=1 win=1000");
    EXPECT_EQUAL(p, last_sent(&p->a)->time, SYNFIN_S);
    EXPECT_EQUAL(p, last_sent(&p->a)->seq + last_sent(&p->a)->segment.length, 501);
    arrive(&p->a, ". seq=1 ack=501 win=1000");
    EXPECT_EQUAL(p, next_timer(&p->a), SYNFIN_NEVER);
    pair_free(p);
}

/* 3.8.3: probes that nobody answers end as other retransmissions do. */
/* HOLDS(MUST-20) */
static void probes_unanswered(void)
{
    struct pair *p = established_to_1000(RFC " retries2=3");
    arrive(&p->a, ". seq=1 ack=1 win=0");
    user_send(&p->a, 500);
    run_to_end(p);
    EXPECT_EQUAL(p, p->a.sends - p->a.sends_seen, 3);
    EXPECT_EQUAL(p, last_sent(&p->a)->time, 7 * SYNFIN_S);
    EXPECT_NEWS(&p->a, "15s failed timeout");
    pair_free(p);
}

/* ---- The retransmission timeout (RFC 6298) ----------------------------------------------------------------------- */

/* 5.4 to 5.6: the earliest segment again, at doubling intervals. 3.8.3: given up after R2 retransmissions. */
/* HOLDS(timeout-retransmission, MUST-20, MUST-21, 6298-5.4, 6298-5.5, 6298-5.6, MUST-19) */
static void backoff(void)
{
    struct pair *p = established_to_1000(RFC " retries2=6");
    user_send(&p->a, 1500);
    run_to_end(p);
    EXPECT_SENT(&p->a, "0 . seq=1 len=1000", "0 . seq=1001 len=500", "1s . seq=1 len=1000", "3s . seq=1 len=1000",
                "7s . seq=1 len=1000", "15s . seq=1 len=1000", "31s . seq=1 len=1000", "63s . seq=1 len=1000");
    EXPECT_NEWS(&p->a, "127s failed timeout");
    EXPECT_STATE(&p->a, TCP_CLOSED);
    pair_free(p);
}

/* A FIN that nobody acknowledges likewise. */
/* HOLDS(MUST-20, 6298-5.5) */
static void backoff_of_fin(void)
{
    struct pair *p = established_to_1000(RFC " orphan_retries=6");
    user_close(&p->a);
    run_to_end(p);
    EXPECT_SENT(&p->a, "0 F. seq=1", "1s F. seq=1", "3s F. seq=1", "7s F. seq=1", "15s F. seq=1", "31s F. seq=1",
                "63s F. seq=1");
    EXPECT_NEWS(&p->a, "127s failed timeout");
    pair_free(p);
}

/* Linux gives an orphan up at the first timeout past the time of 8 retransmissions from 200 ms on: 102.2 s after the
   first retransmission by timeout, before which there is a tail loss probe. */
static void orphan(void)
{
    struct pair *p = pair_new(LINUX, LINUX);
    p->a.application.close_established = true;
    for (unsigned n = 3; n < 30; n++)
        drop(p, FORWARD, n);
    open_listener(&p->b, 8);
    open_active(&p->a);
    run_to_end(p);
    EXPECT_SENT(&p->a, "0 S", "20ms .", "20ms F.", "240ms F.", "460ms F.", "900ms F.", "1.78s F.", "3.54s F.",
                "7.06s F.", "14.1s F.", "28.18s F.", "56.34s F.");
    EXPECT_NEWS(&p->a, "20ms established, 112.66s failed timeout");
    pair_free(p);
}

/* 5.2, 5.3: an ACK of new data restarts the timer, the last one stops it. */
/* HOLDS(6298-5.2) */
static void timer_restarts(void)
{
    struct pair *p = established_to_1000(RFC);
    user_send(&p->a, 3000);
    run_until(p, "600ms");
    arrive(&p->a, ". seq=1 ack=1001");
    run_until(p, "900ms");
    arrive(&p->a, ". seq=1 ack=1001"); /* nothing new: no restart */
    run_until(p, "5s");
    EXPECT_EQUAL(p, p->a.sends - p->a.sends_seen >= 4, 1);
    /* a sample of 600 ms: SRTT 600, RTTVAR 300 after the first; the first was the SYN's, 0 */
    forget(&p->a);
    arrive(&p->a, ". seq=1 ack=3001");
    EXPECT_EQUAL(p, next_timer(&p->a), SYNFIN_NEVER);
    pair_free(p);
}

/* 2.2, 2.3: SRTT, RTTVAR and RTO seen from the wire, with a lower bound that does not hide them. */
/* HOLDS(6298-2.2, 6298-2.3, 6298-3-rate) */
static void rto_from_samples(void)
{
    struct pair *p = single_new(RFC " rto_min=10ms");
    open_active(&p->a);
    run_until(p, "300ms");
    arrive(&p->a, "S. seq=0 ack=1 mss=1000"); /* SRTT 300, RTTVAR 150: RTO 900 ms */
    forget(&p->a);
    user_send(&p->a, 10);
    EXPECT_EQUAL(p, next_timer(&p->a), 1200 * SYNFIN_MS);
    run_until(p, "800ms");
    arrive(&p->a, ". seq=1 ack=11"); /* 500: RTTVAR 3/4 150 + 1/4 200 = 162.5, SRTT 325: RTO 975 ms */
    user_send(&p->a, 10);
    EXPECT_EQUAL(p, next_timer(&p->a), (800 + 975) * SYNFIN_MS);
    run_until(p, "900ms");
    arrive(&p->a, ". seq=1 ack=21"); /* 100: RTTVAR 121.875 + 56.25 = 178.125, SRTT 296.875: RTO 1009.375 ms */
    user_send(&p->a, 10);
    EXPECT_EQUAL(p, next_timer(&p->a), 900 * SYNFIN_MS + 1009375 * SYNFIN_US);
    pair_free(p);
}

/* Section 3 (Karn), 5.5: no sample from a segment sent twice; the doubled timeout stays until the next sample. */
/* HOLDS(MUST-18, 6298-3-karn) */
static void karn(void)
{
    struct pair *p = established_to_1000(RFC);
    user_send(&p->a, 10);
    run_until(p, "1.5s");
    EXPECT_SENT(&p->a, "0 . seq=1 len=10", "1s . seq=1 len=10");
    arrive(&p->a, ". seq=1 ack=11");
    run_until(p, "2s");
    user_send(&p->a, 10); /* the timeout is 2 s still */
    run_until(p, "5s");
    EXPECT_SENT(&p->a, "2s . seq=11 len=10", "4s . seq=11 len=10");
    arrive(&p->a, ". seq=1 ack=21");
    user_send(&p->a, 10); /* 4 s now; a sample brings it down */
    run_until(p, "5.1s");
    arrive(&p->a, ". seq=1 ack=31");
    forget(&p->a);
    user_send(&p->a, 10);
    run_until(p, "6.2s");
    EXPECT_SENT(&p->a, "5.1s . seq=31 len=10", "6.1s . seq=31 len=10");
    pair_free(p);
}

/* 5.7: a SYN was repeated: data begins with a timeout of 3 s; so too behind a repeated SYN+ACK. */
/* HOLDS(6298-5.7) */
static void after_syn_loss(void)
{
    struct pair *p = single_new(RFC);
    open_active(&p->a);
    run_until(p, "1.2s");
    arrive(&p->a, "S. seq=0 ack=1 mss=1000");
    forget(&p->a);
    user_send(&p->a, 10);
    run_until(p, "5s");
    EXPECT_SENT(&p->a, "1.2s . seq=1 len=10", "4.2s . seq=1 len=10");
    pair_free(p);

    p = single_new(RFC);
    open_listener(&p->a, 8);
    arrive(&p->a, "S seq=0 mss=1000");
    run_until(p, "1.2s");
    arrive(&p->a, ". seq=1 ack=1");
    forget(&p->a);
    user_send(&p->a, 10);
    run_until(p, "5s");
    EXPECT_SENT(&p->a, "1.2s . seq=1 len=10", "4.2s . seq=1 len=10");
    pair_free(p);
}

/* 3.8.1: data and FIN that were lost together come again together, and FIN is acknowledged only with all data. */
/* HOLDS(timeout-retransmission) */
static void data_and_fin_lost(void)
{
    struct pair *p = pair_new(RFC, RFC);
    p->a.application.send_established = 100;
    p->a.application.close_established = true;
    p->b.application.close_peer_closed = true;
    open_listener(&p->b, 8);
    drop(p, FORWARD, 3);
    drop(p, FORWARD, 4);
    open_active(&p->a);
    run_to_end(p);
    EXPECT_EQUAL(p, p->b.current->received, 100);
    EXPECT_STATE(&p->a, TCP_CLOSED);
    EXPECT_STATE(&p->b, TCP_CLOSED);
    EXPECT_EQUAL(p, last_sent(&p->b)->ack, 102);
    pair_free(p);
}

/* A host without memory for data: the connection fails or the data is lost, but nothing crashes. */
static void no_memory(void)
{
    struct pair *p = established_to_1000(RFC);
    p->a.no_memory = true;
    user_send(&p->a, 1000);
    arrive(&p->a, ". seq=1 ack=1 len=100");
    run_until(p, "10s");
    EXPECT(p, state_of(&p->a) == TCP_CLOSED || state_of(&p->a) == TCP_ESTABLISHED);
    EXPECT_NEWS(&p->a, "");
    pair_free(p);
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"request and response", request_and_response},
        {"a transfer through loss, duplication and delay", transfer},
        {"RFC 9293 3.10.7.4 seventh: data out of order", out_of_order},
        {"RFC 9293 3.10.7.4 seventh: more holes than are kept", many_holes},
        {"RFC 9293 3.8.6: the receive window", receive_window},
        {"RFC 9293 3.8.6.3: delayed ACK", delayed_ack},
        {"RFC 5681 4.2: ACKs that are not delayed", delayed_ack_not},
        {"Linux: quick ACKs, delayed ACKs", delayed_ack_linux},
        {"RFC 9293 3.7.1: size of segments", segment_size},
        {"RFC 9293 3.10.7.4 fifth: the send window", send_window},
        {"RFC 9293 3.10.7.4 fifth: the window of an older segment", send_window_of_older_segment},
        {"RFC 9293 3.8.6.2.1: silly windows", silly_window},
        {"RFC 9293 3.8.6.1: a window of 0 is probed", zero_window},
        {"RFC 9293 3.8.6.1: Linux's probes of a window of 0", zero_window_linux},
        {"RFC 9293 3.8.6.1: the window update is lost", window_update_lost},
        {"RFC 9293 3.8.3: probes that nobody answers", probes_unanswered},
        {"RFC 6298 5.4 to 5.6: backoff of data", backoff},
        {"RFC 6298 5.4 to 5.6: backoff of FIN", backoff_of_fin},
        {"Linux: an orphan is given up by time", orphan},
        {"RFC 6298 5.2, 5.3: restart and stop", timer_restarts},
        {"RFC 6298 2.2, 2.3: RTO from samples", rto_from_samples},
        {"RFC 6298 3, 5.5: Karn's rule", karn},
        {"RFC 6298 5.7: after a lost SYN", after_syn_loss},
        {"RFC 9293 3.8.1: data and FIN lost together", data_and_fin_lost},
        {"no memory for data", no_memory},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "test_tcp_data", cases);
}
