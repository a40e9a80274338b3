/* SPDX-License-Identifier: BSD-2-Clause */
#include "parameter.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Units of DESIGN's quantities, and what a number must be multiplied with to be in the common unit. */
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

/* The value of a --set of this path, NULL: there is none. */
static const char *set_of(const struct options *options, const char *path)
{
    size_t length = strlen(path);
    for (size_t i = options ? options->sets : 0; i-- > 0;) {
        if (strncmp(options->set[i], path, length) == 0 && options->set[i][length] == '=')
            return options->set[i] + length + 1;
    }
    return NULL;
}

const char *parameter_text(const struct scenario_file *file, size_t n, size_t point)
{
    size_t axis = axis_of(file, &n);
    const char *set = set_of(file->options, file->axis[axis].path[n]);
    return set ? set : file->axis[axis].value[scenario_file_row(file, point, axis)][n];
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

double parameter_value(const char *text, const char *unit)
{
    double value;
    const char *own;
    if (!split(text, &value, &own))
        return NAN;
    return own == bare && strcmp(unit, "%") == 0 ? 100 * value : value;
}
