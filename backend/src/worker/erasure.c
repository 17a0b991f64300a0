#include "worker/erasure.h"

#include <stdlib.h>

#include "sys/log.h"

enum { PAUSE_MS = 20 /* between statements, for those of others */ };

/* A round; the last one takes the user when the others have left nothing. The numbers are what a
 * statement does well within a second on a busy machine. */
static const struct step {
    enum sql statement;
    const char *params[2];
} steps[] = {
    {SQL_ACCOUNTS_ERASE_POSTS, {"500", "2000"}},
    {SQL_ACCOUNTS_ERASE_ROWS, {"500"}},
    {SQL_ACCOUNTS_ERASE_USER, {"20"}},
};

struct erasure {
    struct db *db;
    struct timer *timer;
    struct db_call *call;
    size_t step;
    bool is_under_way, in_trouble;
    int64_t deleted; /* in this round */
};

static void erasure_go_on(struct erasure *e)
{
    bool is_round_over = ++e->step == COUNT(steps);
    if (is_round_over && e->deleted == 0) {
        e->is_under_way = false; /* the state watch says whether something is left, in use just now */
        return;
    }
    if (is_round_over) {
        e->step = 0;
        e->deleted = 0;
    }
    timer_set(e->timer, PAUSE_MS);
}

static void on_step_done(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    struct erasure *e = ctx;
    e->call = NULL;
    if (db_is_new_trouble(outcome, rows, &e->in_trouble))
        log_warn("erasure_failed", log_str("statement", sql_statements[steps[e->step].statement].name),
                 log_str("error", db_outcome_name(outcome)), log_str("detail", db_message(rows)));
    if (outcome == DB_OK)
        e->deleted += db_number(rows, 0, 0);
    erasure_go_on(e);
}

static void do_step(void *ctx)
{
    struct erasure *e = ctx;
    const struct step *step = &steps[e->step];
    e->call = db_query(e->db, step->statement, step->params, on_step_done, e);
}

static void erasure_on_state(void *ctx, const struct db_rows *state)
{
    struct erasure *e = ctx;
    if (e->is_under_way || !db_is_true(state, 0, STATE_ACCOUNT_DELETIONS))
        return;
    e->is_under_way = true;
    e->step = 0;
    e->deleted = 0;
    do_step(e);
}

struct erasure *erasure_start(struct loop *loop, struct db *db, struct state_watch *state)
{
    struct erasure *e = must_calloc(1, sizeof *e);
    e->db = db;
    e->timer = timer_new(loop, do_step, e);
    state_watch_tell(state, erasure_on_state, e);
    return e;
}

void erasure_stop(struct erasure *e)
{
    if (e->call)
        db_drop(e->call);
    timer_free(e->timer);
    free(e);
}
