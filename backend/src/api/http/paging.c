#include "api/http/paging.h"

#include <stdlib.h>
#include <string.h>

#include "base/uuid.h"

const char *paging_limit(struct call *call, int64_t default_limit)
{
    enum { MOST_DIGITS = 9 };
    const char *text = call_query_value(call, "limit");
    if (!text || !*text) {
        call_number_param(call, default_limit);
        return NULL;
    }
    size_t digits = strspn(text + (*text == '-'), "0123456789");
    if (digits == 0 || text[digits + (*text == '-')])
        return "limit must be a number";
    int64_t limit = digits > MOST_DIGITS ? 0 : strtoll(text, NULL, 10);
    call_number_param(call, limit);
    return limit >= 1 && limit <= PAGE_MAX ? NULL : "limit must be between 1 and 100";
}

/* The digits at the beginning of a number that fits into a bigint; 0: it is none. */
static size_t number_length(const char *text)
{
    enum { MOST_DIGITS = 18 };
    size_t digits = strspn(text, "0123456789");
    return digits <= MOST_DIGITS ? digits : 0;
}

static bool is_uuid(const char *text)
{
    return uuid_valid(text, strlen(text));
}

static bool is_number(const char *text)
{
    size_t digits = number_length(text);
    return digits > 0 && !text[digits];
}

static const char *add_cursor(struct call *call, bool is_id(const char *))
{
    const char *text = call_query_value(call, "cursor");
    if (!text || !*text) {
        call_param(call, NULL);
        call_param(call, NULL);
        return NULL;
    }
    size_t digits = number_length(text);
    if (digits == 0 || text[digits] != '-' || !is_id(text + digits + 1))
        return "invalid cursor";
    call_param(call, arena_copy(call->arena, text, digits));
    call_param(call, text + digits + 1);
    return NULL;
}

const char *paging_cursor(struct call *call)
{
    return add_cursor(call, is_uuid);
}

const char *paging_numbered_cursor(struct call *call)
{
    return add_cursor(call, is_number);
}
