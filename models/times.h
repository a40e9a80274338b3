/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Text files of times, for models that are given a file: a time with its unit a line (`12.5ms`), in weighted files
 * perhaps followed by a weight (a whole number, 1 where there is none). `#` begins a comment; empty lines are skipped.
 */
#ifndef SYNFIN_MODELS_TIMES_H
#define SYNFIN_MODELS_TIMES_H

#include "plugin.h"

struct times_row {
    synfin_time time;
    uint64_t weight;
};

struct times {
    size_t count;
    struct times_row *row;
};

/* Reads a file. 0, or -1 with a complaint about `param` that names file and line. At least one row is asked for. */
int times_read(struct times *, const char *file, bool weighted, struct synfin_complaint *, const char *param);

void times_free(struct times *);

#endif
