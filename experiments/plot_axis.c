/* SPDX-License-Identifier: BSD-2-Clause */
/* Axes: ranges, tics at round values, and what stands at them. */
#include <math.h>

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

static void put_range(FILE *f, const char *axis, double low, double high, const char *label)
{
    fprintf(f, "set %srange [%.10g:%.10g]\nset %slabel ", axis, low, high, axis);
    plot_quote(f, label);
    fputc('\n', f);
}

/* Powers of ten as labelled tics, twice and five times them too where there is room. `label` writes what stands there. */
static void put_log_tics(FILE *f, const char *axis, double low, double high, bool dense,
                         void (*label)(double, char[LABEL_SIZE]))
{
    static const int steps[] = {1, 2, 5};
    char text[LABEL_SIZE];
    const char *separator = "";
    fprintf(f, "set logscale %s\nset m%stics 10\nset %stics (", axis, axis, axis);
    for (int decade = (int)floor(log10(low)); decade <= (int)ceil(log10(high)); decade++) {
        for (int i = 0; i < (dense ? 3 : 1); i++) {
            double value = steps[i] * pow(10, decade);
            if (value < low || value > high)
                continue;
            label(value, text);
            fprintf(f, "%s", separator);
            plot_quote(f, text);
            fprintf(f, " %.10g", value);
            separator = ", ";
        }
    }
    fputs(")\n", f);
}

void plot_time_axis(struct plot_context *c, const char *axis, const struct plot_axis *a, const char *label)
{
    char text[LABEL_SIZE + 16];
    if (a->log) {
        double decades = log10(a->high / a->low);
        put_range(c->script, axis, a->low, a->high, label);
        put_log_tics(c->script, axis, a->low, a->high, decades < (axis[0] == 'x' && c->format != PLOT_TXT ? 4 : 2.5),
                     label_duration);
        return;
    }
    snprintf(text, sizeof text, "%s (%s)", label, a->high >= 10000 ? "s" : "ms");
    put_range(c->script, axis, a->low, a->high, text);
    if (a->high >= 10000) { /* tics of the axis in s, of the data in ms */
        double step = pow(10, floor(log10(a->high / 1000)));
        step *= a->high / 1000 / step < 2 ? 0.2 : a->high / 1000 / step < 5 ? 0.5 : 1;
        const char *separator = "";
        fprintf(c->script, "set %stics (", axis);
        for (int i = 0; i * step * 1000 <= a->high; i++, separator = ", ")
            fprintf(c->script, "%s'%.10g' %.10g", separator, i * step, i * step * 1000);
        fputs(")\n", c->script);
    }
}

static void label_number(double value, char text[LABEL_SIZE])
{
    snprintf(text, LABEL_SIZE, "%.10g", value);
}

void plot_number_axis(struct plot_context *c, const char *axis, const struct plot_axis *a, const char *label)
{
    put_range(c->script, axis, a->low, a->high, label);
    if (a->log)
        put_log_tics(c->script, axis, a->low, a->high, log10(a->high / a->low) < 2.5, label_number);
    else
        fprintf(c->script, "set format %s '%%.10g'\n", axis);
}

static void label_percent(double percent, char text[LABEL_SIZE])
{
    snprintf(text, LABEL_SIZE, "%.10g %%", percent);
}

void plot_share_axis(struct plot_context *c, const char *axis, double least, const char *label)
{
    put_range(c->script, axis, least, 100, label);
    if (least > 0)
        put_log_tics(c->script, axis, least, 100, least >= 1, label_percent);
    else
        fprintf(c->script, "set format %s '%%g %%%%'\n", axis);
}
