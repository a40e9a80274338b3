/* SPDX-License-Identifier: BSD-2-Clause */
/* synfin ladder: runs the scenario again, records one connection, and draws it. */
#include "ladder.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "output.h"
#include "runner.h"
#include "scenario.h"
#include "scenario_file.h"
#include "setting.h"

enum drawing { DRAW_TEXT, DRAW_SVG, DRAW_PNG };

/* What the command works on. */
struct ladder_run {
    const struct options *options;
    const struct scenario_file *file;
    const struct synfin_scenario *scenario;
    uint32_t workload, number; /* the connection to draw */
    bool found;                /* the run had it */
    uint64_t opened;           /* how many the workload had */
    struct synfin_connection connection;
    struct ladder ladder;
};

/* ---- Which connection -------------------------------------------------------------------------------------------- */

static int bad_connection(const struct ladder_run *r, const char *why)
{
    fprintf(stderr, "--connection %s: error: %s\n", r->options->connection, why);
    return STATUS_USAGE;
}

static int find_workload(struct ladder_run *r, const char *name)
{
    size_t n = r->scenario->workloads;
    const char **names = malloc(n * sizeof *names);
    char error[512];

    if (!names)
        return bad_connection(r, "out of memory");
    for (size_t i = 0; i < n; i++) {
        names[i] = r->scenario->workload[i].name;
        if (strcmp(name, names[i]) == 0)
            r->workload = (uint32_t)i;
    }
    if (r->workload == SYNFIN_NONE)
        setting_unknown(error, sizeof error, "a workload", name, names, n);
    free(names);
    return r->workload == SYNFIN_NONE ? bad_connection(r, error) : STATUS_DONE;
}

/* `7`, or `churn:7`. */
static int parse_connection(struct ladder_run *r)
{
    const char *text = r->options->connection, *colon = strrchr(text, ':'), *digits = colon ? colon + 1 : text;
    char name[256], error[512];

    r->workload = colon ? SYNFIN_NONE : 0;
    if (!*digits || digits[strspn(digits, "0123456789")])
        return bad_connection(r, "not a connection's number; write 7, or churn:7 for that of a workload churn");
    if (!colon && r->scenario->workloads > 1) {
        snprintf(error, sizeof error, "there are several workloads; say which, as in %.200s:%.20s",
                 r->scenario->workload[0].name, digits);
        return bad_connection(r, error);
    }
    errno = 0;
    unsigned long long number = strtoull(digits, NULL, 10);
    r->number = errno || number >= SYNFIN_NONE ? SYNFIN_NONE - 1 : (uint32_t)number; /* too large: the run has none */
    if (!colon)
        return STATUS_DONE;
    snprintf(name, sizeof name, "%.*s", (int)(colon - text), text);
    return find_workload(r, name);
}

static bool failed(const struct synfin_connection *c)
{
    return c->outcome >= SYNFIN_OUTCOME_TIMEOUT;
}

/* The order of what is the same in all else. */
static bool earlier(const struct synfin_connection *a, const struct synfin_connection *b)
{
    if (a->opened != b->opened)
        return a->opened < b->opened;
    return a->workload != b->workload ? a->workload < b->workload : a->number < b->number;
}

/* UDP has no set-up: there the response counts. -1: neither came about. */
static synfin_time slowness(const struct synfin_connection *c)
{
    return c->duration[SYNFIN_SETUP] >= 0 ? c->duration[SYNFIN_SETUP] : c->duration[SYNFIN_RESPONSE];
}

static bool slower(const struct synfin_connection *a, const struct synfin_connection *b)
{
    const synfin_time *x = a->duration, *y = b->duration;
    if (slowness(a) != slowness(b))
        return slowness(a) > slowness(b);
    return x[SYNFIN_LIFETIME] != y[SYNFIN_LIFETIME] ? x[SYNFIN_LIFETIME] > y[SYNFIN_LIFETIME] : earlier(a, b);
}

static void look_for_failed(void *user, const struct synfin_connection *c)
{
    struct ladder_run *r = user;
    if (failed(c) && (!r->found || earlier(c, &r->connection))) {
        r->connection = *c;
        r->found = true;
    }
}

static void look_for_slowest(void *user, const struct synfin_connection *c)
{
    struct ladder_run *r = user;
    if (slowness(c) >= 0 && (!r->found || slower(c, &r->connection))) {
        r->connection = *c;
        r->found = true;
    }
}

/* ---- Runs -------------------------------------------------------------------------------------------------------- */

static int fail(const struct ladder_run *r)
{
    const struct options *o = r->options;
    const char *extra = o->slowest ? "--slowest" : o->failed ? "--failed" : NULL;
    char connection[320];

    if (o->connection) { /* it is sound, or there would be no run */
        snprintf(connection, sizeof connection, "--connection %s", o->connection);
        extra = connection;
    }
    char *again = options_repeat(o, "ladder", o->file[0], extra);
    if (again)
        fprintf(stderr, "repeat it with: %s\n", again);
    free(again);
    return STATUS_FAILED;
}

static int run(struct ladder_run *r, struct synfin_observer observer)
{
    struct synfin_error error;
    struct synfin_simulation *simulation = synfin_simulation_new(r->scenario, r->options->replication, &error);

    if (!simulation) {
        fprintf(stderr, "%s: error: %s\n", r->file->path, error.text);
        return fail(r);
    }
    observer.user = r;
    synfin_simulation_observe(simulation, &observer);
    int status = runner_run(simulation, r->file->name, NULL);
    if (status == STATUS_INTERRUPTED)
        fprintf(stderr, "interrupted; nothing was drawn\n");
    synfin_simulation_free(simulation);
    return status == STATUS_FAILED ? fail(r) : status;
}

static int choose(struct ladder_run *r)
{
    const struct options *o = r->options;

    if (o->connection)
        return parse_connection(r);
    if (!o->slowest && !o->failed)
        return STATUS_DONE;
    int status = run(r, (struct synfin_observer){.only_workload = SYNFIN_NONE,
                                                 .only_connection = SYNFIN_NONE,
                                                 .connection = o->failed ? look_for_failed : look_for_slowest});
    if (status != STATUS_DONE)
        return status;
    if (!r->found) {
        fprintf(stderr, "%s: error: %s\n", r->file->path,
                o->failed ? "no connection failed; --slowest draws the one that took longest"
                          : "no connection was established; --failed draws the first that failed");
        return STATUS_FAILED;
    }
    r->workload = r->connection.workload;
    r->number = r->connection.number;
    return STATUS_DONE;
}

static void record_event(void *user, const struct synfin_event *event)
{
    ladder_event(&((struct ladder_run *)user)->ladder, event);
}

static void record_connection(void *user, const struct synfin_connection *c)
{
    struct ladder_run *r = user;
    r->opened += c->workload == r->workload;
    if (c->workload == r->workload && c->number == r->number) {
        r->connection = *c;
        r->found = true;
    }
}

/* The run has no connection of that number. */
static int complain_none(const struct ladder_run *r, const char *workload)
{
    if (r->opened == 0) {
        fprintf(stderr, "%s: error: %s opened no connection\n", r->file->path, workload);
        return STATUS_FAILED;
    }
    fprintf(stderr, "--connection %s: error: there is none; %s has %llu, from 0 to %llu\n", r->options->connection,
            workload, (unsigned long long)r->opened, (unsigned long long)r->opened - 1);
    return STATUS_USAGE;
}

/* The run that is drawn: events of this connection only. */
static int record(struct ladder_run *r)
{
    const char *name = r->scenario->workload[r->workload].name;

    r->found = false;
    int status = run(r, (struct synfin_observer){.only_workload = r->workload,
                                                 .only_connection = r->number,
                                                 .event = record_event,
                                                 .connection = record_connection});
    if (status != STATUS_DONE)
        return status;
    ladder_finish(&r->ladder);
    if (r->ladder.failed) {
        fprintf(stderr, "synfin ladder: error: out of memory\n");
        return STATUS_FAILED;
    }
    if (!r->found)
        return complain_none(r, name);
    if (r->ladder.steps == 0) {
        fprintf(stderr, "%s: error: connection %s:%u sent nothing: %s\n", r->file->path, name, (unsigned)r->number,
                synfin_outcome_name(r->connection.outcome));
        return STATUS_FAILED;
    }
    return STATUS_DONE;
}

/* ---- The picture ------------------------------------------------------------------------------------------------- */

static bool listens(const struct scenario_host *h, uint16_t port, unsigned protocol)
{
    for (size_t i = 0; i < h->listeners; i++) {
        if (h->listener[i].port == port && h->listener[i].protocol == protocol)
            return true;
    }
    return false;
}

/* What stands around the picture. */
static void entitle(struct ladder_run *r, char *name, size_t size)
{
    const struct scenario_workload *w = &r->scenario->workload[r->workload];
    size_t to = r->number % w->destinations;
    const struct scenario_host *server = &r->scenario->host[w->to[to]];
    struct ladder *l = &r->ladder;

    snprintf(name, size, "%.200s:%u", w->name, (unsigned)r->number);
    l->title = r->file->name;
    l->connection = name;
    l->outcome = synfin_outcome_name(r->connection.outcome);
    l->host[LADDER_CLIENT] = r->scenario->host[w->from].name;
    l->host[LADDER_SERVER] = server->name;
    l->first_state[LADDER_CLIENT] = "CLOSED";
    l->first_state[LADDER_SERVER] = listens(server, w->port[to], w->protocol) ? "LISTEN" : "CLOSED";
}

/* -1: the name does not say. */
static int drawing_of(const char *output)
{
    static const char *const endings[] = {[DRAW_TEXT] = ".txt", [DRAW_SVG] = ".svg", [DRAW_PNG] = ".png"};
    const char *dot = output ? strrchr(output, '.') : endings[DRAW_TEXT];

    for (int i = DRAW_TEXT; dot && i <= DRAW_PNG; i++) {
        if (strcmp(dot, endings[i]) == 0)
            return i;
    }
    return -1;
}

/* Whether the terminal shows more than ASCII. */
static bool speaks_utf8(void)
{
    locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
    bool utf8 = locale != (locale_t)0 && strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0;
    if (locale != (locale_t)0)
        freelocale(locale);
    return utf8;
}

static int draw(FILE *f, const struct ladder_run *r, enum drawing drawing, bool utf8)
{
    if (drawing == DRAW_PNG)
        return ladder_png(f, &r->ladder);
    int status = drawing == DRAW_SVG       ? ladder_svg(f, &r->ladder)
                 : r->options->explain ? ladder_explain(f, &r->ladder)
                                       : ladder_text(f, &r->ladder, utf8);
    if (status != 0)
        fprintf(stderr, "synfin ladder: error: out of memory\n");
    return status;
}

static int write_drawing(const struct ladder_run *r, enum drawing drawing)
{
    struct output output;

    if (!r->options->output)
        return draw(stdout, r, DRAW_TEXT, speaks_utf8()) == 0 ? STATUS_DONE : STATUS_FAILED;
    if (output_open(&output, r->options->output) != 0)
        return STATUS_FAILED;
    if (draw(output.stream, r, drawing, true) != 0) {
        output_abandon(&output);
        return STATUS_FAILED;
    }
    return output_commit(&output) == 0 ? STATUS_DONE : STATUS_FAILED;
}

static int draw_file(const struct options *o, const struct scenario_file *file, enum drawing drawing)
{
    struct synfin_scenario *scenario = scenario_file_scenario(file, SCENARIO_BASE);
    struct ladder_run r = {.options = o, .file = file, .scenario = scenario};
    char name[256];

    if (!scenario)
        return STATUS_USAGE;
    int status = choose(&r);
    if (status == STATUS_DONE)
        status = record(&r);
    if (status == STATUS_DONE) {
        entitle(&r, name, sizeof name);
        status = write_drawing(&r, drawing);
    }
    ladder_free(&r.ladder);
    synfin_scenario_free(scenario);
    return status;
}

int command_ladder(const struct options *o)
{
    struct scenario_file file;
    int drawing = drawing_of(o->output);

    if (drawing < 0) {
        fprintf(stderr, "-o %s: error: not a picture's name; it ends in .svg, .png or .txt\n", o->output);
        return STATUS_USAGE;
    }
    if (o->explain && drawing != DRAW_TEXT) {
        fprintf(stderr, "-o %s: error: --explain writes text; let the name end in .txt\n", o->output);
        return STATUS_USAGE;
    }
    runner_catch_interrupt();
    int status = scenario_file_load(&file, o->file[0], o);
    if (status != STATUS_DONE)
        return status;
    status = draw_file(o, &file, (enum drawing)drawing);
    scenario_file_free(&file);
    return status;
}
