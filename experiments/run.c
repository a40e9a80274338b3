/* SPDX-License-Identifier: BSD-2-Clause */
/* synfin run: one run of a scenario, its results as a table or as JSON, and the files that were asked for. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "connections.h"
#include "number.h"
#include "options.h"
#include "output.h"
#include "pcap.h"
#include "report.h"
#include "runner.h"
#include "scenario.h"
#include "scenario_file.h"
#include "theory.h"
#include "trace.h"

/* ---- Files ------------------------------------------------------------------------------------------------------- */

/* All that listen to the run; NULL: not asked for. */
struct listeners {
    struct connections *connections;
    struct trace *trace;
    struct pcap *pcap;
};

static void tell_event(void *user, const struct synfin_event *event)
{
    const struct listeners *l = user;

    if (l->trace)
        trace_event(l->trace, event);
    if (l->pcap)
        pcap_event(l->pcap, event);
}

static void tell_connection(void *user, const struct synfin_connection *connection)
{
    connections_add(((const struct listeners *)user)->connections, connection);
}

static int open_connections(struct listeners *l, const char *path, const struct synfin_scenario *scenario)
{
    const char **names = malloc(scenario->workloads * sizeof *names);

    if (!names) {
        fprintf(stderr, "%s: error: out of memory\n", path);
        return -1;
    }
    for (size_t i = 0; i < scenario->workloads; i++)
        names[i] = scenario->workload[i].name;
    int status = connections_open(&l->connections, path, scenario->workloads, names);
    free(names);
    return status;
}

static int open_listeners(struct listeners *l, const struct options *o, const struct scenario_file *file,
                          const struct synfin_scenario *scenario)
{
    if (o->connections && open_connections(l, o->connections, scenario) != 0)
        return -1;
    if (o->trace && trace_open(&l->trace, o->trace, scenario) != 0)
        return -1;
    return o->pcap ? pcap_open(&l->pcap, o->pcap, file) : 0;
}

/* Every file is closed, whatever becomes of the others. */
static int close_listeners(struct listeners *l, bool keep)
{
    int status = connections_close(l->connections, keep);

    if (l->trace && trace_close(l->trace, keep) != 0)
        status = -1;
    if (l->pcap && pcap_close(l->pcap, keep) != 0)
        status = -1;
    *l = (struct listeners){0};
    return status;
}

/* ---- Expectations ------------------------------------------------------------------------------------------------ */

/* Before anything has happened, the results already tell which names there are. */
static int check_expectations(const struct scenario_file *file, const struct synfin_results *results)
{
    char error[512];
    bool holds;
    double value;

    for (size_t i = 0; i < file->expects; i++) {
        const struct expect *e = &file->expect[i];
        if (!expect_of_machine(e) && expect_evaluate(e, results, &holds, &value, error, sizeof error) != 0) {
            fprintf(stderr, "%s: error: expect '%s': %s\n", file->path, e->text, error);
            return STATUS_USAGE;
        }
    }
    return STATUS_DONE;
}

static void judge(const struct scenario_file *file, const struct report *report, struct report_verdict *verdict)
{
    char error[512];

    for (size_t i = 0; i < file->expects; i++) {
        struct report_verdict *v = &verdict[i];
        v->expect = &file->expect[i];
        v->value = NAN;
        if (expect_of_machine(v->expect)) {
            v->value = report_machine_value(&report->machine, v->expect->name);
            v->holds = expect_holds(v->expect, v->value);
        } else {
            expect_evaluate(v->expect, report->results, &v->holds, &v->value, error, sizeof error);
        }
    }
}

/* Names each expectation that does not hold. */
static int complain(const char *path, const struct report *report)
{
    char text[NUMBER_SIZE];
    int status = STATUS_DONE;

    for (size_t i = 0; i < report->verdicts; i++) {
        const struct report_verdict *v = &report->verdict[i];
        if (v->holds)
            continue;
        if (isnan(v->value))
            fprintf(stderr, "%s: error: expected %s; nothing was measured\n", path, v->expect->text);
        else
            fprintf(stderr, "%s: error: expected %s; it is %s%s\n", path, v->expect->text,
                    number_shortest(text, v->value), v->expect->unit);
        status = STATUS_FAILED;
    }
    return status;
}

/* ---- The run ----------------------------------------------------------------------------------------------------- */

static void say_interrupted(const struct synfin_simulation *simulation)
{
    struct synfin_progress p;
    char seconds[NUMBER_SIZE], over[NUMBER_SIZE], all[NUMBER_SIZE];

    synfin_simulation_progress(simulation, &p);
    fprintf(stderr, "interrupted at %s s: %s", number_seconds(seconds, p.now), number_grouped(over, p.over));
    if (p.expected > 0)
        fprintf(stderr, " of %s", number_grouped(all, p.expected));
    fprintf(stderr, " connections over; what was measured so far follows, output files are not written\n");
}

static void say_repeat(const struct options *o)
{
    char *again = options_repeat(o, "run", o->file[0], NULL);
    if (again)
        fprintf(stderr, "repeat it with: %s\n", again);
    free(again);
}

static int out_of_memory(void)
{
    fprintf(stderr, "synfin: error: out of memory\n");
    return STATUS_FAILED;
}

/* Values are missing where memory ran out. */
static bool sound(const struct synfin_results *results)
{
    for (int i = 0; i < SYNFIN_METRICS; i++) {
        if (synfin_statistic_failed(results->total.metric[i]))
            return false;
    }
    return true;
}

/* A verdict for each workload and one for all; NULL: no memory. */
static struct theory_verdict *compare_with_theory(const struct synfin_scenario *scenario,
                                                  const struct synfin_results *results, bool whole)
{
    struct theory_verdict *v = calloc(results->workloads + 1, sizeof *v);

    for (size_t i = 0; v && !whole && i <= results->workloads; i++)
        snprintf(v[i].unknown, sizeof v[i].unknown, "the run was interrupted");
    if (v && whole && theory_of_run(v, scenario, results) != 0) {
        free(v);
        return NULL;
    }
    return v;
}

/* Prints what a run came to: done, or interrupted. */
static int report(const struct options *o, const struct scenario_file *file, const struct synfin_scenario *scenario,
                  struct synfin_simulation *simulation, double wall_s, bool whole)
{
    struct report r = {.results = synfin_simulation_results(simulation),
                       .scenario = file->name,
                       .seed = scenario->seed,
                       .replication = o->replication};
    struct report_verdict *verdict = calloc(file->expects + 1, sizeof *verdict);
    struct theory_verdict *theory = o->theory && r.results ? compare_with_theory(scenario, r.results, whole) : NULL;

    if (!r.results || !verdict || !sound(r.results) || (o->theory && !theory)) {
        free(verdict);
        free(theory);
        return out_of_memory();
    }
    r.theory = theory;
    report_machine(&r.machine, r.results, wall_s);
    if (whole) {
        judge(file, &r, verdict);
        r.verdicts = file->expects;
        r.verdict = verdict;
    }
    (o->json ? report_json : report_table)(stdout, &r);
    bool reached = output_flush() == 0;
    int status = complain(file->path, &r);
    free(verdict);
    free(theory);
    return reached ? status : STATUS_FAILED;
}

static int run(const struct options *o, const struct scenario_file *file, const struct synfin_scenario *scenario,
               struct synfin_simulation *simulation)
{
    struct listeners listeners = {0};
    struct synfin_observer observer = {.only_workload = SYNFIN_NONE, .only_connection = SYNFIN_NONE};
    const struct synfin_results *nothing = synfin_simulation_results(simulation);
    double wall_s;

    if (!nothing)
        return out_of_memory();
    int status = check_expectations(file, nothing);
    if (status != STATUS_DONE)
        return status;
    if (open_listeners(&listeners, o, file, scenario) != 0) {
        close_listeners(&listeners, false);
        return STATUS_FAILED;
    }
    observer.user = &listeners;
    observer.event = o->trace || o->pcap ? tell_event : NULL;
    observer.connection = o->connections ? tell_connection : NULL;
    synfin_simulation_observe(simulation, &observer);
    status = runner_run(simulation, o->quiet ? NULL : file->name, &wall_s);
    bool written = close_listeners(&listeners, status == STATUS_DONE) == 0;
    if (status == STATUS_INTERRUPTED)
        say_interrupted(simulation);
    if (status != STATUS_FAILED && report(o, file, scenario, simulation, wall_s, status == STATUS_DONE) != STATUS_DONE)
        status = STATUS_FAILED;
    if (status == STATUS_DONE && !written)
        return STATUS_FAILED;
    if (status == STATUS_FAILED)
        say_repeat(o);
    return status;
}

static int run_file(const struct options *o, const struct scenario_file *file)
{
    struct synfin_error error;
    struct synfin_scenario *scenario = scenario_file_scenario(file, SCENARIO_BASE);
    const char *warning;

    if (!scenario)
        return STATUS_USAGE;
    for (size_t i = 0; !o->quiet && (warning = synfin_scenario_warning(scenario, i)); i++)
        fprintf(stderr, "%s: warning: %s\n", file->path, warning);
    struct synfin_simulation *simulation = synfin_simulation_new(scenario, o->replication, &error);
    int status = STATUS_FAILED;
    if (simulation) {
        status = run(o, file, scenario, simulation);
        synfin_simulation_free(simulation);
    } else {
        fprintf(stderr, "%s: error: %s\n", file->path, error.text);
        say_repeat(o);
    }
    synfin_scenario_free(scenario);
    return status;
}

int command_run(const struct options *o)
{
    struct scenario_file file;

    runner_catch_interrupt();
    int status = scenario_file_load(&file, o->file[0], o);
    if (status != STATUS_DONE)
        return status;
    status = run_file(o, &file);
    scenario_file_free(&file);
    return status;
}
