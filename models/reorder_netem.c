/* SPDX-License-Identifier: BSD-2-Clause */
#include "builtin.h"
#include "draw.h"

struct reorder_netem {
    synfin_probability p, correlation;
    uint64_t gap;
};

struct reorder_netem_state {
    uint64_t delayed; /* since the last segment that went ahead */
    struct correlated correlated;
};

static const struct synfin_param params[] = {
    {"p", SYNFIN_PROBABILITY, NULL, "0..1", "chance that a segment goes ahead, once the gap is filled",
     offsetof(struct reorder_netem, p)},
    {"gap", SYNFIN_COUNT, "1", "1..", "at least gap - 1 segments are delayed between two that go ahead",
     offsetof(struct reorder_netem, gap)},
    {"correlation", SYNFIN_PROBABILITY, "0", "0..1", "how much of the last random number enters the next, as in netem",
     offsetof(struct reorder_netem, correlation)},
    {0},
};

static int64_t act(const void *config, struct synfin_crossing *x)
{
    const struct reorder_netem *c = config;
    struct reorder_netem_state *s = x->state;
    bool ahead = false;
    if (s->delayed >= c->gap - 1) {
        if (c->correlation == 0)
            ahead = synfin_chance(x, c->p);
        else
            ahead = draw_correlated(x, &s->correlated, c->correlation) < c->p >> 31;
    }
    s->delayed = ahead ? 0 : s->delayed + 1;
    return ahead;
}

const struct synfin_model reorder_netem = {
    .name = "netem",
    .stage = SYNFIN_REORDER,
    .help = "some segments skip the link's delay and overtake those before; a share 1/((gap - 1) + 1/p) of all",
    .source = "tc-netem(8), reorder PERCENT CORRELATION gap DISTANCE",
    .params = params,
    .config_size = sizeof(struct reorder_netem),
    .state_size = sizeof(struct reorder_netem_state),
    .act = act,
};
