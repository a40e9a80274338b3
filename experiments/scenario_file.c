/* SPDX-License-Identifier: BSD-2-Clause */
/* Scenario files: the YAML tree becomes settings that know where they stand; errors go back there. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin_path.h"
#include "scenario_parts.h"
#include "setting.h"
#include "source_text.h"

/* ---- Errors ------------------------------------------------------------------------------------------------------ */

int scenario_fault(const struct scenario_file *f, struct yaml_mark mark, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    source_text_error(f->path, f->text, f->size, mark.line, mark.column, text);
    return -1;
}

int scenario_no_memory(const struct scenario_file *f)
{
    return scenario_fault(f, (struct yaml_mark){0, 0}, "there is no memory; end other programs");
}

char *scenario_copy(const char *text)
{
    size_t n = strlen(text) + 1;
    char *copy = malloc(n);
    if (copy)
        memcpy(copy, text, n);
    return copy;
}

uint64_t scenario_place_add(struct scenario_file *f, const char *path, struct yaml_mark key, struct yaml_mark value,
                            bool swept)
{
    struct scenario_places *places = f->places;
    if (places->used == places->room) {
        size_t room = places->room ? 2 * places->room : 64;
        struct scenario_place *grown = realloc(places->place, room * sizeof *grown);
        if (!grown) {
            scenario_no_memory(f);
            return 0;
        }
        places->place = grown;
        places->room = room;
    }
    char *copy = scenario_copy(path);
    if (!copy) {
        scenario_no_memory(f);
        return 0;
    }
    places->place[places->used++] = (struct scenario_place){copy, key, value, swept};
    return places->used;
}

/* The place of a path, or of the nearest of its parents that is written; NULL: not even that. */
static const struct scenario_place *place_of(const struct scenario_file *f, const char *path)
{
    const struct scenario_places *places = f->places;
    for (size_t n = strlen(path); n > 0;) {
        for (size_t i = 0; i < places->used; i++) {
            const struct scenario_place *p = &places->place[i];
            if (!p->swept && strlen(p->path) == n && !memcmp(p->path, path, n))
                return p;
        }
        do {
            n--;
        } while (n > 0 && path[n] != '.');
    }
    return NULL;
}

void scenario_report(const struct scenario_file *f, const struct synfin_error *e)
{
    const struct scenario_places *places = f->places;
    if (e->tag == SCENARIO_TAG_SEED) {
        source_text_complain("--seed", e->text);
        return;
    }
    if (e->tag >= SCENARIO_TAG_SET) {
        char place[512];
        snprintf(place, sizeof place, "--set %.400s", f->options->set[e->tag - SCENARIO_TAG_SET]);
        source_text_complain(place, e->text);
        return;
    }
    const struct scenario_place *p = e->tag ? &places->place[e->tag - 1] : NULL;
    if (!p || (!p->swept && strcmp(p->path, e->path)))
        p = place_of(f, e->path);
    /* Of a value of the sweep that leaves something missing, the value; of a wrong word in a path, the key. */
    bool value = p && (e->at_value || (p->swept && strcmp(p->path, e->path)));
    scenario_fault(f, !p ? (struct yaml_mark){0, 0} : value ? p->value : p->key, "%s", e->text);
}

/* ---- From the tree to settings ----------------------------------------------------------------------------------- */

const char *scenario_scalar(const struct scenario_file *f, const struct yaml_item *item, const char *what)
{
    if (item->value.kind == YAML_SCALAR)
        return item->value.text;
    scenario_fault(f, item->value.mark, "there is %s here; write %s",
                   item->value.kind == YAML_NULL      ? "no value"
                   : item->value.kind == YAML_MAPPING ? "a mapping"
                                                      : "a list",
                   what);
    return NULL;
}

char *scenario_flow(const struct scenario_file *f, const struct yaml_node *node)
{
    size_t room = 3, used = 1;
    for (size_t i = 0; i < node->items; i++) {
        const struct yaml_node *value = &node->item[i].value;
        if (value->kind == YAML_SCALAR && *value->text && !value->text[strcspn(value->text, ",[]{}\n\t\"'")] &&
            value->text[0] != ' ' && value->text[strlen(value->text) - 1] != ' ') {
            room += strlen(value->text) + 2;
            continue;
        }
        scenario_fault(f, value->mark, "this cannot stand in a list; write plain words, such as [a, b]");
        return NULL;
    }
    char *text = malloc(room);
    if (!text) {
        scenario_no_memory(f);
        return NULL;
    }
    text[0] = '[';
    for (size_t i = 0; i < node->items; i++)
        used += (size_t)snprintf(text + used, room - used, "%s%s", i ? ", " : "", node->item[i].value.text);
    snprintf(text + used, room - used, "]");
    return text;
}

static int set(struct scenario_file *f, const char *path, const char *text, uint64_t tag)
{
    struct synfin_error error;
    if (!synfin_settings_set(f->settings, path, text, tag, &error))
        return 0;
    scenario_report(f, &error);
    return -1;
}

static bool all_scalars(const struct yaml_node *node)
{
    for (size_t i = 0; i < node->items; i++) {
        if (node->item[i].value.kind == YAML_MAPPING || node->item[i].value.kind == YAML_SEQUENCE)
            return false;
    }
    return true;
}

static int set_list(struct scenario_file *f, const char *path, const struct yaml_node *node, uint64_t tag)
{
    char *text = scenario_flow(f, node);
    int status = text ? set(f, path, text, tag) : -1;
    free(text);
    return status;
}

static int flatten(struct scenario_file *f, const char *path, const struct yaml_item *item);

/* The settings below a mapping or a list. */
static int flatten_items(struct scenario_file *f, const char *path, const struct yaml_node *node)
{
    char below[256];
    int status = 0;
    for (size_t i = 0; i < node->items && !status; i++) {
        const struct yaml_item *item = &node->item[i];
        char number[24];
        const char *word = item->key;
        if (!word) {
            snprintf(number, sizeof number, "%zu", i);
            word = number;
        }
        if (strchr(word, '.') || (size_t)snprintf(below, sizeof below, "%s.%s", path, word) >= sizeof below)
            return scenario_fault(f, item->mark,
                                  "'%.60s' is not a name; write letters, digits, '_' and '-', not too many", word);
        status = flatten(f, below, item);
    }
    return status;
}

static int flatten(struct scenario_file *f, const char *path, const struct yaml_item *item)
{
    const struct yaml_node *node = &item->value;
    uint64_t tag = scenario_place_add(f, path, item->mark, node->mark, false);
    if (!tag)
        return -1;
    if (node->kind == YAML_MAPPING && node->items)
        return flatten_items(f, path, node);
    if (node->kind == YAML_SEQUENCE && !all_scalars(node))
        return flatten_items(f, path, node);
    if (node->kind == YAML_SEQUENCE)
        return set_list(f, path, node, tag);
    if (node->kind == YAML_SCALAR && strpbrk(node->text, "\n\r"))
        return scenario_fault(f, node->mark, "the value has several lines; write it on one");
    return set(f, path, node->kind == YAML_SCALAR ? node->text : node->kind == YAML_MAPPING ? "{}" : "", tag);
}

/* The top of the file: settings here, what is the command's own afterwards. */
static int read_settings(struct scenario_file *f, const struct yaml_node *root)
{
    static const char *const known[] = {"name",      "seed",   "stop",  "hosts", "links",
                                        "workloads", "series", "sweep", "plots", "expect"};
    enum { KNOWN = sizeof known / sizeof *known, OWN = 3 };
    if (root->kind == YAML_NULL)
        return scenario_fault(f, (struct yaml_mark){0, 0},
                              "the file is empty; a scenario has hosts, links and workloads");
    if (root->kind != YAML_MAPPING)
        return scenario_fault(f, root->mark,
                              "a scenario is a mapping; begin lines with 'hosts:', 'links:' and 'workloads:'");
    for (size_t i = 0; i < root->items; i++) {
        const struct yaml_item *item = &root->item[i];
        size_t k = 0;
        char text[512];
        while (k < KNOWN && strcmp(known[k], item->key))
            k++;
        if (k == KNOWN) {
            setting_unknown(text, sizeof text, "a setting of scenarios", item->key, known, KNOWN);
            return scenario_fault(f, item->mark, "%s", text);
        }
        if (k < KNOWN - OWN && flatten(f, item->key, item))
            return -1;
    }
    return 0;
}

/* ---- Points ------------------------------------------------------------------------------------------------------ */

size_t scenario_file_points(const struct scenario_file *f)
{
    size_t points = 1;
    for (size_t i = 0; i < f->axes; i++)
        points *= f->axis[i].values;
    return points;
}

size_t scenario_file_row(const struct scenario_file *f, size_t point, size_t axis)
{
    for (size_t i = f->axes - 1; i > axis; i--)
        point /= f->axis[i].values;
    return point % f->axis[axis].values;
}

/* A seed of its own for each point: the base's seed and the point's parameters, mixed (FNV-1a, then SplitMix64's
 * finish). */
static uint64_t seed_of_point(const struct scenario_file *f, size_t point, uint64_t seed)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325) ^ seed;
    for (size_t a = 0; a < f->axes; a++) {
        const struct scenario_axis *axis = &f->axis[a];
        for (size_t p = 0; p < axis->paths; p++) {
            const char *words[] = {axis->path[p], "=", axis->value[scenario_file_row(f, point, a)][p], "\n"};
            for (size_t w = 0; w < 4; w++) {
                for (const char *c = words[w]; *c; c++)
                    h = (h ^ (unsigned char)*c) * UINT64_C(0x100000001b3);
            }
        }
    }
    h = (h ^ h >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    h = (h ^ h >> 27) * UINT64_C(0x94d049bb133111eb);
    return h ^ h >> 31;
}

static int add_point(const struct scenario_file *f, struct synfin_settings *s, size_t point, struct synfin_error *error)
{
    const struct scenario_places *places = f->places;
    synfin_settings_layer(s);
    for (size_t a = 0; a < f->axes; a++) {
        const struct scenario_axis *axis = &f->axis[a];
        size_t row = scenario_file_row(f, point, a);
        for (size_t p = 0; p < axis->paths; p++) {
            if (synfin_settings_set(s, axis->path[p], axis->value[row][p], places->axis_tag[a] + row * axis->paths + p,
                                    error))
                return -1;
        }
    }
    return 0;
}

/* `PATH=VALUE` */
static int add_option(const struct scenario_file *f, struct synfin_settings *s, size_t n, struct synfin_error *error)
{
    const char *text = f->options->set[n], *equals = strchr(text, '=');
    char path[sizeof error->path];
    *error = (struct synfin_error){.tag = SCENARIO_TAG_SET + n};
    if (!equals) {
        snprintf(error->text, sizeof error->text,
                 "a '=' is missing; write PATH=VALUE, such as links.wan.both.loss.p=5%%");
        return -1;
    }
    if ((size_t)(equals - text) >= sizeof path) {
        snprintf(error->text, sizeof error->text, "the path is too long; it has at most %zu characters",
                 sizeof path - 1);
        return -1;
    }
    snprintf(path, sizeof path, "%.*s", (int)(equals - text), text);
    synfin_settings_layer(s);
    return synfin_settings_set(s, path, equals + 1, SCENARIO_TAG_SET + n, error);
}

static int add_seed(struct synfin_settings *s, uint64_t seed, struct synfin_error *error)
{
    char text[24];
    snprintf(text, sizeof text, "%llu", (unsigned long long)seed);
    synfin_settings_layer(s);
    return synfin_settings_set(s, "seed", text, SCENARIO_TAG_SEED, error);
}

struct synfin_settings *scenario_settings(const struct scenario_file *f, size_t point, struct synfin_error *error)
{
    struct synfin_settings *s = synfin_settings_copy(f->settings);
    int status = 0;
    *error = (struct synfin_error){.text = "there is no memory; end other programs"};
    if (!s)
        return NULL;
    if (point != SCENARIO_BASE && f->axes)
        status = add_point(f, s, point, error);
    for (size_t i = 0; i < f->options->sets && !status; i++)
        status = add_option(f, s, i, error);
    if (f->options->has_seed && !status)
        status = add_seed(s, f->options->seed, error);
    if (f->independent && point != SCENARIO_BASE && f->axes && !status) {
        const char *text = synfin_settings_get(s, "seed");
        uint64_t seed = 1;
        char ignored[128];
        if (text)
            setting_count(text, &seed, ignored, sizeof ignored); /* a wrong one is found with the scenario */
        status = add_seed(s, seed_of_point(f, point, seed), error);
    }
    if (!status)
        return s;
    synfin_settings_free(s);
    return NULL;
}

struct synfin_scenario *scenario_file_scenario(const struct scenario_file *f, size_t point)
{
    struct synfin_error error;
    struct synfin_settings *s = scenario_settings(f, point, &error);
    struct synfin_scenario *scenario = s ? synfin_scenario_new(f->registry, s, f->folder, &error) : NULL;
    synfin_settings_free(s);
    if (!scenario)
        scenario_report(f, &error);
    return scenario;
}

/* ---- The whole --------------------------------------------------------------------------------------------------- */

/* `name:` with the options applied, or the file's name without folder and ending. */
static char *name_of(const struct scenario_file *f)
{
    struct synfin_error error;
    struct synfin_settings *s = scenario_settings(f, SCENARIO_BASE, &error);
    const char *given = s ? synfin_settings_get(s, "name") : NULL;
    const char *slash = strrchr(f->path, '/'), *base = slash ? slash + 1 : f->path;
    char *name = scenario_copy(given && *given ? given : base);
    char *dot = name && !(given && *given) ? strrchr(name, '.') : NULL;
    if (dot && dot > name)
        *dot = '\0';
    synfin_settings_free(s);
    return name;
}

static int begin(struct scenario_file *f, const char *path, const struct options *options)
{
    const char *slash = strrchr(path, '/');
    *f = (struct scenario_file){.options = options, .replications = 1};
    f->path = scenario_copy(path);
    f->folder = scenario_copy(slash ? path : ".");
    if (f->folder && slash)
        f->folder[slash == path ? 1 : slash - path] = '\0';
    f->settings = synfin_settings_new();
    f->places = calloc(1, sizeof(struct scenario_places));
    if (f->path && f->folder && f->settings && f->places)
        return 0;
    source_text_complain(path, "there is no memory; end other programs");
    return -1;
}

/* Each value of each axis once, the other axes at their first: what --set or another value spoils shows here. */
static int check_sweep(const struct scenario_file *f)
{
    size_t stride = 1;
    for (size_t a = f->axes; a-- > 0;) {
        for (size_t row = a ? 1 : 0; row < f->axis[a].values; row++) {
            struct synfin_scenario *s = scenario_file_scenario(f, row * stride);
            if (!s)
                return -1;
            synfin_scenario_free(s);
        }
        stride *= f->axis[a].values;
    }
    return 0;
}

static int read_parts(struct scenario_file *f, const struct yaml_node *root)
{
    const struct yaml_item *sweep = yaml_find(root, "sweep"), *plots = yaml_find(root, "plots"),
                           *expect = yaml_find(root, "expect");
    if (read_settings(f, root) || (sweep && scenario_read_sweep(f, sweep)) ||
        (plots && scenario_read_plots(f, plots)) || (expect && scenario_read_expect(f, expect)))
        return -1;
    f->name = name_of(f);
    if (!f->name)
        return scenario_no_memory(f);
    struct synfin_scenario *base = scenario_file_scenario(f, SCENARIO_BASE);
    if (!base)
        return -1;
    synfin_scenario_free(base);
    return check_sweep(f);
}

int scenario_file_load(struct scenario_file *f, const char *path, const struct options *options)
{
    struct yaml_node root = {.kind = YAML_NULL};
    struct yaml_error error;
    int status = begin(f, path, options);
    if (!status) {
        f->text = source_text_read(path, &f->size);
        f->registry = f->text ? plugin_path_registry(options) : NULL;
        status = f->registry ? 0 : -1;
    }
    if (!status && yaml_read(&root, f->text, f->size, &error))
        status = scenario_fault(f, error.mark, "%s", error.text);
    if (!status)
        status = read_parts(f, &root);
    yaml_free(&root);
    if (!status)
        return STATUS_DONE;
    scenario_file_free(f);
    return STATUS_USAGE;
}

void scenario_file_free(struct scenario_file *f)
{
    struct scenario_places *places = f->places;
    for (size_t i = 0; places && i < places->used; i++)
        free(places->place[i].path);
    if (places) {
        free(places->place);
        free(places->axis_tag);
    }
    free(places);
    for (size_t i = 0; i < f->axes; i++)
        scenario_free_axis(&f->axis[i]);
    for (size_t i = 0; i < f->plots; i++)
        scenario_free_plot(&f->plot[i]);
    for (size_t i = 0; i < f->expects; i++)
        expect_free(&f->expect[i]);
    for (size_t i = 0; i < f->until.goals; i++)
        free(f->until.goal[i].name);
    free(f->until.goal);
    free(f->axis);
    free(f->plot);
    free(f->expect);
    synfin_settings_free(f->settings);
    synfin_registry_free(f->registry);
    free(f->path);
    free(f->folder);
    free(f->name);
    free(f->text);
    *f = (struct scenario_file){.path = NULL};
}
