#include "api/live/stream.h"

#include <string.h>

#include "api/guard/revocations.h"
#include "api/http/answer.h"
#include "api/live/desk.h"

const struct field stream_query[] = {
    {.name = "watch", .kind = FIELD_TEXT, .invalid = "watch must be at most 50 post ids"},
    {.name = "last_event_id", .kind = FIELD_TEXT},
    {.kind = FIELD_END},
};

static bool has_key(const struct live_opening *opening, const struct live_key *key)
{
    for (int i = 0; i < opening->post_count; i++)
        if (live_keys_equal(&opening->posts[i], key))
            return true;
    return false;
}

/* NULL, or the sentence of a 400. */
static const char *read_watch(struct call *call, struct live_opening *opening)
{
    const char *list = call_query_value(call, "watch");
    for (const char *at = list ? list : ""; *at;) {
        size_t len = strcspn(at, ",");
        if (!uuid_valid(at, len))
            return stream_query[0].invalid;
        struct live_key key = live_key_of(KEY_POST, at);
        if (!has_key(opening, &key)) {
            if (opening->post_count == LIVE_WATCH_MAX)
                return stream_query[0].invalid;
            opening->posts[opening->post_count++] = key;
        }
        at += len + (at[len] == ',');
    }
    return NULL;
}

static void read_last_id(struct call *call, struct live_opening *opening)
{
    const char *text = http_header(call->http, "Last-Event-ID");
    text = text ? text : call_query_value(call, "last_event_id");
    opening->has_last_id = text && *text;
    if (opening->has_last_id && !live_id_read(text, &opening->last))
        opening->last = (struct live_id){0}; /* nobody's: everything is to be read again */
}

/* Here a bad token is refused, so that the end of a session shows. */
static bool has_bad_token(const struct call *call)
{
    return !*call->user_id && http_header(call->http, "Authorization");
}

void stream_open(struct call *call)
{
    struct live_opening opening = {0};
    const char *wrong = read_watch(call, &opening);
    read_last_id(call, &opening);
    if (has_bad_token(call) && !revocations_are_known())
        call_fail_db(call, DB_AWAY, NULL, false);
    else if (has_bad_token(call))
        call_fail(call, 401, "invalid token");
    else if (wrong)
        call_fail(call, 400, wrong);
    else
        desk_open(call, &opening);
}
