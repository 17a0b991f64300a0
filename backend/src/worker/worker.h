/* The worker: claims jobs, has the model write, checks, stores. One event loop for the jobs, one
 * thread beside it for health and metrics. */
#ifndef PW_WORKER_WORKER_H
#define PW_WORKER_WORKER_H

#include "config/config.h"

/* Works until it is asked to stop (loop_on_stop), then finishes what runs (a second signal: hands
 * it back). Returns the process's exit code. `versions`: a Postgres array literal of the
 * migrations that readyz asks for. Log, crypto and metrics were started before. */
int worker_run(const struct config *, const char *versions, int version_count);

#endif
