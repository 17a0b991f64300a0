/* The answers that a pipelined connection owes, in the order in which they come: libpq separates
 * answers by NULL, but doesn't say which statement each belongs to. Pure; for sys/db/channel.c
 * alone. */
#ifndef PW_SYS_DB_RING_H
#define PW_SYS_DB_RING_H

#include "base/base.h"
#include "sql.h"

enum { RING_SIZE = 512 }; /* answers awaited on one connection; more calls wait in its queue */

struct db_call;

struct expected {
    enum { PREPARE, FIRST, PART, SYNC } kind;
    int prepared;         /* PREPARE only: the number of the part */
    struct db_call *call; /* whose it is; SYNC: the write that it commits, or NULL */
    /* PART or SYNC of a write, which is there until its sync; a read's call may have ended */
    bool writes;
};

struct ring { /* begins with zeroes */
    struct expected at[RING_SIZE];
    unsigned head, tail; /* both only grow */
};

int ring_count(const struct ring *);              /* how many are awaited */
bool ring_has_room(const struct ring *, int n);   /* for n more */
void ring_add(struct ring *, struct expected);    /* without room the program ends */
struct expected ring_oldest(const struct ring *); /* what answers next; not of an empty ring */
void ring_advance(struct ring *);                 /* the oldest has its answer */
void ring_clear(struct ring *);                   /* the connection ended: no answer will come */

#endif
