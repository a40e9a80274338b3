/* SPDX-License-Identifier: BSD-2-Clause */
/* One side of a comparison: a database, and which of its points. */
#include "compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "parameter.h"
#include "setting.h"

/* ---- Conditions -------------------------------------------------------------------------------------------------- */

/* The end of the database's name: the first colon before which there is a file; the whole word where it is one. */
static size_t name_length(const char *word)
{
    size_t length = strlen(word);
    for (const char *colon = strchr(word, ':'); colon && access(word, F_OK) != 0; colon = strchr(colon + 1, ':')) {
        char *name = strndup(word, (size_t)(colon - word));
        bool there = name && access(name, F_OK) == 0;
        free(name);
        if (there)
            return (size_t)(colon - word);
    }
    return length;
}

/* Whether `key` is the path, or whole words of it: `loss` of `links.wan.both.loss.p`. */
static bool names(const char *key, const char *path)
{
    size_t length = strlen(key);
    for (const char *at = path; (at = strstr(at, key)); at++) {
        if ((at == path || at[-1] == '.') && (at[length] == '\0' || at[length] == '.'))
            return length > 0;
    }
    return false;
}

/* What is wrong with a key, with the paths that it may be. */
static int bad_key(struct compare_side *s, const char *key, bool several)
{
    fprintf(stderr, "%s: error: ", s->word);
    if (s->results.parameters == 0)
        fprintf(stderr, "its scenario sweeps nothing; give the database alone");
    else if (several)
        fprintf(stderr, "'%s' may be several parameters; give the whole path:", key);
    else
        fprintf(stderr, "its sweep does not vary '%s'; it varies", key);
    for (size_t i = 0; i < s->results.parameters; i++) {
        struct results_parameter p;
        if (results_parameter(&s->results, 0, i, &p) != 0)
            break;
        fprintf(stderr, "%s %s", i ? "," : "", p.path);
        results_parameter_free(&p);
    }
    fputc('\n', stderr);
    return STATUS_USAGE;
}

static int add_condition(struct compare_side *s, const char *key, const char *text)
{
    struct compare_condition found = {0};
    size_t matches = 0;
    for (size_t i = 0; i < s->results.parameters; i++) {
        struct results_parameter p;
        if (results_parameter(&s->results, 0, i, &p) != 0)
            return STATUS_FAILED;
        bool whole = strcmp(key, p.path) == 0;
        if (whole || names(key, p.path)) {
            free(found.path);
            found = (struct compare_condition){i, p.path, NULL};
            p.path = NULL;
            matches = whole ? 1 : matches + 1;
        }
        results_parameter_free(&p);
        if (whole)
            break;
    }
    struct compare_condition *more = realloc(s->condition, (s->conditions + 1) * sizeof *more);
    if (more)
        s->condition = more;
    found.text = strdup(text);
    if (matches != 1 || !more || !found.text) {
        free(found.path);
        free(found.text);
        return matches != 1 ? bad_key(s, key, matches > 1) : STATUS_FAILED;
    }
    s->condition[s->conditions++] = found;
    return STATUS_DONE;
}

/* `KEY=VALUE,KEY=VALUE`; commas within brackets are the value's. */
static int read_conditions(struct compare_side *s, char *text)
{
    int status = STATUS_DONE;
    while (*text && status == STATUS_DONE) {
        int depth = 0;
        char *end = text;
        for (; *end && (*end != ',' || depth > 0); end++)
            depth += (*end == '[' || *end == '{') - (*end == ']' || *end == '}');
        char *next = *end ? end + 1 : end, *equals;
        *end = '\0';
        equals = strchr(text, '=');
        if (!equals || equals == text || !equals[1]) {
            fprintf(stderr, "%s: error: '%s' is no condition; write DATABASE:KEY=VALUE, such as"
                            " results.db:links.wan.both.loss.p=5%%\n", s->word, text);
            return STATUS_USAGE;
        }
        *equals = '\0';
        status = add_condition(s, text, equals + 1);
        text = next;
    }
    return status;
}

bool compare_side_fixed(const struct compare_side *s, const char *path)
{
    for (size_t i = 0; i < s->conditions; i++) {
        if (strcmp(s->condition[i].path, path) == 0)
            return true;
    }
    return false;
}

/* ---- Points ------------------------------------------------------------------------------------------------------ */

/* Whether a parameter has the condition's value, however either is written; -1 after an error. */
static int meets(struct compare_side *s, size_t point, const struct compare_condition *c)
{
    struct results_parameter p;
    if (results_parameter(&s->results, point, c->parameter, &p) != 0)
        return -1;
    double wanted = p.unit ? parameter_value(c->text, p.unit) : (double)NAN;
    bool equal = strcmp(p.text, c->text) == 0 || fabs(wanted - p.value) <= 1e-12 * fabs(p.value);
    results_parameter_free(&p);
    return equal;
}

/* What the first condition that no point meets could be. */
static int no_point(struct compare_side *s)
{
    fprintf(stderr, "%s: error: no point with runs is like that; there are", s->word);
    for (size_t i = 0; i < s->conditions; i++) {
        sqlite3_stmt *q = results_prepare(&s->results, "SELECT text FROM parameters WHERE position = ?"
                                                       " GROUP BY text ORDER BY min(point)");
        if (!q)
            return STATUS_FAILED;
        sqlite3_bind_int64(q, 1, (int64_t)s->condition[i].parameter);
        for (int n = 0; sqlite3_step(q) == SQLITE_ROW; n++)
            fprintf(stderr, "%s %s%s%s", n ? "," : i ? ";" : "", n ? "" : s->condition[i].path, n ? "" : "=",
                    results_text(q, 0));
        sqlite3_finalize(q);
    }
    fputc('\n', stderr);
    return STATUS_USAGE;
}

static int find_points(struct compare_side *s)
{
    sqlite3_stmt *q = results_prepare(&s->results, "SELECT DISTINCT point FROM runs WHERE status = 'done'"
                                                   " ORDER BY point");
    s->point = calloc(s->results.points + 1, sizeof *s->point);
    int code = SQLITE_NOMEM, met = 1;
    bool runs = false;
    while (q && s->point && s->points < s->results.points && (code = sqlite3_step(q)) == SQLITE_ROW && met >= 0) {
        size_t point = (size_t)sqlite3_column_int64(q, 0);
        runs = true;
        met = 1;
        for (size_t i = 0; i < s->conditions && met > 0; i++)
            met = meets(s, point, &s->condition[i]);
        if (met > 0)
            s->point[s->points++] = point;
    }
    sqlite3_finalize(q);
    if ((code != SQLITE_DONE && code != SQLITE_ROW) || met < 0)
        return STATUS_FAILED;
    if (!runs) {
        fprintf(stderr, "%s: error: no run is done yet; go on with synfin sweep\n", s->results.path);
        return STATUS_USAGE;
    }
    return s->points > 0 ? STATUS_DONE : no_point(s);
}

/* ---- Opening ----------------------------------------------------------------------------------------------------- */

static int read_meta(struct compare_side *s)
{
    char *random = results_meta(&s->results, "random");
    s->common = random && strcmp(random, "common") == 0;
    free(random);
    s->name = results_meta(&s->results, "name");
    s->seed = results_meta(&s->results, "seed");
    s->version = results_meta(&s->results, "synfin");
    s->replications = results_meta(&s->results, "replications");
    return s->name && s->seed && s->version && s->replications ? STATUS_DONE : STATUS_FAILED;
}

int compare_side_open(struct compare_side *s, const char *word)
{
    size_t length = name_length(word);
    char *path = strndup(word, length), *conditions = word[length] ? strdup(word + length + 1) : NULL;
    *s = (struct compare_side){.word = word};
    int status = path && (conditions || !word[length]) ? results_open(&s->results, path) : STATUS_FAILED;
    if (status == STATUS_DONE && results_execute(&s->results, "BEGIN") != 0) /* what a sweep adds is not seen */
        status = STATUS_FAILED;
    if (status == STATUS_DONE)
        status = read_meta(s);
    if (status == STATUS_DONE && conditions)
        status = read_conditions(s, conditions);
    if (status == STATUS_DONE)
        status = find_points(s);
    free(path);
    free(conditions);
    return status;
}

void compare_side_close(struct compare_side *s)
{
    for (size_t i = 0; i < s->conditions; i++) {
        free(s->condition[i].path);
        free(s->condition[i].text);
    }
    free(s->condition);
    free(s->point);
    free(s->name);
    free(s->seed);
    free(s->version);
    free(s->replications);
    results_close(&s->results);
    *s = (struct compare_side){0};
}
