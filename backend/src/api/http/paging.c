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

const char *paging_cursor(struct call *call)
{
    enum { MOST_DIGITS = 18 };
    const char *text = call_query_value(call, "cursor");
    if (!text || !*text) {
        call_param(call, NULL);
        call_param(call, NULL);
        return NULL;
    }
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > MOST_DIGITS || text[digits] != '-' ||
        !uuid_valid(text + digits + 1, strlen(text + digits + 1)))
        return "invalid cursor";
    call_param(call, arena_copy(call->arena, text, digits));
    call_param(call, text + digits + 1);
    return NULL;
}
