/* SPDX-License-Identifier: BSD-2-Clause */
/* `synfin plugins`: protocols and models, and the parameters of each. */
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "plugin_path.h"
#include "setting.h"
#include "source_text.h"
#include "text_table.h"

/* ---- The list ---------------------------------------------------------------------------------------------------- */

static int list(const struct synfin_registry *r)
{
    struct text_table t = {.columns = 3};
    const struct synfin_protocol *p;
    const struct synfin_model *m;
    for (size_t i = 0; (p = synfin_registry_protocol(r, i)); i++) {
        text_table_add(&t, "%s", i ? "" : "protocol");
        text_table_add(&t, "%s", p->name);
        text_table_add(&t, "%s", p->help);
    }
    for (unsigned stage = 0; stage < SYNFIN_STAGES; stage++) {
        bool first = true;
        for (size_t i = 0; (m = synfin_registry_model(r, i)); i++) {
            if (m->stage != (enum synfin_stage)stage)
                continue;
            text_table_add(&t, "%s", first ? synfin_stage_name((enum synfin_stage)stage) : "");
            text_table_add(&t, "%s", m->name);
            text_table_add(&t, "%s", m->help);
            first = false;
        }
    }
    return text_table_print(&t, stdout, "");
}

/* ---- One of them ------------------------------------------------------------------------------------------------- */

/* The kinds of values, and how each is written. */
static const struct {
    const char *name, *notation;
} quantities[] = {
    [SYNFIN_COUNT] = {"whole number", NULL},
    [SYNFIN_DURATION] = {"duration", "a number with ns us ms s min h"},
    [SYNFIN_SIZE] = {"size", "a number with B KB MB GB KiB MiB GiB"},
    [SYNFIN_RATE] = {"rate", "a number with bit/s kbit/s Mbit/s Gbit/s"},
    [SYNFIN_FREQUENCY] = {"frequency", "a number with /s"},
    [SYNFIN_PROBABILITY] = {"probability", "a number with % or no unit: 5% is 0.05"},
    [SYNFIN_LIMIT] = {"limit", "packets without a unit, or bytes in B KB MB GB KiB MiB GiB"},
    [SYNFIN_SWITCH] = {"switch", "true or false"},
    [SYNFIN_CHOICE] = {"word", NULL},
    [SYNFIN_SEGMENT_LIST] = {"segments", "a list such as [syn:1, syn_ack:2, ack:1, data:1, fin:1, rst:1, any:3]"},
    [SYNFIN_TEXT] = {"text", NULL},
    [SYNFIN_FILE] = {"file", "a name, relative to the folder of the scenario file"},
};

/* How the quantities that the table uses are written. */
static void show_notation(const struct synfin_param *params)
{
    for (unsigned q = SYNFIN_COUNT; q <= SYNFIN_FILE; q++) {
        bool used = false;
        for (const struct synfin_param *p = params; p->name; p++)
            used = used || (unsigned)p->quantity == q;
        if (used && quantities[q].notation)
            printf("%s: %s\n", quantities[q].name, quantities[q].notation);
    }
}

static const char *preset(const struct synfin_profile *profile, const char *param)
{
    for (size_t i = 0; profile->presets[i].param; i++) {
        if (!strcmp(profile->presets[i].param, param))
            return profile->presets[i].value;
    }
    return NULL;
}

/* One column a profile where there are any, else one of defaults. */
static int show_params(const struct synfin_param *params, const struct synfin_profile *profiles)
{
    enum { OTHERS = 4 };
    struct text_table t = {.columns = OTHERS};
    size_t n = 0;
    if (!setting_rows(params)) {
        puts("\nIt has no parameters.");
        return 0;
    }
    while (profiles && profiles[n].name && n < TEXT_TABLE_COLUMNS - OTHERS)
        n++;
    t.columns = OTHERS + (n ? n : 1);
    text_table_add(&t, "parameter");
    for (size_t i = 0; i < n; i++)
        text_table_add(&t, "%s", profiles[i].name);
    if (!n)
        text_table_add(&t, "default");
    text_table_add(&t, "range");
    text_table_add(&t, "value");
    text_table_add(&t, "meaning");
    for (const struct synfin_param *p = params; p->name; p++) {
        const char *fallback = !p->fallback ? "(must be given)" : *p->fallback ? p->fallback : "(none)";
        text_table_add(&t, "%s", p->name);
        for (size_t i = 0; i < (n ? n : 1); i++) {
            const char *value = n ? preset(&profiles[i], p->name) : NULL;
            text_table_add(&t, "%s", value ? value : fallback);
        }
        text_table_add(&t, "%s", p->range ? p->range : "");
        text_table_add(&t, "%s", quantities[p->quantity].name);
        text_table_add(&t, "%s", p->help);
    }
    puts("");
    if (text_table_print(&t, stdout, "  "))
        return -1;
    puts("");
    show_notation(params);
    return 0;
}

static int show_protocol(const struct synfin_protocol *p)
{
    printf("protocol %s: %s\nsource: %s\nwhere: hosts.HOST.%s.PARAMETER\n", p->name, p->help, p->source, p->name);
    for (const struct synfin_profile *profile = p->profiles; profile && profile->name; profile++)
        printf("profile %s: %s\n", profile->name, profile->help);
    return show_params(p->params, p->profiles);
}

static int show_model(const struct synfin_model *m)
{
    const char *stage = synfin_stage_name(m->stage);
    printf("%s model %s: %s\nsource: %s\n", stage, m->name, m->help, m->source);
    if (m->stage == SYNFIN_ARRIVALS)
        printf("where: workloads.WORKLOAD.arrivals.PARAMETER\n");
    else
        printf("where: links.LINK.both|forward|backward.%s.PARAMETER; only: [syn, syn_ack, ack, data, fin, rst] limits "
               "it to kinds\n",
               stage);
    return show_params(m->params, NULL);
}

static int unknown(const struct synfin_registry *r, const char *name)
{
    enum { NAMES = 128 };
    const char *names[NAMES];
    char text[512];
    size_t n = 0;
    for (size_t i = 0; synfin_registry_protocol(r, i) && n < NAMES; i++)
        names[n++] = synfin_registry_protocol(r, i)->name;
    for (size_t i = 0; synfin_registry_model(r, i) && n < NAMES; i++) {
        const char *model = synfin_registry_model(r, i)->name;
        bool known = false;
        for (size_t j = 0; j < n; j++)
            known = known || !strcmp(names[j], model);
        if (!known)
            names[n++] = model;
    }
    setting_unknown(text, sizeof text, "a protocol or model", name, names, n);
    source_text_complain("plugins", text);
    return STATUS_USAGE;
}

/* All that have the name: a loss and a delay model may share it. */
static int show(const struct synfin_registry *r, const char *name)
{
    const struct synfin_model *m;
    int protocol = synfin_registry_find_protocol(r, name), status = 0;
    bool found = protocol >= 0;
    if (found)
        status = show_protocol(synfin_registry_protocol(r, (size_t)protocol));
    for (size_t i = 0; (m = synfin_registry_model(r, i)) && !status; i++) {
        if (strcmp(m->name, name))
            continue;
        if (found)
            puts("");
        status = show_model(m);
        found = true;
    }
    return status ? STATUS_FAILED : found ? STATUS_DONE : unknown(r, name);
}

int command_plugins(const struct options *o)
{
    struct synfin_registry *r = plugin_path_registry(o);
    if (!r)
        return STATUS_USAGE;
    int status = o->files ? show(r, o->file[0]) : list(r) ? STATUS_FAILED : STATUS_DONE;
    synfin_registry_free(r);
    if (fflush(stdout) || ferror(stdout)) {
        source_text_complain("plugins", "standard output cannot be written; make room, or name another place");
        return STATUS_FAILED;
    }
    return status;
}
