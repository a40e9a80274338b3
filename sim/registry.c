/* SPDX-License-Identifier: BSD-2-Clause */
/* Protocols and models by name: the built-in ones, and those of loaded plugins. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models.h"
#include "protocols.h"
#include "registry.h"
#include "setting.h"

struct synfin_registry {
    size_t protocols, models, handles;
    const struct synfin_protocol **protocol;
    const struct synfin_model **model;
    void **handle;
};

static const char *const stage_names[SYNFIN_STAGES] = {
    [SYNFIN_QUEUE] = "queue",       [SYNFIN_LOSS] = "loss",   [SYNFIN_DUPLICATE] = "duplicate",
    [SYNFIN_CORRUPT] = "corrupt",   [SYNFIN_DELAY] = "delay", [SYNFIN_REORDER] = "reorder",
    [SYNFIN_ARRIVALS] = "arrivals",
};

static const char *const kind_names[SYNFIN_KINDS] = {
    [SYNFIN_KIND_RST] = "rst", [SYNFIN_KIND_SYN_ACK] = "syn_ack", [SYNFIN_KIND_SYN] = "syn",
    [SYNFIN_KIND_FIN] = "fin", [SYNFIN_KIND_DATA] = "data",       [SYNFIN_KIND_ACK] = "ack",
};

const char *synfin_stage_name(enum synfin_stage stage)
{
    return stage_names[stage];
}

int synfin_stage_find(const char *name)
{
    for (int i = 0; i < SYNFIN_STAGES; i++) {
        if (!strcmp(stage_names[i], name))
            return i;
    }
    return -1;
}

const char *synfin_kind_name(enum synfin_kind kind)
{
    return kind_names[kind];
}

const struct synfin_protocol *synfin_registry_protocol(const struct synfin_registry *r, size_t n)
{
    return n < r->protocols ? r->protocol[n] : NULL;
}

const struct synfin_model *synfin_registry_model(const struct synfin_registry *r, size_t n)
{
    return n < r->models ? r->model[n] : NULL;
}

int synfin_registry_find_protocol(const struct synfin_registry *r, const char *name)
{
    for (size_t i = 0; i < r->protocols; i++) {
        if (!strcmp(r->protocol[i]->name, name))
            return (int)i;
    }
    return -1;
}

const struct synfin_model *synfin_registry_find_model(const struct synfin_registry *r, enum synfin_stage stage,
                                                      const char *name)
{
    for (size_t i = 0; i < r->models; i++) {
        if (r->model[i]->stage == stage && !strcmp(r->model[i]->name, name))
            return r->model[i];
    }
    return NULL;
}

/* ---- What a plugin must be --------------------------------------------------------------------------------------- */

/* Words that mean something else where the names of parameters or protocols stand. */
static bool reserved(const char *name)
{
    static const char *const words[] = {"model", "only", "none", "addresses", "ports", "profile", "listen"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (!strcmp(words[i], name))
            return true;
    }
    return false;
}

static int check_name(const char *what, const char *name, char *error, size_t size)
{
    if (name && setting_name_valid(name) && strlen(name) <= 40 && !reserved(name))
        return 0;
    snprintf(error, size,
             "%s has the name '%.60s'; a name is letters, digits, '_' and '-', not longer than 40 and not a reserved "
             "word",
             what, name ? name : "");
    return -1;
}

static int check_params(const char *owner, const struct synfin_param *params, size_t config_size, char *error,
                        size_t size)
{
    for (const struct synfin_param *p = params; p && p->name; p++) {
        char what[128], problem[128];
        snprintf(what, sizeof what, "a parameter of %.60s", owner);
        if (check_name(what, p->name, error, size))
            return -1;
        if (p->quantity < SYNFIN_COUNT || p->quantity > SYNFIN_FILE || (p->quantity == SYNFIN_CHOICE && !p->range)) {
            snprintf(error, size,
                     "parameter %s of %.60s has no sound quantity; take one of enum synfin_quantity, a choice with its "
                     "words",
                     p->name, owner);
            return -1;
        }
        if (p->offset > config_size || config_size - p->offset < setting_member_size(p->quantity)) {
            snprintf(error, size,
                     "parameter %s of %.60s lies outside its configuration; declare config_size as its size", p->name,
                     owner);
            return -1;
        }
        if (!p->fallback)
            continue;
        void *scratch = calloc(1, config_size);
        if (!scratch || setting_fill_default(scratch, p, p->fallback, problem, sizeof problem)) {
            snprintf(error, size, "the default of parameter %s of %.60s is wrong: %s", p->name, owner,
                     scratch ? problem : "there is no memory");
            free(scratch);
            return -1;
        }
        setting_release(scratch, params);
        free(scratch);
    }
    return 0;
}

/* What can be worked out ahead, of a stage of that kind and without memory, at least in some configurations. */
static int check_foreseen(const struct synfin_model *m, char *error, size_t size)
{
    bool remembers = m->connection_state_size || (m->state_size && (!m->has_memory || m->stage == SYNFIN_ARRIVALS));
    bool delays = m->stage == SYNFIN_DELAY || m->stage == SYNFIN_ARRIVALS;
    bool chance = m->chance && (m->stage != SYNFIN_LOSS || remembers);
    if (!chance && (!m->delays_of || (delays && !remembers)))
        return 0;
    snprintf(error, size,
             "model '%s' sets %s, which is for %s models without memory; leave it NULL, so that act is called", m->name,
             chance ? "chance" : "delays_of", chance ? "loss" : "delay and arrivals");
    return -1;
}

int registry_check_model(const struct synfin_model *m, char *error, size_t size)
{
    if (check_name("a model", m->name, error, size))
        return -1;
    if ((unsigned)m->stage >= SYNFIN_STAGES || !m->act || !m->help || !m->source) {
        snprintf(error, size, "model '%s' lacks %s", m->name,
                 !m->act      ? "its function; set act"
                 : !m->help   ? "its help; write a line"
                 : !m->source ? "its source; name one"
                              : "a stage; take one of enum synfin_stage");
        return -1;
    }
    if (check_foreseen(m, error, size))
        return -1;
    return check_params(m->name, m->params, m->config_size, error, size);
}

static int check_profiles(const struct synfin_protocol *p, char *error, size_t size)
{
    void *scratch = calloc(1, p->config_size + 1);
    if (!scratch) {
        snprintf(error, size, "there is no memory; end other programs");
        return -1;
    }
    int status = 0;
    for (const struct synfin_profile *profile = p->profiles; profile && profile->name && !status; profile++) {
        for (size_t i = 0; profile->presets[i].param && !status; i++) {
            const char *param = profile->presets[i].param;
            char problem[128] = "there is no such parameter";
            int row = setting_row(p->params, param);
            if (row < 0 ||
                setting_fill_default(scratch, &p->params[row], profile->presets[i].value, problem, sizeof problem)) {
                snprintf(error, size, "profile %s of protocol '%s' sets %s: %s", profile->name, p->name, param,
                         problem);
                status = -1;
            }
        }
    }
    setting_release(scratch, p->params);
    free(scratch);
    return status;
}

int registry_check_protocol(const struct synfin_protocol *p, char *error, size_t size)
{
    if (check_name("a protocol", p->name, error, size))
        return -1;
    if (!p->listen || !p->open || !p->segment || !p->stray || !p->timer || !p->send || !p->close || !p->abort ||
        !p->timer_name || !p->states || !p->help || !p->source) {
        snprintf(error, size,
                 "protocol '%s' lacks a function, its states, help or source; all must be set but prepare and "
                 "time_wait",
                 p->name);
        return -1;
    }
    if (p->endpoint_size < sizeof(struct synfin_endpoint) || (p->time_wait_state && !p->time_wait)) {
        snprintf(error, size,
                 "protocol '%s' is not sound; an endpoint begins with struct synfin_endpoint, and a TIME-WAIT state "
                 "needs its function",
                 p->name);
        return -1;
    }
    if (check_params(p->name, p->params, p->config_size, error, size))
        return -1;
    return check_profiles(p, error, size);
}

/* ---- Filling the registry ---------------------------------------------------------------------------------------- */

/* Room for one more pointer in an array of `n`. */
static int grow(void *array, size_t n)
{
    void *old, *grown;
    memcpy(&old, array, sizeof old);
    if (n & (n - 1)) /* grown at powers of two only */
        return 0;
    grown = realloc(old, (n ? 2 * n : 1) * sizeof(void *));
    if (!grown)
        return -1;
    memcpy(array, &grown, sizeof grown);
    return 0;
}

static int add_model(struct synfin_registry *r, const struct synfin_model *m)
{
    if (grow(&r->model, r->models))
        return -1;
    r->model[r->models++] = m;
    return 0;
}

static int add_protocol(struct synfin_registry *r, const struct synfin_protocol *p)
{
    if (grow(&r->protocol, r->protocols))
        return -1;
    r->protocol[r->protocols++] = p;
    return 0;
}

struct synfin_registry *synfin_registry_new(void)
{
    struct synfin_registry *r = calloc(1, sizeof *r);
    if (!r)
        return NULL;
    int status = add_protocol(r, &tcp_protocol) || add_protocol(r, &udp_protocol);
    for (size_t i = 0; builtin_models[i] && !status; i++)
        status = add_model(r, builtin_models[i]);
    if (status) {
        synfin_registry_free(r);
        return NULL;
    }
    return r;
}

void synfin_registry_free(struct synfin_registry *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < r->handles; i++)
        dlclose(r->handle[i]);
    free(r->handle);
    free(r->protocol);
    free(r->model);
    free(r);
}

/* Adds what a plugin holds; on failure the registry is as before. */
static int add_plugin(struct synfin_registry *r, const struct synfin_plugin *plugin, char *error, size_t size)
{
    size_t protocols = r->protocols, models = r->models;
    bool memory = true, sound = true;
    for (size_t i = 0; plugin->models && plugin->models[i] && memory && sound; i++) {
        const struct synfin_model *m = plugin->models[i];
        sound = !registry_check_model(m, error, size);
        if (sound && synfin_registry_find_model(r, m->stage, m->name)) {
            snprintf(error, size, "the %s model '%s' is there already; give the plugin's another name",
                     synfin_stage_name(m->stage), m->name);
            sound = false;
        }
        memory = !sound || !add_model(r, m);
    }
    for (size_t i = 0; plugin->protocols && plugin->protocols[i] && memory && sound; i++) {
        const struct synfin_protocol *p = plugin->protocols[i];
        sound = !registry_check_protocol(p, error, size);
        if (sound && synfin_registry_find_protocol(r, p->name) >= 0) {
            snprintf(error, size, "the protocol '%s' is there already; give the plugin's another name", p->name);
            sound = false;
        }
        if (sound && r->protocols == UINT8_MAX) {
            snprintf(error, size, "there are too many protocols; at most %d", UINT8_MAX);
            sound = false;
        }
        memory = !sound || !add_protocol(r, p);
    }
    if (!memory)
        snprintf(error, size, "there is no memory; end other programs");
    if (memory && sound)
        return 0;
    r->protocols = protocols;
    r->models = models;
    return -1;
}

/* The plugin's descriptor. */
static const struct synfin_plugin *entry(void *handle, char *error, size_t size)
{
    void *symbol = dlsym(handle, SYNFIN_PLUGIN_SYMBOL);
    synfin_plugin_entry function;
    memcpy(&function, &symbol, sizeof function); /* POSIX: dlsym's answer is a function where the symbol is one */
    if (!symbol) {
        snprintf(error, size, "this is not a plugin; one exports the function %s", SYNFIN_PLUGIN_SYMBOL);
        return NULL;
    }
    const struct synfin_plugin *plugin = function();
    if (!plugin) {
        snprintf(error, size, "%s returned nothing; it returns a struct synfin_plugin", SYNFIN_PLUGIN_SYMBOL);
        return NULL;
    }
    if (plugin->major != SYNFIN_PLUGIN_MAJOR) {
        snprintf(error, size,
                 "the plugin is built for version %u.%u of the plugin interface, this synfin has %u.%u; build it "
                 "with the plugin.h of this synfin",
                 (unsigned)plugin->major, (unsigned)plugin->minor, SYNFIN_PLUGIN_MAJOR, SYNFIN_PLUGIN_MINOR);
        return NULL;
    }
    return plugin;
}

int synfin_registry_load(struct synfin_registry *r, const char *file, struct synfin_error *error)
{
    *error = (struct synfin_error){0};
    /* A name without a slash would be sought among the system's libraries. */
    size_t room = strlen(file) + 3;
    char *name = malloc(room);
    if (!name || grow(&r->handle, r->handles)) {
        snprintf(error->text, sizeof error->text, "there is no memory; end other programs");
        free(name);
        return -1;
    }
    snprintf(name, room, "%s%s", strchr(file, '/') ? "" : "./", file);
    void *handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    free(name);
    if (!handle) {
        snprintf(error->text, sizeof error->text, "the plugin cannot be loaded: %.300s; build it with cc -shared -fPIC",
                 dlerror());
        return -1;
    }
    for (size_t i = 0; i < r->handles; i++) {
        if (r->handle[i] == handle) { /* the same file once more, named twice or found in a folder too */
            dlclose(handle);
            return 0;
        }
    }
    const struct synfin_plugin *plugin = entry(handle, error->text, sizeof error->text);
    if (!plugin || add_plugin(r, plugin, error->text, sizeof error->text)) {
        dlclose(handle);
        return -1;
    }
    r->handle[r->handles++] = handle;
    return 0;
}
