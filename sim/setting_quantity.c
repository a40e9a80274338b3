/* SPDX-License-Identifier: BSD-2-Clause */
/* Quantities: decimal text to integers, exactly. Without binary fractions 5%, 0.05 and 5.0e-2 are the same bits. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "setting.h"

__extension__ typedef unsigned __int128 wide;

enum { POWERS = 39 }; /* 10^38 is the largest power of ten below 2^128 */

struct unit {
    const char *name;
    uint64_t factor; /* in the quantity's base unit */
};

/* A quantity that is a whole number of its base unit. */
struct measure {
    enum synfin_quantity quantity;
    const char *base, *units;
    uint64_t most;
    struct unit unit[9];
};

static const struct measure durations = {
    SYNFIN_DURATION,
    "ns",
    "ns, us, ms, s, min, h",
    INT64_MAX - 1,
    {{"ns", 1},
     {"us", 1000},
     {"ms", 1000000},
     {"s", 1000000000},
     {"min", 60000000000},
     {"h", 3600000000000},
     {NULL, 0}},
};
static const struct measure sizes = {
    SYNFIN_SIZE,
    "byte",
    "B, KB, MB, GB, KiB, MiB, GiB",
    INT64_MAX,
    {{"B", 1},
     {"KB", 1000},
     {"MB", 1000000},
     {"GB", 1000000000},
     {"KiB", 1u << 10},
     {"MiB", 1u << 20},
     {"GiB", 1u << 30},
     {NULL, 0}},
};
static const struct measure rates = {
    SYNFIN_RATE,
    "bit/s",
    "bit/s, kbit/s, Mbit/s, Gbit/s",
    INT64_MAX,
    {{"bit/s", 1}, {"kbit/s", 1000}, {"Mbit/s", 1000000}, {"Gbit/s", 1000000000}, {NULL, 0}},
};

static const struct {
    const char *noun, *example;
} words[] = {
    [SYNFIN_COUNT] = {"a whole number", "1000"},
    [SYNFIN_DURATION] = {"a duration", "10ms"},
    [SYNFIN_SIZE] = {"a size", "64KiB"},
    [SYNFIN_RATE] = {"a rate", "10Mbit/s"},
    [SYNFIN_FREQUENCY] = {"a frequency", "10000/s"},
    [SYNFIN_PROBABILITY] = {"a probability", "5% or 0.05"},
    [SYNFIN_LIMIT] = {"a limit in packets or bytes", "1000 or 64KiB"},
    [SYNFIN_SWITCH] = {"a switch", "true or false"},
    [SYNFIN_CHOICE] = {"one of some words", "client"},
    [SYNFIN_SEGMENT_LIST] = {"a list of segments", "[syn:1, any:3]"},
    [SYNFIN_TEXT] = {"a text", "linux"},
    [SYNFIN_FILE] = {"a file", "delays.txt"},
};

const char *setting_noun(enum synfin_quantity quantity)
{
    return words[quantity].noun;
}

const char *setting_example(enum synfin_quantity quantity)
{
    return words[quantity].example;
}

static wide power_of_ten(int n)
{
    wide p = 1;
    while (n-- > 0)
        p *= 10;
    return p;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A mantissa that grows digit by digit; zeros wait until a digit follows them. */
static bool append_digit(struct setting_number *n, int *zeros, char digit)
{
    if (digit == '0') {
        *zeros += n->mantissa != 0;
        return true;
    }
    for (; *zeros >= 0; (*zeros)--) {
        if (__builtin_mul_overflow(n->mantissa, (wide)10, &n->mantissa))
            return false;
    }
    *zeros = 0;
    return !__builtin_add_overflow(n->mantissa, (wide)(digit - '0'), &n->mantissa);
}

const char *setting_number(const char *text, struct setting_number *n)
{
    *n = (struct setting_number){.negative = *text == '-'};
    text += *text == '-';
    /* 010 is ten to some and eight to others: refused. */
    if (!is_digit(text[0]) || (text[0] == '0' && is_digit(text[1])))
        return NULL;
    int zeros = 0, fraction = 0;
    for (; is_digit(*text); text++) {
        if (!append_digit(n, &zeros, *text))
            return NULL;
    }
    if (text[0] == '.') {
        if (!is_digit(text[1]))
            return NULL;
        for (text++; is_digit(*text); text++, fraction++) {
            if (fraction >= 1000 || !append_digit(n, &zeros, *text))
                return NULL;
        }
    }
    n->exponent = zeros - fraction;
    if ((*text == 'e' || *text == 'E') &&
        (is_digit(text[1]) || ((text[1] == '-' || text[1] == '+') && is_digit(text[2])))) {
        bool minus = text[1] == '-';
        int e = 0;
        for (text += is_digit(text[1]) ? 1 : 2; is_digit(*text); text++)
            e = e < 10000 ? 10 * e + (*text - '0') : e;
        n->exponent += minus ? -e : e;
    }
    if (!n->mantissa)
        n->exponent = 0;
    return text;
}

/* mantissa x 10^exponent x factor, where it is a whole number: 0; not whole: 1; beyond 128 bits: 2. */
static int whole(const struct setting_number *n, uint64_t factor, wide *out)
{
    wide v = n->mantissa;
    int e = n->exponent;
    if (!v) {
        *out = 0;
        return 0;
    }
    if (__builtin_mul_overflow(v, (wide)factor, &v))
        return e < 0 ? 1 : 2;
    for (; e > 0; e--) {
        if (__builtin_mul_overflow(v, (wide)10, &v))
            return 2;
    }
    for (; e < 0; e++) {
        if (v % 10)
            return 1;
        v /= 10;
    }
    *out = v;
    return 0;
}

static int not_a(enum synfin_quantity quantity, const char *text, char *error, size_t size)
{
    if (!*text)
        snprintf(error, size, "there is no value; write %s, such as %s", words[quantity].noun, words[quantity].example);
    else
        snprintf(error, size, "'%.60s' is not %s; write a decimal number and its unit, such as %s", text,
                 words[quantity].noun, words[quantity].example);
    return -1;
}

static int wrong_unit(enum synfin_quantity quantity, const char *text, const char *unit, const char *units, char *error,
                      size_t size)
{
    const char *noun = words[quantity].noun, *example = words[quantity].example;
    if (!*unit)
        snprintf(error, size, "a unit is missing in '%.60s'; write %s such as %s (%s)", text, noun, example, units);
    else if (*unit == ' ')
        snprintf(error, size, "'%.60s' has a space; write the unit directly behind the number, such as %s", text,
                 example);
    else
        snprintf(error, size, "'%.40s' in '%.60s' is not a unit of %s; write one such as %s (%s)", unit, text, noun,
                 example, units);
    return -1;
}

static int negative(enum synfin_quantity quantity, const char *text, char *error, size_t size)
{
    snprintf(error, size, "'%.60s' is out of range; %s is not negative", text, words[quantity].noun);
    return -1;
}

static int measured(const struct measure *m, const char *text, uint64_t *out, char *error, size_t size)
{
    struct setting_number n;
    const char *unit = setting_number(text, &n);
    if (!unit)
        return not_a(m->quantity, text, error, size);
    const struct unit *u = m->unit;
    while (u->name && strcmp(u->name, unit))
        u++;
    if (!u->name && (*unit || n.mantissa))
        return wrong_unit(m->quantity, text, unit, m->units, error, size);
    if (n.negative && n.mantissa)
        return negative(m->quantity, text, error, size);
    wide v = 0;
    int problem = n.mantissa ? whole(&n, u->factor, &v) : 0;
    if (problem == 1) {
        snprintf(error, size, "'%.60s' is not a whole number of %s%s; write fewer digits", text, m->base,
                 m->quantity == SYNFIN_SIZE ? "s" : "");
        return -1;
    }
    if (problem == 2 || v > m->most) {
        snprintf(error, size, "'%.60s' is out of range; %s is at most %llu %s%s", text, words[m->quantity].noun,
                 (unsigned long long)m->most, m->base, m->quantity == SYNFIN_SIZE ? "s" : "");
        return -1;
    }
    *out = (uint64_t)v;
    return 0;
}

int setting_duration(const char *text, synfin_time *out, char *error, size_t size)
{
    uint64_t v;
    if (measured(&durations, text, &v, error, size))
        return -1;
    *out = (synfin_time)v;
    return 0;
}

int setting_size(const char *text, uint64_t *bytes, char *error, size_t size)
{
    return measured(&sizes, text, bytes, error, size);
}

int setting_rate(const char *text, uint64_t *bits_per_s, char *error, size_t size)
{
    return measured(&rates, text, bits_per_s, error, size);
}

int setting_count(const char *text, uint64_t *out, char *error, size_t size)
{
    const char *digits = text + (*text == '-');
    size_t n = strspn(digits, "0123456789");
    if (!n || digits[n] || (n > 1 && digits[0] == '0')) {
        snprintf(error, size, "'%.60s' is not a whole number; write digits only, such as 1000", text);
        return -1;
    }
    uint64_t v = 0;
    bool over = false;
    for (size_t i = 0; i < n; i++)
        over = over || __builtin_mul_overflow(v, UINT64_C(10), &v) ||
               __builtin_add_overflow(v, (uint64_t)(digits[i] - '0'), &v);
    if (digits != text && (v || over))
        return negative(SYNFIN_COUNT, text, error, size);
    if (over) {
        snprintf(error, size, "'%.60s' is out of range; a whole number is at most %llu", text,
                 (unsigned long long)UINT64_MAX);
        return -1;
    }
    *out = v;
    return 0;
}

int setting_frequency(const char *text, double *per_s, char *error, size_t size)
{
    struct setting_number n;
    const char *unit = setting_number(text, &n);
    if (!unit)
        return not_a(SYNFIN_FREQUENCY, text, error, size);
    if (strcmp(unit, "/s") && (*unit || n.mantissa))
        return wrong_unit(SYNFIN_FREQUENCY, text, unit, "/s", error, size);
    if (n.negative && n.mantissa)
        return negative(SYNFIN_FREQUENCY, text, error, size);
    /* Without a decimal point strtod rounds correctly in every locale. */
    char digits[64], *p = digits + 48;
    snprintf(p, 16, "e%d", n.exponent);
    wide m = n.mantissa;
    do {
        *--p = (char)('0' + (int)(m % 10));
        m /= 10;
    } while (m);
    double v = strtod(p, NULL);
    if (v > 1e18) {
        snprintf(error, size, "'%.60s' is out of range; a frequency is at most 1e18/s", text);
        return -1;
    }
    *per_s = v;
    return 0;
}

/* v = mantissa / 10^places, at most 1: 63 binary digits by long division, rounded to nearest. */
static synfin_probability divide(wide mantissa, int places)
{
    if (places >= POWERS) { /* digits beyond the 38th cannot matter */
        mantissa = places - POWERS + 1 < POWERS ? mantissa / power_of_ten(places - POWERS + 1) : 0;
        places = POWERS - 1;
    }
    wide unit = power_of_ten(places), rest = mantissa;
    synfin_probability p = 0;
    if (rest >= unit)
        return SYNFIN_CERTAIN;
    for (int bit = 0; bit < 63; bit++) {
        rest *= 2;
        p = 2 * p + (rest >= unit);
        rest -= rest >= unit ? unit : 0;
    }
    return p + (2 * rest >= unit);
}

int setting_probability(const char *text, synfin_probability *out, char *error, size_t size)
{
    struct setting_number n;
    const char *unit = setting_number(text, &n);
    if (!unit || (*unit && strcmp(unit, "%"))) {
        if (!*text)
            return not_a(SYNFIN_PROBABILITY, text, error, size);
        snprintf(error, size, "'%.60s' is not a probability; write one such as 5%% or 0.05", text);
        return -1;
    }
    int places = -n.exponent + (*unit ? 2 : 0);
    bool over = n.mantissa && (places < 0 || (places < POWERS && n.mantissa > power_of_ten(places)));
    if (over || (n.negative && n.mantissa)) {
        snprintf(error, size, "'%.60s' is out of range; a probability is in 0..1, or 0%%..100%%, such as 5%% or 0.05",
                 text);
        return -1;
    }
    *out = n.mantissa ? divide(n.mantissa, places) : 0;
    return 0;
}

int setting_limit(const char *text, struct synfin_limit *out, char *error, size_t size)
{
    struct setting_number n;
    const char *unit = setting_number(text, &n);
    struct synfin_limit limit = {0, 0};
    if (!unit) {
        snprintf(error, size, "'%.60s' is not a limit; write packets or bytes, such as 1000 or 64KiB", text);
        return -1;
    }
    if (*unit ? setting_size(text, &limit.bytes, error, size) : setting_count(text, &limit.packets, error, size))
        return -1;
    if (!limit.packets && !limit.bytes) {
        snprintf(error, size, "'%.60s' is out of range; a limit is at least 1 packet or 1B", text);
        return -1;
    }
    *out = limit;
    return 0;
}

int setting_switch(const char *text, bool *out, char *error, size_t size)
{
    if (strcmp(text, "true") && strcmp(text, "false")) {
        snprintf(error, size, "'%.60s' is not a switch; write true or false", text);
        return -1;
    }
    *out = text[0] == 't';
    return 0;
}

int setting_choice(const char *text, const char *choices, int *out, char *error, size_t size)
{
    size_t length = strlen(text);
    int position = 0;
    for (const char *word = choices; word; position++) {
        const char *end = strchr(word, '|');
        if ((end ? (size_t)(end - word) : strlen(word)) == length && length && !memcmp(word, text, length)) {
            *out = position;
            return 0;
        }
        word = end ? end + 1 : NULL;
    }
    snprintf(error, size, "'%.60s' is not one of the words; write one of %s", text, choices);
    return -1;
}

/* `syn_ack:1` */
static int segment_item(const char *text, struct synfin_segment_list *list, char *error, size_t size)
{
    const char *colon = strchr(text, ':');
    uint64_t number = 0;
    char ignored[128];
    if (colon && !setting_count(colon + 1, &number, ignored, sizeof ignored) && number >= 1 && number <= UINT32_MAX) {
        for (unsigned kind = 0; kind <= SYNFIN_KIND_ANY; kind++) {
            const char *name = kind == SYNFIN_KIND_ANY ? "any" : synfin_kind_name((enum synfin_kind)kind);
            if (strlen(name) != (size_t)(colon - text) || memcmp(name, text, strlen(name)))
                continue;
            if (list->count == SYNFIN_LIST_MAX) {
                snprintf(error, size, "there are too many segments; a list holds at most %d", SYNFIN_LIST_MAX);
                return -1;
            }
            list->item[list->count].kind = kind;
            list->item[list->count++].number = (uint32_t)number;
            return 0;
        }
    }
    snprintf(error, size,
             "'%.60s' is not KIND:NUMBER; write one such as syn_ack:1 (kinds: syn, syn_ack, ack, data, fin, rst, "
             "any; numbers from 1)",
             text);
    return -1;
}

int setting_segments(const char *text, struct synfin_segment_list *out, char *error, size_t size)
{
    size_t items;
    char **item = setting_list(text, &items, error, size);
    if (!item)
        return -1;
    int status = 0;
    out->count = 0;
    for (size_t i = 0; i < items && !status; i++)
        status = segment_item(item[i], out, error, size);
    free(item);
    return status;
}

char **setting_list(const char *text, size_t *items, char *error, size_t size)
{
    size_t length = strlen(text), n = 1;
    bool bracket = length >= 2 && text[0] == '[' && text[length - 1] == ']';
    const char *body = text + bracket;
    length -= bracket ? 2 : 0;
    if (memchr(body, '[', length) || memchr(body, ']', length) || memchr(body, '{', length)) {
        snprintf(error, size, "'%.60s' is not a list of words; write one such as [a, b]", text);
        return NULL;
    }
    for (size_t i = 0; i < length; i++)
        n += body[i] == ',';
    char **item = malloc((n + 1) * sizeof *item + length + 1);
    if (!item) {
        snprintf(error, size, "there is no memory; end other programs");
        return NULL;
    }
    char *copy = (char *)(item + n + 1), *word = copy;
    memcpy(copy, body, length);
    copy[length] = '\0';
    *items = 0;
    if (strspn(copy, " ") == length && bracket)
        n = 0;
    for (size_t i = 0; i < n; i++) {
        char *end = strchr(word, ',');
        char *next = end ? end + 1 : NULL;
        end = end ? end : copy + length;
        while (*word == ' ')
            word++;
        while (end > word && end[-1] == ' ')
            end--;
        *end = '\0';
        if (!*word) {
            snprintf(error, size, "'%.60s' has an empty item; write a list such as [a, b]", text);
            free(item);
            return NULL;
        }
        item[(*items)++] = word;
        word = next;
    }
    item[*items] = NULL;
    return item;
}
