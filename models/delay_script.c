/* SPDX-License-Identifier: BSD-2-Clause */
#include "builtin.h"

struct delay_script {
    synfin_time time, extra;
    struct synfin_segment_list segments;
};

static const struct synfin_param params[] = {
    {"time", SYNFIN_DURATION, "0", "0..1000h", "delay of every segment", offsetof(struct delay_script, time)},
    {"extra", SYNFIN_DURATION, NULL, "0..1000h", "more delay of the listed segments",
     offsetof(struct delay_script, extra)},
    {"segments", SYNFIN_SEGMENT_LIST, NULL, NULL, "segments of each connection: kind:number, any:number",
     offsetof(struct delay_script, segments)},
    {0},
};

static int64_t act(const void *config, struct synfin_crossing *x)
{
    const struct delay_script *c = config;
    return c->time + (synfin_segment_listed(&c->segments, x->segment) ? c->extra : 0);
}

static synfin_time least_delay(const void *config)
{
    return ((const struct delay_script *)config)->time;
}

const struct synfin_model delay_script = {
    .name = "script",
    .stage = SYNFIN_DELAY,
    .help = "the same delay for every segment, and more for chosen ones of each connection",
    .source = "for tests and teaching",
    .params = params,
    .config_size = sizeof(struct delay_script),
    .act = act,
    .least_delay = least_delay,
};
