/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Plays a case: a simulation of two hosts whose link loses everything. The recorded `in` segments arrive at the first
 * host as if from the second, the recorded calls take the place of its application.
 */
#include "timelines_player.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static synfin_time time_of(const struct player *p, double ms)
{
    return p->origin + (synfin_time)llround(ms * 1e6);
}

unsigned timeline_connection(const struct timeline *t, const struct timeline_event *e)
{
    if (strcmp(t->role, "client") == 0)
        return 0; /* one stream: the recording does not say which of them sends */
    unsigned seen[TIMELINE_PORTS], n = 0;
    for (size_t i = 0; i < t->events && n < TIMELINE_PORTS; i++) {
        const struct timeline_event *other = &t->event[i];
        unsigned k = 0;
        if (other->kind != TIMELINE_IN && other->kind != TIMELINE_OUT)
            continue;
        while (k < n && seen[k] != other->port)
            k++;
        if (k == n)
            seen[n++] = other->port;
        if (other->port == e->port)
            return k;
    }
    return 0;
}

struct timeline_act *player_act(struct player *p, enum timeline_kind kind)
{
    struct timeline_play *play = p->play;
    if (play->acts == play->room) {
        play->room = play->room ? 2 * play->room : 256;
        play->act = realloc(play->act, play->room * sizeof(*play->act));
        if (!play->act)
            abort();
    }
    struct timeline_act *act = &play->act[play->acts++];
    *act = (struct timeline_act){.at = p->host->base.now, .kind = kind};
    return act;
}

/* ---- What the host does ------------------------------------------------------------------------------------------ */

static uint32_t peer_iss(unsigned connection)
{
    return UINT32_C(0x20000000) + connection * UINT32_C(0x01234567);
}

static unsigned options_of(const struct synfin_segment *seg)
{
    unsigned options = seg->mss ? TIMELINE_MSS : 0;
    options |= seg->bits & SYNFIN_SACK_PERMITTED ? TIMELINE_SACK_PERMITTED : 0;
    options |= seg->bits & SYNFIN_HAS_TIMESTAMPS ? TIMELINE_TIMESTAMPS : 0;
    options |= seg->window_scale != SYNFIN_NO_SCALE ? TIMELINE_SCALE : 0;
    if (seg->bits & SYNFIN_HAS_SACK)
        options |= seg->flags & SYNFIN_SYN ? TIMELINE_FAST_OPEN : TIMELINE_SACK;
    return options;
}

static void note_sent(struct player *p, const struct synfin_event *event)
{
    const struct synfin_segment *seg = event->segment;
    unsigned number = event->connection % TIMELINE_PORTS;
    struct player_connection *c = &p->connection[number];
    if (seg->flags & SYNFIN_SYN)
        c->iss = seg->seq;
    struct timeline_act *act = player_act(p, TIMELINE_OUT);
    act->at = event->time;
    act->timer = p->timer_at == event->time ? p->timer_duration : 0;
    act->connection = p->client ? 0 : number;
    act->segment = (struct timeline_segment){
        .flags = seg->flags,
        .options = options_of(seg),
        .seq = (int32_t)(seg->seq - c->iss),
        .ack = seg->flags & SYNFIN_ACK ? (int32_t)(seg->ack - peer_iss(number)) : 0,
        .length = seg->length,
        .window = seg->window,
        .mss = seg->mss,
        .scale = seg->window_scale,
        .tsval = seg->tsval,
        .tsecr = seg->tsecr,
        .cookie_given = seg->option[0] || seg->option[1],
        .cookie = (uint64_t)seg->option[0] << 32 | seg->option[1],
    };
}

/* The kernel's name of a state; NULL: a socket in it is not listed. */
static const char *kernel_state(const char *state)
{
    static const char *const names[][2] = {
        {"SYN-SENT", "SYN_SENT"},     {"SYN-RECEIVED", "SYN_RECV"}, {"ESTABLISHED", "ESTABLISHED"},
        {"FIN-WAIT-1", "FIN_WAIT1"},  {"FIN-WAIT-2", "FIN_WAIT2"},  {"CLOSE-WAIT", "CLOSE_WAIT"},
        {"CLOSING", "CLOSING"},       {"LAST-ACK", "LAST_ACK"},     {"TIME-WAIT", "TIME_WAIT"},
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(state, names[i][0]) == 0)
            return names[i][1];
    }
    return NULL;
}

static int compare_words(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void note_state(struct player *p, const struct synfin_event *event)
{
    const char *state = kernel_state(event->state), *word[TIMELINE_PORTS];
    struct player_connection *c = &p->connection[event->connection % TIMELINE_PORTS];
    snprintf(c->state, sizeof(c->state), "%s", state ? state : "");
    size_t n = 0, length = 0;
    for (unsigned i = 0; i < TIMELINE_PORTS; i++) {
        if (p->connection[i].state[0])
            word[n++] = p->connection[i].state;
    }
    qsort(word, n, sizeof(word[0]), compare_words);
    struct timeline_act *act = player_act(p, TIMELINE_STATES);
    act->at = event->time;
    for (size_t i = 0; i < n && length < TIMELINE_TEXT; i++)
        length += (size_t)snprintf(act->text + length, TIMELINE_TEXT - length, "%s ", word[i]);
}

static void observe(void *user, const struct synfin_event *event)
{
    struct player *p = user;
    switch (event->kind) {
    case SYNFIN_EVENT_SENT:
        note_sent(p, event);
        break;
    case SYNFIN_EVENT_STATE:
        note_state(p, event);
        break;
    case SYNFIN_EVENT_TIMER:
        p->timer_at = event->time;
        p->timer_duration = event->duration;
        for (size_t i = 0; i < p->play->acts; i++) {
            struct timeline_act *act = &p->play->act[i];
            if (act->kind == TIMELINE_API && act->at == event->time)
                act->timer = event->duration;
        }
        break;
    default:
        break;
    }
}

static struct player *player_of(struct synfin_host *host)
{
    return (struct player *)(uintptr_t)host->api;
}

static void told(struct synfin_host *host, struct synfin_endpoint *e, enum synfin_news news, uint64_t n)
{
    struct player *p = player_of(host);
    player_told(p, e, news, n);
    if (news == SYNFIN_CLOSED || news == SYNFIN_FAILED)
        p->real->tell(host, e, news, n);
}

static struct synfin_time_wait *time_waits(struct synfin_host *host, struct synfin_endpoint *e, synfin_time duration)
{
    struct player *p = player_of(host);
    p->connection[e->sender.connection % TIMELINE_PORTS].endpoint = NULL;
    return p->real->time_wait(host, e, duration);
}

void player_run(struct player *p, synfin_time until)
{
    host_run(p->host, until, UINT64_MAX);
    trace_flush(p->sim, SYNFIN_NEVER);
}

/* ---- What comes in ----------------------------------------------------------------------------------------------- */

/* What the host sent where the recording has the `out` segment with this tsval; a tsecr that is none's stays. */
static uint32_t echo_of(const struct player *p, const struct timeline_event *in)
{
    const struct timeline *t = p->timeline;
    unsigned connection = timeline_connection(t, in);
    size_t number = 0, found = 0;
    for (const struct timeline_event *e = t->event; e < in; e++) {
        if (e->kind != TIMELINE_OUT || timeline_connection(t, e) != connection)
            continue;
        number++;
        if ((e->segment.options & TIMELINE_TIMESTAMPS) && e->segment.tsval == in->segment.tsecr)
            found = number;
    }
    uint32_t tsval = in->segment.tsecr;
    for (size_t i = 0; found && i < p->play->acts; i++) {
        const struct timeline_act *act = &p->play->act[i];
        if (act->kind != TIMELINE_OUT || act->connection != connection)
            continue;
        tsval = act->segment.tsval;
        found--;
    }
    return tsval;
}

/* A cookie that the host gave stands for the one that the kernel gave; zeros are a wrong one. */
static uint64_t cookie_of(const struct player *p, const struct timeline_event *in)
{
    if (!in->segment.cookie_given)
        return 0;
    for (const struct timeline_event *e = p->timeline->event; e < in; e++) {
        if (e->kind != TIMELINE_OUT || !e->segment.cookie_given || e->segment.cookie != in->segment.cookie)
            continue;
        for (size_t i = 0; i < p->play->acts; i++) {
            const struct timeline_act *act = &p->play->act[i];
            if (act->kind == TIMELINE_OUT && (act->segment.options & TIMELINE_FAST_OPEN) && act->segment.cookie_given)
                return act->segment.cookie;
        }
    }
    return in->segment.cookie ? in->segment.cookie : 1;
}

static void arrive(struct player *p, const struct timeline_event *e)
{
    const struct timeline_segment *s = &e->segment;
    unsigned number = p->client ? p->current : timeline_connection(p->timeline, e);
    const struct player_connection *c = &p->connection[number];
    struct flight f = {.key = {time_of(p, e->ms), time_of(p, e->ms)}};
    f.segment = (struct synfin_segment){
        .source = p->sim->host[1].first_address,
        .destination = p->host->first_address,
        .source_port = p->client ? 80 : (uint16_t)e->port,
        .destination_port = p->client ? c->local_port : 80,
        .seq = peer_iss(number) + (uint32_t)s->seq,
        .ack = s->flags & SYNFIN_ACK ? c->iss + (uint32_t)s->ack : 0,
        .window = (uint16_t)s->window,
        .flags = s->flags,
        .window_scale = s->options & TIMELINE_SCALE ? (uint8_t)s->scale : SYNFIN_NO_SCALE,
        .mss = (uint16_t)s->mss,
        .length = (uint16_t)s->length,
        .protocol = SYNFIN_TCP,
        .bits = SYNFIN_BACKWARD, /* so that it belongs to no workload's record */
        .tsval = s->tsval,
        .connection = number,
        .ordinal = p->ordinal++,
        .from = SYNFIN_NONE,
        .to = SYNFIN_NONE,
    };
    if (s->options & TIMELINE_FAST_OPEN) {
        uint64_t cookie = cookie_of(p, e);
        f.segment.bits |= SYNFIN_FAST_OPEN;
        f.segment.option[0] = (uint32_t)(cookie >> 32);
        f.segment.option[1] = (uint32_t)cookie;
    }
    if (s->options & TIMELINE_SACK_PERMITTED)
        f.segment.bits |= SYNFIN_SACK_PERMITTED;
    if (s->options & TIMELINE_TIMESTAMPS) {
        f.segment.bits |= SYNFIN_HAS_TIMESTAMPS;
        f.segment.tsecr = echo_of(p, e);
    }
    host_receive(p->host, RANK_SEGMENT, &f);
    player_run(p, f.key.time + 1);
}

/* ---- The host ---------------------------------------------------------------------------------------------------- */

static const struct {
    const char *kernel, *path, *unit; /* unit NULL: a switch */
} settings[] = {
    {"tcp_syn_retries", "syn_retries", ""},
    {"tcp_syn_linear_timeouts", "syn_linear_timeouts", ""},
    {"tcp_synack_retries", "synack_retries", ""},
    {"tcp_orphan_retries", "orphan_retries", ""},
    {"tcp_retries2", "retries2", ""},
    {"tcp_fin_timeout", "fin_timeout", "s"},
    {"tcp_abort_on_overflow", "abort_on_overflow", NULL},
    {"tcp_syncookies", "syncookies", ""},
    {"tcp_max_syn_backlog", "max_syn_backlog", ""},
    {"tcp_timestamps", "timestamps", NULL},
    {"tcp_sack", "sack", NULL},
    {"tcp_window_scaling", "window_scaling", NULL},
    {"tcp_invalid_ratelimit", "invalid_ratelimit", "ms"},
    {"tcp_challenge_ack_limit", "challenge_ack_limit", ""},
    {"tcp_rto_min_us", "rto_min", "us"},
    {"tcp_rto_max_ms", "rto_max", "ms"},
    {"tcp_early_retrans", "early_retrans", ""},
    {"tcp_rfc1337", "rfc1337", NULL},
    {"tcp_tw_reuse", "tw_reuse", ""},
    {"tcp_max_tw_buckets", "max_tw_buckets", ""},
    {"tcp_fastopen", "fastopen", ""},
    {"tcp_slow_start_after_idle", "slow_start_after_idle", NULL},
    {"net.core.somaxconn", "somaxconn", ""},
    {"somaxconn", "somaxconn", ""},
    {"TCP_DEFER_ACCEPT", "defer_accept", "s"},
    {"TCP_USER_TIMEOUT", "user_timeout", "ms"},
    {"TCP_FASTOPEN", "fastopen_queue", ""},
};

static bool set(struct player *p, const char *path, const char *text)
{
    struct synfin_error error;
    if (synfin_settings_set(p->settings, path, text, 1, &error) == 0)
        return true;
    snprintf(p->play->error, sizeof(p->play->error), "%.40s: %.100s", path, error.text);
    return false;
}

static bool set_value(struct player *p, const struct timeline_value *v)
{
    char path[TIMELINE_TEXT], text[TIMELINE_NAME];
    if (strcmp(v->name, "SO_LINGER") == 0) {
        p->reset_on_close = v->value == 0;
        return true;
    }
    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
        if (strcmp(v->name, settings[i].kernel) != 0)
            continue;
        snprintf(path, sizeof(path), "hosts.local.tcp.%s", settings[i].path);
        if (strcmp(settings[i].path, "fin_timeout") == 0 && v->value == 0) /* none: by RTO */
            snprintf(text, sizeof(text), "1ns");
        else if (settings[i].unit)
            snprintf(text, sizeof(text), "%.0f%s", v->value, settings[i].unit);
        else
            snprintf(text, sizeof(text), "%s", v->value != 0 ? "true" : "false");
        /* Without its scale a window has 16 bits. */
        if (strcmp(settings[i].path, "window_scaling") == 0 && v->value == 0 &&
            !set(p, "hosts.local.tcp.window", "65535B"))
            return false;
        return set(p, path, text);
    }
    snprintf(p->play->error, sizeof(p->play->error), "option %s is not known", v->name);
    return false;
}

static bool set_all(struct player *p, synfin_time phase)
{
    static const char *const path[][2] = {
        {"hosts.local.profile", "linux"},
        {"hosts.peer.profile", "linux"},
        {"hosts.peer.listen.port", "80"},
        {"links.wire.both.loss.model", "bernoulli"},
        {"links.wire.both.loss.p", "1"},
        {"workloads.w.from", "local"},
        {"workloads.w.to", "peer"},
        {"workloads.w.over", "wire"},
        {"workloads.w.protocol", "tcp"},
        {"workloads.w.arrivals.model", "constant"},
        {"workloads.w.arrivals.rate", "1/s"},
        {"workloads.w.connections", "1"},
    };
    char text[TIMELINE_NAME];
    for (size_t i = 0; i < sizeof(path) / sizeof(path[0]); i++) {
        if (!set(p, path[i][0], path[i][1]))
            return false;
    }
    snprintf(text, sizeof(text), "%lldns", (long long)phase);
    if (!set(p, "hosts.local.tcp.wheel_phase", text))
        return false;
    snprintf(text, sizeof(text), "%u", p->timeline->hz);
    if (!set(p, "hosts.local.tcp.hz", text))
        return false;
    snprintf(text, sizeof(text), "%u", p->timeline->backlog);
    if (strcmp(p->timeline->role, "listener") == 0 &&
        (!set(p, "hosts.local.listen.port", "80") || !set(p, "hosts.local.listen.backlog", text)))
        return false;
    for (size_t i = 0; i < p->timeline->options; i++) {
        if (!set_value(p, &p->timeline->option[i]))
            return false;
    }
    for (size_t i = 0; i < p->timeline->sysctls; i++) {
        if (!set_value(p, &p->timeline->sysctl[i]))
            return false;
    }
    return true;
}

static bool begin(struct player *p, synfin_time phase)
{
    struct synfin_error error = {0};
    p->registry = synfin_registry_new();
    p->settings = synfin_settings_new();
    if (!p->registry || !p->settings || !set_all(p, phase))
        return false;
    p->scenario = synfin_scenario_new(p->registry, p->settings, NULL, &error);
    p->sim = p->scenario ? synfin_simulation_new(p->scenario, 0, &error) : NULL;
    if (!p->sim) {
        snprintf(p->play->error, sizeof(p->play->error), "%.60s: %.90s", error.path, error.text);
        return false;
    }
    struct synfin_observer observer = {
        .user = p, .event = observe, .only_workload = SYNFIN_NONE, .only_connection = SYNFIN_NONE};
    synfin_simulation_observe(p->sim, &observer);
    p->host = &p->sim->host[0];
    p->real = p->host->base.api;
    p->api = *p->real;
    p->api.tell = told;
    p->api.time_wait = time_waits;
    p->host->base.api = &p->api;
    p->tcp = p->sim->protocol[p->sim->tcp];
    p->client = strcmp(p->timeline->role, "client") == 0;
    if (p->host->listeners)
        host_queues(p->host, 0);
    return true;
}

/* Time goes on; a connect() that only tried the port is closed on the way. */
static void go_on(struct player *p, synfin_time until)
{
    if (p->probe_ends && p->probe_ends < until) {
        player_run(p, p->probe_ends);
        p->host->base.now = p->probe_ends;
        p->probe_ends = 0;
        struct synfin_endpoint *e = p->connection[p->current].endpoint;
        if (e)
            p->tcp->close(e, &p->host->base);
    }
    player_run(p, until);
    p->host->base.now = until;
}

void timeline_play(const struct timeline *t, synfin_time origin, synfin_time phase, struct timeline_play *play)
{
    struct player p = {.timeline = t, .play = play, .origin = origin};
    *play = (struct timeline_play){.hz = t->hz};
    if (begin(&p, phase)) {
        for (size_t i = 0; i < t->events && !play->error[0]; i++) {
            const struct timeline_event *e = &t->event[i];
            go_on(&p, time_of(&p, e->ms));
            if (e->kind == TIMELINE_IN)
                arrive(&p, e);
            else if (e->kind == TIMELINE_API)
                player_call(&p, e);
            player_run(&p, time_of(&p, e->ms) + 1);
        }
        /* The last timer may be late. */
        if (t->events)
            player_run(&p, time_of(&p, t->event[t->events - 1].ms) + 100 * SYNFIN_MS);
    }
    for (size_t i = 0; i < play->acts; i++)
        play->act[i].at -= origin;
    synfin_simulation_free(p.sim);
    synfin_scenario_free(p.scenario);
    synfin_settings_free(p.settings);
    synfin_registry_free(p.registry);
}

void timeline_play_free(struct timeline_play *play)
{
    free(play->act);
}
