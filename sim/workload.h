/* SPDX-License-Identifier: BSD-2-Clause */
/* Workloads: when connections are opened, and what the application at each end does. */
#ifndef SYNFIN_WORKLOAD_H
#define SYNFIN_WORKLOAD_H

#include "concurrency.h"
#include "link.h"
#include "scenario.h"
#include "schedule.h"

struct host;

/* What the application does at one end of a workload's connections. */
struct application {
    uint64_t sends;           /* bytes: of the client the request, of the server the response */
    uint64_t receives;        /* the other way round */
    synfin_time hold;         /* from when its work is done to its close; -1: it does not start the close */
    synfin_time close_after;  /* from its peer's close to its own; -1: it does not answer it */
    bool waits;               /* what it receives comes before the server's response, or before its work is done */
    bool half_close;          /* a client that closes its direction only, and stays to read the rest of the response */
    bool idle;                /* it has nothing to send or to receive, no time limit, and accepts all as they come */
};

/* Where connections go. */
struct destination {
    uint32_t address;
    uint16_t port;
};

struct workload {
    const struct scenario_workload *scenario;
    struct synfin_workload_results *results;
    uint32_t number;
    uint32_t opened;     /* connections so far */
    uint32_t most;       /* no more than so many, by the scenario or because they cannot be numbered */
    synfin_time until;   /* none from then on */
    bool stream;         /* of the protocol: it has a set-up worth measuring */
    uint32_t destinations;
    struct destination *destination; /* used in turn */
    struct application application[2]; /* client, server */
    struct path *path[2]; /* forward, backward */
    struct synfin_segment_counts *segments; /* likewise */
    struct synfin_draws arrival_draws;
    struct synfin_crossing crossing; /* what the model of arrivals is told; what changes is set for each */
    synfin_time gap[SYNFIN_DRAWS]; /* where it is drawn: before this arrival and the others of its blocks of draws */
    struct lane arrival; /* at most one entry: the next arrival */
    struct concurrency concurrency; /* where there are several workloads */
};

int workload_build(struct synfin_simulation *);
int workload_build_destinations(struct synfin_simulation *); /* when hosts have their addresses */
void workload_free(struct synfin_simulation *);

/* Arms the first arrival of each workload. */
void workload_begin(struct synfin_simulation *);

/* A connection comes: the arrival at the head of the workload's lane. */
void workload_arrive(struct host *, struct lane *);

/* The protocol tells the application of an endpoint: it is established, or a server's will be soon, n more bytes have
   come, its peer sends no more. */
void workload_established(struct host *, struct synfin_endpoint *);
void workload_early(struct host *, struct synfin_endpoint *);
void workload_data(struct host *, struct synfin_endpoint *, uint64_t n);
void workload_peer_closed(struct host *, struct synfin_endpoint *);
/* The server's application accepts the connection: it is told what has come so far. */
void workload_accepted(struct host *, struct synfin_endpoint *);
/* The endpoint is over, in order (SYNFIN_FAILURES) or with a failure; it is still readable. */
void workload_over(struct host *, struct synfin_endpoint *, enum synfin_failure);
/* There was no room for it in TIME-WAIT. */
void workload_overflow(struct host *, const struct synfin_endpoint *);
/* The application's timer has expired. */
void workload_timer(struct host *, struct synfin_endpoint *);

#endif
