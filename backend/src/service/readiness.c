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
    PROBES_MAX = 4,     /* commits under way: one that hangs on its connection isn't waited for */
    STUCK_MS = 5000,    /* without a look for so long the loop is stuck */
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

/* A commit under way. */
struct probe {
    struct readiness *readiness;
    struct db_call *call; /* NULL: none */
    uint64_t sent_at;
    bool again; /* its predecessor's connection broke */
};

struct readiness {
    struct loop *loop;
    struct db *db;
    struct readiness_needs needs;
    const char *params[6]; /* of health/ready */
    struct arena *arena;   /* theirs */
    struct timer *timer, *limit;
    bool looking;
    struct db_call *read;
    /* what the parts of the look under way said; "": nothing is wrong */
    char read_why[READY_WHY_SIZE], write_why[READY_WHY_SIZE], schema_why[READY_WHY_SIZE];
    struct probe probes[PROBES_MAX];
    bool write_answered, is_cut; /* is_cut: no connection takes writes */
    bool was_away;               /* the last look couldn't read */
    uint64_t proved_at;          /* a commit that was sent then has succeeded */
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
    if (r->was_away && !*r->read_why && r->is_cut)
        set_why(r->read_why, "database ping failed: ", db_is_up(r->db) ? "connecting" : db_why_down(r->db));
    r->was_away = *r->read_why && strncmp(r->read_why, "database ping", strlen("database ping")) == 0;
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

static void probe_send(struct probe *probe)
{
    probe->sent_at = clock_ns();
    probe->call = db_query(probe->readiness->db, SQL_HEALTH_COMMIT, NULL, on_commit, probe);
}

/* A commit that hangs holds up no other: the next goes to a connection that is less busy. Once all
 * hang there is nothing more to ask. */
static void look_for_commit(struct readiness *r)
{
    struct probe *probe = r->probes;
    while (probe < r->probes + PROBES_MAX && probe->call)
        probe++;
    if (probe == r->probes + PROBES_MAX)
        return;
    probe->again = false;
    probe_send(probe);
}

static void note_read_only(struct readiness *r, const struct db_rows *rows)
{
    enum { STANDBY };
    set_why(r->write_why, "database is read-only: ",
            db_is_true(rows, 0, STANDBY) ? "the server is a standby" : "default_transaction_read_only is on");
    db_renew(r->db);
}

/* Late answers count: what hung, and works again, is ready at once. One that fails is news of the
 * moment in which it was sent. */
static void on_commit(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    enum { READ_ONLY = 1 };
    struct probe *probe = ctx;
    struct readiness *r = probe->readiness;
    probe->call = NULL;
    if (outcome == DB_LOST && !probe->again) {
        probe->again = true;
        probe_send(probe);
        return;
    }
    bool is_news = probe->sent_at > r->proved_at;
    if (!is_news)
        return;
    r->write_answered = true;
    r->is_cut = outcome == DB_AWAY || outcome == DB_LOST;
    if (outcome != DB_OK) {
        set_why(r->write_why, "database can't be written: ", trouble(r, outcome));
    } else if (db_is_true(rows, 0, READ_ONLY)) {
        note_read_only(r, rows);
    } else {
        r->proved_at = probe->sent_at;
        set_why(r->write_why, "", "");
    }
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
    r->write_answered = r->is_cut = false;
    timer_set(r->limit, READY_LIMIT_MS);
    r->read = db_query(r->db, SQL_HEALTH_READY, r->params, on_read, r);
    look_for_commit(r);
}

struct readiness *readiness_start(struct loop *loop, struct db *db, const struct readiness_needs *needs)
{
    struct readiness *r = must_calloc(1, sizeof *r);
    *r = (struct readiness){.loop = loop, .db = db, .needs = *needs, .arena = arena_new()};
    const struct schema_needs schema = schema_needs(r->arena, needs->rights);
    r->params[0] = needs->versions;
    memcpy(r->params + 1, schema.params, sizeof schema.params);
    for (int i = 0; i < PROBES_MAX; i++)
        r->probes[i].readiness = r;
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
    for (int i = 0; i < PROBES_MAX; i++)
        forget(&r->probes[i].call);
    timer_free(r->timer);
    timer_free(r->limit);
    arena_free(r->arena);
    free(r);
}
