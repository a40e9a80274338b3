/* SPDX-License-Identifier: BSD-2-Clause */
/* What has no closed form, and why. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "setting.h"
#include "theory_part.h"

int theory_unknown(char unknown[THEORY_REASON], const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(unknown, THEORY_REASON, format, arguments);
    va_end(arguments);
    return THEORY_UNKNOWN;
}

double theory_rate(const struct scenario_workload *w)
{
    double per_s;
    bool known = setting_member(w->arrivals.config, w->arrivals.model->params, "rate", SYNFIN_FREQUENCY, &per_s);
    return known ? per_s / 1e9 : INFINITY;
}

double theory_count(const struct scenario_workload *w)
{
    return w->duration > 0 ? theory_rate(w) * (double)w->duration : (double)w->connections;
}

/* ---- The listener ------------------------------------------------------------------------------------------------ */

/* What comes to a listener. */
struct load {
    double rate, count; /* per ns; in all */
};

static struct load load_of(const struct theory_pair *p)
{
    struct load load = {0, 0};
    for (size_t i = 0; i < p->scenario->workloads; i++) {
        const struct scenario_workload *w = &p->scenario->workload[i];
        for (size_t k = 0; k < w->destinations; k++) {
            if (&p->scenario->host[w->to[k]] != p->to || w->port[k] != p->listener->port)
                continue;
            load.rate += theory_rate(w) / (double)w->destinations;
            load.count += theory_count(w) / (double)w->destinations;
        }
    }
    return load;
}

/*
 * Little's law: how many connections are half-open at once, of them those whose SYN+ACK has not been repeated yet. Each
 * round takes a SYN+ACK and the ACK that answers it; where every arrival is independent the number is Poisson's, and
 * five standard deviations are allowed for.
 */
struct half_open {
    double most, most_old, least_young;
};

static struct half_open half_open_at(const struct theory_pair *p, struct load load)
{
    double failure = 1 - (1 - p->way[0].lost) * (1 - p->way[1].lost), share = failure;
    synfin_time there = p->way[0].delay[p->way[0].delays - 1].delay, back = p->way[1].delay[p->way[1].delays - 1].delay;
    double young = load.rate * ((double)(there + back) + share * (double)p->server.rto_initial), old = 0;
    for (uint64_t n = 1; n <= p->server.synack_retries; n++) {
        share *= failure;
        old += load.rate * share * (double)theory_timeout(&p->server, n);
    }
    double all = young + old;
    return (struct half_open){fmin(load.count, all + 5 * sqrt(all)), fmin(load.count, old + 5 * sqrt(old)),
                              young - 5 * sqrt(young)};
}

/* Half-open connections matter to each other where there are so many that the listener drops SYNs or sends cookies, or
   ends old ones earlier where half of them are old (reqsk_timer_handler() of Linux). */
static int check_listener(struct theory_pair *p)
{
    if (p->listener->queues)
        return theory_unknown(p->unknown, "listener of %.60s: its application accepts connections in turn", p->to->name);
    const struct synfin_param *params = synfin_registry_protocol(p->scenario->registry, p->workload->protocol)->params;
    const void *config = p->to->protocol[p->workload->protocol];
    uint64_t cookies = 0, bound = 0, most = UINT64_MAX;
    setting_member(config, params, "syncookies", SYNFIN_COUNT, &cookies);
    setting_member(config, params, "max_syn_backlog", SYNFIN_COUNT, &bound);
    setting_member(config, params, "somaxconn", SYNFIN_COUNT, &most);
    double backlog = (double)(p->listener->backlog < most ? p->listener->backlog : most);
    struct half_open n = half_open_at(p, load_of(p));
    const char *does = NULL;
    if (cookies == 2 || (cookies == 1 && bound > 0 && n.most > backlog))
        does = "sends SYN cookies";
    else if (cookies == 0 && bound > 0 && n.most > fmin(backlog, 0.75 * (double)bound))
        does = "may drop SYNs: so many connections are half-open";
    else if (p->server.linux_rules && p->server.synack_retries > 2 && 2 * n.most > fmax(backlog, 8) &&
             n.most_old >= n.least_young)
        does = "may end old half-open connections earlier: there are so many";
    return does ? theory_unknown(p->unknown, "listener of %.60s %s", p->to->name, does) : 0;
}

static const struct scenario_listener *find_listener(const struct theory_pair *p, uint16_t port)
{
    for (size_t i = 0; i < p->to->listeners; i++) {
        const struct scenario_listener *listener = &p->to->listener[i];
        if (listener->port == port && listener->protocol == p->workload->protocol)
            return listener;
    }
    return NULL;
}

/* ---- Ports and wheels -------------------------------------------------------------------------------------------- */

/* What a server answers that still holds an old connection is no matter of timers alone. TIME-WAIT at the client does
   not keep it from that: it may be short, FINs may be lost for longer, and who fails does not enter it. Ports are taken in
   turn, and so are addresses, whatever the destination. */
static int check_ports(struct theory_pair *p)
{
    double ports = (double)p->from->addresses * (p->from->port_high - p->from->port_low + 1), used = 0;
    for (size_t i = 0; i < p->scenario->workloads; i++) {
        const struct scenario_workload *w = &p->scenario->workload[i];
        double opened = w == p->workload ? (double)p->opened : theory_count(w);
        used += &p->scenario->host[w->from] == p->from ? opened * (1 + (double)w->retries) : 0;
    }
    if (used <= ports)
        return 0;
    return theory_unknown(p->unknown, "ports of %.60s: %.0f connections use %.0f again while the server may hold them",
                          p->from->name, used, ports);
}

static int check_wheel(struct theory_pair *p)
{
    if (!p->client.wheel && !p->server.wheel)
        return 0;
    if (p->client.wheel != p->server.wheel || p->client.tick != p->server.tick)
        return theory_unknown(p->unknown, "timers: wheel: only where both hosts have one of the same hz");
    if (p->way[0].delays > 1 || p->way[1].delays > 1)
        return theory_unknown(p->unknown, "timers: wheel: with delays that vary there is no closed form");
    if (p->client.user_timeout > 0)
        return theory_unknown(p->unknown, "timers: wheel: with user_timeout there is no closed form");
    if (p->workload->retries > 0)
        return theory_unknown(p->unknown, "timers: wheel: with retries there is no closed form");
    if (strcmp(p->workload->arrivals.model->name, "poisson") != 0)
        return theory_unknown(p->unknown, "timers: wheel: when connections come to its ticks is known of poisson only");
    return 0;
}

/* ---- All of it --------------------------------------------------------------------------------------------------- */

static int read_pair(struct theory_pair *p, uint16_t port)
{
    const struct synfin_protocol *protocol = synfin_registry_protocol(p->scenario->registry, p->workload->protocol);
    unsigned number = p->workload->protocol;
    if (strcmp(protocol->name, "tcp") != 0)
        return theory_unknown(p->unknown, "protocol %.60s: it has no set-up that is known", protocol->name);
    p->listener = find_listener(p, port);
    if (!p->listener)
        return theory_unknown(p->unknown, "nothing listens at port %u of %.60s: connections are refused",
                              (unsigned)port, p->to->name);
    int status = theory_timers_of(&p->client, p->from, protocol, number, p->unknown);
    if (status == 0)
        status = theory_timers_of(&p->server, p->to, protocol, number, p->unknown);
    for (int back = 0; back < 2 && status == 0; back++)
        status = theory_way_of(&p->way[back], p->scenario, p->workload, back, p->unknown);
    return status;
}

int theory_pair_of(struct theory_pair *p, const struct synfin_scenario *scenario, size_t workload, size_t destination,
                   uint64_t opened)
{
    char *unknown = p->unknown;
    const struct scenario_workload *w = &scenario->workload[workload];
    *p = (struct theory_pair){.scenario = scenario,
                              .workload = w,
                              .from = &scenario->host[w->from],
                              .to = &scenario->host[w->to[destination]],
                              .opened = opened,
                              .unknown = unknown};
    int status = read_pair(p, w->port[destination]);
    if (status == 0)
        status = check_listener(p);
    if (status == 0)
        status = check_ports(p);
    return status == 0 ? check_wheel(p) : status;
}

void theory_pair_free(struct theory_pair *p)
{
    theory_way_free(&p->way[0]);
    theory_way_free(&p->way[1]);
}
