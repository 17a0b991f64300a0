#include "ops/triage/database.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "config/config.h"
#include "service/schema_needs.h"
#include "sql.h"

/* A way that is slowed down by 300 ms in each direction takes 2 s to connect; the rest is the
 * questions'. */
enum { CONNECT_MS = 2500, ALL_MS = 4500, PINGS = 2 };

/* All questions may stand before one lock, one after the other. */
static const char *const statement_and_lock_timeout[] = {"2000", "400"};

static const enum sql statements[QUESTIONS] = {
    [ASK_CONNECTIONS] = SQL_TRIAGE_CONNECTIONS,
    [ASK_HOLDERS] = SQL_TRIAGE_HOLDERS,
    [ASK_STANDING] = SQL_TRIAGE_STANDING,
    [ASK_REPLICATION] = SQL_TRIAGE_REPLICATION,
    [ASK_SERVER] = SQL_TRIAGE_SERVER,
    [ASK_COLUMNS] = SQL_TRIAGE_COLUMNS,
    [ASK_LOCKS] = SQL_TRIAGE_LOCKS,
    [ASK_IDLE] = SQL_TRIAGE_IDLE,
    [ASK_TIMES] = SQL_TRIAGE_TIMES,
    [ASK_RUNNING] = SQL_TRIAGE_RUNNING,
    [ASK_RELATIONS] = SQL_TRIAGE_RELATIONS,
    [ASK_VERSIONS] = SQL_TRIAGE_VERSIONS,
    [ASK_QUEUE] = SQL_TRIAGE_QUEUE,
    [ASK_FAILURES] = SQL_TRIAGE_FAILURES,
    [ASK_FINISHED] = SQL_TRIAGE_FINISHED,
    [ASK_LEASES] = SQL_TRIAGE_LEASES,
    [ASK_DIGESTS] = SQL_TRIAGE_DIGESTS,
    [ASK_FRESHNESS] = SQL_QUEUE_FRESHNESS,
    [ASK_LEVERS] = SQL_SETTINGS_LIST,
};

static struct session_ask triage_ask(enum sql statement, const char *const *params)
{
    return (struct session_ask){.statement = statement, .params = params};
}

/* The best of two: one that was held up says nothing of the database. Where the first took a
 * second the time is better spent on the questions. */
static bool triage_ping(struct database_look *database, struct arena *arena, struct session *session,
                        const struct session_ask *begin, uint64_t deadline)
{
    for (int i = 0; i < PINGS && database->ping_s < 1; i++) {
        struct session_ask question = triage_ask(SQL_TRIAGE_PING, NULL);
        uint64_t start = clock_ns();
        session_ask_all(session, arena, &(struct session_asks){begin, &question, 1, deadline});
        double took = (double)(clock_ns() - start) / (double)NS_PER_S;
        if (!question.ok)
            return fail(&database->err, "while asking the database: %s", question.err.text);
        database->ping_s = i ? MIN(database->ping_s, took) : took;
        database->clock_ahead_s = strtod(table_cell(&question.table, 0, 0), NULL) - (double)clock_unix_us() / 1e6;
    }
    return true;
}

static void triage_prepare(struct session_ask asks[static QUESTIONS], struct arena *arena, int64_t since_ms)
{
    const char **since = arena_alloc(arena, sizeof *since);
    struct schema_needs *needs = arena_alloc(arena, sizeof *needs);
    *since = arena_printf(arena, "%.3f", (double)since_ms / 1000);
    *needs = schema_needs(arena, RIGHTS_OF_API);
    for (int i = 0; i < QUESTIONS; i++)
        asks[i] = triage_ask(statements[i], i == ASK_COLUMNS ? needs->params : since);
}

/* A server that has no connection left for our role may have one for the owner's, which may be a
 * superuser; only then `err` says what the first try failed for though there is a session. */
static struct session *triage_connect(struct database_look *database)
{
    static struct config config; /* its texts live as long as the process */
    struct err ignored;
    char state[SQLSTATE_SIZE];
    if (!config_read(&config, &database->err))
        return NULL;
    struct session *session = session_open_known(config.database_url, CONNECT_MS, &database->err, database->refused);
    bool tries_owner = !session && strcmp(database->refused, "53300") == 0 && config.database_owner_url;
    return tries_owner ? session_open_known(config.database_owner_url, CONNECT_MS, &ignored, state) : session;
}

void look_at_database(struct database_look *database, struct arena *arena, int64_t since_ms)
{
    const struct session_ask begin = triage_ask(SQL_TRIAGE_BEGIN, statement_and_lock_timeout);
    uint64_t deadline = clock_ns() + ALL_MS * NS_PER_MS;
    struct session *session = triage_connect(database);
    database->answers = session && triage_ping(database, arena, session, &begin, deadline);
    if (database->answers) {
        triage_prepare(database->asks, arena, since_ms);
        session_ask_all(session, arena, &(struct session_asks){&begin, database->asks, QUESTIONS, deadline});
    }
    session_close(session);
}
