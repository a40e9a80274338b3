/* SPDX-License-Identifier: BSD-2-Clause */
/* Plots of distribution functions: cdf and miss. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plot_curves.h"

static const char next_curve[] = ", \\\n    ";

/* The words that draw a curve, after `plot` or after another; `style` is its number in the legend. Without data
   (SIZE_MAX) it stands in the legend alone. */
static void put_curve_words(struct plot_context *c, const char *separator, size_t curve, size_t style,
                            const char *label)
{
    if (curve == SIZE_MAX)
        fprintf(c->script, "%s NaN with lines", separator);
    else
        fprintf(c->script, "%s $c%zu using 1:2 with steps", separator, curve);
    if (c->plot->theory) /* the thin line under it shines through */
        fprintf(c->script, " lw 5 dt solid lc rgb '#90%s'", plot_colour(style) + 1);
    else
        plot_style(c->script, style, 2.2, false);
    if (label[0]) {
        fputs(" title ", c->script);
        plot_quote(c->script, label);
    } else {
        fputs(" notitle", c->script);
    }
}

/* How many points before this one have runs: the number of its curve's data. */
static size_t data_of(const struct plot_grid *g, size_t point)
{
    size_t n = 0;
    for (size_t i = 0; i < point; i++)
        n += g->panels.of[i] != SIZE_MAX;
    return point == SIZE_MAX ? SIZE_MAX : n;
}

/* `plot $c0 using 1:2 with steps title '5 %' ..., $c1 ...`, theory first; the caller may go on in the same command. */
static int put_curves(struct plot_context *c, const struct plot_theory *theory, const struct plot_grid *g, size_t panel)
{
    char label[LABEL_SIZE];
    const char *separator = "plot";
    for (size_t i = 0; i < g->curves.n; i++) {
        if (plot_theory_words(c, theory, data_of(g, plot_grid_point(g, c->results, panel, i)), separator))
            separator = next_curve;
    }
    for (size_t i = 0; i < g->curves.n; i++) {
        size_t curve = data_of(g, plot_grid_point(g, c->results, panel, i));
        if (label_point(c->results, g->curves.first[i], ~g->curve, label) != 0)
            return -1;
        put_curve_words(c, separator, curve, i, label);
        plot_theory_legend(c, theory, curve);
        separator = next_curve;
    }
    return 0;
}

/* ---- Steps: cdf and miss ----------------------------------------------------------------------------------------- */

struct steps {
    struct plot_axis x;
    bool miss;    /* the share that is not there yet, on a log scale */
    double least; /* its lowest value, percent */
    double plateau;
    double nearer; /* steps shorter than this part of the axes are left to the next */
    double drawn_x, drawn_y;
};

/* A third of a pixel of a line; points need more room. */
#define NEAR_LINE 5e-4
#define NEAR_POINTS 8e-3

static void put_step(FILE *f, struct steps *s, double x, double percent, bool force)
{
    double y = s->miss ? log10(fmax(percent, s->least) / s->least) / log10(100 / s->least) : percent / 100,
           at = plot_axis_place(&s->x, x);
    if (!force && fabs(at - s->drawn_x) < s->nearer && fabs(y - s->drawn_y) < s->nearer)
        return;
    fprintf(f, "%.10g %.10g\n", x, s->miss ? fmax(percent, s->least) : percent);
    s->drawn_x = at;
    s->drawn_y = y;
}

static int put_curve(struct plot_context *c, size_t curve, double opened, const struct synfin_statistic *statistic,
                     void *user)
{
    struct steps *s = user;
    struct synfin_bin bin;
    double all = s->miss ? opened : (double)synfin_statistic_count(statistic), before = 0;
    s->nearer = NEAR_LINE;
    fprintf(c->script, "$c%zu << EOD\n", curve);
    put_step(c->script, s, s->x.low, s->miss ? 100 : 0, true);
    for (size_t cursor = 0; all > 0 && synfin_statistic_next(statistic, &cursor, &bin);) {
        double ms = ((double)bin.low + (double)bin.excess / (double)bin.count) / 1e6;
        before += (double)bin.count;
        put_step(c->script, s, fmax(ms, s->x.low), 100 * (s->miss ? all - before : before) / all, before >= all);
    }
    if (all > 0)
        put_step(c->script, s, s->x.high, 100 * (s->miss ? all - before : before) / all, true);
    fputs("EOD\n", c->script);
    return 0;
}

/* A measured distribution: whole milliseconds, drawn in their middle. */
static int put_measured(struct plot_context *c, struct steps *s, const char *csv)
{
    double all = 0, before = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (const char *line = csv; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
            double ms, count;
            if (sscanf(line, "%lf,%lf", &ms, &count) != 2 || count < 0)
                continue;
            if (pass == 0) {
                all += count;
                continue;
            }
            before += count;
            put_step(c->script, s, fmax(ms + 0.5, s->x.low), 100 * (s->miss ? all - before : before) / all, false);
        }
    }
    return all > 0 ? 0 : -1;
}

/* Writes the data of the measured distributions ($m0 ...) or, later, the words that draw them. */
static int put_all_measured(struct plot_context *c, struct steps *s, bool data)
{
    sqlite3_stmt *q = results_prepare(c->results, "SELECT label, csv FROM measured WHERE plot = ? ORDER BY position");
    if (!q)
        return -1;
    sqlite3_bind_int64(q, 1, (int64_t)c->plot->number);
    int code, bad = 0;
    for (int n = 0; (code = sqlite3_step(q)) == SQLITE_ROW && !bad; n++) {
        const char *label = results_text(q, 0);
        if (!data) {
            fprintf(c->script, ", \\\n    $m%d using 1:2 with points pt %d ps %s lw 1 lc rgb '#000000' title ", n,
                    n % 2 ? 1 : 6, n % 2 ? "0.7" : "0.6");
            plot_quote(c->script, label);
            continue;
        }
        fprintf(c->script, "$m%d << EOD\n", n);
        s->nearer = NEAR_POINTS;
        s->drawn_x = -1;
        bad = put_measured(c, s, results_text(q, 1));
        fputs("EOD\n", c->script);
        if (bad)
            fprintf(stderr, "%s: error: plots: entry %zu (%s): the measured distribution '%s' has no rows"
                            " `bin_ms,count`; mend the file and sweep again\n",
                    c->results->path, c->plot->number + 1, c->plot->kind, label);
    }
    sqlite3_finalize(q);
    return bad || code != SQLITE_DONE ? -1 : 0;
}

static int put_steps_plot(struct plot_context *c, struct steps *s, const struct plot_grid *g, const char *title)
{
    struct plot_theory theory = {0};
    int bad = plot_each_curve(c, put_curve, s) != 0 || put_all_measured(c, s, true) != 0 ||
              (c->plot->theory && plot_theory_data(c, &s->x, s->miss, s->least, &theory) != 0) ||
              plot_grid_frame(c, g, title, NULL) != 0;
    for (size_t panel = 0; panel < g->shown && !bad; panel++) {
        bad = plot_grid_panel(c, g, panel) != 0 || put_curves(c, &theory, g, panel) != 0 ||
              put_all_measured(c, s, false) != 0;
        fputc('\n', c->script);
    }
    plot_grid_end(c, g);
    plot_theory_free(&theory);
    return bad ? -1 : 0;
}

/* The lowest share that a curve reaches within its first tenth of a decade. */
static int find_plateau(struct plot_context *c, size_t curve, double opened, const struct synfin_statistic *statistic,
                        void *user)
{
    struct steps *s = user;
    double all = (double)synfin_statistic_count(statistic), first = (double)synfin_statistic_min(statistic) * 1.26;
    (void)c, (void)curve, (void)opened;
    if (all > 0)
        s->plateau = fmin(s->plateau, 100 * (double)synfin_statistic_at_most(statistic, (synfin_time)first) / all);
    return 0;
}

/* The script up to its axes, once the plateau is known. */
static void begin_cdf(struct plot_context *c, const struct steps *s)
{
    enum synfin_metric metric = (enum synfin_metric)c->plot->metric;
    struct plot_axis y = {0, 101, false};
    plot_begin(c);
    plot_time_axis(c, "x", &s->x, plot_tics_x(c), label_span(metric));
    /* Where all curves begin with a high step, what is below it is empty. */
    if (s->plateau > 50)
        y.low = 10 * floor((s->plateau - 5) / 10);
    plot_share_axis(c, "y", &y, plot_tics_y(c),
                    metric == SYNFIN_SETUP ? "share of established connections" : "share of connections");
}

int plot_cdf(struct plot_context *c)
{
    struct plot_extent e;
    if (plot_extent(c, &e) != 0)
        return -1;
    struct steps s = {.x = plot_extent_axis(&e), .plateau = 100};
    struct plot_grid g;
    int bad = plot_each_curve(c, find_plateau, &s) != 0 || plot_grid(c, &g) != 0;
    if (!bad) {
        begin_cdf(c, &s);
        bad = put_steps_plot(c, &s, &g, label_question((enum synfin_metric)c->plot->metric)) != 0;
        plot_grid_free(&g);
    }
    return bad ? -1 : 0;
}

int plot_cdf_curves(struct plot_context *c, const struct plot_curve *curve, size_t n, const char *shown)
{
    struct plot_extent e = {.low = (double)SYNFIN_NEVER};
    for (size_t i = 0; i < n; i++) {
        e.low = fmin(e.low, (double)synfin_statistic_min(curve[i].statistic) / 1e6);
        e.high = fmax(e.high, (double)synfin_statistic_max(curve[i].statistic) / 1e6);
    }
    struct steps s = {.x = plot_extent_axis(&e), .plateau = 100};
    for (size_t i = 0; i < n; i++)
        find_plateau(c, i, 0, curve[i].statistic, &s);
    begin_cdf(c, &s);
    for (size_t i = 0; i < n; i++)
        put_curve(c, i, 0, curve[i].statistic, &s);
    plot_frame(c, label_question((enum synfin_metric)c->plot->metric), shown);
    for (size_t i = 0; i < n; i++)
        put_curve_words(c, i ? next_curve : "plot", i, i, curve[i].label);
    fputc('\n', c->script);
    return 0;
}

/* ---- The table of miss ------------------------------------------------------------------------------------------- */

/* What people set as connect timeouts, ms. */
static const double timeouts[] = {100, 200, 500, 1000, 2000, 3000, 5000, 10000, 20000, 30000, 60000};
enum { TIMEOUTS = sizeof timeouts / sizeof timeouts[0] };

struct table {
    double (*missed)[TIMEOUTS]; /* percent, by curve; NAN: no connections */
};

static int fill_table(struct plot_context *c, size_t curve, double opened, const struct synfin_statistic *statistic,
                      void *user)
{
    struct table *t = user;
    (void)c;
    for (int i = 0; i < TIMEOUTS; i++) {
        double there = (double)synfin_statistic_at_most(statistic, (synfin_time)timeouts[i] * SYNFIN_MS);
        t->missed[curve][i] = opened > 0 ? 100 * (opened - there) / opened : (double)NAN;
    }
    return 0;
}

static void print_share(double percent, int width)
{
    char text[LABEL_SIZE];
    if (isnan(percent))
        snprintf(text, sizeof text, "-");
    else if (percent > 0)
        snprintf(text, sizeof text, "%.3g %%", percent);
    else
        snprintf(text, sizeof text, "0");
    printf("  %*s", width, text);
}

enum { WIDTH = 11, COLUMNS = 8 }; /* more points than that have a row each */

/* A column a point. */
static int print_columns(struct plot_context *c, const struct table *t, const size_t *point, size_t n)
{
    char label[LABEL_SIZE];
    printf("%-10s", "timeout");
    for (size_t curve = 0; curve < n; curve++) {
        if (label_point(c->results, point[curve], 0, label) != 0)
            return -1;
        printf("  %*s", WIDTH, label[0] ? label : "share");
    }
    putchar('\n');
    for (int i = 0; i < TIMEOUTS; i++) {
        label_duration(timeouts[i], label);
        printf("%-10s", label);
        for (size_t curve = 0; curve < n; curve++)
            print_share(t->missed[curve][i], WIDTH);
        putchar('\n');
    }
    return 0;
}

static int print_rows(struct plot_context *c, const struct table *t, const size_t *point, size_t n)
{
    char label[LABEL_SIZE];
    int width = (int)strlen("timeout");
    for (size_t curve = 0; curve < n; curve++) {
        if (label_point(c->results, point[curve], 0, label) != 0)
            return -1;
        width = (int)strlen(label) > width ? (int)strlen(label) : width;
    }
    printf("%*s", width, "timeout");
    for (int i = 0; i < TIMEOUTS; i++) {
        label_duration(timeouts[i], label);
        printf("  %*s", WIDTH, label);
    }
    putchar('\n');
    for (size_t curve = 0; curve < n; curve++) {
        if (label_point(c->results, point[curve], 0, label) != 0)
            return -1;
        printf("%*s", width, label);
        for (int i = 0; i < TIMEOUTS; i++)
            print_share(t->missed[curve][i], WIDTH);
        putchar('\n');
    }
    return 0;
}

static int print_table(struct plot_context *c)
{
    size_t points = c->results->points, n = 0;
    struct table t = {calloc(points + 1, sizeof *t.missed)};
    size_t *point = calloc(points + 1, sizeof *point);
    int bad = !t.missed || !point || plot_each_curve(c, fill_table, &t) != 0;
    for (size_t i = 0; i < points && !bad; i++) {
        if (results_done(c->results, i, RESULTS_EVERY) > 0)
            point[n++] = i;
    }
    if (!bad) {
        printf("%s: which connections does a timeout miss?\n\n", c->plot->name);
        bad = (n <= COLUMNS ? print_columns : print_rows)(c, &t, point, n) != 0;
        putchar('\n');
    }
    free(t.missed);
    free(point);
    return bad ? -1 : 0;
}

int plot_miss(struct plot_context *c)
{
    struct plot_extent e;
    if (plot_extent(c, &e) != 0 || print_table(c) != 0)
        return -1;
    struct steps s = {.x = plot_extent_axis(&e), .miss = true, .least = pow(10, floor(log10(100 / e.opened)))};
    enum synfin_metric metric = (enum synfin_metric)c->plot->metric;
    bool setup = metric == SYNFIN_SETUP;
    struct plot_axis y = {s.least, 100, true};
    struct plot_grid g;
    if (plot_grid(c, &g) != 0)
        return -1;
    plot_begin(c);
    plot_time_axis(c, "x", &s.x, plot_tics_x(c), setup ? "connect timeout" : label_span(metric));
    plot_share_axis(c, "y", &y, plot_tics_y(c) / 2,
                    setup ? "share of connections not yet established" : "share of connections not yet there");
    int bad = put_steps_plot(c, &s, &g, setup ? "Which connect timeout misses how many connections?"
                                              : "Which timeout misses how many connections?");
    plot_grid_free(&g);
    return bad;
}
