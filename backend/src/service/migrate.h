/* The schema's versions: backend/migrations, built into the program, or the folder
 * MIGRATIONS_DIR.
 *
 * Each is applied once, in the order of the file names, in a transaction of its own together
 * with its row in schema_migrations, by one session that holds an advisory lock; processes that
 * start at once wait for each other. A file whose first line is `-- no transaction` holds one
 * statement that must run outside one (CREATE INDEX CONCURRENTLY). Blocking and thread-safe:
 * from a thread of its own, or from a command.
 */
#ifndef PW_SERVICE_MIGRATE_H
#define PW_SERVICE_MIGRATE_H

#include "base/arena.h"

enum migrate_event {
    MIGRATION_APPLIED, /* `text` is the version that was applied; once for each */
    /* `text` lists the versions in the database that this program doesn't know; once, and no
     * error */
    MIGRATION_UNKNOWN,
};
typedef void migrate_fn(void *ctx, enum migrate_event, const char *text);

enum migrate_outcome {
    MIGRATE_DONE,
    MIGRATE_BUSY,   /* another process held the lock for all of `lock_wait_ms`; later it may work */
    MIGRATE_AWAY,   /* no connection; later it may work */
    MIGRATE_FAILED, /* what was applied before stays; calling again goes on from there */
};

/* Applies what is missing. `dir` NULL or "": the built-in ones. Unless done, `err` says why: the
 * file, and what Postgres said. */
enum migrate_outcome migrate_apply(const char *url, const char *dir, uint64_t lock_wait_ms, migrate_fn *on_event,
                                   void *ctx, struct err *err) MUST_CHECK;

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

/* Every migration that the program or the database knows, in order. `applied_at` NULL: it is
 * pending. The texts live in the arena. */
struct migration_state {
    const char *version, *applied_at;
    bool is_known, is_changed; /* to this program; its file since it was applied */
};
typedef void migration_fn(void *ctx, const struct migration_state *);
bool migrate_list(struct session *, struct arena *, const char *dir, migration_fn *on_migration, void *ctx,
                  struct err *err) MUST_CHECK;

#endif
