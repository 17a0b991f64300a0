#include "domain/event_fields.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "base/utf8.h"

enum { TEXT_MAX = 180, DEPTH_MAX = 4, ENTRIES_MAX = 25, ENTRIES_LOOKED_AT = 200 };

const char unsupported_event[] = "unsupported event_name";

const char *const event_names[] = {
    "persona_created",
    "preview_generated",
    "post_approved",
    "battle_created",
    "battle_shared",
    "public_profile_viewed",
    "public_battle_viewed",
    "signup_from_share",
    "remix_click",
    "remix_clicked",
    "remix_started",
    "remix_completed",
    "follow_click",
    "daily_return",
    "notification_clicked",
    "template_used_from_feed",
    NULL,
};

const char *event_name(const char *text)
{
    const char *const *name = event_names;
    while (*name && strcasecmp(*name, text) != 0)
        name++;
    return *name;
}

bool event_is_clients(const char *name)
{
    static const char *const names[] = {"battle_shared", "public_profile_viewed", "public_battle_viewed",
                                        "remix_click",   "remix_clicked",         "follow_click",
                                        "daily_return",  "notification_clicked",  "template_used_from_feed"};
    for (size_t i = 0; i < COUNT(names); i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

/* A key that may hold user text: such text must not get into the events. */
static bool is_private(const char *key)
{
    static const char *const words[] = {"content", "message", "text", "body"};
    for (size_t i = 0; i < COUNT(words); i++)
        if (strcasestr(key, words[i]))
            return true;
    return false;
}

/* The cleaned value, or NULL where nothing is left. */
static json_t *clean(json_t *, int depth, struct arena *);

static json_t *clean_text(const json_t *string, struct arena *arena)
{
    const char *text = text_trim(arena, json_string_value(string), json_string_length(string));
    size_t len = strlen(text), end = 0;
    for (int n = 0; n < TEXT_MAX && end < len; n++)
        end += MAX(utf8_length_at(text + end, len - end), 1);
    return end > 0 ? json_stringn(text, end) : NULL;
}

/* A double has every whole number up to 2^53; those are written without a point. */
static json_t *clean_number(double number)
{
    bool is_whole = trunc(number) == number && fabs(number) < 9007199254740992.0;
    return is_whole ? json_integer((json_int_t)number) : json_real(number);
}

static json_t *clean_list(const json_t *list, int depth, struct arena *arena)
{
    json_t *kept = json_array();
    for (size_t i = 0; i < json_array_size(list) && json_array_size(kept) < ENTRIES_MAX; i++)
        json_array_append_new(kept, clean(json_array_get(list, i), depth, arena));
    return kept;
}

static json_t *clean_object(json_t *object, int depth, struct arena *arena)
{
    json_t *kept = json_object();
    int looked_at = 0;
    for (void *at = json_object_iter(object);
         at && json_object_size(kept) < ENTRIES_MAX && looked_at++ < ENTRIES_LOOKED_AT;
         at = json_object_iter_next(object, at)) {
        const char *key = json_object_iter_key(at);
        if (!is_private(key))
            json_object_set_new(kept, key, clean(json_object_iter_value(at), depth, arena));
    }
    return kept;
}

static json_t *unless_empty(json_t *container)
{
    if (json_array_size(container) + json_object_size(container) > 0)
        return container;
    json_decref(container);
    return NULL;
}

static json_t *clean(json_t *json, int depth, struct arena *arena)
{
    bool too_deep = depth == DEPTH_MAX;
    switch (json_typeof(json)) {
    case JSON_OBJECT: return too_deep ? NULL : unless_empty(clean_object(json, depth + 1, arena));
    case JSON_ARRAY: return too_deep ? NULL : unless_empty(clean_list(json, depth + 1, arena));
    case JSON_STRING: return clean_text(json, arena);
    case JSON_INTEGER:
    case JSON_REAL: return clean_number(json_number_value(json));
    case JSON_TRUE:
    case JSON_FALSE: return json_incref(json);
    case JSON_NULL: return NULL;
    }
    return NULL;
}

const char *event_metadata(const char *json, struct arena *arena)
{
    json_t *object = json_loads(json, JSON_DECODE_INT_AS_REAL, NULL);
    json_t *kept = json_is_object(object) ? clean(object, 0, arena) : NULL;
    /* 15 digits: 0.1 stays 0.1 */
    char *text = kept ? json_dumps(kept, JSON_COMPACT | JSON_REAL_PRECISION(15)) : NULL;
    const char *metadata = text ? arena_strdup(arena, text) : "{}";
    free(text);
    json_decref(kept);
    json_decref(object);
    return metadata;
}
