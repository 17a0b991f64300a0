#include "unit.h"

#include "domain/brief.h"
#include "domain/fallback.h"

static const char whole[] =
    "{\"persona\":{\"name\":\"Deniz\",\"bio\":\"Yazar\",\"tone\":\"sıcak\",\"preferred_language\":\"tr\",\"formality\":"
    "2,"
    "\"writing_samples\":[\"a\",\"b\",\"c\"],"
    "\"do_not_say\":[\"asla\"],\"catchphrases\":[\"Hadi!\",\"Olur\"]},"
    "\"room\":{\"name\":\"Go Backend\",\"description\":\"Services\"},"
    "\"about\":\"Rollbacks\",\"post\":{\"content\":\"Merhaba\",\"author\":\"Ada\"},"
    "\"replies\":[{\"author\":\"Bora\",\"content\":\"Bir\"},{\"author\":\"Cem\",\"content\":\"İki\"}],"
    "\"template\":{\"name\":\"T\",\"prompt_rules\":\"R\",\"turn_count\":6,\"word_limit\":120},"
    "\"activity\":{\"date\":\"2026-11-23\",\"posts\":1,\"replies\":2,"
    "\"top_threads\":[{\"room_name\":\"Game Dev\",\"post_preview\":\"Topic\",\"activity_count\":3}]}}";

static void reads_every_member(void **state)
{
    struct brief brief;
    struct err err;
    assert_true(brief_read(&brief, LLM_REPLY, whole, *state, &err));
    assert_int_equal(brief.operation, LLM_REPLY);
    assert_int_equal(brief.variant, 1);
    assert_int_equal(brief.max_chars, 0);
    const struct {
        const char *got, *want;
    } texts[] = {
        {brief.persona.name, "Deniz"},
        {brief.persona.bio, "Yazar"},
        {brief.persona.tone, "sıcak"},
        {brief.persona.writing_samples.items[2], "c"},
        {brief.persona.do_not_say.items[0], "asla"},
        {brief.persona.catchphrases.items[1], "Olur"},
        {brief.room_name, "Go Backend"},
        {brief.room_description, "Services"},
        {brief.about, "Rollbacks"},
        {brief.post.content, "Merhaba"},
        {brief.post.author, "Ada"},
        {brief.replies[0].author, "Bora"},
        {brief.replies[1].content, "İki"},
        {brief.template_name, "T"},
        {brief.template_rules, "R"},
        {brief.date, "2026-11-23"},
        {brief.top_threads[0].room_name, "Game Dev"},
        {brief.top_threads[0].post_preview, "Topic"},
    };
    for (size_t i = 0; i < COUNT(texts); i++)
        assert_text(texts[i].got, texts[i].want, texts[i].want);
    const struct {
        int64_t got, want;
    } numbers[] = {
        {brief.persona.language, LANGUAGE_TR},
        {brief.persona.formality, 2},
        {brief.persona.writing_samples.count, 3},
        {brief.persona.do_not_say.count, 1},
        {brief.persona.catchphrases.count, 2},
        {brief.reply_count, 2},
        {brief.word_limit, 120},
        {brief.posts_today, 1},
        {brief.replies_today, 2},
        {brief.top_thread_count, 1},
        {brief.top_threads[0].activity_count, 3},
    };
    for (size_t i = 0; i < COUNT(numbers); i++)
        if (numbers[i].got != numbers[i].want)
            fail_msg("number %zu is %lld", i, (long long)numbers[i].got);
}

static void what_is_missing_is_empty(void **state)
{
    static const char *const briefs[] = {
        "{}",
        "{\"persona\":null,\"room\":null,\"post\":null,\"replies\":null,\"template\":null,\"activity\":null}",
        "{\"persona\":{\"name\":null,\"catchphrases\":null,\"formality\":null},\"template\":{},\"activity\":{\"top_"
        "threads\":null}}",
        "{\"persona\":[],\"room\":1,\"post\":\"x\",\"replies\":{},\"template\":true,\"activity\":[]}",
    };
    for (size_t i = 0; i < COUNT(briefs); i++) {
        struct brief brief;
        struct err err;
        assert_true(brief_read(&brief, LLM_POST_DRAFT, briefs[i], *state, &err));
        const char *const texts[] = {brief.persona.name,     brief.persona.bio,  brief.persona.tone, brief.room_name,
                                     brief.room_description, brief.post.content, brief.post.author,  brief.date};
        for (size_t j = 0; j < COUNT(texts); j++)
            assert_text(texts[j], "", briefs[i]);
        assert_null(brief.template_name);
        assert_null(brief.template_rules);
        assert_int_equal(brief.persona.language, LANGUAGE_EN);
        assert_int_equal(brief.persona.formality + brief.persona.catchphrases.count + brief.reply_count, 0);
        assert_int_equal(brief.word_limit + brief.top_thread_count + brief.posts_today + brief.replies_today, 0);
    }
}

static void odd_values_are_bounded(void **state)
{
    struct brief brief;
    struct err err;
    const char *json =
        "{\"persona\":{\"formality\":99,\"catchphrases\":[1,null,\"a\"]},\"replies\":[1,{\"author\":2,\"content\":"
        "\"x\"}],"
        "\"template\":{\"word_limit\":9999999999},\"activity\":{\"posts\":-3}}";
    assert_true(brief_read(&brief, LLM_REPLY, json, *state, &err));
    assert_int_equal(brief.persona.formality, 3);
    assert_int_equal(brief.persona.catchphrases.count, 1);
    assert_text(brief.persona.catchphrases.items[0], "a", "the only text in the list");
    assert_int_equal(brief.reply_count, 2);
    assert_text(brief.replies[0].content, "", "a reply that is a number");
    assert_text(brief.replies[1].content, "x", "a reply without an author");
    assert_int_equal(brief.word_limit, INT16_MAX);
    assert_int_equal(brief.posts_today, 0);
}

static void what_is_no_object(void **state)
{
    static const char *const texts[] = {"", "[]", "1", "{", "null", "{}{}"};
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct brief brief;
        struct err err = {""};
        assert_false(brief_read(&brief, LLM_REPLY, texts[i], *state, &err));
        if (strncmp(err.text, "while reading a brief: ", 23) != 0 || err.text[23] == '\0')
            fail_msg("\"%s\": %s", texts[i], err.text);
    }
}

static void another_voice_has_what_it_names(void **state)
{
    struct brief brief;
    struct err err = {""};
    assert_true(brief_read(&brief, LLM_POST_DRAFT, whole, *state, &err));
    assert_true(brief_speak_as(
        &brief, "{\"tone\":\"dry\",\"bio\":\"\",\"preferred_language\":\"en\",\"catchphrases\":[]}", *state, &err));
    assert_text(brief.persona.tone, "dry", "named");
    assert_text(brief.persona.bio, "", "named, and blank");
    assert_int_equal(brief.persona.language, LANGUAGE_EN);
    assert_int_equal(brief.persona.catchphrases.count, 0);
    assert_text(brief.persona.name, "Deniz", "not named");
    assert_int_equal(brief.persona.formality, 2);
    assert_int_equal(brief.persona.writing_samples.count, 3);
    assert_text(brief.room_name, "Go Backend", "no part of a voice");
    assert_true(
        brief_speak_as(&brief, "{\"formality\":0,\"do_not_say\":[\"a\",\"b\"],\"name\":\"Zeynep\"}", *state, &err));
    assert_int_equal(brief.persona.formality, 0);
    assert_int_equal(brief.persona.do_not_say.count, 2);
    assert_text(brief.persona.name, "Zeynep", "named");
    assert_text(brief.persona.tone, "dry", "named before");
    assert_false(brief_speak_as(&brief, "[]", *state, &err));
    assert_text(err.text, "while reading a brief: not a JSON object", "a list");
}

static void operations_have_names(void **state)
{
    (void)state;
    static const char *const names[LLM_OPERATIONS] = {"post_draft", "reply", "thread_summary", "activity_summary"};
    for (int i = 0; i < LLM_OPERATIONS; i++)
        assert_text(llm_operation_names[i], names[i], names[i]);
}

static void fallback_says_the_counts(void **state)
{
    static const struct {
        const char *language;
        int posts, replies;
        const char *want;
    } cases[] = {
        {"en", 0, 0, "On 2026-11-23: no posts and no replies."}, {"en", 1, 1, "On 2026-11-23: 1 post and 1 reply."},
        {"en", 2, 3, "On 2026-11-23: 2 posts and 3 replies."},   {"tr", 0, 0, "2026-11-23 günü: 0 gönderi ve 0 yanıt."},
        {"tr", 2, 1, "2026-11-23 günü: 2 gönderi ve 1 yanıt."},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct brief brief;
        struct err err;
        const char *json = arena_printf(*state,
                                        "{\"persona\":{\"preferred_language\":\"%s\"},"
                                        "\"activity\":{\"date\":\"2026-11-23\",\"posts\":%d,\"replies\":%d}}",
                                        cases[i].language, cases[i].posts, cases[i].replies);
        assert_true(brief_read(&brief, LLM_ACTIVITY_SUMMARY, json, *state, &err));
        assert_text(digest_fallback(&brief, *state), cases[i].want, json);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(reads_every_member),
        arena_test(what_is_missing_is_empty),
        arena_test(odd_values_are_bounded),
        arena_test(what_is_no_object),
        arena_test(another_voice_has_what_it_names),
        cmocka_unit_test(operations_have_names),
        arena_test(fallback_says_the_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
