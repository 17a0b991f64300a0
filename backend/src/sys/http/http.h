/* The HTTP server of one event loop (libmicrohttpd): framing, deadlines and limits. The meaning of
 * a request is the handler's part.
 *
 * A request reaches the handler when it is whole (its body within the limit that `body_limit`
 * gives), or, with `refused` set, when it isn't worth reading on. The handler must answer
 * exactly once with http_answer, at once or later, on the loop's thread. If the client leaves or
 * the deadline passes first, on_end runs, after which the request must not be touched.
 *
 * Closed here, with a clear error and the connection's end: conflicting or repeated
 * Content-Length, Content-Length with Transfer-Encoding, white space before a header's colon,
 * bodies over the limit, requests that drip in, answers that nobody reads, connections that
 * idle.
 */
#ifndef PW_SYS_HTTP_HTTP_H
#define PW_SYS_HTTP_HTTP_H

#include "sys/http/request.h"

struct http_server;

struct http_config {
    int listen_fd; /* made by http_listen (sys/http/places.h); the server closes it */
    int connection_limit;
    uint64_t request_timeout_ms; /* request line to answer: then on_deadline, which must answer */
    /* request line to whole body, and connection start to first request line */
    uint64_t read_timeout_ms;
    uint64_t write_timeout_ms; /* answer to its last byte */
    uint64_t idle_timeout_ms;  /* last answer to next request line */
    /* before anything else, framing too: 0, or the status to refuse it with; its headers are
     * known. May be NULL */
    int (*admit)(void *ctx, struct http_request *);
    size_t (*body_limit)(void *ctx, struct http_request *); /* method and path are known */
    void (*on_request)(void *ctx, struct http_request *);
    void (*on_deadline)(void *ctx, struct http_request *);
    /* the last callback for a request; `answered`: its answer was sent */
    void (*on_end)(void *ctx, struct http_request *, bool answered);
    void *ctx;
};

/* serves the listening socket from the loop; NULL: `err` says why */
struct http_server *http_start(struct loop *, const struct http_config *, struct err *err) MUST_CHECK;
/* accepts nothing more; idle connections are closed, others after their answer */
void http_drain(struct http_server *);
int http_connections(const struct http_server *); /* open ones */
void http_stop(struct http_server *);             /* ends what is left */

#endif
