/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows of cells, printed in columns as wide as their widest cell. */
#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "text_table.h"

void text_table_add(struct text_table *t, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (!(t->cells & (t->cells - 1))) { /* grown at powers of two */
        char **grown = realloc(t->cell, (t->cells ? 2 * t->cells : 1) * sizeof *grown);
        t->failed = t->failed || !grown;
        t->cell = grown ? grown : t->cell;
    }
    size_t size = n < 0 ? 1 : (size_t)n < sizeof text ? (size_t)n + 1 : sizeof text;
    char *copy = t->failed ? NULL : malloc(size);
    t->failed = t->failed || !copy;
    if (t->failed)
        return;
    memcpy(copy, text, size - 1);
    copy[size - 1] = '\0';
    t->cell[t->cells++] = copy;
}

int text_table_print(struct text_table *t, FILE *f, const char *indent)
{
    size_t width[TEXT_TABLE_COLUMNS] = {0};
    assert(t->columns > 0 && t->columns <= TEXT_TABLE_COLUMNS && (t->failed || t->cells % t->columns == 0));
    for (size_t i = 0; i < t->cells; i++) {
        size_t n = strlen(t->cell[i]);
        width[i % t->columns] = n > width[i % t->columns] ? n : width[i % t->columns];
    }
    for (size_t row = 0; row < t->cells && !t->failed; row += t->columns) {
        size_t last = t->columns; /* nothing trails a row's last text */
        while (last > 0 && !*t->cell[row + last - 1])
            last--;
        fputs(indent, f);
        for (size_t c = 0; c < last; c++)
            fprintf(f, "%-*s%s", c + 1 < last ? (int)width[c] : 0, t->cell[row + c], c + 1 < last ? "  " : "");
        fputc('\n', f);
    }
    for (size_t i = 0; i < t->cells; i++)
        free(t->cell[i]);
    free(t->cell);
    int status = t->failed ? -1 : 0;
    *t = (struct text_table){.columns = t->columns};
    return status;
}
