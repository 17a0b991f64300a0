/* Tokens that callers send as `Authorization: Bearer TOKEN` (RFC 6750). */
#ifndef PW_SERVICE_BEARER_H
#define PW_SERVICE_BEARER_H

#include "config/config.h"
#include "sys/http/request.h"

/* NULL and the token of the request, or the sentence of a 401. */
const char *bearer_read(const struct http_request *, const char **token);

/* NULL where the request may see metrics: it has METRICS_TOKEN, or that is unset. Else the sentence
 * of a 401. */
const char *metrics_refusal(const struct config *, const struct http_request *);

#endif
