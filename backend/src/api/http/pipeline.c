#include "api/http/pipeline.h"

#include <string.h>

#include "api/account/session.h"
#include "api/events/activity.h"
#include "api/guard/blocks.h"
#include "api/guard/revocations.h"
#include "api/http/answer.h"
#include "api/http/call_limit.h"
#include "api/http/cors.h"
#include "api/http/event_stream.h"
#include "api/http/http_metrics.h"
#include "api/http/idempotency.h"
#include "api/http/public.h"
#include "api/http/router.h"
#include "api/pages/choice.h"
#include "api/pages/failure.h"
#include "base/clock.h"
#include "service/bearer.h"
#include "service/bodies.h"
#include "service/live_tell.h"
#include "sys/db/json.h"

enum { CALLER }; /* the first parameter of a route whose statement wants to know who asks */

static const char timed_out[] = "request timed out";

/* ---- a call begins ---- */

static void add_headers(struct http_request *http, const char *const headers[][2], size_t count)
{
    for (size_t i = 0; i < count; i++)
        http_add_header(http, headers[i][0], headers[i][1]);
}

/* The headers of every answer, and of all that is no page. */
static void add_standing_headers(struct call *call)
{
    static const char *const every[][2] = {
        {"X-Content-Type-Options", "nosniff"},
        {"X-Frame-Options", "DENY"},
        {"Referrer-Policy", "no-referrer"},
    };
    static const char *const data[][2] = {
        {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
        {"Permissions-Policy", "geolocation=(), microphone=(), camera=()"},
    };
    http_add_header(call->http, "X-Request-Id", call->request_id);
    add_headers(call->http, every, COUNT(every));
    if (call->fail)
        choice_add_page_headers(call->http);
    else
        add_headers(call->http, data, COUNT(data));
    cors_add_headers(call->http);
}

/* A path that is nobody's is a page for who would rather have one: it says so. */
static bool is_for_page(struct call *call, const struct match *match)
{
    bool has_two = match->page || (!match->path_known && call->served != SERVES_OPERATORS);
    return call->http->method == METHOD_GET && !call->http->refused && has_two &&
           choice_is_page(call->http, match->page != NULL);
}

static void find_route(struct call *call)
{
    struct match match = router_find(call->arena, call->served, call->http->method, call->http->path);
    bool is_page = is_for_page(call, &match);
    const char *const *ids = is_page ? match.page_ids : match.ids;
    call->fail = is_page ? page_fail : NULL;
    call->route = is_page ? match.page : match.route;
    call->ids[0] = ids[0];
    call->ids[1] = ids[1];
}

/* The call of a request; made when the server first asks about it. A blocked client's request gets
 * no route, and nothing else of it is read. */
static struct call *call_of(const struct door *door, struct http_request *http)
{
    if (http->user)
        return http->user;
    struct call *call = http->user = arena_alloc(http->arena, sizeof *call);
    call->api = door->api;
    call->served = door->served;
    call->http = http;
    call->arena = http->arena;
    call->request_id = request_id_of(http);
    call->is_blocked = blocks_refuse(call->api->blocks, call);
    if (!call->is_blocked)
        find_route(call);
    add_standing_headers(call);
    http_begin();
    return call;
}

int pipeline_admit(void *ctx, struct http_request *http)
{
    return call_of(ctx, http)->is_blocked ? 403 : 0;
}

size_t pipeline_body_limit(void *ctx, struct http_request *http)
{
    const struct call *call = call_of(ctx, http);
    bool small = call->route && call->route->small_body;
    return (size_t)(small ? call->api->config->public_body_max : call->api->config->request_body_max);
}

/* ---- statements ---- */

void pipeline_wake_worker(void *ctx)
{
    struct api *api = ctx;
    if (!api->wakes_worker)
        return;
    api->wakes_worker = false;
    db_tell(api->db, SQL_JOBS_NOTIFY, (const char *[]){"jobs"});
}

/* For a visitor, the token of a user who is gone counts as none. */
static bool is_gone_visitor(const struct call *call, const struct db_rows *rows)
{
    return call->route->who == VISITOR && *call->user_id && db_answer_status(rows) == 401;
}

/* The write is committed: who waits for it hears of it. */
static void tell_of_write(struct call *call)
{
    const struct route *route = call->route;
    if (route->wakes_worker)
        call_wake_worker(call);
    if (route->tells & TELLS_POST)
        live_tell_post(call->api->tell, call->ids[0]);
    if (route->tells & TELLS_CALLER)
        live_tell_user(call->api->tell, call->user_id);
    if (route->tells & TELLS_FOLLOWERS)
        live_tell_published(call->api->tell);
}

static void answer_statement(struct call *call, enum db_outcome outcome, struct db_rows *rows)
{
    if (!call_has_rows(call, outcome, rows, sql_statements[call->route->sql].writes))
        return;
    if (is_gone_visitor(call, rows)) {
        call->user_id[0] = '\0';
        call->params[CALLER] = NULL;
        call_query(call, call->route->sql, answer_statement);
        return;
    }
    if (db_answer_status(rows) < 300)
        tell_of_write(call);
    if (call->route->fresh)
        public_answer_rows(call, rows);
    else
        call_answer_row(call, rows);
}

/* ---- the steps ---- */

/* NULL, or why the caller is nobody. On public routes a bad token counts as none. */
static const char *authenticate(struct call *call)
{
    const char *token, *wrong = bearer_read(call->http, &token);
    if (wrong)
        return wrong;
    return session_read(call, token) ? NULL : "invalid token";
}

/* NULL, or the sentence of a 400. */
static const char *collect_params(struct call *call, const struct match *match)
{
    const struct route *route = call->route;
    const char *wrong = router_check_ids(call->arena, match);
    if (!wrong && route->keeps_answer)
        wrong = idempotency_read(call);
    if (wrong)
        return wrong;
    if (route->who != ANYONE)
        call_param(call, *call->user_id ? call->user_id : NULL);
    for (int i = 0; i < 2 && call->ids[i]; i++)
        call_param(call, call->ids[i]);
    call->body_at = call->param_count;
    if (route->body) {
        wrong = fields_read(route->body, call->http->body, call->http->body_len, call->arena,
                            call->params + call->param_count);
        call->param_count += fields_count(route->body);
    }
    return wrong || !route->prepare ? wrong : route->prepare(call);
}

/* OPTIONS * (RFC 9110, section 9.3.7). */
static bool is_about_server(const struct http_request *http)
{
    return http->method == METHOD_OPTIONS && strcmp(http->path, "*") == 0;
}

static void answer_unrouted(struct call *call)
{
    if (is_about_server(call->http)) {
        http_add_header(call->http, "Allow", "GET, HEAD, POST, PUT, DELETE, OPTIONS");
        call_answer_text(call, 204, NULL, "", 0);
        return;
    }
    const char *allow = router_allow(call->arena, call->served, call->http->path);
    if (!*allow) {
        call_fail(call, 404, "not found");
        return;
    }
    http_add_header(call->http, "Allow", allow);
    if (cors_is_preflight(call->http)) {
        cors_add_preflight(call->http);
        call_answer_text(call, 204, NULL, "", 0);
        return;
    }
    call_fail(call, 405, "method not allowed");
}

static void pipeline_refuse(struct call *call, int status)
{
    switch (status) {
    case 503: call_busy(call, "memory"); return;
    case 403: call_fail(call, status, "address blocked"); return;
    case 408: call_fail(call, status, timed_out); return;
    case 413: call_fail(call, status, "request body too large"); return;
    case 414: call_fail(call, status, "request target too long"); return;
    case 431: call_fail(call, status, "too many header fields"); return;
    default: call_fail(call, status, "malformed request"); return;
    }
}

/* Programs send none of these. */
static bool is_from_page(const struct call *call)
{
    static const char *const headers[] = {"Origin", "Sec-Fetch-Site", "Sec-Fetch-Mode", "Sec-Fetch-Dest"};
    for (size_t i = 0; i < COUNT(headers); i++)
        if (http_header(call->http, headers[i]))
            return true;
    return false;
}

static bool is_json(const struct call *call)
{
    static const char json[] = "application/json";
    const char *type = http_header(call->http, "Content-Type");
    size_t len = type ? strcspn(type, "; \t") : 0;
    return len == sizeof json - 1 && strncasecmp(type, json, len) == 0;
}

/* The call is within its limit, and its body is there. */
static void pipeline_serve(struct call *call)
{
    const struct route *route = call->route;
    if (route->json_from_pages && is_from_page(call) && !is_json(call)) {
        call_fail(call, 415, "content type must be application/json");
        return;
    }
    const struct match match = {.route = route, .ids = {call->ids[0], call->ids[1]}};
    const char *wrong = collect_params(call, &match);
    if (wrong)
        call_fail(call, 400, wrong);
    else if (route->fresh && public_answer_from_memory(call))
        return;
    else if (route->run)
        route->run(call);
    else
        call_query(call, route->sql, answer_statement);
}

static void read_body(struct call *call)
{
    http_go_on(call->http);
}

/* The caller is known. */
static void pipeline_go_on(struct call *call, const char *nobody)
{
    if (!nobody)
        activity_note(call->api->activity, call->user_id, call->session_id);
    if (call->route->audience == FOR_OPERATORS)
        nobody = metrics_refusal(call->api->config, call->http);
    if (nobody && (call->route->who == USER || call->route->audience == FOR_OPERATORS))
        call_fail(call, 401, nobody);
    else
        call_limit_take(call, call->route->limit, NULL, read_body);
}

static void pipeline_run(void *ctx);

static void drop_start(void *timer)
{
    timer_free(timer);
}

/* The database can't be reached, so nobody can say whose session has ended. */
static void pipeline_go_on_unjudged(struct call *call)
{
    call->user_id[0] = call->session_id[0] = '\0';
    if (call->route->who == USER)
        call_fail_db(call, DB_AWAY, NULL, false);
    else
        pipeline_go_on(call, "invalid token");
}

/* A process that has just started knows in a moment whose session has ended. */
static void wait_for_revocations(struct call *call)
{
    enum { LOOK_AGAIN_MS = 20, CONNECT_MS = 300 };
    if (!db_is_up(call->api->db) && clock_ns() - call->http->started > CONNECT_MS * NS_PER_MS) {
        pipeline_go_on_unjudged(call);
        return;
    }
    struct timer *timer = timer_new(call->api->loop, pipeline_run, call);
    timer_set(timer, LOOK_AGAIN_MS);
    call_wait(call, drop_start, timer);
}

static void pipeline_run(void *ctx)
{
    struct call *call = ctx;
    call_stop_waiting(call);
    const char *nobody = authenticate(call);
    if (!nobody && !revocations_are_known())
        wait_for_revocations(call);
    else
        pipeline_go_on(call, nobody);
}

void pipeline_headers(void *ctx, struct http_request *http)
{
    struct call *call = call_of(ctx, http);
    if (http->is_spare && !(call->route && call->route->is_probe))
        call_busy(call, "connections");
    else if (!call->route)
        answer_unrouted(call);
    else
        pipeline_run(call);
}

void pipeline_request(void *ctx, struct http_request *http)
{
    struct call *call = call_of(ctx, http);
    if (http->refused)
        pipeline_refuse(call, call->is_blocked ? 403 : http->refused);
    else
        pipeline_serve(call);
}

void pipeline_deadline(void *ctx, struct http_request *http)
{
    struct call *call = call_of(ctx, http);
    call->error = "deadline passed";
    call_fail(call, 504, timed_out);
}

/* A client that left in the middle of its request gets its line in the log, too. */
void pipeline_end(void *ctx, struct http_request *http, bool answered)
{
    struct call *call = call_of(ctx, http);
    if (call->streamed)
        call_events_ended(call, answered);
    if (http_is_answered(http))
        return;
    call_stop_waiting(call);
    call->error = "client left";
    call_end(call, CLIENT_LEFT);
}
