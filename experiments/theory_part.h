/* SPDX-License-Identifier: BSD-2-Clause */
/* What theory*.c share. Functions that return int: 0, THEORY_UNKNOWN with the reason in `unknown`, or -1: no memory. */
#ifndef SYNFIN_THEORY_PART_H
#define SYNFIN_THEORY_PART_H

#include "theory.h"

enum { THEORY_UNKNOWN = 1 };
int theory_unknown(char unknown[THEORY_REASON], const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- theory_distribution.c --------------------------------------------------------------------------------------- */

/* A part of a distribution: all at one time, or spread evenly from low to high. */
struct theory_piece {
    synfin_time low, high;
    double probability;
};

struct theory_sum {
    size_t used, room;
    struct theory_piece *piece;
};

int theory_sum_add(struct theory_sum *, synfin_time low, synfin_time high, double probability);
/* What lies at `end` or later is taken out; returns the probability that is left. */
double theory_sum_cut(struct theory_sum *, synfin_time end);
/* Adds all of another, later by `shift`, with a weight. */
int theory_sum_merge(struct theory_sum *, const struct theory_sum *from, synfin_time shift, double weight);
int theory_sum_merge_points(struct theory_sum *, const struct theory *from, double weight);
int theory_sum_finish(struct theory_sum *, struct theory *);
void theory_sum_free(struct theory_sum *);

/* ---- theory_way.c ------------------------------------------------------------------------------------------------ */

struct theory_delay {
    synfin_time delay;
    double share;
};

/* What befalls a SYN on its way to the server, or a SYN+ACK on its way back. */
struct theory_way {
    double lost;
    size_t delays; /* at least 1 */
    struct theory_delay *delay; /* ascending; the shares of those that are not lost add up to 1 */
};

int theory_way_of(struct theory_way *, const struct synfin_scenario *, const struct scenario_workload *, bool back,
                  char unknown[THEORY_REASON]);
void theory_way_free(struct theory_way *);

/* ---- theory_timers.c --------------------------------------------------------------------------------------------- */

enum { THEORY_TIMEOUTS = 256 }; /* SYNs of a client, SYN+ACKs of a half-open connection: at most */

/* What one end's settings say of a set-up. */
struct theory_timers {
    uint64_t syn_retries, syn_linear_timeouts, synack_retries;
    synfin_time rto_initial, rto_max;
    synfin_time invalid_ratelimit, user_timeout;
    bool linux_rules;     /* SYNs are given up by time, too; SYN+ACKs earlier where the listener's queue is long */
    bool repeats_syn_ack; /* a repeated SYN is answered by the SYN+ACK, whose timer starts anew */
    bool timestamps;
    bool wheel; /* timers expire on Linux's wheel, whose ticks are `phase` + n `tick` */
    synfin_time tick, phase;
};

int theory_timers_of(struct theory_timers *, const struct scenario_host *, const struct synfin_protocol *,
                     unsigned protocol, char unknown[THEORY_REASON]);

/* The timeout after n of them have doubled it. */
synfin_time theory_timeout(const struct theory_timers *, uint64_t doubled);
/* How long after its first SYN a client gives up that has sent another, whatever it counts. */
synfin_time theory_syn_limit(const struct theory_timers *);
/* When a timer expires that is started now. */
synfin_time theory_deadline(const struct theory_timers *, synfin_time now, synfin_time timeout);
/* The last tick, where timers know nothing finer. */
synfin_time theory_tick(const struct theory_timers *, synfin_time now);
/* The longest distance between the instants at which a timer of one of these durations can expire. */
synfin_time theory_slot(const struct theory_timers *, synfin_time longest);

/* ---- theory_known.c ---------------------------------------------------------------------------------------------- */

/* A workload and one of its destinations. */
struct theory_pair {
    const struct synfin_scenario *scenario;
    const struct scenario_workload *workload;
    const struct scenario_host *from, *to;
    const struct scenario_listener *listener;
    uint64_t opened; /* connections of the workload */
    struct theory_timers client, server;
    struct theory_way way[2]; /* to the server, back */
    char *unknown;
};

/* Reads all that matters, and tells whether it has a closed form. `unknown` is filled in. */
int theory_pair_of(struct theory_pair *, const struct synfin_scenario *, size_t workload, size_t destination,
                   uint64_t opened);
void theory_pair_free(struct theory_pair *);

/* Arrivals per ns, and how many there will be, as far as the scenario says; infinite where it does not. */
double theory_rate(const struct scenario_workload *);
double theory_count(const struct scenario_workload *);

/* ---- theory_exchange.c ------------------------------------------------------------------------------------------- */

/* One attempt whose first SYN is sent at `opened`: adds its latencies, each with its probability; what is missing to 1
   is never established. `span`: how long after its first SYN the client gives up. */
int theory_exchange(const struct theory_pair *, synfin_time opened, struct theory_sum *, synfin_time *span);

/* `connect_timeout` ends attempts before that. Returns the probability that is left. */
double theory_end_attempt(const struct theory_pair *, struct theory_sum *, synfin_time *span);

/* ---- theory_wheel.c ---------------------------------------------------------------------------------------------- */

/* Where timers are wheels: over all phases in which connections come to them. */
int theory_by_phases(struct theory_pair *, struct theory_sum *, double weight);

#endif
