#include "api/model/drafts.h"

#include "api/model/generation.h"
#include "domain/content.h"

enum { ABOUT_MAX = 200 };

const struct field draft_fields[] = {
    {.name = "persona_id", .kind = FIELD_UUID, .missing = "persona_id is required", .invalid = "persona_id is invalid"},
    {.name = "about", .kind = FIELD_TEXT, .max = ABOUT_MAX, .too_long = "about must be <= 200 chars"},
    {.kind = FIELD_END},
};

const char *draft_about(struct call *call)
{
    const char *about = call_field(call, "about");
    return about ? content_check(about, ABOUT_MAX) : NULL;
}

void draft_post(struct call *call)
{
    static const struct generation_kind draft = {
        .quota = "draft", .status = 201, .texts = 1, .store = SQL_POSTS_STORE_DRAFT};
    const struct generation_wish wish = {
        .persona = call_field(call, "persona_id"), .room = call->ids[0], .about = call_field(call, "about")};
    generation_run(call, &draft, &wish);
}
