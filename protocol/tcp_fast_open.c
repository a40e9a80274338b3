/* SPDX-License-Identifier: BSD-2-Clause */
/* TCP Fast Open, RFC 7413: data in the SYN, for a client that brings back a cookie of an earlier connection. */
#include "tcp.h"

enum { MOST_OPTIONS = 40 };
enum { FAST_OPEN_CLIENT = 1, FAST_OPEN_SERVER = 2 }; /* bits of the setting */

bool tcp_fast_open(struct synfin_endpoint *e, uint64_t bytes, struct synfin_host *host)
{
    struct tcp_endpoint *ep = (struct tcp_endpoint *)e;
    const struct tcp_profile *profile = tcp_profile_of(host, &e->sender);
    const uint64_t *known = profile->fastopen & FAST_OPEN_CLIENT ? synfin_peer(host, e->sender.remote) : NULL;
    struct tcp_data *data = NULL;
    assert(e->sender.state == TCP_CLOSED);
    tcp_begin(ep, NULL, host);
    synfin_enter(host, e, TCP_SYN_SENT);
    if (known && *known)
        data = tcp_data_take(ep, host);
    if (!data) {
        tcp_send_syn(ep, 0, known ? (const uint32_t[]){0, 0} : NULL, host);
        return false;
    }
    /* 4.2.1: what fits in a segment next to as many options as there can be. */
    uint64_t most = profile->mss - MOST_OPTIONS;
    uint32_t length = (uint32_t)(bytes < most ? bytes : most);
    data->unsent = bytes - length;
    tcp_send_syn(ep, length, (const uint32_t[]){(uint32_t)(*known >> 32), (uint32_t)*known}, host);
    data->next = ep->snd_nxt;
    return true;
}

/* 4.1.2: a function of the client's address that only the server can work out; never 0, which asks for one. */
static uint64_t cookie_for(uint32_t client, const struct synfin_host *host)
{
    return tcp_siphash(host->secret, client, 0) | 1;
}

enum tcp_fast_open tcp_fast_open_check(const struct tcp_endpoint *listener, const struct synfin_segment *syn,
                                       uint32_t cookie[2], struct synfin_host *host)
{
    const struct tcp_profile *profile = tcp_profile_of(host, &listener->head.sender);
    if (!(profile->fastopen & FAST_OPEN_SERVER) || !profile->fastopen_queue)
        return TCP_FAST_OPEN_NOT;
    /* 4.2.2, 5.1: with as many of them pending it is an ordinary SYN. In Linux there is no cookie either. */
    bool full = listener->fast_open >= profile->fastopen_queue;
    if (full && profile->rules == TCP_RULES_LINUX)
        return TCP_FAST_OPEN_NOT;
    uint64_t right = cookie_for(syn->source, host);
    cookie[0] = (uint32_t)(right >> 32);
    cookie[1] = (uint32_t)right;
    if (syn->option[0] != cookie[0] || syn->option[1] != cookie[1])
        return TCP_FAST_OPEN_GIVE;
    return full ? TCP_FAST_OPEN_NOT : TCP_FAST_OPEN_TAKE;
}

void tcp_fast_open_keep(const struct tcp_endpoint *ep, const struct synfin_segment *seg, struct synfin_host *host)
{
    uint64_t *known = synfin_peer(host, ep->head.sender.remote);
    if (known && (seg->option[0] || seg->option[1]))
        *known = (uint64_t)seg->option[0] << 32 | seg->option[1];
}
