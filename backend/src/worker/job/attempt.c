#include "worker/job/attempt.h"

#include <string.h>

#include "base/clock.h"
#include "domain/written.h"
#include "worker/job/batch.h"
#include "worker/job/ending.h"
#include "worker/job/mailing.h"
#include "worker/job/report.h"
#include "worker/job/types.h"

/* JOB_BRIEFING -> JOB_WRITING   the brief came, and the type has the model write
 *              -> JOB_ENDING    nothing is to be written, or the brief failed
 *              (a mail is sent in this phase, too)
 * JOB_WRITING  -> JOB_WRITING   the text failed its check, and may be written once more
 *              -> JOB_ENDING    the text is good, or there will be none
 * JOB_ENDING   -> JOB_ENDING    the end couldn't be stored: again after a pause, while the lease
 *                               lasts; a text that can't be stored ends as a retry or a failure
 *              -> ended         the end is stored, or the lease is lost
 *
 * The task's deadline and job_hand_back lead from the first two to JOB_ENDING. The one timer of a
 * job belongs to its phase: the task's deadline, then the pause before the end is sent again.
 */
enum { AWAY_DELAY_MS = 1000, NOT_YET_DELAY_MS = 1000 };

/* 30 days. A row may claim to have been due for thousands of years, and a sum of such times
 * would wrap. */
static const int64_t WAITED_MAX_US = INT64_C(30) * 24 * 3600 * 1000000;

/* ---- the text ---- */

static void job_generate(struct job *job);

/* The model will never write this text. */
static void give_up_text(struct job *job, const char *error)
{
    if (!job->work->stand_in) {
        job_fail(job, error);
        return;
    }
    job->values[VALUE_TEXT] = job->work->stand_in(&job->brief, job->arena);
    job_store(job);
}

static void text_failed(struct job *job, const char *error, uint64_t retry_after_ms)
{
    if (!job->work->stand_in) {
        job_retry(job, error, retry_after_ms);
        return;
    }
    job->values[VALUE_TEXT] = job->work->stand_in(&job->brief, job->arena);
    job_store_degraded(job, error, retry_after_ms);
}

/* The provider wasn't asked, or named a time to come back at. The attempt isn't counted. */
static void provider_busy(struct job *job, const char *error, uint64_t retry_after_ms)
{
    if (job->work->stand_in)
        text_failed(job, error, retry_after_ms);
    else
        job_release(job, MAX(retry_after_ms, AWAY_DELAY_MS));
}

/* The job is released at once: it waits unclaimed (queue.c), and comes back when there are tokens,
 * which a lever may bring at any time. */
static void out_of_tokens(struct job *job, const char *error, uint64_t retry_after_ms)
{
    if (job->work->stand_in)
        text_failed(job, error, retry_after_ms);
    else
        job_release(job, 0);
}

/* The task's deadline, less the time that storing needs. */
static uint64_t text_deadline(const struct job *job)
{
    return job->deadline - written_reserve_ms((uint64_t)job->env->config->worker_task_timeout) * NS_PER_MS;
}

static void judge_text(struct job *job, const char *text)
{
    const char *wrong;
    uint64_t now = loop_now(job->env->loop), deadline = text_deadline(job);
    const struct writing writing = {
        .number = ++job->written, .took = now - job->asked, .left = deadline > now ? deadline - now : 0};
    switch (written_judge(&job->brief, text, &writing, &wrong)) {
    case WRITTEN_WELL:
        job->values[VALUE_TEXT] = arena_strdup(job->arena, text);
        job_store(job);
        return;
    case WRITTEN_AGAIN: job_generate(job); return;
    case WRITTEN_BADLY: give_up_text(job, wrong); return;
    }
}

static const char *llm_error(const struct job *job, const struct llm_result *result)
{
    return arena_printf(job->arena, "llm: %s%s%s", result->error, result->words ? ": " : "",
                        result->words ? result->words : "");
}

static void job_on_text(void *ctx, const struct llm_result *result)
{
    struct job *job = ctx;
    job->generation = NULL;
    const char *error = result->status == LLM_OK ? NULL : llm_error(job, result);
    switch (result->status) {
    case LLM_OK: judge_text(job, result->text); return;
    case LLM_REFUSED: give_up_text(job, error); return;
    case LLM_BUSY: provider_busy(job, error, result->retry_after_ms); return;
    case LLM_USED_UP: out_of_tokens(job, error, result->retry_after_ms); return;
    case LLM_FAILED:
    case LLM_MISCONFIGURED:
    case LLM_LATE: text_failed(job, error, result->retry_after_ms); return;
    }
}

static void job_generate(struct job *job)
{
    const char *request_id = job->facts.request_id;
    const struct llm_ask ask = {.brief = &job->brief,
                                .about = {.request_id = request_id ? request_id : "", .job_id = job->facts.id},
                                .deadline = text_deadline(job),
                                .since = job->started,
                                .done = job_on_text,
                                .ctx = job};
    job->phase = JOB_WRITING;
    job->asked = loop_now(job->env->loop);
    job->generation = llm_generate(job->env->llm, &ask);
}

/* ---- the brief ---- */

/* NULL stays NULL. */
static const char *copy_text(struct arena *arena, const struct db_rows *rows, int row, int column)
{
    const char *text = db_text(rows, row, column);
    return text ? arena_strdup(arena, text) : NULL;
}

static void read_brief(struct job *job, const char *json)
{
    struct err err;
    if (!brief_read(&job->brief, job->work->operation, json, job->arena, &err)) {
        job_retry(job, arena_strdup(job->arena, err.text), 0);
        return;
    }
    const int64_t *max_len = (const void *)((const char *)job->env->config + job->work->max_len);
    job->brief.max_chars = (int)*max_len;
    job_generate(job);
}

static void store_brief(struct job *job, const char *body, bool is_degraded)
{
    job->values[VALUE_TEXT] = arena_strdup(job->arena, body);
    if (is_degraded)
        job_store_degraded(job, "summaries are missing", 0);
    else
        job_store(job);
}

static void use_brief(struct job *job, const struct db_rows *rows, int row)
{
    enum { STATUS = 1, BODY, BASIS, IS_DEGRADED = BASIS, MAIL_LANGUAGE = BASIS };
    int64_t status = row < 0 ? 0 : db_number(rows, row, STATUS);
    const char *body = row < 0 ? NULL : db_text(rows, row, BODY);
    if (status == 200 && job->work->has_basis)
        job->values[VALUE_BASIS] = copy_text(job->arena, rows, row, BASIS);
    if (status == 202)
        job_release(job, NOT_YET_DELAY_MS);
    else if (status == 204)
        job_finish(job);
    else if (status != 200 || !body)
        job_fail(job, body ? arena_strdup(job->arena, body) : "the statement gave no brief");
    else if (job->work->mail)
        mailing_begin(job, body, db_text(rows, row, MAIL_LANGUAGE));
    else if (job->work->without_model)
        store_brief(job, body, db_is_true(rows, row, IS_DEGRADED));
    else
        read_brief(job, body);
}

/* A statement that Postgres refused, or that took too long, counts as an attempt: the job may be
 * the cause. An absent database doesn't. */
static void on_brief(struct job *job, enum db_outcome outcome, const struct db_rows *rows, int row)
{
    switch (outcome) {
    case DB_OK: use_brief(job, rows, row); return;
    case DB_FAILED:
    case DB_REFUSED:
    case DB_TIMED_OUT:
        job_retry(job, arena_printf(job->arena, "database: %s %s", db_outcome_name(outcome), db_sqlstate(rows)), 0);
        return;
    case DB_BUSY:
    case DB_AWAY:
    case DB_LOST: job_release(job, AWAY_DELAY_MS); return;
    }
}

/* ---- a job ---- */

static void job_stop_waiting(struct job *job)
{
    batch_drop(job);
    if (job->generation)
        llm_drop(job->generation);
    mailing_drop(job);
    timer_stop(job->timer);
    job->generation = NULL;
}

static void job_on_timer(void *ctx)
{
    struct job *job = ctx;
    if (job->phase == JOB_ENDING) {
        job_resend_ending(job);
        return;
    }
    bool was_tried = !mailing_waits(job);
    job_stop_waiting(job);
    if (was_tried)
        job_retry(job, "task timed out", 0);
    else
        job_release(job, AWAY_DELAY_MS);
}

void job_start(struct job *job)
{
    uint64_t task_ms = (uint64_t)job->env->config->worker_task_timeout;
    job->started = clock_ns();
    job->deadline = job->started + task_ms * NS_PER_MS;
    report_job_started(job);
    if (!job->work) {
        job_fail(job, arena_printf(job->arena, "unsupported job type: %s", job->facts.type));
        return;
    }
    timer_set(job->timer, task_ms);
    if (job->work->watched == VALUE_POST)
        job_tell_watchers(job);
    if (job->work->mail)
        mailing_prepare(job);
    batch_add(job->env->batches, job, &job->work->brief, on_brief);
}

void job_hand_back(struct job *job)
{
    if (job->phase == JOB_ENDING)
        return;
    job_stop_waiting(job);
    job_release(job, 0);
}

struct job *job_new(const struct job_env *env, const struct db_rows *rows, int row, uint64_t claimed)
{
    enum { ID, TYPE, POST, PERSONA, USER, DAY, ATTEMPTS, TOKEN, TRACE, REQUEST, WAITED_US };
    struct arena *arena = arena_new();
    struct job *job = arena_alloc(arena, sizeof *job);
    *job = (struct job){
        .env = env,
        .arena = arena,
        .facts = {.id = db_number(rows, row, ID),
                  .type = copy_text(arena, rows, row, TYPE),
                  .trace_id = copy_text(arena, rows, row, TRACE),
                  .request_id = copy_text(arena, rows, row, REQUEST),
                  .attempt = (int)db_number(rows, row, ATTEMPTS)},
        .values = {[VALUE_JOB] = copy_text(arena, rows, row, ID),
                   [VALUE_TOKEN] = copy_text(arena, rows, row, TOKEN),
                   [VALUE_POST] = copy_text(arena, rows, row, POST),
                   [VALUE_PERSONA] = copy_text(arena, rows, row, PERSONA),
                   [VALUE_USER] = copy_text(arena, rows, row, USER),
                   [VALUE_DAY] = copy_text(arena, rows, row, DAY),
                   [VALUE_DEGRADED] = "false",
                   [VALUE_DELAY] = "0"},
        .waited = (uint64_t)MIN(MAX(db_number(rows, row, WAITED_US), 0), WAITED_MAX_US) * 1000,
        .started = clock_ns(),
        .lease_end = claimed + (uint64_t)(env->config->worker_task_timeout + LEASE_GRACE_MS) * NS_PER_MS,
    };
    job->work = job_work_find(job->facts.type);
    job->timer = timer_new(env->loop, job_on_timer, job);
    return job;
}

void job_free(struct job *job)
{
    job_stop_waiting(job);
    timer_free(job->timer);
    arena_free(job->arena);
}
