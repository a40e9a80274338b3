/* SPDX-License-Identifier: BSD-2-Clause */
/* Hosts are built and freed; the functions that struct synfin_host_api promises to protocols. */
#include <stdlib.h>

#include "host_part.h"

static const struct synfin_host_api host_api = {
    .emit = host_emit,
    .arm = host_arm,
    .disarm = host_disarm,
    .enter = host_enter,
    .tell = host_tell,
    .spawn = host_spawn,
    .listener = host_listener,
    .extra = host_extra,
    .large = host_large,
    .time_wait = host_time_wait,
    .time_wait_restart = host_time_wait_restart,
    .time_wait_end = host_time_wait_end,
    .parent = host_parent,
    .peer = host_peer,
};

static void largest_sizes(const struct synfin_scenario *s, size_t *endpoint, size_t *extra, size_t *large)
{
    *endpoint = ENDPOINT_SIZE;
    *extra = *large = 1;
    for (unsigned i = 0; i < s->protocols; i++) {
        const struct synfin_protocol *p = synfin_registry_protocol(s->registry, i);
        if (p->endpoint_size > *endpoint)
            *endpoint = p->endpoint_size;
        if (p->extra_size > *extra)
            *extra = p->extra_size;
        if (p->large_size > *large)
            *large = p->large_size;
    }
}

static int listen_all(struct host *h)
{
    const struct scenario_host *c = h->scenario;
    h->listener = calloc(c->listeners ? c->listeners : 1, sizeof(*h->listener));
    if (!h->listener)
        return -1;
    for (size_t i = 0; i < c->listeners; i++) {
        unsigned protocol = c->listener[i].protocol;
        struct port_tuple t = {.local_port = c->listener[i].port, .protocol = h->sim->protocol[protocol]->number};
        struct synfin_endpoint *e = endpoint_listens(h, t, (uint8_t)protocol);
        if (!e)
            return -1;
        e->listener = (uint16_t)i;
        h->listener[i] = (struct host_listener){.port = c->listener[i].port,
                                                .protocol = e->sender.protocol,
                                                .endpoint = e,
                                                .first = SYNFIN_NONE,
                                                .last = SYNFIN_NONE,
                                                .ready = c->listener[i].accept_after};
        if (c->listener[i].queues && c->listener[i].accept_every == SYNFIN_NEVER)
            h->listener[i].ready = SYNFIN_NEVER;
        h->listeners++;
        if (c->listener[i].queues)
            host_queues(h, i);
        host_count_state(h, &e->sender, 1);
        host_protocol(h, &e->sender)->listen(e, &h->base, c->listener[i].backlog);
    }
    return 0;
}

static int build_one(struct synfin_simulation *sim, uint32_t number, uint32_t first_address)
{
    const struct synfin_scenario *s = sim->scenario;
    struct host *h = &sim->host[number];
    size_t endpoint, extra, large;
    h->base.api = &host_api;
    h->base.settings = (const void *const *)s->host[number].protocol;
    h->sim = sim;
    h->scenario = &s->host[number];
    h->number = number;
    h->at = SYNFIN_NONE;
    h->first_address = first_address;
    h->dying = SYNFIN_NONE;
    h->next_sample = sim->series ? 0 : SYNFIN_NEVER;
    h->base.watched = sim->numbered || sim->series;
    struct random_key key = random_key(s->seed, sim->replication, "hosts", h->scenario->name);
    uint32_t secret[4];
    random_block(key, (const uint32_t[4]){0}, secret);
    h->base.secret[0] = (uint64_t)secret[0] << 32 | secret[1];
    h->base.secret[1] = (uint64_t)secret[2] << 32 | secret[3];
    largest_sizes(s, &endpoint, &extra, &large);
    schedule_init(&h->schedule, sim->memory);
    pool_init(&h->endpoint, sim->memory, endpoint, 64);
    sparse_init(&h->extra, sim->memory, extra);
    sparse_init(&h->large, sim->memory, large);
    sparse_init(&h->more, sim->memory, sizeof(struct more));
    port_map_init(&h->ports, sim->memory);
    h->from.memory = sim->memory;
    for (unsigned i = 0; i < HOST_TIME_WAIT_LANES; i++)
        lane_init(&h->time_wait[i], sim->memory, LANE_TIME_WAIT, sizeof(struct synfin_time_wait), RANK_TIME_WAIT + i);
    return listen_all(h);
}

int host_build(struct synfin_simulation *sim)
{
    const struct synfin_scenario *s = sim->scenario;
    sim->host = calloc(s->hosts ? s->hosts : 1, sizeof(*sim->host));
    for (size_t i = 0; i < s->hosts; i++)
        sim->addresses += s->host[i].addresses;
    sim->owner = malloc((sim->addresses ? sim->addresses : 1) * sizeof(*sim->owner));
    if (!sim->host || !sim->owner)
        return -1;
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->hosts; i++) {
        sim->hosts++;
        if (build_one(sim, i, FIRST_ADDRESS + n) < 0)
            return -1;
        for (uint32_t k = 0; k < s->host[i].addresses; k++)
            sim->owner[n++] = i;
    }
    return 0;
}

void host_free(struct synfin_simulation *sim)
{
    for (uint32_t i = 0; i < sim->hosts; i++) {
        struct host *h = &sim->host[i];
        schedule_free(&h->schedule);
        pool_free(&h->endpoint);
        sparse_free(&h->extra);
        sparse_free(&h->large);
        sparse_free(&h->more);
        port_map_free(&h->ports);
        for (uint32_t k = 0; k < h->timer_lanes; k++)
            lane_free(&h->timer_lane[k].lane);
        for (unsigned k = 0; k < HOST_TIME_WAIT_LANES; k++)
            lane_free(&h->time_wait[k]);
        lane_set_free(&h->from);
        free(h->listener);
        free(h->opens.root);
        free(h->peer);
    }
    free(sim->host);
    free(sim->owner);
}
