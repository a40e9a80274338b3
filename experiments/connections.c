/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Connections end in another order than they are numbered. Of each workload, those that came too early wait in a ring
 * that holds as many as lie between the oldest still open and the newest that is over. Rows of the first workload go to
 * the output at once, those of the others by way of a spool file each.
 */
#include "connections.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "number.h"
#include "output.h"

/* Metrics in the order of their columns. */
static const enum synfin_metric columns[] = {
    SYNFIN_SETUP, SYNFIN_ACCEPT, SYNFIN_TEARDOWN, SYNFIN_CLOSE, SYNFIN_TRANSFER, SYNFIN_RESPONSE, SYNFIN_LIFETIME,
};
static_assert(sizeof columns / sizeof columns[0] == SYNFIN_METRICS, "every metric has a column");

enum { ROW_MAX = 320, RING_FIRST = 1024 }; /* bytes of a row without its workload's name; slots of the first ring */

/* A connection that waits. */
struct row {
    synfin_time opened, duration[SYNFIN_METRICS];
    uint32_t syn_sent, syn_ack_sent, fin_sent;
    uint32_t local, remote;
    uint16_t local_port, remote_port;
    uint8_t outcome;
    bool waiting;
};

struct lane {
    const char *name;
    size_t name_length;
    FILE *stream; /* the output or a spool; NULL: nothing came */
    struct row *ring;
    size_t room;   /* of the ring, a power of two, or 0 */
    size_t waiting;
    uint32_t next; /* number of the row to be written */
};

struct connections {
    struct output output;
    bool failed;
    int reason; /* errno */
    char *text; /* room for a row */
    size_t lanes;
    struct lane lane[];
};

/* ---- Rows as text ------------------------------------------------------------------------------------------------ */

static char *put_text(char *to, const char *text, size_t length)
{
    memcpy(to, text, length);
    return to + length;
}

static char *put_address(char *to, uint32_t address, uint16_t port)
{
    for (int shift = 24; shift >= 0; shift -= 8) {
        to = number_digits(to, address >> shift & 0xff);
        *to++ = '.';
    }
    to--;
    if (port) {
        *to++ = ':';
        to = number_digits(to, port);
    }
    return to;
}

static size_t format_row(char *text, const struct lane *lane, uint32_t number, const struct row *r)
{
    char *to = number_digits(text, number);
    const char *outcome = synfin_outcome_name((enum synfin_outcome)r->outcome);

    *to++ = ',';
    to = put_text(to, lane->name, lane->name_length);
    *to++ = ',';
    to = number_digits(to, (uint64_t)r->opened);
    for (size_t i = 0; i < SYNFIN_METRICS; i++) {
        *to++ = ',';
        if (r->duration[columns[i]] >= 0)
            to = number_digits(to, (uint64_t)r->duration[columns[i]]);
    }
    *to++ = ',';
    to = number_digits(to, r->syn_sent);
    *to++ = ',';
    to = number_digits(to, r->syn_ack_sent);
    *to++ = ',';
    to = number_digits(to, r->fin_sent);
    *to++ = ',';
    to = put_address(to, r->local, r->local_port);
    *to++ = ',';
    to = put_address(to, r->remote, r->remote_port);
    *to++ = ',';
    to = put_text(to, outcome, strlen(outcome));
    *to++ = '\n';
    return (size_t)(to - text);
}

static void fail(struct connections *c, int reason)
{
    c->failed = true;
    c->reason = reason;
}

static void write_row(struct connections *c, struct lane *lane, const struct row *r)
{
    size_t length = format_row(c->text, lane, lane->next, r);

    if (!lane->stream)
        lane->stream = lane == c->lane ? c->output.stream : tmpfile();
    if (!lane->stream || fwrite(c->text, 1, length, lane->stream) != length)
        fail(c, errno);
    lane->next++;
}

/* ---- Order ------------------------------------------------------------------------------------------------------- */

static bool grow(struct lane *lane, size_t needed)
{
    size_t room = lane->room ? lane->room : RING_FIRST;
    while (room < needed)
        room *= 2;
    struct row *ring = calloc(room, sizeof *ring);
    if (!ring)
        return false;
    for (size_t i = 0; i < lane->room; i++) {
        uint32_t number = lane->next + (uint32_t)i;
        ring[number & (room - 1)] = lane->ring[number & (lane->room - 1)];
    }
    free(lane->ring);
    lane->ring = ring;
    lane->room = room;
    return true;
}

static struct row row_of(const struct synfin_connection *from)
{
    struct row r = {
        .opened = from->opened,
        .syn_sent = from->syn_sent,
        .syn_ack_sent = from->syn_ack_sent,
        .fin_sent = from->fin_sent,
        .local = from->local,
        .remote = from->remote,
        .local_port = from->local_port,
        .remote_port = from->remote_port,
        .outcome = (uint8_t)from->outcome,
        .waiting = true,
    };
    memcpy(r.duration, from->duration, sizeof r.duration);
    return r;
}

void connections_add(void *connections, const struct synfin_connection *connection)
{
    struct connections *c = connections;
    assert(connection->workload < c->lanes);
    struct lane *lane = &c->lane[connection->workload];
    struct row row = row_of(connection);

    if (c->failed)
        return;
    assert(connection->number >= lane->next);
    if (connection->number != lane->next) {
        uint32_t ahead = connection->number - lane->next;
        if (ahead >= lane->room && !grow(lane, (size_t)ahead + 1)) {
            fail(c, ENOMEM);
            return;
        }
        lane->ring[connection->number & (lane->room - 1)] = row;
        lane->waiting++;
        return;
    }
    write_row(c, lane, &row);
    while (lane->waiting > 0) {
        struct row *r = &lane->ring[lane->next & (lane->room - 1)];
        if (!r->waiting)
            break;
        r->waiting = false;
        lane->waiting--;
        write_row(c, lane, r);
    }
}

/* ---- The file ---------------------------------------------------------------------------------------------------- */

int connections_open(struct connections **out, const char *path, size_t workloads, const char *const *names)
{
    size_t longest = 0;
    struct connections *c = calloc(1, sizeof *c + workloads * sizeof c->lane[0]);

    *out = NULL;
    for (size_t i = 0; c && i < workloads; i++) {
        c->lane[i].name = names[i];
        c->lane[i].name_length = strlen(names[i]);
        if (c->lane[i].name_length > longest)
            longest = c->lane[i].name_length;
    }
    if (!c || !(c->text = malloc(ROW_MAX + longest))) {
        fprintf(stderr, "%s: error: out of memory\n", path);
        free(c);
        return -1;
    }
    if (output_open(&c->output, path) != 0) {
        free(c->text);
        free(c);
        return -1;
    }
    c->lanes = workloads;
    fputs("connection,workload,opened_ns,setup_ns,accept_ns,teardown_ns,close_ns,transfer_ns,response_ns,lifetime_ns,"
          "syn_sent,syn_ack_sent,fin_sent,local,remote,outcome\n",
          c->output.stream);
    *out = c;
    return 0;
}

static void append(struct connections *c, FILE *spool)
{
    char block[65536];
    size_t n;

    if (fflush(spool) != 0 || fseek(spool, 0, SEEK_SET) != 0)
        fail(c, errno);
    while (!c->failed && (n = fread(block, 1, sizeof block, spool)) > 0) {
        if (fwrite(block, 1, n, c->output.stream) != n)
            fail(c, errno);
    }
    if (ferror(spool))
        fail(c, errno);
}

int connections_close(struct connections *c, bool keep)
{
    int status = 0;

    if (!c)
        return 0;
    for (size_t i = 0; i < c->lanes; i++) {
        struct lane *lane = &c->lane[i];
        assert(!keep || c->failed || lane->waiting == 0);
        if (i > 0 && lane->stream) {
            if (keep && !c->failed)
                append(c, lane->stream);
            fclose(lane->stream);
        }
        free(lane->ring);
    }
    if (!keep) {
        output_abandon(&c->output);
    } else if (c->failed) {
        fprintf(stderr, "%s: error: cannot be written: %s\n", c->output.path, strerror(c->reason));
        output_abandon(&c->output);
        status = -1;
    } else {
        status = output_commit(&c->output);
    }
    free(c->text);
    free(c);
    return status;
}
