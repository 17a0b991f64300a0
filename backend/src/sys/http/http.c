#include "sys/http/http.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "sys/http/connection.h"

enum { SWEEP_EVERY_MS = 100, SPARE_MS = 1000, LINGER_MS = 5000, LAST_MOMENT_MS = 500 };

/* ---- deadlines ---- */

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
    if (server->watch)
        fd_watch_set(server->watch, WATCH_READ);
    if (http_connections(server) > 0)
        timer_set(server->sweep, SWEEP_EVERY_MS);
}

/* ---- connections ---- */

static void http_take(struct http_server *server, int fd, const struct sockaddr *peer)
{
    if (room_admits(server, peer))
        connection_new(server, fd, peer);
    else
        close(fd);
}

/* Whether there may be more. Where descriptors or memory are used up, the listener would be ready
 * for ever: it waits for the next sweep. */
static bool accept_one(struct http_server *server)
{
    struct sockaddr_in6 peer; /* has room for an IPv4 one */
    socklen_t size = sizeof peer;
    int fd = accept4(server->listen_fd, (struct sockaddr *)&peer, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0)
        http_take(server, fd, (const struct sockaddr *)&peer);
    else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
        fd_watch_set(server->watch, 0);
    return fd >= 0 || errno == ECONNABORTED || errno == EINTR;
}

static void on_listener(void *ctx, int ready)
{
    enum { AT_ONCE = 64 }; /* then others have their turn */
    (void)ready;
    struct http_server *server = ctx;
    for (int i = 0; i < AT_ONCE && accept_one(server); i++)
        ;
    if (!timer_is_set(server->sweep))
        timer_set(server->sweep, SWEEP_EVERY_MS);
}

/* Once per turn, when all results of the turn are answered: so that what is read now can be sent
 * to Postgres together. Who becomes ready meanwhile has the next turn. */
static void http_turn(void *ctx)
{
    struct http_server *server = ctx;
    struct connection *last = TAILQ_LAST(&server->ready, ready), *c;
    do {
        c = TAILQ_FIRST(&server->ready);
        if (!c)
            return;
        TAILQ_REMOVE(&server->ready, c, turn);
        c->is_ready = false;
        bool is_last = c == last;
        connection_take_turn(c);
        if (is_last)
            return;
    } while (true);
}

/* ---- its life ---- */

struct http_server *http_start(struct loop *loop, const struct http_config *config)
{
    struct http_server *server = must_calloc(1, sizeof *server);
    server->loop = loop;
    server->config = *config;
    server->listen_fd = config->listen_fd;
    TAILQ_INIT(&server->ready);
    server->limit_ns[OPENING] = server->limit_ns[READING] = server->limit_ns[RECEIVING] =
        config->read_timeout_ms * NS_PER_MS;
    server->limit_ns[SPARE] = MIN(config->read_timeout_ms, (uint64_t)SPARE_MS) * NS_PER_MS;
    server->limit_ns[LINGERING] = LINGER_MS * NS_PER_MS;
    server->limit_ns[WORKING] = config->request_timeout_ms * NS_PER_MS;
    server->limit_ns[WRITING] = config->write_timeout_ms * NS_PER_MS;
    server->limit_ns[STREAMING] = UINT64_MAX / 2; /* its handler knows when it ends */
    server->limit_ns[IDLE] = config->idle_timeout_ms * NS_PER_MS;
    server->sweep = timer_new(loop, http_sweep, server);
    server->watch = fd_watch_new(loop, config->listen_fd, on_listener, server);
    fd_watch_set(server->watch, WATCH_READ);
    loop_each_turn(loop, TURN_ANSWER, http_turn, server);
    return server;
}

void http_leave(struct http_server *server)
{
    server->leaving = true;
}

static bool has_bytes(const struct connection *c)
{
    char byte;
    return recv(c->fd, &byte, sizeof byte, MSG_PEEK | MSG_DONTWAIT) > 0;
}

/* But those whose request is there, and only wasn't read yet. */
static void hang_up_idle(struct http_server *server)
{
    for (struct phased *p = server->phases.oldest[IDLE], *next; p; p = next) {
        next = p->next;
        if (!has_bytes(connection_of(p)))
            connection_hang_up(connection_of(p));
    }
}

/* The kernel resets what waits in a listener that closes. */
static void close_listener(struct http_server *server)
{
    enum { MOST = 65536 }; /* more than any listener's queue: who connects for ever is left */
    for (int i = 0; i < MOST && accept_one(server); i++)
        ;
    if (!timer_is_set(server->sweep))
        timer_set(server->sweep, SWEEP_EVERY_MS);
    fd_watch_free(server->watch);
    server->watch = NULL;
    close(server->listen_fd);
}

/* The first request of a connection that was just made is on its way. */
void http_drain(struct http_server *server)
{
    static const enum phase hurried[] = {OPENING, IDLE, LINGERING};
    if (server->draining)
        return;
    server->leaving = server->draining = true;
    close_listener(server);
    hang_up_idle(server);
    for (size_t i = 0; i < COUNT(hurried); i++)
        server->limit_ns[hurried[i]] = MIN(server->limit_ns[hurried[i]], LAST_MOMENT_MS * NS_PER_MS);
}

int http_connections(const struct http_server *server)
{
    return phases_count(&server->phases);
}

void http_stop(struct http_server *server)
{
    http_drain(server);
    for (enum phase phase = OPENING; phase < PHASES; phase++)
        while (server->phases.oldest[phase])
            connection_free(connection_of(server->phases.oldest[phase]));
    timer_free(server->sweep);
    free(server);
}
