/* SPDX-License-Identifier: BSD-2-Clause */
#include "builtin.h"

struct gilbert_elliott {
    synfin_probability p, r, bad, good;
};

struct gilbert_elliott_state {
    bool bad; /* at first good */
};

static const struct synfin_param params[] = {
    {"p", SYNFIN_PROBABILITY, NULL, "0..1", "chance at a segment in the good state that the bad one follows",
     offsetof(struct gilbert_elliott, p)},
    {"r", SYNFIN_PROBABILITY, NULL, "0..1", "chance at a segment in the bad state that the good one follows",
     offsetof(struct gilbert_elliott, r)},
    {"bad", SYNFIN_PROBABILITY, "100%", "0..1", "chance that a segment in the bad state is lost (netem's 1-h)",
     offsetof(struct gilbert_elliott, bad)},
    {"good", SYNFIN_PROBABILITY, "0", "0..1", "chance that a segment in the good state is lost (netem's 1-k)",
     offsetof(struct gilbert_elliott, good)},
    {0},
};

/* As in netem, the next state is drawn first, and the segment is lost by the state that it met. */
static int64_t act(const void *config, struct synfin_crossing *x)
{
    const struct gilbert_elliott *c = config;
    struct gilbert_elliott_state *s = x->state;
    bool met_bad = s->bad;
    if (synfin_chance(x, met_bad ? c->r : c->p))
        s->bad = !met_bad;
    synfin_probability loss = met_bad ? c->bad : c->good;
    return loss == 0 || loss == SYNFIN_CERTAIN ? loss != 0 : synfin_chance(x, loss);
}

const struct synfin_model loss_gilbert_elliott = {
    .name = "gilbert-elliott",
    .stage = SYNFIN_LOSS,
    .help = "losses in bursts: a link direction is in a good or a bad state, which may change at every segment",
    .source = "Gilbert 1960, Elliott 1963 (Bell Syst. Tech. J. 39, 42); tc-netem(8), loss gemodel P R 1-H 1-K",
    .params = params,
    .config_size = sizeof(struct gilbert_elliott),
    .state_size = sizeof(struct gilbert_elliott_state),
    .act = act,
};
