#include "api/thread.h"

#include <pthread.h>
#include <string.h>

#include "api/guard/rate_key.h"
#include "api/http/answer.h"
#include "api/http/caching.h"
#include "api/http/client.h"
#include "api/http/paging.h"
#include "api/http/public.h"
#include "api/http/route.h"
#include "base/buf.h"
#include "base/clock.h"
#include "config/levers.h"
#include "domain/battle.h"
#include "domain/patience.h"
#include "sys/db/json.h"

enum { THREAD_WAIT_MS = 2000, LOOK_EVERY_MS = 100 };

struct thread_visit {
    bool has_asked;  /* a summary was asked for */
    bool is_refused; /* it may not be, for now */
};

static void thread_look(void *ctx);

/* ---- whether to wait ---- */

/* All readers share it, whichever thread serves them: the workers are the same ones for all. */
static pthread_mutex_t patience_lock = PTHREAD_MUTEX_INITIALIZER;
static struct patience patience;

static bool may_wait(uint64_t now)
{
    pthread_mutex_lock(&patience_lock);
    bool may = patience_begin(&patience, now);
    pthread_mutex_unlock(&patience_lock);
    return may;
}

static void learn_from_wait(bool came)
{
    pthread_mutex_lock(&patience_lock);
    patience_learn(&patience, came);
    pthread_mutex_unlock(&patience_lock);
}

static bool time_is_up(const struct call *call)
{
    return loop_now(call->api->loop) >= call->http->started + THREAD_WAIT_MS * NS_PER_MS;
}

/* Whether the reader begins to wait or goes on with it. */
static bool thread_waits(const struct call *call, bool has_summary)
{
    const struct thread_visit *visit = call->state;
    bool is_over = has_summary || visit->is_refused || time_is_up(call);
    if (!visit->has_asked)
        return !is_over && may_wait(loop_now(call->api->loop));
    if (is_over && !visit->is_refused)
        learn_from_wait(has_summary);
    return !is_over;
}

/* ---- asking for a summary ---- */

enum { ENQUEUED, REFUSED };

static void on_asked(struct call *call, enum db_outcome outcome, struct db_rows *rows)
{
    struct thread_visit *visit = call->state;
    bool is_answered = outcome == DB_OK && db_count(rows);
    if (is_answered && db_is_true(rows, 0, ENQUEUED))
        call_wake_worker(call);
    visit->is_refused = is_answered && db_is_true(rows, 0, REFUSED);
    if (visit->is_refused)
        thread_look(call);
    else
        call_after(call, LOOK_EVERY_MS, thread_look);
}

/* Who doesn't wait for a new summary is answered at once; the statement that asks for it runs
 * aside. */
static void on_asked_aside(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    struct api *api = ctx;
    if (outcome == DB_OK && db_count(rows) && db_is_true(rows, 0, ENQUEUED))
        api->wakes_worker = true;
}

/* What a summary costs is bounded by who makes it: by the reader's network, and for all who aren't
 * signed in together. Networks are hashed, so that the table tells nobody who read what. */
static const char *const *ask_params(struct call *call)
{
    enum { PARAMS = 8 };
    const struct config *config = call->api->config;
    const struct rate by_network = lever_rate(LEVER_RATE_SUMMARY, config->rate_summary);
    const struct rate by_all = lever_rate(LEVER_RATE_SUMMARY_ALL, config->rate_summary_all);
    const struct rate_key key =
        rate_key_of(config->jwt_secret, arena_printf(call->arena, "summary %s", client_network(call->http)));
    const char **params = arena_alloc(call->arena, PARAMS * sizeof *params);
    int count = 0;
    params[count++] = call->ids[0];
    params[count++] = call->request_id;
    params[count++] =
        arena_printf(call->arena, "%016llx%016llx", (unsigned long long)key.high, (unsigned long long)key.low);
    params[count++] = arena_printf(call->arena, "%lld", (long long)by_network.count);
    params[count++] = arena_printf(call->arena, "%lld", (long long)by_network.window);
    params[count++] = *call->user_id ? NULL : "all";
    params[count++] = arena_printf(call->arena, "%lld", (long long)by_all.count);
    params[count++] = arena_printf(call->arena, "%lld", (long long)by_all.window);
    return params;
}

void thread_ask_summary(struct call *call)
{
    const char *const *params = ask_params(call);
    db_query(call->api->db, SQL_JOBS_ASK_SUMMARY, params, on_asked_aside, call->api);
}

/* Asks for a summary once, then reads the thread again every LOOK_EVERY_MS. */
static void wait_for_summary(struct call *call)
{
    struct thread_visit *visit = call->state;
    if (visit->has_asked)
        call_after(call, LOOK_EVERY_MS, thread_look);
    else
        call_query_with(call, SQL_JOBS_ASK_SUMMARY, ask_params(call), on_asked);
    visit->has_asked = true;
}

/* ---- the thread ---- */

/* On a public route the token of a user who is gone counts as none. */
static bool is_gone_reader(const struct call *call, int status)
{
    return status == 401 && call->route->who == ANYONE && *call->user_id;
}

/* Whether the thread is answered with the summary as it is: fresh, stale or unavailable. */
static bool thread_is_done(struct call *call, const char *summary)
{
    const struct thread_visit *visit = call->state;
    bool has_summary = strcmp(summary, "unavailable") != 0;
    if (thread_waits(call, has_summary))
        return false;
    if (strcmp(summary, "stale") == 0 || (!has_summary && !visit->has_asked))
        thread_ask_summary(call);
    return true;
}

const char *thread_json(struct arena *arena, struct db_rows *rows, size_t *len)
{
    const char *body = db_answer_body(rows, arena, len), *content = db_column(rows, "post.content");
    bool may_have_sides = content && strcasestr(content, "con style:");
    const char *pro = may_have_sides ? battle_line(arena, content, "pro style") : NULL;
    const char *con = pro ? battle_line(arena, content, "con style") : NULL;
    if (!con)
        return body;
    struct buf json = buf_new(arena);
    buf_add(&json, body, *len - 1); /* all but the brace at its end */
    buf_str(&json, ",\"sides\":{\"pro_style\":");
    buf_json(&json, pro);
    buf_str(&json, ",\"con_style\":");
    buf_json(&json, con);
    buf_str(&json, "}}");
    *len = json.len;
    return json.text;
}

/* The tag is the body's, and so changes with the page, the thread, what is pending, the summary,
 * and with names, slugs and templates that are shown beside them. */
static void answer_thread(struct call *call, struct db_rows *rows)
{
    if (db_answer_status(rows) != 200) {
        call_answer_row(call, rows);
        return;
    }
    size_t len = 0;
    const char *body = thread_json(call->arena, rows, &len);
    if (call->route->fresh && caching_is_visitor(call))
        public_answer(call, body, len, NULL);
    else
        call_answer_tagged(call, body, len);
}

static void on_thread(struct call *call, enum db_outcome outcome, struct db_rows *rows)
{
    if (!call_has_rows(call, outcome, rows, false))
        return;
    int status = db_answer_status(rows);
    if (is_gone_reader(call, status)) {
        call->user_id[0] = '\0';
        thread_look(call);
        return;
    }
    const char *summary = status == 200 ? db_column(rows, "ai_summary_status") : NULL;
    if (summary && !thread_is_done(call, summary))
        wait_for_summary(call);
    else
        answer_thread(call, rows);
}

static void thread_look(void *ctx)
{
    struct call *call = ctx;
    const char *const *cursor = call->params + call->param_count - CURSOR_PARAMS; /* paging_cursor's */
    const char *const params[] = {*call->user_id ? call->user_id : NULL, call->ids[0], cursor[0], cursor[1]};
    call_query_with(call, SQL_POSTS_THREAD, params, on_thread);
}

void thread_show(struct call *call)
{
    call->state = arena_alloc(call->arena, sizeof(struct thread_visit));
    thread_look(call);
}
