/* SPDX-License-Identifier: BSD-2-Clause */
#include "tidy.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "json_string.h"
#include "number.h"

/* ---- Columns ----------------------------------------------------------------------------------------------------- */

/* `"NAME":`, NULL: no memory. */
static char *make_key(const char *name)
{
    char *key = NULL;
    size_t size;
    FILE *f = open_memstream(&key, &size);
    if (!f)
        return NULL;
    json_string(f, name);
    fputc(':', f);
    if (fclose(f) == 0)
        return key;
    free(key);
    return NULL;
}

void tidy_column(struct tidy *t, const char *format, ...)
{
    char name[600];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(name, sizeof name, format, arguments);
    va_end(arguments);
    assert(!t->begun);
    char **names = realloc(t->name, (t->columns + 1) * sizeof *names);
    t->name = names ? names : t->name;
    char **leads = realloc(t->lead, (t->columns + 1) * sizeof *leads);
    t->lead = leads ? leads : t->lead;
    t->failed = t->failed || !names || !leads;
    if (t->failed)
        return;
    t->name[t->columns] = strdup(name);
    t->lead[t->columns] = make_key(name);
    t->failed = !t->name[t->columns] || !t->lead[t->columns];
    t->columns++;
}

/* ---- Cells ------------------------------------------------------------------------------------------------------- */

static void put_csv(FILE *f, const char *text)
{
    if (text[strcspn(text, ",\"\r\n")] == '\0') {
        fputs(text, f);
        return;
    }
    fputc('"', f);
    for (; *text; text++) {
        if (*text == '"')
            fputc('"', f);
        fputc(*text, f);
    }
    fputc('"', f);
}

static void put_heading(struct tidy *t)
{
    for (size_t i = 0; i < t->columns && !t->json; i++) {
        fputs(i ? "," : "", t->out);
        put_csv(t->out, t->name[i]);
    }
    fputs(t->json ? "[" : "\n", t->out);
}

/* What stands before the next cell. */
static void begin_cell(struct tidy *t)
{
    if (!t->begun)
        put_heading(t);
    if (t->json) {
        fputs(t->column > 0 ? "," : t->begun ? ",\n{" : "\n{", t->out);
        fputs(t->lead[t->column], t->out);
    } else if (t->column > 0) {
        fputc(',', t->out);
    }
    t->begun = true;
}

static void end_cell(struct tidy *t)
{
    if (++t->column < t->columns)
        return;
    t->column = 0;
    fputs(t->json ? "}" : "\n", t->out);
}

/* A cell of plain characters. */
static void put_cell(struct tidy *t, const char *text, size_t size)
{
    if (t->failed)
        return;
    begin_cell(t);
    fwrite(text, 1, size, t->out);
    end_cell(t);
}

void tidy_text(struct tidy *t, const char *text)
{
    if (t->failed)
        return;
    begin_cell(t);
    if (t->json)
        json_string(t->out, text);
    else
        put_csv(t->out, text);
    end_cell(t);
}

void tidy_count(struct tidy *t, uint64_t count)
{
    char text[NUMBER_SIZE];
    put_cell(t, text, (size_t)(number_digits(text, count) - text));
}

void tidy_ms(struct tidy *t, synfin_time ns)
{
    char text[NUMBER_SIZE], *p = text;
    if (ns < 0)
        *p++ = '-';
    uint64_t size = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns, rest = size % 1000000;
    p = number_digits(p, size / 1000000);
    if (rest > 0) {
        *p++ = '.';
        for (uint64_t digit = 100000; rest > 0; rest %= digit, digit /= 10)
            *p++ = (char)('0' + rest / digit);
    }
    put_cell(t, text, (size_t)(p - text));
}

void tidy_number(struct tidy *t, double x)
{
    char text[NUMBER_SIZE];
    if (!isfinite(x)) {
        tidy_missing(t);
        return;
    }
    /* Most are durations of whole ns: six decimals say them, and much faster. */
    double millionths = fabs(x) < 1e9 ? nearbyint(x * 1e6) : (double)NAN;
    if (millionths / 1e6 == x) {
        tidy_ms(t, (synfin_time)millionths);
        return;
    }
    number_shortest(text, x);
    put_cell(t, text, strlen(text));
}

void tidy_missing(struct tidy *t)
{
    put_cell(t, "null", t->json ? 4 : 0);
}

int tidy_end(struct tidy *t)
{
    if (t->failed)
        return -1;
    assert(t->column == 0);
    if (!t->begun)
        put_heading(t);
    if (t->json)
        fputs("\n]\n", t->out);
    return 0;
}

void tidy_free(struct tidy *t)
{
    for (size_t i = 0; i < t->columns; i++) {
        free(t->name[i]);
        free(t->lead[i]);
    }
    free(t->name);
    free(t->lead);
    *t = (struct tidy){0};
}
