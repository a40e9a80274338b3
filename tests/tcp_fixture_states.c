/* SPDX-License-Identifier: BSD-2-Clause */
/* Endpoints in a named state, brought there by the segments that lead to it (RFC 9293 3.3.2, figure 5). */
#include "tcp_fixture.h"

#include <assert.h>

void bring_to(struct pair *p, enum tcp_state state)
{
    struct side *a = &p->a;
    switch (state) {
    case TCP_FIN_WAIT_1:
    case TCP_FIN_WAIT_2:
    case TCP_CLOSING:
    case TCP_TIME_WAIT:
        user_close(a);
        if (state == TCP_FIN_WAIT_2 || state == TCP_TIME_WAIT)
            arrive(a, ". seq=1 ack=2");
        if (state == TCP_CLOSING)
            arrive(a, "F. seq=1 ack=1");
        if (state == TCP_TIME_WAIT)
            arrive(a, "F. seq=1 ack=2");
        break;
    case TCP_CLOSE_WAIT:
    case TCP_LAST_ACK:
        arrive(a, "F. seq=1 ack=1");
        if (state == TCP_LAST_ACK)
            user_close(a);
        break;
    default:
        break;
    }
    assert(state_of(a) == state);
    forget(a);
}

struct pair *passive_endpoint_in(enum tcp_state state, const char *settings)
{
    struct pair *p = single_new(settings);
    label(p, "passive, %s", state_name(state));
    open_listener(&p->a, 16);
    if (state != TCP_LISTEN)
        arrive(&p->a, "S seq=0");
    if (state != TCP_LISTEN && state != TCP_SYN_RECEIVED)
        arrive(&p->a, ". seq=1 ack=1");
    bring_to(p, state);
    return p;
}

struct pair *endpoint_in(enum tcp_state state, const char *settings)
{
    if (state == TCP_LISTEN || state == TCP_SYN_RECEIVED)
        return passive_endpoint_in(state, settings);
    struct pair *p = single_new(settings);
    label(p, "%s", state_name(state));
    if (state != TCP_CLOSED)
        open_active(&p->a);
    if (state != TCP_CLOSED && state != TCP_SYN_SENT)
        arrive(&p->a, "S. seq=0 ack=1");
    bring_to(p, state);
    return p;
}

struct pair *established_to_1000(const char *settings)
{
    struct pair *p = endpoint_in(TCP_SYN_SENT, settings);
    arrive(&p->a, "S. seq=0 ack=1 mss=1000");
    EXPECT_STATE(&p->a, TCP_ESTABLISHED);
    forget(&p->a);
    label(p, "%s", settings);
    return p;
}
