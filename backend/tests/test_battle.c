#include "unit.h"

#include "domain/battle.h"

#define NINETY "0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 01"

static const struct {
    const char *content, *want;
} topics[] = {
    /* the line */
    {"Topic: Tabs or spaces?", "Tabs or spaces?"},
    {"TOPIC:Tabs or spaces?\nTemplate: x", "Tabs or spaces?"},
    {"Hello.\n  topic:  Tabs \t or\u00A0\u3000spaces. Really. ", "Tabs or spaces. Really."},
    {"First.\r\nTopic: Second\r\nThird", "Second"},
    {"Topic: one\nTopic: two", "one"},
    {"Topic:\nTopic: two", "two"},
    {"My topic: no", "My topic: no"},
    {"Topic no", "Topic no"},
    {"Topics: no", "Topics: no"},
    {"Topic: " NINETY " and more", NINETY " and more"},
    /* quotes */
    {"Topic: \"Tabs or spaces?\"", "Tabs or spaces?"},
    {"Topic: “Tabs”", "Tabs"},
    {"Topic: « Tabs »", "Tabs"},
    {"Topic: 'Tabs'", "Tabs"},
    {"Topic: Who said \"enough\"", "Who said \"enough\""},
    {"Topic: Ayşe'nin fikri", "Ayşe'nin fikri"},
    {"\"Ship it.\" he said", "Ship it"},
    {"Topic: \"\"\nTabs", "Tabs"},
    {"Topic: \"", "Battle in Go"},
    /* the first sentence */
    {"Tabs it is. Spaces are for poets.", "Tabs it is"},
    {"Tabs or spaces? I ask.", "Tabs or spaces"},
    {"Tabs! Always!", "Tabs"},
    {"Tabs\nor spaces.", "Tabs"},
    {"\n \t\nTabs, then", "Tabs, then"},
    {"... and   then?", "and then"},
    {"Topic:\nTabs. Or not", "Tabs"},
    {"a\x01\x7F"
     "b\xC2\x85"
     "c",
     "ab c"},
    {NINETY, NINETY},
    {NINETY "2", "0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789"},
    {NINETY " 2", NINETY},
    {"İIıi", "İIıi"},
    /* neither */
    {"", "Battle in Go"},
    {" \n\u3000", "Battle in Go"},
    {"?!...", "Battle in Go"},
    {"Topic:", "Battle in Go"},
    {"\"\"", "Battle in Go"},
};

static void the_topic(void **state)
{
    for (size_t i = 0; i < COUNT(topics); i++)
        assert_text(battle_topic(*state, topics[i].content, "Go"), topics[i].want, topics[i].content);
}

static void a_sentence_without_blanks_is_cut_hard(void **state)
{
    static const char *const characters[] = {"x", "ş", "😀"};
    for (size_t i = 0; i < COUNT(characters); i++) {
        const char *ninety = repeated(*state, characters[i], 90);
        assert_text(battle_topic(*state, ninety, "Go"), ninety, "90 characters");
        assert_text(battle_topic(*state, repeated(*state, characters[i], 91), "Go"), ninety, "91 characters");
    }
}

static void the_other_lines(void **state)
{
    static const char content[] = "Topic: Tabs\nTemplate: x\r\nPRO style:  bold \t one\nPro style: two\nCon style:\n";
    assert_text(battle_line(*state, content, "pro style"), "bold one", content);
    assert_text(battle_line(*state, content, "con style"), NULL, content);
    assert_text(battle_line(*state, "", "topic"), NULL, "");
}

/* A family of four is one picture of seven code points: eleven of them are 77, and the twelfth
 * doesn't fit. */
static void a_style_is_cut_between_what_people_see_as_characters(void **state)
{
    static const char family[] = "👩‍👩‍👧‍👦";
    assert_text(battle_style(*state, repeated(*state, family, 12)), repeated(*state, family, 11), "families");
    const char *seventy_nine = repeated(*state, "a", 79);
    assert_text(battle_style(*state, arena_printf(*state, "%se\u0301", seventy_nine)), seventy_nine, "an accent apart");
    assert_text(battle_style(*state, arena_printf(*state, "%s🇹🇷", seventy_nine)), seventy_nine, "a flag");
    const char *tower = arena_printf(*state, "Z%s", repeated(*state, "\u0335", 100));
    assert_text(battle_style(*state, tower), arena_copy(*state, tower, 1 + 2 * 79), "one character of 101 code points");
}

static void a_style_is_one_line_of_80(void **state)
{
    const char *eighty = repeated(*state, "ş", 80);
    assert_text(battle_style(*state, " bold\nand \u2003 short "), "bold and short", "white space");
    assert_text(battle_style(*state, eighty), eighty, "80 characters");
    assert_text(battle_style(*state, repeated(*state, "ş", 81)), eighty, "81 characters");
    assert_text(battle_style(*state, arena_printf(*state, "%.*s b", 158, eighty)),
                arena_printf(*state, "%.*s", 158, eighty), "a blank at the cut");
}

static void what_may_be_published(void **state)
{
    const char *longest = repeated(*state, "語", 180), *longer = repeated(*state, "語", 181);
    const struct {
        const char *topic, *pro, *con, *want;
    } cases[] = {
        {"", "a", "b", "topic must be at least 3 chars"},
        {"şç", "a", "b", "topic must be at least 3 chars"},
        {"şçö", "a", "b", NULL},
        {longest, "a", "b", NULL},
        {longer, "a", "b", "topic must be <= 180 chars"},
        {"ok fuck", "a", "b", "content failed profanity check"},
        {"fine", "SHIT", "b", "content failed profanity check"},
        {"fine", "a", "orospu", "content failed profanity check"},
        {"fine", "a", "http://a http://b", NULL},
        {"fine", "a", "http://a http://b http://c", "content failed link spam check"},
        {"fine http://a", "http://b", "http://c", "content failed link spam check"},
        {"fuck http://a http://b http://c", "a", "b", "content failed profanity check"},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_text(battle_check(cases[i].topic, cases[i].pro, cases[i].con), cases[i].want, cases[i].topic);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(the_topic),
        arena_test(a_sentence_without_blanks_is_cut_hard),
        arena_test(the_other_lines),
        arena_test(a_style_is_one_line_of_80),
        arena_test(a_style_is_cut_between_what_people_see_as_characters),
        arena_test(what_may_be_published),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
