/* SPDX-License-Identifier: BSD-2-Clause */
/* What goes to standard error while something is called. */
#ifndef SYNFIN_CAPTURE_H
#define SYNFIN_CAPTURE_H

#include <stddef.h>
#include <stdio.h>

struct capture {
    int saved;
    FILE *file;
};

/* From here to capture_end() standard error goes to a file of its own; then `text` holds what was written, as far as
   there is room (NULL: nobody wants to know). */
void capture_begin(struct capture *);
void capture_end(struct capture *, char *text, size_t size);

#endif
