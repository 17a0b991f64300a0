#include "service/readiness.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sys/log.h"
#include "sys/metrics.h"

enum { READY_LIMIT_MS = 1500, WATCH_EVERY_MS = 1000 };

static atomic_bool shutting_down;
static atomic_bool superuser_was_told, superuser_was_refused;
static bool refuses_superuser;
static struct metric *ready;

struct question {
    struct readiness *readiness;
    readiness_done *done; /* NULL: answered or called off */
    void *ctx;
    struct db_call *call;
    struct timer *limit;
};

struct readiness {
    struct loop *loop;
    struct db *db;
    const char *versions;
    int version_count;
    struct timer *timer;
    struct arena *arena; /* of the watch's question under way */
    struct question *watching;
    bool was_asked;
    char logged[160]; /* the reason last logged; "" for ready */
};

void readiness_begin(bool refuses)
{
    refuses_superuser = refuses;
    ready = metric_series(
        metric_family(METRIC_GAUGE, "service_ready", "1 while this process can serve, as /readyz says; else 0.", NULL),
        "");
}

void readiness_shut_down(void)
{
    atomic_store(&shutting_down, true);
    metric_set(ready, 0);
}

static void readiness_end(struct question *q)
{
    if (q->call)
        db_drop(q->call);
    timer_free(q->limit);
    q->call = NULL;
    q->limit = NULL;
    q->done = NULL;
}

static void readiness_answer(struct question *q, const char *why_not)
{
    readiness_done *done = q->done;
    readiness_end(q);
    if (done)
        done(q->ctx, why_not);
}

static void on_limit(void *ctx)
{
    readiness_answer(ctx, "database ping failed: no answer in time");
}

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

bool readiness_refused(void)
{
    return atomic_load(&superuser_was_refused);
}

static void on_applied(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    struct question *q = ctx;
    char why[160];
    q->call = NULL;
    bool no_table = db_lacks_table(outcome, rows);
    if (outcome != DB_OK && !no_table) {
        snprintf(why, sizeof why, "database ping failed: %s",
                 db_is_up(q->readiness->db) ? db_outcome_name(outcome) : db_why_down(q->readiness->db));
        readiness_answer(q, why);
        return;
    }
    if (!no_table && *db_text(rows, 0, 1) == 't')
        tell_of_superuser();
    long long applied = no_table ? 0 : (long long)db_number(rows, 0, 0);
    snprintf(why, sizeof why, "migrations pending: applied=%lld expected=%d", applied, q->readiness->version_count);
    readiness_answer(q, applied < q->readiness->version_count ? why : NULL);
}

struct question *readiness_ask(struct readiness *r, struct arena *arena, readiness_done *done, void *ctx)
{
    if (atomic_load(&shutting_down)) {
        done(ctx, "shutting down");
        return NULL;
    }
    struct question *q = arena_alloc(arena, sizeof *q);
    *q = (struct question){.readiness = r, .done = done, .ctx = ctx};
    q->limit = timer_new(r->loop, on_limit, q);
    timer_set(q->limit, READY_LIMIT_MS);
    q->call = db_query(r->db, SQL_HEALTH_READY, (const char *[]){r->versions}, on_applied, q);
    return q;
}

void readiness_drop(struct question *q)
{
    readiness_end(q);
}

/* ---- the watch ---- */

static void readiness_report(void *ctx, const char *why_not)
{
    struct readiness *r = ctx;
    const char *reason = why_not ? why_not : "";
    r->watching = NULL;
    metric_set(ready, !why_not && !atomic_load(&shutting_down));
    timer_set(r->timer, WATCH_EVERY_MS);
    if (r->was_asked && strcmp(reason, r->logged) == 0)
        return;
    r->was_asked = true;
    snprintf(r->logged, sizeof r->logged, "%s", reason);
    if (why_not)
        log_warn("not_ready", log_str("error", why_not));
    else
        log_info("ready");
}

static void readiness_look(void *ctx)
{
    struct readiness *r = ctx;
    arena_free(r->arena);
    r->arena = arena_new();
    r->watching = readiness_ask(r, r->arena, readiness_report, r);
}

struct readiness *readiness_new(struct loop *loop, struct db *db, const char *versions, int version_count)
{
    struct readiness *r = must_calloc(1, sizeof *r);
    *r = (struct readiness){.loop = loop, .db = db, .versions = versions, .version_count = version_count};
    return r;
}

/* The first look comes soon: the connections need a moment. */
void readiness_watch(struct readiness *r)
{
    enum { FIRST_LOOK_MS = 30 };
    r->timer = timer_new(r->loop, readiness_look, r);
    timer_set(r->timer, FIRST_LOOK_MS);
}

void readiness_free(struct readiness *r)
{
    if (r->watching)
        readiness_drop(r->watching);
    timer_free(r->timer);
    arena_free(r->arena);
    free(r);
}
