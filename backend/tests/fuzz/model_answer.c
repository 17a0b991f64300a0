/* Covers: llm/openai_answer.c llm/words.c domain/model/text.c domain/model/marker.c */
#include "base/utf8.h"
#include "domain/model/text.h"
#include "fuzz.h"
#include "llm/openai_answer.h"
#include "llm/words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { MOST = 40 };
    struct arena *arena = arena_new();
    struct attempt_result result = {0}, whole = {0};
    struct openai_answer answer = {.status = 200, .body = (const char *)data, .len = size};
    struct provider_error error;
    openai_answer_read(&answer, arena, &whole, &error);
    answer.max_chars = MOST;
    openai_answer_read(&answer, arena, &result, &error);
    words_of_error(&error, "sk-key", "She keeps a secret garden.", arena);
    INVARIANT(result.prompt_tokens >= 0 && result.completion_tokens >= 0);
    INVARIANT((result.outcome == ATTEMPT_UNREADABLE) == (result.problem != NULL));
    const char *half = arena_copy(arena, (const char *)data, utf8_valid((const char *)data, size / 2) ? size / 2 : 0);
    INVARIANT(utf8_valid(model_text_so_far(arena, half), strlen(model_text_so_far(arena, half))));
    if (result.outcome == ATTEMPT_TEXT) {
        size_t len = strlen(result.text);
        INVARIANT(len > 0 && utf8_valid(result.text, len) && utf8_count(result.text, len) <= MOST);
        INVARIANT(whole.outcome == ATTEMPT_TEXT && strncmp(whole.text, result.text, len) == 0);
    }
    arena_free(arena);
    return 0;
}
