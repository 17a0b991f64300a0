#include "api/routes.h"

#include "api/auth.h"
#include "api/drafts.h"
#include "api/events.h"
#include "api/health.h"
#include "api/openapi.h"
#include "api/posts.h"
#include "api/queries.h"
#include "api/thread.h"
#include "domain/persona.h"

static const char *default_quotas(struct call *call)
{
    call_number_param(call, call->api->config->draft_quota);
    call_number_param(call, call->api->config->reply_quota);
    return NULL;
}

#define CONTENT_ANSWERS "400 content exceeds max length | 400 content failed profanity check | 400 content failed link spam check"
#define MODEL_ANSWERS(what) "502 " what " failed | 503 " what " failed"

/* clang-format off */
const struct route routes[] = {
    { METHOD_GET,    "/healthz",                                .run = health_live, .answers = "200 Health" },
    { METHOD_GET,    "/readyz",                                 .run = health_ready, .answers = "200 Health | 503 Health" },
    { METHOD_GET,    "/metrics",                                .run = health_metrics, .answers = "200 text/plain" },
    { METHOD_GET,    "/openapi.json",                           .run = openapi_show, .answers = "200 OpenApi | 304 null" },

    { METHOD_POST,   "/auth/signup",                            .body = signup_fields, .run = auth_signup, .sql = SQL_AUTH_SIGNUP, .answers = "201 Session | 400 invalid email or password", .small_body = true },
    { METHOD_POST,   "/auth/login",                             .body = login_fields, .run = auth_login, .answers = "200 Session | 401 invalid credentials", .small_body = true },

    { METHOD_GET,    "/personas",                               USER, .sql = SQL_PERSONAS_LIST },
    { METHOD_POST,   "/personas",                               USER, .body = persona_fields, .sql = SQL_PERSONAS_CREATE, .prepare = default_quotas },
    { METHOD_GET,    "/personas/{id:persona id}",               USER, .sql = SQL_PERSONAS_SHOW },
    { METHOD_PUT,    "/personas/{id:persona id}",               USER, .body = persona_update_fields, .sql = SQL_PERSONAS_UPDATE },
    { METHOD_DELETE, "/personas/{id:persona id}",               USER, .sql = SQL_PERSONAS_DELETE },
    { METHOD_GET,    "/personas/{id:persona id}/digest/today",  USER, .sql = SQL_DIGESTS_TODAY },
    { METHOD_GET,    "/personas/{id:persona id}/digest/latest", USER, .sql = SQL_DIGESTS_LATEST },

    { METHOD_GET,    "/rooms",                                  USER, .sql = SQL_ROOMS_LIST },
    { METHOD_GET,    "/rooms/{id:room id}/posts",               USER, .sql = SQL_POSTS_LIST_IN_ROOM, .query = page_query, .prepare = posts_page },
    { METHOD_POST,   "/rooms/{id:room id}/posts/draft",         USER, .body = draft_fields, .run = draft_post, .sql = SQL_POSTS_STORE_DRAFT, .answers = MODEL_ANSWERS("llm draft") },
    { METHOD_POST,   "/posts/{id:post id}/approve",             USER, .body = approve_fields, .sql = SQL_POSTS_APPROVE, .prepare = posts_approval, .answers = CONTENT_ANSWERS, .wakes_worker = true },
    { METHOD_POST,   "/posts/{id:post id}/generate-replies",    USER, .body = reply_request_fields, .sql = SQL_REPLIES_ENQUEUE, .prepare = posts_add_request_id, .wakes_worker = true },
    { METHOD_GET,    "/posts/{id:post id}/thread",              USER, .run = thread_show, .sql = SQL_POSTS_THREAD },
    { METHOD_GET,    "/b/{id:battle id}",                       ANYONE, .run = thread_show, .sql = SQL_POSTS_THREAD },

    { METHOD_POST,   "/events",                                 VISITOR, LIMIT_EVENTS, .body = event_fields, .run = events_post, .answers = "202 Accepted | 400 unsupported event_name", .small_body = true },

    { METHOD_POST,   "/events",                                 VISITOR, LIMIT_EVENTS, .body = event_fields, .run = events_post, .small_body = true },
};
/* clang-format on */

const int route_count = COUNT(routes);
