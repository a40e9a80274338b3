/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows of cells, printed in columns as wide as their widest cell. */
#ifndef SYNFIN_TEXT_TABLE_H
#define SYNFIN_TEXT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { TEXT_TABLE_COLUMNS = 12 };

struct text_table {
    size_t columns, cells;
    char **cell;
    bool failed; /* no memory */
};

/* Adds a cell, row by row; the text is copied. */
void text_table_add(struct text_table *, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Prints each row behind `indent`, and frees the cells. -1: there was no memory. */
int text_table_print(struct text_table *, FILE *, const char *indent);

#endif
