#include "api/profiles.h"

#include "api/http/answer.h"
#include "api/notifications.h"
#include "base/text.h"
#include "service/live_tell.h"

const struct field publish_fields[] = {
    {.name = "slug", .kind = FIELD_TEXT},
    {.name = "bio", .kind = FIELD_TEXT, .max = 500, .too_long = "bio must be <= 500 chars"},
    {.kind = FIELD_END},
};

const char *profile_add_origin(struct call *call)
{
    call_param(call, call->api->config->frontend_origin);
    return NULL;
}

/* ---- publishing ---- */

static void on_answered(struct call *call, enum db_outcome outcome, struct db_rows *rows)
{
    if (call_has_rows(call, outcome, rows, true))
        call_answer_row(call, rows);
}

static void publish_as(struct call *call, const char *slug)
{
    call_set_field(call, "slug", slug);
    call_query(call, SQL_PROFILES_PUBLISH, on_answered);
}

static void on_slug_source(struct call *call, enum db_outcome outcome, struct db_rows *rows)
{
    if (!call_has_rows(call, outcome, rows, false))
        return;
    if (db_number(rows, 0, 0) != 200) {
        call_answer_row(call, rows);
        return;
    }
    const char *slug = text_slug(call->arena, db_text(rows, 0, 1));
    publish_as(call, *slug ? slug : "persona");
}

void profile_publish(struct call *call)
{
    const char *wanted = call_field(call, "slug");
    const char *slug = wanted ? text_slug(call->arena, wanted) : NULL;
    if (!slug)
        call_query(call, SQL_PROFILES_SLUG_SOURCE, on_slug_source);
    else if (!*slug)
        call_fail(call, 400, "slug must contain only letters, numbers, spaces, hyphen or underscore");
    else
        publish_as(call, slug);
}

/* ---- following ---- */

void profile_unfollow(struct call *call)
{
    call_query(call, SQL_PROFILES_UNFOLLOW, on_answered);
}

static void on_followed(struct call *call, enum db_outcome outcome, struct db_rows *rows)
{
    enum { NOTIFICATION = 2, NOTIFIED };
    static const char type[] = "persona_followed";
    if (outcome != DB_OK)
        notification_failed(call, type, db_outcome_name(outcome));
    else if (db_text(rows, 0, NOTIFICATION))
        notification_created(call, type);
    if (outcome == DB_OK)
        live_tell_user(call->api->tell, db_text(rows, 0, NOTIFIED));
    if (call_has_rows(call, outcome, rows, true))
        call_answer_row(call, rows);
}

void profile_follow(struct call *call)
{
    call_query(call, SQL_PROFILES_FOLLOW, on_followed);
}
