#include "api/auth.h"

#include <string.h>

#include "api/http/answer.h"
#include "api/http/call_limit.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"
#include "sys/passwords.h"
#include "sys/tokens.h"

enum { EMAIL_MAX_BYTES = 254, PASSWORD_MIN_BYTES = 8, PASSWORD_MAX_BYTES = 1024, TOKEN_LIFETIME_S = 24 * 3600 };

static const char invalid_input[] = "invalid email or password";
static const char invalid_credentials[] = "invalid credentials";

/* An e-mail address is counted in bytes, too, below. */
const struct field signup_fields[] = {
    {.name = "email", .kind = FIELD_TEXT, .max = EMAIL_MAX_BYTES, .missing = invalid_input, .too_long = invalid_input},
    {.name = "password",
     .kind = FIELD_RAW_TEXT,
     .min = PASSWORD_MIN_BYTES,
     .max = PASSWORD_MAX_BYTES,
     .missing = invalid_input,
     .too_long = invalid_input},
    {.name = "share_slug", .kind = FIELD_TEXT},
    {.kind = FIELD_END},
};

const struct field login_fields[] = {
    {.name = "email", .kind = FIELD_TEXT, .default_text = ""},
    {.name = "password", .kind = FIELD_RAW_TEXT, .default_text = ""},
    {.kind = FIELD_END},
};

static void drop_password(void *job)
{
    password_drop(job);
}

/* Waits for the work on the password, or answers that too many wait for it. */
static void wait_for_password(struct call *call, struct password_job *job)
{
    if (job)
        call_wait(call, drop_password, job);
    else
        call_busy(call, "password_queue");
}

static void answer_with_token(struct call *call, int status, const char *user_id)
{
    struct buf body = buf_new(call->arena);
    const char *token =
        token_make(call->arena, call->api->config->jwt_secret, user_id, clock_unix_us() / 1000000, TOKEN_LIFETIME_S);
    buf_printf(&body, "{\"token\":\"%s\",\"user_id\":\"%s\"}", token, user_id);
    call_answer(call, status, body.text);
}

/* ---- sign-up ---- */

static void on_account(struct call *call, enum db_outcome outcome, struct db_rows *rows)
{
    if (!call_has_rows(call, outcome, rows, true))
        return;
    int status = (int)db_number(rows, 0, 0);
    if (status == 201)
        answer_with_token(call, status, db_text(rows, 0, 2));
    else
        call_answer_row(call, rows);
}

static void on_hash(void *ctx, bool ok, const char *hash)
{
    struct call *call = ctx;
    call_got(call, drop_password);
    if (!ok) {
        call->error = "password hashing failed";
        call_fail(call, 500, "internal server error");
        return;
    }
    call_set_field(call, "password", hash);
    call_query(call, SQL_AUTH_SIGNUP, on_account);
}

static bool is_email(const char *text)
{
    return strchr(text, '@') && strlen(text) <= EMAIL_MAX_BYTES;
}

void auth_signup(struct call *call)
{
    const char *email = text_lower(call->arena, call_field(call, "email"));
    const char *password = call_field(call, "password");
    const char *slug = call_field(call, "share_slug");
    if (!is_email(email)) {
        call_fail(call, 400, invalid_input);
        return;
    }
    call_set_field(call, "email", email);
    call_set_field(call, "share_slug", slug ? text_slug(call->arena, slug) : NULL);
    const struct password_ask ask = {
        .loop = call->api->loop, .password = password, .len = strlen(password), .done = on_hash, .ctx = call};
    wait_for_password(call, password_hash(&ask));
}

/* ---- login ---- */

/* The limit of an account's failures is checked again after the password: of many parallel guesses
 * only as many as the limit learn their result. */

static void login_admit(struct call *call)
{
    answer_with_token(call, 200, call->state);
}

static void login_refuse(struct call *call)
{
    call_fail(call, 401, invalid_credentials);
}

static void on_checked(void *ctx, bool ok, const char *hash)
{
    (void)hash;
    struct call *call = ctx;
    call_got(call, drop_password);
    if (ok)
        call_limit_look(call, LIMIT_LOGIN_FAILURE, call_field(call, "email"), login_admit);
    else
        call_limit_take(call, LIMIT_LOGIN_FAILURE, call_field(call, "email"), login_refuse);
}

/* For an unknown account a dummy hash is checked, so that the answer takes as long as for a known
 * one. */
static void on_found(struct call *call, enum db_outcome outcome, struct db_rows *rows)
{
    const char *password = call_field(call, "password");
    if (!call_has_rows(call, outcome, rows, false))
        return;
    bool known = db_count(rows) == 1 && strlen(password) <= PASSWORD_MAX_BYTES;
    if (known)
        call->state = arena_strdup(call->arena, db_text(rows, 0, 0));
    const struct password_ask ask = {.loop = call->api->loop,
                                     .password = password,
                                     .len = MIN(strlen(password), (size_t)PASSWORD_MAX_BYTES),
                                     .done = on_checked,
                                     .ctx = call};
    wait_for_password(call, password_check(&ask, known ? db_text(rows, 0, 1) : NULL));
}

static void find_account(struct call *call)
{
    call_query(call, SQL_AUTH_FIND_ACCOUNT, on_found);
}

void auth_login(struct call *call)
{
    const char *email = text_lower(call->arena, call_field(call, "email"));
    call_set_field(call, "email", email);
    call_limit_look(call, LIMIT_LOGIN_FAILURE, email, find_account);
}
