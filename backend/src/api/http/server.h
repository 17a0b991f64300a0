/* The API process: one event loop per thread, each with a server, connections and a provider of
 * its own. */
#ifndef PW_API_HTTP_SERVER_H
#define PW_API_HTTP_SERVER_H

#include "config/config.h"

void server_metrics(void); /* makes the API's series; before any thread */

/* Serves until it is asked to stop (loop_on_stop); the process's exit code. `versions` as in
 * readiness.h. */
int server_run(const struct config *, const char *versions, int version_count);

#endif
