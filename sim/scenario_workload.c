/* SPDX-License-Identifier: BSD-2-Clause */
/* Workloads: who opens connections to whom, over which links, when, and what happens on them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario_build.h"

struct workload_values {
    char *from, *to, *over, *protocol;
    uint64_t port, connections, request, response, retries;
    synfin_time duration, start, hold, close_after, connect_timeout;
    int close;
    bool half_close, fast_open;
};

#define MEMBER(name) offsetof(struct workload_values, name)

static const struct synfin_param params[] = {
    {"from", SYNFIN_TEXT, NULL, NULL, "the host that opens connections", MEMBER(from)},
    {"to", SYNFIN_TEXT, NULL, NULL, "the host that takes them, or a list of hosts used in turn", MEMBER(to)},
    {"port", SYNFIN_COUNT, "0", "1..65535", "where they listen; default: their only listener", MEMBER(port)},
    {"over", SYNFIN_TEXT, "[]", NULL, "the link or links between them", MEMBER(over)},
    {"protocol", SYNFIN_TEXT, "tcp", NULL, "a protocol's name", MEMBER(protocol)},
    {"connections", SYNFIN_COUNT, "0", "1..", "how many connections", MEMBER(connections)},
    {"duration", SYNFIN_DURATION, "0", "1ns..100000h", "how long connections are opened", MEMBER(duration)},
    {"start", SYNFIN_DURATION, "0", "0..100000h", "when it begins", MEMBER(start)},
    {"request", SYNFIN_SIZE, "0", "0..1000000GB", "bytes from the client", MEMBER(request)},
    {"response", SYNFIN_SIZE, "0", "0..1000000GB", "bytes from the server", MEMBER(response)},
    {"hold", SYNFIN_DURATION, "0", "0..100000h", "from ESTABLISHED or the last byte to the close", MEMBER(hold)},
    {"close", SYNFIN_CHOICE, "client", "client|server|both|none|client-only|server-only", "who closes", MEMBER(close)},
    {"close_after", SYNFIN_DURATION, "0", "0..100000h", "how long the other side waits with its close",
     MEMBER(close_after)},
    {"half_close", SYNFIN_SWITCH, "false", NULL, "the client closes its direction behind its request",
     MEMBER(half_close)},
    {"fast_open", SYNFIN_SWITCH, "false", NULL,
     "the client hands over its request as it opens (RFC 7413), where its host's tcp.fastopen lets it",
     MEMBER(fast_open)},
    {"connect_timeout", SYNFIN_DURATION, "0", "0..100000h", "how long a try may take", MEMBER(connect_timeout)},
    {"retries", SYNFIN_COUNT, "0", "0..65535", "how many more tries", MEMBER(retries)},
    {0},
};

int build_workload_begin(struct builder *b, size_t workload)
{
    return form_begin(b, &b->workload[workload].form, params, sizeof(struct workload_values));
}

void build_workload_end(struct build_workload *w)
{
    form_end(&w->form);
    build_item_end(&w->arrivals);
}

int build_workload_set(struct builder *b, size_t workload, const struct path *p, const struct setting *s)
{
    static const char *const more[] = {"arrivals", NULL};
    struct build_workload *w = &b->workload[workload];
    if (p->words == 2)
        return build_empty(s) ? 0
                              : build_fault(b, s, true,
                                            "'%.60s' stands where the settings of a workload belong; write from, to, "
                                            "arrivals ... below it",
                                            s->text);
    if (strcmp(p->word[2], "arrivals")) {
        if (p->words > 3 && setting_row(params, p->word[2]) >= 0)
            return build_fault(b, s, false, "'%s' holds one value; write %s: VALUE", p->word[2], p->word[2]);
        return form_set(b, &w->form, "a setting of workloads", p->word[2], s, more);
    }
    if (p->words == 3 && build_empty(s))
        return build_missing(b, s, s->path, "'model' is missing; name an arrivals model, such as poisson");
    if (p->words == 3)
        return build_fault(
            b, s, true, "'%.60s' stands where a model with its settings belongs; write {model: poisson, rate: 1000/s}",
            s->text);
    if (p->words > 4)
        return build_fault(b, s, false, "the path goes too deep; a model's settings stand right below it");
    return build_item_set(b, &w->arrivals, SYNFIN_ARRIVALS, p->word[3], s);
}

/* ---- Where from, where to ---------------------------------------------------------------------------------------- */

static int set_from(struct builder *b, const struct form *f, struct scenario_workload *out)
{
    const struct workload_values *v = f->values;
    size_t host;
    if (build_find(b, BUILD_HOSTS, v->from, form_given(f, "from"), &host))
        return -1;
    out->from = (uint32_t)host;
    return 0;
}

static int set_protocol(struct builder *b, const struct form *f, struct scenario_workload *out)
{
    enum { NAMES = 64 };
    const struct workload_values *v = f->values;
    int protocol = synfin_registry_find_protocol(b->registry, v->protocol);
    const char *names[NAMES];
    size_t n = 0;
    char text[sizeof b->error->text];
    if (protocol >= 0) {
        out->protocol = (unsigned)protocol;
        return 0;
    }
    for (; n < b->scenario->protocols && n < NAMES; n++)
        names[n] = synfin_registry_protocol(b->registry, n)->name;
    setting_unknown(text, sizeof text, "a protocol", v->protocol, names, n);
    return build_fault(b, form_given(f, "protocol"), true, "%s", text);
}

/* The only listener of the workload's protocol at a host. */
static int only_port(struct builder *b, const struct form *f, const struct scenario_host *host, unsigned protocol,
                     uint16_t *port)
{
    char list[256] = "";
    size_t n = 0, used = 0;
    for (size_t i = 0; i < host->listeners; i++) {
        if (host->listener[i].protocol != protocol)
            continue;
        *port = host->listener[i].port;
        if (used < sizeof list)
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%u", n ? ", " : "", (unsigned)*port);
        n++;
    }
    const char *name = synfin_registry_protocol(b->registry, protocol)->name;
    if (n == 1)
        return 0;
    if (!n)
        return build_fault(b, form_given(f, "to"), true,
                           "host '%s' has no listener of %s; add listen: {port: 80%s%s} to it", host->name, name,
                           protocol ? ", protocol: " : "", protocol ? name : "");
    return build_fault(b, form_given(f, "to"), true, "host '%s' has several listeners of %s; write which 'port' (%s)",
                       host->name, name, list);
}

static int set_destinations(struct builder *b, const struct form *f, struct scenario_workload *out)
{
    const struct workload_values *v = f->values;
    const struct setting *given = form_given(f, "to");
    char problem[256];
    size_t items, host;
    char **word = setting_list(v->to, &items, problem, sizeof problem);
    if (!word)
        return build_fault(b, given, true, "%s", problem);
    int status = items ? 0 : build_fault(b, given, true, "the list is empty; name a host");
    out->to = calloc(items + 1, sizeof *out->to);
    out->port = calloc(items + 1, sizeof *out->port);
    if (!out->to || !out->port)
        status = build_no_memory(b);
    for (size_t i = 0; i < items && !status; i++) {
        status = build_find(b, BUILD_HOSTS, word[i], given, &host);
        if (!status && host == out->from)
            status =
                build_fault(b, given, true, "host '%s' would open connections to itself; name another host", word[i]);
        if (status)
            break;
        out->to[i] = (uint32_t)host;
        out->port[i] = (uint16_t)v->port;
        out->destinations = i + 1;
        if (!v->port)
            status = only_port(b, f, &b->scenario->host[host], out->protocol, &out->port[i]);
    }
    free(word);
    return status;
}

/* `[access, -wan]` */
static int set_path(struct builder *b, const struct form *f, struct scenario_workload *out)
{
    const struct workload_values *v = f->values;
    const struct setting *given = form_given(f, "over");
    char problem[256];
    size_t items, link;
    char **word = setting_list(v->over, &items, problem, sizeof problem);
    if (!word)
        return build_fault(b, given, true, "%s", problem);
    int status = 0;
    out->hop = calloc(items + 1, sizeof *out->hop);
    if (!out->hop)
        status = build_no_memory(b);
    for (size_t i = 0; i < items && !status; i++) {
        bool backward = word[i][0] == '-';
        status = build_find(b, BUILD_LINKS, word[i] + backward, given, &link);
        for (size_t j = 0; j < i && !status; j++) {
            if (out->hop[j].link == link)
                status = build_fault(b, given, true, "the path crosses link '%s' twice; define a second link like it",
                                     word[i] + backward);
        }
        if (status)
            break;
        out->hop[i] = (struct scenario_hop){(uint32_t)link, backward};
        out->hops = i + 1;
    }
    free(word);
    return status;
}

/* ---- How many ---------------------------------------------------------------------------------------------------- */

static int set_extent(struct builder *b, const struct form *f, struct scenario_workload *out,
                      const struct setting *first, const char *parent)
{
    const struct workload_values *v = f->values;
    const struct setting *connections = form_given(f, "connections"), *duration = form_given(f, "duration");
    uint64_t most = (UINT32_MAX - UINT64_C(1)) / b->scenario->workloads;
    if (connections && duration)
        return build_fault(b, duration, false, "'connections' and 'duration' exclude each other; keep one of them");
    if (!connections && !duration)
        return build_missing(b, first, parent,
                             "'connections' is missing; write connections: 10000, or a duration such as 10s");
    if (v->connections > most)
        return build_fault(b, connections, true, "'%s' is out of range; with %zu workload%s, connections is in 1..%llu",
                           connections->text, b->scenario->workloads, b->scenario->workloads == 1 ? "" : "s",
                           (unsigned long long)most);
    out->connections = v->connections;
    out->duration = v->duration;
    return 0;
}

/* Whether the arrivals' rate for the duration stays below what a run can number. */
static int check_expected(struct builder *b, const struct form *f, const struct scenario_workload *w)
{
    double rate, most = (double)UINT32_MAX / (double)b->scenario->workloads;
    if (!w->duration ||
        !setting_member(w->arrivals.config, w->arrivals.model->params, "rate", SYNFIN_FREQUENCY, &rate))
        return 0;
    double expected = rate * ((double)w->duration / 1e9);
    if (expected < 0.999 * most)
        return 0;
    return build_fault(b, form_given(f, "duration"), true,
                       "about %.3g connections are too many; a run has fewer than 4294967295 in all", expected);
}

int build_workload_finish(struct builder *b, size_t workload)
{
    struct build_workload *w = &b->workload[workload];
    struct scenario_workload *out = &b->scenario->workload[workload];
    const struct setting *first = b->first[BUILD_WORKLOADS][workload];
    char parent[256], component[300];
    snprintf(parent, sizeof parent, "workloads.%.200s", out->name);
    snprintf(component, sizeof component, "%s.arrivals", parent);
    if (form_finish(b, &w->form, NULL, first, parent) || set_from(b, &w->form, out) || set_protocol(b, &w->form, out) ||
        set_destinations(b, &w->form, out) || set_path(b, &w->form, out) || set_extent(b, &w->form, out, first, parent))
        return -1;
    if (!w->arrivals.chosen)
        return build_missing(b, first, parent,
                             "'arrivals' is missing; write one such as {model: poisson, rate: 1000/s}");
    if (build_item_finish(b, &w->arrivals, component, &out->arrivals) || check_expected(b, &w->form, out))
        return -1;
    const struct workload_values *v = w->form.values;
    out->start = v->start;
    out->request = v->request;
    out->response = v->response;
    out->hold = v->hold;
    out->close = (enum scenario_close)v->close;
    out->close_after = v->close_after;
    out->half_close = v->half_close;
    out->fast_open = v->fast_open;
    out->connect_timeout = v->connect_timeout;
    out->retries = v->retries;
    return 0;
}
