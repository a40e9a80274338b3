/* SPDX-License-Identifier: BSD-2-Clause */
/* The files that a scenario's models read (delays, arrivals, what plugins ask for), and the plugins they are of. */
#ifndef SYNFIN_SCENARIO_INPUTS_H
#define SYNFIN_SCENARIO_INPUTS_H

#include "scenario_file.h"

/* Called with the name as the scenario gives it and the SHA-256 of its bytes, 64 digits. -1 ends it. */
typedef int scenario_input(void *user, const char *name, const char *digest);

/*
 * Calls for each plugin whose model or protocol is used, and for each file that is named, by the base scenario or a
 * value of an axis of the sweep (the others at their first), as often as it is; pipes and devices are left out. 0; -1
 * after a message where a file can no longer be read, or as the function said.
 */
int scenario_inputs(const struct scenario_file *, scenario_input *, void *user);

#endif
