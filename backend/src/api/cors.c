#include "api/cors.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const char local_pages[] = "http://localhost:3000,http://127.0.0.1:3000"; /* where the pages' development server listens */
static const char separators[] = " \t,";

static struct {
    const char **origins; /* each without a trailing slash */
    int count;
    bool any; /* "*" is on the list */
} allowed;

/* scheme://host[:port] and nothing after it; a browser sends no more, so anything else would never match. */
static bool is_origin(const char *text)
{
    size_t scheme = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789+-.");
    if (scheme == 0 || strncmp(text + scheme, "://", 3) != 0 || !text[scheme + 3])
        return false;
    for (const char *c = text + scheme + 3; *c; c++)
        if (!isalnum((unsigned char)*c) && !strchr(".-_:[]", *c))
            return false;
    return true;
}

static bool add(const char *setting, const char *text, size_t len, struct err *err)
{
    char *origin = must_calloc(1, len + 1);
    memcpy(origin, text, len);
    if (strcmp(origin, "*") == 0) {
        free(origin);
        allowed.any = true;
        return true;
    }
    if (len > 0 && origin[len - 1] == '/')
        origin[len - 1] = '\0';
    allowed.origins[allowed.count++] = origin;
    return is_origin(origin) || fail(err, "%s must have origins like https://example.org, without a path; \"%.64s\" is none", setting, origin);
}

static bool add_all(const char *setting, const char *list, struct err *err)
{
    allowed.origins = must_realloc(allowed.origins, ((size_t)allowed.count + strlen(list) / 2 + 1) * sizeof *allowed.origins);
    for (list += strspn(list, separators); *list; list += strspn(list, separators)) {
        size_t len = strcspn(list, separators);
        if (!add(setting, list, len, err))
            return false;
        list += len;
    }
    return true;
}

bool cors_start(const struct config *config, struct err *err)
{
    bool dev = config->app_env != ENV_PROD;
    if (*config->cors_allowed_origins)
        return add_all("CORS_ALLOWED_ORIGINS", config->cors_allowed_origins, err);
    return add_all("FRONTEND_ORIGIN", config->frontend_origin, err) && (!dev || add_all("", local_pages, err));
}

/* The request's origin where it is on the list, else NULL. Two of them are none: caches and servers would not agree which one counts. */
static const char *allowed_origin(const struct call *call)
{
    const char *origin = http_header(call->http, "Origin");
    if (!origin || http_header_repeated(call->http, "Origin"))
        return NULL;
    for (int i = 0; i < allowed.count; i++)
        if (strcmp(allowed.origins[i], origin) == 0)
            return origin;
    return allowed.any && is_origin(origin) ? origin : NULL;
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
    http_add_header(call->http, "Access-Control-Expose-Headers", "ETag, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id");
}

bool cors_is_preflight(const struct call *call)
{
    return call->http->method == METHOD_OPTIONS && http_header(call->http, "Origin") && http_header(call->http, "Access-Control-Request-Method");
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
