/* Postgres for one event loop: statements go out pipelined, answers come back as callbacks on
 * the same thread.
 *
 * A statement is named by its file below backend/sql (SQL_ROOMS_LIST is rooms/list.sql) and is
 * prepared on a connection's first use of it. Reads of one turn share a transaction, and all parts
 * of a read see one snapshot; a write is a transaction of its own and is reported only after its
 * commit. A statement whose file says `-- first: area/name` has that statement (a lock) sent before
 * it in the same transaction, with a prefix of the same parameters, so that the statement sees all
 * that was committed before it got the lock.
 *
 * Behind a transaction pooler (`pooled`) statements are unnamed, and each transaction brings its
 * settings along.
 *
 * The connections connect in the background and come back by themselves. A read whose connection
 * breaks is sent again on another that is up. The callback runs
 * exactly once, from the loop, never from inside db_query, unless db_drop was called.
 */
#ifndef PW_SYS_DB_DB_H
#define PW_SYS_DB_DB_H

#include "base/arena.h"
#include "sql.h" /* made by the build from backend/sql: enum sql */
#include "sys/db/db_config.h"
#include "sys/db/rows.h"
#include "sys/loop.h"

struct db;
struct db_call;

struct db *db_open(struct loop *, const struct db_config *); /* never fails, never waits */
/* open calls are dropped without a callback */
void db_close(struct db *);

/* Sends the statement with its parameters as text (NULL: SQL null), copied before this returns;
 * `params` must have as many as the file uses. */
struct db_call *db_query(struct db *, enum sql statement, const char *const *params, db_done *done, void *ctx);
/* A statement and its parameters. */
struct db_ask {
    enum sql statement;
    const char *const *params;
};

/* db_query of a write with another statement before it, even before its `-- first:`, in the same
 * transaction and round trip. Where that one fails the call fails with its error. */
struct db_call *db_query_behind(struct db *, const struct db_ask *before, const struct db_ask *write, db_done *done,
                                void *ctx);
/* The callback will not come. A statement that wasn't sent yet never is; one that was sent runs. */
void db_drop(struct db_call *);
/* Another one gets the answer, for a statement whose effect must be undone where its sender has
 * left. It is sent in any case. */
void db_hand_over(struct db_call *, db_done *done, void *ctx);
/* db_query without a callback: the sender doesn't need the answer. */
void db_tell(struct db *, enum sql statement, const char *const *params);

/* Whether statements can be sent now, and if not, why in words without secrets ("connection
 * refused"). For readyz. */
bool db_is_up(const struct db *);
const char *db_why_down(const struct db *);
/* The database was found read-only: the connections for writes are made anew, as the same address
 * may lead to another server by now. */
void db_renew(struct db *);

/* Once per db: a session of its own listens to a channel and runs a statement first, whose
 * effect lasts as long as the session: an advisory lock. fn(ctx) runs after notifications, and
 * after each (re)connect, as some may have been missed; heard(ctx, payload) for each of both. The
 * statement may wait for its lock. Where the only way leads through a pooler nobody listens, and
 * the caller has to poll. */
void db_listen(struct db *, const struct db_listen *);
bool db_is_listening(const struct db *); /* the session is there, and its statement was done */
/* whether notifications come; true where nobody listens, so that nothing is missed */
bool db_hears(const struct db *);

/* The texts as a Postgres array ('{"a",NULL}'), for statements over many rows. */
const char *db_array(struct arena *, const char *const *items, int n);

#endif
