/* A session of its own, past any pooler: it receives notifications and keeps session locks. For
 * sys/db/db.c alone. */
#ifndef PW_SYS_DB_LISTENER_H
#define PW_SYS_DB_LISTENER_H

#include "sys/db/db_config.h"

struct listener;

/* connects in the background; calls on_notify from the loop */
struct listener *listener_open(struct loop *, const struct db_config *, const struct db_listen *);
void listener_close(struct listener *);       /* no callback comes any more */
bool listener_is_up(const struct listener *); /* it listens, and its statement was done */

#endif
