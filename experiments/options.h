/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line: one table of options, each with the subcommands that take it. */
#ifndef SYNFIN_OPTIONS_H
#define SYNFIN_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "synfin.h"

/* Exit status of the command. */
enum {
    STATUS_DONE = 0,
    STATUS_FAILED = 1,      /* the run, an expectation or a check failed, or output could not be written */
    STATUS_USAGE = 2,       /* bad usage or input */
    STATUS_INCOMPLETE = 75, /* run the same again */
    STATUS_INTERRUPTED = 130,
};

struct options {
    const char *command;
    size_t files; /* what is not an option: FILE, RESULTS.db, NAME, CASE... */
    const char **file;
    bool help;
    /* of scenarios */
    bool has_seed;
    uint64_t seed;
    size_t sets;
    const char **set; /* PATH=VALUE as given */
    size_t plugins;
    const char **plugin;
    uint32_t replication;
    /* outputs */
    bool json, quiet, explain, check, counts, theory;
    const char *connections, *trace, *pcap;
    const char *output, *format;
    /* sweep */
    size_t workers;      /* 0: as many as there are processors */
    synfin_time timeout; /* of a run; 0: none */
    /* compare */
    const char *metric; /* a list, commas between */
    size_t fail_ifs;
    const char **fail_if;
    /* ladder */
    const char *connection; /* `7` or `churn:7` */
    bool slowest, failed;
};

/* Fills options from the words after the subcommand. STATUS_DONE, or STATUS_USAGE after a message on standard error. */
int options_parse(struct options *, const char *command, int argc, char **argv);
void options_free(struct options *);

/* The options as words of a shell command that repeats the run, quoted where needed: `synfin run FILE --seed 3 --set …`.
   To be freed. `file` as given; `extra` is appended, may be NULL. */
char *options_repeat(const struct options *, const char *command, const char *file, const char *extra);

/* Subcommands, each in its own file; they return an exit status. */
int command_run(const struct options *);
int command_check(const struct options *);
int command_sweep(const struct options *);
int command_plugins(const struct options *);
int command_plot(const struct options *);
int command_export(const struct options *);
int command_compare(const struct options *);
int command_ladder(const struct options *);
int command_bench(const struct options *);

#endif
