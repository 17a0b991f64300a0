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
#include "sys/http/exchange.h"
#include "sys/http/phases.h"

enum { SWEEP_EVERY_MS = 100, CONNECTION_MEMORY = 16 * 1024 };

struct connection {
    struct phased place; /* first: connection_of */
    struct http_server *server;
    struct MHD_Connection *mhd;
    struct exchange *exchange; /* from the request line to the end of the answer */
    int fd;
};

struct http_server {
    struct loop *loop;
    struct http_config config;
    struct MHD_Daemon *daemon;
    struct fd_watch *watch;
    struct timer *sweep;
    struct phases phases;
    uint64_t limit_ns[PHASES];
    bool has_work, draining, stopping;
    int listen_fd;
};

static struct connection *connection_of(struct phased *place)
{
    return (struct connection *)(void *)place;
}

static void connection_move(struct connection *c, enum phase phase, uint64_t since)
{
    phases_move(&c->server->phases, &c->place, phase, since);
}

static uint64_t http_now(const struct connection *c)
{
    return loop_now(c->server->loop);
}

/* libmicrohttpd sees the end of the stream and closes. */
static void connection_hang_up(struct connection *c)
{
    connection_move(c, CLOSING, http_now(c));
    shutdown(c->fd, SHUT_RDWR);
}

/* ---- answers ---- */

/* libmicrohttpd takes no answer in the middle of a body or of the headers, so this one goes past
 * it, and is the connection's last. */
static void answer_past_library(struct connection *c, struct exchange *x)
{
    struct buf text = exchange_as_text(x);
    ssize_t sent = send(c->fd, text.text, text.len, MSG_NOSIGNAL | MSG_DONTWAIT);
    x->sent = sent == (ssize_t)text.len;
    connection_hang_up(c);
}

static void http_queue_answer(struct connection *c, struct exchange *x)
{
    struct MHD_Response *response = exchange_as_response(x, c->server->draining || x->request.refused != 0);
    if (MHD_queue_response(c->mhd, (unsigned)x->status, response) != MHD_YES)
        connection_hang_up(c);
    else
        connection_move(c, WRITING, http_now(c));
    MHD_destroy_response(response);
}

void http_answer(struct http_request *request, int status, const char *content_type, const char *body, size_t len)
{
    struct exchange *x = exchange_of(request);
    struct connection *c = x->connection;
    if (x->status)
        return;
    x->status = status;
    x->content_type = content_type;
    x->body = body;
    x->body_len = len;
    if (!x->can_queue) {
        answer_past_library(c, x);
        return;
    }
    http_queue_answer(c, x);
    if (!x->suspended)
        return; /* libmicrohttpd runs, and goes on with the answer */
    MHD_resume_connection(c->mhd);
    x->suspended = false;
    c->server->has_work = true;
    loop_again(c->server->loop);
}

/* ---- requests ---- */

static void http_refuse(struct exchange *x, int status)
{
    x->request.refused = status;
    x->connection->server->config.on_request(x->connection->server->config.ctx, &x->request);
}

static enum MHD_Result request_begin(struct connection *c, struct exchange *x, const char *method, const char *version)
{
    const struct http_config *config = &c->server->config;
    exchange_set_method(x, method);
    x->can_queue = true;
    int refused = config->admit ? config->admit(config->ctx, &x->request) : 0;
    refused =
        refused ? refused : exchange_check_framing(x, c->mhd, version, config->body_limit(config->ctx, &x->request));
    if (refused)
        http_refuse(x, refused);
    else
        /* until the body is there: an answer now would close the connection */
        x->can_queue = false;
    return MHD_YES;
}

static enum MHD_Result request_take_body(struct exchange *x, const char *data, size_t *len)
{
    size_t n = *len;
    *len = 0;
    if (x->status)
        return MHD_YES; /* refused: the rest of the body is discarded */
    if (!exchange_add_body(x, data, n,
                           x->connection->server->config.body_limit(x->connection->server->config.ctx, &x->request)))
        http_refuse(x, 413);
    return MHD_YES;
}

static enum MHD_Result request_work(struct connection *c, struct exchange *x)
{
    x->can_queue = true;
    connection_move(c, WORKING, x->request.started);
    c->server->config.on_request(c->server->config.ctx, &x->request);
    if (!x->status) {
        MHD_suspend_connection(c->mhd);
        x->suspended = true;
    }
    return MHD_YES;
}

static enum MHD_Result on_access(void *ctx, struct MHD_Connection *mhd, const char *url, const char *method,
                                 const char *version, const char *data, size_t *data_len, void **request_ctx)
{
    (void)ctx, (void)mhd, (void)url;
    struct connection *c = *request_ctx;
    struct exchange *x = c->exchange;
    if (c->server->stopping || c->place.phase == CLOSING)
        return MHD_NO;
    if (!x->request.method_text)
        return request_begin(c, x, method, version);
    if (*data_len > 0)
        return request_take_body(x, data, data_len);
    return x->status ? MHD_YES : request_work(c, x);
}

/* Hides the query from the library, which would parse it inside the connection's memory; where that
 * is too small (some 250 parameters) the connection hangs without an answer (seen with 0.9.75). */
static void hide_query(const char *uri)
{
    char *question = strchr((char *)(uintptr_t)uri, '?');
    if (question && question[1])
        question[1] = '\0';
}

/* The request line was read. */
static void *on_uri(void *ctx, const char *uri, struct MHD_Connection *mhd)
{
    (void)ctx;
    struct connection *c = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
    struct http_server *server = c->server;
    uint64_t started = clock_ns(); /* a duration counts from here: loop_now has whole milliseconds */
    c->exchange = exchange_new(server->loop, uri, started, started + server->limit_ns[WORKING]);
    c->exchange->connection = c;
    c->exchange->mhd = mhd;
    connection_move(c, READING, started);
    hide_query(uri);
    return c;
}

static void connection_end_exchange(struct connection *c, bool was_known)
{
    struct exchange *x = c->exchange;
    c->exchange = NULL;
    if (!x)
        return;
    if (was_known)
        c->server->config.on_end(c->server->config.ctx, &x->request, x->sent);
    arena_free(x->request.arena);
}

static void on_completed(void *ctx, struct MHD_Connection *mhd, void **request_ctx, enum MHD_RequestTerminationCode how)
{
    (void)ctx, (void)mhd;
    struct connection *c = *request_ctx;
    if (how == MHD_REQUEST_TERMINATED_COMPLETED_OK && c->exchange)
        c->exchange->sent = true;
    connection_end_exchange(c, true);
    if (c->server->draining)
        connection_hang_up(c);
    else if (c->place.phase != CLOSING)
        connection_move(c, IDLE, http_now(c));
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
        phases_enter(&server->phases, &c->place, OPENING, loop_now(server->loop));
        if (!timer_is_set(server->sweep))
            timer_set(server->sweep, SWEEP_EVERY_MS);
        *socket_ctx = c;
        return;
    }
    struct connection *c = *socket_ctx;
    /* the library keeps requests to itself that it found malformed */
    connection_end_exchange(c, c->exchange && c->exchange->request.refused);
    phases_leave(&c->server->phases, &c->place);
    free(c);
}

/* ---- deadlines ---- */

static void connection_expire(struct connection *c)
{
    struct http_server *server = c->server;
    switch (c->place.phase) {
    case READING: http_refuse(c->exchange, 408); return;
    case WORKING: server->config.on_deadline(server->config.ctx, &c->exchange->request); return;
    case OPENING:
    case WRITING:
    case IDLE: connection_hang_up(c); return;
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
    server->limit_ns[OPENING] = server->limit_ns[READING] = config->read_timeout_ms * NS_PER_MS;
    server->limit_ns[WORKING] = config->request_timeout_ms * NS_PER_MS;
    server->limit_ns[WRITING] = config->write_timeout_ms * NS_PER_MS;
    server->limit_ns[IDLE] = config->idle_timeout_ms * NS_PER_MS;
    server->daemon =
        MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | FRAMING_CHECKS, 0, NULL, NULL, on_access, server,
                         MHD_OPTION_LISTEN_SOCKET, config->listen_fd, MHD_OPTION_CONNECTION_LIMIT,
                         (unsigned)config->connection_limit, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
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
}

int http_connections(const struct http_server *server)
{
    return phases_count(&server->phases);
}

void http_stop(struct http_server *server)
{
    http_drain(server);
    server->stopping = true;
    for (struct phased *place = server->phases.oldest[WORKING]; place; place = place->next)
        if (connection_of(place)->exchange->suspended)
            MHD_resume_connection(connection_of(place)->mhd);
    MHD_run(server->daemon);
    MHD_stop_daemon(server->daemon);
    fd_watch_free(server->watch);
    timer_free(server->sweep);
    free(server);
}
