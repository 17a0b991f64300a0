#include "api/account/mail.h"

#include <string.h>

#include "api/account/hashing.h"
#include "api/account/mail_ask.h"
#include "api/account/session.h"
#include "api/auth.h"
#include "api/http/answer.h"
#include "base/text.h"
#include "config/mail.h"
#include "domain/account.h"
#include "sys/crypto.h"

static const char invalid_email[] = "invalid email";

/* A link's token has 43 characters. */
#define TOKEN_FIELD                  \
    {.name = "token",                \
     .kind = FIELD_TEXT,             \
     .max = 200,                     \
     .missing = "token is required", \
     .too_long = "token must be <= 200 chars"}

const struct field forgot_fields[] = {
    {.name = "email", .kind = FIELD_TEXT, .max = EMAIL_MAX_BYTES, .missing = invalid_email, .too_long = invalid_email},
    {.kind = FIELD_END},
};

const struct field reset_fields[] = {
    TOKEN_FIELD,
    {.name = "password",
     .kind = FIELD_RAW_TEXT,
     .min = PASSWORD_MIN_BYTES,
     .max = PASSWORD_MAX_BYTES,
     .missing = auth_password_length,
     .too_long = auth_password_length},
    {.kind = FIELD_END},
};

const struct field mail_token_fields[] = {
    TOKEN_FIELD,
    {.kind = FIELD_END},
};

/* ---- asking for a mail ---- */

/* True: no link would reach anybody, and that is answered. */
static bool is_refused(struct call *call)
{
    bool refused = !config_links_go_out(call->api->config);
    if (refused)
        call_fail(call, 503, "mail is not set up");
    return refused;
}

static void on_asked(struct call *call, enum db_outcome outcome, struct db_rows *rows)
{
    if (!call_has_rows(call, outcome, rows, true))
        return;
    call_wake_worker(call);
    call_answer_row(call, rows);
}

void mail_ask_verification(struct call *call)
{
    if (is_refused(call))
        return;
    call_param(call, mail_asks_key(call));
    call_param(call, call->request_id);
    call_query(call, SQL_MAILS_ASK_VERIFICATION, on_asked);
}

/* An address that has an account takes longer, as a job is stored; so each ask is answered when a
 * time is over that is enough for both. */
enum { ASKED_MS = 100 };

struct ask {
    bool is_stored, is_over; /* the statement's commit, and the time */
};

static void answer_when_both(struct call *call)
{
    const struct ask *ask = call->state;
    if (ask->is_stored && ask->is_over)
        call_answer(call, 202, "{\"ok\":true}");
}

static void on_time_over(void *ctx)
{
    struct call *call = ctx;
    ((struct ask *)call->state)->is_over = true;
    answer_when_both(call);
}

static void on_reset_asked(struct call *call, enum db_outcome outcome, struct db_rows *rows)
{
    if (!call_has_rows(call, outcome, rows, true))
        return;
    call_wake_worker(call);
    ((struct ask *)call->state)->is_stored = true;
    answer_when_both(call);
}

void mail_ask_reset(struct call *call)
{
    const char *email = account_email(call->arena, call_field(call, "email"));
    if (is_refused(call))
        return;
    if (!account_email_is_fit(email)) {
        call_fail(call, 400, invalid_email);
        return;
    }
    call_set_field(call, "email", email);
    call_param(call, account_email_folded(call->arena, email));
    call_param(call, mail_asks_key(call));
    call_param(call, call->request_id);
    auth_mark_account(call, email);
    call->state = arena_alloc(call->arena, sizeof(struct ask));
    *(struct ask *)call->state = (struct ask){0};
    call_after(call, ASKED_MS, on_time_over);
    call_query(call, SQL_MAILS_ASK_RESET, on_reset_asked);
}

/* ---- using a link ---- */

const char *mail_hash_token(struct call *call)
{
    char hash[DIGEST_SIZE];
    digest(hash, call_field(call, "token"));
    call_set_field(call, "token", arena_strdup(call->arena, hash));
    return NULL;
}

enum { BODY = 1, USER_ID, SESSION_ID };

static void on_reset(struct call *call, enum db_outcome outcome, struct db_rows *rows)
{
    if (!call_has_rows(call, outcome, rows, true))
        return;
    if (db_number(rows, 0, 0) != 200) {
        call_answer_row(call, rows);
        return;
    }
    auth_note_network(call, db_text(rows, 0, USER_ID));
    session_answer(call, 200, db_text(rows, 0, USER_ID), db_text(rows, 0, SESSION_ID));
}

static void mail_on_hash(struct call *call, const char *hash)
{
    const char *const params[] = {call_field(call, "token"), hash, session_user_agent(call)};
    call_query_with(call, SQL_MAILS_RESET, params, on_reset);
}

static void on_found_link(struct call *call, enum db_outcome outcome, struct db_rows *rows)
{
    if (!call_has_rows(call, outcome, rows, false))
        return;
    if (db_count(rows) == 0)
        call_fail(call, 400, "invalid token");
    else
        /* who has a good link has proved more than who knows an address */
        hashing_start(call, PASSWORD_OF_KNOWN, text_compose(call->arena, call_field(call, "password")), mail_on_hash);
}

void mail_reset(struct call *call)
{
    if (is_refused(call))
        return;
    const char *problem = auth_password_problem(call, text_compose(call->arena, call_field(call, "password")));
    if (problem) {
        call_fail(call, 400, problem);
        return;
    }
    mail_hash_token(call);
    call_query_with(call, SQL_MAILS_FIND_RESET, (const char *[]){call_field(call, "token")}, on_found_link);
}
