#include "base/json_values.h"

#include <string.h>

/* Whether the backslashes before `at` are pairs, so that they don't escape it. */
static bool is_plain(const char *start, const char *at)
{
    const char *first = at;
    while (first > start && first[-1] == '\\')
        first--;
    return (at - first) % 2 == 0;
}

/* Behind the string that begins at `at`, with its quote. */
static const char *skip_string(const char *at, const char *end)
{
    const char *start = ++at;
    while (at < end && (at = memchr(at, '"', (size_t)(end - at)))) {
        if (is_plain(start, at))
            return at + 1;
        at++;
    }
    return end;
}

/* Each value but the first stands behind one of these. */
static bool opens_value(char c)
{
    return c == ',' || c == '[' || c == '{';
}

size_t json_values(const char *text, size_t len)
{
    size_t values = 1;
    for (const char *at = text, *end = text + len; at < end;) {
        values += opens_value(*at);
        at = *at == '"' ? skip_string(at, end) : at + 1;
    }
    return values;
}
