#include <string.h>

#include "sys/http/connection.h"

static const struct http_config *config_of(const struct exchange *x)
{
    return &x->connection->server->config;
}

const char *http_peer(const struct http_request *request)
{
    const struct exchange *x = (const struct exchange *)(const void *)request;
    return peer_text(arena_alloc(request->arena, PEER_SIZE), &x->connection->peer.any);
}

/* ---- answers ---- */

/* It is sent in the connection's turn, when the handler has done with the request. */
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
    x->is_last = x->is_last || !x->is_whole || request->refused || !x->head.keeps_alive || c->is_spare;
    room_hold_anyway(x, len);
    connection_go_on(c);
}

/* ---- requests ---- */

void http_refuse(struct exchange *x, int status)
{
    x->request.refused = status;
    config_of(x)->on_request(config_of(x)->ctx, &x->request);
}

static void ask_handler(struct exchange *x)
{
    const struct http_config *config = config_of(x);
    if (config->on_headers)
        config->on_headers(config->ctx, &x->request);
    else
        http_go_on(&x->request);
}

static void request_work(struct exchange *x)
{
    connection_move(x->connection, WORKING, x->request.started);
    config_of(x)->on_request(config_of(x)->ctx, &x->request);
}

void http_go_on(struct http_request *request)
{
    struct exchange *x = exchange_of(request);
    x->is_admitted = true;
    if (x->is_whole)
        request_work(x);
    else if (x->head.length > x->body_limit)
        http_refuse(x, 413);
    else
        connection_go_on(x->connection);
}

static void begin_phase(struct connection *c, const struct exchange *x, bool is_malformed)
{
    if (x->is_whole || is_malformed)
        connection_move(c, WORKING, x->request.started);
    else if (!c->is_spare) /* they keep their first phase until the request is whole */
        connection_move(c, RECEIVING, c->began);
}

void request_begin(struct connection *c, const char *head, size_t len, int refused)
{
    struct http_server *server = c->server;
    const struct http_config *config = &server->config;
    struct exchange *x = c->exchange = exchange_new(c, server->loop, head, len);
    int malformed = refused ? refused : x->request.refused;
    x->request.deadline = x->request.started + server->limit_ns[WORKING];
    x->request.is_spare = c->is_spare;
    begin_phase(c, x, malformed != 0);
    int not_admitted = config->admit ? config->admit(config->ctx, &x->request) : 0;
    x->body_limit = config->body_limit(config->ctx, &x->request);
    if (not_admitted || malformed)
        http_refuse(x, not_admitted ? not_admitted : malformed);
    else
        ask_handler(x);
}

static void request_is_whole(struct exchange *x)
{
    x->is_whole = true;
    request_work(x);
}

static bool take_piece(struct exchange *x, const char *data, size_t len)
{
    if (len > x->body_limit - x->request.body_len)
        http_refuse(x, 413);
    else if (!room_hold(x, exchange_body_growth(x, len)) && !x->status)
        http_refuse(x, 503);
    if (x->status)
        return false;
    exchange_add_body(x, data, len);
    return true;
}

static size_t take_chunks(struct exchange *x, const char *bytes, size_t len)
{
    const char *at = bytes, *data;
    size_t piece;
    enum chunks_found found;
    while ((found = chunks_read(&x->chunks, &at, bytes + len, &data, &piece)) == CHUNKS_DATA)
        if (!take_piece(x, data, piece))
            return len;
    if (found == CHUNKS_BROKEN)
        http_refuse(x, 400);
    else if (chunks_announced(&x->chunks) > x->body_limit - x->request.body_len)
        http_refuse(x, 413);
    else if (found == CHUNKS_WHOLE)
        request_is_whole(x);
    return (size_t)(at - bytes);
}

size_t request_take_body(struct connection *c, const char *bytes, size_t len)
{
    struct exchange *x = c->exchange;
    if (x->head.is_chunked)
        return take_chunks(x, bytes, len);
    size_t piece = MIN(len, (size_t)x->head.length - x->request.body_len);
    if (take_piece(x, bytes, piece) && x->request.body_len == x->head.length)
        request_is_whole(x);
    return piece;
}

void request_end(struct connection *c)
{
    struct exchange *x = c->exchange;
    c->exchange = NULL;
    if (!x)
        return;
    c->server->config.on_end(c->server->config.ctx, &x->request, x->is_sent);
    room_let_go(x, x->held);
    arena_free(x->request.arena);
}
