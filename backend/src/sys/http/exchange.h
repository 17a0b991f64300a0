/* One request and its answer as the server keeps them: for sys/http/http.c alone, which runs the
 * connections. */
#ifndef PW_SYS_HTTP_EXCHANGE_H
#define PW_SYS_HTTP_EXCHANGE_H

#include <microhttpd.h>

#include "base/buf.h"
#include "sys/http/request.h"

enum { MAX_ANSWER_HEADERS = 24 };

struct connection;

struct exchange {
    struct http_request request;   /* first: exchange_of */
    struct connection *connection; /* the server's */
    struct MHD_Connection *mhd;    /* the library's */
    bool can_queue;                /* libmicrohttpd would take an answer now */
    bool suspended, sent;
    int status; /* 0: not answered */
    const char *content_type, *body;
    size_t body_len;
    int header_count;
    struct {
        const char *name, *value;
    } headers[MAX_ANSWER_HEADERS];
    char *body_in;
    size_t body_size;
};

struct exchange *exchange_of(struct http_request *); /* the exchange that the request is part of */
/* Begins with the request line; times as clock_ns. The caller sets both connections. */
struct exchange *exchange_new(struct loop *, const char *uri, uint64_t started, uint64_t deadline);
/* as the request line has it, known or not */
void exchange_set_method(struct exchange *, const char *method);

/* 0, or the status with which the request must be refused. */
int exchange_check_framing(const struct exchange *, struct MHD_Connection *, const char *version, size_t body_limit);
/* false: over the limit */
bool exchange_add_body(struct exchange *, const char *data, size_t len, size_t limit);

/* the library's form of the answer */
struct MHD_Response *exchange_as_response(struct exchange *, bool close);
struct buf exchange_as_text(struct exchange *); /* a whole HTTP/1.1 answer that closes */

#endif
