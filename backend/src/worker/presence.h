/* Which workers live. This worker's session holds a lock (workers/appear). Where another worker's
 * lock is free its leases are ended, and the queue takes its jobs back: another worker has a dead
 * worker's jobs within a second where its connection ended; else after its lease and a poll, as for
 * a network that was cut and a process that stands still, which no server sees.
 *
 * Belongs to one loop. The same session listens for new jobs.
 */
#ifndef PW_WORKER_PRESENCE_H
#define PW_WORKER_PRESENCE_H

#include "service/state_watch.h"

struct presence;

/* What presence tells its owner, from the loop. */
struct presence_news {
    loop_fn *notified;     /* jobs may have come */
    loop_fn *leases_ended; /* leases of a vanished worker are over: its jobs may be reclaimed */
    void *ctx;             /* of both */
};

/* Begins to hold the lock and to look at those of other workers. `name` is for the log. */
struct presence *presence_start(struct db *, struct state_watch *, const char *name, const struct presence_news *);

/* After the state watch's end and before the db is closed; the session, and with it the lock, ends
 * with the db. */
void presence_stop(struct presence *);

/* The worker's id for a claim; valid until presence_stop. NULL while the session is lost: other
 * workers would take this one for gone, so its lease alone has to count. */
const char *presence_id(struct presence *);

#endif
