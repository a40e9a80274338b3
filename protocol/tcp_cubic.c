/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CUBIC, RFC 9438, in integers, with Linux's numbers: time in 1/1024 s, windows in segments, C = 410/1024,
 * beta = 717/1024. Slow start ends early by HyStart (Ha and Rhee, 2011), which Linux has on.
 */
#include "tcp.h"

enum { SCALE_BITS = 10, BETA = 717, C = 410 }; /* both of 2^SCALE_BITS */
enum { LEAST_EACH = 2 };                       /* RFC 9438 4.4: at most half as many again in a round trip */
enum { EARLY_EACH = 20 };                      /* Linux: at least 5 % before the first loss */
enum { HYSTART_LOW_WINDOW = 16, HYSTART_SAMPLES = 8 };

/* The greatest integer whose cube is at most x. */
static uint32_t cube_root(uint64_t x)
{
    uint64_t root = 0;
    for (int bit = 20; bit >= 0; bit--) { /* 2^21 cubed is 2^63 */
        uint64_t more = root | UINT64_C(1) << bit;
        if (more * more * more <= x)
            root = more;
    }
    return (uint32_t)root;
}

/* In 1/1024 s. */
static uint32_t units(synfin_time t)
{
    /* 10^9 / 1024 = 5^9 / 2 */
    return t > 0 ? (uint32_t)((uint64_t)t / 1953125 * 2 + (uint64_t)t % 1953125 * 2 / 1953125) : 0;
}

/* 4.2: K, and where the curve is flat. */
static void begin_epoch(struct tcp_cubic *c, uint32_t window, uint32_t segments, synfin_time now)
{
    c->epoch = now > 0 ? now : 1;
    c->acked = segments;
    c->estimate = window;
    if (c->last_max <= window) {
        c->k = 0;
        c->origin = window;
    } else {
        c->k = cube_root((UINT64_C(1) << (4 * SCALE_BITS)) / C * (c->last_max - window));
        c->origin = c->last_max;
    }
}

/* W_cubic(t), a round trip ahead (4.2). */
static uint64_t target_at(const struct tcp_cubic *c, synfin_time now)
{
    uint64_t t = units(now - c->epoch + c->least_delay), far = t < c->k ? c->k - t : t - c->k;
    if (far > UINT64_C(1) << 17) /* two minutes away */
        far = UINT64_C(1) << 17;
    uint64_t change = (C * far * far >> SCALE_BITS) * far >> 3 * SCALE_BITS;
    if (t >= c->k)
        return c->origin + change;
    return change < c->origin ? c->origin - change : 0;
}

/* How many segments acknowledged let the window grow by one (Linux's bictcp_update()). */
static uint32_t each_for(struct tcp_cubic *c, uint32_t window, uint32_t segments, const struct tcp_profile *profile,
                         synfin_time now)
{
    c->acked += segments;
    bool same = c->window == window && now - c->updated <= SYNFIN_S / 32;
    if (same)
        return c->each;
    /* The curve is looked at once in a jiffy. */
    if (!c->epoch || now / profile->tick != c->updated / profile->tick) {
        if (!c->epoch)
            begin_epoch(c, window, segments, now);
        uint64_t target = target_at(c, now);
        c->each = target > window ? (uint32_t)(window / (target - window)) : 100 * window;
        if (c->last_max == 0 && c->each > EARLY_EACH)
            c->each = EARLY_EACH;
    }
    c->window = window;
    c->updated = now;
    /* 4.3: not slower than Reno would be with this beta: W_est grows by 3 (1 - beta) / (1 + beta) in a window. */
    uint32_t scale = 8 * ((1u << SCALE_BITS) + BETA) / 3 / ((1u << SCALE_BITS) - BETA), step = window * scale >> 3;
    while (step > 0 && c->acked > step) {
        c->acked -= step;
        c->estimate++;
    }
    if (c->estimate > window && c->each > window / (c->estimate - window))
        c->each = window / (c->estimate - window);
    if (c->each < LEAST_EACH)
        c->each = LEAST_EACH;
    return c->each;
}

static void grow(struct tcp_endpoint *ep, struct tcp_data *data, uint32_t acked, const struct tcp_profile *profile,
                 synfin_time now)
{
    uint32_t segments = tcp_congestion_segments(data, ep->mss, acked);
    if (data->cwnd < data->ssthresh)
        segments = tcp_congestion_slow_start(data, ep->mss, segments);
    if (segments == 0)
        return;
    uint32_t each = each_for(&data->cubic, data->cwnd / ep->mss, segments, profile, now);
    tcp_congestion_avoid(data, ep->mss, each, segments);
}

/* 4.6 multiplicative decrease, 4.7 fast convergence. */
static uint32_t ssthresh(struct tcp_data *data, uint32_t smss, uint32_t flight)
{
    struct tcp_cubic *c = &data->cubic;
    uint32_t window = data->cwnd / smss, less = (uint32_t)((uint64_t)window * BETA >> SCALE_BITS);
    (void)flight;
    c->epoch = 0;
    c->last_max = window < c->last_max ? (uint32_t)((uint64_t)window * ((1u << SCALE_BITS) + BETA) >> (SCALE_BITS + 1))
                                       : window;
    return (less > 2 ? less : 2) * smss;
}

/* 4.8: after a timeout all begins anew. */
static void timeout(struct tcp_data *data)
{
    data->cubic = (struct tcp_cubic){0};
}

/* RFC 9438 5.8: a pause is no time of the curve. */
static void resume(struct tcp_data *data, synfin_time now)
{
    struct tcp_cubic *c = &data->cubic;
    if (c->epoch && data->sent && now > data->sent) {
        c->epoch += now - data->sent;
        c->epoch = c->epoch < now ? c->epoch : now;
    }
}

/* ---- HyStart ----------------------------------------------------------------------------------------------------- */

/* How much above the least the delay of a round may be: an eighth, from 4 to 16 ms. */
static synfin_time delay_allowed(synfin_time least)
{
    synfin_time eighth = least / 8;
    return eighth < 4 * SYNFIN_MS ? 4 * SYNFIN_MS : eighth > 16 * SYNFIN_MS ? 16 * SYNFIN_MS : eighth;
}

/* Slow start ends where a round's acknowledgments come as a train longer than half the least delay, or late. */
static void hystart(struct tcp_endpoint *ep, struct tcp_data *data, synfin_time rtt, synfin_time now)
{
    struct tcp_cubic *c = &data->cubic;
    if (c->round_began == 0 || tcp_lt(c->round_end, ep->snd_una)) {
        c->round_began = c->last_ack = now;
        c->round_end = ep->snd_nxt;
        c->round_delay = SYNFIN_NEVER;
        c->samples = 0;
    }
    if (now - c->last_ack <= 2 * SYNFIN_MS) {
        c->last_ack = now;
        c->found = now - c->round_began > c->least_delay / 2;
    }
    if (c->round_delay > rtt)
        c->round_delay = rtt;
    if (c->samples < HYSTART_SAMPLES)
        c->samples++;
    else if (c->round_delay > c->least_delay + delay_allowed(c->least_delay))
        c->found = true;
    if (c->found)
        data->ssthresh = data->cwnd;
}

static void delay(struct tcp_endpoint *ep, struct tcp_data *data, synfin_time rtt, synfin_time now)
{
    struct tcp_cubic *c = &data->cubic;
    /* Right after a reduction the samples are of the queue that there was. */
    if (c->epoch && now - c->epoch < SYNFIN_S)
        return;
    if (c->least_delay == 0 || rtt < c->least_delay)
        c->least_delay = rtt > 0 ? rtt : 1;
    if (!c->found && data->cwnd < data->ssthresh && data->cwnd >= HYSTART_LOW_WINDOW * (uint32_t)ep->mss)
        hystart(ep, data, rtt, now);
}

const struct tcp_congestion tcp_cubic = {.name = "cubic",
                                         .segments = true,
                                         .grow = grow,
                                         .ssthresh = ssthresh,
                                         .delay = delay,
                                         .timeout = timeout,
                                         .resume = resume};
