/* What a process sees of its Postgres server, every 5 s in the background, never at a scrape:
 * `db_server_connections` and their limit, and the server's place in a replication:
 * `db_in_recovery`, `db_timeline`, `db_standbys`, `db_standby_missing`, `db_replica_lag_seconds`,
 * `db_replica_lag_bytes` and `db_commits_waiting` (health/server.sql). While it can't be asked
 * the last values stay: an outage has metrics of its own. */
#ifndef PW_SERVICE_SERVER_GAUGES_H
#define PW_SERVICE_SERVER_GAUGES_H

#include "sys/db/db.h"

struct server_gauges;

void server_gauges_metrics(void); /* makes the series; once per process, before any thread */
/* Begins to read the gauges; one a process. */
struct server_gauges *server_gauges_start(struct loop *, struct db *);
void server_gauges_stop(struct server_gauges *); /* before the database's end */

#endif
