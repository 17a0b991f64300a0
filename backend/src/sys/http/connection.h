/* The server of one loop and its connections, for sys/http alone: http.c accepts and keeps time,
 * connection.c reads and writes, requests.c is what a request goes through, stream.c is an answer
 * in pieces, room.c says who must go where there is no room. */
#ifndef PW_SYS_HTTP_CONNECTION_H
#define PW_SYS_HTTP_CONNECTION_H

#include <netinet/in.h>
#include <sys/queue.h>

#include "sys/http/exchange.h"
#include "sys/http/http_config.h"
#include "sys/http/phases.h"

/* Bytes that came and aren't used: the beginning of a head, and what came behind a request that is
 * still being answered. */
struct kept {
    char *bytes; /* NULL: none */
    size_t len;
};

struct connection {
    struct phased place; /* first: connection_of */
    struct http_server *server;
    struct fd_watch *watch;
    TAILQ_ENTRY(connection) turn; /* in the server's `ready`, where is_ready */
    struct exchange *exchange;    /* from the end of a head to the end of the answer */
    struct kept kept;
    struct head_scan scan; /* of the head that is being read */
    uint64_t began;        /* ns; its first byte */
    size_t thrown_away;    /* bytes, behind a last answer */
    union {
        struct sockaddr any;
        struct sockaddr_in ipv4;
        struct sockaddr_in6 ipv6;
    } peer;
    int fd;
    bool is_ready;
    bool has_ended;       /* the client sends nothing more */
    bool is_counted;      /* among those of its address (crowd.h) */
    bool is_spare;        /* beyond the limits: health alone is answered, and it ends */
    bool is_over_address; /* a spare one, as its address has all that one may have */
    bool has_place;       /* counts among the server's, until it is hung up */
};

enum { HTTP_WINDOW = 64 * 1024 };

struct http_server {
    struct loop *loop;
    struct http_config config;
    struct fd_watch *watch;
    struct timer *sweep;
    struct phases phases;
    uint64_t limit_ns[PHASES];
    TAILQ_HEAD(ready, connection) ready;     /* they can go on in this turn */
    size_t held;                             /* bytes of bodies, and of answers on their way, of all exchanges */
    int served, spares, spares_over_address; /* connections that have a place */
    bool leaving;                            /* an answer is its connection's last */
    bool draining;                           /* nothing more is accepted */
    int listen_fd;
    int64_t date_s; /* what `date` says */
    char date[32];
    /* What the connection has to read whose turn it is: kept bytes, and new ones behind them. */
    char window[HTTP_WINDOW];
};

/* ---- connection.c ---- */

struct connection *connection_of(struct phased *); /* whose place it is */
/* takes the descriptor of an accepted connection */
struct connection *connection_new(struct http_server *, int fd, const struct sockaddr *);
void connection_free(struct connection *); /* closes it, whatever it is doing */
/* from its phase to another, whose time limit counts from `since` */
void connection_move(struct connection *, enum phase phase, uint64_t since);
/* It goes on in this turn: its answer is sent, its body or its next request is read. */
void connection_go_on(struct connection *);
/* no byte is read or sent any more; it is freed in this turn */
void connection_hang_up(struct connection *);
void connection_take_turn(struct connection *); /* of those that are ready */
/* its time is up */
void connection_expire(struct connection *);
enum { PEER_SIZE = 46 };
/* The address without its port, an IPv4 one of the dual socket as such; "" where there is none. */
const char *peer_text(char out[static PEER_SIZE], const struct sockaddr *);

/* ---- requests.c ---- */

/* Begins the exchange with a head, whole or (`refused` is then the status) as far as it came. */
void request_begin(struct connection *, const char *head, size_t len, int refused);
/* Takes of the body what is there. Returns how many of the bytes it used. */
size_t request_take_body(struct connection *, const char *bytes, size_t len);
/* tells the handler, which must answer; the connection ends with it */
void http_refuse(struct exchange *, int status);
/* frees it; the handler hears of it */
void request_end(struct connection *);

/* ---- stream.c ---- */

void stream_rest(struct exchange *); /* all that waited is sent: its memory is free */

/* ---- room.c ---- */

/* Whether a new connection is taken; others may end for it. */
bool room_admits(struct http_server *, const struct sockaddr *);
void room_enter(struct connection *);       /* a connection began: it is counted, or spare */
void room_give_up(struct connection *);     /* its place is free; once is enough */
void room_leave(struct connection *);       /* it is closed */
void room_leave_crowd(struct connection *); /* it counts no more among those of its address */
/* Counts `more` bytes for the exchange. Where there is no memory for them, the slowest others end;
 * false: there are none. */
bool room_hold(struct exchange *, size_t more) MUST_CHECK;
/* The same for what is held already, like an answer: others end, and it stays. */
void room_hold_anyway(struct exchange *, size_t more);
void room_let_go(struct exchange *, size_t less);
void room_make(struct http_server *); /* ends the slowest where too much is held */

#endif
