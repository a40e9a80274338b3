/* SPDX-License-Identifier: BSD-2-Clause */
#include "builtin.h"

struct periodic {
    uint64_t every, first;
};

struct periodic_state {
    uint64_t seen;
};

static const struct synfin_param params[] = {
    {"every", SYNFIN_COUNT, NULL, "1..", "one segment in so many of the link direction is lost",
     offsetof(struct periodic, every)},
    {"first", SYNFIN_COUNT, "0", "1..", "number of the first segment that is lost; default: every",
     offsetof(struct periodic, first)},
    {0},
};

static int prepare(void *config, struct synfin_complaint *complaint)
{
    struct periodic *c = config;
    (void)complaint;
    if (c->first == 0)
        c->first = c->every;
    return 0;
}

static int64_t act(const void *config, struct synfin_crossing *x)
{
    const struct periodic *c = config;
    struct periodic_state *s = x->state;
    uint64_t number = ++s->seen;
    return number >= c->first && (number - c->first) % c->every == 0;
}

const struct synfin_model loss_periodic = {
    .name = "periodic",
    .stage = SYNFIN_LOSS,
    .help = "every n-th segment of the link direction is lost",
    .source = "ns-2's periodic error model",
    .params = params,
    .config_size = sizeof(struct periodic),
    .state_size = sizeof(struct periodic_state),
    .act = act,
    .prepare = prepare,
};
