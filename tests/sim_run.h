/* SPDX-License-Identifier: BSD-2-Clause */
/* Whole runs in tests: settings as lines of text, results and rows as structs. */
#ifndef SYNFIN_SIM_RUN_H
#define SYNFIN_SIM_RUN_H

#include "synfin.h"

struct sim_run {
    struct synfin_registry *registry;
    struct synfin_settings *settings;
    struct synfin_scenario *scenario;
    struct synfin_simulation *simulation;
    const struct synfin_results *results;
    struct synfin_connection *row; /* by workload, then number; NULL: not asked for */
    size_t rows;
    struct synfin_event *event; /* in order; segments are copies, see `segment` */
    struct synfin_segment *segment; /* of each event that has one */
    size_t events;
    size_t row_room, event_room;
    int keep;
};

enum { SIM_ROWS = 1, SIM_EVENTS = 2, SIM_DELIVERIES = 4 }; /* what to keep; deliveries: no other events */

/*
 * Runs what `base` says, each line `path=value`, then the lines of `more` as a later layer (may be NULL). A setting
 * that is refused, or a run that fails, fails the test with the message and returns false; sim_run_end() may always be
 * called.
 */
bool sim_run(struct sim_run *, const char *base, const char *more, int keep);
bool sim_run_replication(struct sim_run *, const char *base, const char *more, int keep, uint32_t replication);
void sim_run_end(struct sim_run *);

/* How many rows have this value of a metric, ns. */
size_t sim_run_count(const struct sim_run *, enum synfin_metric, synfin_time value);

/* n, or a twentieth of it where sanitizers make runs slow; tolerances follow from what is returned. */
uint64_t sim_many(uint64_t n);

/* `"workloads.w.connections=N\n"` and the like: text in a buffer that lives until the next call of the same slot (0 to 3). */
const char *sim_text(int slot, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A client and a server with 10 ms one way between them, constant arrivals; 10 connections, the client closes at once. */
extern const char sim_plain[];

#endif
