/* What a migration that isn't recorded as applied has left in the database all the same: its row
 * was lost, somebody made a part of it by hand, or its build of an index was cut off. */
#ifndef PW_SERVICE_MIGRATE_TRACE_H
#define PW_SERVICE_MIGRATE_TRACE_H

#include "base/arena.h"

struct session;
struct migration;

struct migrate_trace {
    enum { LEFT_NOTHING, LEFT_PART, LEFT_ALL } left;
    const char *there, *missing; /* of LEFT_PART: the first of each, "column posts.excerpt" */
};

/* Nothing is left, as far as anybody can tell, of one that isn't built in: it is to be applied. */
bool migrate_find_trace(struct session *, struct arena *, const struct migration *, struct migrate_trace *,
                        struct err *err) MUST_CHECK;

/* Drops the invalid indexes of the migration's name. One that a session builds at this moment is an
 * error. Outside a transaction. */
bool migrate_drop_unfinished(struct session *, struct arena *, const struct migration *, struct err *err) MUST_CHECK;

#endif
