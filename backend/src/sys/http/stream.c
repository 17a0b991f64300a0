#include "sys/http/stream.h"

#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "sys/http/connection.h"
#include "sys/http/crowd.h"

static const char last_chunk[] = "0\r\n\r\n";

enum { CHUNK_SIZE_MAX = 20 }; /* its size, and the line ends around it */

/* ---- bytes that wait ---- */

static void free_waiting(void *ctx)
{
    struct exchange *x = ctx;
    free(x->stream.waiting);
}

/* Once the head is sent, what was sent of the bytes makes room for others. */
static void forget_sent(struct exchange *x)
{
    size_t head = x->head_out.len;
    if (!x->head_out.text || x->sent <= head)
        return;
    size_t done = x->sent - head;
    memmove(x->stream.waiting, x->stream.waiting + done, x->body_len - done);
    x->body_len -= done;
    x->sent = head;
}

/* Room for `more` bytes. It doubles, so that it seldom grows. */
static bool stream_grow(struct exchange *x, size_t more)
{
    enum { FIRST_SIZE = 512 };
    size_t need = x->body_len + more, size = MAX(MAX(x->stream.size * 2, need), (size_t)FIRST_SIZE);
    if (need <= x->stream.size)
        return true;
    if (!room_hold(x, size - x->stream.size) || x->connection->place.phase == CLOSING)
        return false;
    if (!x->stream.is_freed_at_end)
        arena_defer(x->request.arena, free_waiting, x);
    x->stream.is_freed_at_end = true;
    x->body = x->stream.waiting = must_realloc(x->stream.waiting, x->stream.size = size);
    return true;
}

static void stream_append(struct exchange *x, const char *bytes, size_t len)
{
    memcpy(x->stream.waiting + x->body_len, bytes, len);
    x->body_len += len;
}

void stream_rest(struct exchange *x)
{
    struct connection *c = x->connection;
    connection_move(c, STREAMING, loop_now(c->server->loop));
    forget_sent(x);
    free(x->stream.waiting);
    x->stream.waiting = NULL;
    x->body = NULL;
    room_let_go(x, x->stream.size);
    x->stream.size = 0;
}

/* The time that the client has for the bytes counts from the first one that waits. */
static void stream_wake(struct exchange *x)
{
    struct connection *c = x->connection;
    if (c->place.phase == STREAMING)
        connection_move(c, WRITING, loop_now(c->server->loop));
    connection_go_on(c);
}

/* ---- the stream ---- */

bool http_stream_begin(struct http_request *request, int status, const char *content_type)
{
    struct exchange *x = exchange_of(request);
    bool is_head = strcmp(x->head.method, "HEAD") == 0;
    if (!x->status && !is_head)
        x->stream.is_open = x->stream.has_begun = true;
    http_answer(request, status, content_type, NULL, 0);
    x->is_last |= x->head.is_1_0; /* its end is the connection's */
    return x->stream.is_open;
}

void http_stream_for_long(struct http_request *request)
{
    static const unsigned unacknowledged_ms = 60000;
    static const int kernel_bytes = 32 * 1024; /* else it takes megabytes for a client that stops reading */
    struct exchange *x = exchange_of(request);
    x->is_last = true;
    room_leave_crowd(x->connection);
    /* A client that is gone without a word; where it can't be set, the stream's end finds out. */
    (void)setsockopt(x->connection->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unacknowledged_ms, sizeof unacknowledged_ms);
    (void)setsockopt(x->connection->fd, SOL_SOCKET, SO_SNDBUF, &kernel_bytes, sizeof kernel_bytes);
}

static bool can_grow(const struct exchange *x)
{
    return x->stream.is_open && x->connection->place.phase != CLOSING;
}

/* A chunk of its own for each (RFC 9112, section 7.1); HTTP/1.0 has none. */
static void add_chunk(struct exchange *x, const char *bytes, size_t len)
{
    char size[CHUNK_SIZE_MAX];
    if (!x->head.is_1_0)
        stream_append(x, size, (size_t)snprintf(size, sizeof size, "%zx\r\n", len));
    stream_append(x, bytes, len);
    if (!x->head.is_1_0)
        stream_append(x, "\r\n", 2);
    x->stream.added += len;
}

bool http_stream_add(struct http_request *request, const char *bytes, size_t len)
{
    struct exchange *x = exchange_of(request);
    size_t more = len + CHUNK_SIZE_MAX;
    if (!can_grow(x))
        return false;
    forget_sent(x);
    if (x->body_len + more > HTTP_STREAM_WAITING || !stream_grow(x, more))
        return false;
    add_chunk(x, bytes, len);
    stream_wake(x);
    return true;
}

/* Where there is no memory for them, the client sees that the stream was cut. */
void http_stream_end_with(struct http_request *request, const char *bytes, size_t len)
{
    struct exchange *x = exchange_of(request);
    INVARIANT(len <= HTTP_STREAM_LAST_WORDS);
    if (!can_grow(x))
        return;
    forget_sent(x);
    if (!stream_grow(x, len + CHUNK_SIZE_MAX + sizeof last_chunk)) {
        connection_hang_up(x->connection);
        return;
    }
    x->stream.is_open = false;
    if (len > 0)
        add_chunk(x, bytes, len);
    if (!x->head.is_1_0)
        stream_append(x, last_chunk, sizeof last_chunk - 1);
    stream_wake(x);
}

void http_stream_end(struct http_request *request)
{
    http_stream_end_with(request, "", 0);
}

bool http_is_stream(const struct http_request *request)
{
    return ((const struct exchange *)(const void *)request)->stream.has_begun;
}

uint64_t http_stream_bytes(const struct http_request *request)
{
    return ((const struct exchange *)(const void *)request)->stream.added;
}
