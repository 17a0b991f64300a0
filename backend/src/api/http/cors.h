/* Which other origins' pages may call the API (Fetch Standard, section 3.2): an exact-match list
 * from CORS_ALLOWED_ORIGINS. */
#ifndef PW_API_HTTP_CORS_H
#define PW_API_HTTP_CORS_H

#include "api/http/call.h"

/* Reads the list; once per process, before any request. */
bool cors_start(const struct config *, struct err *) MUST_CHECK;

/* For every answer: `Vary: Origin`, and, for an origin on the list, leave to read it. */
void cors_add_headers(struct call *);

/* Is this OPTIONS a browser's question whether it may send something? */
bool cors_is_preflight(const struct call *);

/* 204, with leave where the origin is on the list; before authorisation and limits. `allow`: the
 * path's methods. */
void cors_answer_preflight(struct call *, const char *allow);

#endif
