/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The source of a sweep's work. It goes in rounds: which runs a round has is fixed when it begins, by the file and by
 * what the rounds before have found. So it does not matter in which order runs end, who makes them, and how often the
 * sweep is interrupted.
 */
#ifndef SYNFIN_ROUNDS_H
#define SYNFIN_ROUNDS_H

#include <stddef.h>
#include <stdint.h>

#include "results.h"
#include "scenario_file.h"

struct rounds {
    const struct scenario_file *file;
    struct results *results;
    size_t points;
    struct rounds_point {
        uint32_t first, end; /* its replications in this round; those before were in earlier ones */
    } *point;
    uint32_t first, end; /* of all points */
    size_t next;         /* place in the round: (replication - first) x points + point */
};

/* Begins the first round. Both must outlive it. 0, or -1 after an error; to be freed after either. */
int rounds_begin(struct rounds *, const struct scenario_file *, struct results *);
void rounds_free(struct rounds *);

/* The next run of the round, whether or not it is in the results already: 1; 0: there is none left. */
int rounds_next(struct rounds *, size_t *point, uint32_t *replication);

/* All runs of the round are in the results, done or failed. 1: another round has begun; 0: there is none; -1: an error,
   printed. */
int rounds_end(struct rounds *);

/* How many runs the rounds so far have, the one that goes on included. */
size_t rounds_runs(const struct rounds *);

#endif
