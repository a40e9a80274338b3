/* SPDX-License-Identifier: BSD-2-Clause */
#include "sweep_report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "number.h"
#include "parameter.h"

/* The command that repeats a run: the point's parameters come before the user's --set, as their layers do. */
static char *repeat(const struct scenario_file *file, size_t point, uint32_t replication)
{
    size_t parameters = parameter_count(file);
    struct options o = *file->options;
    char extra[48];
    snprintf(extra, sizeof extra, "--replication %lu", (unsigned long)replication);
    o.output = NULL;
    o.set = calloc(parameters + o.sets + 1, sizeof *o.set);
    if (!o.set)
        return NULL;
    for (size_t i = 0; i < parameters; i++) {
        const char *path = parameter_path(file, i), *text = parameter_text(file, i, point);
        size_t size = strlen(path) + strlen(text) + 2;
        char *set = malloc(size);
        if (set)
            snprintf(set, size, "%s=%s", path, text);
        o.set[i] = set ? set : "";
    }
    for (size_t i = 0; i < file->options->sets; i++)
        o.set[parameters + i] = file->options->set[i];
    o.sets += parameters;
    struct synfin_scenario *scenario = file->independent ? scenario_file_scenario(file, point) : NULL;
    if (scenario) { /* its seed is derived from its parameters */
        o.has_seed = true;
        o.seed = scenario->seed;
        synfin_scenario_free(scenario);
    }
    char *command = options_repeat(&o, "run", file->path, extra);
    for (size_t i = 0; i < parameters; i++)
        if (o.set[i][0])
            free((void *)(uintptr_t)o.set[i]);
    free(o.set);
    return command;
}

struct complaints {
    const struct scenario_file *file;
    size_t all;
};

enum { TOLD = 20 }; /* complaints told in full */

/* The expectation of that text; NULL: the file has it no more. */
static const struct expect *expectation_of(const struct scenario_file *file, const char *text)
{
    for (size_t i = 0; i < file->expects; i++) {
        if (strcmp(file->expect[i].text, text) == 0)
            return &file->expect[i];
    }
    return NULL;
}

static void complain(void *user, size_t point, uint32_t replication, const char *failure, const char *expectation,
                     double found)
{
    struct complaints *c = user;
    const struct expect *e = failure ? NULL : expectation_of(c->file, expectation);
    if (!failure && !e)
        return;
    if (c->all++ >= TOLD)
        return;
    char *command = repeat(c->file, point, replication), number[NUMBER_SIZE];
    if (failure)
        fprintf(stderr, "%s: error: a run failed: %s\n", c->file->path, failure);
    else if (isnan(found))
        fprintf(stderr, "%s: error: expected %s; nothing was measured\n", c->file->path, expectation);
    else
        fprintf(stderr, "%s: error: expected %s; it is %s%s\n", c->file->path, expectation,
                number_shortest(number, found), e->unit);
    if (command)
        fprintf(stderr, "repeat it with: %s\n", command);
    free(command);
}

/* Runs that were there before an expectation was written were not judged by it. */
static int complain_of_unjudged(struct results *results, const struct scenario_file *file, size_t *complaints)
{
    for (size_t i = 0; i < file->expects; i++) {
        size_t unjudged;
        if (results_unjudged(results, file->expect[i].text, &unjudged) != 0)
            return -1;
        if (unjudged > 0)
            fprintf(stderr, "%s: error: expected %s; %zu runs in %s were made before it was written, sweep into another"
                            " database\n",
                    file->path, file->expect[i].text, unjudged, file->options->output);
        *complaints += unjudged > 0;
    }
    return 0;
}

int sweep_complain(struct results *results, const struct scenario_file *file, size_t *complaints)
{
    struct complaints c = {file, 0};
    if (results_bad(results, complain, &c) != 0)
        return -1;
    if (c.all > TOLD)
        fprintf(stderr, "and %zu more\n", c.all - TOLD);
    *complaints = c.all;
    return complain_of_unjudged(results, file, complaints);
}
