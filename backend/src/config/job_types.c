#include "config/job_types.h"

#include <stddef.h>
#include <string.h>

#define ROW(name, priority) {name, "queue.pause." name, priority}

const struct job_type job_types[JOB_TYPES] = {
    [JOB_TYPE_GENERATE_REPLY] = ROW("generate_reply", 0), [JOB_TYPE_SUMMARIZE_THREAD] = ROW("summarize_thread", 1),
    [JOB_TYPE_PERSONA_DIGEST] = ROW("persona_digest", 2), [JOB_TYPE_WEEKLY_DIGEST] = ROW("weekly_digest", 3),
    [JOB_TYPE_RESET_MAIL] = ROW("reset_mail", 4),         [JOB_TYPE_VERIFICATION_MAIL] = ROW("verification_mail", 5),
};

const struct job_type *job_type_find(const char *name)
{
    for (int i = 0; i < JOB_TYPES; i++)
        if (strcmp(job_types[i].name, name) == 0)
            return &job_types[i];
    return NULL;
}

int job_type_priority(const char *name)
{
    const struct job_type *type = job_type_find(name);
    return type ? type->priority : JOB_PRIORITY_OTHER;
}
