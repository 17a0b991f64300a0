/* Connections by phase: a list for each, the oldest first, so that connections over a phase's time
 * limit stand in front. Pure; for sys/http/http.c alone. */
#ifndef PW_SYS_HTTP_PHASES_H
#define PW_SYS_HTTP_PHASES_H

#include "base/base.h"

enum phase {
    OPENING,   /* before its first request line */
    SPARE,     /* beyond the limits, from its start to the end of its request's headers */
    READING,   /* request line to headers */
    RECEIVING, /* a body is on its way */
    WORKING,
    WRITING,
    STREAMING, /* all that there is of an answer is sent; more may come */
    IDLE,
    LINGERING, /* answered before the body was read, which is thrown away */
    CLOSING,
    PHASES
};

struct phased { /* a connection's place */
    struct phased *prev, *next;
    enum phase phase;
    uint64_t since; /* ns; the phase's time limit counts from here */
};

struct phases { /* begins with zeroes */
    struct phased *oldest[PHASES], *newest[PHASES];
    int count[PHASES];
};

void phases_enter(struct phases *, struct phased *, enum phase, uint64_t since); /* from none */
void phases_move(struct phases *, struct phased *, enum phase, uint64_t since);  /* from another */
void phases_leave(struct phases *, struct phased *);                             /* to none */
int phases_count(const struct phases *);                                         /* in all */

#endif
