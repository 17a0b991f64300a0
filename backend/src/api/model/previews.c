#include "api/model/previews.h"

#include <string.h>

#include "api/http/queries.h"
#include "api/model/generation.h"
#include "base/uuid.h"
#include "domain/persona.h"

const struct field preview_fields[] = {
    {.name = "voice", .kind = FIELD_OBJECT, .members = persona_fields},
    {.kind = FIELD_END},
};

const char *preview_room(struct call *call)
{
    const char *room = call_query_value(call, "room_id");
    if (!room || !*room)
        return room_query[0].missing;
    return uuid_valid(room, strlen(room)) ? NULL : room_query[0].invalid;
}

void preview_show(struct call *call)
{
    static const struct generation_kind preview = {.quota = "preview",
                                                   .status = 200,
                                                   .texts = 2,
                                                   .labels = {"AI Preview 1", "AI Preview 2"},
                                                   .store = SQL_PREVIEWS_STORE};
    const char *units_a_day = arena_printf(call->arena, "%lld", (long long)call->api->config->preview_quota);
    const struct generation_wish wish = {.persona = call->ids[0],
                                         .room = call_query_value(call, "room_id"),
                                         .units_a_day = units_a_day,
                                         .voice = call_field(call, "voice")};
    generation_run(call, &preview, &wish);
}
