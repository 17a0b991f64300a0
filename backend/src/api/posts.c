#include "api/posts.h"

#include <stdlib.h>
#include <string.h>

#include "base/uuid.h"
#include "domain/content.h"

enum { PAGE_MAX = 100, MAX_REPLY_PERSONAS = 100 };

const struct field approve_fields[] = {
    {.name = "content", .kind = FIELD_TEXT, .only_blank = "content cannot be empty"},
    {.kind = FIELD_END},
};

const struct field reply_request_fields[] = {
    {.name = "persona_ids",
     .kind = FIELD_UUID_LIST,
     .max = MAX_REPLY_PERSONAS,
     .invalid = "persona_id is invalid",
     .only_blank = "persona_ids cannot be empty",
     .wrong_count = "persona_ids must contain at most 100 items"},
    {.kind = FIELD_END},
};

const char *posts_add_request_id(struct call *call)
{
    call_param(call, call->request_id);
    return NULL;
}

const char *posts_approval(struct call *call)
{
    const char *content = call->params[call->param_count - 1];
    const char *wrong = content ? content_check(content, (size_t)call->api->config->draft_max_len) : NULL;
    return wrong ? wrong : posts_add_request_id(call);
}

static const char *read_limit(struct call *call, int64_t *limit)
{
    enum { MOST_DIGITS = 9 };
    const char *text = call_query_value(call, "limit");
    *limit = PAGE_MAX;
    if (!text || !*text)
        return NULL;
    size_t digits = strspn(text + (*text == '-'), "0123456789");
    if (digits == 0 || text[digits + (*text == '-')])
        return "limit must be a number";
    *limit = digits > MOST_DIGITS ? 0 : strtoll(text, NULL, 10);
    return *limit >= 1 && *limit <= PAGE_MAX ? NULL : "limit must be between 1 and 100";
}

/* "<microseconds>-<uuid>", as posts/list_in_room makes it. */
static const char *read_cursor(struct call *call, const char **micros, const char **id)
{
    enum { MOST_DIGITS = 18 };
    const char *text = call_query_value(call, "cursor");
    *micros = *id = NULL;
    if (!text || !*text)
        return NULL;
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > MOST_DIGITS || text[digits] != '-' || !uuid_valid(text + digits + 1, strlen(text + digits + 1)))
        return "invalid cursor";
    *micros = arena_copy(call->arena, text, digits);
    *id = text + digits + 1;
    return NULL;
}

const char *posts_page(struct call *call)
{
    int64_t limit;
    const char *micros, *id;
    const char *wrong = read_limit(call, &limit);
    wrong = wrong ? wrong : read_cursor(call, &micros, &id);
    if (wrong)
        return wrong;
    call_number_param(call, limit);
    call_param(call, micros);
    call_param(call, id);
    return NULL;
}
