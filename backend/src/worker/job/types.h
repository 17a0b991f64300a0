/* The table of job types: they differ by what stands in their row, and by nothing else. */
#ifndef PW_WORKER_JOB_TYPES_H
#define PW_WORKER_JOB_TYPES_H

#include "worker/job/job.h"

struct job_type {
    const char *name;
    bool without_model; /* the brief's body is the text; its fourth column says whether it is degraded */
    enum llm_operation operation;
    size_t max_len;             /* of the text, in code points: offset of the setting in struct config */
    struct job_statement brief; /* job, status, body: the brief, or why there will be none; 202: not yet; 204: nothing is to be done */
    bool has_basis;             /* the brief's fourth column goes with the text to the store */
    struct job_statement store; /* effect and finish in one; job, status, error: 200, 208 where the effect was there already, or why not */
    char *(*stand_in)(const struct brief *, struct arena *); /* the words while the provider is away; NULL: the job is retried */
    const char *stored_msg, *failed_msg;                     /* further log messages; NULL: none */
};

const struct job_type *job_type_find(const char *name); /* NULL: unsupported */

#endif
