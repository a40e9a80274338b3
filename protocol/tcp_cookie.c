/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SYN cookies, as Linux makes them: an initial sequence number that says, to who knows the secret, which SYN it
 * answers, when, and what MSS the peer takes; window scale and SACK-permitted stand in the low bits of the timestamp.
 */
#include "tcp.h"

enum {
    COOKIE_BITS = 24,             /* of the sum that hides the MSS; the minute stands above */
    COOKIE_AGE = 2,               /* minutes that a cookie is good for */
    OPTION_BITS = 6,              /* of the timestamp: window scale 4, SACK 1, ECN 1 (never) */
    OPTION_NO_SCALE = 0xf,
    OPTION_SACK = 0x10,
};

static const uint16_t mss_table[] = {536, 1300, 1440, 1460};

static uint64_t minute_of(const struct synfin_host *host)
{
    return (uint64_t)(host->now / (60 * SYNFIN_S));
}

static uint32_t hash(const struct synfin_segment *syn, uint64_t minute, uint64_t which, const struct synfin_host *host)
{
    uint64_t key[2] = {host->secret[0] ^ minute, host->secret[1] ^ which};
    return (uint32_t)tcp_siphash(key, (uint64_t)syn->source << 32 | syn->destination,
                                 (uint32_t)syn->source_port << 16 | syn->destination_port);
}

/* Linux's secure_tcp_syn_cookie(); `seq`: of the peer's SYN. */
static uint32_t cookie_of(const struct synfin_segment *syn, uint32_t seq, uint32_t mss_index,
                          const struct synfin_host *host)
{
    uint64_t minute = minute_of(host);
    uint32_t low = (hash(syn, minute, 2, host) + mss_index) & ((1u << COOKIE_BITS) - 1);
    return hash(syn, 0, 1, host) + seq + (uint32_t)(minute << COOKIE_BITS) + low;
}

/* Which MSS, -1: it is no cookie, or too old. */
static int cookie_check(const struct synfin_segment *ack, const struct synfin_host *host)
{
    uint32_t rest = ack->ack - 1 - hash(ack, 0, 1, host) - (ack->seq - 1);
    uint64_t minute = minute_of(host), age = (minute - (rest >> COOKIE_BITS)) & 0xff;
    if (age >= COOKIE_AGE || age > minute)
        return -1;
    uint32_t index = (rest - hash(ack, minute - age, 2, host)) & ((1u << COOKIE_BITS) - 1);
    return index < sizeof(mss_table) / sizeof(mss_table[0]) ? (int)index : -1;
}

static uint32_t mss_index(const struct synfin_segment *syn)
{
    uint32_t i = sizeof(mss_table) / sizeof(mss_table[0]) - 1;
    while (i > 0 && mss_table[i] > syn->mss)
        i--;
    return i;
}

void tcp_cookie_answer(struct tcp_endpoint *listener, const struct synfin_segment *syn, struct synfin_host *host)
{
    const struct tcp_profile *profile = tcp_profile_of(host, &listener->head.sender);
    struct synfin_sender peer = {.local = syn->destination,
                                 .remote = syn->source,
                                 .local_port = syn->destination_port,
                                 .remote_port = syn->source_port};
    struct tcp_endpoint request = {0}; /* what a connection would say */
    uint32_t ts_offset;
    tcp_isn(&peer, host, &ts_offset);
    tcp_option_take(&request, syn, profile);
    struct synfin_segment seg = {.seq = cookie_of(syn, syn->seq, mss_index(syn), host),
                                 .ack = syn->seq + 1,
                                 .flags = SYNFIN_SYN | SYNFIN_ACK,
                                 .window_scale = SYNFIN_NO_SCALE};
    uint32_t window = profile->window_offered[request.flags & TCP_TIMESTAMPS ? 1 : 0];
    seg.window = (uint16_t)(window < UINT16_MAX ? window : UINT16_MAX);
    tcp_option_offer(&request, &seg, profile);
    if (!(request.flags & TCP_TIMESTAMPS)) {
        /* Nowhere to keep them: they are not agreed on. */
        seg.window_scale = SYNFIN_NO_SCALE;
        seg.bits &= (uint8_t)~SYNFIN_SACK_PERMITTED;
    } else {
        uint32_t clock = tcp_timestamp(0, host->now), options = OPTION_NO_SCALE;
        if (request.flags & TCP_SCALING)
            options = request.snd_scale;
        if (request.flags & TCP_SACK)
            options |= OPTION_SACK;
        uint32_t stamp = (clock & ~((1u << OPTION_BITS) - 1)) | options;
        seg.tsval = (stamp > clock ? stamp - (1u << OPTION_BITS) : stamp) + ts_offset;
        seg.tsecr = syn->tsval;
    }
    synfin_emit(host, &listener->head.sender, &seg);
    listener->listener.cookie_sent = host->now + 1;
}

bool tcp_cookie_accept(struct tcp_endpoint *listener, const struct synfin_segment *ack, struct synfin_host *host)
{
    const struct tcp_profile *profile = tcp_profile_of(host, &listener->head.sender);
    synfin_time sent = listener->listener.cookie_sent;
    if (!profile->syncookies || !sent || host->now + 1 - sent > COOKIE_AGE * 60 * SYNFIN_S)
        return false;
    int index = cookie_check(ack, host);
    if (index < 0)
        return false;
    if (tcp_listen_full(listener)) { /* as if the ACK had been lost */
        tcp_listen_crowded(listener);
        return true;
    }
    struct tcp_endpoint *ep = (struct tcp_endpoint *)synfin_spawn(host, &listener->head, ack);
    if (!ep)
        return true;
    uint32_t cookie = ack->ack - 1;
    tcp_begin(ep, &cookie, host);
    ep->snd_nxt = ack->ack;
    ep->rcv_nxt = ack->seq;
    /* The SYN as far as it is known. */
    struct synfin_segment syn = {.mss = mss_table[index], .window_scale = SYNFIN_NO_SCALE};
    if (profile->timestamps && (ack->bits & SYNFIN_HAS_TIMESTAMPS)) {
        uint32_t options = (ack->tsecr - ep->ts_offset) & ((1u << OPTION_BITS) - 1);
        syn.bits = SYNFIN_HAS_TIMESTAMPS | (options & OPTION_SACK ? SYNFIN_SACK_PERMITTED : 0);
        syn.tsval = ack->tsval;
        if ((options & OPTION_NO_SCALE) != OPTION_NO_SCALE)
            syn.window_scale = options & OPTION_NO_SCALE;
    }
    tcp_option_take(ep, &syn, profile);
    ep->flags |= TCP_SYN_UNACKED;
    ep->more |= TCP_MORE_COOKIE;
    synfin_enter(host, &ep->head, TCP_SYN_RECEIVED);
    tcp_segment(&ep->head, ack, host);
    return true;
}
