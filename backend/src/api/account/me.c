#include "api/account/me.h"

#include <string.h>

#include "api/account/confirm.h"
#include "api/account/hashing.h"
#include "api/account/mail_ask.h"
#include "api/account/session.h"
#include "api/auth.h"
#include "api/guard/revocations.h"
#include "api/http/answer.h"
#include "base/text.h"
#include "domain/account.h"
#include "domain/battle.h"

static const char invalid_email[] = "invalid email or password";
static const char *const languages[] = {"tr", "en", NULL};

const struct field me_fields[] = {
    {.name = "email", .kind = FIELD_TEXT, .max = EMAIL_MAX_BYTES, .too_long = invalid_email},
    {.name = "language", .kind = FIELD_TEXT, .choices = languages, .out_of_range = "language must be tr or en"},
    {.name = "current_password", .kind = FIELD_RAW_TEXT},
    {.kind = FIELD_END},
};

const struct field password_fields[] = {
    {.name = "current_password", .kind = FIELD_RAW_TEXT},
    {.name = "new_password",
     .kind = FIELD_RAW_TEXT,
     .min = PASSWORD_MIN_BYTES,
     .max = PASSWORD_MAX_BYTES,
     .missing = auth_password_length,
     .too_long = auth_password_length},
    {.kind = FIELD_END},
};

const struct field confirmation_fields[] = {
    {.name = "password", .kind = FIELD_RAW_TEXT},
    {.kind = FIELD_END},
};

/* NULL where the token names none. */
static const char *own_session(const struct call *call)
{
    return *call->session_id ? call->session_id : NULL;
}

const char *me_add_session(struct call *call)
{
    call_param(call, own_session(call));
    return NULL;
}

/* ---- what the account is ---- */

const char *me_admin_emails(const struct config *config)
{
    return *config->admin_emails || config->app_env == ENV_PROD ? config->admin_emails : NULL;
}

const char *me_show(struct call *call)
{
    const struct config *config = call->api->config;
    me_add_session(call);
    call_param(call, me_admin_emails(config));
    call_number_param(call, config->draft_max_len);
    call_number_param(call, config->reply_max_len);
    call_number_param(call, BATTLE_TOPIC_MAX);
    call_number_param(call, config->preview_quota);
    return NULL;
}

static void answer_statement_row(struct call *call, enum db_outcome outcome, struct db_rows *rows)
{
    if (call_has_rows(call, outcome, rows, true))
        call_answer_row(call, rows);
}

/* ---- address and language ---- */

static void me_on_updated(struct call *call, enum db_outcome outcome, struct db_rows *rows)
{
    if (outcome == DB_FAILED && strcmp(db_constraint(rows), "users_email_unique") == 0) {
        call_fail(call, 409, "email already registered");
        return;
    }
    if (!call_has_rows(call, outcome, rows, true))
        return;
    if (db_number(rows, 0, 0) != 200) {
        call_answer_row(call, rows);
        return;
    }
    mail_wake_worker(call);
    call->param_count = 0;
    call_param(call, call->user_id);
    me_show(call);
    call_query(call, SQL_ACCOUNTS_SHOW, answer_statement_row);
}

/* `account` NULL: no password was said. */
static void update_with(struct call *call, const struct confirmed *account)
{
    const char *email = call_field(call, "email"), *language = call_field(call, "language");
    call->param_count = 0;
    call_param(call, call->user_id);
    call_param(call, email);
    call_param(call, language);
    call_param(call, account ? account->hash : NULL);
    mail_add_ask(call);
    call_query(call, SQL_ACCOUNTS_UPDATE, me_on_updated);
}

/* Without a password the statement lets pass what needs none. */
void me_update(struct call *call)
{
    const char *email = call_field(call, "email"), *password = call_field(call, "current_password");
    email = email ? account_email(call->arena, email) : NULL;
    call_set_field(call, "email", email);
    if (email && !account_email_is_fit(email))
        call_fail(call, 400, invalid_email);
    else if (email && password)
        confirm_password(call, password, update_with);
    else
        update_with(call, NULL);
}

/* ---- password ---- */

enum { STATUS, BODY, SESSION_ID };

static void me_on_password_set(struct call *call, enum db_outcome outcome, struct db_rows *rows)
{
    if (!call_has_rows(call, outcome, rows, true))
        return;
    if (db_number(rows, 0, STATUS) != 200) {
        call_answer_row(call, rows);
        return;
    }
    const char *token = session_token(call, call->user_id, db_text(rows, 0, SESSION_ID));
    call_answer(call, 200, arena_printf(call->arena, "{\"token\":\"%s\"}", token));
}

static void me_on_hash(struct call *call, const char *hash)
{
    const struct confirmed *account = call->state;
    const char *const params[] = {call->user_id, own_session(call), account->hash, hash, session_user_agent(call)};
    call_query_with(call, SQL_ACCOUNTS_SET_PASSWORD, params, me_on_password_set);
}

static void hash_new_password(struct call *call, const struct confirmed *account)
{
    struct confirmed *kept = arena_alloc(call->arena, sizeof *kept);
    *kept = *account;
    call->state = kept;
    hashing_start(call, PASSWORD_OF_KNOWN, text_compose(call->arena, call_field(call, "new_password")), me_on_hash);
}

void me_set_password(struct call *call)
{
    const char *problem = auth_password_problem(call, text_compose(call->arena, call_field(call, "new_password")));
    if (problem)
        call_fail(call, 400, problem);
    else
        confirm_password(call, call_field(call, "current_password"), hash_new_password);
}

/* ---- the end ---- */

static void me_on_deleted(struct call *call, enum db_outcome outcome, struct db_rows *rows)
{
    if (!call_has_rows(call, outcome, rows, true))
        return;
    if (db_number(rows, 0, STATUS) == 202)
        revocations_add(call->user_id);
    call_answer_row(call, rows);
}

static void delete_confirmed(struct call *call, const struct confirmed *account)
{
    call_query_with(call, SQL_ACCOUNTS_DELETE, (const char *[]){call->user_id, account->hash}, me_on_deleted);
}

void me_delete(struct call *call)
{
    confirm_password(call, call_field(call, "password"), delete_confirmed);
}

static void me_on_session_ended(struct call *call, enum db_outcome outcome, struct db_rows *rows)
{
    if (!call_has_rows(call, outcome, rows, true))
        return;
    if (db_number(rows, 0, STATUS) == 200)
        revocations_add(call->ids[0]);
    call_answer_row(call, rows);
}

void me_end_session(struct call *call)
{
    call_query(call, SQL_SESSIONS_END_ONE, me_on_session_ended);
}
