/* One request and its answer as the server keeps them: for sys/http alone. */
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
    bool is_asked, is_admitted; /* the handler was asked, and let the request in */
    bool is_whole;
    int status; /* 0: not answered */
    const char *content_type, *body;
    size_t body_len;
    int header_count;
    struct {
        const char *name, *value;
    } headers[MAX_ANSWER_HEADERS];
    char *body_in;
    size_t body_size, body_limit;
    uint64_t announced; /* Content-Length, or 0 */
    bool has_body;      /* one is announced, or may come in chunks */
    size_t held;        /* bytes that count as the server's */
    size_t thrown_away; /* bytes of the body, behind an early answer */
};

enum { PEER_SIZE = 46 };
/* The address without its port, an IPv4 one of the dual socket as such; "" where there is none. */
const char *peer_text(char out[static PEER_SIZE], const struct sockaddr *);

struct exchange *exchange_of(struct http_request *); /* the exchange that the request is part of */
/* Begins with the request line; times as clock_ns. The caller sets both connections. */
struct exchange *exchange_new(struct loop *, const char *uri, uint64_t started, uint64_t deadline);
/* as the request line has it, known or not */
void exchange_set_method(struct exchange *, const char *method);

/* 0, or the status with which the request must be refused. Says whether it has a body, too. */
int exchange_check_framing(struct exchange *, struct MHD_Connection *, const char *version);
/* The bytes by which the body's memory must grow for `len` more; at most what was announced. */
size_t exchange_body_growth(const struct exchange *, size_t len);
void exchange_add_body(struct exchange *, const char *data, size_t len); /* within the body's limit */

/* the library's form of the answer */
struct MHD_Response *exchange_as_response(struct exchange *, bool close);
struct buf exchange_as_text(struct exchange *); /* a whole HTTP/1.1 answer that closes */

#endif
