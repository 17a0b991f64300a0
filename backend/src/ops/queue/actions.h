/* The parts of `personaworlds queue`: what its command line asks for, and who does it. */
#ifndef PW_OPS_QUEUE_ACTIONS_H
#define PW_OPS_QUEUE_ACTIONS_H

#include "ops/shared/database.h"

struct queue_request {
    const char *type;  /* NULL: all; a known one */
    const char *error; /* part of the error, or NULL */
    const char *ids;   /* a Postgres array, or NULL */
    bool dry_run;
    int64_t for_ms, timeout_ms; /* 0: without end */
    struct database database;
};

/* Each prints what it found or did and gives the exit code; with EXIT_COULD_NOT_LOOK `err` says
 * why. */
typedef int queue_action(const struct queue_request *, struct err *err);
queue_action show_queue; /* queue_status.c */
queue_action retry_jobs; /* queue_batches.c */
queue_action cancel_jobs;
queue_action drain_queue; /* queue_drain.c */

#endif
