/* SPDX-License-Identifier: BSD-2-Clause */
#include "plot_label.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name, *span, *question;
} metrics[SYNFIN_METRICS] = {
    [SYNFIN_SETUP] = {"set-up latency", "time from the first SYN until the client is ESTABLISHED",
                      "How long does it take to set up a connection?"},
    [SYNFIN_ACCEPT] = {"time to accept", "time from the first SYN until the server is ESTABLISHED",
                       "How long until the server has the connection?"},
    [SYNFIN_RESPONSE] = {"response time", "time from the client's first segment to the last byte of the response",
                         "How long until the response is complete?"},
    [SYNFIN_TRANSFER] = {"transfer time", "time from ESTABLISHED at the client to the last byte of the response",
                         "How long does the response take once connected?"},
    [SYNFIN_TEARDOWN] = {"teardown time", "time from the first FIN until its sender is in TIME-WAIT or CLOSED",
                         "How long does the side that closes first take to close?"},
    [SYNFIN_CLOSE] = {"time to close", "time from the first FIN until both sides are closed (TIME-WAIT aside)",
                      "How long until both sides have closed?"},
    [SYNFIN_LIFETIME] = {"lifetime", "time from the first SYN until both sides are closed (TIME-WAIT aside)",
                         "How long does a connection live?"},
};

const char *label_metric(enum synfin_metric metric)
{
    return metrics[metric].name;
}

const char *label_span(enum synfin_metric metric)
{
    return metrics[metric].span;
}

const char *label_question(enum synfin_metric metric)
{
    return metrics[metric].question;
}

static void append(char text[LABEL_SIZE], const char *words)
{
    size_t used = strlen(text), n = strlen(words);
    if (n > LABEL_SIZE - 1 - used)
        n = LABEL_SIZE - 1 - used;
    memcpy(text + used, words, n);
    text[used + n] = '\0';
}

void label_add(char text[LABEL_SIZE], const char *separator, const char *words)
{
    if (text[0])
        append(text, separator);
    append(text, words);
}

/* ---- Parameters -------------------------------------------------------------------------------------------------- */

/* Whether a stage, `links.wan.both.loss`, holds the model whose p is not simply the chance of what the stage does. */
static bool has_two_states(struct results *r, const char *stage, size_t size)
{
    char path[LABEL_SIZE];
    snprintf(path, sizeof path, "%.*s.model", (int)size, stage);
    sqlite3_stmt *s = results_prepare(r, "SELECT count(*) FROM settings WHERE path = ? AND text = 'gilbert-elliott'");
    if (!s)
        return false;
    sqlite3_bind_text(s, 1, path, -1, SQLITE_STATIC);
    bool found = sqlite3_step(s) == SQLITE_ROW && sqlite3_column_int(s, 0) > 0;
    sqlite3_finalize(s);
    return found;
}

/* The way of a link's setting in words. */
static const char *direction(const char *name)
{
    return strcmp(name, "both") == 0 ? "each way" : name;
}

enum { PARTS = 12 };

void label_parameter(struct results *r, const char *path, char text[LABEL_SIZE])
{
    char copy[LABEL_SIZE], *part[PARTS], *rest = NULL;
    size_t n = 0;
    snprintf(copy, sizeof copy, "%s", path);
    for (char *p = strtok_r(copy, ".", &rest); p && n < PARTS; p = strtok_r(NULL, ".", &rest))
        part[n++] = p;
    text[0] = '\0';
    if (n < 3) {
        snprintf(text, LABEL_SIZE, "%s", path);
        return;
    }
    bool link = strcmp(part[0], "links") == 0, host = strcmp(part[0], "hosts") == 0;
    size_t last = n - 1;
    /* The time of a delay and the chance of a loss need no name. */
    if (link && n > 4 &&
        (strcmp(part[last], "time") == 0 ||
         (strcmp(part[last], "p") == 0 && !has_two_states(r, path, (size_t)(strrchr(path, '.') - path)))))
        last--;
    label_add(text, " ", part[1]);
    for (size_t i = link ? 3 : host && n > 3 ? 3 : 2; i <= last; i++)
        label_add(text, " ", part[i]);
    if (link)
        label_add(text, " ", direction(part[2]));
}

void label_value(const char *written, char text[LABEL_SIZE])
{
    size_t number = strspn(written, "+-.0123456789");
    bool unit = number > 0 && written[number] && written[number] != ' ' && written[number] != '/';
    if (unit && strchr("eE", written[number]))
        unit = false;
    snprintf(text, LABEL_SIZE, "%.*s%s%s", (int)number, written, unit ? " " : "", written + number);
}

int label_point(struct results *r, size_t point, unsigned long long but, char text[LABEL_SIZE])
{
    text[0] = '\0';
    for (size_t i = 0; i < r->parameters; i++) {
        struct results_parameter p;
        char value[LABEL_SIZE];
        if (i < 64 && (but >> i & 1))
            continue;
        if (results_parameter(r, point, i, &p) != 0)
            return -1;
        label_value(p.text, value);
        label_add(text, ", ", value);
        results_parameter_free(&p);
    }
    return 0;
}

int label_parameters(struct results *r, unsigned long long but, const char *separator, char text[LABEL_SIZE])
{
    text[0] = '\0';
    for (size_t i = 0; i < r->parameters; i++) {
        struct results_parameter p;
        char label[LABEL_SIZE];
        if (i < 64 && (but >> i & 1))
            continue;
        if (results_parameter(r, 0, i, &p) != 0)
            return -1;
        label_parameter(r, p.path, label);
        label_add(text, separator, label);
        results_parameter_free(&p);
    }
    return 0;
}

void label_duration(double ms, char text[LABEL_SIZE])
{
    static const struct {
        double ms;
        const char *unit;
    } units[] = {{1000, "s"}, {1, "ms"}, {1e-3, "us"}, {1e-6, "ns"}};
    size_t i = 0;
    while (i < 3 && ms < units[i].ms)
        i++;
    if (ms > 0)
        snprintf(text, LABEL_SIZE, "%.4g %s", ms / units[i].ms, units[i].unit);
    else
        snprintf(text, LABEL_SIZE, "0");
}
