/* SPDX-License-Identifier: BSD-2-Clause */
/* A loss model as a plugin of its own: bits err independently, and one wrong bit loses the packet, so long ones suffer. */
#include <synfin/plugin.h>

struct bit_error {
    synfin_probability rate;
};

static const struct synfin_param params[] = {
    {"rate", SYNFIN_PROBABILITY, NULL, "0..0.1", "chance that a bit is wrong", offsetof(struct bit_error, rate)},
    {0},
};

/* All bits are right with the probability (1 - rate)^bits. */
static int64_t act(const void *config, struct synfin_crossing *x)
{
    double rate = (double)((const struct bit_error *)config)->rate / (double)SYNFIN_CERTAIN;
    double right = x->tools->exp(8.0 * x->size * x->tools->log(1 - rate));
    return synfin_uniform(x) >= right;
}

static const struct synfin_model bit_error = {
    .name = "bit-error",
    .stage = SYNFIN_LOSS,
    .help = "bits err independently, and one wrong bit loses the packet",
    .source = "binary symmetric channel",
    .params = params,
    .config_size = sizeof(struct bit_error),
    .act = act,
};

/* The one symbol that a plugin exports. */
const struct synfin_plugin *synfin_plugin(void);
const struct synfin_plugin *synfin_plugin(void)
{
    static const struct synfin_model *const models[] = {&bit_error, NULL};
    static const struct synfin_plugin plugin = {SYNFIN_PLUGIN_MAJOR, SYNFIN_PLUGIN_MINOR, models, NULL};
    return &plugin;
}
