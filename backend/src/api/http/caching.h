/* HTTP caching (RFC 9111) and conditional requests (RFC 9110, 13): tags, what a client has already,
 * and the headers by which browsers and CDNs know what they may keep. */
#ifndef PW_API_HTTP_CACHING_H
#define PW_API_HTTP_CACHING_H

#include "api/http/call.h"

/* A strong tag, in quotes: a hash of the body. Equal bodies have equal tags in all processes. */
const char *etag_of(struct arena *, const char *body);
/* Whether If-None-Match names the tag or is `*`. Every line of the header counts. */
bool etag_is_known(struct http_request *, const char *etag);

/* Without a token: what visitors see. */
bool caching_is_visitor(const struct call *);

/* Cache-Control and Vary of an answer with that status. On routes that say how long their answers
 * are fresh, what goes to a caller with a token is for nobody else, and errors aren't kept. On
 * routes that want a token, give one, or change something, nothing is. */
void caching_add_headers(struct call *, int status);

enum cache_result { CACHE_HIT, CACHE_MISS, CACHE_BYPASS };

void caching_metrics(void); /* makes cache_requests_total; once per process, before any thread */
/* how a request for something that is kept in memory went, on the call's route */
void caching_count(const struct call *, enum cache_result);

#endif
