/* The last events of the process, for streams that are opened again. The hub's alone. */
#ifndef PW_API_LIVE_RING_H
#define PW_API_LIVE_RING_H

#include "api/live/event.h"

enum { RING_EVENTS = 8192, RING_BYTES = 8 << 20 };

struct live_ring { /* begins with zeroes */
    struct live_event *events[RING_EVENTS];
    int oldest, count;
    size_t bytes;
    uint64_t forgotten_n; /* the newest number that isn't there any more */
};

void live_ring_keep(struct live_ring *, struct live_event *); /* the newest; held by the ring, too */
/* All events from number n on (n is left out) are there. */
bool live_ring_reaches(const struct live_ring *, uint64_t n);
/* The i-th newest, from 0; NULL: there are no more. */
struct live_event *live_ring_newest(const struct live_ring *, int i);
void live_ring_free(struct live_ring *);

#endif
