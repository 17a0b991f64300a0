/* The schema's versions: backend/migrations, built into the program, or the folder
 * MIGRATIONS_DIR.
 *
 * Each is applied once, in the order of the file names, in a transaction of its own together
 * with its row in schema_migrations, by one session that holds an advisory lock; processes that
 * start at once wait for each other. A file whose first line is `-- no transaction` holds one
 * statement that must run outside one (CREATE INDEX CONCURRENTLY); what a build that was cut off
 * left is dropped first. Blocking and thread-safe: from a thread of its own, or from a command.
 */
#ifndef PW_SERVICE_MIGRATE_H
#define PW_SERVICE_MIGRATE_H

#include "base/arena.h"

enum migrate_event {
    MIGRATION_APPLIED, /* `text` is the version that was applied; once for each */
    /* `text` is a version that was there already, and is recorded now; once for each */
    MIGRATION_MARKED,
    /* `text` lists the versions in the database that this program doesn't know; once, and no
     * error */
    MIGRATION_UNKNOWN,
};
typedef void migrate_fn(void *ctx, enum migrate_event, const char *text);

enum migrate_outcome {
    MIGRATE_DONE,
    MIGRATE_BUSY,   /* another process held the lock for all of `lock_wait_ms`; later it may work */
    MIGRATE_AWAY,   /* no connection; later it may work */
    MIGRATE_HALF,   /* one that isn't recorded is there in part: somebody has to look */
    MIGRATE_FAILED, /* what was applied before stays; calling again goes on from there */
};

/* What to apply, and where. */
struct migrate_ask {
    const char *url;       /* as for migrate_open */
    const char *dir;       /* NULL or "": the built-in migrations */
    uint64_t lock_wait_ms; /* how long to wait for another process that migrates */
    int stop_fd;           /* readable: fail at once, and roll back; or NO_STOP */
    bool grants_anew;      /* the roles' rights (rights.h), also where nothing is missing */
    migrate_fn *on_event;
    void *ctx;
};

/* Applies what is missing, or only records it where all that it makes is there, and then grants the
 * roles their rights on it. Unless done, `err` says why: the file, and what Postgres said. */
enum migrate_outcome migrate_apply(const struct migrate_ask *, struct err *err) MUST_CHECK;

/* The versions that this program expects, in order, in the arena. NULL: the folder can't be
 * read. For readiness: those that are not in schema_migrations are pending. */
const char *const *migrate_versions(struct arena *, const char *dir, int *count, struct err *err) MUST_CHECK;

/* The state of the database's migrations. Names are joined by ", " in the arena; "" where there is
 * none. */
struct migration_states {
    int applied, pending_count; /* of those that the program knows */
    const char *pending, *changed, *unknown;
};
struct session;

/* The session for what follows; the caller closes it. `url` NULL (a pooler without a way past
 * it) is an error, too. */
struct session *migrate_open(const char *url, struct err *err) MUST_CHECK;

/* reads the states of all migrations */
bool migrate_look(struct session *, struct arena *, const char *dir, struct migration_states *,
                  struct err *err) MUST_CHECK;

struct migration_state {
    const char *version;
    const char *applied_at; /* NULL: it is pending */
    bool is_known;          /* to this program */
    bool is_changed;        /* its file, since it was applied */
};

/* Every migration that the program or the database knows, in order, in the arena; a NULL version
 * ends the list. NULL: error. */
const struct migration_state *migrate_list(struct session *, struct arena *, const char *dir,
                                           struct err *err) MUST_CHECK;

#endif
