/* An attempt at a job, from its claim to the decision how it ends.
 *
 * Belongs to the worker's loop.
 */
#ifndef PW_WORKER_JOB_ATTEMPT_H
#define PW_WORKER_JOB_ATTEMPT_H

#include "worker/job/job.h"

/* A job from a row of jobs/claim; `claimed` is when that statement was sent, loop time in ns. The
 * caller owns the job. */
struct job *job_new(const struct job_env *, const struct db_rows *, int row, uint64_t claimed);

void job_start(struct job *); /* begins the attempt; once */
void job_free(struct job *);  /* drops the statement or model call that the job waits for */

/* Ends the attempt early: the job is due again at once, for any worker. A job in JOB_ENDING is
 * left to its ending. */
void job_hand_back(struct job *);

#endif
