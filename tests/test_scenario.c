/* SPDX-License-Identifier: BSD-2-Clause */
/* From settings to a scenario: what they mean, defaults, layers, what is refused and where. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "registry.h"
#include "scenario.h"
#include "setting.h"
#include "suite.h"

/* A sound scenario, to which the tests add. */
static const char *const base[] = {
    "hosts.client.addresses=16",
    "hosts.server.listen.port=80",
    "links.wan.both.delay.model=constant",
    "links.wan.both.delay.time=10ms",
    "links.wan.both.loss.model=bernoulli",
    "links.wan.both.loss.p=1%",
    "workloads.churn.from=client",
    "workloads.churn.to=server",
    "workloads.churn.over=wan",
    "workloads.churn.arrivals.model=constant",
    "workloads.churn.arrivals.rate=100/s",
    "workloads.churn.connections=1000",
    NULL,
};

struct fixture {
    struct synfin_registry *registry;
    struct synfin_settings *settings;
    struct synfin_scenario *scenario;
    struct synfin_error error;
};

static void set(struct fixture *f, const char *text)
{
    char path[256];
    size_t n = strcspn(text, "=");
    memcpy(path, text, n);
    path[n] = '\0';
    if (!strcmp(text, "--"))
        synfin_settings_layer(f->settings);
    else
        CU_ASSERT_FALSE_FATAL(synfin_settings_set(f->settings, path, text + n + 1, f->settings->used + 1, &f->error));
}

/* The base without the settings that begin with `without`, and the texts; `--` begins a layer. */
static struct fixture build_without(const char *without, const char *const *text)
{
    struct fixture f = {synfin_registry_new(), synfin_settings_new(), NULL, {0}};
    for (size_t i = 0; base[i]; i++) {
        if (!without || strncmp(base[i], without, strlen(without)))
            set(&f, base[i]);
    }
    for (; *text; text++)
        set(&f, *text);
    f.scenario = synfin_scenario_new(f.registry, f.settings, "folder", &f.error);
    return f;
}

static void end(struct fixture *f)
{
    synfin_scenario_free(f->scenario);
    synfin_settings_free(f->settings);
    synfin_registry_free(f->registry);
}

#define BUILD(...) build_without(NULL, (const char *const[]){__VA_ARGS__, NULL})
#define BUILD_WITHOUT(without, ...) build_without(without, (const char *const[]){__VA_ARGS__, NULL})

/* A model of the only link as `name {parameters}`, ` + ` between those of a list. */
static const char *stage(const struct fixture *f, unsigned direction, enum synfin_stage which)
{
    static char text[512];
    size_t used = 0;
    text[0] = '\0';
    if (!f->scenario)
        return f->error.text;
    const struct scenario_stage *s = &f->scenario->link[0].stage[direction][which];
    for (size_t i = 0; i < s->models; i++) {
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", i ? " + " : "", s->model[i].model->name);
        for (const struct synfin_param *p = s->model[i].model->params; p->name; p++) {
            char value[64];
            setting_show(s->model[i].config, p, value, sizeof value);
            used += (size_t)snprintf(text + used, sizeof text - used, " %s=%s", p->name, value);
        }
    }
    return text;
}

static void expect_loss(const char *forward, const char *backward, struct fixture f)
{
    CU_ASSERT_STRING_EQUAL(stage(&f, 0, SYNFIN_LOSS), forward);
    CU_ASSERT_STRING_EQUAL(stage(&f, 1, SYNFIN_LOSS), backward);
    end(&f);
}

/* The error of a scenario that is refused: path, whether the value is at fault, text. */
static void refused(struct fixture f, const char *path, bool at_value, const char *text)
{
    CU_ASSERT_PTR_NULL(f.scenario);
    CU_ASSERT_STRING_EQUAL(f.error.path, path);
    CU_ASSERT_EQUAL(f.error.at_value, at_value);
    CU_ASSERT_STRING_EQUAL(f.error.text, text);
    end(&f);
}

/* ---- Links ------------------------------------------------------------------------------------------------------- */

static void test_both_is_forward_and_backward(void)
{
    expect_loss("bernoulli p=1%", "bernoulli p=1%", BUILD("seed=1"));
}

static void test_own_wins_wherever_it_stands(void)
{
    struct fixture f = BUILD_WITHOUT("links", "links.wan.forward.loss.p=3%", "links.wan.both.loss.p=1%",
                                     "links.wan.both.loss.model=bernoulli");
    CU_ASSERT_STRING_EQUAL(stage(&f, 0, SYNFIN_LOSS), "bernoulli p=3%");
    CU_ASSERT_STRING_EQUAL(stage(&f, 1, SYNFIN_LOSS), "bernoulli p=1%");
    end(&f);
    expect_loss("periodic every=7 first=7", "bernoulli p=1%",
                BUILD("links.wan.forward.loss.every=7", "links.wan.forward.loss.model=periodic"));
}

static void test_later_layers_win(void)
{
    expect_loss("bernoulli p=5%", "bernoulli p=5%",
                BUILD("links.wan.forward.loss.p=3%", "--", "links.wan.both.loss.p=5%"));
    expect_loss("bernoulli p=2%", "bernoulli p=5%",
                BUILD("--", "links.wan.both.loss.p=5%", "--", "links.wan.forward.loss.p=2%"));
}

static void test_model_replaces_the_stage(void)
{
    expect_loss("periodic every=9 first=9", "bernoulli p=1%",
                BUILD("--", "links.wan.forward.loss.model=periodic", "--", "links.wan.forward.loss.every=9"));
    /* The earlier p is gone with its model. */
    refused(BUILD("--", "links.wan.both.loss.model=bernoulli"), "links.wan.both.loss", false,
            "'p' is missing; it is a probability such as 5% or 0.05 (chance that a segment is lost)");
    expect_loss("", "bernoulli p=1%", BUILD("--", "links.wan.forward.loss.model=none"));
    expect_loss("", "", BUILD("--", "links.wan.both.loss=[]"));
}

static void test_lists_of_models(void)
{
    expect_loss("bernoulli p=1% + periodic every=3 first=3", "bernoulli p=1%",
                BUILD("--", "links.wan.forward.loss.1.model=periodic", "--", "links.wan.forward.loss.1.every=3"));
    expect_loss("bernoulli p=1%", "bernoulli p=2%",
                BUILD("--", "links.wan.backward.loss.0.p=2%")); /* a stage is its own first item */
    /* A direction's own list takes the place of both's, whose second item does not stay behind. */
    struct fixture f = BUILD_WITHOUT("links", "links.wan.both.loss.0.model=bernoulli", "links.wan.both.loss.0.p=1%",
                                     "links.wan.both.loss.1.model=bernoulli", "links.wan.both.loss.1.p=2%",
                                     "links.wan.forward.loss.0.model=bernoulli", "links.wan.forward.loss.0.p=3%");
    CU_ASSERT_STRING_EQUAL(stage(&f, 0, SYNFIN_LOSS), "bernoulli p=3%");
    CU_ASSERT_STRING_EQUAL(stage(&f, 1, SYNFIN_LOSS), "bernoulli p=1% + bernoulli p=2%");
    CU_ASSERT_STRING_EQUAL(f.scenario->link[0].stage[1][SYNFIN_LOSS].model[0].component, "links.wan.backward.loss");
    CU_ASSERT_STRING_EQUAL(f.scenario->link[0].stage[1][SYNFIN_LOSS].model[1].component, "links.wan.backward.loss.1");
    end(&f);
}

static void test_only(void)
{
    struct fixture f = BUILD("links.wan.forward.loss.only=[syn, ack]");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f.scenario);
    CU_ASSERT_EQUAL(f.scenario->link[0].stage[0][SYNFIN_LOSS].model[0].only,
                    1 << SYNFIN_KIND_SYN | 1 << SYNFIN_KIND_ACK);
    CU_ASSERT_EQUAL(f.scenario->link[0].stage[1][SYNFIN_LOSS].model[0].only, (1 << SYNFIN_KINDS) - 1);
    end(&f);
    refused(BUILD("links.wan.forward.loss.only=[sin]"), "links.wan.forward.loss.only", true,
            "'sin' is not a kind of segment; did you mean 'syn'? (rst, syn_ack, syn, fin, data, ack)");
    refused(BUILD("links.wan.forward.loss.only=[]"), "links.wan.forward.loss.only", true,
            "the list is empty; write the kinds on which the model acts, such as [syn, ack]");
}

static void test_settings_of_another_model(void)
{
    refused(BUILD("links.wan.forward.loss.every=3"), "links.wan.forward.loss.every", false,
            "'every' is not a setting of loss model bernoulli; choose from model, only, p");
    /* In every layer, also where a later one puts another model there. */
    refused(BUILD("links.wan.both.loss.every=3", "--", "links.wan.both.loss.model=periodic", "--",
                  "links.wan.both.loss.every=4"),
            "links.wan.both.loss.every", false,
            "'every' is not a setting of loss model bernoulli; choose from model, only, p");
    refused(BUILD("--", "links.wan.both.reorder.p=3%"), "links.wan.both.reorder.p", false,
            "there is no reorder model here; choose one with 'links.wan.both.reorder.model' first");
    refused(BUILD("--", "links.wan.both.loss.model=none", "--", "links.wan.both.loss.p=3%"), "links.wan.both.loss.p",
            false, "the loss model is none here, which has no settings; choose a model");
    refused(BUILD("links.wan.both.reorder.p=3%"), "links.wan.both.reorder", false,
            "'model' is missing; name the reorder model before its settings");
    refused(BUILD("--", "links.wan.both.loss.model=bernouli"), "links.wan.both.loss.model", true,
            "'bernouli' is not a model of loss; did you mean 'bernoulli'? (bernoulli, gilbert-elliott, idle, "
            "periodic, rst, script, none)");
}

static void test_wrong_paths_of_links(void)
{
    refused(BUILD("links.wan.up.loss.p=3%"), "links.wan.up", false,
            "'up' is not a setting of links; choose from both, forward, backward");
    refused(BUILD("links.wan.both.los.p=3%"), "links.wan.both.los", false,
            "'los' is not a stage of links; did you mean 'loss'? (queue, loss, duplicate, corrupt, delay, reorder)");
    refused(BUILD("links.wan.both.arrivals.model=poisson"), "links.wan.both.arrivals", false,
            "'arrivals' is not a stage of links; choose from queue, loss, duplicate, corrupt, delay, reorder");
    refused(BUILD("links.wan.both.loss=5%"), "links.wan.both.loss", true,
            "'5%' stands where a model with its settings belongs; write {model: 5%, ...}");
    refused(BUILD("links.wan.both.loss.1={}"), "links.wan.both.loss.1", false, "'model' is missing; name a loss model");
    refused(BUILD("links.wan.both.loss.p.q=5%"), "links.wan.both.loss.p.q", false,
            "the path goes too deep; a model's settings stand right below it");
    refused(BUILD("links.wan.both.loss.64.model=bernoulli"), "links.wan.both.loss.64.model", false,
            "there are too many models; a stage holds at most 64");
}

/* ---- Hosts ------------------------------------------------------------------------------------------------------- */

static uint64_t tcp_count(const struct fixture *f, size_t host, const char *name)
{
    const struct synfin_protocol *tcp = synfin_registry_protocol(f->registry, 0);
    uint64_t value;
    memcpy(&value, (char *)f->scenario->host[host].protocol[0] + tcp->params[setting_row(tcp->params, name)].offset,
           sizeof value);
    return value;
}

static void test_defaults_of_hosts(void)
{
    struct fixture f = BUILD("hosts.third={}");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f.scenario);
    const struct scenario_host *h = f.scenario->host;
    CU_ASSERT_EQUAL(f.scenario->hosts, 3);
    CU_ASSERT_STRING_EQUAL(h[2].name, "third");
    CU_ASSERT_TRUE(h[0].addresses == 16 && h[2].addresses == 1);
    CU_ASSERT_TRUE(h[2].port_low == 32768 && h[2].port_high == 60999 && h[2].listeners == 0);
    CU_ASSERT_TRUE(h[1].listeners == 1 && h[1].listener[0].port == 80 && h[1].listener[0].backlog == 4096 &&
                   h[1].listener[0].protocol == 0);
    CU_ASSERT_EQUAL(tcp_count(&f, 2, "syn_retries"), 6); /* profile linux */
    end(&f);
}

/* Defaults of the table, then the profile, then the settings, wherever they stand. */
static void test_profiles(void)
{
    struct fixture f = BUILD("hosts.client.tcp.syn_retries=2", "hosts.client.profile=rfc9293",
                             "hosts.server.profile=rfc9293", "--", "hosts.server.tcp.synack_retries=1");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f.scenario);
    CU_ASSERT_TRUE(tcp_count(&f, 0, "syn_retries") == 2 && tcp_count(&f, 0, "syn_linear_timeouts") == 0);
    CU_ASSERT_TRUE(tcp_count(&f, 1, "syn_retries") == 7 && tcp_count(&f, 1, "synack_retries") == 1);
    end(&f);
    refused(BUILD("hosts.client.profile=linx"), "hosts.client.profile", true,
            "'linx' is not a profile; did you mean 'linux'? (rfc9293, linux)");
}

static void test_listeners(void)
{
    struct fixture f = BUILD_WITHOUT("hosts.server", "hosts.server.listen.0.port=80", "hosts.server.listen.1.port=80",
                                     "hosts.server.listen.1.protocol=udp", "hosts.server.listen.1.backlog=7");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f.scenario);
    const struct scenario_host *server = &f.scenario->host[1];
    CU_ASSERT_TRUE(server->listeners == 2 && server->listener[1].protocol == 1 && server->listener[1].backlog == 7);
    end(&f);
    refused(BUILD("hosts.server.listen.1.port=80"), "hosts.server.listen.1.port", true,
            "port 80 of tcp has two listeners; keep one of them");
    refused(BUILD("hosts.server.listen.1.backlog=8"), "hosts.server.listen.1", false,
            "'port' is missing; it is a whole number such as 1000 (the port to listen at)");
    refused(BUILD("hosts.server.listen.1.port=65536"), "hosts.server.listen.1.port", true,
            "'65536' is out of range; port is in 1..65535");
    refused(BUILD("hosts.server.listen.protocol=tpc"), "hosts.server.listen.protocol", true,
            "'tpc' is not a protocol; did you mean 'tcp'? (tcp, udp)");
    refused(BUILD("hosts.server.listen.prot=80"), "hosts.server.listen.prot", false,
            "'prot' is not a setting of listeners; did you mean 'protocol'? (port, backlog, protocol, accept_after, "
            "accept_rate)");
}

static void test_wrong_settings_of_hosts(void)
{
    static const char *const ports[] = {"0-100", "100-99", "1-65536", "80", "a-b", "1-", "-1", "1-2-3"};
    for (size_t i = 0; i < sizeof ports / sizeof *ports; i++) {
        char text[64];
        snprintf(text, sizeof text, "hosts.client.ports=%s", ports[i]);
        struct fixture f = BUILD(text);
        CU_ASSERT_PTR_NULL(f.scenario);
        CU_ASSERT_TRUE(f.error.at_value && strstr(f.error.text, "is not a range of ports; write the first and the last "
                                                                "of 1..65535"));
        end(&f);
    }
    refused(BUILD("hosts.server.addresses=65537"), "hosts.server.addresses", true,
            "'65537' is out of range; addresses is in 1..65536");
    refused(BUILD("hosts.server.addresses=0"), "hosts.server.addresses", true,
            "'0' is out of range; addresses is in 1..65536");
    struct fixture f = BUILD("hosts.client.tcp.syn_retires=3");
    CU_ASSERT_PTR_NULL(f.scenario);
    CU_ASSERT_PTR_NOT_NULL(strstr(f.error.text, "'syn_retires' is not a setting of tcp; did you mean 'syn_retries'? "
                                                "("));
    end(&f);
    refused(BUILD("hosts.client.tcp.rto_min=10"), "hosts.client.tcp.rto_min", true,
            "a unit is missing in '10'; write a duration such as 10ms (ns, us, ms, s, min, h)");
    refused(BUILD("hosts.client.prots=1-2"), "hosts.client.prots", false,
            "'prots' is not a setting of hosts; did you mean 'ports'? (tcp, udp, listen, addresses, ports, profile)");
    refused(BUILD("hosts.client=5"), "hosts.client", true,
            "'5' stands where the settings of a host belong; write profile, listen ... below it");
    refused(BUILD("hosts.1st.addresses=5"), "hosts.1st.addresses", false,
            "'1st' is not a name; a name begins with a letter or '_'");
}

/* A misspelt name in a later layer must not become a new host. */
static void test_names_belong_to_the_first_layer(void)
{
    refused(BUILD("--", "hosts.cleint.addresses=5"), "hosts.cleint", false,
            "'cleint' is not a host; did you mean 'client'? (client, server)");
    refused(BUILD("--", "links.wam.both.loss.p=5%"), "links.wam", false,
            "'wam' is not a link; did you mean 'wan'? (wan)");
    refused(BUILD("--", "workloads.chrun.connections=5"), "workloads.chrun", false,
            "'chrun' is not a workload; did you mean 'churn'? (churn)");
}

/* ---- Workloads --------------------------------------------------------------------------------------------------- */

static void test_defaults_of_workloads(void)
{
    struct fixture f = BUILD(NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(f.scenario);
    const struct scenario_workload *w = f.scenario->workload;
    CU_ASSERT_TRUE(f.scenario->workloads == 1 && w->from == 0 && w->destinations == 1 && w->to[0] == 1 &&
                   w->port[0] == 80);
    CU_ASSERT_TRUE(w->hops == 1 && w->hop[0].link == 0 && !w->hop[0].backward && w->protocol == 0);
    CU_ASSERT_TRUE(w->connections == 1000 && w->duration == 0 && w->start == 0 && w->request == 0 && w->response == 0);
    CU_ASSERT_TRUE(w->hold == 0 && w->close == SCENARIO_CLOSE_CLIENT && w->close_after == 0 && !w->half_close);
    CU_ASSERT_TRUE(w->connect_timeout == 0 && w->retries == 0);
    CU_ASSERT_STRING_EQUAL(w->arrivals.component, "workloads.churn.arrivals");
    CU_ASSERT_TRUE(f.scenario->seed == 1 && f.scenario->stop == SYNFIN_NEVER && f.scenario->series == 0);
    end(&f);
}

static void test_settings_of_workloads(void)
{
    struct fixture f =
        BUILD_WITHOUT("workloads.churn.connections", "links.access={}", "hosts.second.listen.port=8080",
                      "workloads.churn.close=server-only", "workloads.churn.duration=2s",
                      "workloads.churn.half_close=true", "workloads.churn.request=1KiB", "workloads.churn.retries=2",
                      "workloads.churn.connect_timeout=3s", "seed=18446744073709551615", "stop=1h", "series=100ms",
                      "--", "workloads.churn.to=[server, second]", "workloads.churn.over=[access, -wan]");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f.scenario);
    const struct scenario_workload *w = f.scenario->workload;
    CU_ASSERT_TRUE(w->destinations == 2 && w->to[1] == 2 && w->port[0] == 80 && w->port[1] == 8080);
    CU_ASSERT_TRUE(w->hops == 2 && w->hop[0].link == 1 && !w->hop[0].backward && w->hop[1].link == 0 &&
                   w->hop[1].backward);
    CU_ASSERT_TRUE(w->close == SCENARIO_CLOSE_SERVER_ONLY && w->duration == 2 * SYNFIN_S && w->connections == 0 &&
                   w->half_close);
    CU_ASSERT_TRUE(w->request == 1024 && w->retries == 2 && w->connect_timeout == 3 * SYNFIN_S);
    CU_ASSERT_TRUE(f.scenario->seed == UINT64_MAX && f.scenario->stop == 3600 * SYNFIN_S &&
                   f.scenario->series == 100 * SYNFIN_MS);
    end(&f);
}

static void test_what_workloads_need(void)
{
    refused(BUILD_WITHOUT("workloads.churn.from", NULL), "workloads.churn", false,
            "'from' is missing; it is the host that opens connections");
    refused(BUILD_WITHOUT("workloads.churn.arrivals", NULL), "workloads.churn", false,
            "'arrivals' is missing; write one such as {model: poisson, rate: 1000/s}");
    refused(BUILD_WITHOUT("workloads.churn.connections", NULL), "workloads.churn", false,
            "'connections' is missing; write connections: 10000, or a duration such as 10s");
    refused(BUILD("workloads.churn.duration=1s"), "workloads.churn.duration", false,
            "'connections' and 'duration' exclude each other; keep one of them");
    refused(BUILD_WITHOUT("workloads", NULL), "", false, "'workloads' is missing; name at least one workload");
    refused(build_without("", (const char *const[]){NULL}), "", false, "'hosts' is missing; name at least two hosts");
}

static void test_names_in_workloads(void)
{
    refused(BUILD_WITHOUT("workloads.churn.from", "workloads.churn.from=clinet"), "workloads.churn.from", true,
            "'clinet' is not a host; did you mean 'client'? (client, server)");
    refused(BUILD_WITHOUT("workloads.churn.to", "workloads.churn.to=client"), "workloads.churn.to", true,
            "host 'client' would open connections to itself; name another host");
    refused(BUILD_WITHOUT("workloads.churn.over", "workloads.churn.over=[wan, wam]"), "workloads.churn.over", true,
            "'wam' is not a link; did you mean 'wan'? (wan)");
    refused(BUILD_WITHOUT("workloads.churn.over", "workloads.churn.over=[wan, -wan]"), "workloads.churn.over", true,
            "the path crosses link 'wan' twice; define a second link like it");
    refused(BUILD("workloads.churn.protocol=upd"), "workloads.churn.protocol", true,
            "'upd' is not a protocol; did you mean 'udp'? (tcp, udp)");
    refused(BUILD("workloads.churn.close=clients"), "workloads.churn.close", true,
            "'clients' is not one of the words; write one of client|server|both|none|client-only|server-only");
    refused(BUILD("workloads.churn.rate=5/s"), "workloads.churn.rate", false,
            "'rate' is not a setting of workloads; choose from arrivals, from, to, port, over, protocol, connections, "
            "duration, start, request, "
            "response, hold, close, close_after, half_close, fast_open, "
            "connect_timeout, retries");
    refused(BUILD("--", "workloads.churn.arrivals.model=none"), "workloads.churn.arrivals.model", true,
            "'none' is not a model of arrivals; choose from constant, poisson, burst, file");
}

static void test_ports_of_destinations(void)
{
    refused(BUILD("hosts.server.listen.1.port=81"), "workloads.churn.to", true,
            "host 'server' has several listeners of tcp; write which 'port' (80, 81)");
    refused(BUILD("workloads.churn.protocol=udp"), "workloads.churn.to", true,
            "host 'server' has no listener of udp; add listen: {port: 80, protocol: udp} to it");
    struct fixture f = BUILD("hosts.server.listen.1.port=81", "workloads.churn.port=81");
    CU_ASSERT_TRUE(f.scenario && f.scenario->workload[0].port[0] == 81 && !synfin_scenario_warning(f.scenario, 0));
    end(&f);
    f = BUILD("workloads.churn.port=81");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f.scenario);
    CU_ASSERT_STRING_EQUAL(synfin_scenario_warning(f.scenario, 0), "workloads.churn: nothing listens at port 81 of "
                                                                   "host 'server'; connections will be refused");
    end(&f);
}

/* Connections of all workloads are numbered in 32 bits. */
static void test_how_many_connections(void)
{
    refused(BUILD_WITHOUT("workloads.churn.connections", "workloads.churn.connections=4294967295"),
            "workloads.churn.connections", true,
            "'4294967295' is out of range; with 1 workload, connections is in 1..4294967294");
    refused(BUILD_WITHOUT("workloads.churn.connections", "workloads.churn.duration=50000h"), "workloads.churn.duration",
            true, "about 1.8e+10 connections are too many; a run has fewer than 4294967295 in all");
    refused(BUILD("--", "workloads.churn.connections=0"), "workloads.churn.connections", true,
            "'0' is out of range; connections is at least 1");
}

/* RFC 9293 3.6: whoever closes first holds the four-tuple; 16 x 28232 ports carry 7528.5/s for a minute. */
static void test_warning_of_ports(void)
{
    struct fixture f = BUILD("--", "workloads.churn.arrivals.rate=7528/s");
    CU_ASSERT_TRUE(f.scenario && !synfin_scenario_warning(f.scenario, 0));
    end(&f);
    f = BUILD("--", "workloads.churn.arrivals.rate=10000/s");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f.scenario);
    CU_ASSERT_STRING_EQUAL(synfin_scenario_warning(f.scenario, 0),
                           "workloads.churn: 10000 connections/s, each 60s in TIME-WAIT, need 600000 ports, host "
                           "'client' has 451712 "
                           "(16 addresses x 28232 ports); 22 addresses suffice");
    CU_ASSERT_PTR_NULL(synfin_scenario_warning(f.scenario, 1));
    end(&f);
    f = BUILD("hosts.client.tcp.time_wait=1s", "--",
              "workloads.churn.arrivals.rate=10000/s"); /* the client's matters ... */
    CU_ASSERT_TRUE(f.scenario && !synfin_scenario_warning(f.scenario, 0));
    end(&f);
    f = BUILD("hosts.client.tcp.time_wait=1s", "workloads.churn.close=server", "--",
              "workloads.churn.arrivals.rate=10000/s");
    CU_ASSERT_TRUE(f.scenario && synfin_scenario_warning(f.scenario, 0)); /* ... unless the server closes first */
    end(&f);
}

static void test_warning_of_silence(void)
{
    struct fixture f = BUILD("hosts.server.listen.1.port=53", "hosts.server.listen.1.protocol=udp",
                             "workloads.churn.protocol=udp");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f.scenario);
    CU_ASSERT_STRING_EQUAL(synfin_scenario_warning(f.scenario, 0),
                           "workloads.churn: without a request its connections send nothing; give it one, as in "
                           "request: 100B");
    end(&f);
    f = BUILD("hosts.server.listen.1.port=53", "hosts.server.listen.1.protocol=udp", "workloads.churn.protocol=udp",
              "workloads.churn.request=100B");
    CU_ASSERT_TRUE(f.scenario && !synfin_scenario_warning(f.scenario, 0));
    end(&f);
}

static void test_top_settings(void)
{
    refused(BUILD("sed=3"), "sed", false,
            "'sed' is not a setting; did you mean 'seed'? (hosts, links, workloads, name, seed, stop, series)");
    refused(BUILD("seed.x=3"), "seed.x", false, "'seed' holds one value; write seed: VALUE");
    refused(BUILD("seed="), "seed", true, "there is no value; write a whole number, such as 1000");
    refused(BUILD("stop=0"), "stop", true, "'0' is out of range; stop is in 1ns..100000h");
}

/* ---- The registry ------------------------------------------------------------------------------------------------ */

static void test_built_in_plugins_are_sound(void)
{
    struct synfin_registry *r = synfin_registry_new();
    char error[512] = "";
    for (size_t i = 0; synfin_registry_model(r, i); i++) {
        CU_ASSERT_FALSE(registry_check_model(synfin_registry_model(r, i), error, sizeof error));
        CU_ASSERT_STRING_EQUAL(error, "");
    }
    for (size_t i = 0; synfin_registry_protocol(r, i); i++) {
        CU_ASSERT_FALSE(registry_check_protocol(synfin_registry_protocol(r, i), error, sizeof error));
        CU_ASSERT_STRING_EQUAL(error, "");
    }
    CU_ASSERT_EQUAL(synfin_registry_find_protocol(r, "tcp"), 0);
    CU_ASSERT_EQUAL(synfin_registry_find_protocol(r, "sctp"), -1);
    CU_ASSERT_PTR_NULL(synfin_registry_find_model(r, SYNFIN_DELAY, "bernoulli"));
    CU_ASSERT_EQUAL(synfin_registry_find_model(r, SYNFIN_CORRUPT, "bernoulli")->stage, SYNFIN_CORRUPT);
    synfin_registry_free(r);
}

static int64_t never(const void *config, struct synfin_crossing *x)
{
    (void)config;
    (void)x;
    return 0;
}

static void test_plugins_that_are_not_sound(void)
{
    static const struct synfin_param outside[] = {{"p", SYNFIN_PROBABILITY, "0", NULL, "", 8}, {0}};
    static const struct synfin_param wrong_default[] = {{"p", SYNFIN_PROBABILITY, "5", NULL, "", 0}, {0}};
    static const struct synfin_param reserved[] = {{"only", SYNFIN_PROBABILITY, "0", NULL, "", 0}, {0}};
    const struct synfin_model sound = {
        .name = "m", .stage = SYNFIN_LOSS, .help = "h", .source = "s", .config_size = 8, .act = never};
    struct synfin_model m[] = {sound, sound, sound, sound, sound, sound, sound};
    char error[512];
    CU_ASSERT_FALSE(registry_check_model(&sound, error, sizeof error));
    m[0].name = "a b";
    m[1].name = "none";
    m[2].act = NULL;
    m[3].stage = SYNFIN_STAGES;
    m[4].params = outside;
    m[5].params = wrong_default;
    m[6].params = reserved;
    for (size_t i = 0; i < sizeof m / sizeof *m; i++) {
        error[0] = '\0';
        CU_ASSERT_EQUAL(registry_check_model(&m[i], error, sizeof error), -1);
        CU_ASSERT_NOT_EQUAL(error[0], '\0');
    }
}

static synfin_probability half(const void *config)
{
    (void)config;
    return SYNFIN_CERTAIN / 2;
}

static void no_delays(const void *config, const uint32_t *draw, int64_t *delay, size_t n,
                      const struct synfin_tools *tools)
{
    (void)config;
    (void)draw;
    (void)tools;
    memset(delay, 0, n * sizeof *delay);
}

static bool sometimes(const void *config)
{
    (void)config;
    return false;
}

/* What is worked out ahead is what act would say, so act must not remember anything. */
static void test_models_that_cannot_be_foreseen(void)
{
    const struct synfin_model loss = {
        .name = "m", .stage = SYNFIN_LOSS, .help = "h", .source = "s", .act = never, .chance = half};
    struct synfin_model delay = loss, arrivals, m[] = {loss, loss, loss, loss, loss, loss, loss};
    delay.stage = SYNFIN_DELAY;
    delay.chance = NULL;
    delay.delays_of = no_delays;
    arrivals = delay;
    arrivals.stage = SYNFIN_ARRIVALS;
    m[0].stage = SYNFIN_DUPLICATE;
    m[1].state_size = 8;
    m[2].delays_of = no_delays;
    m[3] = m[4] = m[5] = delay;
    m[3].stage = SYNFIN_QUEUE;
    m[4].connection_state_size = 8;
    m[5].state_size = 8;
    m[6] = arrivals;
    m[6].state_size = 8;
    m[6].has_memory = sometimes;
    char error[512];
    for (size_t i = 0; i < sizeof m / sizeof *m; i++) {
        CU_ASSERT_EQUAL(registry_check_model(&m[i], error, sizeof error), -1);
        CU_ASSERT_PTR_NOT_NULL(strstr(error, "without memory; leave it NULL"));
    }
    delay.state_size = 8;
    delay.has_memory = sometimes;
    CU_ASSERT_EQUAL(registry_check_model(&loss, error, sizeof error), 0);
    CU_ASSERT_EQUAL(registry_check_model(&delay, error, sizeof error), 0);
    CU_ASSERT_EQUAL(registry_check_model(&arrivals, error, sizeof error), 0);
}

static void test_names_of_stages_and_kinds(void)
{
    CU_ASSERT_STRING_EQUAL(synfin_stage_name(SYNFIN_ARRIVALS), "arrivals");
    CU_ASSERT_EQUAL(synfin_stage_find("reorder"), SYNFIN_REORDER);
    CU_ASSERT_EQUAL(synfin_stage_find("any"), -1);
    CU_ASSERT_STRING_EQUAL(synfin_kind_name(SYNFIN_KIND_SYN_ACK), "syn_ack");
}

/* ---- Robustness -------------------------------------------------------------------------------------------------- */

/* Any settings at all: a scenario, or an error that says something. The seed is fixed: the same every time. */
static void test_random_settings(void)
{
    static const char *const words[] = {"hosts", "links",   "workloads", "client", "server", "wan",      "churn",
                                        "both",  "forward", "loss",      "delay",  "0",      "1",        "model",
                                        "p",     "time",    "listen",    "port",   "tcp",    "arrivals", "rate",
                                        "over",  "to",      "from",      "seed"};
    static const char *const values[] = {"",     "{}",     "[]",    "5",      "5%",     "10ms", "bernoulli",
                                         "none", "[a, b]", "[wan]", "client", "server", "-wan", "[,]"};
    uint32_t state = 1;
    unsigned sound = 0, refusals = 0;
    for (int run = 0; run < 3000; run++) {
        struct fixture f = {synfin_registry_new(), synfin_settings_new(), NULL, {0}};
        for (size_t i = 0; base[i]; i++)
            set(&f, base[i]);
        for (unsigned n = run % 4; n > 0; n--) {
            char path[256] = "";
            for (unsigned w = 0, length = 1 + (state >> 8) % 6; w < length; w++) {
                state = state * 1664525u + 1013904223u;
                strcat(strcat(path, w ? "." : ""), words[(state >> 8) % (sizeof words / sizeof *words)]);
            }
            state = state * 1664525u + 1013904223u;
            if ((state >> 20) % 2)
                synfin_settings_layer(f.settings);
            synfin_settings_set(f.settings, path, values[(state >> 8) % (sizeof values / sizeof *values)], 1, &f.error);
        }
        f.scenario = synfin_scenario_new(f.registry, f.settings, NULL, &f.error);
        sound += f.scenario != NULL;
        refusals += !f.scenario && strstr(f.error.text, "; ") != NULL;
        end(&f);
    }
    CU_ASSERT_EQUAL(sound + refusals, 3000);
    CU_ASSERT_TRUE(sound >= 750 && refusals >= 750);
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"both is forward and backward", test_both_is_forward_and_backward},
        {"a direction's own setting wins over both, wherever it stands", test_own_wins_wherever_it_stands},
        {"a later layer wins over an earlier one", test_later_layers_win},
        {"model replaces the stage as a whole, none removes it", test_model_replaces_the_stage},
        {"models of a list are numbered from 0", test_lists_of_models},
        {"only limits a model to kinds of segments", test_only},
        {"a path that names no setting of the model in use is an error in every layer", test_settings_of_another_model},
        {"wrong paths of links", test_wrong_paths_of_links},
        {"defaults of hosts", test_defaults_of_hosts},
        {"defaults, then the profile, then settings", test_profiles},
        {"listeners", test_listeners},
        {"wrong settings of hosts", test_wrong_settings_of_hosts},
        {"names come with the first layer only", test_names_belong_to_the_first_layer},
        {"defaults of workloads", test_defaults_of_workloads},
        {"settings of workloads", test_settings_of_workloads},
        {"what workloads need", test_what_workloads_need},
        {"names in workloads", test_names_in_workloads},
        {"ports of destinations", test_ports_of_destinations},
        {"how many connections a run can have", test_how_many_connections},
        {"warning where ports in TIME-WAIT run out (S12)", test_warning_of_ports},
        {"a warning of datagrams without a request", test_warning_of_silence},
        {"settings at the top", test_top_settings},
        {"the built-in protocols and models are sound", test_built_in_plugins_are_sound},
        {"plugins that are not sound", test_plugins_that_are_not_sound},
        {"models that cannot be foreseen", test_models_that_cannot_be_foreseen},
        {"names of stages and kinds", test_names_of_stages_and_kinds},
        {"random settings are refused or sound", test_random_settings},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "test_scenario", cases);
}
