/* SPDX-License-Identifier: BSD-2-Clause */
/* Hosts: addresses, ports, profile, the settings of each protocol, listeners. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario_build.h"

struct host_values {
    uint64_t addresses;
    char *ports, *profile;
};

static const struct synfin_param host_params[] = {
    {"addresses", SYNFIN_COUNT, "1", "1..65536", "how many addresses the host has",
     offsetof(struct host_values, addresses)},
    {"ports", SYNFIN_TEXT, "32768-60999", NULL, "ephemeral ports", offsetof(struct host_values, ports)},
    {"profile", SYNFIN_TEXT, "linux", NULL, "whose behaviour the protocols have",
     offsetof(struct host_values, profile)},
    {0},
};

struct listener_values {
    uint64_t port, backlog;
    char *protocol;
    synfin_time accept_after;
    double accept_rate;
};

static const struct synfin_param listener_params[] = {
    {"port", SYNFIN_COUNT, NULL, "1..65535", "the port to listen at", offsetof(struct listener_values, port)},
    {"backlog", SYNFIN_COUNT, "4096", "0..2147483647", "connections that may wait",
     offsetof(struct listener_values, backlog)},
    {"protocol", SYNFIN_TEXT, "tcp", NULL, "a protocol's name", offsetof(struct listener_values, protocol)},
    {"accept_after", SYNFIN_DURATION, "0", "0..100000h", "when the application begins to accept connections",
     offsetof(struct listener_values, accept_after)},
    {"accept_rate", SYNFIN_FREQUENCY, "0", "0..1000000000/s",
     "how many it accepts a second at most; 0: none; default: as they come",
     offsetof(struct listener_values, accept_rate)},
    {0},
};

/* The names of the registry's protocols. NULL: no memory. */
static const char **protocol_names(const struct builder *b)
{
    size_t n = b->scenario->protocols;
    const char **name = malloc((n + 2) * sizeof *name);
    for (size_t i = 0; name && i < n; i++)
        name[i] = synfin_registry_protocol(b->registry, i)->name;
    if (name) {
        name[n] = "listen";
        name[n + 1] = NULL;
    }
    return name;
}

int build_host_begin(struct builder *b, size_t host)
{
    struct build_host *h = &b->host[host];
    h->protocol = calloc(b->scenario->protocols, sizeof *h->protocol);
    if (!h->protocol)
        return build_no_memory(b);
    int status = form_begin(b, &h->form, host_params, sizeof(struct host_values));
    for (size_t i = 0; i < b->scenario->protocols && !status; i++) {
        const struct synfin_protocol *p = synfin_registry_protocol(b->registry, i);
        status = form_begin(b, &h->protocol[i], p->params, p->config_size);
    }
    return status;
}

void build_host_end(struct builder *b, struct build_host *h)
{
    for (size_t i = 0; h->protocol && i < b->scenario->protocols; i++)
        form_end(&h->protocol[i]);
    for (size_t i = 0; i < h->listeners; i++)
        form_end(&h->listener[i].form);
    form_end(&h->form);
    free(h->protocol);
    free(h->listener);
}

/* `listen.port`, `listen.1.port` */
static int set_listener(struct builder *b, struct build_host *h, const struct path *p, const struct setting *s)
{
    size_t index = 0;
    size_t next = p->words > 3 && path_index(p->word[3], &index) ? 4 : 3;
    if (index >= BUILD_LIST_MAX)
        return build_fault(b, s, false, "there are too many listeners; a host has at most %d", BUILD_LIST_MAX);
    if (p->words > next + 1)
        return build_fault(b, s, false, "the path goes too deep; a listener's settings stand right below it");
    if (p->words == next && next == 3 && !strcmp(s->text, "[]"))
        return 0;
    if (p->words == next && build_empty(s))
        return build_missing(b, s, s->path, "'port' is missing; write one such as {port: 80}");
    if (p->words == next)
        return build_fault(b, s, true, "'%.60s' stands where a listener belongs; write {port: 80}", s->text);
    if (index >= h->listeners) {
        struct build_listener *grown = realloc(h->listener, (index + 1) * sizeof *grown);
        if (!grown)
            return build_no_memory(b);
        memset(grown + h->listeners, 0, (index + 1 - h->listeners) * sizeof *grown);
        h->listener = grown;
        h->listeners = index + 1;
    }
    struct build_listener *l = &h->listener[index];
    if (!l->first && form_begin(b, &l->form, listener_params, sizeof(struct listener_values)))
        return -1;
    l->first = l->first ? l->first : s;
    return form_set(b, &l->form, "a setting of listeners", p->word[next], s, NULL);
}

int build_host_set(struct builder *b, size_t host, const struct path *p, const struct setting *s)
{
    struct build_host *h = &b->host[host];
    if (p->words == 2)
        return build_empty(s) ? 0
                              : build_fault(b, s, true,
                                            "'%.60s' stands where the settings of a host belong; write profile, "
                                            "listen ... below it",
                                            s->text);
    if (!strcmp(p->word[2], "listen"))
        return set_listener(b, h, p, s);
    int protocol = synfin_registry_find_protocol(b->registry, p->word[2]);
    if (protocol >= 0 && p->words == 3)
        return build_empty(s)
                   ? 0
                   : build_fault(b, s, true, "'%.60s' stands where settings of %s belong; write them below it", s->text,
                                 p->word[2]);
    if (protocol >= 0) {
        char what[64];
        if (p->words > 4)
            return build_fault(b, s, false, "the path goes too deep; settings of %s stand right below it", p->word[2]);
        snprintf(what, sizeof what, "a setting of %.40s", p->word[2]);
        return form_set(b, &h->protocol[protocol], what, p->word[3], s, NULL);
    }
    if (p->words > 3 && setting_row(host_params, p->word[2]) >= 0)
        return build_fault(b, s, false, "'%s' holds one value; write %s: VALUE", p->word[2], p->word[2]);
    const char **more = protocol_names(b);
    if (!more)
        return build_no_memory(b);
    int status = form_set(b, &h->form, "a setting of hosts", p->word[2], s, more);
    free(more);
    return status;
}

/* `32768-60999` */
static int set_ports(struct builder *b, const struct form *form, const char *text, struct scenario_host *out)
{
    char low_text[24], ignored[128];
    const char *dash = strchr(text, '-');
    uint64_t low = 0, high = 0;
    if (dash && (size_t)(dash - text) < sizeof low_text) {
        snprintf(low_text, sizeof low_text, "%.*s", (int)(dash - text), text);
        if (!setting_count(low_text, &low, ignored, sizeof ignored) &&
            !setting_count(dash + 1, &high, ignored, sizeof ignored) && low >= 1 && low <= high && high <= 65535) {
            out->port_low = (uint16_t)low;
            out->port_high = (uint16_t)high;
            return 0;
        }
    }
    return build_fault(b, form_given(form, "ports"), true,
                       "'%.60s' is not a range of ports; write the first and the last of 1..65535, "
                       "such as 32768-60999",
                       text);
}

static const struct synfin_profile *find_profile(const struct synfin_protocol *p, const char *name)
{
    for (const struct synfin_profile *profile = p->profiles; profile && profile->name; profile++) {
        if (!strcmp(profile->name, name))
            return profile;
    }
    return NULL;
}

static int check_profile(struct builder *b, const struct form *form, const char *name)
{
    enum { NAMES = 64 };
    const char *names[NAMES];
    size_t n = 0;
    for (size_t i = 0; i < b->scenario->protocols; i++) {
        const struct synfin_protocol *p = synfin_registry_protocol(b->registry, i);
        if (find_profile(p, name))
            return 0;
        for (const struct synfin_profile *q = p->profiles; q && q->name && n < NAMES; q++) {
            bool known = false;
            for (size_t j = 0; j < n; j++)
                known = known || !strcmp(names[j], q->name);
            if (!known)
                names[n++] = q->name;
        }
    }
    char text[sizeof b->error->text];
    const struct setting *given = form_given(form, "profile");
    setting_unknown(text, sizeof text, "a profile", name, names, n);
    return given ? build_fault(b, given, true, "%s", text) : build_missing(b, NULL, "", "%s", text);
}

static int finish_protocols(struct builder *b, size_t host, const char *profile)
{
    struct build_host *h = &b->host[host];
    struct scenario_host *out = &b->scenario->host[host];
    out->protocol = calloc(b->scenario->protocols, sizeof *out->protocol);
    if (!out->protocol)
        return build_no_memory(b);
    for (size_t i = 0; i < b->scenario->protocols; i++) {
        const struct synfin_protocol *p = synfin_registry_protocol(b->registry, i);
        char parent[256];
        snprintf(parent, sizeof parent, "hosts.%.150s.%.60s", out->name, p->name);
        if (form_finish(b, &h->protocol[i], find_profile(p, profile), b->first[BUILD_HOSTS][host], parent) ||
            form_prepare(b, &h->protocol[i], p->prepare, b->first[BUILD_HOSTS][host], parent))
            return -1;
        out->protocol[i] = h->protocol[i].values; /* owned by the scenario from here on */
        h->protocol[i].values = NULL;
    }
    return 0;
}

static int finish_listener(struct builder *b, struct build_listener *l, struct scenario_host *out)
{
    if (form_finish(b, &l->form, NULL, l->first, NULL))
        return -1;
    const struct listener_values *v = l->form.values;
    int protocol = synfin_registry_find_protocol(b->registry, v->protocol);
    if (protocol < 0) {
        const char **names = protocol_names(b);
        char text[sizeof b->error->text];
        if (!names)
            return build_no_memory(b);
        setting_unknown(text, sizeof text, "a protocol", v->protocol, names, b->scenario->protocols);
        free(names);
        return build_fault(b, form_given(&l->form, "protocol"), true, "%s", text);
    }
    for (size_t i = 0; i < out->listeners; i++) {
        if (out->listener[i].port == v->port && out->listener[i].protocol == (unsigned)protocol)
            return build_fault(b, form_given(&l->form, "port"), true,
                               "port %llu of %s has two listeners; keep one of them", (unsigned long long)v->port,
                               v->protocol);
    }
    struct scenario_listener listener = {.port = (uint16_t)v->port,
                                         .backlog = v->backlog,
                                         .protocol = (unsigned)protocol,
                                         .accept_after = v->accept_after};
    const struct setting *rate = form_given(&l->form, "accept_rate");
    const struct setting *given = rate ? rate : form_given(&l->form, "accept_after");
    if (given && !synfin_registry_protocol(b->registry, (size_t)protocol)->accept)
        return build_fault(b, given, false, "%s has no queue of connections to accept; leave it out", v->protocol);
    listener.queues = given != NULL;
    if (rate)
        listener.accept_every = v->accept_rate > 0 ? (synfin_time)(1e9 / v->accept_rate + 0.5) : SYNFIN_NEVER;
    out->listener[out->listeners++] = listener;
    return 0;
}

int build_host_finish(struct builder *b, size_t host)
{
    struct build_host *h = &b->host[host];
    struct scenario_host *out = &b->scenario->host[host];
    const struct setting *first = b->first[BUILD_HOSTS][host];
    if (form_finish(b, &h->form, NULL, first, ""))
        return -1;
    const struct host_values *v = h->form.values;
    out->addresses = (uint32_t)v->addresses;
    if (set_ports(b, &h->form, v->ports, out) || check_profile(b, &h->form, v->profile) ||
        finish_protocols(b, host, v->profile))
        return -1;
    out->listener = calloc(h->listeners + 1, sizeof *out->listener);
    if (!out->listener)
        return build_no_memory(b);
    for (size_t i = 0; i < h->listeners; i++) {
        if (h->listener[i].first && finish_listener(b, &h->listener[i], out))
            return -1;
    }
    return 0;
}
