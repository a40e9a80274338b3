/* SPDX-License-Identifier: BSD-2-Clause */
/* Events become arrows, timers and steps, with the words for each. */
#include "ladder.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "fields.h"

/* A gap is folded where it is longer than this many one-way delays. */
enum { FOLD_DELAYS = 4, DECIMALS_MIN = 3, DECIMALS_MAX = 6 };

/* ---- Lists ------------------------------------------------------------------------------------------------------- */

/* Room for one more item; NULL: no memory. */
static void *append(struct ladder *l, void **list, size_t *count, size_t *room, size_t size)
{
    if (*count == *room) {
        size_t more = *room ? 2 * *room : 64;
        void *grown = realloc(*list, more * size);
        if (!grown) {
            l->failed = true;
            return NULL;
        }
        *list = grown;
        *room = more;
    }
    return memset((char *)*list + (*count)++ * size, 0, size);
}

static struct ladder_arrow *add_arrow(struct ladder *l)
{
    void *list = l->arrow;
    struct ladder_arrow *a = append(l, &list, &l->arrows, &l->arrow_room, sizeof *a);
    l->arrow = list;
    return a;
}

static struct ladder_try *add_try(struct ladder *l)
{
    void *list = l->try;
    struct ladder_try *t = append(l, &list, &l->tries, &l->try_room, sizeof *t);
    l->try = list;
    return t;
}

static void add_timer(struct ladder *l, struct ladder_timer timer)
{
    void *list = l->timer;
    struct ladder_timer *t = append(l, &list, &l->timers, &l->timer_room, sizeof *t);
    l->timer = list;
    if (t)
        *t = timer;
}

static void add_step(struct ladder *l, struct ladder_step step)
{
    void *list = l->step;
    struct ladder_step *s = append(l, &list, &l->steps, &l->step_room, sizeof *s);
    l->step = list;
    if (s)
        *s = step;
}

/* ---- Segments ---------------------------------------------------------------------------------------------------- */

static int side_of(const struct synfin_segment *s)
{
    return s->bits & SYNFIN_BACKWARD ? LADDER_SERVER : LADDER_CLIENT;
}

static uint16_t client_port(const struct synfin_segment *s)
{
    return side_of(s) == LADDER_CLIENT ? s->source_port : s->destination_port;
}

/* The last try from the segment's port, NULL: there is none. */
static struct ladder_try *try_of(const struct ladder *l, const struct synfin_segment *s)
{
    for (size_t i = l->tries; i-- > 0;) {
        if (l->try[i].port == client_port(s))
            return &l->try[i];
    }
    return NULL;
}

/* A SYN says where its side's numbers begin. */
static void learn(struct ladder *l, const struct synfin_segment *s)
{
    struct ladder_try *try = try_of(l, s);

    if (!(s->flags & SYNFIN_SYN) || s->flags & SYNFIN_RST)
        return;
    if (!try) {
        try = add_try(l);
        if (!try)
            return;
        try->port = client_port(s);
    }
    try->isn[side_of(s)] = s->seq;
    try->known[side_of(s)] = true;
}

/* Counted from the SYN of that side; what lies before it is negative. Where there was no SYN, the number as it is. */
static int64_t relative(const struct ladder *l, const struct synfin_segment *s, uint32_t number, int side)
{
    const struct ladder_try *try = s->protocol == SYNFIN_TCP ? try_of(l, s) : NULL;

    if (!try || !try->known[side])
        return number;
    uint32_t difference = number - try->isn[side];
    return difference >= UINT32_MAX - 0xffff ? (int64_t)difference - UINT32_MAX - 1 : difference;
}

static struct ladder_arrow *depart(struct ladder *l, const struct synfin_event *e)
{
    struct ladder_arrow *a = add_arrow(l);
    int side = side_of(e->segment);

    if (!a)
        return NULL;
    *a = (struct ladder_arrow){.segment = *e->segment, .side = side, .emitted = e->since, .begin = e->time};
    a->seq = relative(l, e->segment, e->segment->seq, side);
    a->ack = relative(l, e->segment, e->segment->ack, 1 - side);
    add_step(l, (struct ladder_step){e->time, side, LADDER_SEND, l->arrows - 1, e->state});
    return a;
}

/* The arrow that the event is about; a new copy number belongs to a duplicate that has none yet. NULL: none. */
static struct ladder_arrow *find(const struct ladder *l, const struct synfin_event *e)
{
    struct ladder_arrow *unnumbered = NULL, *settled = NULL;

    for (size_t i = l->arrows; i-- > 0;) {
        struct ladder_arrow *a = &l->arrow[i];
        if (a->segment.ordinal != e->segment->ordinal || a->side != side_of(e->segment) || a->emitted != e->since)
            continue;
        if (a->unnumbered) {
            unnumbered = a;
        } else if (((a->segment.bits ^ e->segment->bits) & SYNFIN_COPY) == 0) {
            if (a->fate == LADDER_UNDER_WAY)
                return a;
            settled = a;
        }
    }
    if (settled || !unnumbered)
        return settled;
    unnumbered->unnumbered = false;
    unnumbered->segment.bits |= e->segment->bits & SYNFIN_COPY;
    return unnumbered;
}

static void duplicate(struct ladder *l, const struct synfin_event *e)
{
    const struct ladder_arrow *original = find(l, e);
    if (!original)
        return;
    int64_t seq = original->seq, ack = original->ack;
    for (uint32_t i = 0; i < e->copies; i++) {
        struct ladder_arrow *a = depart(l, e);
        if (!a)
            return;
        a->segment.bits &= (uint8_t)~SYNFIN_COPY;
        a->copy = a->unnumbered = true;
        a->seq = seq;
        a->ack = ack;
    }
}

static void inject(struct ladder *l, const struct synfin_event *e)
{
    struct ladder_arrow *a = depart(l, e);
    if (a)
        a->injected = true;
}

static void arrive(struct ladder *l, const struct synfin_event *e)
{
    struct ladder_arrow *a = find(l, e);
    if (!a)
        return;
    a->fate = LADDER_ARRIVED;
    a->end = e->time;
    add_step(l, (struct ladder_step){e->time, 1 - a->side, LADDER_ARRIVE, (size_t)(a - l->arrow), e->state});
}

static void befall(struct ladder *l, const struct synfin_event *e, enum ladder_fate fate)
{
    struct ladder_arrow *a = find(l, e);
    if (!a)
        return;
    a->fate = fate;
    a->link = e->link;
    a->link_backward = e->link_backward;
    a->model = e->model;
}

/* ---- States and timers ------------------------------------------------------------------------------------------- */

static void enter(struct ladder *l, const struct synfin_event *e)
{
    int side = e->client ? LADDER_CLIENT : LADDER_SERVER;

    if (l->time_wait[side]) {
        synfin_time begin = l->time_wait_begin[side];
        add_timer(l, (struct ladder_timer){side, "TIME-WAIT", begin, e->time, e->time - begin});
    }
    l->time_wait[side] = strcmp(e->state, "TIME-WAIT") == 0;
    l->time_wait_begin[side] = e->time;
    add_step(l, (struct ladder_step){e->time, side, LADDER_STATE, 0, e->state});
}

static void expire(struct ladder *l, const struct synfin_event *e)
{
    int side = e->client ? LADDER_CLIENT : LADDER_SERVER;

    add_timer(l, (struct ladder_timer){side, e->model, e->since, e->time, e->duration});
    add_step(l, (struct ladder_step){e->time, side, LADDER_EXPIRE, l->timers - 1, e->state});
}

void ladder_event(void *ladder, const struct synfin_event *e)
{
    struct ladder *l = ladder;

    if (l->failed)
        return;
    switch (e->kind) {
    case SYNFIN_EVENT_SENT:
        learn(l, e->segment);
        depart(l, e);
        break;
    case SYNFIN_EVENT_LOST:
        befall(l, e, LADDER_LOST);
        break;
    case SYNFIN_EVENT_DROPPED:
        befall(l, e, LADDER_DROPPED);
        break;
    case SYNFIN_EVENT_DUPLICATED:
        duplicate(l, e);
        break;
    case SYNFIN_EVENT_CORRUPTED:
        befall(l, e, LADDER_CORRUPTED);
        break;
    case SYNFIN_EVENT_INJECTED:
        inject(l, e);
        break;
    case SYNFIN_EVENT_DELIVERED:
        arrive(l, e);
        break;
    case SYNFIN_EVENT_STATE:
        enter(l, e);
        break;
    case SYNFIN_EVENT_TIMER:
        expire(l, e);
        break;
    default:
        break;
    }
}

/* ---- The end ----------------------------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
    synfin_time x = *(const synfin_time *)a, y = *(const synfin_time *)b;
    return x < y ? -1 : x > y;
}

/* The median of what arrived, so that one straggler does not decide. Where nothing did, a part of the shortest gap. */
static synfin_time typical_delay(struct ladder *l)
{
    synfin_time *delay = malloc((l->arrows + 1) * sizeof *delay), typical = 0;
    size_t n = 0;

    if (!delay) {
        l->failed = true;
        return 0;
    }
    for (size_t i = 0; i < l->arrows; i++) {
        if (l->arrow[i].fate == LADDER_ARRIVED && l->arrow[i].end > l->arrow[i].begin)
            delay[n++] = l->arrow[i].end - l->arrow[i].begin;
    }
    qsort(delay, n, sizeof *delay, compare);
    if (n > 0)
        typical = delay[n / 2];
    for (size_t i = 1; n == 0 && i < l->steps; i++) {
        synfin_time part = (l->step[i].time - l->step[i - 1].time) / 20;
        if (part > 0 && (typical == 0 || part < typical))
            typical = part;
    }
    free(delay);
    return typical;
}

static int decimals_of(const struct ladder *l)
{
    synfin_time unit = SYNFIN_S;
    int n = 0;

    for (; n < DECIMALS_MAX; n++, unit /= 10) {
        size_t i = 0;
        while (i < l->steps && (l->step[i].time - l->begin) % unit == 0)
            i++;
        if (n >= DECIMALS_MIN && i == l->steps)
            break;
    }
    return n;
}

void ladder_finish(struct ladder *l)
{
    l->begin = l->steps ? l->step[0].time : 0;
    l->delay = typical_delay(l);
    l->decimals = decimals_of(l);
    for (size_t i = 0; i < l->arrows; i++) {
        if (l->arrow[i].fate != LADDER_ARRIVED)
            l->arrow[i].end = l->arrow[i].begin + l->delay;
    }
}

void ladder_free(struct ladder *l)
{
    free(l->arrow);
    free(l->timer);
    free(l->step);
    free(l->try);
    l->try = NULL;
    l->arrow = NULL;
    l->timer = NULL;
    l->step = NULL;
}

bool ladder_leads(const struct ladder *l, size_t step)
{
    const struct ladder_step *s = &l->step[step];
    for (size_t i = step + 1; i < l->steps && l->step[i].time == s->time; i++) {
        if (l->step[i].side == s->side)
            return l->step[i].kind == LADDER_SEND;
    }
    return false;
}

bool ladder_folds(const struct ladder *l, synfin_time gap)
{
    return l->delay > 0 && gap > FOLD_DELAYS * l->delay;
}

/* ---- Words ------------------------------------------------------------------------------------------------------- */

static const char *tcp_label(char text[LADDER_TEXT], const struct ladder_arrow *a)
{
    static const struct {
        unsigned flag;
        const char *name;
    } flags[] = {
        {SYNFIN_SYN, "SYN"}, {SYNFIN_FIN, "FIN"}, {SYNFIN_RST, "RST"}, {SYNFIN_PSH, "PSH"}, {SYNFIN_ACK, "ACK"}};
    size_t n = 0;

    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        if (a->segment.flags & flags[i].flag)
            n += (size_t)snprintf(text + n, LADDER_TEXT - n, "%s%s", n ? "+" : "", flags[i].name);
    }
    n += (size_t)snprintf(text + n, LADDER_TEXT - n, " SEQ %" PRId64, a->seq);
    if (a->segment.flags & SYNFIN_ACK)
        n += (size_t)snprintf(text + n, LADDER_TEXT - n, " ACK %" PRId64, a->ack);
    if (a->segment.length)
        n += (size_t)snprintf(text + n, LADDER_TEXT - n, " LEN %u", a->segment.length);
    return text;
}

const char *ladder_label(char text[LADDER_TEXT], const struct ladder_arrow *a)
{
    const struct synfin_segment *s = &a->segment;

    if (s->protocol == SYNFIN_TCP)
        return tcp_label(text, a);
    if (s->length < s->ack) /* a part of a message */
        snprintf(text, LADDER_TEXT, "LEN %u AT %" PRIu32 " OF %" PRIu32, s->length, s->seq, s->ack);
    else
        snprintf(text, LADDER_TEXT, "LEN %u", s->length);
    return text;
}

const char *ladder_prefix(const struct ladder_arrow *a)
{
    return a->copy ? "copy: " : a->injected ? "injected: " : "";
}

const char *ladder_fate_text(char text[LADDER_TEXT], const struct ladder_arrow *a)
{
    static const struct {
        const char *verb, *stage;
    } words[] = {[LADDER_LOST] = {"lost", "loss"},
                 [LADDER_DROPPED] = {"dropped", "queue"},
                 [LADDER_CORRUPTED] = {"corrupted", "corrupt"}};

    text[0] = '\0';
    if (a->fate == LADDER_UNDER_WAY)
        snprintf(text, LADDER_TEXT, "under way when the run ended");
    else if (a->fate != LADDER_ARRIVED)
        snprintf(text, LADDER_TEXT, "%s: links.%s.%s %s %s", words[a->fate].verb, a->link,
                 direction_names[a->link_backward], words[a->fate].stage, a->model);
    return text;
}

const char *ladder_duration(char text[LADDER_TEXT], synfin_time ns)
{
    static const struct {
        synfin_time size;
        const char *name;
    } units[] = {{SYNFIN_S, "s"}, {SYNFIN_MS, "ms"}, {SYNFIN_US, "us"}, {1, "ns"}};
    size_t i = 0;

    while (units[i].size > 1 && ns < units[i].size)
        i++;
    int n = snprintf(text, LADDER_TEXT, "%" PRId64 ".%03" PRId64, ns / units[i].size,
                     units[i].size > 1 ? ns % units[i].size / (units[i].size / 1000) : 0);
    while (text[n - 1] == '0')
        n--;
    if (text[n - 1] == '.')
        n--;
    snprintf(text + n, LADDER_TEXT - (size_t)n, " %s", units[i].name);
    return text;
}

/* The timer of a SYN or a SYN+ACK is a retransmission timer too (RFC 6298); which one, side and state show. */
const char *ladder_timer_text(char text[LADDER_TEXT], const struct ladder_timer *t)
{
    char duration[LADDER_TEXT];
    bool retransmits = strcmp(t->name, "SYN") == 0 || strcmp(t->name, "SYN-ACK") == 0;

    snprintf(text, LADDER_TEXT, "%.60s %.60s", retransmits ? "RTO" : t->name, ladder_duration(duration, t->duration));
    return text;
}

const char *ladder_time(char text[LADDER_TEXT], const struct ladder *l, synfin_time time)
{
    synfin_time unit = SYNFIN_S;

    for (int i = 0; i < l->decimals; i++)
        unit /= 10;
    time = (time - l->begin + unit / 2) / unit;
    snprintf(text, LADDER_TEXT, "%" PRId64 ".%0*" PRId64 " s", time / (SYNFIN_S / unit), l->decimals,
             time % (SYNFIN_S / unit));
    return text;
}
