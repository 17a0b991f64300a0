/* What a statement ended with, and the rows that it gave. */
#ifndef PW_SYS_DB_ROWS_H
#define PW_SYS_DB_ROWS_H

#include "base/arena.h"
#include "sql.h" /* made by the build from backend/sql: enum sql */

struct db_rows;
struct pg_result; /* libpq's */

enum db_outcome {
    DB_OK,
    DB_FAILED,    /* Postgres refused the statement: db_sqlstate, db_constraint */
    DB_REFUSED,   /* a function of the migrations did, on purpose (SQLSTATE class PW); nothing was done */
    DB_TIMED_OUT, /* ended by statement_timeout or lock_timeout; nothing was done */
    DB_BUSY,      /* our queue is full; not sent */
    DB_AWAY,      /* no connection; not sent */
    /* the connection broke: a write may or may not have been done; a read had no other way. Or a
     * write is done here, and no standby has confirmed it: a failover may undo it. */
    DB_LOST,
};

typedef void db_done(void *ctx, enum db_outcome, struct db_rows *rows);

/* Rows of a statement without heads, whose values are texts (of the others: sys/db/json.h). Valid
 * during the callback; after db_keep the texts live as long as the arena. Columns from 0. */
int db_count(const struct db_rows *);
const char *db_text(const struct db_rows *, int row, int column); /* NULL for SQL null */
int64_t db_number(const struct db_rows *, int row, int column);   /* 0 for SQL null */
bool db_is_true(const struct db_rows *, int row, int column);
void db_keep(struct db_rows *, struct arena *);
const char *db_sqlstate(const struct db_rows *);   /* "" unless DB_FAILED */
const char *db_constraint(const struct db_rows *); /* "" where none was violated */
/* for the log; may quote values, never goes to a client */
const char *db_message(const struct db_rows *);

/* Whether the reason for the rollback will pass: a deadlock or the like, scarce resources, a
 * standby before its promotion. */
bool db_is_passing(const char *sqlstate);
/* Whether the database isn't fit for it now: what passes, and a table, column, function or right
 * that is gone. */
bool db_is_unfit(const char *sqlstate);
const char *db_outcome_name(enum db_outcome); /* for logs: "statement failed", "database away", … */

/* whether a table or view is missing: a migration is pending */
bool db_lacks_table(enum db_outcome, const struct db_rows *);

/* Whether a repeated statement fails for the first time since it worked, so that the failure is
 * logged once. *in_trouble is the caller's, false at first. A broken connection doesn't count, as
 * sys/db logs it; nor does a missing table, as readiness logs that. */
bool db_is_new_trouble(enum db_outcome, const struct db_rows *, bool *in_trouble) MUST_CHECK;

/* ---- for sys/db alone ---- */

/* What a statement gave: the results of its parts, or the one that says why it failed. */
struct db_given {
    enum sql statement;
    const char *const *params;
    struct pg_result **results;
    int count; /* 0: no rows */
};

/* Calls done(ctx, outcome, rows); the results that `done` keeps become NULL. `done` NULL: nobody
 * wants them. */
void rows_hand_over(const struct db_given *, db_done *done, void *ctx, enum db_outcome outcome);
const struct db_given *rows_given(const struct db_rows *);

#endif
