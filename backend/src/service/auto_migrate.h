/* Migrations at a service's start, in a thread of their own: applied as soon as the database is
 * there, however long that takes. A migration that fails ends the process: it logs
 * `startup_failed` with step `run_migrations` and sends SIGTERM. */
#ifndef PW_SERVICE_AUTO_MIGRATE_H
#define PW_SERVICE_AUTO_MIGRATE_H

#include "config/config.h"

bool auto_migrate_start(const struct config *, struct err *) MUST_CHECK; /* once per process */
/* Ends the thread at once, whatever it waits for: Postgres rolls back a migration that is under
 * way, and the next start begins it again. False: a migration had failed. */
bool auto_migrate_stop(void);

#endif
