/* A set of UUIDs, each until a time: small, as it may have millions. It knows an id by 64 bits
 * mixed from all of it: of a million random ids it takes one in 18 million millions for another.
 * Twelve bytes a place, and up to three places of four are taken. Times are seconds since 1970.
 */
#ifndef PW_DOMAIN_ID_SET_H
#define PW_DOMAIN_ID_SET_H

#include "base/uuid.h"

struct id_set;

struct id_set *id_set_new(void);   /* empty */
void id_set_free(struct id_set *); /* NULL is fine */

/* The bits by which an id is known, its letters in either case; never 0. `id` is a valid UUID. */
uint64_t id_set_key(const char id[static UUID_SIZE]);

/* Adds an id. One that is there already stays until the later of both times. */
void id_set_add(struct id_set *, uint64_t key, uint32_t until_s);
bool id_set_has(const struct id_set *, uint64_t key);
/* Drops those whose time is over, and gives back the room. */
void id_set_forget(struct id_set *, uint32_t now_s);
size_t id_set_count(const struct id_set *);

#endif
