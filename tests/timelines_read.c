/* SPDX-License-Identifier: BSD-2-Clause */
/* A file of timelines: JSON, which libfyaml reads. */
#include "timelines.h"

#include <libfyaml.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct fy_node *member(struct fy_node *of, const char *name)
{
    return of ? fy_node_mapping_lookup_by_string(of, name, FY_NT) : NULL;
}

static const char *text_of(struct fy_node *of, const char *name)
{
    struct fy_node *node = member(of, name);
    const char *text = node ? fy_node_get_scalar0(node) : NULL;
    return text ? text : "";
}

static double number_of(struct fy_node *of, const char *name, double fallback)
{
    const char *text = text_of(of, name);
    return *text ? strtod(text, NULL) : fallback;
}

static void copy(char *to, size_t size, const char *from)
{
    snprintf(to, size, "%s", from);
}

static size_t read_values(struct fy_node *node, struct timeline_value value[TIMELINE_VALUES])
{
    size_t n = 0;
    void *at = NULL;
    struct fy_node_pair *pair;
    while (node && n < TIMELINE_VALUES && (pair = fy_node_mapping_iterate(node, &at)) != NULL) {
        const char *name = fy_node_get_scalar0(fy_node_pair_key(pair));
        const char *text = fy_node_get_scalar0(fy_node_pair_value(pair));
        if (!name || !text)
            continue;
        copy(value[n].name, sizeof(value[n].name), name);
        value[n++].value = strtod(text, NULL);
    }
    return n;
}

static uint8_t read_flags(const char *text)
{
    static const struct {
        char letter;
        uint8_t flag;
    } known[] = {{'S', SYNFIN_SYN}, {'F', SYNFIN_FIN}, {'R', SYNFIN_RST}, {'P', SYNFIN_PSH}, {'.', SYNFIN_ACK}};
    uint8_t flags = 0;
    for (; *text; text++) {
        for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
            flags |= *text == known[i].letter ? known[i].flag : 0;
    }
    return flags;
}

/* `mss 1460,sackOK,TS,wscale 10,FO 07f14aebf6be611a` */
static void read_options(const char *text, struct timeline_segment *s)
{
    char copied[TIMELINE_TEXT], *rest = copied, *word;
    copy(copied, sizeof(copied), text);
    while ((word = strtok_r(rest, ",", &rest)) != NULL) {
        if (sscanf(word, "mss %u", &s->mss) == 1)
            s->options |= TIMELINE_MSS;
        else if (sscanf(word, "wscale %u", &s->scale) == 1)
            s->options |= TIMELINE_SCALE;
        else if (strcmp(word, "sackOK") == 0)
            s->options |= TIMELINE_SACK_PERMITTED;
        else if (strcmp(word, "TS") == 0)
            s->options |= TIMELINE_TIMESTAMPS;
        else if (strncmp(word, "sack", 4) == 0)
            s->options |= TIMELINE_SACK;
        else if (strncmp(word, "FO", 2) == 0) {
            char *end;
            s->options |= TIMELINE_FAST_OPEN;
            s->cookie = strtoull(word + 2, &end, 16);
            s->cookie_given = end != word + 2;
        }
    }
}

static void read_segment(struct fy_node *node, struct timeline_segment *s)
{
    s->flags = read_flags(text_of(node, "flags"));
    s->seq = (int64_t)number_of(node, "seq", 0);
    s->ack = (int64_t)number_of(node, "ack", 0);
    s->length = (uint32_t)number_of(node, "len", 0);
    s->window = (uint32_t)number_of(node, "win", 0);
    read_options(text_of(node, "opt"), s);
    s->tsval = (uint32_t)number_of(node, "tsval", 0);
    s->tsecr = (uint32_t)number_of(node, "tsecr", 0);
}

static int compare_words(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void read_states(struct fy_node *node, char text[TIMELINE_TEXT])
{
    const char *word[TIMELINE_PORTS];
    size_t n = 0, length = 0;
    void *at = NULL;
    struct fy_node *item, *list = member(node, "states");
    while (list && n < TIMELINE_PORTS && (item = fy_node_sequence_iterate(list, &at)) != NULL)
        word[n++] = fy_node_get_scalar0(item);
    qsort(word, n, sizeof(word[0]), compare_words);
    text[0] = '\0';
    for (size_t i = 0; i < n && length < TIMELINE_TEXT; i++)
        length += (size_t)snprintf(text + length, TIMELINE_TEXT - length, "%s ", word[i]);
}

/* False: an event that says nothing about what is to be done. */
static bool read_event(struct fy_node *node, struct timeline_event *e)
{
    const char *kind = text_of(node, "ev");
    *e = (struct timeline_event){.ms = number_of(node, "t", 0)};
    e->port = (unsigned)number_of(node, "port", 5000);
    if (strcmp(kind, "in") == 0 || strcmp(kind, "out") == 0) {
        e->kind = strcmp(kind, "in") == 0 ? TIMELINE_IN : TIMELINE_OUT;
        read_segment(node, &e->segment);
    } else if (strcmp(kind, "api") == 0) {
        e->kind = TIMELINE_API;
        copy(e->text, sizeof(e->text), text_of(node, "call"));
    } else if (strcmp(kind, "state") == 0) {
        e->kind = TIMELINE_STATES;
        read_states(node, e->text);
    } else {
        return false;
    }
    return true;
}

static bool read_case(const char *name, struct fy_node *node, struct timeline *t)
{
    struct fy_node *setup = member(node, "setup"), *events = member(node, "events"), *item;
    *t = (struct timeline){0};
    if (!name || !setup || !events || !fy_node_is_sequence(events))
        return false;
    copy(t->name, sizeof(t->name), name);
    copy(t->role, sizeof(t->role), text_of(setup, "role"));
    t->backlog = (unsigned)number_of(setup, "backlog", 10);
    t->options = read_values(member(setup, "options"), t->option);
    t->sysctls = read_values(member(node, "sysctls"), t->sysctl);
    t->event = calloc((size_t)fy_node_sequence_item_count(events) + 1, sizeof(*t->event));
    void *at = NULL;
    while (t->event && (item = fy_node_sequence_iterate(events, &at)) != NULL)
        t->events += read_event(item, &t->event[t->events]);
    return t->event != NULL;
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
    struct fy_node *cases = document ? member(fy_document_root(document), "cases") : NULL;
    if (!cases || !fy_node_is_mapping(cases)) {
        fprintf(stderr, "%s: no JSON file with timelines under `cases`\n", file);
        fy_document_destroy(document);
        return -1;
    }
    int n = 0;
    *all = calloc((size_t)fy_node_mapping_item_count(cases) + 1, sizeof(**all));
    void *at = NULL;
    struct fy_node_pair *pair;
    while (*all && (pair = fy_node_mapping_iterate(cases, &at)) != NULL) {
        const char *name = fy_node_get_scalar0(fy_node_pair_key(pair));
        if (read_case(name, fy_node_pair_value(pair), &(*all)[n]))
            n++;
        else
            fprintf(stderr, "%s: case %s: no `setup` or no `events`\n", file, name ? name : "?");
    }
    fy_document_destroy(document);
    return *all ? n : -1;
}
