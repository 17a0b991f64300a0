/* A claimed job and its one attempt: brief -> text -> check -> store, or brief -> mail.
 *
 * A job lives in an arena of its own on the worker's loop, and so do all its texts. From
 * job_start on it ends by itself: `ended` of its environment is called once, from the loop, and
 * the owner then frees it. attempt.h says how an attempt runs, ending.h how it ends, types.h
 * what is done with jobs of each type.
 */
#ifndef PW_WORKER_JOB_JOB_H
#define PW_WORKER_JOB_JOB_H

#include <sys/queue.h>

#include "config/config.h"
#include "llm/llm.h"
#include "sys/db/db.h"
#include "worker/job/place.h"

/* The parameters of a job's statements; each is a text in the job's `values`, or NULL. */
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
    VALUE_LINK_HASH, /* of the token in a mail's link */
    VALUE_DEGRADED,
    VALUE_HOW,   /* jobs/end: done, failed, retry, released */
    VALUE_DELAY, /* until the next attempt, ms */
    VALUE_ERROR,
    JOB_VALUES
};

enum { JOB_PARAMS_MAX = 8 };

/* A statement over many jobs. Each parameter is an array of the value with one element a job;
 * each row begins with the job's id. */
struct job_statement {
    enum sql sql;
    enum job_value params[JOB_PARAMS_MAX];
};

/* How an attempt ended. */
enum job_outcome {
    JOB_DONE,
    JOB_RETRY,
    JOB_FAILED,
    JOB_RELEASED, /* handed back; this attempt isn't counted */
    JOB_LOST,     /* the lease was lost, or the end couldn't be stored while it lasted */
};

struct job_facts { /* what log and metrics say of a job; texts may be NULL */
    int64_t id;
    const char *type, *trace_id, *request_id;
    int attempt; /* from 1 */
};

struct batches;
struct job_work;
struct letter;
struct live_tell;
struct post_office;

/* A lease is this much longer than WORKER_TASK_TIMEOUT: the time to store the job's end in. */
enum { LEASE_GRACE_MS = 15000 };

struct job_env { /* what a worker's jobs share; outlives them */
    struct loop *loop;
    struct batches *batches;
    struct live_tell *live;
    struct llm *llm;
    struct post_office *post;
    const struct config *config;
    void (*ended)(void *ctx, struct job *);
    void *ctx;
};

enum job_phase { JOB_BRIEFING, JOB_WRITING, JOB_ENDING }; /* attempt.c draws them */

struct job {
    TAILQ_ENTRY(job) link; /* the queue's */
    const struct job_env *env;
    struct arena *arena;
    const struct job_work *work; /* of its type; NULL: unsupported */
    struct job_facts facts;
    const char *values[JOB_VALUES];
    uint64_t waited; /* ns from when the job was due to its claim */
    /* Monotonic clock, ns. lease_end counts from when the claim was sent, so it lies before the end
     * that the database has. */
    uint64_t started, deadline, lease_end;
    enum job_phase phase;
    /* The task's deadline; in JOB_ENDING the pause before the statement is sent again. */
    struct timer *timer;
    struct batch_place place; /* where its statement waits or runs */
    struct llm_call *generation;
    struct letter *letter;  /* the mail that is to be sent, or is being sent; NULL: none */
    const char *link_token; /* in that mail alone */

    struct brief brief;
    int written;    /* how many texts the model has written in this attempt */
    uint64_t asked; /* loop time: when the last one was asked for */

    const struct job_statement *ending; /* JOB_ENDING: the statement that ends the attempt */
    enum job_outcome outcome;           /* that the statement stores */
    const char *error;                  /* NULL: none */
    bool maybe_ended;                   /* a connection broke while the statement was under way */
};

#endif
