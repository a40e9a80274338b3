/* SPDX-License-Identifier: BSD-2-Clause */
#include "times.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Larger files are refused, so that one that never ends does not take all memory. */
enum { LARGEST_FILE = 64 * 1024 * 1024 };
#define LARGEST_TIME (INT64_C(1000) * 3600 * SYNFIN_S)
#define LARGEST_WEIGHT UINT64_C(1000000000)

struct reader {
    const char *file, *param;
    struct synfin_complaint *complaint;
    size_t line;
    char *text; /* the rest of the line */
};

/* `FILE:LINE: why`; a long name loses its beginning, the line's number and the reason stay. */
__attribute__((format(printf, 2, 3))) static int complain(struct reader *r, const char *why, ...)
{
    size_t length = strlen(r->file), shown = length < 100 ? length : 100;
    char reason[128], where[32] = "";
    va_list arguments;
    va_start(arguments, why);
    vsnprintf(reason, sizeof reason, why, arguments);
    va_end(arguments);
    if (r->line)
        snprintf(where, sizeof where, ":%zu", r->line);
    r->complaint->param = r->param;
    snprintf(r->complaint->text, sizeof r->complaint->text, "%s%s: %s", r->file + (length - shown), where, reason);
    return -1;
}

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static void skip_blanks(struct reader *r)
{
    while (blank(*r->text))
        r->text++;
}

/* Whole digits up to `most`; false: none, or more. */
static bool read_whole(struct reader *r, uint64_t most, uint64_t *value)
{
    if (!digit(*r->text))
        return false;
    for (*value = 0; digit(*r->text); r->text++) {
        *value = 10 * *value + (uint64_t)(*r->text - '0');
        if (*value > most)
            return false;
    }
    return true;
}

static synfin_time read_unit(struct reader *r)
{
    static const struct {
        const char *name;
        synfin_time ns;
    } units[] = {{"ns", 1},  {"us", SYNFIN_US},      {"ms", SYNFIN_MS}, {"s", SYNFIN_S},
                 {"min", 60 * SYNFIN_S}, {"h", 3600 * SYNFIN_S}};
    size_t length = strspn(r->text, "abcdefghijklmnopqrstuvwxyz");
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strlen(units[i].name) == length && memcmp(units[i].name, r->text, length) == 0) {
            r->text += length;
            return units[i].ns;
        }
    }
    return 0;
}

/* Whole part and fraction by digits, so that the value is exact; what is below 1 ns is cut off. */
static int read_time(struct reader *r, synfin_time *time)
{
    static const char expected[] = "expected a time with its unit, for example 12.5ms, of at most 1000h";
    uint64_t whole;
    if (!read_whole(r, (uint64_t)LARGEST_TIME, &whole))
        return complain(r, expected);
    const char *fraction = "";
    if (*r->text == '.') {
        fraction = ++r->text;
        if (!digit(*fraction))
            return complain(r, expected);
        while (digit(*r->text))
            r->text++;
    }
    synfin_time unit = read_unit(r);
    if (unit == 0 && (whole != 0 || *fraction))
        return complain(r, expected);
    if (unit != 0 && whole > (uint64_t)(LARGEST_TIME / unit))
        return complain(r, expected);
    *time = (synfin_time)whole * unit;
    for (synfin_time part = unit; digit(*fraction) && part > 0; fraction++, part /= 10)
        *time += (*fraction - '0') * part / 10;
    return *time > LARGEST_TIME ? complain(r, expected) : 0;
}

/* One line, `r->text` ends with it. 1: a row, 0: none, -1: a complaint. */
static int read_row(struct reader *r, bool weighted, struct times_row *row)
{
    skip_blanks(r);
    if (*r->text == '\0' || *r->text == '#')
        return 0;
    if (read_time(r, &row->time))
        return -1;
    row->weight = 1;
    if (blank(*r->text)) {
        skip_blanks(r);
        if (weighted && digit(*r->text) && !read_whole(r, LARGEST_WEIGHT, &row->weight))
            return complain(r, "a weight is a whole number from 0 to %llu", (unsigned long long)LARGEST_WEIGHT);
        skip_blanks(r);
    }
    if (*r->text != '\0' && *r->text != '#')
        return complain(r, weighted ? "expected a time and perhaps a weight, a whole number, and nothing more"
                                    : "expected a time with its unit and nothing more");
    return 1;
}

/* The file's text with a 0 behind it; NULL with a complaint. */
static char *read_text(struct reader *r, size_t *size)
{
    FILE *f = fopen(r->file, "rb");
    if (!f) {
        complain(r, "cannot be opened: %s", strerror(errno));
        return NULL;
    }
    char *text = NULL;
    size_t capacity = 0, length = 0;
    for (bool more = true; more;) {
        if (length + 1 >= capacity) {
            capacity = capacity ? 2 * capacity : 4096;
            char *larger = realloc(text, capacity);
            if (!larger) {
                complain(r, "no memory for it");
                goto failed;
            }
            text = larger;
        }
        size_t n = fread(text + length, 1, capacity - 1 - length, f);
        length += n;
        more = n > 0;
        if (length > LARGEST_FILE) {
            complain(r, "larger than %d MiB; give fewer lines", LARGEST_FILE / 1024 / 1024);
            goto failed;
        }
    }
    if (ferror(f)) {
        complain(r, "cannot be read: %s", strerror(errno));
        goto failed;
    }
    fclose(f);
    text[length] = '\0';
    *size = length;
    return text;
failed:
    fclose(f);
    free(text);
    return NULL;
}

static int append(struct reader *r, struct times *t, size_t *capacity, struct times_row row)
{
    if (t->count == *capacity) {
        *capacity = *capacity ? 2 * *capacity : 64;
        struct times_row *larger = realloc(t->row, *capacity * sizeof *larger);
        if (!larger)
            return complain(r, "no memory for it");
        t->row = larger;
    }
    t->row[t->count++] = row;
    return 0;
}

int times_read(struct times *t, const char *file, bool weighted, struct synfin_complaint *complaint, const char *param)
{
    struct reader r = {.file = file, .param = param, .complaint = complaint};
    size_t size, capacity = 0;
    *t = (struct times){0};
    char *text = read_text(&r, &size);
    if (!text)
        return -1;
    int failed = 0;
    for (char *line = text, *end; !failed && line < text + size; line = end + 1) {
        struct times_row row = {0};
        end = line + strcspn(line, "\n");
        r.line++;
        r.text = line;
        if (*end == '\0' && end < text + size) {
            failed = complain(&r, "not a text file: it holds a zero byte");
            break;
        }
        *end = '\0';
        int n = read_row(&r, weighted, &row);
        failed = n < 0 ? -1 : n > 0 ? append(&r, t, &capacity, row) : 0;
    }
    if (!failed && t->count == 0) {
        r.line = 0;
        failed = complain(&r, "holds no times; a line is a time with its unit, for example 12.5ms");
    }
    free(text);
    if (failed)
        times_free(t);
    return failed;
}

void times_free(struct times *t)
{
    free(t->row);
    *t = (struct times){0};
}
