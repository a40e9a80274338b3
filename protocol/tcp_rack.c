/* SPDX-License-Identifier: BSD-2-Clause */
/* RACK-TLP, RFC 8985: losses found by time, tail loss probes. Where Linux goes its own way, its way. */
#include "tcp.h"

enum { MOST_STEPS = 255, MOST_REORDERING = 300 };

/* RACK_sent_after() of RFC 8985, with the order of what was sent at one time. */
static bool sent_after(synfin_time a, uint16_t a_order, uint32_t a_end, synfin_time b, uint16_t b_order, uint32_t b_end)
{
    if (a != b)
        return a > b;
    return a_order != b_order ? (int16_t)(a_order - b_order) > 0 : tcp_lt(b_end, a_end);
}

/* 6.2, step 2. An acknowledgment sooner than any before is of the first transmission. */
void tcp_rack_delivered(struct tcp_data *data, const struct tcp_run *run, uint32_t end, synfin_time now)
{
    struct tcp_rack *rack = &data->rack;
    synfin_time rtt = now - run->sent;
    if ((run->marks & (TCP_AGAIN | TCP_REPEATED)) && rtt < rack->min_rtt)
        return;
    rack->advanced = true;
    rack->rtt = rtt;
    if (sent_after(run->sent, run->order, end, rack->sent, rack->order, rack->end)) {
        rack->sent = run->sent;
        rack->order = run->order;
        rack->end = end;
    }
}

/* Step 3 */
void tcp_rack_reordered(struct tcp_endpoint *ep, struct tcp_data *data, uint32_t from)
{
    struct tcp_rack *rack = &data->rack;
    uint32_t distance = (data->board.highest - from + ep->mss - 1) / ep->mss;
    if (distance > rack->reordering)
        rack->reordering = distance < MOST_REORDERING ? distance : MOST_REORDERING;
    rack->reordering_seen = true;
}

/* Step 4: RACK_update_reo_wnd() */
void tcp_rack_adapt(const struct tcp_endpoint *ep, struct tcp_data *data)
{
    struct tcp_rack *rack = &data->rack;
    if (rack->widened && !tcp_lt(ep->snd_una, rack->round_end))
        rack->widened = false;
    if (rack->duplicate_seen && !rack->widened) { /* once in a round trip */
        rack->steps = rack->steps < MOST_STEPS ? rack->steps + 1 : MOST_STEPS;
        rack->round_end = ep->snd_nxt;
        rack->widened = true;
        rack->persist = TCP_RACK_RECOVERIES;
    } else if (rack->persist == 0) {
        rack->steps = 1;
    }
    rack->duplicate_seen = false;
}

static synfin_time reordering_window(const struct tcp_endpoint *ep, const struct tcp_data *data)
{
    const struct tcp_rack *rack = &data->rack;
    if (!rack->reordering_seen &&
        (data->recovery.state >= TCP_RECOVERING || data->board.sacked >= rack->reordering * (uint32_t)ep->mss))
        return 0;
    synfin_time window = rack->min_rtt / 4 * rack->steps;
    return window < ep->rto.srtt ? window : ep->rto.srtt;
}

synfin_time tcp_rack_left(const struct tcp_data *data, const struct tcp_run *run, synfin_time window, synfin_time now)
{
    return run->sent + data->rack.rtt + window - now;
}

/* Step 5: RACK_detect_loss() */
synfin_time tcp_rack_detect(struct tcp_endpoint *ep, struct tcp_data *data, struct tcp_delivery *d, synfin_time now)
{
    struct tcp_rack *rack = &data->rack;
    synfin_time window = reordering_window(ep, data), longest = 0;
    uint32_t start = ep->snd_una, lost = d->lost;
    rack->advanced = false;
    for (uint32_t i = 0; i < data->board.count; i++) {
        struct tcp_run *run = tcp_board_run(data, i);
        uint32_t begin = start;
        start = run->end;
        if ((run->marks & TCP_SACKED) || (run->marks & (TCP_LOST | TCP_AGAIN)) == TCP_LOST)
            continue;
        if (!sent_after(rack->sent, rack->order, rack->end, run->sent, run->order, run->end)) {
            if (!(run->marks & TCP_REPEATED) && data->board.again == 0)
                break; /* what follows was sent later still */
            continue;
        }
        synfin_time left = tcp_rack_left(data, run, window, now);
        if (left <= 0)
            tcp_board_lose(data, run, begin, d);
        else if (left > longest)
            longest = left;
    }
    if (d->lost != lost)
        tcp_board_tidy(data);
    return longest;
}

/* ---- Tail loss probes (7) ---------------------------------------------------------------------------------------- */

/* 7.3: new data, else the last segment again; one probe at a time. It is no timeout. */
void tcp_rack_probe(struct tcp_endpoint *ep, struct tcp_data *data, struct synfin_host *host)
{
    struct tcp_recovery *r = &data->recovery;
    synfin_time wait = tcp_recovery_left(ep, data, host->now);
    if (!r->probed) {
        uint32_t next = ep->snd_nxt;
        wait = ep->rto.rto; /* anew from the probe */
        tcp_send_probe(ep, host);
        r->probed = true;
        r->probe_again = next == ep->snd_nxt;
        r->probe_end = ep->snd_nxt;
    }
    data->flags &= (uint16_t)~(TCP_TIMER_DUE | TCP_TIMER_FULL);
    tcp_timer_start(ep, TCP_TIMER_RETRANSMIT, wait, host);
}

/* 7.4: TLP_process_ack() */
void tcp_rack_probe_acked(struct tcp_endpoint *ep, struct tcp_data *data, const struct tcp_delivery *d,
                          struct synfin_host *host)
{
    struct tcp_recovery *r = &data->recovery;
    if (!r->probed || tcp_lt(ep->snd_una, r->probe_end))
        return;
    if (!r->probe_again || d->probe_duplicate) {
        r->probed = false; /* nothing was lost */
    } else if (tcp_lt(r->probe_end, ep->snd_una)) {
        /* The probe repaired a loss: as if recovery had been and gone. */
        tcp_reduction_begin(ep, data, tcp_profile_of(host, &ep->head.sender));
        data->cwnd = data->ssthresh;
        r->state = TCP_OPEN;
    } else if (!d->advanced && !d->text && !d->sacked) {
        r->probed = false; /* both arrived */
    }
}
