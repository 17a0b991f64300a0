#include "api/posts.h"

#include <string.h>

#include "api/http/paging.h"
#include "domain/content.h"

enum { MAX_REPLY_PERSONAS = 100 };

const struct field approve_fields[] = {
    {.name = "content", .kind = FIELD_TEXT, .only_blank = "content cannot be empty"},
    {.kind = FIELD_END},
};

const struct field edit_fields[] = {
    {.name = "content", .kind = FIELD_TEXT, .missing = "content cannot be empty"},
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

const char *posts_reply_request(struct call *call)
{
    call_param(call, call->request_id);
    call_number_param(call, call->api->config->user_daily_model_calls);
    return NULL;
}

const char *posts_approval(struct call *call)
{
    const char *content = call_field(call, "content");
    const char *wrong = content ? content_check(content, (size_t)call->api->config->draft_max_len) : NULL;
    call_param(call, call->request_id);
    return wrong;
}

const char *posts_edit(struct call *call)
{
    return content_check(call_field(call, "content"), (size_t)call->api->config->draft_max_len);
}

const char *posts_own_page(struct call *call)
{
    const char *status = call_query_value(call, "status");
    bool given = status && *status;
    if (given && strcmp(status, "draft") != 0 && strcmp(status, "published") != 0)
        return "status must be draft or published";
    call_param(call, given ? status : NULL);
    return posts_page(call);
}

const char *posts_page(struct call *call)
{
    const char *wrong = paging_limit(call, PAGE_MAX);
    return wrong ? wrong : paging_cursor(call);
}
