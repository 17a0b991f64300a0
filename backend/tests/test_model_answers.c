/* Whole answers of the servers that people run, in data/model_answers.jsonl, and what is kept of
 * each: the text, or why there is none. "LEAK" stands in all that must not be published. */
#include "unit.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "domain/model/text.h"
#include "llm/openai_answer.h"
#include "llm/words.h"

enum { ANSWERS_LEAST = 170 };

static const struct {
    const char *name;
    enum attempt_outcome outcome;
} outcomes[] = {
    {"no text", ATTEMPT_NO_TEXT},          {"no room", ATTEMPT_NO_ROOM},       {"refused", ATTEMPT_REFUSED},
    {"quota used up", ATTEMPT_QUOTA_USED}, {"unreadable", ATTEMPT_UNREADABLE},
};

static enum attempt_outcome outcome_named(const char *name)
{
    for (size_t i = 0; i < COUNT(outcomes); i++)
        if (strcmp(outcomes[i].name, name) == 0)
            return outcomes[i].outcome;
    return strncmp(name, "status ", 7) == 0 ? ATTEMPT_STATUS : ATTEMPT_TEXT;
}

static const char *member(const json_t *row, const char *name)
{
    const char *text = json_string_value(json_object_get(row, name));
    return text ? text : "";
}

/* The answer's body: as it is in the row, or around the content alone. */
static const char *body_of(const json_t *row, struct arena *arena)
{
    const json_t *body = json_object_get(row, "body");
    json_t *whole = body ? json_deep_copy(body)
                         : json_pack("{s:[{s:s,s:{s:s,s:O}}]}", "choices", "finish_reason", "stop", "message", "role",
                                     "assistant", "content", json_object_get(row, "content"));
    char *text = json_dumps(whole, 0);
    const char *copy = arena_strdup(arena, text);
    free(text);
    json_decref(whole);
    return copy;
}

static void check_answer(const json_t *row, struct arena *arena)
{
    const char *of = arena_printf(arena, "%s: %s", member(row, "server"), member(row, "case"));
    const char *body = body_of(row, arena), *want = member(row, "text"), *outcome = member(row, "outcome");
    struct attempt_result result = {0};
    struct provider_error error;
    openai_answer_read(&(struct openai_answer){.status = 200, .body = body, .len = strlen(body)}, arena, &result,
                       &error);
    if (result.outcome != outcome_named(outcome))
        fail_msg("%s: outcome %d, text \"%s\"", of, result.outcome, result.text ? result.text : "");
    if (result.outcome == ATTEMPT_TEXT)
        assert_text(result.text, want, of);
    if (result.outcome == ATTEMPT_STATUS)
        assert_text(arena_printf(arena, "status %d", result.status), outcome, of);
    if (result.text && strstr(result.text, "LEAK"))
        fail_msg("%s: \"%s\"", of, result.text);
}

/* A stream shows prefixes of the content. What is handed on of them has nothing of a block, and is
 * the beginning of the text, but for a model that closes what it never opened. */
static void check_prefixes(const json_t *row, struct arena *arena)
{
    const char *content = member(row, "content"), *text = member(row, "text");
    if (!*content || model_text_closes_alone(arena, content))
        return;
    for (size_t len = 1; len <= strlen(content); len++) {
        const char *prefix = arena_copy(arena, content, len);
        if (((unsigned char)content[len] & 0xC0) == 0x80)
            continue;
        const char *words = model_text_so_far(arena, prefix);
        if (strstr(words, "LEAK") || strncmp(words, text, strlen(words)) != 0)
            fail_msg("%s, of \"%s\": \"%s\"", member(row, "case"), prefix, words);
    }
}

static void each_answer_gives_its_text_alone(void **state)
{
    struct arena *arena = *state;
    char line[8192];
    int count = 0;
    FILE *file = fopen(TEST_DATA "/data/model_answers.jsonl", "re");
    assert_non_null(file);
    for (; fgets(line, sizeof line, file); count++) {
        json_t *row = json_loads(line, 0, NULL);
        if (!row)
            fail_msg("line %d is no JSON", count + 1);
        check_answer(row, arena);
        check_prefixes(row, arena);
        json_decref(row);
    }
    fclose(file);
    assert_true(count >= ANSWERS_LEAST);
}

/* What some servers put around the JSON, and answers whose status says it already. */
static void bytes_around_the_json_are_skipped(void **state)
{
    static const struct openai_answer answers[] = {
        {.status = 200, .body = "\xEF\xBB\xBF{\"choices\":[{\"message\":{\"content\":\"Fine.\"}}]}"},
        {.status = 200, .body = "{\"choices\":[{\"message\":{\"content\":\"Fine.\"}}]}\r\n: trailing"},
        {.status = 200, .body = " \n{\"choices\":[{\"message\":{\"content\":\"Fine.\"}}]}"},
    };
    for (size_t i = 0; i < COUNT(answers); i++) {
        struct openai_answer answer = answers[i];
        struct attempt_result result = {0};
        struct provider_error error;
        answer.len = strlen(answer.body) + 1; /* and a NUL */
        openai_answer_read(&answer, *state, &result, &error);
        assert_int_equal(result.outcome, ATTEMPT_TEXT);
        assert_string_equal(result.text, "Fine.");
    }
}

static void errors_are_told_by_their_words(void **state)
{
    static const struct {
        struct openai_answer answer;
        enum attempt_outcome outcome;
    } cases[] = {
        {{.status = 429, .body = "{\"error\":{\"code\":\"insufficient_quota\"}}"}, ATTEMPT_QUOTA_USED},
        {{.status = 429, .body = "{\"error\":{\"type\":\"insufficient_quota\",\"code\":null}}"}, ATTEMPT_QUOTA_USED},
        {{.status = 429, .body = "{\"error\":{\"code\":\"rate_limit_exceeded\"}}"}, ATTEMPT_STATUS},
        {{.status = 402, .body = "{\"error\":{\"message\":\"Insufficient Balance\"}}"}, ATTEMPT_QUOTA_USED},
        {{.status = 402, .body = "Payment Required"}, ATTEMPT_QUOTA_USED},
        {{.status = 400, .body = "{\"error\":{\"code\":\"content_filter\",\"param\":\"prompt\"}}"}, ATTEMPT_REFUSED},
        {{.status = 400, .body = "{\"error\":{\"innererror\":{\"code\":\"ResponsibleAIPolicyViolation\"}}}"},
         ATTEMPT_REFUSED},
        {{.status = 403, .body = "{\"error\":{\"code\":403,\"metadata\":{\"reasons\":[\"hate\"]}}}"}, ATTEMPT_REFUSED},
        {{.status = 403, .body = "{\"error\":{\"code\":403}}"}, ATTEMPT_STATUS},
        {{.status = 500, .body = "<html>"}, ATTEMPT_STATUS},
        {{.status = 503, .body = "{\"error\":\"text\"}"}, ATTEMPT_STATUS},
        {{.status = 500, .body = "[]"}, ATTEMPT_STATUS},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct openai_answer answer = cases[i].answer;
        struct attempt_result result = {0};
        struct provider_error error;
        answer.len = strlen(answer.body);
        openai_answer_read(&answer, *state, &result, &error);
        if (result.outcome != cases[i].outcome || result.status != answer.status)
            fail_msg("%s: outcome %d, status %d", answer.body, result.outcome, result.status);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {arena_test(each_answer_gives_its_text_alone),
                                       arena_test(bytes_around_the_json_are_skipped),
                                       arena_test(errors_are_told_by_their_words)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
