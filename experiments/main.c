/* SPDX-License-Identifier: BSD-2-Clause */
/* The synfin command: finds the subcommand and hands over to it. */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "output.h"
#include "setting.h"

static const struct {
    const char *name;
    int (*run)(const struct options *);
} runs[] = {
    {"run", command_run},       {"check", command_check},     {"sweep", command_sweep}, {"plot", command_plot},
    {"ladder", command_ladder}, {"plugins", command_plugins}, {"bench", command_bench},
    {"export", command_export}, {"compare", command_compare},
};

static int unknown_command(const char *name)
{
    const char *names[16];
    char error[512];
    size_t n = 0;

    for (const struct command *c = commands; c->name; c++)
        names[n++] = c->name;
    setting_unknown(error, sizeof error, "a command", name, names, n);
    fprintf(stderr, "synfin: error: %s\nTry 'synfin --help'.\n", error);
    return STATUS_USAGE;
}

static int run_command(const char *name, int argc, char **argv)
{
    const struct command *command = command_find(name);
    struct options options;

    if (!command)
        return unknown_command(name);
    int status = options_parse(&options, command->name, argc, argv);
    if (status == STATUS_DONE && options.help) {
        help_print(stdout, command);
    } else if (status == STATUS_DONE) {
        for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++) {
            if (strcmp(runs[i].name, name) == 0)
                status = runs[i].run(&options);
        }
    }
    options_free(&options);
    return status;
}

/* Results that did not reach their reader are a failure. */
static int finish(int status)
{
    return output_flush() == 0 || status != STATUS_DONE ? status : STATUS_FAILED;
}

int main(int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : NULL;

    if (!word) {
        help_print(stderr, NULL);
        return STATUS_USAGE;
    }
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || (strcmp(word, "help") == 0 && argc == 2)) {
        help_print(stdout, NULL);
        return finish(STATUS_DONE);
    }
    if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0) {
        puts("synfin " PACKAGE_VERSION);
        return finish(STATUS_DONE);
    }
    if (strcmp(word, "help") == 0) {
        static char help[] = "--help";
        char *words[] = {help};
        return finish(run_command(argv[2], 1, words));
    }
    return finish(run_command(word, argc - 2, argv + 2));
}
