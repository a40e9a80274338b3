/* SPDX-License-Identifier: BSD-2-Clause */
/* CUBIC (RFC 9438) with Linux's numbers, by itself: windows in segments of 1000 bytes. */
#include "tcp_fixture.h"

#include "tcp.h"

#include <math.h>
#include <string.h>

enum { MSS = 1000 };

struct flow {
    struct pair *pair; /* for the profile */
    const struct tcp_profile *profile;
    struct tcp_endpoint ep;
    struct tcp_data data;
    synfin_time now, rtt;
};

static struct flow *flow_new(synfin_time rtt, uint32_t window)
{
    static struct flow f;
    memset(&f, 0, sizeof f);
    f.pair = single_new(LINUX);
    f.profile = f.pair->a.config;
    f.ep.mss = MSS;
    f.now = SYNFIN_S;
    f.rtt = rtt;
    f.data.cwnd = window * MSS;
    f.data.ssthresh = UINT32_MAX;
    return &f;
}

static void lose_one(struct flow *f)
{
    f->data.ssthresh = tcp_cubic.ssthresh(&f->data, MSS, f->data.cwnd);
    f->data.cwnd = f->data.ssthresh;
    f->data.counted = f->data.fraction = 0;
}

/* A round trip: each segment of the window is acknowledged by itself, evenly spread. */
static void round_trip(struct flow *f)
{
    uint32_t window = f->data.cwnd / MSS;
    for (uint32_t i = 0; i < window; i++) {
        f->now += f->rtt / window;
        tcp_cubic.grow(&f->ep, &f->data, MSS, f->profile, f->now);
    }
}

static double window_of(const struct flow *f)
{
    return f->data.cwnd / (double)MSS;
}

/* 4.6: beta = 0.7. 4.7: a window below the last maximum lowers that to (1 + beta) / 2. */
static void decrease(void)
{
    struct flow *f = flow_new(100 * SYNFIN_MS, 1000);
    lose_one(f);
    EXPECT_EQUAL(f->pair, f->data.cwnd, 700 * MSS);
    EXPECT_EQUAL(f->pair, f->data.cubic.last_max, 1000);
    lose_one(f); /* 700 < 1000 */
    EXPECT_EQUAL(f->pair, f->data.cwnd, 490 * MSS);
    EXPECT_EQUAL(f->pair, f->data.cubic.last_max, 595);
    f->data.cwnd = 2 * MSS;
    lose_one(f);
    EXPECT_EQUAL(f->pair, f->data.cwnd, 2 * MSS);
    pair_free(f->pair);
}

/* 4.2: W(t) = C (t - K)^3 + W_max, with K = cbrt(W_max (1 - beta) / C), until it is beyond W_max. */
static void follows_the_curve(void)
{
    struct flow *f = flow_new(100 * SYNFIN_MS, 1000);
    lose_one(f);
    round_trip(f);
    synfin_time epoch = f->data.cubic.epoch;
    double k = cbrt(1000 * 0.3 / 0.4);
    EXPECT(f->pair, fabs(f->data.cubic.k / 1024.0 - k) < 0.01);
    while (f->now - epoch < 14 * SYNFIN_S) {
        double t = (double)(f->now - epoch) / 1e9, w = 1000 + 0.4 * pow(t - k, 3);
        label(f->pair, "after %.1f s: %.0f, by the formula %.1f", t, window_of(f), w);
        if (t > 1) /* it catches up with the curve within a few round trips */
            EXPECT(f->pair, fabs(window_of(f) - w) < 0.015 * w);
        round_trip(f);
    }
    EXPECT(f->pair, window_of(f) > 1040);
    pair_free(f->pair);
}

/* K is exact in integers. */
static void time_to_origin(void)
{
    for (uint32_t window = 10; window < 1000000; window = window * 3 / 2) {
        struct flow *f = flow_new(10 * SYNFIN_MS, window);
        lose_one(f);
        uint64_t gap = window - f->data.cwnd / MSS, cube = (UINT64_C(1) << 40) / 410 * gap;
        tcp_cubic.grow(&f->ep, &f->data, MSS, f->profile, f->now);
        uint64_t k = f->data.cubic.k;
        label(f->pair, "window %u", window);
        EXPECT(f->pair, k * k * k <= cube && (k + 1) * (k + 1) * (k + 1) > cube);
        pair_free(f->pair);
    }
}

/* 4.3: on short paths Reno, with this beta, is faster: W_est grows by 3 (1 - beta) / (1 + beta) = 0.53 a round trip. */
static void reno_friendly(void)
{
    struct flow *f = flow_new(10 * SYNFIN_MS, 50);
    lose_one(f);
    double before = window_of(f);
    for (unsigned i = 0; i < 60; i++)
        round_trip(f);
    label(f->pair, "%.0f after %.0f", window_of(f), before);
    EXPECT(f->pair, fabs(window_of(f) - before - 60 * 0.53) < 3);
    pair_free(f->pair);
}

/* 4.4: at most half as much again in a round trip, however far the curve is ahead. */
static void convex_bound(void)
{
    struct flow *f = flow_new(3 * SYNFIN_S, 10);
    double steepest = 0;
    lose_one(f);
    for (unsigned i = 0; i < 12; i++) {
        double before = window_of(f);
        round_trip(f);
        EXPECT(f->pair, window_of(f) <= before * 1.5 + 1);
        steepest = window_of(f) > before * steepest ? window_of(f) / before : steepest;
    }
    EXPECT(f->pair, steepest > 1.4); /* the curve would have it steeper */
    pair_free(f->pair);
}

/* 4.10 (slow start): one segment for each acknowledged, up to ssthresh; what is left over counts in avoidance. */
static void slow_start(void)
{
    struct flow *f = flow_new(100 * SYNFIN_MS, 10);
    f->data.ssthresh = 15 * MSS;
    tcp_cubic.grow(&f->ep, &f->data, 3 * MSS, f->profile, f->now);
    EXPECT_EQUAL(f->pair, f->data.cwnd, 13 * MSS);
    tcp_cubic.grow(&f->ep, &f->data, 500, f->profile, f->now);
    tcp_cubic.grow(&f->ep, &f->data, 500, f->profile, f->now); /* two halves of a segment */
    EXPECT_EQUAL(f->pair, f->data.cwnd, 14 * MSS);
    tcp_cubic.grow(&f->ep, &f->data, 3 * MSS, f->profile, f->now);
    EXPECT_EQUAL(f->pair, f->data.cwnd, 15 * MSS);
    EXPECT_EQUAL(f->pair, f->data.counted, 2);
    pair_free(f->pair);
}

/* 4.8: a timeout forgets the curve. */
static void timeout(void)
{
    struct flow *f = flow_new(100 * SYNFIN_MS, 100);
    lose_one(f);
    round_trip(f);
    tcp_cubic.timeout(&f->data);
    EXPECT_EQUAL(f->pair, f->data.cubic.last_max, 0);
    EXPECT_EQUAL(f->pair, f->data.cubic.epoch, 0);
    pair_free(f->pair);
}

/* A pause is no time of the curve: it goes on from where it was. */
static void pause(void)
{
    struct flow *f = flow_new(100 * SYNFIN_MS, 1000);
    lose_one(f);
    round_trip(f);
    synfin_time into = f->now - f->data.cubic.epoch;
    f->data.sent = f->now;
    f->now += 60 * SYNFIN_S;
    tcp_cubic.resume(&f->data, f->now);
    EXPECT_EQUAL(f->pair, f->now - f->data.cubic.epoch, into);
    pair_free(f->pair);
}

/* ---- HyStart ----------------------------------------------------------------------------------------------------- */

/* Samples of one round in slow start, one each `apart`. */
static void delays(struct flow *f, unsigned n, synfin_time delay, synfin_time apart)
{
    f->ep.snd_una = f->ep.snd_nxt + 1;
    f->ep.snd_nxt = f->ep.snd_una + f->data.cwnd;
    for (unsigned i = 0; i < n; i++) {
        f->now += apart;
        tcp_cubic.delay(&f->ep, &f->data, delay, f->now);
    }
}

/* Ha and Rhee 2011: slow start ends where a round's delay is an eighth, 4 to 16 ms, above the least: by 12.5 of 100. */
static void delay_increase(void)
{
    struct flow *f = flow_new(100 * SYNFIN_MS, 16);
    delays(f, 20, 100 * SYNFIN_MS, 3 * SYNFIN_MS);
    delays(f, 20, 112 * SYNFIN_MS, 3 * SYNFIN_MS);
    EXPECT_EQUAL(f->pair, f->data.ssthresh, UINT32_MAX);
    delays(f, 8, 113 * SYNFIN_MS, 3 * SYNFIN_MS); /* nine samples are needed */
    EXPECT_EQUAL(f->pair, f->data.ssthresh, UINT32_MAX);
    delays(f, 9, 113 * SYNFIN_MS, 3 * SYNFIN_MS);
    EXPECT_EQUAL(f->pair, f->data.ssthresh, 16 * MSS);
    pair_free(f->pair);
}

/* Where acknowledgments come less than 2 ms apart for more than half of the least delay; and not below 16 segments. */
static void ack_train(void)
{
    struct flow *f = flow_new(100 * SYNFIN_MS, 15);
    delays(f, 100, 100 * SYNFIN_MS, SYNFIN_MS);
    EXPECT_EQUAL(f->pair, f->data.ssthresh, UINT32_MAX);
    f->data.cwnd = 16 * MSS;
    delays(f, 51, 100 * SYNFIN_MS, SYNFIN_MS);
    EXPECT_EQUAL(f->pair, f->data.ssthresh, UINT32_MAX);
    delays(f, 52, 100 * SYNFIN_MS, SYNFIN_MS);
    EXPECT_EQUAL(f->pair, f->data.ssthresh, 16 * MSS);
    pair_free(f->pair);
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"RFC 9438 4.6, 4.7: the window after a loss", decrease},
        {"RFC 9438 4.2: W(t)", follows_the_curve},
        {"RFC 9438 4.2: K in integers", time_to_origin},
        {"RFC 9438 4.3: the Reno-friendly region", reno_friendly},
        {"RFC 9438 4.4: the convex region's bound", convex_bound},
        {"RFC 9438 4.10: slow start", slow_start},
        {"RFC 9438 4.8: after a timeout", timeout},
        {"RFC 9438 5.8: a pause", pause},
        {"HyStart: delays that rise", delay_increase},
        {"HyStart: trains of acknowledgments", ack_train},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "test_tcp_cubic", cases);
}
