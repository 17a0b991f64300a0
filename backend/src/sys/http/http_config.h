/* What a server is told at its start (sys/http/http.h). */
#ifndef PW_SYS_HTTP_HTTP_CONFIG_H
#define PW_SYS_HTTP_HTTP_CONFIG_H

#include "sys/http/request.h"

/* Descriptors that a server may need beside its limit: spare connections, and those that were ended
 * and aren't closed yet. */
enum { HTTP_SPARES = 32, HTTP_RESERVE = 2 * HTTP_SPARES };

struct http_config {
    int listen_fd;               /* made by http_listen (sys/http/places.h); the server closes it */
    int connection_limit;        /* beside HTTP_RESERVE */
    int connections_per_address; /* of the whole process; 0: no limit */
    /* whether a peer may have any number; NULL: nobody */
    bool (*is_exempt)(void *ctx, const char *peer);
    size_t memory_limit;         /* bytes of bodies and answers */
    uint64_t request_timeout_ms; /* request line to answer: then on_deadline, which must answer */
    /* request line to whole body, and connection start to first request line */
    uint64_t read_timeout_ms;
    uint64_t write_timeout_ms; /* answer to its last byte */
    uint64_t idle_timeout_ms;  /* last answer to next request line */
    /* before anything else, framing too: 0, or the status to refuse it with; its headers are
     * known. May be NULL */
    int (*admit)(void *ctx, struct http_request *);
    size_t (*body_limit)(void *ctx, struct http_request *); /* headers are known */
    /* Nothing of the body is read: answers, or calls http_go_on, at once or later. NULL: all go on.
     * Where there is no body, on_request may run at once. */
    void (*on_headers)(void *ctx, struct http_request *);
    void (*on_request)(void *ctx, struct http_request *);
    void (*on_deadline)(void *ctx, struct http_request *);
    /* the last callback for a request; `answered`: its answer was sent */
    void (*on_end)(void *ctx, struct http_request *, bool answered);
    void *ctx;
};

#endif
