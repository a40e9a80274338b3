/* SPDX-License-Identifier: BSD-2-Clause */
/* `--connections`: one row of CSV a connection, by workload, then number. */
#ifndef SYNFIN_CONNECTIONS_H
#define SYNFIN_CONNECTIONS_H

#include <stdbool.h>

#include "synfin.h"

struct connections;

/* Names of the workloads in the file's order; they are to outlive it. 0, or -1 after a message. */
int connections_open(struct connections **, const char *path, size_t workloads, const char *const *names);

/* Takes a connection: synfin_observer's function. They may come in any order. */
void connections_add(void *connections, const struct synfin_connection *);

/* Ends the file (keep) or leaves none. 0, or -1 after a message. NULL: nothing happens. */
int connections_close(struct connections *, bool keep);

#endif
