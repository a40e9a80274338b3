/* SPDX-License-Identifier: BSD-2-Clause */
/* Parameters of TCP and the named profiles. Defaults are those of profile rfc9293. */
#include "tcp.h"

#include <stdio.h>

#define AT(member) offsetof(struct tcp_profile, member)

const struct synfin_param tcp_params[] = {
    {"mss", SYNFIN_SIZE, "1460B", "64B..65495B", "largest segment that this host takes and sends, without headers",
     AT(mss)},
    {"window", SYNFIN_SIZE, "65535B", "1B..1073725440B", "receive window, where it may grow: at most", AT(window)},
    {"window_initial", SYNFIN_SIZE, "0", "0..65535B", "receive window that grows with the data received; 0: window",
     AT(window_initial)},
    {"window_scaling", SYNFIN_SWITCH, "false", NULL, "window scale option (RFC 7323)", AT(window_scaling)},
    {"timestamps", SYNFIN_SWITCH, "false", NULL, "timestamps option (RFC 7323)", AT(timestamps)},
    {"sack", SYNFIN_SWITCH, "false", NULL, "SACK-permitted option (RFC 2018)", AT(sack)},
    {"dsack", SYNFIN_SWITCH, "false", NULL, "duplicates are reported where both sides have SACK (RFC 2883)", AT(dsack)},
    {"syn_retries", SYNFIN_COUNT, "7", "0..127", "retransmissions of a SYN, those after linear timeouts not counted",
     AT(syn_retries)},
    {"syn_linear_timeouts", SYNFIN_COUNT, "0", "0..127", "timeouts of a SYN after which it does not double",
     AT(syn_linear_timeouts)},
    {"synack_retries", SYNFIN_COUNT, "7", "0..254", "retransmissions of a SYN+ACK by timeout", AT(synack_retries)},
    {"retries2", SYNFIN_COUNT, "7", "0..254", "retransmissions of data or FIN before the connection is given up (R2)",
     AT(retries2)},
    {"orphan_retries", SYNFIN_COUNT, "7", "0..254", "the same once the user has closed; 0: 8", AT(orphan_retries)},
    {"retries_measure", SYNFIN_CHOICE, "count", "count|time",
     "retries2 and orphan_retries count, or stand for the time that so many take, doubling from 200ms up to rto_max",
     AT(retries_measure)},
    {"rto_initial", SYNFIN_DURATION, "1s", "1ms..1h", "timeout before the first round-trip sample", AT(rto_initial)},
    {"rto_min", SYNFIN_DURATION, "1s", "1us..1h", "lower bound, see rto_floor", AT(rto_min)},
    {"rto_max", SYNFIN_DURATION, "240s", "1s..24h", "upper bound of every retransmission timeout", AT(rto_max)},
    {"rto_floor", SYNFIN_CHOICE, "rto", "rto|variance", "rto_min bounds the timeout or its variance term",
     AT(rto_floor)},
    {"rto_after_syn_loss", SYNFIN_DURATION, "3s", "0..1h",
     "least timeout for data where a SYN was retransmitted (RFC 6298 5.7)", AT(rto_after_syn_loss)},
    {"early_retrans", SYNFIN_COUNT, "0", "0..4", "3 or 4: tail loss probes (RFC 8985 7), where both sides have SACK",
     AT(early_retrans)},
    {"recovery", SYNFIN_COUNT, "0", "0..1",
     "losses where both sides have SACK: 0 as RFC 6675 finds them, 1 by time (RACK, RFC 8985), with PRR (RFC 6937)",
     AT(recovery)},
    {"frto", SYNFIN_COUNT, "0", "0..2", "not 0: timeouts that prove to be spurious are undone (RFC 5682), with SACK",
     AT(frto)},
    {"congestion_control", SYNFIN_CHOICE, "newreno", "newreno|reno|cubic",
     "RFC 5681 in bytes; Linux's reno, in segments; CUBIC (RFC 9438)", AT(congestion_control)},
    {"user_timeout", SYNFIN_DURATION, "0", "0..24h",
     "how long data or a SYN may stay unacknowledged (RFC 5482); 0: as retransmissions have it", AT(user_timeout)},
    {"nodelay", SYNFIN_SWITCH, "false", NULL,
     "data does not wait for acknowledgments until it fills a segment (without Nagle's algorithm, RFC 9293 3.7.4)",
     AT(nodelay)},
    {"keepalive", SYNFIN_SWITCH, "false", NULL, "keep-alives (RFC 9293 3.8.4)", AT(keepalive)},
    {"keepalive_time", SYNFIN_DURATION, "2h", "1ms..1000h", "time without a segment after which they begin",
     AT(keepalive_time)},
    {"keepalive_intvl", SYNFIN_DURATION, "75s", "1ms..1000h", "time from one to the next", AT(keepalive_intvl)},
    {"keepalive_probes", SYNFIN_COUNT, "9", "1..255",
     "how many may stay unanswered; with user_timeout, as many as it allows", AT(keepalive_probes)},
    {"fin_timeout", SYNFIN_DURATION, "0", "0..24h",
     "longest stay in FIN-WAIT-2 without data; 0: no limit; with Linux's rules 3.5 timeouts at least, and of more than "
     "60s twice what is beyond",
     AT(fin_timeout)},
    {"time_wait", SYNFIN_DURATION, "240s", "0..24h", "2 MSL", AT(time_wait)},
    {"time_wait_rules", SYNFIN_CHOICE, "rfc9293", "rfc9293|linux",
     "what restarts TIME-WAIT: a FIN, or nearly any segment", AT(time_wait_rules)},
    {"tw_reuse", SYNFIN_COUNT, "0", "0..2",
     "1: an active open may take a port whose TIME-WAIT is over a second old, where there are timestamps (RFC 6191); "
     "2: only from an address to itself",
     AT(tw_reuse)},
    {"max_tw_buckets", SYNFIN_COUNT, "2147483647", "0..2147483647",
     "connections in TIME-WAIT (with Linux's rules also those in FIN-WAIT-2 that the user has closed) that the host "
     "keeps: further ones are closed at once; 2147483647: no limit",
     AT(max_tw_buckets)},
    {"rfc1337", SYNFIN_SWITCH, "false", NULL, "a reset does not end TIME-WAIT", AT(rfc1337)},
    {"repeated_syn", SYNFIN_CHOICE, "ack", "ack|syn_ack", "answer to a repeated SYN in SYN-RECEIVED", AT(repeated_syn)},
    {"rules", SYNFIN_CHOICE, "rfc9293", "rfc9293|linux",
     "what has no setting of its own: as RFC 9293 says, or as Linux does", AT(rules)},
    {"challenge_ack_limit", SYNFIN_COUNT, "2147483647", "0..2147483647",
     "challenge ACKs of a connection in a second; 2147483647: no limit", AT(challenge_ack_limit)},
    {"invalid_ratelimit", SYNFIN_DURATION, "0", "0..1h",
     "shortest time between two answers of a connection to segments that are not acceptable; 0: no limit",
     AT(invalid_ratelimit)},
    {"simultaneous_ack", SYNFIN_SWITCH, "false", NULL, "in a simultaneous open the SYN+ACK is acknowledged at once",
     AT(simultaneous_ack)},
    {"syn_in_window_reset", SYNFIN_SWITCH, "false", NULL,
     "another SYN in the window of SYN-RECEIVED draws a reset as it ends the connection", AT(syn_in_window_reset)},
    {"max_syn_backlog", SYNFIN_COUNT, "0", "0..4294967295",
     "backlog bounds a listener's half-open connections, with syncookies 0 also three quarters of this; 0: no bound",
     AT(max_syn_backlog)},
    {"somaxconn", SYNFIN_COUNT, "4294967295", "1..4294967295", "upper bound of a listener's backlog", AT(somaxconn)},
    {"syncookies", SYNFIN_COUNT, "0", "0..2",
     "SYN cookies: 0 never, 1 where half-open connections exceed the backlog, 2 always", AT(syncookies)},
    {"abort_on_overflow", SYNFIN_SWITCH, "false", NULL,
     "a connection for which the accept queue has no room is reset; else it goes on trying", AT(abort_on_overflow)},
    {"defer_accept", SYNFIN_DURATION, "0", "0..1h", "a listener waits so long for data before it takes a bare ACK",
     AT(defer_accept)},
    {"delayed_ack", SYNFIN_DURATION, "0", "0..499ms",
     "delay of an ACK of data, with Linux's rules at least and up to 200ms; 0: none",
     AT(delayed_ack)},
    {"fastopen", SYNFIN_COUNT, "0", "0..3", "Fast Open (RFC 7413): 1 as client, 2 as server, 3 both", AT(fastopen)},
    {"fastopen_queue", SYNFIN_COUNT, "0", "0..4294967295",
     "half-open connections up to which a listener takes data of a SYN; 0: it does not", AT(fastopen_queue)},
    {"slow_start_after_idle", SYNFIN_SWITCH, "true", NULL,
     "after a pause longer than the timeout, sending starts from the initial window (RFC 5681 4.1)",
     AT(slow_start_after_idle)},
    {"initial_window", SYNFIN_COUNT, "0", "0..1000", "initial congestion window in segments; 0: by RFC 5681 3.1",
     AT(initial_window)},
    {"initial_window_syn_losses", SYNFIN_COUNT, "0", "0..254",
     "retransmissions in the set-up that leave the initial window as it is; after more it is one segment",
     AT(initial_window_syn_losses)},
    {"timers", SYNFIN_CHOICE, "exact", "exact|wheel", "timers expire exactly, or on the timer wheel of Linux",
     AT(timers)},
    {"hz", SYNFIN_COUNT, "250", "1..1000000", "jiffies a second of the wheel", AT(hz)},
    {"wheel_phase", SYNFIN_DURATION, "0", "0..24h", "when the wheel's grid begins", AT(wheel_phase)},
    {0},
};

/* The table's defaults as they are. */
static const struct synfin_preset rfc9293[] = {{0}};

/* Linux 6.18 with its defaults. */
static const struct synfin_preset linux_defaults[] = {
    {"window", "32MiB"},
    {"window_initial", "65535B"},
    {"window_scaling", "true"},
    {"timestamps", "true"},
    {"sack", "true"},
    {"dsack", "true"},
    {"syn_retries", "6"},
    {"syn_linear_timeouts", "4"},
    {"synack_retries", "5"},
    {"retries2", "15"},
    {"orphan_retries", "0"},
    {"retries_measure", "time"},
    {"rto_min", "200ms"},
    {"rto_max", "120s"},
    {"rto_floor", "variance"},
    {"fin_timeout", "60s"},
    {"time_wait", "60s"},
    {"time_wait_rules", "linux"},
    {"tw_reuse", "2"},
    {"early_retrans", "3"},
    {"recovery", "1"},
    {"frto", "2"},
    {"congestion_control", "cubic"},
    {"repeated_syn", "syn_ack"},
    {"rules", "linux"},
    {"invalid_ratelimit", "500ms"},
    {"simultaneous_ack", "true"},
    {"syn_in_window_reset", "true"},
    {"max_syn_backlog", "2048"},
    {"somaxconn", "4096"},
    {"syncookies", "1"},
    {"fastopen", "1"},
    {"delayed_ack", "40ms"},
    {"initial_window", "10"},
    {"initial_window_syn_losses", "1"},
    {"timers", "wheel"},
    {0},
};

const struct synfin_profile tcp_profiles[] = {
    {"rfc9293", "strict and simple: RFC 9293, 6298 and 5681, no options but MSS", rfc9293},
    {"linux", "Linux 6.18 with its defaults and its timer wheel", linux_defaults},
    {0},
};

static int complain(struct synfin_complaint *complaint, const char *param, const char *text)
{
    complaint->param = param;
    snprintf(complaint->text, sizeof(complaint->text), "%s", text);
    return -1;
}

/* How long `retries` retransmissions take whose timeout starts from `base`: as Linux understands retries2,
   orphan_retries and syn_retries. */
static synfin_time time_of_retries(const struct tcp_profile *p, uint64_t retries, synfin_time base)
{
    synfin_time sum = 0, timeout = base < p->rto_max ? base : p->rto_max;
    for (uint64_t i = 0; i <= retries; i++) {
        sum += timeout;
        timeout = timeout < p->rto_max / 2 ? 2 * timeout : p->rto_max;
    }
    return sum;
}

/* How many timeouts of a SYN+ACK it takes to wait for `least` (Linux's secs_to_retrans()). */
static uint8_t timeouts_within(const struct tcp_profile *p, synfin_time least)
{
    uint8_t n = 0;
    synfin_time timeout = p->rto_initial;
    for (synfin_time sum = 0; sum < least && n < UINT8_MAX; sum += timeout, n++)
        timeout = n == 0 ? timeout : timeout < p->rto_max / 2 ? 2 * timeout : p->rto_max;
    return n;
}

/* Linux offers a whole number of full segments. */
static uint32_t first_window(const struct tcp_profile *p, unsigned timed)
{
    uint64_t window = p->window_initial ? p->window_initial : p->window, segment = p->mss - 12 * timed;
    if (p->rules == TCP_RULES_LINUX && p->window_initial && window > segment)
        window -= window % segment;
    return (uint32_t)window;
}

static uint8_t shift_for(uint64_t window)
{
    uint8_t shift = 0;
    while (window >> shift > 65535)
        shift++;
    return shift;
}

/* How instants are divided by a jiffy: by multiplication with its inverse. That has 64 bits, and rounding it up adds
   less than 2^-63 of it, which is too little to show in an instant of 63 bits. No jiffy is a power of 2. */
static void prepare_ticks(struct tcp_profile *p)
{
    __extension__ typedef unsigned __int128 wide;
    p->tick = SYNFIN_S / (synfin_time)p->hz;
    p->tick_bits = 0;
    while (p->tick >> p->tick_bits > 1)
        p->tick_bits++;
    p->tick_inverse = (uint64_t)(((wide)1 << (64 + p->tick_bits)) / (wide)p->tick) + 1;
}

int tcp_profile_prepare(void *config, struct synfin_complaint *complaint)
{
    struct tcp_profile *p = config;
    if (p->window > 65535 && !p->window_scaling)
        return complain(complaint, "window", "a window over 65535B needs window_scaling: true");
    if (p->window_initial > p->window)
        return complain(complaint, "window_initial", "must not exceed window");
    if (p->rto_min > p->rto_max)
        return complain(complaint, "rto_min", "must not exceed rto_max");
    if (p->rto_initial > p->rto_max)
        return complain(complaint, "rto_initial", "must not exceed rto_max");
    if (SYNFIN_S % (synfin_time)p->hz != 0)
        return complain(complaint, "hz", "a jiffy must be a whole number of nanoseconds: hz divides 1000000000");

    p->retries[0] = p->retries2;
    p->retries[1] = p->orphan_retries ? p->orphan_retries : 8; /* tcp_orphan_retries() of Linux */
    for (int i = 0; i < 2; i++)
        p->give_up[i] = time_of_retries(p, p->retries[i], 200 * SYNFIN_MS); /* TCP_RTO_MIN, whatever rto_min is */
    p->syn_give_up =
        p->rules == TCP_RULES_LINUX ? time_of_retries(p, p->syn_retries, p->rto_initial) : SYNFIN_NEVER;
    p->defer_timeouts = timeouts_within(p, p->defer_accept);
    prepare_ticks(p);
    p->wait_syn = tcp_wait_for(p, p->rto_initial);
    p->wait_time_wait = tcp_wait_for(p, p->time_wait);
    p->variance_min = p->rto_floor == TCP_FLOOR_VARIANCE ? p->rto_min : 0;
    synfin_time period = p->tick << TCP_WHEEL_BITS;
    p->wheel_shift = (period - p->wheel_phase % period) % period;
    for (unsigned timed = 0; timed < 2; timed++)
        p->window_offered[timed] = first_window(p, timed);
    p->window_shift = p->window_scaling ? shift_for(p->window) : 0;
    for (unsigned i = 0; i < TCP_WINDOW_FIELDS; i++) {
        const struct tcp_endpoint ep = {.flags = (i & 1 ? TCP_SYN_UNACKED : 0) | (i & 2 ? TCP_SCALING : 0) |
                                                 (i & 4 ? TCP_OFFER_TIMED : 0)};
        p->window_field[tcp_window_which(ep.flags, i & 8)] = tcp_window_field(&ep, NULL, p, i & 8);
    }
    p->options = (uint8_t)((p->timestamps ? TCP_TIMESTAMPS : 0) | (p->sack ? TCP_SACK : 0) |
                           (p->window_scaling ? TCP_SCALING : 0));
    p->congestion = tcp_congestion_controls[p->congestion_control];
    return 0;
}
