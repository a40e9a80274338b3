/* SPDX-License-Identifier: BSD-2-Clause */
/* `{from: 10ms, to: 80ms, steps: 4, scale: log}` and `{from: 0, to: 10%, step: 1%}`: the values of a range. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario_parts.h"
#include "setting.h"

/* Units that can be counted up; `grain` is the smallest step of the quantity. */
struct unit {
    const char *name;
    char family;
    double factor, grain;
};

static const struct unit units[] = {
    {"ns", 't', 1, 1},       {"us", 't', 1e3, 1},   {"ms", 't', 1e6, 1},     {"s", 't', 1e9, 1},
    {"min", 't', 60e9, 1},   {"h", 't', 3600e9, 1}, {"B", 'b', 1, 1},        {"KB", 'b', 1e3, 1},
    {"MB", 'b', 1e6, 1},     {"GB", 'b', 1e9, 1},   {"KiB", 'b', 0x1p10, 1}, {"MiB", 'b', 0x1p20, 1},
    {"GiB", 'b', 0x1p30, 1}, {"bit/s", 'r', 1, 1},  {"kbit/s", 'r', 1e3, 1}, {"Mbit/s", 'r', 1e6, 1},
    {"Gbit/s", 'r', 1e9, 1}, {"/s", 'f', 1, 0},     {"%", 'p', 0.01, 0},     {"", 'p', 1, 0},
};

struct bound {
    double value; /* in the unit */
    const struct unit *unit;
};

struct range {
    struct bound from, to, step;
    uint64_t steps;
    bool log;
};

static int read_bound(const struct scenario_file *f, const struct yaml_item *item, struct bound *out)
{
    struct setting_number n;
    char digits[64], problem[128];
    const char *text = scenario_scalar(f, item, "a number with its unit");
    const char *unit = text ? setting_number(text, &n) : NULL;
    if (!text)
        return -1;
    const struct unit *u = NULL;
    for (size_t i = 0; unit && i < sizeof units / sizeof *units; i++)
        u = !strcmp(units[i].name, unit) ? &units[i] : u;
    if (!u || n.negative || (size_t)(unit - text) >= sizeof digits)
        return scenario_fault(f, item->value.mark,
                              "'%.60s' is not a bound of a range; write a number with its unit, such as 10ms", text);
    /* As a frequency: correctly rounded. */
    snprintf(digits, sizeof digits, "%.*s/s", (int)(unit - text < 60 ? unit - text : 60), text);
    *out = (struct bound){0, u};
    if (setting_frequency(digits, &out->value, problem, sizeof problem))
        return scenario_fault(f, item->value.mark, "'%.60s' is out of range; write a smaller number", text);
    return 0;
}

/* All in the unit of one of them: that of `from`, or of `to` where `from` is a bare 0. */
static int same_unit(const struct scenario_file *f, const struct yaml_item *item, struct range *r)
{
    const struct unit *u = !*r->from.unit->name && r->from.value == 0 ? r->to.unit : r->from.unit;
    struct bound *bounds[] = {&r->from, &r->to, &r->step};
    for (size_t i = 0; i < 3; i++) {
        struct bound *b = bounds[i];
        if (!b->unit || (b->value == 0 && !*b->unit->name)) {
            b->unit = u;
            continue;
        }
        if (b->unit->family != u->family)
            return scenario_fault(f, item->value.mark,
                                  "the units '%s' and '%s' do not go together; write both ends in units of one kind",
                                  u->name, b->unit->name);
        if (b->unit != u)
            b->value = b->value * b->unit->factor / u->factor;
        b->unit = u;
    }
    return 0;
}

/* As text: at most 12 digits, whole ns, bytes and bit/s, and whole numbers where a bare number exceeds 1 (a count). */
static void write_value(const struct range *r, double value, char *text, size_t size)
{
    const struct unit *u = r->from.unit;
    char digits[40];
    bool count = !*u->name && (r->to.value > 1 || r->from.value > 1);
    if (count)
        value = round(value);
    snprintf(digits, sizeof digits, "%.11e", value);
    double rounded = strtod(digits, NULL);
    double grains = u->grain > 0 ? rounded * u->factor : 0;
    if (u->grain > 0 && fabs(grains - round(grains)) > 1e-6) {
        const struct unit *smallest = u;
        while (smallest->factor > 1)
            smallest--;
        snprintf(text, size, "%.0f%s", round(grains), smallest->name);
    } else {
        snprintf(text, size, count ? "%.0f%s" : "%.12g%s", rounded, u->name);
    }
}

static double value_at(const struct range *r, uint64_t i)
{
    double share = (double)i / (double)(r->steps - 1);
    if (r->step.value > 0)
        return r->from.value + (double)i * r->step.value;
    if (i == 0)
        return r->from.value;
    if (i == r->steps - 1)
        return r->to.value;
    return r->log ? r->from.value * pow(r->to.value / r->from.value, share)
                  : r->from.value + share * (r->to.value - r->from.value);
}

/* ---- Reading ----------------------------------------------------------------------------------------------------- */

static int read_steps(const struct scenario_file *f, const struct yaml_item *item, uint64_t *steps)
{
    char problem[256];
    const char *text = scenario_scalar(f, item, "a whole number");
    if (!text)
        return -1;
    if (setting_count(text, steps, problem, sizeof problem))
        return scenario_fault(f, item->value.mark, "%s", problem);
    if (*steps < 2 || *steps > SCENARIO_VALUES_MAX)
        return scenario_fault(f, item->value.mark, "'%.60s' is out of range; steps is in 2..%d", text,
                              SCENARIO_VALUES_MAX);
    return 0;
}

static int read_scale(const struct scenario_file *f, const struct yaml_item *item, bool *log)
{
    const char *text = scenario_scalar(f, item, "lin or log");
    if (!text)
        return -1;
    if (strcmp(text, "lin") && strcmp(text, "log"))
        return scenario_fault(f, item->value.mark, "'%.60s' is not a scale; write lin or log", text);
    *log = text[1] == 'o';
    return 0;
}

static int read_keys(const struct scenario_file *f, const struct yaml_node *node, struct range *r)
{
    static const char *const known[] = {"from", "to", "steps", "scale", "step"};
    for (size_t i = 0; i < node->items; i++) {
        const struct yaml_item *item = &node->item[i];
        char text[512];
        size_t k = 0;
        int status = 0;
        while (k < 5 && strcmp(known[k], item->key))
            k++;
        switch (k) {
        case 0:
            status = read_bound(f, item, &r->from);
            break;
        case 1:
            status = read_bound(f, item, &r->to);
            break;
        case 2:
            status = read_steps(f, item, &r->steps);
            break;
        case 3:
            status = read_scale(f, item, &r->log);
            break;
        case 4:
            status = read_bound(f, item, &r->step);
            break;
        default:
            setting_unknown(text, sizeof text, "a setting of ranges", item->key, known, 5);
            status = scenario_fault(f, item->mark, "%s", text);
        }
        if (status)
            return -1;
    }
    return 0;
}

static int check(const struct scenario_file *f, const struct yaml_item *item, struct range *r)
{
    bool step = yaml_find(&item->value, "step"), steps = yaml_find(&item->value, "steps");
    if (!r->from.unit || !r->to.unit)
        return scenario_fault(f, item->mark, "'%s' is missing; write a range such as {from: 10ms, to: 80ms, steps: 4}",
                              r->from.unit ? "to" : "from");
    if (step == steps)
        return scenario_fault(f, item->mark,
                              step ? "'steps' and 'step' exclude each other; keep one of them"
                                   : "'steps' is missing; write how many values, or a step between them");
    if (same_unit(f, item, r))
        return -1;
    if (r->to.value <= r->from.value)
        return scenario_fault(f, item->value.mark, "'to' is not above 'from'; exchange them");
    if (r->log && (step || r->from.value <= 0))
        return scenario_fault(f, item->value.mark,
                              step ? "a log scale has no 'step'; write steps"
                                   : "a log scale cannot begin at 0; give 'from' a small value");
    if (!step)
        return 0;
    double count = r->step.value > 0 ? floor((r->to.value - r->from.value) / r->step.value * (1 + 1e-12)) + 1 : 0;
    if (count < 2 || count > SCENARIO_VALUES_MAX)
        return scenario_fault(f, item->value.mark, "'step' is out of range; it makes 2 to %d values",
                              SCENARIO_VALUES_MAX);
    r->steps = (uint64_t)count;
    return 0;
}

char **scenario_range(const struct scenario_file *f, const struct yaml_item *item, size_t *values)
{
    struct range r = {.steps = 0};
    if (read_keys(f, &item->value, &r) || check(f, item, &r))
        return NULL;
    char **out = calloc(r.steps, sizeof *out);
    int status = out ? 0 : scenario_no_memory(f);
    for (uint64_t i = 0; i < r.steps && !status; i++) {
        char text[64];
        write_value(&r, value_at(&r, i), text, sizeof text);
        if (i && !strcmp(out[i - 1], text))
            status = scenario_fault(f, item->value.mark, "the range gives the value %s twice; take fewer steps", text);
        else if (!(out[i] = scenario_copy(text)))
            status = scenario_no_memory(f);
    }
    *values = r.steps;
    if (!status)
        return out;
    for (uint64_t i = 0; out && i < r.steps; i++)
        free(out[i]);
    free(out);
    return NULL;
}
