#include "api/http/answer.h"

#include <string.h>

#include "api/guard/limits.h"
#include "api/guard/rate_key.h"
#include "api/http/answer_cache.h"
#include "api/http/caching.h"
#include "api/http/client.h"
#include "api/http/http_metrics.h"
#include "api/http/route.h"
#include "base/clock.h"
#include "domain/error_code.h"
#include "service/bodies.h"
#include "sys/db/json.h"

static const char json_type[] = "application/json";
static const char unknown_outcome[] =
    "the connection to the database was lost while the change was under way: look whether it was made before you "
    "repeat it";

/* Of attempts at accounts and of refused callers. */
static bool wants_client(const struct call *call, int status)
{
    return (call->route && call->route->limit == LIMIT_AUTH) || status == 401 || status == 403;
}

/* The account that was asked for, or the refused caller's: the same for all lines about one, and
 * tells nobody who that is. */
static const char *account_mark(const struct call *call, int status)
{
    if (call->account || !*call->user_id || (status != 401 && status != 403))
        return call->account;
    struct rate_key key =
        rate_key_of(call->api->config->jwt_secret, arena_printf(call->arena, "user %s", call->user_id));
    return arena_printf(call->arena, "%016llx", (unsigned long long)key.high);
}

void call_count(const struct call *call, int status)
{
    http_count(call->http, call->route, status);
}

void call_log(const struct call *call, int status)
{
    http_log(&(struct http_ended){.http = call->http,
                                  .route = call->route,
                                  .status = status,
                                  .request_id = call->request_id,
                                  .user_id = call->user_id,
                                  .client = wants_client(call, status) ? client_address(call->http) : NULL,
                                  .account = account_mark(call, status),
                                  .error = call->error,
                                  .is_stopping = call->is_stopping});
}

void call_end(const struct call *call, int status)
{
    call_count(call, status);
    call_log(call, status);
}

void call_add_answer_headers(struct call *call, int status)
{
    if (call->limit) {
        http_add_header(call->http, "RateLimit-Policy", call->limit->policy_header);
        http_add_header(call->http, "RateLimit", call->limit->state_header);
    }
    if (status == 401)
        http_add_header(call->http, "WWW-Authenticate", "Bearer");
    caching_add_headers(call, status);
}

void call_answer_text(struct call *call, int status, const char *content_type, const char *text, size_t len)
{
    if (http_is_answered(call->http) && !call->end_stream)
        return;
    call_stop_waiting(call);
    if (status < 300 && call->route && call->route->shows_to_visitors)
        answer_caches_forget(clock_ns());
    if (call->end_stream) {
        call->end_stream(call, status, text, len);
        return;
    }
    call_add_answer_headers(call, status);
    call_end(call, status);
    http_answer(call->http, status, content_type, text, len);
}

void call_answer_tagged(struct call *call, const char *json, size_t len)
{
    const char *etag = etag_of(call->arena, json);
    bool is_known = etag_is_known(call->http, etag);
    http_add_header(call->http, "ETag", etag);
    call_answer_text(call, is_known ? 304 : 200, json_type, is_known ? "" : json, is_known ? 0 : len);
}

void call_answer(struct call *call, int status, const char *json)
{
    call_answer_text(call, status, json_type, json, strlen(json));
}

void call_fail_as(struct call *call, int status, const char *sentence, const char *code)
{
    if (!call->error)
        call->error = code;
    if (call->fail)
        call->fail(call, status, sentence);
    else
        call_answer(call, status, error_body(call->arena, status, sentence, code, call->request_id));
}

void call_fail(struct call *call, int status, const char *sentence)
{
    call_fail_as(call, status, sentence, error_code(call->arena, sentence));
}

void call_fail_until(struct call *call, int status, const char *sentence, uint64_t after_ms)
{
    call->retry_after_s = MAX((after_ms + 999) / 1000, 1);
    if (!call->end_stream)
        http_add_header(call->http, "Retry-After",
                        arena_printf(call->arena, "%llu", (unsigned long long)call->retry_after_s));
    call_fail(call, status, sentence);
}

void call_key_in_use(struct call *call)
{
    call_fail_until(call, 409, IDEMPOTENCY_KEY_IN_USE, 1000);
}

void call_retry_later(struct call *call, const char *sentence, uint64_t after_ms)
{
    call_fail_until(call, 503, sentence, after_ms);
}

void call_busy(struct call *call, const char *reason)
{
    http_shed(reason);
    call->error = reason;
    call_retry_later(call, "server is busy", 1000);
}

void call_stopping(struct call *call)
{
    call->is_stopping = true;
    call->error = "stopping";
    call_retry_later(call, "server is busy", 1000);
}

static bool is_state(const struct db_rows *rows, const char *sqlstate)
{
    return strcmp(db_sqlstate(rows), sqlstate) == 0;
}

/* The one place where a SQLSTATE becomes a status (PostgreSQL documentation, appendix A). The
 * errors that a statement foresees are rows of its own. */
static void fail_statement(struct call *call, const struct db_rows *rows)
{
    call->error = arena_printf(call->arena, "%s: %s", db_sqlstate(rows), db_message(rows));
    if (is_state(rows, "23503") && strstr(db_constraint(rows), "user_id"))
        call_fail(call, 401, "invalid token"); /* the user went while the request ran */
    else if (is_state(rows, "40001") || is_state(rows, "40P01"))
        call_retry_later(call, "server is busy", 1000);
    else if (db_is_unfit(db_sqlstate(rows)))
        call_retry_later(call, "database is not available", 1000);
    else if (call->http->body_len > 0 && (is_state(rows, "22021") || is_state(rows, "22P05")))
        call_fail(call, 400, "request body must contain a single JSON object");
    else
        call_fail(call, 500, "internal server error");
}

void call_fail_db(struct call *call, enum db_outcome outcome, const struct db_rows *rows, bool wrote)
{
    call->error = db_outcome_name(outcome);
    switch (outcome) {
    case DB_TIMED_OUT: call_fail(call, 504, "request timed out"); return;
    case DB_BUSY: call_busy(call, "db_queue"); return;
    case DB_FAILED: fail_statement(call, rows); return;
    case DB_REFUSED: call_key_in_use(call); return;
    case DB_LOST:
        if (wrote) {
            call_fail_as(call, 503, unknown_outcome, "outcome_unknown");
            return;
        }
        break;
    case DB_AWAY:
    case DB_OK: break;
    }
    call_retry_later(call, "database is not available", 1000);
}

bool call_has_rows(struct call *call, enum db_outcome outcome, struct db_rows *rows, bool wrote)
{
    if (outcome == DB_OK)
        return true;
    call_fail_db(call, outcome, rows, wrote);
    return false;
}

void call_answer_row(struct call *call, struct db_rows *rows)
{
    int status = db_answer_status(rows);
    size_t len = 0;
    const char *body = db_answer_body(rows, call->arena, &len);
    if (status == 0 || !body) {
        call->error = arena_printf(call->arena, "%s gave no answer", sql_statements[call->statement].name);
        call_fail(call, 500, "internal server error");
        return;
    }
    if (status < 400)
        call_answer_text(call, status, json_type, body, len);
    else
        call_fail(call, status, body);
}
