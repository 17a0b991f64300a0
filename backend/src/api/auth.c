#include "api/auth.h"

#include <string.h>

#include "api/guard/limits.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"
#include "sys/passwords.h"
#include "sys/tokens.h"

enum { EMAIL_MAX_BYTES = 254, PASSWORD_MIN_BYTES = 8, PASSWORD_MAX_BYTES = 1024, TOKEN_LIFETIME_S = 24 * 3600 };
enum { EMAIL, PASSWORD, SHARE_SLUG };

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

static void answer_with_token(struct call *call, int status, const char *user_id)
{
    struct buf body = buf_new(call->arena);
    const char *token =
        token_make(call->arena, call->api->config->jwt_secret, user_id, clock_unix_us() / 1000000, TOKEN_LIFETIME_S);
    buf_printf(&body, "{\"token\":\"%s\",\"user_id\":\"%s\"}", token, user_id);
    call_answer(call, status, body.text);
}

/* ---- sign-up ---- */

static void on_account(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    struct call *call = ctx;
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
    call->password = NULL;
    if (!ok) {
        call->error = "password hashing failed";
        call_fail(call, 500, "internal server error");
        return;
    }
    call->params[PASSWORD] = hash;
    call_query(call, SQL_AUTH_SIGNUP, on_account);
}

static bool is_email(const char *text)
{
    return strchr(text, '@') && strlen(text) <= EMAIL_MAX_BYTES;
}

void auth_signup(struct call *call)
{
    const char *password = call->params[PASSWORD];
    call->params[EMAIL] = text_lower(call->arena, call->params[EMAIL]);
    if (!is_email(call->params[EMAIL])) {
        call_fail(call, 400, invalid_input);
        return;
    }
    if (call->params[SHARE_SLUG])
        call->params[SHARE_SLUG] = text_slug(call->arena, call->params[SHARE_SLUG]);
    call->password = password_hash(&(struct password_ask){
        .loop = call->api->loop, .password = password, .len = strlen(password), .done = on_hash, .ctx = call});
    if (!call->password)
        call_busy(call, "password_queue");
}

/* ---- login ---- */

/* An account's failures are counted, and looked at again, when the password has been checked: of
 * many guesses at the same time only so many learn whether they were right. */

static void admit(struct call *call)
{
    answer_with_token(call, 200, call->state);
}

static void turn_away(struct call *call)
{
    call_fail(call, 401, invalid_credentials);
}

static void on_checked(void *ctx, bool ok, const char *hash)
{
    (void)hash;
    struct call *call = ctx;
    call->password = NULL;
    if (ok)
        limit_look(call, LIMIT_LOGIN_FAILURE, call->params[EMAIL], admit);
    else
        limit_take(call, LIMIT_LOGIN_FAILURE, call->params[EMAIL], turn_away);
}

/* An unknown account goes the same way as a known one, and takes as long. */
static void on_found(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    struct call *call = ctx;
    const char *password = call->params[PASSWORD];
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
    call->password = password_check(&ask, known ? db_text(rows, 0, 1) : NULL);
    if (!call->password)
        call_busy(call, "password_queue");
}

static void find_account(struct call *call)
{
    call_query(call, SQL_AUTH_FIND_ACCOUNT, on_found);
}

void auth_login(struct call *call)
{
    call->params[EMAIL] = text_lower(call->arena, call->params[EMAIL]);
    limit_look(call, LIMIT_LOGIN_FAILURE, call->params[EMAIL], find_account);
}
