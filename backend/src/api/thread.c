#include "api/thread.h"

#include <string.h>

#include "api/http/route.h"
#include "base/clock.h"

enum { THREAD_WAIT_MS = 2000, LOOK_EVERY_MS = 100 };

static void look(void *ctx);

static void on_asked(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    struct call *call = ctx;
    call->query = NULL;
    if (outcome == DB_OK && db_count(rows) && db_is_true(rows, 0, 0))
        call_wake_worker(call);
    timer_set(call->timer, LOOK_EVERY_MS);
}

/* The reader of a stale summary doesn't wait for the request for a new one. */
static void on_asked_aside(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    struct api *api = ctx;
    if (outcome == DB_OK && db_count(rows) && db_is_true(rows, 0, 0))
        api->wakes_worker = true;
}

static const char *const *question(const struct call *call, const char *params[2])
{
    params[0] = call->ids[0];
    params[1] = call->request_id;
    return params;
}

static void ask_and_wait(struct call *call)
{
    const char *params[2];
    call->timer = timer_new(call->api->loop, look, call);
    call->query = db_query(call->api->db, SQL_JOBS_ASK_SUMMARY, question(call, params), on_asked, call);
}

static bool time_is_up(const struct call *call)
{
    return loop_now(call->api->loop) >= call->http->started + THREAD_WAIT_MS * NS_PER_MS;
}

static void on_thread(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    struct call *call = ctx;
    const char *params[2];
    if (!call_has_rows(call, outcome, rows, false))
        return;
    int status = (int)db_number(rows, 0, 0);
    if (status == 401 && call->route->who == ANYONE && call->params[0]) {
        /* on a public route the token of a user who is gone counts as none */
        call->params[0] = NULL;
        look(call);
        return;
    }
    const char *state = status == 200 ? db_text(rows, 0, 2) : "fresh";
    if (strcmp(state, "unavailable") == 0 && !time_is_up(call)) {
        if (call->timer)
            timer_set(call->timer, LOOK_EVERY_MS);
        else
            ask_and_wait(call);
        return;
    }
    if (strcmp(state, "stale") == 0)
        db_query(call->api->db, SQL_JOBS_ASK_SUMMARY, question(call, params), on_asked_aside, call->api);
    call_answer_row(call, rows);
}

static void look(void *ctx)
{
    struct call *call = ctx;
    call_query(call, SQL_POSTS_THREAD, on_thread);
}

void thread_show(struct call *call)
{
    call->params[0] = *call->user_id ? call->user_id : NULL;
    call->params[1] = call->ids[0];
    look(call);
}
