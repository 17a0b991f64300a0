/* Which other origins' pages may call the API (Fetch Standard, section 3.2): an exact-match list
 * from CORS_ALLOWED_ORIGINS. */
#ifndef PW_API_HTTP_CORS_H
#define PW_API_HTTP_CORS_H

#include "config/config.h"
#include "sys/http/request.h"

/* Reads the list; once per process, before any request. */
bool cors_start(const struct config *, struct err *) MUST_CHECK;

/* For every answer: `Vary: Origin`, and, for an origin on the list, leave to read it. */
void cors_add_headers(struct http_request *);

/* Is this OPTIONS a browser's question whether it may send something? */
bool cors_is_preflight(const struct http_request *);

/* For the answer to such a question: what the API allows, where the origin is on the list. */
void cors_add_leave(struct http_request *);

#endif
