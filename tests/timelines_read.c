/* SPDX-License-Identifier: BSD-2-Clause */
/* A file of timelines: JSON, which libfyaml reads. What a case has that is not understood is its error. */
#include "timelines.h"

#include <libfyaml.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The first thing that is wrong stays. */
static bool wrong(struct timeline *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool wrong(struct timeline *t, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (!t->error[0])
        vsnprintf(t->error, sizeof(t->error), format, arguments);
    va_end(arguments);
    return false;
}

static struct fy_node *member(struct fy_node *of, const char *name)
{
    return of && fy_node_is_mapping(of) ? fy_node_mapping_lookup_by_string(of, name, FY_NT) : NULL;
}

static const char *text_of(struct fy_node *of, const char *name)
{
    struct fy_node *node = member(of, name);
    const char *text = node && fy_node_is_scalar(node) ? fy_node_get_scalar0(node) : NULL;
    return text ? text : "";
}

static bool number_in(const char *text, double least, double most, double *to)
{
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end || !(value >= least && value <= most))
        return false;
    *to = value;
    return true;
}

/* A member that is a number of this range; `fallback` where it is missing. */
static double number_of(struct timeline *t, struct fy_node *of, const char *name, double least, double most,
                        double fallback)
{
    double value = fallback;
    if (member(of, name) && !number_in(text_of(of, name), least, most, &value))
        wrong(t, "event %zu: %s is no number from %.0f to %.0f", t->events + 1, name, least, most);
    return value;
}

static void copy(struct timeline *t, char *to, size_t size, const char *from)
{
    if ((size_t)snprintf(to, size, "%s", from) >= size)
        wrong(t, "`%.60s...` is too long", from);
}

/* Values of later mappings take the place of earlier ones. */
static void read_values(struct timeline *t, struct fy_node *node, struct timeline_value *value, size_t *n)
{
    void *at = NULL;
    struct fy_node_pair *pair;
    if (node && !fy_node_is_mapping(node))
        wrong(t, "sysctls and options are mappings");
    while (node && fy_node_is_mapping(node) && (pair = fy_node_mapping_iterate(node, &at)) != NULL) {
        struct fy_node *given = fy_node_pair_value(pair);
        const char *name = fy_node_get_scalar0(fy_node_pair_key(pair));
        const char *text = given && fy_node_is_scalar(given) ? fy_node_get_scalar0(given) : NULL;
        size_t i = 0;
        while (name && i < *n && strcmp(value[i].name, name) != 0)
            i++;
        if (i == TIMELINE_VALUES || !name) {
            wrong(t, "there are more than %d sysctls or options", TIMELINE_VALUES);
            return;
        }
        copy(t, value[i].name, sizeof(value[i].name), name);
        if (!text || !number_in(text, -1e15, 1e15, &value[i].value))
            wrong(t, "%.60s is no number", name);
        *n += i == *n;
    }
}

/* `S.`; `-`: none */
static uint8_t read_flags(struct timeline *t, const char *text)
{
    static const struct {
        char letter;
        uint8_t flag;
    } known[] = {{'S', SYNFIN_SYN}, {'F', SYNFIN_FIN}, {'R', SYNFIN_RST}, {'P', SYNFIN_PSH},
                 {'.', SYNFIN_ACK}, {'-', 0}};
    uint8_t flags = 0;
    if (!*text)
        wrong(t, "event %zu: flags are missing; `-` stands for none", t->events + 1);
    for (; *text; text++) {
        size_t i = 0;
        while (i < sizeof(known) / sizeof(known[0]) && known[i].letter != *text)
            i++;
        if (i == sizeof(known) / sizeof(known[0])) {
            wrong(t, "event %zu: flag %c is not known", t->events + 1, *text);
            return flags;
        }
        flags |= known[i].flag;
    }
    return flags;
}

/* True: `word` is `name` and a number from 0 to `most`. */
static bool numbered(const char *word, const char *name, double most, uint32_t *to)
{
    size_t length = strlen(name);
    double value;
    if (strncmp(word, name, length) != 0 || word[length] != ' ' || !number_in(word + length + 1, 0, most, &value))
        return false;
    *to = (uint32_t)value;
    return true;
}

/* `FO 07f14aebf6be611a`; `FO`: a cookie is asked for */
static bool read_cookie(const char *word, struct timeline_segment *s)
{
    if (strncmp(word, "FO", 2) != 0)
        return false;
    char *end;
    s->options |= TIMELINE_FAST_OPEN;
    s->cookie = strtoull(word + 2, &end, 16);
    s->cookie_given = end != word + 2;
    return !*end || (!s->cookie_given && strspn(word + 2, " ") == strlen(word + 2));
}

/* `mss 1460,sackOK,TS,wscale 10,FO 07f14aebf6be611a` */
static void read_options(struct timeline *t, const char *text, bool in, struct timeline_segment *s)
{
    char copied[TIMELINE_TEXT], *rest = copied, *word;
    copy(t, copied, sizeof(copied), text);
    while ((word = strtok_r(rest, ",", &rest)) != NULL) {
        if (numbered(word, "mss", 65535, &s->mss))
            s->options |= TIMELINE_MSS;
        else if (numbered(word, "wscale", 14, &s->scale))
            s->options |= TIMELINE_SCALE;
        else if (strcmp(word, "sackOK") == 0)
            s->options |= TIMELINE_SACK_PERMITTED;
        else if (strcmp(word, "TS") == 0)
            s->options |= TIMELINE_TIMESTAMPS;
        else if (strncmp(word, "sack", 4) == 0 && !in)
            s->options |= TIMELINE_SACK;
        else if (!read_cookie(word, s))
            wrong(t, "event %zu: option `%.40s` is not known%s", t->events + 1, word, in ? " of a peer" : "");
    }
}

static void read_segment(struct timeline *t, struct fy_node *node, bool in, struct timeline_segment *s)
{
    const double numbers = UINT32_MAX;
    s->flags = read_flags(t, text_of(node, "flags"));
    s->seq = (int64_t)number_of(t, node, "seq", -numbers, numbers, 0);
    s->ack = (int64_t)number_of(t, node, "ack", -numbers, numbers, 0);
    s->length = (uint32_t)number_of(t, node, "len", 0, 65495, 0);
    s->window = (uint32_t)number_of(t, node, "win", 0, 65535, 0);
    read_options(t, text_of(node, "opt"), in, s);
    s->tsval = (uint32_t)number_of(t, node, "tsval", 0, numbers, 0);
    s->tsecr = (uint32_t)number_of(t, node, "tsecr", 0, numbers, 0);
}

static int compare_words(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void read_states(struct timeline *t, struct fy_node *node, char text[TIMELINE_TEXT])
{
    const char *word[TIMELINE_PORTS];
    size_t n = 0, length = 0;
    void *at = NULL;
    struct fy_node *item, *list = member(node, "states");
    if (!list || !fy_node_is_sequence(list)) {
        wrong(t, "event %zu: states are a list", t->events + 1);
        return;
    }
    while ((item = fy_node_sequence_iterate(list, &at)) != NULL) {
        const char *name = fy_node_is_scalar(item) ? fy_node_get_scalar0(item) : NULL;
        if (!name || n == TIMELINE_PORTS) {
            wrong(t, "event %zu: states are at most %d names", t->events + 1, TIMELINE_PORTS);
            return;
        }
        word[n++] = name;
    }
    qsort(word, n, sizeof(word[0]), compare_words);
    text[0] = '\0';
    for (size_t i = 0; i < n && length < TIMELINE_TEXT; i++)
        length += (size_t)snprintf(text + length, TIMELINE_TEXT - length, "%s ", word[i]);
}

/* False: an event that says nothing about what is to be done, or is wrong. */
static bool read_event(struct timeline *t, struct fy_node *node, struct timeline_event *e)
{
    const char *kind = text_of(node, "ev");
    double before = t->events ? e[-1].ms : 0;
    *e = (struct timeline_event){.ms = number_of(t, node, "t", 0, 1e9, -1)};
    e->port = (unsigned)number_of(t, node, "port", 1, 65535, 5000);
    bool in = strcmp(kind, "in") == 0;
    if (strcmp(kind, "note") == 0 || strcmp(kind, "info") == 0)
        return false;
    if (e->ms < before)
        return wrong(t, "event %zu: its time is missing, or before that of the last", t->events + 1);
    if (in || strcmp(kind, "out") == 0) {
        e->kind = in ? TIMELINE_IN : TIMELINE_OUT;
        read_segment(t, node, in, &e->segment);
    } else if (strcmp(kind, "api") == 0) {
        e->kind = TIMELINE_API;
        copy(t, e->text, sizeof(e->text), text_of(node, "call"));
    } else if (strcmp(kind, "state") == 0) {
        e->kind = TIMELINE_STATES;
        read_states(t, node, e->text);
    } else {
        return wrong(t, "event %zu: `%.40s` is no kind of event", t->events + 1, kind);
    }
    return true;
}

/* More connections than there is room for. */
static bool too_many_ports(const struct timeline *t)
{
    unsigned seen[TIMELINE_PORTS], n = 0;
    for (size_t i = 0; i < t->events; i++) {
        const struct timeline_event *e = &t->event[i];
        unsigned k = 0;
        while (k < n && seen[k] != e->port)
            k++;
        if (k == TIMELINE_PORTS)
            return true;
        if (k == n && (e->kind == TIMELINE_IN || e->kind == TIMELINE_OUT))
            seen[n++] = e->port;
    }
    return false;
}

static bool is_role(const char *role)
{
    return strcmp(role, "client") == 0 || strcmp(role, "listener") == 0 || strcmp(role, "none") == 0;
}

/* False: no memory. */
static bool read_case(const char *name, struct fy_node *node, struct fy_node *root, struct timeline *t)
{
    struct fy_node *setup = member(node, "setup"), *events = member(node, "events"), *item;
    size_t n = events && fy_node_is_sequence(events) ? (size_t)fy_node_sequence_item_count(events) : 0;
    *t = (struct timeline){.event = calloc(n + 1, sizeof(*t->event))};
    if (!t->event)
        return false;
    copy(t, t->name, sizeof(t->name), name ? name : "?");
    copy(t, t->role, sizeof(t->role), text_of(setup, "role"));
    if (!is_role(t->role))
        wrong(t, "role `%.40s` is none of client, listener and none", t->role);
    t->backlog = (unsigned)number_of(t, setup, "backlog", 0, 2147483647, 10);
    t->hz = (unsigned)number_of(t, root, "hz", 1, 1000000, 250);
    read_values(t, member(setup, "options"), t->option, &t->options);
    read_values(t, member(root, "defaults"), t->sysctl, &t->sysctls);
    read_values(t, member(node, "sysctls"), t->sysctl, &t->sysctls);
    void *at = NULL;
    while (n && !t->error[0] && (item = fy_node_sequence_iterate(events, &at)) != NULL)
        t->events += read_event(t, item, &t->event[t->events]);
    if (t->events == 0)
        wrong(t, "there are no events");
    else if (too_many_ports(t))
        wrong(t, "there are more than %d connections", TIMELINE_PORTS);
    return true;
}

void timeline_free(struct timeline *t, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(t[i].event);
    free(t);
}

int timeline_read(const char *file, struct timeline **all)
{
    struct fy_parse_cfg cfg = {.flags = FYPCF_JSON_FORCE | FYPCF_QUIET};
    struct fy_document *document = fy_document_build_from_file(&cfg, file);
    struct fy_node *root = document ? fy_document_root(document) : NULL, *cases = member(root, "cases");
    int count = cases && fy_node_is_mapping(cases) ? fy_node_mapping_item_count(cases) : 0, n = 0;
    if (count == 0) {
        fprintf(stderr, "%s: no JSON file with timelines under `cases`\n", file);
        fy_document_destroy(document);
        return -1;
    }
    *all = calloc((size_t)count, sizeof(**all));
    void *at = NULL;
    struct fy_node_pair *pair;
    while (*all && n < count && (pair = fy_node_mapping_iterate(cases, &at)) != NULL) {
        if (!read_case(fy_node_get_scalar0(fy_node_pair_key(pair)), fy_node_pair_value(pair), root, &(*all)[n++])) {
            timeline_free(*all, (size_t)n);
            *all = NULL;
        }
    }
    fy_document_destroy(document);
    if (!*all)
        fprintf(stderr, "%s: out of memory\n", file);
    return *all ? n : -1;
}
