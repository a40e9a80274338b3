/* SPDX-License-Identifier: BSD-2-Clause */
/* Segments, states and news as text, and what a test expects of them. */
#include "tcp_fixture.h"

#include "setting.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Reading ----------------------------------------------------------------------------------------------------- */

static void bad_text(const char *text, const char *word)
{
    fprintf(stderr, "'%s': what is '%s'?\n", text, word);
    abort();
}

static bool read_flags(const char *word, uint8_t *flags)
{
    *flags = 0;
    for (; *word != '\0'; word++) {
        switch (*word) {
        case 'S': *flags |= SYNFIN_SYN; break;
        case 'F': *flags |= SYNFIN_FIN; break;
        case 'R': *flags |= SYNFIN_RST; break;
        case 'P': *flags |= SYNFIN_PSH; break;
        case '.': *flags |= SYNFIN_ACK; break;
        case '-': break;
        default: return false;
        }
    }
    return true;
}

/* `name=number`, the number may be negative and wraps at 2^32. */
static bool read_number(const char *word, const char *name, bool *given, uint32_t *value)
{
    size_t n = strlen(name);
    if (strncmp(word, name, n) != 0 || word[n] != '=')
        return false;
    *value = (uint32_t)strtoll(word + n + 1, NULL, 10);
    *given = true;
    return true;
}

/* `101:201,301:401` */
static bool read_blocks(struct synfin_segment *seg, const char *text)
{
    for (unsigned i = 0; *text != '\0' && i < SYNFIN_SACK_BLOCKS; i++) {
        char *end;
        seg->option[2 * i] = (uint32_t)strtoll(text, &end, 10);
        if (*end != ':')
            return false;
        seg->option[2 * i + 1] = (uint32_t)strtoll(end + 1, &end, 10);
        seg->bits |= SYNFIN_HAS_SACK;
        text = *end == ',' ? end + 1 : end;
    }
    return *text == '\0';
}

static bool read_field(struct notation *n, const char *word)
{
    uint32_t value = 0;
    bool given = false;
    struct synfin_segment *seg = &n->segment;
    if (read_number(word, "seq", &n->seq_given, &seg->seq) || read_number(word, "ack", &n->ack_given, &seg->ack))
        return true;
    if (read_number(word, "len", &n->length_given, &value))
        seg->length = (uint16_t)value;
    else if (read_number(word, "win", &n->window_given, &value))
        seg->window = (uint16_t)value;
    else if (read_number(word, "mss", &n->mss_given, &value))
        seg->mss = (uint16_t)value;
    else if (read_number(word, "ws", &n->scale_given, &value))
        seg->window_scale = (uint8_t)value;
    else if (read_number(word, "ts", &n->timestamps_given, &seg->tsval)) {
        const char *comma = strchr(word, ',');
        seg->tsecr = comma != NULL ? (uint32_t)strtoul(comma + 1, NULL, 10) : 0;
        seg->bits |= SYNFIN_HAS_TIMESTAMPS;
    } else if (strncmp(word, "sack=", 5) == 0) {
        n->blocks_given = true;
        return read_blocks(seg, word + 5);
    } else if (strcmp(word, "sack") == 0) {
        n->sack_given = true;
        seg->bits |= SYNFIN_SACK_PERMITTED;
    } else if (strcmp(word, "cookie") == 0) {
        n->cookie_given = true;
        seg->option[0] = seg->option[1] = 1;
        seg->bits |= SYNFIN_FAST_OPEN;
    } else if (strcmp(word, "cookie=0") == 0) {
        n->cookie_given = true;
        seg->bits |= SYNFIN_FAST_OPEN;
    } else if (strcmp(word, "cookie=none") == 0) {
        n->no_cookie = true;
    } else if (strcmp(word, "absolute") == 0) {
        n->absolute = true;
    } else {
        return given;
    }
    return true;
}

struct notation segment_read(const char *text)
{
    struct notation n = {.segment = {.window = UINT16_MAX, .window_scale = SYNFIN_NO_SCALE}};
    char copy[200], error[128], *next = copy;
    bool flagged = false;
    snprintf(copy, sizeof copy, "%s", text);
    for (char *word = strtok_r(copy, " ", &next); word != NULL; word = strtok_r(NULL, " ", &next)) {
        if (isdigit((unsigned char)*word)) {
            n.timed = true;
            if (setting_duration(word, &n.time, error, sizeof error) != 0)
                bad_text(text, word);
        } else if (!flagged && read_flags(word, &n.segment.flags)) {
            flagged = true;
        } else if (!read_field(&n, word)) {
            bad_text(text, word);
        }
    }
    if (!flagged)
        bad_text(text, "");
    return n;
}

/* ---- Showing ----------------------------------------------------------------------------------------------------- */

/* `1.02s`, `20ms`, `0`. */
void time_show(synfin_time t, char *text, size_t size)
{
    synfin_time unit = t >= SYNFIN_S ? SYNFIN_S : SYNFIN_MS;
    char fraction[16] = "";
    if (t % unit != 0) {
        snprintf(fraction, sizeof fraction, ".%0*lld", unit == SYNFIN_S ? 9 : 6, (long long)(t % unit));
        for (size_t n = strlen(fraction); n > 0 && fraction[n - 1] == '0'; n--)
            fraction[n - 1] = '\0';
    }
    if (t == 0)
        snprintf(text, size, "0");
    else
        snprintf(text, size, "%lld%s%s", (long long)(t / unit), fraction, unit == SYNFIN_S ? "s" : "ms");
}

static void flags_show(uint8_t flags, char *text)
{
    static const struct {
        uint8_t bit;
        char letter;
    } letters[] = {{SYNFIN_SYN, 'S'}, {SYNFIN_FIN, 'F'}, {SYNFIN_RST, 'R'}, {SYNFIN_PSH, 'P'}, {SYNFIN_ACK, '.'}};
    for (unsigned i = 0; i < sizeof letters / sizeof letters[0]; i++) {
        if (flags & letters[i].bit)
            *text++ = letters[i].letter;
    }
    if (flags == 0)
        *text++ = '-';
    *text = '\0';
}

static uint32_t blocks_of(const struct synfin_segment *seg)
{
    return seg->flags & SYNFIN_SYN ? 0 : synfin_sack_blocks(seg);
}

void segment_show(const struct sent *s, char *text, size_t size)
{
    char when[32], flags[8], options[200] = "";
    const struct synfin_segment *seg = &s->segment;
    int n = 0;
    time_show(s->time, when, sizeof when);
    flags_show(seg->flags, flags);
    if (seg->mss)
        n += snprintf(options, sizeof options, " mss=%u", seg->mss);
    if (seg->window_scale != SYNFIN_NO_SCALE)
        n += snprintf(options + n, sizeof options - (size_t)n, " ws=%u", seg->window_scale);
    if (seg->bits & SYNFIN_HAS_TIMESTAMPS)
        n += snprintf(options + n, sizeof options - (size_t)n, " ts=%u,%u", seg->tsval, seg->tsecr);
    if (seg->bits & SYNFIN_SACK_PERMITTED)
        n += snprintf(options + n, sizeof options - (size_t)n, " sack");
    if ((seg->flags & SYNFIN_SYN) && (seg->bits & SYNFIN_FAST_OPEN))
        n += snprintf(options + n, sizeof options - (size_t)n, seg->option[0] ? " cookie" : " cookie=0");
    for (unsigned i = 0; i < blocks_of(seg); i++) {
        uint32_t origin = seg->ack - s->ack;
        n += snprintf(options + n, sizeof options - (size_t)n, "%s%d:%d", i ? "," : " sack=",
                      (int32_t)(seg->option[2 * i] - origin), (int32_t)(seg->option[2 * i + 1] - origin));
    }
    snprintf(text, size, "%s %s seq=%d ack=%d len=%u win=%u%s", when, flags, (int32_t)s->seq,
             seg->flags & SYNFIN_ACK ? (int32_t)s->ack : 0, seg->length, seg->window, options);
}

static const char *const news_names[] = {"established", "data", "peer-closed", "closed", "failed"};
static const char *const failure_names[] = {"timeout", "reset", "refused", "no-port"};

static void note_show(const struct side *s, const struct note *n, bool timed, char *text, size_t size)
{
    char when[32] = "";
    if (timed) {
        time_show(n->time, when, sizeof when - 1);
        strcat(when, " ");
    }
    if (n->kind == NOTE_STATE)
        snprintf(text, size, "%s%s", when, s->protocol->states[n->what]);
    else if (n->what == SYNFIN_DATA)
        snprintf(text, size, "%sdata %llu", when, (unsigned long long)n->n);
    else if (n->what == SYNFIN_FAILED)
        snprintf(text, size, "%sfailed %s", when, failure_names[n->n]);
    else
        snprintf(text, size, "%s%s", when, news_names[n->what]);
}

/* ---- Expecting --------------------------------------------------------------------------------------------------- */

void label(struct pair *p, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(p->label, sizeof p->label, format, args);
    va_end(args);
}

static void verdict(const char *file, unsigned line, const struct pair *p, bool holds, const char *text)
{
    char message[8192 + sizeof p->label];
    snprintf(message, sizeof message, "%s%s%s", p->label, *p->label ? ": " : "", text);
    CU_assertImplementation(holds ? CU_TRUE : CU_FALSE, line, message, file, "", CU_FALSE);
}

void expect(const char *file, unsigned line, const struct pair *p, bool holds, const char *text)
{
    verdict(file, line, p, holds, text);
}

void expect_equal(const char *file, unsigned line, const struct pair *p, int64_t got, int64_t wanted, const char *text)
{
    char message[400];
    snprintf(message, sizeof message, "%s: got %lld, expected %lld", text, (long long)got, (long long)wanted);
    verdict(file, line, p, got == wanted, message);
}

void expect_state(const char *file, unsigned line, struct side *s, enum tcp_state wanted)
{
    char message[200];
    enum tcp_state got = state_of(s);
    snprintf(message, sizeof message, "state %s, expected %s", state_name(got), state_name(wanted));
    verdict(file, line, s->pair, got == wanted, message);
}

static bool option_matches(bool given, bool there, uint32_t wanted, uint32_t got)
{
    return !given || (there && wanted == got);
}

/* Of a SYN: whether there is one; which one it is, the option's owner alone knows. */
static bool cookie_matches(const struct notation *n, const struct synfin_segment *got)
{
    bool there = (got->bits & SYNFIN_FAST_OPEN) != 0, asks = got->option[0] == 0 && got->option[1] == 0;
    if (!n->cookie_given)
        return !n->no_cookie || !there;
    return there && asks == (n->segment.option[0] == 0);
}

static bool blocks_match(const struct notation *n, const struct sent *s)
{
    uint32_t blocks = blocks_of(&n->segment), origin = n->absolute ? 0 : s->segment.ack - s->ack;
    if (blocks != blocks_of(&s->segment))
        return false;
    for (uint32_t i = 0; i < 2 * blocks; i++) {
        if (n->segment.option[i] != s->segment.option[i] - origin)
            return false;
    }
    return true;
}

static bool matches(const struct notation *n, const struct sent *s)
{
    const struct synfin_segment *want = &n->segment, *got = &s->segment;
    uint8_t compared = (uint8_t)~SYNFIN_PSH;
    return (!n->timed || n->time == s->time) && (want->flags & compared) == (got->flags & compared) &&
           (!n->seq_given || want->seq == (n->absolute ? got->seq : s->seq)) &&
           (!n->ack_given || ((got->flags & SYNFIN_ACK) && want->ack == (n->absolute ? got->ack : s->ack))) &&
           (n->length_given ? want->length == got->length : got->length == 0) &&
           (!n->window_given || want->window == got->window) &&
           option_matches(n->mss_given, true, want->mss, got->mss) &&
           option_matches(n->scale_given, true, want->window_scale, got->window_scale) &&
           option_matches(n->timestamps_given, got->bits & SYNFIN_HAS_TIMESTAMPS, want->tsval, got->tsval) &&
           option_matches(n->timestamps_given, got->bits & SYNFIN_HAS_TIMESTAMPS, want->tsecr, got->tsecr) &&
           (!n->blocks_given || blocks_match(n, s)) && cookie_matches(n, got) &&
           (!n->sack_given || (got->bits & SYNFIN_SACK_PERMITTED));
}

static void append(char *text, size_t size, const char *piece, const char *separator)
{
    size_t n = strlen(text);
    if (n + 1 < size)
        snprintf(text + n, size - n, "%s%s", n ? separator : "", piece);
}

void expect_sent(const char *file, unsigned line, struct side *s, const char *const *expected)
{
    char message[8000], got[3600] = "", wanted[3600] = "", piece[300];
    bool holds = true;
    size_t i = s->sends_seen;
    for (; *expected != NULL; expected++, i++) {
        struct notation n = segment_read(*expected);
        holds = holds && i < s->sends && matches(&n, &s->sent[i]);
        append(wanted, sizeof wanted, *expected, "\n      ");
    }
    holds = holds && i == s->sends;
    for (i = s->sends_seen; i < s->sends; i++) {
        segment_show(&s->sent[i], piece, sizeof piece);
        append(got, sizeof got, piece, "\n      ");
    }
    s->sends_seen = s->sends;
    snprintf(message, sizeof message, "%s sent\n      %s\n    expected\n      %s", s->out == FORWARD ? "a" : "b",
             *got ? got : "nothing", *wanted ? wanted : "nothing");
    verdict(file, line, s->pair, holds, message);
}

void expect_notes(const char *file, unsigned line, struct side *s, enum note_kind kind, const char *text)
{
    char got[3600] = "", piece[100], message[8000];
    size_t *seen = kind == NOTE_STATE ? &s->states_seen : &s->news_seen;
    bool timed = isdigit((unsigned char)*text);
    for (size_t i = *seen; i < s->notes; i++) {
        if (s->note[i].kind != kind)
            continue;
        note_show(s, &s->note[i], timed, piece, sizeof piece);
        append(got, sizeof got, piece, ", ");
    }
    *seen = s->notes;
    snprintf(message, sizeof message, "%s %s: %s\n    expected: %s", s->out == FORWARD ? "a" : "b",
             kind == NOTE_STATE ? "went through" : "was told", *got ? got : "nothing", *text ? text : "nothing");
    verdict(file, line, s->pair, strcmp(got, text) == 0, message);
}

/* ---- Looking ----------------------------------------------------------------------------------------------------- */

static enum tcp_state slot_state(const struct slot *slot)
{
    if (slot->time_wait != NULL)
        return slot->time_wait->sender.state;
    return slot->endpoint != NULL ? slot->endpoint->sender.state : 0;
}

enum tcp_state state_of(const struct side *s)
{
    if (s->current != NULL)
        return slot_state(s->current);
    return s->listener != NULL ? slot_state(s->listener) : TCP_CLOSED;
}

const char *state_name(enum tcp_state state)
{
    return tcp_protocol.states[state];
}

unsigned connections_in(const struct side *s, enum tcp_state state)
{
    unsigned n = 0;
    for (unsigned i = 0; i < SLOTS; i++)
        n += (s->slot[i].endpoint != NULL || s->slot[i].time_wait != NULL) && slot_state(&s->slot[i]) == state;
    return n;
}

synfin_time next_timer(const struct side *s)
{
    synfin_time next = SYNFIN_NEVER;
    for (unsigned i = 0; i < SLOTS; i++) {
        for (unsigned t = 0; t < SYNFIN_TIMERS; t++) {
            const struct slot_timer *timer = &s->slot[i].timer[t];
            if (timer->on && timer->deadline < next)
                next = timer->deadline;
        }
        if (s->slot[i].time_wait != NULL && s->slot[i].time_wait->expiry < next)
            next = s->slot[i].time_wait->expiry;
    }
    return next;
}

const struct sent *last_sent(const struct side *s)
{
    return s->sends > 0 ? &s->sent[s->sends - 1] : NULL;
}

void forget(struct side *s)
{
    s->sends_seen = s->sends;
    s->states_seen = s->news_seen = s->notes;
}
