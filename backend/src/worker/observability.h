/* WORKER_OBSERVABILITY_PORT: /healthz, /readyz and /metrics, answered by a thread of its own, so
 * that a stuck loop can be told from the outside. */
#ifndef PW_WORKER_OBSERVABILITY_H
#define PW_WORKER_OBSERVABILITY_H

#include "config/config.h"
#include "sys/loop.h"

struct observability;

/* Opens the port and starts the thread, which also reads the queue's gauges. `loop`: whose turning
 * healthz tells; called on its thread. NULL: the port is taken, or the server can't be started. */
struct observability *observability_start(const struct config *, struct loop *, struct err *err) MUST_CHECK;
/* Each answer says from now on that it is its connection's last. */
void observability_leave(struct observability *);
void observability_stop(struct observability *); /* waits for the thread's end; NULL is fine */

#endif
