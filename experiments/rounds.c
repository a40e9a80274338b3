/* SPDX-License-Identifier: BSD-2-Clause */
#include "rounds.h"

#include <stdio.h>
#include <stdlib.h>

#include "until.h"

/* A round's replications of a point: from where the last one ended to what the file, or `until`, now asks for. */
static int raise_point(struct rounds *r, size_t i)
{
    struct rounds_point *p = &r->point[i];
    uint32_t end = p->end;
    if (r->file->until.goals == 0)
        end = (uint32_t)r->file->replications;
    else if (until_raise(r->results, &r->file->until, i, &end) != 0)
        return -1;
    *p = (struct rounds_point){p->end, end};
    return 0;
}

/* 1: there are runs in it; 0: there are none; -1 after an error. */
static int begin_round(struct rounds *r)
{
    r->first = UINT32_MAX;
    r->end = 0;
    r->next = 0;
    for (size_t i = 0; i < r->points; i++) {
        if (raise_point(r, i) != 0)
            return -1;
        const struct rounds_point *p = &r->point[i];
        if (p->first == p->end)
            continue;
        r->first = p->first < r->first ? p->first : r->first;
        r->end = p->end > r->end ? p->end : r->end;
    }
    return r->end > 0;
}

int rounds_begin(struct rounds *r, const struct scenario_file *file, struct results *results)
{
    *r = (struct rounds){.file = file, .results = results, .points = scenario_file_points(file)};
    r->point = calloc(r->points, sizeof *r->point);
    if (!r->point) {
        fprintf(stderr, "%s: error: there is no memory for so many points; sweep fewer\n", file->path);
        return -1;
    }
    return begin_round(r) < 0 ? -1 : 0;
}

void rounds_free(struct rounds *r)
{
    free(r->point);
    *r = (struct rounds){0};
}

/* By replication, then point: what an interrupted sweep leaves says something about every point. */
int rounds_next(struct rounds *r, size_t *point, uint32_t *replication)
{
    size_t places = r->end > r->first ? (size_t)(r->end - r->first) * r->points : 0;
    while (r->next < places) {
        *point = r->next % r->points;
        *replication = r->first + (uint32_t)(r->next / r->points);
        r->next++;
        if (*replication >= r->point[*point].first && *replication < r->point[*point].end)
            return 1;
    }
    return 0;
}

int rounds_end(struct rounds *r)
{
    return begin_round(r);
}

size_t rounds_runs(const struct rounds *r)
{
    size_t runs = 0;
    for (size_t i = 0; i < r->points; i++)
        runs += r->point[i].end;
    return runs;
}
