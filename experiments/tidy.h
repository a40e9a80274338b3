/* SPDX-License-Identifier: BSD-2-Clause */
/* Tables for other programs, cell by cell: CSV (RFC 4180 with Unix's ends of lines), or a JSON array of objects. */
#ifndef SYNFIN_TIDY_H
#define SYNFIN_TIDY_H

#include <stdbool.h>
#include <stdio.h>

#include "synfin.h"

struct tidy {
    FILE *out;
    bool json;
    size_t columns, column; /* the next cell's */
    char **name;
    char **lead;            /* JSON: what stands before a value, its key */
    bool begun, failed;     /* failed: no memory for the columns */
};

/* Adds a column, before the first cell. */
void tidy_column(struct tidy *, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The next cell of a row; after the last column's a new row begins. */
void tidy_text(struct tidy *, const char *);
void tidy_count(struct tidy *, uint64_t);
void tidy_number(struct tidy *, double); /* reads back as the same number; what is not finite is missing */
void tidy_ms(struct tidy *, synfin_time ns); /* exactly */
void tidy_missing(struct tidy *);

/* Ends the table after whole rows. 0, or -1: there was no memory for the columns. */
int tidy_end(struct tidy *);
void tidy_free(struct tidy *);

#endif
