/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>

#include "builtin.h"
#include "times.h"

struct arrivals_file {
    const char *path;
    struct times times;
};

struct arrivals_file_state {
    synfin_time start;
};

static const struct synfin_param params[] = {
    {"path", SYNFIN_FILE, NULL, NULL, "text file: an instant after the start with its unit a line, in ascending order",
     offsetof(struct arrivals_file, path)},
    {0},
};

static int prepare(void *config, struct synfin_complaint *complaint)
{
    struct arrivals_file *c = config;
    if (times_read(&c->times, c->path, false, complaint, "path"))
        return -1;
    for (size_t i = 1; i < c->times.count; i++) {
        if (c->times.row[i].time < c->times.row[i - 1].time) {
            complaint->param = "path";
            snprintf(complaint->text, sizeof complaint->text,
                     "%.100s: instant %zu comes before instant %zu; sort them in ascending order", c->path, i + 1, i);
            times_free(&c->times);
            return -1;
        }
    }
    return 0;
}

static void release(void *config)
{
    times_free(&((struct arrivals_file *)config)->times);
}

static int64_t act(const void *config, struct synfin_crossing *x)
{
    const struct arrivals_file *c = config;
    struct arrivals_file_state *s = x->state;
    if (x->count == 0)
        s->start = x->now;
    return x->count < c->times.count ? s->start + c->times.row[x->count].time : SYNFIN_NEVER;
}

const struct synfin_model arrivals_file = {
    .name = "file",
    .stage = SYNFIN_ARRIVALS,
    .help = "connections come at the instants that a file lists",
    .source = "a recorded or computed series of arrivals",
    .params = params,
    .config_size = sizeof(struct arrivals_file),
    .state_size = sizeof(struct arrivals_file_state),
    .act = act,
    .prepare = prepare,
    .release = release,
};
