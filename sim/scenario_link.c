/* SPDX-License-Identifier: BSD-2-Clause */
/* Links and their stages; models, those of arrivals too. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario_build.h"

static const char *const item_names[] = {"model", "only", NULL};
static const char *const directions[] = {"forward", "backward", NULL};

enum { ALL_KINDS = (1 << SYNFIN_KINDS) - 1 };

/* ---- Models ------------------------------------------------------------------------------------------------------ */

static int unknown_model(struct builder *b, enum synfin_stage stage, const struct setting *s)
{
    enum { NAMES = 64 };
    const char *names[NAMES];
    size_t n = 0;
    for (size_t i = 0; synfin_registry_model(b->registry, i) && n < NAMES - 1; i++) {
        const struct synfin_model *m = synfin_registry_model(b->registry, i);
        if (m->stage == stage)
            names[n++] = m->name;
    }
    if (stage != SYNFIN_ARRIVALS)
        names[n++] = "none";
    char what[32], text[sizeof b->error->text];
    snprintf(what, sizeof what, "a model of %s", synfin_stage_name(stage));
    setting_unknown(text, sizeof text, what, s->text, names, n);
    return build_fault(b, s, true, "%s", text);
}

void build_item_end(struct build_item *item)
{
    form_end(&item->form);
    *item = (struct build_item){.chosen = NULL};
}

/* A model replaces what was there, its parameters too. */
static int choose(struct builder *b, struct build_item *item, enum synfin_stage stage, const struct setting *s)
{
    const struct synfin_model *model = synfin_registry_find_model(b->registry, stage, s->text);
    if (!model && (strcmp(s->text, "none") || stage == SYNFIN_ARRIVALS))
        return unknown_model(b, stage, s);
    build_item_end(item);
    item->chosen = s;
    item->model = model;
    item->only = ALL_KINDS;
    return model ? form_begin(b, &item->form, model->params, model->config_size) : 0;
}

/* `only: [syn, ack]` */
static int set_only(struct builder *b, struct build_item *item, const struct setting *s)
{
    char problem[256];
    size_t items;
    const char *names[SYNFIN_KINDS];
    char **word = setting_list(s->text, &items, problem, sizeof problem);
    if (!word)
        return build_fault(b, s, true, "%s", problem);
    for (unsigned kind = 0; kind < SYNFIN_KINDS; kind++)
        names[kind] = synfin_kind_name((enum synfin_kind)kind);
    item->only = 0;
    problem[0] = '\0';
    for (size_t i = 0; i < items && !*problem; i++) {
        unsigned kind = 0;
        while (kind < SYNFIN_KINDS && strcmp(names[kind], word[i]))
            kind++;
        if (kind == SYNFIN_KINDS)
            setting_unknown(problem, sizeof problem, "a kind of segment", word[i], names, SYNFIN_KINDS);
        item->only |= (uint8_t)(1u << kind);
    }
    if (!items)
        snprintf(problem, sizeof problem,
                 "the list is empty; write the kinds on which the model acts, such as [syn, ack]");
    free(word);
    return *problem ? build_fault(b, s, true, "%s", problem) : 0;
}

int build_item_set(struct builder *b, struct build_item *item, enum synfin_stage stage, const char *name,
                   const struct setting *s)
{
    char what[128];
    if (!strcmp(name, "model"))
        return choose(b, item, stage, s);
    if (!item->chosen)
        return build_missing(b, s, NULL, "'model' is missing; name the %s model before its settings",
                             synfin_stage_name(stage));
    if (!item->model)
        return build_fault(b, s, false, "the %s model is none here, which has no settings; choose a model",
                           synfin_stage_name(stage));
    if (!strcmp(name, "only") && stage != SYNFIN_ARRIVALS)
        return set_only(b, item, s);
    snprintf(what, sizeof what, "a setting of %s model %s", synfin_stage_name(stage), item->model->name);
    return form_set(b, &item->form, what, name, s,
                    stage == SYNFIN_ARRIVALS ? (const char *const[]){"model", NULL} : item_names);
}

int build_item_finish(struct builder *b, struct build_item *item, const char *component, struct scenario_model *out)
{
    /* What is missing or wrong as a whole is reported where the model was chosen. */
    if (form_finish(b, &item->form, NULL, item->chosen, NULL) ||
        form_prepare(b, &item->form, item->model->prepare, item->chosen, NULL))
        return -1;
    size_t n = strlen(component) + 1;
    out->model = item->model;
    out->config = item->form.values; /* owned by the scenario from here on */
    out->only = item->only;
    item->form.values = NULL;
    out->component = malloc(n);
    if (!out->component)
        return build_no_memory(b);
    memcpy(out->component, component, n);
    return 0;
}

/* ---- Stages ------------------------------------------------------------------------------------------------------ */

static void empty_stage(struct build_stage *stage)
{
    for (size_t i = 0; i < stage->items; i++)
        build_item_end(&stage->item[i]);
    free(stage->item);
    stage->item = NULL;
    stage->items = 0;
    stage->shared = false;
}

static int widen(struct builder *b, struct build_stage *stage, size_t items)
{
    if (items <= stage->items)
        return 0;
    struct build_item *grown = realloc(stage->item, items * sizeof *grown);
    if (!grown)
        return build_no_memory(b);
    memset(grown + stage->items, 0, (items - stage->items) * sizeof *grown);
    stage->item = grown;
    stage->items = items;
    return 0;
}

/* `model`, or `[]` for the whole stage: what was there before gives way. */
static bool replaces(const struct path *p, const struct setting *s)
{
    return !strcmp(p->word[p->words - 1], "model") || (p->words == 4 && !strcmp(s->text, "[]"));
}

unsigned build_round(const struct path *p, const struct setting *s)
{
    bool link = !strcmp(p->word[0], "links") && p->words >= 4;
    bool own = link && strcmp(p->word[2], "both");
    return 2u * own + !replaces(p, s);
}

/* One direction's stage: `loss.p`, `loss.1.p`; `name` is NULL where the path ends at the stage or the item. */
static int set_stage(struct builder *b, struct build_stage *stage, enum synfin_stage which, bool both, bool whole,
                     size_t index, const char *name, const struct path *p, const struct setting *s)
{
    if (replaces(p, s)) {
        /* A direction's own models replace all that `both` said in the same layer, `model` unnumbered the stage. */
        if (whole || (!both && stage->shared && stage->layer == s->layer))
            empty_stage(stage);
        stage->shared = both;
        stage->layer = s->layer;
    }
    if (!name) {
        if (whole && !strcmp(s->text, "[]"))
            return 0;
        if (build_empty(s))
            return build_missing(b, s, s->path, "'model' is missing; name a %s model", synfin_stage_name(which));
        return build_fault(b, s, true,
                           "'%.60s' stands where a model with its settings belongs; write {model: %.60s, ...}", s->text,
                           s->text);
    }
    if (widen(b, stage, index + 1))
        return -1;
    if (!stage->item[index].chosen && s->layer && strcmp(name, "model"))
        return build_fault(b, s, false, "there is no %s model here; choose one with '%.*s.model' first",
                           synfin_stage_name(which), (int)(strrchr(s->path, '.') - s->path), s->path);
    return build_item_set(b, &stage->item[index], which, name, s);
}

int build_link_set(struct builder *b, size_t link, const struct path *p, const struct setting *s)
{
    static const char *const sides[] = {"both", "forward", "backward"};
    if (p->words == 2)
        return build_empty(s) ? 0
                              : build_fault(b, s, true,
                                            "'%.60s' stands where the settings of a link belong; write both, forward "
                                            "or backward below it",
                                            s->text);
    unsigned side = 0;
    while (side < 3 && strcmp(p->word[2], sides[side]))
        side++;
    if (side == 3)
        return build_unknown(b, s, "a setting of links", p->word[2], sides, 3);
    if (p->words == 3)
        return build_empty(s)
                   ? 0
                   : build_fault(b, s, true, "'%.60s' stands where stages belong; write loss, delay ... below it",
                                 s->text);
    int stage = synfin_stage_find(p->word[3]);
    if (stage < 0 || stage >= SYNFIN_LINK_STAGES) {
        const char *names[SYNFIN_LINK_STAGES];
        for (unsigned i = 0; i < SYNFIN_LINK_STAGES; i++)
            names[i] = synfin_stage_name((enum synfin_stage)i);
        return build_unknown(b, s, "a stage of links", p->word[3], names, SYNFIN_LINK_STAGES);
    }
    size_t index = 0, next = 4;
    bool whole = p->words == 4 || !path_index(p->word[4], &index);
    next += !whole;
    if (index >= BUILD_LIST_MAX)
        return build_fault(b, s, false, "there are too many models; a stage holds at most %d", BUILD_LIST_MAX);
    if (p->words > next + 1)
        return build_fault(b, s, false, "the path goes too deep; a model's settings stand right below it");
    const char *name = p->words > next ? p->word[next] : NULL;
    for (unsigned d = 0; d < 2; d++) {
        if ((side == 0 || side == d + 1) &&
            set_stage(b, &b->link[link].stage[d][stage], (enum synfin_stage)stage, side == 0, whole, index, name, p, s))
            return -1;
    }
    return 0;
}

static int finish_stage(struct builder *b, struct build_stage *stage, const char *name, struct scenario_stage *out)
{
    char component[320];
    if (!stage->items)
        return 0;
    out->model = calloc(stage->items, sizeof *out->model);
    if (!out->model)
        return build_no_memory(b);
    for (size_t i = 0; i < stage->items; i++) {
        if (!stage->item[i].model)
            continue;
        snprintf(component, sizeof component, i ? "%s.%zu" : "%s", name, i);
        struct scenario_model *model = &out->model[out->models];
        int status = build_item_finish(b, &stage->item[i], component, model);
        out->models += model->model != NULL;
        if (status)
            return -1;
    }
    return 0;
}

int build_link_finish(struct builder *b, size_t link)
{
    char component[300];
    for (unsigned d = 0; d < 2; d++) {
        for (unsigned stage = 0; stage < SYNFIN_LINK_STAGES; stage++) {
            snprintf(component, sizeof component, "links.%s.%s.%s", b->name[BUILD_LINKS][link], directions[d],
                     synfin_stage_name((enum synfin_stage)stage));
            if (finish_stage(b, &b->link[link].stage[d][stage], component, &b->scenario->link[link].stage[d][stage]))
                return -1;
        }
    }
    return 0;
}

void build_link_end(struct build_link *link)
{
    for (unsigned d = 0; d < 2; d++) {
        for (unsigned stage = 0; stage < SYNFIN_LINK_STAGES; stage++)
            empty_stage(&link->stage[d][stage]);
    }
}
