#include "api/openapi/parts.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "domain/error_code.h"

/* Answers under collection: {"404": ["post not found", …], "200": ["Post"]}. Shapes begin with a
 * capital letter, except statements' own ("rooms.list") and media types ("image/png"), which stand
 * below 400. Sentences begin with a small letter. */

/* ---- what is added ---- */

static bool list_has(const json_t *list, const char *text)
{
    size_t i;
    const json_t *item;
    json_array_foreach (list, i, item)
        if (strcmp(json_string_value(item), text) == 0)
            return true;
    return false;
}

static void add_answer(json_t *answers, const char *status, const char *what)
{
    json_t *list = json_object_get(answers, status);
    if (!list)
        json_object_set_new(answers, status, list = json_array());
    if (!list_has(list, what))
        json_array_append_new(list, json_string(what));
}

void openapi_add_error(json_t *answers, int status, const char *sentence)
{
    const char text[] = {(char)('0' + status / 100), (char)('0' + status / 10 % 10), (char)('0' + status % 10), '\0'};
    if (sentence)
        add_answer(answers, text, sentence);
}

void openapi_add(json_t *answers, const char *contract)
{
    enum { STATUS_LENGTH = 3 };
    struct arena *arena = arena_new();
    for (const char *at = contract ? contract : ""; *at;) {
        const char *next = strstr(at, " | ");
        char *one = arena_copy(arena, at, next ? (size_t)(next - at) : strlen(at));
        one[STATUS_LENGTH] = '\0';
        add_answer(answers, one, one + STATUS_LENGTH + 1);
        at = next ? next + strlen(" | ") : "";
    }
    arena_free(arena);
}

/* ---- what any route may answer ---- */

static const struct shared {
    const char *name, *contract;
} shared[] = {
    {"Unauthorized", "401 missing auth header | 401 invalid auth header | 401 invalid token"},
    {"Blocked", "403 address blocked"},
    {"TooLarge", "413 request body too large"},
    {"Unavailable", "503 server is busy | 503 database is not available | 503 outcome unknown"},
    {"TimedOut", "504 request timed out"},
};

static const struct shared *shared_of(int status)
{
    for (size_t i = 0; i < COUNT(shared); i++)
        if (atoi(shared[i].contract) == status)
            return &shared[i];
    return NULL;
}

void openapi_add_shared(json_t *answers, int status)
{
    openapi_add(answers, shared_of(status)->contract);
}

/* NULL where the route has a sentence of its own for the status. */
static const char *shared_name(const char *status, const json_t *sentences)
{
    const struct shared *found = shared_of(atoi(status));
    if (!found)
        return NULL;
    json_t *usual = json_object();
    openapi_add(usual, found->contract);
    bool same = json_array_size(json_object_get(usual, status)) == json_array_size(sentences);
    size_t i;
    const json_t *sentence;
    json_array_foreach (sentences, i, sentence)
        same = same && list_has(json_object_get(usual, status), json_string_value(sentence));
    json_decref(usual);
    return same ? found->name : NULL;
}

/* ---- what they become ---- */

static const char *const reasons[][2] = {
    {"200", "OK"},
    {"201", "Created"},
    {"202", "Accepted"},
    {"304", "Not Modified"},
};

static const char *reason(const char *status)
{
    for (size_t i = 0; i < COUNT(reasons); i++)
        if (strcmp(reasons[i][0], status) == 0)
            return reasons[i][1];
    return "Answer";
}

static json_t *content(const char *type, json_t *schema)
{
    return json_pack("{s:{s:o}}", type, "schema", schema);
}

static json_t *reference(const char *kind, const char *name)
{
    return json_pack("{s:o}", "$ref", json_sprintf("#/components/%s/%s", kind, name));
}

/* What isn't read as JSON, or event by event. */
static bool is_text(const char *type)
{
    return !strstr(type, "json") && strcmp(type, "text/event-stream") != 0;
}

static json_t *media_type(const char *type)
{
    return json_pack("{s:{s:s}}", "schema", "type", is_text(type) ? "string" : "object");
}

/* By Accept it is one of its media types, or JSON: of the shape that was added last, as the route's
 * row, where it has one, overrides its statement's contract. */
static json_t *success(const char *status, const json_t *shapes, const json_t *schemas)
{
    json_t *bodies = json_object();
    const char *json = NULL;
    size_t i;
    const json_t *item;
    json_array_foreach (shapes, i, item) {
        const char *shape = json_string_value(item);
        if (strchr(shape, '/'))
            json_object_set_new(bodies, shape, media_type(shape));
        else
            json = shape;
    }
    if (json && json_object_get(schemas, json))
        json_object_update_new(bodies, content("application/json", reference("schemas", json)));
    json_t *made = json_pack("{s:s}", "description", reason(status));
    if (json_object_size(bodies) > 0)
        json_object_set(made, "content", bodies);
    json_decref(bodies);
    return made;
}

/* "persona <id> not found" has the code of any such sentence; its `<id>` is an id there. */
static char *code_of(struct arena *arena, const char *sentence)
{
    char *text = arena_strdup(arena, sentence);
    const char *from = text;
    char *to = text;
    while (*from) {
        const char *end = *from == '<' && isalpha((unsigned char)from[1]) ? strchr(from, '>') : NULL;
        if (end)
            from = end + 1;
        else
            *to++ = *from++;
    }
    *to = '\0';
    return error_code(arena, text);
}

static json_t *error(const json_t *sentences)
{
    struct arena *arena = arena_new();
    json_t *codes = json_array(), *said = json_string("");
    size_t i;
    const json_t *item;
    json_array_foreach (sentences, i, item) {
        const char *sentence = json_string_value(item), *code = code_of(arena, sentence);
        if (!list_has(codes, code))
            json_array_append_new(codes, json_string(code));
        json_t *longer = json_sprintf("%s%s`%s`", json_string_value(said), i ? ", " : "", sentence);
        json_decref(said);
        said = longer;
    }
    arena_free(arena);
    json_t *schema = json_pack("{s:[o, {s:{s:{s:o}}}]}", "allOf", reference("schemas", "Error"), "properties", "code",
                               "enum", codes);
    return json_pack("{s:o, s:o}", "description", said, "content", content("application/json", schema));
}

static json_t *response(const char *status, const json_t *whats, const json_t *schemas)
{
    const char *first = json_string_value(json_array_get(whats, 0)), *usual = shared_name(status, whats);
    if (usual)
        return reference("responses", usual);
    return atoi(status) < 400 || isupper((unsigned char)*first) ? success(status, whats, schemas) : error(whats);
}

json_t *openapi_responses(json_t *answers, const json_t *schemas)
{
    json_t *responses = json_object();
    const char *status;
    json_t *whats;
    json_object_foreach (answers, status, whats)
        json_object_set_new(responses, status, response(status, whats, schemas));
    return responses;
}

json_t *openapi_shared_responses(void)
{
    json_t *responses = json_object(), *answers = json_object();
    for (size_t i = 0; i < COUNT(shared); i++)
        openapi_add(answers, shared[i].contract);
    for (size_t i = 0; i < COUNT(shared); i++) {
        const char status[] = {shared[i].contract[0], shared[i].contract[1], shared[i].contract[2], '\0'};
        json_object_set_new(responses, shared[i].name, error(json_object_get(answers, status)));
    }
    json_decref(answers);
    return responses;
}
