/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A NAT or firewall that forgets connections. What it knows of one begins with the SYN (of UDP, with any datagram of
 * the client) and stays as long as segments pass, either way; what then comes of a connection that it does not know is
 * taken out.
 */
#include "builtin.h"

struct idle {
    synfin_time timeout;
    bool reset;
};

struct idle_state {
    synfin_time until; /* it is known, + 1 ns; 0: it is not */
};

static const struct synfin_param params[] = {
    {"timeout", SYNFIN_DURATION, NULL, "1ns..1000h", "longest time without a segment of the connection, either way",
     offsetof(struct idle, timeout)},
    {"reset", SYNFIN_SWITCH, "false", NULL, "what comes later is answered with a RST; else it is lost silently",
     offsetof(struct idle, reset)},
    {0},
};

static bool begins(const struct synfin_segment *s)
{
    if (s->protocol != SYNFIN_TCP)
        return !(s->bits & SYNFIN_BACKWARD);
    return synfin_segment_kind(s) == SYNFIN_KIND_SYN;
}

static int64_t act(const void *config, struct synfin_crossing *x)
{
    const struct idle *c = config;
    struct idle_state *s = x->connection_state;
    if (x->now >= s->until && !begins(x->segment)) {
        bool answered = c->reset && synfin_segment_kind(x->segment) != SYNFIN_KIND_RST;
        return answered ? SYNFIN_LOST | SYNFIN_RESET_SENDER : SYNFIN_LOST;
    }
    s->until = x->now + c->timeout + 1;
    return 0;
}

const struct synfin_model loss_idle = {
    .name = "idle",
    .stage = SYNFIN_LOSS,
    .help = "a middlebox that takes out all segments of a connection that has been idle for too long",
    .source = "RFC 5382 section 5 (REQ-5), RFC 4787 section 4.3: mapping timers of NATs",
    .params = params,
    .config_size = sizeof(struct idle),
    .connection_state_size = sizeof(struct idle_state),
    .act = act,
    .resets = true,
    .both_ways = true,
};
