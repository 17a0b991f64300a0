/* Asks for weekly digests: looks for users who are due every ten polls (30 s at most), when the
 * next one is due, and at once again while there are many.
 *
 * Belongs to one loop. Workers need no leader: each takes users that no other has. The database
 * may be away at any time.
 */
#ifndef PW_WORKER_SCHEDULER_H
#define PW_WORKER_SCHEDULER_H

#include "config/config.h"
#include "sys/db/db.h"

struct scheduler;

/* one a worker; takes due weekly digests in turns */
struct scheduler *scheduler_start(struct loop *, struct db *, const struct config *);
void scheduler_stop(struct scheduler *); /* asks for nothing more */
void scheduler_free(struct scheduler *); /* before the database's end */

#endif
