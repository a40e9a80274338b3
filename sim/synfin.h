/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * synfin.h: the simulator as a library.
 *
 * In this order:
 *   1. synfin_registry_new() knows the built-in protocols and models; synfin_registry_load() adds plugins.
 *   2. synfin_settings_new(), then synfin_settings_set() for each setting: a dotted path and a text, for example
 *      ("links.wan.both.loss.p", "5%"). What can be said is what a scenario file can say.
 *   3. synfin_scenario_new() checks the settings as a whole and turns them into a scenario.
 *   4. synfin_simulation_new() builds one run of it: scenario, seed and replication give all results.
 *   5. synfin_simulation_observe() where you want to see what happens; synfin_simulation_run() until it is done;
 *      synfin_simulation_results(); synfin_simulation_free().
 * Functions that can fail return NULL or -1 and fill a struct synfin_error. Nothing here prints, exits, reads a clock
 * or keeps a global; objects are independent of each other and may be used from different threads.
 */
#ifndef SYNFIN_H
#define SYNFIN_H

#include "plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What went wrong, and where. */
struct synfin_error {
    uint64_t tag;   /* of the setting at fault; 0: none in particular */
    char path[256]; /* the setting's path as it was given, or the parent of one that is missing; "": there is none */
    bool at_value;  /* the value is at fault (true), or the path (false) */
    char text[512]; /* `what was wrong; what would be right` */
};

/* ---- Protocols and models ---------------------------------------------------------------------------------------- */

struct synfin_registry;

struct synfin_registry *synfin_registry_new(void); /* NULL: no memory */
void synfin_registry_free(struct synfin_registry *);

/* Loads a plugin file. 0, or -1: unreadable, no entry symbol, another major version, a name that is taken. Not before
   every scenario and simulation that uses it is gone may the registry be freed. */
int synfin_registry_load(struct synfin_registry *, const char *file, struct synfin_error *);

/* The n-th protocol and the n-th model, built-in ones first; NULL past the end. */
const struct synfin_protocol *synfin_registry_protocol(const struct synfin_registry *, size_t n);
const struct synfin_model *synfin_registry_model(const struct synfin_registry *, size_t n);

/* By name; -1 or NULL: there is none. */
int synfin_registry_find_protocol(const struct synfin_registry *, const char *name);
const struct synfin_model *synfin_registry_find_model(const struct synfin_registry *, enum synfin_stage,
                                                      const char *name);

/* `delay`, `loss` ...; the stage of a name, or -1. */
const char *synfin_stage_name(enum synfin_stage);
int synfin_stage_find(const char *name);

/* `rst`, `syn_ack`, `syn`, `fin`, `data`, `ack`. */
const char *synfin_kind_name(enum synfin_kind);

/* ---- Settings ---------------------------------------------------------------------------------------------------- */

/*
 * A set of settings in layers. Within a layer each path may be set once (a second time is an error), and a direction's
 * own setting wins over `both`; a later layer wins over an earlier one. Nothing but the syntax of a path is checked
 * before synfin_scenario_new().
 */
struct synfin_settings;

struct synfin_settings *synfin_settings_new(void);
struct synfin_settings *synfin_settings_copy(const struct synfin_settings *);
void synfin_settings_free(struct synfin_settings *);

/* Begins a new layer. 0, or -1: no memory. */
int synfin_settings_layer(struct synfin_settings *);

/* Sets one path in the current layer. `tag` comes back in errors about it (a line of a file, say; not 0). 0 or -1. */
int synfin_settings_set(struct synfin_settings *, const char *path, const char *text, uint64_t tag,
                        struct synfin_error *);

/* The text of a path as the layers leave it, NULL: not set. Owned by the settings. */
const char *synfin_settings_get(const struct synfin_settings *, const char *path);

/* ---- Scenarios --------------------------------------------------------------------------------------------------- */

struct synfin_scenario;

/* `folder` is where relative names of files start, NULL: the working directory. The registry must outlive it. */
struct synfin_scenario *synfin_scenario_new(const struct synfin_registry *, const struct synfin_settings *,
                                            const char *folder, struct synfin_error *);
void synfin_scenario_free(struct synfin_scenario *);

/* Things that are allowed but worth a word (too few addresses for rate x TIME-WAIT ...): the n-th, NULL past the
   end. */
const char *synfin_scenario_warning(const struct synfin_scenario *, size_t n);

/* ---- Statistics -------------------------------------------------------------------------------------------------- */

/* What is measured. Each is a duration in ns. */
enum synfin_metric {
    SYNFIN_SETUP,    /* first SYN sent -> client ESTABLISHED */
    SYNFIN_ACCEPT,   /* first SYN sent -> server ESTABLISHED */
    SYNFIN_RESPONSE, /* first segment sent -> last byte of the response in order at the client */
    SYNFIN_TRANSFER, /* client ESTABLISHED -> last byte of the response */
    SYNFIN_TEARDOWN, /* first FIN sent by either side -> that side in TIME-WAIT or CLOSED */
    SYNFIN_CLOSE,    /* first FIN sent by either side -> both sides have left all states but TIME-WAIT */
    SYNFIN_LIFETIME, /* first SYN sent -> both sides done as in close */
    SYNFIN_METRICS,
};
const char *synfin_metric_name(enum synfin_metric); /* "setup" ... */
int synfin_metric_find(const char *name);           /* -1: there is none */

/*
 * A distribution: count, exact sums, minimum, maximum and a log-linear histogram (HDR layout, relative width of a bin
 * at most 2^-10) whose bins keep count and sum. Adding and merging commute exactly.
 */
struct synfin_statistic;

struct synfin_statistic *synfin_statistic_new(void);
void synfin_statistic_free(struct synfin_statistic *);
void synfin_statistic_add(struct synfin_statistic *, synfin_time value); /* value >= 0 */
void synfin_statistic_merge(struct synfin_statistic *to, const struct synfin_statistic *from);
/* Whether memory ran out in add or merge: then values are missing, and the statistic is not to be used. */
bool synfin_statistic_failed(const struct synfin_statistic *);
uint64_t synfin_statistic_count(const struct synfin_statistic *);
synfin_time synfin_statistic_min(const struct synfin_statistic *); /* 0 where the count is 0, as are all below */
synfin_time synfin_statistic_max(const struct synfin_statistic *);
double synfin_statistic_mean(const struct synfin_statistic *);
double synfin_statistic_sd(const struct synfin_statistic *); /* n - 1 */
/* The mean of the bin that holds rank ceil(p n), 0 < p <= 1: exact where all values of the bin are equal. */
double synfin_statistic_quantile(const struct synfin_statistic *, double p);
/* How many values are at most `value`, each counted as the mean of its bin. */
uint64_t synfin_statistic_at_most(const struct synfin_statistic *, synfin_time value);

/* Non-empty bins in ascending order: *cursor starts at 0. False past the last. A bin's values lie in
   [low, low + width). */
struct synfin_bin {
    synfin_time low, width;
    uint64_t count;
    uint64_t excess; /* sum of (value - low) */
};
bool synfin_statistic_next(const struct synfin_statistic *, size_t *cursor, struct synfin_bin *);
/* Exact sums of the values and of their squares, as 128-bit integers: high and low half. */
void synfin_statistic_sums(const struct synfin_statistic *, uint64_t sum[2], uint64_t squares[2]);
/* A statistic from what synfin_statistic_next, _sums, _min and _max told of another. 0 or -1: not sound. */
int synfin_statistic_restore(struct synfin_statistic *, const struct synfin_bin *bins, size_t n, synfin_time min,
                             synfin_time max, const uint64_t sum[2], const uint64_t squares[2]);

/* ---- Results ----------------------------------------------------------------------------------------------------- */

enum synfin_outcome {
    SYNFIN_OUTCOME_OPEN,
    SYNFIN_OUTCOME_CLOSED,
    SYNFIN_OUTCOME_TIMEOUT, /* OUTCOME_TIMEOUT + enum synfin_failure */
    SYNFIN_OUTCOME_RESET,
    SYNFIN_OUTCOME_REFUSED,
    SYNFIN_OUTCOME_NO_PORT,
    SYNFIN_OUTCOMES,
};
const char *synfin_outcome_name(enum synfin_outcome);

/* Why a connection found no port: connections that are alive hold all towards the destination from the address whose
   turn it is, or some of them are in TIME-WAIT and may not be used again yet. */
enum synfin_no_port { SYNFIN_PORTS_IN_USE, SYNFIN_PORTS_IN_TIME_WAIT, SYNFIN_NO_PORT_REASONS };

struct synfin_connection_counts {
    uint64_t opened, established, closed, open;
    uint64_t failed[SYNFIN_FAILURES];
    uint64_t peak_concurrent;
    uint64_t no_port[SYNFIN_NO_PORT_REASONS];
    uint64_t time_wait_overflow; /* ends that were closed at once, as their host had max_tw_buckets in TIME-WAIT */
};

struct synfin_segment_counts {
    uint64_t kind[SYNFIN_KINDS];
    uint64_t lost, dropped, duplicated, corrupted, reordered;
};

struct synfin_workload_results {
    const char *name;
    struct synfin_connection_counts connections;
    struct synfin_segment_counts segments[2]; /* forward, backward: the workload's directions */
    struct synfin_statistic *metric[SYNFIN_METRICS];
};

struct synfin_link_counts {
    uint64_t sent, lost, dropped, duplicated, corrupted, reordered, bytes, max_queue;
};

struct synfin_link_results {
    const char *name;
    struct synfin_link_counts direction[2]; /* forward, backward: the link's */
};

/* A sample of `series:`. Arrays are ordered as named; the counts of states are of the TCP endpoints of all hosts. */
enum { SYNFIN_SERIES_STATES = 11 };
struct synfin_sample {
    synfin_time time;
    uint64_t state[SYNFIN_SERIES_STATES]; /* by the protocol's state numbers */
    uint64_t segments[2];                 /* emitted since the last sample: forward, backward */
    const uint64_t *waiting;              /* packets waiting per link: forward and backward of each in turn */
};

struct synfin_results {
    synfin_time simulated; /* the instant of the last event */
    uint64_t events;
    struct synfin_workload_results total; /* all workloads; its name is NULL */
    size_t workloads, links;
    const struct synfin_workload_results *workload; /* in the file's order */
    const struct synfin_link_results *link;
    size_t crowded; /* listeners that ever treated a connection otherwise because of others: no room, a SYN cookie */
    size_t samples;
    const struct synfin_sample *sample;
};

/* ---- What happens, for whoever listens --------------------------------------------------------------------------- */

enum synfin_event_kind {
    SYNFIN_EVENT_SENT,
    SYNFIN_EVENT_LOST,
    SYNFIN_EVENT_DROPPED,
    SYNFIN_EVENT_DUPLICATED,
    SYNFIN_EVENT_CORRUPTED,
    SYNFIN_EVENT_DELIVERED,
    SYNFIN_EVENT_STATE, /* an endpoint entered a state */
    SYNFIN_EVENT_TIMER, /* a timer expired */
    SYNFIN_EVENT_INJECTED, /* a middlebox sent a RST in the name of an end */
    SYNFIN_EVENTS,
};
const char *synfin_event_name(enum synfin_event_kind);

struct synfin_event {
    synfin_time time;
    enum synfin_event_kind kind;
    const char *host;                     /* where; of lost ... corrupted, injected: whose the segment is */
    uint32_t workload, connection;        /* workload's index, connection's number in it */
    bool client;                          /* state, timer: the workload's `from` side */
    const struct synfin_segment *segment; /* NULL for state and timer */
    const char *link;                     /* lost, dropped, duplicated, corrupted, injected: the link, else NULL */
    bool link_backward;                   /* which direction of it */
    const char *model;                    /* and the model; of a timer, the timer's name */
    const char *state;                    /* the state entered; for sent, delivered and timer, the endpoint's;
                                             may be NULL */
    synfin_time since;                    /* timer: when it was armed; of a segment: when its endpoint emitted it, of
                                             one injected: when that was emitted which drew it */
    synfin_time duration;                 /* timer: its nominal duration */
    uint32_t copies;                      /* duplicated: how many were made */
};

/* A connection that is over (or still open at the end of the run). Durations are -1 where it did not happen. */
struct synfin_connection {
    uint32_t workload, number;
    enum synfin_outcome outcome;
    synfin_time opened;
    synfin_time duration[SYNFIN_METRICS];
    uint32_t syn_sent, syn_ack_sent, fin_sent;
    uint32_t local, remote; /* the client's last four-tuple; no_port: addresses only */
    uint16_t local_port, remote_port;
};

struct synfin_observer {
    void *user;
    /* Every event, in the order of time, host in the file's order, order at the host. NULL: not wanted (it costs). */
    void (*event)(void *user, const struct synfin_event *);
    /* Only events of this connection of this workload; SYNFIN_NONE: of all. */
    uint32_t only_workload, only_connection;
    /* Every connection once, in no particular order. NULL: not wanted. */
    void (*connection)(void *user, const struct synfin_connection *);
};

/* ---- Simulations ------------------------------------------------------------------------------------------------- */

struct synfin_simulation;

/* One run. The scenario must outlive it. */
struct synfin_simulation *synfin_simulation_new(const struct synfin_scenario *, uint32_t replication,
                                                struct synfin_error *);

/* For many runs, one after the other: what one leaves, up to `most` bytes, the next takes, instead of asking the system
   for it. Not for two threads at once. */
struct synfin_memory;
struct synfin_memory *synfin_memory_new(size_t most); /* NULL: no memory */
void synfin_memory_free(struct synfin_memory *); /* after all simulations that were made from it */
/* The same run as synfin_simulation_new's, and the same results. */
struct synfin_simulation *synfin_simulation_new_from(struct synfin_memory *, const struct synfin_scenario *,
                                                     uint32_t replication, struct synfin_error *);
void synfin_simulation_free(struct synfin_simulation *);

/* Before the first synfin_simulation_run. The observer is copied. */
void synfin_simulation_observe(struct synfin_simulation *, const struct synfin_observer *);

/*
 * Goes on for about `budget` events (0: to the end). 1: not finished, 0: finished, -1: failed (no memory), with an
 * error. Call it in turns to show progress or to be interrupted.
 */
int synfin_simulation_run(struct synfin_simulation *, uint64_t budget, struct synfin_error *);

/* How far it came. */
struct synfin_progress {
    synfin_time now;
    uint64_t events;
    uint64_t opened, over;   /* connections */
    uint64_t expected;       /* connections in all, 0: not known */
};
void synfin_simulation_progress(const struct synfin_simulation *, struct synfin_progress *);

/* The results so far (connections not over count as open). Valid until the simulation is run again or freed. NULL: no
   memory. */
const struct synfin_results *synfin_simulation_results(struct synfin_simulation *);

#ifdef __cplusplus
}
#endif
#endif
