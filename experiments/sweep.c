/* SPDX-License-Identifier: BSD-2-Clause */
/* `synfin sweep`: every point of a scenario's sweep times its replications, by worker processes, into a database. */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "options.h"
#include "parameter.h"
#include "results.h"
#include "rounds.h"
#include "runner.h"
#include "scenario_file.h"
#include "supervisor.h"
#include "sweep_report.h"
#include "sweep_run.h"
#include "sweep_table.h"
#include "until.h"

struct sweep {
    const struct options *options;
    struct scenario_file file;
    struct results results;
    struct rounds rounds;
    size_t there;                      /* runs that were done when it began */
    size_t runs, reused, made, failed; /* runs: of all rounds so far */
    size_t safe;                       /* of `made`: would outlive a power cut */
    double began, told;                /* runner_clock_s: start, last progress */
    bool terminal;
};

/* ---- Progress ---------------------------------------------------------------------------------------------------- */

static void describe(const struct sweep *s, char *text, size_t size)
{
    double elapsed = runner_clock_s() - s->began;
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

/* What is told to be done is on the disk. */
static int make_safe(struct sweep *s)
{
    if (s->safe == s->made)
        return 0;
    s->safe = s->made;
    return results_sync(&s->results);
}

/* A line that stays on a terminal's last row; plain lines elsewhere, fewer of them. */
static int tick(void *user)
{
    struct sweep *s = user;
    char text[160];
    double now = runner_clock_s();
    if (make_safe(s) != 0)
        return -1;
    if (!s->terminal && now - s->told < 10)
        return 0;
    s->told = now;
    describe(s, text, sizeof text);
    fprintf(stderr, s->terminal ? "\r\033[K%s" : "%s\n", text);
    return 0;
}

static void clear_progress(const struct sweep *s)
{
    if (s->terminal)
        fputs("\r\033[K", stderr);
}

/* ---- All runs ---------------------------------------------------------------------------------------------------- */

/* Runs that are there are not made again; those that failed are. */
static int next(void *user, size_t *point, uint32_t *replication)
{
    struct sweep *s = user;
    while (rounds_next(&s->rounds, point, replication)) {
        int there = s->reused < s->there ? results_has(&s->results, *point, *replication) : 0;
        if (there <= 0)
            return there < 0 ? -1 : 1;
        s->reused++;
    }
    return 0;
}

static int over(void *user, const struct rows *rows)
{
    struct sweep *s = user;
    if (results_put(&s->results, rows) != 0)
        return -1;
    s->made++;
    s->failed += rows->failure != NULL;
    return 0;
}

static void leave(void *user)
{
    results_leave(&((struct sweep *)user)->results);
}

static int make_rounds(struct sweep *s)
{
    struct supervisor_client client = {s, next, over, leave, tick, s->terminal ? 0.2 : 1};
    struct supervisor *supervisor = supervisor_new(&s->file, s->options->workers ? s->options->workers
                                                                                 : supervisor_processors(),
                                                   s->options->timeout, &client);
    int status = supervisor ? STATUS_DONE : STATUS_FAILED, more = 1;
    if (!supervisor)
        return STATUS_FAILED;
    s->began = s->told = runner_clock_s();
    if (runner_interrupted()) /* before the supervisor caught it */
        status = STATUS_INTERRUPTED;
    else if (rounds_begin(&s->rounds, &s->file, &s->results) != 0)
        status = STATUS_FAILED;
    while (status == STATUS_DONE && more > 0) {
        s->runs = rounds_runs(&s->rounds);
        status = supervisor_work(supervisor);
        more = status == STATUS_DONE ? rounds_end(&s->rounds) : 0;
    }
    supervisor_free(supervisor);
    clear_progress(s);
    return more < 0 ? STATUS_FAILED : status;
}

/* ---- What came out ----------------------------------------------------------------------------------------------- */

/* What there is, whatever the file asks for now: earlier ones may have asked for more. */
static void tell_total(struct sweep *s)
{
    size_t points = s->results.points, runs = 0, least = SIZE_MAX, most = 0;
    char replications[64], failed[64] = "";
    for (size_t point = 0; point < points; point++) {
        size_t done = results_done(&s->results, point, RESULTS_EVERY);
        runs += done;
        least = done < least ? done : least;
        most = done > most ? done : most;
    }
    if (least == most)
        snprintf(replications, sizeof replications, "%zu replication%s", most, most == 1 ? "" : "s");
    else
        snprintf(replications, sizeof replications, "%zu to %zu replications", least, most);
    if (s->failed > 0)
        snprintf(failed, sizeof failed, ", %zu failed", s->failed);
    fprintf(stderr, "%s: %zu run%s (%zu point%s, %s), %zu made now%s\n", s->options->output, runs,
            runs == 1 ? "" : "s", points, points == 1 ? "" : "s", replications, s->made - s->failed, failed);
}

static int stopped(const struct sweep *s, int status)
{
    const char *how = status == STATUS_INTERRUPTED ? "interrupted" : "stopped";
    if (s->runs > 0)
        fprintf(stderr, "%s: %zu of %zu runs are in %s; the same command goes on from there\n", how,
                s->made + s->reused, s->runs, s->options->output);
    else
        fprintf(stderr, "%s before the first run; the same command goes on from there\n", how);
    return status;
}

static int report(struct sweep *s, int status)
{
    size_t complaints = 0;
    if (make_safe(s) != 0)
        return STATUS_FAILED;
    if (status == STATUS_INTERRUPTED || status == STATUS_FAILED)
        return stopped(s, status);
    if (status != STATUS_DONE)
        return status;
    if (runner_interrupted() || sweep_table(&s->results, stdout) != 0 || until_report(&s->results, &s->file) != 0 ||
        sweep_complain(&s->results, &s->file, &complaints) != 0)
        return runner_interrupted() ? stopped(s, STATUS_INTERRUPTED) : STATUS_FAILED;
    tell_total(s);
    return complaints > 0 ? STATUS_FAILED : STATUS_DONE;
}

static int sweep(struct sweep *s)
{
    if (results_there(&s->results, &s->there) != 0)
        return STATUS_FAILED;
    if (s->there > 0)
        fprintf(stderr, "%s: %zu runs are there already\n", s->options->output, s->there);
    s->terminal = isatty(STDERR_FILENO);
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error of the write */
    return report(s, make_rounds(s));
}

static void warn(const struct scenario_file *file)
{
    char text[512];
    for (size_t n = 0; n < parameter_count(file); n++) {
        if (parameter_warning(file, n, text, sizeof text))
            fprintf(stderr, "%s: warning: %s\n", file->path, text);
    }
}

int command_sweep(const struct options *options)
{
    struct sweep s = {.options = options};
    runner_catch_interrupt();
    int status = scenario_file_load(&s.file, options->file[0], options);
    if (status != STATUS_DONE)
        return status;
    struct synfin_scenario *base = scenario_file_scenario(&s.file, SCENARIO_BASE);
    status = base ? sweep_run_check(&s.file, base) : STATUS_USAGE;
    if (status == STATUS_DONE)
        warn(&s.file);
    if (status == STATUS_DONE)
        status = results_begin(&s.results, results_file_name(options->output), &s.file, base->seed);
    synfin_scenario_free(base);
    if (status == STATUS_DONE)
        status = sweep(&s);
    else if (runner_interrupted())
        status = stopped(&s, STATUS_INTERRUPTED);
    rounds_free(&s.rounds);
    results_close(&s.results);
    scenario_file_free(&s.file);
    return status;
}
