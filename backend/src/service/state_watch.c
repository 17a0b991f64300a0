#include "service/state_watch.h"

#include <stdlib.h>

#include "sys/log.h"

/* A lever or a block is obeyed after one look. A worker that is gone is missed by one look and
 * given up by the next, so that its jobs run again within a second. */
enum { FIRST_MS = 20, LOOK_EVERY_MS = 350, TOLD_MAX = 4 };

struct state_watch {
    struct db *db;
    struct timer *timer;
    struct db_call *call;
    bool in_trouble;
    int told_count;
    struct {
        state_fn *fn;
        void *ctx;
    } told[TOLD_MAX];
};

static void on_state(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    struct state_watch *w = ctx;
    w->call = NULL;
    timer_set(w->timer, LOOK_EVERY_MS);
    if (db_is_new_trouble(outcome, rows, &w->in_trouble))
        log_warn("state_unreadable", log_str("error", db_outcome_name(outcome)), log_str("detail", db_message(rows)));
    for (int i = 0; i < w->told_count && outcome == DB_OK; i++)
        w->told[i].fn(w->told[i].ctx, rows);
}

static void state_look(void *ctx)
{
    struct state_watch *w = ctx;
    if (db_is_up(w->db))
        w->call = db_query(w->db, SQL_STATE_CHANGED, NULL, on_state, w);
    else
        timer_set(w->timer, LOOK_EVERY_MS);
}

struct state_watch *state_watch_start(struct loop *loop, struct db *db)
{
    struct state_watch *w = must_calloc(1, sizeof *w);
    w->db = db;
    w->timer = timer_new(loop, state_look, w);
    timer_set(w->timer, FIRST_MS);
    return w;
}

void state_watch_stop(struct state_watch *w)
{
    if (w->call)
        db_drop(w->call);
    timer_free(w->timer);
    free(w);
}

void state_watch_tell(struct state_watch *w, state_fn *fn, void *ctx)
{
    INVARIANT(w->told_count < TOLD_MAX);
    w->told[w->told_count].fn = fn;
    w->told[w->told_count++].ctx = ctx;
}
