/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The columns: `direction` is the workload's, `ordinal` counts the segments of a direction of a connection from 0 (a
 * duplicate keeps it), `ack` is empty where the ACK bit is not set, `link` names the link's own direction, `model` is
 * the model that acted or the timer that expired, `state` the state entered, else the endpoint's. What does not apply
 * is empty.
 */
#include "trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fields.h"
#include "number.h"
#include "output.h"
#include "scenario.h"

static const char header[] =
    "time_ns,host,event,workload,connection,direction,ordinal,kind,seq,ack,len,window,options,link,model,state\n";

enum { BUFFER_SIZE = 1 << 16, ROW_SIZE = 2048, TEXT_SIZE = 256 };

struct trace {
    struct output output;
    const struct synfin_scenario *scenario; /* for the names of workloads */
    size_t used;
    char buffer[BUFFER_SIZE + ROW_SIZE];
};

/* ---- A row, built from its start to its end ---------------------------------------------------------------------- */

static char *put_text(char *to, const char *text)
{
    size_t n = text ? strnlen(text, TEXT_SIZE) : 0;
    if (n)
        memcpy(to, text, n);
    return to + n;
}

static char *put_comma(char *to)
{
    *to++ = ',';
    return to;
}

/* `mss=1460;sackok;ts=1:0;ws=7`, `ts=1:0;sack=1:2`: what the segment has, in the order in which Linux sends them. */
static char *put_options(char *to, const struct synfin_segment *s)
{
    const char *begin = to;

    if (s->mss)
        to = number_digits(put_text(to, ";mss="), s->mss);
    if (s->bits & SYNFIN_SACK_PERMITTED)
        to = put_text(to, ";sackok");
    if (s->bits & SYNFIN_HAS_TIMESTAMPS) {
        to = number_digits(put_text(to, ";ts="), s->tsval);
        *to++ = ':';
        to = number_digits(to, s->tsecr);
    }
    if (s->window_scale != SYNFIN_NO_SCALE)
        to = number_digits(put_text(to, ";ws="), s->window_scale);
    if ((s->bits & SYNFIN_HAS_SACK) && !(s->flags & SYNFIN_SYN)) {
        to = put_text(to, ";sack=");
        for (uint32_t i = 0; i < synfin_sack_blocks(s); i++) {
            to = number_digits(i ? put_text(to, "+") : to, s->option[2 * i]);
            *to++ = ':';
            to = number_digits(to, s->option[2 * i + 1]);
        }
    }
    if (to == begin)
        return to;
    size_t n = (size_t)(to - begin) - 1; /* less the first semicolon */
    memmove(to - n - 1, to - n, n);
    return to - 1;
}

/* From `direction` to `options`. */
static char *put_segment(char *to, const struct synfin_segment *s)
{
    bool tcp = s->protocol == SYNFIN_TCP;

    to = put_comma(put_text(to, direction_names[s->bits & SYNFIN_BACKWARD ? 1 : 0]));
    to = put_comma(number_digits(to, s->ordinal));
    to = put_comma(put_text(to, synfin_kind_name(synfin_segment_kind(s))));
    to = put_comma(number_digits(to, s->seq));
    if (!tcp || s->flags & SYNFIN_ACK)
        to = number_digits(to, s->ack);
    to = put_comma(number_digits(put_comma(to), s->length));
    if (tcp)
        to = put_options(put_comma(number_digits(to, s->window)), s);
    else
        to = put_comma(to);
    return to;
}

static char *put_event(char *to, const struct synfin_event *e, const char *workload)
{
    to = put_comma(number_digits(to, (uint64_t)e->time));
    to = put_comma(put_text(to, e->host));
    to = put_comma(put_text(to, synfin_event_name(e->kind)));
    to = put_comma(put_text(to, workload));
    to = put_comma(number_digits(to, e->connection));
    to = put_comma(e->segment ? put_segment(to, e->segment) : put_text(to, ",,,,,,,"));
    to = put_text(to, e->link);
    if (e->link) {
        *to++ = '.';
        to = put_text(to, direction_names[e->link_backward]);
    }
    to = put_comma(put_text(put_comma(to), e->model));
    to = put_text(to, e->state);
    *to++ = '\n';
    return to;
}

/* ---- The file ---------------------------------------------------------------------------------------------------- */

int trace_open(struct trace **trace, const char *path, const struct synfin_scenario *scenario)
{
    struct trace *t = calloc(1, sizeof *t);

    *trace = NULL;
    if (!t) {
        fprintf(stderr, "%s: error: out of memory\n", path);
        return -1;
    }
    t->scenario = scenario;
    if (output_open(&t->output, path) != 0) {
        free(t);
        return -1;
    }
    t->used = sizeof header - 1;
    memcpy(t->buffer, header, t->used);
    *trace = t;
    return 0;
}

/* What could not be written shows at the end: the stream remembers it. */
static void flush(struct trace *t)
{
    fwrite(t->buffer, 1, t->used, t->output.stream);
    t->used = 0;
}

void trace_event(void *trace, const struct synfin_event *event)
{
    struct trace *t = trace;
    const char *workload = t->scenario->workload[event->workload].name;

    t->used = (size_t)(put_event(t->buffer + t->used, event, workload) - t->buffer);
    if (t->used >= BUFFER_SIZE)
        flush(t);
}

int trace_close(struct trace *t, bool keep)
{
    int status = 0;

    if (!t)
        return 0;
    if (keep) {
        flush(t);
        status = output_commit(&t->output);
    } else {
        output_abandon(&t->output);
    }
    free(t);
    return status;
}
