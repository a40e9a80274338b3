/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>

#include "builtin.h"

struct droptail {
    uint64_t rate; /* bit/s */
    struct synfin_limit limit;
};

/* A packet that waits, or waited: when its transmission starts. */
struct waiting_packet {
    synfin_time start;
    uint32_t size;
};

struct droptail_state {
    synfin_time free;   /* when the last packet taken has been transmitted, rounded down ... */
    uint64_t remainder; /* ... to a whole ns: 1/rate ns more, so that no rounding adds up */
    struct waiting_packet *ring;
    uint64_t capacity; /* a power of two, or 0 */
    uint64_t head, count, bytes, most;
};

static const struct synfin_param params[] = {
    {"rate", SYNFIN_RATE, NULL, "1kbit/s..1000Gbit/s", "of transmission", offsetof(struct droptail, rate)},
    {"limit", SYNFIN_LIMIT, NULL, NULL,
     "most packets (`1000`) or bytes (`64KiB`) that wait; the packet in transmission is not counted",
     offsetof(struct droptail, limit)},
    {0},
};

static struct waiting_packet *at(const struct droptail_state *s, uint64_t n)
{
    return &s->ring[(s->head + n) & (s->capacity - 1)];
}

/* How many of the ring wait no more at `now`: one that starts now makes room for one that comes now. */
static uint64_t gone(const struct droptail_state *s, synfin_time now)
{
    uint64_t n = 0;
    while (n < s->count && at(s, n)->start <= now)
        n++;
    return n;
}

/* The ring grows with the longest queue that the run has seen: the one allocation that a model makes while running. */
static bool grow(struct droptail_state *s)
{
    uint64_t capacity = s->capacity ? 2 * s->capacity : 16;
    struct waiting_packet *ring = malloc(capacity * sizeof *ring);
    if (!ring)
        return false;
    for (uint64_t i = 0; i < s->count; i++)
        ring[i] = *at(s, i);
    free(s->ring);
    s->ring = ring;
    s->capacity = capacity;
    s->head = 0;
    return true;
}

/* False: no room. */
static bool wait_turn(const struct droptail *c, struct droptail_state *s, uint32_t size)
{
    if (s->free > SYNFIN_NEVER / 2)
        return false;
    if (c->limit.packets ? s->count >= c->limit.packets : s->bytes + size > c->limit.bytes)
        return false;
    if (s->count == s->capacity && !grow(s))
        return false;
    *at(s, s->count++) = (struct waiting_packet){s->free, size};
    s->bytes += size;
    if (s->count > s->most)
        s->most = s->count;
    return true;
}

static int64_t act(const void *config, struct synfin_crossing *x)
{
    const struct droptail *c = config;
    struct droptail_state *s = x->state;
    for (uint64_t n = gone(s, x->now); n > 0; n--) {
        s->bytes -= at(s, 0)->size;
        s->head++;
        s->count--;
    }
    if (s->free > x->now) {
        if (!wait_turn(c, s, x->size))
            return SYNFIN_NEVER;
    } else if (s->free < x->now) {
        s->free = x->now;
        s->remainder = 0;
    }
    uint64_t work = x->size * UINT64_C(8000000000) + s->remainder;
    s->free += (synfin_time)(work / c->rate);
    s->remainder = work % c->rate;
    return s->free - x->now;
}

static uint64_t waiting(const void *state, synfin_time now)
{
    const struct droptail_state *s = state;
    return s->count - gone(s, now);
}

static uint64_t most_waiting(const void *state)
{
    return ((const struct droptail_state *)state)->most;
}

static void finish(void *state)
{
    free(((struct droptail_state *)state)->ring);
}

const struct synfin_model queue_droptail = {
    .name = "droptail",
    .stage = SYNFIN_QUEUE,
    .help = "first in, first out at a fixed rate; a packet that finds the queue full is dropped",
    .source = "ns-3, DropTailQueue before a PointToPointNetDevice; instants rounded down to 1 ns, no error adds up",
    .params = params,
    .config_size = sizeof(struct droptail),
    .state_size = sizeof(struct droptail_state),
    .act = act,
    .waiting = waiting,
    .most_waiting = most_waiting,
    .finish = finish,
};
