/* One Postgres connection of an event loop: it connects in the background, reconnects by itself,
 * and reports to its owner. For sys/db/db.c alone. */
#ifndef PW_SYS_DB_LANE_H
#define PW_SYS_DB_LANE_H

#include <libpq-fe.h>

#include "sys/db/db_config.h"

struct lane;

struct lane_owner {
    void (*up)(void *ctx);    /* connected, non-blocking; `lane_conn` may be used */
    void (*input)(void *ctx); /* something was read: results or notifications may be there */
    void (*down)(void *ctx);  /* the connection broke, or could not be made */
    /* the server says something that nobody asked for; NULL: nobody wants to know */
    void (*notice)(void *ctx, const PGresult *notice);
    bool proves; /* calls lane_proved by itself: to be connected says nothing yet */
};

/* The settings under which every statement runs, as "-c name=value -c name=value", no value with a
 * blank: the start options of a direct connection, and the parameter of pooler/begin. */
enum { LANE_SETTINGS_SIZE = 192 };
void lane_settings(char out[static LANE_SETTINGS_SIZE], uint64_t timeout_ms);

/* connects in the background */
struct lane *lane_open(struct loop *, const struct db_config *, const struct lane_owner *, void *ctx);
void lane_close(struct lane *); /* no callback comes any more */

PGconn *lane_conn(const struct lane *); /* NULL unless up */
/* Whether the server said so; behind a pooler nobody does. */
bool lane_is_on(const struct lane *, enum server_role);
/* fit for clients: no part of the URL, no text of the server */
const char *lane_why_down(const struct lane *);
/* up, or in the first attempt of its life: calls may wait for it */
bool lane_is_hopeful(const struct lane *);
/* sends what libpq holds; what the socket doesn't take goes later */
void lane_flush(struct lane *);
void lane_proved(struct lane *); /* the server answered: an outage, if there was one, is over */
/* ends an unusable connection: calls `down`, then connects again */
void lane_break(struct lane *, const char *why);
/* The same for one that works and leads to the wrong server, as the database is read-only there:
 * no outage of the connection. Other servers of the URL come first. */
void lane_renew(struct lane *);
/* The same for one whose server has owed an answer since then: other servers come first, and
 * others' connections to it learn of it. */
void lane_leave_silent(struct lane *, const char *why, uint64_t since);
/* Once in a while: leaves a server that was found silent by another connection, and wasn't heard of
 * since. */
void lane_check(struct lane *);
bool lane_has_others(const struct lane *); /* servers to go to */

#endif
