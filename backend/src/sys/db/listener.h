/* A session of its own, past any pooler: it receives notifications and keeps session locks. Every
 * LISTENER_BEAT_MS it asks the server for a sign of life; a server that owes one at the next beat
 * is gone, though the connection is open. For sys/db/db.c alone. */
#ifndef PW_SYS_DB_LISTENER_H
#define PW_SYS_DB_LISTENER_H

#include "sys/db/db_config.h"

enum { LISTENER_BEAT_MS = 5000 };

struct listener;

/* connects in the background; calls on_notify from the loop */
struct listener *listener_open(struct loop *, const struct db_config *, const struct db_listen *);
void listener_close(struct listener *);       /* no callback comes any more */
void listener_check(struct listener *);       /* leaves a server that others found silent */
bool listener_is_up(const struct listener *); /* it listens, and its statement was done */
bool listener_hears(const struct listener *); /* it listens */

#endif
