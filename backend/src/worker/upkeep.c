#include "worker/upkeep.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "sys/log.h"

enum { FROM_FRONT_EVERY = 60 /* rounds */ };
enum { FIRST_MS = 1000, EVERY_MS = 60000, PAUSE_MS = 50 /* between batches */ };
enum { DONE_STAYS_MS = 3600000 /* in `jobs` */ };
#define BATCH 500
#define TEXT_OF(number) #number
#define TEXT(number) TEXT_OF(number)

enum chores {
    JOBS,
    MOVES,
    JOBS_DONE,
    EVENTS,
    ACTIVITY,
    NOTIFICATIONS,
    QUOTA_UNITS,
    TOPICS,
    SUMMARY_ASKS,
    SESSIONS,
    REVOCATIONS,
    MAIL_LINKS,
    MAIL_ASKS,
    IDEMPOTENCY_KEYS,
    JOURNAL,
    PARTITIONS,
    CHORES
};
enum { HAD, LAST }; /* columns */

/* A statement over one batch, which answers with how many rows it had, and, where batches follow
 * each other by id or time, with the last one's. */
struct chore {
    struct db *db;
    enum sql statement;
    const char *params[3];
    char retention_ms[24];
    char after[24]; /* where the next batch begins */
    unsigned rounds;
    struct timer *timer;
    struct db_call *call;
    bool in_trouble;
};

struct upkeep {
    struct chore chores[CHORES];
};

static void text_of(char out[static 24], int64_t number)
{
    snprintf(out, 24, "%" PRId64, number);
}

/* A round goes on where the last one ended: in front of that lie dead rows until Postgres clears
 * them away, and those that others held at that time, which are found now and then. */
static void go_on_after(struct chore *chore, int64_t last, bool is_full)
{
    bool from_front = !is_full && ++chore->rounds % FROM_FRONT_EVERY == 0;
    text_of(chore->after, from_front ? 0 : last);
}

static void on_batch_done(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    struct chore *chore = ctx;
    chore->call = NULL;
    bool refused = outcome == DB_FAILED || outcome == DB_TIMED_OUT;
    if (refused && !chore->in_trouble)
        log_warn("upkeep_failed", log_str("statement", sql_statements[chore->statement].name),
                 log_str("error", db_outcome_name(outcome)), log_str("detail", db_message(rows)));
    chore->in_trouble = refused;
    bool is_full = outcome == DB_OK && db_number(rows, 0, HAD) == BATCH;
    if (outcome == DB_OK && chore->params[2])
        go_on_after(chore, db_number(rows, 0, LAST), is_full);
    timer_set(chore->timer, is_full ? PAUSE_MS : EVERY_MS);
}

static void do_batch(void *ctx)
{
    struct chore *chore = ctx;
    chore->call = db_query(chore->db, chore->statement, chore->params, on_batch_done, chore);
}

static void set_removal(struct chore *chore, enum sql statement, int64_t retention_ms, bool in_order)
{
    text_of(chore->retention_ms, retention_ms);
    chore->statement = statement;
    chore->params[0] = chore->retention_ms;
    chore->params[1] = TEXT(BATCH);
    chore->params[2] = in_order ? chore->after : NULL;
}

struct upkeep *upkeep_start(struct loop *loop, struct db *db, const struct config *config)
{
    struct upkeep *upkeep = must_calloc(1, sizeof *upkeep);
    struct chore *chores = upkeep->chores;
    set_removal(&chores[JOBS], SQL_JOBS_DELETE_FINISHED, config->job_retention, false);
    set_removal(&chores[MOVES], SQL_JOBS_MOVE_DONE, DONE_STAYS_MS, true);
    set_removal(&chores[JOBS_DONE], SQL_JOBS_FORGET_DONE, config->job_retention, true);
    set_removal(&chores[EVENTS], SQL_EVENTS_DELETE_OLD, config->event_retention, true);
    set_removal(&chores[ACTIVITY], SQL_ACTIVITY_DELETE_OLD, config->activity_retention, true);
    set_removal(&chores[NOTIFICATIONS], SQL_NOTIFICATIONS_DELETE_OLD, config->notification_retention, true);
    set_removal(&chores[JOURNAL], SQL_JOURNAL_DELETE_OLD, config->journal_retention, true);
    set_removal(&chores[QUOTA_UNITS], SQL_QUOTAS_DELETE_OLD, config->quota_retention, true);
    chores[PARTITIONS] = (struct chore){.statement = SQL_PARTITIONS_MAKE};
    chores[TOPICS] = (struct chore){.statement = SQL_POSTS_STORE_TOPICS, .params = {TEXT(BATCH)}};
    chores[SUMMARY_ASKS] = (struct chore){.statement = SQL_SUMMARIES_FORGET_ASKS, .params = {TEXT(BATCH)}};
    chores[SESSIONS] = (struct chore){.statement = SQL_SESSIONS_FORGET, .params = {TEXT(BATCH)}};
    chores[REVOCATIONS] = (struct chore){.statement = SQL_REVOCATIONS_FORGET, .params = {TEXT(BATCH)}};
    chores[MAIL_LINKS] = (struct chore){.statement = SQL_MAILS_FORGET_LINKS, .params = {TEXT(BATCH)}};
    chores[MAIL_ASKS] = (struct chore){.statement = SQL_MAILS_FORGET_ASKS, .params = {TEXT(BATCH)}};
    chores[IDEMPOTENCY_KEYS] = (struct chore){.statement = SQL_IDEMPOTENCY_FORGET, .params = {TEXT(BATCH)}};
    for (int i = 0; i < CHORES; i++) {
        chores[i].db = db;
        text_of(chores[i].after, 0);
        chores[i].timer = timer_new(loop, do_batch, &chores[i]);
        timer_set(chores[i].timer, FIRST_MS);
    }
    return upkeep;
}

void upkeep_stop(struct upkeep *upkeep)
{
    for (int i = 0; i < CHORES; i++) {
        if (upkeep->chores[i].call)
            db_drop(upkeep->chores[i].call);
        timer_free(upkeep->chores[i].timer);
    }
    free(upkeep);
}
