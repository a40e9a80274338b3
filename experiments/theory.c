/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the distribution of set-up latency is known, and what it is. */
#include "theory_part.h"

/* ---- Workloads --------------------------------------------------------------------------------------------------- */

/* An attempt, and the next where it fails. */
static int by_attempts(struct theory_pair *p, struct theory_sum *sum, double weight)
{
    struct theory_sum attempt = {0};
    synfin_time span, shift = 0;
    int status = theory_exchange(p, 0, &attempt, &span);
    double established = status == 0 ? theory_end_attempt(p, &attempt, &span) : 0;
    for (uint64_t i = 0; i <= p->workload->retries && weight > 1e-18 && status == 0; i++) {
        status = theory_sum_merge(sum, &attempt, shift, weight);
        weight *= 1 - established;
        shift += span;
    }
    theory_sum_free(&attempt);
    return status;
}

static int add_destination(struct theory *t, struct theory_sum *sum, const struct synfin_scenario *scenario,
                           size_t workload, size_t destination, uint64_t opened)
{
    struct theory_pair p = {.unknown = t->unknown};
    size_t destinations = scenario->workload[workload].destinations;
    uint64_t here = opened / destinations + (destination < opened % destinations);
    double weight = opened ? (double)here / (double)opened : 1 / (double)destinations;
    int status = theory_pair_of(&p, scenario, workload, destination, opened);
    if (status == 0)
        status = (p.client.wheel ? theory_by_phases : by_attempts)(&p, sum, weight);
    theory_pair_free(&p);
    return status;
}

/* What was computed, or that there is no closed form. */
static int conclude(struct theory *t, struct theory_sum *sum, int status)
{
    if (status == 0)
        status = theory_sum_finish(sum, t);
    theory_sum_free(sum);
    if (status == THEORY_UNKNOWN)
        return 0;
    if (status != 0)
        theory_free(t);
    return status;
}

int theory_of_workload(struct theory *t, const struct synfin_scenario *scenario, size_t workload, uint64_t opened)
{
    struct theory_sum sum = {0};
    int status = 0;
    *t = (struct theory){0};
    for (size_t i = 0; i < scenario->workload[workload].destinations && status == 0; i++)
        status = add_destination(t, &sum, scenario, workload, i, opened);
    return conclude(t, &sum, status);
}

/* ---- Runs -------------------------------------------------------------------------------------------------------- */

/* What a run shows that the scenario alone does not. */
static int check_run(struct theory *t, const struct synfin_scenario *scenario,
                     const struct scenario_workload *workload, const struct synfin_connection_counts *c)
{
    if (scenario->stop != SYNFIN_NEVER && c->open > 0 && c->opened > c->established)
        return theory_unknown(t->unknown, "stop: connections may have been cut off before they were established");
    if (c->failed[SYNFIN_NO_PORT] > 0 && workload->retries > 0)
        return theory_unknown(t->unknown, "host %.60s: its ports ran out", scenario->host[workload->from].name);
    return 0;
}

/* Connections that never had a port sent no SYN. */
static uint64_t attempted(const struct synfin_connection_counts *c)
{
    return c->opened - c->failed[SYNFIN_NO_PORT];
}

/* The workload's verdict; adds its distribution to that of all. */
static int judge_workload(struct theory_verdict *v, struct theory *all, struct theory_sum *sum,
                          const struct synfin_scenario *scenario, const struct synfin_results *r, size_t i)
{
    struct theory t;
    uint64_t opened = attempted(&r->workload[i].connections), total = attempted(&r->total.connections);
    int status = theory_of_workload(&t, scenario, i, opened);
    if (status != 0)
        return status;
    if (!t.unknown[0])
        check_run(&t, scenario, &scenario->workload[i], &r->workload[i].connections);
    theory_judge(v, &t, r->workload[i].metric[SYNFIN_SETUP], opened);
    if (t.unknown[0] && !all->unknown[0]) {
        if (scenario->workloads > 1)
            theory_unknown(all->unknown, "workload %.60s: %.180s", scenario->workload[i].name, t.unknown);
        else
            theory_unknown(all->unknown, "%s", t.unknown);
    }
    if (opened > 0 && !t.unknown[0])
        status = theory_sum_merge_points(sum, &t, (double)opened / (double)total);
    theory_free(&t);
    return status;
}

int theory_of_run(struct theory_verdict *v, const struct synfin_scenario *scenario, const struct synfin_results *r)
{
    struct theory all = {0};
    struct theory_sum sum = {0};
    int status = 0;
    for (size_t i = 0; i < scenario->workloads && status == 0; i++)
        status = judge_workload(&v[i], &all, &sum, scenario, r, i);
    status = conclude(&all, &sum, status == 0 && all.unknown[0] ? THEORY_UNKNOWN : status);
    if (status == 0) {
        theory_judge(&v[scenario->workloads], &all, r->total.metric[SYNFIN_SETUP], attempted(&r->total.connections));
        theory_free(&all);
    }
    return status;
}
