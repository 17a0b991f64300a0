#include "worker/retention.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "sys/log.h"

enum { FIRST_MS = 1000, EVERY_MS = 60000, PAUSE_MS = 50 /* between batches */ };
#define BATCH 500
#define TEXT_OF(number) #number
#define TEXT(number) TEXT_OF(number)

struct retention {
    struct db *db;
    char keep_ms[24];
    struct timer *timer;
    struct db_call *call;
    bool in_trouble;
};

static void on_deleted(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    struct retention *r = ctx;
    r->call = NULL;
    bool refused = outcome == DB_FAILED || outcome == DB_TIMED_OUT;
    if (refused && !r->in_trouble)
        log_warn("retention_failed", log_str("error", db_outcome_name(outcome)), log_str("detail", db_message(rows)));
    r->in_trouble = refused;
    timer_set(r->timer, outcome == DB_OK && db_number(rows, 0, 0) == BATCH ? PAUSE_MS : EVERY_MS);
}

static void delete_finished(void *ctx)
{
    struct retention *r = ctx;
    r->call = db_query(r->db, SQL_JOBS_DELETE_FINISHED, (const char *[]){r->keep_ms, TEXT(BATCH)}, on_deleted, r);
}

struct retention *retention_start(struct loop *loop, struct db *db, int64_t keep_ms)
{
    struct retention *r = must_calloc(1, sizeof *r);
    *r = (struct retention){.db = db, .timer = timer_new(loop, delete_finished, r)};
    snprintf(r->keep_ms, sizeof r->keep_ms, "%" PRId64, keep_ms);
    timer_set(r->timer, FIRST_MS);
    return r;
}

void retention_stop(struct retention *r)
{
    if (r->call)
        db_drop(r->call);
    timer_free(r->timer);
    free(r);
}
