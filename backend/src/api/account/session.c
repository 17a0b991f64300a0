#include "api/account/session.h"

#include <ctype.h>
#include <string.h>

#include "api/guard/revocations.h"
#include "api/http/answer.h"
#include "base/clock.h"
#include "base/utf8.h"

static int64_t now_s(void)
{
    return clock_unix_us() / 1000000;
}

/* NULL where the token names none: the statement's parameter. */
static const char *session_of(const struct call *call)
{
    return *call->session_id ? call->session_id : NULL;
}

struct token_keys session_keys(const struct config *config)
{
    return (struct token_keys){.secret = config->jwt_secret, .previous = config->jwt_secret_previous};
}

bool session_read(struct call *call, const char *token)
{
    const struct token_keys keys = session_keys(call->api->config);
    struct token_holder holder;
    bool ok = token_read(token, &keys, now_s(), &holder) && !revocations_have(&holder);
    if (!ok)
        holder = (struct token_holder){0};
    memcpy(call->user_id, holder.user_id, UUID_SIZE);
    memcpy(call->session_id, holder.session_id, UUID_SIZE);
    call->token_expires_s = holder.expires_s;
    return ok;
}

const char *session_user_agent(struct call *call)
{
    const char *agent = http_header(call->http, "User-Agent");
    if (!agent || !utf8_valid(agent, strlen(agent)))
        return "";
    for (const char *at = agent; *at; at++)
        if (iscntrl((unsigned char)*at))
            return "";
    return agent;
}

/* ---- tokens ---- */

const char *session_token(struct call *call, const char *user_id, const char *session_id)
{
    const struct token_keys keys = session_keys(call->api->config);
    struct token_holder holder = {0};
    memcpy(holder.user_id, user_id, UUID_SIZE);
    memcpy(holder.session_id, session_id, UUID_SIZE);
    return token_make(call->arena, &keys, &holder, now_s(), SESSION_TOKEN_LIFETIME_S);
}

void session_answer(struct call *call, int status, const char *user_id, const char *session_id)
{
    const char *token = session_token(call, user_id, session_id);
    memcpy(call->user_id, user_id, UUID_SIZE); /* for the log */
    call_answer(call, status, arena_printf(call->arena, "{\"token\":\"%s\",\"user_id\":\"%s\"}", token, user_id));
}

/* ---- login ---- */

enum { STATUS, BODY, SESSION_ID };

static void on_begun(struct call *call, enum db_outcome outcome, struct db_rows *rows)
{
    if (!call_has_rows(call, outcome, rows, true))
        return;
    if (db_number(rows, 0, STATUS) == 200)
        session_answer(call, 200, call->state, db_text(rows, 0, SESSION_ID));
    else
        call_answer_row(call, rows);
}

void session_begin(struct call *call, const char *user_id, const char *password_hash)
{
    call->state = arena_strdup(call->arena, user_id);
    call_query_with(call, SQL_SESSIONS_BEGIN, (const char *[]){user_id, password_hash, session_user_agent(call)},
                    on_begun);
}

/* ---- logout ---- */

static void on_ended(struct call *call, enum db_outcome outcome, struct db_rows *rows)
{
    if (!call_has_rows(call, outcome, rows, true))
        return;
    if (db_number(rows, 0, STATUS) == 200 && *call->session_id)
        revocations_add(call->session_id);
    call_answer_row(call, rows);
}

void session_logout(struct call *call)
{
    call_param(call, session_of(call));
    call_query(call, SQL_SESSIONS_END, on_ended);
}

/* ---- a new token ---- */

static void on_refreshed(struct call *call, enum db_outcome outcome, struct db_rows *rows)
{
    if (!call_has_rows(call, outcome, rows, true))
        return;
    if (db_number(rows, 0, STATUS) != 200) {
        call_answer_row(call, rows);
        return;
    }
    const char *token = session_token(call, call->user_id, call->session_id);
    call_answer(call, 200, arena_printf(call->arena, "{\"token\":\"%s\"}", token));
}

void session_refresh(struct call *call)
{
    call_param(call, session_of(call));
    call_query(call, SQL_SESSIONS_REFRESH, on_refreshed);
}
