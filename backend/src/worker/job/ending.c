#include "worker/job/ending.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "config/levers.h"
#include "domain/retry.h"
#include "service/live_tell.h"
#include "sys/crypto.h"
#include "sys/log.h"
#include "worker/job/batch.h"
#include "worker/job/report.h"
#include "worker/job/types.h"

/* A text was paid for, so its end isn't given up when the database is away: the statement is sent
 * again while the lease lasts. The lease's token makes that harmless, as a statement that ran has
 * taken the token off the row. A row without our token therefore means one of two things:
 * - an earlier sending may have run (`maybe_ended`): it did, as nobody else gets the job before
 *   the lease is over;
 * - none may have: the job isn't ours any more.
 */
enum { RESEND_EVERY_MS = 250, RETRY_LEAST_MS = 1000 };

static const struct job_statement end_statement = {
    SQL_JOBS_END, {VALUE_PERSONA, VALUE_JOB, VALUE_TOKEN, VALUE_HOW, VALUE_DELAY, VALUE_ERROR}};

static bool is_storing(const struct job *job)
{
    return job->work && job->ending == &job->work->store;
}

void job_tell_watchers(const struct job *job)
{
    enum job_value watched = job->work ? job->work->watched : VALUE_NONE;
    const char *id = job->values[watched];
    if (watched == VALUE_POST)
        live_tell_post(job->env->live, id);
    else if (watched == VALUE_PERSONA)
        live_tell_digest(job->env->live, id);
    else if (watched == VALUE_USER)
        live_tell_user(job->env->live, id);
}

static void end_as(struct job *job, enum job_outcome outcome)
{
    job->outcome = outcome;
    job_tell_watchers(job);
    report_job_ended(job);
    job->env->ended(job->env->ctx, job);
}

static void token_gone(struct job *job)
{
    if (job->maybe_ended) {
        end_as(job, job->outcome);
        return;
    }
    job->error = "lease lost";
    end_as(job, JOB_LOST);
}

static void store_answered(struct job *job, const struct db_rows *rows, int row)
{
    enum { STATUS = 1, ERROR };
    if (db_number(rows, row, STATUS) < 400)
        end_as(job, job->outcome);
    else if (strcmp(db_text(rows, row, ERROR), "lease lost") == 0)
        token_gone(job);
    else
        job_fail(job, arena_strdup(job->arena, db_text(rows, row, ERROR)));
}

static void ending_answered(struct job *job, const struct db_rows *rows, int row)
{
    if (row < 0)
        token_gone(job);
    else if (is_storing(job))
        store_answered(job, rows, row);
    else
        end_as(job, job->outcome);
}

/* Postgres refused the statement. A job whose text can't be stored is retried or fails; a job
 * whose failure can't be stored is left to its lease. */
static void ending_refused(struct job *job, const struct db_rows *rows)
{
    const char *name = sql_statements[job->ending->sql].name, *constraint = db_constraint(rows);
    const char *error = arena_printf(job->arena, "database: %s failed with %s%s%s", name, db_sqlstate(rows),
                                     *constraint ? " " : "", constraint);
    log_error("job_statement_failed", log_int("job_id", job->facts.id), log_str("job_type", job->facts.type),
              log_str("error", error));
    if (is_storing(job)) {
        job_retry(job, error, 0);
        return;
    }
    job->error = error;
    end_as(job, JOB_LOST);
}

static void on_ending(struct job *job, enum db_outcome outcome, const struct db_rows *rows, int row)
{
    if (outcome == DB_OK) {
        ending_answered(job, rows, row);
    } else if (outcome == DB_FAILED && !db_is_passing(db_sqlstate(rows))) {
        ending_refused(job, rows);
    } else {
        job->maybe_ended = job->maybe_ended || outcome == DB_LOST;
        timer_set(job->timer, RESEND_EVERY_MS);
    }
}

void job_resend_ending(struct job *job)
{
    if (loop_now(job->env->loop) < job->lease_end) {
        batch_add(job->env->batches, job, job->ending, on_ending);
        return;
    }
    job->error = "the lease was over before the database was back";
    end_as(job, JOB_LOST);
}

static void end_with(struct job *job, const struct job_statement *statement, enum job_outcome outcome,
                     const char *error)
{
    timer_stop(job->timer);
    job->phase = JOB_ENDING;
    job->ending = statement;
    job->outcome = outcome;
    job->error = error;
    job->values[VALUE_ERROR] = error;
    job->maybe_ended = false;
    batch_add(job->env->batches, job, statement, on_ending);
}

static void end_by(struct job *job, const char *how, enum job_outcome outcome, const char *error)
{
    job->values[VALUE_HOW] = how;
    end_with(job, &end_statement, outcome, error);
}

static void set_delay(struct job *job, uint64_t ms)
{
    job->values[VALUE_DELAY] = arena_printf(job->arena, "%" PRIu64, ms);
}

static uint64_t retry_delay(const struct job *job, uint64_t least_ms)
{
    const struct config *config = job->env->config;
    const struct retry_policy policy = {.base_ms = (uint64_t)lever_value(LEVER_JOB_RETRY_BASE, config->job_retry_base),
                                        .max_ms = (uint64_t)lever_value(LEVER_JOB_RETRY_MAX, config->job_retry_max),
                                        .least_ms = RETRY_LEAST_MS};
    return MAX(retry_delay_ms(&policy, (unsigned)MAX(job->facts.attempt, 1), random_roll()), least_ms);
}

void job_store(struct job *job)
{
    end_with(job, &job->work->store, JOB_DONE, NULL);
}

void job_store_degraded(struct job *job, const char *error, uint64_t least_delay_ms)
{
    job->values[VALUE_DEGRADED] = "true";
    set_delay(job, retry_delay(job, least_delay_ms));
    end_with(job, &job->work->store, JOB_RETRY, error);
}

void job_finish(struct job *job)
{
    end_by(job, "done", JOB_DONE, NULL);
}

void job_retry(struct job *job, const char *error, uint64_t least_delay_ms)
{
    if (job->facts.attempt >= job->env->config->job_max_attempts) {
        job_fail(job, error);
        return;
    }
    set_delay(job, retry_delay(job, least_delay_ms));
    end_by(job, "retry", JOB_RETRY, error);
}

void job_fail(struct job *job, const char *error)
{
    end_by(job, "failed", JOB_FAILED, error);
}

void job_release(struct job *job, uint64_t delay_ms)
{
    set_delay(job, delay_ms);
    end_by(job, "released", JOB_RELEASED, NULL);
}
