#include "api/http/queries.h"

static const char *const post_statuses[] = {"draft", "published", NULL};
const struct field page_query[] = {LIMIT_PARAMETER, CURSOR_PARAMETER, {.kind = FIELD_END}};
const struct field own_posts_query[] = {
    {.name = "status",
     .kind = FIELD_TEXT,
     .choices = post_statuses,
     .out_of_range = "status must be draft or published"},
    LIMIT_PARAMETER,
    CURSOR_PARAMETER,
    {.kind = FIELD_END},
};
const struct field cursor_query[] = {CURSOR_PARAMETER, {.kind = FIELD_END}};
const struct field language_query[] = {{.name = "lang", .kind = FIELD_TEXT}, {.kind = FIELD_END}};
const struct field view_query[] = {{.name = "seen", .kind = FIELD_TEXT}, {.kind = FIELD_END}};
const struct field room_query[] = {
    {.name = "room_id", .kind = FIELD_UUID, .missing = "room_id is required", .invalid = "room_id is invalid"},
    {.kind = FIELD_END},
};
