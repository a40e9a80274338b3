/* SPDX-License-Identifier: BSD-2-Clause */
/* The parameters of a sweep as numbers: all values of one path in one unit, so that they can be an axis. */
#ifndef SYNFIN_PARAMETER_H
#define SYNFIN_PARAMETER_H

#include "scenario_file.h"

/* How many parameters a point has: the paths of all axes. */
size_t parameter_count(const struct scenario_file *);
const char *parameter_path(const struct scenario_file *, size_t n);

/* What the n-th is at a point: the text in force, a --set of the same path included. */
const char *parameter_text(const struct scenario_file *, size_t n, size_t point);

/* The unit in which all values of the n-th can be said: `ms`, `bytes`, `bit/s`, `/s`, `%`, `` for bare numbers; NULL:
   at least one is no number, or their units do not go together. */
const char *parameter_unit(const struct scenario_file *, size_t n);

/* The number in that unit. */
double parameter_value(const char *text, const char *unit);

#endif
