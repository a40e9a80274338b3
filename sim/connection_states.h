/* SPDX-License-Identifier: BSD-2-Clause */
/* What a link model keeps of each connection (connection_state_size of struct synfin_model). */
#ifndef SYNFIN_CONNECTION_STATES_H
#define SYNFIN_CONNECTION_STATES_H

#include <stddef.h>
#include <stdint.h>

struct connection_states;

struct connection_states *connection_states_new(void); /* NULL: no memory */
void connection_states_free(struct connection_states *); /* may be NULL */

/* The state of a connection, `size` bytes, zeroed at first; NULL: no memory. */
void *connection_state(struct connection_states *, uint32_t connection, size_t size);

#endif
