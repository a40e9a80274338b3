/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What befalls a segment may be told long after it was sent, so packets wait, in the order of their departure, until
 * the first of them has arrived or is gone.
 */
#include "pcap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fields.h"
#include "output.h"
#include "pcap_packet.h"

enum {
    SECTION_HEADER = 0x0a0d0d0a,
    INTERFACE_DESCRIPTION = 1,
    ENHANCED_PACKET = 6,
    BYTE_ORDER_MAGIC = 0x1a2b3c4d,
    LINKTYPE_IPV4 = 228,
    OPTION_END = 0,
    OPTION_COMMENT = 1,
    OPTION_NAME = 2,
    OPTION_USER_APPLICATION = 4,
    OPTION_TIME_RESOLUTION = 9,
    NANOSECONDS = 9,
    COMMENT_SIZE = 1024,
    STREAM_BUFFER = 1 << 18,
};

/* A packet that waits. */
struct packet {
    struct synfin_segment segment;
    synfin_time time;    /* of its departure */
    synfin_time emitted; /* its segment, by the endpoint */
    char *comment;       /* lines, NULL: none */
    bool unnumbered;     /* a duplicate whose copy number has not shown yet */
    bool settled;        /* nothing more is to be said of it */
};

struct pcap {
    struct output output;
    char *buffer;
    bool failed; /* no memory */
    /* A ring of packets, its size a power of 2; places count on from the start of the run. */
    struct packet *packet;
    uint64_t head, tail, room;
    /* Places + 1 by what names a segment; 0: empty. Twice the ring's size. */
    uint64_t *slot;
};

/* ---- The packets that wait --------------------------------------------------------------------------------------- */

static struct packet *packet_at(const struct pcap *p, uint64_t place)
{
    return &p->packet[place & (p->room - 1)];
}

static uint64_t hash(const struct synfin_segment *s, synfin_time emitted)
{
    uint64_t x = ((uint64_t)s->connection << 32 | s->ordinal) * UINT64_C(0x9e3779b97f4a7c15);
    x ^= (uint64_t)emitted * UINT64_C(0xc2b2ae3d27d4eb4f) + (s->bits & SYNFIN_BACKWARD);
    return (x ^ x >> 29) * UINT64_C(0xbf58476d1ce4e5b9) >> 20;
}

static uint64_t home(const struct pcap *p, uint64_t place)
{
    const struct packet *k = packet_at(p, place);
    return hash(&k->segment, k->emitted) & (2 * p->room - 1);
}

static void enter(struct pcap *p, uint64_t place)
{
    uint64_t i = home(p, place);
    while (p->slot[i])
        i = (i + 1) & (2 * p->room - 1);
    p->slot[i] = place + 1;
}

/* Leaves no gap between a slot and the home of what it holds. */
static void leave(struct pcap *p, uint64_t place)
{
    uint64_t mask = 2 * p->room - 1, i = home(p, place);
    while (p->slot[i] != place + 1)
        i = (i + 1) & mask;
    p->slot[i] = 0;
    for (uint64_t k = (i + 1) & mask; p->slot[k]; k = (k + 1) & mask) {
        if (((k - home(p, p->slot[k] - 1)) & mask) >= ((k - i) & mask)) {
            p->slot[i] = p->slot[k];
            p->slot[k] = 0;
            i = k;
        }
    }
}

static bool grow(struct pcap *p)
{
    uint64_t room = p->room ? 2 * p->room : 1024;
    struct packet *packet = malloc(room * sizeof *packet);
    uint64_t *slot = calloc(2 * room, sizeof *slot);

    if (!packet || !slot) {
        free(packet);
        free(slot);
        p->failed = true;
        return false;
    }
    for (uint64_t i = p->head; i < p->tail; i++)
        packet[i & (room - 1)] = *packet_at(p, i);
    free(p->packet);
    free(p->slot);
    p->packet = packet;
    p->slot = slot;
    p->room = room;
    for (uint64_t i = p->head; i < p->tail; i++)
        enter(p, i);
    return true;
}

static struct packet *append(struct pcap *p, const struct synfin_event *e)
{
    if (p->tail - p->head == p->room && !grow(p))
        return NULL;
    struct packet *k = packet_at(p, p->tail);
    *k = (struct packet){.segment = *e->segment, .time = e->time, .emitted = e->since};
    k->segment.bits &= (uint8_t)~SYNFIN_CORRUPTED;
    enter(p, p->tail++);
    return k;
}

static bool is_of(const struct packet *k, const struct synfin_event *e)
{
    return k->segment.connection == e->segment->connection && k->segment.ordinal == e->segment->ordinal &&
           ((k->segment.bits ^ e->segment->bits) & SYNFIN_BACKWARD) == 0 && k->emitted == e->since;
}

/*
 * The packet that the event is about: of those of the segment the one with its copy number; where that is new, a
 * duplicate without a number takes it. NULL: it was written before.
 */
static struct packet *find(const struct pcap *p, const struct synfin_event *e)
{
    struct packet *unnumbered = NULL, *settled = NULL;

    if (!p->room)
        return NULL;
    uint64_t mask = 2 * p->room - 1;
    for (uint64_t i = hash(e->segment, e->since) & mask; p->slot[i]; i = (i + 1) & mask) {
        struct packet *k = packet_at(p, p->slot[i] - 1);
        if (!is_of(k, e))
            continue;
        if (k->unnumbered) {
            unnumbered = unnumbered ? unnumbered : k;
        } else if (((k->segment.bits ^ e->segment->bits) & SYNFIN_COPY) == 0) {
            if (!k->settled)
                return k;
            settled = k;
        }
    }
    if (settled || !unnumbered)
        return settled;
    unnumbered->unnumbered = false;
    unnumbered->segment.bits |= e->segment->bits & SYNFIN_COPY;
    return unnumbered;
}

/* `lost by links.wan.forward loss bernoulli`, in a line of its own. */
static void comment(struct pcap *p, struct packet *k, const char *verb, const char *stage, const struct synfin_event *e)
{
    char line[COMMENT_SIZE];
    int n = snprintf(line, sizeof line, "%s by links.%s.%s %s %s", verb, e->link, direction_names[e->link_backward],
                     stage, e->model);
    size_t before = k->comment ? strlen(k->comment) + 1 : 0;
    char *grown = realloc(k->comment, before + (size_t)n + 1);

    if (!grown) {
        p->failed = true;
        return;
    }
    if (before)
        grown[before - 1] = '\n';
    memcpy(grown + before, line, (size_t)n + 1);
    k->comment = grown;
}

/* ---- Blocks, in little-endian order everywhere ------------------------------------------------------------------- */

static unsigned char *put16(unsigned char *to, unsigned x)
{
    *to++ = (unsigned char)(x & 0xff);
    *to++ = (unsigned char)(x >> 8 & 0xff);
    return to;
}

static unsigned char *put32(unsigned char *to, uint32_t x)
{
    return put16(put16(to, x & 0xffff), x >> 16);
}

static size_t padded(size_t n)
{
    return (n + 3) & ~(size_t)3;
}

static unsigned char *put_option(unsigned char *to, unsigned code, const void *value, size_t size)
{
    to = put16(put16(to, code), (unsigned)size);
    memset(to, 0, padded(size));
    memcpy(to, value, size);
    return to + padded(size);
}

static void write_block(struct pcap *p, unsigned char *block, unsigned char *end, uint32_t type)
{
    uint32_t size = (uint32_t)(end - block) + 4;

    put32(put32(block, type), size);
    put32(end, size);
    fwrite(block, 1, size, p->output.stream);
}

/* Section header and the one interface. */
static void write_start(struct pcap *p, const char *scenario)
{
    static const char application[] = "synfin " PACKAGE_VERSION, interface[] = "synfin";
    static const unsigned char resolution = NANOSECONDS;
    unsigned char block[2 * COMMENT_SIZE], *at;

    at = put16(put16(put32(block + 8, BYTE_ORDER_MAGIC), 1), 0); /* version 1.0 */
    at = put32(put32(at, UINT32_MAX), UINT32_MAX);         /* the section's length is not said */
    if (*scenario)
        at = put_option(at, OPTION_COMMENT, scenario, strnlen(scenario, COMMENT_SIZE));
    at = put_option(at, OPTION_USER_APPLICATION, application, sizeof application - 1);
    write_block(p, block, put_option(at, OPTION_END, "", 0), SECTION_HEADER);

    at = put32(put16(put16(block + 8, LINKTYPE_IPV4), 0), 0); /* no limit of length */
    at = put_option(at, OPTION_NAME, interface, sizeof interface - 1);
    at = put_option(at, OPTION_TIME_RESOLUTION, &resolution, 1);
    write_block(p, block, put_option(at, OPTION_END, "", 0), INTERFACE_DESCRIPTION);
}

static size_t comments_size(const struct packet *k)
{
    size_t size = 4; /* the end of options */

    if (!k->comment)
        return 0;
    for (const char *line = k->comment; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        size += 4 + padded(strcspn(line, "\n"));
    }
    return size;
}

static void write_comments(struct pcap *p, const struct packet *k)
{
    unsigned char option[COMMENT_SIZE + 8];

    for (const char *line = k->comment; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        unsigned char *end = put_option(option, OPTION_COMMENT, line, strcspn(line, "\n"));
        fwrite(option, 1, (size_t)(end - option), p->output.stream);
    }
    if (k->comment)
        fwrite(option, 1, (size_t)(put_option(option, OPTION_END, "", 0) - option), p->output.stream);
}

static void write_packet(struct pcap *p, const struct packet *k)
{
    static const unsigned char zeros[1024];
    unsigned char block[28 + PCAP_HEADERS_MAX], last[4], *at = block;
    size_t headers = pcap_headers(block + 28, &k->segment);
    size_t size = headers + k->segment.length, rest = padded(size) - headers;
    uint32_t total = (uint32_t)(28 + padded(size) + comments_size(k) + 4);

    at = put32(put32(put32(at, ENHANCED_PACKET), total), 0); /* interface 0 */
    at = put32(put32(at, (uint32_t)((uint64_t)k->time >> 32)), (uint32_t)k->time);
    put32(put32(at, (uint32_t)size), (uint32_t)size);
    fwrite(block, 1, 28 + headers, p->output.stream);
    for (size_t n; rest > 0; rest -= n) {
        n = rest < sizeof zeros ? rest : sizeof zeros;
        fwrite(zeros, 1, n, p->output.stream);
    }
    write_comments(p, k);
    put32(last, total);
    fwrite(last, 1, sizeof last, p->output.stream);
}

/* Writes packets from the first on: those that are settled, or all. */
static void write_packets(struct pcap *p, bool all)
{
    while (p->head < p->tail && (all || packet_at(p, p->head)->settled)) {
        struct packet *k = packet_at(p, p->head);
        write_packet(p, k);
        free(k->comment);
        leave(p, p->head++);
    }
}

/* ---- What happens ------------------------------------------------------------------------------------------------ */

static void duplicated(struct pcap *p, const struct synfin_event *e)
{
    struct packet *k = find(p, e);

    if (k)
        comment(p, k, "duplicated", "duplicate", e);
    for (uint32_t i = 0; i < e->copies && (k = append(p, e)); i++) {
        k->segment.bits &= (uint8_t)~SYNFIN_COPY;
        k->unnumbered = true;
        comment(p, k, "copy made", "duplicate", e);
    }
}

static void settle(struct pcap *p, const struct synfin_event *e)
{
    struct packet *k = find(p, e);

    if (!k)
        return;
    if (e->kind == SYNFIN_EVENT_LOST)
        comment(p, k, "lost", "loss", e);
    else if (e->kind == SYNFIN_EVENT_DROPPED)
        comment(p, k, "dropped", "queue", e);
    else if (e->kind == SYNFIN_EVENT_CORRUPTED)
        comment(p, k, "corrupted", "corrupt", e); /* nobody will say that it arrived */
    k->settled = true;
    write_packets(p, false);
}

void pcap_event(void *pcap, const struct synfin_event *event)
{
    struct pcap *p = pcap;

    struct packet *k;

    switch (event->kind) {
    case SYNFIN_EVENT_SENT:
        append(p, event);
        break;
    case SYNFIN_EVENT_INJECTED:
        k = append(p, event);
        if (k)
            comment(p, k, "injected", "loss", event);
        break;
    case SYNFIN_EVENT_DUPLICATED:
        duplicated(p, event);
        break;
    case SYNFIN_EVENT_LOST:
    case SYNFIN_EVENT_DROPPED:
    case SYNFIN_EVENT_CORRUPTED:
    case SYNFIN_EVENT_DELIVERED:
        settle(p, event);
        break;
    default:
        break;
    }
}

/* ---- The file ---------------------------------------------------------------------------------------------------- */

int pcap_open(struct pcap **pcap, const char *path, const struct scenario_file *file)
{
    struct pcap *p = calloc(1, sizeof *p);

    *pcap = NULL;
    if (!p) {
        fprintf(stderr, "%s: error: out of memory\n", path);
        return -1;
    }
    if (output_open(&p->output, path) != 0) {
        free(p);
        return -1;
    }
    p->buffer = malloc(STREAM_BUFFER);
    if (p->buffer)
        setvbuf(p->output.stream, p->buffer, _IOFBF, STREAM_BUFFER);
    write_start(p, file->name);
    *pcap = p;
    return 0;
}

int pcap_close(struct pcap *p, bool keep)
{
    int status = 0;

    if (!p)
        return 0;
    write_packets(p, true);
    if (p->failed)
        fprintf(stderr, "%s: error: out of memory\n", p->output.path);
    if (keep && !p->failed) {
        status = output_commit(&p->output);
    } else {
        output_abandon(&p->output);
        status = p->failed ? -1 : 0;
    }
    free(p->buffer);
    free(p->packet);
    free(p->slot);
    free(p);
    return status;
}
