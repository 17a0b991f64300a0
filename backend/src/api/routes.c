#include "api/routes.h"

#include "api/auth.h"
#include "api/drafts.h"
#include "api/health.h"
#include "api/posts.h"
#include "api/thread.h"
#include "domain/persona.h"

static const char *default_quotas(struct call *call)
{
    call_number_param(call, call->api->config->draft_quota);
    call_number_param(call, call->api->config->reply_quota);
    return NULL;
}

/* clang-format off */
const struct route routes[] = {
    { METHOD_GET,    "/healthz",                                .run = health_live },
    { METHOD_GET,    "/readyz",                                 .run = health_ready },
    { METHOD_GET,    "/metrics",                                .run = health_metrics },

    { METHOD_POST,   "/auth/signup",                            .body = signup_fields, .run = auth_signup, .small_body = true },
    { METHOD_POST,   "/auth/login",                             .body = login_fields, .run = auth_login, .small_body = true },

    { METHOD_GET,    "/personas",                               USER, .sql = SQL_PERSONAS_LIST },
    { METHOD_POST,   "/personas",                               USER, .body = persona_fields, .sql = SQL_PERSONAS_CREATE, .prepare = default_quotas },
    { METHOD_GET,    "/personas/{id:persona id}",               USER, .sql = SQL_PERSONAS_SHOW },
    { METHOD_PUT,    "/personas/{id:persona id}",               USER, .body = persona_update_fields, .sql = SQL_PERSONAS_UPDATE },
    { METHOD_DELETE, "/personas/{id:persona id}",               USER, .sql = SQL_PERSONAS_DELETE },
    { METHOD_GET,    "/personas/{id:persona id}/digest/today",  USER, .sql = SQL_DIGESTS_TODAY },
    { METHOD_GET,    "/personas/{id:persona id}/digest/latest", USER, .sql = SQL_DIGESTS_LATEST },

    { METHOD_GET,    "/rooms",                                  USER, .sql = SQL_ROOMS_LIST },
    { METHOD_GET,    "/rooms/{id:room id}/posts",               USER, .sql = SQL_POSTS_LIST_IN_ROOM, .prepare = posts_page },
    { METHOD_POST,   "/rooms/{id:room id}/posts/draft",         USER, .body = draft_fields, .run = draft_post },
    { METHOD_POST,   "/posts/{id:post id}/approve",             USER, .body = approve_fields, .sql = SQL_POSTS_APPROVE, .prepare = posts_approval, .wakes_worker = true },
    { METHOD_POST,   "/posts/{id:post id}/generate-replies",    USER, .body = reply_request_fields, .sql = SQL_REPLIES_ENQUEUE, .prepare = posts_add_request_id, .wakes_worker = true },
    { METHOD_GET,    "/posts/{id:post id}/thread",              USER, .run = thread_show },
    { METHOD_GET,    "/b/{id:battle id}",                       ANYONE, .run = thread_show },
};
/* clang-format on */

const int route_count = COUNT(routes);
