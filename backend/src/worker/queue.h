/* The worker's side of the queue: claims jobs for free slots, wakes up by notification, by the
 * poll and when the next job is due, takes expired leases back. WORKER_CONCURRENCY may change
 * while it runs (config/levers.h): with fewer slots what runs is finished.
 *
 * Belongs to one loop. The database may be away at any time.
 */
#ifndef PW_WORKER_QUEUE_H
#define PW_WORKER_QUEUE_H

#include "service/state_watch.h"
#include "worker/job/job.h"

struct queue;

/* `env`: its `ended` is the queue's to set; lives as long as the queue. Starts claiming at once. */
struct queue *queue_start(struct job_env *env, struct db *, struct state_watch *);

/* Why no job is taken though one may be due: the claim fails, or gets no answer.
 * NULL: nothing is wrong. */
const char *queue_why_not_claiming(const struct queue *);

/* something may be due, or there is more room: the levers changed */
void queue_wake(struct queue *);

/* Claims nothing more and lets what runs finish for WORKER_DRAIN_TIMEOUT; hands the rest back.
 * drained(ctx) is called once, from the loop: nothing runs any more, or what is left couldn't be
 * handed back in a moment and is left to its lease. */
void queue_drain(struct queue *, loop_fn *drained, void *ctx);
void queue_hand_back(struct queue *); /* while it drains: now, not at the timeout */
void queue_free(struct queue *);      /* whatever runs is dropped; after the state watch's end */

#endif
