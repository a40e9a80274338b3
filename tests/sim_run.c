/* SPDX-License-Identifier: BSD-2-Clause */
#include "sim_run.h"

#include <CUnit/CUnit.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char sim_plain[] = "hosts.client.profile=rfc9293\n"
                         "hosts.server.profile=rfc9293\n"
                         "hosts.server.listen.port=80\n"
                         "links.wan.both.delay.model=constant\n"
                         "links.wan.both.delay.time=10ms\n"
                         "workloads.w.from=client\n"
                         "workloads.w.to=server\n"
                         "workloads.w.over=wan\n"
                         "workloads.w.protocol=tcp\n"
                         "workloads.w.arrivals.model=constant\n"
                         "workloads.w.arrivals.rate=100/s\n"
                         "workloads.w.connections=10\n"
                         "workloads.w.close=client\n";

static bool complain(const struct synfin_error *error)
{
    char text[1024];
    snprintf(text, sizeof(text), "%s: %s", error->path, error->text);
    fprintf(stderr, "%s\n", text);
    CU_FAIL("the run was refused or failed");
    return false;
}

static bool set_line(struct synfin_settings *s, char *line, uint64_t tag, struct synfin_error *error)
{
    char *equals = strchr(line, '=');
    if (!equals)
        return true;
    *equals = '\0';
    return synfin_settings_set(s, line, equals + 1, tag, error) == 0;
}

static bool set_lines(struct synfin_settings *s, const char *lines, struct synfin_error *error)
{
    char *text = strdup(lines), *rest = text;
    bool fine = text != NULL;
    for (uint64_t tag = 1; fine && rest && *rest; tag++) {
        char *end = strchr(rest, '\n');
        if (end)
            *end = '\0';
        fine = set_line(s, rest, tag, error);
        rest = end ? end + 1 : NULL;
    }
    free(text);
    return fine;
}

static void keep_row(void *user, const struct synfin_connection *c)
{
    struct sim_run *r = user;
    if (r->rows == r->row_room) {
        r->row_room = r->row_room ? 2 * r->row_room : 1024;
        r->row = realloc(r->row, r->row_room * sizeof(*r->row));
    }
    r->row[r->rows++] = *c;
}

static void keep_event(void *user, const struct synfin_event *e)
{
    struct sim_run *r = user;
    if (!(r->keep & SIM_EVENTS) && e->kind != SYNFIN_EVENT_DELIVERED)
        return;
    if (r->events == r->event_room) {
        r->event_room = r->event_room ? 2 * r->event_room : 1024;
        r->event = realloc(r->event, r->event_room * sizeof(*r->event));
        r->segment = realloc(r->segment, r->event_room * sizeof(*r->segment));
    }
    r->event[r->events] = *e;
    if (e->segment)
        r->segment[r->events] = *e->segment;
    r->events++;
}

static int compare_rows(const void *a, const void *b)
{
    const struct synfin_connection *x = a, *y = b;
    if (x->workload != y->workload)
        return x->workload < y->workload ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

bool sim_run_replication(struct sim_run *r, const char *base, const char *more, int keep, uint32_t replication)
{
    struct synfin_error error = {0};
    *r = (struct sim_run){.registry = synfin_registry_new(), .settings = synfin_settings_new(), .keep = keep};
    if (!set_lines(r->settings, base, &error))
        return complain(&error);
    if (more && (synfin_settings_layer(r->settings) < 0 || !set_lines(r->settings, more, &error)))
        return complain(&error);
    r->scenario = synfin_scenario_new(r->registry, r->settings, NULL, &error);
    r->simulation = r->scenario ? synfin_simulation_new(r->scenario, replication, &error) : NULL;
    if (!r->simulation)
        return complain(&error);
    struct synfin_observer observer = {.user = r,
                                       .only_workload = SYNFIN_NONE,
                                       .only_connection = SYNFIN_NONE,
                                       .event = keep & (SIM_EVENTS | SIM_DELIVERIES) ? keep_event : NULL,
                                       .connection = keep & SIM_ROWS ? keep_row : NULL};
    synfin_simulation_observe(r->simulation, &observer);
    if (synfin_simulation_run(r->simulation, 0, &error) != 0)
        return complain(&error);
    r->results = synfin_simulation_results(r->simulation);
    if (r->rows)
        qsort(r->row, r->rows, sizeof(*r->row), compare_rows);
    for (size_t i = 0; i < r->events; i++) {
        if (r->event[i].segment)
            r->event[i].segment = &r->segment[i];
    }
    return true;
}

bool sim_run(struct sim_run *r, const char *base, const char *more, int keep)
{
    return sim_run_replication(r, base, more, keep, 0);
}

void sim_run_end(struct sim_run *r)
{
    synfin_simulation_free(r->simulation);
    synfin_scenario_free(r->scenario);
    synfin_settings_free(r->settings);
    synfin_registry_free(r->registry);
    free(r->row);
    free(r->event);
    free(r->segment);
}

size_t sim_run_count(const struct sim_run *r, enum synfin_metric metric, synfin_time value)
{
    size_t n = 0;
    for (size_t i = 0; i < r->rows; i++)
        n += r->row[i].duration[metric] == value;
    return n;
}

uint64_t sim_many(uint64_t n)
{
#if defined(__SANITIZE_ADDRESS__)
    return n / 20;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
    return n / 20;
#else
    return n;
#endif
#else
    return n;
#endif
}

const char *sim_text(int slot, const char *format, ...)
{
    static char text[4][4096];
    va_list args;
    va_start(args, format);
    vsnprintf(text[slot], sizeof(text[slot]), format, args);
    va_end(args);
    return text[slot];
}
