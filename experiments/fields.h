/* SPDX-License-Identifier: BSD-2-Clause */
/* The names of results, in the order of `run --json`: what prints, and what looks a name up, read the same tables. */
#ifndef SYNFIN_FIELDS_H
#define SYNFIN_FIELDS_H

#include "synfin.h"

/* A uint64_t of a struct of counts. A field without a name ends a table. */
struct field {
    const char *name;
    size_t offset;
};

extern const struct field connection_fields[]; /* struct synfin_connection_counts; `failed` stands before the last */
extern const struct field segment_fields[];    /* struct synfin_segment_counts */
extern const struct field link_fields[];       /* struct synfin_link_counts */

uint64_t field_value(const struct field *, const void *counts);
const struct field *field_find(const struct field *table, const char *name); /* NULL: there is none */

/* Further fields of struct synfin_connection_counts, by the name that they stand under. The last has none. */
enum { GROUP_FAILED, GROUP_NO_PORT, GROUP_TIME_WAIT, GROUPS };
struct field_group {
    const char *name;
    const struct field *fields;
};
extern const struct field_group connection_groups[GROUPS + 1];
const struct field_group *group_find(const char *name); /* NULL: there is none */

extern const char *const direction_names[2]; /* forward, backward */

/* What is told of a distribution. */
enum summary {
    SUMMARY_COUNT,
    SUMMARY_MEAN,
    SUMMARY_SD,
    SUMMARY_MIN,
    SUMMARY_P50,
    SUMMARY_P90,
    SUMMARY_P99,
    SUMMARY_P999,
    SUMMARY_MAX,
    SUMMARIES,
};
extern const char *const summary_names[SUMMARIES];
int summary_find(const char *name); /* -1: there is none */

/* In ms, the count apart; NAN where there are too few values to say (none; for sd, one). */
double summary_value(const struct synfin_statistic *, enum summary);

#endif
