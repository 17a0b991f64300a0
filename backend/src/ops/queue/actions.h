/* The parts of `personaworlds queue`: what its command line asks for, and who does it. */
#ifndef PW_OPS_QUEUE_ACTIONS_H
#define PW_OPS_QUEUE_ACTIONS_H

#include "ops/shared/database.h"

struct queue_request {
    const char *type;       /* NULL: all; a known one */
    const char *error;      /* part of the error, or NULL */
    const char *const *ids; /* `id_count` of them; none: all */
    int id_count;
    bool dry_run;
    int64_t for_ms, timeout_ms; /* 0: without end */
    struct database database;
};

/* Each does its part of a queue_request, and prints what it found or did. */
database_work show_queue; /* status.c */
database_work retry_jobs; /* batches.c */
database_work cancel_jobs;
database_work drain_queue; /* drain.c */

#endif
