/* Parts of answers that API and worker share. Everything lives in the request's arena. */
#ifndef PW_SERVICE_BODIES_H
#define PW_SERVICE_BODIES_H

#include "sys/http/http.h"

/* 1-128 of [A-Za-z0-9._-] */
bool is_plain_id(const char *text);
/* X-Request-Id as the client sent it, if it is a plain id; else a new one. */
const char *request_id_of(struct http_request *);

/* {"error": sentence, "code": code, "request_id": id}; for what is used up for the UTC day also
 * "retry_at", the next one's beginning. Their sentences begin with "daily". */
const char *error_body(struct arena *, int status, const char *sentence, const char *code, const char *request_id);

/* {"ok":true}, or with a reason {"ok":false,"error":reason}; healthz and readyz. */
const char *health_body(struct arena *, const char *why_not);

#endif
