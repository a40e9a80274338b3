/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs a simulation to its end, with progress on a terminal and a clean Ctrl-C. */
#ifndef SYNFIN_RUNNER_H
#define SYNFIN_RUNNER_H

#include <stdbool.h>
#include <stdint.h>

#include "synfin.h"

/* Catches SIGINT and SIGTERM from now on. */
void runner_catch_interrupt(void);
bool runner_interrupted(void);

/* The monotonic clock, in seconds: steps of the time of day do not matter. */
double runner_clock_s(void);

/* STATUS_DONE, STATUS_FAILED (message printed), or STATUS_INTERRUPTED. `label` stands before the progress; NULL: no
   progress. wall_s (may be NULL): seconds from the first to the last event. */
int runner_run(struct synfin_simulation *, const char *label, double *wall_s);

/* The same, and `watch` is called about every `slice` events. */
int runner_run_watched(struct synfin_simulation *, const char *label, uint64_t slice, void (*watch)(void *user), void *user);

#endif
