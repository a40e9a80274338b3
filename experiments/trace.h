/* SPDX-License-Identifier: BSD-2-Clause */
/* `--trace`: one row of CSV an event, in the order in which observers are told. */
#ifndef SYNFIN_TRACE_FILE_H
#define SYNFIN_TRACE_FILE_H

#include <stdbool.h>

#include "synfin.h"

struct trace;

/* The scenario is to outlive it. 0, or -1 after a message. */
int trace_open(struct trace **, const char *path, const struct synfin_scenario *);

/* Takes an event: synfin_observer's function. */
void trace_event(void *trace, const struct synfin_event *);

/* Ends the file (keep) or leaves none. 0, or -1 after a message. NULL: nothing happens. */
int trace_close(struct trace *, bool keep);

#endif
