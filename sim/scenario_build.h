/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From settings to a scenario. The layers are applied in order, each setting checked against the parameter table of
 * the model in use at that moment; then what is missing is filled with defaults, and the whole is checked.
 */
#ifndef SYNFIN_SCENARIO_BUILD_H
#define SYNFIN_SCENARIO_BUILD_H

#include "scenario.h"
#include "setting.h"

enum { BUILD_LIST_MAX = 64 }; /* models of a stage, listeners of a host */

/* A configuration that is being filled, and which setting filled each row of its table. */
struct form {
    const struct synfin_param *params;
    void *values;
    const struct setting **given;
};

/* A setting's path, split at the dots. */
struct path {
    size_t words;
    const char *word[8];
    char text[256];
};

/* A model of a stage, or a workload's arrivals. */
struct build_item {
    const struct setting *chosen;     /* the setting that chose the model; NULL: the item is not there */
    const struct synfin_model *model; /* NULL: none */
    struct form form;
    uint8_t only;
};

struct build_stage {
    size_t items;
    struct build_item *item;
    bool shared; /* filled by `both` in the layer `layer` */
    uint32_t layer;
};

struct build_link {
    struct build_stage stage[2][SYNFIN_LINK_STAGES];
};

struct build_listener {
    const struct setting *first; /* NULL: the item is not there */
    struct form form;
};

struct build_host {
    struct form form;
    struct form *protocol; /* one per protocol of the registry */
    size_t listeners;
    struct build_listener *listener;
};

struct build_workload {
    struct form form;
    struct build_item arrivals;
};

/* Hosts, links and workloads: what has a name. */
enum build_kind { BUILD_HOSTS, BUILD_LINKS, BUILD_WORKLOADS, BUILD_KINDS };

struct builder {
    const struct synfin_registry *registry;
    const struct synfin_settings *settings;
    const char *folder;
    struct synfin_error *error;
    struct synfin_scenario *scenario;
    struct form top;
    struct setting_table table[BUILD_KINDS];
    size_t names[BUILD_KINDS];
    const struct setting **first[BUILD_KINDS]; /* the setting that named it first */
    const char **name[BUILD_KINDS];
    struct build_host *host;
    struct build_link *link;
    struct build_workload *workload;
};

/* ---- scenario_form.c --------------------------------------------------------------------------------------------- */

void path_split(struct path *, const char *text);
bool path_index(const char *word, size_t *index); /* a number of a list */

/* Each fills the error and returns -1: about a setting's value or path; about what is missing below `parent`, a path
   (NULL: that of the setting less its last word). */
int build_fault(struct builder *, const struct setting *, bool at_value, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
int build_missing(struct builder *, const struct setting *near, const char *parent, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* About a word of the path that is not one of `names`: the error's path ends with it. */
int build_unknown(struct builder *, const struct setting *, const char *what, const char *word,
                  const char *const *names, size_t n);
int build_no_memory(struct builder *);

/* `{}`, `[]` and nothing stand for a mapping without settings, a list without items. */
bool build_empty(const struct setting *);

int form_begin(struct builder *, struct form *, const struct synfin_param *, size_t config_size);
/* Sets a row. `what` names the table in errors; `more`, other names that may stand there, ends with NULL. */
int form_set(struct builder *, struct form *, const char *what, const char *name, const struct setting *,
             const char *const *more);
/* Fills the rows that were not given: by the presets of a profile (may be NULL), then by the table's defaults. */
int form_finish(struct builder *, struct form *, const struct synfin_profile *, const struct setting *near,
                const char *parent);
void form_end(struct form *);
/* The setting that gave a member, NULL: it was not given. */
const struct setting *form_given(const struct form *, const char *name);
/* Calls a prepare function; a complaint becomes an error at the setting of its parameter. */
int form_prepare(struct builder *, struct form *, int (*prepare)(void *, struct synfin_complaint *),
                 const struct setting *near, const char *parent);

/* The number of a host, link or workload; -1 with an error at the setting's value. */
int build_find(struct builder *, enum build_kind, const char *name, const struct setting *, size_t *number);

/* ---- scenario_link.c --------------------------------------------------------------------------------------------- */

/* In which of four rounds over a layer a setting is applied: what `both` says before a direction's own, and models
   before their parameters. */
unsigned build_round(const struct path *, const struct setting *);
int build_link_set(struct builder *, size_t link, const struct path *, const struct setting *);
int build_link_finish(struct builder *, size_t link);
void build_link_end(struct build_link *);

/* `model` and parameters of an item. */
int build_item_set(struct builder *, struct build_item *, enum synfin_stage, const char *name, const struct setting *);
int build_item_finish(struct builder *, struct build_item *, const char *component, struct scenario_model *);
void build_item_end(struct build_item *);

/* ---- scenario_host.c, scenario_workload.c ------------------------------------------------------------------------ */

int build_host_begin(struct builder *, size_t host);
int build_host_set(struct builder *, size_t host, const struct path *, const struct setting *);
int build_host_finish(struct builder *, size_t host);
void build_host_end(struct builder *, struct build_host *);

int build_workload_begin(struct builder *, size_t workload);
int build_workload_set(struct builder *, size_t workload, const struct path *, const struct setting *);
int build_workload_finish(struct builder *, size_t workload);
void build_workload_end(struct build_workload *);

/* ---- scenario_warning.c ------------------------------------------------------------------------------------------ */

/* Adds the scenario's warnings. 0, or -1: no memory. */
int build_warnings(struct builder *);

#endif
