#include <string.h>

#include "api/cards/store.h"
#include "api/events/events.h"
#include "api/guard/limits.h"
#include "api/http/call.h"
#include "api/http/cors.h"
#include "api/http/http_metrics.h"
#include "api/http/route.h"
#include "domain/error_code.h"
#include "service/bodies.h"
#include "sys/passwords.h"

static const char json_type[] = "application/json";
static const char unknown_outcome[] =
    "the connection to the database was lost while the change was under way: look whether it was made before you "
    "repeat it";

static void add_standing_headers(struct call *call)
{
    static const char *const headers[][2] = {
        {"X-Content-Type-Options", "nosniff"},
        {"X-Frame-Options", "DENY"},
        {"Referrer-Policy", "no-referrer"},
        {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
        {"Permissions-Policy", "geolocation=(), microphone=(), camera=()"},
    };
    http_add_header(call->http, "X-Request-Id", call->request_id);
    for (size_t i = 0; i < COUNT(headers); i++)
        http_add_header(call->http, headers[i][0], headers[i][1]);
    cors_add_headers(call);
    if (call->rate_policy) {
        http_add_header(call->http, "RateLimit-Policy", call->rate_policy);
        http_add_header(call->http, "RateLimit", call->rate_state);
    }
}

void call_stop_waiting(struct call *call)
{
    if (call->card)
        card_drop(call->card);
    if (call->query)
        db_drop(call->query);
    if (call->event)
        events_drop(call->event);
    if (call->limit)
        limit_drop(call->limit);
    if (call->password)
        password_drop(call->password);
    if (call->question)
        readiness_drop(call->question);
    timer_free(call->timer);
    for (int i = 0; i < MAX_GENERATIONS; i++) {
        if (call->generations[i])
            llm_drop(call->generations[i]);
        call->generations[i] = NULL;
    }
    call->card = NULL;
    call->query = NULL;
    call->event = NULL;
    call->limit = NULL;
    call->password = NULL;
    call->question = NULL;
    call->timer = NULL;
}

void call_answer_text(struct call *call, int status, const char *content_type, const char *text, size_t len)
{
    if (http_is_answered(call->http))
        return;
    call_stop_waiting(call);
    add_standing_headers(call);
    if (status == 401)
        http_add_header(call->http, "WWW-Authenticate", "Bearer");
    http_end(call, status);
    http_answer(call->http, status, content_type, text, len);
}

void call_answer(struct call *call, int status, const char *json)
{
    call_answer_text(call, status, json_type, json, strlen(json));
}

void call_fail_as(struct call *call, int status, const char *sentence, const char *code)
{
    if (!call->error)
        call->error = code;
    call_answer(call, status, error_body(call->arena, sentence, code, call->request_id));
}

void call_fail(struct call *call, int status, const char *sentence)
{
    call_fail_as(call, status, sentence, error_code(call->arena, sentence));
}

void call_retry_later(struct call *call, const char *sentence, uint64_t after_ms)
{
    http_add_header(call->http, "Retry-After",
                    arena_printf(call->arena, "%llu", (unsigned long long)MAX((after_ms + 999) / 1000, 1)));
    call_fail(call, 503, sentence);
}

void call_busy(struct call *call, const char *reason)
{
    http_shed(reason);
    call->error = reason;
    call_retry_later(call, "server is busy", 1000);
}

static bool is_state(const struct db_rows *rows, const char *sqlstate)
{
    return strcmp(db_sqlstate(rows), sqlstate) == 0;
}

/* The one place where a SQLSTATE becomes a status (PostgreSQL documentation, appendix A). What
 * statements foresee they answer themselves. */
static void fail_statement(struct call *call, const struct db_rows *rows)
{
    call->error = arena_printf(call->arena, "%s: %s", db_sqlstate(rows), db_message(rows));
    if (is_state(rows, "23503") && strstr(db_constraint(rows), "user_id"))
        call_fail(call, 401, "invalid token"); /* the user went while the request ran */
    else if (is_state(rows, "40001") || is_state(rows, "40P01"))
        call_retry_later(call, "server is busy", 1000);
    else if (is_state(rows, "22021") || is_state(rows, "22P05"))
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

/* A statement whose row or body is missing has a mistake: that is its route's 500. */
void call_answer_row(struct call *call, struct db_rows *rows)
{
    const char *body = db_count(rows) ? db_text(rows, 0, 1) : NULL;
    if (!body) {
        call->error = "the statement gave no answer";
        call_fail(call, 500, "internal server error");
        return;
    }
    int status = (int)db_number(rows, 0, 0);
    db_keep(rows, call->arena);
    if (status < 400)
        call_answer(call, status, body);
    else
        call_fail(call, status, body);
}
