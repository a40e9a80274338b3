/* SPDX-License-Identifier: BSD-2-Clause */
/* Forms: configurations that settings fill row by row; and how errors about settings are told. */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario_build.h"

void path_split(struct path *p, const char *text)
{
    size_t n = strlen(text);
    assert(n < sizeof p->text); /* synfin_settings_set has seen to it */
    memcpy(p->text, text, n + 1);
    p->words = 0;
    for (char *word = p->text; word && p->words < sizeof p->word / sizeof *p->word;) {
        char *dot = strchr(word, '.');
        p->word[p->words++] = word;
        if (dot)
            *dot++ = '\0';
        word = dot;
    }
}

bool path_index(const char *word, size_t *index)
{
    size_t n = strspn(word, "0123456789");
    if (!n || word[n] || n > 4 || (n > 1 && word[0] == '0'))
        return false;
    *index = strtoul(word, NULL, 10);
    return true;
}

int build_fault(struct builder *b, const struct setting *s, bool at_value, const char *format, ...)
{
    va_list arguments;
    *b->error = (struct synfin_error){.tag = s->tag, .at_value = at_value};
    snprintf(b->error->path, sizeof b->error->path, "%s", s->path);
    va_start(arguments, format);
    vsnprintf(b->error->text, sizeof b->error->text, format, arguments);
    va_end(arguments);
    return -1;
}

int build_missing(struct builder *b, const struct setting *near, const char *parent, const char *format, ...)
{
    va_list arguments;
    *b->error = (struct synfin_error){.tag = near ? near->tag : 0};
    if (parent)
        snprintf(b->error->path, sizeof b->error->path, "%s", parent);
    else if (near && strrchr(near->path, '.'))
        snprintf(b->error->path, sizeof b->error->path, "%.*s", (int)(strrchr(near->path, '.') - near->path),
                 near->path);
    va_start(arguments, format);
    vsnprintf(b->error->text, sizeof b->error->text, format, arguments);
    va_end(arguments);
    return -1;
}

int build_unknown(struct builder *b, const struct setting *s, const char *what, const char *word,
                  const char *const *names, size_t n)
{
    char text[sizeof b->error->text];
    setting_unknown(text, sizeof text, what, word, names, n);
    build_fault(b, s, false, "%s", text);
    size_t length = strlen(word);
    for (size_t end = strlen(s->path); end >= length; end--) {
        bool ends = s->path[end] == '\0' || s->path[end] == '.';
        bool begins = end == length || s->path[end - length - 1] == '.';
        if (ends && begins && !memcmp(s->path + end - length, word, length)) {
            b->error->path[end] = '\0';
            break;
        }
    }
    return -1;
}

int build_no_memory(struct builder *b)
{
    return build_missing(b, NULL, "", "there is no memory; end other programs");
}

bool build_empty(const struct setting *s)
{
    return !*s->text || !strcmp(s->text, "{}") || !strcmp(s->text, "[]");
}

int build_find(struct builder *b, enum build_kind kind, const char *name, const struct setting *s, size_t *number)
{
    static const char *const words[] = {"a host", "a link", "a workload"};
    if (setting_table_find(&b->table[kind], name, number))
        return 0;
    char text[sizeof b->error->text];
    setting_unknown(text, sizeof text, words[kind], name, b->name[kind], b->names[kind]);
    return build_fault(b, s, true, "%s", text);
}

/* ---- Forms ------------------------------------------------------------------------------------------------------- */

int form_begin(struct builder *b, struct form *f, const struct synfin_param *params, size_t config_size)
{
    f->params = params;
    f->values = calloc(1, config_size ? config_size : 1);
    f->given = calloc(setting_rows(params) + 1, sizeof *f->given);
    if (f->values && f->given)
        return 0;
    form_end(f);
    return build_no_memory(b);
}

void form_end(struct form *f)
{
    setting_release(f->values, f->params);
    free(f->values);
    free(f->given);
    *f = (struct form){NULL, NULL, NULL};
}

static int unknown(struct builder *b, const struct form *f, const char *what, const char *name, const struct setting *s,
                   const char *const *more)
{
    enum { NAMES = 128 };
    const char *names[NAMES];
    size_t n = 0;
    for (; more && *more && n < NAMES; more++)
        names[n++] = *more;
    for (const struct synfin_param *p = f->params; p && p->name && n < NAMES; p++)
        names[n++] = p->name;
    return build_unknown(b, s, what, name, names, n);
}

int form_set(struct builder *b, struct form *f, const char *what, const char *name, const struct setting *s,
             const char *const *more)
{
    char problem[256];
    int row = setting_row(f->params, name);
    if (row < 0)
        return unknown(b, f, what, name, s, more);
    const struct synfin_param *p = &f->params[row];
    if (!*s->text && p->quantity == SYNFIN_CHOICE)
        return build_fault(b, s, true, "there is no value; write one of %s", p->range);
    if (!*s->text)
        return build_fault(b, s, true, "there is no value; write %s, such as %s", setting_noun(p->quantity),
                           setting_example(p->quantity));
    if (setting_fill(f->values, p, s->text, b->folder, problem, sizeof problem))
        return build_fault(b, s, true, "%s", problem);
    f->given[row] = s;
    return 0;
}

static const char *preset(const struct synfin_profile *profile, const char *name)
{
    for (size_t i = 0; profile && profile->presets[i].param; i++) {
        if (!strcmp(profile->presets[i].param, name))
            return profile->presets[i].value;
    }
    return NULL;
}

int form_finish(struct builder *b, struct form *f, const struct synfin_profile *profile, const struct setting *near,
                const char *parent)
{
    for (size_t row = 0; f->params && f->params[row].name; row++) {
        const struct synfin_param *p = &f->params[row];
        char problem[256];
        if (f->given[row])
            continue;
        const char *text = preset(profile, p->name);
        text = text ? text : p->fallback;
        if (!text && p->quantity == SYNFIN_TEXT)
            return build_missing(b, near, parent, "'%s' is missing; it is %s", p->name, p->help);
        if (!text)
            return build_missing(b, near, parent, "'%s' is missing; it is %s such as %s (%s)", p->name,
                                 setting_noun(p->quantity), setting_example(p->quantity), p->help);
        if (setting_fill_default(f->values, p, text, problem, sizeof problem))
            return build_missing(b, near, parent, "the default of '%s' is wrong: %s", p->name, problem);
    }
    return 0;
}

const struct setting *form_given(const struct form *f, const char *name)
{
    int row = setting_row(f->params, name);
    return row < 0 ? NULL : f->given[row];
}

int form_prepare(struct builder *b, struct form *f, int (*prepare)(void *, struct synfin_complaint *),
                 const struct setting *near, const char *parent)
{
    struct synfin_complaint complaint = {NULL, ""};
    if (!prepare || !prepare(f->values, &complaint))
        return 0;
    const struct setting *culprit = complaint.param ? form_given(f, complaint.param) : NULL;
    if (culprit)
        return build_fault(b, culprit, true, "%s", complaint.text);
    return build_missing(b, near, parent, "%s", complaint.text);
}
