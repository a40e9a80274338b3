/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Workers of a sweep, and who watches them: hands out runs, takes what came of them, ends those that take too long,
 * replaces those that die, and stops on Ctrl-C. It runs in libevent's loop.
 */
#ifndef SYNFIN_SUPERVISOR_H
#define SYNFIN_SUPERVISOR_H

#include "rows.h"
#include "scenario_file.h"

/* What the supervisor works for. */
struct supervisor_client {
    void *user;
    /* The next run that is to be made. 1; 0: there is none for now; -1: an error, printed. */
    int (*next)(void *user, size_t *point, uint32_t *replication);
    /* A run is over: what came out, or why it failed. 0, or -1: an error, printed. */
    int (*over)(void *user, const struct rows *);
    /* In each new worker, before its first run: gives up what is the parent's alone. */
    void (*leave)(void *user);
    /* Every `tick_s` seconds. 0, or -1: an error, printed. */
    int (*tick)(void *user);
    double tick_s;
};

struct supervisor;

/* `workers`: at most; no more are started than there are runs. `timeout`: of a run; 0: none. NULL after an error,
   printed. SIGINT, SIGTERM, SIGCHLD and SIGPIPE are caught until supervisor_free. */
struct supervisor *supervisor_new(const struct scenario_file *, size_t workers, synfin_time timeout,
                                  const struct supervisor_client *);

/* Makes runs until there is none left and all are over: STATUS_DONE; STATUS_INTERRUPTED; STATUS_FAILED or STATUS_USAGE
   after an error, printed. Workers stay for the next call. */
int supervisor_work(struct supervisor *);

/* Ends all workers at once. */
void supervisor_free(struct supervisor *);

/* How many processors this process may use. */
size_t supervisor_processors(void);

#endif
