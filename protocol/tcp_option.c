/* SPDX-License-Identifier: BSD-2-Clause */
/* Options of a SYN: MSS (RFC 9293 3.7.1), window scale, timestamps (RFC 7323), SACK-permitted (RFC 2018). */
#include "tcp.h"

enum { DEFAULT_MSS = 536, TIMESTAMPS_SIZE = 12, MOST_SCALE = 14 };

void tcp_option_take(struct tcp_endpoint *ep, const struct synfin_segment *seg, const struct tcp_profile *profile)
{
    unsigned options = seg->bits & (TCP_SACK | TCP_TIMESTAMPS);
    if (seg->window_scale != SYNFIN_NO_SCALE)
        options |= TCP_SCALING;
    options &= profile->options;
    ep->flags |= (uint16_t)options;
    /* RFC 9293 3.7.1: without the option 536 is assumed. */
    uint32_t mss = seg->mss ? seg->mss : DEFAULT_MSS;
    if (mss > profile->mss)
        mss = (uint32_t)profile->mss;
    if (options & TCP_SCALING) /* RFC 7323 2.3: a shift over 14 counts as 14 */
        ep->snd_scale = seg->window_scale < MOST_SCALE ? seg->window_scale : MOST_SCALE;
    if (options & TCP_TIMESTAMPS) {
        ep->ts_recent = seg->tsval;
        /* RFC 9293 3.7.1: the option stands in every segment, at the expense of data. */
        mss = mss > 2 * TIMESTAMPS_SIZE ? mss - TIMESTAMPS_SIZE : TIMESTAMPS_SIZE;
    }
    ep->mss = (uint16_t)mss;
}
