/* SPDX-License-Identifier: BSD-2-Clause */
/* What is not as it should be when a sweep is over. */
#ifndef SYNFIN_SWEEP_REPORT_H
#define SYNFIN_SWEEP_REPORT_H

#include "results.h"
#include "scenario_file.h"

/* Prints failed runs and expectations that do not hold, each with the command that repeats the run. 0 or -1. */
int sweep_complain(struct results *, const struct scenario_file *, size_t *complaints);

#endif
