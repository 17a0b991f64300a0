/* What happens to jobs, each event once, for both the log and the metrics. */
#ifndef PW_WORKER_JOB_REPORT_H
#define PW_WORKER_JOB_REPORT_H

#include "worker/job/job.h"

void report_job_metrics(void); /* makes the jobs' series; once per process, before any thread */

void report_started_by_poll(void);           /* counts it */
void report_job_started(const struct job *); /* logs that an attempt begins */
void report_job_ended(const struct job *);   /* its outcome and error are set */

/* A lease was over; `failed`: at the last attempt, so the job is, too. */
void report_lease_expired(const struct job_facts *, bool failed);

#endif
