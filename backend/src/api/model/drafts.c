#include "api/model/drafts.h"

#include "api/model/generation.h"

const struct field draft_fields[] = {
    {.name = "persona_id", .kind = FIELD_UUID, .missing = "persona_id is required", .invalid = "persona_id is invalid"},
    {.kind = FIELD_END},
};

enum { ROOM = 1, PERSONA = 2 }; /* as collected: the caller, the path's id, the body's field */

void draft_post(struct call *call)
{
    static const struct generation_kind draft = {.quota = "draft", .texts = 1, .store = SQL_POSTS_STORE_DRAFT};
    generation_run(call, &draft, call->params[PERSONA], call->params[ROOM], NULL);
}
