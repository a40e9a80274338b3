/* SPDX-License-Identifier: BSD-2-Clause */
/* libfyaml's events become a tree. */
#include <libfyaml.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "setting.h"
#include "yaml.h"

enum { DEPTH_MAX = 16 };

struct reader {
    struct fy_parser *parser;
    struct fy_diag *diag;
    struct yaml_error *error;
};

static int fault(struct reader *r, struct yaml_mark mark, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static int fault(struct reader *r, struct yaml_mark mark, const char *format, ...)
{
    va_list arguments;
    r->error->mark = mark;
    va_start(arguments, format);
    vsnprintf(r->error->text, sizeof r->error->text, format, arguments);
    va_end(arguments);
    return -1;
}

static int no_memory(struct reader *r)
{
    return fault(r, (struct yaml_mark){0, 0}, "there is no memory; end other programs");
}

/* What libfyaml has to say about text that is not YAML. */
static int not_yaml(struct reader *r)
{
    void *cursor = NULL;
    const struct fy_diag_error *e = fy_diag_errors_iterate(r->diag, &cursor);
    if (!e)
        return fault(r, (struct yaml_mark){0, 0}, "this is not YAML; see a scenario of the examples");
    return fault(r, (struct yaml_mark){e->line, e->column},
                 "this is not YAML: %.300s; mind indentation, brackets and quotes, here and in "
                 "the lines before",
                 e->msg ? e->msg : "");
}

static struct yaml_mark mark_of(const struct fy_mark *m, struct yaml_mark otherwise)
{
    return m ? (struct yaml_mark){m->line + 1, m->column + 1} : otherwise;
}

/* A mark moved back over the sign that libfyaml leaves out: `*` and `&`, and quotes. */
static struct yaml_mark with_sign(struct yaml_mark m, bool sign)
{
    m.column -= sign && m.column > 1;
    return m;
}

static bool is_quoted(struct fy_token *token)
{
    enum fy_scalar_style style = fy_token_scalar_style(token);
    return style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED;
}

/* ---- Events ------------------------------------------------------------------------------------------------------ */

/* The next event; NULL: an error, which is told. */
static struct fy_event *next(struct reader *r)
{
    struct fy_event *event = fy_parser_parse(r->parser);
    if (!event)
        not_yaml(r);
    return event;
}

/* What YAML has and scenario files do not. */
static int refuse_extras(struct reader *r, struct fy_event *event, struct yaml_mark mark)
{
    if (event->type == FYET_ALIAS)
        return fault(r, with_sign(mark, true), "an alias stands here; write the value itself");
    struct fy_token *token = fy_event_get_anchor_token(event);
    if (token)
        return fault(r, with_sign(mark_of(fy_token_start_mark(token), mark), true),
                     "an anchor stands here; leave it out, and write values where they belong");
    token = fy_event_get_tag_token(event);
    if (token)
        return fault(r, mark_of(fy_token_start_mark(token), mark), "a tag stands here; leave it out");
    return 0;
}

/* A copy of a scalar's text, NULL with an error. */
static char *scalar_text(struct reader *r, struct fy_token *token, struct yaml_mark mark)
{
    size_t n = 0;
    const char *text = token ? fy_token_get_text(token, &n) : "";
    if (text && memchr(text, '\0', n)) {
        fault(r, mark, "the text holds a zero byte; leave it out");
        return NULL;
    }
    char *copy = malloc(n + 1);
    if (!text || !copy) {
        free(copy);
        no_memory(r);
        return NULL;
    }
    memcpy(copy, text, n);
    copy[n] = '\0';
    return copy;
}

/* YAML 1.2 10.3.2: these plain scalars are null. */
static bool is_null(struct fy_token *token, const char *text)
{
    return fy_token_scalar_style(token) == FYSS_PLAIN &&
           (!*text || !strcmp(text, "~") || !strcmp(text, "null") || !strcmp(text, "Null") || !strcmp(text, "NULL"));
}

/* ---- Nodes ------------------------------------------------------------------------------------------------------- */

static int read_node(struct reader *, struct yaml_node *, struct fy_event *, unsigned depth, struct yaml_mark near);

static struct yaml_item *append(struct reader *r, struct yaml_node *node)
{
    if (!(node->items & (node->items - 1))) { /* grown at powers of two */
        struct yaml_item *grown = realloc(node->item, (node->items ? 2 * node->items : 1) * sizeof *grown);
        if (!grown) {
            no_memory(r);
            return NULL;
        }
        node->item = grown;
    }
    struct yaml_item *item = &node->item[node->items++];
    *item = (struct yaml_item){.key = NULL};
    return item;
}

/* A mapping's key. The event is freed. */
static int read_key(struct reader *r, struct yaml_node *node, struct setting_table *keys, struct fy_event *event)
{
    struct yaml_mark mark = mark_of(fy_event_start_mark(event), node->mark);
    size_t earlier;
    int status = refuse_extras(r, event, mark);
    if (!status && event->type != FYET_SCALAR)
        status = fault(r, mark, "a key is a list or a mapping; write a name");
    struct yaml_item *item = status ? NULL : append(r, node);
    if (item) {
        item->mark = with_sign(mark, is_quoted(event->scalar.value));
        item->key = scalar_text(r, event->scalar.value, mark);
    }
    if (!item || !item->key)
        status = -1;
    else if (!strcmp(item->key, "<<"))
        status = fault(r, item->mark, "a merge key stands here; write the settings where they belong");
    else if (setting_table_find(keys, item->key, &earlier))
        status = fault(r, item->mark, "the key '%.60s' stands twice, first at line %d, column %d; keep one of them",
                       item->key, node->item[earlier].mark.line, node->item[earlier].mark.column);
    else if (setting_table_add(keys, item->key, node->items - 1))
        status = no_memory(r);
    fy_parser_event_free(r->parser, event);
    return status;
}

static int read_mapping(struct reader *r, struct yaml_node *node, unsigned depth)
{
    struct setting_table keys = {0, 0, NULL};
    int status = 0;
    while (!status) {
        struct fy_event *event = next(r);
        if (event && event->type == FYET_MAPPING_END) {
            fy_parser_event_free(r->parser, event);
            break;
        }
        status = event ? read_key(r, node, &keys, event) : -1;
        event = status ? NULL : next(r);
        if (!event)
            status = -1;
        else
            status = read_node(r, &node->item[node->items - 1].value, event, depth, node->item[node->items - 1].mark);
    }
    setting_table_clear(&keys);
    return status;
}

static int read_sequence(struct reader *r, struct yaml_node *node, unsigned depth)
{
    for (;;) {
        struct fy_event *event = next(r);
        if (!event)
            return -1;
        if (event->type == FYET_SEQUENCE_END) {
            fy_parser_event_free(r->parser, event);
            return 0;
        }
        struct yaml_item *item = append(r, node);
        if (!item) {
            fy_parser_event_free(r->parser, event);
            return -1;
        }
        int status = read_node(r, &item->value, event, depth, node->mark);
        item->mark = item->value.mark;
        if (status)
            return -1;
    }
}

/* The event is freed. `near` is where a node without a place of its own counts as standing. */
static int read_node(struct reader *r, struct yaml_node *node, struct fy_event *event, unsigned depth,
                     struct yaml_mark near)
{
    enum fy_event_type type = event->type;
    node->mark = mark_of(fy_event_start_mark(event), near);
    int status = refuse_extras(r, event, node->mark);
    if (!status && type == FYET_SCALAR) {
        node->mark = with_sign(node->mark, is_quoted(event->scalar.value));
        node->text = scalar_text(r, event->scalar.value, node->mark);
        status = node->text ? 0 : -1;
        node->kind = node->text && is_null(event->scalar.value, node->text) ? YAML_NULL : YAML_SCALAR;
        /* An empty value has its place behind the key, perhaps lines below: the key says it better. */
        if (node->kind == YAML_NULL && !*node->text && near.line)
            node->mark = near;
    }
    fy_parser_event_free(r->parser, event);
    if (status || type == FYET_SCALAR)
        return status;
    if (depth == DEPTH_MAX)
        return fault(r, node->mark, "this is nested too deep; a scenario needs fewer than %d levels", DEPTH_MAX);
    node->kind = type == FYET_MAPPING_START ? YAML_MAPPING : YAML_SEQUENCE;
    return type == FYET_MAPPING_START ? read_mapping(r, node, depth + 1) : read_sequence(r, node, depth + 1);
}

/* ---- The document ------------------------------------------------------------------------------------------------ */

static int read_stream(struct reader *r, struct yaml_node *root)
{
    bool seen = false;
    for (;;) {
        struct fy_event *event = next(r);
        if (!event)
            return -1;
        enum fy_event_type type = event->type;
        struct yaml_mark mark = mark_of(fy_event_start_mark(event), (struct yaml_mark){0, 0});
        bool node =
            type == FYET_MAPPING_START || type == FYET_SEQUENCE_START || type == FYET_SCALAR || type == FYET_ALIAS;
        if (node && !seen) {
            seen = true;
            if (read_node(r, root, event, 0, mark))
                return -1;
            continue;
        }
        fy_parser_event_free(r->parser, event);
        if (type == FYET_STREAM_END)
            return 0;
        /* A document that begins without `---` has no place of its own: that of its first node is told. */
        if (seen && (node || (type == FYET_DOCUMENT_START && mark.line)))
            return fault(r, mark, "a second document begins here; write one document a file");
    }
}

int yaml_read(struct yaml_node *root, const char *text, size_t size, struct yaml_error *error)
{
    struct reader r = {.error = error};
    struct fy_diag_cfg diag_config;
    fy_diag_cfg_default(&diag_config);
    diag_config.fp = NULL; /* nothing is printed: errors are collected */
    *error = (struct yaml_error){{0, 0}, ""};
    *root = (struct yaml_node){.kind = YAML_NULL};
    r.diag = fy_diag_create(&diag_config);
    if (!r.diag)
        return no_memory(&r);
    fy_diag_set_collect_errors(r.diag, true);
    struct fy_parse_cfg config = {.flags = FYPCF_QUIET | FYPCF_DEFAULT_VERSION_1_2 | FYPCF_JSON_NONE, .diag = r.diag};
    r.parser = fy_parser_create(&config);
    int status = r.parser && !fy_parser_set_string(r.parser, text, size) ? read_stream(&r, root) : no_memory(&r);
    if (r.parser)
        fy_parser_destroy(r.parser);
    fy_diag_destroy(r.diag);
    return status;
}

void yaml_free(struct yaml_node *node)
{
    for (size_t i = 0; i < node->items; i++) {
        free(node->item[i].key);
        yaml_free(&node->item[i].value);
    }
    free(node->item);
    free(node->text);
    *node = (struct yaml_node){.kind = YAML_NULL};
}

const struct yaml_item *yaml_find(const struct yaml_node *node, const char *key)
{
    for (size_t i = 0; node->kind == YAML_MAPPING && i < node->items; i++) {
        if (!strcmp(node->item[i].key, key))
            return &node->item[i];
    }
    return NULL;
}
