/* One statement under way: shared by sys/db/db.c, which takes it, and sys/db/channel.c, which sends
 * it. */
#ifndef PW_SYS_DB_CALL_H
#define PW_SYS_DB_CALL_H

#include <libpq-fe.h>

#include "sql.h"
#include "sys/db/rows.h"

struct db_call {
    struct db_call *next;
    enum sql statement;
    enum sql before; /* goes before it in its transaction, or SQL_NONE */
    const char *const *before_params;
    db_done *done; /* NULL: dropped */
    void *ctx;
    /* count those that have not ended; open_slow_reads: NULL for most */
    int *open_calls, *open_slow_reads;
    uint64_t sent_at;
    PGresult *results[SQL_PARTS_MAX], *failure;
    int answered;        /* parts that have an answer */
    bool alone;          /* a read in a transaction of its own */
    bool dropped;        /* db_drop was called */
    bool retried;        /* a stale plan is prepared again once */
    bool aborted;        /* a part wasn't run, as a neighbour's error had ended the transaction */
    bool is_unconfirmed; /* committed, and no standby has it */
    bool moved;          /* a read whose connection broke is sent again on another, once */
    enum db_outcome refused;
    const char *params[];
};

struct calls { /* a queue */
    struct db_call *first, **last;
};

void calls_init(struct calls *);                   /* an empty queue */
void calls_push(struct calls *, struct db_call *); /* adds a call at the end; the queue owns it */
struct db_call *calls_pop(struct calls *);         /* NULL when empty */

/* its statement changes something */
bool call_writes(const struct db_call *);
/* read with its neighbours, under one sync */
bool call_shares_transaction(const struct db_call *);

/* Takes the result; the first failure is the reason for the others. */
void call_keep_failure(struct db_call *, PGresult *);
/* What the server said beside the answers to a write. */
void call_on_notice(struct db_call *, const PGresult *notice);

/* What the answers to the call say. DB_LOST: the server is going down or threw us out, or a pooler
 * lost the server, or, without a failure, a commit isn't confirmed. */
enum db_outcome call_outcome(const struct db_call *);
/* The call failed as the database is read-only: nothing was done. */
bool call_met_read_only(const struct db_call *);
/* The call failed as its plan was made for a table that has changed since, or as the connection
 * doesn't know the statement (its preparation was skipped). */
bool call_has_stale_plan(const struct db_call *);

void call_finish(struct db_call *, enum db_outcome); /* calls the callback and frees the call */
/* frees the call without a callback */
void call_forget(struct db_call *);
void call_free(struct db_call *);
void call_clear(struct db_call *); /* forgets its answers: it is sent again */

#endif
