#include "fake_postgres.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "sys/db/lane.h"

enum { ITEMS = 1024, RESULTS = 4 * ITEMS, FAILURES = 4, NAMES = 64, TEXT = 40, SENT = 1 << 15 };

struct pg_result {
    ExecStatusType status;
    const char *sqlstate, *message, *severity;
};

struct item {
    enum { ITEM_PREPARE, ITEM_EXECUTE, ITEM_SYNC } kind;
    char name[TEXT], param[TEXT];
};

struct failure { /* sqlstate NULL: none */
    const char *param, *sqlstate, *message;
};

struct lane {
    const struct lane_owner *owner;
    void *ctx;
    bool is_up;
};

static struct {
    struct item items[ITEMS];
    int asked, answered;
    PGresult *results[RESULTS]; /* NULL: libpq's end of a statement */
    int given, taken;
    struct failure failures[FAILURES];
    char names[NAMES][TEXT];
    int name_count;
    bool is_aborted;
    char sent[SENT], broken[96];
    uint64_t clock_ms, silent_since_ms;
    int proofs;
    bool has_others;
} server;

static struct lane lane;

/* ---- what the server says ---- */

static void give(PGresult *result)
{
    INVARIANT(server.given - server.taken < RESULTS);
    server.results[server.given++ % RESULTS] = result;
}

static void give_result(ExecStatusType status, const char *sqlstate, const char *message)
{
    PGresult *result = must_calloc(1, sizeof *result);
    *result = (struct pg_result){.status = status, .sqlstate = sqlstate, .message = message};
    server.is_aborted |= status == PGRES_FATAL_ERROR;
    give(result);
}

static struct failure *failure_of(const char *param)
{
    for (int i = 0; i < FAILURES; i++)
        if (server.failures[i].sqlstate && strcmp(server.failures[i].param, param) == 0)
            return &server.failures[i];
    return NULL;
}

static void give_failure(struct failure *failure)
{
    give_result(PGRES_FATAL_ERROR, failure->sqlstate, failure->message);
    failure->sqlstate = NULL;
}

static bool is_prepared(const char *name)
{
    for (int i = 0; i < server.name_count; i++)
        if (strcmp(server.names[i], name) == 0)
            return true;
    return false;
}

static void answer_prepare(const char *name)
{
    if (*name && is_prepared(name)) {
        give_result(PGRES_FATAL_ERROR, "42P05", "prepared statement already exists");
        return;
    }
    INVARIANT(server.name_count < NAMES);
    memcpy(server.names[server.name_count++], name, TEXT);
    give_result(PGRES_COMMAND_OK, NULL, "");
}

static void answer_execute(const struct item *item)
{
    struct failure *failure = failure_of(item->param);
    if (!is_prepared(item->name))
        give_result(PGRES_FATAL_ERROR, "26000", "prepared statement does not exist");
    else if (failure)
        give_failure(failure);
    else
        give_result(PGRES_TUPLES_OK, NULL, "");
}

static void answer_sync(void)
{
    struct failure *failure = failure_of("sync");
    if (failure && !server.is_aborted) {
        give_failure(failure);
        give(NULL);
    }
    server.is_aborted = false;
    give_result(PGRES_PIPELINE_SYNC, NULL, "");
}

static void answer(const struct item *item)
{
    if (item->kind == ITEM_SYNC) {
        answer_sync();
        return;
    }
    if (server.is_aborted)
        give_result(PGRES_PIPELINE_ABORTED, NULL, "");
    else if (item->kind == ITEM_PREPARE)
        answer_prepare(item->name);
    else
        answer_execute(item);
    give(NULL);
}

/* ---- what a test asks for ---- */

static void forget_connection(void)
{
    while (server.taken < server.given)
        PQclear(server.results[server.taken++ % RESULTS]);
    server.answered = server.asked;
    server.name_count = 0;
    server.is_aborted = false;
}

void postgres_start(void)
{
    forget_connection();
    memset(&server, 0, sizeof server);
}

void postgres_up(void)
{
    lane.is_up = true;
    lane.owner->up(lane.ctx);
}

const char *postgres_sent(void)
{
    static char sent[SENT];
    memcpy(sent, server.sent, SENT);
    *server.sent = '\0';
    return sent;
}

int postgres_waiting(void)
{
    return server.asked - server.answered;
}

void postgres_fail(const char *param, const char *sqlstate, const char *message)
{
    int i = 0;
    while (server.failures[i].sqlstate)
        i++;
    INVARIANT(i < FAILURES);
    server.failures[i] = (struct failure){param, sqlstate, message};
}

void postgres_forget_plans(void)
{
    server.name_count = 0;
}

void postgres_answer(int n)
{
    for (; n > 0 && postgres_waiting() > 0; n--)
        answer(&server.items[server.answered++ % ITEMS]);
    lane.owner->input(lane.ctx);
}

void postgres_answer_but_null(int n)
{
    for (; n > 0; n--)
        answer(&server.items[server.answered++ % ITEMS]);
    server.given--;
    lane.owner->input(lane.ctx);
}

void postgres_answer_all(void)
{
    while (postgres_waiting() > 0)
        postgres_answer(postgres_waiting());
}

void postgres_answer_null(int n)
{
    for (; n > 0; n--)
        give(NULL);
    lane.owner->input(lane.ctx);
}

void postgres_break(void)
{
    lane_break(&lane, "server closed the connection");
    *server.broken = '\0';
}

const char *postgres_broken(void)
{
    return server.broken;
}

void postgres_clock(uint64_t ms)
{
    server.clock_ms = ms;
}

uint64_t postgres_silent_since(void)
{
    return server.silent_since_ms;
}

void postgres_has_others(void)
{
    server.has_others = true;
}

void postgres_warn(const char *severity, const char *sqlstate)
{
    const struct pg_result notice = {.severity = severity, .sqlstate = sqlstate};
    lane.owner->notice(lane.ctx, &notice);
}

int postgres_proofs(void)
{
    return server.proofs;
}

/* ---- the lane ---- */

struct lane *lane_open(struct loop *loop, const struct db_config *config, const struct lane_owner *owner, void *ctx)
{
    (void)loop, (void)config;
    lane = (struct lane){.owner = owner, .ctx = ctx};
    return &lane;
}

void lane_close(struct lane *l)
{
    l->is_up = false;
    forget_connection();
}

PGconn *lane_conn(const struct lane *l)
{
    static char conn;
    return l->is_up ? (PGconn *)(void *)&conn : NULL;
}

void lane_break(struct lane *l, const char *why)
{
    snprintf(server.broken, sizeof server.broken, "%s", why);
    l->is_up = false;
    forget_connection();
    l->owner->down(l->ctx);
}

void lane_renew(struct lane *l)
{
    lane_break(l, "");
}

void lane_leave_silent(struct lane *l, const char *why, uint64_t since)
{
    server.silent_since_ms = since / NS_PER_MS;
    lane_break(l, why);
}

void lane_check(struct lane *l)
{
    (void)l;
}

bool lane_has_others(const struct lane *l)
{
    (void)l;
    return server.has_others;
}

void lane_settings(char out[static LANE_SETTINGS_SIZE], uint64_t timeout_ms)
{
    (void)timeout_ms;
    strcpy(out, "settings");
}

bool lane_is_on(const struct lane *l, enum server_role role)
{
    return l->is_up && role == ROLE_PRIMARY;
}

const char *lane_why_down(const struct lane *l)
{
    return l->is_up ? "" : "down";
}

bool lane_is_hopeful(const struct lane *l)
{
    return l->is_up;
}

void lane_flush(struct lane *l)
{
    (void)l;
}

void lane_proved(struct lane *l)
{
    (void)l;
    server.proofs++;
}

/* ---- libpq ---- */

/* "7" of "s21_7": the other number is the statement's place in a table that grows. */
static const char *number_of(const struct item *item)
{
    const char *number = strchr(item->name, '_');
    return number ? number + 1 : item->kind == ITEM_SYNC ? "" : "-";
}

static int ask(struct item item)
{
    static const char *const kinds[] = {"P:", "E:", "S"};
    size_t len = strlen(server.sent);
    INVARIANT(postgres_waiting() < ITEMS && len + 3 * TEXT < SENT);
    server.items[server.asked++ % ITEMS] = item;
    snprintf(server.sent + len, SENT - len, "%s%s%s%s%s", len ? " " : "", kinds[item.kind], number_of(&item),
             item.kind == ITEM_EXECUTE ? ":" : "", item.param);
    return 1;
}

int PQsendPrepare(PGconn *conn, const char *name, const char *query, int n, const Oid *types)
{
    (void)conn, (void)query, (void)n, (void)types;
    struct item item = {.kind = ITEM_PREPARE};
    snprintf(item.name, TEXT, "%s", name);
    return ask(item);
}

int PQsendQueryPrepared(PGconn *conn, const char *name, int n, const char *const *values, const int *lengths,
                        const int *formats, int format)
{
    (void)conn, (void)lengths, (void)formats, (void)format;
    struct item item = {.kind = ITEM_EXECUTE};
    snprintf(item.name, TEXT, "%s", name);
    snprintf(item.param, TEXT, "%s", n ? values[0] : "");
    return ask(item);
}

int PQpipelineSync(PGconn *conn)
{
    (void)conn;
    return ask((struct item){.kind = ITEM_SYNC});
}

int PQisBusy(PGconn *conn)
{
    (void)conn;
    return server.taken == server.given;
}

PGresult *PQgetResult(PGconn *conn)
{
    (void)conn;
    INVARIANT(server.taken < server.given); /* libpq would block here */
    return server.results[server.taken++ % RESULTS];
}

ConnStatusType PQstatus(const PGconn *conn)
{
    (void)conn;
    return CONNECTION_OK;
}

ExecStatusType PQresultStatus(const PGresult *result)
{
    return result->status;
}

char *PQresultErrorField(const PGresult *result, int field)
{
    INVARIANT(field == PG_DIAG_SQLSTATE || field == PG_DIAG_SEVERITY_NONLOCALIZED);
    return result ? (char *)(uintptr_t)(field == PG_DIAG_SQLSTATE ? result->sqlstate : result->severity) : NULL;
}

char *PQresultErrorMessage(const PGresult *result)
{
    return (char *)(uintptr_t)result->message;
}

char *PQerrorMessage(const PGconn *conn)
{
    (void)conn;
    static char none[] = "";
    return none;
}

int PQenterPipelineMode(PGconn *conn)
{
    (void)conn;
    return 1;
}

void PQclear(PGresult *result)
{
    free(result);
}

/* ---- the loop ---- */

uint64_t loop_now(const struct loop *loop)
{
    (void)loop;
    return server.clock_ms * NS_PER_MS;
}
