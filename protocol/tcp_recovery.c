/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Loss recovery with SACK: Linux's states and transitions. `recovery: 1` finds losses by time (RACK, RFC 8985) and
 * sends in proportion to what is delivered (PRR, RFC 6937), undoing what proves to have been for nothing; `recovery: 0`
 * is RFC 6675. What an acknowledgment lets out is sent by tcp_output(), which comes after.
 */
#include "tcp.h"

static uint32_t flight_of(const struct tcp_endpoint *ep)
{
    return ep->snd_nxt - ep->snd_una;
}

/* ---- States ------------------------------------------------------------------------------------------------------ */

/* Whether something that is outstanding was sent again. */
static bool any_again(struct tcp_data *data)
{
    return data->board.again > 0 || (data->board.count > 0 && tcp_board_run(data, 0)->marks & TCP_REPEATED);
}

static void open_state(struct tcp_data *data)
{
    data->recovery.state = TCP_OPEN;
    data->recovery.frto = data->recovery.stamped = false;
}

/* Linux's tcp_try_to_open() */
static void try_to_open(struct tcp_endpoint *ep, struct tcp_data *data)
{
    struct tcp_recovery *r = &data->recovery;
    bool again = any_again(data);
    if (!again)
        r->stamped = false;
    uint8_t state = data->board.sacked || data->board.lost || again ? TCP_DISORDER : TCP_OPEN;
    if (r->state != state) {
        r->state = state;
        r->high = ep->snd_nxt;
    }
}

static void enter_recovery(struct tcp_endpoint *ep, struct tcp_data *data, const struct tcp_profile *profile)
{
    struct tcp_recovery *r = &data->recovery;
    tcp_undo_begin(ep, data, profile);
    r->prior_ssthresh = tcp_reduction_ssthresh(data);
    tcp_reduction_begin(ep, data, profile);
    r->state = TCP_RECOVERING;
    r->rescued = false;
    if (!profile->recovery) /* RFC 6675 5, (4.2) */
        data->cwnd = data->ssthresh;
}

/* All that was outstanding when the state was entered is acknowledged. */
static void recovered(const struct tcp_endpoint *ep, struct tcp_data *data, const struct synfin_segment *seg)
{
    if (tcp_undo_may(ep, data, seg))
        tcp_undo(data, false);
    else if (data->rack.persist > 0)
        data->rack.persist--;
    if (data->recovery.undo && data->recovery.state == TCP_RECOVERING)
        data->cwnd = data->ssthresh;
    open_state(data); /* a report of duplicates may undo it still */
}

/* ---- Losses ------------------------------------------------------------------------------------------------------ */

/* RFC 6675 4, IsLost(): DupThresh segments above it were SACKed, in so many pieces or bytes; or as many duplicates. */
static void find_lost(struct tcp_endpoint *ep, struct tcp_data *data, struct tcp_delivery *d)
{
    uint32_t pieces = 0, bytes = 0, lost = d->lost;
    for (uint32_t i = data->board.count; i-- > 0;) {
        struct tcp_run *run = tcp_board_run(data, i);
        uint32_t start = i ? tcp_board_run(data, i - 1)->end : ep->snd_una;
        if (run->marks & TCP_SACKED) {
            pieces++;
            bytes += run->end - start;
        } else if (!(run->marks & (TCP_LOST | TCP_REPEATED)) &&
                   (pieces >= TCP_DUP_THRESH || bytes > (TCP_DUP_THRESH - 1) * (uint32_t)ep->mss ||
                    (i == 0 && data->duplicates >= TCP_DUP_THRESH))) {
            tcp_board_lose(data, run, start, d);
        }
    }
    if (d->lost != lost)
        tcp_board_tidy(data);
}

static void find_losses(struct tcp_endpoint *ep, struct tcp_data *data, struct tcp_delivery *d,
                        const struct tcp_profile *profile, struct synfin_host *host)
{
    if (data->board.count == 0)
        return;
    if (!profile->recovery) {
        find_lost(ep, data, d);
        return;
    }
    if (!data->rack.advanced)
        return;
    synfin_time wait = tcp_rack_detect(ep, data, d, host->now);
    if (wait == 0)
        return;
    data->flags &= (uint16_t)~(TCP_TIMER_DUE | TCP_TIMER_FULL);
    ep->flags &= (uint16_t)~TCP_PROBE_DUE;
    ep->rack_timer = true;
    tcp_timer_start(ep, TCP_TIMER_RETRANSMIT, wait + 2 * SYNFIN_MS, host);
}

/* In LOSS, Linux's tcp_process_loss(): F-RTO (RFC 5682 3.1, with SACK) and the end. True: there is no more to do. */
static bool in_loss(struct tcp_endpoint *ep, struct tcp_data *data, const struct synfin_segment *seg,
                    const struct tcp_delivery *d)
{
    struct tcp_recovery *r = &data->recovery;
    bool all = !tcp_lt(ep->snd_una, r->high);
    bool spurious = r->frto && d->original; /* step 3.b */
    if (spurious || (d->advanced && tcp_undo_may(ep, data, seg))) {
        tcp_undo(data, true);
        ep->retransmissions = 0;
        open_state(data);
        return false;
    }
    if (r->frto) {
        if (tcp_lt(r->high, ep->snd_nxt)) {
            if (d->sacked || !d->text)
                r->frto = false; /* step 3.a: the loss was real */
        } else if (d->advanced && !all) {
            r->high = ep->snd_nxt; /* step 2.b: new data tells */
            r->new_first = data->unsent > 0 && flight_of(ep) < ep->snd_wnd;
            r->frto = r->new_first;
            if (r->new_first)
                return true;
        }
    }
    if (all)
        recovered(ep, data, seg);
    return false;
}

/* Linux's tcp_fastretrans_alert() */
static void alert(struct tcp_endpoint *ep, struct tcp_data *data, const struct synfin_segment *seg,
                  struct tcp_delivery *d, struct synfin_host *host)
{
    const struct tcp_profile *profile = tcp_profile_of(host, &ep->head.sender);
    struct tcp_recovery *r = &data->recovery;
    if (r->state == TCP_OPEN)
        r->stamped = false;
    else if (!tcp_lt(ep->snd_una, r->high) && r->state == TCP_RECOVERING)
        recovered(ep, data, seg);
    if (r->state == TCP_RECOVERING) {
        if (d->advanced && r->undo && tcp_undo_of_original(ep, data, seg) && profile->recovery) {
            /* Linux's tcp_try_undo_partial(): the first one was late, not lost. */
            tcp_rack_reordered(ep, data, d->una);
            if (data->board.again > 0)
                return;
            tcp_undo(data, true);
            r->state = TCP_DISORDER;
            try_to_open(ep, data);
            return;
        }
        if (tcp_undo_duplicates(data))
            try_to_open(ep, data);
    } else if (r->state == TCP_LOSS) {
        if (in_loss(ep, data, seg, d))
            return;
    } else if (r->state <= TCP_DISORDER) {
        tcp_undo_duplicates(data);
    }
    find_losses(ep, data, d, profile, host);
    if (r->state == TCP_RECOVERING || (r->state == TCP_LOSS && !d->lost_again))
        return;
    if (data->board.lost > 0)
        enter_recovery(ep, data, profile);
    else
        try_to_open(ep, data);
}

/* ---- Acknowledgments --------------------------------------------------------------------------------------------- */

/* RFC 2883: the first block is of a duplicate where it lies below the acknowledgment or within the second block. */
static bool take_duplicate(struct tcp_endpoint *ep, struct tcp_data *data, const struct synfin_segment *seg,
                           uint32_t blocks, struct tcp_delivery *d)
{
    struct tcp_recovery *r = &data->recovery;
    uint32_t start = seg->option[0], end = seg->option[1];
    bool below = tcp_lt(start, seg->ack);
    bool within = blocks > 1 && !tcp_lt(start, seg->option[2]) && !tcp_lt(seg->option[3], end);
    if (!below && !within)
        return false;
    d->duplicate = true;
    d->probe_duplicate = r->probed && r->probe_end == end;
    if (!d->probe_duplicate && data->rack.reordering_seen)
        data->rack.duplicate_seen = true;
    if (r->undo && r->undo_bytes > 0 && tcp_lt(r->undo_from, end) &&
        tcp_le(end, ep->snd_nxt)) {
        r->undo_bytes -= end - start;
        r->undo_bytes = r->undo_bytes > 0 ? r->undo_bytes : 0;
    }
    return true;
}

static void take_blocks(struct tcp_endpoint *ep, struct tcp_data *data, const struct synfin_segment *seg,
                        struct tcp_delivery *d, struct synfin_host *host)
{
    uint32_t blocks = synfin_sack_blocks(seg), first = 0;
    if (blocks > 0 && take_duplicate(ep, data, seg, blocks, d))
        first = 1;
    for (uint32_t i = first; i < blocks; i++) {
        uint32_t start = seg->option[2 * i], end = seg->option[2 * i + 1];
        if (tcp_lt(start, seg->ack) || tcp_lt(start, ep->snd_una) || !tcp_lt(start, end) || tcp_lt(ep->snd_nxt, end))
            continue; /* old, or not of what was sent */
        tcp_large_take(ep, data, host);
        tcp_board_sack(ep, data, start, end, d, host->now);
    }
}

/* RFC 6298 3, RFC 7323 4: a sample of what was sent once, else of the echoed timestamp. */
static void take_samples(struct tcp_endpoint *ep, struct tcp_data *data, const struct synfin_segment *seg,
                         const struct tcp_delivery *d, const struct tcp_profile *profile, synfin_time now)
{
    synfin_time sent = d->first != SYNFIN_NEVER && !d->repeated ? d->first : d->sacked_first;
    synfin_time last = d->last != SYNFIN_NEVER && !d->repeated ? d->last : d->sacked_last;
    if (sent != SYNFIN_NEVER)
        tcp_rto_take(ep, data, profile, now - sent);
    else if (d->advanced && d->repeated && (ep->flags & TCP_TIMESTAMPS) && (seg->bits & SYNFIN_HAS_TIMESTAMPS))
        tcp_rto_echo(ep, data, seg, profile, now);
    if (last == SYNFIN_NEVER)
        return;
    if (data->rack.min_rtt == 0 || now - last < data->rack.min_rtt)
        data->rack.min_rtt = now - last;
    if (profile->congestion->delay)
        profile->congestion->delay(ep, data, now - last, now);
}

/* SND.UNA moves. */
static void advance(struct tcp_endpoint *ep, struct tcp_data *data, uint32_t ack, struct tcp_delivery *d,
                    synfin_time now)
{
    d->advanced = true;
    tcp_data_count(data, ack - ep->snd_una);
    ep->snd_una = ack;
    tcp_board_acked(ep, data, d, now);
    ep->retransmissions = 0;
    data->duplicates = 0;
    data->flags |= TCP_TIMER_DUE | TCP_TIMER_FULL;
}

/* RFC 2018 8: the peer has given up what it had SACKed, or so it seems: it has what follows SND.UNA. */
static bool reneges(struct tcp_endpoint *ep, struct tcp_data *data, struct synfin_host *host)
{
    if (data->board.count == 0 || !(tcp_board_run(data, 0)->marks & TCP_SACKED))
        return false;
    synfin_time wait = ep->rto.srtt / 2 > 10 * SYNFIN_MS ? ep->rto.srtt / 2 : 10 * SYNFIN_MS;
    if (wait > ep->rto.rto) /* which has a bound */
        wait = ep->rto.rto;
    data->flags &= (uint16_t)~(TCP_TIMER_DUE | TCP_TIMER_FULL);
    ep->flags &= (uint16_t)~TCP_PROBE_DUE;
    ep->rack_timer = false;
    tcp_timer_start(ep, TCP_TIMER_RETRANSMIT, wait, host);
    return true;
}

void tcp_recovery_ack(struct tcp_endpoint *ep, struct tcp_data *data, const struct synfin_segment *seg,
                      bool same_window, struct synfin_host *host)
{
    const struct tcp_profile *profile = tcp_profile_of(host, &ep->head.sender);
    struct tcp_recovery *r = &data->recovery;
    struct tcp_delivery d = {.una = ep->snd_una,
                             .high = r->high,
                             .first = SYNFIN_NEVER,
                             .last = SYNFIN_NEVER,
                             .sacked_first = SYNFIN_NEVER,
                             .sacked_last = SYNFIN_NEVER};
    uint32_t flight = flight_of(ep), sacked = data->board.sacked, highest = data->board.highest;
    if (flight == 0 && !(seg->bits & SYNFIN_HAS_SACK) && !r->probed)
        return;
    r->new_first = false;
    d.text = seg->length > 0 || tcp_has(seg, SYNFIN_FIN) || !same_window || seg->ack != ep->snd_una;
    if (seg->bits & SYNFIN_HAS_SACK)
        take_blocks(ep, data, seg, &d, host);
    if (seg->ack != ep->snd_una)
        advance(ep, data, seg->ack, &d, host->now);
    else if (d.sacked)
        data->duplicates++;
    take_samples(ep, data, seg, &d, profile, host->now);
    if (d.reordered && sacked > 0 && tcp_lt(d.late, highest))
        tcp_rack_reordered(ep, data, d.late);
    tcp_rack_adapt(ep, data);
    tcp_rack_probe_acked(ep, data, &d, host);
    if (r->state != TCP_OPEN || d.sacked || d.duplicate || !d.text) {
        if (d.advanced && reneges(ep, data, host))
            return;
        alert(ep, data, seg, &d, host);
    }
    if (r->state == TCP_RECOVERING) {
        if (profile->recovery)
            tcp_reduction_acked(ep, data, &d);
    } else {
        /* Linux's tcp_may_raise_cwnd(): what was SACKed alone does not count, unless there is much reordering. */
        bool may = d.advanced || (profile->recovery && data->rack.reordering > TCP_DUP_THRESH);
        uint32_t acked = profile->recovery ? d.delivered : ep->snd_una - d.una;
        if (may && acked > 0 && tcp_congestion_limited(ep, data, profile, flight))
            profile->congestion->grow(ep, data, acked, profile, host->now);
    }
}

void tcp_recovery_late_ack(struct tcp_endpoint *ep, struct tcp_data *data, const struct synfin_segment *seg,
                           struct synfin_host *host)
{
    struct tcp_delivery d = {.una = ep->snd_una,
                             .high = data->recovery.high,
                             .first = SYNFIN_NEVER,
                             .last = SYNFIN_NEVER,
                             .sacked_first = SYNFIN_NEVER,
                             .sacked_last = SYNFIN_NEVER};
    take_blocks(ep, data, seg, &d, host);
    alert(ep, data, seg, &d, host);
}

/* ---- Sending again ----------------------------------------------------------------------------------------------- */

/* RFC 6675 4, NextSeg(): (3), else (4), once in a recovery. */
static uint32_t next_unlost(struct tcp_endpoint *ep, struct tcp_data *data, uint32_t *from)
{
    struct tcp_recovery *r = &data->recovery;
    uint32_t start = ep->snd_una;
    for (uint32_t i = 0; i < data->board.count; i++) {
        const struct tcp_run *run = tcp_board_run(data, i);
        uint32_t length = run->end - start;
        bool below = data->board.sacked > 0 && tcp_lt(start, data->board.highest);
        if (!(run->marks & (TCP_SACKED | TCP_REPEATED | TCP_LOST)) && (below || !r->rescued)) {
            r->rescued = r->rescued || !below;
            *from = start;
            if (!below && length > ep->mss)
                *from = run->end - ep->mss;
            return length < ep->mss ? length : ep->mss;
        }
        start = run->end;
    }
    return 0;
}

static bool send_segment(struct tcp_endpoint *ep, struct tcp_data *data, uint32_t from, uint32_t length,
                         struct synfin_host *host)
{
    struct tcp_recovery *r = &data->recovery;
    if (from != ep->snd_una && from - ep->snd_una >= ep->snd_wnd)
        return false;
    tcp_board_need(ep, data, 2, host);
    if (!tcp_board_again(ep, data, from, length, false, host->now))
        return false;
    if (r->state == TCP_RECOVERING)
        r->prr_out += length;
    if (!r->stamped) {
        r->stamped = true;
        r->again_stamp = tcp_timestamp(ep->ts_offset, host->now);
    }
    r->undo_bytes = (r->undo_bytes < 0 ? 0 : r->undo_bytes) + length;
    if (from == ep->snd_una && !ep->rack_timer)
        data->flags |= TCP_TIMER_DUE | TCP_TIMER_FULL;
    tcp_send_again(ep, from, length, host);
    return true;
}

/* As much of it as goes into a segment; FIN takes no room. */
static uint32_t one_segment(const struct tcp_endpoint *ep, uint32_t from, uint32_t length)
{
    uint32_t most = ep->mss + ((ep->flags & TCP_FIN_SENT) && from + length == ep->snd_nxt ? 1 : 0);
    return length < most ? length : most;
}

bool tcp_recovery_send(struct tcp_endpoint *ep, struct tcp_data *data, struct synfin_host *host)
{
    if (data->board.lost == 0 || (ep->flags & TCP_SYN_UNACKED)) /* a SYN waits for its timeout, with the data it has */
        return false;
    uint32_t from, length = tcp_board_next_lost(ep, data, &from);
    length = one_segment(ep, from, length);
    if (length == 0 || tcp_board_pipe(ep, data) + length > data->cwnd)
        return false;
    return send_segment(ep, data, from, length, host);
}

bool tcp_recovery_send_unlost(struct tcp_endpoint *ep, struct tcp_data *data, struct synfin_host *host)
{
    uint32_t from, length;
    if (data->recovery.state != TCP_RECOVERING || tcp_board_pipe(ep, data) + ep->mss > data->cwnd)
        return false;
    length = next_unlost(ep, data, &from);
    return length > 0 && send_segment(ep, data, from, length, host);
}

/* ---- Timers ------------------------------------------------------------------------------------------------------ */

synfin_time tcp_recovery_left(const struct tcp_endpoint *ep, struct tcp_data *data, synfin_time now)
{
    synfin_time left = data->board.count ? tcp_board_run(data, 0)->sent + ep->rto.rto - now : ep->rto.rto;
    return left > 1 ? left : 1;
}

void tcp_recovery_timer(struct tcp_endpoint *ep, struct tcp_data *data, struct synfin_host *host)
{
    const struct tcp_profile *profile = tcp_profile_of(host, &ep->head.sender);
    const struct tcp_recovery *r = &data->recovery;
    synfin_time wait = data->flags & TCP_TIMER_FULL ? ep->rto.rto : tcp_recovery_left(ep, data, host->now);
    data->flags &= (uint16_t)~(TCP_TIMER_DUE | TCP_TIMER_FULL);
    ep->rack_timer = false;
    ep->flags &= (uint16_t)~TCP_PROBE_DUE;
    if (ep->snd_una == ep->snd_nxt) {
        synfin_disarm(host, &ep->head, TCP_TIMER_RETRANSMIT);
        return;
    }
    if (profile->early_retrans >= 3 && r->state == TCP_OPEN) {
        synfin_time probe = tcp_timer_probe(ep, data, profile);
        ep->flags |= TCP_PROBE_DUE;
        wait = probe < wait ? probe : wait;
    }
    tcp_timer_start(ep, TCP_TIMER_RETRANSMIT, wait, host);
}

bool tcp_recovery_reordering(struct tcp_endpoint *ep, struct synfin_host *host)
{
    const struct tcp_profile *profile = tcp_profile_of(host, &ep->head.sender);
    struct tcp_data *data = ep->rack_timer ? tcp_data_of(ep, host) : NULL;
    if (!data)
        return false;
    struct tcp_recovery *r = &data->recovery;
    struct tcp_delivery d = {.una = ep->snd_una};
    uint32_t pipe = tcp_board_pipe(ep, data);
    ep->rack_timer = false;
    synfin_time wait = tcp_rack_detect(ep, data, &d, host->now);
    if (pipe != tcp_board_pipe(ep, data)) {
        if (r->state != TCP_RECOVERING) {
            enter_recovery(ep, data, profile);
            if (profile->recovery) {
                d.delivered = 1; /* as Linux does: one byte, so that a first retransmission goes out */
                tcp_reduction_acked(ep, data, &d);
            }
        }
        tcp_output(ep, host);
    }
    if (wait > 0 && !(data->flags & TCP_TIMER_DUE)) {
        ep->rack_timer = true;
        tcp_timer_start(ep, TCP_TIMER_RETRANSMIT, wait + 2 * SYNFIN_MS, host);
    } else {
        tcp_timer_start(ep, TCP_TIMER_RETRANSMIT, ep->rto.rto, host);
    }
    return true;
}

/* Linux's tcp_timeout_mark_lost(): all but what RACK gives more time. */
static void lose_all(struct tcp_endpoint *ep, struct tcp_data *data, const struct tcp_profile *profile, synfin_time now)
{
    struct tcp_delivery d = {0};
    uint32_t start = ep->snd_una;
    if (data->board.count > 0 && tcp_board_run(data, 0)->marks & TCP_SACKED)
        tcp_board_forget_sacks(data);
    for (uint32_t i = 0; i < data->board.count; i++) {
        struct tcp_run *run = tcp_board_run(data, i);
        uint32_t begin = start;
        start = run->end;
        if (run->marks & TCP_SACKED || (i > 0 && profile->recovery && tcp_rack_left(data, run, 0, now) > 0))
            continue;
        tcp_board_lose(data, run, begin, &d);
    }
    tcp_board_tidy(data);
}

void tcp_recovery_timeout(struct tcp_endpoint *ep, struct tcp_data *data, struct synfin_host *host)
{
    const struct tcp_profile *profile = tcp_profile_of(host, &ep->head.sender);
    struct tcp_recovery *r = &data->recovery;
    bool fresh = r->state < TCP_RECOVERING, first = ep->retransmissions <= 1;
    uint32_t ssthresh = tcp_reduction_ssthresh(data), cwnd = data->cwnd;
    lose_all(ep, data, profile, host->now);
    /* Once in a window (RFC 5681 3.1, RFC 6582 4.2). */
    if (r->state <= TCP_DISORDER || tcp_le(r->high, ep->snd_una) || (r->state == TCP_LOSS && first)) {
        r->prior_ssthresh = ssthresh;
        r->prior_cwnd = cwnd;
        data->ssthresh = profile->congestion->ssthresh(data, ep->mss, flight_of(ep));
        tcp_undo_begin(ep, data, profile);
    }
    if (profile->congestion->timeout)
        profile->congestion->timeout(data);
    data->cwnd = (profile->recovery ? tcp_board_pipe(ep, data) : 0) + ep->mss;
    data->counted = data->fraction = data->duplicates = 0;
    /* Linux's tcp_enter_loss(): with so much SACKed and no recovery the degree of reordering was too high. */
    if (r->state <= TCP_DISORDER && data->board.sacked >= TCP_DUP_THRESH * (uint32_t)ep->mss &&
        data->rack.reordering > TCP_DUP_THRESH)
        data->rack.reordering = TCP_DUP_THRESH;
    r->state = TCP_LOSS;
    r->high = ep->snd_nxt;
    r->probed = r->new_first = false;
    r->frto = profile->frto && (fresh || !first);
    uint32_t length = one_segment(ep, ep->snd_una, tcp_board_run(data, 0)->end - ep->snd_una);
    send_segment(ep, data, ep->snd_una, length, host);
    data->flags &= (uint16_t)~(TCP_TIMER_DUE | TCP_TIMER_FULL); /* the caller starts it */
}
