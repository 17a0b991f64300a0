/* The types of jobs, one row each: what gauges, levers, claims, reports and commands know of a
 * type stands here. What a worker does with a job of a type is its row in worker/job/types.c.
 *
 * The table belongs to config as the levers need it: each type has a pause, which is a lever.
 * It repeats what the database knows (the function job_priority, from which a trigger sets
 * jobs.priority); tests/worker/test_job_types.py compares them.
 *
 * Pure data; any thread.
 */
#ifndef PW_CONFIG_JOB_TYPES_H
#define PW_CONFIG_JOB_TYPES_H

/* The place of a type's row in job_types. */
enum job_type_id {
    JOB_TYPE_GENERATE_REPLY,
    JOB_TYPE_SUMMARIZE_THREAD,
    JOB_TYPE_PERSONA_DIGEST,
    JOB_TYPE_WEEKLY_DIGEST,
    JOB_TYPE_RESET_MAIL,
    JOB_TYPE_VERIFICATION_MAIL,
    JOB_TYPES
};

enum {
    JOB_PRIORITIES = 6,     /* 0 is the most urgent */
    JOB_PRIORITY_OTHER = 2, /* of a job whose type has no row: written by hand, or by a newer release */
};

/* A type of jobs. */
struct job_type {
    const char *name;      /* as in jobs.job_type */
    const char *pause_key; /* the lever that pauses the type */
    int priority;          /* as in jobs.priority */
};

extern const struct job_type job_types[JOB_TYPES];

/* The type's row, or NULL where the name has none. */
const struct job_type *job_type_find(const char *name);

/* The priority of jobs with this type, whether it has a row or not. */
int job_type_priority(const char *name);

#endif
