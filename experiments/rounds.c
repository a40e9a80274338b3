/* SPDX-License-Identifier: BSD-2-Clause */
#include "rounds.h"

void rounds_begin(struct rounds *r, const struct scenario_file *file, struct results *results)
{
    *r = (struct rounds){.file = file, .results = results, .points = scenario_file_points(file)};
}

/* By replication, then point: what an interrupted sweep leaves says something about every point. */
int rounds_next(struct rounds *r, size_t *point, uint32_t *replication)
{
    if (r->next == rounds_runs(r))
        return 0;
    *point = r->next % r->points;
    *replication = (uint32_t)(r->next / r->points);
    r->next++;
    return 1;
}

/* A number of replications that is written in the file is one round. */
int rounds_end(struct rounds *r)
{
    (void)r;
    return 0;
}

size_t rounds_runs(const struct rounds *r)
{
    return r->points * r->file->replications;
}
