#include "service/readiness.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "service/journal.h"
#include "service/marks.h"
#include "service/schema_needs.h"
#include "sys/log.h"
#include "sys/metrics.h"

enum {
    FIRST_LOOK_MS = 30, /* the connections need a moment */
    RETURN_MS = 2000,   /* after an outage the connections are back within */
    /* A commit that hangs keeps its backend when its connection is given up, so that is done
     * seldom; a network that is gone ends the connection before. */
    COMMIT_LIMIT_MS = 30000,
    STUCK_MS = 5000, /* without a look for so long the loop is stuck */
};

static atomic_bool shutting_down;
static atomic_bool schema_is_there;
static atomic_bool superuser_was_told, superuser_was_refused;
static bool refuses_superuser;
static struct metric *ready;

/* What the last look found, for all threads. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char found[READY_WHY_SIZE] = "database ping failed: not asked yet"; /* "": ready */
static uint64_t found_at;

struct readiness {
    struct db *db, *own; /* own: one connection, for commits */
    struct db *reads;    /* one of both */
    struct readiness_needs needs;
    const char *params[6]; /* of health/ready */
    struct arena *arena;   /* theirs */
    struct timer *timer, *limit;
    bool looking;
    struct db_call *read, *commit; /* NULL: none is under way */
    /* what the parts of the look under way said; "": nothing is wrong */
    char read_why[READY_WHY_SIZE], write_why[READY_WHY_SIZE], schema_why[READY_WHY_SIZE];
    bool write_answered;  /* in this look, by a commit of whenever */
    bool commit_is_again; /* its predecessor's connection broke */
    bool was_read_only;
    uint64_t away_at; /* when a look last couldn't read; 0: never */
    bool was_logged;
};

static void set_why(char why[static READY_WHY_SIZE], const char *begins, const char *ends)
{
    snprintf(why, READY_WHY_SIZE, "%s%s", begins, ends);
}

void readiness_begin(bool refuses)
{
    refuses_superuser = refuses;
    marks_begin();
    ready = metric_series(
        metric_family(METRIC_GAUGE, "service_ready", "1 while this process can serve, as /readyz says; else 0.", NULL),
        "");
}

void readiness_shut_down(void)
{
    atomic_store(&shutting_down, true);
    metric_set(ready, 0);
}

bool readiness_found_schema(void)
{
    return atomic_load(&schema_is_there);
}

bool readiness_refused(void)
{
    return atomic_load(&superuser_was_refused);
}

const char *readiness_why_not(struct arena *arena)
{
    char why[READY_WHY_SIZE];
    if (atomic_load(&shutting_down))
        return "shutting down";
    pthread_mutex_lock(&lock);
    memcpy(why, found, sizeof why);
    bool is_stuck = found_at && clock_ns() > found_at + STUCK_MS * NS_PER_MS;
    pthread_mutex_unlock(&lock);
    if (is_stuck)
        return "database ping failed: the event loop is stuck";
    return *why ? arena_strdup(arena, why) : NULL;
}

/* ---- the end of a look ---- */

static void publish(struct readiness *r, const char *why)
{
    pthread_mutex_lock(&lock);
    bool is_new = !r->was_logged || strcmp(found, why) != 0;
    snprintf(found, sizeof found, "%s", why);
    found_at = clock_ns();
    pthread_mutex_unlock(&lock);
    r->was_logged = true;
    metric_set(ready, !*why && !atomic_load(&shutting_down));
    if (!is_new)
        return;
    journal_note(JOURNAL_READINESS, "%s%s", *why ? "not ready: " : "ready", why);
    if (*why)
        log_warn("not_ready", log_str("error", why));
    else
        log_info("ready");
}

static void forget(struct db_call **call)
{
    if (*call)
        db_drop(*call);
    *call = NULL;
}

/* After an outage the connections come back one by one: it isn't over before the last. */
static void stay_away(struct readiness *r)
{
    uint64_t now = clock_ns();
    if (strncmp(r->read_why, "database ping", strlen("database ping")) == 0)
        r->away_at = now;
    else if (r->away_at && now < r->away_at + RETURN_MS * NS_PER_MS && !*r->read_why && !db_is_up(r->db))
        set_why(r->read_why, "database ping failed: ", db_why_down(r->db));
}

/* The first reason is the one that the others may follow from. */
static void look_end(struct readiness *r)
{
    char lack[READY_WHY_SIZE] = "";
    if (r->needs.lacks)
        r->needs.lacks(r->needs.ctx, lack);
    const char *const reasons[] = {r->read_why, r->write_why, r->schema_why, lack};
    size_t i = 0;
    stay_away(r);
    while (i < COUNT(reasons) - 1 && !*reasons[i])
        i++;
    r->looking = false;
    timer_stop(r->limit);
    timer_set(r->timer, *reasons[i] ? READY_AGAIN_MS : READY_EVERY_MS);
    publish(r, reasons[i]);
}

static void look_check(struct readiness *r)
{
    if (r->looking && !r->read && r->write_answered)
        look_end(r);
}

/* ---- reading ---- */

/* A superuser may do anything in any database of the server, and so may whoever gets hold of the
 * process. */
static void tell_of_superuser(void)
{
    static const char what[] =
        "DATABASE_URL logs in as a superuser: make roles by `personaworlds roles --apply`, and "
        "let it log in as personaworlds_api or personaworlds_worker (docs/CONFIG.md)";
    if (atomic_exchange(&superuser_was_told, true))
        return;
    if (!refuses_superuser) {
        log_warn("database_superuser", log_str("error", what));
        return;
    }
    log_error("startup_failed", log_str("step", "config"), log_str("error", what));
    atomic_store(&superuser_was_refused, true);
    kill(getpid(), SIGTERM);
}

/* Why there was no answer, in words for anybody. */
static const char *trouble(const struct readiness *r, enum db_outcome outcome)
{
    return db_is_up(r->db) ? db_outcome_name(outcome) : db_why_down(r->db);
}

static void note_schema(struct readiness *r, const struct db_rows *rows)
{
    enum { GONE = 2, DENIED };
    const char *gone = db_text(rows, 0, GONE), *denied = db_text(rows, 0, DENIED);
    if (gone)
        set_why(r->schema_why, "schema is damaged: no ", gone);
    else if (denied)
        set_why(r->schema_why, "missing rights: no ", denied);
}

/* For whoever compares processes from outside. */
static void note_marks(const struct readiness *r, const struct db_rows *rows)
{
    enum { SERVER = 4, BORN };
    if (db_text(rows, 0, SERVER) && db_text(rows, 0, BORN))
        marks_set(db_text(rows, 0, SERVER), db_text(rows, 0, BORN), r->needs.secret);
}

static void on_read(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    enum { APPLIED, IS_SUPERUSER };
    struct readiness *r = ctx;
    int64_t applied = 0;
    r->read = NULL;
    set_why(r->read_why, "", "");
    set_why(r->schema_why, "", "");
    if (outcome == DB_OK) {
        applied = db_number(rows, 0, APPLIED);
        note_schema(r, rows);
        note_marks(r, rows);
        if (db_is_true(rows, 0, IS_SUPERUSER))
            tell_of_superuser();
    }
    if (outcome == DB_FAILED && strcmp(db_sqlstate(rows), "42501") == 0)
        set_why(r->read_why, "missing rights: ", "no select on schema_migrations");
    else if (outcome != DB_OK && !db_lacks_table(outcome, rows))
        set_why(r->read_why, "database ping failed: ", trouble(r, outcome));
    else if (applied < r->needs.version_count)
        snprintf(r->read_why, sizeof r->read_why, "migrations pending: applied=%lld expected=%d", (long long)applied,
                 r->needs.version_count);
    atomic_store(&schema_is_there, outcome == DB_OK && applied >= r->needs.version_count);
    look_check(r);
}

/* ---- writing ---- */

static void on_commit(void *ctx, enum db_outcome outcome, struct db_rows *rows);

static void send_commit(struct readiness *r, bool again)
{
    r->commit_is_again = again;
    r->commit = db_query(r->own, SQL_HEALTH_COMMIT, NULL, on_commit, r);
}

/* Behind the same address another server may take changes by now, which only a new connection
 * finds out. All others are made anew once it has. */
static void note_read_only(struct readiness *r, const struct db_rows *rows)
{
    enum { STANDBY };
    set_why(r->write_why, "database is read-only: ",
            db_is_true(rows, 0, STANDBY) ? "the server is a standby" : "default_transaction_read_only is on");
    r->was_read_only = true;
    db_renew(r->own);
}

static void note_written(struct readiness *r)
{
    set_why(r->write_why, "", "");
    if (r->was_read_only)
        db_renew(r->db);
    r->was_read_only = false;
}

/* Why there was no commit, in words for anybody. */
static const char *commit_trouble(const struct readiness *r, enum db_outcome outcome, const struct db_rows *rows)
{
    static const char *const known[][2] = {{"53100", "the server's disk is full"},
                                           {"53200", "the server is out of memory"}};
    for (size_t i = 0; outcome == DB_FAILED && i < COUNT(known); i++)
        if (strcmp(db_sqlstate(rows), known[i][0]) == 0)
            return known[i][1];
    return db_is_up(r->own) ? db_outcome_name(outcome) : db_why_down(r->own);
}

/* Late answers count: what hung, and works again, is ready at once. */
static void on_commit(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    enum { READ_ONLY = 1 };
    struct readiness *r = ctx;
    r->commit = NULL;
    if (outcome == DB_LOST && !r->commit_is_again) {
        send_commit(r, true);
        return;
    }
    r->write_answered = true;
    if (outcome != DB_OK)
        set_why(r->write_why, "database can't be written: ", commit_trouble(r, outcome, rows));
    else if (db_is_true(rows, 0, READ_ONLY))
        note_read_only(r, rows);
    else
        note_written(r);
    if (r->looking)
        look_check(r);
    else
        timer_set(r->timer, 0);
}

/* ---- looks ---- */

/* What hasn't answered by now: reads are given up, commits aren't, as they are under way. */
static void on_limit(void *ctx)
{
    struct readiness *r = ctx;
    if (r->read)
        set_why(r->read_why, "database ping failed: ", "no answer in time");
    if (!r->write_answered)
        set_why(r->write_why, "database can't be written: ", "no commit in time");
    forget(&r->read);
    look_end(r);
}

static void look(void *ctx)
{
    struct readiness *r = ctx;
    r->looking = true;
    r->write_answered = false;
    timer_set(r->limit, READY_LIMIT_MS);
    r->read = db_query(r->reads, SQL_HEALTH_READY, r->params, on_read, r);
    if (!r->commit)
        send_commit(r, false);
}

struct readiness *readiness_start(struct loop *loop, struct db *db, const struct readiness_needs *needs)
{
    struct readiness *r = must_calloc(1, sizeof *r);
    struct db_config own = needs->database;
    own.connections = 1;
    own.query_timeout_ms = COMMIT_LIMIT_MS;
    *r = (struct readiness){.db = db, .own = db_open(loop, &own), .needs = *needs, .arena = arena_new()};
    r->reads = needs->database.connections == 1 ? r->own : db;
    const struct schema_needs schema = schema_needs(r->arena, needs->rights);
    r->params[0] = needs->versions;
    memcpy(r->params + 1, schema.params, sizeof schema.params);
    r->limit = timer_new(loop, on_limit, r);
    r->timer = timer_new(loop, look, r);
    timer_set(r->timer, FIRST_LOOK_MS);
    return r;
}

void readiness_stop(struct readiness *r)
{
    if (!r)
        return;
    forget(&r->read);
    forget(&r->commit);
    db_close(r->own);
    timer_free(r->timer);
    timer_free(r->limit);
    arena_free(r->arena);
    free(r);
}
