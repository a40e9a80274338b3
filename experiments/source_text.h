/* SPDX-License-Identifier: BSD-2-Clause */
/* Text files from outside: read whole, and shown in errors as FILE:LINE:COLUMN, the line, a caret. */
#ifndef SYNFIN_SOURCE_TEXT_H
#define SYNFIN_SOURCE_TEXT_H

#include <stdarg.h>
#include <stddef.h>

enum { SOURCE_TEXT_MAX = 16 << 20 };

/*
 * Reads a regular file, or standard input where the name is `-`, of at most SOURCE_TEXT_MAX bytes of UTF-8 text.
 * Returns the text, ended by a zero byte, to be freed; NULL after `NAME: error: ...` on standard error.
 */
char *source_text_read(const char *name, size_t *size);

/* Prints the error, and where line is not 0 the source line with a caret below the column (from 1, in characters). */
void source_text_error(const char *name, const char *text, size_t size, int line, int column, const char *message);

/* Prints `PLACE: error: MESSAGE` as one line, control characters replaced. */
void source_text_complain(const char *place, const char *message);

#endif
