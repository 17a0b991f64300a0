/* Upkeep of the tables: rows that have been kept for as long as a setting says are deleted
 * (JOB_RETENTION and its kind), jobs that were done an hour ago move out of the queue, and topics
 * are stored where posts have none of the present rule. Each goes in small batches, as others want
 * to write, too. Belongs to one loop. */
#ifndef PW_WORKER_UPKEEP_H
#define PW_WORKER_UPKEEP_H

#include "config/config.h"
#include "sys/db/db.h"

struct upkeep;

/* begins a second later, so that it doesn't slow a start */
struct upkeep *upkeep_start(struct loop *, struct db *, const struct config *);
void upkeep_stop(struct upkeep *); /* before the database's end */

#endif
