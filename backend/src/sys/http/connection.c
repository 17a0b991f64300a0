#include "sys/http/connection.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sys/http/crowd.h"

/* Bytes that are read ahead of a request that is still being answered. */
enum { KEPT_MAX = HEAD_SIZE_MAX };

struct connection *connection_of(struct phased *place)
{
    return (struct connection *)(void *)place;
}

static uint64_t http_now(const struct connection *c)
{
    return loop_now(c->server->loop);
}

void connection_move(struct connection *c, enum phase phase, uint64_t since)
{
    phases_move(&c->server->phases, &c->place, phase, since);
}

void connection_go_on(struct connection *c)
{
    if (c->is_ready)
        return;
    c->is_ready = true;
    TAILQ_INSERT_TAIL(&c->server->ready, c, turn);
    loop_again(c->server->loop);
}

void connection_hang_up(struct connection *c)
{
    if (c->place.phase == CLOSING)
        return;
    connection_move(c, CLOSING, http_now(c));
    room_give_up(c);
    shutdown(c->fd, SHUT_RDWR);
    fd_watch_set(c->watch, 0);
    connection_go_on(c);
}

/* ---- bytes that wait ---- */

static size_t kept_load(const struct connection *c)
{
    if (c->kept.len > 0)
        memcpy(c->server->window, c->kept.bytes, c->kept.len);
    return c->kept.len;
}

static void kept_store(struct connection *c, const char *bytes, size_t len)
{
    if (len > 0)
        memcpy(c->kept.bytes = must_realloc(c->kept.bytes, len), bytes, len);
    else
        free(c->kept.bytes), c->kept.bytes = NULL;
    c->kept.len = len;
}

/* ---- answers ---- */

/* RFC 9110, section 5.6.7 */
static const char *http_date(struct http_server *server)
{
    time_t now = time(NULL);
    struct tm utc;
    if (server->date_s != now && gmtime_r(&now, &utc)) {
        strftime(server->date, sizeof server->date, "%a, %d %b %Y %H:%M:%S GMT", &utc);
        server->date_s = now;
    }
    return server->date;
}

/* Closing at once would reset the connection where the client still sends, and it might not see the
 * answer (RFC 9112, section 9.6). So what comes is thrown away for a moment. */
static void connection_end(struct connection *c, bool may_send_more)
{
    if (c->has_ended || c->is_spare || !may_send_more) {
        connection_hang_up(c);
        return;
    }
    connection_move(c, LINGERING, http_now(c));
    shutdown(c->fd, SHUT_WR);
}

/* Whether all that there is was sent. Where it can't be sent, the connection is hung up. */
static bool send_rest(struct connection *c, struct exchange *x)
{
    struct iovec pieces[2];
    struct msghdr message = {.msg_iov = pieces};
    while ((message.msg_iovlen = (size_t)exchange_left(x, pieces)) > 0) {
        ssize_t sent = sendmsg(c->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0)
            x->sent += (size_t)sent;
        else if (errno == EAGAIN || errno == EWOULDBLOCK)
            return false;
        else if (errno != EINTR) {
            connection_hang_up(c);
            return false;
        }
    }
    return true;
}

/* Whether it was sent whole, so that the connection goes on with what else has come. */
static bool send_answer(struct connection *c, struct exchange *x, bool has_more)
{
    if (!x->head_out.text) {
        x->is_last |= c->server->leaving;
        exchange_begin_answer(x, http_date(c->server));
        connection_move(c, WRITING, http_now(c));
    }
    if (!send_rest(c, x))
        return false;
    if (x->stream.is_open) {
        stream_rest(x);
        return false;
    }
    bool is_last = x->is_last || (x->stream.has_begun && c->server->draining),
         may_send_more = has_more || x->request.refused || !x->is_whole || c->server->leaving;
    x->is_sent = true;
    request_end(c);
    if (is_last)
        connection_end(c, may_send_more);
    else
        connection_move(c, IDLE, http_now(c));
    return true;
}

/* ---- requests ---- */

/* Of an answered request the rest is thrown away, as long as it comes and isn't endless. */
static void throw_away(struct connection *c, size_t len)
{
    enum { MOST = 8 << 20 };
    c->thrown_away += len;
    if (c->has_ended || c->thrown_away > MOST)
        connection_hang_up(c);
}

static size_t empty_lines(const char *bytes, size_t len)
{
    size_t at = 0;
    while (at + 1 < len && bytes[at] == '\r' && bytes[at + 1] == '\n')
        at += 2;
    return at;
}

static void go_ahead(struct connection *c, struct exchange *x)
{
    static const char text[] = "HTTP/1.1 100 Continue\r\n\r\n";
    if (!x->head.waits_for_go_ahead || x->request.body_len > 0)
        return;
    x->head.waits_for_go_ahead = false;
    if (send(c->fd, text, sizeof text - 1, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)sizeof text - 1)
        connection_hang_up(c);
}

/* What is there to read, and how much of it was used. */
struct reading {
    const char *bytes;
    size_t len, used;
};

static bool read_body(struct connection *c, struct reading *r)
{
    if (r->used < r->len) {
        r->used += request_take_body(c, r->bytes + r->used, r->len - r->used);
        return true;
    }
    if (c->has_ended)
        connection_hang_up(c);
    else
        go_ahead(c, c->exchange);
    return false;
}

static void begin_reading(struct connection *c)
{
    if (c->place.phase != OPENING && c->place.phase != IDLE)
        return; /* it reads already, or is a spare one */
    c->began = http_now(c);
    connection_move(c, READING, c->began);
}

/* Nothing that follows is a request. */
static bool refuse_head(struct connection *c, struct reading *r, int status)
{
    const char *head = r->bytes + r->used;
    size_t len = MIN(r->len - r->used, (size_t)HEAD_SIZE_MAX);
    r->used = r->len;
    request_begin(c, head, len, status);
    return true;
}

static bool read_head(struct connection *c, struct reading *r)
{
    if (c->scan.at == 0)
        r->used += empty_lines(r->bytes + r->used, r->len - r->used);
    const char *head = r->bytes + r->used;
    size_t len = r->len - r->used;
    bool has_begun = len > 1 || (len == 1 && *head != '\r'); /* that may be another empty line */
    if (has_begun)
        begin_reading(c);
    switch (!has_begun ? HEAD_MORE : head_scan(&c->scan, head, MIN(len, (size_t)HEAD_SIZE_MAX))) {
    case HEAD_WHOLE:
        r->used += c->scan.at;
        request_begin(c, head, c->scan.at, 0);
        c->scan = (struct head_scan){0};
        return true;
    case HEAD_BROKEN: return refuse_head(c, r, 400);
    case HEAD_MORE: break;
    }
    if (len >= HEAD_SIZE_MAX)
        return refuse_head(c, r, c->scan.line == 0 ? 414 : 431);
    if (c->has_ended)
        connection_hang_up(c);
    return false;
}

/* Whether something was done, so that there may be more to do. */
static bool connection_step(struct connection *c, struct reading *r)
{
    struct exchange *x = c->exchange;
    if (c->place.phase == CLOSING || c->place.phase == LINGERING) {
        throw_away(c, r->len - r->used);
        r->used = r->len;
        return false;
    }
    if (!x)
        return read_head(c, r);
    if (x->stream.is_open && (c->has_ended || x->is_last)) {
        throw_away(c, r->len - r->used); /* nothing of it will be answered */
        r->used = r->len;
    }
    if (c->place.phase == CLOSING)
        return false;
    if (x->status)
        return send_answer(c, x, r->used < r->len);
    return !x->is_whole && x->is_admitted && read_body(c, r);
}

/* It reads on, unless it has bytes enough that it can't use yet. */
static void connection_watch(struct connection *c)
{
    bool is_sending = c->place.phase == WRITING, reads = !c->has_ended && c->kept.len < KEPT_MAX;
    if (c->place.phase != CLOSING)
        fd_watch_set(c->watch, (reads ? WATCH_READ : 0) | (is_sending ? WATCH_WRITE : 0));
}

/* Goes on with the first `len` bytes of the window, for some requests; others wait, too. */
static void connection_advance(struct connection *c, size_t len)
{
    enum { STEPS = 64 };
    struct reading r = {.bytes = c->server->window, .len = len};
    int steps = 0;
    while (steps < STEPS && connection_step(c, &r))
        steps++;
    kept_store(c, r.bytes + r.used, r.len - r.used);
    if (steps == STEPS)
        connection_go_on(c);
    connection_watch(c);
}

/* ---- what the loop tells ---- */

static bool uses_what_comes(const struct connection *c)
{
    const struct exchange *x = c->exchange;
    return !x || (x->is_admitted && !x->is_whole && !x->status);
}

static void connection_read(struct connection *c)
{
    size_t had = kept_load(c), most = uses_what_comes(c) ? HTTP_WINDOW : KEPT_MAX;
    ssize_t n = had < most ? recv(c->fd, c->server->window + had, most - had, MSG_DONTWAIT) : 0;
    if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
        connection_hang_up(c);
        return;
    }
    c->has_ended = n == 0 && had < most;
    connection_advance(c, had + (size_t)MAX(n, 0));
}

static void on_ready(void *ctx, int ready)
{
    struct connection *c = ctx;
    if (c->place.phase == CLOSING)
        return;
    if (ready & WATCH_READ && !c->has_ended)
        connection_read(c);
    else
        connection_advance(c, kept_load(c));
}

void connection_take_turn(struct connection *c)
{
    if (c->place.phase == CLOSING)
        connection_free(c);
    else
        connection_advance(c, kept_load(c));
}

void connection_expire(struct connection *c)
{
    switch (c->place.phase) {
    case READING:
        request_begin(c, c->kept.bytes ? c->kept.bytes : "", c->kept.len, 408);
        kept_store(c, NULL, 0);
        return;
    case RECEIVING:
        if (!c->exchange->status)
            http_refuse(c->exchange, 408);
        return;
    case WORKING: c->server->config.on_deadline(c->server->config.ctx, &c->exchange->request); return;
    case OPENING:
    case SPARE:
    case WRITING:
    case STREAMING:
    case IDLE:
    case LINGERING: connection_hang_up(c); return;
    case CLOSING:
    case PHASES: return;
    }
}

/* ---- its life ---- */

struct connection *connection_new(struct http_server *server, int fd, const struct sockaddr *peer)
{
    struct connection *c = must_calloc(1, sizeof *c);
    c->server = server;
    c->fd = fd;
    if (peer->sa_family == AF_INET6)
        c->peer.ipv6 = *(const struct sockaddr_in6 *)(const void *)peer;
    else
        c->peer.ipv4 = *(const struct sockaddr_in *)(const void *)peer;
    c->watch = fd_watch_new(server->loop, fd, on_ready, c);
    room_enter(c);
    connection_watch(c);
    return c;
}

void connection_free(struct connection *c)
{
    request_end(c);
    if (c->is_ready)
        TAILQ_REMOVE(&c->server->ready, c, turn);
    room_leave(c);
    fd_watch_free(c->watch);
    close(c->fd);
    free(c->kept.bytes);
    free(c);
}

const char *peer_text(char out[static PEER_SIZE], const struct sockaddr *address)
{
    const void *bytes = &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
    if (address->sa_family == AF_INET)
        bytes = &((const struct sockaddr_in *)(const void *)address)->sin_addr;
    if (!inet_ntop(address->sa_family, bytes, out, PEER_SIZE))
        return "";
    static const char mapped[] = "::ffff:"; /* an IPv4 peer on the dual socket */
    bool is_mapped = strncmp(out, mapped, sizeof mapped - 1) == 0 && strchr(out, '.');
    return is_mapped ? out + sizeof mapped - 1 : out;
}
