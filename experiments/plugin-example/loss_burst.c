/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A plugin to start from: a loss model that loses segments in bursts. With probability p a segment begins a burst, and
 * that segment and the next of the link direction are lost, `length` in all.
 *
 *     cc -shared -fPIC -o loss_burst.so loss_burst.c
 *     synfin plugins burst --plugin ./loss_burst.so
 *     synfin run loss_burst.yaml --plugin ./loss_burst.so
 */
#include <synfin/plugin.h>

/* What the scenario says: filled in by the simulator from the table below. */
struct burst {
    synfin_probability p;
    uint64_t length;
};

/* What a link direction remembers: handed to `act`, zeroed at the start of the run. */
struct burst_state {
    uint64_t left; /* segments that are still to be lost */
};

static const struct synfin_param params[] = {
    {"p", SYNFIN_PROBABILITY, NULL, "0..1", "chance that a segment begins a burst", offsetof(struct burst, p)},
    {"length", SYNFIN_COUNT, "3", "1..1000000", "segments lost in a burst", offsetof(struct burst, length)},
    {0},
};

static int64_t act(const void *config, struct synfin_crossing *crossing)
{
    const struct burst *burst = config;
    struct burst_state *state = crossing->state;
    if (state->left == 0 && synfin_chance(crossing, burst->p))
        state->left = burst->length;
    if (state->left == 0)
        return 0;
    state->left--;
    return 1;
}

static const struct synfin_model model = {
    .name = "burst",
    .stage = SYNFIN_LOSS,
    .help = "segments are lost in bursts of fixed length",
    .source = "synfin's example of a plugin",
    .params = params,
    .config_size = sizeof(struct burst),
    .state_size = sizeof(struct burst_state),
    .act = act,
};

static const struct synfin_model *const models[] = {&model, NULL};
static const struct synfin_plugin plugin = {SYNFIN_PLUGIN_MAJOR, SYNFIN_PLUGIN_MINOR, models, NULL};

const struct synfin_plugin *SYNFIN_PLUGIN_ENTRY(void);
const struct synfin_plugin *SYNFIN_PLUGIN_ENTRY(void)
{
    return &plugin;
}
