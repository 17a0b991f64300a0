#include "worker/scheduler.h"

#include <stdlib.h>

#include "sys/log.h"

enum {
    FIRST_MS = 200, /* the connections need a moment */
    EVERY_POLLS = 10,
    EVERY_MAX_MS = 30000,
    AWAY_MS = 1000,
    SOON_MS = 1000, /* another worker has locked the users that are due */
    PAUSE_MS = 50,  /* between batches, so that other writes come in between; digests have time */
};

static const char batch[] = "200";
static const int64_t full = 200;

struct scheduler {
    struct db *db;
    uint64_t every_ms;
    struct timer *timer;
    struct db_call *call;
    bool in_trouble, stopped;
};

/* Logs a statement's trouble once, not at each try. sys/db logs the trouble of connections. */
static void scheduler_note_outcome(struct scheduler *s, enum db_outcome outcome, const struct db_rows *rows)
{
    bool was_logged = s->in_trouble;
    s->in_trouble = outcome == DB_FAILED || outcome == DB_TIMED_OUT;
    if (s->in_trouble && !was_logged)
        log_warn("schedule_failed", log_str("error", db_outcome_name(outcome)), log_str("detail", db_message(rows)));
}

static uint64_t pause_after(const struct scheduler *s, const struct db_rows *rows)
{
    enum { DUE, ENQUEUED, NEXT_MS };
    if (db_number(rows, 0, DUE) == full)
        return PAUSE_MS;
    if (!db_text(rows, 0, NEXT_MS))
        return s->every_ms;
    return MIN((uint64_t)MAX(db_number(rows, 0, NEXT_MS), SOON_MS), s->every_ms);
}

static void on_scheduled(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    enum { DUE, ENQUEUED };
    struct scheduler *s = ctx;
    s->call = NULL;
    scheduler_note_outcome(s, outcome, rows);
    if (outcome == DB_OK && db_number(rows, 0, ENQUEUED) > 0)
        db_tell(s->db, SQL_JOBS_NOTIFY, (const char *[]){"jobs"});
    if (!s->stopped)
        timer_set(s->timer, outcome == DB_OK ? pause_after(s, rows) : MIN(AWAY_MS, s->every_ms));
}

static void schedule(void *ctx)
{
    struct scheduler *s = ctx;
    s->call = db_query(s->db, SQL_WEEKLY_SCHEDULE, (const char *[]){batch}, on_scheduled, s);
}

struct scheduler *scheduler_start(struct loop *loop, struct db *db, const struct config *config)
{
    struct scheduler *s = must_calloc(1, sizeof *s);
    s->db = db;
    s->every_ms = MIN(EVERY_POLLS * (uint64_t)config->worker_poll_every, EVERY_MAX_MS);
    s->timer = timer_new(loop, schedule, s);
    timer_set(s->timer, FIRST_MS);
    return s;
}

void scheduler_stop(struct scheduler *s)
{
    s->stopped = true;
    timer_stop(s->timer);
}

void scheduler_free(struct scheduler *s)
{
    if (s->call)
        db_drop(s->call);
    timer_free(s->timer);
    free(s);
}
