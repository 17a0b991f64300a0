/* One blocking Postgres connection, for commands and migrations. Never used on an event loop's
 * thread.
 */
#ifndef PW_SYS_DB_SESSION_H
#define PW_SYS_DB_SESSION_H

#include "base/arena.h"
#include "sql.h"

struct session;

/* Connects within `timeout_ms`. NULL: `err` has the reason, without the password. */
struct session *session_open(const char *url, uint64_t timeout_ms, struct err *err) MUST_CHECK;

/* As session_open, with the SQLSTATE of a server that refuses us; "" where none answered. */
enum { SQLSTATE_SIZE = 6 };
struct session *session_open_known(const char *url, uint64_t timeout_ms, struct err *err,
                                   char sqlstate[static SQLSTATE_SIZE]) MUST_CHECK;

/* As session_open. Once `stop_fd` is readable, whatever the session waits for fails at once, the
 * connect itself, too; then it can only be closed. The descriptor stays the caller's. */
enum { NO_STOP = -1 };
struct session *session_open_until(int stop_fd, const char *url, uint64_t timeout_ms, struct err *err) MUST_CHECK;
void session_close(struct session *); /* NULL is fine */

/* From now on session_query and session_run fail after `timeout_ms` without an answer; then the
 * session can only be closed. Before this call there is no limit. */
void session_limit(struct session *, uint64_t timeout_ms);

/* Whether a server is there, be the user, the password and the database's name right or not; for
 * after session_open has failed. */
enum server_state {
    SERVER_NOT_ASKED, /* the URL can't be read */
    SERVER_AWAY,
    SERVER_REJECTS, /* everybody: it is starting, ending or recovering */
    SERVER_ANSWERS,
};
enum server_state session_server_state(const char *url);

/* The process that serves this session, as reported when it was opened. Behind a pooler it differs
 * from pg_backend_pid(). */
int session_backend(const struct session *);

/* Waits for a notification on any channel that this session listens to; false: none came within
 * `timeout_ms`. */
bool session_is_notified(struct session *, uint64_t timeout_ms) MUST_CHECK;

/* What Postgres keeps of a role's password (SCRAM), in the arena. */
const char *session_password_hash(struct session *, struct arena *, const char *role, const char *password,
                                  struct err *err) MUST_CHECK;

/* Runs a script of one or more statements without parameters (a migration, BEGIN, COMMIT). */
bool session_run(struct session *, const char *script, struct err *err) MUST_CHECK;

/* What a statement gave: texts in the arena, NULL for SQL null. */
struct table {
    int rows, columns;
    const char **cells; /* rows × columns */
};
const char *table_cell(const struct table *, int row, int column);

/* A statement to run, and its answer. */
struct session_ask {
    enum sql statement;
    const char *const *params; /* as many as the statement has */
    bool ok;                   /* `table` is there; else `err` says why not */
    struct table table;
    struct err err;
    char sqlstate[SQLSTATE_SIZE]; /* of session_ask_all; "" where Postgres didn't refuse it */
};

/* Runs one statement; gives its `ok`. */
bool session_query(struct session *, struct arena *, struct session_ask *) MUST_CHECK;
/* of the last statement, where Postgres refused it; else "" */
const char *session_sqlstate(const struct session *);

/* Statements that are sent at once. */
struct session_asks {
    const struct session_ask *first; /* each one's transaction begins with it; its rows are dropped */
    struct session_ask *list;
    int count;
    uint64_t deadline; /* clock_ns */
};

/* Runs the statements in one round trip (pipelined), each in a transaction of its own. Ends at the
 * deadline at the latest: a statement without an answer by then is not ok, and the session can only
 * be closed. */
void session_ask_all(struct session *, struct arena *, const struct session_asks *);

#endif
