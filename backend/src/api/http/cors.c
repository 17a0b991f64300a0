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

/* The request's origin where it is on the list, else NULL. A repeated header counts as none: caches
 * and servers might disagree on which one counts. */
static const char *allowed_origin(const struct http_request *http)
{
    const char *origin = http_header(http, "Origin");
    if (!origin || http_header_repeated(http, "Origin"))
        return NULL;
    for (int i = 0; i < allowed.count; i++)
        if (strcmp(allowed.list[i], origin) == 0)
            return origin;
    return allowed.any && origin_is_valid(origin) ? origin : NULL;
}

void cors_add_headers(struct http_request *http)
{
    if (allowed.count == 0 && !allowed.any)
        return;
    http_add_header(http, "Vary", "Origin");
    const char *origin = allowed_origin(http);
    if (!origin)
        return;
    http_add_header(http, "Access-Control-Allow-Origin", arena_strdup(http->arena, origin));
    http_add_header(http, "Access-Control-Allow-Credentials", "true");
    http_add_header(http, "Access-Control-Expose-Headers",
                    "ETag, Idempotency-Replayed, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id");
}

bool cors_is_preflight(const struct http_request *http)
{
    return http->method == METHOD_OPTIONS && http_header(http, "Origin") &&
           http_header(http, "Access-Control-Request-Method");
}

void cors_add_preflight(struct http_request *http)
{
    static const char *const leave[][2] = {
        {"Access-Control-Allow-Methods", "GET, POST, PUT, DELETE, OPTIONS"},
        {"Access-Control-Allow-Headers", "Accept, Authorization, Content-Type, Idempotency-Key, X-Request-Id"},
        {"Access-Control-Max-Age", "300"},
    };
    for (size_t i = 0; allowed_origin(http) && i < COUNT(leave); i++)
        http_add_header(http, leave[i][0], leave[i][1]);
}
