/* What all feeds share, trending battles and the newest templates: one loop's, kept for seconds.
 *
 * Two seconds after it was read it is read anew aside, while requests still use what there is; only
 * after five, or where this process changed something since, does a request wait.
 */
#ifndef PW_API_FEED_SHARED_H
#define PW_API_FEED_SHARED_H

#include "domain/feed.h"
#include "sys/db/db.h"

struct feed_shared {
    struct feed_list trending, templates;
    bool has_more_trending;             /* the list was cut */
    const struct feed_entry *highlight; /* the template that is used most; NULL: there is none */
};

struct feed_keeper;
struct feed_wait;

struct feed_keeper *feed_keeper_open(struct db *); /* has nothing yet */
/* before the database's end, after the arenas of requests; nobody waits any more */
void feed_keeper_close(struct feed_keeper *);

/* What there is, which lives as long as the arena; NULL: it has to be asked for. */
const struct feed_shared *feed_shared_known(struct feed_keeper *, struct arena *);

/* done(ctx, …) runs when the database has answered, from the loop; `shared` lives as long as the
 * arena, and is NULL for any other outcome than DB_OK. */
typedef void feed_done(void *ctx, enum db_outcome, struct db_rows *, const struct feed_shared *shared);
struct feed_wait *feed_shared_ask(struct feed_keeper *, struct arena *, feed_done *done, void *ctx);
void feed_shared_drop(struct feed_wait *); /* done will not come */

/* The rows of feed/public; it lives as long as the arena. */
struct feed_shared feed_shared_read(const struct db_rows *, struct arena *);
/* The entries of a part of battles or templates, each with its JSON. */
struct feed_list feed_entries_read(const struct db_rows *, const char *part, struct arena *);

#endif
