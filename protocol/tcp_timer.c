/* SPDX-License-Identifier: BSD-2-Clause */
/* The retransmission timeout (RFC 6298), when timers expire, and what happens then (RFC 9293 3.10.8). */
#include "tcp.h"

/* ---- RFC 6298, section 2 ----------------------------------------------------------------------------------------- */

void tcp_rto_sample(struct tcp_rto *rto, const struct tcp_profile *profile, synfin_time rtt)
{
    if (rto->srtt == 0) {
        /* (2.2) */
        rto->srtt = rtt > 0 ? rtt : 1;
        rto->rttvar = rtt / 2;
    } else {
        /* (2.3), beta = 1/4 and alpha = 1/8, the variance first */
        synfin_time error = rto->srtt > rtt ? rto->srtt - rtt : rtt - rto->srtt;
        rto->rttvar += (error - rto->rttvar) / 4;
        rto->srtt += (rtt - rto->srtt) / 8;
        if (rto->srtt == 0)
            rto->srtt = 1;
    }
    /* The clock is exact, so G is 0. (2.4): a minimum of rto_min, for Linux of the variance term. */
    synfin_time variance = 4 * rto->rttvar;
    if (profile->rto_floor == TCP_FLOOR_VARIANCE && variance < profile->rto_min)
        variance = profile->rto_min;
    rto->rto = rto->srtt + variance;
    if (rto->rto < profile->rto_min)
        rto->rto = profile->rto_min;
    /* (2.5) */
    if (rto->rto > profile->rto_max)
        rto->rto = profile->rto_max;
}

/* ---- When a timer expires ---------------------------------------------------------------------------------------- */

/* The level on which a timer lies that expires `jiffies` ahead: 0 below 63, 1 below 504 ... */
static unsigned wheel_level(uint64_t jiffies)
{
    unsigned level = 0;
    for (uint64_t start = 63; jiffies >= start && level < TCP_WHEEL_LEVELS - 1; start <<= 3)
        level++;
    return level;
}

synfin_time tcp_timer_deadline(const struct tcp_profile *profile, synfin_time now, synfin_time duration)
{
    if (profile->timers == TCP_TIMERS_EXACT)
        return now + duration;
    /* Linux's calc_index(): the end of the slot after the one that holds the expiry. */
    uint64_t tick = (uint64_t)profile->tick;
    uint64_t ahead = ((uint64_t)duration + tick - 1) / tick;
    uint64_t expires = (uint64_t)(now + profile->wheel_shift) / tick + ahead;
    unsigned shift = 3 * wheel_level(ahead);
    return (synfin_time)((((expires >> shift) + 1) << shift) * tick) - profile->wheel_shift;
}

void tcp_timer_start(struct tcp_endpoint *ep, unsigned slot, synfin_time duration, struct synfin_host *host)
{
    const struct tcp_profile *profile = tcp_profile_of(host, &ep->head.sender);
    synfin_arm(host, &ep->head, slot, tcp_timer_deadline(profile, host->now, duration), duration);
}

const char *tcp_timer_name(const struct synfin_endpoint *e, unsigned slot)
{
    switch (slot) {
    case TCP_TIMER_DELAYED_ACK:
        return "DELACK";
    case TCP_TIMER_PERSIST:
        return "PERSIST";
    default:
        break;
    }
    switch (e->sender.state) {
    case TCP_SYN_SENT:
        return "SYN";
    case TCP_SYN_RECEIVED:
        return "SYN-ACK";
    case TCP_FIN_WAIT_2:
        return "FIN-WAIT-2";
    default:
        return "RTO";
    }
}

/* ---- A timer expires --------------------------------------------------------------------------------------------- */

/* Whether this timeout is the last (RFC 9293 3.8.3: R2). */
static bool gives_up(const struct tcp_endpoint *ep, const struct tcp_profile *profile, const struct synfin_host *host)
{
    if (tcp_state_of(ep) == TCP_SYN_SENT)
        return ep->retransmissions >= profile->syn_retries + profile->syn_linear_timeouts;
    if (ep->flags & TCP_SYN_UNACKED)
        return ep->retransmissions >= profile->synack_retries;
    int closed = ep->flags & TCP_CLOSE_CALLED ? 1 : 0;
    if (profile->retries_measure == TCP_RETRIES_COUNT)
        return ep->retransmissions >= profile->retries[closed];
    return ep->retransmissions > 0 && host->now - ep->mark >= profile->give_up[closed];
}

/* 3.10.8, retransmission timeout */
static void retransmission_timeout(struct tcp_endpoint *ep, struct synfin_host *host)
{
    const struct tcp_profile *profile = tcp_profile_of(host, &ep->head.sender);
    if (gives_up(ep, profile, host)) {
        tcp_fail(ep, SYNFIN_TIMEOUT, host);
        return;
    }
    if (ep->retransmissions == 0)
        ep->mark = host->now;
    if (ep->retransmissions < UINT8_MAX)
        ep->retransmissions++;
    /* RFC 6298 (5.5): back off; Linux's SYNs only after the linear timeouts. */
    if (tcp_state_of(ep) != TCP_SYN_SENT || ep->retransmissions > profile->syn_linear_timeouts)
        ep->rto.rto = ep->rto.rto < profile->rto_max / 2 ? 2 * ep->rto.rto : profile->rto_max;
    struct tcp_data *data = tcp_data_of(ep, host);
    if (data)
        tcp_congestion_timeout(ep, data, profile);
    /* (5.4): the earliest segment that is not acknowledged. */
    uint32_t sent = tcp_retransmit(ep, host);
    if (data)
        data->next = ep->snd_una + sent;
    /* (5.6) */
    tcp_timer_start(ep, TCP_TIMER_RETRANSMIT, ep->rto.rto, host);
}

void tcp_timer_expires(struct synfin_endpoint *e, unsigned slot, struct synfin_host *host)
{
    struct tcp_endpoint *ep = (struct tcp_endpoint *)e;
    switch (slot) {
    case TCP_TIMER_DELAYED_ACK:
        tcp_emit_ack(ep, host);
        break;
    case TCP_TIMER_PERSIST:
        tcp_probe(ep, host);
        break;
    default:
        if (tcp_state_of(ep) == TCP_FIN_WAIT_2)
            tcp_closed(ep, host);
        else
            retransmission_timeout(ep, host);
    }
}
