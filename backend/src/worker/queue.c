#include "worker/queue.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "service/queue_gauges.h"
#include "sys/log.h"
#include "worker/job_report.h"

enum {
    RECLAIM_BATCH = 100,
    RETENTION_BATCH = 500,
    RETENTION_FIRST_MS = 1000,
    RETENTION_EVERY_MS = 60000,
    RETENTION_PAUSE_MS = 50, /* between batches: others want to write, too */
    LOOK_FIRST_MS = 100,     /* the connections need a moment */
    AWAY_PAUSE_MS = 250,
    SOON_MS = 50,            /* due already, but not to be had just now: locked by somebody */
    HAND_BACK_MS = 2000,
    NUMBER_SIZE = 24,
    PRIORITIES = 4,
    NAME_SIZE = 96,
    SLOTS_SIZE = 64,
};

TAILQ_HEAD(jobs, job);

struct queue {
    struct job_env *env;
    char name[NAME_SIZE], lease_ms[NUMBER_SIZE], max_attempts[NUMBER_SIZE], retention_ms[NUMBER_SIZE];
    struct jobs running;
    int running_count, claim_limit;
    int running_of[PRIORITIES];
    bool wanted; /* something may be due */
    bool draining, handing_back;
    bool in_trouble[SQL_COUNT];
    uint64_t claimed_at, look_at;
    struct db_call *claim, *reclaim, *next_due, *retention;
    struct timer *look_timer, *retention_timer, *drain_timer;
    loop_fn *drained;
    void *drained_ctx;
};

static void number(char out[static NUMBER_SIZE], int64_t value)
{
    snprintf(out, NUMBER_SIZE, "%" PRId64, value);
}

static uint64_t poll_ms(const struct queue *q)
{
    return (uint64_t)q->env->config->worker_poll_every;
}

/* Once per trouble, not once per try. The connection's own trouble is told by whoever has the connection. */
static void note_outcome(struct queue *q, enum sql statement, enum db_outcome outcome, const struct db_rows *rows)
{
    bool told = q->in_trouble[statement];
    q->in_trouble[statement] = outcome == DB_FAILED || outcome == DB_TIMED_OUT;
    if (q->in_trouble[statement] && !told)
        log_warn("queue_statement_failed", log_str("query", sql_statements[statement].name), log_str("error", db_outcome_name(outcome)),
                 log_str("detail", db_message(rows)));
}

/* ---- the end of jobs ---- */

static void tell_drained(struct queue *q)
{
    loop_fn *drained = q->drained;
    q->drained = NULL;
    timer_stop(q->drain_timer);
    if (drained)
        drained(q->drained_ctx);
}

static void check_drained(struct queue *q)
{
    if (q->draining && !q->claim && q->running_count == 0)
        tell_drained(q);
}

/* As the column `priority` has it: the place in job_type_names; a type that nobody knows goes with the digests. */
static int priority_of(const struct job *job)
{
    enum { UNKNOWN = 2 };
    for (int i = 0; i < PRIORITIES && job_type_names[i]; i++)
        if (strcmp(job_type_names[i], job->facts.type) == 0)
            return i;
    return UNKNOWN;
}

static void on_job_ended(void *ctx, struct job *job)
{
    struct queue *q = ctx;
    TAILQ_REMOVE(&q->running, job, link);
    q->running_count--;
    q->running_of[priority_of(job)]--;
    job_free(job);
    q->wanted = true; /* a slot is free, and what was stored may have enqueued more */
    check_drained(q);
}

/* ---- claiming ---- */

/* A look that is planned may come sooner, never later: claims that follow each other closely must not put it off for as long as they do, as only
 * it takes expired leases back. */
static void look_within(struct queue *q, uint64_t ms)
{
    uint64_t now = loop_now(q->env->loop), at = now + ms * NS_PER_MS;
    if (q->look_at > now && q->look_at <= at)
        return;
    q->look_at = at;
    timer_set(q->look_timer, ms);
}

static void on_next_due(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    struct queue *q = ctx;
    q->next_due = NULL;
    if (outcome != DB_OK || !db_text(rows, 0, 0))
        return; /* the poll is set */
    uint64_t due = (uint64_t)MAX(db_number(rows, 0, 0), SOON_MS);
    look_within(q, MIN(due, poll_ms(q)));
}

static void ask_next_due(struct queue *q)
{
    if (q->next_due)
        db_drop(q->next_due);
    q->next_due = db_query(q->env->db, SQL_JOBS_NEXT_DUE, NULL, on_next_due, q);
}

static void plan_next_look(struct queue *q, enum db_outcome outcome, int claimed)
{
    if (q->draining)
        return;
    look_within(q, outcome == DB_OK ? poll_ms(q) : AWAY_PAUSE_MS);
    if (outcome == DB_OK && claimed < q->claim_limit)
        ask_next_due(q);
}

static void take_job(struct queue *q, const struct db_rows *rows, int row)
{
    struct job *job = job_new(q->env, rows, row, q->claimed_at);
    TAILQ_INSERT_TAIL(&q->running, job, link);
    q->running_count++;
    q->running_of[priority_of(job)]++;
    if (q->draining)
        job_hand_back(job);
    else
        job_start(job);
}

static void on_claimed(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    struct queue *q = ctx;
    q->claim = NULL;
    note_outcome(q, SQL_JOBS_CLAIM, outcome, rows);
    int count = outcome == DB_OK ? db_count(rows) : 0;
    for (int row = 0; row < count; row++)
        take_job(q, rows, row);
    plan_next_look(q, outcome, count);
    check_drained(q);
}

/* Replies may fill all slots, anything else three quarters of them. */
static int room_for(const struct queue *q, int priority)
{
    int slots = (int)q->env->config->worker_concurrency;
    return (priority == 0 ? slots : MAX(slots * 3 / 4, 1)) - q->running_of[priority];
}

/* Two Postgres arrays: the room of each priority, and the priorities of which none runs. */
static void describe_slots(const struct queue *q, char room[static SLOTS_SIZE], char idle[static SLOTS_SIZE])
{
    size_t room_len = 0, idle_len = 0;
    for (int p = 0; p < PRIORITIES; p++) {
        room_len += (size_t)snprintf(room + room_len, SLOTS_SIZE - room_len, "%c%d", p ? ',' : '{', room_for(q, p));
        if (q->running_of[p] == 0)
            idle_len += (size_t)snprintf(idle + idle_len, SLOTS_SIZE - idle_len, "%c%d", idle_len ? ',' : '{', p);
    }
    snprintf(room + room_len, SLOTS_SIZE - room_len, "}");
    snprintf(idle + idle_len, SLOTS_SIZE - idle_len, idle_len ? "}" : "{}");
}

/* Once per turn: however many jobs ended in it, one statement takes their successors. With the database away the wish stays: its return makes a
 * turn. */
static void claim_if_wanted(void *ctx)
{
    struct queue *q = ctx;
    int free_slots = (int)q->env->config->worker_concurrency - q->running_count;
    if (!q->wanted || q->claim || q->draining || free_slots <= 0 || !db_is_up(q->env->db))
        return;
    char limit[NUMBER_SIZE], room[SLOTS_SIZE], idle[SLOTS_SIZE];
    number(limit, free_slots);
    describe_slots(q, room, idle);
    q->claim_limit = free_slots;
    q->wanted = false;
    q->claimed_at = loop_now(q->env->loop);
    q->claim = db_query(q->env->db, SQL_JOBS_CLAIM, (const char *[]){limit, q->name, q->lease_ms, room, idle}, on_claimed, q);
}

static void wake(void *ctx)
{
    struct queue *q = ctx;
    q->wanted = true;
}

/* ---- expired leases ---- */

static void report_reclaimed(const struct db_rows *rows, int row)
{
    enum { ID, TYPE, ATTEMPTS, STATUS, REQUEST, TRACE };
    const struct job_facts facts = {.id = db_number(rows, row, ID), .type = db_text(rows, row, TYPE), .attempt = (int)db_number(rows, row, ATTEMPTS),
                                    .request_id = db_text(rows, row, REQUEST), .trace_id = db_text(rows, row, TRACE)};
    report_lease_expired(&facts, *db_text(rows, row, STATUS) == 'F');
}

static void look(void *ctx);

static void on_reclaimed(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    struct queue *q = ctx;
    q->reclaim = NULL;
    q->wanted = true;
    note_outcome(q, SQL_JOBS_RECLAIM, outcome, rows);
    int count = outcome == DB_OK ? db_count(rows) : 0;
    for (int row = 0; row < count; row++)
        report_reclaimed(rows, row);
    if (count == RECLAIM_BATCH)
        look(q);
}

/* The poll, and whenever something is due: expired leases first, as they make jobs due; the claim follows. */
static void look(void *ctx)
{
    struct queue *q = ctx;
    char batch[NUMBER_SIZE];
    if (q->draining)
        return;
    bool away = !db_is_up(q->env->db);
    q->look_at = 0; /* this one was it */
    look_within(q, away ? AWAY_PAUSE_MS : poll_ms(q));
    if (away || q->reclaim)
        return;
    number(batch, RECLAIM_BATCH);
    q->reclaim = db_query(q->env->db, SQL_JOBS_RECLAIM, (const char *[]){q->max_attempts, batch}, on_reclaimed, q);
}

/* ---- retention ---- */

static void on_deleted(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    struct queue *q = ctx;
    q->retention = NULL;
    bool more = outcome == DB_OK && db_number(rows, 0, 0) == RETENTION_BATCH;
    note_outcome(q, SQL_JOBS_DELETE_FINISHED, outcome, rows);
    if (!q->draining)
        timer_set(q->retention_timer, more ? RETENTION_PAUSE_MS : RETENTION_EVERY_MS);
}

static void delete_finished(void *ctx)
{
    struct queue *q = ctx;
    char batch[NUMBER_SIZE];
    number(batch, RETENTION_BATCH);
    q->retention = db_query(q->env->db, SQL_JOBS_DELETE_FINISHED, (const char *[]){q->retention_ms, batch}, on_deleted, q);
}

/* ---- the queue's life ---- */

static void give_up(void *ctx)
{
    struct queue *q = ctx;
    if (!q->handing_back) {
        queue_hand_back(q);
        return;
    }
    log_warn("jobs_left_to_their_leases", log_int("count", q->running_count));
    tell_drained(q);
}

struct queue *queue_start(struct job_env *env)
{
    char host[64] = "";
    struct queue *q = must_calloc(1, sizeof *q);
    gethostname(host, sizeof host - 1);
    q->env = env;
    snprintf(q->name, sizeof q->name, "%s:%ld", host, (long)getpid());
    number(q->lease_ms, env->config->worker_task_timeout + LEASE_GRACE_MS);
    number(q->max_attempts, env->config->job_max_attempts);
    number(q->retention_ms, env->config->job_retention);
    TAILQ_INIT(&q->running);
    env->ended = on_job_ended;
    env->ctx = q;
    q->look_timer = timer_new(env->loop, look, q);
    q->retention_timer = timer_new(env->loop, delete_finished, q);
    q->drain_timer = timer_new(env->loop, give_up, q);
    q->wanted = true;
    look_within(q, LOOK_FIRST_MS);
    timer_set(q->retention_timer, RETENTION_FIRST_MS);
    loop_each_turn(env->loop, TURN_ANSWER, claim_if_wanted, q);
    db_listen(env->db, "jobs", wake, q);
    return q;
}

void queue_drain(struct queue *q, loop_fn *drained, void *ctx)
{
    q->draining = true;
    q->drained = drained;
    q->drained_ctx = ctx;
    timer_stop(q->look_timer);
    timer_stop(q->retention_timer);
    timer_set(q->drain_timer, (uint64_t)q->env->config->worker_drain_timeout);
    check_drained(q);
}

void queue_hand_back(struct queue *q)
{
    if (q->handing_back)
        return;
    q->handing_back = true;
    timer_set(q->drain_timer, HAND_BACK_MS);
    for (struct job *job = TAILQ_FIRST(&q->running), *next; job; job = next) {
        next = TAILQ_NEXT(job, link);
        job_hand_back(job);
    }
}

static void drop(struct db_call *call)
{
    if (call)
        db_drop(call);
}

void queue_free(struct queue *q)
{
    for (struct job *job; (job = TAILQ_FIRST(&q->running));) {
        TAILQ_REMOVE(&q->running, job, link);
        job_free(job);
    }
    drop(q->claim);
    drop(q->reclaim);
    drop(q->next_due);
    drop(q->retention);
    timer_free(q->look_timer);
    timer_free(q->retention_timer);
    timer_free(q->drain_timer);
    free(q);
}
