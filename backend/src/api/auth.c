#include "api/auth.h"

#include <stdio.h>
#include <string.h>

#include "api/account/hashing.h"
#include "api/account/mail_ask.h"
#include "api/account/session.h"
#include "api/guard/rate_key.h"
#include "api/http/answer.h"
#include "api/http/call_limit.h"
#include "api/http/client.h"
#include "base/text.h"
#include "domain/account.h"
#include "sys/passwords.h"

static const char invalid_input[] = "invalid email or password";
const char auth_password_length[] = "new password must be 8 to 1024 bytes";
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

static void mark_account(struct call *call, const char *folded)
{
    struct rate_key key = rate_key_of(call->api->config->jwt_secret, arena_printf(call->arena, "account %s", folded));
    call->account = arena_printf(call->arena, "%016llx", (unsigned long long)key.high);
}

void auth_mark_account(struct call *call, const char *email)
{
    mark_account(call, account_email_folded(call->arena, email));
}

/* The client's network: accounts know it, and failures are counted in it. */
static const char *network_text(struct call *call)
{
    char text[CIDR_TEXT_SIZE];
    const struct address client = client_of(call->http);
    const struct cidr network = cidr_around(&client);
    cidr_write(text, &network);
    return arena_strdup(call->arena, text);
}

const char *auth_place(struct call *call, const char *email)
{
    return arena_printf(call->arena, "%s %s", network_text(call), account_email_folded(call->arena, email));
}

void auth_note_network(struct call *call, const char *user_id)
{
    db_tell(call->api->db, SQL_AUTH_NOTE_NETWORK, (const char *[]){user_id, network_text(call)});
}

/* ---- sign-up ---- */

static void on_account(struct call *call, enum db_outcome outcome, struct db_rows *rows)
{
    if (!call_has_rows(call, outcome, rows, true))
        return;
    int status = (int)db_number(rows, 0, 0);
    if (status != 201) {
        call_answer_row(call, rows);
        return;
    }
    mail_wake_worker(call);
    session_answer(call, status, db_text(rows, 0, 2), db_text(rows, 0, 3));
}

static void on_hash(struct call *call, const char *hash)
{
    call_set_field(call, "password", hash);
    call_query(call, SQL_AUTH_SIGNUP, on_account);
}

const char *auth_password_problem(struct call *call, const char *password)
{
    bool is_refused = call->api->config->refuse_common_passwords && account_password_is_common(call->arena, password);
    return is_refused ? "password is too common" : NULL;
}

/* NULL, or the sentence of a 400. */
static const char *signup_problem(struct call *call, const char *email, const char *password)
{
    return account_email_is_fit(email) ? auth_password_problem(call, password) : invalid_input;
}

void auth_signup(struct call *call)
{
    const char *email = account_email(call->arena, call_field(call, "email"));
    const char *folded = account_email_folded(call->arena, email);
    const char *password = text_compose(call->arena, call_field(call, "password"));
    const char *slug = call_field(call, "share_slug");
    const char *problem = signup_problem(call, email, password);
    mark_account(call, folded);
    if (problem) {
        call_fail(call, 400, problem);
        return;
    }
    call_set_field(call, "email", email);
    call_set_field(call, "share_slug", slug ? text_slug(call->arena, slug) : NULL);
    call_param(call, folded);
    call_param(call, network_text(call));
    call_param(call, session_user_agent(call));
    mail_add_ask(call);
    hashing_start(call, PASSWORD_OF_SIGNUP, password, on_hash);
}

/* ---- login ---- */

/* Failures are counted by what all spellings of an account's address have in common, or each of
 * them would have guesses of its own. Of many parallel guesses only as many as the limits allow
 * learn their result: the limits are looked at before the password is checked, and again after.
 * A network that the account knows isn't shut by what others do elsewhere, nor counted with
 * them. */
struct login {
    const char *account, *place; /* whom failures are counted for: the account, and from there */
    const char *network;
    const char *user_id, *hash; /* NULL: unknown */
    bool is_known, is_noted;    /* the account logged in from the network, and so today */
};

static void login_note_network(struct call *call, const struct login *login)
{
    if (!login->is_noted)
        db_tell(call->api->db, SQL_AUTH_NOTE_NETWORK, (const char *[]){login->user_id, login->network});
}

static void login_admit(struct call *call)
{
    const struct login *login = call->state;
    login_note_network(call, login);
    session_begin(call, login->user_id, login->hash);
}

static void login_refuse(struct call *call)
{
    call_fail(call, 401, invalid_credentials);
}

/* The limits by network have room. */
static void login_admit_account(struct call *call)
{
    const struct login *login = call->state;
    if (login->is_known)
        login_admit(call);
    else
        call_limit_look(call, LIMIT_ACCOUNT_FAILURE, login->account, login_admit);
}

static void login_refuse_account(struct call *call)
{
    const struct login *login = call->state;
    if (login->is_known)
        login_refuse(call);
    else
        call_limit_take(call, LIMIT_ACCOUNT_FAILURE, login->account, login_refuse);
}

static void drop_check(void *job)
{
    password_drop(job);
}

static void on_checked(void *ctx, enum password_outcome outcome, const char *hash)
{
    (void)hash;
    struct call *call = ctx;
    const struct login *login = call->state;
    call_got(call, drop_check);
    if (outcome == PASSWORD_CROWDED)
        call_busy(call, "password_queue");
    else if (outcome == PASSWORD_OK)
        call_limit_look(call, LIMIT_LOGIN_FAILURE, login->place, login_admit_account);
    else
        call_limit_take(call, LIMIT_LOGIN_FAILURE, login->place, login_refuse_account);
}

/* For an unknown account a dummy hash is checked, so that the answer takes as long as for a known
 * one. Accounts of before have the hash of what was typed, whatever its form. */
static void login_check(struct call *call)
{
    const struct login *login = call->state;
    const char *typed = call_field(call, "password");
    bool fits = strlen(typed) <= PASSWORD_MAX_BYTES;
    const char *password = fits ? text_compose(call->arena, typed) : typed;
    const struct password_ask ask = {.loop = call->api->loop,
                                     .lane = login->is_known ? PASSWORD_OF_KNOWN : PASSWORD_OF_LOGIN,
                                     .origin = hashing_origin(call),
                                     .password = password,
                                     .len = fits ? strlen(password) : (size_t)PASSWORD_MAX_BYTES,
                                     .other = strcmp(typed, password) == 0 ? NULL : typed,
                                     .done = on_checked,
                                     .ctx = call};
    struct password_job *job = password_check(&ask, fits ? login->hash : NULL);
    if (job)
        call_wait(call, drop_check, job);
    else
        call_busy(call, "password_queue");
}

static void on_found(struct call *call, enum db_outcome outcome, struct db_rows *rows)
{
    struct login *login = call->state;
    if (!call_has_rows(call, outcome, rows, false))
        return;
    if (db_count(rows) == 1) {
        login->user_id = arena_strdup(call->arena, db_text(rows, 0, 0));
        login->hash = arena_strdup(call->arena, db_text(rows, 0, 1));
        login->is_known = db_is_true(rows, 0, 2);
        login->is_noted = db_is_true(rows, 0, 3);
    }
    if (login->is_known)
        login_check(call);
    else
        call_limit_look(call, LIMIT_ACCOUNT_FAILURE, login->account, login_check);
}

static void find_account(struct call *call)
{
    const struct login *login = call->state;
    call_query_with(call, SQL_AUTH_FIND_ACCOUNT,
                    (const char *[]){call_field(call, "email"), login->account, login->network}, on_found);
}

void auth_login(struct call *call)
{
    struct login *login = call->state = arena_alloc(call->arena, sizeof *login);
    const char *email = account_email(call->arena, call_field(call, "email"));
    *login = (struct login){.account = account_email_folded(call->arena, email), .network = network_text(call)};
    login->place = arena_printf(call->arena, "%s %s", login->network, login->account);
    call_set_field(call, "email", email);
    mark_account(call, login->account);
    call_limit_look(call, LIMIT_LOGIN_FAILURE, login->place, find_account);
}
