/* SPDX-License-Identifier: BSD-2-Clause */
/* `synfin export`: results for other programs. */
#include "export.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "output.h"
#include "runner.h"
#include "until.h"

/* ---- What there is ----------------------------------------------------------------------------------------------- */

static int by_order(const void *x, const void *y)
{
    const struct export_series *a = x, *b = y;
    int order = strcmp(a->workload, b->workload); /* `*` comes before all letters */
    return order ? order : (int)a->metric - (int)b->metric;
}

int export_series(struct results *r, struct export_series **series, size_t *n)
{
    sqlite3_stmt *s = results_prepare(r, "SELECT DISTINCT workload, metric FROM metrics");
    int code = SQLITE_NOMEM;
    *series = NULL;
    *n = 0;
    while (s && (code = sqlite3_step(s)) == SQLITE_ROW) {
        int metric = synfin_metric_find(results_text(s, 1));
        struct export_series *more = realloc(*series, (*n + 1) * sizeof *more);
        char *workload = more ? strdup(results_text(s, 0)) : NULL;
        if (more)
            *series = more;
        if (!workload || metric < 0) {
            free(workload);
            break;
        }
        (*series)[(*n)++] = (struct export_series){workload, (enum synfin_metric)metric};
    }
    sqlite3_finalize(s);
    if (code != SQLITE_DONE)
        return results_failed(r);
    if (*n > 0)
        qsort(*series, *n, sizeof **series, by_order);
    return 0;
}

void export_series_free(struct export_series *series, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(series[i].workload);
    free(series);
}

/* ---- Where it goes ----------------------------------------------------------------------------------------------- */

static int write_table(struct results *r, const struct options *options, FILE *out)
{
    bool json = options->format && strcmp(options->format, "json") == 0;
    if (options->format && strcmp(options->format, "hgrm") == 0)
        return export_histograms(r, out, NULL);
    return options->counts ? export_counts(r, out, json) : export_metrics(r, out, json);
}

static int write_file(struct results *r, const struct options *options)
{
    struct output output;
    if (output_open(&output, options->output) != 0)
        return STATUS_FAILED;
    int status = write_table(r, options, output.stream);
    if (status == STATUS_DONE)
        return output_commit(&output) == 0 ? STATUS_DONE : STATUS_FAILED;
    output_abandon(&output);
    return status;
}

/* A name that ends in a slash is that of a folder, be it there or not. */
static bool is_folder(const char *path)
{
    struct stat s;
    return path[strlen(path) - 1] == '/' || (stat(path, &s) == 0 && S_ISDIR(s.st_mode));
}

static int write_all(struct results *r, const struct options *options)
{
    if (!options->output)
        return write_table(r, options, stdout);
    if (options->format && strcmp(options->format, "hgrm") == 0 && is_folder(options->output))
        return export_histograms(r, NULL, options->output);
    return write_file(r, options);
}

/* ---- The command ------------------------------------------------------------------------------------------------- */

/* What the tables do not have. */
static void tell_absent(const char *path, size_t failed, size_t missing)
{
    if (missing > 0)
        fprintf(stderr, "%s: the sweep is not finished, %zu run%s missing; its command goes on\n", path, missing,
                missing == 1 ? " is" : "s are");
    if (failed > 0)
        fprintf(stderr, "%s: %zu failed run%s left out; the sweep's command tries again\n", path, failed,
                failed == 1 ? " is" : "s are");
}

int command_export(const struct options *options)
{
    struct results r;
    size_t failed = 0, missing = 0;
    int status = results_open(&r, options->file[0]);
    if (status == STATUS_DONE && results_execute(&r, "BEGIN") != 0) /* what a sweep adds meanwhile is not seen */
        status = STATUS_FAILED;
    if (status == STATUS_DONE && (results_absent(&r, &failed, &missing) != 0 ||
                                  (r.looks > 0 && until_missing(&r, &missing) != 0)))
        status = STATUS_FAILED;
    runner_catch_interrupt();
    if (status == STATUS_DONE)
        status = write_all(&r, options);
    if (status == STATUS_DONE)
        tell_absent(options->file[0], failed, missing);
    results_close(&r);
    return status;
}
