/* SPDX-License-Identifier: BSD-2-Clause */
/* TCP: the timer wheel and the retransmission timeout (RFC 6298), in line: calls would cost more. Included by tcp.h. */
#ifndef SYNFIN_TCP_RTO_H
#define SYNFIN_TCP_RTO_H

/* ---- The wheel --------------------------------------------------------------------------------------------------- */

/* The wheel has 9 levels; the slots of each are 8 times as wide as those of the level below. */
enum { TCP_WHEEL_LEVELS = 9, TCP_WHEEL_BITS = 3 * (TCP_WHEEL_LEVELS - 1) };

/* `t` in whole jiffies, rounded down; t >= 0. A division is slow; this is exact (see tcp_profile_prepare()). */
static inline uint64_t tcp_ticks(const struct tcp_profile *profile, synfin_time t)
{
    __extension__ typedef unsigned __int128 wide;
    return (uint64_t)((wide)(uint64_t)t * profile->tick_inverse >> 64) >> profile->tick_bits;
}

/* The same rounded up. */
static inline uint64_t tcp_ticks_up(const struct tcp_profile *profile, synfin_time t)
{
    return tcp_ticks(profile, t + profile->tick - 1);
}

/* The level on which a timer lies that expires `jiffies` ahead: 0 below 63, 1 below 504 ... */
static inline unsigned tcp_wheel_level(uint64_t jiffies)
{
    unsigned level = 0;
    for (uint64_t start = 63; jiffies >= start && level < TCP_WHEEL_LEVELS - 1; start <<= 3)
        level++;
    return level;
}

/* Linux's calc_index(): the end of the slot that holds the expiry, where slots are 2^shift jiffies wide. */
static inline synfin_time tcp_wheel_end(const struct tcp_profile *profile, uint64_t expires, unsigned shift)
{
    return (synfin_time)(((expires >> shift) + 1) << shift) * profile->tick - profile->wheel_shift;
}

/* When a timer of `duration` expires that is started at `now`. */
static inline synfin_time tcp_timer_deadline(const struct tcp_profile *profile, synfin_time now, synfin_time duration)
{
    if (profile->timers == TCP_TIMERS_EXACT)
        return now + duration;
    uint64_t jiffies = tcp_ticks_up(profile, duration);
    uint64_t expires = tcp_ticks(profile, now + profile->wheel_shift) + jiffies;
    return tcp_wheel_end(profile, expires, 3 * tcp_wheel_level(jiffies));
}

/* The same of a duration that comes again and again: what of it can be worked out beforehand. */
static inline struct tcp_wait tcp_wait_for(const struct tcp_profile *profile, synfin_time duration)
{
    uint64_t jiffies = tcp_ticks_up(profile, duration);
    return (struct tcp_wait){duration, jiffies, 3 * tcp_wheel_level(jiffies)};
}

static inline synfin_time tcp_wait_end(const struct tcp_profile *profile, synfin_time now, const struct tcp_wait *wait)
{
    if (profile->timers == TCP_TIMERS_EXACT)
        return now + wait->duration;
    return tcp_wheel_end(profile, tcp_ticks(profile, now + profile->wheel_shift) + wait->jiffies, wait->shift);
}

/* ---- RFC 6298, section 2 ----------------------------------------------------------------------------------------- */

/* The clock is exact, so G is 0. (2.4): a minimum of rto_min, for Linux of the variance term. */
static inline void tcp_rto_set(struct tcp_rto *rto, const struct tcp_profile *profile, synfin_time variance)
{
    synfin_time timeout = rto->srtt + (variance > profile->variance_min ? variance : profile->variance_min);
    if (timeout < profile->rto_min)
        timeout = profile->rto_min;
    if (profile->timers == TCP_TIMERS_WHEEL) /* whole jiffies, as Linux keeps it */
        timeout = (synfin_time)tcp_ticks_up(profile, timeout) * profile->tick;
    /* (2.5) */
    rto->rto = timeout < profile->rto_max ? timeout : profile->rto_max;
}

/* Takes a round-trip sample (2.2, 2.3). Never call it for a retransmitted segment (Karn, section 3). */
static inline void tcp_rto_sample(struct tcp_rto *rto, const struct tcp_profile *profile, synfin_time rtt)
{
    if (rto->srtt == 0) {
        /* (2.2) */
        rto->srtt = rtt > 0 ? rtt : 1;
        rto->rttvar = rtt / 2;
    } else {
        /* (2.3), beta = 1/4 and alpha = 1/8, the variance first */
        synfin_time error = rto->srtt > rtt ? rto->srtt - rtt : rtt - rto->srtt;
        synfin_time srtt = rto->srtt + (rtt - rto->srtt) / 8;
        rto->rttvar += (error - rto->rttvar) / 4;
        rto->srtt = srtt > 0 ? srtt : 1;
    }
    tcp_rto_set(rto, profile, 4 * rto->rttvar);
}

#endif
