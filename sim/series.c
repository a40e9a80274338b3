/* SPDX-License-Identifier: BSD-2-Clause */
/* `series:` each host and station notes its part of a sample when it comes to the sample's instant; parts add up. */
#include <stdlib.h>
#include <string.h>

#include "simulation.h"

/* The sample of this number; NULL: no memory. */
static struct synfin_sample *sample_at(struct synfin_simulation *sim, size_t n)
{
    size_t ways = 2 * sim->scenario->links;
    if (n >= sim->sample_room) {
        size_t room = sim->sample_room ? 2 * sim->sample_room : 256;
        struct synfin_sample *sample = realloc(sim->sample, room * sizeof(*sample));
        if (sample)
            sim->sample = sample;
        uint64_t *waiting = realloc(sim->waiting, (room * ways + 1) * sizeof(*waiting));
        if (waiting)
            sim->waiting = waiting;
        if (!sample || !waiting) {
            simulation_fail(sim, "out of memory for the samples of `series`");
            return NULL;
        }
        memset(sample + sim->sample_room, 0, (room - sim->sample_room) * sizeof(*sample));
        memset(waiting + sim->sample_room * ways, 0, (room - sim->sample_room) * ways * sizeof(*waiting));
        sim->sample_room = room;
    }
    if (n >= sim->samples)
        sim->samples = n + 1;
    sim->sample[n].time = (synfin_time)n * sim->series;
    return &sim->sample[n];
}

static void note_waiting(struct synfin_simulation *sim, const struct link_direction *d, size_t n, synfin_time at)
{
    uint64_t waiting = 0;
    for (size_t i = 0; i < d->stages; i++) {
        if (d->stage[i].stage == SYNFIN_QUEUE && d->stage[i].model->waiting)
            waiting += d->stage[i].model->waiting(d->stage[i].state, at);
    }
    sim->waiting[n * 2 * sim->scenario->links + d->number] = waiting;
}

void series_host(struct host *h, synfin_time until)
{
    struct synfin_simulation *sim = h->sim;
    while (h->next_sample <= until) {
        struct synfin_sample *sample = sample_at(sim, h->samples);
        if (!sample)
            return;
        for (unsigned i = 0; i < SYNFIN_SERIES_STATES; i++)
            sample->state[i] += h->states[i];
        for (unsigned way = 0; way < 2; way++) {
            sample->segments[way] += h->emitted[way];
            h->emitted[way] = 0;
        }
        for (size_t i = 0; i < 2 * sim->scenario->links; i++) {
            if (sim->direction[i].sender == h->number)
                note_waiting(sim, &sim->direction[i], h->samples, h->next_sample);
        }
        h->next_sample = (synfin_time)++h->samples * sim->series;
    }
}

void series_station(struct synfin_simulation *sim, struct station *s, synfin_time until)
{
    while (s->next_sample <= until) {
        if (!sample_at(sim, s->samples))
            return;
        for (size_t i = 0; i < s->directions; i++)
            note_waiting(sim, &s->direction[i], s->samples, s->next_sample);
        s->next_sample = (synfin_time)++s->samples * sim->series;
    }
}

void series_finish(struct synfin_simulation *sim)
{
    if (!sim->series)
        return;
    for (uint32_t i = 0; i < sim->hosts; i++)
        series_host(&sim->host[i], sim->last);
    for (uint32_t i = 0; i < sim->stations; i++)
        series_station(sim, sim->station[i], sim->last);
    for (size_t i = 0; i < sim->samples; i++)
        sim->sample[i].waiting = sim->waiting + i * 2 * sim->scenario->links;
}
