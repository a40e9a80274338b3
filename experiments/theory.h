/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The exact distribution of set-up latency (the client's first SYN sent, the client enters ESTABLISHED), where losses
 * are independent, delays are fixed or drawn from a short table, and no queue stands in the way. It is computed from
 * the timer schedules of both ends, without the simulator and without the TCP engine.
 */
#ifndef SYNFIN_THEORY_H
#define SYNFIN_THEORY_H

#include "scenario.h"

enum { THEORY_REASON = 256 };

/* A breakpoint of the distribution function: its values right before `time` and at it; between two breakpoints it is
   linear. */
struct theory_point {
    synfin_time time;
    double before, after;
};

struct theory {
    char unknown[THEORY_REASON]; /* why there is no closed form; empty: it is known, and what follows counts */
    size_t points;
    struct theory_point *point; /* ascending in time */
    double never;               /* the client gives up */
};

/* Of a workload whose connections number `opened`: they take the destinations in turn. 0, or -1: no memory. */
int theory_of_workload(struct theory *, const struct synfin_scenario *, size_t workload, uint64_t opened);
void theory_free(struct theory *);

/* How many connections the scenario says there will be, about. */
uint64_t theory_expected(const struct scenario_workload *);

/* Of several workloads together, each with its weight (they add up to 1). 0, or -1: no memory. */
int theory_mix(struct theory *, const struct theory *const part[], const double *weight, size_t n);

/* P(set-up latency <= time). */
double theory_at(const struct theory *, synfin_time time);

/* What a simulation came to, against theory. */
struct theory_verdict {
    char unknown[THEORY_REASON]; /* as above */
    double max_deviation;        /* between the distribution functions; who is never established counts as infinite */
    double band;                 /* Dvoretzky-Kiefer-Wolfowitz with Massart's constant: exceeded once in 1000 runs */
    bool agrees;                 /* max_deviation <= band */
};

/* `setup` holds the latencies of those of `opened` connections that were established. */
void theory_judge(struct theory_verdict *, const struct theory *, const struct synfin_statistic *setup,
                  uint64_t opened);

/* A whole run: a verdict for each workload, then one for all of them together. 0, or -1: no memory. */
int theory_of_run(struct theory_verdict *, const struct synfin_scenario *, const struct synfin_results *);

#endif
