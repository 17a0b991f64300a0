#include "api/templates.h"

#include <string.h>

#include "api/http/answer.h"
#include "api/http/paging.h"
#include "api/http/public.h"
#include "api/http/queries.h"
#include "domain/template.h"
#include "service/bearer.h"
#include "sys/db/json.h"

static const char wrong_mine[] = "mine must be 0 or 1";
static const char *const yes_or_no[] = {"0", "1", NULL};

const struct field templates_query[] = {
    {.name = "mine", .kind = FIELD_TEXT, .choices = yes_or_no, .out_of_range = wrong_mine},
    CURSOR_PARAMETER,
    {.kind = FIELD_END},
};

const char *templates_check(struct call *call)
{
    return template_rules_check(call_field(call, "prompt_rules"));
}

/* ---- lists ---- */

static bool asks_for_own(struct call *call)
{
    const char *mine = call_query_value(call, "mine");
    return mine && strcmp(mine, "1") == 0;
}

const char *templates_page(struct call *call)
{
    const char *mine = call_query_value(call, "mine");
    bool given = mine && *mine;
    if (given && strcmp(mine, "0") != 0 && strcmp(mine, "1") != 0)
        return wrong_mine;
    return paging_cursor(call);
}

static void on_public(struct call *call, enum db_outcome outcome, struct db_rows *rows)
{
    if (call_has_rows(call, outcome, rows, false))
        public_answer_rows(call, rows);
}

static void on_own(struct call *call, enum db_outcome outcome, struct db_rows *rows)
{
    if (call_has_rows(call, outcome, rows, false))
        call_answer_row(call, rows);
}

/* As on any route for users: the sentence of the 401. */
static const char *why_nobody(const struct call *call)
{
    const char *token, *wrong = bearer_read(call->http, &token);
    return wrong ? wrong : "invalid token";
}

void templates_list(struct call *call)
{
    if (!asks_for_own(call))
        call_query(call, SQL_TEMPLATES_LIST, on_public);
    else if (*call->user_id)
        call_query(call, SQL_TEMPLATES_LIST_OWN, on_own);
    else
        call_fail(call, 401, why_nobody(call));
}

/* ---- deletion ---- */

enum { IS_DONE = 2 }; /* column */

/* Step by step, each of a transaction of its own. A client that leaves, or whose time is over, may
 * ask again, which goes on from there. */
static void on_step(struct call *call, enum db_outcome outcome, struct db_rows *rows)
{
    if (!call_has_rows(call, outcome, rows, true))
        return;
    if (db_answer_status(rows) == 200 && !db_is_true(rows, 0, IS_DONE))
        call_query(call, SQL_TEMPLATES_DELETE, on_step);
    else
        call_answer_row(call, rows);
}

void templates_delete(struct call *call)
{
    call_query(call, SQL_TEMPLATES_DELETE, on_step);
}
