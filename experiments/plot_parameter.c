/* SPDX-License-Identifier: BSD-2-Clause */
/* Plots of one number against swept parameters: line and heat. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "estimate.h"
#include "plot.h"

/* ---- Numbers ----------------------------------------------------------------------------------------------------- */

static int estimate(struct plot_context *c, size_t point, const char *statistic, struct estimate *e)
{
    const struct plot *plot = c->plot;
    return estimate_at(e, c->results, point, RESULTS_EVERY, plot->workload, plot->metric,
                       plot->metric >= 0 ? statistic : plot->name);
}

/* What the intervals are, for the small print. */
static void tell_intervals(struct plot_context *c, bool student, bool binomial)
{
    size_t used = strlen(c->small);
    const char *t = c->format == PLOT_TXT ? "t" : "Student's t over replications";
    const char *order = c->format == PLOT_TXT ? "quantiles: binomial" : "quantiles: binomial, order statistics";
    char looks[64] = "";
    if (c->results->looks > 1)
        snprintf(looks, sizeof looks, "; for %zu looks at once", c->results->looks);
    if (student || binomial)
        snprintf(c->small + used, sizeof c->small - used, " · bars: 95 %% intervals (%s%s%s%s)", student ? t : "",
                 student && binomial ? "; " : "", binomial ? order : "", looks);
}

/* ---- Values of a parameter as places on an axis ------------------------------------------------------------------ */

enum { PLACES = 200 };

/* The values of a parameter, each once, in the order of the sweep. */
struct places {
    size_t n;
    struct {
        char text[LABEL_SIZE];
        double value;
    } place[PLACES];
    bool numeric;
    char unit[16], label[LABEL_SIZE];
};

static size_t find_place(const struct places *p, const char *text)
{
    size_t i = 0;
    while (i < p->n && strcmp(p->place[i].text, text) != 0)
        i++;
    return i;
}

static int read_places(struct plot_context *c, size_t parameter, struct places *places)
{
    *places = (struct places){.numeric = true};
    for (size_t point = 0; point < c->results->points; point++) {
        struct results_parameter p;
        if (results_parameter(c->results, point, parameter, &p) != 0)
            return -1;
        if (find_place(places, p.text) == places->n && places->n < PLACES) {
            snprintf(places->place[places->n].text, LABEL_SIZE, "%s", p.text);
            places->place[places->n++].value = p.value;
        }
        if (!p.unit)
            places->numeric = false;
        else
            snprintf(places->unit, sizeof places->unit, "%s", p.unit);
        label_parameter(c->results, p.path, places->label);
        results_parameter_free(&p);
    }
    return 0;
}

/* Where a point lies: its value, or the number of its place where values are words. */
static int place_of(struct plot_context *c, const struct places *places, size_t parameter, size_t point, bool by_number,
                    double *at)
{
    struct results_parameter p;
    if (results_parameter(c->results, point, parameter, &p) != 0)
        return -1;
    *at = places->numeric && !by_number ? p.value : (double)find_place(places, p.text);
    results_parameter_free(&p);
    return 0;
}

/* Places by number, each with its value as written. */
static void put_named_places(struct plot_context *c, const char *axis, const struct places *places)
{
    char label[LABEL_SIZE];
    fprintf(c->script, "set %srange [-0.5:%zu.5]\nset %slabel ", axis, places->n - 1, axis);
    plot_quote(c->script, places->label);
    fprintf(c->script, "\nset %stics (", axis);
    for (size_t i = 0; i < places->n; i++) {
        label_value(places->place[i].text, label);
        fputs(i ? ", " : "", c->script);
        plot_quote_tic(c->script, label);
        fprintf(c->script, " %zu", i);
    }
    fputs(")\n", c->script);
}

static void put_x_axis(struct plot_context *c, const struct places *places)
{
    double low = INFINITY, high = -INFINITY;
    char label[LABEL_SIZE + 32];
    if (!places->numeric) {
        put_named_places(c, "x", places);
        return;
    }
    for (size_t i = 0; i < places->n; i++) {
        low = fmin(low, places->place[i].value);
        high = fmax(high, places->place[i].value);
    }
    struct plot_axis axis = plot_axis(low, high, 50);
    if (!axis.log) { /* only what is there, with some room at both ends */
        double room = high > low ? 0.04 * (high - low) : 0.5;
        axis.low = low - room;
        axis.high = high + room;
    }
    snprintf(label, sizeof label, "%s%s%s%s", places->label, places->unit[0] ? " (" : "", places->unit,
             places->unit[0] ? ")" : "");
    plot_number_axis(c, "x", &axis, plot_tics_x(c), label);
}

/* ---- Line -------------------------------------------------------------------------------------------------------- */

struct lines {
    size_t *line; /* by point: which line of a statistic it belongs to */
    size_t n;     /* lines of a statistic */
    size_t *first; /* by line: its first point */
    double low, high;
    bool student, binomial;
    struct places x;
};

/* Points that differ in x only belong to one line. */
static int sort_into_lines(struct plot_context *c, struct lines *l)
{
    size_t points = c->results->points;
    char (*label)[LABEL_SIZE] = calloc(points + 1, sizeof *label);
    l->line = calloc(points + 1, sizeof *l->line);
    l->first = calloc(points + 1, sizeof *l->first);
    int bad = !label || !l->line || !l->first;
    for (size_t point = 0; point < points && !bad; point++) {
        char here[LABEL_SIZE];
        bad = label_point(c->results, point, c->plot->x < 64 ? 1ull << c->plot->x : 0, here) != 0;
        size_t line = 0;
        while (line < l->n && strcmp(label[line], here) != 0)
            line++;
        if (line == l->n) {
            memcpy(label[line], here, sizeof here);
            l->first[l->n++] = point;
        }
        l->line[point] = line;
    }
    free(label);
    return bad ? -1 : 0;
}

static int put_line_data(struct plot_context *c, struct lines *l, size_t statistic, size_t line)
{
    fprintf(c->script, "$s%zul%zu << EOD\n", statistic, line);
    for (size_t point = 0; point < c->results->points; point++) {
        struct estimate e;
        double x;
        if (l->line[point] != line)
            continue;
        if (estimate(c, point, c->plot->statistic[statistic], &e) != 0 ||
            place_of(c, &l->x, c->plot->x, point, false, &x) != 0)
            return -1;
        if (isnan(e.value))
            continue;
        if (!e.known)
            e.interval = (struct interval){e.value, e.value};
        l->student |= e.known && !e.binomial;
        l->binomial |= e.binomial;
        l->low = fmin(l->low, e.value > 0 ? fmin(e.value, fmax(e.interval.low, e.value / 4)) : e.value);
        l->high = fmax(l->high, fmax(e.value, e.interval.high));
        fprintf(c->script, "%.10g %.10g %.10g %.10g\n", x, e.value, e.interval.low, e.interval.high);
    }
    fputs("EOD\n", c->script);
    return 0;
}

static int put_line_plot(struct plot_context *c, const struct lines *l)
{
    char label[LABEL_SIZE], name[2 * LABEL_SIZE];
    const char *separator = "plot";
    for (size_t line = 0; line < l->n; line++) {
        if (label_point(c->results, l->first[line], c->plot->x < 64 ? 1ull << c->plot->x : 0, label) != 0)
            return -1;
        for (size_t s = 0; s < c->plot->statistics; s++) {
            bool several = c->plot->statistics > 1 || c->plot->metric < 0;
            const char *statistic = c->plot->metric < 0 ? "" : c->plot->statistic[s];
            snprintf(name, sizeof name, "%s%s%s", several ? statistic : "",
                     several && statistic[0] && label[0] ? ", " : "", several || label[0] ? label : statistic);
            fprintf(c->script, "%s $s%zul%zu using 1:2:3:4 with yerrorlines", separator, s, line);
            plot_style(c->script, line * c->plot->statistics + s, 2, true);
            fputs(name[0] ? " title " : " notitle", c->script);
            if (name[0])
                plot_quote(c->script, name);
            separator = ", \\\n    ";
        }
    }
    fputc('\n', c->script);
    return 0;
}

/* The axis of the values, `y`, or `cb`, which needs no label beside the title. */
static bool put_value_axis(struct plot_context *c, const char *name, double low, double high, bool label)
{
    struct plot_axis axis = plot_axis(low, high, 20);
    if (c->plot->metric < 0) {
        plot_number_axis(c, name, &axis, plot_tics_y(c), label ? c->plot->name : "");
        return axis.log;
    }
    char text[2 * LABEL_SIZE];
    bool one = c->plot->statistics == 1;
    snprintf(text, sizeof text, "%s%s%s", label_metric((enum synfin_metric)c->plot->metric), one ? ", " : "",
             one ? c->plot->statistic[0] : "");
    plot_time_axis(c, name, &axis, plot_tics_y(c), label ? text : "");
    return axis.log;
}

/* The parameters besides x, above the legend. */
static int put_line_key(struct plot_context *c)
{
    char labels[LABEL_SIZE];
    if (label_parameters(c->results, c->plot->x < 64 ? 1ull << c->plot->x : 0, ",\\n", labels) != 0)
        return -1;
    if (labels[0])
        fprintf(c->script, "set key title \"%s\" left\n", labels);
    return 0;
}

static const char *title_name(const struct plot *plot)
{
    return plot->metric >= 0 ? label_metric((enum synfin_metric)plot->metric) : plot->name;
}

int plot_line(struct plot_context *c)
{
    struct lines l = {.low = INFINITY, .high = -INFINITY};
    char title[3 * LABEL_SIZE];
    int bad = read_places(c, c->plot->x, &l.x) != 0 || sort_into_lines(c, &l) != 0;
    if (!bad) {
        snprintf(title, sizeof title, "How does %s change %s?", l.x.label, title_name(c->plot));
        plot_begin(c);
    }
    for (size_t s = 0; s < c->plot->statistics && !bad; s++) {
        for (size_t line = 0; line < l.n && !bad; line++)
            bad = put_line_data(c, &l, s, line) != 0;
    }
    if (!bad && !(l.high >= l.low)) {
        fprintf(stderr, "%s: error: %s has no values in these results; plot another metric\n", c->results->path,
                c->plot->name);
        bad = 1;
    }
    if (!bad) {
        put_x_axis(c, &l.x);
        put_value_axis(c, "y", l.low, l.high, true);
        tell_intervals(c, l.student, l.binomial);
        plot_frame(c, title, NULL);
        bad = put_line_key(c) != 0 || put_line_plot(c, &l) != 0;
    }
    free(l.line);
    free(l.first);
    return bad ? -1 : 0;
}

/* ---- Heat -------------------------------------------------------------------------------------------------------- */

/* A cell's corners, value, and what stands in it. Where several points fall into a cell, their mean. */
static int put_cells(struct plot_context *c, const struct places *x, const struct places *y, double *low, double *high)
{
    double *sum = calloc(x->n * y->n, sizeof *sum), *n = calloc(x->n * y->n, sizeof *n);
    int bad = !sum || !n;
    for (size_t point = 0; point < c->results->points && !bad; point++) {
        struct estimate e;
        double column, row;
        bad = estimate(c, point, c->plot->statistic[0], &e) != 0 ||
              place_of(c, x, c->plot->x, point, true, &column) != 0 ||
              place_of(c, y, c->plot->by, point, true, &row) != 0;
        if (bad || isnan(e.value) || (size_t)column >= x->n || (size_t)row >= y->n)
            continue;
        sum[(size_t)row * x->n + (size_t)column] += e.value;
        n[(size_t)row * x->n + (size_t)column]++;
    }
    fputs("$cells << EOD\n", c->script);
    for (size_t i = 0; i < x->n * y->n && !bad; i++) {
        char text[LABEL_SIZE];
        if (!(n[i] > 0))
            continue;
        double value = sum[i] / n[i];
        *low = fmin(*low, value);
        *high = fmax(*high, value);
        if (c->plot->metric >= 0)
            label_duration(value, text);
        else
            snprintf(text, sizeof text, "%.4g", value);
        fprintf(c->script, "%zu %zu %.10g \"%s\"\n", i % x->n, i / x->n, value, text);
    }
    fputs("EOD\n", c->script);
    free(sum);
    free(n);
    return bad ? -1 : 0;
}

int plot_heat(struct plot_context *c)
{
    struct places *x = malloc(2 * sizeof *x), *y = x + 1;
    double low = INFINITY, high = -INFINITY;
    char title[4 * LABEL_SIZE];
    int bad = !x || read_places(c, c->plot->x, x) != 0 || read_places(c, c->plot->by, y) != 0;
    if (!bad) {
        snprintf(title, sizeof title, "How do %s and %s change %s?", x->label, y->label, title_name(c->plot));
        plot_begin(c);
        bad = put_cells(c, x, y, &low, &high) != 0;
    }
    if (!bad && !(high >= low)) {
        fprintf(stderr, "%s: error: %s has no values in these results; plot another metric\n", c->results->path,
                c->plot->name);
        bad = 1;
    }
    if (!bad) {
        put_named_places(c, "x", x);
        put_named_places(c, "y", y);
        bool log = put_value_axis(c, "cb", low, high, false);
        plot_frame(c, title, c->plot->metric >= 0 ? c->plot->statistic[0] : NULL);
        /* Colours of even lightness steps, dark is low: told apart without seeing hues. */
        fprintf(c->script, "unset key\nunset grid\nset cbrange [%.10g:%.10g]\nset rmargin at screen 0.86\n"
                           "set palette defined (0 '#440154', 1 '#3b528b', 2 '#21918c', 3 '#5ec962', 4 '#fde725')\n",
                low, high > low ? high : low * 1.01 + 1e-9);
        fprintf(c->script, "bright = %.10g\n", log ? low * pow(high / low, 0.6) : low + 0.6 * (high - low));
        fputs("plot $cells using 1:2:(0.5):(0.5):3 with boxxyerror fillstyle solid 1 noborder fillcolor palette, \\\n"
              "    '' using 1:2:4:($3 > bright ? 0x000000 : 0xffffff) with labels textcolor rgb variable\n", c->script);
    }
    free(x);
    return bad ? -1 : 0;
}
