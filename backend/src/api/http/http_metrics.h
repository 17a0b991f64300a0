/* One place where a request's end is both logged and counted. */
#ifndef PW_API_HTTP_HTTP_METRICS_H
#define PW_API_HTTP_HTTP_METRICS_H

#include "api/http/call.h"

/* makes the http_* series for every route; once per process, before any thread */
void http_metrics(void);
void http_begin(void); /* in flight */
/* the `http_request` line, the counters, the histogram */
void http_end(const struct call *, int status);
void http_shed(const char *reason);

#endif
