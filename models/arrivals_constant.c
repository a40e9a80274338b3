/* SPDX-License-Identifier: BSD-2-Clause */
#include "builtin.h"

struct arrivals_constant {
    double rate;
    uint64_t millionths; /* rate in 1e-6/s: connection n comes n x 1e15 / millionths ns after the start, rounded down */
};

struct arrivals_constant_state {
    uint64_t remainder; /* of the last arrival's instant, in 1/millionths ns */
};

static const struct synfin_param params[] = {
    {"rate", SYNFIN_FREQUENCY, NULL, "1e-6/s..1e9/s", "connections a second, to a millionth",
     offsetof(struct arrivals_constant, rate)},
    {0},
};

static int prepare(void *config, struct synfin_complaint *complaint)
{
    struct arrivals_constant *c = config;
    (void)complaint;
    c->millionths = (uint64_t)(c->rate * 1e6 + 0.5);
    return 0;
}

static int64_t act(const void *config, struct synfin_crossing *x)
{
    const struct arrivals_constant *c = config;
    struct arrivals_constant_state *s = x->state;
    if (x->count == 0)
        return x->now;
    uint64_t work = UINT64_C(1000000000000000) + s->remainder;
    s->remainder = work % c->millionths;
    return x->now + (synfin_time)(work / c->millionths);
}

const struct synfin_model arrivals_constant = {
    .name = "constant",
    .stage = SYNFIN_ARRIVALS,
    .help = "one connection after the other at equal distances, the first at the start",
    .source = "deterministic arrivals; instants rounded down to 1 ns, with no error that adds up",
    .params = params,
    .config_size = sizeof(struct arrivals_constant),
    .state_size = sizeof(struct arrivals_constant_state),
    .act = act,
    .prepare = prepare,
};
