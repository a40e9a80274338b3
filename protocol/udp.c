/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * UDP (RFC 768) with a request and a response: the client's application repeats its request until it has the whole
 * response; the server answers a repeated request again. A datagram says the offset of its data in the message (seq)
 * and the size of the message (ack).
 */
#include "protocols.h"
#include "ranges.h"

#include <assert.h>

enum { UDP_CLOSED, UDP_LISTEN, UDP_OPEN };

struct udp_settings {
    uint64_t payload;
    synfin_time retry;
    uint64_t retries;
    bool backoff;
    synfin_time idle;
};

#define AT(member) offsetof(struct udp_settings, member)

static const struct synfin_param params[] = {
    {"payload", SYNFIN_SIZE, "1472B", "1B..65507B", "most bytes of data in a datagram", AT(payload)},
    {"retry", SYNFIN_DURATION, "1s", "1us..1h", "time until the client repeats a request without whole response",
     AT(retry)},
    {"retries", SYNFIN_COUNT, "5", "0..20", "how often at most", AT(retries)},
    {"backoff", SYNFIN_SWITCH, "true", NULL, "the time doubles with each repetition", AT(backoff)},
    {"idle", SYNFIN_DURATION, "60s", "1us..24h", "time without a request after which the server forgets the client",
     AT(idle)},
    {0},
};

/* Either side. */
struct udp_endpoint {
    struct synfin_endpoint head;
    struct ranges *early; /* of the peer's message, out of order; NULL: nothing so far */
    uint32_t message;  /* size of what the user sent */
    uint32_t received; /* bytes of the peer's message, in order */
    uint32_t expected; /* its size, 0: not known */
    uint8_t repeats;   /* of the request */
    bool server;
};

enum { MESSAGE_MAX = INT32_MAX };

static const struct udp_settings *settings_of(const struct udp_endpoint *ep, const struct synfin_host *host)
{
    return synfin_settings_of(host, &ep->head.sender);
}

/* Sends the message from `offset` on. */
static void transmit(struct udp_endpoint *ep, uint32_t offset, struct synfin_host *host)
{
    uint32_t payload = (uint32_t)settings_of(ep, host)->payload;
    while (offset < ep->message) {
        uint32_t rest = ep->message - offset;
        struct synfin_segment datagram = {.seq = offset,
                                          .ack = ep->message,
                                          .length = (uint16_t)(rest < payload ? rest : payload),
                                          .window_scale = SYNFIN_NO_SCALE};
        offset += datagram.length;
        synfin_emit(host, &ep->head.sender, &datagram);
    }
}

/* Slot 0: the client's retry, the server's idle time. */
static void start(struct udp_endpoint *ep, struct synfin_host *host)
{
    const struct udp_settings *settings = settings_of(ep, host);
    synfin_time duration = ep->server ? settings->idle : settings->retry << (settings->backoff ? ep->repeats : 0);
    synfin_arm(host, &ep->head, 0, host->now + duration, duration);
}

static void udp_listen(struct synfin_endpoint *e, struct synfin_host *host, uint64_t backlog)
{
    (void)backlog; /* nothing is half-open */
    synfin_enter(host, e, UDP_LISTEN);
}

static void udp_open(struct synfin_endpoint *e, struct synfin_host *host)
{
    synfin_enter(host, e, UDP_OPEN);
    synfin_tell(host, e, SYNFIN_ESTABLISHED, 0);
}

static void udp_send(struct synfin_endpoint *e, uint64_t bytes, struct synfin_host *host)
{
    struct udp_endpoint *ep = (struct udp_endpoint *)e;
    uint32_t offset = ep->message;
    if (e->sender.state != UDP_OPEN || bytes == 0)
        return;
    ep->message = bytes < MESSAGE_MAX - offset ? offset + (uint32_t)bytes : MESSAGE_MAX;
    transmit(ep, offset, host);
    if (!ep->server)
        start(ep, host);
}

/* The client is done; the server stays for repeated requests until its idle time is over. */
static void udp_close(struct synfin_endpoint *e, struct synfin_host *host)
{
    struct udp_endpoint *ep = (struct udp_endpoint *)e;
    if (e->sender.state == UDP_OPEN && !ep->server)
        synfin_tell(host, e, SYNFIN_CLOSED, 0);
}

static void udp_abort(struct synfin_endpoint *e, struct synfin_host *host)
{
    if (e->sender.state == UDP_OPEN)
        synfin_tell(host, e, SYNFIN_FAILED, SYNFIN_RESET);
}

/* Puts the datagram's data with the rest. How many bytes are in order that were not. */
static uint32_t take(struct udp_endpoint *ep, const struct synfin_segment *datagram, struct synfin_host *host)
{
    uint32_t before = ep->received, end = datagram->seq + datagram->length;
    if (datagram->seq <= before) {
        ep->received = end > before ? end : before;
        if (ep->early)
            ep->received = ranges_advance(ep->early, ep->received);
    } else {
        if (!ep->early && (ep->early = synfin_large(host, &ep->head)) != NULL)
            ep->early->count = 0;
        if (ep->early) /* where there is no room, it is as good as lost */
            ranges_add(ep->early, datagram->seq, end, (uint32_t[2]){0});
    }
    return ep->received - before;
}

static void datagram_arrives(struct udp_endpoint *ep, const struct synfin_segment *datagram, struct synfin_host *host)
{
    if (datagram->ack > MESSAGE_MAX || datagram->seq > datagram->ack ||
        datagram->length > datagram->ack - datagram->seq)
        return;
    ep->expected = datagram->ack;
    bool complete = ep->received >= ep->expected;
    if (ep->server) {
        start(ep, host);
        /* The request comes again although all of it was there: answered when its end comes. */
        if (complete && datagram->seq + datagram->length == ep->expected)
            transmit(ep, 0, host);
    }
    uint32_t n = take(ep, datagram, host);
    if (!ep->server && !complete && ep->received >= ep->expected)
        synfin_disarm(host, &ep->head, 0);
    if (n > 0)
        synfin_tell(host, &ep->head, SYNFIN_DATA, n);
}

static void udp_segment(struct synfin_endpoint *e, const struct synfin_segment *datagram, struct synfin_host *host)
{
    struct udp_endpoint *ep = (struct udp_endpoint *)e;
    if (e->sender.state == UDP_LISTEN) {
        ep = (struct udp_endpoint *)synfin_spawn(host, e, datagram);
        if (!ep)
            return;
        ep->server = true;
        synfin_enter(host, &ep->head, UDP_OPEN);
        synfin_tell(host, &ep->head, SYNFIN_ESTABLISHED, 0);
    }
    if (ep->head.sender.state == UDP_OPEN)
        datagram_arrives(ep, datagram, host);
}

/* Nobody there: the datagram is lost. */
static void udp_stray(struct synfin_sender *reply, const struct synfin_segment *datagram, struct synfin_host *host)
{
    (void)reply;
    (void)datagram;
    (void)host;
}

static void udp_timer(struct synfin_endpoint *e, unsigned slot, struct synfin_host *host)
{
    struct udp_endpoint *ep = (struct udp_endpoint *)e;
    assert(slot == 0);
    (void)slot;
    if (ep->server) {
        synfin_tell(host, e, SYNFIN_CLOSED, 0);
        return;
    }
    if (ep->repeats >= settings_of(ep, host)->retries) {
        synfin_tell(host, e, SYNFIN_FAILED, SYNFIN_TIMEOUT);
        return;
    }
    ep->repeats++;
    transmit(ep, 0, host);
    start(ep, host);
}

static const char *udp_timer_name(const struct synfin_endpoint *e, unsigned slot)
{
    (void)slot;
    return ((const struct udp_endpoint *)e)->server ? "IDLE" : "RETRY";
}

static const char *const states[] = {"CLOSED", "LISTEN", "OPEN", NULL};

const struct synfin_protocol udp_protocol = {
    .name = "udp",
    .help = "User Datagram Protocol: request and response, repeated by an application timer",
    .source = "RFC 768",
    .number = SYNFIN_UDP,
    .states = states,
    .params = params,
    .config_size = sizeof(struct udp_settings),
    .endpoint_size = sizeof(struct udp_endpoint),
    .large_size = sizeof(struct ranges),
    .listen = udp_listen,
    .open = udp_open,
    .segment = udp_segment,
    .stray = udp_stray,
    .timer = udp_timer,
    .send = udp_send,
    .close = udp_close,
    .abort = udp_abort,
    .timer_name = udp_timer_name,
};
