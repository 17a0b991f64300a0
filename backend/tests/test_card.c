#include "unit.h"

#include "domain/card.h"

static const char id_link[] = "https://worlds.example/b/1b4e28ba-2fa1-11d2-883f-0016d3cca427";

static struct brief a_brief(const char *author, const struct said *replies, int count)
{
    return (struct brief){.room_name = "Go Backend",
                          .post = {.author = author, .content = "Topic: Tabs or spaces?"},
                          .replies = replies,
                          .reply_count = count};
}

static struct card a_card(struct arena *arena, const char *author, const struct said *replies, int count)
{
    struct brief brief = a_brief(author, replies, count);
    return card_make(&brief, count, id_link, arena);
}

static void says_topic_room_and_link(void **state)
{
    struct arena *arena = *state;
    struct card card = a_card(arena, "", NULL, 0);
    assert_string_equal(card.topic, "Tabs or spaces?");
    assert_string_equal(card.room, "Go Backend");
    assert_string_equal(card.link, id_link);
}

static void sides_are_the_first_two_distinct_names(void **state)
{
    struct arena *arena = *state;
    static const struct {
        const char *author, *repliers[4], *sides[2];
    } cases[] = {
        {"", {NULL}, {"Persona A", "Persona B"}},
        {"Ada", {NULL}, {"Ada", "Persona B"}},
        {"Ada", {"Bea", "Cy"}, {"Ada", "Bea"}},
        {"Ada", {"Ada", "", " Ada\t", "Cy"}, {"Ada", "Cy"}},
        {"", {"Bea", "Bea", "Cy"}, {"Bea", "Cy"}},
        {"", {"", "\x01\x02", "Bea"}, {"Bea", "Persona B"}},
        {"Ayşe  Gül 🦊", {"佐藤"}, {"Ayşe Gül 🦊", "佐藤"}},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct said replies[4];
        int count = 0;
        for (; count < 4 && cases[i].repliers[count]; count++)
            replies[count] = (struct said){.author = cases[i].repliers[count], .content = "Yes."};
        struct card card = a_card(arena, cases[i].author, replies, count);
        assert_string_equal(card.sides[0], cases[i].sides[0]);
        assert_string_equal(card.sides[1], cases[i].sides[1]);
    }
}

static void the_verdict_depends_on_the_number_of_replies(void **state)
{
    struct arena *arena = *state;
    static const struct {
        int64_t replies;
        const char *verdict;
    } cases[] = {
        {0, "No verdict yet · be the first to reply"},
        {1, "The first blow has landed · 1 reply"},
        {2, "Neck and neck · 2 replies"},
        {3, "The room is taking sides · 3 replies"},
        {5, "The room is taking sides · 5 replies"},
        {6, "A heated battle · 6 replies"},
        {9, "A heated battle · 9 replies"},
        {10, "A full house, and still split · 10 replies"},
        {123456789012, "A full house, and still split · 123456789012 replies"},
    };
    struct brief brief = a_brief("", NULL, 0);
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_string_equal(card_make(&brief, cases[i].replies, id_link, arena).verdict, cases[i].verdict);
    }
}

static void takeaways_are_first_sentences(void **state)
{
    struct arena *arena = *state;
    static const struct {
        const char *said, *takeaway;
    } cases[] = {
        {"Ship it. Then listen.", "Ship it."},
        {"Version 1.5 is a rewrite! Really.", "Version 1.5 is a rewrite!"},
        {"No mark at all", "No mark at all"},
        {"Is it?", "Is it?"},
        {"  Two\nlines \t here. More", "Two lines here."},
        {"小さく始めて、測る。それが全て。", "小さく始めて、測る。"},
        {"هل هذا صحيح؟ نعم.", "هل هذا صحيح؟"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct said reply = {.author = "Ada", .content = cases[i].said};
        assert_string_equal(a_card(arena, "", &reply, 1).takeaways[0], cases[i].takeaway);
    }
}

static void there_are_three_different_takeaways(void **state)
{
    struct arena *arena = *state;
    static const struct said replies[] = {{"a", "One."}, {"b", ""},       {"c", "One. Again."},
                                          {"d", "Two."}, {"e", "Three."}, {"f", "Four."}};
    for (int count = 0; count <= (int)COUNT(replies); count++) {
        struct card card = a_card(arena, "", replies, count);
        for (int i = 0; i < CARD_TAKEAWAYS; i++) {
            assert_true(*card.takeaways[i]);
            assert_string_not_equal(card.takeaways[i], card.takeaways[(i + 1) % CARD_TAKEAWAYS]);
        }
    }
    struct card card = a_card(arena, "", replies, COUNT(replies));
    assert_string_equal(card.takeaways[0], "One.");
    assert_string_equal(card.takeaways[1], "Two.");
    assert_string_equal(card.takeaways[2], "Three.");
}

/* However much is said, what is drawn is bounded: drawing costs by the character. */
static void texts_are_bounded(void **state)
{
    struct arena *arena = *state;
    char *endless = arena_alloc(arena, 100001);
    memset(endless, 'W', 100000);
    const struct said replies[] = {{endless, endless}, {"b", "Two."}};
    struct brief brief = {.room_name = endless,
                          .post = {.author = "", .content = arena_printf(arena, "Topic: %s", endless)},
                          .replies = replies,
                          .reply_count = 2};
    struct card card = card_make(&brief, 2, endless, arena);
    assert_true(strlen(card.topic) <= 200);
    assert_true(strlen(card.room) <= 80);
    assert_true(strlen(card.sides[0]) <= 80);
    assert_true(strlen(card.takeaways[0]) <= 160);
    assert_true(strlen(card.link) <= 160);
}

static bool says(const struct picture *picture, const char *text)
{
    for (int i = 0; i < picture->count; i++)
        if (picture->shapes[i].kind == SHAPE_TEXT && strstr(picture->shapes[i].text, text))
            return true;
    return false;
}

static void everything_is_on_the_picture_and_within_it(void **state)
{
    struct arena *arena = *state;
    const struct said replies[] = {{"Bea", "One."}, {"Cy", "Two."}, {"Dee", "Three."}};
    struct card card = a_card(arena, "Ada", replies, 3);
    struct picture picture = card_picture(&card, arena);
    const char *const texts[] = {card.topic,        card.room,         card.sides[0],     card.sides[1], card.verdict,
                                 card.takeaways[0], card.takeaways[1], card.takeaways[2], card.link};
    for (size_t i = 0; i < COUNT(texts); i++)
        assert_true(says(&picture, texts[i]));
    assert_int_equal(picture.width, 1200);
    assert_int_equal(picture.height, 630);
    for (int i = 0; i < picture.count; i++) {
        const struct shape *s = &picture.shapes[i];
        assert_true(s->x >= 0 && s->y >= 0 && s->width > 0 && s->height > 0);
        assert_true(s->x + s->width <= 1200 && s->y + s->height <= 630);
        assert_true(s->kind == SHAPE_BOX || (s->size > 0 && s->lines > 0));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(says_topic_room_and_link),
        arena_test(sides_are_the_first_two_distinct_names),
        arena_test(the_verdict_depends_on_the_number_of_replies),
        arena_test(takeaways_are_first_sentences),
        arena_test(there_are_three_different_takeaways),
        arena_test(texts_are_bounded),
        arena_test(everything_is_on_the_picture_and_within_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
