/* SPDX-License-Identifier: BSD-2-Clause */
/* One run of a sweep, from a scenario to rows. */
#ifndef SYNFIN_SWEEP_RUN_H
#define SYNFIN_SWEEP_RUN_H

#include "rows.h"
#include "scenario_file.h"

/* Whether the scenario's results have the names of all expectations and goals: STATUS_DONE, or STATUS_USAGE after the
   error. */
int sweep_run_check(const struct scenario_file *, const struct synfin_scenario *);

/* Runs the replication that the rows name (point and replication are filled in): they say what came out, or why the run
   failed. `memory`: of one run after the other. */
void sweep_run(struct rows *, const struct scenario_file *, const struct synfin_scenario *, struct synfin_memory *);

#endif
