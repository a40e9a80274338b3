/* SPDX-License-Identifier: BSD-2-Clause */
/* `--pcap`: blocks as pcapng has them, packets as RFC 791, 9293, 768 and 7323 have them. */
#include "pcap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "made_events.h"
#include "pcap_packet.h"
#include "suite.h"

/* ---- Packets ---------------------------------------------------------------------------------------------------- */

static unsigned get16(const unsigned char *p)
{
    return (unsigned)p[0] << 8 | p[1];
}

static uint32_t get32(const unsigned char *p)
{
    return (uint32_t)get16(p) << 16 | get16(p + 2);
}

/* RFC 1071: with its checksum, the one's complement sum of a header is all ones. */
static unsigned sum16(const unsigned char *p, size_t size, uint32_t sum)
{
    for (size_t i = 0; i < size; i += 2)
        sum += get16(p + i);
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

static void expect_good_checksums(const unsigned char *p, size_t headers, const struct synfin_segment *s)
{
    uint32_t pseudo = sum16(p + 12, 8, s->protocol + synfin_segment_size(s) - 20);
    CU_ASSERT_EQUAL(sum16(p, 20, 0), 0xffff);
    CU_ASSERT_EQUAL(sum16(p + 20, headers - 20, pseudo), 0xffff);
}

/* HOLDS(MUST-2) */
static void test_tcp_header(void)
{
    struct synfin_segment s = made_segment(MADE_SERVER, 9, SYNFIN_FIN | SYNFIN_ACK, 0x01020304, 0x05060708, 100);
    unsigned char p[PCAP_HEADERS_MAX];

    CU_ASSERT_EQUAL_FATAL(pcap_headers(p, &s), 40);
    CU_ASSERT_EQUAL(p[0], 0x45);
    CU_ASSERT_EQUAL(get16(p + 2), 140);
    CU_ASSERT_EQUAL(get16(p + 4), 9); /* which segment of its direction */
    CU_ASSERT_EQUAL(p[8], 64);
    CU_ASSERT_EQUAL(p[9], 6);
    CU_ASSERT_EQUAL(get32(p + 12), 0x0a000002);
    CU_ASSERT_EQUAL(get32(p + 16), 0x0a000001);
    CU_ASSERT_EQUAL(get16(p + 20), 80);
    CU_ASSERT_EQUAL(get16(p + 22), 40000);
    CU_ASSERT_EQUAL(get32(p + 24), 0x01020304);
    CU_ASSERT_EQUAL(get32(p + 28), 0x05060708);
    CU_ASSERT_EQUAL(p[32], 5 << 4);
    CU_ASSERT_EQUAL(p[33], 0x11);
    CU_ASSERT_EQUAL(get16(p + 34), 64240);
    expect_good_checksums(p, 40, &s);
}

/* What Linux sends in a SYN: MSS, SACK permitted, timestamps, NOP, window scale. */
static void test_syn_options(void)
{
    static const unsigned char wanted[20] = {2, 4, 0x05, 0xb4, 4, 2, 8, 10, 0, 0, 1, 2, 0, 0, 0, 3, 1, 3, 3, 7};
    struct synfin_segment s = made_segment(MADE_CLIENT, 0, SYNFIN_SYN, 1, 0, 0);
    unsigned char p[PCAP_HEADERS_MAX];

    s.mss = 1460;
    s.bits |= SYNFIN_SACK_PERMITTED | SYNFIN_HAS_TIMESTAMPS;
    s.tsval = 258;
    s.tsecr = 3;
    s.window_scale = 7;
    CU_ASSERT_EQUAL_FATAL(pcap_headers(p, &s), 60);
    CU_ASSERT_EQUAL(memcmp(p + 40, wanted, sizeof wanted), 0);
    expect_good_checksums(p, 60, &s);
}

/* Any set of options: lengths that lead from one to the next and to the end, and the size that models see. */
/* HOLDS(MUST-68, MUST-69, MUST-4) */
static void test_all_options(void)
{
    for (unsigned set = 0; set < 16; set++) {
        struct synfin_segment s = made_segment(MADE_CLIENT, set, SYNFIN_SYN, set, 0, 0);
        unsigned char p[PCAP_HEADERS_MAX];
        unsigned found = 0;

        s.mss = set & 1 ? 536 : 0;
        s.bits |= (set & 2 ? SYNFIN_SACK_PERMITTED : 0) | (set & 4 ? SYNFIN_HAS_TIMESTAMPS : 0);
        s.window_scale = set & 8 ? 3 : SYNFIN_NO_SCALE;
        size_t size = pcap_headers(p, &s), at = 40;
        CU_ASSERT_EQUAL(size, synfin_segment_size(&s));
        CU_ASSERT_EQUAL(20u + (p[32] >> 4) * 4u, size);
        while (at < size) {
            found |= p[at] == 2 ? 1 : p[at] == 4 ? 2 : p[at] == 8 ? 4 : p[at] == 3 ? 8 : 0;
            at += p[at] == 1 ? 1 : p[at + 1];
        }
        CU_ASSERT_EQUAL(at, size);
        CU_ASSERT_EQUAL(found, set);
        expect_good_checksums(p, size, &s);
    }
}

static void test_udp_header(void)
{
    struct synfin_segment s = made_segment(MADE_CLIENT, 0, 0, 1472, 3000, 56);
    unsigned char p[PCAP_HEADERS_MAX];

    s.protocol = SYNFIN_UDP;
    CU_ASSERT_EQUAL_FATAL(pcap_headers(p, &s), 28);
    CU_ASSERT_EQUAL(get16(p + 2), 84);
    CU_ASSERT_EQUAL(p[9], 17);
    CU_ASSERT_EQUAL(get16(p + 24), 64);
    expect_good_checksums(p, 28, &s);
}

/* ---- Files ------------------------------------------------------------------------------------------------------ */

struct fixture {
    char folder[64], path[96];
    struct scenario_file file;
    struct pcap *pcap;
    unsigned char *data; /* after end() */
    size_t size;
};

static void begin(struct fixture *f)
{
    static char name[] = "a name";

    memset(f, 0, sizeof *f);
    f->file.name = name;
    strcpy(f->folder, "/tmp/synfin-test-pcap-XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(f->folder));
    snprintf(f->path, sizeof f->path, "%s/a.pcapng", f->folder);
    CU_ASSERT_EQUAL_FATAL(pcap_open(&f->pcap, f->path, &f->file), 0);
}

static void end(struct fixture *f, bool keep)
{
    CU_ASSERT_EQUAL(pcap_close(f->pcap, keep), 0);
    FILE *in = fopen(f->path, "rb");
    if (in) {
        f->data = malloc(1 << 22);
        f->size = fread(f->data, 1, 1 << 22, in);
        fclose(in);
        unlink(f->path);
    }
    CU_ASSERT_EQUAL(rmdir(f->folder), 0);
}

static uint32_t little32(const unsigned char *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* The n-th block of a type; NULL: there are fewer. Every block is sound: its length stands at both ends. */
static const unsigned char *block(const struct fixture *f, uint32_t type, size_t n)
{
    for (size_t at = 0; at < f->size;) {
        uint32_t size = little32(f->data + at + 4);
        CU_ASSERT_TRUE_FATAL(size % 4 == 0 && size >= 12 && at + size <= f->size);
        CU_ASSERT_EQUAL_FATAL(little32(f->data + at + size - 4), size);
        if (little32(f->data + at) == type && n-- == 0)
            return f->data + at;
        at += size;
    }
    return NULL;
}

static const unsigned char *packet(const struct fixture *f, size_t n)
{
    return block(f, 6, n);
}

/* `TIME LENGTH` and each comment behind a semicolon. */
static const char *described(const struct fixture *f, size_t n)
{
    static char text[1024];
    const unsigned char *b = packet(f, n);
    if (!b)
        return "none";
    uint32_t length = little32(b + 20), size = little32(b + 4);
    int used = snprintf(text, sizeof text, "%llu %u",
                        (unsigned long long)little32(b + 12) << 32 | little32(b + 16), (unsigned)length);
    CU_ASSERT_EQUAL(little32(b + 24), length);
    for (size_t at = 28 + ((length + 3) & ~3u); at + 4 < size;) {
        unsigned code = b[at] | (unsigned)b[at + 1] << 8, bytes = b[at + 2] | (unsigned)b[at + 3] << 8;
        if (code == 0)
            break;
        CU_ASSERT_EQUAL(code, 1);
        used += snprintf(text + used, sizeof text - (size_t)used, ";%.*s", (int)bytes, (const char *)b + at + 4);
        at += 4 + ((bytes + 3) & ~3u);
    }
    return text;
}

static void tell(const struct fixture *f, struct synfin_event event)
{
    pcap_event(f->pcap, &event);
}

static void test_section(void)
{
    struct fixture f;

    begin(&f);
    end(&f, true);
    const unsigned char *section = block(&f, 0x0a0d0d0a, 0), *interface = block(&f, 1, 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(section);
    CU_ASSERT_EQUAL(section, f.data);
    CU_ASSERT_EQUAL(little32(section + 8), 0x1a2b3c4d);
    CU_ASSERT_PTR_NOT_NULL_FATAL(interface);
    CU_ASSERT_EQUAL(interface[8] | interface[9] << 8, 228); /* LINKTYPE_IPV4 */
    CU_ASSERT_PTR_NULL(packet(&f, 0));
    free(f.data);
}

/* A segment stands there when it was sent, whatever came later; time is 64 bits of ns. */
static void test_order(void)
{
    struct fixture f;
    struct synfin_segment a = made_segment(MADE_CLIENT, 0, SYNFIN_SYN, 1, 0, 0);
    struct synfin_segment b = made_segment(MADE_CLIENT, 1, SYNFIN_ACK, 1, 1, 5);
    synfin_time t = INT64_C(5000000000);

    begin(&f);
    tell(&f, made_sent(t, &a, "SYN-SENT"));
    tell(&f, made_sent(t + 1, &b, "ESTABLISHED"));
    tell(&f, made_delivered(t + 2, t + 1, &b, "ESTABLISHED"));
    tell(&f, made_fate(SYNFIN_EVENT_LOST, t + 3, t, &a, "bernoulli"));
    end(&f, true);
    CU_ASSERT_STRING_EQUAL(described(&f, 0), "5000000000 40;lost by links.wan.forward loss bernoulli");
    CU_ASSERT_STRING_EQUAL(described(&f, 1), "5000000001 45");
    CU_ASSERT_PTR_NULL(packet(&f, 2));
    free(f.data);
}

static void test_fates(void)
{
    struct fixture f;
    struct synfin_segment a = made_segment(MADE_SERVER, 0, SYNFIN_ACK, 1, 0, 0), b = a, c = a;
    b.ordinal = 1;
    c.ordinal = 2;

    begin(&f);
    tell(&f, made_sent(1, &a, "ESTABLISHED"));
    tell(&f, made_fate(SYNFIN_EVENT_DROPPED, 1, 1, &a, "droptail"));
    tell(&f, made_sent(2, &b, "ESTABLISHED"));
    tell(&f, made_fate(SYNFIN_EVENT_CORRUPTED, 2, 2, &b, "script"));
    tell(&f, made_sent(3, &c, "ESTABLISHED")); /* under way at the end */
    end(&f, true);
    CU_ASSERT_STRING_EQUAL(described(&f, 0), "1 40;dropped by links.wan.backward queue droptail");
    CU_ASSERT_STRING_EQUAL(described(&f, 1), "2 40;corrupted by links.wan.backward corrupt script");
    CU_ASSERT_STRING_EQUAL(described(&f, 2), "3 40");
    expect_good_checksums(packet(&f, 1) + 28, 40, &b); /* it is shown as it was sent */
    free(f.data);
}

/* Each duplicate once more, when it leaves; which of them was lost, its copy number tells. */
static void test_duplicates(void)
{
    struct fixture f;
    struct synfin_segment a = made_segment(MADE_CLIENT, 0, SYNFIN_ACK, 1, 0, 0), first = a, second = a;
    struct synfin_event made;
    first.bits |= 1 << 5;
    second.bits |= 2 << 5;

    begin(&f);
    tell(&f, made_sent(1, &a, "ESTABLISHED"));
    made = made_fate(SYNFIN_EVENT_DUPLICATED, 4, 1, &a, "bernoulli");
    made.copies = 2;
    tell(&f, made);
    tell(&f, made_fate(SYNFIN_EVENT_LOST, 5, 1, &first, "bernoulli"));
    tell(&f, made_delivered(6, 1, &second, "ESTABLISHED"));
    tell(&f, made_delivered(7, 1, &a, "ESTABLISHED"));
    end(&f, true);
    CU_ASSERT_STRING_EQUAL(described(&f, 0), "1 40;duplicated by links.wan.forward duplicate bernoulli");
    CU_ASSERT_STRING_EQUAL(described(&f, 1), "4 40;copy made by links.wan.forward duplicate bernoulli;"
                                             "lost by links.wan.forward loss bernoulli");
    CU_ASSERT_STRING_EQUAL(described(&f, 2), "4 40;copy made by links.wan.forward duplicate bernoulli");
    CU_ASSERT_PTR_NULL(packet(&f, 3));
    free(f.data);
}

/* Thousands wait for the first: each finds its own fate, in a table that grows and whose entries go. */
static void test_many_wait(void)
{
    enum { SEGMENTS = 5000 };
    static struct synfin_segment s[SEGMENTS];
    struct fixture f;
    char wanted[96];
    int wrong = 0;

    begin(&f);
    for (uint32_t i = 0; i < SEGMENTS; i++) {
        s[i] = made_segment(MADE_CLIENT, i, SYNFIN_ACK, i, 0, 0);
        tell(&f, made_sent(i, &s[i], "ESTABLISHED"));
    }
    for (uint32_t k = 0; k < SEGMENTS; k++) {
        uint32_t i = (k * 1237 + 1) % SEGMENTS; /* each once, the first of all nearly last */
        if (i % 3 == 0)
            tell(&f, made_fate(SYNFIN_EVENT_LOST, SEGMENTS, i, &s[i], "m"));
        else
            tell(&f, made_delivered(SEGMENTS, i, &s[i], "ESTABLISHED"));
    }
    end(&f, true);
    size_t at = (size_t)(packet(&f, 0) - f.data), n = 0;
    for (; at < f.size; at += little32(f.data + at + 4), n++) {
        struct fixture one = {.data = f.data + at, .size = little32(f.data + at + 4)};
        snprintf(wanted, sizeof wanted, "%zu 40%s", n, n % 3 ? "" : ";lost by links.wan.forward loss m");
        wrong += strcmp(described(&one, 0), wanted) != 0;
    }
    CU_ASSERT_EQUAL(n, SEGMENTS);
    CU_ASSERT_EQUAL(wrong, 0);
    free(f.data);
}

static void test_not_kept(void)
{
    struct fixture f;

    begin(&f);
    end(&f, false);
    CU_ASSERT_PTR_NULL(f.data);
}

int main(int argc, char **argv)
{
    static const struct suite_case cases[] = {
        {"RFC 791 3.1, RFC 9293 3.1: headers", test_tcp_header},
        {"RFC 9293 3.2, RFC 7323, RFC 2018: options in Linux's order", test_syn_options},
        {"any set of options has the size that models see", test_all_options},
        {"RFC 768: a datagram's header", test_udp_header},
        {"section header and interface", test_section},
        {"packets stand in the order in which they were sent", test_order},
        {"comments say what befell a segment", test_fates},
        {"each duplicate stands at its own departure", test_duplicates},
        {"thousands wait for the first", test_many_wait},
        {"a capture that is not kept leaves no file", test_not_kept},
        {NULL, NULL},
    };
    return suite_main(argc, argv, "test_pcap", cases);
}
