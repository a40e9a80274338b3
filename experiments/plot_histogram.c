/* SPDX-License-Identifier: BSD-2-Clause */
/* Histograms: shares of the values in equal parts of the axis, a panel for each point of the sweep. */
#include <math.h>
#include <string.h>

#include "plot_curves.h"

enum { BARS = 100 };

struct bars {
    struct plot_axis x;
    double least, most; /* shares drawn, percent; 0: none yet */
    int curves, shown; /* the first ones */
};

/* Shares of the values in equal parts of the axis: middle, share, edges. */
static int put_bars(struct plot_context *c, size_t curve, double opened, const struct synfin_statistic *statistic,
                    void *user)
{
    struct bars *b = user;
    const struct plot_axis *x = &b->x;
    struct synfin_bin bin;
    double share[BARS] = {0}, all = (double)synfin_statistic_count(statistic), edge[2];
    (void)opened;
    for (size_t cursor = 0; synfin_statistic_next(statistic, &cursor, &bin);) {
        double ms = ((double)bin.low + (double)bin.excess / (double)bin.count) / 1e6;
        int bar = (int)(plot_axis_place(x, fmax(ms, x->low)) * BARS);
        share[bar < BARS ? bar : BARS - 1] += 100 * (double)bin.count / all;
    }
    fprintf(c->script, "$c%zu << EOD\n", curve);
    for (int i = 0; i < BARS; i++) {
        if (!(share[i] > 0))
            continue;
        for (int j = 0; j < 2; j++) {
            double part = (double)(i + j) / BARS;
            edge[j] = x->log ? x->low * pow(x->high / x->low, part) : x->low + part * (x->high - x->low);
        }
        b->least = b->least > 0 ? fmin(b->least, share[i]) : share[i];
        b->most = fmax(b->most, share[i]);
        fprintf(c->script, "%.10g %.10g %.10g %.10g\n", (edge[0] + edge[1]) / 2, share[i], edge[0], edge[1]);
    }
    fputs("EOD\n", c->script);
    b->curves++;
    return 0;
}

/* What the panels show above each other. */
static int describe_panels(struct plot_context *c, char text[LABEL_SIZE])
{
    char labels[LABEL_SIZE];
    if (label_parameters(c->results, 0, ", ", labels) != 0)
        return -1;
    strcpy(text, "share of connections in each bar");
    if (labels[0])
        label_add(text, ", by ", labels);
    return 0;
}

static int put_bar_panels(struct plot_context *c, const struct bars *b, const struct plot_axis *y)
{
    enum { SPACE = 24 }; /* height of a label */
    double height = ((double)c->height - 160) / b->shown;
    int curve = 0;
    for (size_t point = 0; point < c->results->points && curve < b->shown; point++) {
        char label[LABEL_SIZE];
        if (results_done(c->results, point, RESULTS_EVERY) == 0)
            continue;
        if (label_point(c->results, point, 0, label) != 0)
            return -1;
        bool last = curve + 1 == b->shown;
        plot_time_axis(c, "x", &b->x, plot_tics_x(c),
                       last ? label_span((enum synfin_metric)c->plot->metric) : NULL);
        plot_share_axis(c, "y", y, (int)fmax(2, height / SPACE), "");
        plot_panel(c, curve, b->shown, 0.97);
        fputs("unset label 1\nset label 1 ", c->script);
        plot_quote(c->script, label);
        fprintf(c->script, " at graph 0.995,0.8 right\nplot $c%d using 1:2:3:4:(%.10g):2 with boxxyerror notitle"
                           " fillstyle solid 0.8 noborder lc rgb '%s'\n", curve, y->low, plot_colour((size_t)curve));
        curve++;
    }
    fputs("unset multiplot\n", c->script);
    return 0;
}

/* One panel a curve: bars that lie over each other cannot be told apart. */
int plot_histogram(struct plot_context *c)
{
    struct plot_extent e;
    if (plot_extent(c, &e) != 0)
        return -1;
    struct bars b = {.x = plot_extent_axis(&e)};
    char title[LABEL_SIZE], shown[LABEL_SIZE];
    size_t curves = 0;
    for (size_t point = 0; point < c->results->points; point++)
        curves += results_done(c->results, point, RESULTS_EVERY) > 0;
    b.shown = (int)plot_most_panels(c, curves);
    c->height = b.shown > 3 ? 160 + 110 * b.shown : 600;
    snprintf(title, sizeof title, "How is %s distributed?", label_metric((enum synfin_metric)c->plot->metric));
    plot_begin(c);
    if (describe_panels(c, shown) != 0 || plot_each_curve(c, put_bars, &b) != 0)
        return -1;
    /* Where most values are equal the rest shows on a log scale only. */
    bool log = b.least > 0 && b.most / b.least > 50;
    double floor_of_least = pow(10, floor(log10(b.least)));
    if (floor_of_least > b.least * 0.8)
        floor_of_least /= 10;
    struct plot_axis y = {log ? floor_of_least : 0, log ? 150 : b.most * 1.08, log};
    plot_panels(c, title, shown);
    return put_bar_panels(c, &b, &y);
}
