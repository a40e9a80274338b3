/* SPDX-License-Identifier: BSD-2-Clause */
/* Links as a scenario describes them: directions, their stages, which of them are stations, which paths are plain. */
#include <stdlib.h>

#include "connection_states.h"
#include "link.h"
#include "simulation.h"

/* What the model delays every segment by; -1: it is no delay, or they differ. */
static synfin_time fixed_delay(const struct scenario_model *m)
{
    const struct synfin_model *model = m->model;
    if (model->stage != SYNFIN_DELAY || !model->least_delay || !model->greatest_delay)
        return -1;
    synfin_time least = model->least_delay(m->config);
    return least == model->greatest_delay(m->config) ? least : -1;
}

static int build_stage(struct synfin_simulation *sim, struct link_stage *to, const struct scenario_model *m)
{
    const struct synfin_scenario *s = sim->scenario;
    *to = (struct link_stage){.model = m->model,
                              .config = m->config,
                              .only = m->only,
                              .stage = (uint8_t)m->model->stage,
                              .fixed = fixed_delay(m)};
    if ((m->only & 1u << SYNFIN_KIND_RST) && !m->model->resets)
        to->only |= 1u << KIND_INJECTED;
    to->memory = m->model->state_size > 0 && (!m->model->has_memory || m->model->has_memory(m->config));
    size_t keys = to->memory ? 1 : s->workloads;
    to->key = calloc(keys ? keys : 1, sizeof(*to->key));
    to->draws = calloc(to->memory ? 1 : LINK_DRAWS, sizeof(*to->draws));
    if (!to->key || !to->draws)
        return -1;
    for (size_t i = 0; i < keys; i++)
        to->key[i] = random_key(s->seed, sim->replication, m->component, to->memory ? "" : s->workload[i].name);
    if (m->model->state_size && !(to->state = calloc(1, m->model->state_size)))
        return -1;
    if (m->model->connection_state_size && !(to->connections = connection_states_new()))
        return -1;
    return 0;
}

static int build_direction(struct synfin_simulation *sim, uint32_t link, unsigned way)
{
    const struct scenario_link *l = &sim->scenario->link[link];
    struct link_direction *d = &sim->direction[2 * link + way];
    size_t n = 0;
    for (unsigned i = 0; i < SYNFIN_LINK_STAGES; i++)
        n += l->stage[way][i].models;
    *d = (struct link_direction){
        .link = l->name, .backward = way == 1, .number = 2 * link + way, .sender = SYNFIN_NONE};
    d->stage = calloc(n ? n : 1, sizeof(*d->stage));
    if (!d->stage)
        return -1;
    for (unsigned i = 0; i < SYNFIN_LINK_STAGES; i++) {
        for (size_t k = 0; k < l->stage[way][i].models; k++) {
            if (build_stage(sim, &d->stage[d->stages++], &l->stage[way][i].model[k]) < 0)
                return -1;
            struct link_stage *last = &d->stage[d->stages - 1];
            d->memory |= last->memory || last->connections;
            d->resets |= last->model->resets;
        }
    }
    return 0;
}

/* The n-th stage of a model whose memory is of both directions; NULL: there are not so many. */
static struct link_stage *both_ways_stage(struct link_direction *d, const struct synfin_model *m, size_t n)
{
    for (size_t i = 0; i < d->stages; i++) {
        if (d->stage[i].model == m && m->both_ways && n-- == 0)
            return &d->stage[i];
    }
    return NULL;
}

/* Lends the memory of the forward direction's stages to those of the backward one. */
static void share_memory(struct link_direction *forward, struct link_direction *backward)
{
    for (size_t i = 0; i < backward->stages; i++) {
        struct link_stage *to = &backward->stage[i];
        size_t n = 0;
        while (both_ways_stage(backward, to->model, n) && both_ways_stage(backward, to->model, n) != to)
            n++;
        const struct link_stage *from = both_ways_stage(forward, to->model, n);
        if (!from)
            continue;
        free(to->state);
        connection_states_free(to->connections);
        to->state = from->state;
        to->connections = from->connections;
        to->borrows = true;
        forward->shares = backward->shares = true;
    }
}

int link_build(struct synfin_simulation *sim)
{
    size_t links = sim->scenario->links;
    sim->direction = calloc(links ? 2 * links : 1, sizeof(*sim->direction));
    if (!sim->direction)
        return -1;
    for (uint32_t i = 0; i < links; i++) {
        if (build_direction(sim, i, 0) < 0 || build_direction(sim, i, 1) < 0)
            return -1;
        share_memory(&sim->direction[2 * i], &sim->direction[2 * i + 1]);
    }
    return 0;
}

/* A direction with memory needs a station where its segments do not come straight from one host. */
static bool needs_station(struct synfin_simulation *sim, struct link_direction *d)
{
    bool later_hop = false, several = false;
    for (uint32_t i = 0; i < sim->workloads; i++) {
        const struct workload *w = &sim->workload[i];
        for (unsigned way = 0; way < 2; way++) {
            const struct path *p = w->path[way];
            for (size_t k = 0; k < p->hops; k++) {
                if (p->hop[k] != d)
                    continue;
                later_hop |= k > 0;
                size_t senders = way == 0 ? 1 : w->scenario->destinations;
                for (size_t n = 0; n < senders; n++) {
                    uint32_t sender = way == 0 ? w->scenario->from : w->scenario->to[n];
                    several |= d->sender != SYNFIN_NONE && d->sender != sender;
                    d->sender = sender;
                }
            }
        }
    }
    return d->memory && (later_hop || several);
}

static int build_station(struct synfin_simulation *sim, struct link_direction *d, size_t directions)
{
    struct station *s = calloc(1, sizeof(*s));
    if (!s)
        return -1;
    schedule_init(&s->schedule, sim->memory);
    s->from.memory = sim->memory;
    s->direction = d;
    s->directions = directions;
    s->at = SYNFIN_NONE;
    s->number = sim->stations;
    s->next_sample = sim->series ? 0 : SYNFIN_NEVER;
    for (size_t i = 0; i < directions; i++) {
        d[i].station = s;
        d[i].sender = SYNFIN_NONE;
    }
    sim->station[sim->stations++] = s;
    return 0;
}

/* A link whose directions share memory, or send RSTs into each other where order matters, is one station. */
int link_build_stations(struct synfin_simulation *sim)
{
    size_t n = 2 * sim->scenario->links;
    sim->station = calloc(n ? n : 1, sizeof(struct station *));
    if (!sim->station)
        return -1;
    for (size_t i = 0; i < n; i += 2) {
        struct link_direction *d = &sim->direction[i];
        bool needs[2] = {needs_station(sim, &d[0]), needs_station(sim, &d[1])};
        bool one = d[0].shares || (d[0].resets && d[1].memory) || (d[1].resets && d[0].memory) ||
                   ((d[0].resets || d[1].resets) && (needs[0] || needs[1]));
        if (one && build_station(sim, d, 2) < 0)
            return -1;
        for (size_t k = 0; k < 2 && !one; k++) {
            if (needs[k] && build_station(sim, &d[k], 1) < 0)
                return -1;
        }
    }
    return 0;
}

/* Takes a direction into a plain path, if all that happens there is losses without memory, and delays that are constant
   or drawn. */
static bool add_plain(struct path *p, const struct link_direction *d, uint32_t workload)
{
    for (size_t i = 0; i < d->stages; i++) {
        struct link_stage *s = &d->stage[i];
        bool all = (s->only & ALL_KINDS) == ALL_KINDS;
        if (s->stage == SYNFIN_LOSS && !s->state && !s->connections && !s->model->resets)
            p->gate[p->gates++] = (struct path_gate){
                s, p->delay, s->model->chance ? s->model->chance(s->config) >> 31 : 0, s->key[workload]};
        else if (s->fixed >= 0 && all)
            p->delay += s->fixed;
        else if (s->model->delays_of && !s->memory && all)
            p->draw[p->draws++] = (struct path_draw){s, s->key[workload]};
        else
            return false;
    }
    return !d->station;
}

/* Whether there are losses or delays, and draws alone decide on them. */
static bool only_chance(const struct path *p)
{
    for (size_t i = 0; i < p->gates; i++) {
        const struct link_stage *s = p->gate[i].stage;
        if (!s->model->chance || (s->only & ALL_KINDS) != ALL_KINDS)
            return false;
    }
    return p->gates + p->draws > 0;
}

static int build_path(struct path *p, uint32_t workload)
{
    size_t stages = 0;
    for (size_t k = 0; k < p->hops; k++)
        stages += p->hop[k]->stages;
    p->gate = calloc(stages ? stages : 1, sizeof(*p->gate));
    p->draw = calloc(stages ? stages : 1, sizeof(*p->draw));
    if (!p->gate || !p->draw)
        return -1;
    p->plain = true;
    for (size_t k = 0; k < p->hops && p->plain; k++)
        p->plain = add_plain(p, p->hop[k], workload);
    p->chance = p->plain && only_chance(p);
    if (p->chance && p->gates && !(p->lost = calloc(1, sizeof(*p->lost))))
        return -1;
    if (p->chance && p->draws && (!(p->delayed = calloc(1, sizeof(*p->delayed))) ||
                                  !(p->delays = calloc(PATH_DELAYS, sizeof(*p->delays)))))
        return -1;
    p->plain = p->plain && (p->chance || !p->draws); /* when does it reach a gate behind drawn delays? */
    p->open = p->plain && !p->gates && !p->draws;
    p->rank = link_rank(p->hops ? p->hop[p->hops - 1] : NULL, 0);
    return 0;
}

int link_build_paths(struct synfin_simulation *sim)
{
    for (uint32_t i = 0; i < 2 * sim->workloads; i++) {
        if (build_path(sim->workload[i / 2].path[i % 2], i / 2) < 0)
            return -1;
    }
    return 0;
}

void link_free(struct synfin_simulation *sim)
{
    for (uint32_t i = 0; i < sim->stations; i++) {
        schedule_free(&sim->station[i]->schedule);
        lane_set_free(&sim->station[i]->from);
        free(sim->station[i]);
    }
    free(sim->station);
    for (size_t i = 0; sim->direction && i < 2 * sim->scenario->links; i++) {
        struct link_direction *d = &sim->direction[i];
        for (size_t k = 0; k < d->stages; k++) {
            struct link_stage *s = &d->stage[k];
            free(s->key);
            free(s->draws);
            if (s->borrows)
                continue;
            if (s->state && s->model->finish)
                s->model->finish(s->state);
            free(s->state);
            connection_states_free(s->connections);
        }
        free(d->stage);
    }
    free(sim->direction);
}

synfin_time link_least_delay(const struct synfin_simulation *sim)
{
    synfin_time least = SYNFIN_NEVER;
    for (size_t i = 0; i < 2 * sim->scenario->links; i++) {
        const struct link_direction *d = &sim->direction[i];
        synfin_time sum = 0;
        for (size_t k = 0; k < d->stages; k++) {
            const struct link_stage *s = &d->stage[k];
            /* A delay that spares some kinds, or a reorder model, lets a segment through at once. */
            if (s->stage == SYNFIN_REORDER)
                sum = 0;
            else if (s->stage == SYNFIN_DELAY && (s->only & ALL_KINDS) == ALL_KINDS && s->model->least_delay)
                sum += s->model->least_delay(s->config);
        }
        if (sum < least)
            least = sum;
    }
    return least;
}
