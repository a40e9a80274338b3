/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of `synfin plot`: an entry says what to draw, a function writes gnuplot's commands, a child draws. */
#ifndef SYNFIN_PLOT_H
#define SYNFIN_PLOT_H

#include <stdio.h>

#include "plot_label.h"
#include "results.h"

enum plot_format { PLOT_SVG, PLOT_PNG, PLOT_TXT };

enum { PLOT_STATISTICS = 8, PLOT_NAME = 64 };
#define PLOT_NO_PARAMETER SIZE_MAX

/* One picture. */
struct plot {
    size_t number; /* of the entry in the database */
    char kind[PLOT_NAME];
    char name[LABEL_SIZE];     /* the metric as written: `setup`, `workloads.churn.setup`, `segments.forward.syn` */
    char workload[LABEL_SIZE]; /* ROWS_ALL, or of a `workloads.NAME.` metric */
    int metric;                /* enum synfin_metric, or -1: a count */
    size_t x, by;              /* parameters, or PLOT_NO_PARAMETER */
    size_t statistics;
    char statistic[PLOT_STATISTICS][PLOT_NAME];
    char title[LABEL_SIZE]; /* empty: made from the rest */
    size_t point;           /* series and states: which point */
    bool theory;            /* the exact distribution as well */
};

/* What a drawing function has at hand. */
struct plot_context {
    struct results *results;
    const struct plot *plot;
    enum plot_format format;
    int height;      /* of the picture, where it is 960 wide */
    int columns, rows; /* of panels that are alike (plot_grid.c); 0: it is one plot, or of another layout */
    FILE *script;    /* gnuplot's commands */
    char small[512]; /* small print: scenario, seed, version; a drawing function may append to it */
};

/* ---- plot_entry.c ------------------------------------------------------------------------------------------------ */

/* The pictures of a database: its entries, or the usual ones where it has none. 0, or -1 after the error. */
int plot_entries(struct results *, struct plot **, size_t *n);

/* ---- plot_gnuplot.c ---------------------------------------------------------------------------------------------- */

/* Begins a script: terminal, style. */
void plot_begin(struct plot_context *);

/* What stands around a plot, right before the command `plot`: the entry's title or this one, what is shown (NULL: all),
   and the small print. */
void plot_frame(struct plot_context *, const char *title, const char *shown);

/* The same for n plots below each other, each `height` high, within `set multiplot`; then places the i-th of them. */
void plot_panels(struct plot_context *, const char *title, const char *shown);
void plot_panel(struct plot_context *, int i, int n, double right);

void plot_panels_go_on(struct plot_context *); /* after the first: what stands around them is there */

/* What an axis shows; of panels that are alike, once for all. */
void plot_axis_label(struct plot_context *, const char *axis, const char *text);

/* A text in gnuplot's quotes; what stands at a tic is a format to gnuplot, where % counts. */
void plot_quote(FILE *, const char *text);
void plot_quote_tic(FILE *, const char *text);

/* Colour and dash of the n-th line, as words after `with lines`; with points, after `with linespoints`, those too. */
void plot_style(FILE *, size_t n, double width, bool points);
const char *plot_colour(size_t n);

/* Runs gnuplot on a script; the picture goes to a file, or to standard output (NULL). 0, or -1 after the error. */
int plot_draw(const char *script, size_t size, const char *path);

/* ---- plot_grid.c: small multiples -------------------------------------------------------------------------------- */

/* Points that have runs, in groups of equal values of some parameters (bits by number). */
struct plot_groups {
    size_t n;
    size_t *of;    /* by point: its group; SIZE_MAX: it has no runs */
    size_t *first; /* by group: its first point */
};
int plot_group(struct plot_context *, unsigned long long parameters, struct plot_groups *); /* 0 or -1 */
void plot_groups_free(struct plot_groups *);

/* Adds the parameters whose values follow from those of these (moved together with them). 0 or -1. */
int plot_moved(struct plot_context *, unsigned long long *parameters);

/* Parameters that neither `x` nor `by` names get a panel for each combination of their values; without `by`, all are
   curves of one panel as long as they are few. */
struct plot_grid {
    unsigned long long line, curve, panel; /* parameters besides x; those of curves in a panel; those of panels */
    struct plot_groups curves, panels;
    size_t shown; /* panels that are drawn, the first ones */
    int legend;   /* its width */
};

/* Before plot_begin: sets columns, rows and height of the context. 0 or -1. */
int plot_grid(struct plot_context *, struct plot_grid *);
void plot_grid_free(struct plot_grid *);

/* The point that is this curve of this panel; SIZE_MAX: there is none. Not where there is an x. */
size_t plot_grid_point(const struct plot_grid *, const struct results *, size_t panel, size_t curve);

/* How many panels there may be, the first ones; where some are left out, the small print says so. */
size_t plot_most_panels(struct plot_context *, size_t panels);

/* What stands around it, the legend's title included, before the first panel; then what stands before the words `plot`
   of each; then the end. 0 or -1. */
int plot_grid_frame(struct plot_context *, const struct plot_grid *, const char *title, const char *shown);
int plot_grid_panel(struct plot_context *, const struct plot_grid *, size_t panel);
void plot_grid_end(struct plot_context *, const struct plot_grid *);

/* ---- plot_axis.c ------------------------------------------------------------------------------------------------- */

struct plot_axis {
    double low, high;
    bool log;
};

/* An axis that holds the values from low to high: on a log scale where they span more than `span` times. */
struct plot_axis plot_axis(double low, double high, double span);

/* Where a value lies: 0 at the low end, 1 at the high one. */
double plot_axis_place(const struct plot_axis *, double);

/* Range and tics of an axis (`x`, `y` or `cb`), with its label: of ms, of plain numbers, of percentages. `tics` is how
   many can stand beside each other. Without a label (NULL) the tics have none. */
void plot_time_axis(struct plot_context *, const char *axis, const struct plot_axis *, int tics, const char *label);
void plot_number_axis(struct plot_context *, const char *axis, const struct plot_axis *, int tics, const char *label);
void plot_share_axis(struct plot_context *, const char *axis, const struct plot_axis *, int tics, const char *label);

/* How many tics fit on the x axis, and on the y axis of a plot that fills the picture. */
int plot_tics_x(const struct plot_context *);
int plot_tics_y(const struct plot_context *);

/* ---- plot_theory.c ----------------------------------------------------------------------------------------------- */

/* The exact distributions of a plot's curves. */
struct plot_theory {
    size_t curves;
    struct plot_theory_curve {
        bool known;
        char legend[LABEL_SIZE]; /* how far the simulation is off, or why nothing is known */
    } *curve;
};

/* Writes them as data ($t0 ...): shares in percent, those that are not there yet where `miss`, `least` and above. 0, or
   -1 after the error. */
int plot_theory_data(struct plot_context *, const struct plot_axis *x, bool miss, double least, struct plot_theory *);
void plot_theory_free(struct plot_theory *);

/* The words that draw one of them, after a separator, if it is known: whether it is. Then what the legend says. */
bool plot_theory_words(struct plot_context *, const struct plot_theory *, size_t curve, const char *separator);
void plot_theory_legend(struct plot_context *, const struct plot_theory *, size_t curve);

/* ---- Kinds: each writes a script. 0, or -1 after the error ------------------------------------------------------- */

int plot_cdf(struct plot_context *);

/* A cdf of distributions that lie elsewhere than in the context's results; `shown` stands under the title. */
struct plot_curve {
    const char *label;
    const struct synfin_statistic *statistic;
};
int plot_cdf_curves(struct plot_context *, const struct plot_curve *, size_t n, const char *shown);

int plot_miss(struct plot_context *); /* prints its table on standard output, too */
int plot_histogram(struct plot_context *);
int plot_line(struct plot_context *);
int plot_heat(struct plot_context *);
int plot_states(struct plot_context *);
int plot_series(struct plot_context *);

#endif
