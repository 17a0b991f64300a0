#include "sys/db/session.h"

#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "sys/db/connect.h"
#include "sys/db/url.h"

_Static_assert((int)SQLSTATE_SIZE == (int)CONNECT_STATE_SIZE && (int)NO_STOP == (int)NO_STOP_FD, "of both modules");

static const uint64_t NO_DEADLINE = UINT64_MAX;

struct session {
    PGconn *conn;
    int stop_fd;
    char sqlstate[SQLSTATE_SIZE];
    uint64_t limit_ms; /* 0: none */
};

static bool fail_with(struct err *err, const char *message)
{
    char ignored[SQLSTATE_SIZE];
    return connect_fail(err, message, ignored);
}

/* Waits until the socket is ready for what libpq wants; false past the deadline, and where a stop
 * came. */
static bool wait_for_socket(const struct session *session, short events, uint64_t deadline)
{
    return connect_poll(PQsocket(session->conn), events, session->stop_fd, deadline);
}

static void session_ignore_notice(void *ctx, const PGresult *notice)
{
    (void)ctx, (void)notice;
}

static struct session *session_connect(int stop_fd, const char *url, uint64_t timeout_ms, struct err *err,
                                       char sqlstate[static SQLSTATE_SIZE])
{
    *sqlstate = '\0';
    const char *problem = database_url_problem(url);
    if (problem) {
        fail(err, "the database URL %s", problem);
        return NULL;
    }
    struct err why;
    const struct connect_ask ask = {.url = url, .timeout_ms = timeout_ms, .stop_fd = stop_fd};
    PGconn *conn = connect_and_wait(&ask, &why, sqlstate);
    if (!conn) {
        fail(err, "while connecting to the database: %s", why.text);
        return NULL;
    }
    struct session *session = must_calloc(1, sizeof *session);
    session->conn = conn;
    session->stop_fd = stop_fd;
    PQsetNoticeReceiver(conn, session_ignore_notice, NULL);
    return session;
}

struct session *session_open_until(int stop_fd, const char *url, uint64_t timeout_ms, struct err *err)
{
    char ignored[SQLSTATE_SIZE];
    return session_connect(stop_fd, url, timeout_ms, err, ignored);
}

struct session *session_open(const char *url, uint64_t timeout_ms, struct err *err)
{
    return session_open_until(NO_STOP, url, timeout_ms, err);
}

struct session *session_open_known(const char *url, uint64_t timeout_ms, struct err *err,
                                   char sqlstate[static SQLSTATE_SIZE])
{
    return session_connect(NO_STOP, url, timeout_ms, err, sqlstate);
}

void session_close(struct session *session)
{
    if (!session)
        return;
    PQfinish(session->conn);
    free(session);
}

void session_limit(struct session *session, uint64_t timeout_ms)
{
    session->limit_ms = timeout_ms;
}

/* Uses libpq's ping, which reads the SQLSTATE: the server's message may be in any language. */
enum server_state session_server_state(const char *url)
{
    const char *const names[] = {"dbname", "connect_timeout", NULL};
    const char *const values[] = {url, "2", NULL};
    if (database_url_problem(url))
        return SERVER_NOT_ASKED;
    switch (PQpingParams(names, values, 1)) {
    case PQPING_OK: return SERVER_ANSWERS;
    case PQPING_REJECT: return SERVER_REJECTS;
    case PQPING_NO_RESPONSE: return SERVER_AWAY;
    case PQPING_NO_ATTEMPT: return SERVER_NOT_ASKED;
    }
    return SERVER_NOT_ASKED;
}

int session_backend(const struct session *session)
{
    return PQbackendPID(session->conn);
}

const char *session_password_hash(struct session *session, struct arena *arena, const char *role, const char *password,
                                  struct err *err)
{
    char *hash = PQencryptPasswordConn(session->conn, password, role, "scram-sha-256");
    if (!hash)
        fail_with(err, PQerrorMessage(session->conn));
    const char *copy = hash ? arena_strdup(arena, hash) : NULL;
    PQfreemem(hash);
    return copy;
}

static bool take_notification(PGconn *conn)
{
    PGnotify *notification = PQnotifies(conn);
    PQfreemem(notification);
    return notification != NULL;
}

bool session_is_notified(struct session *session, uint64_t timeout_ms)
{
    uint64_t deadline = clock_ns() + timeout_ms * NS_PER_MS;
    while (!take_notification(session->conn))
        if (!wait_for_socket(session, POLLIN, deadline) || !PQconsumeInput(session->conn))
            return false;
    return true;
}

/* The line of the script that Postgres complains about; 0 where it names none. Its position
 * counts characters from 1. */
static int error_line(const PGresult *result, const char *script)
{
    const char *position = PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION);
    if (!position)
        return 0;
    int line = 1;
    for (long left = strtol(position, NULL, 10); left > 1 && *script; script++) {
        left -= ((unsigned char)script[1] & 0xC0) != 0x80;
        line += *script == '\n';
    }
    return line;
}

static bool fail_from(struct session *session, const PGresult *result, const char *script, struct err *err)
{
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    if (!message)
        return fail_with(err, PQerrorMessage(session->conn));
    const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
    int line = error_line(result, script);
    if (line > 1)
        return fail(err, "line %d: %s%s%s", line, message, detail ? ": " : "", detail ? detail : "");
    return fail(err, "%s%s%s", message, detail ? ": " : "", detail ? detail : "");
}

static bool succeeded(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY;
}

static void note_sqlstate(struct session *session, const PGresult *result)
{
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    snprintf(session->sqlstate, sizeof session->sqlstate, "%s", sqlstate ? sqlstate : "");
}

const char *session_sqlstate(const struct session *session)
{
    return session->sqlstate;
}

static void copy_cells(const PGresult *result, struct arena *arena, struct table *table)
{
    table->rows = PQntuples(result);
    table->columns = PQnfields(result);
    table->cells = arena_alloc(arena, (size_t)table->rows * (size_t)table->columns * sizeof *table->cells);
    for (int row = 0, cell = 0; row < table->rows; row++)
        for (int column = 0; column < table->columns; column++, cell++)
            table->cells[cell] =
                PQgetisnull(result, row, column) ? NULL : arena_strdup(arena, PQgetvalue(result, row, column));
}

/* Sends all of what libpq holds, and reads what comes meanwhile: a server that is full reads on
 * only after its answers were taken. */
static bool flush(const struct session *session, uint64_t deadline)
{
    int left;
    while ((left = PQflush(session->conn)) > 0)
        if (!wait_for_socket(session, POLLIN | POLLOUT, deadline) || !PQconsumeInput(session->conn))
            return false;
    return left == 0;
}

static bool wait_for_result(const struct session *session, uint64_t deadline)
{
    while (PQisBusy(session->conn))
        if (!wait_for_socket(session, POLLIN, deadline) || !PQconsumeInput(session->conn))
            return false;
    return true;
}

/* The last result of what was sent; NULL: no answer by then. */
static PGresult *result_by(const struct session *session, uint64_t deadline)
{
    PGresult *result = NULL;
    if (!flush(session, deadline))
        return NULL;
    while (wait_for_result(session, deadline)) {
        PGresult *next = PQgetResult(session->conn);
        if (!next)
            return result;
        PQclear(result);
        result = next;
    }
    PQclear(result);
    return NULL;
}

static bool session_send(const struct session *session, const struct session_ask *ask)
{
    const struct sql_statement *sql = &sql_statements[ask->statement];
    return PQsendQueryParams(session->conn, sql->parts->text, sql->params, NULL, ask->params, NULL, NULL, 0);
}

static uint64_t session_deadline(const struct session *session)
{
    return session->limit_ms ? clock_ns() + session->limit_ms * NS_PER_MS : NO_DEADLINE;
}

static bool fail_without_result(const struct session *session, struct err *err)
{
    const char *message = PQerrorMessage(session->conn);
    if (*message)
        return fail_with(err, message);
    return session->limit_ms ? fail(err, "no answer within %llu ms", (unsigned long long)session->limit_ms)
                             : fail(err, "stopped");
}

static bool check_result(struct session *session, const PGresult *result, const char *script, struct err *err)
{
    note_sqlstate(session, result);
    if (!result)
        return fail_without_result(session, err);
    return succeeded(result) || fail_from(session, result, script, err);
}

bool session_run(struct session *session, const char *script, struct err *err)
{
    PGresult *result = PQsendQuery(session->conn, script) ? result_by(session, session_deadline(session)) : NULL;
    bool ok = check_result(session, result, script, err);
    PQclear(result);
    return ok;
}

bool session_query(struct session *session, struct arena *arena, struct session_ask *ask)
{
    PGresult *result = session_send(session, ask) ? result_by(session, session_deadline(session)) : NULL;
    ask->ok = check_result(session, result, sql_statements[ask->statement].parts->text, &ask->err);
    if (ask->ok)
        copy_cells(result, arena, &ask->table);
    PQclear(result);
    return ask->ok;
}

const char *table_cell(const struct table *table, int row, int column)
{
    return table->cells[row * table->columns + column];
}

/* ---- several at once ---- */

static bool session_send_all(const struct session *session, const struct session_asks *asks)
{
    for (int i = 0; i < asks->count; i++)
        if (!session_send(session, asks->first) || !session_send(session, &asks->list[i]) ||
            !PQpipelineSync(session->conn))
            return false;
    return flush(session, asks->deadline);
}

/* The next result, NULL at a statement's end; false past the deadline or where the connection is
 * lost. */
static bool next_result(const struct session *session, uint64_t deadline, PGresult **result)
{
    if (!wait_for_result(session, deadline))
        return false;
    *result = PQgetResult(session->conn);
    if (PQstatus(session->conn) == CONNECTION_OK)
        return true;
    PQclear(*result); /* what libpq made of the connection's end */
    return false;
}

/* After a failure the rest up to the sync is aborted; the first error is the reason. */
static void take_result(struct session *session, struct arena *arena, struct session_ask *ask, const PGresult *result)
{
    ask->ok = succeeded(result);
    if (ask->ok)
        copy_cells(result, arena, &ask->table);
    else if (PQresultStatus(result) != PGRES_PIPELINE_ABORTED) {
        fail_from(session, result, sql_statements[ask->statement].parts->text, &ask->err);
        note_sqlstate(session, result);
        memcpy(ask->sqlstate, session->sqlstate, sizeof ask->sqlstate);
    }
}

/* The results of one ask: of `first`, of the statement itself, and of the sync. */
static bool read_answer(struct session *session, struct arena *arena, struct session_ask *ask, uint64_t deadline)
{
    for (bool synced = false; !synced;) {
        PGresult *result;
        if (!next_result(session, deadline, &result))
            return false;
        synced = result && PQresultStatus(result) == PGRES_PIPELINE_SYNC;
        if (result && !synced)
            take_result(session, arena, ask, result);
        PQclear(result);
    }
    return true;
}

void session_ask_all(struct session *session, struct arena *arena, const struct session_asks *asks)
{
    PGconn *conn = session->conn;
    bool alive = PQenterPipelineMode(conn) && session_send_all(session, asks);
    for (int i = 0; i < asks->count; i++) {
        struct session_ask *ask = &asks->list[i];
        ask->ok = false;
        alive = alive && read_answer(session, arena, ask, asks->deadline);
        if (alive)
            continue;
        ask->ok = false;
        if (clock_ns() >= asks->deadline)
            fail(&ask->err, "no answer in time");
        else
            fail_with(&ask->err, PQerrorMessage(conn));
    }
    PQexitPipelineMode(conn);
}
