/* SPDX-License-Identifier: BSD-2-Clause */
/* `synfin check`: whether a scenario file is sound, and what it would run. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "number.h"
#include "options.h"
#include "parameter.h"
#include "scenario.h"
#include "scenario_parts.h"
#include "setting.h"
#include "source_text.h"
#include "text_table.h"

/* So many points are built one by one; of a larger sweep each value has been checked, not each combination. */
enum { POINTS_CHECKED = 10000 };

static const char *address_word(uint32_t n)
{
    return n == 1 ? "address" : "addresses";
}

/* ---- Hosts ------------------------------------------------------------------------------------------------------- */

static void show_listeners(const struct scenario_file *f, const struct scenario_host *h, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < h->listeners && used < size; i++) {
        const struct scenario_listener *l = &h->listener[i];
        used +=
            (size_t)snprintf(text + used, size - used, "%s%s port %u (backlog %" PRIu64 ")", i ? ", " : "listens at ",
                             synfin_registry_protocol(f->registry, l->protocol)->name, (unsigned)l->port, l->backlog);
    }
}

static int show_hosts(const struct scenario_file *f, const struct synfin_scenario *s,
                      const struct synfin_settings *settings)
{
    struct text_table t = {.columns = 5};
    for (size_t i = 0; i < s->hosts; i++) {
        const struct scenario_host *h = &s->host[i];
        char path[256], listeners[512];
        snprintf(path, sizeof path, "hosts.%.200s.profile", h->name);
        const char *profile = synfin_settings_get(settings, path);
        show_listeners(f, h, listeners, sizeof listeners);
        text_table_add(&t, "%s", h->name);
        text_table_add(&t, "profile %s", profile ? profile : "linux");
        text_table_add(&t, "%u %s", (unsigned)h->addresses, address_word(h->addresses));
        text_table_add(&t, "ports %u-%u", (unsigned)h->port_low, (unsigned)h->port_high);
        text_table_add(&t, "%s", listeners);
    }
    puts("hosts");
    return text_table_print(&t, stdout, "  ");
}

/* ---- Links ------------------------------------------------------------------------------------------------------- */

/* `bernoulli {p: 1%, only: [syn]}` */
static size_t show_model(const struct scenario_model *m, char *text, size_t size)
{
    size_t used = (size_t)snprintf(text, size, "%s {", m->model->name);
    const char *comma = "";
    for (const struct synfin_param *p = m->model->params; p && p->name && used < size; p++) {
        char value[256];
        setting_show(m->config, p, value, sizeof value);
        if (!*value)
            continue;
        used += (size_t)snprintf(text + used, size - used, "%s%s: %s", comma, p->name, value);
        comma = ", ";
    }
    if (m->only != (1 << SYNFIN_KINDS) - 1 && m->model->stage != SYNFIN_ARRIVALS) {
        const char *separator = "";
        used += used < size ? (size_t)snprintf(text + used, size - used, "%sonly: [", comma) : 0;
        for (unsigned kind = 0; kind < SYNFIN_KINDS && used < size; kind++) {
            if (!(m->only >> kind & 1))
                continue;
            used +=
                (size_t)snprintf(text + used, size - used, "%s%s", separator, synfin_kind_name((enum synfin_kind)kind));
            separator = ", ";
        }
        used += used < size ? (size_t)snprintf(text + used, size - used, "]") : 0;
    }
    used += used < size ? (size_t)snprintf(text + used, size - used, "}") : 0;
    return used < size ? used : size - 1;
}

static void show_direction(struct text_table *t, const struct scenario_link *l, unsigned direction)
{
    static const char *const names[] = {"forward", "backward"};
    bool first = true;
    for (unsigned stage = 0; stage < SYNFIN_LINK_STAGES; stage++) {
        for (size_t i = 0; i < l->stage[direction][stage].models; i++) {
            char text[700];
            show_model(&l->stage[direction][stage].model[i], text, sizeof text);
            text_table_add(t, "%s", first && direction == 0 ? l->name : "");
            text_table_add(t, "%s", first ? names[direction] : "");
            text_table_add(t, "%s", synfin_stage_name((enum synfin_stage)stage));
            text_table_add(t, "%s", text);
            first = false;
        }
    }
    if (first) {
        text_table_add(t, "%s", direction == 0 ? l->name : "");
        text_table_add(t, "%s", names[direction]);
        text_table_add(t, "no delay, no loss");
        text_table_add(t, "%s", "");
    }
}

static int show_links(const struct synfin_scenario *s)
{
    struct text_table t = {.columns = 4};
    if (!s->links)
        return 0;
    for (size_t i = 0; i < s->links; i++) {
        show_direction(&t, &s->link[i], 0);
        show_direction(&t, &s->link[i], 1);
    }
    puts("links");
    return text_table_print(&t, stdout, "  ");
}

/* ---- Workloads --------------------------------------------------------------------------------------------------- */

static void show_path(const struct synfin_scenario *s, const struct scenario_workload *w, char *text, size_t size)
{
    size_t used = (size_t)snprintf(text, size, "%s ->", s->host[w->from].name);
    for (size_t i = 0; i < w->destinations && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s %s:%u", i ? "," : "", s->host[w->to[i]].name,
                                 (unsigned)w->port[i]);
    for (size_t i = 0; i < w->hops && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s %s%s", i ? "," : " over", w->hop[i].backward ? "-" : "",
                                 s->link[w->hop[i].link].name);
}

/* How many connections a workload opens, as far as its rate tells; NAN: it does not. */
static double expected(const struct scenario_workload *w)
{
    int row = setting_row(w->arrivals.model->params, "rate");
    double rate;
    if (!w->duration)
        return (double)w->connections;
    if (row < 0 || w->arrivals.model->params[row].quantity != SYNFIN_FREQUENCY)
        return NAN;
    memcpy(&rate, (const char *)w->arrivals.config + w->arrivals.model->params[row].offset, sizeof rate);
    return round(rate * ((double)w->duration / 1e9));
}

static void show_duration(synfin_time t, char *text, size_t size)
{
    static const struct synfin_param row = {"", SYNFIN_DURATION, NULL, NULL, "", 0};
    setting_show(&t, &row, text, size);
}

static int show_workloads(const struct scenario_file *f, const struct synfin_scenario *s)
{
    struct text_table t = {.columns = 5};
    for (size_t i = 0; i < s->workloads; i++) {
        const struct scenario_workload *w = &s->workload[i];
        char path[600], arrivals[600], number[NUMBER_SIZE], lasting[40];
        show_path(s, w, path, sizeof path);
        show_model(&w->arrivals, arrivals, sizeof arrivals);
        text_table_add(&t, "%s", w->name);
        text_table_add(&t, "%s", path);
        text_table_add(&t, "%s", synfin_registry_protocol(f->registry, w->protocol)->name);
        text_table_add(&t, "arrivals %s", arrivals);
        show_duration(w->duration, lasting, sizeof lasting);
        if (w->duration)
            text_table_add(&t, "for %s", lasting);
        else
            text_table_add(&t, "%s connections", number_grouped(number, w->connections));
    }
    puts("workloads");
    return text_table_print(&t, stdout, "  ");
}

/* ---- The sweep --------------------------------------------------------------------------------------------------- */

static int show_sweep(const struct scenario_file *f)
{
    struct text_table t = {.columns = 2};
    if (!f->axes)
        return 0;
    for (size_t a = 0; a < f->axes; a++) {
        const struct scenario_axis *axis = &f->axis[a];
        for (size_t p = 0; p < axis->paths; p++) {
            char values[400];
            size_t used = 0, row = 0;
            for (; row < axis->values && used < 300; row++)
                used += (size_t)snprintf(values + used, sizeof values - used, "%s%.80s", row ? ", " : "",
                                         axis->value[row][p]);
            text_table_add(&t, "%s", axis->path[p]);
            text_table_add(&t, "%s%s%s", values, row < axis->values ? ", ..." : "",
                           p ? " (in step with the one above)" : "");
        }
    }
    puts("sweep");
    return text_table_print(&t, stdout, "  ");
}

static void show_totals(const struct scenario_file *f, const struct synfin_scenario *s)
{
    char points[NUMBER_SIZE], runs[NUMBER_SIZE], connections[NUMBER_SIZE];
    size_t n = scenario_file_points(f);
    double each = 0;
    for (size_t i = 0; i < s->workloads; i++)
        each += expected(&s->workload[i]);
    if (isnan(each))
        snprintf(connections, sizeof connections, "as many as arrive");
    else
        number_grouped(connections, (uint64_t)each);
    printf("\nseed         %" PRIu64 "\nconnections  %s a run\n", s->seed, connections);
    if (!f->axes && f->replications == 1)
        printf("runs         1\n");
    else if (f->replications)
        printf("runs         %s: %s point%s x %" PRIu64 " replication%s, %s random numbers\n",
               number_grouped(runs, n * f->replications), number_grouped(points, n), n == 1 ? "" : "s", f->replications,
               f->replications == 1 ? "" : "s", f->independent ? "independent" : "common");
    else
        printf("runs         %s point%s, each with %lu to %lu replications, %s random numbers\n",
               number_grouped(points, n), n == 1 ? "" : "s", (unsigned long)f->until.least,
               (unsigned long)f->until.most, f->independent ? "independent" : "common");
    if (f->plots)
        printf("plots        %zu\n", f->plots);
    if (f->expects)
        printf("expect       %zu statement%s\n", f->expects, f->expects == 1 ? "" : "s");
    if (n > POINTS_CHECKED)
        printf("             (each value of the sweep is checked; of the combinations the first %d)\n", POINTS_CHECKED);
}

/* Every point of the sweep, as far as that is quick. */
static int check_points(const struct scenario_file *f)
{
    size_t n = scenario_file_points(f);
    for (size_t point = 0; f->axes && point < n && point < POINTS_CHECKED; point++) {
        struct synfin_scenario *s = scenario_file_scenario(f, point);
        if (!s)
            return -1;
        synfin_scenario_free(s);
    }
    return 0;
}

static int show(const struct scenario_file *f, const struct synfin_scenario *s)
{
    struct synfin_error error;
    struct synfin_settings *settings = scenario_settings(f, SCENARIO_BASE, &error);
    const char *warning;
    if (!settings)
        return -1;
    printf("%s is sound: %s\n\n", f->path, f->name);
    int status = show_hosts(f, s, settings) || show_links(s) || show_workloads(f, s) || show_sweep(f);
    synfin_settings_free(settings);
    if (status)
        return -1;
    show_totals(f, s);
    size_t warnings = 0;
    char text[512];
    while ((warning = synfin_scenario_warning(s, warnings)))
        printf("%swarning: %s\n", warnings++ ? "" : "\n", warning);
    for (size_t n = 0; n < parameter_count(f); n++) {
        if (parameter_warning(f, n, text, sizeof text))
            printf("%swarning: %s\n", warnings++ ? "" : "\n", text);
    }
    return 0;
}

int command_check(const struct options *o)
{
    struct scenario_file f;
    int status = scenario_file_load(&f, o->file[0], o);
    if (status != STATUS_DONE)
        return status;
    struct synfin_scenario *s = check_points(&f) ? NULL : scenario_file_scenario(&f, SCENARIO_BASE);
    if (!s)
        status = STATUS_USAGE;
    else if (show(&f, s) || fflush(stdout) || ferror(stdout)) {
        source_text_complain("check", "standard output cannot be written; make room, or name another place");
        status = STATUS_FAILED;
    }
    synfin_scenario_free(s);
    scenario_file_free(&f);
    return status;
}
