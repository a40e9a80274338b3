/* SPDX-License-Identifier: BSD-2-Clause */
/* Sweeps in memory: a scenario from text, runs made one by one into a database that is no file. */
#ifndef SYNFIN_MADE_SWEEP_H
#define SYNFIN_MADE_SWEEP_H

#include "results.h"
#include "scenario.h"

struct made_sweep {
    char yaml[64];
    struct options options;
    struct scenario_file file;
};

/* Reads the scenario, then `sweep:`; what is refused fails the test. */
void made_sweep_load(struct made_sweep *, const char *scenario, const char *sweep);
void made_sweep_free(struct made_sweep *);

/* A database without runs: a new one, or one that held others. */
void made_sweep_begin(struct results *, const struct made_sweep *, uint64_t seed);
void made_sweep_clear(struct results *);

/* Runs one replication of a point's scenario and puts it there. */
void made_sweep_run(struct results *, const struct synfin_scenario *, size_t point, uint32_t replication);

#endif
