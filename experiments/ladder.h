/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * `synfin ladder`: the sequence diagram of one connection. ladder_model.c turns events into arrows, states and timers;
 * ladder_text.c, ladder_svg.c and ladder_explain.c each tell the same of them in their way.
 */
#ifndef SYNFIN_LADDER_H
#define SYNFIN_LADDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "synfin.h"

enum { LADDER_CLIENT, LADDER_SERVER, LADDER_SIDES };

enum ladder_fate { LADDER_UNDER_WAY, LADDER_ARRIVED, LADDER_LOST, LADDER_DROPPED, LADDER_CORRUPTED };

/* A segment on its way from one side to the other. */
struct ladder_arrow {
    struct synfin_segment segment;
    int side; /* whose it is */
    synfin_time emitted; /* by the endpoint */
    synfin_time begin;   /* of the arrow: a duplicate's is where it was made */
    synfin_time end;     /* arrived: when; lost and the like: when it would have arrived, about */
    enum ladder_fate fate;
    const char *link, *model; /* of lost, dropped, corrupted */
    bool link_backward;
    bool copy;                /* a duplicate */
    bool injected;            /* a middlebox made it, in the name of its side */
    bool unnumbered;          /* and its copy number has not shown yet */
    int64_t seq, ack;         /* relative: the SYN is 0 */
};

/* A timer that expired, or TIME-WAIT. */
struct ladder_timer {
    int side;
    const char *name;
    synfin_time begin, end; /* armed; expired */
    synfin_time duration;   /* nominal */
};

enum ladder_kind { LADDER_SEND, LADDER_ARRIVE, LADDER_STATE, LADDER_EXPIRE };

/* One thing that happens at one side. */
struct ladder_step {
    synfin_time time;
    int side;
    enum ladder_kind kind;
    size_t item;       /* arrow or timer */
    const char *state; /* LADDER_STATE: entered; else the endpoint's, may be NULL */
};

/* Where the sequence numbers of a try begin; each try has a client port of its own. */
struct ladder_try {
    uint16_t port;
    uint32_t isn[LADDER_SIDES];
    bool known[LADDER_SIDES];
};

struct ladder {
    /* What stands above the picture; the caller's. */
    const char *title;      /* of the scenario */
    const char *connection; /* `churn:7` */
    const char *outcome;    /* `closed` ... */
    const char *host[LADDER_SIDES];
    const char *first_state[LADDER_SIDES]; /* before anything happens; NULL: not shown */

    size_t arrows, timers, steps;
    struct ladder_arrow *arrow;
    struct ladder_timer *timer;
    struct ladder_step *step; /* in order */
    synfin_time begin;        /* the first step's: time 0 of the picture */
    synfin_time delay;        /* one way, typical: what is long or short is measured by it */
    bool failed;              /* no memory */

    int decimals; /* of times */

    /* ladder_model.c's, while events come. */
    size_t arrow_room, timer_room, step_room, tries, try_room;
    struct ladder_try *try;
    bool time_wait[LADDER_SIDES];
    synfin_time time_wait_begin[LADDER_SIDES];
};

/* ---- ladder_model.c ---------------------------------------------------------------------------------------------- */

/* Takes an event of the connection: synfin_observer's function. */
void ladder_event(void *ladder, const struct synfin_event *);
/* After the last one. */
void ladder_finish(struct ladder *);
void ladder_free(struct ladder *);

enum { LADDER_TEXT = 256 };

/* `SYN+ACK SEQ 0 ACK 1`, with ` LEN 1460` where there are data. */
const char *ladder_label(char text[LADDER_TEXT], const struct ladder_arrow *);
/* `lost: links.wan.backward loss bernoulli`; "" where nothing befell it. */
const char *ladder_fate_text(char text[LADDER_TEXT], const struct ladder_arrow *);
/* What stands before the label of an arrow that no endpoint sent: `copy: `; else nothing. */
const char *ladder_prefix(const struct ladder_arrow *);
/* `RTO 1 s`. */
const char *ladder_timer_text(char text[LADDER_TEXT], const struct ladder_timer *);
/* `0.020 s`, since the beginning, with as many decimals as all times of the ladder need. */
const char *ladder_time(char text[LADDER_TEXT], const struct ladder *, synfin_time);
/* `1 s`, `204 ms`, `1.5 us`: a duration in the unit that suits it. */
const char *ladder_duration(char text[LADDER_TEXT], synfin_time);
/* Whether nothing happens for so long that the time is folded. */
bool ladder_folds(const struct ladder *, synfin_time gap);

/* Whether the state that a step enters goes with a segment that its side sends next: FIN-WAIT-1 with its FIN. */
bool ladder_leads(const struct ladder *, size_t step);

/* ---- ladder_layout.c --------------------------------------------------------------------------------------------- */

/* Where things stand on a time axis that is not linear: what is close is spread so that it can be read, what is long
   is folded. */
struct ladder_instant {
    synfin_time time;
    double y;
    double slots;       /* lines below each other that the instant takes, less one */
    bool dated;         /* something happens then; else only a lost segment would have arrived */
    synfin_time folded; /* time before it in which nothing happens; 0: there is no fold */
    double fold_y;
};

struct ladder_layout {
    double *step;         /* y of each step */
    double *begin, *end;  /* y of each arrow */
    size_t instants;
    struct ladder_instant *instant;
    double bottom;
};

/* 0, or -1: no memory. */
int ladder_layout(struct ladder_layout *, const struct ladder *, double top);
void ladder_layout_free(struct ladder_layout *);
/* y of an instant that the ladder has. */
double ladder_layout_y(const struct ladder_layout *, synfin_time);

/* ---- Pictures: 0, or -1 where there was no memory ---------------------------------------------------------------- */

int ladder_text(FILE *, const struct ladder *, bool utf8);
int ladder_svg(FILE *, const struct ladder *);
int ladder_explain(FILE *, const struct ladder *);

/* ---- ladder_png.c: 0, or -1 after a message ---------------------------------------------------------------------- */

/* The same picture as SVG, through rsvg-convert. */
int ladder_png(FILE *, const struct ladder *);

#endif
