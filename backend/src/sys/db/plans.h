/* Which parts of statements a connection has prepared, and under which names; a part has a number
 * (sql.h). Pure; for sys/db/channel.c alone.
 *
 * A direct connection keeps what is prepared until its end, and a name is never used twice: where a
 * preparation failed, the server may have it or not. Behind a pooler nothing has a name: a
 * named one would stay with a server connection that the next transaction may not get. There the
 * last one prepared is known until the transaction's end. */
#ifndef PW_SYS_DB_PLANS_H
#define PW_SYS_DB_PLANS_H

#include "base/base.h"
#include "sql.h"

struct plans { /* begins with zeroes, but for `pooled` */
    bool pooled;
    int unnamed;                           /* pooled: prepared in this transaction */
    unsigned generation[SQL_PART_NUMBERS]; /* 0: not prepared; else part of its name */
    unsigned last_generation;
};

enum { PLAN_NAME_SIZE = 32 };

/* whether it can be executed by its name */
bool plans_has(const struct plans *, int part);
void plans_add(struct plans *, int part);    /* is being prepared, under a new name */
void plans_forget(struct plans *, int part); /* will be prepared again */
/* "" behind a pooler */
void plans_name(const struct plans *, int part, char out[static PLAN_NAME_SIZE]);
void plans_begin_transaction(struct plans *); /* pooled: the server connection may have been another client's */
void plans_forget_all(struct plans *);        /* a new connection */

#endif
