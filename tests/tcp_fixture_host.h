/* SPDX-License-Identifier: BSD-2-Clause */
/* Between the fixture's files. Out of memory, the fixture aborts. */
#ifndef SYNFIN_TCP_FIXTURE_HOST_H
#define SYNFIN_TCP_FIXTURE_HOST_H

#include "tcp_fixture.h"

extern const struct synfin_host_api fixture_api;

void *fixture_allocate(size_t); /* zeroed */
/* `p`, or a larger copy where all the room is used. */
void *fixture_grow(void *p, size_t used, size_t *room, size_t element);

/* A slot with a new endpoint; NULL: all are taken. */
struct slot *fixture_slot(struct side *, uint16_t local_port, uint32_t remote, uint16_t remote_port);
struct slot *fixture_find(struct side *, const struct synfin_segment *);

/* Around each call into the protocol: what died in it is freed when the outermost returns. */
void fixture_enter(struct side *);
void fixture_leave(struct side *);

/* The application's calls, within fixture_enter() and fixture_leave(). */
void fixture_send(struct slot *, uint64_t bytes);
void fixture_close(struct slot *);

/* What texts of the peer's, and of a side's own numbers are relative to (NULL: the current connection's). */
uint32_t fixture_peer_origin(const struct side *);
uint32_t fixture_own_origin(const struct side *, const struct slot *);

#endif
