/* SPDX-License-Identifier: BSD-2-Clause */
/* What `synfin run` prints: a table for people, or one JSON object. */
#ifndef SYNFIN_REPORT_H
#define SYNFIN_REPORT_H

#include <stdio.h>

#include "expect.h"
#include "synfin.h"
#include "theory.h"

/* What the run cost on this machine. */
struct report_machine {
    double wall_s, events_per_s, connections_per_s, peak_rss_mib; /* NAN: too short to say */
};

/* An expectation and what was found. */
struct report_verdict {
    const struct expect *expect;
    bool holds;
    double value; /* NAN: nothing was measured */
};

struct report {
    const struct synfin_results *results;
    const char *scenario;
    uint64_t seed;
    uint32_t replication;
    struct report_machine machine;
    size_t verdicts;
    const struct report_verdict *verdict;
    const struct theory_verdict *theory; /* of each workload, then of all together; NULL: not asked for */
};

void report_machine(struct report_machine *, const struct synfin_results *, double wall_s);

/* The value of `wall_s`, `events_per_s`, `connections_per_s` or `peak_rss_mib`. */
double report_machine_value(const struct report_machine *, const char *name);

void report_json(FILE *, const struct report *);
void report_table(FILE *, const struct report *);

#endif
