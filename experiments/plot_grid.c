/* SPDX-License-Identifier: BSD-2-Clause */
/* Small multiples: which points of the sweep are curves of which panel, and where the panels stand. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plot.h"

enum {
    MOST_CURVES = 8,  /* that are drawn in one panel where `by` does not say which */
    MOST_PANELS = 48, /* of a picture; drawing ends somewhere below a thousand */
    TOP = 64, BOTTOM = 74, ROW = 250, LEFT = 40, /* of a picture that is 960 wide */
    LINE = 60, LETTER = 8, BAR = 120,            /* of the legend */
};

/* ---- Groups of points -------------------------------------------------------------------------------------------- */

static unsigned long long bit(size_t parameter)
{
    return parameter < 64 ? 1ull << parameter : 0;
}

int plot_group(struct plot_context *c, unsigned long long parameters, struct plot_groups *g)
{
    size_t points = c->results->points;
    char (*label)[LABEL_SIZE] = calloc(points + 1, sizeof *label);
    *g = (struct plot_groups){0, calloc(points + 1, sizeof *g->of), calloc(points + 1, sizeof *g->first)};
    int bad = !label || !g->of || !g->first;
    for (size_t point = 0; point < points && !bad; point++) {
        char here[LABEL_SIZE];
        g->of[point] = SIZE_MAX;
        if (results_done(c->results, point, RESULTS_EVERY) == 0)
            continue;
        bad = label_point(c->results, point, ~parameters, here) != 0;
        size_t i = 0;
        while (i < g->n && strcmp(label[i], here) != 0)
            i++;
        if (i == g->n) {
            memcpy(label[i], here, sizeof here);
            g->first[g->n++] = point;
        }
        g->of[point] = i;
    }
    free(label);
    return bad ? -1 : 0;
}

void plot_groups_free(struct plot_groups *g)
{
    free(g->of);
    free(g->first);
    *g = (struct plot_groups){0};
}

/* Whether all points of each group have the same value: 1 or 0; -1: an error. */
static int follows(struct plot_context *c, const struct plot_groups *g, size_t parameter)
{
    int same = 1;
    for (size_t point = 0; point < c->results->points && same == 1; point++) {
        struct results_parameter here, first;
        if (g->of[point] == SIZE_MAX || g->first[g->of[point]] == point)
            continue;
        if (results_parameter(c->results, point, parameter, &here) != 0)
            return -1;
        if (results_parameter(c->results, g->first[g->of[point]], parameter, &first) != 0)
            same = -1;
        else
            same = strcmp(here.text, first.text) == 0;
        if (same >= 0)
            results_parameter_free(&first);
        results_parameter_free(&here);
    }
    return same;
}

int plot_moved(struct plot_context *c, unsigned long long *parameters)
{
    struct plot_groups g;
    int bad = plot_group(c, *parameters, &g);
    for (size_t i = 0; i < c->results->parameters && i < 64 && !bad; i++) {
        int with = follows(c, &g, i);
        bad = with < 0;
        if (with > 0)
            *parameters |= bit(i);
    }
    plot_groups_free(&g);
    return bad;
}

/* ---- Curves and panels ------------------------------------------------------------------------------------------- */

/* The parameters that tell curves apart where `by` does not say it: all, if that is not too many curves, else the last
   one that the sweep varies. */
static int choose_curves(struct plot_context *c, unsigned long long x, unsigned long long *curve)
{
    struct plot_groups all;
    if (plot_group(c, ~x, &all) != 0)
        return -1;
    *curve = ~x;
    for (size_t i = c->results->parameters; i > 0 && all.n > MOST_CURVES; i--) {
        if (bit(i - 1) & ~x) {
            *curve = bit(i - 1);
            break;
        }
    }
    plot_groups_free(&all);
    return plot_moved(c, curve);
}

static int choose(struct plot_context *c, struct plot_grid *g)
{
    const struct plot *plot = c->plot;
    unsigned long long x = plot->x == PLOT_NO_PARAMETER ? 0 : bit(plot->x);
    unsigned long long by = plot->by == PLOT_NO_PARAMETER ? 0 : bit(plot->by);
    if (plot_moved(c, &x) != 0)
        return -1;
    g->line = ~x;
    if ((by ? plot_moved(c, &by) : choose_curves(c, x, &by)) != 0)
        return -1;
    g->curve = by & ~x;
    unsigned long long inside = x | by;
    if (plot_moved(c, &inside) != 0)
        return -1;
    g->panel = ~inside;
    return 0;
}

static int longest(int most, const char *text)
{
    for (const char *end = text; *end; text = end + 1) {
        end = text + strcspn(text, "\n");
        most = end - text > most ? (int)(end - text) : most;
    }
    return most;
}

/* How wide the legend is: its longest line. */
static int measure_legend(struct plot_context *c, struct plot_grid *g)
{
    char text[LABEL_SIZE];
    int letters = 0, statistic = 0, title = 0;
    if (c->plot->theory)
        letters = (int)strlen("theory off 0.00036: in 99.9 % band");
    for (size_t i = 0; i < c->plot->statistics; i++)
        statistic = longest(statistic, c->plot->statistic[i]);
    for (size_t i = 0; i < g->curves.n; i++) {
        if (label_point(c->results, g->curves.first[i], ~g->curve, text) != 0)
            return -1;
        letters = longest(letters, text);
    }
    if (label_parameters(c->results, ~g->curve, "\n", text) != 0)
        return -1;
    title = LETTER * longest(title, text);
    g->legend = LINE + LETTER * (letters + (c->plot->statistics > 1 ? statistic + 2 : 0));
    g->legend = g->legend > title ? g->legend : title;
    if (g->curve == 0 && g->legend < BAR) /* colours of a heat map, that is */
        g->legend = BAR;
    g->legend = g->legend < 400 ? g->legend : 400;
    return 0;
}

size_t plot_most_panels(struct plot_context *c, size_t panels)
{
    size_t used = strlen(c->small);
    if (panels <= MOST_PANELS)
        return panels;
    snprintf(c->small + used, sizeof c->small - used, " · %d of %zu panels", MOST_PANELS, panels);
    return MOST_PANELS;
}

int plot_grid(struct plot_context *c, struct plot_grid *g)
{
    *g = (struct plot_grid){0};
    if (choose(c, g) != 0 || plot_group(c, g->curve, &g->curves) != 0 || plot_group(c, g->panel, &g->panels) != 0)
        return -1;
    g->shown = plot_most_panels(c, g->panels.n);
    if (g->shown < 2)
        return 0;
    bool legends = c->plot->theory || c->format == PLOT_TXT; /* each panel needs its own, or more room */
    c->columns = legends ? 1 : g->shown <= 4 ? 2 : g->shown <= 9 ? 3 : 4;
    c->rows = (int)(g->shown + (size_t)c->columns - 1) / c->columns;
    c->height = TOP + BOTTOM + ROW * c->rows;
    if (measure_legend(c, g) != 0)
        return -1;
    return 0;
}

void plot_grid_free(struct plot_grid *g)
{
    plot_groups_free(&g->curves);
    plot_groups_free(&g->panels);
}

size_t plot_grid_point(const struct plot_grid *g, const struct results *r, size_t panel, size_t curve)
{
    for (size_t point = 0; point < r->points; point++) {
        if (g->panels.of[point] == panel && g->curves.of[point] == curve)
            return point;
    }
    return SIZE_MAX;
}

/* ---- Places ------------------------------------------------------------------------------------------------------ */

/* The names of the panels' parameters stand once under the title, their values above each panel. */
static int put_panels(struct plot_context *c, const struct plot_grid *g, const char *title, const char *shown)
{
    char labels[LABEL_SIZE], text[2 * LABEL_SIZE];
    if (label_parameters(c->results, ~g->panel, ", ", labels) != 0)
        return -1;
    snprintf(text, sizeof text, "%s%sby %s", shown ? shown : "", shown ? ", " : "", labels);
    plot_panels(c, title, text);
    return 0;
}

int plot_grid_frame(struct plot_context *c, const struct plot_grid *g, const char *title, const char *shown)
{
    char labels[LABEL_SIZE];
    if (label_parameters(c->results, ~g->curve, ",\\n", labels) != 0)
        return -1;
    if (labels[0])
        fprintf(c->script, "set key title \"%s\" left\n", labels);
    if (g->shown > 1)
        return put_panels(c, g, title, shown);
    plot_frame(c, title, shown);
    return 0;
}

int plot_grid_panel(struct plot_context *c, const struct plot_grid *g, size_t panel)
{
    char label[LABEL_SIZE];
    if (g->shown < 2)
        return 0;
    if (label_point(c->results, g->panels.first[panel], ~g->panel, label) != 0)
        return -1;
    bool text = c->format == PLOT_TXT;
    double wide = 960, high = c->height, all = wide - LEFT - g->legend, width = all / c->columns;
    int across = (int)panel % c->columns, down = (int)panel / c->columns;
    double x = LEFT + width * across, y = high - TOP - ROW * down;
    FILE *f = c->script;
    if (panel > 0)
        plot_panels_go_on(c);
    fprintf(f, "set lmargin at screen %.6f\nset rmargin at screen %.6f\nset tmargin at screen %.6f\n"
               "set bmargin at screen %.6f\n",
            (x + 50) / wide, (x + width - 12) / wide, (y - (text ? 32 : 24)) / high, (y - ROW + 30) / high);
    if (panel == 0 || c->columns == 1)
        fprintf(f, "set key at screen %.6f, screen %.6f left top\n", (LEFT + all) / wide, (y - 24) / high);
    else
        fputs("unset key\n", f);
    fputs("set title ", f);
    plot_quote(f, label);
    fputs(text ? "\n" : " offset 0,-0.6 font ',12'\n", f);
    return 0;
}

void plot_grid_end(struct plot_context *c, const struct plot_grid *g)
{
    if (g->shown > 1)
        fputs("unset multiplot\n", c->script);
}
