/* SPDX-License-Identifier: BSD-2-Clause */
/* Selective acknowledgments: what the receiver reports (RFC 2018; duplicates by RFC 2883). */
#include "tcp.h"

#include <string.h>

enum { MOST_OPTIONS = 40, TIMESTAMPS_SIZE = 12, SACK_HEAD = 4, BLOCK_SIZE = 8 };

/* RFC 2018 4: the first block holds the segment that has just arrived, the others repeat the latest ones. */
void tcp_sack_block(struct tcp_data *data, uint32_t start, uint32_t end)
{
    uint32_t kept = 1, sack[2 * SYNFIN_SACK_BLOCKS] = {start, end};
    for (uint32_t i = 0; i < data->sacks && kept < SYNFIN_SACK_BLOCKS; i++) {
        uint32_t from = data->sack[2 * i], to = data->sack[2 * i + 1];
        if (tcp_le(start, from) && tcp_le(to, end))
            continue; /* part of the first */
        sack[2 * kept] = from;
        sack[2 * kept++ + 1] = to;
    }
    memcpy(data->sack, sack, sizeof(sack));
    data->sacks = kept;
}

void tcp_sack_advance(struct tcp_data *data, uint32_t next)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < data->sacks; i++) {
        if (tcp_le(data->sack[2 * i], next))
            continue;
        data->sack[2 * kept] = data->sack[2 * i];
        data->sack[2 * kept++ + 1] = data->sack[2 * i + 1];
    }
    data->sacks = kept;
}

/* Several duplicates before an ACK make one block. */
void tcp_sack_duplicate(struct tcp_data *data, uint32_t start, uint32_t end)
{
    bool first = data->twice[0] == data->twice[1];
    if (first || tcp_lt(start, data->twice[0]))
        data->twice[0] = start;
    if (first || tcp_lt(data->twice[1], end))
        data->twice[1] = end;
}

void tcp_sack_put(const struct tcp_endpoint *ep, struct tcp_data *data, struct synfin_segment *seg)
{
    uint32_t room = MOST_OPTIONS - (seg->bits & SYNFIN_HAS_TIMESTAMPS ? TIMESTAMPS_SIZE : 0);
    if (room > (uint32_t)ep->mss - seg->length)
        room = (uint32_t)ep->mss - seg->length;
    uint32_t n = 0, most = room > SACK_HEAD ? (room - SACK_HEAD) / BLOCK_SIZE : 0;
    /* RFC 2883 4: a duplicate is told once, in the first block. */
    if (data->twice[0] != data->twice[1] && most > 0) {
        memcpy(seg->option, data->twice, sizeof(data->twice));
        data->twice[0] = data->twice[1];
        n = 1;
    }
    for (uint32_t i = 0; i < data->sacks && n < most; i++, n++)
        memcpy(&seg->option[2 * n], &data->sack[2 * i], BLOCK_SIZE);
    if (n == 0)
        return;
    seg->bits |= SYNFIN_HAS_SACK;
    if (n < SYNFIN_SACK_BLOCKS)
        seg->option[2 * n] = seg->option[2 * n + 1] = 0;
}
