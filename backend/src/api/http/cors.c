#include "api/http/cors.h"

#include <string.h>

#include "domain/callers.h"

static struct origins allowed;

bool cors_start(const struct config *config, struct err *err)
{
    static struct arena *arena; /* for the process's life */
    arena = arena_new();
    return origins_read(arena, config, &allowed, err);
}

/* The request's origin where it is on the list, else NULL. Two of them are none: caches and
 * servers would not agree which one counts. */
static const char *allowed_origin(const struct call *call)
{
    const char *origin = http_header(call->http, "Origin");
    if (!origin || http_header_repeated(call->http, "Origin"))
        return NULL;
    for (int i = 0; i < allowed.count; i++)
        if (strcmp(allowed.list[i], origin) == 0)
            return origin;
    return allowed.any && origin_is_valid(origin) ? origin : NULL;
}

void cors_add_headers(struct call *call)
{
    if (allowed.count == 0 && !allowed.any)
        return;
    http_add_header(call->http, "Vary", "Origin");
    const char *origin = allowed_origin(call);
    if (!origin)
        return;
    http_add_header(call->http, "Access-Control-Allow-Origin", arena_strdup(call->arena, origin));
    http_add_header(call->http, "Access-Control-Allow-Credentials", "true");
    http_add_header(call->http, "Access-Control-Expose-Headers",
                    "ETag, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id");
}

bool cors_is_preflight(const struct call *call)
{
    return call->http->method == METHOD_OPTIONS && http_header(call->http, "Origin") &&
           http_header(call->http, "Access-Control-Request-Method");
}

void cors_answer_preflight(struct call *call, const char *allow)
{
    static const char *const leave[][2] = {
        {"Access-Control-Allow-Methods", "GET, POST, PUT, DELETE, OPTIONS"},
        {"Access-Control-Allow-Headers", "Accept, Authorization, Content-Type, X-Request-Id"},
        {"Access-Control-Max-Age", "300"},
    };
    http_add_header(call->http, "Allow", allow);
    for (size_t i = 0; allowed_origin(call) && i < COUNT(leave); i++)
        http_add_header(call->http, leave[i][0], leave[i][1]);
    call_answer_text(call, 204, NULL, "", 0);
}
