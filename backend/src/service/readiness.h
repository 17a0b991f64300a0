/* Whether this process can serve: the database answers, and has the migrations that the program
 * was built with.
 *
 * One per loop. readiness_ask looks now, within READY_LIMIT_MS whatever the database does.
 * readiness_watch looks once a second, sets the gauge `service_ready`, and logs `ready` and
 * `not_ready` (with the reason) on each change.
 */
#ifndef PW_SERVICE_READINESS_H
#define PW_SERVICE_READINESS_H

#include "base/arena.h"
#include "sys/db/db.h"

struct readiness;

/* Makes the gauge, at 0. Where the database's role turns out to be a superuser, prod refuses: it
 * logs `startup_failed` and sends SIGTERM; elsewhere a warning is logged. Once per process, before
 * any thread. */
void readiness_begin(bool refuses_superuser);

/* `versions`: a Postgres array literal of migration versions; kept by pointer. */
struct readiness *readiness_new(struct loop *, struct db *, const char *versions, int version_count);
void readiness_free(struct readiness *);
void readiness_watch(struct readiness *);

/* Whether a superuser was refused: the process has been told to stop, and has failed. */
bool readiness_refused(void);

/* From now on every answer is "shutting down"; for all loops of the process. Any thread. */
void readiness_shut_down(void);

/* done gets NULL when ready, else the reason ("database ping failed: …", "migrations pending:
 * applied=1 expected=6", "shutting down"), valid during the call. It may come from inside this
 * call. The question lives in the arena; readiness_drop calls it off. */
typedef void readiness_done(void *ctx, const char *why_not);
struct question;
/* NULL: answered already */
struct question *readiness_ask(struct readiness *, struct arena *, readiness_done *done, void *ctx);
void readiness_drop(struct question *);

#endif
