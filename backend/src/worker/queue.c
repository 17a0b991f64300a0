#include "worker/queue.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "config/job_types.h"
#include "config/levers.h"
#include "sys/log.h"
#include "worker/job/attempt.h"
#include "worker/job/report.h"
#include "worker/job/types.h"
#include "worker/marks.h"
#include "worker/presence.h"
#include "worker/upkeep.h"

enum {
    RECLAIM_BATCH = 100,
    POLL_FIRST_MS = 100,    /* the connections need a moment */
    POLL_SHARE = 10,        /* polls take at most 1/POLL_SHARE of the time … */
    POLL_LATEST_MS = 10000, /* … but one comes after this, so that expired leases are found */
    AWAY_PAUSE_MS = 250,    /* the database is away */
    ASK_AFTER_MS = 50,      /* at most one next_due in this time; a busy worker doesn't need it */
    HAND_BACK_MS = 2000,
    UNHEARD_MS = 25, /* a job that has been due for so long has woken nobody */
    NUMBER_SIZE = 24,
    NAME_SIZE = 96,
    ARRAY_SIZE = 128,
};

TAILQ_HEAD(jobs, job);

struct queue {
    struct job_env *env;
    struct db *db;
    struct presence *presence;
    struct upkeep *upkeep;
    char name[NAME_SIZE], lease_ms[NUMBER_SIZE], max_attempts[NUMBER_SIZE];
    struct jobs running;
    int running_count, claim_limit;
    int running_of[JOB_PRIORITIES];
    struct marks marks, claim_marks; /* claim_marks: those of the claim under way */
    bool wanted;                     /* a job may be due: claim in this turn */
    bool by_poll, claim_by_poll;     /* only the poll has found it; the claim under way is for that */
    bool poll_again;                 /* leases were ended while a poll was under way */
    bool draining, handing_back;
    bool in_trouble[SQL_COUNT];
    uint64_t claimed_at, polled_at;
    struct db_call *claim, *reclaim, *oldest, *next_due;
    struct timer *poll_timer, *ask_timer, *due_timer, *drain_timer;
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

static int slots(const struct queue *q)
{
    return (int)lever_value(LEVER_WORKER_CONCURRENCY, q->env->config->worker_concurrency);
}

/* Logs a statement's trouble once, not at each try. sys/db logs the trouble of connections. */
static void queue_note_outcome(struct queue *q, enum sql statement, enum db_outcome outcome, const struct db_rows *rows)
{
    bool was_logged = q->in_trouble[statement];
    q->in_trouble[statement] = outcome == DB_FAILED || outcome == DB_TIMED_OUT;
    if (q->in_trouble[statement] && !was_logged)
        log_warn("queue_statement_failed", log_str("query", sql_statements[statement].name),
                 log_str("error", db_outcome_name(outcome)), log_str("detail", db_message(rows)));
}

/* ---- jobs that ended ---- */

static void finish_drain(struct queue *q)
{
    loop_fn *drained = q->drained;
    q->drained = NULL;
    timer_stop(q->drain_timer);
    if (drained)
        drained(q->drained_ctx);
}

static void queue_check_drained(struct queue *q)
{
    if (q->draining && !q->claim && q->running_count == 0)
        finish_drain(q);
}

static void on_job_ended(void *ctx, struct job *job)
{
    struct queue *q = ctx;
    INVARIANT_LINKED(job, link);
    TAILQ_REMOVE(&q->running, job, link);
    q->running_count--;
    q->running_of[job_type_priority(job->facts.type)]--;
    job_free(job);
    q->wanted = true; /* a slot is free, and what was stored may have enqueued more */
    q->by_poll = false;
    queue_check_drained(q);
}

/* ---- claiming ---- */

/* Jobs that can only be done by the model wait, unclaimed, while its budget is used up. */
static bool lacks_tokens(const struct queue *q, int priority)
{
    if (!llm_is_out_of_tokens(q->env->llm))
        return false;
    for (int type = 0; type < JOB_TYPES; type++)
        if (job_types[type].priority == priority && job_work_needs_model(job_types[type].name))
            return true;
    return false;
}

/* Claims when the soonest of the jobs is due. `rows`: of jobs/next_due. */
static void claim_when_due(struct queue *q, const struct db_rows *rows)
{
    enum { PRIORITY, DUE_IN_MS };
    int64_t soonest = (int64_t)poll_ms(q);
    for (int row = 0; row < db_count(rows); row++)
        if (!lacks_tokens(q, (int)db_number(rows, row, PRIORITY)))
            soonest = MIN(soonest, db_number(rows, row, DUE_IN_MS));
    if (db_count(rows) > 0 && !q->draining)
        timer_set(q->due_timer, (uint64_t)soonest);
}

static void on_next_due(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    struct queue *q = ctx;
    q->next_due = NULL;
    if (outcome == DB_OK)
        claim_when_due(q, rows);
}

static void ask_next_due(void *ctx)
{
    struct queue *q = ctx;
    char marks[MARKS_TEXT_SIZE];
    if (q->next_due) {
        timer_set(q->ask_timer, ASK_AFTER_MS);
        return;
    }
    marks_text(&q->marks, marks);
    q->next_due = db_query(q->db, SQL_JOBS_NEXT_DUE, (const char *[]){marks}, on_next_due, q);
}

static void plan_next_claim(struct queue *q, enum db_outcome outcome, int claimed)
{
    if (q->draining)
        return;
    if (outcome != DB_OK)
        timer_set(q->due_timer, AWAY_PAUSE_MS);
    else if (claimed < q->claim_limit && !timer_is_set(q->ask_timer))
        timer_set(q->ask_timer, ASK_AFTER_MS);
}

static void add_claimed(struct queue *q, const struct db_rows *rows, int row)
{
    enum { PRIORITY = 11, DUE_US };
    struct job *job = job_new(q->env, rows, row, q->claimed_at);
    if (q->claim_by_poll && job->waited > UNHEARD_MS * NS_PER_MS)
        report_started_by_poll();
    marks_raise(&q->marks, &q->claim_marks, db_number(rows, row, PRIORITY), db_number(rows, row, DUE_US));
    TAILQ_INSERT_TAIL(&q->running, job, link);
    q->running_count++;
    q->running_of[job_type_priority(job->facts.type)]++;
    if (q->draining)
        job_hand_back(job);
    else
        job_start(job);
}

static void on_claimed(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    struct queue *q = ctx;
    q->claim = NULL;
    queue_note_outcome(q, SQL_JOBS_CLAIM, outcome, rows);
    int count = outcome == DB_OK ? db_count(rows) : 0;
    for (int row = 0; row < count; row++)
        add_claimed(q, rows, row);
    plan_next_claim(q, outcome, count);
    queue_check_drained(q);
}

/* How many more jobs of the priority may run. Replies may fill all slots, other types three
 * quarters of them. */
static int room_for(const struct queue *q, int priority)
{
    if (lacks_tokens(q, priority))
        return 0;
    return (priority == 0 ? slots(q) : MAX(slots(q) * 3 / 4, 1)) - q->running_of[priority];
}

/* Two Postgres arrays: the room of each priority, and the priorities of which no job runs. */
static void describe_slots(const struct queue *q, char room[static ARRAY_SIZE], char idle[static ARRAY_SIZE])
{
    size_t room_len = 0, idle_len = 0;
    for (int p = 0; p < JOB_PRIORITIES; p++) {
        room_len += (size_t)snprintf(room + room_len, ARRAY_SIZE - room_len, "%c%d", p ? ',' : '{', room_for(q, p));
        if (q->running_of[p] == 0 && !lacks_tokens(q, p))
            idle_len += (size_t)snprintf(idle + idle_len, ARRAY_SIZE - idle_len, "%c%d", idle_len ? ',' : '{', p);
    }
    snprintf(room + room_len, ARRAY_SIZE - room_len, "}");
    snprintf(idle + idle_len, ARRAY_SIZE - idle_len, idle_len ? "}" : "{}");
}

/* Claims once per turn, so that one statement takes the successors of all jobs that ended in it.
 * With the database away `wanted` stays set; the database's return makes a turn. */
static void claim_if_wanted(void *ctx)
{
    struct queue *q = ctx;
    int free_slots = slots(q) - q->running_count;
    if (!q->wanted || q->claim || q->draining || free_slots <= 0 || !db_is_up(q->db))
        return;
    char limit[NUMBER_SIZE], room[ARRAY_SIZE], idle[ARRAY_SIZE], marks[MARKS_TEXT_SIZE];
    number(limit, free_slots);
    describe_slots(q, room, idle);
    marks_text(&q->marks, marks);
    q->claim_marks = q->marks;
    q->claim_limit = free_slots;
    q->wanted = false;
    q->claim_by_poll = q->by_poll;
    q->by_poll = false;
    q->claimed_at = loop_now(q->env->loop);
    q->claim = db_query(q->db, SQL_JOBS_CLAIM,
                        (const char *[]){limit, q->name, q->lease_ms, room, idle, marks, presence_id(q->presence)},
                        on_claimed, q);
}

const char *queue_why_not_claiming(const struct queue *q)
{
    enum { LATE_MS = 1500 };
    if (q->in_trouble[SQL_JOBS_CLAIM])
        return "the claim fails";
    bool is_late = q->claim && loop_now(q->env->loop) > q->claimed_at + LATE_MS * NS_PER_MS;
    return is_late ? "no answer in time" : NULL;
}

void queue_wake(struct queue *q)
{
    q->wanted = true;
    q->by_poll = false;
}

/* The time that a look gave: of a job that is to wait, or of one that nobody had told of. */
static void queue_on_due(void *ctx)
{
    struct queue *q = ctx;
    q->by_poll = !q->wanted;
    q->wanted = true;
}

static void queue_on_wake(void *ctx)
{
    queue_wake(ctx);
}

/* ---- the poll ---- */

static void report_reclaimed(const struct db_rows *rows, int row)
{
    enum { ID, TYPE, ATTEMPTS, STATUS, REQUEST, TRACE };
    const struct job_facts facts = {.id = db_number(rows, row, ID),
                                    .type = db_text(rows, row, TYPE),
                                    .attempt = (int)db_number(rows, row, ATTEMPTS),
                                    .request_id = db_text(rows, row, REQUEST),
                                    .trace_id = db_text(rows, row, TRACE)};
    report_lease_expired(&facts, *db_text(rows, row, STATUS) == 'F');
}

/* Sets the timer of the next poll, unless one is under way: WORKER_POLL_EVERY later, or later
 * still where this poll took long, as it does beside dead rows that a long transaction keeps. A
 * connection that broke says nothing about the rows. */
static void plan_poll(struct queue *q, enum db_outcome outcome)
{
    bool was_answered = outcome == DB_OK || outcome == DB_TIMED_OUT;
    uint64_t took_ms = was_answered ? (loop_now(q->env->loop) - q->polled_at) / NS_PER_MS : 0;
    if (!q->draining && !q->reclaim)
        timer_set(q->poll_timer, MAX(poll_ms(q), MIN(took_ms * POLL_SHARE, (uint64_t)POLL_LATEST_MS)));
}

/* A job that waits below its mark brings the mark down, so that the next claim finds the job. No
 * claim follows where nothing is due. */
static void on_oldest(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    enum { PRIORITY, DUE_US = 2 };
    struct queue *q = ctx;
    q->oldest = NULL;
    queue_note_outcome(q, SQL_JOBS_NEXT_DUE, outcome, rows);
    int count = outcome == DB_OK ? db_count(rows) : 0;
    for (int row = 0; row < count; row++)
        marks_lower(&q->marks, db_number(rows, row, PRIORITY), db_number(rows, row, DUE_US));
    if (outcome == DB_OK)
        claim_when_due(q, rows);
    else
        q->wanted = true;
    plan_poll(q, outcome);
}

/* A statement of its own, not a claim without marks: beside dead rows it takes a second, in which
 * no job could be claimed. */
static void look_below_marks(struct queue *q)
{
    char marks[MARKS_TEXT_SIZE];
    marks_text(&(const struct marks){0}, marks);
    q->oldest = db_query(q->db, SQL_JOBS_NEXT_DUE, (const char *[]){marks}, on_oldest, q);
}

static void queue_poll(void *ctx);

static void on_reclaimed(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    struct queue *q = ctx;
    q->reclaim = NULL;
    queue_note_outcome(q, SQL_JOBS_RECLAIM, outcome, rows);
    int count = outcome == DB_OK ? db_count(rows) : 0;
    q->wanted |= count > 0;
    for (int row = 0; row < count; row++)
        report_reclaimed(rows, row);
    if (count == RECLAIM_BATCH || q->poll_again)
        queue_poll(q);
    else if (!q->oldest)
        look_below_marks(q);
}

/* Takes expired leases back first, as that makes jobs due; then looks for jobs that are due below
 * the marks. With the database away the poll is tried again soon. */
static void queue_poll(void *ctx)
{
    struct queue *q = ctx;
    char batch[NUMBER_SIZE];
    if (q->draining)
        return;
    if (!db_is_up(q->db)) {
        timer_set(q->poll_timer, AWAY_PAUSE_MS);
        return;
    }
    timer_stop(q->poll_timer);
    q->poll_again = false;
    q->polled_at = loop_now(q->env->loop);
    number(batch, RECLAIM_BATCH);
    q->reclaim = db_query(q->db, SQL_JOBS_RECLAIM, (const char *[]){q->max_attempts, batch}, on_reclaimed, q);
}

static void on_orphaned(void *ctx)
{
    struct queue *q = ctx;
    q->poll_again = q->reclaim;
    if (!q->reclaim)
        queue_poll(q);
}

/* ---- the queue's life ---- */

/* The drain took too long: jobs are handed back, then left to their leases. */
static void drain_timed_out(void *ctx)
{
    struct queue *q = ctx;
    if (!q->handing_back) {
        queue_hand_back(q);
        return;
    }
    log_warn("jobs_left_to_their_leases", log_int("count", q->running_count));
    finish_drain(q);
}

struct queue *queue_start(struct job_env *env, struct db *db, struct state_watch *state)
{
    char host[64] = "";
    struct queue *q = must_calloc(1, sizeof *q);
    gethostname(host, sizeof host - 1);
    q->env = env;
    q->db = db;
    snprintf(q->name, sizeof q->name, "%s:%ld", host, (long)getpid());
    number(q->lease_ms, env->config->worker_task_timeout + LEASE_GRACE_MS);
    number(q->max_attempts, env->config->job_max_attempts);
    TAILQ_INIT(&q->running);
    env->ended = on_job_ended;
    env->ctx = q;
    q->poll_timer = timer_new(env->loop, queue_poll, q);
    q->ask_timer = timer_new(env->loop, ask_next_due, q);
    q->due_timer = timer_new(env->loop, queue_on_due, q);
    q->drain_timer = timer_new(env->loop, drain_timed_out, q);
    q->wanted = true;
    timer_set(q->poll_timer, POLL_FIRST_MS);
    loop_each_turn(env->loop, TURN_ANSWER, claim_if_wanted, q);
    q->presence = presence_start(db, state, q->name, &(struct presence_news){queue_on_wake, on_orphaned, q});
    q->upkeep = upkeep_start(env->loop, db, env->config);
    return q;
}

void queue_drain(struct queue *q, loop_fn *drained, void *ctx)
{
    q->draining = true;
    q->drained = drained;
    q->drained_ctx = ctx;
    timer_stop(q->poll_timer);
    timer_stop(q->ask_timer);
    timer_stop(q->due_timer);
    timer_set(q->drain_timer, (uint64_t)q->env->config->worker_drain_timeout);
    queue_check_drained(q);
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

static void drop_call(struct db_call *call)
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
    drop_call(q->claim);
    drop_call(q->reclaim);
    drop_call(q->oldest);
    drop_call(q->next_due);
    presence_stop(q->presence);
    upkeep_stop(q->upkeep);
    timer_free(q->poll_timer);
    timer_free(q->ask_timer);
    timer_free(q->due_timer);
    timer_free(q->drain_timer);
    free(q);
}
