#include "unit.h"

#include "base/text.h"
#include "base/utf8.h"

struct pair {
    const char *text, *want;
};

typedef char *one_text(struct arena *, const char *text);

static void check_pairs(struct arena *arena, one_text *fn, const struct pair *pairs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_text(fn(arena, pairs[i].text), pairs[i].want, pairs[i].text);
}

static char *trim(struct arena *arena, const char *text)
{
    return text_trim(arena, text, strlen(text));
}

static void trimming(void **state)
{
    static const struct pair pairs[] = {
        {"", ""},
        {" ", ""},
        {"a", "a"},
        {"  a b \t\r\n\v\f", "a b"},
        {"\u00A0\u2003x\u3000\u2028\u2029\xC2\x85\u202F\u205F\u1680", "x"},
        {"\u200Bx\u200B", "\u200Bx\u200B"}, /* no white space by Unicode */
        {" 👩‍🚀 ", "👩‍🚀"},
    };
    check_pairs(*state, trim, pairs, COUNT(pairs));
    assert_text(text_trim(*state, " ab c", 3), "ab", "the first 3 bytes of \" ab c\"");
}

static void lower_case(void **state)
{
    static const struct pair pairs[] = {
        {"", ""},
        {"Ada@Example.ORG", "ada@example.org"},
        {"ŞÜKRÜ.ÇAĞ", "şükrü.çağ"},
        {"İIıi", "iiıi"},
        {"ΩЖ", "ωж"},
        {"\u023A", "\u2C65"},
        {"😀日ß", "😀日ß"},
    };
    check_pairs(*state, text_lower, pairs, COUNT(pairs));
}

static void lower_case_of_ascii_alone(void **state)
{
    static const struct pair pairs[] = {
        {"", ""}, {"Ada@Example.ORG[Z]", "ada@example.org[z]"}, {"ŞÜkİ\u212A", "ŞÜkİ\u212A"}};
    check_pairs(*state, text_lower_ascii, pairs, COUNT(pairs));
}

static void composing(void **state)
{
    static const struct pair pairs[] = {
        {"", ""},
        {"plain", "plain"},
        {"s\u0327ifre", "şifre"},
        {"şifre", "şifre"},
        {"\u1112\u1161\u11AB", "한"},
        {"\u212B", "Å"},                  /* the unit is the letter */
        {"\uFB01\u2460", "\uFB01\u2460"}, /* what only looks alike stays */
    };
    check_pairs(*state, text_compose, pairs, COUNT(pairs));
}

static void what_is_unseen(void **state)
{
    (void)state;
    static const char *const seen[] = {"", "a b@c", "şükrü@例え.jp", "\u00A0", "e\u0301", "😀"};
    static const char *const unseen[] = {"a\nb",    "\tb",    "a\x7F",   "\xC2\x85", "a\u200Bb",
                                         "\u202Eb", "\uFEFF", "a\u00AD", "a\u2028b", "\u2029"};
    for (size_t i = 0; i < COUNT(seen); i++)
        assert_false(text_has_unseen(seen[i]));
    for (size_t i = 0; i < COUNT(unseen); i++)
        assert_true(text_has_unseen(unseen[i]));
}

static void folding(void **state)
{
    static const struct pair pairs[] = {
        {"", ""},
        {"İSTANBUL", "istanbul"},
        {"ISTANBUL", "istanbul"},
        {"ıstanbul", "istanbul"},
        {"i\u0307stanbul", "istanbul"},
        {"I\u0307", "i"},
        {"Çağrı ŞÖLEN Ünlü", "cagri solen unlu"},
        {"straße", "strasse"},
        {"e\u0301\u0327", "e"},
        {"ＦＵＬＬ", "full"},
        {"so\u00ADft f\u200Bu", "soft fu"},
        {"ﬁ", "fi"},
        {"Ω", "ω"},
        {"👩‍🚀", "👩🚀"},
    };
    check_pairs(*state, text_fold, pairs, COUNT(pairs));
}

static void folding_the_turkish_way(void **state)
{
    static const struct pair pairs[] = {
        {"SIK", "sık"},       {"SİK", "sik"}, {"Şık", "şık"},       {"S\u0327IK", "şık"},
        {"SI\u0307K", "sik"}, {"GÖT", "göt"}, {"go\u0308t", "göt"}, {"got", "got"},
    };
    check_pairs(*state, text_fold_turkish, pairs, COUNT(pairs));
}

/* ASCII goes a way of its own: what it comes to is what the other way makes of the same letter
 * beside one that isn't ASCII. */
static void folding_ascii(void **state)
{
    for (char c = 1; c < 127; c++) {
        const char *alone = (const char[]){c, '\0'}, *beside = arena_printf(*state, "%cß", c);
        assert_string_equal(arena_printf(*state, "%sss", text_fold(*state, alone)), text_fold(*state, beside));
        assert_string_equal(arena_printf(*state, "%sss", text_fold_turkish(*state, alone)),
                            text_fold_turkish(*state, beside));
    }
}

static void whole_words(void **state)
{
    (void)state;
    static const struct {
        const char *text, *phrase;
        bool has;
    } cases[] = {
        {"shit", "shit", true},
        {"oh shit!", "shit", true},
        {"(shit)", "shit", true},
        {"shit_happens", "shit", true},
        {"shit's", "shit", true},
        {"shitake", "shit", false},
        {"ashit", "shit", false},
        {"1shit", "shit", false},
        {"shit2", "shit", false},
        {"ğshit", "shit", false},
        {"shitğ", "shit", false},
        {"“shit”", "shit", true},
        {"shitake shit", "shit", true},
        {"", "shit", false},
        {"shit", "", false},
        {"", "", false},
        {"to be or", "to be", true},
        {"to \n\t be or", "to be", true},
        {"to be", "to  be", true},
        {"tobe", "to be", false},
        {"to beat", "to be", false},
        {"buy 👍 now", "👍", true},
        {"good👍", "👍", true},
        {"c++", "c++", true},
        {"c++x", "c++", true},
        {"#win", "#win", true},
        {"a#win", "#win", true},
        {"#winner", "#win", false},
        {"ababab", "abab", false},
        {"xx x", "x", true},
        {"日本", "日", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        if (text_has_words(cases[i].text, cases[i].phrase) != cases[i].has)
            fail_msg("\"%s\" in \"%s\" should be %d", cases[i].phrase, cases[i].text, cases[i].has);
}

static void cutting(void **state)
{
    static const struct {
        const char *text;
        size_t max;
        const char *want;
    } cases[] = {
        {"", 0, ""},
        {"abc", 3, "abc"},
        {"abc", 2, "ab"},
        {"abc", 0, ""},
        /* sentences */
        {"One two. Three four.", 20, "One two. Three four."},
        {"One two. Three four.", 19, "One two."},
        {"One two. Three four.", 8, "One two."},
        {"One two. Three four.", 7, "One"},
        {"One two. Three four.", 6, "One"},
        {"Ne? Evet! Peki… Tamam sonra", 20, "Ne? Evet! Peki…"},
        {"Ne? Evet! Peki… Tamam sonra", 14, "Ne? Evet!"},
        {"He said “no.” And left", 18, "He said “no.”"},
        {"He said \"no.\" And left", 13, "He said \"no.\""},
        {"He said \"no.\" And left", 12, "He said"},
        {"(Right.) And left", 12, "(Right.)"},
        {"One.\nTwo three", 9, "One."},
        {"What?! Really now", 10, "What?!"},
        /* no sentence's end: a number, an address, a name */
        {"pi is 3.14159 or so", 10, "pi is"},
        {"see example.com for more", 14, "see"},
        /* words */
        {"çok güzel bir gün", 9, "çok güzel"},
        {"çok güzel bir gün", 8, "çok"},
        {"one  two", 5, "one"},
        {"one  two", 4, "one"},
        {"one\u00A0two", 5, "one"},
        /* hard, between grapheme clusters */
        {"güzelgüzel", 5, "güzel"},
        {"👩‍🚀👩‍🚀", 5, "👩‍🚀"},
        {"👩‍🚀👩‍🚀", 3, "👩‍🚀"},
        {"👩‍🚀👩‍🚀", 2, ""},
        {"ae\u0301x", 2, "a"},
        {"ae\u0301x", 3, "ae\u0301"},
        {"🇹🇷🇹🇷", 3, "🇹🇷"},
        {"👍🏽👍🏽", 3, "👍🏽"},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_text(text_cut(*state, cases[i].text, cases[i].max), cases[i].want, cases[i].text);
}

static void cutting_long_texts(void **state)
{
    struct arena *arena = *state;
    static const char *const characters[] = {"x", "ş", "😀", "日"};
    for (size_t i = 0; i < COUNT(characters); i++) {
        char *fits = repeated(arena, characters[i], 500), *over = repeated(arena, characters[i], 501);
        assert_text(text_cut(arena, fits, 500), fits, characters[i]);
        assert_text(text_cut(arena, over, 500), fits, characters[i]);
    }
    char *sentences = repeated(arena, "Kısa bir söz. ", 40), *cut = text_cut(arena, sentences, 500);
    assert_int_equal(utf8_count(cut, strlen(cut)), 14 * 35 - 1);
}

static void previews(void **state)
{
    static const struct {
        const char *text;
        size_t max;
        const char *want;
    } cases[] = {
        {"", 5, ""},
        {" \n ", 5, ""},
        {" one\n\n two\tthree ", 100, "one two three"},
        {"a\x01\x02"
         "b\x7f",
         9, "ab"},
        {"a \x01 b", 9, "a b"},
        {"One two. Three four.", 19, "One two. Three"},
        {"one two", 7, "one two"},
        {"one two", 6, "one"},
        {"\u3000geniş\u2003boşluk", 12, "geniş boşluk"},
        {"👩‍🚀👩‍🚀", 4, "👩‍🚀"},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_text(text_preview(*state, cases[i].text, cases[i].max), cases[i].want, cases[i].text);
}

static void slugs(void **state)
{
    static const struct pair pairs[] = {
        {"", ""},
        {"Deniz", "deniz"},
        {"  Go Backend 2 ", "go-backend-2"},
        {"a_b-c d", "a-b-c-d"},
        {"a _-\u2003 b", "a-b"},
        {"--a--", "a"},
        {"a-é-b", "a-b"},
        {"a!b", "ab"},
        {"Şeyma", "eyma"},
        {"ışık", "k"},
        {"日本", ""},
        {"!!!", ""},
        {"- _ -", ""},
        {"İIi", "ii"},
        {"\u212A", ""},
        {"😀x😀", "x"},
    };
    struct arena *arena = *state;
    check_pairs(arena, text_slug, pairs, COUNT(pairs));
    assert_text(text_slug(arena, repeated(arena, "a", 64)), repeated(arena, "a", 64), "64 letters");
    assert_text(text_slug(arena, repeated(arena, "a", 65)), repeated(arena, "a", 64), "65 letters");
    char *longest = repeated(arena, "a", 63);
    assert_text(text_slug(arena, arena_printf(arena, "%s b", longest)), longest, "63 letters, a blank and one more");
    assert_int_equal(strlen(text_slug(arena, arena_printf(arena, "%s bc", repeated(arena, "a", 62)))), 64);
}

static void a_text_that_was_cut_ends_with_its_last_sentence(void **state)
{
    static const struct pair pairs[] = {
        {"One. Two and a ha", "One."},
        {"One. Two.", "One. Two."},
        {"One? Two", "One?"},
        {"\"One.\" Two", "\"One.\""},
        {"No sentence he", "No sentence"},
        {"Word", ""},
        {"3.14 is a num", "3.14 is a"},
        {"Ölç. Sonra ke", "Ölç."},
        {"Ölçmeden kes", "Ölçmeden"},
        {"", ""},
    };
    for (size_t i = 0; i < COUNT(pairs); i++)
        assert_text(text_cut_back(*state, pairs[i].text), pairs[i].want, pairs[i].text);
}

static void an_initial_is_one_letter_as_readers_count(void **state)
{
    static const struct {
        const char *text, *english, *turkish;
    } cases[] = {
        {"ada", "A", "A"},
        {"  ben", "B", "B"},
        {"iris", "I", "İ"},
        {"ısı", "I", "I"},
        {"İpek", "İ", "İ"},
        {"e\u0301mile", "E\u0301", "E\u0301"},
        {"👩‍🚀 Zeynep", "👩‍🚀", "👩‍🚀"},
        {"42", "4", "4"},
        {"山田", "山", "山"},
        {"", "", ""},
        {" \t", "", ""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_text(text_initial(*state, cases[i].text, false), cases[i].english, cases[i].text);
        assert_text(text_initial(*state, cases[i].text, true), cases[i].turkish, cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(a_text_that_was_cut_ends_with_its_last_sentence),
        arena_test(trimming),
        arena_test(an_initial_is_one_letter_as_readers_count),
        arena_test(lower_case),
        arena_test(lower_case_of_ascii_alone),
        arena_test(composing),
        arena_test(what_is_unseen),
        arena_test(folding),
        arena_test(folding_the_turkish_way),
        arena_test(folding_ascii),
        arena_test(whole_words),
        arena_test(cutting),
        arena_test(cutting_long_texts),
        arena_test(previews),
        arena_test(slugs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
