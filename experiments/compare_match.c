/* SPDX-License-Identifier: BSD-2-Clause */
/* Points of two sides in pairs, by their parameters. */
#include "compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "parameter.h"

/* ---- Parameters that tell points apart --------------------------------------------------------------------------- */

/* A path that one side or both sweep. */
struct path {
    char *path;
    size_t parameter[2]; /* NONE: that side does not sweep it */
    char *unit[2];
    char *setting[2];    /* what that side sets instead; NULL: nothing */
};
#define NONE SIZE_MAX

struct paths {
    size_t n;
    struct path *path;
};

static void free_paths(struct paths *paths)
{
    for (size_t i = 0; i < paths->n; i++) {
        free(paths->path[i].path);
        for (int k = 0; k < 2; k++) {
            free(paths->path[i].unit[k]);
            free(paths->path[i].setting[k]);
        }
    }
    free(paths->path);
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct path *)a)->path, ((const struct path *)b)->path);
}

/* The path in the table, added where it is not there; NULL: no memory. */
static struct path *enter(struct paths *paths, const char *name)
{
    for (size_t i = 0; i < paths->n; i++) {
        if (strcmp(paths->path[i].path, name) == 0)
            return &paths->path[i];
    }
    struct path *more = realloc(paths->path, (paths->n + 1) * sizeof *more);
    char *copy = strdup(name);
    if (more)
        paths->path = more;
    if (!more || !copy) {
        free(copy);
        return NULL;
    }
    paths->path[paths->n] = (struct path){copy, {NONE, NONE}, {NULL, NULL}, {NULL, NULL}};
    return &paths->path[paths->n++];
}

/* The value of a setting that is not swept. */
static int read_setting(struct results *r, const char *path, char **text)
{
    sqlite3_stmt *s = results_prepare(r, "SELECT text FROM settings WHERE path = ?");
    if (!s)
        return -1;
    sqlite3_bind_text(s, 1, path, -1, SQLITE_STATIC);
    bool found = sqlite3_step(s) == SQLITE_ROW;
    *text = found ? strdup(results_text(s, 0)) : NULL;
    sqlite3_finalize(s);
    return found && !*text ? -1 : 0;
}

/* All but what a side holds fixed, by path: the order in which a side sweeps them does not matter. */
static int find_paths(struct compare_side sides[2], struct paths *paths)
{
    for (int k = 0; k < 2; k++) {
        for (size_t i = 0; i < sides[k].results.parameters; i++) {
            struct results_parameter p;
            if (results_parameter(&sides[k].results, 0, i, &p) != 0)
                return -1;
            bool fixed = compare_side_fixed(&sides[0], p.path) || compare_side_fixed(&sides[1], p.path);
            struct path *path = fixed ? NULL : enter(paths, p.path);
            if (path) {
                path->parameter[k] = i;
                path->unit[k] = p.unit;
                p.unit = NULL;
            }
            results_parameter_free(&p);
            if (!fixed && !path)
                return -1;
        }
    }
    for (size_t i = 0; i < paths->n; i++) {
        for (int k = 0; k < 2; k++) {
            struct path *p = &paths->path[i];
            if (p->parameter[k] == NONE && read_setting(&sides[k].results, p->path, &p->setting[k]) != 0)
                return -1;
        }
    }
    if (paths->n > 0)
        qsort(paths->path, paths->n, sizeof *paths->path, by_path);
    return 0;
}

/* ---- Points ------------------------------------------------------------------------------------------------------ */

struct keyed {
    size_t point;
    char *key; /* all values, in one notation */
};

/* `5%`, `0.05` and `5.0%` are the same. */
static void put_value(FILE *f, const char *text, const char *unit, double value)
{
    if (!unit || !isfinite(value))
        fprintf(f, "%s\n", text ? text : "");
    else
        fprintf(f, "%.12g\n", strcmp(unit, "%") == 0 ? value / 100 : value);
}

static int put_key(FILE *f, struct compare_side *s, int k, const struct paths *paths, size_t point)
{
    for (size_t i = 0; i < paths->n; i++) {
        const struct path *p = &paths->path[i];
        if (p->parameter[k] == NONE) {
            const char *unit = p->unit[1 - k];
            double value = unit && p->setting[k] ? parameter_value(p->setting[k], unit) : (double)NAN;
            put_value(f, p->setting[k], unit, value);
            continue;
        }
        struct results_parameter swept;
        if (results_parameter(&s->results, point, p->parameter[k], &swept) != 0)
            return -1;
        put_value(f, swept.text, swept.unit, swept.value);
        results_parameter_free(&swept);
    }
    return 0;
}

static int by_key(const void *x, const void *y)
{
    const struct keyed *a = x, *b = y;
    int order = strcmp(a->key, b->key);
    return order ? order : (a->point > b->point) - (a->point < b->point);
}

/* The side's points by key; two with the same key cannot be told apart. STATUS_... */
static int make_keys(struct compare_side *s, int k, const struct paths *paths, struct keyed *keyed)
{
    for (size_t i = 0; i < s->points; i++) {
        size_t size;
        FILE *f = open_memstream(&keyed[i].key, &size);
        if (!f)
            return STATUS_FAILED;
        keyed[i].point = s->point[i];
        int bad = put_key(f, s, k, paths, s->point[i]);
        if (fclose(f) != 0 || bad)
            return STATUS_FAILED;
    }
    qsort(keyed, s->points, sizeof *keyed, by_key);
    for (size_t i = 1; i < s->points; i++) {
        char label[2][LABEL_SIZE];
        if (strcmp(keyed[i - 1].key, keyed[i].key) != 0)
            continue;
        if (label_point(&s->results, keyed[i - 1].point, 0, label[0]) == 0 &&
            label_point(&s->results, keyed[i].point, 0, label[1]) == 0)
            fprintf(stderr, "%s: error: %s and %s would both be compared with one point of the other side; say which"
                            " with DATABASE:KEY=VALUE\n", s->word, label[0], label[1]);
        return STATUS_USAGE;
    }
    return STATUS_DONE;
}

static int by_first(const void *x, const void *y)
{
    const size_t *a = x, *b = y;
    return (a[0] > b[0]) - (a[0] < b[0]);
}

static void merge(struct compare_side sides[2], struct keyed *keyed[2], struct compare_pairs *p)
{
    size_t at[2] = {0};
    while (at[0] < sides[0].points || at[1] < sides[1].points) {
        int order = at[0] == sides[0].points   ? 1
                    : at[1] == sides[1].points ? -1
                                               : strcmp(keyed[0][at[0]].key, keyed[1][at[1]].key);
        if (order == 0) {
            p->pair[p->pairs][0] = keyed[0][at[0]++].point;
            p->pair[p->pairs++][1] = keyed[1][at[1]++].point;
        } else {
            int k = order > 0;
            p->alone_point[k][p->alone[k]++] = keyed[k][at[k]++].point;
        }
    }
    qsort(p->pair, p->pairs, sizeof *p->pair, by_first);
    for (int k = 0; k < 2; k++)
        qsort(p->alone_point[k], p->alone[k], sizeof *p->alone_point[k], by_first);
}

int compare_match(struct compare_side sides[2], struct compare_pairs *p)
{
    struct paths paths = {0};
    struct keyed *keyed[2];
    int status = find_paths(sides, &paths) == 0 ? STATUS_DONE : STATUS_FAILED;
    *p = (struct compare_pairs){.pair = calloc(sides[0].points + 1, sizeof *p->pair)};
    for (int k = 0; k < 2; k++) {
        keyed[k] = calloc(sides[k].points + 1, sizeof *keyed[k]);
        p->alone_point[k] = calloc(sides[k].points + 1, sizeof *p->alone_point[k]);
        if (!keyed[k] || !p->alone_point[k] || !p->pair)
            status = STATUS_FAILED;
    }
    for (int k = 0; k < 2 && status == STATUS_DONE; k++)
        status = make_keys(&sides[k], k, &paths, keyed[k]);
    if (status == STATUS_DONE)
        merge(sides, keyed, p);
    for (int k = 0; k < 2; k++) {
        for (size_t i = 0; i < sides[k].points && keyed[k]; i++)
            free(keyed[k][i].key);
        free(keyed[k]);
    }
    free_paths(&paths);
    if (status == STATUS_DONE && p->pairs == 0) {
        fprintf(stderr, "%s, %s: error: no point of one has the parameters of a point of the other; hold what differs"
                        " fixed with DATABASE:KEY=VALUE\n", sides[0].word, sides[1].word);
        status = STATUS_USAGE;
    }
    return status;
}

void compare_pairs_free(struct compare_pairs *p)
{
    free(p->pair);
    free(p->alone_point[0]);
    free(p->alone_point[1]);
    *p = (struct compare_pairs){0};
}
