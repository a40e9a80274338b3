/* SPDX-License-Identifier: BSD-2-Clause */
/* The built-in protocols. */
#ifndef SYNFIN_PROTOCOLS_H
#define SYNFIN_PROTOCOLS_H

#include "plugin.h"

/* States of RFC 9293 3.3.2, in its order; CLOSED is 0. The numbers of struct synfin_sender.state for TCP. */
enum tcp_state {
    TCP_CLOSED,
    TCP_LISTEN,
    TCP_SYN_SENT,
    TCP_SYN_RECEIVED,
    TCP_ESTABLISHED,
    TCP_FIN_WAIT_1,
    TCP_FIN_WAIT_2,
    TCP_CLOSE_WAIT,
    TCP_CLOSING,
    TCP_LAST_ACK,
    TCP_TIME_WAIT,
    TCP_STATES,
};

extern const struct synfin_protocol tcp_protocol;
extern const struct synfin_protocol udp_protocol;

#endif
