/* SPDX-License-Identifier: BSD-2-Clause */
/* `synfin compare`: what differs between two sweeps, and whether chance alone could do that. */
#include "compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- What to compare --------------------------------------------------------------------------------------------- */

static int complain(const char *option, const char *text, const char *error)
{
    fprintf(stderr, "--%s %s: error: %s\n", option, text, error);
    return STATUS_USAGE;
}

/* Adds an item where it is not there yet; one that somebody asks for is not left out. */
static int add_item(struct compare *c, const struct compare_item *item)
{
    for (size_t i = 0; i < c->items; i++) {
        if (strcmp(c->item[i].of.label, item->of.label) == 0) {
            c->item[i].usual = c->item[i].usual && item->usual;
            return STATUS_DONE;
        }
    }
    struct compare_item *more = realloc(c->item, (c->items + 1) * sizeof *more);
    if (!more)
        return STATUS_FAILED;
    c->item = more;
    c->item[c->items++] = *item;
    return STATUS_DONE;
}

/* The mean of each metric, and how many connections failed, by reason. */
static int add_usual(struct compare *c)
{
    char name[64], error[256];
    int status = STATUS_DONE;
    for (int i = 0; i < SYNFIN_METRICS + SYNFIN_FAILURES && status == STATUS_DONE; i++) {
        struct compare_item item;
        if (i < SYNFIN_METRICS)
            snprintf(name, sizeof name, "%s", synfin_metric_name((enum synfin_metric)i));
        else
            snprintf(name, sizeof name, "connections.failed.%s",
                     synfin_outcome_name((enum synfin_outcome)(SYNFIN_OUTCOME_TIMEOUT + i - SYNFIN_METRICS)));
        if (quantity_parse(&item.of, name, error, sizeof error) != 0)
            return STATUS_FAILED;
        item.usual = true;
        status = add_item(c, &item);
    }
    return status;
}

static int add_listed(struct compare *c, const char *list)
{
    char *words = strdup(list), *rest = NULL, error[512];
    int status = words ? STATUS_DONE : STATUS_FAILED;
    for (char *w = words ? strtok_r(words, ", ", &rest) : NULL; w && status == STATUS_DONE;
         w = strtok_r(NULL, ", ", &rest)) {
        struct compare_item item = {.usual = false};
        bool sound = strlen(w) < LABEL_SIZE && quantity_parse(&item.of, w, error, sizeof error) == 0;
        status = sound ? add_item(c, &item) : complain("metric", w, strlen(w) < LABEL_SIZE ? error : "it is too long");
    }
    free(words);
    if (status == STATUS_DONE && c->items == 0)
        status = complain("metric", list, "it names nothing; write for example 'setup,setup.p99'");
    return status;
}

static int add_limits(struct compare *c, const struct options *o)
{
    char error[512];
    int status = STATUS_DONE;
    c->limit = calloc(o->fail_ifs + 1, sizeof *c->limit);
    if (!c->limit)
        return STATUS_FAILED;
    for (size_t i = 0; i < o->fail_ifs && status == STATUS_DONE; i++) {
        if (compare_limit_parse(&c->limit[i], o->fail_if[i], error, sizeof error) != 0)
            return complain("fail-if", o->fail_if[i], error);
        c->limits++;
        status = add_item(c, &(struct compare_item){.of = c->limit[i].of});
    }
    return status;
}

/* ---- Whether it is there ----------------------------------------------------------------------------------------- */

static bool has_count(const struct results *r, const char *name)
{
    for (size_t i = 0; i < r->names; i++) {
        if (strcmp(r->name[i], name) == 0)
            return true;
    }
    return false;
}

/* Counts have names in both databases; what is asked for and nowhere measured would never be found to differ. */
static int check_counts(const struct compare *c)
{
    for (size_t i = 0; i < c->items; i++) {
        for (int k = 0; k < 2; k++) {
            if (c->item[i].of.metric < 0 && !has_count(&c->side[k].results, c->item[i].of.name)) {
                fprintf(stderr, "%s: error: there is no count '%s' in it; `synfin export --counts` shows all there"
                                " are\n", c->side[k].results.path, c->item[i].of.name);
                return STATUS_USAGE;
            }
        }
    }
    return STATUS_DONE;
}

static int check_lines(const struct compare *c)
{
    for (size_t i = 0; i < c->items; i++) {
        bool found = c->item[i].usual;
        for (size_t j = 0; j < c->lines && !found; j++)
            found = c->line[j].item == &c->item[i];
        if (!found) {
            fprintf(stderr, "%s, %s: error: neither has values of '%s' at the points compared\n", c->side[0].word,
                    c->side[1].word, c->item[i].of.label);
            return STATUS_USAGE;
        }
    }
    return STATUS_DONE;
}

/* ---- Limits ------------------------------------------------------------------------------------------------------ */

/* A difference that is not shown counts as none, but where there is no interval, there is only the difference. */
static bool breaks(const struct compare_line *line, const struct compare_limit *limit)
{
    if (isnan(line->test.difference)) /* one side has no values: the comparison fails as a whole */
        return true;
    bool counts = line->shown || line->test.degrees == 0;
    double difference = !counts ? 0 : limit->relative ? compare_share(&line->test) : line->test.difference;
    struct expect e = {.relation = limit->relation, .value = limit->limit};
    return expect_holds(&e, difference);
}

static int complain_of(struct compare *c, const struct compare_line *line, const struct compare_limit *limit)
{
    char point[LABEL_SIZE], difference[LABEL_SIZE], share[LABEL_SIZE];
    if (compare_point_label(c, line->pair, point) != 0)
        return STATUS_FAILED;
    fprintf(stderr, "synfin compare: error: %s%s%s: ", line->item->of.label, point[0] ? " at " : "", point);
    if (isnan(line->test.difference)) {
        fprintf(stderr, "%s has no values, fails '%s'\n", c->side[isnan(line->test.mean[0]) ? 0 : 1].word, limit->text);
        return STATUS_FAILED;
    }
    compare_difference_label(&line->item->of, line->test.difference, difference);
    compare_share_label(compare_share(&line->test), share);
    fprintf(stderr, "B - A is %s (%s), fails '%s'\n", difference, share, limit->text);
    return STATUS_FAILED;
}

static int check_limits(struct compare *c)
{
    int status = STATUS_DONE;
    for (size_t i = 0; i < c->limits; i++) {
        for (size_t j = 0; j < c->lines; j++) {
            if (strcmp(c->line[j].item->of.label, c->limit[i].of.label) == 0 && breaks(&c->line[j], &c->limit[i]))
                status = complain_of(c, &c->line[j], &c->limit[i]);
        }
    }
    return status;
}

/* ---- The command ------------------------------------------------------------------------------------------------- */

static int compare(struct compare *c, const struct options *o)
{
    int status = o->metric ? add_listed(c, o->metric) : add_usual(c);
    if (status == STATUS_DONE)
        status = add_limits(c, o);
    for (int k = 0; k < 2 && status == STATUS_DONE; k++)
        status = compare_side_open(&c->side[k], o->file[k]);
    if (status == STATUS_DONE)
        status = compare_match(c->side, &c->pairs);
    if (status == STATUS_DONE)
        status = check_counts(c);
    if (status != STATUS_DONE)
        return status;
    c->paired = c->side[0].common && c->side[1].common && strcmp(c->side[0].seed, c->side[1].seed) == 0;
    if (compare_measure(c) != 0)
        return STATUS_FAILED;
    status = check_lines(c);
    if (status == STATUS_DONE && compare_settings(c) != 0)
        status = STATUS_FAILED;
    if (status == STATUS_DONE && compare_print(c, stdout) != 0)
        status = STATUS_FAILED;
    if (status == STATUS_DONE && o->output && compare_plots(c, o->output, o->format) != 0)
        status = STATUS_FAILED;
    return status == STATUS_DONE ? check_limits(c) : status;
}

int command_compare(const struct options *options)
{
    struct compare c = {0};
    int status = compare(&c, options);
    compare_pairs_free(&c.pairs);
    compare_side_close(&c.side[0]);
    compare_side_close(&c.side[1]);
    free(c.item);
    free(c.limit);
    free(c.line);
    return status;
}
