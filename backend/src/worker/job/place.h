/* A job's place in a batch (worker/job/batch.h): where it waits, or is under way. */
#ifndef PW_WORKER_JOB_PLACE_H
#define PW_WORKER_JOB_PLACE_H

#include <sys/queue.h>

#include "sys/db/db.h"

struct batch;
struct batch_queue;
struct job;

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

#endif
