/* The way of every request: route, authorisation, fields, statement or handler. These are the HTTP server's callbacks; their ctx is struct api. */
#ifndef PW_API_HTTP_PIPELINE_H
#define PW_API_HTTP_PIPELINE_H

#include "api/http/call.h"

int pipeline_admit(void *api, struct http_request *); /* 403 for an address that is blocked */
size_t pipeline_body_limit(void *api, struct http_request *);
void pipeline_request(void *api, struct http_request *);
void pipeline_deadline(void *api, struct http_request *);
void pipeline_end(void *api, struct http_request *, bool answered);

/* Once per turn: tells the workers of jobs that this turn's requests enqueued. */
void pipeline_wake_worker(void *api);

#endif
