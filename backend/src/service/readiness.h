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

void readiness_metrics(void); /* makes the gauge, at 0; once per process, before any thread */

/* `versions`: a Postgres array literal of migration versions; kept by pointer. */
struct readiness *readiness_new(struct loop *, struct db *, const char *versions, int version_count);
void readiness_free(struct readiness *);
void readiness_watch(struct readiness *);

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
