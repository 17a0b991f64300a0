/* One blocking Postgres connection, for commands that run by themselves: migrate, seed, up, and later the operators' tools.
 * Never used on an event loop's thread.
 */
#ifndef PW_SESSION_H
#define PW_SESSION_H

#include "base/arena.h"

struct session;

/* Connects within `timeout_ms`. NULL: `err` has the reason, without the password. */
struct session *session_open(const char *url, uint64_t timeout_ms, struct err *err) MUST_CHECK;
void session_close(struct session *); /* NULL is fine */

/* Runs a script of one or more statements without parameters (a migration, BEGIN, COMMIT). */
bool session_run(struct session *, const char *script, struct err *err) MUST_CHECK;

/* Runs one statement with text parameters. On success `*rows` has its table: a row's columns are texts (NULL for SQL null), in the arena. */
struct table {
    int rows, columns;
    const char **cells; /* rows × columns */
};
bool session_query(struct session *, struct arena *, const char *sql, int n, const char *const *params, struct table *table, struct err *err) MUST_CHECK;
const char *session_sqlstate(const struct session *); /* of the last statement, where Postgres refused it; else "" */
const char *table_cell(const struct table *, int row, int column);

#endif
