/* SPDX-License-Identifier: BSD-2-Clause */
/* The retransmission timeout of Linux, and what happens when timers expire (RFC 9293 3.10.8). */
#include "tcp.h"

/* ---- Round trips; RFC 6298 itself is in tcp_rto.h ---------------------------------------------------------------- */

/* Linux's tcp_rtt_estimator(): a variance that rises at once and falls once in a round trip. */
static void estimate(struct tcp_endpoint *ep, struct tcp_data *data, const struct tcp_profile *profile, synfin_time rtt)
{
    struct tcp_rto *rto = &ep->rto;
    synfin_time error = rtt - rto->srtt;
    rto->srtt += error / 8;
    if (error < 0) {
        error = -error - data->mdev / 4;
        if (error > 0)
            error /= 8; /* a round trip that becomes shorter does not raise it by much */
    } else {
        error -= data->mdev / 4;
    }
    data->mdev += error;
    if (data->mdev > data->mdev_max) {
        data->mdev_max = data->mdev;
        if (data->mdev_max > data->rttvar)
            data->rttvar = data->mdev_max;
    }
    if (tcp_lt(data->rtt_end, ep->snd_una)) {
        if (data->mdev_max < data->rttvar)
            data->rttvar -= (data->rttvar - data->mdev_max) / 4;
        data->rtt_end = ep->snd_nxt;
        data->mdev_max = profile->rto_min;
    }
}

void tcp_rto_take(struct tcp_endpoint *ep, struct tcp_data *data, const struct tcp_profile *profile, synfin_time rtt)
{
    struct tcp_rto *rto = &ep->rto;
    if (profile->rto_floor != TCP_FLOOR_VARIANCE || !data) {
        tcp_rto_sample(rto, profile, rtt);
        return;
    }
    bool first = rto->srtt == 0;
    if (data->rttvar == 0) { /* the deviation as it was until there was data */
        data->mdev = first ? 2 * rtt : 4 * rto->rttvar;
        data->rttvar = data->mdev_max = data->mdev > profile->rto_min ? data->mdev : profile->rto_min;
        data->rtt_end = ep->snd_nxt;
    }
    if (first)
        rto->srtt = rtt;
    else
        estimate(ep, data, profile, rtt);
    if (rto->srtt <= 0)
        rto->srtt = 1;
    rto->rttvar = data->rttvar / 4;
    tcp_rto_set(rto, profile, data->rttvar);
}

void tcp_rto_echo(struct tcp_endpoint *ep, struct tcp_data *data, const struct synfin_segment *seg,
                  const struct tcp_profile *profile, synfin_time now)
{
    uint32_t ms = tcp_timestamp(ep->ts_offset, now) - seg->tsecr;
    if (ms < UINT32_C(1) << 31)
        tcp_rto_take(ep, data, profile, (ms > 0 ? ms : 1) * SYNFIN_MS);
}

/* ---- A timer starts ---------------------------------------------------------------------------------------------- */

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
    case TCP_TIMER_KEEPALIVE:
        return "KEEPALIVE";
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
        if (((const struct tcp_endpoint *)e)->rack_timer)
            return "RACK";
        return ((const struct tcp_endpoint *)e)->flags & TCP_PROBE_DUE ? "TLP" : "RTO";
    }
}

/* ---- A timer expires --------------------------------------------------------------------------------------------- */

/* How often a SYN+ACK is sent again. Where most of a long queue is old, Linux's reqsk_timer_handler() lets those go
   first that have been sent more than twice; one whose ACK came is kept for defer_accept. */
static uint64_t half_open_retries(struct tcp_endpoint *ep, const struct tcp_profile *profile, struct synfin_host *host)
{
    uint64_t most = profile->synack_retries;
    if ((ep->more & TCP_MORE_FAST) && profile->rules == TCP_RULES_LINUX) /* tcp_fastopen_synack_timer() */
        return most + 1;
    struct tcp_endpoint *listener = (struct tcp_endpoint *)synfin_parent(host, &ep->head);
    if (profile->rules == TCP_RULES_LINUX && listener) {
        uint64_t n = listener->listener.half_open, young = 2 * (uint64_t)listener->listener.young;
        uint64_t backlog = listener->listener.backlog > 8 ? listener->listener.backlog : 8;
        for (; 2 * n > backlog && most > 2 && n >= young; young *= 2)
            most--;
        if (most < profile->synack_retries)
            tcp_listen_crowded(listener);
    }
    return (ep->more & TCP_MORE_DEFERRED) && most < profile->defer_timeouts ? profile->defer_timeouts : most;
}

/* Whether this timeout is the last (RFC 9293 3.8.3: R2). */
static bool gives_up(struct tcp_endpoint *ep, const struct tcp_profile *profile, struct synfin_host *host)
{
    if (ep->flags & TCP_HALF_OPEN)
        return ep->retransmissions >= half_open_retries(ep, profile, host) || tcp_listen_closed(ep, host);
    synfin_time most = SYNFIN_NEVER;
    bool last;
    if (ep->flags & TCP_SYN_UNACKED) {
        uint64_t linear = tcp_state_of(ep) == TCP_SYN_SENT ? profile->syn_linear_timeouts : 0;
        last = ep->retransmissions >= profile->syn_retries + linear;
        most = profile->syn_give_up;
    } else {
        int closed = ep->flags & (profile->rules == TCP_RULES_LINUX ? TCP_ORPHAN : TCP_CLOSE_CALLED) ? 1 : 0;
        /* tcp_rtx_probe0_timed_out(): the window closed over the data, and nobody has answered for long. */
        if (profile->rules == TCP_RULES_LINUX && ep->snd_wnd == 0 && !closed) {
            most = 2 * profile->rto_max;
            if (profile->user_timeout && profile->user_timeout < most)
                most = profile->user_timeout;
            return ep->retransmissions > 0 && host->now - ep->mark > most;
        }
        bool count = profile->retries_measure == TCP_RETRIES_COUNT;
        last = count && ep->retransmissions >= profile->retries[closed];
        if (!count)
            most = profile->give_up[closed];
        /* tcp_orphan_retries(): at rto_max there is nobody to wait for, unless a number is given. */
        if (!count && closed && !profile->orphan_retries && ep->rto.rto >= profile->rto_max)
            most = 0;
    }
    if (profile->user_timeout)
        most = profile->user_timeout;
    return last || (ep->retransmissions > 0 && host->now - ep->mark >= most);
}

/* The last retransmission is as far away as user_timeout allows. */
static synfin_time next_timeout(const struct tcp_endpoint *ep, const struct tcp_profile *profile,
                                const struct synfin_host *host)
{
    if (!profile->user_timeout || (ep->flags & TCP_HALF_OPEN))
        return ep->rto.rto;
    synfin_time left = profile->user_timeout - (host->now - ep->mark);
    return left <= 0 ? 1 : left < ep->rto.rto ? left : ep->rto.rto;
}

/* RFC 8985 7.3: new data, else the last segment again. It is no timeout. */
static void loss_probe(struct tcp_endpoint *ep, struct synfin_host *host)
{
    struct tcp_data *data = tcp_data_of(ep, host);
    ep->flags &= (uint16_t)~TCP_PROBE_DUE;
    if (data && (data->flags & TCP_BOARD)) {
        tcp_rack_probe(ep, data, host);
        return;
    }
    ep->flags |= TCP_PROBED;
    tcp_send_probe(ep, host);
    tcp_timer_start(ep, TCP_TIMER_RETRANSMIT, ep->rto.rto, host);
}

/* RFC 9293 3.8.6: data that the window closed over is no reason to give up who answers; Linux wants a user for that. */
void tcp_timer_answered(struct tcp_endpoint *ep, struct synfin_host *host)
{
    const struct tcp_profile *profile = tcp_profile_of(host, &ep->head.sender);
    if (profile->user_timeout || (profile->rules == TCP_RULES_LINUX && (ep->flags & TCP_ORPHAN)))
        return;
    ep->retransmissions = 1;
    ep->mark = host->now;
}

/* 3.10.8, retransmission timeout */
static void retransmission_timeout(struct tcp_endpoint *ep, struct synfin_host *host)
{
    const struct tcp_profile *profile = tcp_profile_of(host, &ep->head.sender);
    if (gives_up(ep, profile, host)) {
        tcp_fail(ep, SYNFIN_TIMEOUT, host);
        return;
    }
    if (ep->flags & TCP_HALF_OPEN)
        tcp_listen_aged(ep, host);
    else if (ep->retransmissions == 0 && !(ep->flags & TCP_SYN_UNACKED)) /* a SYN's: when it was first sent */
        ep->mark = host->now;
    ep->flags &= (uint16_t)~TCP_TIMED;
    bool silent = tcp_listen_silent(ep, profile);
    if (ep->retransmissions < UINT8_MAX)
        ep->retransmissions++;
    /* RFC 6298 (5.5): back off; Linux's SYNs only after the linear timeouts. */
    if (tcp_state_of(ep) != TCP_SYN_SENT || ep->retransmissions > profile->syn_linear_timeouts)
        ep->rto.rto = ep->rto.rto < profile->rto_max / 2 ? 2 * ep->rto.rto : profile->rto_max;
    struct tcp_data *data = tcp_data_of(ep, host);
    /* (5.4): the earliest segment that is not acknowledged. */
    if (data && (data->flags & TCP_BOARD) && !(ep->flags & TCP_SYN_UNACKED)) {
        tcp_recovery_timeout(ep, data, host);
    } else {
        if (data && data->cwnd > 0)
            tcp_congestion_timeout(ep, data, profile);
        uint32_t sent = silent ? 1 : tcp_retransmit(ep, host);
        if (data && !(data->flags & TCP_BOARD))
            data->next = ep->snd_una + sent;
    }
    /* (5.6) */
    tcp_timer_start(ep, TCP_TIMER_RETRANSMIT, next_timeout(ep, profile, host), host);
}

void tcp_timer_expires(struct synfin_endpoint *e, unsigned slot, struct synfin_host *host)
{
    struct tcp_endpoint *ep = (struct tcp_endpoint *)e;
    switch (slot) {
    case TCP_TIMER_DELAYED_ACK:
        ep->more &= (uint8_t)~TCP_MORE_DELAYED;
        if (synfin_has_extra(&ep->head))
            tcp_ack_delayed(ep, tcp_data_of(ep, host), tcp_profile_of(host, &ep->head.sender));
        tcp_emit_ack(ep, host);
        break;
    case TCP_TIMER_PERSIST:
        tcp_probe(ep, host);
        break;
    case TCP_TIMER_KEEPALIVE:
        tcp_keepalive(ep, host);
        break;
    default:
        if (tcp_state_of(ep) == TCP_FIN_WAIT_2)
            tcp_fin_wait_2_over(ep, host);
        else if (ep->flags & TCP_PROBE_DUE)
            loss_probe(ep, host);
        else if (!tcp_recovery_reordering(ep, host))
            retransmission_timeout(ep, host);
    }
}
