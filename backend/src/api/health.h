/* For operators: does it live, can it serve, what has it counted. */
#ifndef PW_API_HEALTH_H
#define PW_API_HEALTH_H

#include "api/http/call.h"

void health_live(struct call *);
void health_ready(struct call *);
void health_metrics(struct call *);

#endif
