#include "sys/http/http.h"

#include <errno.h>
#include <microhttpd.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "sys/http/connection.h"

enum { SWEEP_EVERY_MS = 100, SPARE_MS = 1000, LINGER_MS = 1000, CONNECTION_MEMORY = 16 * 1024 };

struct connection *connection_of(struct phased *place)
{
    return (struct connection *)(void *)place;
}

void connection_move(struct connection *c, enum phase phase, uint64_t since)
{
    phases_move(&c->server->phases, &c->place, phase, since);
}

void connection_resume(struct connection *c)
{
    struct exchange *x = c->exchange;
    if (!x || !x->suspended)
        return;
    MHD_resume_connection(c->mhd);
    x->suspended = false;
    c->server->has_work = true;
    loop_again(c->server->loop);
}

void connection_hang_up(struct connection *c)
{
    connection_move(c, CLOSING, loop_now(c->server->loop));
    room_give_up(c);
    shutdown(c->fd, SHUT_RDWR);
    connection_resume(c);
}

/* ---- connections ---- */

static void on_connection(void *ctx, struct MHD_Connection *mhd, void **socket_ctx,
                          enum MHD_ConnectionNotificationCode what)
{
    struct http_server *server = ctx;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        struct connection *c = must_calloc(1, sizeof *c);
        *c = (struct connection){.server = server, .mhd = mhd};
        c->fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
        room_enter(c);
        if (!timer_is_set(server->sweep))
            timer_set(server->sweep, SWEEP_EVERY_MS);
        *socket_ctx = c;
        return;
    }
    struct connection *c = *socket_ctx;
    /* the library keeps requests to itself that it found malformed */
    connection_end_exchange(c, c->exchange && c->exchange->request.refused);
    room_leave(c);
    free(c);
}

/* ---- deadlines ---- */

static void connection_expire(struct connection *c)
{
    struct http_server *server = c->server;
    switch (c->place.phase) {
    case READING:
    case RECEIVING: http_refuse(c->exchange, 408); return;
    case WORKING: server->config.on_deadline(server->config.ctx, &c->exchange->request); return;
    case OPENING:
    case SPARE:
    case WRITING:
    case IDLE:
    case LINGERING: connection_hang_up(c); return;
    case CLOSING:
    case PHASES: return;
    }
}

/* An expired connection leaves its list. `left` ends the sweep even if one stays, as on_deadline
 * didn't answer. */
static void sweep_phase(struct http_server *server, enum phase phase)
{
    uint64_t time = loop_now(server->loop), limit = server->limit_ns[phase];
    struct phased *const *oldest = &server->phases.oldest[phase];
    for (int left = server->phases.count[phase]; left > 0 && *oldest && time >= (*oldest)->since + limit; left--)
        connection_expire(connection_of(*oldest));
}

static void http_sweep(void *ctx)
{
    struct http_server *server = ctx;
    for (enum phase phase = OPENING; phase < CLOSING; phase++)
        sweep_phase(server, phase);
    room_make(server);
    if (http_connections(server) > 0)
        timer_set(server->sweep, SWEEP_EVERY_MS);
}

/* ---- the library and the loop ---- */

static void on_epoll(void *ctx, int ready)
{
    (void)ready;
    struct http_server *server = ctx;
    server->has_work = true;
}

/* Once per turn, when all results of the turn are answered: so that what is read now can be sent
 * to Postgres together. */
static void http_run_library(void *ctx)
{
    struct http_server *server = ctx;
    if (!server->has_work)
        return;
    server->has_work = false;
    MHD_run(server->daemon);
    MHD_UNSIGNED_LONG_LONG timeout;
    if (MHD_get_timeout(server->daemon, &timeout) == MHD_YES && timeout == 0) {
        server->has_work = true; /* pipelined requests wait in its buffers */
        loop_again(server->loop);
    }
}

/* Paths stay as they were sent: the router decodes them. */
static size_t leave_escaped(void *ctx, struct MHD_Connection *mhd, char *text)
{
    (void)ctx, (void)mhd;
    return strlen(text);
}

/* libmicrohttpd 1.0.1 leaves the line feed behind a chunk's extension unread. By default it
 * takes this line feed for the empty line that ends the trailers of the last chunk, and reads
 * the trailers as the next request. With these checks a line feed without a carriage return is
 * an error. */
#if MHD_VERSION >= 0x01000000
enum { FRAMING_CHECKS = MHD_USE_PEDANTIC_CHECKS };
#else
enum { FRAMING_CHECKS = 0 };
#endif

struct http_server *http_start(struct loop *loop, const struct http_config *config, struct err *err)
{
    struct http_server *server = must_calloc(1, sizeof *server);
    *server = (struct http_server){.loop = loop, .config = *config, .listen_fd = config->listen_fd};
    server->limit_ns[OPENING] = server->limit_ns[READING] = server->limit_ns[RECEIVING] =
        config->read_timeout_ms * NS_PER_MS;
    server->limit_ns[SPARE] = MIN(config->read_timeout_ms, (uint64_t)SPARE_MS) * NS_PER_MS;
    server->limit_ns[LINGERING] = LINGER_MS * NS_PER_MS;
    server->limit_ns[WORKING] = config->request_timeout_ms * NS_PER_MS;
    server->limit_ns[WRITING] = config->write_timeout_ms * NS_PER_MS;
    server->limit_ns[IDLE] = config->idle_timeout_ms * NS_PER_MS;
    server->daemon =
        MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | FRAMING_CHECKS, 0, on_accept, server, on_access,
                         server, MHD_OPTION_LISTEN_SOCKET, config->listen_fd, MHD_OPTION_CONNECTION_LIMIT,
                         (unsigned)(config->connection_limit + HTTP_RESERVE), MHD_OPTION_CONNECTION_MEMORY_LIMIT,
                         (size_t)CONNECTION_MEMORY, MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, MHD_OPTION_UNESCAPE_CALLBACK,
                         leave_escaped, NULL, MHD_OPTION_URI_LOG_CALLBACK, on_uri, server, MHD_OPTION_NOTIFY_COMPLETED,
                         on_completed, server, MHD_OPTION_NOTIFY_CONNECTION, on_connection, server, MHD_OPTION_END);
    const union MHD_DaemonInfo *info =
        server->daemon ? MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD) : NULL;
    if (!info) {
        fail(err, "while starting the HTTP server: %s", strerror(errno));
        free(server);
        return NULL;
    }
    server->watch = fd_watch_new(loop, info->epoll_fd, on_epoll, server);
    fd_watch_set(server->watch, WATCH_READ);
    server->sweep = timer_new(loop, http_sweep, server);
    loop_each_turn(loop, TURN_ANSWER, http_run_library, server);
    return server;
}

static void http_hang_up_all(struct http_server *server, enum phase phase)
{
    while (server->phases.oldest[phase])
        connection_hang_up(connection_of(server->phases.oldest[phase]));
}

void http_drain(struct http_server *server)
{
    if (server->draining)
        return;
    server->draining = true;
    MHD_quiesce_daemon(server->daemon);
    close(server->listen_fd);
    http_hang_up_all(server, IDLE);
    http_hang_up_all(server, OPENING);
    http_hang_up_all(server, LINGERING);
}

int http_connections(const struct http_server *server)
{
    return phases_count(&server->phases);
}

void http_stop(struct http_server *server)
{
    http_drain(server);
    server->stopping = true;
    static const enum phase may_be_suspended[] = {SPARE, RECEIVING, WORKING};
    for (size_t i = 0; i < COUNT(may_be_suspended); i++)
        for (struct phased *place = server->phases.oldest[may_be_suspended[i]]; place; place = place->next)
            connection_resume(connection_of(place));
    MHD_run(server->daemon);
    MHD_stop_daemon(server->daemon);
    fd_watch_free(server->watch);
    timer_free(server->sweep);
    free(server);
}
