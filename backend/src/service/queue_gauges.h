/* `queue_depth`, `queue_oldest_age_seconds`, `digest_age_seconds` and
 * `notification_lag_seconds`: read from indexes every 2 s in the background, never at a scrape;
 * less often where a reading takes over 200 ms. */
#ifndef PW_SERVICE_QUEUE_GAUGES_H
#define PW_SERVICE_QUEUE_GAUGES_H

#include "sys/db/db.h"

struct queue_gauges;

void queue_gauges_metrics(void); /* makes the series; once per process, before any thread */
/* Begins to read the gauges; one a process. */
struct queue_gauges *queue_gauges_start(struct loop *, struct db *);
void queue_gauges_stop(struct queue_gauges *); /* before the database's end */

#endif
