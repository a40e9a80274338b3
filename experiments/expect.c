/* SPDX-License-Identifier: BSD-2-Clause */
#include "expect.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fields.h"
#include "setting.h"

enum { WORDS_MAX = 8, NAME_MAX_LENGTH = 255, LIST_MAX = 32 };

static const struct {
    const char *text;
    enum expect_relation relation;
} relations[] = {
    /* `<=` before `<`: the first that fits is taken. */
    {"==", EXPECT_EQ}, {"!=", EXPECT_NE}, {"<=", EXPECT_LE}, {">=", EXPECT_GE}, {"<", EXPECT_LT}, {">", EXPECT_GT},
};

/* ---- Names ------------------------------------------------------------------------------------------------------- */

/* What a name stands for: its unit, and where results are at hand its value. */
enum unit { UNIT_COUNT, UNIT_BYTES, UNIT_MS, UNIT_S };

struct look_up {
    const struct synfin_results *results; /* NULL: only whether there can be such a name */
    const char *word[WORDS_MAX];
    size_t words;
    enum unit unit;
    double value;
    char *error;
    size_t size;
};

/* First words, metrics apart; from MACHINE on, what depends on the machine: no part of a simulation's results. */
static const char *const heads[] = {"connections", "segments", "workloads", "links", "simulated_s", "events",
                                    "wall_s", "events_per_s", "connections_per_s", "peak_rss_mib"};
enum { MACHINE = 6, HEADS = sizeof heads / sizeof heads[0] };

static bool of_machine(const char *name)
{
    for (size_t i = MACHINE; i < HEADS; i++) {
        if (strcmp(name, heads[i]) == 0)
            return true;
    }
    return false;
}

static int found(struct look_up *l, enum unit unit, double value)
{
    l->unit = unit;
    l->value = value;
    return 0;
}

static int fail(struct look_up *l, const char *text)
{
    snprintf(l->error, l->size, "%s", text);
    return -1;
}

static int unknown(struct look_up *l, const char *what, const char *word, const char *const *names, size_t n)
{
    setting_unknown(l->error, l->size, what, word, names, n);
    return -1;
}

static int unknown_field(struct look_up *l, const char *what, const char *word, const struct field *table,
                         const struct field_group *groups)
{
    const char *names[LIST_MAX];
    size_t n = 0;

    for (const struct field *f = table; f->name; f++)
        names[n++] = f->name;
    for (const struct field_group *g = groups; g && g->name; g++)
        names[n++] = g->name;
    return unknown(l, what, word, names, n);
}

/* The word at `i`; NULL after an error where the name ends before or goes on after it. */
static const char *last_word(struct look_up *l, size_t i, const char *what)
{
    if (l->words == i + 1)
        return l->word[i];
    if (l->words > i + 1)
        snprintf(l->error, l->size, "there is nothing below '%s', but '%s' follows", l->word[i], l->word[i + 1]);
    else
        snprintf(l->error, l->size, "the name ends too early; %s follows", what);
    return NULL;
}

static int look_up_field(struct look_up *l, size_t i, const char *what, const struct field *table, const void *counts)
{
    const char *word = last_word(l, i, what);
    if (!word)
        return -1;
    const struct field *f = field_find(table, word);
    if (!f)
        return unknown_field(l, what, word, table, NULL);
    enum unit unit = strcmp(f->name, "bytes") == 0 ? UNIT_BYTES : UNIT_COUNT;
    return found(l, unit, counts ? (double)field_value(f, counts) : 0);
}

static const char *group_what(const struct field_group *group)
{
    return group == &connection_groups[GROUP_TIME_WAIT] ? "a count of TIME-WAIT" : "a reason of failure";
}

static int look_up_connections(struct look_up *l, size_t i, const struct synfin_connection_counts *counts)
{
    const struct field_group *group = i < l->words ? group_find(l->word[i]) : NULL;
    if (group)
        return look_up_field(l, i + 1, group_what(group), group->fields, counts);
    if (i + 1 == l->words && !field_find(connection_fields, l->word[i]))
        return unknown_field(l, "a count of connections", l->word[i], connection_fields,
                             connection_groups);
    return look_up_field(l, i, "a count of connections", connection_fields, counts);
}

/* The direction named by the word at `i`, or -1. */
static int direction(struct look_up *l, size_t i)
{
    if (i == l->words)
        return fail(l, "the name ends too early; a direction, 'forward' or 'backward', follows");
    for (int d = 0; d < 2; d++) {
        if (strcmp(l->word[i], direction_names[d]) == 0)
            return d;
    }
    return unknown(l, "a direction", l->word[i], direction_names, 2);
}

static int look_up_segments(struct look_up *l, size_t i, const struct synfin_workload_results *w)
{
    int d = direction(l, i);
    return d < 0 ? -1 : look_up_field(l, i + 1, "a count of segments", segment_fields, w ? &w->segments[d] : NULL);
}

static int look_up_metric(struct look_up *l, size_t i, int metric, const struct synfin_workload_results *w)
{
    const char *word = last_word(l, i, "a statistic ('mean', 'p99' ...)");
    if (!word)
        return -1;
    int what = summary_find(word);
    if (what < 0)
        return unknown(l, "a statistic", word, summary_names, SUMMARIES);
    return found(l, what == SUMMARY_COUNT ? UNIT_COUNT : UNIT_MS,
                 w ? summary_value(w->metric[metric], (enum summary)what) : 0);
}

static int look_up_workload(struct look_up *l)
{
    const struct synfin_workload_results *w = NULL;

    if (l->words < 3)
        return fail(l, "the name ends too early; a workload's name and what of it follows");
    for (size_t i = 0; l->results && i < l->results->workloads && !w; i++) {
        if (strcmp(l->results->workload[i].name, l->word[1]) == 0)
            w = &l->results->workload[i];
    }
    if (l->results && !w) {
        snprintf(l->error, l->size, "there is no workload '%s'", l->word[1]);
        return -1;
    }
    if (strcmp(l->word[2], "connections") == 0)
        return look_up_connections(l, 3, w ? &w->connections : NULL);
    if (strcmp(l->word[2], "segments") == 0)
        return look_up_segments(l, 3, w);
    int metric = synfin_metric_find(l->word[2]);
    if (metric >= 0)
        return look_up_metric(l, 3, metric, w);
    const char *names[SYNFIN_METRICS + 2] = {"connections", "segments"};
    for (int i = 0; i < SYNFIN_METRICS; i++)
        names[2 + i] = synfin_metric_name((enum synfin_metric)i);
    return unknown(l, "a result of a workload", l->word[2], names, SYNFIN_METRICS + 2);
}

static int look_up_link(struct look_up *l)
{
    const struct synfin_link_results *link = NULL;

    if (l->words < 2)
        return fail(l, "the name ends too early; a link's name follows");
    for (size_t i = 0; l->results && i < l->results->links && !link; i++) {
        if (strcmp(l->results->link[i].name, l->word[1]) == 0)
            link = &l->results->link[i];
    }
    if (l->results && !link) {
        snprintf(l->error, l->size, "there is no link '%s'", l->word[1]);
        return -1;
    }
    int d = direction(l, 2);
    return d < 0 ? -1 : look_up_field(l, 3, "a count of a link", link_fields, link ? &link->direction[d] : NULL);
}

static int unknown_head(struct look_up *l)
{
    const char *names[HEADS + SYNFIN_METRICS];

    if (strcmp(l->word[0], "latency_ms") == 0)
        return fail(l, "'latency_ms.' is left out; write 'setup.p50'");
    memcpy(names, heads, sizeof heads);
    for (int i = 0; i < SYNFIN_METRICS; i++)
        names[HEADS + i] = synfin_metric_name((enum synfin_metric)i);
    return unknown(l, "a result", l->word[0], names, HEADS + SYNFIN_METRICS);
}

static int look_up_single(struct look_up *l)
{
    const char *word = last_word(l, 0, "nothing");

    if (!word)
        return -1;
    if (strcmp(word, "simulated_s") == 0)
        return found(l, UNIT_S, l->results ? (double)l->results->simulated / 1e9 : 0);
    if (strcmp(word, "events") == 0)
        return found(l, UNIT_COUNT, l->results ? (double)l->results->events : 0);
    if (l->results) {
        snprintf(l->error, l->size, "'%s' depends on the machine; only `synfin run` knows it", word);
        return -1;
    }
    return found(l, strcmp(word, "wall_s") == 0 ? UNIT_S : UNIT_COUNT, 0);
}

static int look_up(struct look_up *l, const char *name)
{
    char words[NAME_MAX_LENGTH + 1];
    const struct synfin_workload_results *total = l->results ? &l->results->total : NULL;

    if (strlen(name) > NAME_MAX_LENGTH)
        return fail(l, "the name is too long");
    strcpy(words, name);
    for (char *word = words; word; l->words++) {
        char *dot = strchr(word, '.');
        if (dot)
            *dot++ = '\0';
        if (*word == '\0')
            return fail(l, "a name is words with one dot between them, such as 'setup.p50'");
        if (l->words == WORDS_MAX)
            return fail(l, "the name has too many parts");
        l->word[l->words] = word;
        word = dot;
    }
    int metric = synfin_metric_find(l->word[0]);
    if (metric >= 0)
        return look_up_metric(l, 1, metric, total);
    if (strcmp(l->word[0], "connections") == 0)
        return look_up_connections(l, 1, total ? &total->connections : NULL);
    if (strcmp(l->word[0], "segments") == 0)
        return look_up_segments(l, 1, total);
    if (strcmp(l->word[0], "workloads") == 0)
        return look_up_workload(l);
    if (strcmp(l->word[0], "links") == 0)
        return look_up_link(l);
    if (strcmp(l->word[0], "simulated_s") == 0 || strcmp(l->word[0], "events") == 0 || of_machine(l->word[0]))
        return look_up_single(l);
    return unknown_head(l);
}

int expect_lookup(const struct synfin_results *results, const char *name, double *value)
{
    char error[256];
    struct look_up l = {.results = results, .error = error, .size = sizeof error};

    if (look_up(&l, name) != 0)
        return -1;
    *value = l.value;
    return 0;
}

/* ---- Statements -------------------------------------------------------------------------------------------------- */

/* A plain decimal number, all of the text. */
static bool plain_number(const char *text, double *value)
{
    char *end;
    if (text[strspn(text, "+-.0123456789eE")] != '\0' || !strpbrk(text, "0123456789"))
        return false;
    *value = strtod(text, &end);
    return *end == '\0' && isfinite(*value);
}

static int parse_value(const char *text, enum unit unit, double *value, char *error, size_t size)
{
    synfin_time duration;
    uint64_t bytes;

    switch (unit) {
    case UNIT_MS:
    case UNIT_S:
        if (setting_duration(text, &duration, error, size) != 0)
            return -1;
        *value = (double)duration / (unit == UNIT_MS ? 1e6 : 1e9);
        return 0;
    case UNIT_BYTES:
        if (plain_number(text, value))
            return 0;
        if (setting_size(text, &bytes, error, size) != 0)
            return -1;
        *value = (double)bytes;
        return 0;
    default:
        if (plain_number(text, value))
            return 0;
        snprintf(error, size, "'%s' is not a plain number; write for example '== 0'", text);
        return -1;
    }
}

static char *trimmed(const char *from, const char *end)
{
    while (from < end && isspace((unsigned char)*from))
        from++;
    while (end > from && isspace((unsigned char)end[-1]))
        end--;
    return strndup(from, (size_t)(end - from));
}

static int parse(struct expect *e, const char *text, char *error, size_t size)
{
    struct look_up l = {.error = error, .size = size};
    const char *operator = text + strcspn(text, "=!<>");
    size_t i = 0, n = sizeof relations / sizeof relations[0];

    while (i < n && strncmp(operator, relations[i].text, strlen(relations[i].text)) != 0)
        i++;
    if (i == n) {
        snprintf(error, size,
                 "'%s' compares nothing; write NAME, one of == != < <= > >=, and a value: 'setup.p50 == 20ms'", text);
        return -1;
    }
    const char *right = operator + strlen(relations[i].text);
    char *value = trimmed(right, right + strlen(right));
    e->relation = relations[i].relation;
    e->text = trimmed(text, text + strlen(text));
    e->name = trimmed(text, operator);
    if (!value || !e->text || !e->name) {
        free(value);
        snprintf(error, size, "out of memory");
        return -1;
    }
    int status = look_up(&l, e->name);
    if (status == 0)
        status = parse_value(value, l.unit, &e->value, error, size);
    e->unit = l.unit == UNIT_MS ? " ms" : l.unit == UNIT_S ? " s" : "";
    free(value);
    return status;
}

int expect_parse(struct expect *e, const char *text, char *error, size_t size)
{
    *e = (struct expect){0};
    if (parse(e, text, error, size) == 0)
        return 0;
    expect_free(e);
    return -1;
}

void expect_free(struct expect *e)
{
    free(e->text);
    free(e->name);
    *e = (struct expect){0};
}

bool expect_of_machine(const struct expect *e)
{
    return of_machine(e->name);
}

bool expect_holds(const struct expect *e, double value)
{
    if (isnan(value))
        return false;
    switch (e->relation) {
    case EXPECT_EQ: return value == e->value;
    case EXPECT_NE: return value != e->value;
    case EXPECT_LT: return value < e->value;
    case EXPECT_LE: return value <= e->value;
    case EXPECT_GT: return value > e->value;
    case EXPECT_GE: return value >= e->value;
    }
    return false;
}

int expect_evaluate(const struct expect *e, const struct synfin_results *results, bool *holds, double *value,
                    char *error, size_t size)
{
    struct look_up l = {.results = results, .error = error, .size = size};

    if (look_up(&l, e->name) != 0)
        return -1;
    *value = l.value;
    *holds = expect_holds(e, l.value);
    return 0;
}
