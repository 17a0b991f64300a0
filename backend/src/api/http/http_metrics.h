/* The one place where requests' ends are counted and logged. */
#ifndef PW_API_HTTP_HTTP_METRICS_H
#define PW_API_HTTP_HTTP_METRICS_H

#include "api/http/route.h"

/* makes the http_* series for every route; once per process, before any thread */
void http_metrics(void);
/* a request is in flight */
void http_begin(void);

/* A request's end. */
struct http_ended {
    const struct http_request *http;
    const struct route *route; /* NULL: none matches */
    int status;
    const char *request_id;
    const char *user_id; /* "": nobody */
    const char *client;  /* its address, where somebody may have to be traced; else NULL */
    const char *account; /* a keyed hash of the account that was asked for, or of the caller; NULL: none */
    const char *error;   /* NULL: none */
    bool is_stopping;    /* refused because the process stops, which is no error */
};
/* it is no longer in flight: the counters and the histogram */
void http_count(const struct http_request *, const struct route *, int status);
void http_log(const struct http_ended *); /* the `http_request` line */
/* counts a request that was refused because a queue was full */
void http_shed(const char *reason);

#endif
