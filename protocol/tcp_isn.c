/* SPDX-License-Identifier: BSD-2-Clause */
/* Initial sequence numbers by RFC 6528: ISN = M + F(four-tuple, secret), with M a clock of 4 us. */
#include "tcp.h"

static inline uint64_t rotate(uint64_t x, unsigned n)
{
    return x << n | x >> (64 - n);
}

static inline void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[2] += v[3];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] = rotate(v[0], 32);
    v[2] += v[1];
    v[0] += v[3];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] = rotate(v[2], 32);
}

static inline void sip_block(uint64_t v[4], uint64_t word)
{
    v[3] ^= word;
    sip_round(v);
    v[0] ^= word;
}

static inline uint64_t siphash(const uint64_t key[2], uint64_t word, uint32_t rest)
{
    uint64_t v[4] = {
        UINT64_C(0x736f6d6570736575) ^ key[0],
        UINT64_C(0x646f72616e646f6d) ^ key[1],
        UINT64_C(0x6c7967656e657261) ^ key[0],
        UINT64_C(0x7465646279746573) ^ key[1],
    };
    sip_block(v, word);
    sip_block(v, UINT64_C(12) << 56 | rest);
    v[2] ^= 0xff;
    sip_round(v);
    sip_round(v);
    sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

uint64_t tcp_siphash(const uint64_t key[2], uint64_t word, uint32_t rest)
{
    return siphash(key, word, rest);
}

uint32_t tcp_isn(const struct synfin_sender *s, const struct synfin_host *host, uint32_t *ts_offset)
{
    uint64_t f =
        siphash(host->secret, (uint64_t)s->local << 32 | s->remote, (uint32_t)s->local_port << 16 | s->remote_port);
    *ts_offset = (uint32_t)(f >> 32);
    return (uint32_t)f + (uint32_t)((uint64_t)host->now / (4 * SYNFIN_US));
}
