/* SPDX-License-Identifier: BSD-2-Clause */
/* YAML 1.2 text as a tree of nodes that know where they stand. One document without anchors, aliases, tags. */
#ifndef SYNFIN_YAML_H
#define SYNFIN_YAML_H

#include <stdbool.h>
#include <stddef.h>

enum yaml_kind { YAML_NULL, YAML_SCALAR, YAML_SEQUENCE, YAML_MAPPING };

/* From 1; 0: none in particular. */
struct yaml_mark {
    int line, column;
};

struct yaml_node {
    enum yaml_kind kind;
    struct yaml_mark mark;
    char *text; /* of a scalar */
    size_t items;
    struct yaml_item *item; /* of a mapping or a sequence */
};

struct yaml_item {
    char *key;             /* NULL in a sequence; unique in a mapping */
    struct yaml_mark mark; /* the key's, in a sequence the value's */
    struct yaml_node value;
};

struct yaml_error {
    struct yaml_mark mark;
    char text[512]; /* `what was wrong; what would be right` */
};

/* 0, or -1 with an error. The root is YAML_NULL where there is nothing but comments. */
int yaml_read(struct yaml_node *root, const char *text, size_t size, struct yaml_error *);
void yaml_free(struct yaml_node *);

/* A mapping's value by key, NULL: there is none. */
const struct yaml_item *yaml_find(const struct yaml_node *, const char *key);

#endif
