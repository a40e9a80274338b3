/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of `synfin compare`: two sides, their points in pairs, what is compared, and what came out. */
#ifndef SYNFIN_COMPARE_H
#define SYNFIN_COMPARE_H

#include <stdio.h>

#include "expect.h"
#include "options.h"
#include "quantity.h"
#include "results.h"
#include "two_sample.h"

/* Any false alarm at all among the verdicts of a comparison has at most this probability. */
#define COMPARE_ALPHA 0.05

/* ---- Sides: compare_side.c --------------------------------------------------------------------------------------- */

/* A parameter that is held fixed: `KEY=VALUE` after the database's name. */
struct compare_condition {
    size_t parameter; /* of the sweep */
    char *path, *text;
};

struct compare_side {
    const char *word;        /* as given: `A.db:links.wan.both.loss.p=5%` */
    struct results results;
    char *name, *seed, *version, *replications; /* replications: as asked for */
    bool common;             /* random: common */
    size_t conditions, points;
    struct compare_condition *condition;
    size_t *point;           /* those that meet the conditions and have runs */
};

/* STATUS_DONE, STATUS_USAGE or STATUS_FAILED; to be closed after either. */
int compare_side_open(struct compare_side *, const char *word);
void compare_side_close(struct compare_side *);

/* Whether a path is held fixed. */
bool compare_side_fixed(const struct compare_side *, const char *path);

/* ---- Pairs of points: compare_match.c ---------------------------------------------------------------------------- */

struct compare_pairs {
    size_t pairs, alone[2];
    size_t (*pair)[2];
    size_t *alone_point[2]; /* points of a side that the other does not have */
};

/* Matches points that agree in all parameters but those held fixed; where only one side sweeps a parameter, the other's
   setting counts. STATUS_... */
int compare_match(struct compare_side sides[2], struct compare_pairs *);
void compare_pairs_free(struct compare_pairs *);

/* ---- What is compared -------------------------------------------------------------------------------------------- */

struct compare_item {
    struct quantity of;
    bool usual; /* nobody asked for it: left out where it says nothing */
};

/* `--fail-if`: the relation of B - A to a limit (compare_limit.c). */
struct compare_limit {
    const char *text;
    struct quantity of;
    enum expect_relation relation;
    bool relative; /* the limit is a share of A; else in ms or a number */
    double limit;
};
int compare_limit_parse(struct compare_limit *, const char *text, char *error, size_t size);

/* ---- All of it: compare_measure.c -------------------------------------------------------------------------------- */

/* One line of the table: an item at a pair of points. */
struct compare_line {
    size_t pair;
    const struct compare_item *item;
    size_t replications[2];
    struct two_sample test;
    double adjusted;       /* p, for all comparisons */
    bool shown;            /* the difference */
    bool distributions;    /* whether they are compared on this line */
    double distance, distance_p; /* p: NAN where connections depend on each other */
};

struct compare {
    struct compare_side side[2];
    struct compare_pairs pairs;
    bool paired; /* numbers are common: run by run */
    size_t looks; /* 1; more where `until` decided on replications: numbers of them at which it may have stopped */
    size_t items, limits, lines;
    struct compare_item *item;
    struct compare_limit *limit;
    struct compare_line *line;
    size_t comparisons; /* that have a p */
};

/* Compares what the items name at all pairs of points: fills the lines, by item, then point. 0 or -1. */
int compare_measure(struct compare *);

/* The difference as a share of A, of its size. */
double compare_share(const struct two_sample *);

/* ---- What is said of it ------------------------------------------------------------------------------------------ */

/* `5 %, 10 ms`: the parameters of a pair's points that are not held fixed; empty where there are none. 0 or -1. */
int compare_point_label(struct compare *, size_t pair, char text[LABEL_SIZE]);

/* Tells on standard error which settings differ that neither side sweeps. 0 or -1. */
int compare_settings(struct compare *);

int compare_print(struct compare *, FILE *);                                 /* compare_table.c; 0 or -1 */
int compare_plots(struct compare *, const char *folder, const char *format); /* compare_plot.c; 0 or -1 */

/* `+5 ms`, `-0.3`: a difference in the quantity's unit; `0`. */
void compare_difference_label(const struct quantity *, double difference, char text[LABEL_SIZE]);
void compare_share_label(double share, char text[LABEL_SIZE]); /* `+5.2 %` */

#endif
