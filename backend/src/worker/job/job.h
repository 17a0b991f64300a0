/* A claimed job and its one attempt: brief -> text -> check -> store.
 *
 * A job lives in an arena of its own on the worker's loop, and so do all its texts. From
 * job_start on it ends by itself: `ended` of its environment is called once, from the loop, and
 * the owner then frees it. How the attempt runs is attempt.c's, how it ends is ending.c's, what
 * is done with jobs of its type stands in types.c.
 */
#ifndef PW_WORKER_JOB_JOB_H
#define PW_WORKER_JOB_JOB_H

#include <sys/queue.h>

#include "config/config.h"
#include "llm/llm.h"
#include "sys/db/db.h"
#include "worker/job/place.h"

/* What statements get told; each is a text in `values` of the job, or NULL. */
enum job_value {
    VALUE_NONE,
    VALUE_JOB,
    VALUE_TOKEN, /* of the lease: a late worker's matches no row */
    VALUE_POST,
    VALUE_PERSONA,
    VALUE_USER,
    VALUE_DAY,
    VALUE_BASIS, /* what the text was made from: a thread's version, a day's counts */
    VALUE_TEXT,
    VALUE_DEGRADED,
    VALUE_HOW,   /* jobs/end: done, failed, retry, released */
    VALUE_DELAY, /* until the next attempt, ms */
    VALUE_ERROR,
    JOB_VALUES
};

enum { JOB_PARAMS_MAX = 8 };

/* over many jobs: each parameter is an array of the value, one element a job; rows begin with
 * the job's id */
struct job_statement {
    enum sql sql;
    enum job_value params[JOB_PARAMS_MAX];
};

enum job_outcome {
    JOB_DONE,
    JOB_RETRY,
    JOB_FAILED,
    JOB_RELEASED, /* handed back unattempted */
    JOB_LOST,     /* not ours any more, or its end couldn't be written while it was */
};

struct job_facts { /* for log and metrics; texts may be NULL */
    int64_t id;
    const char *type, *trace_id, *request_id;
    int attempt; /* from 1 */
};

struct batches;
struct job_work;

/* a lease lasts this much longer than a task may: time to store its end in */
enum { LEASE_GRACE_MS = 15000 };

struct job_env { /* what a worker's jobs share; outlives them */
    struct loop *loop;
    struct batches *batches;
    struct llm *llm;
    const struct config *config;
    void (*ended)(void *ctx, struct job *);
    void *ctx;
};

enum job_phase { JOB_BRIEFING, JOB_WRITING, JOB_ENDING };

struct job {
    TAILQ_ENTRY(job) link; /* its owner's */
    const struct job_env *env;
    struct arena *arena;
    const struct job_work *work; /* of its type; NULL: unsupported */
    struct job_facts facts;
    const char *values[JOB_VALUES];
    uint64_t waited; /* from when it was due to its claim, ns */
    /* ns of the monotonic clock; the lease seen from here ends a little early */
    uint64_t started, deadline, lease_end;
    enum job_phase phase;
    /* the task's deadline; in JOB_ENDING the pause before the statement is sent again */
    struct timer *timer;
    struct batch_place place; /* of its statement */
    struct llm_call *generation;

    struct brief brief;
    int written; /* texts so far */

    const struct job_statement *ending;
    enum job_outcome outcome; /* what the ending makes of it */
    const char *error;        /* NULL: none */
    bool maybe_ended;         /* the ending may have been done without our knowing */
};

/* ---- attempt.c ---- */

/* From a row of jobs/claim, whose statement was sent at `claimed`. */
struct job *job_new(const struct job_env *, const struct db_rows *, int row, uint64_t claimed);
void job_start(struct job *);
void job_free(struct job *); /* whatever it waits for is dropped */

/* Ends the attempt early: the job is due again at once for whoever is there. One whose ending is
 * under way is left to it. */
void job_hand_back(struct job *);

/* drops the statement, model call and timer that the job waits for */
void job_stop_waiting(struct job *);

/* ---- ending.c ---- */

void job_store(struct job *); /* VALUE_TEXT */

/* The same with the provider away: a stand-in for the text, to be made again after at least so
 * long. */
void job_store_degraded(struct job *, const char *error, uint64_t least_delay_ms);
void job_finish(struct job *);
/* at the last attempt: fails */
void job_retry(struct job *, const char *error, uint64_t least_delay_ms);
void job_fail(struct job *, const char *error);    /* for good */
void job_release(struct job *, uint64_t delay_ms); /* unattempted */
/* its timer's, in JOB_ENDING */
void job_resend_ending(struct job *);

#endif
