/* Answers that are the same for every visitor, kept in memory for at most a second: one loop's.
 *
 * An answer's age counts from when its request began, as that is before the database was asked. A
 * change that this process makes forgets all answers that were asked for before it, in all its
 * threads. Other processes' changes are seen when the second is over. Shortly before that, one
 * request finds nothing, so that it asks again while the others are still answered.
 *
 * The size is bounded; what was asked for longest ago goes first.
 */
#ifndef PW_API_HTTP_ANSWER_CACHE_H
#define PW_API_HTTP_ANSWER_CACHE_H

#include "base/arena.h"

struct answer_cache;

struct answer_key {
    const void *route; /* by its address */
    const char *id;    /* "" where the path has none */
};

struct cached_answer {
    const char *body, *etag;
    size_t len;
    const char *event_metadata; /* NULL: no event is recorded */
    bool is_gzip;               /* the body; its tag is of that form */
};

struct answer_cache *answer_cache_new(size_t bytes_max); /* an empty one */
/* after the arenas that hold its answers; NULL is fine */
void answer_cache_free(struct answer_cache *);

/* The answer for a request that began at `now` (clock_ns), or NULL. It lives as long as the
 * arena. */
const struct cached_answer *answer_cache_find(struct answer_cache *, struct arena *, struct answer_key, uint64_t now);

/* Keeps a copy of the answer to a request that began at `asked`, in place of an earlier one. */
void answer_cache_keep(struct answer_cache *, struct answer_key, const struct cached_answer *, uint64_t asked);

/* Something that visitors see was changed before `now` (clock_ns): no cache of the process answers
 * with what was asked for earlier. From any thread. */
void answer_caches_forget(uint64_t now);
uint64_t answer_changed_at(void); /* when that was the last time; 0: never */

#endif
