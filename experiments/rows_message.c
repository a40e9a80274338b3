/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rows as bytes, from a worker to the one who writes them down: two processes of one program on one machine. One
 * description serves both ways.
 */
#include "rows.h"

#include <stdlib.h>
#include <string.h>

/* Writing: `used` of `room` bytes are taken. Reading: `used` of `room` bytes have been read. */
struct coder {
    bool reading, failed;
    unsigned char *bytes;
    size_t used, room;
};

static bool have(struct coder *c, size_t size)
{
    if (c->failed || size <= c->room - c->used)
        return !c->failed;
    if (!c->reading) {
        size_t room = 2 * (c->used + size);
        unsigned char *bytes = realloc(c->bytes, room);
        if (bytes) {
            c->bytes = bytes;
            c->room = room;
            return true;
        }
    }
    c->failed = true;
    return false;
}

static void code(struct coder *c, void *value, size_t size)
{
    if (size == 0 || !have(c, size))
        return;
    if (c->reading)
        memcpy(value, c->bytes + c->used, size);
    else
        memcpy(c->bytes + c->used, value, size);
    c->used += size;
}

/* Its length, then the array; `least` bytes of message belong to each element, so that a wrong length is found before
   memory is taken. */
static void code_array(struct coder *c, void **array, size_t *n, size_t size, size_t least)
{
    code(c, n, sizeof *n);
    if (!c->reading)
        return;
    bool sound = !c->failed && *n <= (c->room - c->used) / least;
    *array = sound ? calloc(*n + 1, size) : NULL;
    if (!*array) {
        c->failed = true;
        *n = 0;
    }
}

static void code_bytes(struct coder *c, unsigned char **bytes, size_t *size)
{
    void *array = *bytes;
    code_array(c, &array, size, 1, 1);
    *bytes = array;
    code(c, *bytes, *size);
}

static void code_text(struct coder *c, char **text)
{
    unsigned char *bytes = (unsigned char *)*text;
    size_t size = *text ? strlen(*text) + 1 : 0;
    code_bytes(c, &bytes, &size);
    if (c->reading && size > 0 && bytes[size - 1] != '\0')
        c->failed = true;
    if (c->reading && size == 0) { /* there is none */
        free(bytes);
        bytes = NULL;
    }
    *text = (char *)bytes;
}

/* A member of `rows` that is an array, with its length. */
#define CODE_ARRAY(array, n)                                                                                           \
    do {                                                                                                               \
        void *coded = array;                                                                                           \
        code_array(c, &coded, &(n), sizeof *(array), sizeof(size_t));                                                  \
        array = coded;                                                                                                 \
    } while (0)

static void code_metric(struct coder *c, struct rows_metric *m)
{
    code_text(c, &m->workload);
    code(c, &m->metric, sizeof m->metric);
    code(c, &m->count, sizeof m->count);
    code(c, m->sum, sizeof m->sum);
    code(c, m->squares, sizeof m->squares);
    code(c, &m->mean_ms, sizeof m->mean_ms);
    code(c, &m->sd_ms, sizeof m->sd_ms);
    code(c, m->quantile_ms, sizeof m->quantile_ms);
    code(c, &m->min, sizeof m->min);
    code(c, &m->max, sizeof m->max);
    code_bytes(c, &m->bins, &m->size);
    if ((unsigned)m->metric >= SYNFIN_METRICS)
        c->failed = true;
}

static void code_counts(struct coder *c, struct rows *rows)
{
    CODE_ARRAY(rows->count, rows->counts);
    code(c, rows->count, rows->counts * sizeof *rows->count);
    unsigned char *names = (unsigned char *)rows->names;
    code_bytes(c, &names, &rows->names_size);
    rows->names = (char *)names;
    size_t ends = 0;
    for (size_t i = 0; i < rows->names_size && c->reading; i++)
        ends += rows->names[i] == '\0';
    if (c->reading && (ends != rows->counts || (ends > 0 && rows->names[rows->names_size - 1] != '\0')))
        c->failed = true;
}

static void code_samples(struct coder *c, struct rows *rows)
{
    CODE_ARRAY(rows->sample, rows->samples);
    code(c, rows->sample, rows->samples * sizeof *rows->sample);
    for (size_t i = 0; i < rows->samples && c->reading; i++)
        rows->sample[i].waiting = NULL;
    CODE_ARRAY(rows->waiting, rows->waitings);
    for (size_t i = 0; i < rows->waitings; i++) {
        code(c, &rows->waiting[i].time, sizeof rows->waiting[i].time);
        code_text(c, &rows->waiting[i].link);
        code(c, &rows->waiting[i].backward, sizeof rows->waiting[i].backward);
        code(c, &rows->waiting[i].packets, sizeof rows->waiting[i].packets);
    }
}

static void code_rows(struct coder *c, struct rows *rows)
{
    code(c, &rows->point, sizeof rows->point);
    code(c, &rows->replication, sizeof rows->replication);
    code_text(c, &rows->failure);
    code(c, &rows->independent, sizeof rows->independent);
    code(c, &rows->simulated, sizeof rows->simulated);
    code(c, &rows->events, sizeof rows->events);
    code(c, &rows->wall_s, sizeof rows->wall_s);
    CODE_ARRAY(rows->metric, rows->metrics);
    for (size_t i = 0; i < rows->metrics; i++)
        code_metric(c, &rows->metric[i]);
    code_counts(c, rows);
    code_samples(c, rows);
    CODE_ARRAY(rows->expectation, rows->expectations);
    for (size_t i = 0; i < rows->expectations; i++) {
        code_text(c, &rows->expectation[i].text);
        code(c, &rows->expectation[i].holds, sizeof rows->expectation[i].holds);
        code(c, &rows->expectation[i].found, sizeof rows->expectation[i].found);
    }
}

int rows_write(const struct rows *rows, struct rows_message *message)
{
    struct coder c = {.bytes = message->bytes, .room = message->room};
    struct rows copy = *rows; /* only read where it is written from */
    code_rows(&c, &copy);
    *message = (struct rows_message){c.bytes, c.used, c.room};
    return c.failed ? -1 : 0;
}

int rows_read(struct rows *rows, unsigned char *bytes, size_t size)
{
    struct coder c = {.reading = true, .bytes = bytes, .room = size};
    *rows = (struct rows){0};
    code_rows(&c, rows);
    if (!c.failed && c.used == size)
        return 0;
    rows_free(rows);
    return -1;
}
