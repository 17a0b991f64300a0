#include "llm/openai.h"

#include <ctype.h>
#include <jansson.h>
#include <string.h>
#include <strings.h>

#include "base/url.h"

static size_t length_without_slashes(const char *base)
{
    size_t len = strlen(base);
    while (len > 0 && base[len - 1] == '/')
        len--;
    return len;
}

static bool has_path(const char *base)
{
    const char *host = strstr(base, "://");
    const char *path = host ? strchr(host + 3, '/') : NULL;
    return path && path < base + length_without_slashes(base);
}

/* A path is the operator's: servers have their API below other ones, too. */
const char *openai_url(struct arena *arena, const char *base, const char *path)
{
    return arena_printf(arena, "%.*s%s%s", (int)length_without_slashes(base), base, has_path(base) ? "" : "/v1", path);
}

/* RFC 6750, section 2.1, allows less; what matters is that no byte can end the header or its
 * line. */
static bool is_header_text(const char *text)
{
    for (; *text; text++)
        if (*text <= ' ' || *text > '~')
            return false;
    return true;
}

static bool ends_with(const char *text, size_t len, const char *end)
{
    return len >= strlen(end) && strncasecmp(text + len - strlen(end), end, strlen(end)) == 0;
}

static bool base_is_usable(const char *base, struct err *err)
{
    if (strncasecmp(base, "http://", 7) != 0 && strncasecmp(base, "https://", 8) != 0)
        return fail(err, "OPENAI_BASE_URL must start with http:// or https://");
    if (!url_login_is_clear(base))
        return fail(err,
                    "OPENAI_BASE_URL must have '@', '/', '?' and '#' in its user name or password percent-encoded");
    if (strpbrk(base, "?#"))
        return fail(err,
                    "OPENAI_BASE_URL must end before a query or a fragment: leave out '?' or '#' and what follows");
    if (!is_header_text(base))
        return fail(err, "OPENAI_BASE_URL must have no blanks and visible ASCII characters only");
    if (ends_with(base, length_without_slashes(base), "/chat/completions"))
        return fail(err, "OPENAI_BASE_URL must end before /chat/completions, which is added");
    return true;
}

/* What the request has already, by these names or by settings of their own. */
static const char *own_member(const json_t *extra)
{
    static const char *const own[] = {
        "model",  "messages",       "max_tokens", "max_completion_tokens", "temperature", "reasoning_effort",
        "stream", "stream_options", "n"};
    for (size_t i = 0; i < COUNT(own); i++)
        if (json_object_get(extra, own[i]))
            return own[i];
    return NULL;
}

static bool extra_is_usable(const char *text, struct err *err)
{
    json_t *extra = *text ? json_loads(text, 0, NULL) : json_object();
    const char *own = own_member(extra);
    bool ok = !json_is_object(extra) ? fail(err, "OPENAI_EXTRA_BODY must be a JSON object")
              : own ? fail(err, "OPENAI_EXTRA_BODY must not have \"%s\", which each request has already", own)
                    : true;
    json_decref(extra);
    return ok;
}

bool openai_settings_are_usable(const struct config *config, struct err *err)
{
    if (!base_is_usable(config->openai_base_url, err))
        return false;
    if (!is_header_text(config->openai_api_key))
        return fail(err, "OPENAI_API_KEY must have visible ASCII characters only");
    return extra_is_usable(config->openai_extra_body, err) && config_has_key(config, err);
}

const char *openai_authorization(struct arena *arena, const struct config *config)
{
    return *config->openai_api_key ? arena_printf(arena, "Authorization: Bearer %s", config->openai_api_key) : NULL;
}
