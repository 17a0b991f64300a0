/* The routes for operators: liveness, readiness and metrics. */
#ifndef PW_API_HEALTH_H
#define PW_API_HEALTH_H

#include "api/http/call.h"

void health_live(struct call *);    /* GET /healthz: 200 while the event loop runs */
void health_ready(struct call *);   /* GET /readyz: 200, or 503 with the reason */
void health_metrics(struct call *); /* GET /metrics */

#endif
