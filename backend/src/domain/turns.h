/* A bounded line of waiting things that clients share: each client's are taken in the order in
 * which they came, and clients take turns, however many things one of them has.
 *
 * When the line is full, who has fewer things in it than another takes a place from whoever has
 * most. So one client alone may fill it, and none can keep others out. Pure; not for several
 * threads at a time.
 */
#ifndef PW_DOMAIN_TURNS_H
#define PW_DOMAIN_TURNS_H

#include <sys/queue.h>

#include "base/base.h"

struct turn_client;

struct turn { /* part of what waits; the line's own */
    TAILQ_ENTRY(turn) turns;
    struct turn_client *client; /* NULL: it doesn't wait */
};

struct turns;

struct turns *turns_new(int limit); /* at most so many wait */
void turns_free(struct turns *);    /* nothing waits any more */

/* Adds what `client` (a name, copied) waits for. Returns what must not wait any longer for it:
 * NULL, the new one itself, or another client's latest. */
struct turn *turns_add(struct turns *, struct turn *, const char *client);

/* Whether turns_add would give the new one back: the line is full, and no other client has more. */
bool turns_are_full_for(const struct turns *, const char *client);

/* Takes the next one, or NULL where nothing waits. */
struct turn *turns_take(struct turns *);

#endif
