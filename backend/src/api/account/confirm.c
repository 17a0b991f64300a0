#include "api/account/confirm.h"

#include <string.h>

#include "api/account/hashing.h"
#include "api/auth.h"
#include "api/http/answer.h"
#include "api/http/call_limit.h"
#include "base/text.h"
#include "domain/account.h"
#include "sys/passwords.h"

struct confirmation {
    struct confirmed account;
    const char *password, *place; /* whom failures are counted for */
    confirmed_fn *done;
};

static void drop_check(void *job)
{
    password_drop(job);
}

static void confirmation_admit(struct call *call)
{
    const struct confirmation *c = call->state;
    c->done(call, &c->account);
}

static void confirmation_refuse(struct call *call)
{
    call_fail(call, 403, "wrong password");
}

/* As for a login, of many parallel guesses only as many as the limit learn their result. */
static void confirmation_on_checked(void *ctx, enum password_outcome outcome, const char *hash)
{
    (void)hash;
    struct call *call = ctx;
    const struct confirmation *c = call->state;
    call_got(call, drop_check);
    if (outcome == PASSWORD_CROWDED)
        call_busy(call, "password_queue");
    else if (outcome == PASSWORD_OK)
        call_limit_look(call, LIMIT_LOGIN_FAILURE, c->place, confirmation_admit);
    else
        call_limit_take(call, LIMIT_LOGIN_FAILURE, c->place, confirmation_refuse);
}

static void confirmation_check(struct call *call)
{
    const struct confirmation *c = call->state;
    const char *password = text_compose(call->arena, c->password);
    const struct password_ask ask = {.loop = call->api->loop,
                                     .lane = PASSWORD_OF_KNOWN,
                                     .origin = hashing_origin(call),
                                     .password = password,
                                     .len = strlen(password),
                                     .other = strcmp(password, c->password) == 0 ? NULL : c->password,
                                     .done = confirmation_on_checked,
                                     .ctx = call};
    struct password_job *job = password_check(&ask, c->account.hash);
    if (job)
        call_wait(call, drop_check, job);
    else
        call_busy(call, "password_queue");
}

static void confirmation_on_found(struct call *call, enum db_outcome outcome, struct db_rows *rows)
{
    struct confirmation *c = call->state;
    if (!call_has_rows(call, outcome, rows, false))
        return;
    if (db_count(rows) == 0) {
        call_fail(call, 401, "invalid token");
        return;
    }
    c->account.email = arena_strdup(call->arena, db_text(rows, 0, 0));
    c->account.hash = arena_strdup(call->arena, db_text(rows, 0, 1));
    c->place = auth_place(call, c->account.email);
    call_limit_look(call, LIMIT_LOGIN_FAILURE, c->place, confirmation_check);
}

void confirm_password(struct call *call, const char *password, confirmed_fn *done)
{
    if (!password || strlen(password) > PASSWORD_MAX_BYTES)
        password = "";
    struct confirmation *c = call->state = arena_alloc(call->arena, sizeof *c);
    *c = (struct confirmation){.password = password, .done = done};
    call_query_with(call, SQL_ACCOUNTS_FIND, (const char *[]){call->user_id}, confirmation_on_found);
}
