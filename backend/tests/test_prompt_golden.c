/* The prompts as a model gets them, byte for byte, in golden/: a change of words is a change of
 * these files, to be read by somebody. PERSONAWORLDS_GOLDEN=write makes them anew. */
#include "unit.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "domain/prompt.h"

static const struct golden {
    const char *name, *members[5]; /* what the operation's statement gives */
    enum llm_operation operation;
    int variant, max_chars;
} goldens[] = {
    {"post_draft.1", {"persona", "room"}, LLM_POST_DRAFT, 1, 500},
    {"post_draft.2", {"persona", "room"}, LLM_POST_DRAFT, 2, 500},
    {"post_draft.about", {"persona", "room", "about"}, LLM_POST_DRAFT, 1, 500},
    {"reply", {"persona", "room", "post", "replies", "template"}, LLM_REPLY, 1, 280},
    {"thread_summary", {"room", "post", "replies"}, LLM_THREAD_SUMMARY, 1, 400},
    {"activity_summary", {"persona", "activity"}, LLM_ACTIVITY_SUMMARY, 1, 400},
};

static const char *const languages[] = {"en", "tr"};

static const char *brief_json(struct arena *arena, const struct golden *golden, const char *language)
{
    json_error_t why;
    json_t *all = json_load_file(arena_printf(arena, TEST_DATA "/golden/brief.%s.json", language), 0, &why),
           *some = json_object();
    if (!all)
        fail_msg("brief.%s.json: %s", language, why.text);
    for (size_t i = 0; i < COUNT(golden->members) && golden->members[i]; i++)
        assert_int_equal(json_object_set(some, golden->members[i], json_object_get(all, golden->members[i])), 0);
    char *text = json_dumps(some, 0);
    const char *copy = arena_strdup(arena, text);
    free(text);
    json_decref(some);
    json_decref(all);
    return copy;
}

static const char *page_of(struct arena *arena, const struct golden *golden, const char *language)
{
    struct brief brief;
    struct err err;
    if (!brief_read(&brief, golden->operation, brief_json(arena, golden, language), arena, &err))
        fail_msg("%s", err.text);
    brief.variant = golden->variant;
    brief.max_chars = golden->max_chars;
    struct prompt prompt = prompt_build(&brief, arena);
    return arena_printf(arena, "==== system\n%s==== user\n%s", prompt.system, prompt.user);
}

static const char *content_of(struct arena *arena, const char *path)
{
    char part[4096];
    struct buf out = buf_new(arena);
    FILE *file = fopen(path, "re");
    for (size_t n; file && (n = fread(part, 1, sizeof part, file)) > 0;)
        buf_add(&out, part, n);
    if (file)
        fclose(file);
    return out.text;
}

static void write_page(const char *path, const char *page)
{
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(page, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void prompts_are_the_golden_ones(void **state)
{
    struct arena *arena = *state;
    const char *wish = getenv("PERSONAWORLDS_GOLDEN");
    for (size_t i = 0; i < COUNT(goldens); i++)
        for (size_t j = 0; j < COUNT(languages); j++) {
            const char *path = arena_printf(arena, TEST_DATA "/golden/%s.%s.txt", goldens[i].name, languages[j]);
            const char *page = page_of(arena, &goldens[i], languages[j]);
            if (wish && strcmp(wish, "write") == 0)
                write_page(path, page);
            assert_text(page, content_of(arena, path), path);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {arena_test(prompts_are_the_golden_ones)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
