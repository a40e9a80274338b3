/* SPDX-License-Identifier: BSD-2-Clause */
/* `sweep:` of a scenario file. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parameter.h"
#include "quantity.h"
#include "scenario_parts.h"
#include "setting.h"

void scenario_free_axis(struct scenario_axis *axis)
{
    for (size_t row = 0; axis->value && row < axis->values; row++) {
        for (size_t p = 0; axis->value[row] && p < axis->paths; p++)
            free(axis->value[row][p]);
        free(axis->value[row]);
    }
    for (size_t p = 0; axis->path && p < axis->paths; p++)
        free(axis->path[p]);
    free(axis->value);
    free(axis->path);
}

/* ---- Values ------------------------------------------------------------------------------------------------------ */

/* The values of one path, with where each stands. */
struct values {
    size_t count;
    char **text;
    struct yaml_mark *mark;
};

static void free_values(struct values *v)
{
    for (size_t i = 0; v->text && i < v->count; i++)
        free(v->text[i]);
    free(v->text);
    free(v->mark);
    *v = (struct values){0, NULL, NULL};
}

/* One value: a scalar, or a list of scalars in its flow form. */
static char *value_text(const struct scenario_file *f, const struct yaml_item *item)
{
    if (item->value.kind == YAML_SEQUENCE)
        return scenario_flow(f, &item->value);
    const char *text = scenario_scalar(f, item, "a value");
    char *copy = text ? scenario_copy(text) : NULL;
    if (text && !copy)
        scenario_no_memory(f);
    return copy;
}

static int read_list(const struct scenario_file *f, const struct yaml_node *node, struct values *v)
{
    for (size_t i = 0; i < node->items; i++) {
        v->text[i] = value_text(f, &node->item[i]);
        if (!v->text[i])
            return -1;
        v->mark[i] = node->item[i].value.mark;
        v->count = i + 1;
    }
    return 0;
}

/* A list, or a range. */
static int read_values(const struct scenario_file *f, const struct yaml_item *item, struct values *v)
{
    const struct yaml_node *node = &item->value;
    *v = (struct values){0, NULL, NULL};
    if (node->kind == YAML_MAPPING) {
        v->text = scenario_range(f, item, &v->count);
        v->mark = v->text ? calloc(v->count + 1, sizeof *v->mark) : NULL;
        for (size_t i = 0; v->mark && i < v->count; i++)
            v->mark[i] = node->mark;
        return !v->text ? -1 : v->mark ? 0 : scenario_no_memory(f);
    }
    if (node->kind != YAML_SEQUENCE || !node->items)
        return scenario_fault(f, node->mark,
                              "the values of '%.100s' are missing; write a list such as [1%%, 5%%], or {from: 10ms, "
                              "to: 80ms, "
                              "steps: 4, scale: log}",
                              item->key);
    if (node->items > SCENARIO_VALUES_MAX)
        return scenario_fault(f, node->mark, "there are too many values; one parameter has at most %d",
                              SCENARIO_VALUES_MAX);
    v->text = calloc(node->items, sizeof *v->text);
    v->mark = calloc(node->items, sizeof *v->mark);
    return v->text && v->mark ? read_list(f, node, v) : scenario_no_memory(f);
}

/* ---- Axes -------------------------------------------------------------------------------------------------------- */

/* Whether a path is swept already. */
static bool is_swept(const struct scenario_file *f, const char *path)
{
    for (size_t a = 0; a < f->axes; a++) {
        for (size_t p = 0; p < f->axis[a].paths; p++) {
            if (!strcmp(f->axis[a].path[p], path))
                return true;
        }
    }
    return false;
}

static struct scenario_axis *new_axis(struct scenario_file *f, size_t paths)
{
    struct scenario_places *places = f->places;
    struct scenario_axis *grown = realloc(f->axis, (f->axes + 1) * sizeof *grown);
    f->axis = grown ? grown : f->axis;
    uint64_t *tags = realloc(places->axis_tag, (f->axes + 1) * sizeof *tags);
    places->axis_tag = tags ? tags : places->axis_tag;
    char **path = calloc(paths, sizeof *path);
    if (!grown || !tags || !path) {
        free(path);
        scenario_no_memory(f);
        return NULL;
    }
    struct scenario_axis *axis = &f->axis[f->axes++];
    *axis = (struct scenario_axis){.path = path};
    return axis;
}

/* Two equal rows would be two points that nobody can tell apart. */
static int check_distinct(struct scenario_file *f, const struct scenario_axis *axis, const struct values *v)
{
    for (size_t row = 0; row < axis->values && axis->values <= 1000; row++) {
        for (size_t earlier = 0; earlier < row; earlier++) {
            bool same = true;
            for (size_t p = 0; p < axis->paths; p++)
                same = same && parameter_same(axis->value[row][p], axis->value[earlier][p]);
            if (same && strcmp(axis->value[row][0], axis->value[earlier][0]))
                return scenario_fault(f, v->mark[row], "the value '%.60s' is '%.60s' again; keep one of them",
                                      axis->value[row][0], axis->value[earlier][0]);
            if (same)
                return scenario_fault(f, v->mark[row], "the value '%.60s' stands twice; keep one of them",
                                      axis->value[row][0]);
        }
    }
    return 0;
}

/* Rows of the axis from the values of its paths, which are taken over. */
static int fill_axis(struct scenario_file *f, struct scenario_axis *axis, struct values *v,
                     const struct yaml_item *items, size_t paths)
{
    axis->value = calloc(v[0].count, sizeof *axis->value);
    if (!axis->value)
        return scenario_no_memory(f);
    for (size_t p = 0; p < paths; p++) {
        axis->path[p] = scenario_copy(items[p].key);
        if (!axis->path[p])
            return scenario_no_memory(f);
        axis->paths = p + 1;
    }
    for (size_t row = 0; row < v[0].count; row++) {
        axis->value[row] = calloc(paths, sizeof *axis->value[row]);
        if (!axis->value[row])
            return scenario_no_memory(f);
        axis->values = row + 1;
        for (size_t p = 0; p < paths; p++) {
            axis->value[row][p] = v[p].text[row];
            v[p].text[row] = NULL;
            uint64_t tag = scenario_place_add(f, items[p].key, items[p].mark, v[p].mark[row], true);
            if (!tag)
                return -1;
            if (!row && !p)
                ((struct scenario_places *)f->places)->axis_tag[f->axes - 1] = tag;
        }
    }
    return check_distinct(f, axis, &v[0]);
}

/* What all points have in common by what a sweep is. */
static int check_path(const struct scenario_file *f, const struct yaml_item *item)
{
    if (!strcmp(item->key, "seed"))
        return scenario_fault(f, item->mark,
                              "all points have the same seed; write replications: 10 for runs with other random numbers,"
                              " or sweep with --seed into another database");
    if (!strcmp(item->key, "name"))
        return scenario_fault(f, item->mark, "all points have the same name; write it at the top of the file");
    if (is_swept(f, item->key))
        return scenario_fault(f, item->mark, "'%.100s' is swept twice; keep one of them", item->key);
    return 0;
}

/* One axis: paths that move in step. */
static int read_axis(struct scenario_file *f, const struct yaml_item *items, size_t paths)
{
    struct values *v = calloc(paths, sizeof *v);
    int status = v ? 0 : scenario_no_memory(f);
    for (size_t p = 0; p < paths && !status; p++) {
        status = check_path(f, &items[p]);
        if (!status)
            status = read_values(f, &items[p], &v[p]);
        if (!status && v[p].count != v[0].count)
            status =
                scenario_fault(f, items[p].mark,
                               "'%.100s' has %zu values, '%.100s' has %zu; values that move together are equally many",
                               items[p].key, v[p].count, items[0].key, v[0].count);
    }
    struct scenario_axis *axis = status ? NULL : new_axis(f, paths);
    if (!axis || fill_axis(f, axis, v, items, paths))
        status = -1;
    for (size_t p = 0; v && p < paths; p++)
        free_values(&v[p]);
    free(v);
    return status;
}

static int read_vary(struct scenario_file *f, const struct yaml_item *item)
{
    if (item->value.kind != YAML_MAPPING || !item->value.items)
        return scenario_fault(f, item->value.mark,
                              "'vary' has no parameters; write paths with values, such as links.wan.both.loss.p: [1%%, "
                              "5%%]");
    for (size_t i = 0; i < item->value.items; i++) {
        if (read_axis(f, &item->value.item[i], 1))
            return -1;
    }
    return 0;
}

static int read_together(struct scenario_file *f, const struct yaml_item *item)
{
    if (item->value.kind != YAML_SEQUENCE || !item->value.items)
        return scenario_fault(f, item->value.mark,
                              "'together' has no parameters; write a list of mappings from paths to lists");
    for (size_t i = 0; i < item->value.items; i++) {
        const struct yaml_node *group = &item->value.item[i].value;
        if (group->kind != YAML_MAPPING || !group->items)
            return scenario_fault(f, group->mark, "this does not move together; write a mapping from paths to lists");
        if (read_axis(f, group->item, group->items))
            return -1;
    }
    return 0;
}

/* ---- Replications ------------------------------------------------------------------------------------------------ */

static int read_count(const struct scenario_file *f, const struct yaml_item *item, uint64_t *out)
{
    char problem[256];
    const char *text = scenario_scalar(f, item, "a whole number");
    if (!text)
        return -1;
    if (setting_count(text, out, problem, sizeof problem))
        return scenario_fault(f, item->value.mark, "%s", problem);
    if (*out < 1 || *out > 1000000)
        return scenario_fault(f, item->value.mark, "'%.60s' is out of range; %s is in 1..1000000", text, item->key);
    return 0;
}

/* One line of `until`. */
static int read_goal(struct scenario_file *f, const struct yaml_item *item)
{
    char problem[512];
    synfin_probability width;
    struct quantity quantity;
    const char *text = scenario_scalar(f, item, "a width such as 2%");
    if (!text)
        return -1;
    if (setting_probability(text, &width, problem, sizeof problem) || !width)
        return scenario_fault(f, item->value.mark,
                              "'%.60s' is not a width; write a share of the value above 0, such as 2%%", text);
    if (strlen(item->key) >= LABEL_SIZE || quantity_parse(&quantity, item->key, problem, sizeof problem))
        return scenario_fault(f, item->mark, "%s", strlen(item->key) < LABEL_SIZE ? problem : "it is too long");
    struct scenario_goal *goal = &f->until.goal[f->until.goals];
    *goal = (struct scenario_goal){scenario_copy(item->key), ldexp((double)width, -63)};
    if (!goal->name)
        return scenario_no_memory(f);
    f->until.goals++;
    return 0;
}

/* `until: {setup.p99: 2%}`: a relative width for each name. */
static int read_until(struct scenario_file *f, const struct yaml_item *until)
{
    if (until->value.kind != YAML_MAPPING || !until->value.items)
        return scenario_fault(f, until->value.mark,
                              "'until' says nothing; write a name and a width such as {setup.p99: 2%%}");
    f->until.goal = calloc(until->value.items, sizeof *f->until.goal);
    if (!f->until.goal)
        return scenario_no_memory(f);
    for (size_t i = 0; i < until->value.items; i++) {
        if (read_goal(f, &until->value.item[i]))
            return -1;
    }
    return 0;
}

static int read_replications(struct scenario_file *f, const struct yaml_item *item)
{
    static const char *const known[] = {"until", "min", "max"};
    uint64_t least = 10, most = 200;
    char text[512];
    if (item->value.kind != YAML_MAPPING)
        return read_count(f, item, &f->replications);
    const struct yaml_item *until = yaml_find(&item->value, "until");
    if (!until)
        return scenario_fault(f, item->mark,
                              "'until' is missing; write a number of replications, or {until: {setup.p99: 2%%}, min: "
                              "10, max: 200}");
    for (size_t i = 0; i < item->value.items; i++) {
        const struct yaml_item *part = &item->value.item[i];
        int status = 0;
        if (!strcmp(part->key, "until")) {
            status = read_until(f, part);
        } else if (!strcmp(part->key, "min") || !strcmp(part->key, "max")) {
            status = read_count(f, part, part->key[1] == 'i' ? &least : &most);
        } else {
            setting_unknown(text, sizeof text, "a setting of replications", part->key, known, 3);
            status = scenario_fault(f, part->mark, "%s", text);
        }
        if (status)
            return -1;
    }
    if (least > most)
        return scenario_fault(f, item->mark, "'min' is above 'max'; exchange them");
    f->until.least = (uint32_t)least;
    f->until.most = (uint32_t)most;
    f->replications = 0; /* as many as `until` needs */
    return 0;
}

static int read_random(struct scenario_file *f, const struct yaml_item *item)
{
    const char *text = scenario_scalar(f, item, "common or independent");
    if (!text)
        return -1;
    if (strcmp(text, "common") && strcmp(text, "independent"))
        return scenario_fault(f, item->value.mark,
                              "'%.60s' is not a kind of random numbers; write common or independent", text);
    f->independent = text[0] == 'i';
    return 0;
}

int scenario_read_sweep(struct scenario_file *f, const struct yaml_item *sweep)
{
    static const struct {
        const char *key;
        int (*read)(struct scenario_file *, const struct yaml_item *);
    } parts[] = {
        {"random", read_random}, {"replications", read_replications}, {"vary", read_vary}, {"together", read_together}};
    enum { PARTS = sizeof parts / sizeof *parts };
    if (sweep->value.kind != YAML_MAPPING)
        return scenario_fault(f, sweep->value.mark,
                              "a sweep is a mapping; write replications, vary or together below it");
    for (size_t k = 0; k < PARTS; k++) {
        const struct yaml_item *part = yaml_find(&sweep->value, parts[k].key);
        if (part && parts[k].read(f, part))
            return -1;
    }
    for (size_t i = 0; i < sweep->value.items; i++) {
        const char *names[PARTS];
        bool known = false;
        char text[512];
        for (size_t k = 0; k < PARTS; k++) {
            names[k] = parts[k].key;
            known = known || !strcmp(names[k], sweep->value.item[i].key);
        }
        if (known)
            continue;
        setting_unknown(text, sizeof text, "a setting of sweeps", sweep->value.item[i].key, names, PARTS);
        return scenario_fault(f, sweep->value.item[i].mark, "%s", text);
    }
    size_t points = 1;
    for (size_t a = 0; a < f->axes; a++) {
        points *= f->axis[a].values;
        if (points > SCENARIO_POINTS_MAX)
            return scenario_fault(f, sweep->mark, "the sweep has too many points; at most %d", SCENARIO_POINTS_MAX);
    }
    return 0;
}
