/* Whether this process can do its work. A look asks what every request would, about once a second:
 * a read, with whether the schema has what the program needs and our role may use it, and a commit
 * of its own. All who ask get what the last look found, so askers cost the database nothing.
 *
 * Commits have a connection of their own, so that a write which waits for a lock says nothing about
 * the database; one is under way at most. With a single connection for all else (DB_POOL_SIZE=1)
 * the reads go there, too.
 *
 * Each look sets the gauge `service_ready`; a change is logged as `ready` or `not_ready` with its
 * reason. From the last commit that could succeed to the reason it takes
 * READY_EVERY_MS + READY_LIMIT_MS at most, below two seconds; the way back takes less than one.
 */
#ifndef PW_SERVICE_READINESS_H
#define PW_SERVICE_READINESS_H

#include "base/arena.h"
#include "service/rights.h"
#include "sys/db/db.h"

enum { READY_EVERY_MS = 800, READY_AGAIN_MS = 400, READY_LIMIT_MS = 1100, READY_WHY_SIZE = 200 };

/* Makes the gauge, at 0. Where the database's role turns out to be a superuser, prod refuses: it
 * logs `startup_failed` and sends SIGTERM; elsewhere a warning is logged. Once per process, before
 * any thread. */
void readiness_begin(bool refuses_superuser);

struct readiness_needs {
    struct db_config database; /* how `db` was opened */
    const char *versions;      /* a Postgres array literal of migration versions; kept by pointer */
    int version_count;
    enum rights_of rights;
    const char *secret; /* that it signs tokens with (service/marks.h); NULL: none; kept by pointer */
    /* What else the process lacks, as a sentence without secrets; "": nothing. NULL: nothing ever.
     * Called in the loop. */
    void (*lacks)(void *ctx, char why[static READY_WHY_SIZE]);
    void *ctx;
};

struct readiness;
/* Looks until it is stopped; one per process, in the loop of `db`. */
struct readiness *readiness_start(struct loop *, struct db *, const struct readiness_needs *);
void readiness_stop(struct readiness *); /* NULL: nothing */

/* NULL when ready, else the reason ("database ping failed: …", "migrations pending: applied=1
 * expected=6", "database is read-only: …", "database can't be written: …", "schema is damaged: …",
 * "missing rights: …", what `lacks` said, "shutting down"), in the arena. Any thread. */
const char *readiness_why_not(struct arena *);

/* Whether the last look found all migrations applied. */
bool readiness_found_schema(void);

/* Whether a superuser was refused: the process has been told to stop, and has failed. */
bool readiness_refused(void);

/* From now on every answer is "shutting down". Any thread. */
void readiness_shut_down(void);

#endif
