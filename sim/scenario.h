/* SPDX-License-Identifier: BSD-2-Clause */
/* What a scenario says, checked and typed: setting.c and scenario.c fill it, simulation.c builds from it. */
#ifndef SYNFIN_SCENARIO_H
#define SYNFIN_SCENARIO_H

#include "synfin.h"

/* One model of a stage, with its configuration. */
struct scenario_model {
    const struct synfin_model *model;
    void *config;
    uint8_t only;    /* bit per enum synfin_kind on which it acts; all bits: every segment */
    char *component; /* full name for draws and messages: `links.wan.forward.loss`, `.1` for the second of a list */
};

struct scenario_stage {
    size_t models; /* 0: the stage is absent */
    struct scenario_model *model;
};

struct scenario_link {
    char *name;
    struct scenario_stage stage[2][SYNFIN_LINK_STAGES]; /* [0] forward, [1] backward */
};

struct scenario_listener {
    uint16_t port;
    uint64_t backlog;
    unsigned protocol; /* index in the registry */
    bool queues;       /* the application accepts only as these two say, else connections as they come */
    synfin_time accept_after; /* the first */
    synfin_time accept_every; /* one in so long; SYNFIN_NEVER: none */
};

struct scenario_host {
    char *name;
    uint32_t addresses;          /* how many, at least 1 */
    uint16_t port_low, port_high; /* ephemeral ports, both included */
    void **protocol;             /* configuration per protocol of the registry; owned here */
    size_t listeners;
    struct scenario_listener *listener;
};

/* One link of a workload's path. */
struct scenario_hop {
    uint32_t link;
    bool backward; /* `-wan`: on the way to `to` it is crossed backwards */
};

enum scenario_close {
    SCENARIO_CLOSE_CLIENT,
    SCENARIO_CLOSE_SERVER,
    SCENARIO_CLOSE_BOTH,
    SCENARIO_CLOSE_NONE,
    SCENARIO_CLOSE_CLIENT_ONLY,
    SCENARIO_CLOSE_SERVER_ONLY,
};

struct scenario_workload {
    char *name;
    uint32_t from;
    size_t destinations;
    uint32_t *to; /* hosts, used in turn */
    uint16_t *port; /* for each destination */
    size_t hops;
    struct scenario_hop *hop; /* none: no `over`, delay 0 */
    unsigned protocol;
    struct scenario_model arrivals;
    uint64_t connections;  /* 0: by duration */
    synfin_time duration;  /* 0: by connections */
    synfin_time start;
    uint64_t request, response; /* bytes */
    synfin_time hold;
    enum scenario_close close;
    synfin_time close_after;
    bool half_close;
    bool fast_open;
    synfin_time connect_timeout; /* 0: none */
    uint64_t retries;
};

struct synfin_scenario {
    const struct synfin_registry *registry;
    uint64_t seed;
    synfin_time stop;   /* SYNFIN_NEVER: when nothing is pending */
    synfin_time series; /* 0: off */
    size_t hosts, links, workloads, protocols; /* protocols: of the registry when the scenario was made */
    struct scenario_host *host;
    struct scenario_link *link;
    struct scenario_workload *workload;
    size_t warnings;
    char **warning;
};

#endif
