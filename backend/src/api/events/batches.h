/* Events: the acts of users, for the counters of the feed and the analytics. They are written in
 * batches: a thread has one batch under way, and events that arrive meanwhile form the next one, so
 * that many requests cost one transaction. Where nobody waits for an event, the next batch begins
 * some milliseconds later, so that it has more of them.
 */
#ifndef PW_API_EVENTS_BATCHES_H
#define PW_API_EVENTS_BATCHES_H

#include "sys/db/db.h"

struct events; /* one thread's */
struct event;

struct events *events_open(struct loop *, struct db *); /* one a loop */
bool events_are_written(const struct events *);         /* no event waits, no batch is under way */
/* before the database's end; what is left is lost, and counted */
void events_close(struct events *);
/* makes events_lost_total; once per process, before any thread */
void events_metrics(void);

struct event_facts {
    const char *name;
    const char *metadata; /* a JSON object */
    const char *user_id;  /* "": nobody; a user who is gone counts as nobody */
    const char *client;   /* a UUID that stands for the network that sent it; NULL: the server's own */
};

/* Hands an event over to the next batch; its texts are copied. done(ctx, …) tells how the batch
 * went, from the loop, never from inside this call. NULL: too many events wait already; this one
 * is lost, and `done` will not run. */
struct event *events_record(struct events *, const struct event_facts *, db_done *done, void *ctx);
/* The same without a callback: nobody waits. The event is written within a tenth of a second. */
void events_record_aside(struct events *, const struct event_facts *);
bool events_are_behind(const struct events *); /* half as many events wait as may wait at all */
void events_drop(struct event *);              /* done will not come; the event is written all the same */

#endif
