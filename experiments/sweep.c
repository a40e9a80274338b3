/* SPDX-License-Identifier: BSD-2-Clause */
/* `synfin sweep`: every point of a scenario's sweep times its replications, into a database. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "number.h"
#include "options.h"
#include "parameter.h"
#include "results.h"
#include "rounds.h"
#include "runner.h"
#include "scenario_file.h"
#include "sweep_run.h"
#include "sweep_table.h"

struct sweep {
    const struct options *options;
    struct scenario_file file;
    struct results results;
    struct rounds rounds;
    size_t points, runs, reused, made, failed; /* runs: of all rounds so far */
    double began, told; /* seconds of the monotonic clock: start, last progress */
};

/* ---- Progress ---------------------------------------------------------------------------------------------------- */

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void describe(const struct sweep *s, char *text, size_t size)
{
    double elapsed = seconds() - s->began;
    size_t done = s->made + s->reused;
    int n = snprintf(text, size, "%zu of %zu runs", done, s->runs);
    if (s->failed > 0)
        n += snprintf(text + n, size - (size_t)n, ", %zu failed", s->failed);
    if (s->made > 0 && done < s->runs) {
        double each = elapsed / (double)s->made, left = each * (double)(s->runs - done);
        n += snprintf(text + n, size - (size_t)n, ", %.3g/s", 1 / each);
        if (left < 90)
            snprintf(text + n, size - (size_t)n, ", %.0f s left", left);
        else
            snprintf(text + n, size - (size_t)n, ", %.0f min left", left / 60);
    }
}

/* A line that stays on a terminal's last row, where it may be the only sign of short runs; plain lines elsewhere. */
static void tell_progress(struct sweep *s)
{
    char text[160];
    bool terminal = isatty(STDERR_FILENO);
    double now = seconds();
    if (now - s->told < (terminal ? 0.2 : 10))
        return;
    s->told = now;
    describe(s, text, sizeof text);
    fprintf(stderr, terminal ? "\r\033[K%s" : "%s\n", text);
}

static void clear_progress(void)
{
    if (isatty(STDERR_FILENO))
        fputs("\r\033[K", stderr);
}

/* ---- All runs ---------------------------------------------------------------------------------------------------- */

static int make_run(struct sweep *s, size_t point, uint32_t replication)
{
    struct rows rows = {.point = point, .replication = replication};
    char label[160];
    int there = results_has(&s->results, point, replication);
    if (there != 0) {
        s->reused += there > 0;
        return there > 0 ? STATUS_DONE : STATUS_FAILED;
    }
    struct synfin_scenario *scenario = scenario_file_scenario(&s->file, rows.point);
    if (!scenario)
        return STATUS_USAGE;
    describe(s, label, sizeof label);
    int status = sweep_run(&rows, &s->file, scenario, label);
    if (status == STATUS_DONE) {
        s->made++;
        s->failed += rows.failure != NULL;
        if (results_put(&s->results, &rows) != 0)
            status = STATUS_FAILED;
    }
    rows_free(&rows);
    synfin_scenario_free(scenario);
    return status;
}

static int make_round(struct sweep *s)
{
    size_t point;
    uint32_t replication;
    while (rounds_next(&s->rounds, &point, &replication)) {
        int status = runner_interrupted() ? STATUS_INTERRUPTED : make_run(s, point, replication);
        if (status != STATUS_DONE)
            return status;
        tell_progress(s);
    }
    return STATUS_DONE;
}

static int make_rounds(struct sweep *s)
{
    size_t there;
    int status = results_there(&s->results, &there) == 0 ? STATUS_DONE : STATUS_FAILED, more = 1;
    if (status == STATUS_DONE && there > 0)
        fprintf(stderr, "%s: %zu runs are there already\n", s->options->output, there);
    s->began = s->told = seconds();
    rounds_begin(&s->rounds, &s->file, &s->results);
    while (status == STATUS_DONE && more > 0) {
        s->runs = rounds_runs(&s->rounds);
        status = make_round(s);
        more = status == STATUS_DONE ? rounds_end(&s->rounds) : 0;
    }
    clear_progress();
    return more < 0 ? STATUS_FAILED : status;
}

/* ---- What came out ----------------------------------------------------------------------------------------------- */

/* The command that repeats a run: the point's parameters come before the user's --set, as their layers do. */
static char *repeat(const struct sweep *s, size_t point, uint32_t replication)
{
    size_t parameters = parameter_count(&s->file);
    struct options o = *s->options;
    char extra[48];
    snprintf(extra, sizeof extra, "--replication %lu", (unsigned long)replication);
    o.output = NULL;
    o.set = calloc(parameters + o.sets + 1, sizeof *o.set);
    if (!o.set)
        return NULL;
    for (size_t i = 0; i < parameters; i++) {
        const char *path = parameter_path(&s->file, i), *text = parameter_text(&s->file, i, point);
        size_t size = strlen(path) + strlen(text) + 2;
        char *set = malloc(size);
        if (set)
            snprintf(set, size, "%s=%s", path, text);
        o.set[i] = set ? set : "";
    }
    for (size_t i = 0; i < s->options->sets; i++)
        o.set[parameters + i] = s->options->set[i];
    o.sets += parameters;
    struct synfin_scenario *scenario = s->file.independent ? scenario_file_scenario(&s->file, point) : NULL;
    if (scenario) { /* its seed is derived from its parameters */
        o.has_seed = true;
        o.seed = scenario->seed;
        synfin_scenario_free(scenario);
    }
    char *command = options_repeat(&o, "run", s->file.path, extra);
    for (size_t i = 0; i < parameters; i++)
        if (o.set[i][0])
            free((void *)(uintptr_t)o.set[i]);
    free(o.set);
    return command;
}

struct complaints {
    const struct sweep *sweep;
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
    const struct sweep *s = c->sweep;
    const struct expect *e = failure ? NULL : expectation_of(&s->file, expectation);
    if (!failure && !e)
        return;
    if (c->all++ >= TOLD)
        return;
    char *command = repeat(s, point, replication), number[NUMBER_SIZE];
    if (failure)
        fprintf(stderr, "%s: error: a run failed: %s\n", s->file.path, failure);
    else if (isnan(found))
        fprintf(stderr, "%s: error: expected %s; nothing was measured\n", s->file.path, expectation);
    else
        fprintf(stderr, "%s: error: expected %s; it is %s%s\n", s->file.path, expectation,
                number_shortest(number, found), e->unit);
    if (command)
        fprintf(stderr, "repeat it with: %s\n", command);
    free(command);
}

/* Runs that were there before an expectation was written were not judged by it. */
static int complain_of_unjudged(struct sweep *s, size_t *complaints)
{
    for (size_t i = 0; i < s->file.expects; i++) {
        size_t unjudged;
        if (results_unjudged(&s->results, s->file.expect[i].text, &unjudged) != 0)
            return -1;
        if (unjudged > 0)
            fprintf(stderr, "%s: error: expected %s; %zu runs in %s were made before it was written, sweep into another"
                            " database\n",
                    s->file.path, s->file.expect[i].text, unjudged, s->options->output);
        *complaints += unjudged > 0;
    }
    return 0;
}

static int report(struct sweep *s, int status)
{
    struct complaints c = {s, 0};
    size_t done = s->made + s->reused;
    if (status == STATUS_INTERRUPTED || status == STATUS_FAILED) {
        fprintf(stderr, "%s: %zu of %zu runs are in %s; the same command goes on from there\n",
                status == STATUS_INTERRUPTED ? "interrupted" : "stopped", done, s->runs, s->options->output);
        return status;
    }
    if (status != STATUS_DONE)
        return status;
    if (sweep_table(&s->results, stdout) != 0 || results_bad(&s->results, complain, &c) != 0)
        return STATUS_FAILED;
    if (c.all > TOLD)
        fprintf(stderr, "and %zu more\n", c.all - TOLD);
    if (complain_of_unjudged(s, &c.all) != 0)
        return STATUS_FAILED;
    fprintf(stderr, "%s: %zu runs (%zu points, %llu replications), %zu made now\n", s->options->output, done, s->points,
            (unsigned long long)s->file.replications, s->made);
    return c.all > 0 ? STATUS_FAILED : STATUS_DONE;
}

int command_sweep(const struct options *options)
{
    struct sweep s = {.options = options};
    int status = scenario_file_load(&s.file, options->file[0], options);
    if (status != STATUS_DONE)
        return status;
    if (!s.file.replications) {
        fprintf(stderr, "%s: error: sweep.replications says until, which this version cannot do; write a number\n",
                s.file.path);
        scenario_file_free(&s.file);
        return STATUS_USAGE;
    }
    struct synfin_scenario *base = scenario_file_scenario(&s.file, SCENARIO_BASE);
    status = base ? sweep_run_check(&s.file, base) : STATUS_USAGE;
    if (status == STATUS_DONE)
        status = results_begin(&s.results, options->output, &s.file, base->seed);
    synfin_scenario_free(base);
    if (status == STATUS_DONE) {
        s.points = scenario_file_points(&s.file);
        runner_catch_interrupt();
        status = report(&s, make_rounds(&s));
    }
    results_close(&s.results);
    scenario_file_free(&s.file);
    return status;
}
