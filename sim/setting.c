/* SPDX-License-Identifier: BSD-2-Clause */
/* Settings by path and layer. What they mean is scenario.c's business. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "setting.h"

struct synfin_settings *synfin_settings_new(void)
{
    return calloc(1, sizeof(struct synfin_settings));
}

void synfin_settings_free(struct synfin_settings *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->used; i++)
        free((char *)s->setting[i].path);
    free(s->setting);
    setting_table_clear(&s->keys);
    free(s);
}

/* Appends a setting; path, key and text share one allocation that begins with the path. */
static int append(struct synfin_settings *s, const char *path, const char *key, const char *text, uint64_t tag,
                  uint32_t layer)
{
    if (s->used == s->room) {
        size_t room = s->room ? 2 * s->room : 32;
        struct setting *grown = realloc(s->setting, room * sizeof *grown);
        if (!grown)
            return -1;
        s->setting = grown;
        s->room = room;
    }
    size_t p = strlen(path) + 1, k = strlen(key) + 1, t = strlen(text) + 1;
    char *block = malloc(p + k + t);
    if (!block)
        return -1;
    memcpy(block, path, p);
    memcpy(block + p, key, k);
    memcpy(block + p + k, text, t);
    s->setting[s->used] = (struct setting){block, block + p + k, block + p, tag, layer};
    if (setting_table_add(&s->keys, block + p, s->used)) {
        free(block);
        return -1;
    }
    s->used++;
    return 0;
}

struct synfin_settings *synfin_settings_copy(const struct synfin_settings *from)
{
    struct synfin_settings *to = synfin_settings_new();
    if (!to)
        return NULL;
    for (size_t i = 0; i < from->used; i++) {
        const struct setting *s = &from->setting[i];
        if (append(to, s->path, s->key, s->text, s->tag, s->layer)) {
            synfin_settings_free(to);
            return NULL;
        }
    }
    to->layer = from->layer;
    return to;
}

int synfin_settings_layer(struct synfin_settings *s)
{
    s->layer++;
    return 0;
}

static int refuse(struct synfin_error *error, const char *path, uint64_t tag, const char *text)
{
    *error = (struct synfin_error){.tag = tag};
    snprintf(error->path, sizeof error->path, "%s", path);
    snprintf(error->text, sizeof error->text, "%s", text);
    return -1;
}

/* Words of letters, digits, `_` and `-`, joined by dots. */
static bool well_formed(const char *path)
{
    for (bool first = true;; path++) {
        if (*path == '.' || !*path) {
            if (first)
                return false;
            if (!*path)
                return true;
            first = true;
        } else if (isalnum((unsigned char)*path) || *path == '_' || *path == '-') {
            first = false;
        } else {
            return false;
        }
    }
}

/* Leaves out the components `0`. */
static void make_key(const char *path, char *key)
{
    char *out = key;
    while (*path) {
        size_t n = strcspn(path, ".");
        if (n != 1 || *path != '0') {
            if (out > key)
                *out++ = '.';
            memcpy(out, path, n);
            out += n;
        }
        path += n + (path[n] == '.');
    }
    *out = '\0';
}

int synfin_settings_set(struct synfin_settings *s, const char *path, const char *text, uint64_t tag,
                        struct synfin_error *error)
{
    char key[sizeof error->path];
    size_t earlier;
    if (strlen(path) >= sizeof key)
        return refuse(error, path, tag, "the path is too long; it has at most 255 characters");
    if (!well_formed(path))
        return refuse(error, path, tag,
                      "this is not a path; write names of letters, digits, '_' and '-' joined by dots, such as "
                      "links.wan.forward.loss.p");
    make_key(path, key);
    if (setting_table_find(&s->keys, key, &earlier) && s->setting[earlier].layer == s->layer)
        return refuse(error, path, tag, "this setting stands twice; keep one of them");
    if (append(s, path, key, text, tag, s->layer))
        return refuse(error, path, tag, "there is no memory; end other programs");
    return 0;
}

/* The last setting of a key, NULL: there is none. */
static const struct setting *last(const struct synfin_settings *s, const char *key)
{
    size_t index;
    return setting_table_find(&s->keys, key, &index) ? &s->setting[index] : NULL;
}

/* The same for a link direction, whose settings may have been given for both. */
static const struct setting *last_of_direction(const struct synfin_settings *s, const char *key)
{
    const struct setting *own = last(s, key);
    char both[256];
    const char *name = strchr(key, '.');
    const char *direction = name ? strchr(name + 1, '.') : NULL;
    size_t n = direction ? strcspn(direction + 1, ".") : 0;
    if (strncmp(key, "links.", 6) || !n ||
        (strncmp(direction + 1, "forward", n) && strncmp(direction + 1, "backward", n)))
        return own;
    snprintf(both, sizeof both, "%.*s.both%s", (int)(direction - key), key, direction + 1 + n);
    const struct setting *shared = last(s, both);
    return !own || (shared && shared->layer > own->layer) ? shared : own;
}

const char *synfin_settings_get(const struct synfin_settings *s, const char *path)
{
    char key[256], model[256 + 8];
    if (strlen(path) >= sizeof key)
        return NULL;
    make_key(path, key);
    const struct setting *found = last_of_direction(s, key);
    const char *end = strrchr(key, '.');
    if (found && end) { /* a later model has replaced the stage as a whole */
        snprintf(model, sizeof model, "%.*s.model", (int)(end - key), key);
        const struct setting *replaced = last_of_direction(s, model);
        if (replaced && replaced->layer > found->layer)
            return NULL;
    }
    return found ? found->text : NULL;
}
