/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * `--pcap`: all segments as pcapng (draft-ietf-opsawg-pcapng), link type raw IPv4, nanoseconds since 1970-01-01. A
 * segment stands there once, when it is sent, also one that is lost, with comments that say which model did what to
 * it; each duplicate once more, when it leaves the model that made it. A corrupted one is shown as it was sent.
 */
#ifndef SYNFIN_PCAP_H
#define SYNFIN_PCAP_H

#include <stdbool.h>

#include "scenario_file.h"
#include "synfin.h"

struct pcap;

/* 0, or -1 after a message. */
int pcap_open(struct pcap **, const char *path, const struct scenario_file *);

/* Takes an event: synfin_observer's function. */
void pcap_event(void *pcap, const struct synfin_event *);

/* Ends the file (keep) or leaves none. 0, or -1 after a message. NULL: nothing happens. */
int pcap_close(struct pcap *, bool keep);

#endif
