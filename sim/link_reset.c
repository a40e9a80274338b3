/* SPDX-License-Identifier: BSD-2-Clause */
#include "host.h"
#include "link.h"

/* RFC 9293 3.10.7.1: what a host without such a connection would answer. */
static void answer(struct synfin_segment *reset, const struct synfin_segment *seg)
{
    uint32_t length = seg->length + (seg->flags & SYNFIN_SYN ? 1u : 0u) + (seg->flags & SYNFIN_FIN ? 1u : 0u);
    reset->source = seg->destination;
    reset->destination = seg->source;
    reset->source_port = seg->destination_port;
    reset->destination_port = seg->source_port;
    reset->to = seg->from;
    reset->bits ^= SYNFIN_BACKWARD;
    if (seg->flags & SYNFIN_ACK) {
        reset->seq = seg->ack;
    } else {
        reset->flags |= SYNFIN_ACK;
        reset->ack = seg->seq + length;
    }
}

struct synfin_segment link_reset(const struct synfin_segment *seg, bool back)
{
    struct synfin_segment reset = {.source = seg->source,
                                   .destination = seg->destination,
                                   .source_port = seg->source_port,
                                   .destination_port = seg->destination_port,
                                   .flags = SYNFIN_RST,
                                   .window_scale = SYNFIN_NO_SCALE,
                                   .protocol = SYNFIN_TCP,
                                   .bits = seg->bits & (SYNFIN_BACKWARD | SYNFIN_COPY),
                                   .connection = seg->connection,
                                   .ordinal = seg->ordinal | INJECTED_ORDINAL,
                                   .from = SYNFIN_NONE,
                                   .to = seg->to};
    if (back) {
        answer(&reset, seg);
        return reset;
    }
    /* In the segment's place: the receiver expects that number, and believes it in SYN-SENT for its ACK. */
    reset.seq = seg->seq;
    reset.ack = seg->ack;
    reset.flags |= seg->flags & SYNFIN_ACK;
    return reset;
}
