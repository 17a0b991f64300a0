/* The pure parts of pages: their words, and what they make of answers that lack members. */
#include "api/pages/battle.h"
#include "api/pages/document.h"
#include "api/pages/parts.h"
#include "api/pages/profile.h"
#include "api/pages/templates.h"
#include "unit.h"

static int occurrences(const char *text, const char *part)
{
    int count = 0;
    while ((text = strstr(text, part))) {
        text += strlen(part);
        count++;
    }
    return count;
}

/* Each form of a word has the placeholders that the other languages' have. */
static void every_word_is_there_in_every_language(void **state)
{
    (void)state;
    for (int i = 0; i < WORDS; i++) {
        const char *english = word(LANGUAGE_EN, (enum word)i);
        for (int language = 0; language < LANGUAGES; language++) {
            const char *text = word((enum language)language, (enum word)i);
            assert_non_null(text);
            assert_true(*text && !strpbrk(text, "<>&\"!"));
            if ((strstr(english, "{n}") != NULL) != (strstr(text, "{n}") != NULL) ||
                occurrences(text, "{text}") != occurrences(english, "{text}"))
                fail_msg("\"%s\" and \"%s\" have other placeholders", english, text);
        }
    }
}

static void numbers_choose_the_form(void **state)
{
    static const struct {
        int64_t n;
        const char *english, *turkish;
    } cases[] = {
        {0, "0 replies", "0 yanıt"},
        {1, "1 reply", "1 yanıt"},
        {2, "2 replies", "2 yanıt"},
        {999, "999 replies", "999 yanıt"},
        {1000, "1,000 replies", "1.000 yanıt"},
        {1234567, "1,234,567 replies", "1.234.567 yanıt"},
        {-1, "-1 replies", "-1 yanıt"},
        {-100, "-100 replies", "-100 yanıt"},
        {-1000, "-1,000 replies", "-1.000 yanıt"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_text(word_counted(*state, LANGUAGE_EN, WORD_REPLIES, cases[i].n), cases[i].english, "English");
        assert_text(word_counted(*state, LANGUAGE_TR, WORD_REPLIES, cases[i].n), cases[i].turkish, "Turkish");
    }
    assert_text(word_counted(*state, LANGUAGE_EN, WORD_USES, 1), "used once", "a form without a number");
}

static void a_text_in_a_word_keeps_its_direction_to_itself(void **state)
{
    assert_text(word_with(*state, LANGUAGE_TR, WORD_WRITING, "{text} <b>"), "Yazıyor: \u2068{text} <b>\u2069", "<b>");
}

static void days_are_named(void **state)
{
    static const char *const cases[][3] = {
        {"2026-11-29T04:00:00.000000Z", "Nov 29, 2026", "29 Kas 2026"},
        {"2026-01-01T00:00:00Z", "Jan 1, 2026", "1 Oca 2026"},
        {"2026-12-31T23:59:59Z", "Dec 31, 2026", "31 Ara 2026"},
        {"2026-13-01T00:00:00Z", "", ""},
        {"2026-00-01T00:00:00Z", "", ""},
        {"2026-11-29", "", ""},
        {"", "", ""},
        {"yesterday", "", ""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_text(day_words(*state, LANGUAGE_EN, cases[i][0]), cases[i][1], cases[i][0]);
        assert_text(day_words(*state, LANGUAGE_TR, cases[i][0]), cases[i][2], cases[i][0]);
    }
}

static void free_json(void *json)
{
    json_decref(json);
}

static const json_t *json(struct arena *arena, const char *text)
{
    json_t *made = json_loads(text, 0, NULL);
    assert_non_null(made);
    arena_defer(arena, free_json, made);
    return made;
}

static const char *written(struct arena *arena, const struct page *page, const char *first, const char *second)
{
    const struct page_view view = {.arena = arena,
                                   .title = page->title,
                                   .origin = "https://a.example",
                                   .data = {json(arena, first), json(arena, second)}};
    const struct page_head head = page->head(&view);
    struct buf html = buf_new(arena);
    document_begin(&html, &view, &head);
    page->text(&html, &view);
    const struct page_answer answers[] = {{"/a", first, strlen(first)}, {"/a\"<", second, strlen(second)}};
    document_end(&html, answers, COUNT(answers));
    return html.text;
}

static const struct page *page_at(const char *path)
{
    int place = 0;
    while (place < page_count && strcmp(pages[place].path, path) != 0)
        place++;
    assert_true(place < page_count);
    return pages[place].page;
}

static void a_member_that_is_missing_is_not_shown(void **state)
{
    static const char *const answers[] = {
        "{}",
        "{\"post\":null,\"replies\":[null,1,\"x\",{}],\"sides\":[],\"pending\":{\"names\":[1,null]},\"profile\":7}",
        "{\"latest_posts\":{},\"top_rooms\":[[]],\"templates\":[false,{\"id\":3}],\"ai_summary_status\":\"stale\"}",
        "{\"profile\":{\"followers\":\"many\",\"posts_count\":1.5},\"template\":{\"name\":null}}",
        "{\"battles\":[{},null,{\"topic\":3}],\"personas\":[[]],\"templates\":[{\"usage_count\":\"\"}]}",
    };
    for (int i = 0; i < page_count; i++)
        for (size_t a = 0; a < COUNT(answers); a++) {
            const char *html = written(*state, pages[i].page, answers[a], answers[COUNT(answers) - 1 - a]);
            assert_non_null(strstr(html, "<h1 tabindex=\"-1\""));
            assert_int_equal(occurrences(html, "<article"), occurrences(html, "</article>"));
            assert_int_equal(occurrences(html, "<section"), occurrences(html, "</section>"));
            assert_null(strstr(html, "(null)"));
        }
}

static void what_later_answers_add_is_shown(void **state)
{
    const char *html = written(*state, page_at("/b/{id:battle id}"),
                               "{\"post\":{\"persona_name\":\"Ada\",\"persona_slug\":\"ada\",\"language\":\"tr\"},"
                               "\"sides\":{\"pro_style\":\"Bold <b>\",\"con_style\":\"Calm\"},"
                               "\"pending\":{\"names\":[\"Deniz\"]},\"replies\":[]}",
                               "{\"topic\":\"T\",\"template\":{\"name\":\"Short\"}}");
    static const char *const parts[] = {
        "<a href=\"/p/ada\"><span class=\"name\" dir=\"auto\" lang=\"tr\">Ada</span>",
        "<dt>Pro</dt><dd dir=\"auto\" lang=\"\">Bold &lt;b&gt;</dd>",
        "<dt>Con</dt><dd dir=\"auto\" lang=\"\">Calm</dd>",
        "<p class=\"writing\"><span>\u2068Deniz\u2069 is writing…</span><span class=\"fine\">1/1</span>",
        "<span class=\"template\">Template: \u2068Short\u2069</span>",
    };
    for (size_t i = 0; i < COUNT(parts); i++)
        if (!strstr(html, parts[i]))
            fail_msg("no \"%s\" in %s", parts[i], html);
}

/* The numbers are those of web/src/parts/mark.tsx for the same ids. */
static void a_mark_is_the_ids_alone(void **state)
{
    static const struct {
        const char *id, *name, *pair, *shape;
    } cases[] = {
        {"7d444840-9dc0-41d1-b245-5ffdce74fad2", "ada", "mark pair-8\" data-initial=\"A\"",
         "M20 2 38 20 20 38 2 20Z\"></path></svg></span>"},
        {"00000000-0000-4000-8000-000000000001", "ben", "mark pair-2\" data-initial=\"B\"",
         "M20 2 38 20 20 38 2 20Z\"></path></svg></span>"},
        {"de300000-0000-4000-8000-000000000104", "<b>", "mark pair-10\" data-initial=\"&lt;\"",
         "M20 2 37 14 31 36H9L3 14Z\"></path></svg></span>"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *post = arena_printf(*state, "{\"post\":{\"persona_id\":\"%s\",\"persona_name\":\"%s\"}}",
                                        cases[i].id, cases[i].name);
        const char *html = written(*state, page_at("/b/{id:battle id}"), post, "{}");
        if (!strstr(html, cases[i].pair) || !strstr(html, cases[i].shape))
            fail_msg("not %s, %s: %s", cases[i].pair, cases[i].shape, html);
    }
}

static void the_first_page_shows_an_excerpt_where_there_is_one(void **state)
{
    const char *html = written(*state, page_at("/"),
                               "{\"battles\":[{\"battle_id\":\"7d44\",\"topic\":\"T\",\"excerpt\":\"E <b>\"}]}", "{}");
    assert_non_null(strstr(html, "<a href=\"/b/7d44\"><span dir=\"auto\" lang=\"\">T</span></a></h3>"));
    assert_non_null(strstr(html, "<p class=\"text\" dir=\"auto\" lang=\"\">E &lt;b&gt;</p>"));
    assert_non_null(strstr(html, "content=\"https://a.example/b/7d44/card.png\""));
}

static void boot_data_are_the_answers_by_path(void **state)
{
    const char *html = written(*state, page_at("/b/{id:battle id}"), "{\"a\":\"</script>\"}", "[1]");
    assert_non_null(
        strstr(html, "id=\"boot\">{\"/a\":{\"a\":\"\\u003c/script>\"},\"/a\\\"\\u003c\":[1]}</script>\n</body>"));
}

static void where_sign_up_goes_on_is_one_parameter(void **state)
{
    assert_text(signup_address(*state, "/?template=1&x=\"#feed"), "/signup?next=/%3Ftemplate%3D1%26x%3D%22%23feed", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_word_is_there_in_every_language),
        arena_test(numbers_choose_the_form),
        arena_test(a_text_in_a_word_keeps_its_direction_to_itself),
        arena_test(days_are_named),
        arena_test(a_member_that_is_missing_is_not_shown),
        arena_test(what_later_answers_add_is_shown),
        arena_test(a_mark_is_the_ids_alone),
        arena_test(the_first_page_shows_an_excerpt_where_there_is_one),
        arena_test(boot_data_are_the_answers_by_path),
        arena_test(where_sign_up_goes_on_is_one_parameter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
