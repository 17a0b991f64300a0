#include "api/account/export.h"

#include <string.h>

#include "api/account/session.h"
#include "api/http/answer.h"
#include "api/http/call_limit.h"
#include "base/buf.h"
#include "base/clock.h"

enum { PAGE = 1000, CURSOR_LIFETIME_S = 3600 };

/* By the numbers that the statement has for them. */
static const char *const kinds[] = {"user",          "personas", "posts",          "replies", "templates", "follows",
                                    "notifications", "digests",  "weekly_digests", "events",  "sessions"};

static const char purpose[] = "export";

/* What a cursor says: whose export it is, and the last row that was given. */
enum { USER, LAST_KIND, TIME, LAST_ID, CLAIMS };
static const char *const claim_names[CLAIMS] = {
    [USER] = "user", [LAST_KIND] = "kind", [TIME] = "time", [LAST_ID] = "id"};

static int64_t now_s(void)
{
    return clock_unix_us() / 1000000;
}

/* ---- the cursor ---- */

static void add_place(struct call *call, const char *kind, const char *time, const char *id)
{
    bool is_uuid = id && strchr(id, '-');
    call_param(call, kind);
    call_param(call, time);
    call_param(call, is_uuid ? id : NULL);
    call_param(call, is_uuid ? NULL : id);
}

/* False: the cursor is none of ours, or not this user's. */
static bool add_place_of(struct call *call, const char *cursor)
{
    const struct token_keys keys = session_keys(call->api->config);
    struct claim claims[CLAIMS];
    for (int i = 0; i < CLAIMS; i++)
        claims[i] = (struct claim){.name = claim_names[i]};
    const struct claims wanted = {.purpose = purpose, .list = claims, .count = CLAIMS};
    if (!claims_read(call->arena, cursor, &keys, now_s(), &wanted) || !claims[USER].value ||
        strcmp(claims[USER].value, call->user_id) != 0)
        return false;
    add_place(call, claims[LAST_KIND].value, claims[TIME].value, claims[LAST_ID].value);
    return true;
}

/* ---- a page ---- */

enum { KIND, MICROS, ID, DATA };

/* "" where the page isn't full, so nothing is left. */
static const char *next_cursor(struct call *call, const struct db_rows *rows)
{
    const struct token_keys keys = session_keys(call->api->config);
    int last = db_count(rows) - 1;
    if (last + 1 < PAGE)
        return "";
    struct claim claims[CLAIMS] = {{claim_names[USER], call->user_id},
                                   {claim_names[LAST_KIND], db_text(rows, last, KIND)},
                                   {claim_names[TIME], db_text(rows, last, MICROS)},
                                   {claim_names[LAST_ID], db_text(rows, last, ID)}};
    const struct claims made = {.purpose = purpose, .list = claims, .count = CLAIMS};
    return claims_make(call->arena, &keys, &made, now_s() + CURSOR_LIFETIME_S);
}

/* The rows of a kind from `*row` on, as a list; there may be none. */
static void add_kind(struct buf *json, const struct db_rows *rows, int kind, int *row)
{
    const char *comma = "";
    buf_printf(json, ",\"%s\":[", kinds[kind]);
    for (; *row < db_count(rows) && db_number(rows, *row, KIND) == kind; ++*row) {
        buf_str(json, comma);
        buf_str(json, db_text(rows, *row, DATA));
        comma = ",";
    }
    buf_str(json, "]");
}

static void on_exported(struct call *call, enum db_outcome outcome, struct db_rows *rows)
{
    char now[RFC3339_SIZE];
    int row = 1; /* behind the user */
    struct buf json = buf_new(call->arena);
    if (!call_has_rows(call, outcome, rows, false))
        return;
    if (db_count(rows) == 0 || db_number(rows, 0, KIND) != 0) {
        call_fail(call, 401, "invalid token");
        return;
    }
    rfc3339_from_us(now, clock_unix_us());
    buf_printf(&json, "{\"exported_at\":\"%s\",\"user\":", now);
    buf_str(&json, db_text(rows, 0, DATA));
    for (int kind = 1; kind < (int)COUNT(kinds); kind++)
        add_kind(&json, rows, kind, &row);
    buf_printf(&json, ",\"next_cursor\":\"%s\"}", next_cursor(call, rows));
    http_add_header(call->http, "Content-Disposition", "attachment; filename=\"personaworlds-export.json\"");
    call_answer_text(call, 200, "application/json", json.text, json.len);
}

static void export_page(struct call *call)
{
    call_query(call, SQL_ACCOUNTS_EXPORT, on_exported);
}

void export_show(struct call *call)
{
    const char *cursor = call_query_value(call, "cursor");
    if (!cursor || !*cursor) {
        add_place(call, "0", NULL, NULL);
        call_limit_take(call, LIMIT_EXPORT, NULL, export_page);
    } else if (add_place_of(call, cursor)) {
        export_page(call);
    } else {
        call_fail(call, 400, "invalid cursor");
    }
}
