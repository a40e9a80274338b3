/* SPDX-License-Identifier: BSD-2-Clause */
/* Results made up for tests: two workloads, one link, every count different from every other. */
#ifndef SYNFIN_MADE_RESULTS_H
#define SYNFIN_MADE_RESULTS_H

#include "synfin.h"

struct made_results {
    struct synfin_results results;
    struct synfin_workload_results workload[2];
    struct synfin_link_results link[1];
};

/* Consecutive numbers from `first` on. */
static inline void made_counts(void *counts, size_t size, uint64_t first)
{
    uint64_t *count = counts;
    for (size_t i = 0; i < size / sizeof *count; i++)
        count[i] = first + i;
}

static inline void made_workload(struct synfin_workload_results *w, const char *name, uint64_t first)
{
    w->name = name;
    made_counts(&w->connections, sizeof w->connections, first);
    made_counts(&w->segments, sizeof w->segments, first + 100);
    for (int i = 0; i < SYNFIN_METRICS; i++)
        w->metric[i] = synfin_statistic_new();
    synfin_statistic_add(w->metric[SYNFIN_SETUP], 20 * SYNFIN_MS);
    synfin_statistic_add(w->metric[SYNFIN_SETUP], 20 * SYNFIN_MS);
    synfin_statistic_add(w->metric[SYNFIN_SETUP], 1020 * SYNFIN_MS + (synfin_time)first);
    synfin_statistic_add(w->metric[SYNFIN_ACCEPT], 30000001);
}

static inline void made_open(struct made_results *m)
{
    *m = (struct made_results){0};
    made_workload(&m->results.total, NULL, 1000);
    made_workload(&m->workload[0], "churn", 2000);
    made_workload(&m->workload[1], "bulk-2", 3000);
    m->link[0].name = "wan";
    made_counts(m->link[0].direction, sizeof m->link[0].direction, 4000);
    m->results.workloads = 2;
    m->results.workload = m->workload;
    m->results.links = 1;
    m->results.link = m->link;
    m->results.simulated = 12300000000;
    m->results.events = 777;
}

static inline void made_close(struct made_results *m)
{
    for (int i = 0; i < SYNFIN_METRICS; i++) {
        synfin_statistic_free(m->results.total.metric[i]);
        synfin_statistic_free(m->workload[0].metric[i]);
        synfin_statistic_free(m->workload[1].metric[i]);
    }
}

#endif
