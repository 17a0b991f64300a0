/* Upkeep of the tables: jobs that were finished JOB_RETENTION ago are deleted, and topics are
 * stored where posts have none of the present rule. Both go in small batches, as others want to
 * write, too. Belongs to one loop. */
#ifndef PW_WORKER_UPKEEP_H
#define PW_WORKER_UPKEEP_H

#include "sys/db/db.h"

struct upkeep;

/* begins a second later, so that it doesn't slow a start; jobs are kept for `job_retention_ms` */
struct upkeep *upkeep_start(struct loop *, struct db *, int64_t job_retention_ms);
void upkeep_stop(struct upkeep *); /* before the database's end */

#endif
