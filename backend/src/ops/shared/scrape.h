/* Asking running services by HTTP, all at once: the commands that look at them from outside.
 * Blocks; never on an event loop's thread. */
#ifndef PW_OPS_SHARED_SCRAPE_H
#define PW_OPS_SHARED_SCRAPE_H

#include "base/arena.h"

struct scrape {
    const char *url;   /* given */
    const char *token; /* given: sent as bearer token; NULL or "": none */
    int status;        /* 0: no answer, and `error` says why */
    const char *body;  /* NUL-terminated, in the arena; "" without an answer */
    const char *error; /* NULL: answered, whatever the status */
    /* The clock of who answered, of this machine's, in seconds, as its Date says; NaN: it said
     * none. */
    double clock_ahead_s;
};

/* GETs each `url` and fills in the rest; returns when all have answered, at the latest after
 * `timeout_ms`. */
void scrape_all(struct arena *, struct scrape *, int count, uint64_t timeout_ms);

#endif
