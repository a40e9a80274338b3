/* SPDX-License-Identifier: BSD-2-Clause */
/* A segment as the bytes of an IPv4 packet. */
#ifndef SYNFIN_PCAP_PACKET_H
#define SYNFIN_PCAP_PACKET_H

#include <stddef.h>

#include "synfin.h"

enum { PCAP_HEADERS_MAX = 20 + 60 };

/* Writes the IPv4 header and the TCP or UDP header with options, checksums right for data of zeros (segments carry
   lengths, no contents); returns their size. The data that follow make it synfin_segment_size() bytes. */
size_t pcap_headers(unsigned char to[PCAP_HEADERS_MAX], const struct synfin_segment *);

#endif
