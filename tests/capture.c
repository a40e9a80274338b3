/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture.h"

#include <unistd.h>

#include "suite.h"

void capture_begin(struct capture *c)
{
    c->file = tmpfile();
    CU_ASSERT_PTR_NOT_NULL_FATAL(c->file);
    fflush(stderr);
    c->saved = dup(STDERR_FILENO);
    dup2(fileno(c->file), STDERR_FILENO);
}

void capture_end(struct capture *c, char *text, size_t size)
{
    fflush(stderr);
    dup2(c->saved, STDERR_FILENO);
    close(c->saved);
    rewind(c->file);
    if (text)
        text[fread(text, 1, size - 1, c->file)] = '\0';
    fclose(c->file);
}
