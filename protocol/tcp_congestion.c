/* SPDX-License-Identifier: BSD-2-Clause */
/* Congestion control: RFC 5681, with NewReno's fast recovery (RFC 6582). */
#include "tcp.h"

/* RFC 5681 3.1: slow start, then congestion avoidance that counts bytes. */
static void newreno_grow(struct tcp_data *data, uint32_t smss, uint32_t acked)
{
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
static uint32_t newreno_ssthresh(const struct tcp_data *data, uint32_t smss, uint32_t flight)
{
    (void)data;
    return flight / 2 > 2 * smss ? flight / 2 : 2 * smss;
}

const struct tcp_congestion tcp_newreno = {"newreno", newreno_grow, newreno_ssthresh};

static uint32_t initial_window(const struct tcp_endpoint *ep, const struct tcp_profile *profile)
{
    uint32_t smss = ep->mss;
    /* RFC 5681 3.1 */
    uint32_t segments = smss > 2190 ? 2 : smss > 1095 ? 3 : 4;
    if (profile->initial_window)
        segments = (uint32_t)profile->initial_window;
    return segments * smss;
}

void tcp_congestion_begin(struct tcp_endpoint *ep, struct tcp_data *data, const struct tcp_profile *profile)
{
    data->cwnd = ep->flags & TCP_SMALL_START ? ep->mss : initial_window(ep, profile);
    data->ssthresh = UINT32_MAX;
    /* Below ISS, so that an acknowledgment of the SYN alone covers more (RFC 6582 3.2, steps 1 and 2). */
    data->recover = ep->snd_una - 2;
}

/* RFC 5681 4.1: the restart window; Linux halves once for each timeout that the pause lasted (RFC 2861). */
void tcp_congestion_idle(struct tcp_endpoint *ep, struct tcp_data *data, const struct tcp_profile *profile,
                         synfin_time now)
{
    uint32_t least = initial_window(ep, profile);
    synfin_time pause = now - data->sent;
    if (!data->sent || !profile->slow_start_after_idle || pause <= ep->rto.rto || data->cwnd <= least)
        return;
    for (uint32_t cwnd = data->cwnd; profile->rules == TCP_RULES_LINUX && cwnd > least; cwnd /= 2) {
        if ((pause -= ep->rto.rto) <= 0) {
            least = cwnd;
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
    data->duplicates = 0;
    if (!(data->flags & TCP_RECOVERY)) {
        /* A window that is not used up says nothing about the path (RFC 7661). */
        if (flight + smss > data->cwnd)
            control->grow(data, smss, acked);
        return;
    }
    /* RFC 6582 3.2, step 3 */
    if (tcp_lt(data->recover, ep->snd_una)) {
        uint32_t outstanding = ep->snd_nxt - ep->snd_una;
        uint32_t window = (outstanding > smss ? outstanding : smss) + smss;
        data->cwnd = window < data->ssthresh ? window : data->ssthresh;
        data->flags &= (uint8_t)~(TCP_RECOVERY | TCP_PARTIAL_SEEN);
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
    data->ssthresh = control->ssthresh(data, smss, ep->snd_nxt - ep->snd_una);
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
    data->cwnd = ep->mss;
    data->counted = 0;
    data->duplicates = 0;
    /* RFC 6582 3.2, step 4 */
    data->recover = ep->snd_nxt - 1;
    data->flags &= (uint8_t)~(TCP_RECOVERY | TCP_PARTIAL_SEEN);
}
