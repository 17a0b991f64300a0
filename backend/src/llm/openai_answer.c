#include "llm/openai_answer.h"

#include <jansson.h>

#include "base/text.h"

/* The server's count; 0 where it is no plausible count. */
static int64_t token_count(const json_t *answer, const char *name)
{
    enum { PLAUSIBLE = 10000000 };
    json_int_t count = json_integer_value(json_object_get(json_object_get(answer, "usage"), name));
    return count > 0 && count <= PLAUSIBLE ? count : 0;
}

static void openai_read_text(const json_t *answer, int max_chars, struct arena *arena, struct attempt_result *result)
{
    const json_t *choice = json_array_get(json_object_get(answer, "choices"), 0);
    const json_t *content = json_object_get(json_object_get(choice, "message"), "content");
    if (!json_is_object(choice)) {
        result->problem = "no choices";
        return;
    }
    const char *given = json_is_string(content) ? json_string_value(content) : "";
    char *text = text_trim(arena, given, json_string_length(content));
    if (max_chars)
        text = text_cut(arena, text, (size_t)max_chars);
    result->outcome = *text ? ATTEMPT_TEXT : ATTEMPT_NO_TEXT;
    result->text = text;
}

void openai_answer_read(const char *body, size_t len, int max_chars, struct arena *arena, struct attempt_result *result)
{
    result->outcome = ATTEMPT_UNREADABLE;
    json_t *answer = json_loadb(body, len, 0, NULL);
    if (!answer) {
        result->problem = "not JSON";
        return;
    }
    result->prompt_tokens = token_count(answer, "prompt_tokens");
    result->completion_tokens = token_count(answer, "completion_tokens");
    openai_read_text(answer, max_chars, arena, result);
    json_decref(answer);
}
