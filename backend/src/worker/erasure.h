/* Deletes the rows of accounts that are being deleted (the table account_deletions): in small
 * batches, the user last. Each batch is a statement of its own, and what is to do next is seen in
 * the tables, so a worker may end at any moment. Several workers share the accounts. Belongs to one
 * loop, that of the state watch. */
#ifndef PW_WORKER_ERASURE_H
#define PW_WORKER_ERASURE_H

#include "service/state_watch.h"

struct erasure;

/* begins when the state watch sees such an account */
struct erasure *erasure_start(struct loop *, struct db *, struct state_watch *);
/* after the state watch's end, before the database's */
void erasure_stop(struct erasure *);

#endif
