/* SPDX-License-Identifier: BSD-2-Clause */
#include "trial.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "models.h"
#include "setting.h"

static const struct synfin_model *find(enum synfin_stage stage, const char *name)
{
    for (size_t i = 0; builtin_models[i]; i++) {
        if (builtin_models[i]->stage == stage && strcmp(builtin_models[i]->name, name) == 0)
            return builtin_models[i];
    }
    return NULL;
}

/* Fills one row from the settings, or with its default. */
static int fill(struct trial *t, const struct synfin_param *row, const char *settings)
{
    size_t length = strlen(row->name);
    for (const char *s = settings; s && *s; s = strchr(s, ';') ? strchr(s, ';') + 2 : NULL) {
        if (strncmp(s, row->name, length) == 0 && s[length] == '=') {
            char text[300];
            snprintf(text, sizeof text, "%.*s", (int)strcspn(s + length + 1, ";"), s + length + 1);
            return setting_fill(t->config, row, text, NULL, t->error, sizeof t->error);
        }
    }
    if (row->fallback)
        return setting_fill_default(t->config, row, row->fallback, t->error, sizeof t->error);
    snprintf(t->error, sizeof t->error, "%s is missing", row->name);
    return -1;
}

/* 0, or -1 with an error. */
static int configure(struct trial *t, const char *settings)
{
    for (const struct synfin_param *row = t->model->params; row->name; row++) {
        if (fill(t, row, settings))
            return -1;
    }
    struct synfin_complaint complaint = {0};
    if (t->model->prepare && t->model->prepare(t->config, &complaint)) {
        snprintf(t->error, sizeof t->error, "%s: %s", complaint.param, complaint.text);
        return -1;
    }
    return 0;
}

static void free_memory(struct trial *t)
{
    setting_release(t->config, t->model->params);
    free(t->config);
    free(t->state);
}

int trial_open(struct trial *t, enum synfin_stage stage, const char *name, const char *settings, uint64_t seed)
{
    *t = (struct trial){.model = find(stage, name), .key = random_key(seed, 0, name, "trial")};
    assert(t->model);
    t->segment = (struct synfin_segment){.flags = SYNFIN_ACK, .protocol = SYNFIN_TCP, .window_scale = SYNFIN_NO_SCALE};
    t->config = calloc(1, t->model->config_size);
    t->state = calloc(1, t->model->state_size + 1);
    if (configure(t, settings)) {
        free_memory(t);
        return -1;
    }
    t->memory = t->model->state_size > 0 && (!t->model->has_memory || t->model->has_memory(t->config));
    return 0;
}

int trial_open_file(struct trial *t, enum synfin_stage stage, const char *name, const char *text, size_t size)
{
    char path[] = "/tmp/synfin-trial-XXXXXX", settings[100];
    int file = mkstemp(path);
    if (file < 0 || write(file, text, size) != (ssize_t)size)
        abort();
    close(file);
    snprintf(settings, sizeof settings, "%s=%s", find(stage, name)->params[0].name, path);
    int result = trial_open(t, stage, name, settings, 1);
    unlink(path);
    return result;
}

static int64_t cross(struct trial *t, struct synfin_crossing *x)
{
    x->segment = t->model->stage == SYNFIN_ARRIVALS ? NULL : &t->segment;
    x->now = t->now;
    x->count = t->count;
    x->size = synfin_segment_size(&t->segment);
    x->state = t->memory ? t->state : NULL;
    x->tools = &random_tools;
    return t->model->act(t->config, x);
}

int64_t trial_next(struct trial *t)
{
    struct synfin_crossing x = {0};
    if (t->memory || t->model->stage == SYNFIN_ARRIVALS)
        random_at_count(&x, t->key, t->count, NULL);
    else
        random_at(&x, t->key, (uint32_t)(t->count >> 2), (uint32_t)(t->count & 3), 0, NULL);
    int64_t result = cross(t, &x);
    t->count++;
    if (t->model->stage == SYNFIN_ARRIVALS)
        t->now = result;
    return result;
}

int64_t trial_at(struct trial *t, uint32_t connection, uint32_t ordinal)
{
    struct synfin_crossing x = {0};
    assert(!t->memory);
    random_at(&x, t->key, connection, ordinal, 0, NULL);
    t->segment.ordinal = ordinal;
    return cross(t, &x);
}

void trial_close(struct trial *t)
{
    if (t->model->finish)
        t->model->finish(t->state);
    if (t->model->release)
        t->model->release(t->config);
    free_memory(t);
}

void series_add(struct series *s, double x)
{
    if (s->n == 0) {
        s->first = s->least = s->most = x;
    } else {
        s->products += s->last * x;
        s->least = fmin(s->least, x);
        s->most = fmax(s->most, x);
    }
    s->n++;
    s->sum += x;
    s->squares += x * x;
    s->last = x;
}

double series_mean(const struct series *s)
{
    return s->sum / (double)s->n;
}

double series_sd(const struct series *s)
{
    double mean = series_mean(s);
    return sqrt(s->squares / (double)s->n - mean * mean);
}

double series_correlation(const struct series *s)
{
    double mean = series_mean(s), n = (double)s->n - 1;
    return (s->products / n - mean * mean) / (s->squares / (double)s->n - mean * mean);
}
