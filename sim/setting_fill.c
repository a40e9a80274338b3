/* SPDX-License-Identifier: BSD-2-Clause */
/* Text fills the members of a configuration, as its parameter table says. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "setting.h"

/* A member's value, whatever its quantity. */
union value {
    uint64_t count; /* sizes and rates too */
    synfin_time duration;
    double frequency;
    synfin_probability probability;
    struct synfin_limit limit;
    bool on;
    int choice;
    struct synfin_segment_list segments;
    char *text;
};

static const size_t member_size[] = {
    [SYNFIN_COUNT] = sizeof(uint64_t),
    [SYNFIN_DURATION] = sizeof(synfin_time),
    [SYNFIN_SIZE] = sizeof(uint64_t),
    [SYNFIN_RATE] = sizeof(uint64_t),
    [SYNFIN_FREQUENCY] = sizeof(double),
    [SYNFIN_PROBABILITY] = sizeof(synfin_probability),
    [SYNFIN_LIMIT] = sizeof(struct synfin_limit),
    [SYNFIN_SWITCH] = sizeof(bool),
    [SYNFIN_CHOICE] = sizeof(int),
    [SYNFIN_SEGMENT_LIST] = sizeof(struct synfin_segment_list),
    [SYNFIN_TEXT] = sizeof(char *),
    [SYNFIN_FILE] = sizeof(char *),
};

size_t setting_member_size(enum synfin_quantity quantity)
{
    return member_size[quantity];
}

size_t setting_rows(const struct synfin_param *params)
{
    size_t n = 0;
    while (params && params[n].name)
        n++;
    return n;
}

int setting_row(const struct synfin_param *params, const char *name)
{
    for (int i = 0; params && params[i].name; i++) {
        if (!strcmp(params[i].name, name))
            return i;
    }
    return -1;
}

bool setting_member(const void *config, const struct synfin_param *params, const char *name,
                    enum synfin_quantity quantity, void *out)
{
    int row = setting_row(params, name);
    if (row < 0 || params[row].quantity != quantity)
        return false;
    memcpy(out, (const char *)config + params[row].offset, setting_member_size(quantity));
    return true;
}

static bool is_text(enum synfin_quantity quantity)
{
    return quantity == SYNFIN_TEXT || quantity == SYNFIN_FILE;
}

/* A copy of the text; of a relative file name, behind the folder. */
static char *copied(const char *text, const char *folder, bool file)
{
    bool below = file && folder && *text != '/';
    size_t room = (below ? strlen(folder) + 1 : 0) + strlen(text) + 1;
    char *copy = malloc(room);
    if (copy)
        snprintf(copy, room, "%s%s%s", below ? folder : "", below ? "/" : "", text);
    return copy;
}

/* The value of a text; a TEXT or FILE is allocated. */
static int parse(union value *v, const struct synfin_param *row, const char *text, const char *folder, char *error,
                 size_t size)
{
    switch (row->quantity) {
    case SYNFIN_COUNT:
        return setting_count(text, &v->count, error, size);
    case SYNFIN_DURATION:
        return setting_duration(text, &v->duration, error, size);
    case SYNFIN_SIZE:
        return setting_size(text, &v->count, error, size);
    case SYNFIN_RATE:
        return setting_rate(text, &v->count, error, size);
    case SYNFIN_FREQUENCY:
        return setting_frequency(text, &v->frequency, error, size);
    case SYNFIN_PROBABILITY:
        return setting_probability(text, &v->probability, error, size);
    case SYNFIN_LIMIT:
        return setting_limit(text, &v->limit, error, size);
    case SYNFIN_SWITCH:
        return setting_switch(text, &v->on, error, size);
    case SYNFIN_CHOICE:
        return setting_choice(text, row->range, &v->choice, error, size);
    case SYNFIN_SEGMENT_LIST:
        return setting_segments(text, &v->segments, error, size);
    case SYNFIN_TEXT:
    case SYNFIN_FILE:
        break;
    }
    v->text = copied(text, folder, row->quantity == SYNFIN_FILE);
    if (!v->text)
        snprintf(error, size, "there is no memory; end other programs");
    return v->text ? 0 : -1;
}

/* Negative, 0, positive: a is below, at or above b. */
static int compare(enum synfin_quantity quantity, const union value *a, const union value *b)
{
    if (quantity == SYNFIN_DURATION)
        return (a->duration > b->duration) - (a->duration < b->duration);
    if (quantity == SYNFIN_FREQUENCY)
        return (a->frequency > b->frequency) - (a->frequency < b->frequency);
    if (quantity == SYNFIN_PROBABILITY)
        return (a->probability > b->probability) - (a->probability < b->probability);
    return (a->count > b->count) - (a->count < b->count);
}

/* Whether the row's range is MIN..MAX with bounds of its quantity; the bounds as text, "" where a side is open. */
static bool bounds(const struct synfin_param *row, char low[64], char high[64])
{
    const char *dots = row->range ? strstr(row->range, "..") : NULL;
    if (!dots || row->quantity == SYNFIN_LIMIT || row->quantity == SYNFIN_SWITCH || row->quantity == SYNFIN_CHOICE ||
        row->quantity == SYNFIN_SEGMENT_LIST || is_text(row->quantity))
        return false;
    snprintf(low, 64, "%.*s", (int)(dots - row->range), row->range);
    snprintf(high, 64, "%s", dots + 2);
    return true;
}

static int check_range(const union value *v, const struct synfin_param *row, const char *text, char *error, size_t size)
{
    char low[64], high[64], ignored[128];
    union value bound;
    if (!bounds(row, low, high))
        return 0;
    bool below =
        *low && !parse(&bound, row, low, NULL, ignored, sizeof ignored) && compare(row->quantity, v, &bound) < 0;
    bool above =
        *high && !parse(&bound, row, high, NULL, ignored, sizeof ignored) && compare(row->quantity, v, &bound) > 0;
    if (!below && !above)
        return 0;
    if (*low && *high)
        snprintf(error, size, "'%.60s' is out of range; %s is in %s..%s", text, row->name, low, high);
    else
        snprintf(error, size, "'%.60s' is out of range; %s is at %s %s", text, row->name, below ? "least" : "most",
                 below ? low : high);
    return -1;
}

static void store(void *config, const struct synfin_param *row, const union value *v)
{
    char *member = (char *)config + row->offset;
    if (is_text(row->quantity)) {
        char *former;
        memcpy(&former, member, sizeof former);
        free(former);
    }
    memcpy(member, v, member_size[row->quantity]);
}

int setting_fill(void *config, const struct synfin_param *row, const char *text, const char *folder, char *error,
                 size_t size)
{
    union value v = {0};
    if (parse(&v, row, text, folder, error, size) || check_range(&v, row, text, error, size))
        return -1;
    if (row->quantity == SYNFIN_FILE && !*text) {
        free(v.text);
        snprintf(error, size, "there is no value; write the name of a file");
        return -1;
    }
    store(config, row, &v);
    return 0;
}

int setting_fill_default(void *config, const struct synfin_param *row, const char *text, char *error, size_t size)
{
    union value v = {0};
    /* An empty text stays NULL for files: none was given. A limit of 0 is no limit. */
    if (row->quantity == SYNFIN_FILE && !*text)
        return 0;
    if (row->quantity == SYNFIN_LIMIT && !strcmp(text, "0"))
        return 0;
    if (parse(&v, row, text, NULL, error, size))
        return -1;
    store(config, row, &v);
    return 0;
}

void setting_release(void *config, const struct synfin_param *params)
{
    for (; config && params && params->name; params++) {
        if (is_text(params->quantity)) {
            union value none = {0};
            store(config, params, &none);
        }
    }
}

/* ---- The way back ------------------------------------------------------------------------------------------------ */

struct unit {
    const char *name;
    uint64_t factor;
};

/* In the largest unit that leaves a whole number. */
static void show_whole(uint64_t v, const struct unit *unit, const char *zero, char *text, size_t size)
{
    while (v % unit->factor)
        unit++;
    if (v)
        snprintf(text, size, "%llu%s", (unsigned long long)(v / unit->factor), unit->name);
    else
        snprintf(text, size, "%s", zero);
}

static const struct unit duration_units[] = {
    {"h", 3600000000000}, {"s", 1000000000}, {"ms", 1000000}, {"us", 1000}, {"ns", 1}, /* TIME-WAIT is 60s, not 1min */
};
static const struct unit size_units[] = {
    {"GB", 1000000000}, {"GiB", 1u << 30}, {"MB", 1000000}, {"MiB", 1u << 20},
    {"KB", 1000},       {"KiB", 1u << 10}, {"B", 1},
};
static const struct unit rate_units[] = {
    {"Gbit/s", 1000000000},
    {"Mbit/s", 1000000},
    {"kbit/s", 1000},
    {"bit/s", 1},
};

static void show_choice(const char *words, int choice, char *text, size_t size)
{
    while (choice-- > 0)
        words += strcspn(words, "|") + 1;
    snprintf(text, size, "%.*s", (int)strcspn(words, "|"), words);
}

static void show_segments(const struct synfin_segment_list *list, char *text, size_t size)
{
    size_t used = (size_t)snprintf(text, size, "[");
    for (uint32_t i = 0; i < list->count && used + 24 < size; i++) {
        const char *kind =
            list->item[i].kind == SYNFIN_KIND_ANY ? "any" : synfin_kind_name((enum synfin_kind)list->item[i].kind);
        used +=
            (size_t)snprintf(text + used, size - used, "%s%s:%u", i ? ", " : "", kind, (unsigned)list->item[i].number);
    }
    snprintf(text + used, size - used, "]");
}

void setting_show(const void *config, const struct synfin_param *row, char *text, size_t size)
{
    union value v = {0};
    memcpy(&v, (const char *)config + row->offset, member_size[row->quantity]);
    switch (row->quantity) {
    case SYNFIN_COUNT:
        snprintf(text, size, "%llu", (unsigned long long)v.count);
        break;
    case SYNFIN_DURATION:
        if (v.duration == SYNFIN_NEVER)
            snprintf(text, size, "never");
        else
            show_whole((uint64_t)v.duration, duration_units, "0", text, size);
        break;
    case SYNFIN_SIZE:
        show_whole(v.count, size_units, "0", text, size);
        break;
    case SYNFIN_RATE:
        show_whole(v.count, rate_units, "0", text, size);
        break;
    case SYNFIN_FREQUENCY:
        snprintf(text, size, "%.12g/s", v.frequency);
        break;
    case SYNFIN_PROBABILITY:
        snprintf(text, size, "%.12g%%", (double)v.probability / 0x1p63 * 100);
        break;
    case SYNFIN_LIMIT:
        if (v.limit.bytes)
            show_whole(v.limit.bytes, size_units, "0", text, size);
        else
            snprintf(text, size, "%llu", (unsigned long long)v.limit.packets);
        break;
    case SYNFIN_SWITCH:
        snprintf(text, size, "%s", v.on ? "true" : "false");
        break;
    case SYNFIN_CHOICE:
        show_choice(row->range, v.choice, text, size);
        break;
    case SYNFIN_SEGMENT_LIST:
        show_segments(&v.segments, text, size);
        break;
    case SYNFIN_TEXT:
    case SYNFIN_FILE:
        snprintf(text, size, "%s", v.text ? v.text : "");
        break;
    }
}
