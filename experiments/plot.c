/* SPDX-License-Identifier: BSD-2-Clause */
/* `synfin plot`: the pictures of a database of results. */
#include "plot.h"

#include <stdlib.h>
#include <string.h>

#include "output.h"

static const char *const format_names[] = {[PLOT_SVG] = "svg", [PLOT_PNG] = "png", [PLOT_TXT] = "txt"};

static const struct {
    const char *kind;
    int (*write)(struct plot_context *);
} kinds[] = {
    {"cdf", plot_cdf},   {"miss", plot_miss},     {"histogram", plot_histogram}, {"line", plot_line},
    {"heat", plot_heat}, {"states", plot_states}, {"series", plot_series},
};

/* The options know no other format. */
static enum plot_format find_format(const char *name)
{
    int i = PLOT_SVG;
    while (name && i < PLOT_TXT && strcmp(name, format_names[i]) != 0)
        i++;
    return (enum plot_format)i;
}

/* Scenario, seed, replications, version. */
static int small_print(struct results *r, char *text, size_t size)
{
    char *name = results_meta(r, "name"), *seed = results_meta(r, "seed"), *version = results_meta(r, "synfin");
    size_t least = SIZE_MAX, most = 0;
    for (size_t point = 0; point < r->points; point++) {
        size_t n = results_done(r, point, RESULTS_EVERY);
        least = n < least ? n : least;
        most = n > most ? n : most;
    }
    int bad = !name || !seed || !version;
    if (!bad && least == most)
        snprintf(text, size, "%s · seed %s · %zu replication%s · synfin %s", name, seed, most, most == 1 ? "" : "s",
                 version);
    else if (!bad)
        snprintf(text, size, "%s · seed %s · %zu to %zu replications%s · synfin %s", name, seed, least, most,
                 r->looks > 0 ? "" : ": not complete", version);
    if (!bad && most == 0) {
        fprintf(stderr, "%s: error: no run is done yet; go on with synfin sweep\n", r->path);
        bad = 1;
    }
    free(name);
    free(seed);
    free(version);
    return bad ? -1 : 0;
}

/* Whose connections they are, where not those of all workloads. */
static void tell_workload(struct plot_context *c)
{
    size_t used = strlen(c->small);
    if (c->plot->metric >= 0 && strcmp(c->plot->workload, ROWS_ALL) != 0)
        snprintf(c->small + used, sizeof c->small - used, " · workload %s", c->plot->workload);
}

/* `DIR/cdf-setup.svg`; `-2` and so on where an earlier picture has that name. */
static void name_file(const struct plot *plots, size_t n, const char *folder, const char *format, char *path,
                      size_t size)
{
    size_t same = 1;
    for (size_t i = 0; i < n; i++)
        same += strcmp(plots[i].kind, plots[n].kind) == 0 && strcmp(plots[i].name, plots[n].name) == 0;
    bool metric = plots[n].kind[0] != 's';
    int used = snprintf(path, size, "%s/%s%s%s", folder, plots[n].kind, metric ? "-" : "", metric ? plots[n].name : "");
    if (same > 1)
        used += snprintf(path + used, size - (size_t)used, "-%zu", same);
    snprintf(path + used, size - (size_t)used, ".%s", format);
}

static int write_script(struct plot_context *c)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(c->plot->kind, kinds[i].kind) == 0)
            return kinds[i].write(c);
    }
    return -1;
}

/* 1: there is nothing to draw in this one; -1: nor could others be drawn. */
static int make_plot(struct plot_context *c, const char *path)
{
    char *script = NULL;
    size_t size;
    c->script = open_memstream(&script, &size);
    if (!c->script)
        return -1;
    int bad = write_script(c);
    if (fclose(c->script) != 0 || bad) {
        free(script);
        return 1;
    }
    bad = plot_draw(script, size, path);
    free(script);
    if (!bad && path)
        printf("%s\n", path);
    return bad ? -1 : 0;
}

static int make_plots(struct results *r, const struct options *options, enum plot_format format)
{
    struct plot *plots;
    size_t n;
    char small[sizeof ((struct plot_context *)0)->small], path[4096];
    int status = plot_entries(r, &plots, &n) == 0 ? STATUS_DONE : STATUS_USAGE;
    if (status == STATUS_DONE && options->output && output_folder(options->output) != 0)
        status = STATUS_FAILED;
    if (status == STATUS_DONE && small_print(r, small, sizeof small) != 0)
        status = STATUS_FAILED;
    int bad = status == STATUS_DONE ? 0 : -1;
    for (size_t i = 0; i < n && bad >= 0; i++) {
        struct plot_context c = {.results = r, .plot = &plots[i], .format = format, .height = 600};
        memcpy(c.small, small, sizeof small);
        tell_workload(&c);
        name_file(plots, i, options->output ? options->output : ".", format_names[format], path, sizeof path);
        bad = make_plot(&c, format == PLOT_TXT && !options->output ? NULL : path);
        if (bad != 0)
            status = STATUS_FAILED;
        if (bad > 0)
            fprintf(stderr, "%s is not drawn\n", path);
    }
    free(plots);
    return status;
}

int command_plot(const struct options *options)
{
    struct results r;
    int status = results_open(&r, options->file[0]);
    if (status == STATUS_DONE)
        status = make_plots(&r, options, find_format(options->format));
    results_close(&r);
    return status;
}
