/* Deletes jobs that were finished JOB_RETENTION ago, in small batches: others want to write,
 * too. Belongs to one loop. */
#ifndef PW_WORKER_RETENTION_H
#define PW_WORKER_RETENTION_H

#include "sys/db/db.h"

struct retention;

/* deletes finished jobs that are older, in batches */
struct retention *retention_start(struct loop *, struct db *, int64_t keep_ms);
void retention_stop(struct retention *); /* before the database's end */

#endif
