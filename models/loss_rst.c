/* SPDX-License-Identifier: BSD-2-Clause */
#include "builtin.h"

enum { TO_BOTH, TO_SENDER, TO_RECEIVER };

struct rst {
    synfin_probability p;
    struct synfin_segment_list segments;
    int to;
};

static const struct synfin_param params[] = {
    {"p", SYNFIN_PROBABILITY, "100%", "0..1", "chance that a segment is taken out and its connection reset",
     offsetof(struct rst, p)},
    {"segments", SYNFIN_SEGMENT_LIST, "[]", NULL,
     "which segments of each connection that may befall (kind:number, any:number); default: all",
     offsetof(struct rst, segments)},
    {"to", SYNFIN_CHOICE, "both", "both|sender|receiver",
     "whom the RST goes to; of a SYN its sender only, as from a firewall", offsetof(struct rst, to)},
    {0},
};

static int64_t act(const void *config, struct synfin_crossing *x)
{
    static const int64_t whom[] = {[TO_BOTH] = SYNFIN_RESET_SENDER | SYNFIN_RESET_RECEIVER,
                                   [TO_SENDER] = SYNFIN_RESET_SENDER,
                                   [TO_RECEIVER] = SYNFIN_RESET_RECEIVER};
    const struct rst *c = config;
    if (synfin_segment_kind(x->segment) == SYNFIN_KIND_RST)
        return 0;
    if (c->segments.count && !synfin_segment_listed(&c->segments, x->segment))
        return 0;
    bool hit = c->p == SYNFIN_CERTAIN || synfin_chance(x, c->p);
    return hit ? SYNFIN_LOST | whom[c->to] : 0;
}

const struct synfin_model loss_rst = {
    .name = "rst",
    .stage = SYNFIN_LOSS,
    .help = "a middlebox takes segments out and resets their connection, in the name of the other end",
    .source = "Weaver, Sommer, Paxson: Detecting Forged TCP Reset Packets (NDSS 2009); iptables REJECT with tcp-reset",
    .params = params,
    .config_size = sizeof(struct rst),
    .act = act,
    .resets = true,
};
