/* SPDX-License-Identifier: BSD-2-Clause */
/* Congestion control: RFC 5681, with NewReno's fast recovery (RFC 6582). */
#include "tcp.h"

/* RFC 5681 3.1: slow start, then congestion avoidance that counts bytes. */
static void newreno_grow(struct tcp_endpoint *ep, struct tcp_data *data, uint32_t acked,
                         const struct tcp_profile *profile, synfin_time now)
{
    uint32_t smss = ep->mss;
    (void)profile;
    (void)now;
    if (data->cwnd < data->ssthresh) {
        data->cwnd += acked < smss ? acked : smss;
        return;
    }
    data->counted += acked;
    if (data->counted >= data->cwnd) {
        data->counted -= data->cwnd;
        data->cwnd += smss;
    }
}

/* RFC 5681, equation (4) */
static uint32_t newreno_ssthresh(struct tcp_data *data, uint32_t smss, uint32_t flight)
{
    (void)data;
    return flight / 2 > 2 * smss ? flight / 2 : 2 * smss;
}

const struct tcp_congestion tcp_newreno = {.name = "newreno", .grow = newreno_grow, .ssthresh = newreno_ssthresh};

/* ---- Linux's, which count segments ------------------------------------------------------------------------------- */

uint32_t tcp_congestion_segments(struct tcp_data *data, uint32_t smss, uint32_t acked)
{
    uint32_t bytes = data->fraction + acked, segments = bytes / smss;
    data->fraction = bytes - segments * smss;
    return segments;
}

uint32_t tcp_congestion_slow_start(struct tcp_data *data, uint32_t smss, uint32_t segments)
{
    uint64_t most = data->cwnd + (uint64_t)segments * smss, threshold = data->ssthresh / smss * smss;
    uint32_t before = data->cwnd;
    if (threshold < before)
        threshold = before;
    data->cwnd = (uint32_t)(most < threshold ? most : threshold);
    return segments - (data->cwnd - before) / smss;
}

void tcp_congestion_avoid(struct tcp_data *data, uint32_t smss, uint32_t each, uint32_t segments)
{
    if (data->counted >= each) {
        data->counted = 0;
        data->cwnd += smss;
    }
    data->counted += segments;
    if (data->counted >= each) {
        data->cwnd += data->counted / each * smss;
        data->counted %= each;
    }
}

static void reno_grow(struct tcp_endpoint *ep, struct tcp_data *data, uint32_t acked, const struct tcp_profile *profile,
                      synfin_time now)
{
    uint32_t segments = tcp_congestion_segments(data, ep->mss, acked);
    (void)profile;
    (void)now;
    if (data->cwnd < data->ssthresh)
        segments = tcp_congestion_slow_start(data, ep->mss, segments);
    if (segments > 0)
        tcp_congestion_avoid(data, ep->mss, data->cwnd / ep->mss, segments);
}

static uint32_t reno_ssthresh(struct tcp_data *data, uint32_t smss, uint32_t flight)
{
    uint32_t half = data->cwnd / smss / 2;
    (void)flight;
    return (half > 2 ? half : 2) * smss;
}

const struct tcp_congestion tcp_reno = {
    .name = "reno", .segments = true, .grow = reno_grow, .ssthresh = reno_ssthresh};

const struct tcp_congestion *const tcp_congestion_controls[] = {&tcp_newreno, &tcp_reno, &tcp_cubic};

bool tcp_congestion_limited(const struct tcp_endpoint *ep, const struct tcp_data *data,
                            const struct tcp_profile *profile, uint32_t flight)
{
    if (!profile->congestion->segments)
        return flight + ep->mss > data->cwnd;
    return (data->flags & TCP_CWND_LIMITED) ||
           (data->cwnd < data->ssthresh && data->cwnd < 2 * (uint64_t)data->most_out);
}

/* Linux's tcp_cwnd_validate() */
void tcp_congestion_used(const struct tcp_endpoint *ep, struct tcp_data *data, uint32_t pipe)
{
    bool limited = pipe + ep->mss > data->cwnd;
    uint32_t out = ep->snd_nxt - ep->snd_una;
    if (!limited && tcp_lt(ep->snd_una, data->usage_end) &&
        ((data->flags & TCP_CWND_LIMITED) || out <= data->most_out))
        return;
    data->flags = (uint16_t)(limited ? data->flags | TCP_CWND_LIMITED : data->flags & ~TCP_CWND_LIMITED);
    data->most_out = out;
    data->usage_end = ep->snd_nxt;
}

/* ------------------------------------------------------------------------------------------------------------------ */

static uint32_t initial_window(const struct tcp_endpoint *ep, const struct tcp_profile *profile)
{
    uint32_t smss = ep->mss;
    /* RFC 5681 3.1 */
    uint32_t segments = smss > 2190 ? 2 : smss > 1095 ? 3 : 4;
    if (profile->initial_window)
        segments = (uint32_t)profile->initial_window;
    return segments * smss;
}

void tcp_congestion_begin(struct tcp_endpoint *ep, struct tcp_data *data, struct synfin_host *host)
{
    const struct tcp_profile *profile = tcp_profile_of(host, &ep->head.sender);
    data->cwnd = ep->flags & TCP_SMALL_START ? ep->mss : initial_window(ep, profile);
    data->ssthresh = UINT32_MAX;
    /* Below ISS, so that an acknowledgment of the SYN alone covers more (RFC 6582 3.2, steps 1 and 2). */
    data->recover = ep->snd_una - 2;
    if (ep->flags & TCP_SACK)
        tcp_board_begin(ep, data, host->now);
}

/* RFC 5681 4.1: the restart window; Linux halves once for each timeout that the pause lasted (RFC 2861). */
void tcp_congestion_idle(struct tcp_endpoint *ep, struct tcp_data *data, const struct tcp_profile *profile,
                         synfin_time now)
{
    uint32_t least = initial_window(ep, profile);
    synfin_time pause = now - data->sent;
    if (profile->congestion->resume)
        profile->congestion->resume(data, now);
    if (!data->sent || !profile->slow_start_after_idle || pause <= ep->rto.rto || data->cwnd <= least)
        return;
    for (uint32_t cwnd = data->cwnd; profile->rules == TCP_RULES_LINUX && cwnd > least; cwnd /= 2) {
        if ((pause -= ep->rto.rto) <= 0) {
            least = cwnd - (profile->congestion->segments ? cwnd % ep->mss : 0);
            break;
        }
    }
    if (profile->rules == TCP_RULES_LINUX && data->ssthresh < data->cwnd / 4 * 3)
        data->ssthresh = data->cwnd / 4 * 3;
    data->cwnd = least;
}

void tcp_congestion_acked(struct tcp_endpoint *ep, struct tcp_data *data, uint32_t acked, uint32_t flight,
                          struct synfin_host *host)
{
    const struct tcp_congestion *control = tcp_profile_of(host, &ep->head.sender)->congestion;
    uint32_t smss = ep->mss;
    data->duplicates = data->limited = 0;
    if (!(data->flags & TCP_RECOVERY)) {
        /* A window that is not used up says nothing about the path (RFC 7661). */
        if (tcp_congestion_limited(ep, data, tcp_profile_of(host, &ep->head.sender), flight))
            control->grow(ep, data, acked, tcp_profile_of(host, &ep->head.sender), host->now);
        return;
    }
    /* RFC 6582 3.2, step 3 */
    if (tcp_lt(data->recover, ep->snd_una)) {
        uint32_t outstanding = ep->snd_nxt - ep->snd_una;
        uint32_t window = (outstanding > smss ? outstanding : smss) + smss;
        data->cwnd = window < data->ssthresh ? window : data->ssthresh;
        data->flags &= (uint16_t)~(TCP_RECOVERY | TCP_PARTIAL_SEEN);
        return;
    }
    data->flags |= TCP_PARTIAL_SEEN;
    tcp_retransmit(ep, host);
    data->cwnd -= acked < data->cwnd ? acked : data->cwnd - smss;
    if (acked >= smss)
        data->cwnd += smss;
}

void tcp_congestion_duplicate(struct tcp_endpoint *ep, struct tcp_data *data, struct synfin_host *host)
{
    const struct tcp_congestion *control = tcp_profile_of(host, &ep->head.sender)->congestion;
    uint32_t smss = ep->mss;
    if (data->flags & TCP_RECOVERY) { /* RFC 5681 3.2, step 4 */
        data->cwnd += smss;
        return;
    }
    /* RFC 6582 3.2, step 2: not for duplicates that a timeout's retransmissions drew. */
    if (++data->duplicates != 3 || !tcp_lt(data->recover, ep->snd_una - 1))
        return;
    /* What limited transmit sent does not count. */
    data->ssthresh = control->ssthresh(data, smss, ep->snd_nxt - ep->snd_una - data->limited);
    data->recover = ep->snd_nxt - 1;
    data->flags |= TCP_RECOVERY;
    data->counted = 0;
    tcp_retransmit(ep, host);
    data->cwnd = data->ssthresh + 3 * smss;
}

void tcp_congestion_timeout(struct tcp_endpoint *ep, struct tcp_data *data, const struct tcp_profile *profile)
{
    /* RFC 5681 3.1: ssthresh stays when the same segment is lost again. */
    if (ep->retransmissions == 1)
        data->ssthresh = profile->congestion->ssthresh(data, ep->mss, ep->snd_nxt - ep->snd_una);
    if (profile->congestion->timeout)
        profile->congestion->timeout(data);
    data->cwnd = ep->mss;
    data->counted = data->fraction = 0;
    data->duplicates = data->limited = 0;
    /* RFC 6582 3.2, step 4 */
    data->recover = ep->snd_nxt - 1;
    data->flags &= (uint16_t)~(TCP_RECOVERY | TCP_PARTIAL_SEEN);
}
