/* How an attempt ends: one statement, sent until it is known what became of it.
 *
 * Each function but the last puts the job into JOB_ENDING; nothing else may wait for the job
 * then. `error` is kept, not copied: it lives in the job's arena or for good.
 *
 * Belongs to the worker's loop.
 */
#ifndef PW_WORKER_JOB_ENDING_H
#define PW_WORKER_JOB_ENDING_H

#include "worker/job/job.h"

void job_store(struct job *);  /* stores VALUE_TEXT; the job is done */
void job_finish(struct job *); /* the job is done, nothing is stored */

/* Stores VALUE_TEXT, a stand-in while the provider is away. The job is due again after the
 * retry's delay, at least `least_delay_ms`, to make the text anew. */
void job_store_degraded(struct job *, const char *error, uint64_t least_delay_ms);

/* The job is due again after the retry's delay, at least `least_delay_ms`; at its last attempt it
 * fails. */
void job_retry(struct job *, const char *error, uint64_t least_delay_ms);

void job_fail(struct job *, const char *error);    /* for good */
void job_release(struct job *, uint64_t delay_ms); /* due again; the attempt isn't counted */

/* Sends the ending once more, or gives the job up where its lease is over. For the job's timer,
 * in JOB_ENDING. */
void job_resend_ending(struct job *);

/* Tells those who watch what the job is about that it began, or ended. */
void job_tell_watchers(const struct job *);

#endif
