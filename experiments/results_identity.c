/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a database is for: version, seed, settings and points. Comments, name, plots, expectations and the number of
 * replications may change from one call of `synfin sweep` to the next; the runs stay what they are.
 */
#include "results.h"

#include "parameter.h"
#include "scenario_inputs.h"
#include "setting.h"
#include "sha256.h"
#include "until.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- What the file asks for -------------------------------------------------------------------------------------- */

struct pair {
    char *key, *text;
};

struct pairs {
    size_t used;
    struct pair *pair;
    bool failed; /* no memory */
};

/* A later value of a key replaces an earlier one. */
static void set_pair(struct pairs *p, const char *key, size_t key_size, const char *text)
{
    struct pair new = {strndup(key, key_size), strdup(text)};
    if (!new.key || !new.text)
        goto failed;
    for (size_t i = 0; i < p->used; i++) {
        if (strcmp(p->pair[i].key, new.key) == 0) {
            free(p->pair[i].key);
            free(p->pair[i].text);
            p->pair[i] = new;
            return;
        }
    }
    struct pair *pair = realloc(p->pair, (p->used + 1) * sizeof *pair);
    if (!pair)
        goto failed;
    p->pair = pair;
    p->pair[p->used++] = new;
    return;
failed:
    free(new.key);
    free(new.text);
    p->failed = true;
}

static void free_pairs(struct pairs *p)
{
    for (size_t i = 0; i < p->used; i++) {
        free(p->pair[i].key);
        free(p->pair[i].text);
    }
    free(p->pair);
}

static int by_key(const void *a, const void *b)
{
    return strcmp(((const struct pair *)a)->key, ((const struct pair *)b)->key);
}

/* The settings of the file, then those of the options, by path. The seed is told apart; the name is free. */
static void wanted_settings(struct pairs *p, const struct scenario_file *file)
{
    const struct synfin_settings *settings = file->settings;
    for (size_t i = 0; i < settings->used; i++)
        set_pair(p, settings->setting[i].path, strlen(settings->setting[i].path), settings->setting[i].text);
    for (size_t i = 0; i < file->options->sets; i++) {
        const char *set = file->options->set[i], *equals = strchr(set, '=');
        if (equals)
            set_pair(p, set, (size_t)(equals - set), equals + 1);
    }
    size_t kept = 0;
    for (size_t i = 0; i < p->used; i++) {
        struct pair pair = p->pair[i];
        if (strcmp(pair.key, "seed") == 0 || strcmp(pair.key, "name") == 0) {
            free(pair.key);
            free(pair.text);
        } else {
            p->pair[kept++] = pair;
        }
    }
    p->used = kept;
    if (kept > 0)
        qsort(p->pair, kept, sizeof *p->pair, by_key);
}

static int want_input(void *user, const char *name, const char *digest)
{
    char key[512];
    snprintf(key, sizeof key, "sha256 of %s", name);
    set_pair(user, key, strlen(key), digest);
    return 0;
}

/* File names of the plugins, without folders. 0 or -1. */
static int wanted_meta(struct pairs *p, const struct scenario_file *file, uint64_t seed)
{
    char number[32], plugins[512] = "";
    set_pair(p, "synfin", 6, PACKAGE_VERSION);
    snprintf(number, sizeof number, "%llu", (unsigned long long)seed);
    set_pair(p, "seed", 4, number);
    set_pair(p, "random", 6, file->independent ? "independent" : "common");
    for (size_t i = 0, end = 0; i < file->options->plugins && end < sizeof plugins; i++) {
        const char *name = strrchr(file->options->plugin[i], '/');
        end += (size_t)snprintf(plugins + end, sizeof plugins - end, "%s%s", end ? " " : "",
                                name ? name + 1 : file->options->plugin[i]);
    }
    set_pair(p, "plugins", 7, plugins);
    snprintf(number, sizeof number, "%zu", scenario_file_points(file));
    set_pair(p, "points", 6, number);
    return scenario_inputs(file, want_input, p);
}

/* ---- Writing it -------------------------------------------------------------------------------------------------- */

static int put_pairs(struct results *r, const char *sql, const struct pairs *p)
{
    sqlite3_stmt *s = results_prepare(r, sql);
    int bad = !s || p->failed;
    for (size_t i = 0; i < p->used && !bad; i++)
        bad = results_step(r, s, "tt", p->pair[i].key, p->pair[i].text);
    sqlite3_finalize(s);
    return bad ? -1 : 0;
}

static int put_parameters(struct results *r, const struct scenario_file *file)
{
    sqlite3_stmt *s = results_prepare(r, "INSERT INTO parameters VALUES (?, ?, ?, ?, ?, ?)");
    int bad = !s;
    size_t points = scenario_file_points(file);
    for (size_t n = 0; n < parameter_count(file) && !bad; n++) {
        const char *unit = parameter_unit(file, n), *path = parameter_path(file, n);
        for (size_t point = 0; point < points && !bad; point++) {
            const char *text = parameter_text(file, n, point);
            int64_t at = (int64_t)point, position = (int64_t)n;
            bad = unit ? results_step(r, s, "iittdt", at, position, path, text, parameter_value(text, unit), unit)
                       : results_step(r, s, "iittnn", at, position, path, text);
        }
    }
    sqlite3_finalize(s);
    return bad ? -1 : 0;
}

int results_describe(struct results *r, const struct scenario_file *file, uint64_t seed)
{
    struct pairs settings = {0}, meta = {0};
    wanted_settings(&settings, file);
    int bad = wanted_meta(&meta, file, seed) != 0 ||
              put_pairs(r, "INSERT INTO settings VALUES (?, ?)", &settings) != 0 ||
              put_pairs(r, "INSERT INTO meta VALUES (?, ?)", &meta) != 0 || put_parameters(r, file) != 0;
    free_pairs(&settings);
    free_pairs(&meta);
    return bad ? -1 : 0;
}

/* ---- Comparing --------------------------------------------------------------------------------------------------- */

struct comparison {
    const struct results *results;
    unsigned differences;
};

enum { TOLD = 8 }; /* differences that are told in full */

static void differ(struct comparison *c, const char *what, const char *there, const char *here)
{
    if (c->differences++ == 0)
        fprintf(stderr, "%s: error: it holds another sweep; give another name with -o, or remove it. What differs:\n",
                c->results->path);
    if (c->differences <= TOLD)
        fprintf(stderr, "    %s is %s there, %s here\n", what, there ? there : "not set", here ? here : "not set");
    else if (c->differences == TOLD + 1)
        fprintf(stderr, "    and more\n");
}

/* Compares the rows of a query (key, text; by key) with pairs in the same order. */
static int compare_pairs(struct results *r, struct comparison *c, const char *sql, struct pairs *p)
{
    sqlite3_stmt *s = results_prepare(r, sql);
    if (!s || p->failed)
        return -1;
    size_t i = 0;
    int code = sqlite3_step(s);
    while (code == SQLITE_ROW || (code == SQLITE_DONE && i < p->used)) {
        const char *key = code == SQLITE_ROW ? results_text(s, 0) : NULL;
        const char *text = key ? results_text(s, 1) : NULL;
        int order = !key ? 1 : i == p->used ? -1 : strcmp(key, p->pair[i].key);
        if (order < 0)
            differ(c, key, text, NULL);
        else if (order > 0)
            differ(c, p->pair[i].key, NULL, p->pair[i].text);
        else if (strcmp(text, p->pair[i].text) != 0)
            differ(c, key, text, p->pair[i].text);
        if (order >= 0)
            i++;
        if (order <= 0)
            code = sqlite3_step(s);
    }
    sqlite3_finalize(s);
    return code == SQLITE_DONE ? 0 : results_failed(r);
}

static int compare_parameters(struct results *r, struct comparison *c, const struct scenario_file *file)
{
    size_t points = scenario_file_points(file), parameters = parameter_count(file);
    char key[400];
    sqlite3_stmt *s = results_prepare(r, "SELECT path, text FROM parameters WHERE point = ? AND position = ?");
    int bad = !s;
    for (size_t point = 0; point < points && !bad; point++) {
        for (size_t n = 0; n < parameters && !bad; n++) {
            sqlite3_bind_int64(s, 1, (int64_t)point);
            sqlite3_bind_int64(s, 2, (int64_t)n);
            const char *path = parameter_path(file, n), *text = parameter_text(file, n, point);
            snprintf(key, sizeof key, "%s at point %zu", path, point);
            int code = sqlite3_step(s);
            if (code == SQLITE_DONE)
                differ(c, key, NULL, text);
            else if (code != SQLITE_ROW)
                bad = results_failed(r);
            else if (strcmp(path, results_text(s, 0)) != 0)
                differ(c, "a swept parameter", results_text(s, 0), path);
            else if (strcmp(text, results_text(s, 1)) != 0)
                differ(c, key, results_text(s, 1), text);
            sqlite3_reset(s);
        }
    }
    sqlite3_finalize(s);
    return bad ? -1 : 0;
}

int results_compare(struct results *r, const struct scenario_file *file, uint64_t seed)
{
    struct pairs settings = {0}, meta = {0};
    struct comparison c = {r, 0};
    wanted_settings(&settings, file);
    int bad = wanted_meta(&meta, file, seed);
    if (meta.used > 0)
        qsort(meta.pair, meta.used, sizeof *meta.pair, by_key);
    bad = bad ||
          compare_pairs(r, &c, "SELECT key, value FROM meta WHERE key IN"
                               " ('synfin', 'seed', 'random', 'plugins', 'points') OR key GLOB 'sha256 of *'"
                               " ORDER BY key", &meta) != 0 ||
              compare_pairs(r, &c, "SELECT path, text FROM settings ORDER BY path", &settings) != 0;
    /* Where the number of points differs, so do all of them. */
    if (!bad && c.differences == 0)
        bad = compare_parameters(r, &c, file) != 0;
    free_pairs(&settings);
    free_pairs(&meta);
    return bad ? STATUS_FAILED : c.differences ? STATUS_USAGE : STATUS_DONE;
}

/* ---- What may change --------------------------------------------------------------------------------------------- */

/* The text of a file of measurements, NULL after an error. */
static char *read_measured(const struct scenario_file *file, const char *name)
{
    char path[4096], *text = NULL;
    size_t size, n;
    snprintf(path, sizeof path, "%s/%s", file->folder, name);
    FILE *in = fopen(name[0] == '/' ? name : path, "r"), *out = in ? open_memstream(&text, &size) : NULL;
    if (!in || !out) {
        fprintf(stderr, "%s: error: plots: cannot read the measured distribution %s; give a CSV file `bin_ms,count`,"
                        " relative to the scenario file\n", file->path, name);
        if (in)
            fclose(in);
        return NULL;
    }
    char buffer[4096];
    while ((n = fread(buffer, 1, sizeof buffer, in)) > 0)
        fwrite(buffer, 1, n, out);
    fclose(in);
    fclose(out);
    return text;
}

static int put_measured(struct results *r, const struct scenario_file *file, size_t plot)
{
    sqlite3_stmt *s = results_prepare(r, "INSERT INTO measured VALUES (?, ?, ?, ?)");
    int bad = !s;
    for (size_t i = 0; i < file->plot[plot].measurements && !bad; i++) {
        const struct scenario_measured *m = &file->plot[plot].measured[i];
        char *csv = read_measured(file, m->file);
        bad = !csv || results_step(r, s, "iitt", (int64_t)plot, (int64_t)i, m->label ? m->label : m->file, csv) != 0;
        free(csv);
    }
    sqlite3_finalize(s);
    return bad ? -1 : 0;
}

static int put_plots(struct results *r, const struct scenario_file *file)
{
    sqlite3_stmt *s = results_prepare(r, "INSERT INTO plots VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    int bad = !s;
    for (size_t i = 0; i < file->plots && !bad; i++) {
        const struct scenario_plot *p = &file->plot[i];
        char statistics[256] = "";
        for (size_t j = 0, end = 0; j < p->statistics && end < sizeof statistics; j++)
            end += (size_t)snprintf(statistics + end, sizeof statistics - end, "%s%s", j ? " " : "", p->statistic[j]);
        bad = results_step(r, s, "itttttti", (int64_t)i, p->kind, p->metric, p->x, p->by, p->title, statistics,
                           (int64_t)p->theory) != 0 ||
              put_measured(r, file, i) != 0;
    }
    sqlite3_finalize(s);
    return bad ? -1 : 0;
}

/* `5`, or `until setup.p99 2%, setup 1%, min 10, max 200`; to be freed, NULL: no memory. */
static char *describe_replications(const struct scenario_file *file)
{
    const struct scenario_until *u = &file->until;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return NULL;
    if (u->goals == 0)
        fprintf(out, "%llu", (unsigned long long)file->replications);
    for (size_t i = 0; i < u->goals; i++)
        fprintf(out, "%s %s %.6g%%", i ? "," : "until", u->goal[i].name, 100 * u->goal[i].width);
    if (u->goals > 0)
        fprintf(out, ", min %lu, max %lu", (unsigned long)u->least, (unsigned long)u->most);
    if (fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}

/* Looks that were made decided on runs that are there: they count for good. */
static size_t count_looks(struct results *r, const struct scenario_file *file)
{
    char *text = results_meta(r, "looks");
    size_t made = text ? strtoull(text, NULL, 10) : 0, may = file->until.goals > 0 ? until_looks(&file->until) : 0;
    free(text);
    return made > may ? made : may;
}

int results_update(struct results *r, const struct scenario_file *file)
{
    struct pairs meta = {0};
    char looks[32], digest[65], *replications = describe_replications(file);
    r->looks = count_looks(r, file);
    snprintf(looks, sizeof looks, "%zu", r->looks);
    sha256_hex(file->text, file->size, digest);
    set_pair(&meta, "name", 4, file->name);
    set_pair(&meta, "replications", 12, replications ? replications : "");
    set_pair(&meta, "looks", 5, looks);
    set_pair(&meta, "scenario", 8, file->text);
    set_pair(&meta, "scenario_sha256", 15, digest);
    int bad = !replications || put_pairs(r, "INSERT OR REPLACE INTO meta VALUES (?, ?)", &meta) != 0 ||
              results_execute(r, "DELETE FROM plots") != 0 || results_execute(r, "DELETE FROM measured") != 0 ||
              results_put_student(r, results_level(r)) != 0 || put_plots(r, file) != 0 ||
              results_put_theory(r, file) != 0;
    free_pairs(&meta);
    free(replications);
    return bad ? -1 : 0;
}
