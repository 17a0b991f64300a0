/* The steps of every request: route, caller, limit, fields, statement (or the route's handler),
 * answer. These are the HTTP server's callbacks; their ctx is struct door. */
#ifndef PW_API_HTTP_PIPELINE_H
#define PW_API_HTTP_PIPELINE_H

#include "api/http/call.h"
#include "api/http/route.h"

/* What one place that a thread listens on leads to. */
struct door {
    struct api *api;
    enum served served;
};

int pipeline_admit(void *door, struct http_request *); /* 403 for an address that is blocked */
/* how many bytes of body the request may bring, by its route */
size_t pipeline_body_limit(void *door, struct http_request *);
/* its headers are there, nothing of its body is read: route, caller and limit, or the refusal */
void pipeline_headers(void *door, struct http_request *);
/* a whole request is there: answers it, now or later */
void pipeline_request(void *door, struct http_request *);
/* the request's time is over: answers 504 and drops what it waits for */
void pipeline_deadline(void *door, struct http_request *);
/* the request's last call: logs it, counts it and frees it */
void pipeline_end(void *door, struct http_request *, bool answered);

/* Once per turn: tells the workers of jobs that this turn's requests enqueued. */
void pipeline_wake_worker(void *api);

#endif
