/* What sys/db/ counts. */
#ifndef PW_SYS_DB_METRICS_H
#define PW_SYS_DB_METRICS_H

#include "base/base.h"
#include "sql.h"

void db_metrics(void); /* makes the db_* series; once per process, before any thread */
/* how long a statement took, from its sending to its result */
void db_observe_query(enum sql statement, uint64_t ns);
void db_count_error(const char *sqlstate); /* "": the connection's trouble */
void db_count_reconnect(void);             /* a connection came back after an outage */
void db_set_listening(bool listens);
/* counts connections that are up, or are not, up or down */
void db_shift_connections(bool up, int by);

#endif
