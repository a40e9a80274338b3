/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Timer wheels: when a timer expires depends on when it was started, down to the tick, and so the latency of a
 * connection on when it comes. Poisson arrivals are spread evenly over the time that they take.
 */
#include <math.h>

#include "theory_part.h"

/* Of the time until `end` (from one that does not matter), how long lies in [0, length) modulo period. */
static double time_within(double end, double length, double period)
{
    double periods = floor(end / period), rest = end - periods * period;
    return periods * length + (rest < length ? rest : length);
}

/* The share of Poisson arrivals that come in a part of the wheel's period: given their number, they are spread evenly
   over the time that they take. */
static double phase_share(const struct theory_pair *p, synfin_time first, synfin_time length, synfin_time period)
{
    const struct scenario_workload *w = p->workload;
    double start = (double)w->start - (double)first;
    double lasts = w->duration > 0 ? (double)w->duration : (double)w->connections / theory_rate(w);
    return (time_within(start + lasts, (double)length, (double)period) -
            time_within(start, (double)length, (double)period)) /
           lasts;
}

static synfin_time positive_modulo(synfin_time x, synfin_time unit)
{
    return (x % unit + unit) % unit;
}

/*
 * Connections that begin between two neighbouring instants of `first` to `end` go through the same instants of both
 * wheels: only the latencies differ, by when the first SYN was sent. An exchange without timeouts has no such instant.
 */
static int add_phase(struct theory_pair *p, struct theory_sum *sum, synfin_time first, synfin_time end, double weight)
{
    synfin_time middle = first + (end - first) / 2, span;
    synfin_time direct = p->way[0].delay[0].delay + p->way[1].delay[0].delay;
    struct theory_sum attempt = {0};
    int status = theory_exchange(p, middle, &attempt, &span);
    for (size_t i = 0; i < attempt.used && status == 0; i++) {
        synfin_time latency = attempt.piece[i].low;
        bool timed = latency != direct;
        status = theory_sum_add(sum, timed ? latency - (end - middle) : latency,
                                timed ? latency + (middle - first) : latency, attempt.piece[i].probability * weight);
    }
    theory_sum_free(&attempt);
    return status;
}

static synfin_time larger(synfin_time a, synfin_time b)
{
    return a > b ? a : b;
}

int theory_by_phases(struct theory_pair *p, struct theory_sum *sum, double weight)
{
    enum { MOST_PHASES = 1 << 15 };
    synfin_time tick = p->client.tick, span;
    synfin_time longest = larger(theory_timeout(&p->client, p->client.syn_retries),
                                 theory_timeout(&p->server, p->server.synack_retries));
    synfin_time period = theory_slot(&p->client, longest);
    /* In each tick, when the client's wheel turns, and when a SYN sets out that arrives as the server's does. */
    synfin_time turn = positive_modulo(p->client.phase, tick);
    synfin_time other = positive_modulo(p->server.phase - p->way[0].delay[0].delay - turn, tick);
    if (period / tick > MOST_PHASES)
        return theory_unknown(p->unknown, "timers: wheel: with timeouts of %lld s it has too many phases to add up",
                              (long long)(longest / SYNFIN_S));
    struct theory_sum phases = {0};
    int status = 0;
    for (synfin_time first = turn; first < period + turn && status == 0; first += tick) {
        status = other == 0 ? 0 : add_phase(p, &phases, first, first + other, phase_share(p, first, other, period));
        if (status == 0)
            status = add_phase(p, &phases, first + other, first + tick,
                               phase_share(p, first + other, tick - other, period));
    }
    span = SYNFIN_NEVER;
    theory_end_attempt(p, &phases, &span);
    if (status == 0)
        status = theory_sum_merge(sum, &phases, 0, weight);
    theory_sum_free(&phases);
    return status;
}

