/* Which other origins' pages may call the API (Fetch Standard, section 3.2): an exact-match list
 * from CORS_ALLOWED_ORIGINS. */
#ifndef PW_API_HTTP_CORS_H
#define PW_API_HTTP_CORS_H

#include "config/config.h"
#include "sys/http/request.h"

/* Reads the list; once per process, before any request. */
bool cors_start(const struct config *, struct err *) MUST_CHECK;

/* For every answer: `Vary: Origin`, and, for an origin on the list, the permission to read it. */
void cors_add_headers(struct http_request *);

/* Whether the request is a preflight: a browser's OPTIONS before the request itself. */
bool cors_is_preflight(const struct http_request *);

/* For the answer to a preflight: the methods and headers that the API allows, for an origin on the
 * list. */
void cors_add_preflight(struct http_request *);

#endif
