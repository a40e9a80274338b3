/* SPDX-License-Identifier: BSD-2-Clause */
/* What is allowed in a scenario, but worth a word. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "scenario_build.h"

static int warn(struct synfin_scenario *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

static int warn(struct synfin_scenario *s, const char *format, ...)
{
    char text[512];
    va_list arguments;
    char **grown = realloc(s->warning, (s->warnings + 1) * sizeof *grown);
    if (!grown)
        return -1;
    s->warning = grown;
    va_start(arguments, format);
    int n = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    char *copy = malloc((size_t)n + 1);
    if (!copy)
        return -1;
    snprintf(copy, (size_t)n + 1, "%s", text);
    s->warning[s->warnings++] = copy;
    return 0;
}

static bool client_holds_time_wait(enum scenario_close close)
{
    return close == SCENARIO_CLOSE_CLIENT || close == SCENARIO_CLOSE_BOTH || close == SCENARIO_CLOSE_CLIENT_ONLY;
}

/* RFC 9293 3.6: a four-tuple stays taken for 2 MSL at the side that closed first. */
static int warn_of_ports(struct synfin_scenario *s, const struct scenario_workload *w)
{
    const struct synfin_protocol *protocol = synfin_registry_protocol(s->registry, w->protocol);
    const struct scenario_host *from = &s->host[w->from], *to = &s->host[w->to[0]];
    const struct scenario_host *holder = client_holds_time_wait(w->close) ? from : to;
    double rate;
    synfin_time time_wait;
    char lasting[40];
    if (!protocol->time_wait_state || w->close == SCENARIO_CLOSE_NONE ||
        !setting_member(w->arrivals.config, w->arrivals.model->params, "rate", SYNFIN_FREQUENCY, &rate) ||
        !setting_member(holder->protocol[w->protocol], protocol->params, "time_wait", SYNFIN_DURATION, &time_wait))
        return 0;
    double ports = from->port_high - from->port_low + 1.0;
    double needed = rate * ((double)time_wait / 1e9) / (double)w->destinations;
    uint64_t most;
    if (setting_member(holder->protocol[w->protocol], protocol->params, "max_tw_buckets", SYNFIN_COUNT, &most) &&
        needed > (double)most)
        needed = (double)most;
    if (needed <= ports * from->addresses)
        return 0;
    double addresses = needed / ports;
    uint64_t suffices = (uint64_t)addresses + ((double)(uint64_t)addresses < addresses);
    setting_show(holder->protocol[w->protocol], &protocol->params[setting_row(protocol->params, "time_wait")], lasting,
                 sizeof lasting);
    return warn(s,
                "workloads.%.100s: %.12g connections/s, each %s in TIME-WAIT, need %.0f ports, host '%.100s' has %.0f "
                "(%u address%s x %.0f "
                "ports); %llu addresses suffice",
                w->name, rate, lasting, needed, from->name, ports * from->addresses, (unsigned)from->addresses,
                from->addresses == 1 ? "" : "es", ports, (unsigned long long)suffices);
}

static int warn_of_closed_ports(struct synfin_scenario *s, const struct scenario_workload *w)
{
    for (size_t i = 0; i < w->destinations; i++) {
        const struct scenario_host *to = &s->host[w->to[i]];
        bool open = false;
        for (size_t j = 0; j < to->listeners; j++)
            open = open || (to->listener[j].port == w->port[i] && to->listener[j].protocol == w->protocol);
        if (!open)
            return warn(s, "workloads.%.100s: nothing listens at port %u of host '%.100s'; connections will be refused",
                        w->name, (unsigned)w->port[i], to->name);
    }
    return 0;
}

/* A datagram protocol has nothing to send but the request. */
static int warn_of_silence(struct synfin_scenario *s, const struct scenario_workload *w)
{
    const struct synfin_protocol *protocol = synfin_registry_protocol(s->registry, w->protocol);
    if (protocol->number != SYNFIN_UDP || w->request)
        return 0;
    return warn(s, "workloads.%.100s: without a request its connections send nothing; give it one, as in request: 100B",
                w->name);
}

int build_warnings(struct builder *b)
{
    struct synfin_scenario *s = b->scenario;
    for (size_t i = 0; i < s->workloads; i++) {
        if (warn_of_ports(s, &s->workload[i]) || warn_of_closed_ports(s, &s->workload[i]) ||
            warn_of_silence(s, &s->workload[i]))
            return build_no_memory(b);
    }
    return 0;
}
