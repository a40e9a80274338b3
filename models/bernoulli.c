/* SPDX-License-Identifier: BSD-2-Clause */
/* Each segment on its own with the same probability: lost, duplicated once, or corrupted. */
#include "builtin.h"

struct bernoulli {
    synfin_probability p;
};

static int64_t act(const void *config, struct synfin_crossing *x)
{
    return synfin_chance(x, ((const struct bernoulli *)config)->p);
}

static synfin_probability chance(const void *config)
{
    return ((const struct bernoulli *)config)->p;
}

#define PARAMS(what) {{"p", SYNFIN_PROBABILITY, NULL, "0..1", what, offsetof(struct bernoulli, p)}, {0}}

static const struct synfin_param loss_params[] = PARAMS("chance that a segment is lost");
static const struct synfin_param duplicate_params[] = PARAMS("chance that a segment arrives twice");
static const struct synfin_param corrupt_params[] = PARAMS("chance that a segment arrives with a wrong checksum");

const struct synfin_model loss_bernoulli = {
    .name = "bernoulli",
    .stage = SYNFIN_LOSS,
    .help = "each segment is lost with the same probability, independently",
    .source = "tc-netem(8), loss random PERCENT",
    .params = loss_params,
    .config_size = sizeof(struct bernoulli),
    .act = act,
    .chance = chance,
};

const struct synfin_model duplicate_bernoulli = {
    .name = "bernoulli",
    .stage = SYNFIN_DUPLICATE,
    .help = "each segment is duplicated with the same probability, independently",
    .source = "tc-netem(8), duplicate PERCENT",
    .params = duplicate_params,
    .config_size = sizeof(struct bernoulli),
    .act = act,
};

const struct synfin_model corrupt_bernoulli = {
    .name = "bernoulli",
    .stage = SYNFIN_CORRUPT,
    .help = "each segment is corrupted with the same probability, independently",
    .source = "tc-netem(8), corrupt PERCENT",
    .params = corrupt_params,
    .config_size = sizeof(struct bernoulli),
    .act = act,
};
