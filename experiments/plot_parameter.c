/* SPDX-License-Identifier: BSD-2-Clause */
/* Plots of one number against swept parameters: line and heat. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "estimate.h"
#include "plot_curves.h"

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
    size_t room = (size_t)(*axis == 'x' ? 2 * plot_tics_x(c) : plot_tics_y(c)), step = (places->n + room - 1) / room;
    fprintf(c->script, "set %srange [-0.5:%zu.5]\n", axis, places->n - 1);
    plot_axis_label(c, axis, places->label);
    fprintf(c->script, "set %stics (", axis);
    for (size_t i = 0; i < places->n; i += step) {
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
    struct plot_groups lines; /* points that differ in x only, and in what is moved with it, are one */
    double low, high;
    bool student, binomial;
    struct places x;
};

static int put_line_data(struct plot_context *c, struct lines *l, size_t statistic, size_t line)
{
    fprintf(c->script, "$s%zul%zu << EOD\n", statistic, line);
    for (size_t point = 0; point < c->results->points; point++) {
        struct estimate e;
        double x;
        if (l->lines.of[point] != line)
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

/* The words that draw the statistics of a line; without data (SIZE_MAX) it stands in the legend alone. */
static int put_line_words(struct plot_context *c, const struct plot_grid *g, size_t line, size_t curve,
                          const char **separator)
{
    char label[LABEL_SIZE], name[2 * LABEL_SIZE];
    if (label_point(c->results, g->curves.first[curve], ~g->curve, label) != 0)
        return -1;
    for (size_t s = 0; s < c->plot->statistics; s++) {
        bool several = c->plot->statistics > 1 || c->plot->metric < 0;
        const char *statistic = c->plot->metric < 0 ? "" : c->plot->statistic[s];
        snprintf(name, sizeof name, "%s%s%s", several ? statistic : "",
                 several && statistic[0] && label[0] ? ", " : "", several || label[0] ? label : statistic);
        if (line == SIZE_MAX)
            fprintf(c->script, "%s NaN with linespoints", *separator);
        else
            fprintf(c->script, "%s $s%zul%zu using 1:2:3:4 with yerrorlines", *separator, s, line);
        plot_style(c->script, curve * c->plot->statistics + s, 2, true);
        fputs(name[0] ? " title " : " notitle", c->script);
        if (name[0])
            plot_quote(c->script, name);
        *separator = ", \\\n    ";
    }
    return 0;
}

static int put_line_panel(struct plot_context *c, const struct lines *l, const struct plot_grid *g, size_t panel)
{
    const char *separator = "plot";
    if (plot_grid_panel(c, g, panel) != 0)
        return -1;
    for (size_t curve = 0; curve < g->curves.n; curve++) {
        size_t point = plot_grid_point(g, c->results, panel, curve);
        if (put_line_words(c, g, point == SIZE_MAX ? SIZE_MAX : l->lines.of[point], curve, &separator) != 0)
            return -1;
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

static const char *title_name(const struct plot *plot)
{
    return plot->metric >= 0 ? label_metric((enum synfin_metric)plot->metric) : plot->name;
}

static int put_lines(struct plot_context *c, struct lines *l, const struct plot_grid *g)
{
    char title[3 * LABEL_SIZE];
    snprintf(title, sizeof title, "How does %s change %s?", l->x.label, title_name(c->plot));
    plot_begin(c);
    for (size_t s = 0; s < c->plot->statistics; s++) {
        for (size_t line = 0; line < l->lines.n; line++) {
            if (put_line_data(c, l, s, line) != 0)
                return -1;
        }
    }
    if (!(l->high >= l->low))
        return plot_no_values(c);
    put_x_axis(c, &l->x);
    put_value_axis(c, "y", l->low, l->high, true);
    tell_intervals(c, l->student, l->binomial);
    int bad = plot_grid_frame(c, g, title, NULL);
    for (size_t panel = 0; panel < g->shown && !bad; panel++)
        bad = put_line_panel(c, l, g, panel);
    plot_grid_end(c, g);
    return bad;
}

int plot_line(struct plot_context *c)
{
    struct lines l = {.low = INFINITY, .high = -INFINITY};
    struct plot_grid g = {0};
    int bad = read_places(c, c->plot->x, &l.x) != 0 || plot_grid(c, &g) != 0 ||
              plot_group(c, g.line, &l.lines) != 0 || put_lines(c, &l, &g) != 0;
    plot_groups_free(&l.lines);
    plot_grid_free(&g);
    return bad ? -1 : 0;
}

/* ---- Heat -------------------------------------------------------------------------------------------------------- */

/* A cell's place and value, and what stands in it, of the points of a panel. */
static int put_cells(struct plot_context *c, const struct places *x, const struct places *y, const struct plot_grid *g,
                     size_t panel, struct plot_axis *range)
{
    fprintf(c->script, "$h%zu << EOD\n", panel);
    for (size_t point = 0; point < c->results->points; point++) {
        struct estimate e;
        double column, row;
        char text[LABEL_SIZE];
        if (g->panels.of[point] != panel)
            continue;
        if (estimate(c, point, c->plot->statistic[0], &e) != 0 ||
            place_of(c, x, c->plot->x, point, true, &column) != 0 ||
            place_of(c, y, c->plot->by, point, true, &row) != 0)
            return -1;
        if (isnan(e.value) || (size_t)column >= x->n || (size_t)row >= y->n)
            continue;
        range->low = fmin(range->low, e.value);
        range->high = fmax(range->high, e.value);
        if (c->plot->metric >= 0)
            label_duration(e.value, text);
        else
            snprintf(text, sizeof text, "%.4g", e.value);
        fprintf(c->script, "%.0f %.0f %.10g \"%s\"\n", column, row, e.value, text);
    }
    fputs("EOD\n", c->script);
    return 0;
}

/* Colours of even lightness steps, dark is low: told apart without seeing hues. */
static void put_colours(struct plot_context *c, const struct plot_axis *range)
{
    double low = range->low, high = range->high;
    bool log = put_value_axis(c, "cb", low, high, false);
    fprintf(c->script, "unset key\nunset grid\nset cbrange [%.10g:%.10g]\n"
                       "set palette defined (0 '#440154', 1 '#3b528b', 2 '#21918c', 3 '#5ec962', 4 '#fde725')\n",
            low, high > low ? high : low * 1.01 + 1e-9);
    fprintf(c->script, "bright = %.10g\n", log ? low * pow(high / low, 0.6) : low + 0.6 * (high - low));
}

static int put_cells_panel(struct plot_context *c, const struct plot_grid *g, size_t panel, size_t across)
{
    enum { LEAST = 50 }; /* width of a cell whose value is written in it */
    bool written = across * (size_t)(c->columns ? c->columns : 1) * LEAST <= 900;
    if (plot_grid_panel(c, g, panel) != 0)
        return -1;
    if (g->shown > 1) /* colours mean the same in all of them */
        fputs(panel ? "unset colorbox\n"
                    : "set colorbox user origin screen 0.9,screen 0.25 size screen 0.02,screen 0.5\n", c->script);
    fprintf(c->script, "unset key\nplot $h%zu using 1:2:(0.5):(0.5):3 with boxxyerror fillstyle solid 1 noborder"
                       " fillcolor palette", panel);
    if (written)
        fputs(", \\\n    '' using 1:2:4:($3 > bright ? 0x000000 : 0xffffff) with labels textcolor rgb variable",
              c->script);
    fputc('\n', c->script);
    return 0;
}

static int put_heat(struct plot_context *c, const struct places *x, const struct places *y, const struct plot_grid *g)
{
    char title[4 * LABEL_SIZE];
    struct plot_axis range = {INFINITY, -INFINITY, false};
    snprintf(title, sizeof title, "How do %s and %s change %s?", x->label, y->label, title_name(c->plot));
    plot_begin(c);
    for (size_t panel = 0; panel < g->shown; panel++) {
        if (put_cells(c, x, y, g, panel, &range) != 0)
            return -1;
    }
    if (!(range.high >= range.low))
        return plot_no_values(c);
    put_named_places(c, "x", x);
    put_named_places(c, "y", y);
    put_colours(c, &range);
    int bad = plot_grid_frame(c, g, title, c->plot->metric >= 0 ? c->plot->statistic[0] : NULL);
    if (g->shown < 2)
        fputs("set rmargin at screen 0.86\n", c->script);
    for (size_t panel = 0; panel < g->shown && !bad; panel++)
        bad = put_cells_panel(c, g, panel, x->n);
    plot_grid_end(c, g);
    return bad;
}

int plot_heat(struct plot_context *c)
{
    struct places *x = malloc(2 * sizeof *x), *y = x + 1;
    struct plot_grid g = {0};
    int bad = !x || read_places(c, c->plot->x, x) != 0 || read_places(c, c->plot->by, y) != 0 ||
              plot_grid(c, &g) != 0 || put_heat(c, x, y, &g) != 0;
    plot_grid_free(&g);
    free(x);
    return bad ? -1 : 0;
}
