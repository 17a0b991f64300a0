/* Postgres for one event loop: statements go out pipelined, answers come back as callbacks on
 * the same thread.
 *
 * A statement is named by its file below backend/sql (SQL_ROOMS_LIST is rooms/list.sql) and is
 * prepared on a connection's first use of it. Reads of one turn share a transaction; a write is
 * a transaction of its own and is reported only after its commit. A statement whose file says
 * `-- first: area/name` has that statement (a lock) sent before it in the same transaction, with
 * a prefix of the same parameters, so that it sees what was committed before the lock was had.
 *
 * Behind a transaction pooler (`pooled`) statements are unnamed, and each transaction brings its
 * settings along.
 *
 * The connections connect in the background and come back by themselves. The callback runs
 * exactly once, from the loop, never from inside db_query, unless db_drop was called.
 */
#ifndef PW_SYS_DB_DB_H
#define PW_SYS_DB_DB_H

#include "base/arena.h"
#include "sql.h" /* made by the build from backend/sql: enum sql */
#include "sys/loop.h"

struct db;
struct db_call;
struct db_rows;

enum db_outcome {
    DB_OK,
    DB_FAILED,    /* Postgres refused the statement: db_sqlstate, db_constraint */
    DB_TIMED_OUT, /* ended by statement_timeout or lock_timeout; nothing was done */
    DB_BUSY,      /* our queue is full; not sent */
    DB_AWAY,      /* no connection; not sent */
    /* the connection broke: a write may or may not have been done; a read may be sent again */
    DB_LOST,
};

typedef void db_done(void *ctx, enum db_outcome, struct db_rows *rows);

struct db_config {
    const char *url;
    /* for LISTEN, which no pooler passes on; NULL: url, or, where that is pooled, nothing
     * listens */
    const char *direct_url;
    /* url leads to a transaction pooler: a connection keeps nothing from one transaction to the
     * next */
    bool pooled;
    const char *application_name;
    /* 1: reads and writes share it; else the first is for reads, the others for writes, the last
     * for long reads, too */
    int connections;
    int queue_limit;           /* statements waiting or under way, over all connections */
    uint64_t query_timeout_ms; /* statement_timeout */
};

struct db *db_open(struct loop *, const struct db_config *); /* never fails, never waits */
void db_metrics(void); /* makes the db_* series; once per process, before any thread */
/* open calls are dropped without a callback */
void db_close(struct db *);

/* Sends the statement with its parameters as text (NULL: SQL null), copied before this returns;
 * `params` must have as many as the file uses. */
struct db_call *db_query(struct db *, enum sql statement, const char *const *params, db_done *done, void *ctx);
/* the callback will not come; what wasn't sent yet won't be, what was still runs */
void db_drop(struct db_call *);
/* the same as db_query for whom the answer is no news */
void db_tell(struct db *, enum sql statement, const char *const *params);

/* Whether statements can be sent now, and if not, why in words without secrets ("connection
 * refused"). For readyz. */
bool db_is_up(const struct db *);
const char *db_why_down(const struct db *);

/* Once per db: a session of its own listens to a channel and runs a statement first, whose
 * effect lasts as long as the session: an advisory lock. fn(ctx) runs for each notification, and
 * after each (re)connect, as some may have been missed. The statement may wait for its lock.
 * Where there is no way past a pooler it does nothing: whoever waits for news has to look by
 * himself. */
struct db_listen {
    const char *channel;
    enum sql hello;            /* SQL_NONE: nothing */
    const char *const *params; /* of hello, copied */
    loop_fn *fn;
    void *ctx;
};
void db_listen(struct db *, const struct db_listen *);
bool db_is_listening(const struct db *); /* the session is there, and its statement was done */

/* Rows: valid during the callback; after db_keep their texts live as long as the arena. Columns
 * from 0. */
int db_count(const struct db_rows *);
const char *db_text(const struct db_rows *, int row, int column); /* NULL for SQL null */
int64_t db_number(const struct db_rows *, int row, int column);   /* 0 for SQL null */
bool db_is_true(const struct db_rows *, int row, int column);
void db_keep(struct db_rows *, struct arena *);
const char *db_sqlstate(const struct db_rows *);   /* "" unless DB_FAILED */
const char *db_constraint(const struct db_rows *); /* "" where none was violated */
/* for the log; may quote values, never goes to a client */
const char *db_message(const struct db_rows *);

/* The texts as a Postgres array ('{"a",NULL}'), for statements over many rows. */
const char *db_array(struct arena *, const char *const *items, int n);

/* rolled back for a reason that passes: deadlocks and the like, resources, a standby to be
 * promoted */
bool db_is_passing(const char *sqlstate);
const char *db_outcome_name(enum db_outcome); /* for logs: "statement failed", "database away", … */

#endif
