/* The process's one look at what others change: a statement every LOOK_EVERY_MS has the levers, the
 * versions of the blocks and of the revocations, the model's tokens of the day, and whether a
 * worker is missing or accounts are to be deleted (state/changed.sql). So an idle process asks
 * Postgres about three times a second, however much it follows.
 *
 * One per process, on any of its loops. While the database is away nobody is told anything.
 */
#ifndef PW_SERVICE_STATE_WATCH_H
#define PW_SERVICE_STATE_WATCH_H

#include "sys/db/db.h"

struct state_watch;

/* The columns of state/changed. There is a row at least; those of the levers may be null. */
enum state_column {
    STATE_BLOCKS_VERSION,
    STATE_REVOCATIONS_VERSION,
    STATE_ACCOUNT_DELETIONS,
    STATE_WORKER_MISSING,
    STATE_BUDGET_DAY,
    STATE_BUDGET_TAKEN,
    STATE_BUDGET_USED,
    STATE_BUDGET_CALLS,
    STATE_BUDGET_QUIET_MS,
    STATE_DAY_ENDS_IN_MS,
    STATE_KEY,
    STATE_VALUE,
    STATE_VERSION,
    STATE_EXPIRES_IN_MS,
    STATE_EXPIRES_AT
};

/* What a look found, from the loop; the rows are valid during the call. */
typedef void state_fn(void *ctx, const struct db_rows *rows);

/* the first look comes when the connections had a moment */
struct state_watch *state_watch_start(struct loop *, struct db *);
/* Before those that are told have gone, and before the database's end. */
void state_watch_stop(struct state_watch *);
/* Calls fn(ctx, rows) after every look that was answered, until the watch stops. */
void state_watch_tell(struct state_watch *, state_fn *fn, void *ctx);

#endif
