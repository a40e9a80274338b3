/* SPDX-License-Identifier: BSD-2-Clause */
/* Axes: ranges, tics at round values, and what stands at them. */
#include <math.h>
#include <string.h>

#include "plot.h"

struct plot_axis plot_axis(double low, double high, double span)
{
    struct plot_axis axis = {low, high, low > 0 && high / low >= span};
    if (axis.log) {
        axis.low = low / 1.4;
        axis.high = high * 1.4;
    } else {
        axis.low = 0;
        axis.high = high > 0 ? high * 1.06 : 1;
    }
    return axis;
}

double plot_axis_place(const struct plot_axis *a, double x)
{
    return a->log ? log(x / a->low) / log(a->high / a->low) : (x - a->low) / (a->high - a->low);
}

int plot_tics_x(const struct plot_context *c)
{
    int tics = c->format == PLOT_TXT ? 9 : 13;
    if (c->plot->theory) /* the legend is wider */
        return tics - 4;
    return c->columns > 1 ? tics / c->columns : tics;
}

int plot_tics_y(const struct plot_context *c)
{
    int tics = c->format == PLOT_TXT ? 14 : 20;
    return c->columns > 0 ? tics / 2 : tics; /* panels are lower */
}

static void put_range(struct plot_context *c, const char *axis, const struct plot_axis *a, const char *label)
{
    fprintf(c->script, "set %srange [%.10g:%.10g]\n", axis, a->low, a->high);
    plot_axis_label(c, axis, label ? label : "");
}

typedef void label_function(double value, char text[LABEL_SIZE]);

/* Which multiples of powers of ten have labels, from the densest; the least distance between two of them, decades. */
static const struct {
    const char *multiples;
    double distance;
    int every; /* powers of ten */
} patterns[] = {{"125", 0.301, 1}, {"13", 0.477, 1}, {"1", 1, 1}, {"1", 2, 2}, {"1", 3, 3}, {"1", 6, 6}};
enum { PATTERNS = sizeof patterns / sizeof patterns[0] };

static void put_log_tics(FILE *f, const char *axis, const struct plot_axis *a, int tics, label_function *label)
{
    char text[LABEL_SIZE];
    double room = log10(a->high / a->low) / tics; /* decades a label needs */
    int pattern = 0;
    const char *separator = "";
    while (pattern < PATTERNS - 1 && patterns[pattern].distance < room)
        pattern++;
    fprintf(f, "set logscale %s\nset %stics (", axis, axis);
    for (int decade = (int)floor(log10(a->low)); decade <= (int)ceil(log10(a->high)); decade++) {
        for (int multiple = 1; multiple < 10; multiple++) {
            double value = multiple * pow(10, decade);
            if (value < a->low * 0.9999 || value > a->high * 1.0001)
                continue;
            bool named = decade % patterns[pattern].every == 0 && strchr(patterns[pattern].multiples, '0' + multiple);
            if (!named && patterns[pattern].every > 1)
                continue;
            fputs(separator, f);
            if (named) {
                label(value, text);
                plot_quote_tic(f, text);
            }
            fprintf(f, named ? " %.10g" : "'' %.10g 1", value); /* 1: a small tic */
            separator = ", ";
        }
    }
    fputs(")\n", f);
}

/* Round steps of a linear axis: 1, 2 or 5 times a power of ten, with more room than they need. `unit` is what 1 on the
   axis is of the data. */
static void put_linear_tics(FILE *f, const char *axis, const struct plot_axis *a, int tics, double unit,
                            label_function *label)
{
    static const int multiples[] = {1, 2, 5, 10};
    double least = (a->high - a->low) / unit / (0.6 * tics), power = pow(10, floor(log10(least)));
    int i = 0;
    while (i < 3 && multiples[i] * power < least)
        i++;
    double step = multiples[i] * power;
    char text[LABEL_SIZE];
    const char *separator = "";
    fprintf(f, "unset logscale %s\nset %stics (", axis, axis);
    for (double n = ceil(a->low / unit / step - 1e-9) + 0.0; /* no -0 */ n * step * unit <= a->high * 1.000001; n++) {
        label(n * step, text);
        fputs(separator, f);
        plot_quote_tic(f, text);
        fprintf(f, " %.10g", n * step * unit);
        separator = ", ";
    }
    fputs(")\n", f);
}

static void label_number(double value, char text[LABEL_SIZE])
{
    snprintf(text, LABEL_SIZE, "%.10g", value);
}

static void label_nothing(double value, char text[LABEL_SIZE])
{
    (void)value;
    text[0] = '\0';
}

static void label_percent(double percent, char text[LABEL_SIZE])
{
    snprintf(text, LABEL_SIZE, "%.10g %%", percent);
}

void plot_time_axis(struct plot_context *c, const char *axis, const struct plot_axis *a, int tics, const char *label)
{
    char text[LABEL_SIZE + 16];
    if (a->log) {
        put_range(c, axis, a, label);
        put_log_tics(c->script, axis, a, tics, label ? label_duration : label_nothing);
        return;
    }
    bool seconds = a->high >= 10000;
    snprintf(text, sizeof text, "%s (%s)", label ? label : "", seconds ? "s" : "ms");
    put_range(c, axis, a, label ? text : NULL);
    put_linear_tics(c->script, axis, a, tics, seconds ? 1000 : 1, label ? label_number : label_nothing);
}

void plot_number_axis(struct plot_context *c, const char *axis, const struct plot_axis *a, int tics, const char *label)
{
    put_range(c, axis, a, label);
    if (a->log)
        put_log_tics(c->script, axis, a, tics, label ? label_number : label_nothing);
    else
        put_linear_tics(c->script, axis, a, tics, 1, label ? label_number : label_nothing);
}

void plot_share_axis(struct plot_context *c, const char *axis, const struct plot_axis *a, int tics, const char *label)
{
    put_range(c, axis, a, label);
    if (a->log)
        put_log_tics(c->script, axis, a, tics, label_percent);
    else
        put_linear_tics(c->script, axis, a, tics, 1, label_percent);
}
