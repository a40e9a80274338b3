/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Results of a sweep: one SQLite database that needs nothing else to be understood. results_schema.c describes the
 * tables. One process writes; others may read meanwhile.
 */
#ifndef SYNFIN_RESULTS_H
#define SYNFIN_RESULTS_H

#include <sqlite3.h>

#include "rows.h"
#include "scenario_file.h"
#include "theory.h"

/* Counts up whenever a reader of the last format could not read the new one. */
#define RESULTS_FORMAT 2

/* Statements that are kept prepared. */
enum results_statement {
    RESULTS_PUT_RUN,
    RESULTS_PUT_WALL_CLOCK,
    RESULTS_PUT_METRIC,
    RESULTS_PUT_HISTOGRAM,
    RESULTS_PUT_SAMPLE,
    RESULTS_PUT_WAITING,
    RESULTS_PUT_EXPECTATION,
    RESULTS_PUT_NAME,
    RESULTS_HAS,
    RESULTS_BEGIN,
    RESULTS_COMMIT,
    RESULTS_STATEMENTS,
};

struct results {
    sqlite3 *db;
    char *path;
    bool writing;
    int lock; /* a descriptor that holds it; -1: none */
    size_t points, parameters; /* parameters: of each point */
    size_t looks;              /* at intervals, where `until` ever decided on replications; 0: it never did */
    size_t names;              /* of counts */
    char **name;               /* by position */
    sqlite3_stmt *statement[RESULTS_STATEMENTS];
};

/* All functions print their errors on standard error. */

/*
 * Opens the database of a sweep of this file with this seed, makes it where there is none. One that belongs to
 * something else is left as it is: STATUS_USAGE, after saying what differs. Name, plots and replications are those of
 * the file from now on. STATUS_DONE, STATUS_USAGE or STATUS_FAILED.
 */
int results_begin(struct results *, const char *path, const struct scenario_file *, uint64_t seed);

/* What a user names is a file, also where SQLite means something else by that name. */
const char *results_file_name(const char *path);

/* Opens a database for reading. STATUS_DONE or STATUS_USAGE. */
int results_open(struct results *, const char *path);

/* In a process that was forked from the one that writes: it is not to hold the lock. Nothing else may be done there. */
void results_leave(struct results *);

/* After success or failure of either. What was written is then one plain file. */
void results_close(struct results *);

/* ---- Writing ----------------------------------------------------------------------------------------------------- */

/* Adds a run, in one transaction; a failed one is replaced. It is safe from the death of this process at once, from a
   power cut after results_sync: to wait for the disk after each of many short runs would cost more than the runs. 0 or
   -1. */
int results_put(struct results *, const struct rows *);

/* Waits until all that was put is on the disk. 0 or -1. */
int results_sync(struct results *);

/* Whether the run is there and not failed: 1 or 0; -1: an error. */
int results_has(struct results *, size_t point, uint32_t replication);

/* How many runs are there and not failed. 0 or -1. */
int results_there(struct results *, size_t *runs);

/* ---- Reading ----------------------------------------------------------------------------------------------------- */

/* A value of `meta`, to be freed; NULL: there is none. */
char *results_meta(struct results *, const char *key);

/* The level of each interval: 95 %, or what makes all looks together hold with 95 % (until.h). */
double results_level(const struct results *);

/* What is set at a point: the n-th parameter in the order of the sweep. */
struct results_parameter {
    char *path, *text; /* as written */
    char *unit;        /* of the value: `ms`, `%` ...; empty: a bare number; NULL: the text is no number */
    double value;
};
/* 0 or -1. */
int results_parameter(struct results *, size_t point, size_t n, struct results_parameter *);
void results_parameter_free(struct results_parameter *);

/* Replications from 0 up to, and less, a bound: this one leaves none out. */
#define RESULTS_EVERY UINT32_MAX

/* How many of these replications of the point are done. */
size_t results_done(struct results *, size_t point, uint32_t bound);

/* Adds the distribution of these replications of a point to `statistic`. 0 or -1. */
int results_pool(struct results *, size_t point, uint32_t bound, const char *workload, enum synfin_metric,
                 struct synfin_statistic *);

/* One number of each replication, by number: `statistic` of a metric in ms (`mean`, `p99` ...), or a count (`metric` <
   0) of `run --json` by its name. To be freed. 0 or -1. */
int results_values(struct results *, size_t point, const char *workload, int metric, const char *name, double **values,
                   size_t *n);

/* The same, with the number of the replication that each value is of; both are to be freed, also after -1. */
int results_numbered(struct results *, size_t point, const char *workload, int metric, const char *name,
                     double **values, uint32_t **replications, size_t *n);

/* The exact distribution of set-up latency, of a workload or of all (ROWS_ALL), weighted by the connections counted. 0
   or -1. */
int results_theory(struct results *, size_t point, const char *workload, struct theory *);

/* How a column's name says the unit of its values: `_ms`, `_percent` ...; empty where there is none (NULL or empty). */
const char *results_suffix(const char *unit);

/* Whether the connections of these replications of the point were independent of each other. */
bool results_independent(struct results *, size_t point, uint32_t bound);

/* Tells of what is not as it should be, by point and replication: failed runs, and expectations that do not hold
   (`failure` is NULL then, else `expectation`). 0 or -1. */
typedef void results_bad_run(void *user, size_t point, uint32_t replication, const char *failure,
                             const char *expectation, double found);
int results_bad(struct results *, results_bad_run *, void *user);

/* How many runs failed, and how many are not made yet of a number of replications that the file names. 0 or -1. */
int results_absent(struct results *, size_t *failed, size_t *missing);

/* How many runs are done that were never judged by the expectation. 0 or -1. */
int results_unjudged(struct results *, const char *expectation, size_t *runs);

/* ---- For results_*.c --------------------------------------------------------------------------------------------- */

extern const char results_schema[];

/* The views `points` and `quantiles`, whose columns are the sweep's parameters. To be freed. */
char *results_views(const struct scenario_file *);
/* Student's t of intervals at a level, for the views. 0 or -1. */
int results_put_student(struct results *, double level);

/* Prints `PATH: error: why SQLite refused`. Returns -1. */
int results_failed(const struct results *);
int results_execute(struct results *, const char *sql);           /* 0 or -1 */
sqlite3_stmt *results_prepare(struct results *, const char *sql); /* NULL after the error */

/* The text of a column, valid until the next step; empty where there is none, as may be in a damaged database. */
const char *results_text(sqlite3_stmt *, int column);

/* Binds values and steps a statement that returns no rows, then resets it. `types`: a letter a value: i int64_t, d
   double, t const char * (NULL allowed), b const void * and size_t, n nothing (NULL). 0 or -1. */
int results_step(struct results *, sqlite3_stmt *, const char *types, ...);

/* Tells what a database is for and compares it with what a file asks for (results_identity.c). STATUS_... */
int results_describe(struct results *, const struct scenario_file *, uint64_t seed);
int results_compare(struct results *, const struct scenario_file *, uint64_t seed);
/* The exact distributions that plots of the file ask for (results_theory.c). 0 or -1. */
int results_put_theory(struct results *, const struct scenario_file *);
/* Name, text, plots and replications of the file. 0 or -1. */
int results_update(struct results *, const struct scenario_file *);

#endif
