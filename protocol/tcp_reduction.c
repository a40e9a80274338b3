/* SPDX-License-Identifier: BSD-2-Clause */
/* The congestion window in recovery with SACK: reduced in proportion to what is delivered, and back again where the
   reduction was for nothing. */
#include "tcp.h"

uint32_t tcp_reduction_ssthresh(const struct tcp_data *data)
{
    uint32_t most = data->cwnd / 4 * 3;
    return data->recovery.state == TCP_RECOVERING || data->ssthresh > most ? data->ssthresh : most;
}

void tcp_reduction_begin(struct tcp_endpoint *ep, struct tcp_data *data, const struct tcp_profile *profile)
{
    struct tcp_recovery *r = &data->recovery;
    r->high = ep->snd_nxt;
    r->probed = false;
    r->prior_cwnd = data->cwnd;
    r->prr_delivered = r->prr_out = 0;
    data->counted = data->fraction = 0;
    data->ssthresh = profile->congestion->ssthresh(data, ep->mss, ep->snd_nxt - ep->snd_una);
}

/* RFC 6937 3: in proportion, then by the slow start reduction bound; in whole segments, as Linux counts. */
void tcp_reduction_acked(struct tcp_endpoint *ep, struct tcp_data *data, const struct tcp_delivery *d)
{
    struct tcp_recovery *r = &data->recovery;
    uint32_t pipe = tcp_board_pipe(ep, data);
    int64_t send;
    if (d->delivered == 0 || r->prior_cwnd == 0)
        return;
    r->prr_delivered += d->delivered;
    if (pipe > data->ssthresh) {
        uint64_t part = (uint64_t)r->prior_cwnd * ep->mss;
        send = (int64_t)(((uint64_t)data->ssthresh * r->prr_delivered + part - 1) / part * ep->mss) - r->prr_out;
    } else {
        send = (int64_t)r->prr_delivered - r->prr_out;
        if (send < d->delivered)
            send = d->delivered;
        if (d->advanced && d->lost == 0)
            send += ep->mss;
        if (send > data->ssthresh - pipe)
            send = data->ssthresh - pipe;
    }
    /* Entering recovery, a fast retransmission goes out whatever the window. */
    int64_t least = r->prr_out ? 0 : ep->mss;
    data->cwnd = pipe + (uint32_t)(send > least ? send : least);
}

/* ---- Undo -------------------------------------------------------------------------------------------------------- */

void tcp_undo_begin(const struct tcp_endpoint *ep, struct tcp_data *data, const struct tcp_profile *profile)
{
    struct tcp_recovery *r = &data->recovery;
    r->undo = profile->recovery != 0;
    r->undo_from = ep->snd_una;
    r->undo_bytes = data->board.again ? (int64_t)data->board.again : -1;
}

bool tcp_undo_of_original(const struct tcp_endpoint *ep, const struct tcp_data *data, const struct synfin_segment *seg)
{
    return data->recovery.stamped && (ep->flags & TCP_TIMESTAMPS) && (seg->bits & SYNFIN_HAS_TIMESTAMPS) &&
           tcp_lt(seg->tsecr, data->recovery.again_stamp);
}

bool tcp_undo_may(const struct tcp_endpoint *ep, const struct tcp_data *data, const struct synfin_segment *seg)
{
    const struct tcp_recovery *r = &data->recovery;
    return r->undo && (r->undo_bytes == 0 || tcp_undo_of_original(ep, data, seg));
}

void tcp_undo(struct tcp_data *data, bool unmark)
{
    struct tcp_recovery *r = &data->recovery;
    if (unmark)
        tcp_board_forget_losses(data);
    if (r->prior_ssthresh) {
        data->cwnd = data->cwnd > r->prior_cwnd ? data->cwnd : r->prior_cwnd;
        data->ssthresh = data->ssthresh > r->prior_ssthresh ? data->ssthresh : r->prior_ssthresh;
    }
    r->undo = false;
    data->rack.advanced = true; /* losses are looked at anew */
}

bool tcp_undo_duplicates(struct tcp_data *data)
{
    struct tcp_recovery *r = &data->recovery;
    if (!r->undo || r->undo_bytes != 0)
        return false;
    if (data->rack.persist < TCP_RACK_RECOVERIES)
        data->rack.persist++;
    tcp_undo(data, false);
    return true;
}
