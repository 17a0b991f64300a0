/* What is done with a job of each type: one row for each row of config/job_types.h. Types differ
 * by what stands in their row, and by nothing else. */
#ifndef PW_WORKER_JOB_TYPES_H
#define PW_WORKER_JOB_TYPES_H

#include "domain/mail/words.h"
#include "worker/job/job.h"

struct job_work {
    /* the brief's body is the text, its fourth column says whether it is degraded; or `mail` */
    bool without_model;
    enum llm_operation operation;
    /* the brief's body is the address that a mail goes to, its fourth column the language; nothing
     * is stored */
    enum mail_kind mail;
    /* of the text, in code points: offset of the setting in struct config */
    size_t max_len;
    /* job, status, body: the brief, or why there will be none; 202: not yet; 204: nothing is to
     * be done */
    struct job_statement brief;
    bool has_basis; /* the brief's fourth column goes with the text to the store */
    /* effect and finish in one; job, status, error: 200, 208 where the effect was there already,
     * or why not */
    struct job_statement store;
    /* the words while the provider is away; NULL: the job is retried */
    char *(*stand_in)(const struct brief *, struct arena *);
    /* whose watchers are told of the job: VALUE_POST (of its beginning, too), VALUE_PERSONA,
     * VALUE_USER; VALUE_NONE: nobody watches */
    enum job_value watched;
    const char *stored_msg, *failed_msg; /* further log messages; NULL: none */
};

/* The work of a type; NULL: the type has no row, so the job is unsupported. */
const struct job_work *job_work_find(const char *type);
/* Whether the type's jobs can't be done without the model. */
bool job_work_needs_model(const char *type);

#endif
