/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Distributions as the text of HdrHistogram's outputPercentileDistribution, which its plotter and many other viewers
 * read: value (ms), share of the values up to it, how many these are, 1 / (1 - share). Viewers skip lines with #.
 */
#include "export.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "plot_label.h"
#include "runner.h"

/* Rows on the way from 0 to half of the values, and again on each half of what is left. */
enum { TICKS = 5 };

/* The histogram's layout in HdrHistogram's terms: linear up to 2 x 2^10, values of 63 bits. */
enum { BUCKETS = 53, SUB_BUCKETS = 2048 };

/* The level that follows a level, in percent. */
static double next_level(double level)
{
    double ticks = 2 * TICKS;
    for (double left = 100 - level; left <= 50; left *= 2)
        ticks *= 2;
    return level + 100 / ticks;
}

static void put_row(FILE *f, double ms, double level, uint64_t seen)
{
    fprintf(f, "%12.6f %.12f %10llu %14.2f\n", ms, level / 100, (unsigned long long)seen, 1 / (1 - level / 100));
}

static void put_distribution(FILE *f, const struct synfin_statistic *s)
{
    double all = (double)synfin_statistic_count(s), level = 0, ms = 0;
    uint64_t seen = 0;
    struct synfin_bin b;
    fprintf(f, "%12s %14s %10s %14s\n\n", "Value", "Percentile", "TotalCount", "1/(1-Percentile)");
    for (size_t cursor = 0; synfin_statistic_next(s, &cursor, &b);) {
        seen += b.count;
        ms = ((double)b.low + (double)b.excess / (double)b.count) / 1e6;
        bool last = seen == synfin_statistic_count(s);
        for (int rows = 0; 100 * (double)seen / all >= level && !(last && rows > 0); rows++) {
            put_row(f, ms, level, seen);
            level = next_level(level);
        }
    }
    put_row(f, ms, 100, seen);
    fprintf(f, "#[Mean    = %12.6f, StdDeviation   = %12.6f]\n", synfin_statistic_mean(s) / 1e6,
            synfin_statistic_sd(s) / 1e6);
    fprintf(f, "#[Max     = %12.6f, Total count    = %12llu]\n", (double)synfin_statistic_max(s) / 1e6,
            (unsigned long long)seen);
    fprintf(f, "#[Buckets = %12d, SubBuckets     = %12d]\n", BUCKETS, SUB_BUCKETS);
}

/* ---- Which, and where to ----------------------------------------------------------------------------------------- */

/* `# setup (ms), links.wan.both.loss.p = 5%`. */
static int put_heading(struct results *r, FILE *f, size_t point, const struct export_series *series)
{
    bool all = strcmp(series->workload, ROWS_ALL) == 0;
    fprintf(f, "# %s%s%s (ms)", all ? "" : series->workload, all ? "" : " ", synfin_metric_name(series->metric));
    for (size_t i = 0; i < r->parameters; i++) {
        struct results_parameter p;
        if (results_parameter(r, point, i, &p) != 0)
            return -1;
        fprintf(f, ", %s = %s", p.path, p.text);
        results_parameter_free(&p);
    }
    fputc('\n', f);
    return 0;
}

/* `FOLDER/setup-3-5%-10ms.hgrm`: the point's number tells points apart, its values tell people. */
static int name_file(struct results *r, size_t point, const struct export_series *series, const char *folder,
                     char *path, size_t size)
{
    char name[LABEL_SIZE] = "", number[32];
    if (strcmp(series->workload, ROWS_ALL) != 0)
        label_add(name, "", series->workload);
    label_add(name, "-", synfin_metric_name(series->metric));
    snprintf(number, sizeof number, "%zu", point);
    if (r->points > 1)
        label_add(name, "-", number);
    for (size_t i = 0; i < r->parameters; i++) {
        struct results_parameter p;
        if (results_parameter(r, point, i, &p) != 0)
            return -1;
        label_add(name, "-", p.text);
        results_parameter_free(&p);
    }
    for (char *c = name; *c; c++) {
        if (strchr("/ \t\n", *c))
            *c = '_';
    }
    snprintf(path, size, "%s%s%.200s.hgrm", folder, folder[strlen(folder) - 1] == '/' ? "" : "/", name);
    return 0;
}

static int write_file(struct results *r, size_t point, const struct export_series *series,
                      const struct synfin_statistic *s, const char *folder)
{
    char path[4096];
    struct output output;
    if (name_file(r, point, series, folder, path, sizeof path) != 0 || output_open(&output, path) != 0)
        return -1;
    if (put_heading(r, output.stream, point, series) != 0) {
        output_abandon(&output);
        return -1;
    }
    put_distribution(output.stream, s);
    if (output_commit(&output) != 0)
        return -1;
    printf("%s\n", path);
    return 0;
}

static int write_one(struct results *r, size_t point, const struct export_series *series, FILE *out, const char *folder,
                     bool *first)
{
    struct synfin_statistic *s = synfin_statistic_new();
    int bad = !s || results_pool(r, point, RESULTS_EVERY, series->workload, series->metric, s) != 0;
    if (!bad && synfin_statistic_count(s) > 0) {
        if (!out) {
            bad = write_file(r, point, series, s, folder) != 0;
        } else {
            fputs(*first ? "" : "\n\n", out); /* data sets apart, for gnuplot */
            bad = put_heading(r, out, point, series) != 0;
            put_distribution(out, s);
        }
        *first = false;
    }
    synfin_statistic_free(s);
    return bad ? -1 : 0;
}

int export_histograms(struct results *r, FILE *out, const char *folder)
{
    struct export_series *series;
    size_t n;
    bool first = true;
    int status = export_series(r, &series, &n) == 0 ? STATUS_DONE : STATUS_FAILED;
    if (status == STATUS_DONE && folder && output_folder(folder) != 0)
        status = STATUS_FAILED;
    for (size_t point = 0; point < r->points; point++) {
        for (size_t i = 0; i < n && status == STATUS_DONE; i++) {
            if (runner_interrupted())
                status = STATUS_INTERRUPTED;
            else if (write_one(r, point, &series[i], out, folder, &first) != 0)
                status = STATUS_FAILED;
        }
    }
    export_series_free(series, n);
    return status;
}
