/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * `replications: {until: ...}`: replications are added to a point until its intervals are narrow.
 *
 * One looks at a point when it has `least` replications, and again each time there are half as many more, the last time
 * at `most`. A look sees the replications below its number and no others: what it decides is a function of file and
 * seed. Who looks often will see a narrow interval by chance at some time; so that all looks together hold the value
 * with 95 %, each of K looks has the level 1 - 5 % / K (Bonferroni; Jennison and Turnbull, "Interim analyses: the
 * repeated confidence interval approach", 1989). Whichever look is the last, its interval keeps its promise.
 */
#ifndef SYNFIN_UNTIL_H
#define SYNFIN_UNTIL_H

#include "estimate.h"
#include "quantity.h"

/* Whether results like these have what the goals name. 0, or -1 after the error. */
int until_check(const struct scenario_file *, const struct synfin_results *);

/* The number of replications of the look after that of `replications`; at the most, the same. */
uint32_t until_next_look(const struct scenario_until *, uint32_t replications);

/* How many looks there may be. */
size_t until_looks(const struct scenario_until *);

/* Whether the interval is narrow enough: half of it at most `width` of the value, and no gap decides where it lies. One
   over replications that are all equal has no width and tells nothing. */
bool until_met(const struct estimate *, double width);

/*
 * Raises the number of replications that a point is to have, from one look to the next, until a look is not complete
 * (a run of it is not there or failed), or all goals are met, or there are the most that may be. 0 or -1.
 */
int until_raise(struct results *, const struct scenario_until *, size_t point, uint32_t *replications);

/* How many runs a database lacks for the next look of each point, where `until` decides. 0 or -1. */
int until_missing(struct results *, size_t *runs);

/* Tells on standard error of the points at which a goal is not met, and where more replications do not help. 0, -1. */
int until_report(struct results *, const struct scenario_file *);

#endif
