/* Who among the workers lives. This one's session holds a lock (workers/appear); where another's
 * lock is free its leases are ended, so that its jobs run again at once and not when the leases
 * are over. The leases are for what no server can see: a network that was cut, a process that
 * stands still.
 *
 * Belongs to one loop. The session is also the one that hears of new jobs.
 */
#ifndef PW_WORKER_PRESENCE_H
#define PW_WORKER_PRESENCE_H

#include "sys/db/db.h"

struct presence;

/* `name` is for people. From the loop: notified(ctx) when jobs may have come, orphaned(ctx) when
 * leases were ended. */
struct presence *presence_start(struct loop *, struct db *, const char *name, loop_fn *notified, loop_fn *orphaned,
                                void *ctx);
/* before the db is closed; the session, and so the lock, ends with the db */
void presence_stop(struct presence *);

/* What a claim says of who has the job; NULL while the session is lost: others would take us for
 * gone, so the lease alone has to count. */
const char *presence_id(struct presence *);

#endif
