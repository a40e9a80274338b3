/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>

#include "builtin.h"
#include "draw.h"
#include "times.h"

struct delay_table {
    const char *file;
    struct times times; /* ascending, with the weights summed up */
};

static const struct synfin_param params[] = {
    {"file", SYNFIN_FILE, NULL, NULL, "text file: a delay with its unit a line, perhaps its weight (a whole number)",
     offsetof(struct delay_table, file)},
    {0},
};

static int ascending(const void *a, const void *b)
{
    synfin_time x = ((const struct times_row *)a)->time, y = ((const struct times_row *)b)->time;
    return x < y ? -1 : x > y;
}

static int prepare(void *config, struct synfin_complaint *complaint)
{
    struct delay_table *c = config;
    if (times_read(&c->times, c->file, true, complaint, "file"))
        return -1;
    qsort(c->times.row, c->times.count, sizeof *c->times.row, ascending);
    uint64_t sum = 0;
    size_t kept = 0;
    for (size_t i = 0; i < c->times.count; i++) {
        sum += c->times.row[i].weight;
        if (c->times.row[i].weight > 0)
            c->times.row[kept++] = (struct times_row){c->times.row[i].time, sum};
    }
    c->times.count = kept;
    if (kept == 0) {
        complaint->param = "file";
        snprintf(complaint->text, sizeof complaint->text, "%.100s: all weights are 0; give at least one of them more",
                 c->file);
        times_free(&c->times);
        return -1;
    }
    return 0;
}

static void release(void *config)
{
    times_free(&((struct delay_table *)config)->times);
}

/* The inverse of the distribution function: the first row whose summed weight exceeds the draw's share of all. */
static int64_t delay_of(const void *config, uint32_t draw, const struct synfin_tools *tools)
{
    const struct times *t = &((const struct delay_table *)config)->times;
    uint64_t share = draw_scaled(draw, t->row[t->count - 1].weight);
    (void)tools;
    size_t low = 0, high = t->count - 1;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (t->row[middle].weight > share)
            high = middle;
        else
            low = middle + 1;
    }
    return t->row[low].time;
}

DRAW_EACH(delay_of)

static int64_t act(const void *config, struct synfin_crossing *x)
{
    return delay_of(config, synfin_draw(x), x->tools);
}

static synfin_time least_delay(const void *config)
{
    return ((const struct delay_table *)config)->times.row[0].time;
}

const struct synfin_model delay_table = {
    .name = "table",
    .stage = SYNFIN_DELAY,
    .help = "delays drawn from a file of measured ones, each as often as its weight says",
    .source = "empirical distribution, drawn by the inverse of its distribution function",
    .params = params,
    .config_size = sizeof(struct delay_table),
    .act = act,
    .prepare = prepare,
    .release = release,
    .least_delay = least_delay,
    .delays_of = delays_of,
};
