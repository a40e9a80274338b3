/* SPDX-License-Identifier: BSD-2-Clause */
#include "pcap_packet.h"

#include <assert.h>
#include <string.h>

enum {
    IPV4_SIZE = 20,
    TCP_SIZE = 20,
    UDP_SIZE = 8,
    TTL = 64,
    DONT_FRAGMENT = 0x4000,
    OPTION_NOP = 1, /* RFC 9293 3.2; RFC 7323, RFC 2018 */
    OPTION_MSS = 2,
    OPTION_SCALE = 3,
    OPTION_SACK_PERMITTED = 4,
    OPTION_SACK = 5,
    OPTION_FAST_OPEN = 34,
    OPTION_TIMESTAMPS = 8,
};

static unsigned char *put8(unsigned char *to, unsigned x)
{
    *to++ = (unsigned char)x;
    return to;
}

static unsigned char *put16(unsigned char *to, unsigned x)
{
    return put8(put8(to, x >> 8 & 0xff), x & 0xff);
}

static unsigned char *put32(unsigned char *to, uint32_t x)
{
    return put16(put16(to, x >> 16), x & 0xffff);
}

/* The Internet checksum (RFC 1071) of an even number of bytes on top of `sum`; zeros that follow change nothing. */
static unsigned checksum(const unsigned char *from, size_t size, uint32_t sum)
{
    assert(size % 2 == 0);
    for (size_t i = 0; i < size; i += 2)
        sum += (uint32_t)from[i] << 8 | from[i + 1];
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return ~sum & 0xffff;
}

/* RFC 791 3.1. RFC 6864 4.1: the ID of a packet that is not to be fragmented may be anything; the ordinal helps. */
static unsigned char *put_ipv4(unsigned char *to, const struct synfin_segment *s)
{
    unsigned char *begin = to;

    to = put8(to, 0x45);
    to = put8(to, 0);
    to = put16(to, synfin_segment_size(s) & 0xffff);
    to = put16(to, s->ordinal & 0xffff);
    to = put16(to, DONT_FRAGMENT);
    to = put8(to, TTL);
    to = put8(to, s->protocol);
    to = put16(to, 0);
    to = put32(to, s->source);
    to = put32(to, s->destination);
    put16(begin + 10, checksum(begin, IPV4_SIZE, 0));
    return to;
}

/* MSS, SACK permitted, timestamps, window scale, SACK or Fast Open: Linux's order, padded before the last. */
static unsigned char *put_options(unsigned char *to, const struct synfin_segment *s)
{
    unsigned char option[40], *at = option;
    unsigned char *end = to + synfin_options_size(s);
    size_t before = 0; /* bytes before the last option */

    if (s->mss)
        at = put16(put16(at, OPTION_MSS << 8 | 4), s->mss);
    if (s->bits & SYNFIN_SACK_PERMITTED) {
        before = (size_t)(at - option);
        at = put16(at, OPTION_SACK_PERMITTED << 8 | 2);
    }
    if (s->bits & SYNFIN_HAS_TIMESTAMPS) {
        before = (size_t)(at - option);
        at = put32(put32(put16(at, OPTION_TIMESTAMPS << 8 | 10), s->tsval), s->tsecr);
    }
    if (s->window_scale != SYNFIN_NO_SCALE) {
        before = (size_t)(at - option);
        at = put8(put16(at, OPTION_SCALE << 8 | 3), s->window_scale);
    }
    if (s->bits & SYNFIN_HAS_SACK) {
        bool syn = (s->flags & SYNFIN_SYN) != 0;
        uint32_t words = syn ? s->option[0] || s->option[1] ? 2 : 0 : 2 * synfin_sack_blocks(s);
        before = (size_t)(at - option);
        at = put16(at, (syn ? OPTION_FAST_OPEN : OPTION_SACK) << 8 | (2 + 4 * words));
        for (uint32_t i = 0; i < words; i++)
            at = put32(at, s->option[i]);
    }
    size_t size = (size_t)(at - option);
    memcpy(to, option, before);
    memset(to + before, OPTION_NOP, (size_t)(end - to) - size);
    memcpy(end - (size - before), option + before, size - before);
    return end;
}

/* The sum of the pseudo-header (RFC 9293 3.1, RFC 768). */
static uint32_t pseudo(const struct synfin_segment *s)
{
    return (s->source >> 16) + (s->source & 0xffff) + (s->destination >> 16) + (s->destination & 0xffff) + s->protocol +
           synfin_segment_size(s) - IPV4_SIZE;
}

static unsigned char *put_tcp(unsigned char *to, const struct synfin_segment *s)
{
    unsigned char *begin = to;
    size_t size = TCP_SIZE + synfin_options_size(s);

    to = put16(to, s->source_port);
    to = put16(to, s->destination_port);
    to = put32(to, s->seq);
    to = put32(to, s->flags & SYNFIN_ACK ? s->ack : 0);
    to = put8(to, (unsigned)size / 4 << 4);
    to = put8(to, s->flags);
    to = put16(to, s->window);
    to = put32(to, 0); /* checksum, urgent pointer */
    to = put_options(to, s);
    put16(begin + 16, checksum(begin, size, pseudo(s)));
    return to;
}

static unsigned char *put_udp(unsigned char *to, const struct synfin_segment *s)
{
    unsigned char *begin = to;

    to = put16(to, s->source_port);
    to = put16(to, s->destination_port);
    to = put16(to, UDP_SIZE + s->length);
    to = put16(to, 0);
    unsigned sum = checksum(begin, UDP_SIZE, pseudo(s));
    put16(begin + 6, sum ? sum : 0xffff); /* 0 would say that there is none */
    return to;
}

size_t pcap_headers(unsigned char to[PCAP_HEADERS_MAX], const struct synfin_segment *s)
{
    unsigned char *end = put_ipv4(to, s);

    end = s->protocol == SYNFIN_TCP ? put_tcp(end, s) : put_udp(end, s);
    return (size_t)(end - to);
}
