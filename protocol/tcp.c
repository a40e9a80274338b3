/* SPDX-License-Identifier: BSD-2-Clause */
/* TCP as a protocol: its descriptor, and the user's calls (RFC 9293 3.10.1 to 3.10.5). */
#include "tcp.h"

void tcp_fail(struct tcp_endpoint *ep, enum synfin_failure reason, struct synfin_host *host)
{
    tcp_listen_leave(ep, host);
    tcp_listen_unqueue(ep, host);
    tcp_time_wait_counts_no_more(ep, host);
    synfin_tell(host, &ep->head, SYNFIN_FAILED, reason);
}

void tcp_closed(struct tcp_endpoint *ep, struct synfin_host *host)
{
    tcp_listen_unqueue(ep, host);
    tcp_time_wait_counts_no_more(ep, host);
    synfin_tell(host, &ep->head, SYNFIN_CLOSED, 0);
}

/* 3.10.1 OPEN, active */
static void tcp_open(struct synfin_endpoint *e, struct synfin_host *host)
{
    struct tcp_endpoint *ep = (struct tcp_endpoint *)e;
    assert(e->sender.state == TCP_CLOSED);
    tcp_begin(ep, NULL, host);
    synfin_enter(host, e, TCP_SYN_SENT);
    tcp_send_syn(ep, 0, NULL, host);
}

/* 3.10.2 SEND */
static void tcp_send(struct synfin_endpoint *e, uint64_t bytes, struct synfin_host *host)
{
    struct tcp_endpoint *ep = (struct tcp_endpoint *)e;
    if (bytes == 0 || (ep->flags & TCP_CLOSE_CALLED))
        return; /* error: connection closing */
    struct tcp_data *data;
    switch (e->sender.state) {
    case TCP_SYN_SENT:
    case TCP_SYN_RECEIVED: /* queued until ESTABLISHED */
        data = tcp_data_take(ep, host);
        if (data)
            data->unsent += bytes;
        if (data && (ep->more & TCP_MORE_FAST))
            tcp_output(ep, host);
        break;
    case TCP_ESTABLISHED:
    case TCP_CLOSE_WAIT:
        data = tcp_data_take(ep, host);
        if (data) {
            data->unsent += bytes;
            tcp_output(ep, host);
        }
        break;
    default: /* error: connection does not exist, or is closing */
        break;
    }
}

static __attribute__((noinline)) void shutdown_early(struct tcp_endpoint *ep, struct synfin_host *host)
{
    switch (tcp_state_of(ep)) {
    case TCP_LISTEN:
        synfin_enter(host, &ep->head, TCP_CLOSED);
        break;
    case TCP_SYN_SENT: /* delete the TCB */
        tcp_closed(ep, host);
        break;
    case TCP_SYN_RECEIVED: {
        /* FIN at once where no data waits, else once ESTABLISHED. */
        ep->flags |= TCP_CLOSE_CALLED;
        struct tcp_data *data = tcp_data_of(ep, host);
        if (data && data->unsent)
            break;
        tcp_listen_leave(ep, host);
        synfin_enter(host, &ep->head, TCP_FIN_WAIT_1);
        if (tcp_profile_of(host, &ep->head.sender)->keepalive && !(ep->flags & TCP_ORPHAN))
            tcp_keepalive_begin(ep, host); /* it passes ESTABLISHED by */
        tcp_output(ep, host);
        break;
    }
    default: /* error: connection does not exist, or is closing */
        break;
    }
}

/* 3.10.4 CLOSE; the user may go on to receive */
static void tcp_shutdown(struct synfin_endpoint *e, struct synfin_host *host)
{
    struct tcp_endpoint *ep = (struct tcp_endpoint *)e;
    uint8_t state = e->sender.state;
    if (state != TCP_ESTABLISHED && state != TCP_CLOSE_WAIT) {
        shutdown_early(ep, host);
        return;
    }
    ep->flags |= TCP_CLOSE_CALLED;
    if (state == TCP_ESTABLISHED) /* in any case; from CLOSE-WAIT, LAST-ACK once FIN is sent */
        synfin_enter(host, e, TCP_FIN_WAIT_1);
    tcp_output(ep, host);
}

/* Ends the wait in FIN-WAIT-2 for a peer whose FIN nobody waits for. */
static __attribute__((noinline)) void orphan_in_fin_wait_2(struct tcp_endpoint *ep, struct synfin_host *host)
{
    const struct tcp_profile *profile = tcp_profile_of(host, &ep->head.sender);
    ep->flags |= TCP_ORPHAN;
    if (!profile->fin_timeout || profile->rules != TCP_RULES_LINUX)
        return;
    tcp_timer_start(ep, TCP_TIMER_RETRANSMIT, tcp_fin_wait_2(ep, profile), host);
    tcp_time_wait_counts(ep, host);
    if (!(ep->flags & TCP_ACK_DUE)) /* else its FIN has come, and TIME-WAIT is next */
        tcp_time_wait_limit(ep, host);
}

static void tcp_close(struct synfin_endpoint *e, struct synfin_host *host)
{
    struct tcp_endpoint *ep = (struct tcp_endpoint *)e;
    if (tcp_state_of(ep) == TCP_FIN_WAIT_2 && !(ep->flags & TCP_ORPHAN))
        orphan_in_fin_wait_2(ep, host);
    ep->flags |= TCP_ORPHAN;
    tcp_shutdown(e, host);
}

static void tcp_leave(struct synfin_endpoint *e, struct synfin_host *host)
{
    ((struct tcp_endpoint *)e)->more |= TCP_MORE_LEFT;
    tcp_close(e, host);
}

static void tcp_accept(struct synfin_endpoint *e, struct synfin_host *host)
{
    tcp_listen_unqueue((struct tcp_endpoint *)e, host);
}

/* 3.10.5 ABORT */
static void tcp_abort(struct synfin_endpoint *e, struct synfin_host *host)
{
    struct tcp_endpoint *ep = (struct tcp_endpoint *)e;
    switch (e->sender.state) {
    case TCP_CLOSED:
        break;
    case TCP_LISTEN:
        synfin_enter(host, e, TCP_CLOSED);
        break;
    case TCP_SYN_SENT: /* nothing is sent: the peer knows of nothing */
        tcp_fail(ep, SYNFIN_TIMEOUT, host);
        break;
    case TCP_CLOSING:
    case TCP_LAST_ACK:
        tcp_fail(ep, SYNFIN_RESET, host);
        break;
    default: /* <SEQ=SND.NXT><CTL=RST>; Linux's has ACK too */
        tcp_emit(ep,
                 tcp_profile_of(host, &e->sender)->rules == TCP_RULES_LINUX ? SYNFIN_RST | SYNFIN_ACK : SYNFIN_RST,
                 ep->snd_nxt, 0, host);
        tcp_fail(ep, SYNFIN_RESET, host);
        break;
    }
}

static const char *const states[] = {
    "CLOSED",     "LISTEN",     "SYN-SENT", "SYN-RECEIVED", "ESTABLISHED", "FIN-WAIT-1",
    "FIN-WAIT-2", "CLOSE-WAIT", "CLOSING",  "LAST-ACK",     "TIME-WAIT",   NULL,
};

static_assert(sizeof(states) / sizeof(states[0]) == TCP_STATES + 1, "a name for each state");

const struct synfin_protocol tcp_protocol = {
    .name = "tcp",
    .help = "Transmission Control Protocol",
    .source = "RFC 9293; timers RFC 6298; congestion control RFC 5681, 6582, 9438; losses RFC 2018, 6675, 8985; "
              "options RFC 7323; resets RFC 5961",
    .number = SYNFIN_TCP,
    .time_wait_state = TCP_TIME_WAIT,
    .states = states,
    .params = tcp_params,
    .profiles = tcp_profiles,
    .config_size = sizeof(struct tcp_profile),
    .endpoint_size = sizeof(struct tcp_endpoint),
    .extra_size = sizeof(struct tcp_data),
    .large_size = sizeof(struct tcp_large),
    .prepare = tcp_profile_prepare,
    .listen = tcp_listen,
    .open = tcp_open,
    .segment = tcp_segment,
    .stray = tcp_stray,
    .time_wait = tcp_time_wait_segment,
    .timer = tcp_timer_expires,
    .send = tcp_send,
    .close = tcp_close,
    .abort = tcp_abort,
    .timer_name = tcp_timer_name,
    .shutdown = tcp_shutdown,
    .leave = tcp_leave,
    .accept = tcp_accept,
    .open_with = tcp_fast_open,
    .take_over = tcp_time_wait_take_over,
};
