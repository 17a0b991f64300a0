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

#include <sys/queue.h>

#include "sys/db/db.h"

struct batches;
struct batch;
struct job;
struct job_statement;

/* The statement's answer for one job: its row, whose first column is the job's id, or -1 where
 * there is none. The rows are the batch's: copy. */
typedef void batch_done(struct job *, enum db_outcome, const struct db_rows *, int row);

struct batch_place { /* a job's own; zeroed at first */
    TAILQ_ENTRY(job) link;
    struct batch_queue *queue; /* where it waits, or NULL */
    struct batch *batch;       /* in which it is under way, or NULL */
    int index;                 /* in that */
    bool alone;
    batch_done *done;
};

struct batches *batches_new(struct loop *, struct db *); /* of one loop */
void batches_free(struct batches *);                     /* nobody waits any more */

/* One statement a job at a time. `statement` stays where it is. */
void batch_add(struct batches *, struct job *, const struct job_statement *, batch_done *done);
void batch_drop(struct job *); /* done won't come; what was sent still runs */

#endif
