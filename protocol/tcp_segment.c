/* SPDX-License-Identifier: BSD-2-Clause */
/* A segment arrives: RFC 9293 3.10.7, state by state, check by check. */
#include "tcp.h"

static bool is_linux(const struct tcp_endpoint *ep, const struct synfin_host *host)
{
    return tcp_profile_of(host, &ep->head.sender)->rules == TCP_RULES_LINUX;
}

/* Whether the user, in what it was told, has ended the connection. */
static bool is_over(const struct tcp_endpoint *ep)
{
    return tcp_state_of(ep) == TCP_CLOSED || tcp_state_of(ep) == TCP_TIME_WAIT;
}

/* 3.10.7.1 CLOSED STATE */
void tcp_stray(struct synfin_sender *reply, const struct synfin_segment *seg, struct synfin_host *host)
{
    if (!tcp_has(seg, SYNFIN_RST))
        tcp_emit_reset(reply, seg, host);
}

static void text_arrives(struct tcp_endpoint *, uint32_t seq, const struct synfin_segment *, struct synfin_host *);
static void finish(struct tcp_endpoint *, bool waiting, uint32_t length, struct synfin_host *);

/* 3.10.7.2, 3.10.7.3: text and FIN of a SYN wait until the connection is ESTABLISHED. Linux drops them; with Fast Open
   they are taken now or sent again. */
void tcp_syn_text_keep(struct tcp_endpoint *ep, const struct synfin_segment *seg, struct synfin_host *host)
{
    if ((seg->bits & SYNFIN_FAST_OPEN) || is_linux(ep, host))
        return;
    struct tcp_data *data = tcp_data_take(ep, host);
    if (!data)
        return; /* they will come again */
    data->flags |= TCP_SYN_TEXT;
    data->syn_length = seg->length;
    data->syn_fin = tcp_has(seg, SYNFIN_FIN);
}

/* What waited. */
static void syn_text_arrives(struct tcp_endpoint *ep, struct tcp_data *data, struct synfin_host *host)
{
    struct synfin_segment seg = {.flags = data->syn_fin ? SYNFIN_FIN : 0, .length = data->syn_length};
    data->flags &= (uint16_t)~TCP_SYN_TEXT;
    text_arrives(ep, ep->rcv_nxt, &seg, host);
}

/* Our SYN is acknowledged: ESTABLISHED, and FIN-WAIT-1 if the user has called CLOSE already. Does not tell the user.
   `listener`: made the connection; NULL: opened actively. */
static inline void establish(struct tcp_endpoint *ep, struct tcp_endpoint *listener, struct synfin_host *host)
{
    if (listener)
        tcp_listen_established(ep, listener);
    synfin_enter(host, &ep->head, TCP_ESTABLISHED);
    if (tcp_profile_of(host, &ep->head.sender)->keepalive)
        tcp_keepalive_begin(ep, host);
    if (ep->flags & TCP_CLOSE_CALLED)
        synfin_enter(host, &ep->head, TCP_FIN_WAIT_1);
}

/* ---- 3.10.7.3 SYN-SENT STATE ------------------------------------------------------------------------------------- */

/* The SYN acknowledges ours. */
static void established_in_syn_sent(struct tcp_endpoint *ep, const struct synfin_segment *seg, struct synfin_host *host)
{
    tcp_acknowledged(ep, tcp_data_of(ep, host), seg, host);
    establish(ep, NULL, host);
    if (seg->bits & SYNFIN_FAST_OPEN)
        tcp_fast_open_keep(ep, seg, host);
    struct tcp_data *data = tcp_data_of(ep, host);
    if (data && ep->snd_una != ep->snd_nxt)
        data->next = ep->snd_una; /* data of the SYN that was not taken */
    /* The third segment, with the data that was queued, goes out before the user can add to it. */
    ep->flags |= TCP_ACK_DUE;
    if (synfin_has_extra(&ep->head))
        tcp_output(ep, host);
    if (ep->flags & TCP_ACK_DUE)
        tcp_emit_ack(ep, host);
    synfin_tell(host, &ep->head, SYNFIN_ESTABLISHED, 0);
}

/* Linux wants the echo of a timestamp that it may have sent since its first SYN or SYN+ACK; 0 is none. That of the
   first is what nearly all have. */
static inline bool echoes_nothing(const struct tcp_endpoint *ep, const struct synfin_segment *seg,
                                  const struct synfin_host *host)
{
    uint32_t first = tcp_timestamp(ep->ts_offset, ep->mark);
    if (seg->tsecr == first || !(seg->bits & SYNFIN_HAS_TIMESTAMPS) || seg->tsecr == 0 || !is_linux(ep, host) ||
        !tcp_profile_of(host, &ep->head.sender)->timestamps)
        return false;
    return tcp_lt(seg->tsecr, first) || tcp_lt(tcp_timestamp(ep->ts_offset, host->now), seg->tsecr);
}

static void segment_in_syn_sent(struct tcp_endpoint *ep, const struct synfin_segment *seg, struct synfin_host *host)
{
    /* First, check the ACK bit: ISS < SEG.ACK =< SND.NXT, and SND.UNA is ISS. */
    bool ack = tcp_has(seg, SYNFIN_ACK);
    if (ack && (tcp_le(seg->ack, ep->snd_una) || tcp_lt(ep->snd_nxt, seg->ack))) {
        /* Linux, once: perhaps an ACK or a reset of an old connection was lost, and the SYN will do now. */
        const struct tcp_profile *profile = tcp_profile_of(host, &ep->head.sender);
        if (profile->rules == TCP_RULES_LINUX && ep->retransmissions == 0)
            tcp_timer_start(ep, TCP_TIMER_RETRANSMIT, 2 * profile->tick, host);
        if (!tcp_has(seg, SYNFIN_RST))
            tcp_emit_reset(&ep->head.sender, seg, host);
        return;
    }
    if (ack && echoes_nothing(ep, seg, host)) {
        tcp_stray(&ep->head.sender, seg, host);
        return;
    }
    /* Second, check the RST bit: it is believed only with an acceptable ACK. */
    if (tcp_has(seg, SYNFIN_RST)) {
        if (ack)
            tcp_fail(ep, SYNFIN_REFUSED, host);
        return;
    }
    /* Third, check the security: there is none. Fourth, check the SYN bit. Fifth, drop what has neither SYN nor RST. */
    if (!tcp_has(seg, SYNFIN_SYN))
        return;
    ep->rcv_nxt = seg->seq + 1;
    tcp_option_take(ep, seg, tcp_profile_of(host, &ep->head.sender));
    tcp_window_update(ep, tcp_data_of(ep, host), seg);
    if (ack) {
        established_in_syn_sent(ep, seg, host);
        if ((seg->length > 0 || tcp_has(seg, SYNFIN_FIN)) && !is_over(ep) && !is_linux(ep, host)) {
            text_arrives(ep, seg->seq + 1, seg, host);
            finish(ep, false, seg->length, host);
        }
        return;
    }
    /* Simultaneous open (3.5, figure 7): SYN+ACK with the same ISS. */
    synfin_enter(host, &ep->head, TCP_SYN_RECEIVED);
    tcp_emit_syn(ep, host);
    if (!is_linux(ep, host))
        tcp_timer_start(ep, TCP_TIMER_RETRANSMIT, ep->rto.rto, host);
    if (seg->length > 0 || tcp_has(seg, SYNFIN_FIN))
        tcp_syn_text_keep(ep, seg, host);
}

/* ---- 3.10.7.4 OTHER STATES --------------------------------------------------------------------------------------- */

/* The test of 3.4, table 6; RCV.WND is never 0, for the user takes data as it comes. */
static bool acceptable(const struct tcp_endpoint *ep, const struct synfin_segment *seg, uint32_t window)
{
    uint32_t length = tcp_segment_length(seg);
    uint32_t first = seg->seq - ep->rcv_nxt;
    return first < window || (length > 0 && first + length - 1 < window);
}

/* What Linux's tcp_sequence() takes besides: a segment without data that was overtaken since our last ACK, or at the
   window's end. */
static bool acceptable_bare(const struct tcp_endpoint *ep, const struct tcp_data *data,
                            const struct synfin_segment *seg, uint32_t window)
{
    return tcp_segment_length(seg) == 0 && tcp_le(data ? data->ack_sent : ep->rcv_nxt, seg->seq) &&
           tcp_le(seg->seq, ep->rcv_nxt + window);
}

/* In SYN-RECEIVED, the SYN+ACK of a peer that opened too: with the SYN trimmed off it is an acceptable ACK. */
static bool completes_simultaneous_open(const struct tcp_endpoint *ep, const struct synfin_segment *seg)
{
    return tcp_state_of(ep) == TCP_SYN_RECEIVED &&
           (seg->flags & (SYNFIN_SYN | SYNFIN_ACK | SYNFIN_RST)) == (SYNFIN_SYN | SYNFIN_ACK) &&
           seg->seq + 1 == ep->rcv_nxt && seg->ack == ep->snd_nxt;
}

/* Linux answers the SYN that began a half-open connection with the SYN+ACK, and starts its timer anew, that of Fast
   Open excepted; there the SYN's data has been taken. */
static bool answers_repeated_syn(struct tcp_endpoint *ep, const struct synfin_segment *seg, struct synfin_host *host)
{
    if (tcp_state_of(ep) != TCP_SYN_RECEIVED || !(ep->flags & TCP_HALF_OPEN) ||
        (seg->flags & (SYNFIN_SYN | SYNFIN_ACK | SYNFIN_RST)) != SYNFIN_SYN ||
        tcp_profile_of(host, &ep->head.sender)->repeated_syn != TCP_REPEATED_SYN_SYN_ACK)
        return false;
    const struct tcp_data *data = tcp_data_of(ep, host);
    bool fast = ep->more & TCP_MORE_FAST;
    if (seg->seq + 1 != (fast && data ? data->wl1 : ep->rcv_nxt))
        return false;
    if (tcp_may_answer(ep, host)) {
        tcp_retransmit(ep, host);
        ep->syn_answered = 1;
        if (!fast)
            tcp_timer_start(ep, TCP_TIMER_RETRANSMIT, ep->rto.rto, host);
    }
    return true;
}

/* RFC 5961 5.2: an ACK of less than any that the peer may still send; Linux knows how much there was to acknowledge. */
static bool too_old(struct tcp_endpoint *ep, const struct synfin_segment *seg, struct synfin_host *host)
{
    uint32_t most = ep->max_snd_wnd;
    if (tcp_le(ep->snd_una, seg->ack))
        return false;
    if (is_linux(ep, host)) {
        const struct tcp_data *data = tcp_data_of(ep, host);
        bool fin = (ep->flags & TCP_FIN_SENT) && ep->snd_una == ep->snd_nxt;
        uint64_t acked = (data ? (uint64_t)data->acked : fin) + (synfin_parent(host, &ep->head) ? 0 : 1); /* the SYN */
        most = acked < most ? (uint32_t)acked : most;
    }
    return tcp_lt(seg->ack, ep->snd_una - most);
}

/* PAWS (RFC 7323 5.3, R1): whether the segment is old. */
enum paws { PAWS_FINE, PAWS_OLD, PAWS_OLD_ACK };

/* Linux's tcp_disordered_ack_check(): an ACK that repeats the last one may have been overtaken; one from before is
   common, and not answered. A millisecond is forgiven. */
static enum paws disordered(struct tcp_endpoint *ep, const struct synfin_segment *seg, struct synfin_host *host)
{
    synfin_time behind = (synfin_time)(ep->ts_recent - seg->tsval) * SYNFIN_MS;
    if (behind <= SYNFIN_MS)
        return PAWS_FINE;
    if (tcp_segment_length(seg) > 0 || !tcp_has(seg, SYNFIN_ACK))
        return PAWS_OLD;
    if (tcp_lt(seg->seq, ep->rcv_nxt))
        return PAWS_OLD_ACK;
    const struct tcp_data *data = tcp_data_of(ep, host);
    uint32_t window = (uint32_t)seg->window << ep->snd_scale;
    bool updates = (data && data->wl1 != seg->seq) || window > ep->snd_wnd || window == 0;
    bool repeats = seg->seq == ep->rcv_nxt && seg->ack == ep->snd_una && !updates;
    return repeats && behind <= ep->rto.rto * 6 / 5 ? PAWS_FINE : PAWS_OLD;
}

static enum paws check_paws(struct tcp_endpoint *ep, const struct synfin_segment *seg, struct synfin_host *host)
{
    if (!(ep->flags & TCP_TIMESTAMPS) || !tcp_paws_old(seg, ep->ts_recent))
        return PAWS_FINE;
    bool linux = is_linux(ep, host), half_open = ep->flags & TCP_HALF_OPEN;
    if (tcp_has(seg, SYNFIN_RST))
        return linux && half_open ? PAWS_OLD : PAWS_FINE;
    return linux && !half_open ? disordered(ep, seg, host) : PAWS_OLD;
}

/* The end of the highest data that arrived out of order, as our SACK blocks say. False: there is none. */
static bool sacked_up_to(const struct tcp_data *data, uint32_t *end)
{
    if (!data || data->sacks == 0)
        return false;
    *end = data->sack[1];
    for (uint32_t i = 1; i < data->sacks; i++)
        if (tcp_lt(*end, data->sack[2 * i + 1]))
            *end = data->sack[2 * i + 1];
    return true;
}

/* RFC 5961 3.2: the next number. Linux believes in the one before it too once the peer's FIN has come, for some send
   it, and in the one behind all that it has SACKed. */
static bool resets(struct tcp_endpoint *ep, const struct synfin_segment *seg, struct synfin_host *host)
{
    uint32_t end;
    if (is_linux(ep, host) && sacked_up_to(tcp_data_of(ep, host), &end) && seg->seq == end)
        return true;
    uint8_t state = tcp_state_of(ep);
    bool fin_came = state == TCP_CLOSE_WAIT || state == TCP_CLOSING || state == TCP_LAST_ACK;
    return seg->seq == ep->rcv_nxt || (fin_came && seg->seq + 1 == ep->rcv_nxt && is_linux(ep, host));
}

/* Linux takes the timestamp with the ACK: not from a SYN, nor where the ACK draws a challenge, unless the segment is
   the bare ACK it expects next; nor before a half-open connection is established. */
static bool takes_timestamp(struct tcp_endpoint *ep, const struct synfin_segment *seg, struct synfin_host *host)
{
    if (tcp_has(seg, SYNFIN_SYN) || (ep->flags & TCP_HALF_OPEN) || tcp_lt(ep->snd_nxt, seg->ack))
        return false;
    bool expected = seg->seq == ep->rcv_nxt && tcp_segment_length(seg) == 0;
    return expected || !too_old(ep, seg, host);
}

/* An ACK in answer to what is not taken. Of data that ends where our ACK stands Linux takes the timestamp; what it has
   of a half-open connection tells nothing of duplicates. */
static void answer_unacceptable(struct tcp_endpoint *ep, const struct synfin_segment *seg, bool timestamp,
                                struct synfin_host *host)
{
    const struct tcp_profile *profile = tcp_profile_of(host, &ep->head.sender);
    uint32_t length = tcp_segment_length(seg), end = seg->seq + length;
    bool syn = tcp_has(seg, SYNFIN_SYN), linux = profile->rules == TCP_RULES_LINUX;
    bool request = linux && (ep->flags & TCP_HALF_OPEN) && !(ep->more & TCP_MORE_FAST);
    bool again = length > 0 && !syn && tcp_lt(seg->seq, ep->rcv_nxt) && !request;
    if (timestamp && again && end == ep->rcv_nxt)
        ep->ts_recent = seg->tsval;
    if (again && linux && synfin_has_extra(&ep->head))
        tcp_ack_quickly(ep, tcp_data_of(ep, host), profile);
    if (again && profile->dsack)
        tcp_emit_duplicate_ack(ep, seg->seq, tcp_lt(ep->rcv_nxt, end) ? ep->rcv_nxt : end, host);
    else if (syn && !(ep->flags & TCP_HALF_OPEN))
        tcp_challenge(ep, host);
    else /* only segments without data can be part of a loop of answers (tcp_oow_rate_limited() of Linux) */
        tcp_answer(ep, syn || length == 0, host);
}

/* First, check the sequence number. False: the segment is dropped. */
static bool check_sequence(struct tcp_endpoint *ep, const struct synfin_segment *seg, struct synfin_host *host)
{
    bool reset = tcp_has(seg, SYNFIN_RST);
    bool timestamps = (ep->flags & TCP_TIMESTAMPS) && (seg->bits & SYNFIN_HAS_TIMESTAMPS) && !reset;
    enum paws paws = check_paws(ep, seg, host);
    if (paws == PAWS_FINE && answers_repeated_syn(ep, seg, host))
        return false;
    const struct tcp_data *data = tcp_data_of(ep, host);
    uint32_t window = tcp_receive_window(ep, data, tcp_profile_of(host, &ep->head.sender));
    bool linux = is_linux(ep, host);
    if (linux && !(seg->flags & (SYNFIN_ACK | SYNFIN_SYN | SYNFIN_RST)))
        return false;
    /* RFC 7323 3.2: once agreed on, timestamps are missed. A SYN may be that of a peer that has forgotten. */
    if (!linux && (ep->flags & TCP_TIMESTAMPS) && !timestamps && !(seg->flags & (SYNFIN_SYN | SYNFIN_RST)))
        return false;
    if (paws == PAWS_FINE && reset && resets(ep, seg, host))
        return true;
    bool fits = acceptable(ep, seg, window) || (linux && acceptable_bare(ep, data, seg, window));
    if (paws != PAWS_FINE || !fits) {
        if (!reset && paws != PAWS_OLD_ACK)
            answer_unacceptable(ep, seg, linux && timestamps && paws == PAWS_FINE, host);
        return false;
    }
    /* RFC 7323 4.3 (2) */
    if (timestamps && !tcp_paws_old(seg, ep->ts_recent) && tcp_le(seg->seq, data ? data->ack_sent : ep->rcv_nxt) &&
        (!linux || takes_timestamp(ep, seg, host)))
        ep->ts_recent = seg->tsval;
    return true;
}

/* Second, check the RST bit (RFC 5961 3.2). */
static void reset_arrives(struct tcp_endpoint *ep, const struct synfin_segment *seg, struct synfin_host *host)
{
    if (!resets(ep, seg, host))
        tcp_challenge(ep, host);
    else if (tcp_state_of(ep) == TCP_SYN_RECEIVED && !(ep->flags & TCP_HALF_OPEN) && !is_linux(ep, host))
        tcp_fail(ep, SYNFIN_REFUSED, host);
    else
        tcp_fail(ep, SYNFIN_RESET, host);
}

/* Fourth, check the SYN bit (RFC 5961 4.2). */
static void syn_arrives(struct tcp_endpoint *ep, const struct synfin_segment *seg, struct synfin_host *host)
{
    if (!(ep->flags & TCP_HALF_OPEN)) {
        tcp_challenge(ep, host);
        return;
    }
    /* SYN-RECEIVED from a passive OPEN: back to LISTEN. */
    if (tcp_profile_of(host, &ep->head.sender)->syn_in_window_reset)
        tcp_emit_reset(&ep->head.sender, seg, host);
    tcp_fail(ep, SYNFIN_RESET, host);
}

/* Whether the ACK of our SYN+ACK is passed over: data is waited for, or the accept queue has no room. */
static bool waits_in_syn_received(struct tcp_endpoint *ep, struct tcp_endpoint *listener,
                                  const struct synfin_segment *seg, struct synfin_host *host)
{
    const struct tcp_profile *profile = tcp_profile_of(host, &ep->head.sender);
    if (ep->retransmissions < profile->defer_timeouts && seg->seq + tcp_segment_length(seg) == ep->rcv_nxt) {
        ep->more |= TCP_MORE_DEFERRED;
        return true;
    }
    if ((ep->more & TCP_MORE_FAST) || !tcp_listen_full(listener))
        return false;
    tcp_listen_crowded(listener);
    ep->more |= TCP_MORE_DEFERRED;
    if (profile->abort_on_overflow) {
        tcp_emit_reset(&ep->head.sender, seg, host);
        tcp_fail(ep, SYNFIN_RESET, host);
    }
    return true;
}

/* What acknowledges our SYN+ACK is taken. */
static inline void complete(struct tcp_endpoint *ep, struct tcp_endpoint *listener, struct tcp_data *data,
                            const struct synfin_segment *seg, struct synfin_host *host)
{
    if ((ep->flags & seg->bits & TCP_TIMESTAMPS) && tcp_le(seg->seq, ep->rcv_nxt))
        ep->ts_recent = seg->tsval;
    tcp_window_update(ep, data, seg);
    tcp_acknowledged(ep, data, seg, host);
    establish(ep, listener, host);
    synfin_tell(host, &ep->head, SYNFIN_ESTABLISHED, 0);
}

/* Fifth, check the ACK field, in SYN-RECEIVED. False: the segment is dropped. */
static bool ack_in_syn_received(struct tcp_endpoint *ep, struct tcp_endpoint *listener,
                                const struct synfin_segment *seg, struct synfin_host *host)
{
    if (!tcp_lt(ep->snd_una, seg->ack) || tcp_lt(ep->snd_nxt, seg->ack)) {
        tcp_emit_reset(&ep->head.sender, seg, host);
        return false;
    }
    if ((ep->flags & TCP_HALF_OPEN) && waits_in_syn_received(ep, listener, seg, host))
        return false;
    struct tcp_data *data = tcp_data_of(ep, host);
    complete(ep, listener, data, seg, host);
    if (data && (data->flags & TCP_SYN_TEXT) && !is_over(ep))
        syn_text_arrives(ep, data, host);
    return !is_over(ep);
}

/* RFC 5681, section 2: a duplicate acknowledgment; answers to window probes are none. */
static bool is_duplicate(const struct tcp_endpoint *ep, const struct tcp_data *data, const struct synfin_segment *seg,
                         bool same_window)
{
    return ep->snd_una != ep->snd_nxt && seg->length == 0 && !tcp_has(seg, SYNFIN_FIN) && same_window &&
           !(data->flags & TCP_PERSIST);
}

/* Fifth, check the ACK field, in synchronized states; SND.UNA =< SEG.ACK =< SND.NXT. False: the rest of the segment is
   not looked at. Compiled apart for connections without data. */
static inline __attribute__((always_inline)) bool ack_arrives(struct tcp_endpoint *ep, struct tcp_data *data,
                                                             const struct synfin_segment *seg,
                                                             struct synfin_host *host)
{
    if (data && (data->flags & TCP_KEEPALIVE)) {
        data->heard = host->now;
        data->keepalives = 0;
    }
    bool same = tcp_window_update(ep, data, seg);
    if (ep->snd_wnd == 0 && ep->retransmissions > 0)
        tcp_timer_answered(ep, host);
    if (data && (data->flags & TCP_BOARD) && (!(ep->flags & TCP_SYN_UNACKED) || seg->ack == ep->snd_una))
        tcp_recovery_ack(ep, data, seg, same, host);
    else if (seg->ack != ep->snd_una)
        tcp_acknowledged(ep, data, seg, host);
    else if (data && is_duplicate(ep, data, seg, same))
        tcp_congestion_duplicate(ep, data, host);
    if (data && (data->flags & TCP_PERSIST))
        tcp_persist_acked(ep, data, host);
    if (data && (data->flags & TCP_SYN_TEXT)) { /* CLOSE came before ESTABLISHED */
        syn_text_arrives(ep, data, host);
        if (is_over(ep))
            return false;
    }
    bool fin_acked = (ep->flags & TCP_FIN_SENT) && ep->snd_una == ep->snd_nxt;
    switch (tcp_state_of(ep)) {
    case TCP_FIN_WAIT_1:
        if (fin_acked) {
            synfin_enter(host, &ep->head, TCP_FIN_WAIT_2);
            tcp_time_wait_counts(ep, host);
        }
        return true;
    case TCP_CLOSING:
        if (fin_acked)
            tcp_time_wait_enter(ep, host);
        return false;
    case TCP_LAST_ACK:
        if (fin_acked)
            tcp_closed(ep, host);
        return false;
    default:
        return true;
    }
}

/* Any ACK. */
static bool any_ack_arrives(struct tcp_endpoint *ep, const struct synfin_segment *seg, struct synfin_host *host)
{
    /* RFC 5961 5.2, and an ACK of what was never sent */
    if (tcp_lt(ep->snd_nxt, seg->ack) || too_old(ep, seg, host)) {
        tcp_challenge(ep, host);
        return false;
    }
    struct tcp_data *data = tcp_data_of(ep, host);
    if (!tcp_lt(seg->ack, ep->snd_una))
        return ack_arrives(ep, data, seg, host);
    /* A duplicate, ignored; but what it says of data out of order may be news. */
    if (data && (data->flags & TCP_BOARD) && (seg->bits & SYNFIN_HAS_SACK))
        tcp_recovery_late_ack(ep, data, seg, host);
    return true;
}

/* Linux expects the user to close, and that FIN to carry the ACK: it is delayed like one of data, or to the next
   jiffy. */
static __attribute__((noinline)) void fin_may_wait(struct tcp_endpoint *ep, struct synfin_host *host)
{
    if (!is_linux(ep, host))
        return;
    const struct tcp_profile *profile = tcp_profile_of(host, &ep->head.sender);
    struct tcp_data *data = tcp_data_of(ep, host);
    if (data)
        data->flags |= TCP_PINGPONG;
    synfin_time delay = data && data->arrived ? tcp_ack_delay(ep, data, profile) : 0;
    if ((data && data->unacked >= 2) || tcp_timer_deadline(profile, host->now, delay) == host->now)
        return;
    ep->flags &= (uint16_t)~TCP_ACK_DUE;
    tcp_ack_later(ep, delay, host);
}

/* After a FIN of the peer's no text can come, nor another FIN. */
static bool takes_text(const struct tcp_endpoint *ep)
{
    uint8_t state = tcp_state_of(ep);
    return state == TCP_ESTABLISHED || state == TCP_FIN_WAIT_1 || state == TCP_FIN_WAIT_2;
}

/* Eighth, check the FIN bit; all before it has arrived. */
static inline void fin_arrives(struct tcp_endpoint *ep, struct synfin_host *host)
{
    ep->rcv_nxt++;
    ep->flags |= TCP_ACK_DUE;
    uint8_t state = tcp_state_of(ep);
    if (state == TCP_ESTABLISHED)
        synfin_enter(host, &ep->head, TCP_CLOSE_WAIT);
    else if (state == TCP_FIN_WAIT_1)
        synfin_enter(host, &ep->head, TCP_CLOSING);
    synfin_tell(host, &ep->head, SYNFIN_PEER_CLOSED, 0);
    if (!(ep->flags & TCP_ACK_DUE) || is_over(ep))
        return;
    if (state == TCP_ESTABLISHED) {
        fin_may_wait(ep, host);
    } else if (state == TCP_FIN_WAIT_2) {
        tcp_emit_ack(ep, host);
        tcp_time_wait_enter(ep, host);
    }
}

/* Seventh, process the segment text; then FIN. `seq` is SEG.SEQ, behind a SYN that was trimmed off. */
static void text_arrives(struct tcp_endpoint *ep, uint32_t seq, const struct synfin_segment *seg,
                         struct synfin_host *host)
{
    if (!takes_text(ep))
        return;
    uint32_t length = seg->length;
    bool fin = tcp_has(seg, SYNFIN_FIN);
    if (tcp_lt(seq, ep->rcv_nxt)) {
        /* The part that was there before is trimmed off; FIN was not, and lies behind it. */
        uint32_t before = ep->rcv_nxt - seq;
        struct tcp_data *data = tcp_data_of(ep, host);
        if (data && (ep->flags & TCP_SACK) && tcp_profile_of(host, &ep->head.sender)->dsack)
            tcp_sack_duplicate(data, seq, ep->rcv_nxt);
        length = before < length ? length - before : 0;
        seq = ep->rcv_nxt;
    }
    if (length > 0 || (fin && seq != ep->rcv_nxt)) {
        uint32_t n = tcp_receive(ep, seq, length, fin, host);
        if (n > 0)
            synfin_tell(host, &ep->head, SYNFIN_DATA, n);
        if (is_over(ep))
            return;
        const struct tcp_data *data = tcp_data_of(ep, host);
        fin = data && (data->flags & TCP_FIN_KNOWN) && data->fin == ep->rcv_nxt;
    }
    if (fin)
        fin_arrives(ep, host);
}

static __attribute__((noinline)) void finish_any(struct tcp_endpoint *ep, bool waiting, uint32_t length,
                                                 struct synfin_host *host)
{
    if (is_over(ep) || tcp_state_of(ep) == TCP_SYN_RECEIVED)
        return;
    tcp_output(ep, host);
    if ((ep->flags & TCP_ACK_DUE) && (ep->more & TCP_MORE_SYN_TWICE))
        tcp_emit_duplicate_ack(ep, ep->rcv_nxt - 1, ep->rcv_nxt, host);
    else if (ep->flags & TCP_ACK_DUE)
        tcp_emit_ack(ep, host);
    bool linux = is_linux(ep, host);
    if (tcp_state_of(ep) == TCP_FIN_WAIT_2 && (!waiting || (length > 0 && !linux))) {
        const struct tcp_profile *profile = tcp_profile_of(host, &ep->head.sender);
        if (profile->fin_timeout && (!linux || (ep->flags & TCP_ORPHAN)))
            tcp_timer_start(ep, TCP_TIMER_RETRANSMIT, tcp_fin_wait_2(ep, profile), host);
    }
    if (tcp_state_of(ep) == TCP_FIN_WAIT_2)
        tcp_time_wait_limit(ep, host);
}

/* Sends what the segment allows or calls for and the user's calls have not sent already; FIN-WAIT-2 begins. Mostly
   there is nothing of it. */
static inline void finish(struct tcp_endpoint *ep, bool waiting, uint32_t length, struct synfin_host *host)
{
    unsigned due = ep->flags & (TCP_ACK_DUE | TCP_CLOSE_CALLED | TCP_FIN_SENT);
    if (synfin_has_extra(&ep->head) || (due != 0 && due != (TCP_CLOSE_CALLED | TCP_FIN_SENT)) ||
        tcp_state_of(ep) == TCP_FIN_WAIT_2)
        finish_any(ep, waiting, length, host);
}

/* What most segments are, and what header prediction looks for: the next one in order, no data but perhaps FIN, its ACK
   of something sent, timestamps as agreed on and not old. The first four checks have nothing to say of it. */
static inline bool is_predicted(const struct tcp_endpoint *ep, const struct synfin_segment *seg)
{
    return seg->seq == ep->rcv_nxt && (seg->flags & (SYNFIN_SYN | SYNFIN_RST | SYNFIN_ACK)) == SYNFIN_ACK &&
           seg->length == 0 && seg->ack - ep->snd_una <= ep->snd_nxt - ep->snd_una && !synfin_has_extra(&ep->head) &&
           ((ep->flags ^ seg->bits) & TCP_TIMESTAMPS) == 0 &&
           !((ep->flags & TCP_TIMESTAMPS) && tcp_lt(seg->tsval, ep->ts_recent));
}

/* The first four checks, and whether there is an ACK for the fifth. False: the segment is dealt with. */
static bool checks_out(struct tcp_endpoint *ep, const struct synfin_segment *seg, struct synfin_host *host)
{
    if (!check_sequence(ep, seg, host))
        return false;
    if (tcp_has(seg, SYNFIN_RST)) {
        reset_arrives(ep, seg, host);
        return false;
    }
    if (tcp_has(seg, SYNFIN_SYN)) {
        syn_arrives(ep, seg, host);
        return false;
    }
    return tcp_has(seg, SYNFIN_ACK);
}

/* What follows the fifth check: where that lets the segment go on, its text and FIN; `seq` as in text_arrives(). */
static void rest_arrives(struct tcp_endpoint *ep, bool goes_on, uint32_t seq, const struct synfin_segment *seg,
                         bool waiting, struct synfin_host *host)
{
    /* Sixth, check the URG bit: segments have none. 4.2.2.13 of RFC 1122: data for a user who is gone. */
    if (goes_on && (ep->more & TCP_MORE_LEFT) && seg->length > 0 && tcp_lt(ep->rcv_nxt, seq + seg->length)) {
        tcp_emit_reset(&ep->head.sender, seg, host);
        tcp_fail(ep, SYNFIN_RESET, host);
        return;
    }
    if (goes_on && (seg->length > 0 || tcp_has(seg, SYNFIN_FIN)))
        text_arrives(ep, seq, seg, host);
    finish(ep, waiting, seg->length, host);
}

static __attribute__((noinline)) void segment_not_predicted(struct tcp_endpoint *ep, const struct synfin_segment *seg,
                                                            struct synfin_host *host)
{
    bool waiting = tcp_state_of(ep) == TCP_FIN_WAIT_2;
    if ((waiting && tcp_fin_wait_2_segment(ep, seg, host)) || !checks_out(ep, seg, host))
        return;
    rest_arrives(ep, any_ack_arrives(ep, seg, host), seg->seq, seg, waiting, host);
}

/* Whether a predicted segment acknowledges our FIN and brings the peer's, or that has come before: the last one that
   matters. What an ACK tells for sending, windows, round trips and timers, matters no more. */
static inline bool is_last(const struct tcp_endpoint *ep, const struct synfin_segment *seg)
{
    return (ep->flags & TCP_FIN_SENT) && seg->ack == ep->snd_nxt &&
           (tcp_has(seg, SYNFIN_FIN) || tcp_state_of(ep) == TCP_LAST_ACK || tcp_state_of(ep) == TCP_CLOSING);
}

static __attribute__((noinline)) void last_arrives(struct tcp_endpoint *ep, struct synfin_host *host)
{
    ep->snd_una = ep->snd_nxt;
    ep->flags &= (uint16_t)~TCP_SYN_UNACKED;
    switch (tcp_state_of(ep)) {
    case TCP_LAST_ACK:
        tcp_closed(ep, host);
        break;
    case TCP_CLOSING:
        tcp_time_wait_enter(ep, host);
        break;
    default:
        if (tcp_state_of(ep) == TCP_FIN_WAIT_1)
            synfin_enter(host, &ep->head, TCP_FIN_WAIT_2);
        fin_arrives(ep, host);
        break;
    }
}

/* Another predicted segment. */
static __attribute__((noinline)) void next_arrives(struct tcp_endpoint *ep, const struct synfin_segment *seg,
                                                   struct synfin_host *host)
{
    bool waiting = tcp_state_of(ep) == TCP_FIN_WAIT_2;
    if (ack_arrives(ep, NULL, seg, host) && tcp_has(seg, SYNFIN_FIN) && takes_text(ep))
        fin_arrives(ep, host);
    finish(ep, waiting, 0, host);
}

static void segment_in_synchronized_states(struct tcp_endpoint *ep, const struct synfin_segment *seg,
                                           struct synfin_host *host)
{
    if (!is_predicted(ep, seg)) {
        segment_not_predicted(ep, seg, host);
        return;
    }
    if (ep->flags & TCP_TIMESTAMPS)
        ep->ts_recent = seg->tsval;
    if (is_last(ep, seg))
        last_arrives(ep, host);
    else
        next_arrives(ep, seg, host);
}

/* Linux's tcp_check_req() looks at the ACK before it looks at anything else but a repeated SYN: where it acknowledges
   another number than the SYN+ACK's, the segment is none of the half-open connection's. */
static bool is_for_listener(const struct tcp_endpoint *ep, const struct synfin_segment *seg,
                            const struct synfin_host *host)
{
    return (ep->flags & TCP_HALF_OPEN) && !(ep->more & TCP_MORE_FAST) && tcp_has(seg, SYNFIN_ACK) &&
           seg->ack != ep->snd_nxt && is_linux(ep, host);
}

/* Linux's tcp_check_req() again: an echo that is none of a half-open connection's SYN+ACKs. */
static bool echoes_another(const struct tcp_endpoint *ep, const struct synfin_segment *seg,
                           const struct synfin_host *host)
{
    return (ep->flags & (TCP_HALF_OPEN | TCP_TIMESTAMPS)) == (TCP_HALF_OPEN | TCP_TIMESTAMPS) &&
           echoes_nothing(ep, seg, host) && tcp_has(seg, SYNFIN_ACK) && !(ep->more & TCP_MORE_FAST);
}

static __attribute__((noinline)) void any_in_syn_received(struct tcp_endpoint *ep, struct tcp_endpoint *listener,
                                                          const struct synfin_segment *seg, struct synfin_host *host)
{
    uint32_t seq = seg->seq;
    if ((ep->flags & TCP_HALF_OPEN) && tcp_state_of(listener) != TCP_LISTEN) { /* there is nobody to take it */
        tcp_stray(&ep->head.sender, seg, host);
        tcp_fail(ep, SYNFIN_RESET, host);
        return;
    }
    if (is_for_listener(ep, seg, host)) {
        tcp_stray(&ep->head.sender, seg, host);
        return;
    }
    if (echoes_another(ep, seg, host)) {
        if (!tcp_has(seg, SYNFIN_RST))
            tcp_answer(ep, tcp_segment_length(seg) == 0 || tcp_has(seg, SYNFIN_SYN), host);
        return;
    }
    if (is_predicted(ep, seg)) {
        if ((ep->flags & TCP_TIMESTAMPS) && !((ep->flags & TCP_HALF_OPEN) && is_linux(ep, host)))
            ep->ts_recent = seg->tsval;
    } else if (completes_simultaneous_open(ep, seg)) {
        seq++;
        if (tcp_profile_of(host, &ep->head.sender)->simultaneous_ack)
            ep->flags |= TCP_ACK_DUE;
        if (is_linux(ep, host))
            ep->more |= TCP_MORE_SYN_TWICE;
    } else if (!checks_out(ep, seg, host)) {
        return;
    }
    rest_arrives(ep, ack_in_syn_received(ep, listener, seg, host), seq, seg, false, host);
    ep->more &= (uint8_t)~TCP_MORE_SYN_TWICE;
}

/* What most half-open connections wait for: an ACK that is predicted, echoes the first SYN+ACK and is taken at once. No
   check but that of the listener's state has anything to say of it. */
static inline bool completes_half_open(const struct tcp_endpoint *ep, const struct tcp_endpoint *listener,
                                       const struct synfin_segment *seg, const struct synfin_host *host)
{
    return is_predicted(ep, seg) && (ep->flags & TCP_HALF_OPEN) && seg->ack == ep->snd_nxt &&
           (!(ep->flags & TCP_TIMESTAMPS) || seg->tsecr == tcp_timestamp(ep->ts_offset, ep->mark)) &&
           ep->retransmissions >= tcp_profile_of(host, &ep->head.sender)->defer_timeouts && !tcp_listen_full(listener);
}

static void segment_in_syn_received(struct tcp_endpoint *ep, const struct synfin_segment *seg,
                                    struct synfin_host *host)
{
    struct tcp_endpoint *listener = (struct tcp_endpoint *)synfin_parent(host, &ep->head);
    if (!completes_half_open(ep, listener, seg, host) || tcp_state_of(listener) != TCP_LISTEN) {
        any_in_syn_received(ep, listener, seg, host);
        return;
    }
    complete(ep, listener, NULL, seg, host);
    if (tcp_has(seg, SYNFIN_FIN) && takes_text(ep))
        fin_arrives(ep, host);
    finish(ep, false, 0, host);
}

static void segment_in_closed(struct tcp_endpoint *ep, const struct synfin_segment *seg, struct synfin_host *host)
{
    tcp_stray(&ep->head.sender, seg, host);
}

void tcp_segment(struct synfin_endpoint *e, const struct synfin_segment *seg, struct synfin_host *host)
{
    static void (*const segment_in[TCP_STATES])(struct tcp_endpoint *, const struct synfin_segment *,
                                                struct synfin_host *) = {
        [TCP_CLOSED] = segment_in_closed,
        [TCP_LISTEN] = tcp_segment_in_listen,
        [TCP_SYN_SENT] = segment_in_syn_sent,
        [TCP_SYN_RECEIVED] = segment_in_syn_received,
        [TCP_ESTABLISHED] = segment_in_synchronized_states,
        [TCP_FIN_WAIT_1] = segment_in_synchronized_states,
        [TCP_FIN_WAIT_2] = segment_in_synchronized_states,
        [TCP_CLOSE_WAIT] = segment_in_synchronized_states,
        [TCP_CLOSING] = segment_in_synchronized_states,
        [TCP_LAST_ACK] = segment_in_synchronized_states,
    };
    segment_in[e->sender.state]((struct tcp_endpoint *)e, seg, host);
}
