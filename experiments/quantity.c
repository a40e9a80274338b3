/* SPDX-License-Identifier: BSD-2-Clause */
#include "quantity.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "expect.h"
#include "rows.h"

/* `setup.p99`, `workloads.churn.setup.p99`: the metric and the statistic; false: it is a count. */
static bool split_metric(struct quantity *q, const char *name)
{
    static const char prefix[] = "workloads.";
    char metric[LABEL_SIZE];
    const char *rest = name, *dot = NULL;
    snprintf(q->workload, sizeof q->workload, "%s", ROWS_ALL);
    if (strncmp(name, prefix, sizeof prefix - 1) == 0 && (dot = strchr(name + sizeof prefix - 1, '.'))) {
        const char *workload = name + sizeof prefix - 1;
        snprintf(q->workload, sizeof q->workload, "%.*s", (int)(dot - workload), workload);
        rest = dot + 1;
    }
    snprintf(metric, sizeof metric, "%s", rest);
    char *statistic = strchr(metric, '.');
    if (statistic)
        *statistic++ = '\0';
    q->metric = synfin_metric_find(metric);
    if (q->metric < 0)
        return false;
    snprintf(q->name, sizeof q->name, "%s", statistic ? statistic : "mean");
    return true;
}

/* The extremes of a run and its spread are no means of anything: Student's t knows nothing of them. */
static bool has_interval(const char *statistic)
{
    if (strcmp(statistic, "mean") == 0 || strcmp(statistic, "count") == 0)
        return true;
    for (int i = 0; i < ROWS_QUANTILES; i++) {
        if (strcmp(statistic, rows_quantile_name[i]) == 0)
            return true;
    }
    return false;
}

int quantity_parse(struct quantity *q, const char *name, char *error, size_t size)
{
    char statement[2 * LABEL_SIZE];
    struct expect e;
    *q = (struct quantity){0};
    bool metric = split_metric(q, name);
    size_t length = strlen(name);
    /* A metric alone is its mean; the label says no more than needed. */
    bool alone = metric && (length < 5 || strcmp(name + length - 5, ".mean") != 0) && strcmp(q->name, "mean") == 0;
    snprintf(statement, sizeof statement, "%s%s == 0", name, alone ? ".mean" : "");
    if (expect_parse(&e, statement, error, size) != 0)
        return -1;
    bool other = expect_of_machine(&e) || strcmp(e.name, "events") == 0 || strcmp(e.name, "simulated_s") == 0;
    expect_free(&e);
    if (other || (metric && !has_interval(q->name))) {
        snprintf(error, size, "'%s' has no interval; there are means ('setup'), quantiles ('setup.p99') and counts"
                              " ('connections.failed.timeout')", name);
        return -1;
    }
    if (!metric)
        snprintf(q->name, sizeof q->name, "%s", name);
    size_t shown = metric && !alone && strcmp(q->name, "mean") == 0 ? length - strlen(".mean") : length;
    snprintf(q->label, sizeof q->label, "%.*s", (int)shown, name);
    return 0;
}

/* In ms. */
static bool is_duration(const struct quantity *q)
{
    return q->metric >= 0 && strcmp(q->name, "count") != 0;
}

void quantity_label(const struct quantity *q, double x, char text[LABEL_SIZE])
{
    if (isnan(x))
        snprintf(text, LABEL_SIZE, "-");
    else if (is_duration(q))
        label_duration(x, text);
    else if (x < 1e15 && nearbyint(x) == x)
        snprintf(text, LABEL_SIZE, "%.0f", x);
    else
        snprintf(text, LABEL_SIZE, "%.4g", x);
}
