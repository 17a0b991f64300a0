/* Covers: domain/event_fields.c */
#include "domain/event_fields.h"

#include <jansson.h>

#include "fuzz.h"

static void check(const json_t *json, int depth)
{
    const char *key;
    json_t *value;
    size_t index;
    INVARIANT(depth <= 5 && json_array_size(json) <= 25 && json_object_size(json) <= 25);
    json_object_foreach ((json_t *)(uintptr_t)json, key, value) {
        INVARIANT(!strcasestr(key, "content") && !strcasestr(key, "message"));
        INVARIANT(!strcasestr(key, "text") && !strcasestr(key, "body"));
        check(value, depth + 1);
    }
    json_array_foreach (json, index, value)
        check(value, depth + 1);
    INVARIANT(!json_is_string(json) || (json_string_length(json) > 0 && json_string_length(json) <= 180 * 4));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    const char *text = fuzz_text(arena, data, size);
    event_name(text);
    const char *kept = event_metadata(text, arena);
    json_t *json = json_loads(kept, 0, NULL);
    INVARIANT(json_is_object(json));
    check(json, 0);
    /* cleaning what is clean adds nothing */
    INVARIANT(strlen(event_metadata(kept, arena)) <= strlen(kept));
    json_decref(json);
    arena_free(arena);
    return 0;
}
