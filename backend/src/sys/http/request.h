/* One request, as a handler sees it, and its answer. Implemented in sys/http/exchange.c, but for
 * http_peer, http_go_on and http_answer (sys/http/requests.c). */
#ifndef PW_SYS_HTTP_REQUEST_H
#define PW_SYS_HTTP_REQUEST_H

#include "base/arena.h"
#include "sys/loop.h"

enum method { METHOD_GET, METHOD_POST, METHOD_PUT, METHOD_DELETE, METHOD_OPTIONS, METHOD_OTHER };
extern const char *const method_names[METHOD_OTHER + 1];

struct http_request {
    enum method method;      /* HEAD counts as GET; the server leaves the body out */
    const char *method_text; /* its name, or "HEAD"; "" where there is no request line */
    const char *path;        /* as sent, still percent-encoded, without the query */
    const char *query;       /* after the '?', still encoded; "" where none */
    const char *body;        /* NUL-terminated; may contain NULs before body_len */
    size_t body_len;
    /* 0, or the status that framing (400, 414, 431), the body (408, 413), memory (503) or `admit`
     * asks for */
    int refused;
    bool is_spare;       /* beyond the limits of connections: worth an answer only where it is health */
    uint64_t started;    /* clock_ns at the request line */
    uint64_t deadline;   /* ns; at it the server calls on_deadline */
    struct arena *arena; /* lives until on_end has returned */
    struct loop *loop;
    void *user; /* the handler's own */
};

/* Header of the request, or NULL. Repeated headers: the first. */
const char *http_header(const struct http_request *, const char *name);
/* all of them as one list, joined by commas; NULL where there is none */
const char *http_header_list(struct http_request *, const char *name);
bool http_header_repeated(const struct http_request *, const char *name);
const char *http_peer(const struct http_request *); /* the peer's address as text, without port */

/* Lets the request in that on_headers asked about: its body is read, then on_request runs; from
 * inside this call where it has none. Once, and not after an answer. */
void http_go_on(struct http_request *);

/* Adds a header to the coming answer. */
void http_add_header(struct http_request *, const char *name, const char *value);

/* Answers. `body` must live as long as the arena; NULL, to a HEAD alone: a body of a length that
 * isn't known. Once only; a second answer is ignored. */
void http_answer(struct http_request *, int status, const char *content_type, const char *body, size_t len);
bool http_is_answered(const struct http_request *);

#endif
