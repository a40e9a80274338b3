/* SPDX-License-Identifier: BSD-2-Clause */
/* `expect:` — statements such as `setup.p50 == 20ms` about what `run --json` prints. */
#ifndef SYNFIN_EXPECT_H
#define SYNFIN_EXPECT_H

#include <stdbool.h>
#include <stddef.h>

#include "synfin.h"

enum expect_relation { EXPECT_EQ, EXPECT_NE, EXPECT_LT, EXPECT_LE, EXPECT_GT, EXPECT_GE };

struct expect {
    char *text; /* as written; owned */
    char *name; /* `setup.p50`, `connections.failed.timeout`, `links.wan.forward.lost` ...; owned */
    enum expect_relation relation;
    double value; /* durations in ms, as run --json shows them */
    const char *unit; /* of the value and of what is found: " ms", " s" or "" */
};

/* 0, or -1 with a message (what was wrong; what would be right). */
int expect_parse(struct expect *, const char *text, char *error, size_t size);
void expect_free(struct expect *);

/* Whether it is about what depends on the machine (`wall_s`, `peak_rss_mib` ...): then the results do not tell. */
bool expect_of_machine(const struct expect *);

/* Whether it holds for a value; never for NAN, which says that nothing was measured. */
bool expect_holds(const struct expect *, double value);

/* Whether it holds, and the value found. -1: no such name in these results, with a message. */
int expect_evaluate(const struct expect *, const struct synfin_results *, bool *holds, double *found, char *error,
                    size_t size);

/* The value of a name in the results, in the units of `run --json`; -1: there is no such name. */
int expect_lookup(const struct synfin_results *, const char *name, double *value);

#endif
