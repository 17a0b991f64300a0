#include "unit.h"

#include "base/buf.h"
#include "base/text.h"
#include "base/utf8.h"
#include "domain/content.h"
#include "domain/mock_voice.h"

enum { MAX_CHARS = 280 };

static const char *const languages[] = {"en", "tr"};

struct about { /* the texts of a brief */
    const char *name, *room, *phrase, *post, *do_not_say;
};

static const struct about plain = {"Deniz", "Game Dev", "Hadi bakalım", "How do you test?", NULL};

/* A brief of every part; `do_not_say` is a JSON list or NULL. */
static struct brief brief_of(struct arena *arena, enum llm_operation operation, const char *language,
                             const struct about *about)
{
    struct buf json = buf_new(arena);
    const char *do_not_say = about->do_not_say ? about->do_not_say : "[]";
    buf_printf(&json, "{\"persona\":{\"preferred_language\":\"%s\",\"do_not_say\":%s,\"name\":", language, do_not_say);
    buf_json(&json, about->name);
    buf_str(&json, ",\"catchphrases\":[");
    buf_json(&json, about->phrase);
    buf_str(&json, "]},\"room\":{\"name\":");
    buf_json(&json, about->room);
    buf_str(&json, "},\"post\":{\"author\":");
    buf_json(&json, about->name);
    buf_str(&json, ",\"content\":");
    buf_json(&json, about->post);
    buf_str(&json, "},\"replies\":[{\"content\":\"x\"},{\"content\":\"y\"}],");
    buf_str(&json, "\"activity\":{\"posts\":2,\"replies\":1,\"top_threads\":[{\"room_name\":");
    buf_json(&json, about->room);
    buf_str(&json, ",\"post_preview\":");
    buf_json(&json, about->post);
    buf_str(&json, "}]}}");
    struct brief brief;
    struct err err;
    if (!brief_read(&brief, operation, json.text, arena, &err))
        fail_msg("%s of %s", err.text, json.text);
    brief.max_chars = MAX_CHARS;
    return brief;
}

static void assert_fit(const struct brief *brief, const char *text)
{
    const char *error = content_check(text, brief->max_chars ? (size_t)brief->max_chars : SIZE_MAX);
    const char *said = content_said(text, brief->persona.do_not_say.items, brief->persona.do_not_say.count);
    if (error || said || content_links(text) > 0 || !utf8_valid(text, strlen(text)))
        fail_msg("\"%s\": %s, says \"%s\", %d links", text, error ? error : "passes", said ? said : "",
                 content_links(text));
}

static void assert_mentions(const char *text, const char *part, bool wanted)
{
    if (!strstr(text, part) == wanted)
        fail_msg("\"%s\" should %sbe in \"%s\"", part, wanted ? "" : "not ", text);
}

static void mentions_what_it_is_given(void **state)
{
    for (int operation = 0; operation < LLM_OPERATIONS; operation++)
        for (size_t i = 0; i < COUNT(languages); i++) {
            struct brief brief = brief_of(*state, (enum llm_operation)operation, languages[i], &plain);
            const char *text = mock_voice(&brief, *state);
            assert_fit(&brief, text);
            assert_mentions(text, "Deniz", true);
            assert_mentions(text, "Game Dev", true);
            assert_mentions(text, "{}", false);
            assert_mentions(text, "Hadi bakalım", operation != LLM_THREAD_SUMMARY);
            assert_text(mock_voice(&brief, *state), text, "the same brief again");
        }
}

static void mentions_what_a_draft_is_wished_to_be_about(void **state)
{
    for (size_t i = 0; i < COUNT(languages); i++)
        for (int variant = 1; variant <= 2; variant++) {
            struct brief brief = brief_of(*state, LLM_POST_DRAFT, languages[i], &plain);
            brief.variant = variant;
            brief.about = "our rollback";
            assert_mentions(mock_voice(&brief, *state), "our rollback", true);
            brief.about = "www.a.example";
            assert_mentions(mock_voice(&brief, *state), "www", false);
            brief.about = "";
            assert_mentions(mock_voice(&brief, *state), "“”", false);
        }
}

static bool has_turkish(const char *text)
{
    return strstr(text, "ı") || strstr(text, "ü") || strstr(text, "ö");
}

static void variants_and_languages_differ(void **state)
{
    for (size_t i = 0; i < COUNT(languages); i++) {
        struct brief brief = brief_of(*state, LLM_POST_DRAFT, languages[i], &plain);
        const char *first = mock_voice(&brief, *state);
        brief.variant = 2;
        assert_string_not_equal(first, mock_voice(&brief, *state));
    }
    struct about about = {.name = "Ada", .room = "Go", .phrase = "", .post = ""};
    for (int operation = 0; operation < LLM_OPERATIONS; operation++) {
        struct brief english = brief_of(*state, (enum llm_operation)operation, "en", &about);
        struct brief turkish = brief_of(*state, (enum llm_operation)operation, "tr", &about);
        /* of an empty post, which is taken for English */
        bool is_summary = operation == LLM_THREAD_SUMMARY;
        assert_true(has_turkish(mock_voice(&turkish, *state)) != is_summary);
        assert_false(has_turkish(mock_voice(&english, *state)));
    }
}

/* Two sentences, the second a question. */
static void drafts_end_with_a_question(void **state)
{
    static const char *const rooms[] = {"a", "b", "c", "d"};
    for (size_t i = 0; i < COUNT(rooms); i++)
        for (int variant = 1; variant <= 2; variant++) {
            struct about about = {.name = "Deniz", .room = rooms[i], .phrase = "", .post = ""};
            struct brief brief = brief_of(*state, LLM_POST_DRAFT, languages[i % 2], &about);
            brief.variant = variant;
            const char *text = mock_voice(&brief, *state), *stop = strchr(text, '.');
            assert_non_null(stop);
            assert_null(strchr(stop + 1, '.'));
            assert_int_equal(text[strlen(text) - 1], '?');
        }
}

static void a_summary_speaks_the_posts_language(void **state)
{
    struct about about = plain;
    about.post = "Nasıl test edersiniz?";
    struct brief turkish = brief_of(*state, LLM_THREAD_SUMMARY, "en", &about),
                 english = brief_of(*state, LLM_THREAD_SUMMARY, "tr", &plain);
    assert_mentions(mock_voice(&turkish, *state), "2 yanıt", true);
    assert_mentions(mock_voice(&english, *state), "2 replies", true);
}

static void refused_texts_are_left_out(void **state)
{
    static const char *const texts[] = {
        "see http://a.example", "WWW.a.example", "http://a http://b http://c", "Fuck", "ORuspu OROSPU", "göt"};
    for (size_t i = 0; i < COUNT(texts); i++)
        for (int operation = 0; operation < LLM_OPERATIONS; operation++) {
            struct about all = {texts[i], texts[i], texts[i], texts[i], NULL},
                         named = {texts[i], "Game Dev", "Hadi", "", NULL};
            struct brief brief = brief_of(*state, (enum llm_operation)operation, languages[i % 2], &all);
            const char *text = mock_voice(&brief, *state);
            assert_fit(&brief, text);
            assert_mentions(text, texts[i], false);
            brief = brief_of(*state, (enum llm_operation)operation, languages[i % 2], &named);
            text = mock_voice(&brief, *state);
            assert_fit(&brief, text);
            assert_mentions(text, texts[i], false);
            assert_mentions(text, "Game Dev", true);
        }
}

static void odd_texts_do_no_harm(void **state)
{
    struct arena *arena = *state;
    const char *const texts[] = {
        "",
        "   ",
        "\n\n",
        "\x01",
        "%s%n{}{}",
        "“”\"\\",
        "\u202Eabc",
        "e\u0301\u0301",
        repeated(arena, "😀", 80),
        repeated(arena, "👩‍🚀", 26),
        repeated(arena, "ş", 80),
        repeated(arena, "word ", 100),
        repeated(arena, "é", 500),
    };
    for (size_t i = 0; i < COUNT(texts); i++)
        for (int operation = 0; operation < LLM_OPERATIONS; operation++)
            for (int variant = 1; variant <= 2; variant++) {
                struct about all = {texts[i], texts[i], texts[i], texts[i], NULL};
                struct brief brief = brief_of(arena, (enum llm_operation)operation, languages[i % 2], &all);
                brief.variant = variant;
                assert_fit(&brief, mock_voice(&brief, arena));
            }
}

static void long_parts_give_way(void **state)
{
    struct arena *arena = *state;
    struct about about = {repeated(arena, "n", 80), repeated(arena, "r", 80), repeated(arena, "p", 80),
                          repeated(arena, "t", 80), NULL};
    for (int operation = 0; operation < LLM_OPERATIONS; operation++)
        for (int max = 1; max <= 600; max += max < 12 ? 1 : 7) {
            struct brief brief = brief_of(arena, (enum llm_operation)operation, languages[max % 2], &about);
            brief.max_chars = max;
            const char *text = mock_voice(&brief, arena);
            assert_fit(&brief, text);
            if (max >= MAX_CHARS)
                assert_mentions(text, about.name, true);
            if (max >= 500)
                assert_mentions(text, about.room, true);
        }
}

static void without_a_bound_everything_is_said(void **state)
{
    struct brief brief = brief_of(*state, LLM_REPLY, "en", &plain);
    brief.max_chars = 0;
    assert_mentions(mock_voice(&brief, *state), "Hadi bakalım", true);
}

static void forbidden_phrases_are_not_said(void **state)
{
    static const char *const lists[] = {
        "[\"deniz\"]",
        "[\"GAME\"]",
        "[\"HADİ\"]",
        "[\"the\"]",
        "[\"bir\"]",
        "[\"the\",\"a\",\"to\",\"i\",\"it\",\"and\",\"is\",\"in\",\"here\",\"you\",\"day\"]",
        "[\"bir\",\"ve\",\"bu\",\"gün\",\"ben\",\"bugün\",\"tek\",\"olarak\",\"sizi\",\"siz\"]",
        "[\"2\",\"1\"]",
        "[\"the\",\"a\",\"to\",\"i\",\"it\",\"and\",\"one\",\"that\",\"day\",\"is\",\"here\",\"you\","
        "\"bir\",\"ve\",\"bu\",\"gün\",\"bugün\",\"siz\",\"👍\",\"💬\"]",
    };
    for (size_t i = 0; i < COUNT(lists); i++)
        for (int operation = 0; operation < LLM_OPERATIONS; operation++)
            for (size_t j = 0; j < COUNT(languages); j++) {
                struct about about = plain;
                about.do_not_say = lists[i];
                struct brief brief = brief_of(*state, (enum llm_operation)operation, languages[j], &about);
                const char *first = mock_voice(&brief, *state);
                assert_fit(&brief, first);
                if (operation != LLM_POST_DRAFT)
                    continue;
                brief.variant = 2;
                assert_fit(&brief, mock_voice(&brief, *state));
                assert_string_not_equal(first, mock_voice(&brief, *state));
            }
}

/* ---- personas made at random, the same ones in each run ---- */

static uint32_t next_random(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    return *seed ^= *seed << 5;
}

static const char *random_text(struct arena *arena, uint32_t *seed, unsigned max_pieces)
{
    static const char *const pieces[] = {
        "a",
        "the",
        "Deniz",
        "ışık",
        "İ",
        "{}",
        "%s",
        "“",
        "\"",
        "\\",
        "</text>",
        "&amp;",
        "http://a.example",
        "www.b.example",
        "fuck",
        "GÖT",
        "s\u200Bhit",
        "sikti",
        "1",
        "2",
        "here",
        "bir",
        "ve",
        "odada",
        "\n",
        "\t",
        "\x01",
        "\u202E",
        "e\u0301\u0301",
        "👩‍🚀",
        "🇹🇷",
        "שלום",
        "日本",
        ".",
        "?",
        "!",
        "—",
        "#tag",
        "@x",
        "çokuzunbirkelimeçokuzunbirkelimeçokuzunbirkelimeçokuzunbirkelimeçokuzunbirkelimeçokuzun",
    };
    struct buf out = buf_new(arena);
    for (unsigned n = next_random(seed) % (max_pieces + 1); n > 0; n--) {
        buf_str(&out, pieces[next_random(seed) % COUNT(pieces)]);
        buf_str(&out, next_random(seed) % 3 ? " " : "");
    }
    return out.text;
}

static const char *random_list(struct arena *arena, uint32_t *seed)
{
    struct buf list = buf_new(arena);
    buf_str(&list, "[\"never this\"");
    for (unsigned n = next_random(seed) % 4; n > 0; n--) {
        buf_str(&list, ",");
        buf_json(&list, random_text(arena, seed, 2));
    }
    buf_str(&list, "]");
    return list.text;
}

/* As the mock shows it, where nothing forbids to. */
static const char *clean(struct arena *arena, const struct brief *brief, const char *text)
{
    const char *line = text_preview(arena, text, 80);
    const struct texts *never = &brief->persona.do_not_say;
    bool bad =
        content_check(line, SIZE_MAX) || content_links(line) > 0 || content_said(line, never->items, never->count);
    return bad ? NULL : line;
}

static void assert_all_mentioned(struct arena *arena, const struct brief *brief, const struct about *about,
                                 const char *text)
{
    const char *parts[] = {clean(arena, brief, about->name), clean(arena, brief, about->room),
                           clean(arena, brief, about->phrase)};
    for (size_t i = 0; brief->operation == LLM_POST_DRAFT && i < COUNT(parts); i++)
        if (parts[i])
            assert_mentions(text, parts[i], true);
}

static void check_random_persona(struct arena *arena, uint32_t *seed)
{
    struct about about = {random_text(arena, seed, 6), random_text(arena, seed, 6), random_text(arena, seed, 4),
                          random_text(arena, seed, 20), NULL};
    about.do_not_say = next_random(seed) % 2 ? random_list(arena, seed) : NULL;
    for (int operation = 0; operation < LLM_OPERATIONS; operation++)
        for (size_t i = 0; i < COUNT(languages); i++) {
            struct brief brief = brief_of(arena, (enum llm_operation)operation, languages[i], &about);
            brief.max_chars = 600;
            const char *first = mock_voice(&brief, arena);
            assert_fit(&brief, first);
            assert_text(mock_voice(&brief, arena), first, "the same brief again");
            if (!about.do_not_say)
                assert_all_mentioned(arena, &brief, &about, first);
            if (operation != LLM_POST_DRAFT)
                continue;
            brief.variant = 2;
            const char *second = mock_voice(&brief, arena);
            assert_fit(&brief, second);
            assert_string_not_equal(first, second);
        }
}

static void personas_at_random(void **state)
{
    (void)state;
    uint32_t seed = 20261124;
    for (int i = 0; i < 400; i++) {
        struct arena *arena = arena_new();
        check_random_persona(arena, &seed);
        arena_free(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(mentions_what_it_is_given),
        arena_test(mentions_what_a_draft_is_wished_to_be_about),
        arena_test(variants_and_languages_differ),
        arena_test(drafts_end_with_a_question),
        arena_test(a_summary_speaks_the_posts_language),
        arena_test(refused_texts_are_left_out),
        arena_test(odd_texts_do_no_harm),
        arena_test(long_parts_give_way),
        arena_test(without_a_bound_everything_is_said),
        arena_test(forbidden_phrases_are_not_said),
        cmocka_unit_test(personas_at_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
