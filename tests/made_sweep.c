/* SPDX-License-Identifier: BSD-2-Clause */
#include "made_sweep.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "suite.h"

void made_sweep_load(struct made_sweep *s, const char *scenario, const char *sweep)
{
    *s = (struct made_sweep){.yaml = "/tmp/synfin-sweep-XXXXXX"};
    int fd = mkstemp(s->yaml);
    FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    fprintf(out, "%s%s", scenario, sweep);
    fclose(out);
    CU_ASSERT_EQUAL_FATAL(scenario_file_load(&s->file, s->yaml, &s->options), STATUS_DONE);
}

void made_sweep_free(struct made_sweep *s)
{
    scenario_file_free(&s->file);
    unlink(s->yaml);
}

void made_sweep_begin(struct results *r, const struct made_sweep *s, uint64_t seed)
{
    CU_ASSERT_EQUAL_FATAL(results_begin(r, ":memory:", &s->file, seed), STATUS_DONE);
}

void made_sweep_clear(struct results *r)
{
    CU_ASSERT_EQUAL(results_execute(r, "DELETE FROM runs; DELETE FROM wall_clock; DELETE FROM metrics;"
                                       "DELETE FROM histograms"), 0);
}

void made_sweep_run(struct results *r, const struct synfin_scenario *scenario, size_t point, uint32_t replication)
{
    struct rows rows = {.point = point, .replication = replication};
    struct synfin_error error;
    struct synfin_simulation *simulation = synfin_simulation_new(scenario, replication, &error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(simulation);
    CU_ASSERT_EQUAL_FATAL(synfin_simulation_run(simulation, 0, &error), 0);
    CU_ASSERT_EQUAL_FATAL(rows_fill(&rows, scenario, synfin_simulation_results(simulation)), 0);
    CU_ASSERT_EQUAL_FATAL(results_put(r, &rows), 0);
    rows_free(&rows);
    synfin_simulation_free(simulation);
}
