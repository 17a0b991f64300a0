/* The live events of a process: one hub, on the loop of the first thread, looks at the database for
 * all streams, and a desk in each thread (api/live/desk.h) writes to those of its loop.
 *
 * An event is a difference between two looks at what is watched. A look follows a notification on
 * LIVE_CHANNEL (service/live_tell.h) at once, and a sweep looks at everything in turn, so that a
 * notification that was lost costs time alone. What was told of already is known by its id, as rows
 * are committed later than their times say (SLACK_US). So nothing is missed and nothing told twice,
 * whatever becomes of notifications.
 *
 * What nobody watches any more stays tracked for LINGER_MS, and the last events in a ring: a stream
 * that is opened again within that time gets what it missed. */
#ifndef PW_API_LIVE_HUB_H
#define PW_API_LIVE_HUB_H

#include "api/live/inbox.h"
#include "config/config.h"
#include "sys/db/db.h"

struct live_hub;

void live_hub_metrics(void); /* once per process, before any thread */

/* `stream_max`: streams of the process. */
struct live_hub *live_hub_open(struct loop *, struct db *, const struct config *, int64_t stream_max);
void live_hub_add_desk(struct live_hub *, struct inbox *);   /* before the loops run */
uint32_t live_hub_boot(const struct live_hub *);             /* the process, in events' ids; any thread */
void live_hub_put(struct live_hub *, struct live_message *); /* from any thread */
/* When all threads have ended, before the database's end. Nobody is told anything any more. */
void live_hub_stop(struct live_hub *);
void live_hub_free(struct live_hub *); /* after the desks */

#endif
