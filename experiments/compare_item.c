/* SPDX-License-Identifier: BSD-2-Clause */
/* What can be compared, by the names of `run --json`, and limits to differences. */
#include "compare.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- Items ------------------------------------------------------------------------------------------------------- */

/* `setup.p99`, `workloads.churn.setup.p99`: the metric and the statistic; false: it is a count. */
static bool split_metric(struct compare_item *item, const char *name)
{
    static const char prefix[] = "workloads.";
    char metric[LABEL_SIZE];
    const char *rest = name, *dot = NULL;
    snprintf(item->workload, sizeof item->workload, "%s", ROWS_ALL);
    if (strncmp(name, prefix, sizeof prefix - 1) == 0 && (dot = strchr(name + sizeof prefix - 1, '.'))) {
        const char *workload = name + sizeof prefix - 1;
        snprintf(item->workload, sizeof item->workload, "%.*s", (int)(dot - workload), workload);
        rest = dot + 1;
    }
    snprintf(metric, sizeof metric, "%s", rest);
    char *statistic = strchr(metric, '.');
    if (statistic)
        *statistic++ = '\0';
    item->metric = synfin_metric_find(metric);
    if (item->metric < 0)
        return false;
    snprintf(item->name, sizeof item->name, "%s", statistic ? statistic : "mean");
    return true;
}

/* The extremes of a run and its spread are no means of anything: Student's t knows nothing of them. */
static bool can_be_judged(const char *statistic)
{
    if (strcmp(statistic, "mean") == 0 || strcmp(statistic, "count") == 0)
        return true;
    for (int i = 0; i < ROWS_QUANTILES; i++) {
        if (strcmp(statistic, rows_quantile_name[i]) == 0)
            return true;
    }
    return false;
}

int compare_item_parse(struct compare_item *item, const char *name, char *error, size_t size)
{
    char statement[2 * LABEL_SIZE];
    struct expect e;
    *item = (struct compare_item){0};
    bool metric = split_metric(item, name);
    size_t length = strlen(name);
    /* A metric alone is its mean; the label says no more than needed. */
    bool alone = metric && (length < 5 || strcmp(name + length - 5, ".mean") != 0) && strcmp(item->name, "mean") == 0;
    snprintf(statement, sizeof statement, "%s%s == 0", name, alone ? ".mean" : "");
    if (expect_parse(&e, statement, error, size) != 0)
        return -1;
    bool other = expect_of_machine(&e) || strcmp(e.name, "events") == 0 || strcmp(e.name, "simulated_s") == 0;
    expect_free(&e);
    if (other || (metric && !can_be_judged(item->name))) {
        snprintf(error, size, "'%s' cannot be compared; there are means ('setup'), quantiles ('setup.p99') and counts"
                              " ('connections.failed.timeout')", name);
        return -1;
    }
    if (!metric)
        snprintf(item->name, sizeof item->name, "%s", name);
    size_t shown = metric && !alone && strcmp(item->name, "mean") == 0 ? length - strlen(".mean") : length;
    snprintf(item->label, sizeof item->label, "%.*s", (int)shown, name);
    return 0;
}

/* ---- Limits ------------------------------------------------------------------------------------------------------ */

/* `+2%` of A; else what the unit of the name says. `name` and `relation`: the statement's left part. */
static int parse_limit(struct compare_limit *limit, const char *left, int left_size, const char *value, char *error,
                       size_t size)
{
    char statement[2 * LABEL_SIZE], *end;
    struct expect e;
    double sign = *value == '-' ? -1 : 1;
    value += *value == '-' || *value == '+';
    double number = isdigit((unsigned char)*value) || *value == '.' ? strtod(value, &end) : (double)NAN;
    limit->relative = isfinite(number) && strcmp(end, "%") == 0;
    snprintf(statement, sizeof statement, "%.*s %s", left_size, left, limit->relative ? "0" : value);
    if (expect_parse(&e, statement, error, size) != 0)
        return -1;
    limit->relation = e.relation;
    limit->limit = sign * (limit->relative ? number / 100 : e.value);
    int status = compare_item_parse(&limit->item, e.name, error, size);
    expect_free(&e);
    return status;
}

int compare_limit_parse(struct compare_limit *limit, const char *text, char *error, size_t size)
{
    const char *relation = text + strcspn(text, "=!<>"), *value = relation + strspn(relation, "=!<>");
    *limit = (struct compare_limit){.text = text};
    while (isspace((unsigned char)*value))
        value++;
    if (strlen(text) >= LABEL_SIZE || !strchr("<>", *relation) || !*relation || !*value) {
        snprintf(error, size, "it is no limit to a difference; write METRIC.STATISTIC, one of > >= < <=, and a share of"
                              " A or a value: 'setup.mean > +2%%', 'setup.p99 > 5ms'");
        return -1;
    }
    return parse_limit(limit, text, (int)(value - text), value, error, size);
}
