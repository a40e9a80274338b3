/* SPDX-License-Identifier: BSD-2-Clause */
/* Names: which are allowed, which was meant, where they are. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "setting.h"

bool setting_name_valid(const char *name)
{
    if (!isalpha((unsigned char)*name) && *name != '_')
        return false;
    while (isalnum((unsigned char)*name) || *name == '_' || *name == '-')
        name++;
    return !*name;
}

enum { NAME_MAX_COMPARED = 40 };

/* Insertions, deletions, substitutions and exchanges of neighbours between two words (Damerau 1964). */
static size_t distance(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b);
    size_t row[3][NAME_MAX_COMPARED + 1];
    if (n > NAME_MAX_COMPARED || m > NAME_MAX_COMPARED)
        return SIZE_MAX;
    for (size_t j = 0; j <= m; j++)
        row[0][j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t *now = row[i % 3], *above = row[(i + 2) % 3], *before = row[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= m; j++) {
            size_t d = above[j - 1] + (a[i - 1] != b[j - 1]);
            d = above[j] + 1 < d ? above[j] + 1 : d;
            d = now[j - 1] + 1 < d ? now[j - 1] + 1 : d;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && before[j - 2] + 1 < d)
                d = before[j - 2] + 1;
            now[j] = d;
        }
    }
    return row[n % 3][m];
}

void setting_unknown(char *error, size_t size, const char *what, const char *name, const char *const *names, size_t n)
{
    size_t best = SIZE_MAX, nearest = 0, used;
    for (size_t i = 0; i < n; i++) {
        bool begins = strlen(name) >= 3 && !strncmp(name, names[i], strlen(name));
        size_t d = begins ? 0 : distance(name, names[i]);
        if (d < best) {
            best = d;
            nearest = i;
        }
    }
    used = (size_t)snprintf(error, size, "'%.60s' is not %s; ", name, what);
    if (!n) {
        snprintf(error + used, size - used, "there are none");
        return;
    }
    bool near = best <= 3 && 3 * best <= strlen(name);
    used +=
        (size_t)snprintf(error + used, size - used, near ? "did you mean '%.60s'? (" : "choose from ", names[nearest]);
    for (size_t i = 0; i < n; i++) {
        bool more = i + 1 < n;
        if (used + strlen(names[i]) + 16 > size) {
            used += (size_t)snprintf(error + used, size - used, "...");
            break;
        }
        used += (size_t)snprintf(error + used, size - used, "%s%s", names[i], more ? ", " : "");
    }
    if (near && used < size)
        snprintf(error + used, size - used, ")");
}

static uint64_t hash(const char *name)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
    for (; *name; name++)
        h = (h ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
    return h ^ h >> 32;
}

static struct setting_slot *slot_of(const struct setting_table *t, const char *name)
{
    size_t i = (size_t)hash(name) & (t->room - 1);
    while (t->slot[i].name && strcmp(t->slot[i].name, name))
        i = (i + 1) & (t->room - 1);
    return &t->slot[i];
}

int setting_table_add(struct setting_table *t, const char *name, size_t value)
{
    if (2 * (t->used + 1) > t->room) {
        struct setting_table grown = {t->used, t->room ? 2 * t->room : 32, NULL};
        grown.slot = calloc(grown.room, sizeof *grown.slot);
        if (!grown.slot)
            return -1;
        for (size_t i = 0; i < t->room; i++) {
            if (t->slot[i].name)
                *slot_of(&grown, t->slot[i].name) = t->slot[i];
        }
        free(t->slot);
        *t = grown;
    }
    struct setting_slot *slot = slot_of(t, name);
    t->used += !slot->name;
    *slot = (struct setting_slot){name, value};
    return 0;
}

bool setting_table_find(const struct setting_table *t, const char *name, size_t *value)
{
    if (!t->room)
        return false;
    const struct setting_slot *slot = slot_of(t, name);
    if (!slot->name)
        return false;
    *value = slot->value;
    return true;
}

void setting_table_clear(struct setting_table *t)
{
    free(t->slot);
    *t = (struct setting_table){0, 0, NULL};
}
