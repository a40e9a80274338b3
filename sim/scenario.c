/* SPDX-License-Identifier: BSD-2-Clause */
/* From settings to a scenario: names first, then every setting in its layer and round, then the whole. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario_build.h"

struct top_values {
    char *name;
    uint64_t seed;
    synfin_time stop, series;
};

static const struct synfin_param top_params[] = {
    {"name", SYNFIN_TEXT, "", NULL, "what the scenario is called", offsetof(struct top_values, name)},
    {"seed", SYNFIN_COUNT, "1", NULL, "of all random numbers", offsetof(struct top_values, seed)},
    {"stop", SYNFIN_DURATION, "0", "1ns..100000h", "end of the run", offsetof(struct top_values, stop)},
    {"series", SYNFIN_DURATION, "0", "1us..100000h", "from sample to sample", offsetof(struct top_values, series)},
    {0},
};

static const char *const kinds[BUILD_KINDS + 1] = {"hosts", "links", "workloads", NULL};

/* Addresses lie in 10.0.0.0/8. */
enum { ADDRESSES_MAX = (1 << 24) - 2 };

/* ---- Names ------------------------------------------------------------------------------------------------------- */

static int kind_of(const struct path *p)
{
    for (int kind = 0; kind < BUILD_KINDS; kind++) {
        if (!strcmp(p->word[0], kinds[kind]))
            return kind;
    }
    return -1;
}

/* A name not seen before: only the first layer may bring one, later ones would hide a misspelling. */
static int add_name(struct builder *b, enum build_kind kind, const char *name, const struct setting *s)
{
    size_t n = b->names[kind];
    if (s->layer != b->settings->setting[0].layer) {
        static const char *const words[] = {"a host", "a link", "a workload"};
        return build_unknown(b, s, words[kind], name, b->name[kind], n);
    }
    if (!setting_name_valid(name))
        return build_fault(b, s, false, "'%.60s' is not a name; a name begins with a letter or '_'", name);
    if (!(n & (n - 1))) { /* grown at powers of two */
        size_t room = n ? 2 * n : 1;
        const struct setting **first = realloc(b->first[kind], room * sizeof *first);
        b->first[kind] = first ? first : b->first[kind];
        const char **names = realloc(b->name[kind], room * sizeof *names);
        b->name[kind] = names ? names : b->name[kind];
        if (!first || !names)
            return build_no_memory(b);
    }
    size_t length = strlen(name) + 1;
    char *copy = malloc(length);
    if (!copy)
        return build_no_memory(b);
    memcpy(copy, name, length);
    b->first[kind][n] = s;
    b->name[kind][n] = copy;
    b->names[kind]++;
    return setting_table_add(&b->table[kind], copy, n) ? build_no_memory(b) : 0;
}

static int collect_names(struct builder *b)
{
    for (size_t i = 0; i < b->settings->used; i++) {
        const struct setting *s = &b->settings->setting[i];
        struct path p;
        size_t known;
        path_split(&p, s->path);
        int kind = kind_of(&p);
        if (kind < 0)
            continue;
        if (p.words == 1) {
            if (!build_empty(s))
                return build_fault(b, s, true,
                                   "'%.60s' stands where names belong; write each of the %s with its settings", s->text,
                                   kinds[kind]);
            continue;
        }
        if (!setting_table_find(&b->table[kind], p.word[1], &known) && add_name(b, (enum build_kind)kind, p.word[1], s))
            return -1;
    }
    return 0;
}

/* ---- Building ---------------------------------------------------------------------------------------------------- */

static char *copy_of(const char *text)
{
    size_t n = strlen(text) + 1;
    char *copy = malloc(n);
    if (copy)
        memcpy(copy, text, n);
    return copy;
}

/* Arrays by number, with their names. */
static int begin(struct builder *b)
{
    struct synfin_scenario *s = b->scenario;
    const size_t *n = b->names;
    int status = 0;
    b->host = calloc(n[BUILD_HOSTS] + 1, sizeof *b->host);
    b->link = calloc(n[BUILD_LINKS] + 1, sizeof *b->link);
    b->workload = calloc(n[BUILD_WORKLOADS] + 1, sizeof *b->workload);
    s->host = calloc(n[BUILD_HOSTS] + 1, sizeof *s->host);
    s->link = calloc(n[BUILD_LINKS] + 1, sizeof *s->link);
    s->workload = calloc(n[BUILD_WORKLOADS] + 1, sizeof *s->workload);
    if (!b->host || !b->link || !b->workload || !s->host || !s->link || !s->workload)
        return build_no_memory(b);
    s->hosts = n[BUILD_HOSTS];
    s->links = n[BUILD_LINKS];
    s->workloads = n[BUILD_WORKLOADS];
    for (size_t i = 0; i < s->hosts && !status; i++)
        status = (s->host[i].name = copy_of(b->name[BUILD_HOSTS][i])) ? build_host_begin(b, i) : build_no_memory(b);
    for (size_t i = 0; i < s->links && !status; i++)
        status = (s->link[i].name = copy_of(b->name[BUILD_LINKS][i])) ? 0 : build_no_memory(b);
    for (size_t i = 0; i < s->workloads && !status; i++)
        status = (s->workload[i].name = copy_of(b->name[BUILD_WORKLOADS][i])) ? build_workload_begin(b, i)
                                                                              : build_no_memory(b);
    return status ? status : form_begin(b, &b->top, top_params, sizeof(struct top_values));
}

static int apply(struct builder *b, const struct path *p, const struct setting *s)
{
    size_t number = 0;
    int kind = kind_of(p);
    if (kind >= 0 && p->words == 1)
        return 0;
    if (kind >= 0)
        setting_table_find(&b->table[kind], p->word[1], &number);
    if (kind == BUILD_HOSTS)
        return build_host_set(b, number, p, s);
    if (kind == BUILD_LINKS)
        return build_link_set(b, number, p, s);
    if (kind == BUILD_WORKLOADS)
        return build_workload_set(b, number, p, s);
    if (p->words > 1 && setting_row(top_params, p->word[0]) >= 0)
        return build_fault(b, s, false, "'%s' holds one value; write %s: VALUE", p->word[0], p->word[0]);
    return form_set(b, &b->top, "a setting", p->word[0], s, kinds);
}

/* Layer by layer; within a layer in four rounds (build_round). */
static int apply_all(struct builder *b)
{
    const struct synfin_settings *all = b->settings;
    for (size_t start = 0, end; start < all->used; start = end) {
        for (end = start; end < all->used && all->setting[end].layer == all->setting[start].layer;)
            end++;
        for (unsigned round = 0; round < 4; round++) {
            for (size_t i = start; i < end; i++) {
                struct path p;
                path_split(&p, all->setting[i].path);
                if (build_round(&p, &all->setting[i]) == round && apply(b, &p, &all->setting[i]))
                    return -1;
            }
        }
    }
    return 0;
}

static int finish(struct builder *b)
{
    struct synfin_scenario *s = b->scenario;
    uint64_t addresses = 0;
    if (form_finish(b, &b->top, NULL, NULL, ""))
        return -1;
    if (!s->hosts)
        return build_missing(b, NULL, "", "'hosts' is missing; name at least two hosts");
    if (!s->workloads)
        return build_missing(b, NULL, "", "'workloads' is missing; name at least one workload");
    for (size_t i = 0; i < s->hosts; i++) {
        if (build_host_finish(b, i))
            return -1;
        addresses += s->host[i].addresses;
        if (addresses > ADDRESSES_MAX)
            return build_missing(b, NULL, "hosts", "the hosts have too many addresses; all together have at most %d",
                                 ADDRESSES_MAX);
    }
    for (size_t i = 0; i < s->links; i++) {
        if (build_link_finish(b, i))
            return -1;
    }
    for (size_t i = 0; i < s->workloads; i++) {
        if (build_workload_finish(b, i))
            return -1;
    }
    const struct top_values *top = b->top.values;
    s->seed = top->seed;
    s->stop = top->stop ? top->stop : SYNFIN_NEVER;
    s->series = top->series;
    return build_warnings(b);
}

static void end(struct builder *b)
{
    for (size_t i = 0; b->host && i < b->names[BUILD_HOSTS]; i++)
        build_host_end(b, &b->host[i]);
    for (size_t i = 0; b->link && i < b->names[BUILD_LINKS]; i++)
        build_link_end(&b->link[i]);
    for (size_t i = 0; b->workload && i < b->names[BUILD_WORKLOADS]; i++)
        build_workload_end(&b->workload[i]);
    free(b->host);
    free(b->link);
    free(b->workload);
    form_end(&b->top);
    for (int kind = 0; kind < BUILD_KINDS; kind++) {
        setting_table_clear(&b->table[kind]);
        for (size_t i = 0; i < b->names[kind]; i++)
            free((char *)b->name[kind][i]);
        free(b->name[kind]);
        free(b->first[kind]);
    }
}

struct synfin_scenario *synfin_scenario_new(const struct synfin_registry *registry,
                                            const struct synfin_settings *settings, const char *folder,
                                            struct synfin_error *error)
{
    struct builder b = {.registry = registry, .settings = settings, .folder = folder, .error = error};
    *error = (struct synfin_error){0};
    b.scenario = calloc(1, sizeof *b.scenario);
    if (!b.scenario) {
        build_no_memory(&b);
        return NULL;
    }
    b.scenario->registry = registry;
    while (synfin_registry_protocol(registry, b.scenario->protocols))
        b.scenario->protocols++;
    if (collect_names(&b) || begin(&b) || apply_all(&b) || finish(&b)) {
        end(&b);
        synfin_scenario_free(b.scenario);
        return NULL;
    }
    end(&b);
    return b.scenario;
}

/* ---- Afterwards -------------------------------------------------------------------------------------------------- */

static void free_model(struct scenario_model *m)
{
    if (!m->model)
        return;
    if (m->model->release)
        m->model->release(m->config);
    setting_release(m->config, m->model->params);
    free(m->config);
    free(m->component);
}

static void free_link(struct scenario_link *l)
{
    for (unsigned d = 0; d < 2; d++) {
        for (unsigned stage = 0; stage < SYNFIN_LINK_STAGES; stage++) {
            for (size_t i = 0; i < l->stage[d][stage].models; i++)
                free_model(&l->stage[d][stage].model[i]);
            free(l->stage[d][stage].model);
        }
    }
    free(l->name);
}

static void free_host(const struct synfin_scenario *s, struct scenario_host *h)
{
    for (size_t i = 0; h->protocol && i < s->protocols; i++) {
        setting_release(h->protocol[i], synfin_registry_protocol(s->registry, i)->params);
        free(h->protocol[i]);
    }
    free(h->protocol);
    free(h->listener);
    free(h->name);
}

void synfin_scenario_free(struct synfin_scenario *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->hosts; i++)
        free_host(s, &s->host[i]);
    for (size_t i = 0; i < s->links; i++)
        free_link(&s->link[i]);
    for (size_t i = 0; i < s->workloads; i++) {
        free_model(&s->workload[i].arrivals);
        free(s->workload[i].to);
        free(s->workload[i].port);
        free(s->workload[i].hop);
        free(s->workload[i].name);
    }
    for (size_t i = 0; i < s->warnings; i++)
        free(s->warning[i]);
    free(s->warning);
    free(s->host);
    free(s->link);
    free(s->workload);
    free(s);
}

const char *synfin_scenario_warning(const struct synfin_scenario *s, size_t n)
{
    return n < s->warnings ? s->warning[n] : NULL;
}
