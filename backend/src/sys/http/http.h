/* The HTTP/1.1 server of one event loop (RFC 9112): framing, deadlines and limits. The meaning of a
 * request is the handler's part.
 *
 * A request reaches the handler twice: on_headers before anything of its body is read, and, where
 * that let it in (http_go_on), on_request when it is whole; or on_request with `refused` set, when
 * it isn't worth reading on. The handler must answer exactly once with http_answer, at once or
 * later, on the loop's thread. Once it has answered and returned to the loop, on_end runs, after
 * which the request must not be touched; so it does if the client resets the connection or the
 * deadline passes. A client that only sends no more gets its answer.
 *
 * Heads and chunks are read strictly (sys/http/head.h, sys/http/chunks.h). What they refuse, bodies
 * over the limit, requests that drip in and answers before the body was read are each the
 * connection's last: what still comes is thrown away for five seconds at most, so that the client
 * sees the answer and no reset.
 *
 * What strangers can hold is bounded. Bodies and unsent answers have `memory_limit`; where it is
 * used up, the slowest clients end, else the newcomer gets 503. A client's connections are counted
 * over all loops. A full loop ends a connection between requests, or one that has stood still for a
 * second, for each new one. Where there is none, and for a client that has all it may have, there
 * are a few spare connections (`is_spare`), on which a check of health is answered.
 */
#ifndef PW_SYS_HTTP_HTTP_H
#define PW_SYS_HTTP_HTTP_H

#include "sys/http/http_config.h"

struct http_server;

/* serves the listening socket from the loop */
struct http_server *http_start(struct loop *, const struct http_config *) MUST_CHECK;
/* Each answer says from now on that it is its connection's last; all else goes on. */
void http_leave(struct http_server *);
/* Accepts nothing more but what has come already. Idle connections are closed, new ones after a
 * moment without a request, others after their answer. */
void http_drain(struct http_server *);
int http_connections(const struct http_server *); /* open ones */
void http_stop(struct http_server *);             /* ends what is left */

#endif
