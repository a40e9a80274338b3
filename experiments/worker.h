/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A worker of a sweep: a process that makes runs one after the other, so that whatever happens in one of them (a plugin
 * that crashes, no memory) happens to that run alone. supervisor.c starts and watches it.
 */
#ifndef SYNFIN_WORKER_H
#define SYNFIN_WORKER_H

#include <stdint.h>
#include <sys/types.h>

#include "scenario_file.h"

/* What a worker is asked for. */
struct worker_job {
    uint64_t point, replication;
};

/* What it answers, with the bytes of rows_write behind it. */
struct worker_answer {
    uint64_t size; /* of the bytes; 0: there is no such scenario, which has been said on standard error */
};

/* The life of a worker, right after fork(): takes jobs from `fd` and answers there, in order, until `fd` is closed or
   the process `parent` has died. */
_Noreturn void worker_live(const struct scenario_file *, int fd, pid_t parent);

#endif
