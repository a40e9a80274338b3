/* SPDX-License-Identifier: BSD-2-Clause */
/* Workloads: when connections are opened, and what the application at each end does. */
#ifndef SYNFIN_WORKLOAD_H
#define SYNFIN_WORKLOAD_H

#include "link.h"
#include "scenario.h"
#include "schedule.h"

struct host;

struct workload {
    const struct scenario_workload *scenario;
    uint32_t number;
    struct path *path[2]; /* forward, backward */
    struct synfin_segment_counts *segments; /* likewise */
    void *arrival_state;
    struct random_key arrival_key;
    struct synfin_draws arrival_draws;
    uint32_t opened;     /* connections so far */
    bool stream;         /* of the protocol: it has a set-up worth measuring */
    struct lane arrival; /* at most one entry: the next arrival */
};

int workload_build(struct synfin_simulation *);
void workload_free(struct synfin_simulation *);

/* Arms the first arrival of each workload. */
void workload_begin(struct synfin_simulation *);

/* A connection comes: the arrival at the head of the workload's lane. */
void workload_arrive(struct host *, struct lane *);

/* The protocol tells the application of an endpoint. */
void workload_told(struct host *, struct synfin_endpoint *, enum synfin_news, uint64_t n);
/* The server's application accepts the connection: it is told what has come so far. */
void workload_accepted(struct host *, struct synfin_endpoint *);
/* The endpoint is over, in order (SYNFIN_FAILURES) or with a failure; it is still readable. */
void workload_over(struct host *, struct synfin_endpoint *, enum synfin_failure);
/* There was no room for it in TIME-WAIT. */
void workload_overflow(struct host *, const struct synfin_endpoint *);
/* The application's timer has expired. */
void workload_timer(struct host *, struct synfin_endpoint *);

#endif
