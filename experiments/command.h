/* SPDX-License-Identifier: BSD-2-Clause */
/* What the command line knows: the subcommands, the options with those that take them, and the help made from both. */
#ifndef SYNFIN_COMMAND_H
#define SYNFIN_COMMAND_H

#include <stdio.h>

#include "options.h"

struct command {
    const char *name;
    const char *arguments; /* as usage shows them: `FILE` */
    const char *missing;   /* what is missing where there are fewer than `least`; NULL: nothing can be */
    size_t least, most;    /* arguments */
    const char *summary;   /* one line */
    const char *more;      /* paragraphs */
    const char *examples;  /* lines, each a command */
};

extern const struct command commands[]; /* ends with a row without a name */
const struct command *command_find(const char *name); /* NULL: there is none */

/* What an option's argument fills in struct options. */
enum option_form {
    OPTION_FLAG,
    OPTION_TEXT,
    OPTION_LIST,
    OPTION_SEED,
    OPTION_REPLICATION,
    OPTION_WORKERS,
    OPTION_TIMEOUT,
};

struct option_row {
    const char *name; /* without the dashes */
    char letter;      /* 0: none */
    const char *argument;
    enum option_form form;
    size_t offset, count_offset; /* of the member; of a list, also of its length */
    const char *commands;        /* names with a space before and after each */
    const char *help;
};

extern const struct option_row option_rows[]; /* ends with a row without a name */
bool option_taken(const struct option_row *, const char *command);

/* Help of the command as a whole (NULL) or of one subcommand. */
void help_print(FILE *, const struct command *);

#endif
