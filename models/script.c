/* SPDX-License-Identifier: BSD-2-Clause */
/* Chosen segments of each connection: lost, duplicated once, or corrupted. */
#include "builtin.h"

struct script {
    struct synfin_segment_list segments;
};

static const struct synfin_param params[] = {
    {"segments", SYNFIN_SEGMENT_LIST, NULL, NULL, "segments of each connection: kind:number, any:number",
     offsetof(struct script, segments)},
    {0},
};

static int64_t act(const void *config, struct synfin_crossing *x)
{
    return synfin_segment_listed(&((const struct script *)config)->segments, x->segment);
}

const struct synfin_model loss_script = {
    .name = "script",
    .stage = SYNFIN_LOSS,
    .help = "the listed segments of each connection are lost, no others",
    .source = "for tests and teaching",
    .params = params,
    .config_size = sizeof(struct script),
    .act = act,
};

const struct synfin_model duplicate_script = {
    .name = "script",
    .stage = SYNFIN_DUPLICATE,
    .help = "the listed segments of each connection arrive twice, no others",
    .source = "for tests and teaching",
    .params = params,
    .config_size = sizeof(struct script),
    .act = act,
};

const struct synfin_model corrupt_script = {
    .name = "script",
    .stage = SYNFIN_CORRUPT,
    .help = "the listed segments of each connection arrive with a wrong checksum, no others",
    .source = "for tests and teaching",
    .params = params,
    .config_size = sizeof(struct script),
    .act = act,
};
