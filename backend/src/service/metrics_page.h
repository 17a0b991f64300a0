/* The page of /metrics, as API and worker answer with it: gzip for who accepts it, as the page has
 * hundreds of kilobytes and is asked for every few seconds. Made anew for each, so that it is true
 * at that moment. */
#ifndef PW_SERVICE_METRICS_PAGE_H
#define PW_SERVICE_METRICS_PAGE_H

#include "sys/http/request.h"

#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

struct metrics_page {
    const char *text; /* in the request's arena */
    size_t len;
};

/* Also adds the answer's headers about the coding. */
struct metrics_page metrics_page(struct http_request *);

#endif
