/* SPDX-License-Identifier: BSD-2-Clause */
/* Keep-alives (RFC 9293 3.8.4), where the user wants them. The timer is not restarted as segments come: where it
   expires too early, it runs on for what is left (as Linux's tcp_keepalive_timer() has it). */
#include "tcp.h"

void tcp_keepalive_begin(struct tcp_endpoint *ep, struct synfin_host *host)
{
    const struct tcp_profile *profile = tcp_profile_of(host, &ep->head.sender);
    struct tcp_data *data = tcp_data_take(ep, host);
    if (!data)
        return;
    data->flags |= TCP_KEEPALIVE;
    data->heard = host->now;
    tcp_timer_start(ep, TCP_TIMER_KEEPALIVE, profile->keepalive_time, host);
}

/* Whether the peer has been silent for too long: so many keep-alives, or for the user timeout. */
static bool gives_up(const struct tcp_data *data, const struct tcp_profile *profile, synfin_time silence)
{
    if (profile->user_timeout)
        return data->keepalives > 0 && silence >= profile->user_timeout;
    return data->keepalives >= profile->keepalive_probes;
}

void tcp_keepalive(struct tcp_endpoint *ep, struct synfin_host *host)
{
    const struct tcp_profile *profile = tcp_profile_of(host, &ep->head.sender);
    struct tcp_data *data = tcp_data_of(ep, host);
    synfin_time silence = host->now - data->heard;
    if (ep->flags & TCP_ORPHAN)
        return;
    if (ep->snd_una != ep->snd_nxt || data->unsent) {
        tcp_timer_start(ep, TCP_TIMER_KEEPALIVE, profile->keepalive_time, host); /* retransmissions find out */
        return;
    }
    if (silence < profile->keepalive_time) {
        tcp_timer_start(ep, TCP_TIMER_KEEPALIVE, profile->keepalive_time - silence, host);
        return;
    }
    if (gives_up(data, profile, silence)) {
        tcp_emit(ep, SYNFIN_RST | SYNFIN_ACK, ep->snd_nxt, 0, host);
        tcp_fail(ep, SYNFIN_TIMEOUT, host);
        return;
    }
    data->keepalives++;
    tcp_emit(ep, SYNFIN_ACK, ep->snd_una - 1, 0, host); /* a number that the peer has: it must answer */
    tcp_timer_start(ep, TCP_TIMER_KEEPALIVE, profile->keepalive_intvl, host);
}
