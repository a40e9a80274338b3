/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the distribution of set-up latency is known, and what it is. */
#include <stdlib.h>

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

uint64_t theory_expected(const struct scenario_workload *w)
{
    double count = theory_count(w);
    return count < 1e18 ? (uint64_t)count : 0;
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

int theory_mix(struct theory *t, const struct theory *const part[], const double *weight, size_t n)
{
    struct theory_sum sum = {0};
    int status = 0;
    *t = (struct theory){0};
    for (size_t i = 0; i < n && status == 0; i++) {
        if (part[i]->unknown[0])
            status = theory_unknown(t->unknown, "%s", part[i]->unknown);
        else if (weight[i] > 0)
            status = theory_sum_merge_points(&sum, part[i], weight[i]);
    }
    return conclude(t, &sum, status);
}

/* ---- Runs -------------------------------------------------------------------------------------------------------- */

/* What a run shows that the scenario alone does not. */
static void check_run(struct theory *t, const struct synfin_scenario *scenario,
                      const struct scenario_workload *workload, const struct synfin_connection_counts *c)
{
    if (t->unknown[0])
        return;
    if (scenario->stop != SYNFIN_NEVER && c->open > 0 && c->opened > c->established)
        theory_unknown(t->unknown, "stop: connections may have been cut off before they were established");
    else if (c->failed[SYNFIN_NO_PORT] > 0 && workload->retries > 0)
        theory_unknown(t->unknown, "ports of %.60s ran out", scenario->host[workload->from].name);
}

/* Connections that never had a port sent no SYN. */
static uint64_t attempted(const struct synfin_connection_counts *c)
{
    return c->opened - c->failed[SYNFIN_NO_PORT];
}

static int judge_workload(struct theory_verdict *v, struct theory *t, const struct synfin_scenario *scenario,
                          const struct synfin_results *r, size_t i)
{
    uint64_t opened = attempted(&r->workload[i].connections);
    if (theory_of_workload(t, scenario, i, opened) != 0)
        return -1;
    check_run(t, scenario, &scenario->workload[i], &r->workload[i].connections);
    theory_judge(v, t, r->workload[i].metric[SYNFIN_SETUP], opened);
    return 0;
}

static int judge_all(struct theory_verdict *v, const struct theory *part, const struct synfin_results *r)
{
    const struct theory **parts = calloc(r->workloads + 1, sizeof(struct theory *));
    double *weight = calloc(r->workloads + 1, sizeof *weight);
    uint64_t opened = attempted(&r->total.connections);
    struct theory all;
    int status = parts && weight ? 0 : -1;
    for (size_t i = 0; i < r->workloads && status == 0; i++) {
        parts[i] = &part[i];
        weight[i] = opened ? (double)attempted(&r->workload[i].connections) / (double)opened : 0;
    }
    if (status == 0)
        status = theory_mix(&all, parts, weight, r->workloads);
    if (status == 0) {
        theory_judge(v, &all, r->total.metric[SYNFIN_SETUP], opened);
        theory_free(&all);
    }
    free(parts);
    free(weight);
    return status;
}

int theory_of_run(struct theory_verdict *v, const struct synfin_scenario *scenario, const struct synfin_results *r)
{
    struct theory *part = calloc(r->workloads + 1, sizeof *part);
    int status = part ? 0 : -1;
    for (size_t i = 0; i < r->workloads && status == 0; i++)
        status = judge_workload(&v[i], &part[i], scenario, r, i);
    if (status == 0)
        status = judge_all(&v[r->workloads], part, r);
    for (size_t i = 0; part && i < r->workloads; i++)
        theory_free(&part[i]);
    free(part);
    return status;
}
