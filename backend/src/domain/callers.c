#include "domain/callers.h"

#include <ctype.h>
#include <string.h>

/* ---- proxies ---- */

bool proxies_read(struct arena *arena, const struct config *config, struct proxies *proxies, struct err *err)
{
    const char *list = config->trusted_proxies, *bad;
    size_t bad_len;
    proxies->networks = arena_alloc(arena, (strlen(list) / 2 + 1) * sizeof *proxies->networks);
    return cidr_list_read(list, proxies->networks, &proxies->count, &bad, &bad_len) ||
           fail(err,
                "TRUSTED_PROXIES must be networks like 10.0.0.0/8 or fd00::/8, separated by commas; \"%.*s\" is none",
                (int)MIN(bad_len, 64), bad);
}

/* ---- origins ---- */

static const char local_pages[] = "http://localhost:3000,http://127.0.0.1:3000";
static const char separators[] = " \t,";

bool origin_is_valid(const char *text)
{
    size_t scheme = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789+-.");
    if (scheme == 0 || strncmp(text + scheme, "://", 3) != 0 || !text[scheme + 3])
        return false;
    for (const char *c = text + scheme + 3; *c; c++)
        if (!isalnum((unsigned char)*c) && !strchr(".-_:[]", *c))
            return false;
    return true;
}

static bool callers_add(struct origins *origins, const char *setting, char *origin, struct err *err)
{
    size_t len = strlen(origin);
    if (strcmp(origin, "*") == 0) {
        origins->any = true;
        return true;
    }
    if (len > 0 && origin[len - 1] == '/')
        origin[len - 1] = '\0';
    origins->list[origins->count++] = origin;
    return origin_is_valid(origin) ||
           fail(err, "%s must have origins like https://example.org, without a path; \"%.64s\" is none", setting,
                origin);
}

static bool add_all(struct arena *arena, struct origins *origins, const char *setting, const char *list,
                    struct err *err)
{
    for (list += strspn(list, separators); *list; list += strspn(list, separators)) {
        size_t len = strcspn(list, separators);
        if (!callers_add(origins, setting, arena_copy(arena, list, len), err))
            return false;
        list += len;
    }
    return true;
}

bool origins_read(struct arena *arena, const struct config *config, struct origins *origins, struct err *err)
{
    bool is_listed = *config->cors_allowed_origins, dev = config->app_env != ENV_PROD;
    const char *setting = is_listed ? "CORS_ALLOWED_ORIGINS" : "FRONTEND_ORIGIN",
               *list = is_listed ? config->cors_allowed_origins : config->frontend_origin;
    *origins = (struct origins){
        .list = arena_alloc(arena, (strlen(list) / 2 + 1 + strlen(local_pages)) * sizeof *origins->list)};
    return add_all(arena, origins, setting, list, err) &&
           (is_listed || !dev || add_all(arena, origins, "", local_pages, err));
}
