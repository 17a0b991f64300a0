/* What verify sees of the services and of the queue at one moment. Blocks, for at most 4 s
 * whatever hangs. */
#ifndef PW_OPS_VERIFY_WATCH_H
#define PW_OPS_VERIFY_WATCH_H

#include "ops/shared/addresses.h"
#include "ops/shared/exposition.h"
#include "ops/shared/scrape.h"

enum { SERVICES_MAX = 2 * ADDRESSES_MAX };

struct watch_place {
    struct addresses apis, workers;
    const char *database_url, *metrics_token;
};

struct watched {
    const char *url;
    struct scrape health; /* /readyz of an API, /healthz of a worker */
    struct scrape metrics;
    struct page page; /* the last that it gave, of an earlier moment where it gives none now */
};

struct moment {
    struct arena *arena;
    int users; /* given back with the last of them */
    uint64_t at_ns;
    int64_t unix_us;
    struct watched *services; /* the APIs first */
    int apis, count;
    bool queue_is_known; /* by the database; else `queue_error` says why not */
    const char *queue_error;
    double oldest_due_s; /* 0: none is due */
    const char *oldest_due_type;
};

struct watch;
struct watch *watch_open(const struct watch_place *); /* kept by pointer */
void watch_close(struct watch *);                     /* frees it, and what is under way */

/* Has one user. `before` is the moment before, or NULL. */
struct moment *watch_look(struct watch *, const struct moment *before);
void moment_keep(struct moment *);
void moment_drop(struct moment *); /* NULL is fine */

/* Whether anything answered that was asked. */
bool moment_has_answers(const struct moment *);

#endif
