/* SPDX-License-Identifier: BSD-2-Clause */
#include "builtin.h"

struct arrivals_burst {
    uint64_t size;
    synfin_time every;
};

static const struct synfin_param params[] = {
    {"size", SYNFIN_COUNT, NULL, "1..", "connections of a burst", offsetof(struct arrivals_burst, size)},
    {"every", SYNFIN_DURATION, NULL, "1ns..1000h", "from burst to burst", offsetof(struct arrivals_burst, every)},
    {0},
};

static int64_t act(const void *config, struct synfin_crossing *x)
{
    const struct arrivals_burst *c = config;
    return x->now + (x->count > 0 && x->count % c->size == 0 ? c->every : 0);
}

const struct synfin_model arrivals_burst = {
    .name = "burst",
    .stage = SYNFIN_ARRIVALS,
    .help = "many connections at one instant, again and again, first at the start",
    .source = "batch arrivals with fixed batch and interval",
    .params = params,
    .config_size = sizeof(struct arrivals_burst),
    .act = act,
};
