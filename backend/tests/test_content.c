#include "unit.h"

#include "domain/content.h"

static const char empty[] = "content cannot be empty", too_long[] = "content exceeds max length",
                  profane[] = "content failed profanity check", spam[] = "content failed link spam check";

static const struct checked {
    const char *text;
    size_t max;
    const char *want;
} checked[] = {
    {"", 500, empty},
    {" \n\t\u3000", 500, empty},
    {"a", 1, NULL},
    {"ab", 1, too_long},
    {"  a  ", 1, NULL},
    {"İş", 2, NULL},
    {"👩‍🚀", 3, NULL},
    {"👩‍🚀", 2, too_long},
    /* the order of the rules */
    {"fuck http://a http://b http://c", 5, too_long},
    {"fuck http://a http://b http://c", 500, profane},
    {"http://a http://b http://c", 500, spam},
    /* English, whole words of any case, dressed up */
    {"what the FUCK", 500, profane},
    {"Shit!", 500, profane},
    {"bitch.", 500, profane},
    {"you (asshole)", 500, profane},
    {"DICK", 500, profane},
    {"f\u200Buck", 500, profane},
    {"ｆｕｃｋ", 500, profane},
    {"shít", 500, profane},
    {"fuck_you", 500, profane},
    {"Dickens ate shiitake in Scunthorpe", 500, NULL},
    {"classic assessment of cocktails", 500, NULL},
    /* Turkish, with and without its letters */
    {"OROSPU", 500, profane},
    {"orospu çocuğu", 500, profane},
    {"Amcık", 500, profane},
    {"AMCIK", 500, profane},
    {"amcik", 500, profane},
    {"amına koyayım", 500, profane},
    {"amina  koyayim", 500, profane},
    {"amk ya", 500, profane},
    {"PİÇ", 500, profane},
    {"göt", 500, profane},
    {"GÖT", 500, profane},
    {"go\u0308t", 500, profane},
    {"siktir git", 500, profane},
    {"SİKTİR", 500, profane},
    {"yarrak", 500, profane},
    {"pezevenk", 500, profane},
    {"puşt", 500, profane},
    /* innocent neighbours */
    {"çok şık bir elbise", 500, NULL},
    {"bu elbise çok şıktır", 500, NULL},
    {"Sık sorulan sorular", 500, NULL},
    {"SIK SORULAN SORULAR", 500, NULL},
    {"canımı sıktı, sıkı tut, sıkıyor, sıkıştı", 500, NULL},
    {"I got a pic and I am fine", 500, NULL},
    {"gotos considered harmful", 500, NULL},
    {"Amina âmin dedi", 500, NULL},
    {"öç almak", 500, NULL},
    {"müzik, fizik, klasik", 500, NULL},
    {"sikke koleksiyonu", 500, NULL},
    {"got it, topic, epic", 500, NULL},
    {"ceketin dikişi sökük, SÖKÜK", 500, NULL},
    {"sokuk herif", 500, profane},
    {"sık sık, şık şık, sıkma, sıkmak, sıkı, sıkıntı, sıkım, sıkışmak, SIKIŞTI", 500, NULL},
    {"shitake, shiitake, bitcoin, Bitchū, Dickinson, dickcissel, Sussex, Essex, mishit, cockpit, peacock, therapist",
     500, NULL},
    {"pikselleştirme, sikke, sikkeler, sikloid, fiziksel, müziksel, klasik, eksik", 500, NULL},
    {"Götz, Göteborg, götürmek, götürü, got, gotik, piknik", 500, NULL},
    {"amcam, amca, amaç, Amine, amino, taşan, yavaş, yavşan otu, kancalı", 500, NULL},
    {"ibn Sina, gavot, puset, sürtünme, orkide, oruç", 500, NULL},
    {"Slutsk, whorl, faggoting, nigella, snigger, Nigeria, Niger", 500, NULL},
};

static void the_rules_in_their_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(checked); i++)
        assert_text(content_check(checked[i].text, checked[i].max), checked[i].want, checked[i].text);
}

static void long_texts(void **state)
{
    struct arena *arena = *state;
    static const char *const characters[] = {"x", "ş", "😀", "e\u0301"};
    for (size_t i = 0; i < COUNT(characters); i++) {
        size_t points = i == 3 ? 2 : 1;
        assert_null(content_check(repeated(arena, characters[i], 500 / points), 500));
        assert_text(content_check(repeated(arena, characters[i], 502 / points), 500), too_long, characters[i]);
    }
    assert_text(content_check(repeated(arena, "x", 501), 500), too_long, "501 letters");
}

static void links(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int links;
    } cases[] = {
        {"", 0},
        {"no link", 0},
        {"http://a.example", 1},
        {"HTTPS://A.example", 1},
        {"Www.a.example", 1},
        {"http://www.a.example", 1},
        {"https://www.a.example www.b.example", 2},
        {"http://a,http://b,http://c", 3},
        {"seehttp://a", 1},
        {"awww. so cute", 0},
        {"“www.a.example”", 1},
        {"(www.a.example)", 1},
        {"http:/a", 0},
        {"ftp://a", 0},
        {"httpx://a", 0},
        {"www", 0},
        {"http://", 1},
        {"hhttp://http://", 2},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        if (content_links(cases[i].text) != cases[i].links)
            fail_msg("\"%s\" has %d links, not %d", cases[i].text, cases[i].links, content_links(cases[i].text));
    assert_null(content_check("http://a www.b", 100));
    assert_text(content_check("http://a www.b https://c", 100), spam, "three links");
}

static void phrases_said(void **state)
{
    (void)state;
    static const char *const phrases[] = {"", "  ", "synergy", " at the end of the day ", "İMKÂNSIZ", "👎"};
    static const struct {
        const char *text;
        int want; /* of phrases; -1: none */
    } cases[] = {
        {"nothing here", -1}, {"Synergy!", 2}, {"synergyx", -1}, {"At the  END\nof the day, yes", 3},
        {"bu imkansız", 4},   {"ımkansiz", 4}, {"no 👎", 5},     {"", -1},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_text(content_said(cases[i].text, phrases, COUNT(phrases)),
                    cases[i].want < 0 ? NULL : phrases[cases[i].want], cases[i].text);
    assert_null(content_said("synergy", phrases, 0));
    assert_null(content_said("synergy", NULL, 0));
}

/* do_not_say as people write it: any case, any accents, over line ends, and never inside another
 * word. */
static void a_phrase_in_a_text(void **state)
{
    (void)state;
    static const struct {
        const char *phrase, *text;
        bool said;
    } cases[] = {
        {"imkansız", "Bu İMKÂNSIZ.", true},
        {"IŞIK", "ışık var", true},
        {"ışık", "IŞIK VAR", true},
        {"ışık", "isik var", true},
        {"istanbul", "İSTANBUL'da", true},
        {"İstanbul", "istanbul", true},
        {"ISTANBUL", "ıstanbul", true},
        {"naïve", "a naive idea", true},
        {"naive", "A NAÏVE idea", true},
        {"cafe", "cafe\u0301 au lait", true},
        {"günün sonunda", "günün\nsonunda", true},
        {"günün sonunda", "GÜNÜN \r\n\t SONUNDA!", true},
        {"günün  sonunda", "(günün\u00A0sonunda)", true},
        {"synergy", "“Synergy”, they said", true},
        {"synergy", "syn\u200Bergy", true},
        {"synergy", "ｓｙｎｅｒｇｙ", true},
        {"let's go", "Let’s go!", true},
        {"let’s go", "let's go", true},
        {"C++", "I like c++.", true},
        {"synergy", "synergy-driven", true},
        {"synergy", "synergyless", false},
        {"synergy", "bisynergy", false},
        {"sinerji", "sinerjinin", false},
        {"art", "party, arts, Bart", false},
        {"işte", "gelişte", false},
        {"günün sonunda", "günün en sonunda", false},
        {"günün sonunda", "bugünün sonunda", false},
        {"günün sonunda", "günün sonundaki", false},
        {"let's go", "lets go", false},
        {"in", "İnce", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        if (!content_said(cases[i].text, &cases[i].phrase, 1) == cases[i].said)
            fail_msg("\"%s\" in \"%s\" should be %d", cases[i].phrase, cases[i].text, cases[i].said);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rules_in_their_order),
        arena_test(long_texts),
        cmocka_unit_test(links),
        cmocka_unit_test(phrases_said),
        cmocka_unit_test(a_phrase_in_a_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
