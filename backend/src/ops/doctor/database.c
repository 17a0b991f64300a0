/* doctor's checks of Postgres. Each opens sessions of its own: they run at the same time. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "ops/doctor/checkup.h"
#include "ops/shared/database.h"
#include "service/migrate.h"

enum { CONNECT_MS = 1500, ANSWER_MS = 1000 };

/* A check has its sessions by itself; a statement wants them as database_ask takes them. */
#define DATABASE(checkup, its_session) ((const struct database){.arena = (checkup)->arena, .session = (its_session)})

static const char see_triage[] = "see what Postgres waits for: `personaworlds triage`";

static struct session *open_session(struct checkup *checkup, const char *url, struct err *err,
                                    char sqlstate[static SQLSTATE_SIZE])
{
    struct session *session = session_open_known(url, CONNECT_MS, err, sqlstate);
    if (!session)
        return NULL;
    session_limit(session, ANSWER_MS);
    checkup->waits_for = "the database is slow: it let us in, and its answers don't come in time";
    return session;
}

/* For the checks that aren't about the connection. */
static struct session *open_or_pass(struct checkup *checkup, const char *url)
{
    struct err why;
    char ignored[SQLSTATE_SIZE];
    struct session *session = open_session(checkup, url, &why, ignored);
    if (!session)
        found(checkup, VERDICT_UNKNOWN, NULL, "not looked at, as the database can't be used");
    return session;
}

static bool is_true(const struct table *table, int column)
{
    return strcmp(table_cell(table, 0, column), "t") == 0;
}

/* ---- pings ---- */

enum { PINGS = 5 };

struct ping {
    uint64_t took_ns;
    int64_t ahead_us; /* the database's clock before ours, give or take half of what it took */
};

static int by_time(const void *a, const void *b)
{
    uint64_t x = ((const struct ping *)a)->took_ns, y = ((const struct ping *)b)->took_ns;
    return (x > y) - (x < y);
}

static bool ping_once(struct checkup *checkup, struct session *session, struct ping *ping, struct err *err)
{
    struct table now;
    int64_t our_us = clock_unix_us();
    uint64_t began = clock_ns();
    if (!database_ask(&DATABASE(checkup, session), SQL_DOCTOR_PING, NULL, &now, err))
        return false;
    ping->took_ns = clock_ns() - began;
    ping->ahead_us = strtoll(table_cell(&now, 0, 0), NULL, 10) - our_us - (int64_t)(ping->took_ns / 2000);
    return true;
}

/* Sorted, the quickest first. Where it is slow, one tells as much as five. */
static bool ping_all(struct checkup *checkup, struct session *session, struct ping pings[static PINGS], struct err *err)
{
    const uint64_t enough_ns = 100 * NS_PER_MS;
    for (int i = 0; i < PINGS; i++) {
        if (i && pings[0].took_ns > enough_ns)
            pings[i] = pings[0];
        else if (!ping_once(checkup, session, &pings[i], err))
            return false;
    }
    qsort(pings, PINGS, sizeof *pings, by_time);
    return true;
}

/* ---- the connection ---- */

static const char *remedy_of_refusal(const struct err *why)
{
    if (strstr(why->text, "has to be UTF8"))
        return "make another one (createdb --template=template0 --encoding=UTF8 NAME), and name it in the setting";
    return "correct user, password or database name in the setting, or its file; a running process has to be started "
           "anew to read it. Or give the role that password, as Postgres's superuser: ALTER ROLE personaworlds_api "
           "PASSWORD '...'";
}

/* Told by the SQLSTATE, or by the time that it took; false: neither tells. */
static bool tell_why_not_yet(struct checkup *checkup, const char *setting, const struct err *why, const char *sqlstate,
                             bool was_quick)
{
    if (strcmp(sqlstate, "53300") == 0)
        found(checkup, VERDICT_PROBLEM, "see who has the connections: `personaworlds triage`",
              "%s: Postgres is there, and has no connection left: %s", setting, why->text);
    else if (!was_quick && strstr(why->text, "no answer within"))
        found(checkup, VERDICT_PROBLEM,
              "see whether the server is slow or frozen, or a firewall swallows what is sent to it",
              "%s doesn't answer in time, it is slow or away: %s", setting, why->text);
    else
        return false;
    return true;
}

static void tell_why_not(struct checkup *checkup, const char *setting, const char *url, const struct err *why,
                         const char *sqlstate, uint64_t took_ns)
{
    /* who didn't answer the first time would keep us waiting again */
    bool was_quick = took_ns < NS_PER_S;
    if (tell_why_not_yet(checkup, setting, why, sqlstate, was_quick))
        return;
    switch (was_quick ? session_server_state(url) : SERVER_AWAY) {
    case SERVER_NOT_ASKED:
        found(checkup, VERDICT_PROBLEM, "write it like postgres://user:password@host:5432/personaworlds",
              "%s can't be used: %s", setting, why->text);
        return;
    case SERVER_AWAY:
        found(checkup, VERDICT_PROBLEM,
              arena_printf(checkup->arena, "start Postgres (`%s`), or correct host and port in the setting",
                           act_here(checkup, ACT_START_POSTGRES)),
              "%s doesn't answer: %s", setting, why->text);
        return;
    case SERVER_REJECTS:
        found(checkup, VERDICT_PROBLEM,
              arena_printf(checkup->arena, "wait until Postgres has started; `%s` says what it does",
                           act_here(checkup, ACT_LOGS_POSTGRES)),
              "%s: Postgres is there, but takes nobody: %s", setting, why->text);
        return;
    case SERVER_ANSWERS:
        found(checkup, VERDICT_PROBLEM, remedy_of_refusal(why), "%s: Postgres is there, but refuses us: %s", setting,
              why->text);
        return;
    }
}

static struct session *open_or_tell(struct checkup *checkup, const char *setting, const char *url)
{
    struct err why;
    uint64_t began = clock_ns();
    char sqlstate[SQLSTATE_SIZE];
    struct session *session = open_session(checkup, url, &why, sqlstate);
    if (!session)
        tell_why_not(checkup, setting, url, &why, sqlstate, clock_ns() - began);
    return session;
}

enum server_column { VERSION, VERSION_TEXT, MAY_CREATE, IS_WRITABLE, IS_SUPERUSER, CONNECTIONS_MAX, BACKEND };

/* An API and a worker with these settings: DB_POOL_SIZE a thread; each has one that listens and one
 * that proves commits, and the worker one for its metrics. */
static int connections_needed(const struct config *config)
{
    return (int)(config->api_threads * config->db_pool_size + config->db_pool_size) + 5;
}

static void judge_server(struct checkup *checkup, const struct table *server)
{
    enum { OLDEST = 150000 }; /* UNIQUE NULLS NOT DISTINCT */
    const struct config *config = checkup->config;
    int most = atoi(table_cell(server, 0, CONNECTIONS_MAX)), needed = connections_needed(config);
    if (atoi(table_cell(server, 0, VERSION)) < OLDEST)
        found(checkup, VERDICT_PROBLEM, "upgrade Postgres", "Postgres is version %s, but 15 or later is needed",
              table_cell(server, 0, VERSION_TEXT));
    if (!is_true(server, IS_WRITABLE))
        found(checkup, VERDICT_PROBLEM, "let DATABASE_URL lead to the primary",
              "the database can only be read: a standby, or default_transaction_read_only");
    if (needed > most && config->db_pooler == POOLER_NONE)
        found(checkup, VERDICT_WARNING,
              "lower DB_POOL_SIZE or API_THREADS, raise max_connections, or use a pooler (DB_POOLER)",
              "one API and one worker take %d connections, but Postgres has %d", needed, most);
}

static void judge_way(struct checkup *checkup)
{
    const char *name = config_unverified_database(checkup->config);
    if (name)
        found(checkup, VERDICT_WARNING, "use sslmode=verify-full, and sslrootcert with the certificate of its issuer",
              "%s leads to another machine, whose certificate nobody checks: who stands between reads and changes all",
              name);
}

static void judge_pings(struct checkup *checkup, const struct ping pings[static PINGS], const char *version)
{
    enum { SLOW_MS = 20 };
    double ms = (double)pings[PINGS / 2].took_ns / (double)NS_PER_MS;
    if (ms > SLOW_MS)
        found(checkup, VERDICT_WARNING,
              "put the services nearer to Postgres, or see what slows it down: `personaworlds triage`",
              "an answer takes %.1f ms, where every request needs one or more (good: %d ms)", ms, SLOW_MS);
    if (STAILQ_EMPTY(&checkup->findings))
        found(checkup, VERDICT_OK, NULL, "Postgres %s answers in %.1f ms", version, ms);
}

void check_database(struct checkup *checkup)
{
    struct err why;
    struct table server;
    struct ping pings[PINGS];
    struct session *session = open_or_tell(checkup, "DATABASE_URL", checkup->config->database_url);
    if (!session)
        return;
    if (!database_ask(&DATABASE(checkup, session), SQL_DOCTOR_SERVER, NULL, &server, &why) ||
        !ping_all(checkup, session, pings, &why)) {
        found(checkup, VERDICT_PROBLEM, see_triage, "the connection stands, but %s", why.text);
    } else {
        judge_server(checkup, &server);
        judge_way(checkup);
        judge_pings(checkup, pings, table_cell(&server, 0, VERSION_TEXT));
    }
    session_close(session);
}

/* ---- the roles ---- */

static void judge_services_role(struct checkup *checkup, const struct table *server)
{
    bool prod = checkup->config->app_env == ENV_PROD;
    if (is_true(server, IS_SUPERUSER))
        found(checkup, prod ? VERDICT_PROBLEM : VERDICT_WARNING,
              "`personaworlds roles --apply`, then let DATABASE_URL log in as personaworlds_api, personaworlds_worker "
              "or personaworlds_ops",
              "DATABASE_URL logs in as a superuser, who may do anything on this server%s",
              prod ? ": no service starts" : "");
}

static void judge_owner(struct checkup *checkup, const struct table *server)
{
    if (!is_true(server, MAY_CREATE))
        found(checkup, VERDICT_PROBLEM,
              "let DATABASE_OWNER_URL log in as the owner of the tables (personaworlds_owner), or set AUTO_MIGRATE=0",
              "the role that migrates may not create tables, so no migration can be applied");
}

static void judge_role_of(struct checkup *checkup, struct session *session,
                          void (*judge)(struct checkup *, const struct table *))
{
    struct err why;
    struct table server;
    if (!session)
        return;
    if (database_ask(&DATABASE(checkup, session), SQL_DOCTOR_SERVER, NULL, &server, &why))
        judge(checkup, &server);
    else
        found(checkup, VERDICT_PROBLEM, see_triage, "%s", why.text);
    session_close(session);
}

/* A service that doesn't migrate has no business with the owner's URL. */
void check_roles(struct checkup *checkup)
{
    const struct config *config = checkup->config;
    const char *owner = config->database_owner_url;
    bool is_own = config_is_set("DATABASE_OWNER_URL");
    judge_role_of(checkup, open_or_pass(checkup, config->database_url), judge_services_role);
    if (owner && (is_own || config->auto_migrate) && STAILQ_EMPTY(&checkup->findings))
        judge_role_of(checkup, open_or_tell(checkup, is_own ? "DATABASE_OWNER_URL" : "DATABASE_URL", owner),
                      judge_owner);
    if (STAILQ_EMPTY(&checkup->findings))
        found(checkup, VERDICT_OK, NULL, "DATABASE_URL is no superuser's%s",
              is_own ? "; DATABASE_OWNER_URL's role may create tables" : "");
}

/* ---- the way past a pooler ---- */

/* A pooler gives its own process number when a session is opened. */
static bool is_direct(struct checkup *checkup, struct session *direct, const char *setting)
{
    struct err why;
    struct table server;
    if (!database_ask(&DATABASE(checkup, direct), SQL_DOCTOR_SERVER, NULL, &server, &why))
        found(checkup, VERDICT_PROBLEM, see_triage, "%s", why.text);
    else if (atoi(table_cell(&server, 0, BACKEND)) != session_backend(direct))
        found(checkup, VERDICT_PROBLEM,
              "let DATABASE_DIRECT_URL lead to Postgres itself, and set DB_POOLER=transaction where DATABASE_URL leads "
              "to a pooler",
              "%s leads to a pooler, which passes on neither LISTEN nor locks", setting);
    return STAILQ_EMPTY(&checkup->findings);
}

static void check_notification(struct checkup *checkup, struct session *direct, struct session *other)
{
    struct err why;
    struct table none;
    uint64_t began = clock_ns();
    if (!database_ask(&DATABASE(checkup, direct), SQL_DOCTOR_LISTEN, NULL, &none, &why) ||
        !database_ask(&DATABASE(checkup, other), SQL_JOBS_NOTIFY, (const char *[]){"personaworlds_doctor"}, &none,
                      &why))
        found(checkup, VERDICT_PROBLEM, see_triage, "%s", why.text);
    else if (!session_is_notified(direct, ANSWER_MS))
        found(checkup, VERDICT_PROBLEM, "let both settings lead to the same database",
              "what is notified through DATABASE_URL isn't heard on DATABASE_DIRECT_URL: workers would only find jobs "
              "by looking every WORKER_POLL_EVERY");
    else
        found(checkup, VERDICT_OK, NULL, "a notification was heard after %.1f ms",
              (double)(clock_ns() - began) / (double)NS_PER_MS);
}

void check_direct_database(struct checkup *checkup)
{
    const struct config *config = checkup->config;
    bool is_same = config->database_direct_url == config->database_url;
    if (!config->database_direct_url) {
        found(checkup, VERDICT_WARNING, "set DATABASE_DIRECT_URL to Postgres itself",
              "not set: behind a pooler workers only find jobs by looking every WORKER_POLL_EVERY, and `migrate` can't "
              "be run");
        return;
    }
    struct session *direct = is_same ? open_or_pass(checkup, config->database_url)
                                     : open_or_tell(checkup, "DATABASE_DIRECT_URL", config->database_direct_url);
    struct session *other = direct && is_direct(checkup, direct, is_same ? "DATABASE_URL" : "DATABASE_DIRECT_URL")
                                ? open_or_pass(checkup, config->database_url)
                                : NULL;
    if (other)
        check_notification(checkup, direct, other);
    session_close(other);
    session_close(direct);
}

/* ---- what is in it ---- */

static void judge_migrations(struct checkup *checkup, const struct migration_states *states)
{
    bool automatic = checkup->config->auto_migrate;
    if (*states->changed)
        found(checkup, VERDICT_PROBLEM, "put the old text of the migration back and make the change a new migration",
              "changed after it was applied: %s", states->changed);
    if (*states->pending)
        found(checkup, automatic ? VERDICT_WARNING : VERDICT_PROBLEM, "personaworlds migrate", "%d pending (%.*s%s)%s",
              states->pending_count, (int)strcspn(states->pending, ","), states->pending,
              states->pending_count > 1 ? " and on" : "",
              automatic ? "; a service applies them at its start" : "; nobody applies them, as AUTO_MIGRATE is off");
    if (*states->unknown)
        found(checkup, VERDICT_WARNING,
              "nothing while a newer release is rolled out; else start that release here, too",
              "the database has migrations of a newer program: %s", states->unknown);
    if (STAILQ_EMPTY(&checkup->findings))
        found(checkup, VERDICT_OK, NULL, "all %d are applied", states->applied);
}

void check_migrations(struct checkup *checkup)
{
    const struct config *config = checkup->config;
    struct migration_states states;
    struct err why;
    struct session *session =
        open_or_pass(checkup, config->database_direct_url ? config->database_direct_url : config->database_url);
    if (!session)
        return;
    if (migrate_look(session, checkup->arena, config->migrations_dir, &states, &why))
        judge_migrations(checkup, &states);
    else
        found(checkup, VERDICT_PROBLEM, see_triage, "%s", why.text);
    session_close(session);
}

void check_clock(struct checkup *checkup)
{
    enum { WARNING_S = 1, PROBLEM_S = 30 };
    struct ping pings[PINGS];
    struct err why;
    struct session *session = open_or_pass(checkup, checkup->config->database_url);
    if (!session)
        return;
    bool ok = ping_all(checkup, session, pings, &why);
    session_close(session);
    double s = ok ? (double)pings[0].ahead_us / 1e6 : 0, apart = s < 0 ? -s : s;
    if (!ok)
        found(checkup, VERDICT_PROBLEM, see_triage, "%s", why.text);
    else if (apart > WARNING_S)
        found(checkup, apart > PROBLEM_S ? VERDICT_PROBLEM : VERDICT_WARNING,
              "`timedatectl set-ntp true` on this machine and on the database's",
              "the database's clock is %.1f s %s this machine's: tokens end at the wrong time, and logs are hard to "
              "match",
              apart, s < 0 ? "behind" : "ahead of");
    else
        found(checkup, VERDICT_OK, NULL, "this clock and the database's differ by %.0f ms", apart * 1000);
}
