/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of synfin bench: cases, what they are compared with, how they are run, what is printed. */
#ifndef SYNFIN_BENCH_H
#define SYNFIN_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "synfin.h"

/* ---- Cases ------------------------------------------------------------------------------------------------------- */

enum bench_unit { BENCH_LIFECYCLE, BENCH_EVENT, BENCH_SEGMENT }; /* what a limit is for one of */

enum bench_way {
    BENCH_RUN,         /* simulate as `synfin run` does */
    BENCH_CONNECTIONS, /* the same with --connections */
    BENCH_TRACE,       /* the same with --trace */
    BENCH_SHORT,       /* many short runs one after the other, making and freeing them included */
    BENCH_STATISTICS,  /* no simulation: only add what one measured to its statistics */
};

enum bench_size { BENCH_SIZE_CONNECTIONS, BENCH_SIZE_MEGABYTES, BENCH_SIZE_HOSTS, BENCH_SIZE_LINKS };

struct bench_case {
    const char *name;
    enum bench_way way;
    enum bench_size size_of; /* what `size` is; CASE:SIZE gives another */
    uint64_t size;
    uint64_t connections;    /* where `size` is something else */
    unsigned pairs;          /* of a client and a server each; they share the path */
    unsigned addresses;      /* of all clients together */
    double rate;             /* of arrivals, a second, in all */
    bool held;               /* all connections are open at once, then closed; memory is measured */
    bool extra;              /* not among those that run unless they are named */
    const char *set[10];     /* `path=value` over the common settings, NULL at the end */
    enum bench_unit unit;
    bool with_r;             /* the unit's time is compared with P + R, else with P */
    double limit;            /* most that --check lets pass, less a quarter; 0: none */
    double churn_limit;      /* the same for a life cycle's time over churn's */
    double bytes_limit;      /* the same for the memory of an open connection, both ends, bytes */
};

/* The n-th case; NULL past the end. */
const struct bench_case *bench_case(size_t n);
/* `CASE` or `CASE:SIZE`; NULL after a message. */
const struct bench_case *bench_case_find(const char *word, uint64_t *size);
/* The scenario of a case as settings; NULL: no memory, or an error. */
struct synfin_settings *bench_settings(const struct bench_case *, uint64_t size, struct synfin_error *);

#define BENCH_TOLERANCE 1.25 /* --check: machines are shared */

/* ---- Calibration ------------------------------------------------------------------------------------------------- */

double bench_cpu_seconds(void); /* processor time of this process */

/* P: ns per independent call of Philox4x32-10, one scalar call after the other. */
double bench_philox_ns(void);

/* Memory for R, 1 GiB, touched, in huge pages where they can be had; NULL after a message. */
unsigned char *bench_map(void);
void bench_unmap(unsigned char *);
/* R: ns per independent read-modify-write of a random 64-byte line of it. */
double bench_memory_ns(unsigned char *);

/* ---- Running ----------------------------------------------------------------------------------------------------- */

enum { BENCH_RUNS = 5 }; /* that are timed; one more goes before */

/* Medians. What was not measured is NaN. */
struct bench_result {
    const struct bench_case *c;
    uint64_t size, connections;
    double p, r;                       /* ns */
    double lifecycle, event, segment;  /* ns each */
    double bytes;                      /* of resident memory per open connection, both ends */
    double churn;                      /* life cycle's time over that of the case churn */
};

/* STATUS_DONE, STATUS_FAILED after a message, or STATUS_INTERRUPTED. All but `churn` is filled. */
int bench_measure(const struct bench_case *, uint64_t size, unsigned char *memory, struct bench_result *);

/* ---- Output ------------------------------------------------------------------------------------------------------ */

/* The time of the case's unit over P or P + R. */
double bench_ratio(const struct bench_result *);

void bench_print_heading(FILE *);
void bench_print_row(FILE *, const struct bench_result *);
void bench_print_json(FILE *, const struct bench_result *, size_t n);

/* Whether nothing is more than a quarter over its limit; says on `complaints` what is. */
bool bench_within_limits(const struct bench_result *, FILE *complaints);

#endif
