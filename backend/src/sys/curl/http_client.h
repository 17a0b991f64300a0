/* HTTP calls to other services on one event loop (libcurl's multi interface): a POST of JSON or a
 * GET, whose whole answer is returned. Nothing blocks, name lookups included. HTTP/1.1; connections
 * are reused, TLS certificates verified, redirects not followed. Proxies come from the environment
 * as with curl, but never for loopback addresses.
 *
 * libcurl is loaded when the first client is opened, and stays loaded: a process without a client
 * doesn't pay for it.
 */
#ifndef PW_SYS_CURL_HTTP_CLIENT_H
#define PW_SYS_CURL_HTTP_CLIENT_H

#include "sys/loop.h"

struct http_client;
struct http_call;

/* A request: a POST of `body`, or, without a body, a GET. */
struct http_ask {
    const char *url; /* copied */
    /* "Name: value", ends with NULL; copied; NULL: none. Content-Type is there already */
    const char *const *headers;
    const char *body; /* JSON; must live until the call has ended; NULL: none */
    size_t body_len;
    uint64_t timeout_ms; /* from now to the answer's last byte, at least 1 */
    size_t answer_max;   /* bytes of body; a longer answer is broken off */
    /* Takes bytes of a 2xx answer's body as they come, 16 times answer_max at most; false: they are
     * to be kept in the reply's body. It must not cancel the call. NULL: all are kept. */
    bool (*take)(void *ctx, const char *bytes, size_t len);
};

enum http_outcome {
    HTTP_ANSWERED, /* a whole answer, whatever its status */
    HTTP_TIMED_OUT,
    /* no usable connection, an answer cut off, or one too long; `status` is 0 unless an answer had
     * begun */
    HTTP_BROKEN,
};

struct http_reply { /* valid during the callback */
    enum http_outcome outcome;
    int status;
    bool is_connected; /* there was a connection, with TLS where the address asks for it */
    bool is_tls_fault; /* HTTP_BROKEN: the other end or its certificate isn't trusted */
    const char *body;  /* NUL-terminated */
    size_t body_len;
    /* the headers Retry-After and retry-after-ms; NULL where not sent */
    const char *retry_after, *retry_after_ms;
    const char *date; /* the header Date, likewise */
    /* NULL if answered; else for the operator: with address and port, without header or body */
    const char *problem;
};

typedef void http_call_done(void *ctx, const struct http_reply *);

/* Keeps at most `kept` idle connections. NULL where libcurl can't be loaded. */
struct http_client *http_client_open(struct loop *, int kept, struct err *) MUST_CHECK;
/* open calls end without a callback; not from inside a callback */
void http_client_close(struct http_client *);

/* The callback comes from the loop, exactly once, never from inside this call. Where a kept
 * connection turns out to be closed, libcurl posts again on a new one. */
struct http_call *http_client_ask(struct http_client *, const struct http_ask *, http_call_done *done, void *ctx);
void http_call_cancel(struct http_call *); /* closes its connection; the callback will not come */

#endif
