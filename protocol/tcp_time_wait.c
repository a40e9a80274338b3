/* SPDX-License-Identifier: BSD-2-Clause */
/* TIME-WAIT: a record that answers for a connection that is over (RFC 9293 3.10.7.4, RFC 6191, RFC 1337). */
#include "tcp.h"

#include <string.h>

/* What is kept of the connection. */
struct remains {
    uint32_t snd_nxt, rcv_nxt;
    uint32_t ts_recent, ts_offset;
    uint32_t answered; /* when the last answer was sent, ms; `is_answered`: at all */
    uint16_t window;   /* field of our segments */
    uint16_t scale : 4; /* of that */
    uint16_t timestamps : 1, is_answered : 1;
    uint16_t before : 10; /* ms from TIME-WAIT's beginning to when its time began anew last; at most BEFORE_MOST */
};

enum { BEFORE_MOST = 1023 };

static_assert(sizeof(struct remains) <= SYNFIN_TIME_WAIT_DATA, "a record's data has room for it");

static synfin_time duration_of(const struct tcp_profile *profile, const struct synfin_host *host)
{
    return tcp_wait_end(profile, host->now, &profile->wait_time_wait) - host->now;
}

/* Linux's TCP_TIMEWAIT_LEN, whatever time_wait is. */
enum { TIME_WAIT_LEN = 60 };

/* Linux's tcp_fin_time() */
static synfin_time fin_time(const struct tcp_endpoint *ep, const struct tcp_profile *profile)
{
    synfin_time least = 4 * ep->rto.rto - ep->rto.rto / 2;
    return profile->fin_timeout > least ? profile->fin_timeout : least;
}

/* What is beyond a minute the connection spends as it is, and as much again as a record (tcp_keepalive_timer()). */
static bool in_two_parts(const struct tcp_endpoint *ep, const struct tcp_profile *profile)
{
    return profile->rules == TCP_RULES_LINUX && fin_time(ep, profile) > TIME_WAIT_LEN * SYNFIN_S;
}

synfin_time tcp_fin_wait_2(const struct tcp_endpoint *ep, const struct tcp_profile *profile)
{
    if (profile->rules != TCP_RULES_LINUX)
        return profile->fin_timeout;
    return fin_time(ep, profile) - (in_two_parts(ep, profile) ? TIME_WAIT_LEN * SYNFIN_S : 0);
}

/* Linux's tcp_time_wait(): a connection in FIN-WAIT-2 whose user is gone becomes a record like those in TIME-WAIT. */
void tcp_time_wait_counts(struct tcp_endpoint *ep, struct synfin_host *host)
{
    const struct tcp_profile *profile = tcp_profile_of(host, &ep->head.sender);
    if (!(ep->flags & TCP_ORPHAN) || profile->rules != TCP_RULES_LINUX || !profile->fin_timeout ||
        (ep->retransmissions == 0 && in_two_parts(ep, profile)))
        return;
    ep->is_record = 1;
    host->time_waits++;
    ep->flags &= (uint16_t)~TCP_ANSWERED; /* that was the connection, not the record */
}

/* tcp_in_window() of Linux */
static bool in_record_window(const struct tcp_endpoint *ep, const struct synfin_segment *seg, uint32_t window)
{
    uint32_t end = seg->seq + tcp_segment_length(seg), beyond = ep->rcv_nxt + window;
    return seg->seq == ep->rcv_nxt || (tcp_lt(ep->rcv_nxt, end) && tcp_lt(seg->seq, beyond)) ||
           (seg->seq == beyond && seg->seq == end);
}

/* The FIN that it waits for, whatever else the segment says. */
static void fin_for_record(struct tcp_endpoint *ep, const struct synfin_segment *seg, struct synfin_host *host)
{
    ep->rcv_nxt++;
    if ((ep->flags & TCP_TIMESTAMPS) && (seg->bits & SYNFIN_HAS_TIMESTAMPS))
        ep->ts_recent = seg->tsval;
    synfin_tell(host, &ep->head, SYNFIN_PEER_CLOSED, 0);
    if (tcp_state_of(ep) != TCP_FIN_WAIT_2)
        return;
    tcp_emit_ack(ep, host);
    tcp_time_wait_enter(ep, host);
}

/* tcp_timewait_state_process() of Linux, in FIN-WAIT-2: any reset in the window is believed, another SYN or data draws
   one, and the ACK field is not looked at. */
bool tcp_fin_wait_2_segment(struct tcp_endpoint *ep, const struct synfin_segment *seg, struct synfin_host *host)
{
    if (!ep->is_record)
        return false;
    const struct tcp_profile *profile = tcp_profile_of(host, &ep->head.sender);
    uint32_t length = tcp_segment_length(seg);
    bool old = (ep->flags & TCP_TIMESTAMPS) && tcp_paws_old(seg, ep->ts_recent);
    if (old || !in_record_window(ep, seg, tcp_receive_window(ep, tcp_data_of(ep, host), profile))) {
        tcp_answer(ep, length == 0 || tcp_has(seg, SYNFIN_SYN), host);
        return true;
    }
    bool syn = tcp_has(seg, SYNFIN_SYN) && tcp_le(ep->rcv_nxt, seg->seq);
    bool news = tcp_has(seg, SYNFIN_ACK) && length > 0 && tcp_lt(ep->rcv_nxt, seg->seq + length);
    bool fin = tcp_has(seg, SYNFIN_FIN) && seg->seq + length == ep->rcv_nxt + 1;
    if (!tcp_has(seg, SYNFIN_RST) && !syn) {
        if (!news)
            return true;
        if (fin)
            fin_for_record(ep, seg, host);
        if (fin || !(ep->more & TCP_MORE_LEFT))
            return fin;
    }
    if (!tcp_has(seg, SYNFIN_RST))
        tcp_emit_reset(&ep->head.sender, seg, host);
    tcp_fail(ep, SYNFIN_RESET, host);
    return true;
}

/* CLOSED instead: Linux's TCPTimeWaitOverflow. */
static void overflow(struct tcp_endpoint *ep, struct synfin_host *host)
{
    tcp_listen_unqueue(ep, host);
    synfin_tell(host, &ep->head, SYNFIN_CLOSED, 1);
}

void tcp_time_wait_limit(struct tcp_endpoint *ep, struct synfin_host *host)
{
    if (!ep->is_record || host->time_waits <= tcp_profile_of(host, &ep->head.sender)->max_tw_buckets)
        return;
    tcp_time_wait_counts_no_more(ep, host);
    overflow(ep, host);
}

void tcp_fin_wait_2_over(struct tcp_endpoint *ep, struct synfin_host *host)
{
    const struct tcp_profile *profile = tcp_profile_of(host, &ep->head.sender);
    if (ep->retransmissions > 0 || !in_two_parts(ep, profile)) {
        tcp_closed(ep, host);
        return;
    }
    ep->retransmissions = 1; /* the second part */
    tcp_timer_start(ep, TCP_TIMER_RETRANSMIT, tcp_fin_wait_2(ep, profile), host);
    tcp_time_wait_counts(ep, host);
    tcp_time_wait_limit(ep, host);
}

void tcp_time_wait_enter(struct tcp_endpoint *ep, struct synfin_host *host)
{
    const struct tcp_profile *profile = tcp_profile_of(host, &ep->head.sender);
    tcp_time_wait_counts_no_more(ep, host);
    if (host->time_waits >= profile->max_tw_buckets) {
        overflow(ep, host);
        return;
    }
    struct remains r = {
        .snd_nxt = ep->snd_nxt,
        .rcv_nxt = ep->rcv_nxt,
        .ts_recent = ep->ts_recent,
        .ts_offset = ep->ts_offset,
        .window = tcp_window_said(ep, tcp_data_of(ep, host), profile, false),
        .scale = ep->flags & TCP_SCALING ? profile->window_shift & 15u : 0,
        .timestamps = (ep->flags & TCP_TIMESTAMPS) != 0,
    };
    struct synfin_time_wait *w = synfin_time_wait(host, &ep->head, duration_of(profile, host));
    if (w)
        memcpy(w->data, &r, sizeof(r));
}

/* <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>, at most one in invalid_ratelimit where `limited`. */
static void answer(struct synfin_time_wait *w, bool limited, const struct tcp_profile *profile,
                   struct synfin_host *host)
{
    struct remains r;
    memcpy(&r, w->data, sizeof(r));
    uint32_t now = (uint32_t)(host->now / SYNFIN_MS);
    if (limited && profile->invalid_ratelimit) {
        if (r.is_answered && (synfin_time)(now - r.answered) * SYNFIN_MS < profile->invalid_ratelimit)
            return;
        r.answered = now;
        r.is_answered = true;
        memcpy(w->data, &r, sizeof(r));
    }
    struct synfin_segment seg = {
        .seq = r.snd_nxt, .ack = r.rcv_nxt, .flags = SYNFIN_ACK, .window = r.window, .window_scale = SYNFIN_NO_SCALE};
    if (r.timestamps) {
        seg.bits = SYNFIN_HAS_TIMESTAMPS;
        seg.tsval = tcp_timestamp(r.ts_offset, host->now);
        seg.tsecr = r.ts_recent;
    }
    synfin_emit(host, &w->sender, &seg);
}

static bool in_window(const struct remains *r, uint32_t seq)
{
    return seq - r->rcv_nxt < (uint32_t)r->window << r->scale;
}

/* Second, check the RST bit. */
static void reset_arrives(struct synfin_time_wait *w, const struct remains *r, const struct synfin_segment *seg,
                          const struct tcp_profile *profile, struct synfin_host *host)
{
    if (seg->seq == r->rcv_nxt) {
        if (!profile->rfc1337)
            synfin_time_wait_end(host, w);
    } else if (profile->time_wait_rules == TCP_RULES_RFC9293 && in_window(r, seg->seq)) {
        answer(w, true, profile, host); /* RFC 5961 3.2 */
    }
}

/* RFC 6191: whether a SYN may begin a new connection: its timestamp, else its sequence number, must be greater. */
static bool may_reuse(const struct remains *r, const struct synfin_segment *seg, const struct tcp_profile *profile)
{
    /* Greater than the last one seen, the FIN's; in Linux, than the next one. */
    uint32_t last = profile->time_wait_rules == TCP_RULES_LINUX ? r->rcv_nxt : r->rcv_nxt - 1;
    if (tcp_lt(last, seg->seq))
        return true;
    if (!(seg->bits & SYNFIN_HAS_TIMESTAMPS))
        return false;
    if (r->timestamps)
        return tcp_lt(r->ts_recent, seg->tsval);
    return profile->timestamps && profile->time_wait_rules == TCP_RULES_RFC9293;
}

/* RFC 9293 3.4.1: above all that the old connection used; by how much is Linux's choice. */
static uint32_t next_isn(const struct remains *r)
{
    return r->snd_nxt + 65535 + 2;
}

/* How long the record has been in TIME-WAIT, in ms of the clock as Linux counts. */
static synfin_time time_waited(const struct synfin_time_wait *w, const struct remains *r,
                               const struct synfin_host *host)
{
    return r->before + host->now / SYNFIN_MS - w->entered / SYNFIN_MS;
}

/* The time begins anew; not that after which the port may be taken again. */
static void restart_time(struct synfin_time_wait *w, const struct tcp_profile *profile, struct synfin_host *host)
{
    struct remains r;
    memcpy(&r, w->data, sizeof(r));
    synfin_time before = time_waited(w, &r, host);
    r.before = (uint16_t)(before < BEFORE_MOST ? before : BEFORE_MOST) & BEFORE_MOST;
    memcpy(w->data, &r, sizeof(r));
    synfin_time_wait_restart(host, w, duration_of(profile, host));
}

/* Linux's tcp_twsk_unique() */
bool tcp_time_wait_take_over(struct synfin_time_wait *w, struct synfin_endpoint *e, bool chosen,
                             struct synfin_host *host)
{
    struct tcp_endpoint *ep = (struct tcp_endpoint *)e;
    const struct tcp_profile *profile = tcp_profile_of(host, &w->sender);
    struct remains r;
    memcpy(&r, w->data, sizeof(r));
    if (ep) {
        ep->snd_una = next_isn(&r);
        ep->ts_recent = r.ts_recent;
        ep->flags |= TCP_OFFER_TIMED;
        ep->more |= TCP_MORE_REUSES;
        return true;
    }
    if (profile->time_wait_rules != TCP_RULES_LINUX || !r.timestamps)
        return false;
    bool may = profile->tw_reuse == 1 || (profile->tw_reuse == 2 && w->sender.local == w->sender.remote);
    return chosen || (may && time_waited(w, &r, host) > 1000);
}

/* Ends TIME-WAIT in favour of a new connection, if somebody listens for it. */
static bool reuse(struct synfin_time_wait *w, const struct remains *r, const struct synfin_segment *seg,
                  struct synfin_host *host)
{
    struct tcp_endpoint *listener = (struct tcp_endpoint *)synfin_listener(host, seg);
    if (!listener || tcp_state_of(listener) != TCP_LISTEN)
        return false;
    uint32_t isn = next_isn(r);
    synfin_time_wait_end(host, w);
    tcp_listen_syn(listener, seg, &isn, host);
    return true;
}

/* 3.10.7.4, as far as it concerns TIME-WAIT */
void tcp_time_wait_segment(struct synfin_time_wait *w, const struct synfin_segment *seg, struct synfin_host *host)
{
    const struct tcp_profile *profile = tcp_profile_of(host, &w->sender);
    struct remains r;
    memcpy(&r, w->data, sizeof(r));
    uint32_t length = tcp_segment_length(seg);
    bool old = r.timestamps && tcp_paws_old(seg, r.ts_recent);

    if (tcp_has(seg, SYNFIN_RST)) {
        if (!old)
            reset_arrives(w, &r, seg, profile, host);
        return;
    }
    bool may = (seg->flags & (SYNFIN_SYN | SYNFIN_ACK)) == SYNFIN_SYN && !old && may_reuse(&r, seg, profile);
    if (may && reuse(w, &r, seg, host))
        return;
    bool bare = !old && seg->seq == r.rcv_nxt && length == 0; /* calls for no answer */
    if (bare && r.timestamps && (seg->bits & SYNFIN_HAS_TIMESTAMPS)) {
        r.ts_recent = seg->tsval; /* RFC 7323 4.3 (2) */
        memcpy(w->data, &r, sizeof(r));
    }
    bool restart, linux = profile->time_wait_rules == TCP_RULES_LINUX; /* a SYN that nobody listens for has no limit */
    if (linux) {
        restart = bare || old || tcp_has(seg, SYNFIN_ACK);
    } else {
        /* Fifth, check the ACK field. A retransmission of the FIN restarts the 2 MSL timeout. */
        if (!old && in_window(&r, seg->seq) && !tcp_has(seg, SYNFIN_SYN | SYNFIN_ACK))
            return;
        restart = tcp_has(seg, SYNFIN_FIN) && seg->seq + length == r.rcv_nxt;
    }
    if (!bare)
        answer(w, length == 0 || (tcp_has(seg, SYNFIN_SYN) && !(may && linux)), profile, host);
    if (restart)
        restart_time(w, profile, host);
}
