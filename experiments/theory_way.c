/* SPDX-License-Identifier: BSD-2-Clause */
/* What a path does to the segments of a set-up: the probability of loss, and the distribution of delay. */
#include <stdlib.h>
#include <string.h>

#include "setting.h"
#include "theory_part.h"
#include "times.h"

enum { MOST_DELAYS = 64 };

static double share_of(synfin_probability p)
{
    return (double)p * 0x1p-63;
}

static bool is(const struct scenario_model *m, const char *name)
{
    return strcmp(m->model->name, name) == 0;
}

static int compare_delays(const void *a, const void *b)
{
    synfin_time x = ((const struct theory_delay *)a)->delay, y = ((const struct theory_delay *)b)->delay;
    return x < y ? -1 : x > y;
}

/* Every delay so far with every row of the table. */
static int add_delays(struct theory_way *w, const struct times_row *row, size_t rows)
{
    struct theory_delay *sum = calloc(w->delays * rows, sizeof *sum);
    double weights = 0;
    size_t n = 0, kept = 0;
    if (!sum)
        return -1;
    for (size_t i = 0; i < rows; i++)
        weights += (double)row[i].weight;
    for (size_t i = 0; i < w->delays; i++) {
        for (size_t k = 0; k < rows; k++)
            sum[n++] = (struct theory_delay){w->delay[i].delay + row[k].time,
                                             w->delay[i].share * (double)row[k].weight / weights};
    }
    qsort(sum, n, sizeof *sum, compare_delays);
    for (size_t i = 0; i < n; i++) {
        if (kept > 0 && sum[kept - 1].delay == sum[i].delay)
            sum[kept - 1].share += sum[i].share;
        else if (sum[i].share > 0)
            sum[kept++] = sum[i];
    }
    free(w->delay);
    w->delay = sum;
    w->delays = kept;
    return 0;
}

static int add_table(struct theory_way *w, const struct scenario_model *m, const char *link,
                     char unknown[THEORY_REASON])
{
    const char *file;
    struct times times = {0};
    struct synfin_complaint complaint;
    if (!setting_member(m->config, m->model->params, "file", SYNFIN_FILE, &file) ||
        times_read(&times, file, true, &complaint, "file") != 0)
        return theory_unknown(unknown, "delay table on %.60s: the table cannot be read again", link);
    int status = times.count <= MOST_DELAYS ? add_delays(w, times.row, times.count) : 0;
    if (times.count > MOST_DELAYS || w->delays > MOST_DELAYS)
        status = theory_unknown(unknown, "delay table on %.60s: more than %d values", link, MOST_DELAYS);
    times_free(&times);
    return status;
}

static int add_delay(struct theory_way *w, const struct scenario_model *m, const char *link,
                     char unknown[THEORY_REASON])
{
    struct times_row row = {0, 1};
    if (is(m, "table"))
        return add_table(w, m, link, unknown);
    if (!is(m, "constant") || !setting_member(m->config, m->model->params, "time", SYNFIN_DURATION, &row.time))
        return theory_unknown(unknown, "delay %.60s on %.60s: no closed form", m->model->name, link);
    return add_delays(w, &row, 1);
}

/* A corrupted segment is dropped by its receiver. */
static int add_loss(struct theory_way *w, const struct scenario_model *m, const char *link, char unknown[THEORY_REASON])
{
    synfin_probability p;
    if (!is(m, "bernoulli") || !setting_member(m->config, m->model->params, "p", SYNFIN_PROBABILITY, &p))
        return theory_unknown(unknown, "%s %.60s on %.60s: no closed form", synfin_stage_name(m->model->stage),
                              m->model->name, link);
    w->lost += (1 - w->lost) * share_of(p);
    return 0;
}

static int cross(struct theory_way *w, const struct scenario_link *link, unsigned direction, enum synfin_kind kind,
                 char unknown[THEORY_REASON])
{
    int status = 0;
    for (int stage = 0; stage < SYNFIN_LINK_STAGES; stage++) {
        const struct scenario_stage *s = &link->stage[direction][stage];
        for (size_t i = 0; i < s->models && status == 0; i++) {
            if (!(s->model[i].only & 1u << kind))
                continue;
            if (stage == SYNFIN_LOSS || stage == SYNFIN_CORRUPT)
                status = add_loss(w, &s->model[i], link->name, unknown);
            else if (stage == SYNFIN_DELAY)
                status = add_delay(w, &s->model[i], link->name, unknown);
            else
                status = theory_unknown(unknown, "%s on %.60s: no closed form",
                                        synfin_stage_name((enum synfin_stage)stage), link->name);
        }
    }
    return status;
}

int theory_way_of(struct theory_way *w, const struct synfin_scenario *scenario,
                  const struct scenario_workload *workload, bool back, char unknown[THEORY_REASON])
{
    *w = (struct theory_way){.delays = 1, .delay = malloc(sizeof *w->delay)};
    if (!w->delay)
        return -1;
    w->delay[0] = (struct theory_delay){0, 1};
    int status = 0;
    for (size_t i = 0; i < workload->hops && status == 0; i++) {
        const struct scenario_hop *hop = &workload->hop[i];
        status = cross(w, &scenario->link[hop->link], hop->backward != back,
                       back ? SYNFIN_KIND_SYN_ACK : SYNFIN_KIND_SYN, unknown);
    }
    return status;
}

void theory_way_free(struct theory_way *w)
{
    free(w->delay);
    *w = (struct theory_way){0};
}
