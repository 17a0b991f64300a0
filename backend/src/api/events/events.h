/* Events: what people do, for the counters of the feed and the analytics. They are committed in
 * groups: a thread has one batch under way, and what comes meanwhile makes the next one, so that
 * many requests cost one transaction.
 */
#ifndef PW_API_EVENTS_EVENTS_H
#define PW_API_EVENTS_EVENTS_H

#include "api/http/call.h"
#include "domain/fields.h"

struct events; /* one thread's */
struct event;

struct events *events_open(struct db *);        /* one a loop */
bool events_are_written(const struct events *); /* nothing waits, nothing is under way */
/* before the database's end; what is left is lost, and counted */
void events_close(struct events *);
/* makes events_lost_total; once per process, before any thread */
void events_metrics(void);

/* Hands an event over to the next batch; texts are copied. `metadata`: a JSON object. `user_id`
 * "": nobody; a user who is gone counts as nobody. done(ctx, …) tells how the batch went, from
 * the loop, never from inside this call. NULL: too much waits already; the event is lost and
 * nothing will be called. */
struct event *events_record(struct events *, const char *name, const char *metadata, const char *user_id, db_done *done,
                            void *ctx);
void events_drop(struct event *); /* done will not come; the event is written all the same */

/* For routes with an event, whose statement's third column `event_metadata` is its metadata, or
 * null: records it, then answers the row, whether the event was written or not. False: there is
 * nothing to wait for. HEAD shows nothing to anybody, so it is no event. */
bool events_record_view(struct call *, struct db_rows *) MUST_CHECK;

extern const struct field event_fields[]; /* event_name, metadata */
void events_post(struct call *);          /* POST /events; answers after the event's commit */

/* the parameters of analytics/summary: who may see it, and all names */
const char *events_summary(struct call *);

#endif
