/* SPDX-License-Identifier: BSD-2-Clause */
/* Plots over time, of the first replication of a point: states and series. They need `series:`. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plot.h"

enum { MOST_SAMPLES = 2000 }; /* more than there are pixels */

/* Columns of `samples` and the states' names (RFC 9293 3.3.2). CLOSED and LISTEN are no connections. */
static const struct {
    const char *column, *name;
} states[] = {
    {"syn_sent", "SYN-SENT"},     {"syn_received", "SYN-RECEIVED"}, {"established", "ESTABLISHED"},
    {"fin_wait_1", "FIN-WAIT-1"}, {"fin_wait_2", "FIN-WAIT-2"},     {"close_wait", "CLOSE-WAIT"},
    {"closing", "CLOSING"},       {"last_ack", "LAST-ACK"},         {"time_wait", "TIME-WAIT"},
};
enum { STATES = sizeof states / sizeof states[0] };

static void bind_point(struct plot_context *c, sqlite3_stmt *s)
{
    sqlite3_bind_int64(s, 1, (int64_t)c->plot->point);
}

/* One number of the samples of the point; NAN: there is none. */
static double number(struct plot_context *c, const char *expression)
{
    char sql[512];
    snprintf(sql, sizeof sql, "SELECT %s FROM samples WHERE point = ? AND replication = 0", expression);
    sqlite3_stmt *s = results_prepare(c->results, sql);
    if (!s)
        return (double)NAN;
    bind_point(c, s);
    bool found = sqlite3_step(s) == SQLITE_ROW && sqlite3_column_type(s, 0) != SQLITE_NULL;
    double value = found ? sqlite3_column_double(s, 0) : (double)NAN;
    sqlite3_finalize(s);
    return value;
}

struct samples {
    double n, end_s;
};

/* `$name << EOD`: the rows of a query (s, number), thinned out. */
static int put_query(struct plot_context *c, const char *name, const char *sql, const struct samples *samples)
{
    sqlite3_stmt *s = results_prepare(c->results, sql);
    if (!s)
        return -1;
    bind_point(c, s);
    long step = samples->n > MOST_SAMPLES ? (long)ceil(samples->n / MOST_SAMPLES) : 1, row = 0;
    int code;
    fprintf(c->script, "$%s << EOD\n", name);
    while ((code = sqlite3_step(s)) == SQLITE_ROW) {
        if (row++ % step == 0)
            fprintf(c->script, "%.10g %.10g\n", sqlite3_column_double(s, 0), sqlite3_column_double(s, 1));
    }
    fputs("EOD\n", c->script);
    sqlite3_finalize(s);
    return code == SQLITE_DONE ? 0 : results_failed(c->results);
}

/* The same for an expression over the samples of the point. */
static int put_data(struct plot_context *c, const char *name, const char *expression, const struct samples *samples)
{
    char sql[512];
    snprintf(sql, sizeof sql,
             "SELECT time_ns / 1e9, %s FROM samples WHERE point = ? AND replication = 0 ORDER BY time_ns", expression);
    return put_query(c, name, sql, samples);
}

/* Which point and replication this is. */
static int begin(struct plot_context *c, struct samples *samples, char shown[LABEL_SIZE])
{
    *samples = (struct samples){number(c, "count(*)"), number(c, "max(time_ns) / 1e9")};
    if (!(samples->n > 0)) {
        fprintf(stderr, "%s: error: plots: entry %zu (%s): there are no samples; set `series: 100ms` in the scenario"
                        " and sweep anew\n",
                c->results->path, c->plot->number + 1, c->plot->kind);
        return -1;
    }
    shown[0] = '\0';
    for (size_t i = 0; i < c->results->parameters; i++) {
        struct results_parameter p;
        char path[LABEL_SIZE], value[LABEL_SIZE];
        if (results_parameter(c->results, c->plot->point, i, &p) != 0)
            return -1;
        label_parameter(c->results, p.path, path);
        label_value(p.text, value);
        results_parameter_free(&p);
        label_add(shown, ", ", path);
        label_add(shown, ": ", value);
    }
    plot_begin(c);
    size_t used = strlen(c->small);
    snprintf(c->small + used, sizeof c->small - used, " · shown: replication 0");
    return 0;
}

/* A series of $name, one of several lines of a plot. */
static void put_line(struct plot_context *c, const char *name, int n, const char *title)
{
    fprintf(c->script, "%s $%s using 1:2 with lines", n ? ", \\\n    " : "plot", name);
    plot_style(c->script, (size_t)n, 1.8, false);
    fputs(" title ", c->script);
    plot_quote(c->script, title);
}

static struct plot_axis time_axis(const struct samples *samples)
{
    return (struct plot_axis){0, samples->end_s > 0 ? samples->end_s * 1.0001 : 1, false};
}

static const char time_label[] = "time since the start of the run (s)";

/* ---- States ------------------------------------------------------------------------------------------------------ */

int plot_states(struct plot_context *c)
{
    char sql[256], name[32], shown[LABEL_SIZE];
    struct samples samples;
    double peak[STATES], low = INFINITY, high = 0;
    int lines = 0;
    if (begin(c, &samples, shown) != 0)
        return -1;
    for (int i = 0; i < STATES; i++) {
        snprintf(sql, sizeof sql, "max(%s)", states[i].column);
        peak[i] = number(c, sql);
        if (!(peak[i] > 0))
            continue;
        low = fmin(low, peak[i]);
        high = fmax(high, peak[i]);
        snprintf(name, sizeof name, "s%d", i);
        if (put_data(c, name, states[i].column, &samples) != 0)
            return -1;
    }
    struct plot_axis x = time_axis(&samples), y = {0, high > 0 ? high * 1.06 : 1, false};
    if (high / low >= 30)
        y = (struct plot_axis){0.8, high * 1.4, true};
    plot_number_axis(c, "x", &x, plot_tics_x(c), time_label);
    plot_number_axis(c, "y", &y, plot_tics_y(c), "endpoints of all hosts");
    plot_frame(c, "How many endpoints are in each state?", shown);
    for (int i = 0; i < STATES; i++) {
        snprintf(name, sizeof name, "s%d", i);
        if (peak[i] > 0)
            put_line(c, name, lines++, states[i].name);
    }
    fputs(lines ? "\n" : "plot 1/0 notitle\n", c->script);
    return 0;
}

/* ---- Series: panels above each other ----------------------------------------------------------------------------- */

static double peak_of(struct plot_context *c, const char *expression)
{
    char sql[512];
    snprintf(sql, sizeof sql, "max(%s)", expression);
    return number(c, sql);
}

static void put_panel(struct plot_context *c, const struct samples *samples, int i, int n, double peak,
                      const char *label)
{
    struct plot_axis x = time_axis(samples), y = {0, peak > 0 ? peak * 1.06 : 1, false};
    plot_number_axis(c, "x", &x, plot_tics_x(c), i + 1 < n ? NULL : time_label);
    plot_number_axis(c, "y", &y, 8, label);
    plot_panel(c, i, n, 0.8);
}

/* The queues that ever held a packet: their data, $q0 ... */
static int put_queue_data(struct plot_context *c, const struct samples *samples, double *peak,
                          char (*title)[LABEL_SIZE], int most)
{
    sqlite3_stmt *s = results_prepare(c->results, "SELECT link, direction, max(packets) FROM queue_samples"
                                                  " WHERE point = ? AND replication = 0"
                                                  " GROUP BY link, direction ORDER BY link, direction DESC");
    if (!s)
        return -1;
    bind_point(c, s);
    int n = 0;
    while (n < most && sqlite3_step(s) == SQLITE_ROW) {
        char name[32], sql[1024];
        const char *link = results_text(s, 0);
        const char *direction = results_text(s, 1);
        *peak = fmax(*peak, sqlite3_column_double(s, 2));
        snprintf(title[n], LABEL_SIZE, "%s %s", link, direction);
        snprintf(name, sizeof name, "q%d", n++);
        snprintf(sql, sizeof sql, "SELECT time_ns / 1e9, packets FROM queue_samples WHERE point = ? AND replication = 0"
                                  " AND link = '%s' AND direction = '%s' ORDER BY time_ns", link, direction);
        if (put_query(c, name, sql, samples) != 0) {
            sqlite3_finalize(s);
            return -1;
        }
    }
    sqlite3_finalize(s);
    return n;
}

static const char open[] = "syn_sent + syn_received + established + fin_wait_1 + fin_wait_2 + close_wait"
                           " + closing + last_ack";

/* Leaves out the end of the run where only TIME-WAIT goes by. */
static void cut_idle_end(struct plot_context *c, struct samples *samples)
{
    char last[512];
    snprintf(last, sizeof last, "max(CASE WHEN %s + segments_forward + segments_backward > 0 THEN time_ns END) / 1e9",
             open);
    double end_s = number(c, last) * 1.02;
    if (!(end_s > 0) || end_s >= samples->end_s)
        return;
    samples->n *= end_s / samples->end_s;
    samples->end_s = end_s;
}

int plot_series(struct plot_context *c)
{
    enum { MOST_QUEUES = 12 };
    char forward[64], backward[64], shown[LABEL_SIZE], title[MOST_QUEUES][LABEL_SIZE], name[32];
    struct samples samples;
    double peak = 0;
    if (begin(c, &samples, shown) != 0)
        return -1;
    cut_idle_end(c, &samples);
    double every = number(c, "(max(time_ns) - min(time_ns)) / 1e9 / max(1, count(*) - 1)");
    snprintf(forward, sizeof forward, "segments_forward / %.10g", every > 0 ? every : 1);
    snprintf(backward, sizeof backward, "segments_backward / %.10g", every > 0 ? every : 1);
    int queues = put_queue_data(c, &samples, &peak, title, MOST_QUEUES), panels = queues > 0 ? 3 : 2;
    if (queues < 0 || put_data(c, "open", open, &samples) != 0 || put_data(c, "forward", forward, &samples) != 0 ||
        put_data(c, "backward", backward, &samples) != 0)
        return -1;
    plot_panels(c, "How busy are hosts and links over time?", shown);
    put_panel(c, &samples, 0, panels, peak_of(c, open), "endpoints");
    put_line(c, "open", 0, "open");
    fputc('\n', c->script);
    put_panel(c, &samples, 1, panels, fmax(peak_of(c, forward), peak_of(c, backward)), "segments/s");
    put_line(c, "forward", 0, "forward");
    put_line(c, "backward", 1, "backward");
    fputc('\n', c->script);
    if (queues > 0)
        put_panel(c, &samples, 2, panels, peak, "packets waiting");
    for (int i = 0; i < queues; i++) {
        snprintf(name, sizeof name, "q%d", i);
        put_line(c, name, i, title[i]);
    }
    fputs("\nunset multiplot\n", c->script);
    return 0;
}
