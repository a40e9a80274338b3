/* SPDX-License-Identifier: BSD-2-Clause */
#include "sweep_run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "runner.h"
#include "until.h"

int sweep_run_check(const struct scenario_file *file, const struct synfin_scenario *scenario)
{
    struct synfin_error error;
    struct synfin_simulation *simulation = synfin_simulation_new(scenario, 0, &error);
    /* Before anything has happened, the results already tell which names there are. */
    const struct synfin_results *results = simulation ? synfin_simulation_results(simulation) : NULL;
    int status = STATUS_DONE;
    if (!results) {
        fprintf(stderr, "%s: error: %s\n", file->path, simulation ? "out of memory" : error.text);
        status = STATUS_FAILED;
    }
    for (size_t i = 0; i < file->expects && status == STATUS_DONE; i++) {
        const struct expect *e = &file->expect[i];
        char text[512];
        bool holds;
        double found;
        if (!expect_of_machine(e) && expect_evaluate(e, results, &holds, &found, text, sizeof text) != 0) {
            fprintf(stderr, "%s: error: expect '%s': %s\n", file->path, e->text, text);
            status = STATUS_USAGE;
        }
    }
    if (status == STATUS_DONE && until_check(file, results) != 0)
        status = STATUS_USAGE;
    synfin_simulation_free(simulation);
    return status;
}

static int judge(struct rows *rows, const struct scenario_file *file, const struct synfin_results *results)
{
    char error[512];
    struct report_machine machine;
    report_machine(&machine, results, rows->wall_s);
    rows->expectation = calloc(file->expects + 1, sizeof *rows->expectation);
    for (size_t i = 0; i < file->expects && rows->expectation; i++) {
        const struct expect *e = &file->expect[i];
        struct rows_expectation *row = &rows->expectation[i];
        row->found = (double)NAN;
        if (expect_of_machine(e)) {
            row->found = report_machine_value(&machine, e->name);
            row->holds = expect_holds(e, row->found);
        } else {
            expect_evaluate(e, results, &row->holds, &row->found, error, sizeof error);
        }
        row->text = strdup(e->text);
        if (!row->text)
            return -1;
        rows->expectations++;
    }
    return rows->expectation ? 0 : -1;
}

/* Whether no statistic lacked memory. */
static bool sound(const struct synfin_results *results)
{
    for (size_t i = 0; i <= results->workloads; i++) {
        const struct synfin_workload_results *w = i < results->workloads ? &results->workload[i] : &results->total;
        for (int m = 0; m < SYNFIN_METRICS; m++) {
            if (synfin_statistic_failed(w->metric[m]))
                return false;
        }
    }
    return true;
}

static void fail(struct rows *rows, const char *why)
{
    struct rows failed = {.point = rows->point, .replication = rows->replication, .failure = strdup(why)};
    rows_free(rows);
    *rows = failed;
}

void sweep_run(struct rows *rows, const struct scenario_file *file, const struct synfin_scenario *scenario,
               struct synfin_memory *memory)
{
    struct synfin_error error;
    struct synfin_simulation *simulation = synfin_simulation_new_from(memory, scenario, rows->replication, &error);
    double begin = runner_clock_s();
    int more = simulation ? synfin_simulation_run(simulation, 0, &error) : -1;
    rows->wall_s = runner_clock_s() - begin;
    const struct synfin_results *results = more == 0 ? synfin_simulation_results(simulation) : NULL;
    if (more < 0)
        fail(rows, error.text);
    else if (!results || !sound(results) || rows_fill(rows, scenario, results) != 0 ||
             judge(rows, file, results) != 0)
        fail(rows, "out of memory");
    synfin_simulation_free(simulation);
}
