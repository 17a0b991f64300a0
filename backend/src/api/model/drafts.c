#include "api/model/drafts.h"

#include "api/model/generation.h"

const struct field draft_fields[] = {
    {.name = "persona_id", .kind = FIELD_UUID, .missing = "persona_id is required", .invalid = "persona_id is invalid"},
    {.kind = FIELD_END},
};

void draft_post(struct call *call)
{
    static const struct generation_kind draft = {
        .quota = "draft", .status = 201, .texts = 1, .store = SQL_POSTS_STORE_DRAFT};
    generation_run(call, &draft, call_field(call, "persona_id"), call->ids[0], NULL);
}
