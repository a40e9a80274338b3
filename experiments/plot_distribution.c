/* SPDX-License-Identifier: BSD-2-Clause */
/* Plots of whole distributions, a curve a point of the sweep: cdf, miss, histogram. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plot.h"

/* ---- What all of them need --------------------------------------------------------------------------------------- */

/* The metric over all points. */
struct extent {
    double low, high; /* ms */
    double opened;    /* most connections of a point */
};

/* How many connections of the point were opened, all replications together. */
static int opened_at(struct plot_context *c, size_t point, double *opened)
{
    char name[2 * LABEL_SIZE];
    double *values;
    size_t n;
    bool all = strcmp(c->plot->workload, ROWS_ALL) == 0;
    snprintf(name, sizeof name, "%s%s%sconnections.opened", all ? "" : "workloads.", all ? "" : c->plot->workload,
             all ? "" : ".");
    *opened = 0;
    if (results_values(c->results, point, ROWS_ALL, -1, name, &values, &n) != 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        *opened += values[i];
    free(values);
    return 0;
}

static int find_extent(struct plot_context *c, struct extent *e)
{
    sqlite3_stmt *s = results_prepare(c->results, "SELECT min(min_ns) / 1e6, max(max_ns) / 1e6 FROM metrics"
                                                  " WHERE workload = ? AND metric = ?");
    if (!s)
        return -1;
    sqlite3_bind_text(s, 1, c->plot->workload, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 2, synfin_metric_name((enum synfin_metric)c->plot->metric), -1, SQLITE_STATIC);
    bool found = sqlite3_step(s) == SQLITE_ROW && sqlite3_column_type(s, 0) != SQLITE_NULL;
    *e = (struct extent){sqlite3_column_double(s, 0), sqlite3_column_double(s, 1), 0};
    sqlite3_finalize(s);
    if (!found) {
        fprintf(stderr, "%s: error: %s has no values in these results; plot another metric\n", c->results->path,
                c->plot->name);
        return -1;
    }
    for (size_t point = 0; point < c->results->points; point++) {
        double opened;
        if (opened_at(c, point, &opened) != 0)
            return -1;
        e->opened = fmax(e->opened, opened);
    }
    return 0;
}

/* The axis of time; times of 0 have no place on a log scale and are drawn at its low end. */
static struct plot_axis time_axis(const struct extent *e)
{
    double low = e->low > 0 ? e->low : e->high / 1e4;
    return plot_axis(low, e->high, 20);
}

/* Calls for each point that has runs, with all its values. `curve` counts those before. */
typedef int curve_function(struct plot_context *, size_t curve, double opened, const struct synfin_statistic *,
                           void *user);

static int each_curve(struct plot_context *c, curve_function *each, void *user)
{
    size_t curve = 0;
    for (size_t point = 0; point < c->results->points; point++) {
        double opened;
        if (results_done(c->results, point, RESULTS_EVERY) == 0)
            continue;
        struct synfin_statistic *pooled = synfin_statistic_new();
        int bad =
            !pooled || opened_at(c, point, &opened) != 0 ||
            results_pool(c->results, point, RESULTS_EVERY, c->plot->workload, (enum synfin_metric)c->plot->metric,
                         pooled) != 0 ||
            each(c, curve++, opened, pooled, user) != 0;
        synfin_statistic_free(pooled);
        if (bad)
            return -1;
    }
    return 0;
}

/* The legend: what is varied above, the values beside the lines. With `by`, its value comes first. */
static int put_key_title(struct plot_context *c)
{
    char label[LABEL_SIZE];
    if (c->results->parameters == 0)
        return 0;
    fputs("set key title \"", c->script);
    for (size_t i = 0; i < c->results->parameters; i++) {
        struct results_parameter p;
        if (results_parameter(c->results, 0, i, &p) != 0)
            return -1;
        label_parameter(c->results, p.path, label);
        results_parameter_free(&p);
        fprintf(c->script, "%s%s", i ? ",\\n" : "", label);
    }
    fputs("\" left\n", c->script);
    return 0;
}

static const char next_curve[] = ", \\\n    ";

/* The words that draw a curve, after `plot` or after another. */
static void put_curve_words(struct plot_context *c, const char *separator, size_t curve, const char *label)
{
    fprintf(c->script, "%s $c%zu using 1:2 with steps", separator, curve);
    if (c->plot->theory) /* the thin line under it shines through */
        fprintf(c->script, " lw 5 dt solid lc rgb '#90%s'", plot_colour(curve) + 1);
    else
        plot_style(c->script, curve, 2.2, false);
    if (label[0]) {
        fputs(" title ", c->script);
        plot_quote(c->script, label);
    } else {
        fputs(" notitle", c->script);
    }
}

/* `plot $c0 using 1:2 with steps title '5 %' ..., $c1 ...`, theory first; the caller may go on in the same command. */
static int put_curves(struct plot_context *c, const struct plot_theory *theory)
{
    char label[LABEL_SIZE];
    const char *separator = plot_theory_words(c, theory, "plot", next_curve);
    size_t curve = 0;
    for (size_t point = 0; point < c->results->points; point++) {
        if (results_done(c->results, point, RESULTS_EVERY) == 0)
            continue;
        if (label_point(c->results, point, 0, label) != 0)
            return -1;
        put_curve_words(c, separator, curve, label);
        plot_theory_legend(c, theory, curve++);
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

static double place(const struct steps *s, double x)
{
    return s->x.log ? log(x / s->x.low) / log(s->x.high / s->x.low) : (x - s->x.low) / (s->x.high - s->x.low);
}

/* A third of a pixel of a line; points need more room. */
#define NEAR_LINE 5e-4
#define NEAR_POINTS 8e-3

static void put_step(FILE *f, struct steps *s, double x, double percent, bool force)
{
    double y = s->miss ? log10(fmax(percent, s->least) / s->least) / log10(100 / s->least) : percent / 100,
           at = place(s, x);
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
            fprintf(stderr, "%s: error: the measured distribution '%s' has no rows `bin_ms,count`; mend the file and"
                            " sweep again\n",
                    c->results->path, label);
    }
    sqlite3_finalize(q);
    return bad || code != SQLITE_DONE ? -1 : 0;
}

static int put_steps_plot(struct plot_context *c, struct steps *s, const char *title)
{
    struct plot_theory theory = {0};
    int bad = put_key_title(c) != 0 || each_curve(c, put_curve, s) != 0 || put_all_measured(c, s, true) != 0 ||
              (c->plot->theory && plot_theory_data(c, &s->x, s->miss, s->least, &theory) != 0);
    if (!bad) {
        plot_frame(c, title, NULL);
        bad = put_curves(c, &theory) != 0 || put_all_measured(c, s, false) != 0;
        fputc('\n', c->script);
    }
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
    struct extent e;
    if (find_extent(c, &e) != 0)
        return -1;
    struct steps s = {.x = time_axis(&e), .plateau = 100};
    if (each_curve(c, find_plateau, &s) != 0)
        return -1;
    begin_cdf(c, &s);
    return put_steps_plot(c, &s, label_question((enum synfin_metric)c->plot->metric));
}

int plot_cdf_curves(struct plot_context *c, const struct plot_curve *curve, size_t n, const char *shown)
{
    struct extent e = {.low = (double)SYNFIN_NEVER};
    for (size_t i = 0; i < n; i++) {
        e.low = fmin(e.low, (double)synfin_statistic_min(curve[i].statistic) / 1e6);
        e.high = fmax(e.high, (double)synfin_statistic_max(curve[i].statistic) / 1e6);
    }
    struct steps s = {.x = time_axis(&e), .plateau = 100};
    for (size_t i = 0; i < n; i++)
        find_plateau(c, i, 0, curve[i].statistic, &s);
    begin_cdf(c, &s);
    for (size_t i = 0; i < n; i++)
        put_curve(c, i, 0, curve[i].statistic, &s);
    plot_frame(c, label_question((enum synfin_metric)c->plot->metric), shown);
    for (size_t i = 0; i < n; i++)
        put_curve_words(c, i ? next_curve : "plot", i, curve[i].label);
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

static int print_table(struct plot_context *c)
{
    enum { WIDTH = 11 };
    struct table t = {calloc(c->results->points + 1, sizeof *t.missed)};
    int bad = !t.missed || each_curve(c, fill_table, &t) != 0;
    if (!bad) {
        printf("%s: which connections does a timeout miss?\n\n%-10s", c->plot->name, "timeout");
        size_t curves = 0;
        for (size_t point = 0; point < c->results->points && !bad; point++) {
            char label[LABEL_SIZE];
            if (results_done(c->results, point, RESULTS_EVERY) == 0)
                continue;
            bad = label_point(c->results, point, 0, label) != 0;
            printf("  %*s", WIDTH, label[0] ? label : "share");
            curves++;
        }
        putchar('\n');
        for (int i = 0; i < TIMEOUTS && !bad; i++) {
            char label[LABEL_SIZE];
            label_duration(timeouts[i], label);
            printf("%-10s", label);
            for (size_t curve = 0; curve < curves; curve++)
                print_share(t.missed[curve][i], WIDTH);
            putchar('\n');
        }
        putchar('\n');
    }
    free(t.missed);
    return bad ? -1 : 0;
}

int plot_miss(struct plot_context *c)
{
    struct extent e;
    if (find_extent(c, &e) != 0 || print_table(c) != 0)
        return -1;
    struct steps s = {.x = time_axis(&e), .miss = true, .least = pow(10, floor(log10(100 / e.opened)))};
    enum synfin_metric metric = (enum synfin_metric)c->plot->metric;
    bool setup = metric == SYNFIN_SETUP;
    struct plot_axis y = {s.least, 100, true};
    plot_begin(c);
    plot_time_axis(c, "x", &s.x, plot_tics_x(c), setup ? "connect timeout" : label_span(metric));
    plot_share_axis(c, "y", &y, plot_tics_y(c) / 2,
                    setup ? "share of connections not yet established" : "share of connections not yet there");
    return put_steps_plot(c, &s, setup ? "Which connect timeout misses how many connections?"
                                       : "Which timeout misses how many connections?");
}

/* ---- Histogram --------------------------------------------------------------------------------------------------- */

enum { BARS = 100 };

struct bars {
    struct steps steps;
    double least, most; /* shares drawn, percent; 0: none yet */
    int curves;
};

/* Shares of the values in equal parts of the axis: middle, share, edges. */
static int put_bars(struct plot_context *c, size_t curve, double opened, const struct synfin_statistic *statistic,
                    void *user)
{
    struct bars *b = user;
    const struct plot_axis *x = &b->steps.x;
    struct synfin_bin bin;
    double share[BARS] = {0}, all = (double)synfin_statistic_count(statistic), edge[2];
    (void)opened;
    for (size_t cursor = 0; synfin_statistic_next(statistic, &cursor, &bin);) {
        double ms = ((double)bin.low + (double)bin.excess / (double)bin.count) / 1e6;
        int bar = (int)(place(&b->steps, fmax(ms, x->low)) * BARS);
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
    strcpy(text, "share of connections in each bar");
    for (size_t i = 0; i < c->results->parameters; i++) {
        struct results_parameter p;
        char label[LABEL_SIZE];
        if (results_parameter(c->results, 0, i, &p) != 0)
            return -1;
        label_parameter(c->results, p.path, label);
        results_parameter_free(&p);
        label_add(text, i ? ", " : ", by ", label);
    }
    return 0;
}

static int put_bar_panels(struct plot_context *c, const struct bars *b, const struct plot_axis *y)
{
    enum { SPACE = 24 }; /* height of a label */
    double height = ((double)c->height - 160) / b->curves;
    int curve = 0;
    for (size_t point = 0; point < c->results->points; point++) {
        char label[LABEL_SIZE];
        if (results_done(c->results, point, RESULTS_EVERY) == 0)
            continue;
        if (label_point(c->results, point, 0, label) != 0)
            return -1;
        bool last = curve + 1 == b->curves;
        plot_time_axis(c, "x", &b->steps.x, plot_tics_x(c),
                       last ? label_span((enum synfin_metric)c->plot->metric) : NULL);
        plot_share_axis(c, "y", y, (int)fmax(2, height / SPACE), "");
        plot_panel(c, curve, b->curves, 0.97);
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
    struct extent e;
    if (find_extent(c, &e) != 0)
        return -1;
    struct bars b = {.steps.x = time_axis(&e)};
    char title[LABEL_SIZE], shown[LABEL_SIZE];
    size_t curves = 0;
    for (size_t point = 0; point < c->results->points; point++)
        curves += results_done(c->results, point, RESULTS_EVERY) > 0;
    c->height = curves > 3 ? 160 + 110 * (int)curves : 600;
    snprintf(title, sizeof title, "How is %s distributed?", label_metric((enum synfin_metric)c->plot->metric));
    plot_begin(c);
    if (describe_panels(c, shown) != 0 || each_curve(c, put_bars, &b) != 0)
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
