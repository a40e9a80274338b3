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

/* `$name << EOD`: the rows of a query (s, number), thinned out. */
static int put_data(struct plot_context *c, const char *name, const char *sql, double samples)
{
    sqlite3_stmt *s = results_prepare(c->results, sql);
    if (!s)
        return -1;
    bind_point(c, s);
    long step = samples > MOST_SAMPLES ? (long)ceil(samples / MOST_SAMPLES) : 1, row = 0;
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

/* Title and small print say which point and replication this is. */
static int begin(struct plot_context *c, const char *title, double *samples, double *end_s)
{
    char label[LABEL_SIZE], whole[2 * LABEL_SIZE];
    *samples = number(c, "count(*)");
    *end_s = number(c, "max(time_ns) / 1e9");
    if (!(*samples > 0)) {
        fprintf(stderr, "%s: error: plots: entry %zu (%s): there are no samples; set `series: 100ms` in the scenario and sweep anew\n",
                c->results->path, c->plot->number + 1, c->plot->kind);
        return -1;
    }
    if (label_point(c->results, c->plot->point, 0, label) != 0)
        return -1;
    snprintf(whole, sizeof whole, "%s%s%s", title, label[0] ? " " : "", label);
    plot_begin(c, whole);
    size_t used = strlen(c->small);
    snprintf(c->small + used, sizeof c->small - used, " · shown: replication 0");
    return 0;
}

int plot_states(struct plot_context *c)
{
    char sql[256], name[32];
    double samples, end, peak[STATES], low = INFINITY, high = 0;
    if (begin(c, "How many endpoints are in each state?", &samples, &end) != 0)
        return -1;
    for (int i = 0; i < STATES; i++) {
        snprintf(sql, sizeof sql, "max(%s)", states[i].column);
        peak[i] = number(c, sql);
        if (!(peak[i] > 0))
            continue;
        low = fmin(low, peak[i]);
        high = fmax(high, peak[i]);
        snprintf(sql, sizeof sql, "SELECT time_ns / 1e9, %s FROM samples WHERE point = ? AND replication = 0 ORDER BY time_ns",
                 states[i].column);
        snprintf(name, sizeof name, "s%d", i);
        if (put_data(c, name, sql, samples) != 0)
            return -1;
    }
    struct plot_axis x = {0, end > 0 ? end : 1, false}, y = {0, high > 0 ? high * 1.06 : 1, high / low >= 30};
    if (y.log)
        y = (struct plot_axis){0.8, high * 1.4, true};
    plot_number_axis(c, "x", &x, "time since the start of the run (s)");
    plot_number_axis(c, "y", &y, "endpoints of all hosts");
    plot_small_print(c);
    const char *separator = "plot";
    for (int i = 0; i < STATES; i++) {
        if (!(peak[i] > 0))
            continue;
        fprintf(c->script, "%s $s%d using 1:2 with lines", separator, i);
        plot_style(c->script, (size_t)i, 2);
        fprintf(c->script, " title '%s'", states[i].name);
        separator = ", \\\n    ";
    }
    fputs(separator[0] == 'p' ? "plot 1/0 notitle\n" : "\n", c->script);
    return 0;
}

/* ---- Series: panels above each other ----------------------------------------------------------------------------- */

/* The queues that ever held a packet: data $q0 ..., then the words that draw them. */
static int put_queues(struct plot_context *c, double samples, bool data, int *n)
{
    sqlite3_stmt *s = results_prepare(c->results, "SELECT DISTINCT link, direction FROM queue_samples WHERE point = ?"
                                                  " AND replication = 0 ORDER BY link, direction DESC");
    if (!s)
        return -1;
    bind_point(c, s);
    int bad = 0;
    for (*n = 0; !bad && sqlite3_step(s) == SQLITE_ROW; ++*n) {
        const char *link = (const char *)sqlite3_column_text(s, 0), *direction = (const char *)sqlite3_column_text(s, 1);
        char name[32], sql[1024];
        snprintf(name, sizeof name, "q%d", *n);
        if (data) {
            snprintf(sql, sizeof sql, "SELECT time_ns / 1e9, packets FROM queue_samples WHERE point = ? AND replication = 0"
                                      " AND link = '%s' AND direction = '%s' ORDER BY time_ns", link, direction);
            bad = put_data(c, name, sql, samples);
            continue;
        }
        fprintf(c->script, "%s $q%d using 1:2 with lines", *n ? ", \\\n    " : "plot", *n);
        plot_style(c->script, (size_t)*n, 1.8);
        fprintf(c->script, " title '%s %s'", link, direction);
    }
    sqlite3_finalize(s);
    return bad;
}

static void panel(FILE *f, double top, double bottom, const char *label, bool last)
{
    fprintf(f, "set tmargin at screen %g\nset bmargin at screen %g\nset ylabel ", top, bottom);
    plot_quote(f, label);
    fputs(last ? "\nset xlabel 'time since the start of the run (s)'\nset format x '%g'\n" : "\nunset xlabel\nset format x ''\n", f);
    fputs("set yrange [0:*]\n", f);
}

int plot_series(struct plot_context *c)
{
    double samples, end;
    int queues;
    FILE *f = c->script;
    if (begin(c, "How busy are hosts and links over time?", &samples, &end) != 0)
        return -1;
    double every = number(c, "(max(time_ns) - min(time_ns)) / 1e9 / max(1, count(*) - 1)");
    char forward[256], backward[256];
    const char rate[] = "SELECT time_ns / 1e9, segments_%s / %.10g FROM samples WHERE point = ? AND replication = 0 ORDER BY time_ns";
    snprintf(forward, sizeof forward, rate, "forward", every > 0 ? every : 1);
    snprintf(backward, sizeof backward, rate, "backward", every > 0 ? every : 1);
    if (put_data(c, "open", "SELECT time_ns / 1e9, syn_sent + syn_received + established + fin_wait_1 + fin_wait_2 + close_wait"
                            " + closing + last_ack FROM samples WHERE point = ? AND replication = 0 ORDER BY time_ns",
                 samples) != 0 ||
        put_data(c, "wait", "SELECT time_ns / 1e9, time_wait FROM samples WHERE point = ? AND replication = 0 ORDER BY time_ns",
                 samples) != 0 ||
        put_data(c, "forward", forward, samples) != 0 || put_data(c, "backward", backward, samples) != 0 ||
        put_queues(c, samples, true, &queues) != 0)
        return -1;
    int panels = queues > 0 ? 3 : 2, at = 0;
    double height = 0.80 / panels, gap = 0.025;
    fprintf(f, "set xrange [0:%.10g]\n", end > 0 ? end : 1);
    plot_small_print(c);
    fputs("set multiplot\nset lmargin at screen 0.12\nset rmargin at screen 0.80\nset format y '%.10g'\n", f);
    panel(f, 0.92 - at * height, 0.92 - (at + 1) * height + gap, "endpoints", false);
    fputs("plot $open using 1:2 with lines", f);
    plot_style(f, 0, 1.8);
    fputs(" title 'open', $wait using 1:2 with lines", f);
    plot_style(f, 1, 1.8);
    fputs(" title 'TIME-WAIT'\nunset title\nunset label 99\n", f);
    at++;
    panel(f, 0.92 - at * height, 0.92 - (at + 1) * height + gap, "segments/s", panels == 2);
    fputs("plot $forward using 1:2 with lines", f);
    plot_style(f, 0, 1.8);
    fputs(" title 'forward', $backward using 1:2 with lines", f);
    plot_style(f, 1, 1.8);
    fputs(" title 'backward'\n", f);
    at++;
    if (panels == 3) {
        panel(f, 0.92 - at * height, 0.92 - (at + 1) * height + gap, "packets waiting", true);
        if (put_queues(c, samples, false, &queues) != 0)
            return -1;
        fputc('\n', f);
    }
    fputs("unset multiplot\n", f);
    return 0;
}
