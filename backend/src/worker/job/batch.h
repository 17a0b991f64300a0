/* Statements over many jobs: what jobs ask for goes out together, one element of each
 * parameter's array a job, in one transaction.
 *
 * While so many statements of a kind are under way the next jobs gather: the busier the worker,
 * the more of them share a round trip and a commit; a job alone goes at once. A batch that
 * Postgres refuses is sent again job by job, so that nobody pays for his neighbour: the
 * statements are such that what was done once does nothing the second time (the lease's token is
 * gone).
 *
 * Belongs to one loop.
 */
#ifndef PW_WORKER_JOB_BATCH_H
#define PW_WORKER_JOB_BATCH_H

#include "worker/job/place.h"

struct batches;
struct job;
struct job_statement;

struct batches *batches_new(struct loop *, struct db *); /* of one loop */
void batches_free(struct batches *);                     /* nobody waits any more */

/* One statement a job at a time. `statement` stays where it is. */
void batch_add(struct batches *, struct job *, const struct job_statement *, batch_done *done);
void batch_drop(struct job *); /* done won't come; what was sent still runs */

#endif
