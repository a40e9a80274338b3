/* SPDX-License-Identifier: BSD-2-Clause */
/* Output files that appear under their names only when they are complete. */
#ifndef SYNFIN_OUTPUT_H
#define SYNFIN_OUTPUT_H

#include <stdio.h>

struct output {
    FILE *stream;
    char *path, *temporary;
};

/* Opens a temporary file beside `path`. 0, or -1 after a message on standard error. */
int output_open(struct output *, const char *path);
/* Flushes, checks, and renames to `path`. 0, or -1 after a message; then nothing is left under either name. */
int output_commit(struct output *);
/* Removes what was written; nothing happens where nothing is open. */
void output_abandon(struct output *);

/* Makes a folder for outputs where it is not there. 0, or -1 after a message. */
int output_folder(const char *path);

/* Flushes standard output. 0, or -1 after a message, once: not all that was printed reached its reader. */
int output_flush(void);

#endif
