#include "api/http/public.h"

#include <string.h>

#include "api/events/routes.h"
#include "api/http/answer.h"
#include "api/http/answer_cache.h"
#include "api/http/caching.h"
#include "api/http/route.h"
#include "api/pages/page.h"
#include "sys/db/json.h"

static struct answer_key key_of(const struct call *call)
{
    return (struct answer_key){.route = call->route, .id = call->ids[0] ? call->ids[0] : ""};
}

static bool may_be_kept(const struct call *call)
{
    return caching_is_visitor(call) && !*call->http->query;
}

/* Answers with call->state, a struct cached_answer. */
static void answer_now(void *ctx)
{
    struct call *call = ctx;
    const struct cached_answer *answer = call->state;
    const char *type = call->route->page ? PAGE_TYPE : "application/json";
    if (answer->etag)
        http_add_header(call->http, "ETag", answer->etag);
    if (answer->etag && etag_is_known(call->http, answer->etag))
        call_answer_text(call, 304, type, "", 0);
    else {
        if (answer->is_gzip)
            http_add_header(call->http, "Content-Encoding", "gzip");
        call_answer_text(call, 200, type, answer->body, answer->len);
    }
}

/* A HEAD request is no view: it shows no page. Nor is what a page that shows it asks for again. */
static bool is_view(struct call *call)
{
    const char *seen = call_query_value(call, "seen");
    return call->route->event && strcmp(call->http->method_text, "HEAD") != 0 && !(seen && strcmp(seen, "1") == 0);
}

void public_answer_view(struct call *call, const struct cached_answer *answer)
{
    call->state = arena_alloc(call->arena, sizeof *answer);
    *(struct cached_answer *)call->state = *answer;
    if (answer->event_metadata && is_view(call))
        events_record_view(call, answer->event_metadata, answer_now);
    else
        answer_now(call);
}

bool public_answer_from_memory(struct call *call)
{
    if (!may_be_kept(call)) {
        caching_count(call, CACHE_BYPASS);
        return false;
    }
    const struct cached_answer *answer =
        answer_cache_find(call->api->answers, call->arena, key_of(call), call->http->started);
    caching_count(call, answer ? CACHE_HIT : CACHE_MISS);
    if (answer)
        public_answer_view(call, answer);
    return answer != NULL;
}

void public_answer(struct call *call, const char *body, size_t len, const char *event_metadata)
{
    struct cached_answer answer = {.body = body, .len = len, .event_metadata = event_metadata};
    answer.etag = caching_is_visitor(call) ? etag_of(call->arena, answer.body) : NULL;
    if (may_be_kept(call))
        answer_cache_keep(call->api->answers, key_of(call), &answer, call->http->started);
    public_answer_view(call, &answer);
}

void public_answer_rows(struct call *call, struct db_rows *rows)
{
    if (db_answer_status(rows) != 200) {
        call_answer_row(call, rows);
        return;
    }
    size_t len = 0;
    const char *metadata = db_column(rows, "_event_metadata");
    const char *body = db_answer_body(rows, call->arena, &len);
    INVARIANT(body);
    public_answer(call, body, len, metadata ? arena_strdup(call->arena, metadata) : NULL);
}
