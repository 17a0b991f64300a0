/* Migrations at a service's start, in a thread of their own: applied as soon as the database is
 * there, however long that takes. A migration that fails ends the process: it logs
 * `startup_failed` with step `run_migrations` and sends SIGTERM. */
#ifndef PW_SERVICE_AUTO_MIGRATE_H
#define PW_SERVICE_AUTO_MIGRATE_H

#include "config/config.h"

void auto_migrate_start(const struct config *); /* once per process */
/* waits for the step under way; false: a migration had failed */
bool auto_migrate_stop(void);

#endif
