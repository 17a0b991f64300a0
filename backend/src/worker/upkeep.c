#include "worker/upkeep.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "sys/log.h"

enum { FIRST_MS = 1000, EVERY_MS = 60000, PAUSE_MS = 50 /* between batches */ };
#define BATCH 500
#define TEXT_OF(number) #number
#define TEXT(number) TEXT_OF(number)

/* A statement over one batch, which answers with how many rows it had. */
struct chore {
    struct db *db;
    enum sql statement;
    const char *params[2];
    struct timer *timer;
    struct db_call *call;
    bool in_trouble;
};

enum { CHORES = 3 };

struct upkeep {
    struct chore chores[CHORES];
    char job_retention_ms[24];
};

static void on_batch_done(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    struct chore *chore = ctx;
    chore->call = NULL;
    bool refused = outcome == DB_FAILED || outcome == DB_TIMED_OUT;
    if (refused && !chore->in_trouble)
        log_warn("upkeep_failed", log_str("statement", sql_statements[chore->statement].name),
                 log_str("error", db_outcome_name(outcome)), log_str("detail", db_message(rows)));
    chore->in_trouble = refused;
    timer_set(chore->timer, outcome == DB_OK && db_number(rows, 0, 0) == BATCH ? PAUSE_MS : EVERY_MS);
}

static void do_batch(void *ctx)
{
    struct chore *chore = ctx;
    chore->call = db_query(chore->db, chore->statement, chore->params, on_batch_done, chore);
}

struct upkeep *upkeep_start(struct loop *loop, struct db *db, int64_t job_retention_ms)
{
    struct upkeep *upkeep = must_calloc(1, sizeof *upkeep);
    snprintf(upkeep->job_retention_ms, sizeof upkeep->job_retention_ms, "%" PRId64, job_retention_ms);
    upkeep->chores[0] = (struct chore){
        .db = db, .statement = SQL_JOBS_DELETE_FINISHED, .params = {upkeep->job_retention_ms, TEXT(BATCH)}};
    upkeep->chores[1] = (struct chore){.db = db, .statement = SQL_POSTS_STORE_TOPICS, .params = {TEXT(BATCH)}};
    upkeep->chores[2] = (struct chore){.db = db, .statement = SQL_SUMMARIES_FORGET_ASKS, .params = {TEXT(BATCH)}};
    for (int i = 0; i < CHORES; i++) {
        upkeep->chores[i].timer = timer_new(loop, do_batch, &upkeep->chores[i]);
        timer_set(upkeep->chores[i].timer, FIRST_MS);
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
