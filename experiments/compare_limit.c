/* SPDX-License-Identifier: BSD-2-Clause */
/* `--fail-if`: limits to differences. */
#include "compare.h"

#include <ctype.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

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
    int status = quantity_parse(&limit->of, e.name, error, size);
    expect_free(&e);
    return status;
}

int compare_limit_parse(struct compare_limit *limit, const char *text, char *error, size_t size)
{
    const char *relation = text + strcspn(text, "=!<>"), *value = relation + strspn(relation, "=!<>");
    ptrdiff_t length = value - relation;
    bool known = (*relation == '<' || *relation == '>') && (length == 1 || (length == 2 && value[-1] == '='));
    *limit = (struct compare_limit){.text = text};
    while (isspace((unsigned char)*value))
        value++;
    if (strlen(text) >= LABEL_SIZE || !known || !*value) {
        snprintf(error, size, "it is no limit to a difference; write METRIC.STATISTIC, one of > >= < <=, and a share of"
                              " A or a value: 'setup.mean > +2%%', 'setup.p99 > 5ms'");
        return -1;
    }
    return parse_limit(limit, text, (int)(value - text), value, error, size);
}
