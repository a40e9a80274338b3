/* SPDX-License-Identifier: BSD-2-Clause */
/* The application's calls, and what they return. */
#include "timelines_player.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PEER_PORT 80

/* tcp_reset() and tcp_write_err() of Linux */
static const char *error_name(const struct player_connection *c)
{
    switch (c->reason) {
    case SYNFIN_TIMEOUT:
        return "ETIMEDOUT";
    case SYNFIN_REFUSED:
        return "ECONNREFUSED";
    default:
        return c->peer_closed && !c->shut ? "EPIPE" : "ECONNRESET";
    }
}

/* The error is told once. */
static const char *take_error(struct player_connection *c)
{
    c->error = false;
    return error_name(c);
}

/* ---- What the application is told -------------------------------------------------------------------------------- */

void player_told(struct player *p, struct synfin_endpoint *e, enum synfin_news news, uint64_t n)
{
    struct player_connection *c = &p->connection[e->sender.connection % TIMELINE_PORTS];
    switch (news) {
    case SYNFIN_EARLY:
    case SYNFIN_ESTABLISHED:
        if (c->established && c->endpoint == e)
            break; /* told early */
        c->endpoint = e;
        c->established = true;
        c->waits = !p->client;
        c->order = ++p->queued;
        break;
    case SYNFIN_DATA:
        c->unread += n;
        break;
    case SYNFIN_PEER_CLOSED:
        c->peer_closed = true;
        break;
    case SYNFIN_FAILED:
        c->failed = c->error = true;
        c->reason = (enum synfin_failure)n;
        if (!c->established && p->client)
            snprintf(player_act(p, TIMELINE_API)->text, TIMELINE_TEXT, "connect completes: %s", error_name(c));
        c->endpoint = NULL;
        break;
    case SYNFIN_CLOSED:
        c->endpoint = NULL;
        break;
    }
}

/* ---- Calls ------------------------------------------------------------------------------------------------------- */

static struct player_connection *current(struct player *p)
{
    return &p->connection[p->current];
}

/* An active open; `again`: from the port of the one before. */
static bool connect_now(struct player *p, bool again)
{
    struct host *h = p->host;
    uint16_t before = p->opened ? p->connection[p->opened - 1].local_port : 0;
    unsigned number = p->opened++;
    struct player_connection *c = &p->connection[number % TIMELINE_PORTS];
    enum synfin_no_port why;
    p->current = number % TIMELINE_PORTS;
    *c = (struct player_connection){0};
    uint32_t destination = p->sim->host[1].first_address;
    uint32_t record = record_open(p->sim, &p->sim->workload[0], number, h->base.now);
    struct synfin_endpoint *e = again
                                    ? host_open_from(h, before, destination, PEER_PORT, p->sim->tcp)
                                    : host_open(h, destination, PEER_PORT, p->sim->tcp, &why);
    if (!e)
        return false;
    e->record = record;
    e->sender.connection = number;
    record_at(p->sim, record)->local = e->sender.local;
    record_at(p->sim, record)->local_port = c->local_port = e->sender.local_port;
    c->endpoint = e;
    return true;
}

static const char *call_connect(struct player *p, bool again)
{
    if (!connect_now(p, again))
        return "-1 EADDRNOTAVAIL";
    /* The recorder tries whether the port may be used again, and closes the socket 100 ms later. */
    if (again)
        p->probe_ends = p->host->base.now + 100 * SYNFIN_MS;
    p->tcp->open(current(p)->endpoint, &p->host->base);
    return "-1 EINPROGRESS";
}

static double sysctl_of(const struct timeline *t, const char *name, double fallback)
{
    for (size_t i = 0; i < t->sysctls; i++) {
        if (strcmp(t->sysctl[i].name, name) == 0)
            return t->sysctl[i].value;
    }
    return fallback;
}

/* sendto(MSG_FASTOPEN): data goes out with the SYN where there is a cookie, else the call only connects. */
static void call_fast_open(struct player *p, uint64_t bytes, char *result)
{
    if (!((unsigned)sysctl_of(p->timeline, "tcp_fastopen", 1) & 1)) {
        snprintf(result, TIMELINE_NAME, "-1 EOPNOTSUPP");
        return;
    }
    snprintf(result, TIMELINE_NAME, "-1 EADDRNOTAVAIL");
    if (!connect_now(p, false))
        return;
    if (p->tcp->open_with && p->tcp->open_with(current(p)->endpoint, bytes, &p->host->base))
        snprintf(result, TIMELINE_NAME, "%llu", (unsigned long long)bytes);
    else
        snprintf(result, TIMELINE_NAME, "-1 EINPROGRESS");
}

static void close_now(struct player *p)
{
    struct player_connection *c = current(p);
    struct synfin_host *host = &p->host->base;
    if (!c->endpoint)
        return;
    if (c->unread || p->reset_on_close)
        p->tcp->abort(c->endpoint, host);
    else
        p->tcp->leave(c->endpoint, host);
}

/* Those that nobody has accepted are reset: inet_csk_listen_stop() of Linux. */
static void close_listener(struct player *p)
{
    struct synfin_host *host = &p->host->base;
    if (!p->host->listeners) {
        snprintf(p->play->error, sizeof(p->play->error), "there is no listener to close");
        return;
    }
    p->tcp->close(p->host->listener[0].endpoint, host);
    for (unsigned i = 0; i < TIMELINE_PORTS; i++) {
        struct player_connection *c = &p->connection[i];
        if (c->waits && c->endpoint)
            p->tcp->abort(c->endpoint, host);
        c->waits = false;
    }
}

/* The connection that came first into the queue. */
static const char *call_accept(struct player *p, const char *wanted)
{
    struct player_connection *first = NULL;
    for (unsigned i = 0; i < TIMELINE_PORTS; i++) {
        struct player_connection *c = &p->connection[i];
        if (c->waits && (!first || c->order < first->order))
            first = c;
    }
    if (!first)
        return "-1 EAGAIN";
    first->waits = false;
    p->current = (unsigned)(first - p->connection);
    if (first->endpoint && p->tcp->accept)
        p->tcp->accept(first->endpoint, &p->host->base);
    /* The recorder writes down the peer's port, and closes, where it only wants to see the FIN. */
    for (size_t i = 0; i < p->timeline->events; i++) {
        if (p->timeline->event[i].port == (unsigned)atoi(wanted)) {
            close_now(p);
            break;
        }
    }
    return wanted;
}

static void call_receive(struct player *p, char *result)
{
    struct player_connection *c = current(p);
    if (c->unread || c->peer_closed || (c->failed && !c->error)) {
        snprintf(result, TIMELINE_NAME, "%llu bytes", (unsigned long long)c->unread);
        c->unread = 0;
    } else if (c->failed) {
        snprintf(result, TIMELINE_NAME, "-1 %s", take_error(c));
    } else {
        snprintf(result, TIMELINE_NAME, "-1 EAGAIN");
    }
}

static void call_send(struct player *p, uint64_t bytes, char *result)
{
    for (unsigned i = 0; !p->client && i < TIMELINE_PORTS; i++) {
        if (p->connection[i].waits && !current(p)->established)
            call_accept(p, "");
    }
    struct player_connection *c = current(p);
    if (c->error)
        snprintf(result, TIMELINE_NAME, "-1 %s", take_error(c));
    else if (!c->endpoint || c->shut)
        snprintf(result, TIMELINE_NAME, "-1 EPIPE");
    else if (!c->established)
        snprintf(result, TIMELINE_NAME, "-1 EAGAIN");
    else {
        p->tcp->send(c->endpoint, bytes, &p->host->base);
        snprintf(result, TIMELINE_NAME, "%llu", (unsigned long long)bytes);
    }
}

void player_call(struct player *p, const struct timeline_event *e)
{
    const char *text = e->text, *equals = strstr(text, " = ");
    const char *wanted = equals ? equals + 3 : "";
    char result[TIMELINE_NAME] = "";
    struct player_connection *c = current(p);
    unsigned long long bytes;
    if (strncmp(text, "connect completes", 17) == 0 || strncmp(text, "listen", 6) == 0)
        return; /* told, not called; listening since the start */
    if (strncmp(text, "connect", 7) == 0)
        snprintf(result, sizeof(result), "%s", call_connect(p, strstr(text, "again") != NULL));
    else if (sscanf(text, "sendto MSG_FASTOPEN %llu", &bytes) == 1)
        call_fast_open(p, bytes, result);
    else if (strncmp(text, "accept", 6) == 0)
        snprintf(result, sizeof(result), "%s", call_accept(p, wanted));
    else if (sscanf(text, "send %llu", &bytes) == 1)
        call_send(p, bytes, result);
    else if (strncmp(text, "recv", 4) == 0)
        call_receive(p, result);
    else if (strncmp(text, "SO_ERROR", 8) == 0)
        snprintf(result, sizeof(result), "%s", c->error ? take_error(c) : "0");
    else if (strncmp(text, "shutdown(SHUT_WR)", 17) == 0) {
        if (c->endpoint)
            p->tcp->shutdown(c->endpoint, &p->host->base);
        c->shut = true;
        snprintf(result, sizeof(result), c->endpoint || c->peer_closed ? "ok" : "-1 ENOTCONN");
    } else if (strncmp(text, "close listener", 14) == 0) {
        close_listener(p);
        snprintf(result, sizeof(result), "ok");
    } else if (strncmp(text, "close", 5) == 0) {
        close_now(p);
        snprintf(result, sizeof(result), "ok");
    } else {
        snprintf(p->play->error, sizeof(p->play->error), "call `%.100s` is not known", text);
        return;
    }
    struct timeline_act *act = player_act(p, TIMELINE_API);
    if (strncmp(text, "SO_ERROR", 8) == 0)
        snprintf(act->text, sizeof(act->text), "SO_ERROR %s", result);
    else if (equals)
        snprintf(act->text, sizeof(act->text), "%.*s = %s", (int)(equals - text), text, result);
    else
        snprintf(act->text, sizeof(act->text), "%.80s%s%s", text, *result == '-' ? " = " : "",
                 *result == '-' ? result : "");
}
