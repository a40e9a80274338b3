/* SPDX-License-Identifier: BSD-2-Clause */
#include "parameter.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Units of quantities, and what a number must be multiplied with to be in the common unit. */
static const struct {
    const char *unit, *common;
    double factor;
} units[] = {
    {"ns", "ms", 1e-6},           {"us", "ms", 1e-3},           {"ms", "ms", 1},
    {"s", "ms", 1e3},             {"min", "ms", 6e4},           {"h", "ms", 3.6e6},
    {"B", "bytes", 1},            {"KB", "bytes", 1e3},         {"MB", "bytes", 1e6},
    {"GB", "bytes", 1e9},         {"KiB", "bytes", 1024},       {"MiB", "bytes", 1048576},
    {"GiB", "bytes", 1073741824}, {"bit/s", "bit/s", 1},        {"kbit/s", "bit/s", 1e3},
    {"Mbit/s", "bit/s", 1e6},     {"Gbit/s", "bit/s", 1e9},     {"/s", "/s", 1},
    {"%", "%", 1},
};
enum { UNITS = sizeof units / sizeof units[0] };

static const char bare[] = "";

/* The number and the common unit of a text; false: it is no number. */
static bool split(const char *text, double *value, const char **unit)
{
    char *end;
    if (!strchr("+-.0123456789", text[0])) /* strtod knows more than numbers */
        return false;
    *value = strtod(text, &end);
    if (end == text || !isfinite(*value))
        return false;
    *unit = bare;
    if (*end == '\0')
        return true;
    for (size_t i = 0; i < UNITS; i++) {
        if (strcmp(end, units[i].unit) == 0) {
            /* Division where the factor is a decimal fraction: 1ns is 1e-6 ms as nearly as can be. */
            *value = units[i].factor < 1 ? *value / round(1 / units[i].factor) : *value * units[i].factor;
            *unit = units[i].common;
            return true;
        }
    }
    return false;
}

size_t parameter_count(const struct scenario_file *file)
{
    size_t n = 0;
    for (size_t i = 0; i < file->axes; i++)
        n += file->axis[i].paths;
    return n;
}

/* The axis that has the n-th parameter; n becomes its number there. */
static size_t axis_of(const struct scenario_file *file, size_t *n)
{
    size_t axis = 0;
    while (*n >= file->axis[axis].paths)
        *n -= file->axis[axis++].paths;
    return axis;
}

const char *parameter_path(const struct scenario_file *file, size_t n)
{
    size_t axis = axis_of(file, &n);
    return file->axis[axis].path[n];
}

/* Whether a --set changes what stands at the path: `both` of a link changes either direction. */
static bool sets(const char *set, const char *path)
{
    char both[400];
    size_t length = strlen(path);
    int link = 0, direction = 0; /* where they end */
    sscanf(path, "links.%*[^.]%n.%*[^.]%n", &link, &direction);
    snprintf(both, sizeof both, "%.*s.both%s=", link, path, path + direction);
    return (strncmp(set, path, length) == 0 && set[length] == '=') ||
           (direction > 0 && strncmp(set, both, strlen(both)) == 0);
}

/* The last --set that changes the n-th; NULL: there is none. */
static const char *set_of(const struct scenario_file *file, size_t n)
{
    const char *path = parameter_path(file, n);
    for (size_t i = file->options ? file->options->sets : 0; i-- > 0;) {
        if (sets(file->options->set[i], path))
            return file->options->set[i];
    }
    return NULL;
}

const char *parameter_text(const struct scenario_file *file, size_t n, size_t point)
{
    const char *set = set_of(file, n);
    size_t axis = axis_of(file, &n);
    return set ? strchr(set, '=') + 1 : file->axis[axis].value[scenario_file_row(file, point, axis)][n];
}

bool parameter_warning(const struct scenario_file *file, size_t n, char *text, size_t size)
{
    const char *set = set_of(file, n);
    if (set)
        snprintf(text, size, "--set %s wins over the sweep's values of %s: points do not differ in it", set,
                 parameter_path(file, n));
    return set != NULL;
}

const char *parameter_unit(const struct scenario_file *file, size_t n)
{
    size_t axis = axis_of(file, &n);
    const char *common = bare;
    bool other = false; /* a bare number that is not 0 */
    for (size_t row = 0; row < file->axis[axis].values; row++) {
        double value;
        const char *unit;
        if (!split(file->axis[axis].value[row][n], &value, &unit))
            return NULL;
        if (unit != bare && common != bare && strcmp(unit, common) != 0)
            return NULL;
        if (unit != bare)
            common = unit;
        else if (value < 0 || value > 0)
            other = true;
    }
    /* 0 needs no unit, and a probability may be said without; nothing else goes together with bare numbers. */
    return other && common != bare && strcmp(common, "%") != 0 ? NULL : common;
}

bool parameter_same(const char *a, const char *b)
{
    double x, y;
    const char *of_x, *of_y;
    if (strcmp(a, b) == 0)
        return true;
    if (!split(a, &x, &of_x) || !split(b, &y, &of_y))
        return false;
    if (of_x == bare && strcmp(of_y, "%") == 0)
        x *= 100;
    else if (of_y == bare && strcmp(of_x, "%") == 0)
        y *= 100;
    else if (strcmp(of_x, of_y) != 0) /* 0 needs no unit */
        return !(fabs(x) > 0) && !(fabs(y) > 0);
    return fabs(x - y) <= 1e-14 * fabs(x); /* the same decimal, multiplied in two ways */
}

double parameter_value(const char *text, const char *unit)
{
    double value;
    const char *own;
    if (!split(text, &value, &own))
        return NAN;
    return own == bare && strcmp(unit, "%") == 0 ? 100 * value : value;
}
