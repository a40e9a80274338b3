/* SPDX-License-Identifier: BSD-2-Clause */
/* Data: what acknowledgments and text of arriving segments do. Data has lengths, not contents. */
#include "tcp.h"

/* Linux: TCP_MAX_QUICKACKS; what it takes for the peer's segment size at first (TCP_MSS_DEFAULT). */
enum { MOST_QUICK = 16, FIRST_RCV_MSS = 536 };

struct tcp_data *tcp_data_take(struct tcp_endpoint *ep, struct synfin_host *host)
{
    if (synfin_has_extra(&ep->head))
        return synfin_extra(host, &ep->head);
    struct tcp_data *data = synfin_extra(host, &ep->head);
    if (!data)
        return NULL;
    data->next = ep->snd_nxt;
    /* 3.10.7.4: windows of segments from here on are newer. */
    data->wl1 = ep->rcv_nxt;
    data->wl2 = ep->snd_una;
    data->rcv_wnd = tcp_profile_of(host, &ep->head.sender)->window_offered[ep->flags & TCP_OFFER_TIMED ? 1 : 0];
    data->ack_sent = ep->rcv_nxt;
    data->small = ep->snd_una;
    data->newest = ep->snd_una;
    data->acked = (ep->flags & TCP_FIN_SENT) && ep->snd_una == ep->snd_nxt;
    return data;
}

struct tcp_large *tcp_large_take(struct tcp_endpoint *ep, struct tcp_data *data, struct synfin_host *host)
{
    if (data->large || !(data->large = synfin_large(host, &ep->head)))
        return data->large;
    data->large->early.count = 0;
    if (data->flags & TCP_BOARD)
        tcp_board_enlarge(data);
    return data->large;
}

/* ---- Acknowledgments --------------------------------------------------------------------------------------------- */

/* The round-trip sample of an acknowledgment where no segment was timed: one was sent again, be it because Linux has
   answered a repeated SYN, or with a cookie. */
static void sample_again(struct tcp_endpoint *ep, struct tcp_data *data, const struct synfin_segment *seg,
                         const struct tcp_profile *profile, const struct synfin_host *host)
{
    bool again = ep->retransmissions > 0;
    if (profile->rules == TCP_RULES_LINUX && (ep->flags & TCP_SYN_UNACKED))
        again = true;
    if ((again || ep->more & TCP_MORE_COOKIE) && (ep->flags & TCP_TIMESTAMPS) && (seg->bits & SYNFIN_HAS_TIMESTAMPS)) {
        /* RFC 7323 4.1: the echo says which transmission is acknowledged. */
        tcp_rto_echo(ep, data, seg, profile, host->now);
    } else if (again && (ep->flags & TCP_SYN_UNACKED)) {
        /* RFC 6298 (5.7) */
        synfin_time least = profile->rto_after_syn_loss;
        if (least > profile->rto_max)
            least = profile->rto_max;
        ep->rto.rto = profile->rto_initial > least ? profile->rto_initial : least;
    }
}

/* The round-trip sample of an acknowledgment, where there is one. */
static inline void sample(struct tcp_endpoint *ep, struct tcp_data *data, const struct synfin_segment *seg,
                          const struct tcp_profile *profile, const struct synfin_host *host)
{
    if (!(ep->flags & TCP_TIMED)) {
        sample_again(ep, data, seg, profile, host);
    } else if (!tcp_lt(seg->ack, ep->mark_end)) {
        ep->flags &= (uint16_t)~TCP_TIMED;
        if (data)
            tcp_rto_take(ep, data, profile, host->now - ep->mark);
        else
            tcp_rto_sample(&ep->rto, profile, host->now - ep->mark);
    }
}

/* Linux's tcp_try_undo_spurious_syn(): what is acknowledged is our first SYN, so none was lost. */
static bool spurious_syn(const struct tcp_endpoint *ep, const struct synfin_segment *seg,
                         const struct tcp_profile *profile)
{
    return profile->rules == TCP_RULES_LINUX && (ep->flags & TCP_TIMESTAMPS) &&
           (seg->bits & SYNFIN_HAS_TIMESTAMPS) && seg->tsecr == tcp_timestamp(ep->ts_offset, ep->mark);
}

/* Compiled apart for connections without data whose segment was timed, as most are. */
static inline __attribute__((always_inline)) void acknowledged(struct tcp_endpoint *ep, struct tcp_data *data,
                                                              const struct synfin_segment *seg,
                                                              struct synfin_host *host)
{
    const struct tcp_profile *profile = tcp_profile_of(host, &ep->head.sender);
    uint32_t acked = seg->ack - ep->snd_una;
    uint32_t flight = data ? data->next - ep->snd_una : 0;
    assert(acked - 1 < ep->snd_nxt - ep->snd_una);
    ep->snd_una = seg->ack;
    sample(ep, data, seg, profile, host);
    if (ep->flags & TCP_SYN_UNACKED) {
        ep->flags &= (uint16_t)~TCP_SYN_UNACKED;
        unsigned again = ep->retransmissions;
        if (again > 0 && again + ep->syn_answered > profile->initial_window_syn_losses &&
            !spurious_syn(ep, seg, profile))
            ep->flags |= TCP_SMALL_START;
        acked--;
    }
    if (data)
        tcp_data_count(data, acked);
    ep->retransmissions = 0;
    ep->flags &= (uint16_t)~TCP_PROBED;
    bool all = ep->snd_una == ep->snd_nxt;
    if (all && (ep->flags & TCP_FIN_SENT))
        acked--;
    /* RFC 6298 (5.2) and (5.3); RFC 6582 3.2, step 3: of the partial acknowledgments only the first restarts it. */
    if (all)
        synfin_disarm(host, &ep->head, TCP_TIMER_RETRANSMIT);
    else if (!data || !(data->flags & TCP_PARTIAL_SEEN) || tcp_lt(data->recover, ep->snd_una))
        tcp_timer_loss_probe(ep, data, host);
    if (!data)
        return;
    if (tcp_lt(data->next, ep->snd_una))
        data->next = ep->snd_una;
    if (acked > 0 && data->cwnd > 0)
        tcp_congestion_acked(ep, data, acked, flight, host);
}

static __attribute__((noinline)) void acknowledged_any(struct tcp_endpoint *ep, struct tcp_data *data,
                                                       const struct synfin_segment *seg, struct synfin_host *host)
{
    if (data && (data->flags & TCP_BOARD)) { /* our SYN, with data behind it */
        ep->flags &= (uint16_t)~TCP_SYN_UNACKED;
        if (ep->retransmissions > 0)
            tcp_board_run(data, 0)->marks |= TCP_REPEATED;
        tcp_recovery_ack(ep, data, seg, true, host);
        return;
    }
    acknowledged(ep, data, seg, host);
}

void tcp_acknowledged(struct tcp_endpoint *ep, struct tcp_data *data, const struct synfin_segment *seg,
                      struct synfin_host *host)
{
    if (!data && (ep->flags & TCP_TIMED))
        acknowledged(ep, NULL, seg, host);
    else
        acknowledged_any(ep, data, seg, host);
}

/* ---- Text -------------------------------------------------------------------------------------------------------- */

static void count_quick(const struct tcp_endpoint *ep, struct tcp_data *data)
{
    uint32_t quick = data->rcv_wnd / (2 * (ep->mss < FIRST_RCV_MSS ? ep->mss : FIRST_RCV_MSS));
    data->quick = quick < MOST_QUICK ? (uint8_t)quick : MOST_QUICK;
}

void tcp_ack_quickly(const struct tcp_endpoint *ep, struct tcp_data *data, const struct tcp_profile *profile)
{
    count_quick(ep, data);
    data->flags &= (uint16_t)~TCP_PINGPONG;
    data->delay = profile->delayed_ack;
}

/* Linux's tcp_event_data_recv(): it acknowledges at once what comes first, and first after a pause, for the peer may be
   in slow start; the delay of others follows the gaps between arrivals. */
static void hurry(const struct tcp_endpoint *ep, struct tcp_data *data, const struct tcp_profile *profile,
                  const struct synfin_host *host)
{
    synfin_time gap = host->now - data->arrived, least = profile->delayed_ack;
    if (data->arrived == 0 || gap > ep->rto.rto)
        count_quick(ep, data);
    if (data->arrived == 0)
        data->delay = least;
    else if (gap <= least / 2)
        data->delay = data->delay / 2 + least / 2;
    else if (gap < data->delay)
        data->delay = data->delay / 2 + gap < ep->rto.rto ? data->delay / 2 + gap : ep->rto.rto;
    if (data->arrived == 0 || least > 0)
        data->arrived = host->now > 0 ? host->now : 1;
}

/* Linux's tcp_send_delayed_ack(): a delay that has grown is no longer than a round trip, and 200 ms. */
synfin_time tcp_ack_delay(const struct tcp_endpoint *ep, const struct tcp_data *data, const struct tcp_profile *profile)
{
    synfin_time most = 200 * SYNFIN_MS;
    if (data->delay <= profile->delayed_ack)
        return profile->delayed_ack;
    if (ep->rto.srtt > 0 && ep->rto.srtt < most)
        most = ep->rto.srtt > profile->delayed_ack ? ep->rto.srtt : profile->delayed_ack;
    return data->delay < most ? data->delay : most;
}

void tcp_ack_delayed(const struct tcp_endpoint *ep, struct tcp_data *data, const struct tcp_profile *profile)
{
    if (profile->rules != TCP_RULES_LINUX)
        return;
    if (data->flags & TCP_PINGPONG)
        data->delay = profile->delayed_ack;
    else
        data->delay = 2 * data->delay < ep->rto.rto ? 2 * data->delay : ep->rto.rto;
    data->flags &= (uint16_t)~TCP_PINGPONG;
}

void tcp_ack_later(struct tcp_endpoint *ep, synfin_time delay, struct synfin_host *host)
{
    if (ep->more & TCP_MORE_DELAYED)
        return;
    ep->more |= TCP_MORE_DELAYED;
    tcp_timer_start(ep, TCP_TIMER_DELAYED_ACK, delay, host);
}

/* RFC 9293 3.8.6.3, RFC 5681 4.2: at least every second segment is acknowledged at once, and all that touch a gap. */
static void acknowledge(struct tcp_endpoint *ep, struct tcp_data *data, bool gap, struct synfin_host *host)
{
    const struct tcp_profile *profile = tcp_profile_of(host, &ep->head.sender);
    if (profile->rules == TCP_RULES_LINUX)
        hurry(ep, data, profile, host);
    if (gap || profile->delayed_ack == 0 || ++data->unacked >= 2 || (data->quick > 0 && !(data->flags & TCP_PINGPONG)))
        ep->flags |= TCP_ACK_DUE;
    else
        tcp_ack_later(ep, tcp_ack_delay(ep, data, profile), host);
}

/* The window grows with the data received, by twice as much (as Linux's tcp_grow_window() does), up to the limit. */
static void grow_window(const struct tcp_endpoint *ep, struct tcp_data *data, uint32_t n,
                        const struct tcp_profile *profile)
{
    /* Linux makes its buffer larger once more than an initial window has come. */
    if (profile->rules == TCP_RULES_LINUX && data->received < profile->initial_window * ep->mss) {
        data->received += n;
        return;
    }
    uint64_t wanted = data->rcv_wnd + 2 * (uint64_t)n;
    data->rcv_wnd = (uint32_t)(wanted < profile->window ? wanted : profile->window);
}

static bool gaps(const struct tcp_data *data)
{
    return data->large && data->large->early.count > 0;
}

/* All before `end` has arrived, and perhaps what follows. */
static void in_order(struct tcp_endpoint *ep, struct tcp_data *data, uint32_t end, const struct tcp_profile *profile)
{
    ep->rcv_nxt = end;
    if (!gaps(data))
        return;
    uint32_t first = data->large->early.range[0].start;
    ep->rcv_nxt = ranges_advance(&data->large->early, end);
    if (profile->dsack && (ep->flags & TCP_SACK) && tcp_lt(first, end))
        tcp_sack_duplicate(data, first, tcp_lt(ep->rcv_nxt, end) ? ep->rcv_nxt : end);
    tcp_sack_advance(data, ep->rcv_nxt);
}

/* False: there is no room for it. */
static bool out_of_order(struct tcp_endpoint *ep, struct tcp_data *data, uint32_t seq, uint32_t end,
                         const struct tcp_profile *profile, struct synfin_host *host)
{
    struct tcp_large *large = tcp_large_take(ep, data, host);
    uint32_t twice[2];
    int at = large ? ranges_add(&large->early, seq, end, twice) : -1;
    if (at < 0)
        return false;
    if (!(ep->flags & TCP_SACK))
        return true;
    if (profile->dsack && twice[0] != twice[1])
        tcp_sack_duplicate(data, twice[0], twice[1]);
    tcp_sack_block(data, large->early.range[at].start, large->early.range[at].end);
    return true;
}

uint32_t tcp_receive(struct tcp_endpoint *ep, uint32_t seq, uint32_t length, bool fin, struct synfin_host *host)
{
    struct tcp_data *data = tcp_data_take(ep, host);
    if (!data)
        return 0;
    /* What lies beyond the window is trimmed off. */
    const struct tcp_profile *profile = tcp_profile_of(host, &ep->head.sender);
    uint32_t room = ep->rcv_nxt + tcp_receive_window(ep, data, profile) - seq;
    if (length > room) {
        length = room;
        fin = false;
    }
    bool gap = seq != ep->rcv_nxt || gaps(data);
    uint32_t before = ep->rcv_nxt;
    if (seq == ep->rcv_nxt)
        in_order(ep, data, seq + length, profile);
    else if (length > 0 && !out_of_order(ep, data, seq, seq + length, profile, host))
        fin = false;
    if (fin) {
        data->flags |= TCP_FIN_KNOWN;
        data->fin = seq + length;
    }
    acknowledge(ep, data, gap, host);
    uint32_t n = ep->rcv_nxt - before;
    if (n > 0)
        grow_window(ep, data, n, profile);
    return n;
}
