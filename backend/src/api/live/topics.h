/* A table of what is watched, by its key. The entries are parts of their owners' structures; not
 * for several threads at a time. */
#ifndef PW_API_LIVE_TOPICS_H
#define PW_API_LIVE_TOPICS_H

#include "api/live/event.h"

struct topic { /* first in its owner's structure */
    struct live_key key;
    struct topic *next;
};

struct topics { /* begins with zeroes */
    struct topic **buckets;
    size_t size, count;
    uint64_t seed; /* so that nobody can choose keys of one bucket */
};

struct topic *topics_find(const struct topics *, const struct live_key *); /* NULL: it isn't there */
void topics_add(struct topics *, struct topic *);                          /* one that isn't there */
void topics_remove(struct topics *, struct topic *);                       /* one that is */
struct topic *topics_any(const struct topics *);                           /* NULL: it is empty */
void topics_free(struct topics *);                                         /* an empty one; it may be filled again */

#endif
