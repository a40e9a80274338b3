/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A second simulator, slow and plain, to compare the real one with. It shares protocols, models, draws and checked
 * scenarios with libsynfin, and nothing else: all that is pending stands in one list, the next event is the least by
 * the key (time, cause, source, order) of all hosts, endpoints are found by looking at each, and what is measured is
 * worked out at the end.
 */
#ifndef SYNFIN_REFERENCE_H
#define SYNFIN_REFERENCE_H

#include "random.h"
#include "scenario.h"

/* What happened, as struct synfin_event says it, with what it points to kept. */
struct reference_row {
    struct synfin_event event;
    struct synfin_segment segment; /* zero where there is none */
    uint32_t host;
};

struct reference_rows {
    size_t count, room;
    struct reference_row *row;
};

void reference_row_add(struct reference_rows *, const struct synfin_event *, uint32_t host);

struct reference_results {
    struct reference_rows rows;                  /* in the order of time, host, order at the host */
    size_t connections;
    struct synfin_connection *connection;        /* by workload, then number */
    struct synfin_connection_counts *workload;
    uint64_t peak; /* concurrent connections of all workloads */
    struct synfin_segment_counts (*segments)[2]; /* by workload */
    struct synfin_link_counts (*link)[2];
    synfin_time simulated;
    bool endless; /* stopped after too many events */
};

/* Runs the scenario. `most` bounds the events. */
struct reference_results *reference_run(const struct synfin_scenario *, uint32_t replication, uint64_t most);
void reference_results_free(struct reference_results *);

#endif
