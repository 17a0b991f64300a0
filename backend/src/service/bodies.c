#include "service/bodies.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "sys/crypto.h"

bool is_plain_id(const char *text)
{
    enum { LONGEST = 128 };
    size_t len = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");
    return len >= 1 && len <= LONGEST && !text[len];
}

const char *request_id_of(struct http_request *http)
{
    const char *given = http_header(http, "X-Request-Id");
    if (given && is_plain_id(given))
        return arena_strdup(http->arena, given);
    char *made = arena_alloc(http->arena, UUID_SIZE);
    random_uuid(made);
    return made;
}

static bool is_of_the_day(int status, const char *sentence)
{
    static const char daily[] = "daily ";
    return status == 429 && strncmp(sentence, daily, strlen(daily)) == 0;
}

static void add_next_day(struct buf *body)
{
    const int64_t day_us = INT64_C(86400000000);
    char text[RFC3339_SIZE];
    rfc3339_from_us(text, (clock_unix_us() / day_us + 1) * day_us);
    buf_str(body, ",\"retry_at\":");
    buf_json(body, text);
}

const char *error_body(struct arena *arena, int status, const char *sentence, const char *code, const char *request_id)
{
    struct buf body = buf_new(arena);
    buf_str(&body, "{\"error\":");
    buf_json(&body, sentence);
    buf_str(&body, ",\"code\":");
    buf_json(&body, code);
    buf_str(&body, ",\"request_id\":");
    buf_json(&body, request_id);
    if (is_of_the_day(status, sentence))
        add_next_day(&body);
    buf_str(&body, "}");
    return body.text;
}

const char *health_body(struct arena *arena, const char *why_not)
{
    if (!why_not)
        return "{\"ok\":true}";
    struct buf body = buf_new(arena);
    buf_str(&body, "{\"ok\":false,\"error\":");
    buf_json(&body, why_not);
    buf_str(&body, "}");
    return body.text;
}
