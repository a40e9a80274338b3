/* SPDX-License-Identifier: BSD-2-Clause */
/* `plots:` and `expect:` of a scenario file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario_parts.h"
#include "setting.h"

static const char *const kinds[] = {"cdf", "miss", "histogram", "line", "heat", "states", "series"};
static const char *const statistics[] = {"count", "mean", "sd", "min", "p50", "p90", "p99", "p999", "max"};
enum { KINDS = sizeof kinds / sizeof *kinds, STATISTICS = sizeof statistics / sizeof *statistics };

void scenario_free_plot(struct scenario_plot *plot)
{
    for (size_t i = 0; i < plot->statistics; i++)
        free(plot->statistic[i]);
    free(plot->statistic);
    for (size_t i = 0; i < plot->measurements; i++) {
        free(plot->measured[i].file);
        free(plot->measured[i].label);
    }
    free(plot->measured);
    free(plot->kind);
    free(plot->metric);
    free(plot->x);
    free(plot->by);
    free(plot->title);
}

static int is_one_of(const struct scenario_file *f, const struct yaml_item *item, const char *what,
                     const char *const *names, size_t n)
{
    char text[512];
    for (size_t i = 0; i < n; i++) {
        if (!strcmp(names[i], item->value.text))
            return 0;
    }
    setting_unknown(text, sizeof text, what, item->value.text, names, n);
    return scenario_fault(f, item->value.mark, "%s", text);
}

/* A latency, or for line and heat a name of `run --json` that is one number. */
static int check_metric(const struct scenario_file *f, const struct yaml_item *item)
{
    static const char *const counts[] = {"connections.", "segments.", "links.", "workloads."};
    const char *names[SYNFIN_METRICS];
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        if (!strncmp(item->value.text, counts[i], strlen(counts[i])))
            return 0;
    }
    for (int m = 0; m < SYNFIN_METRICS; m++)
        names[m] = synfin_metric_name((enum synfin_metric)m);
    return is_one_of(f, item, "a metric, nor a count such as connections.failed.timeout", names, SYNFIN_METRICS);
}

static int check_swept(const struct scenario_file *f, const struct yaml_item *item)
{
    enum { NAMES = 64 };
    const char *names[NAMES];
    size_t n = 0;
    for (size_t a = 0; a < f->axes; a++) {
        for (size_t p = 0; p < f->axis[a].paths && n < NAMES; p++)
            names[n++] = f->axis[a].path[p];
    }
    if (!n)
        return scenario_fault(f, item->value.mark, "'%.100s' is not swept; name it under 'sweep: vary:'",
                              item->value.text);
    return is_one_of(f, item, "a parameter of the sweep", names, n);
}

static int read_statistics(const struct scenario_file *f, struct scenario_plot *plot, const struct yaml_item *item)
{
    bool list = item->value.kind == YAML_SEQUENCE;
    size_t n = list ? item->value.items : 1;
    plot->statistic = calloc(n + 1, sizeof *plot->statistic);
    if (!plot->statistic)
        return scenario_no_memory(f);
    for (size_t i = 0; i < n; i++) {
        const struct yaml_item *one = list ? &item->value.item[i] : item;
        if (!scenario_scalar(f, one, "a statistic such as p99") ||
            is_one_of(f, one, "a statistic", statistics, STATISTICS))
            return -1;
        plot->statistic[i] = scenario_copy(one->value.text);
        if (!plot->statistic[i])
            return scenario_no_memory(f);
        plot->statistics = i + 1;
    }
    return 0;
}

/* `[{file: measured/sym05-linear4.csv, label: "measured, 5 %"}]`; the sweep reads the files. */
static int read_measured(const struct scenario_file *f, struct scenario_plot *plot, const struct yaml_item *item)
{
    static const char wanted[] = "measured is a list of files and their labels; write one such as"
                                 " [{file: kernel.csv, label: live kernel}]";
    size_t n = item->value.items;
    if (item->value.kind != YAML_SEQUENCE)
        return scenario_fault(f, item->value.mark, "%s", wanted);
    plot->measured = calloc(n + 1, sizeof *plot->measured);
    if (!plot->measured)
        return scenario_no_memory(f);
    for (size_t i = 0; i < n; i++) {
        const struct yaml_item *one = &item->value.item[i];
        struct scenario_measured *m = &plot->measured[plot->measurements++];
        if (one->value.kind != YAML_MAPPING || one->value.items != 2)
            return scenario_fault(f, one->value.mark, "%s", wanted);
        for (size_t k = 0; k < 2; k++) {
            const struct yaml_item *part = &one->value.item[k];
            char **text = !strcmp(part->key, "file") ? &m->file : !strcmp(part->key, "label") ? &m->label : NULL;
            if (!text)
                return scenario_fault(f, part->mark, "%s", wanted);
            if (!scenario_scalar(f, part, "a text"))
                return -1;
            *text = scenario_copy(part->value.text);
            if (!*text)
                return scenario_no_memory(f);
        }
    }
    return 0;
}

static int read_key(const struct scenario_file *f, struct scenario_plot *plot, const struct yaml_item *item)
{
    static const char *const keys[] = {"kind", "metric", "x", "by", "title", "statistic", "measured", "theory"};
    enum { KEYS = sizeof keys / sizeof *keys };
    char **text[] = {&plot->kind, &plot->metric, &plot->x, &plot->by, &plot->title};
    size_t k = 0;
    char problem[512];
    while (k < KEYS && strcmp(keys[k], item->key))
        k++;
    if (k == KEYS) {
        setting_unknown(problem, sizeof problem, "a setting of plots", item->key, keys, KEYS);
        return scenario_fault(f, item->mark, "%s", problem);
    }
    if (k == 5)
        return read_statistics(f, plot, item);
    if (k == 6)
        return read_measured(f, plot, item);
    if (!scenario_scalar(f, item, k == 7 ? "true or false" : "a text"))
        return -1;
    if (k == 7)
        return setting_switch(item->value.text, &plot->theory, problem, sizeof problem)
                   ? scenario_fault(f, item->value.mark, "%s", problem)
                   : 0;
    int status = 0;
    if (k == 0)
        status = is_one_of(f, item, "a kind of plot", kinds, KINDS);
    else if (k == 1)
        status = check_metric(f, item);
    else if (k < 4)
        status = check_swept(f, item);
    if (status)
        return -1;
    *text[k] = scenario_copy(item->value.text);
    return *text[k] ? 0 : scenario_no_memory(f);
}

static int check_plot(const struct scenario_file *f, const struct scenario_plot *plot, const struct yaml_item *item)
{
    if (!plot->kind)
        return scenario_fault(f, item->mark, "'kind' is missing; write one such as {kind: cdf, metric: setup}");
    bool heat = !strcmp(plot->kind, "heat"), line = !strcmp(plot->kind, "line");
    if ((heat || line) && !plot->x)
        return scenario_fault(f, item->mark, "'x' is missing; a %s plot needs a parameter of the sweep as its x axis",
                              plot->kind);
    if (heat && !plot->by)
        return scenario_fault(f, item->mark,
                              "'by' is missing; a heat plot needs a second parameter of the sweep as its y axis");
    if ((plot->x || plot->by) && (!strcmp(plot->kind, "states") || !strcmp(plot->kind, "series")))
        return scenario_fault(f, item->mark, "a %s plot is a picture of each point, with no curves to name; leave '%s' out",
                              plot->kind, plot->by ? "by" : "x");
    if (plot->measurements && strcmp(plot->kind, "cdf") && strcmp(plot->kind, "miss"))
        return scenario_fault(f, item->mark, "a %s plot has no place for measured distributions; cdf and miss have",
                              plot->kind);
    const char *last = plot->metric ? strrchr(plot->metric, '.') : NULL; /* workloads.churn.setup */
    bool setup = !plot->metric || !strcmp(last ? last + 1 : plot->metric, "setup");
    if (plot->theory && (!setup || (strcmp(plot->kind, "cdf") && strcmp(plot->kind, "miss"))))
        return scenario_fault(f, item->mark, "theory is about the distribution of setup; draw it as kind: cdf or miss");
    if (!heat && !line && plot->metric && synfin_metric_find(last ? last + 1 : plot->metric) < 0)
        return scenario_fault(f, item->mark, "'%.60s' is a count, which has no distribution; draw it as kind: line",
                              plot->metric);
    return 0;
}

int scenario_read_plots(struct scenario_file *f, const struct yaml_item *plots)
{
    if (plots->value.kind != YAML_SEQUENCE)
        return scenario_fault(f, plots->value.mark,
                              "plots is a list; begin each plot with '- ', such as - {kind: cdf, metric: setup}");
    f->plot = calloc(plots->value.items + 1, sizeof *f->plot);
    if (!f->plot)
        return scenario_no_memory(f);
    for (size_t i = 0; i < plots->value.items; i++) {
        const struct yaml_item *item = &plots->value.item[i];
        struct scenario_plot *plot = &f->plot[f->plots++];
        if (item->value.kind != YAML_MAPPING)
            return scenario_fault(f, item->mark, "a plot is a mapping; write one such as {kind: cdf, metric: setup}");
        for (size_t k = 0; k < item->value.items; k++) {
            if (read_key(f, plot, &item->value.item[k]))
                return -1;
        }
        if (check_plot(f, plot, item))
            return -1;
    }
    return 0;
}

int scenario_read_expect(struct scenario_file *f, const struct yaml_item *expect)
{
    if (expect->value.kind != YAML_SEQUENCE)
        return scenario_fault(f, expect->value.mark,
                              "expect is a list; begin each statement with '- ', such as - setup.p50 == 20ms");
    f->expect = calloc(expect->value.items + 1, sizeof *f->expect);
    if (!f->expect)
        return scenario_no_memory(f);
    for (size_t i = 0; i < expect->value.items; i++) {
        char problem[512];
        const char *text = scenario_scalar(f, &expect->value.item[i], "a statement such as setup.p50 == 20ms");
        if (!text)
            return -1;
        if (expect_parse(&f->expect[i], text, problem, sizeof problem))
            return scenario_fault(f, expect->value.item[i].mark, "%s", problem);
        f->expects = i + 1;
    }
    return 0;
}
