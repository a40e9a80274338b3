/* SPDX-License-Identifier: BSD-2-Clause */
/* Options (RFC 9293 3.7.1, RFC 7323, RFC 2018), initial sequence numbers (RFC 6528), limited answers (RFC 5961 7). */
#include "tcp_fixture.h"

#include "tcp.h"

#include <limits.h>
#include <stdio.h>

#define SCALED RFC " window_scaling=true window=1MiB" /* a shift of 5 */
#define STAMPED RFC " timestamps=true"

/* ---- What SYN and SYN+ACK carry ---------------------------------------------------------------------------------- */

/* MUST-14 and SHLD-5 for MSS; the others stand in a SYN+ACK only if the SYN had them (RFC 7323 1.3, RFC 2018 2). */
/* HOLDS(MUST-14, MUST-65, 7323-2.2-syn, 7323-3.2-syn) */
static void options_of_syn_ack(void)
{
    static const struct {
        const char *settings, *syn;
        bool scale, timestamps, sack;
    } rows[] = {
        {RFC, "S seq=0 mss=1460 ws=7 ts=1,0 sack", false, false, false},
        {LINUX, "S seq=0 mss=1460", false, false, false},
        {LINUX, "S seq=0 mss=1460 ws=7", true, false, false},
        {LINUX, "S seq=0 mss=1460 ts=1,0", false, true, false},
        {LINUX, "S seq=0 mss=1460 sack", false, false, true},
        {LINUX, "S seq=0 mss=1460 ws=7 ts=1,0 sack", true, true, true},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pair *p = endpoint_in(TCP_LISTEN, rows[i].settings);
        label(p, "%s: '%s'", rows[i].settings, rows[i].syn);
        arrive(&p->a, rows[i].syn);
        const struct synfin_segment *seg = &last_sent(&p->a)->segment;
        EXPECT_EQUAL(p, seg->flags, SYNFIN_SYN | SYNFIN_ACK);
        EXPECT_EQUAL(p, seg->mss, 1460);
        EXPECT_EQUAL(p, seg->window_scale != SYNFIN_NO_SCALE, rows[i].scale);
        EXPECT_EQUAL(p, (seg->bits & SYNFIN_HAS_TIMESTAMPS) != 0, rows[i].timestamps);
        EXPECT_EQUAL(p, (seg->bits & SYNFIN_SACK_PERMITTED) != 0, rows[i].sack);
        EXPECT(p, !rows[i].timestamps || seg->tsecr == 1);
        arrive(&p->a, rows[i].timestamps ? ". seq=1 ack=1 ts=2,0" : ". seq=1 ack=1");
        EXPECT_STATE(&p->a, TCP_ESTABLISHED);
        user_send(&p->a, 10);
        seg = &last_sent(&p->a)->segment; /* of later segments only timestamps */
        EXPECT(p, seg->mss == 0 && seg->window_scale == SYNFIN_NO_SCALE && !(seg->bits & SYNFIN_SACK_PERMITTED));
        EXPECT_EQUAL(p, (seg->bits & SYNFIN_HAS_TIMESTAMPS) != 0, rows[i].timestamps);
        pair_free(p);
    }
}

/* HOLDS(SHLD-5, 7323-3.2-tsecr, MUST-67) */
static void options_of_syn(void)
{
    struct pair *p = endpoint_in(TCP_CLOSED, LINUX);
    open_active(&p->a);
    const struct synfin_segment *seg = &last_sent(&p->a)->segment;
    EXPECT_EQUAL(p, seg->mss, 1460);
    EXPECT(p, seg->window_scale != SYNFIN_NO_SCALE);
    EXPECT_EQUAL(p, seg->bits & (SYNFIN_HAS_TIMESTAMPS | SYNFIN_SACK_PERMITTED),
                 SYNFIN_HAS_TIMESTAMPS | SYNFIN_SACK_PERMITTED);
    EXPECT_EQUAL(p, seg->tsecr, 0); /* RFC 7323 3.2: valid only with ACK */
    pair_free(p);
}

/* ---- Window scale (RFC 7323 2) ----------------------------------------------------------------------------------- */

/* 2.2: windows of segments with SYN are not scaled, all others are; only when both sides sent the option. */
/* HOLDS(7323-2.2-both, 7323-2.2-unscaled) */
static void window_scale(void)
{
    struct pair *p = endpoint_in(TCP_CLOSED, SCALED);
    open_active(&p->a);
    EXPECT_SENT(&p->a, "S seq=0 win=65535 ws=5");
    arrive(&p->a, "S. seq=0 ack=1 mss=1000 win=100 ws=2");
    EXPECT_SENT(&p->a, ". seq=1 ack=1 win=32768");
    user_send(&p->a, 5000);
    EXPECT_SENT(&p->a, ". seq=1 len=100"); /* 100, not 400 */
    arrive(&p->a, ". seq=1 ack=101 win=300");
    EXPECT_SENT(&p->a, ". seq=101 len=1000"); /* of 1200 */
    pair_free(p);

    p = endpoint_in(TCP_CLOSED, SCALED);
    open_active(&p->a);
    forget(&p->a);
    arrive(&p->a, "S. seq=0 ack=1 mss=1000 win=100");
    EXPECT_SENT(&p->a, ". seq=1 ack=1 win=65535");
    user_send(&p->a, 5000);
    EXPECT_SENT(&p->a, ". seq=1 len=100");
    arrive(&p->a, ". seq=1 ack=101 win=300");
    EXPECT_SENT(&p->a, ". seq=101 len=300");
    pair_free(p);
}

/* 2.3: a shift over 14 counts as 14. */
/* HOLDS(7323-2.3-14) */
static void window_scale_limit(void)
{
    struct pair *p = endpoint_in(TCP_SYN_SENT, SCALED);
    arrive(&p->a, "S. seq=0 ack=1 mss=1000 win=0 ws=15");
    arrive(&p->a, ". seq=1 ack=1 win=1");
    EXPECT_EQUAL(p, ((const struct tcp_endpoint *)(const void *)p->a.current->endpoint)->snd_wnd, 16384);
    forget(&p->a);
    user_send(&p->a, 3000);
    EXPECT_SENT(&p->a, ". seq=1 len=1000", ". seq=1001 len=1000", ". seq=2001 len=1000");
    arrive(&p->a, ". seq=32769 ack=1 len=1"); /* in our window of 1 MiB */
    EXPECT_SENT(&p->a, ". ack=1");
    EXPECT_STATE(&p->a, TCP_ESTABLISHED);
    pair_free(p);
}

/* ---- Timestamps (RFC 7323 3 to 5) -------------------------------------------------------------------------------- */

/* ESTABLISHED, TS.Recent 1000. */
static struct pair *stamped(const char *settings)
{
    struct pair *p = endpoint_in(TCP_SYN_SENT, settings);
    arrive(&p->a, "S. seq=0 ack=1 mss=1000 ts=1000,0");
    EXPECT_STATE(&p->a, TCP_ESTABLISHED);
    forget(&p->a);
    *p->label = '\0';
    return p;
}

static uint32_t echo(const struct pair *p)
{
    return last_sent(&p->a)->segment.tsecr;
}

/* 4.3: TS.Recent moves with segments that reach down to Last.ACK.sent; ACKs echo it. Our clock ticks each ms. */
/* HOLDS(7323-4.3-echo, 7323-5.3-r3, 7323-5.4) */
static void echo_of_timestamps(void)
{
    struct pair *p = stamped(STAMPED);
    uint32_t before = last_sent(&p->a)->segment.tsval;
    EXPECT_EQUAL(p, echo(p), 1000);
    run_until(p, "250ms");
    arrive(&p->a, ". seq=1 ack=1 len=10 ts=1100,0");
    EXPECT_EQUAL(p, echo(p), 1100);
    EXPECT_EQUAL(p, last_sent(&p->a)->segment.tsval - before, 250);
    arrive(&p->a, ". seq=21 ack=1 len=10 ts=1200,0"); /* behind a hole */
    EXPECT_EQUAL(p, echo(p), 1100);
    arrive(&p->a, ". seq=11 ack=1 len=10 ts=1150,0"); /* fills it */
    EXPECT_EQUAL(p, echo(p), 1150);
    pair_free(p);
}

/* 4.2 (1): a delayed ACK echoes the earliest segment that it acknowledges. */
/* HOLDS(7323-4.2) */
static void echo_of_delayed_ack(void)
{
    struct pair *p = stamped(STAMPED " delayed_ack=200ms");
    arrive(&p->a, ". seq=1 ack=1 len=1000 ts=1001,0");
    arrive(&p->a, ". seq=1001 ack=1 len=1000 ts=1002,0");
    EXPECT_SENT(&p->a, ". ack=2001");
    EXPECT_EQUAL(p, echo(p), 1001);
    pair_free(p);
}

/* 5.3 (R1): PAWS: an older timestamp draws an ACK and the segment is dropped; a reset is spared. Modulo 2^32. */
/* HOLDS(7323-5.3-r1, 7323-5.2-reset) */
static void paws(void)
{
    static const struct {
        const char *arrives, *reply, *news;
    } rows[] = {
        {". seq=1 ack=1 len=10 ts=999,0", ". seq=1 ack=1", ""},
        {"F. seq=1 ack=1 ts=999,0", ". seq=1 ack=1", ""},
        {". seq=1 ack=1 len=10 ts=-2147482647,0", ". seq=1 ack=1", ""}, /* 2^31 - 1 older */
        {". seq=1 ack=1 len=10 ts=1000,0", ". seq=1 ack=11", "data 10"},
        {". seq=1 ack=1 len=10 ts=2147484647,0", ". seq=1 ack=11", "data 10"}, /* 2^31 - 1 newer */
        {"R seq=1 ts=999,0", NULL, "failed reset"},
        {"R seq=1", NULL, "failed reset"},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pair *p = stamped(STAMPED);
        label(p, "'%s'", rows[i].arrives);
        arrive(&p->a, rows[i].arrives);
        EXPECT_SENT(&p->a, rows[i].reply);
        EXPECT_NEWS(&p->a, rows[i].news);
        pair_free(p);
    }
}

/* 3.7.1 (MUST-16): timestamps take 12 bytes of each segment. */
/* HOLDS(MUST-16) */
static void timestamps_take_room(void)
{
    struct pair *p = stamped(STAMPED);
    user_send(&p->a, 1000);
    EXPECT_SENT(&p->a, ". seq=1 len=988", ". seq=989 len=12");
    pair_free(p);
}

/* 4.1: with timestamps a retransmitted segment gives a sample after all: no timeout of 3 s behind a lost SYN. */
/* HOLDS(7323-4.1) */
static void timestamps_sample(void)
{
    struct pair *p = pair_new(STAMPED, STAMPED);
    drop(p, FORWARD, 1);
    drop(p, FORWARD, 4);
    p->a.application.send_established = 10;
    open_listener(&p->b, 8);
    open_active(&p->a);
    run_to_end(p);
    EXPECT_SENT(&p->a, "0 S", "1s S", "1.02s .", "1.02s . len=10", "2.02s . len=10");
    pair_free(p);
}

/* ---- Initial sequence numbers (RFC 6528) ------------------------------------------------------------------------- */

static uint32_t iss_at(struct pair *p, struct side *s, uint16_t port)
{
    open_active_at(s, port);
    uint32_t iss = s->current->iss;
    user_abort(s);
    (void)p;
    return iss;
}

/* ISN = M + F(four-tuple, secret): for one tuple as the clock of 4 us goes, from one tuple nothing of another. */
/* HOLDS(MUST-8, SHLD-1, MUST-9) */
static void initial_sequence_numbers(void)
{
    enum { TUPLES = 64 };
    uint32_t iss[TUPLES];
    struct pair *p = single_new(RFC);
    for (unsigned i = 0; i < TUPLES; i++)
        iss[i] = iss_at(p, &p->a, (uint16_t)(30000 + i));
    run_until(p, "400ms");
    for (unsigned i = 0; i < TUPLES; i++)
        EXPECT_EQUAL(p, iss_at(p, &p->a, (uint16_t)(30000 + i)) - iss[i], 100000);
    unsigned near = 0;
    for (unsigned i = 0; i < TUPLES; i++) {
        for (unsigned j = 0; j < i; j++) {
            EXPECT(p, iss[i] != iss[j]);
            near += iss[i] - iss[j] + 65536 < 131072;
        }
    }
    EXPECT(p, near <= 3); /* of 2016 pairs one in 32768 by chance */
    struct pair *other = single_new(RFC);
    other->a.base.secret[0] ^= 1;
    EXPECT(p, iss_at(other, &other->a, 30000) != iss[0]);
    pair_free(other);
    pair_free(p);
}

/* Passive opens likewise. */
/* HOLDS(SHLD-1) */
static void initial_sequence_numbers_passive(void)
{
    struct pair *p = endpoint_in(TCP_LISTEN, RFC);
    arrive_from(&p->a, 5001, "S seq=0");
    arrive_from(&p->a, 5002, "S seq=0");
    EXPECT(p, p->a.sent[0].segment.seq != p->a.sent[1].segment.seq);
    pair_free(p);
}

/* ---- The limit on answers (RFC 5961 7; Linux's tcp_invalid_ratelimit) -------------------------------------------- */

/* HOLDS(5961-7) */
static void answers_limited(void)
{
    static const char *const arrivals[] = {"S seq=0", "R seq=2", "S seq=1", ". seq=0 ack=1", ". seq=1 ack=2"};
    for (unsigned i = 0; i < sizeof arrivals / sizeof arrivals[0]; i++) {
        struct pair *p = endpoint_in(TCP_ESTABLISHED, LINUX);
        label(p, "Linux: '%s'", arrivals[i]);
        arrive(&p->a, arrivals[i]);
        arrive(&p->a, arrivals[i]);
        run_until(p, "499ms");
        arrive(&p->a, arrivals[i]);
        run_until(p, "500ms");
        arrive(&p->a, arrivals[i]);
        EXPECT_SENT(&p->a, "0 . seq=1 ack=1", "500ms . seq=1 ack=1");
        pair_free(p);

        p = endpoint_in(TCP_ESTABLISHED, RFC);
        label(p, "rfc9293: '%s'", arrivals[i]);
        arrive(&p->a, arrivals[i]);
        arrive(&p->a, arrivals[i]);
        EXPECT_SENT(&p->a, "0 . seq=1 ack=1", "0 . seq=1 ack=1");
        pair_free(p);
    }
}

/* Data and FIN that come again are always answered: the peer needs it. */
static void answers_not_limited(void)
{
    struct pair *p = endpoint_in(TCP_ESTABLISHED, LINUX);
    arrive(&p->a, ". seq=1 ack=1 len=10");
    run_until(p, "100ms");
    forget(&p->a);
    for (unsigned i = 0; i < 3; i++) {
        arrive(&p->a, ". seq=1 ack=1 len=10");
        EXPECT_SENT(&p->a, ". seq=1 ack=11");
    }
    pair_free(p);

    p = endpoint_in(TCP_CLOSE_WAIT, LINUX);
    for (unsigned i = 0; i < 3; i++) {
        arrive(&p->a, "F. seq=1 ack=1");
        EXPECT_SENT(&p->a, ". seq=1 ack=2");
    }
    pair_free(p);
}

/* Linux, tcp_disordered_ack_check(): a millisecond is forgiven; so is an ACK that repeats the last one, for 1.2
   timeouts (240 ms here); and one of what came before is not answered. */
static void paws_linux(void)
{
    static const struct {
        const char *arrives, *reply, *news;
    } rows[] = {
        {". seq=1 ack=1 len=10 ts=999,0", ". seq=1 ack=11", "data 10"},
        {". seq=1 ack=1 len=10 ts=998,0", ". seq=1 ack=1", ""},
        {"F. seq=1 ack=1 ts=998,0", ". seq=1 ack=1", ""},
        {". seq=0 ack=1 ts=998,0", NULL, ""},          /* from before */
        {". seq=0 ack=1 ts=999,0", ". seq=1 ack=1", ""}, /* not old, but not in the window */
        {". seq=1 ack=1 ts=760,0", NULL, ""},
        {". seq=1 ack=1 ts=750,0", ". seq=1 ack=1", ""},
        {". seq=1 ack=1 ts=990,0 win=0", ". seq=1 ack=1", ""},  /* it would change the window */
        {". seq=1 ack=0 ts=990,0", ". seq=1 ack=1", ""},        /* or repeats an older one */
        {". seq=5 ack=1 ts=990,0", ". seq=1 ack=1", ""},
        {"S seq=5 ts=990,0", ". seq=1 ack=1", ""},
        {"R seq=1 ts=990,0", NULL, "failed reset"},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pair *p = stamped(LINUX);
        label(p, "'%s'", rows[i].arrives);
        arrive(&p->a, rows[i].arrives);
        EXPECT_SENT(&p->a, rows[i].reply);
        EXPECT_NEWS(&p->a, rows[i].news);
        EXPECT_EQUAL(p, echo(p), 1000); /* none of them takes back the timestamp */
        pair_free(p);
    }
    /* Of a half-open connection every older timestamp is too old, a reset's too. */
    struct pair *p = endpoint_in(TCP_LISTEN, LINUX);
    arrive(&p->a, "S seq=0 ts=1000,0");
    forget(&p->a);
    arrive(&p->a, "R seq=1 ts=999,0");
    EXPECT_SILENCE(&p->a);
    arrive(&p->a, ". seq=1 ack=1 ts=999,0");
    EXPECT_STATES(&p->a, "");
    arrive(&p->a, "R seq=1 ts=1000,0");
    EXPECT_STATES(&p->a, "CLOSED");
    pair_free(p);
}

/* Linux: a SYN+ACK must echo what was sent since the first SYN, or nothing; else it draws a reset, and a reset like it
   is not believed. */
static void echo_in_syn_sent(void)
{
    static const struct {
        const char *settings;
        int echo; /* from the first SYN's, which was 30 ms ago; INT_MIN: 0 */
        bool taken;
    } rows[] = {
        {LINUX, -1, false}, {LINUX, 0, true},        {LINUX, 30, true},
        {LINUX, 31, false}, {LINUX, INT_MIN, true}, {STAMPED, -1, true},
        {LINUX " timestamps=false", -1, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pair *p = endpoint_in(TCP_CLOSED, rows[i].settings);
        char text[100];
        open_active(&p->a);
        run_until(p, "30ms");
        uint32_t tsecr = rows[i].echo == INT_MIN ? 0 : p->a.sent[0].segment.tsval + (uint32_t)rows[i].echo;
        label(p, "%s, %d", rows[i].settings, rows[i].echo);
        forget(&p->a);
        snprintf(text, sizeof text, "R. seq=0 ack=1 ts=7,%u", tsecr);
        if (!rows[i].taken)
            arrive(&p->a, text);
        EXPECT_STATE(&p->a, TCP_SYN_SENT);
        EXPECT_SILENCE(&p->a);
        snprintf(text, sizeof text, "S. seq=0 ack=1 ts=7,%u", tsecr);
        arrive(&p->a, text);
        if (!rows[i].taken)
            EXPECT_SENT(&p->a, "R seq=1");
        EXPECT_STATE(&p->a, rows[i].taken ? TCP_ESTABLISHED : TCP_SYN_SENT);
        pair_free(p);
    }
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"RFC 7323 1.3, RFC 2018 2: options of a SYN+ACK", options_of_syn_ack},
        {"RFC 9293 3.7.1: options of a SYN", options_of_syn},
        {"RFC 7323 2.2: window scale", window_scale},
        {"RFC 7323 2.3: a shift of 14 at most", window_scale_limit},
        {"RFC 7323 4.3: what is echoed", echo_of_timestamps},
        {"RFC 7323 4.2: what a delayed ACK echoes", echo_of_delayed_ack},
        {"RFC 7323 5.3: PAWS", paws},
        {"Linux: PAWS", paws_linux},
        {"Linux: what a SYN+ACK echoes", echo_in_syn_sent},
        {"RFC 9293 3.7.1: timestamps take room", timestamps_take_room},
        {"RFC 7323 4.1: a sample in spite of retransmission", timestamps_sample},
        {"RFC 6528 3: initial sequence numbers", initial_sequence_numbers},
        {"RFC 6528 3: initial sequence numbers of a listener", initial_sequence_numbers_passive},
        {"RFC 5961 7: answers are limited", answers_limited},
        {"RFC 5961 7: answers to data are not", answers_not_limited},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "test_tcp_options", cases);
}
