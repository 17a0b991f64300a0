#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "sys/http/connection.h"

static uint64_t http_now(const struct connection *c)
{
    return loop_now(c->server->loop);
}

/* A spare connection has its first phase until its request is whole. */
static void connection_read_on(struct connection *c, enum phase phase, uint64_t since)
{
    if (!c->is_spare)
        connection_move(c, phase, since);
}

/* ---- answers ---- */

/* libmicrohttpd takes no answer in the middle of a body or of the headers, so this one goes past
 * it, and is the connection's last. Closing at once would reset the connection where the body is
 * still on its way, and the client might not see the answer (RFC 9112, section 9.6). */
static void answer_past_library(struct connection *c, struct exchange *x)
{
    struct buf text = exchange_as_text(x);
    ssize_t sent = send(c->fd, text.text, text.len, MSG_NOSIGNAL | MSG_DONTWAIT);
    x->sent = sent == (ssize_t)text.len;
    room_let_go(x);
    if (!x->sent || !x->has_body || c->place.phase == CLOSING) {
        connection_hang_up(c);
        return;
    }
    connection_move(c, LINGERING, http_now(c));
    shutdown(c->fd, SHUT_WR);
    connection_resume(c);
}

static void http_queue_answer(struct connection *c, struct exchange *x)
{
    bool close = c->server->draining || x->request.refused != 0 || c->is_spare;
    struct MHD_Response *response = exchange_as_response(x, close);
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
    room_hold_anyway(x, len);
    http_queue_answer(c, x);
    connection_resume(c); /* else libmicrohttpd runs, and goes on with the answer */
}

/* ---- requests ---- */

void http_refuse(struct exchange *x, int status)
{
    x->request.refused = status;
    x->connection->server->config.on_request(x->connection->server->config.ctx, &x->request);
}

static void ask_handler(struct exchange *x)
{
    const struct http_config *config = &x->connection->server->config;
    x->is_asked = true;
    if (config->on_headers)
        config->on_headers(config->ctx, &x->request);
    else
        http_go_on(&x->request);
}

void http_go_on(struct http_request *request)
{
    struct exchange *x = exchange_of(request);
    const struct http_config *config = &x->connection->server->config;
    x->is_admitted = true;
    if (x->is_whole)
        config->on_request(config->ctx, request);
    else if (x->announced > x->body_limit)
        http_refuse(x, 413);
    else
        connection_resume(x->connection);
}

/* A request without a body is asked about when it is whole, which is next: an answer to it can be
 * queued then, and leaves the connection usable. */
static enum MHD_Result request_begin(struct connection *c, struct exchange *x, const char *method, const char *version)
{
    const struct http_config *config = &c->server->config;
    exchange_set_method(x, method);
    x->request.is_spare = c->is_spare;
    int refused = config->admit ? config->admit(config->ctx, &x->request) : 0;
    int malformed = exchange_check_framing(x, c->mhd, version);
    x->can_queue = !x->has_body; /* until the body is there: an answer now would close the connection */
    x->body_limit = config->body_limit(config->ctx, &x->request);
    if (x->has_body)
        connection_read_on(c, RECEIVING, x->request.started);
    if (refused || malformed)
        http_refuse(x, refused ? refused : malformed);
    else if (x->has_body)
        ask_handler(x);
    return MHD_YES;
}

static void request_suspend(struct connection *c, struct exchange *x)
{
    MHD_suspend_connection(c->mhd);
    x->suspended = true;
}

static enum MHD_Result request_take_body(struct connection *c, struct exchange *x, const char *data, size_t *len)
{
    size_t n = *len;
    if (!x->is_admitted) { /* libmicrohttpd keeps the piece, and reads no more */
        request_suspend(c, x);
        return MHD_YES;
    }
    *len = 0;
    if (n > x->body_limit - x->request.body_len)
        http_refuse(x, 413);
    else if (!room_hold(x, exchange_body_growth(x, n)) && !x->status)
        http_refuse(x, 503);
    if (!x->status)
        exchange_add_body(x, data, n);
    return MHD_YES;
}

static enum MHD_Result request_work(struct connection *c, struct exchange *x)
{
    const struct http_config *config = &c->server->config;
    x->can_queue = x->is_whole = true;
    connection_move(c, WORKING, x->request.started);
    if (!x->is_asked)
        ask_handler(x);
    else if (x->is_admitted)
        config->on_request(config->ctx, &x->request);
    if (!x->status)
        request_suspend(c, x);
    return MHD_YES;
}

/* Of an answered request the rest is thrown away, as long as it comes and isn't endless. */
static enum MHD_Result request_linger(struct exchange *x, size_t *data_len)
{
    enum { MOST = 8 << 20 };
    bool is_over = *data_len == 0 || x->thrown_away > MOST;
    x->thrown_away += *data_len;
    *data_len = 0;
    return is_over ? MHD_NO : MHD_YES;
}

enum MHD_Result on_access(void *ctx, struct MHD_Connection *mhd, const char *url, const char *method,
                          const char *version, const char *data, size_t *data_len, void **request_ctx)
{
    (void)ctx, (void)mhd, (void)url;
    struct connection *c = *request_ctx;
    struct exchange *x = c->exchange;
    if (c->server->stopping || c->place.phase == CLOSING)
        return MHD_NO;
    if (c->place.phase == LINGERING)
        return request_linger(x, data_len);
    if (!x->request.method_text)
        return request_begin(c, x, method, version);
    if (x->status) {
        *data_len = 0;
        return MHD_YES;
    }
    if (*data_len > 0)
        return request_take_body(c, x, data, data_len);
    return request_work(c, x);
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
void *on_uri(void *ctx, const char *uri, struct MHD_Connection *mhd)
{
    (void)ctx;
    struct connection *c = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
    struct http_server *server = c->server;
    uint64_t started = clock_ns(); /* a duration counts from here: loop_now has whole milliseconds */
    c->exchange = exchange_new(server->loop, uri, started, started + server->limit_ns[WORKING]);
    c->exchange->connection = c;
    c->exchange->mhd = mhd;
    connection_read_on(c, READING, started);
    hide_query(uri);
    return c;
}

void connection_end_exchange(struct connection *c, bool was_known)
{
    struct exchange *x = c->exchange;
    c->exchange = NULL;
    if (!x)
        return;
    if (was_known)
        c->server->config.on_end(c->server->config.ctx, &x->request, x->sent);
    room_let_go(x);
    arena_free(x->request.arena);
}

void on_completed(void *ctx, struct MHD_Connection *mhd, void **request_ctx, enum MHD_RequestTerminationCode how)
{
    (void)ctx, (void)mhd;
    struct connection *c = *request_ctx;
    if (how == MHD_REQUEST_TERMINATED_COMPLETED_OK && c->exchange)
        c->exchange->sent = true;
    connection_end_exchange(c, true);
    if (c->server->draining || c->is_spare)
        connection_hang_up(c);
    else if (c->place.phase != CLOSING && c->place.phase != LINGERING)
        connection_move(c, IDLE, http_now(c));
}
