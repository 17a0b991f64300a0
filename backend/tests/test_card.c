#include "unit.h"

#include <math.h>

#include "domain/card/card.h"

static const char host[] = "worlds.example";
static const char battle[] =
    "Topic: Tabs or spaces?\nTemplate: T\nPro style: Bold\nCon style: Calm\n6 turns of at most 120 words: who wins?";

static struct said by(const char *author, const char *content)
{
    return (struct said){.author = author, .content = content, .language = ""};
}

static struct card a_card(struct arena *arena, struct said post, const struct said *replies, int count)
{
    struct brief brief = {.room_name = "Go Backend", .post = post, .replies = replies, .reply_count = count};
    return card_make(&brief, count, host, arena);
}

static void says_topic_room_and_host(void **state)
{
    struct card card = a_card(*state, by("", battle), NULL, 0);
    assert_string_equal(card.topic, "Tabs or spaces?");
    assert_string_equal(card.room, "Go Backend");
    assert_string_equal(card.host, host);
}

static void nobody_is_made_up(void **state)
{
    struct card styles = a_card(*state, by("", battle), NULL, 0);
    assert_int_equal(styles.side_count, 2);
    assert_string_equal(styles.sides[0].name, "PRO");
    assert_string_equal(styles.sides[0].quote, "Bold");
    assert_string_equal(styles.sides[0].marks.opening, "");
    assert_string_equal(styles.sides[1].name, "CON");
    assert_string_equal(styles.sides[1].quote, "Calm");

    struct card alone = a_card(*state, by("Ada", "Measure first. Then cut. Who does?"), NULL, 0);
    assert_int_equal(alone.side_count, 1);
    assert_string_equal(alone.sides[0].name, "Ada");
    assert_string_equal(alone.sides[0].quote, "Then cut. Who does?");
    assert_string_equal(alone.third.quote, "");

    assert_int_equal(a_card(*state, by("", "Topic: One."), NULL, 0).side_count, 0);
}

/* Who answered comes first; the author, who has the topic, only beside a single answer. */
static void sides_are_the_first_two_distinct_names_that_answered(void **state)
{
    static const struct {
        const char *author, *repliers[4], *sides[2], *third;
    } cases[] = {
        {"", {"Bea"}, {"Bea"}, ""},
        {"Ada", {"Bea"}, {"Ada", "Bea"}, ""},
        {"Ada", {"Ada"}, {"Ada"}, ""},
        {"Ada", {"Bea", "Cy"}, {"Bea", "Cy"}, ""},
        {"Ada", {"Ada", "", " Ada\t", "Cy"}, {"Ada", "Cy"}, ""},
        {"", {"Bea", "Bea", "Cy", "Dee"}, {"Bea", "Cy"}, "Dee"},
        {"", {"", "\x01\x02", "Bea"}, {"Bea"}, ""},
        {"Ayşe  Gül 🦊", {"佐藤"}, {"Ayşe Gül 🦊", "佐藤"}, ""},
        {"", {"", ""}, {""}, ""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct said replies[4];
        int count = 0;
        for (; count < 4 && cases[i].repliers[count]; count++)
            replies[count] = by(cases[i].repliers[count], "Yes.");
        struct card card = a_card(*state, by(cases[i].author, "Is it so? It is."), replies, count);
        assert_int_equal(card.side_count, cases[i].sides[1] ? 2 : 1);
        for (int side = 0; side < card.side_count; side++)
            assert_text(card.sides[side].name, cases[i].sides[side], cases[i].author);
        assert_text(card.third.name, cases[i].third, cases[i].author);
    }
}

static void the_verdict_depends_on_the_number_of_answers(void **state)
{
    static const struct {
        int64_t answers;
        const char *english, *turkish;
    } cases[] = {
        {0, "Nobody has answered yet. Whose voice should?", "Henüz kimse yanıtlamadı. Sıra kimin sesinde?"},
        {1, "One answer so far", "Şimdilik tek yanıt"},
        {2, "Who convinces you?", "Sen hangisine katılıyorsun?"},
        {3, "3 voices so far. Who convinces you?", "Şimdiye dek 3 ses. Sen kime katılıyorsun?"},
        {123456789012, "123456789012 voices so far. Who convinces you?",
         "Şimdiye dek 123456789012 ses. Sen kime katılıyorsun?"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct brief brief = {.room_name = "R", .post = by("", "One."), .replies = NULL};
        assert_text(card_make(&brief, cases[i].answers, host, *state).verdict, cases[i].english, "English");
        brief.post.language = "tr";
        assert_text(card_make(&brief, cases[i].answers, host, *state).verdict, cases[i].turkish, "Turkish");
    }
}

static void it_speaks_the_language_of_most_voices(void **state)
{
    static const struct {
        struct said post;
        const char *repliers[4];
        enum language language;
    } cases[] = {
        {{"", "One.", ""}, {NULL}, LANGUAGE_EN},
        {{"", "Şüpheliyim.", ""}, {NULL}, LANGUAGE_TR},
        {{"Ada", "Şüpheliyim.", "en"}, {NULL}, LANGUAGE_EN},
        {{"", "One.", ""}, {"tr"}, LANGUAGE_TR},
        {{"", "Şüpheliyim.", ""}, {"en", "en"}, LANGUAGE_EN},
        {{"Ada", "One.", "tr"}, {"tr", "en", "en"}, LANGUAGE_TR}, /* the first one's, of as many */
        {{"Ada", "One.", "en"}, {"tr", "tr", "en"}, LANGUAGE_EN},
        {{"Ada", "One.", "en"}, {"tr", "tr"}, LANGUAGE_TR},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct said replies[4];
        int count = 0;
        for (; count < 4 && cases[i].repliers[count]; count++)
            replies[count] = (struct said){"Bea", "Yes.", cases[i].repliers[count]};
        assert_int_equal(a_card(*state, cases[i].post, replies, count).language, cases[i].language);
    }
}

static void quotes_are_what_somebody_said(void **state)
{
    const struct said replies[] = {
        by("Bea", "Fair point. Tabs have been one character since 1963. Is that not enough?"),
        by("Cy", "Tabs or spaces? Spaces look the same everywhere. They do."),
        by("Dee", "هل هذا صحيح؟ المسافات أوضح في كل محرر نستعمله هنا."),
    };
    struct card card = a_card(*state, by("", battle), replies, 3);
    assert_string_equal(card.sides[0].quote, "Tabs have been one character since 1963.");
    assert_string_equal(card.sides[1].quote, "Spaces look the same everywhere.");
    assert_string_equal(card.third.quote, "المسافات أوضح في كل محرر نستعمله هنا.");
    assert_string_equal(card.third.marks.opening, "«");
    struct card single = a_card(*state, by("", battle), replies, 1);
    assert_string_equal(single.sides[0].quote, replies[0].content);
}

/* However much is said, what is drawn is bounded: drawing costs by the character. */
static void texts_are_bounded(void **state)
{
    struct arena *arena = *state;
    char *endless = arena_alloc(arena, 100001);
    memset(endless, 'W', 100000);
    const struct said replies[] = {by(endless, endless), by("b", endless), by("c", endless)};
    for (int count = 0; count <= 3; count++) {
        struct brief brief = {.room_name = endless,
                              .post = by("", arena_printf(arena, "Topic: %s\n%s", endless, endless)),
                              .replies = replies,
                              .reply_count = count};
        struct card card = card_make(&brief, count, endless, arena);
        assert_true(strlen(card.topic) <= 142 && strlen(card.room) <= 82 && strlen(card.host) <= 82);
        for (int i = 0; i < card.side_count; i++)
            assert_true(strlen(card.sides[i].name) <= 82 && strlen(card.sides[i].quote) <= 402);
        assert_true(strlen(card.third.quote) <= 202);
    }
}

/* ---- the picture ---- */

/* A card with as much on it as there can be. */
static struct picture full_picture(struct arena *arena, struct card *card)
{
    const struct said replies[] = {by("Bea", "One."), by("Cy", "Two."), by("Dee", "Three.")};
    *card = a_card(arena, by("Ada", battle), replies, 3);
    return card_picture(card, arena);
}

static bool says(const struct picture *picture, const char *text)
{
    for (int i = 0; i < picture->count; i++)
        if (picture->shapes[i].kind == SHAPE_TEXT && strcmp(picture->shapes[i].text, text) == 0)
            return true;
    return false;
}

static void everything_is_on_the_picture_and_within_it(void **state)
{
    struct card card;
    struct picture picture = full_picture(*state, &card);
    const char *const texts[] = {card.topic,          card.room,          card.sides[0].name,
                                 card.sides[0].quote, card.sides[1].name, card.sides[1].quote,
                                 card.third.quote,    card.verdict,       card.host};
    for (size_t i = 0; i < COUNT(texts); i++)
        assert_true(says(&picture, texts[i]));
    assert_int_equal(picture.width, 1200);
    assert_int_equal(picture.height, 630);
    for (int i = 0; i < picture.count; i++) {
        const struct shape *s = &picture.shapes[i];
        assert_true(s->x >= 0 && s->y >= 0 && s->width > 0 && s->height > 0);
        assert_true(s->x + s->width <= 1200 && s->y + s->height <= 630);
    }
}

/* Of a colour's part, 0 to 1 (WCAG 2.2, relative luminance). */
static double linear(uint32_t part)
{
    double share = (double)(part & 0xFF) / 255;
    return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4);
}

static double luminance(uint32_t colour)
{
    return 0.2126 * linear(colour >> 16) + 0.7152 * linear(colour >> 8) + 0.0722 * linear(colour);
}

static double contrast(uint32_t one, uint32_t other)
{
    double a = luminance(one) + 0.05, b = luminance(other) + 0.05;
    return a > b ? a / b : b / a;
}

/* What is drawn last there. */
static uint32_t ground_under(const struct picture *picture, int index)
{
    const struct shape *text = &picture->shapes[index];
    for (int i = index - 1; i >= 0; i--) {
        const struct shape *box = &picture->shapes[i];
        if (box->kind == SHAPE_BOX && box->x <= text->x && box->y <= text->y + text->height / 2 &&
            box->x + box->width >= text->x + text->width && box->y + box->height >= text->y + text->height / 2)
            return box->ink;
    }
    return 0;
}

static int least_size(const struct shape *text)
{
    int least = text->sizes[0].size;
    for (int i = 1; i < 4 && text->sizes[i].size > 0; i++)
        least = MIN(least, text->sizes[i].size);
    return least;
}

static void every_text_can_be_read(void **state)
{
    struct card card;
    struct picture picture = full_picture(*state, &card);
    int texts = 0;
    for (int i = 0; i < picture.count; i++) {
        const struct shape *s = &picture.shapes[i];
        if (s->kind != SHAPE_TEXT)
            continue;
        texts++;
        assert_int_equal(s->ground, ground_under(&picture, i));
        if (contrast(s->ink, s->ground) < 7.5 || least_size(s) < 26)
            fail_msg("\"%s\": contrast %.2f, size %d", s->text, contrast(s->ink, s->ground), least_size(s));
    }
    assert_int_equal(texts, 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(says_topic_room_and_host),
        arena_test(nobody_is_made_up),
        arena_test(sides_are_the_first_two_distinct_names_that_answered),
        arena_test(the_verdict_depends_on_the_number_of_answers),
        arena_test(it_speaks_the_language_of_most_voices),
        arena_test(quotes_are_what_somebody_said),
        arena_test(texts_are_bounded),
        arena_test(everything_is_on_the_picture_and_within_it),
        arena_test(every_text_can_be_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
