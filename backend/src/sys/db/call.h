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
    db_done *done; /* NULL: dropped */
    void *ctx;
    /* count those that have not ended; open_slow_reads: NULL for most */
    int *open_calls, *open_slow_reads;
    uint64_t sent_at;
    PGresult *rows, *failure;
    bool alone;   /* a read in a transaction of its own */
    bool dropped; /* db_drop was called */
    bool retried; /* a stale plan is prepared again once */
    enum db_outcome refused;
    const char *params[];
};

struct calls { /* a queue */
    struct db_call *first, **last;
};

void calls_init(struct calls *);                   /* an empty queue */
void calls_push(struct calls *, struct db_call *); /* adds a call at the end; the queue owns it */
struct db_call *calls_pop(struct calls *);         /* NULL when empty */

void call_finish(struct db_call *, enum db_outcome); /* calls the callback and frees the call */
/* frees the call without a callback */
void call_forget(struct db_call *);
void call_free(struct db_call *);

#endif
