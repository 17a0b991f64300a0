/* For operators: does it live, can it serve, what has it counted. */
#ifndef PW_API_HEALTH_H
#define PW_API_HEALTH_H

#include "api/http/call.h"

void health_live(struct call *);    /* GET /healthz: the process turns */
void health_ready(struct call *);   /* GET /readyz: 200, or 503 with the reason */
void health_metrics(struct call *); /* GET /metrics */

#endif
