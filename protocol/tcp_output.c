/* SPDX-License-Identifier: BSD-2-Clause */
/* Segments leave: every one of a connection passes through emit(). */
#include "tcp.h"

uint16_t tcp_window_field(const struct tcp_endpoint *ep, const struct tcp_data *data,
                          const struct tcp_profile *profile, bool syn)
{
    uint32_t window = tcp_receive_window(ep, data, profile);
    /* RFC 7323 2.2: the window of a SYN is never scaled. */
    if (!syn && (ep->flags & TCP_SCALING))
        window >>= profile->window_shift;
    return (uint16_t)(window < UINT16_MAX ? window : UINT16_MAX);
}

/* Whatever carries an ACK acknowledges all that is in order. */
static void acknowledges(struct tcp_endpoint *ep, struct tcp_data *data, struct synfin_host *host)
{
    ep->flags &= (uint16_t)~TCP_ACK_DUE;
    if (ep->more & TCP_MORE_DELAYED) {
        ep->more &= (uint8_t)~TCP_MORE_DELAYED;
        synfin_disarm(host, &ep->head, TCP_TIMER_DELAYED_ACK);
    }
    if (!data)
        return;
    data->ack_sent = ep->rcv_nxt;
    data->unacked = 0;
    if (data->quick > 0)
        data->quick--;
}

/* Whether emitting changes nothing beside the endpoint. */
static inline bool is_plain(const struct tcp_endpoint *ep)
{
    return !synfin_has_extra(&ep->head) && !(ep->more & TCP_MORE_DELAYED);
}

/* `block`: of a duplicate that has arrived (RFC 2883), of a SYN the Fast Open option; NULL: none. Compiled apart for
   what most segments are: bare, of connections without data. */
static inline __attribute__((always_inline)) void emit(struct tcp_endpoint *ep, struct tcp_data *data, uint8_t flags,
                                                       bool syn, uint32_t seq, uint32_t length, const uint32_t *block,
                                                       struct synfin_host *host)
{
    const struct tcp_profile *profile = tcp_profile_of(host, &ep->head.sender);
    struct synfin_segment seg; /* the host fills in the rest */
    seg.seq = seq;
    seg.ack = 0;
    seg.window = tcp_window_said(ep, data, profile, syn);
    seg.flags = flags;
    seg.length = (uint16_t)length;
    seg.window_scale = SYNFIN_NO_SCALE;
    seg.mss = 0;
    seg.bits = syn ? 0 : ep->flags & TCP_TIMESTAMPS;
    seg.tsval = seg.tsecr = 0;
    if (data && length > 0 && data->arrived && host->now - data->arrived < data->delay)
        data->flags |= TCP_PINGPONG;
    if (flags & SYNFIN_ACK) {
        seg.ack = ep->rcv_nxt;
        acknowledges(ep, data, host);
    }
    if (syn)
        tcp_option_offer(ep, &seg, profile);
    if (seg.bits & SYNFIN_HAS_TIMESTAMPS) {
        seg.tsval = tcp_timestamp(ep->ts_offset, host->now);
        seg.tsecr = flags & (SYNFIN_ACK | SYNFIN_SYN) ? ep->ts_recent : 0;
    }
    if (block && (syn || (ep->flags & TCP_SACK))) {
        seg.bits |= SYNFIN_HAS_SACK;
        seg.option[0] = block[0];
        seg.option[1] = block[1];
        seg.option[2] = seg.option[3] = 0;
    } else if (data && !syn && (data->sacks || data->twice[0] != data->twice[1])) {
        tcp_sack_put(ep, data, &seg);
    }
    synfin_emit(host, &ep->head.sender, &seg);
}

/* Any other segment. */
static __attribute__((noinline)) void emit_any(struct tcp_endpoint *ep, uint8_t flags, uint32_t seq, uint32_t length,
                                               const uint32_t *block, struct synfin_host *host)
{
    emit(ep, tcp_data_of(ep, host), flags, (flags & SYNFIN_SYN) != 0, seq, length, block, host);
}

static inline void emit_bare(struct tcp_endpoint *ep, uint8_t flags, uint32_t seq, uint32_t length,
                             struct synfin_host *host)
{
    if (is_plain(ep))
        emit(ep, NULL, flags, false, seq, length, NULL, host);
    else
        emit_any(ep, flags, seq, length, NULL, host);
}

void tcp_emit(struct tcp_endpoint *ep, uint8_t flags, uint32_t seq, uint32_t length, struct synfin_host *host)
{
    emit_bare(ep, flags, seq, length, host);
}

void tcp_emit_duplicate_ack(struct tcp_endpoint *ep, uint32_t from, uint32_t to, struct synfin_host *host)
{
    struct tcp_data *data = tcp_data_of(ep, host);
    if (data && (ep->flags & TCP_SACK))
        tcp_sack_duplicate(data, from, to);
    emit_any(ep, SYNFIN_ACK, ep->snd_nxt, 0, data ? NULL : (const uint32_t[]){from, to}, host);
}

/* Linux's tcp_acceptable_seq(): where the window has shrunk below SND.NXT, by more than its scale rounds off, its end
   is what the peer takes. */
static uint32_t acceptable_number(const struct tcp_endpoint *ep, const struct synfin_host *host)
{
    uint32_t flight = ep->snd_nxt - ep->snd_una;
    if (flight <= ep->snd_wnd || (ep->flags & TCP_SYN_UNACKED))
        return ep->snd_nxt;
    const struct tcp_profile *profile = tcp_profile_of(host, &ep->head.sender);
    bool rounded = (ep->flags & TCP_SCALING) && flight - ep->snd_wnd < UINT32_C(1) << profile->window_shift;
    return profile->rules != TCP_RULES_LINUX || rounded ? ep->snd_nxt : ep->snd_una + ep->snd_wnd;
}

void tcp_emit_ack(struct tcp_endpoint *ep, struct synfin_host *host)
{
    emit_bare(ep, SYNFIN_ACK, acceptable_number(ep, host), 0, host);
}

static inline __attribute__((always_inline)) void emit_syn(struct tcp_endpoint *ep, uint32_t length,
                                                          const uint32_t *cookie, struct synfin_host *host)
{
    uint8_t flags = tcp_state_of(ep) == TCP_SYN_SENT ? SYNFIN_SYN : SYNFIN_SYN | SYNFIN_ACK;
    if (is_plain(ep) && !cookie)
        emit(ep, NULL, flags, true, ep->snd_una, length, NULL, host);
    else
        emit_any(ep, flags, ep->snd_una, length, cookie, host);
}

void tcp_emit_syn(struct tcp_endpoint *ep, struct synfin_host *host)
{
    emit_syn(ep, 0, NULL, host);
}

void tcp_send_syn(struct tcp_endpoint *ep, uint32_t length, const uint32_t *cookie, struct synfin_host *host)
{
    ep->snd_nxt = ep->snd_una + 1 + length;
    ep->flags |= TCP_SYN_UNACKED | TCP_TIMED;
    ep->mark = host->now;
    ep->mark_end = ep->snd_una + 1;
    emit_syn(ep, length, cookie, host);
    const struct tcp_profile *profile = tcp_profile_of(host, &ep->head.sender);
    synfin_time deadline = tcp_wait_end(profile, host->now, &profile->wait_syn);
    synfin_arm(host, &ep->head, TCP_TIMER_RETRANSMIT, deadline, profile->wait_syn.duration);
}

void tcp_emit_reset(struct synfin_sender *from, const struct synfin_segment *seg, struct synfin_host *host)
{
    struct synfin_segment reset = {.flags = SYNFIN_RST, .window_scale = SYNFIN_NO_SCALE};
    if (tcp_has(seg, SYNFIN_ACK)) {
        reset.seq = seg->ack;
    } else {
        reset.flags |= SYNFIN_ACK;
        reset.ack = seg->seq + tcp_segment_length(seg);
    }
    synfin_emit(host, from, &reset);
}

bool tcp_may_answer(struct tcp_endpoint *ep, struct synfin_host *host)
{
    const struct tcp_profile *profile = tcp_profile_of(host, &ep->head.sender);
    if (profile->invalid_ratelimit == 0)
        return true;
    synfin_time now = host->now;
    if (profile->timers == TCP_TIMERS_WHEEL) /* Linux compares jiffies */
        now -= (now + profile->wheel_shift) % profile->tick;
    if ((ep->flags & TCP_ANSWERED) && now - ep->answered < profile->invalid_ratelimit)
        return false;
    ep->flags |= TCP_ANSWERED;
    ep->answered = now;
    return true;
}

void tcp_challenge(struct tcp_endpoint *ep, struct synfin_host *host)
{
    const struct tcp_profile *profile = tcp_profile_of(host, &ep->head.sender);
    if (!tcp_may_answer(ep, host))
        return;
    if (profile->challenge_ack_limit < INT32_MAX) {
        struct tcp_data *data = tcp_data_take(ep, host);
        uint64_t second = 1 + (uint64_t)((host->now + profile->wheel_shift) / SYNFIN_S);
        if (!data)
            return;
        if (data->challenge_second != second) {
            /* Linux draws from half of the limit to one and a half, for all connections together. */
            data->challenge_second = second;
            data->challenges = (profile->challenge_ack_limit + 1) / 2;
        }
        if (data->challenges == 0)
            return;
        data->challenges--;
    }
    tcp_emit_ack(ep, host);
}

void tcp_answer(struct tcp_endpoint *ep, bool limited, struct synfin_host *host)
{
    if (!limited || tcp_may_answer(ep, host))
        tcp_emit_ack(ep, host);
}

/* ---- Data and FIN ------------------------------------------------------------------------------------------------ */

/* Where data ends that has sequence numbers. */
static uint32_t data_end(const struct tcp_endpoint *ep)
{
    return ep->snd_nxt - (ep->flags & TCP_FIN_SENT ? 1 : 0);
}

/* What the scoreboard and the timer are to know of it: [seq, SND.NXT) is being sent for the first time. */
static void note_new(struct tcp_endpoint *ep, struct tcp_data *data, uint32_t seq, bool idle, struct synfin_host *host)
{
    const struct tcp_profile *profile = tcp_profile_of(host, &ep->head.sender);
    uint8_t state = data->recovery.state;
    tcp_board_need(ep, data, 1, host);
    tcp_board_sent(ep, data, seq, host->now);
    if (state == TCP_RECOVERING)
        data->recovery.prr_out += ep->snd_nxt - seq;
    if (ep->flags & TCP_SYN_UNACKED)
        return;
    bool probes = profile->early_retrans >= 3 && state == TCP_OPEN;
    if (idle || probes || (ep->flags & TCP_PROBE_DUE))
        data->flags |= TCP_TIMER_DUE | (idle ? TCP_TIMER_FULL : 0);
}

/* Sends `length` bytes, FIN or both, at SND.NXT. */
static inline __attribute__((always_inline)) void send_new(struct tcp_endpoint *ep, struct tcp_data *data,
                                                          uint32_t length, bool fin, uint8_t push,
                                                          struct synfin_host *host)
{
    bool board = data && (data->flags & TCP_BOARD);
    uint32_t seq = ep->snd_nxt;
    bool idle = ep->snd_una == seq;
    uint8_t flags = SYNFIN_ACK | push;
    if (data)
        data->newest = seq;
    ep->snd_nxt += length;
    if (fin) {
        flags |= SYNFIN_FIN;
        ep->flags |= TCP_FIN_SENT;
        ep->snd_nxt++;
        /* 3.10.4: CLOSE-WAIT ends when FIN is sent; FIN-WAIT-1 has begun with the call. */
        if (tcp_state_of(ep) == TCP_CLOSE_WAIT)
            synfin_enter(host, &ep->head, TCP_LAST_ACK);
    }
    /* One segment at a time is timed, and `mark` serves that only when nothing is retransmitted. */
    if (!board && !(ep->flags & TCP_TIMED) && ep->retransmissions == 0) {
        ep->flags |= TCP_TIMED;
        ep->mark = host->now;
        ep->mark_end = ep->snd_nxt;
    }
    if (data)
        emit_any(ep, flags, seq, length, NULL, host);
    else
        emit_bare(ep, flags, seq, length, host);
    /* RFC 6298 (5.1) */
    if (board)
        note_new(ep, data, seq, idle, host);
    else if (idle || (ep->flags & TCP_PROBE_DUE))
        tcp_timer_loss_probe(ep, data, host);
}

void tcp_send_again(struct tcp_endpoint *ep, uint32_t seq, uint32_t numbers, struct synfin_host *host)
{
    bool fin = (ep->flags & TCP_FIN_SENT) && seq + numbers == ep->snd_nxt;
    tcp_emit(ep, fin ? SYNFIN_ACK | SYNFIN_FIN : SYNFIN_ACK, seq, numbers - (fin ? 1 : 0), host);
}

/* Sends again what lies at `seq`: at most a segment of data, with FIN where that follows. How many numbers. */
static uint32_t send_again(struct tcp_endpoint *ep, uint32_t seq, struct synfin_host *host)
{
    uint32_t length = data_end(ep) - seq;
    if (length > ep->mss)
        length = ep->mss;
    bool fin = (ep->flags & TCP_FIN_SENT) && seq + length == data_end(ep);
    ep->flags &= (uint16_t)~TCP_TIMED; /* Karn: RFC 6298, section 3 */
    tcp_emit(ep, fin ? SYNFIN_ACK | SYNFIN_FIN : SYNFIN_ACK, seq, length, host);
    return length + (fin ? 1 : 0);
}

uint32_t tcp_retransmit(struct tcp_endpoint *ep, struct synfin_host *host)
{
    if (!(ep->flags & TCP_SYN_UNACKED))
        return send_again(ep, ep->snd_una, host);
    ep->flags &= (uint16_t)~TCP_TIMED;
    tcp_emit_syn(ep, host);
    return 1;
}

/* Whether CLOSE was called and FIN has not been sent. */
static bool fin_is_due(const struct tcp_endpoint *ep)
{
    return (ep->flags & (TCP_CLOSE_CALLED | TCP_FIN_SENT)) == TCP_CLOSE_CALLED;
}

/* How much data the next segment has, as long as only its size counts. */
static uint32_t next_length(const struct tcp_endpoint *ep, const struct tcp_data *data)
{
    return data->unsent < ep->mss ? (uint32_t)data->unsent : ep->mss;
}

/* How many of these bytes SND.WND lets out in a segment. Linux sends no part of one (tcp_snd_wnd_test()), nor data
   without the FIN that follows it; RFC 9293 3.8.6.2.1 only where nothing is outstanding, half of the largest window. */
static uint32_t window_lets(const struct tcp_endpoint *ep, const struct tcp_data *data, uint32_t length,
                            const struct tcp_profile *profile)
{
    uint32_t flight = ep->snd_nxt - ep->snd_una, room = flight < ep->snd_wnd ? ep->snd_wnd - flight : 0;
    if (profile->rules == TCP_RULES_LINUX)
        return length + (length == data->unsent && fin_is_due(ep) ? 1 : 0) <= room ? length : 0;
    if (length <= room)
        return length;
    return flight == 0 && room >= ep->max_snd_wnd - ep->max_snd_wnd / 2 ? room : 0;
}

/* Sends `length` bytes that were not sent before, and FIN with the last of them. */
static void send_text(struct tcp_endpoint *ep, struct tcp_data *data, uint32_t length, struct synfin_host *host)
{
    data->unsent -= length;
    data->sent = host->now > 0 ? host->now : 1;
    bool last = data->unsent == 0;
    send_new(ep, data, length, last && (ep->flags & TCP_CLOSE_CALLED), last ? SYNFIN_PSH : 0, host);
    data->next = ep->snd_nxt;
    if (length < ep->mss)
        data->small = ep->snd_nxt;
}

void tcp_send_probe(struct tcp_endpoint *ep, struct synfin_host *host)
{
    struct tcp_data *data = tcp_data_of(ep, host);
    if (data && data->next == ep->snd_nxt && data->unsent) {
        uint32_t length = next_length(ep, data);
        if (window_lets(ep, data, length, tcp_profile_of(host, &ep->head.sender)) == length) {
            send_text(ep, data, length, host);
            return;
        }
    }
    uint32_t last = data_end(ep) - ep->snd_una;
    uint32_t seq = data_end(ep) - (last < ep->mss ? last : ep->mss);
    if (data && tcp_lt(seq, data->newest))
        seq = data->newest;
    if (data && (data->flags & TCP_BOARD)) {
        struct tcp_run *run = tcp_board_run(data, data->board.count - 1);
        uint32_t start = data->board.count > 1 ? tcp_board_run(data, data->board.count - 2)->end : ep->snd_una;
        if (tcp_lt(seq, start))
            seq = start; /* of one fate */
        tcp_board_need(ep, data, 2, host);
        run = tcp_board_run(data, data->board.count - 1);
        if (tcp_board_again(ep, data, seq, run->end - seq, true, host->now))
            tcp_send_again(ep, seq, ep->snd_nxt - seq, host);
        return;
    }
    send_again(ep, seq, host);
}

/* RFC 9293 3.7.4, Nagle's algorithm: what fills no segment waits until all that was sent is acknowledged. In Linux only
   where what is outstanding has such a segment already (Minshall's variant). What FIN follows does not wait. */
static bool waits_for_more(const struct tcp_endpoint *ep, const struct tcp_data *data, uint32_t length,
                           const struct tcp_profile *profile)
{
    if (length >= ep->mss || profile->nodelay || (ep->flags & TCP_CLOSE_CALLED) || ep->snd_una == ep->snd_nxt)
        return false;
    return profile->rules != TCP_RULES_LINUX || tcp_lt(ep->snd_una, data->small);
}

/* How much of the user's data goes into a segment now, where the congestion window has `room`; 0: none. */
static uint32_t may_send(const struct tcp_endpoint *ep, const struct tcp_data *data, uint32_t room,
                         const struct tcp_profile *profile)
{
    uint32_t length = next_length(ep, data);
    if (length > room)
        length = ep->snd_una == ep->snd_nxt ? room : 0;
    length = length > 0 ? window_lets(ep, data, length, profile) : 0;
    return length > 0 && !waits_for_more(ep, data, length, profile) ? length : 0;
}

/* Sends one segment of data, if there is any and the windows allow it. */
static bool send_data(struct tcp_endpoint *ep, struct tcp_data *data, struct synfin_host *host)
{
    uint32_t cwnd = data->cwnd, flight = data->next - ep->snd_una;
    /* RFC 3042: the first two duplicate acknowledgments let a new segment out each. */
    if (data->duplicates <= 2 && data->next == ep->snd_nxt && !(data->flags & TCP_RECOVERY))
        cwnd += data->duplicates * ep->mss;
    if (data->next != ep->snd_nxt) { /* after a timeout */
        uint32_t window = cwnd < ep->snd_wnd ? cwnd : ep->snd_wnd, room = flight < window ? window - flight : 0;
        uint32_t length = data_end(ep) - data->next;
        if ((length < ep->mss ? length : ep->mss) > room)
            return false;
        data->next += send_again(ep, data->next, host);
        return true;
    }
    uint32_t room = flight < cwnd ? cwnd - flight : 0;
    uint32_t length = may_send(ep, data, room, tcp_profile_of(host, &ep->head.sender));
    if (length == 0)
        return false;
    if (flight + length > data->cwnd)
        data->limited += length;
    send_text(ep, data, length, host);
    return true;
}

/* The same where both sides have SACK: the congestion window bounds what is in the network. */
static bool send_unsent(struct tcp_endpoint *ep, struct tcp_data *data, struct synfin_host *host)
{
    uint32_t pipe = tcp_board_pipe(ep, data), room = pipe < data->cwnd ? data->cwnd - pipe : 0;
    uint32_t length = may_send(ep, data, room, tcp_profile_of(host, &ep->head.sender));
    if (length == 0)
        return false;
    send_text(ep, data, length, host);
    return true;
}

static void output_with_board(struct tcp_endpoint *ep, struct tcp_data *data, const struct tcp_profile *profile,
                              struct synfin_host *host)
{
    uint32_t next = ep->snd_nxt;
    if (data->recovery.new_first) { /* F-RTO, RFC 5682 3.1, step 2.b */
        data->recovery.new_first = false;
        while (send_unsent(ep, data, host))
            ;
        data->recovery.frto = ep->snd_nxt != next;
    }
    if (!data->recovery.frto || ep->snd_nxt == next) {
        while (tcp_recovery_send(ep, data, host))
            ;
        while (send_unsent(ep, data, host))
            ;
        while (!profile->recovery && tcp_recovery_send_unlost(ep, data, host))
            ;
    }
    tcp_congestion_used(ep, data, tcp_board_pipe(ep, data));
}

static bool window_has_room(const struct tcp_endpoint *ep)
{
    return ep->snd_nxt - ep->snd_una < ep->snd_wnd;
}

/* In Linux FIN waits for a window as data does; where nothing is outstanding the block is needed to probe it. */
static bool window_lets_fin(struct tcp_endpoint *ep, struct tcp_data **data, struct synfin_host *host)
{
    if (window_has_room(ep) || tcp_profile_of(host, &ep->head.sender)->rules != TCP_RULES_LINUX)
        return true;
    *data = tcp_data_take(ep, host);
    return !*data;
}

static __attribute__((noinline)) void output(struct tcp_endpoint *ep, struct synfin_host *host)
{
    struct tcp_data *data = tcp_data_of(ep, host);
    if (data) {
        const struct tcp_profile *profile = tcp_profile_of(host, &ep->head.sender);
        if (data->cwnd == 0)
            tcp_congestion_begin(ep, data, host);
        if (data->unsent && ep->snd_una == ep->snd_nxt)
            tcp_congestion_idle(ep, data, profile, host->now);
        if (data->flags & TCP_BOARD) {
            output_with_board(ep, data, profile, host);
        } else {
            while (send_data(ep, data, host))
                ;
            tcp_congestion_used(ep, data, data->next - ep->snd_una);
        }
    }
    /* 3.10.4: FIN follows all preceding SENDs. */
    bool sent = !data || (data->unsent == 0 && data->next == ep->snd_nxt);
    if (fin_is_due(ep) && sent && window_lets_fin(ep, &data, host)) {
        send_new(ep, data, 0, true, 0, host);
        if (data)
            data->next = ep->snd_nxt;
    }
    if (data && ep->snd_una == ep->snd_nxt && (data->unsent || fin_is_due(ep)) && !(data->flags & TCP_PERSIST))
        tcp_persist_begin(ep, data, host);
    if (data && (data->flags & TCP_TIMER_DUE))
        tcp_recovery_timer(ep, data, host);
}

void tcp_output(struct tcp_endpoint *ep, struct synfin_host *host)
{
    if (synfin_has_extra(&ep->head) || !window_has_room(ep))
        output(ep, host);
    else if (fin_is_due(ep)) /* without data, FIN is all there is to send */
        send_new(ep, NULL, 0, true, 0, host);
}

/* ---- Windows that let nothing out (3.8.6.1, 3.8.6.2.1) ----------------------------------------------------------- */

/* 3.8.6.2.1: the override timeout, 0.1 to 1 s. */
enum { OVERRIDE = 500 };

/* user_timeout may end the wait sooner (Linux's tcp_clamp_probe0_to_user_timeout()). */
static void wait_for_window(struct tcp_endpoint *ep, const struct tcp_data *data, struct synfin_host *host)
{
    const struct tcp_profile *profile = tcp_profile_of(host, &ep->head.sender);
    synfin_time wait = data->probe;
    if (profile->user_timeout && data->probing) {
        synfin_time left = profile->user_timeout - (host->now - data->probing);
        wait = left <= 0 ? 1 : left < wait ? left : wait;
    }
    tcp_timer_start(ep, TCP_TIMER_PERSIST, wait, host);
}

void tcp_persist_begin(struct tcp_endpoint *ep, struct tcp_data *data, struct synfin_host *host)
{
    bool overrides = ep->snd_wnd > 0 && tcp_profile_of(host, &ep->head.sender)->rules != TCP_RULES_LINUX;
    data->flags |= TCP_PERSIST;
    data->probe = overrides ? OVERRIDE * SYNFIN_MS : ep->rto.rto;
    data->overrides = overrides;
    data->probes = data->backoffs = 0;
    data->probing = 0;
    wait_for_window(ep, data, host);
}

/* Whether what is to be sent waits for the window still. */
static bool window_is_closed(const struct tcp_endpoint *ep, const struct tcp_data *data,
                             const struct tcp_profile *profile)
{
    bool outstanding = ep->snd_una != ep->snd_nxt;
    if (ep->snd_wnd == 0)
        return data->unsent || outstanding || fin_is_due(ep);
    return !outstanding && data->unsent && window_lets(ep, data, next_length(ep, data), profile) == 0;
}

void tcp_persist_acked(struct tcp_endpoint *ep, struct tcp_data *data, struct synfin_host *host)
{
    const struct tcp_profile *profile = tcp_profile_of(host, &ep->head.sender);
    data->probes = 0;
    if (window_is_closed(ep, data, profile)) {
        if (profile->rules == TCP_RULES_LINUX) /* it waits from the answer on */
            wait_for_window(ep, data, host);
        else if (data->overrides != (ep->snd_wnd > 0))
            tcp_persist_begin(ep, data, host);
        return;
    }
    data->flags &= (uint16_t)~TCP_PERSIST;
    synfin_disarm(host, &ep->head, TCP_TIMER_PERSIST);
    if (ep->snd_una != ep->snd_nxt) {
        /* The probe's byte did not fit. */
        if (data->flags & TCP_BOARD)
            tcp_board_lose(data, tcp_board_run(data, 0), ep->snd_una, &(struct tcp_delivery){0});
        else
            data->next = ep->snd_una;
        tcp_timer_start(ep, TCP_TIMER_RETRANSMIT, ep->rto.rto, host);
    }
}

/* Whether this probe is one too many. */
static bool probes_enough(const struct tcp_endpoint *ep, const struct tcp_data *data, const struct tcp_profile *profile,
                          synfin_time now)
{
    bool linux = profile->rules == TCP_RULES_LINUX;
    int closed = ep->flags & (linux ? TCP_ORPHAN : TCP_CLOSE_CALLED) ? 1 : 0;
    if (profile->user_timeout && data->probing && now - data->probing >= profile->user_timeout)
        return true;
    /* Linux's tcp_probe_timer(): at rto_max an orphan ends, whoever answers, unless a number is given. */
    if (linux && closed && data->probe >= profile->rto_max && data->backoffs >= profile->orphan_retries)
        return true;
    return data->probes >= profile->retries[closed];
}

/* The window has room for part of a segment: that goes out now, and the retransmission timer asks after it. */
static void send_part(struct tcp_endpoint *ep, struct tcp_data *data, struct synfin_host *host)
{
    uint32_t length = next_length(ep, data);
    if (length > ep->snd_wnd)
        length = ep->snd_wnd;
    data->flags &= (uint16_t)~TCP_PERSIST;
    data->unsent -= length;
    send_new(ep, data, length, false, SYNFIN_PSH, host);
    data->next = data->small = ep->snd_nxt;
    data->flags &= (uint16_t)~(TCP_TIMER_DUE | TCP_TIMER_FULL);
    ep->flags &= (uint16_t)~TCP_PROBE_DUE;
    tcp_timer_start(ep, TCP_TIMER_RETRANSMIT, ep->rto.rto, host);
}

static void send_window_probe(struct tcp_endpoint *ep, struct tcp_data *data, bool linux, struct synfin_host *host)
{
    if (linux) {
        tcp_emit(ep, SYNFIN_ACK, ep->snd_una - 1, 0, host); /* draws an ACK; takes no number */
        return;
    }
    if (ep->snd_una == ep->snd_nxt) {
        data->unsent--;
        data->next = ++ep->snd_nxt;
        if (data->flags & TCP_BOARD)
            tcp_board_sent(ep, data, ep->snd_una, host->now);
    }
    tcp_emit(ep, SYNFIN_ACK, ep->snd_una, 1, host);
}

void tcp_probe(struct tcp_endpoint *ep, struct synfin_host *host)
{
    const struct tcp_profile *profile = tcp_profile_of(host, &ep->head.sender);
    struct tcp_data *data = tcp_data_of(ep, host);
    if (probes_enough(ep, data, profile, host->now)) {
        tcp_fail(ep, SYNFIN_TIMEOUT, host);
        return;
    }
    if (ep->snd_una == ep->snd_nxt && ep->snd_wnd > 0 && data->unsent) {
        send_part(ep, data, host);
        return;
    }
    data->probes++;
    if (data->backoffs < UINT8_MAX)
        data->backoffs++;
    if (!data->probing)
        data->probing = host->now > 0 ? host->now : 1;
    send_window_probe(ep, data, profile->rules == TCP_RULES_LINUX, host);
    data->probe = data->probe < profile->rto_max / 2 ? 2 * data->probe : profile->rto_max;
    wait_for_window(ep, data, host);
}
