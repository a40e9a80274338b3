/* SPDX-License-Identifier: BSD-2-Clause */
/* When the timers of a set-up expire: RFC 6298 (5.5), linear timeouts of Linux, and Linux's timer wheel. */
#include "setting.h"
#include "theory_part.h"

/* The member is one of the words that its parameter lists. */
static bool choice(const void *config, const struct synfin_param *params, const char *name, const char *word, bool *is)
{
    int chosen, wanted;
    char ignored[THEORY_REASON];
    if (!setting_member(config, params, name, SYNFIN_CHOICE, &chosen))
        return false;
    *is = setting_choice(word, params[setting_row(params, name)].range, &wanted, ignored, sizeof ignored) == 0 &&
          chosen == wanted;
    return true;
}

int theory_timers_of(struct theory_timers *t, const struct scenario_host *host, const struct synfin_protocol *protocol,
                     unsigned number, char unknown[THEORY_REASON])
{
    const void *config = host->protocol[number];
    const struct synfin_param *params = protocol->params;
    uint64_t hz;
    if (!setting_member(config, params, "syn_retries", SYNFIN_COUNT, &t->syn_retries) ||
        !setting_member(config, params, "syn_linear_timeouts", SYNFIN_COUNT, &t->syn_linear_timeouts) ||
        !setting_member(config, params, "synack_retries", SYNFIN_COUNT, &t->synack_retries) ||
        !setting_member(config, params, "rto_initial", SYNFIN_DURATION, &t->rto_initial) ||
        !setting_member(config, params, "rto_max", SYNFIN_DURATION, &t->rto_max) ||
        !setting_member(config, params, "invalid_ratelimit", SYNFIN_DURATION, &t->invalid_ratelimit) ||
        !setting_member(config, params, "user_timeout", SYNFIN_DURATION, &t->user_timeout) ||
        !setting_member(config, params, "timestamps", SYNFIN_SWITCH, &t->timestamps) ||
        !setting_member(config, params, "hz", SYNFIN_COUNT, &hz) ||
        !setting_member(config, params, "wheel_phase", SYNFIN_DURATION, &t->phase) ||
        !choice(config, params, "repeated_syn", "syn_ack", &t->repeats_syn_ack) ||
        !choice(config, params, "rules", "linux", &t->linux_rules) ||
        !choice(config, params, "timers", "wheel", &t->wheel))
        return theory_unknown(unknown, "protocol %s: its timers are not known", protocol->name);
    t->tick = t->wheel ? SYNFIN_S / (synfin_time)hz : 1;
    return 0;
}

synfin_time theory_timeout(const struct theory_timers *t, uint64_t doubled)
{
    synfin_time timeout = t->rto_initial;
    while (doubled-- > 0 && timeout < t->rto_max)
        timeout = 2 * timeout < t->rto_max ? 2 * timeout : t->rto_max;
    return timeout;
}

synfin_time theory_syn_limit(const struct theory_timers *t)
{
    synfin_time limit = 0;
    if (t->user_timeout > 0)
        return t->user_timeout;
    if (!t->linux_rules)
        return SYNFIN_NEVER;
    for (uint64_t n = 0; n <= t->syn_retries; n++) /* tcp_model_timeout() of Linux */
        limit += theory_timeout(t, n);
    return limit;
}

static synfin_time floor_to(synfin_time x, synfin_time unit)
{
    return x - (x % unit + unit) % unit;
}

/* A slot of level n is 8^n jiffies wide; a timer goes to level n if it is (64 - 1) 8^(n-1) jiffies ahead or more. */
static synfin_time slot_of(const struct theory_timers *t, synfin_time timeout)
{
    synfin_time slot = t->tick;
    for (int level = 1; level <= 8 && timeout >= 63 * slot; level++)
        slot *= 8;
    return slot;
}

synfin_time theory_slot(const struct theory_timers *t, synfin_time longest)
{
    return t->wheel ? slot_of(t, longest) : 1;
}

synfin_time theory_tick(const struct theory_timers *t, synfin_time now)
{
    return t->wheel ? floor_to(now - t->phase, t->tick) + t->phase : now;
}

synfin_time theory_deadline(const struct theory_timers *t, synfin_time now, synfin_time timeout)
{
    if (!t->wheel)
        return now + timeout;
    synfin_time rounded = -floor_to(-timeout, t->tick), slot = slot_of(t, rounded);
    synfin_time expires = floor_to(now - t->phase, t->tick) + rounded;
    return floor_to(expires, slot) + slot + t->phase;
}
