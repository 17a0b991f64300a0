/* The server of one loop and its connections, for sys/http alone: http.c runs the library and the
 * loop, requests.c is what a connection goes through, room.c says who must go where there is no
 * room. */
#ifndef PW_SYS_HTTP_CONNECTION_H
#define PW_SYS_HTTP_CONNECTION_H

#include "sys/http/exchange.h"
#include "sys/http/http_config.h"
#include "sys/http/phases.h"

struct connection {
    struct phased place; /* first: connection_of */
    struct http_server *server;
    struct MHD_Connection *mhd;
    struct exchange *exchange; /* from the request line to the end of the answer */
    int fd;
    bool is_counted;      /* among those of its address (crowd.h) */
    bool is_spare;        /* beyond the limits: health alone is answered, and it ends */
    bool is_over_address; /* a spare one, as its address has all that one may have */
    bool has_place;       /* counts among the server's, until it is hung up */
};

struct http_server {
    struct loop *loop;
    struct http_config config;
    struct MHD_Daemon *daemon;
    struct fd_watch *watch;
    struct timer *sweep;
    struct phases phases;
    uint64_t limit_ns[PHASES];
    size_t held;                             /* bytes of bodies, and of answers on their way, of all exchanges */
    int served, spares, spares_over_address; /* connections that have a place */
    bool has_work, draining, stopping;
    int listen_fd;
};

struct connection *connection_of(struct phased *); /* whose place it is */
/* from its phase to another, whose time limit counts from `since` */
void connection_move(struct connection *, enum phase, uint64_t since);
/* libmicrohttpd sees the end of the stream and closes */
void connection_hang_up(struct connection *);
/* what the library does next with a suspended connection */
void connection_resume(struct connection *);

/* ---- requests.c ---- */

/* tells the handler, which must answer; the connection ends with it */
void http_refuse(struct exchange *, int status);
/* frees it; `was_known`: the handler has seen the request */
void connection_end_exchange(struct connection *, bool was_known);
/* libmicrohttpd's callbacks; their context is the server */
void *on_uri(void *ctx, const char *uri, struct MHD_Connection *);
enum MHD_Result on_access(void *ctx, struct MHD_Connection *, const char *url, const char *method, const char *version,
                          const char *data, size_t *data_len, void **request_ctx);
void on_completed(void *ctx, struct MHD_Connection *, void **request_ctx, enum MHD_RequestTerminationCode);

/* ---- room.c ---- */

/* libmicrohttpd's question at an accept; MHD_NO closes at once */
enum MHD_Result on_accept(void *ctx, const struct sockaddr *, socklen_t);
void room_enter(struct connection *);   /* a connection began: it is counted, or spare */
void room_give_up(struct connection *); /* its place is free; once is enough */
void room_leave(struct connection *);   /* it is closed */
/* Counts `more` bytes for the exchange. Where there is no memory for them, the slowest others end;
 * false: there are none. */
bool room_hold(struct exchange *, size_t more) MUST_CHECK;
/* The same for what is held already, like an answer: others end, and it stays. */
void room_hold_anyway(struct exchange *, size_t more);
void room_let_go(struct exchange *);
void room_make(struct http_server *); /* ends the slowest where too much is held */

#endif
