/* One request and its answer as the server keeps them: for sys/http alone. */
#ifndef PW_SYS_HTTP_EXCHANGE_H
#define PW_SYS_HTTP_EXCHANGE_H

#include <sys/uio.h>

#include "base/buf.h"
#include "sys/http/chunks.h"
#include "sys/http/head.h"
#include "sys/http/request.h"

struct connection;

/* An answer in pieces (sys/http/stream.h): `body` is what waits of it. It begins with zeroes. */
struct stream {
    bool has_begun, is_open; /* open: more may be added */
    char *waiting;           /* NULL: nothing waits */
    bool is_freed_at_end;    /* the arena knows of `waiting` */
    size_t size;             /* bytes that `waiting` has room for */
    uint64_t added;          /* bytes, without their framing */
};

struct exchange {
    struct http_request request; /* first: exchange_of */
    struct connection *connection;
    struct head head;
    bool is_admitted; /* the handler let the request in */
    bool is_whole;

    char *body_in;
    size_t body_size, body_limit;
    struct chunks chunks;
    size_t held; /* bytes that count as the server's */

    int status; /* 0: not answered */
    const char *content_type, *body;
    size_t body_len;
    struct buf fields;   /* lines that http_add_header made; `text` NULL: none */
    struct buf head_out; /* `text` NULL: the answer hasn't begun */
    size_t sent;         /* bytes of head and body */
    struct stream stream;
    bool is_last, is_sent; /* the connection ends with it */
};

struct exchange *exchange_of(struct http_request *); /* the exchange that the request is part of */

/* Reads the head (head_read); the request's `refused` says what is wrong with it. It is whole where
 * there is no body. */
struct exchange *exchange_new(struct connection *, struct loop *, const char *head, size_t len);

/* The bytes by which the body's memory must grow for `len` more; at most what was announced. */
size_t exchange_body_growth(const struct exchange *, size_t len);
void exchange_add_body(struct exchange *, const char *data, size_t len); /* within the body's limit */

/* Writes the answer's head; `date` is its header's value. */
void exchange_begin_answer(struct exchange *, const char *date);
/* What is left to send: up to two pieces. Returns their number; 0: nothing. */
int exchange_left(const struct exchange *, struct iovec pieces[static 2]);

#endif
