/* SPDX-License-Identifier: BSD-2-Clause */
/* The parameters of a sweep as numbers: all values of one path in one unit, so that they can be an axis. */
#ifndef SYNFIN_PARAMETER_H
#define SYNFIN_PARAMETER_H

#include "scenario_file.h"

/* How many parameters a point has: the paths of all axes. */
size_t parameter_count(const struct scenario_file *);
const char *parameter_path(const struct scenario_file *, size_t n);

/* What the n-th is at a point: the text in force, a --set included. */
const char *parameter_text(const struct scenario_file *, size_t n, size_t point);

/* The unit in which all values of the n-th can be said: `ms`, `bytes`, `bit/s`, `/s`, `%`, `` for bare numbers; NULL:
   at least one is no number, or their units do not go together. */
const char *parameter_unit(const struct scenario_file *, size_t n);

/* Warns of a --set that wins over all values of the n-th. False: there is none. */
bool parameter_warning(const struct scenario_file *, size_t n, char *text, size_t size);

/* Whether two texts say the same: `1%` and `0.01`, `1s` and `1000ms`. */
bool parameter_same(const char *a, const char *b);

/* The number in that unit. */
double parameter_value(const char *text, const char *unit);

#endif
