#include <sys/socket.h>

#include "base/clock.h"
#include "sys/http/connection.h"
#include "sys/http/crowd.h"

/* A connection that stands still for so long may have to go. Who is served is faster than that. */
enum { STILL_MS = 1000 };

/* The oldest of the phase where it has stood still, else NULL. */
static struct connection *oldest_still(const struct http_server *server, enum phase phase)
{
    struct phased *oldest = server->phases.oldest[phase];
    bool is_still = oldest && loop_now(server->loop) >= oldest->since + STILL_MS * NS_PER_MS;
    return is_still ? connection_of(oldest) : NULL;
}

/* ---- connections ---- */

static bool is_capped(const struct http_config *config, const struct sockaddr *peer)
{
    char text[PEER_SIZE];
    return config->connections_per_address > 0 &&
           !(config->is_exempt && config->is_exempt(config->ctx, peer_text(text, peer)));
}

static bool may_have_more(const struct http_config *config, const struct sockaddr *peer)
{
    return !is_capped(config, peer) || crowd_has_room(peer, config->connections_per_address);
}

static bool is_full(const struct http_server *server)
{
    return server->served >= server->config.connection_limit;
}

/* Ends the connection that is missed least: one between requests, else one that stands still. */
static bool end_one(struct http_server *server)
{
    static const enum phase still[] = {LINGERING, OPENING, READING, RECEIVING, WRITING};
    struct phased *idle = server->phases.oldest[IDLE];
    struct connection *c = idle ? connection_of(idle) : NULL;
    for (size_t i = 0; !c && i < COUNT(still); i++)
        c = oldest_still(server, still[i]);
    if (c)
        connection_hang_up(c);
    return c != NULL;
}

/* Where all spare connections are taken, the oldest that hasn't said what it wants makes room. A
 * check of health needs its place for a moment. */
static bool has_spare(struct http_server *server)
{
    struct phased *oldest = server->phases.oldest[SPARE];
    if (server->spares < HTTP_SPARES)
        return true;
    if (oldest)
        connection_hang_up(connection_of(oldest));
    return oldest != NULL;
}

/* Clients that have all they may have leave half of the spare connections to others. */
bool room_admits(struct http_server *server, const struct sockaddr *peer)
{
    bool is_over = !may_have_more(&server->config, peer);
    if (is_over && server->spares_over_address >= HTTP_SPARES / 2)
        return false;
    bool needs_spare = is_over || (is_full(server) && !end_one(server));
    return !needs_spare || has_spare(server);
}

static void count_place(const struct connection *c, int step)
{
    c->server->served += c->is_spare ? 0 : step;
    c->server->spares += c->is_spare ? step : 0;
    c->server->spares_over_address += c->is_over_address ? step : 0;
}

void room_enter(struct connection *c)
{
    struct http_server *server = c->server;
    const struct http_config *config = &server->config;
    const struct sockaddr *peer = &c->peer.any;
    bool capped = is_capped(config, peer);
    c->is_counted = capped && crowd_enter(peer, config->connections_per_address);
    c->is_over_address = capped && !c->is_counted;
    c->is_spare = c->is_over_address || is_full(server);
    c->has_place = true;
    count_place(c, +1);
    phases_enter(&server->phases, &c->place, c->is_spare ? SPARE : OPENING, loop_now(server->loop));
}

/* At the hang-up, as it is closed in this turn or the next. */
void room_give_up(struct connection *c)
{
    if (c->has_place)
        count_place(c, -1);
    c->has_place = false;
}

void room_leave_crowd(struct connection *c)
{
    if (c->is_counted)
        crowd_leave(&c->peer.any);
    c->is_counted = false;
}

void room_leave(struct connection *c)
{
    phases_leave(&c->server->phases, &c->place);
    room_give_up(c);
    room_leave_crowd(c);
}

/* ---- memory ---- */

/* An answer that isn't read ends, else a body that doesn't come. Its memory is free in this turn or
 * the next. */
static bool end_slowest(struct http_server *server)
{
    struct connection *writing = oldest_still(server, WRITING), *receiving = oldest_still(server, RECEIVING);
    struct connection *c = writing ? writing : receiving;
    if (!c)
        return false;
    room_let_go(c->exchange, c->exchange->held);
    if (writing)
        connection_hang_up(c);
    else
        http_refuse(c->exchange, 503);
    return true;
}

static void make_memory(struct http_server *server, size_t more)
{
    while (server->held + more > server->config.memory_limit && end_slowest(server))
        ;
}

void room_make(struct http_server *server)
{
    make_memory(server, 0);
}

void room_hold_anyway(struct exchange *x, size_t more)
{
    struct http_server *server = x->connection->server;
    make_memory(server, more);
    x->held += more;
    server->held += more;
}

bool room_hold(struct exchange *x, size_t more)
{
    struct http_server *server = x->connection->server;
    make_memory(server, more);
    if (server->held + more > server->config.memory_limit)
        return false;
    x->held += more;
    server->held += more;
    return true;
}

void room_let_go(struct exchange *x, size_t less)
{
    size_t held = MIN(less, x->held); /* where it had to go, all of it is let go before its end */
    x->connection->server->held -= held;
    x->held -= held;
}
