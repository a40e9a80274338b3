/* SPDX-License-Identifier: BSD-2-Clause */
/* LISTEN (RFC 9293 3.10.7.2) and the queue of half-open connections. */
#include "tcp.h"

/* 3.10.1 OPEN, passive */
void tcp_listen(struct synfin_endpoint *e, struct synfin_host *host, uint64_t backlog)
{
    struct tcp_endpoint *listener = (struct tcp_endpoint *)e;
    const struct tcp_profile *profile = tcp_profile_of(host, &e->sender);
    listener->listener.backlog = (uint32_t)(backlog < profile->somaxconn ? backlog : profile->somaxconn);
    listener->listener.half_open = listener->listener.young = 0;
    listener->listener.waiting = listener->fast_open = 0;
    listener->listener.cookie_sent = 0;
    synfin_enter(host, e, TCP_LISTEN);
}

void tcp_listen_crowded(struct tcp_endpoint *listener)
{
    listener->head.host_bits |= SYNFIN_CROWDED;
}

/* RFC 9293 sets no bound. */
static bool syn_queue_full(const struct tcp_endpoint *listener, const struct tcp_profile *profile)
{
    return profile->max_syn_backlog && listener->listener.half_open > listener->listener.backlog;
}

/* Whether a SYN is dropped. Where there are no cookies, a quarter of max_syn_backlog is kept free. A peer whose last
   connection was in TIME-WAIT is real: `known`. */
static bool no_room(const struct tcp_endpoint *listener, bool known, const struct tcp_profile *profile)
{
    if (tcp_listen_full(listener))
        return true;
    if (known || profile->syncookies || !profile->max_syn_backlog)
        return false;
    return syn_queue_full(listener, profile) ||
           listener->listener.half_open + profile->max_syn_backlog / 4 > profile->max_syn_backlog;
}

static void enter_accept_queue(struct tcp_endpoint *ep, struct tcp_endpoint *listener)
{
    if (!(listener->head.host_bits & SYNFIN_QUEUES))
        return;
    ep->flags |= TCP_QUEUED;
    listener->listener.waiting++;
}

/* RFC 7413 4.2.2: the user gets the data of the SYN, and may answer, before the handshake ends. */
static void open_fast(struct tcp_endpoint *listener, struct tcp_endpoint *ep, const struct synfin_segment *seg,
                      struct synfin_host *host)
{
    listener->listener.half_open--;
    listener->listener.young--;
    listener->fast_open++;
    ep->more = (uint8_t)((ep->more & ~TCP_MORE_YOUNG) | TCP_MORE_FAST);
    uint32_t n = seg->length > 0 ? tcp_receive(ep, ep->rcv_nxt, seg->length, false, host) : 0;
    enter_accept_queue(ep, listener);
    tcp_send_syn(ep, 0, NULL, host);
    struct tcp_data *data = tcp_data_of(ep, host);
    if (data)
        data->next = ep->snd_nxt;
    synfin_tell(host, &ep->head, SYNFIN_EARLY, 0);
    if (n > 0 && tcp_state_of(ep) != TCP_CLOSED)
        synfin_tell(host, &ep->head, SYNFIN_DATA, n);
}

void tcp_listen_syn(struct tcp_endpoint *listener, const struct synfin_segment *seg, const uint32_t *isn,
                    struct synfin_host *host)
{
    const struct tcp_profile *profile = tcp_profile_of(host, &listener->head.sender);
    if (no_room(listener, isn != NULL, profile)) {
        tcp_listen_crowded(listener);
        return;
    }
    if (!isn && (profile->syncookies == 2 || (profile->syncookies && syn_queue_full(listener, profile)))) {
        if (profile->syncookies != 2)
            tcp_listen_crowded(listener);
        tcp_cookie_answer(listener, seg, host);
        return;
    }
    struct tcp_endpoint *ep = (struct tcp_endpoint *)synfin_spawn(host, &listener->head, seg);
    if (!ep)
        return;
    tcp_begin(ep, isn, host);
    ep->rcv_nxt = seg->seq + 1;
    tcp_option_take(ep, seg, profile);
    if (ep->flags & TCP_TIMESTAMPS)
        ep->flags |= TCP_OFFER_TIMED;
    ep->snd_wnd = ep->max_snd_wnd = seg->window;
    ep->flags |= TCP_HALF_OPEN;
    ep->more |= TCP_MORE_YOUNG;
    listener->listener.half_open++;
    listener->listener.young++;
    synfin_enter(host, &ep->head, TCP_SYN_RECEIVED);
    uint32_t cookie[2];
    enum tcp_fast_open fast = TCP_FAST_OPEN_NOT;
    if (seg->bits & SYNFIN_FAST_OPEN)
        fast = tcp_fast_open_check(listener, seg, cookie, host);
    if (fast == TCP_FAST_OPEN_TAKE) {
        open_fast(listener, ep, seg, host);
        return;
    }
    tcp_send_syn(ep, 0, fast == TCP_FAST_OPEN_GIVE ? cookie : NULL, host);
    if (seg->length > 0 || tcp_has(seg, SYNFIN_FIN))
        tcp_syn_text_keep(ep, seg, host);
}

/* Takes the endpoint out of its listener's queue of half-open connections. */
static void leave(struct tcp_endpoint *ep, struct tcp_endpoint *listener)
{
    ep->flags &= (uint16_t)~TCP_HALF_OPEN;
    uint32_t *count = ep->more & TCP_MORE_FAST ? &listener->fast_open : &listener->listener.half_open;
    assert(*count > 0);
    --*count;
    if (ep->more & TCP_MORE_YOUNG)
        listener->listener.young--;
}

void tcp_listen_leave(struct tcp_endpoint *ep, struct synfin_host *host)
{
    if (ep->flags & TCP_HALF_OPEN)
        leave(ep, (struct tcp_endpoint *)synfin_parent(host, &ep->head));
}

void tcp_listen_established(struct tcp_endpoint *ep, struct tcp_endpoint *listener)
{
    if (ep->flags & TCP_HALF_OPEN)
        leave(ep, listener);
    ep->flags &= (uint16_t)~TCP_ANSWERED; /* that was the half-open connection */
    if (!(ep->more & TCP_MORE_FAST) && !(ep->flags & TCP_CLOSE_CALLED)) /* else nobody will accept it */
        enter_accept_queue(ep, listener);
}

bool tcp_listen_closed(const struct tcp_endpoint *ep, struct synfin_host *host)
{
    if (!(ep->flags & TCP_HALF_OPEN))
        return false;
    const struct synfin_endpoint *listener = synfin_parent(host, (struct synfin_endpoint *)&ep->head);
    return listener && listener->sender.state != TCP_LISTEN;
}

void tcp_listen_aged(struct tcp_endpoint *ep, struct synfin_host *host)
{
    if (!(ep->more & TCP_MORE_YOUNG))
        return;
    ep->more &= (uint8_t)~TCP_MORE_YOUNG;
    ((struct tcp_endpoint *)synfin_parent(host, &ep->head))->listener.young--;
}

bool tcp_listen_silent(const struct tcp_endpoint *ep, const struct tcp_profile *profile)
{
    return (ep->more & TCP_MORE_DEFERRED) && ep->retransmissions + 1 < profile->defer_timeouts;
}

void tcp_listen_accepted(struct tcp_endpoint *ep, struct synfin_host *host)
{
    ep->flags &= (uint16_t)~TCP_QUEUED;
    struct tcp_endpoint *listener = (struct tcp_endpoint *)synfin_parent(host, &ep->head);
    assert(listener && listener->listener.waiting > 0);
    listener->listener.waiting--;
}

static __attribute__((noinline)) void any_in_listen(struct tcp_endpoint *listener, const struct synfin_segment *seg,
                                                    struct synfin_host *host)
{
    /* First, check for a RST. */
    if (tcp_has(seg, SYNFIN_RST))
        return;
    /* Second, check for an ACK. */
    if (tcp_has(seg, SYNFIN_ACK)) {
        if (!tcp_has(seg, SYNFIN_SYN) && tcp_cookie_accept(listener, seg, host))
            return;
        tcp_emit_reset(&listener->head.sender, seg, host);
        return;
    }
    /* Third, check for a SYN, of which Linux takes none with FIN. Fourth, drop what else there is. */
    bool fin = tcp_has(seg, SYNFIN_FIN) && tcp_profile_of(host, &listener->head.sender)->rules == TCP_RULES_LINUX;
    if (tcp_has(seg, SYNFIN_SYN) && !fin)
        tcp_listen_syn(listener, seg, NULL, host);
}

/* 3.10.7.2 LISTEN STATE */
void tcp_segment_in_listen(struct tcp_endpoint *listener, const struct synfin_segment *seg, struct synfin_host *host)
{
    if ((seg->flags & (SYNFIN_RST | SYNFIN_ACK | SYNFIN_SYN | SYNFIN_FIN)) == SYNFIN_SYN)
        tcp_listen_syn(listener, seg, NULL, host);
    else
        any_in_listen(listener, seg, host);
}
