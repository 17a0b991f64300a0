#include "unit.h"

#include <stdio.h>

#include "base/url.h"

static void a_login_is_clear_where_no_other_part_can_have_a_piece_of_it(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        bool is_clear;
    } cases[] = {
        {"", true},
        {"localhost", true},
        {"me@localhost", true},
        {"http://localhost/v1", true},
        {"http://me:word@localhost/v1", true},
        {"http://me:wo%40rd@localhost", true},
        {"http://me:wo:rd@localhost", true},
        {"http://@localhost", true},
        {"http://me:wo@rd@localhost", false},
        {"http://me:wo/rd@localhost", false},
        {"http://me:wo?rd@localhost", false},
        {"http://me:wo#rd@localhost", false},
        {"http://me:word@localhost/@", false},
        {"http://localhost?key=wo@rd", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        if (url_login_is_clear(cases[i].url) != cases[i].is_clear)
            fail_msg("the login of \"%s\" counts as %s", cases[i].url, cases[i].is_clear ? "unclear" : "clear");
}

static void a_host_is_letters_digits_and_few_signs(void **state)
{
    (void)state;
    static const char *const plain[] = {
        "localhost", "db-1.example.org", "under_score", "192.0.2.1", "2001:db8::1", "fe80::1%eth0", "A"};
    static const char *const others[] = {"",     "a@b", "a/b", "a?b", "a#b", "a b", "a,b", "a\n", "bücher.example",
                                         "a\\b", "'a'"};
    for (size_t i = 0; i < COUNT(plain); i++)
        if (!url_host_is_plain(plain[i], strlen(plain[i])))
            fail_msg("\"%s\" is refused", plain[i]);
    for (size_t i = 0; i < COUNT(others); i++)
        if (url_host_is_plain(others[i], strlen(others[i])))
            fail_msg("\"%s\" counts as a host", others[i]);
    assert_true(url_host_is_plain("a,b", 1));
}

static void an_escape_becomes_its_byte(void **state)
{
    (void)state;
    static const struct {
        const char *text, *decoded; /* NULL: refused */
    } cases[] = {
        {"", ""},         {"plain", "plain"}, {"a%20b", "a b"}, {"%c3%BC", "ü"}, {"%2541", "%41"}, {"a+b", "a+b"},
        {"%41%5a", "AZ"}, {"%", NULL},        {"100%", NULL},   {"%4", NULL},    {"%4g", NULL},    {"%g4", NULL},
        {"%%41", NULL},   {"%00", NULL},      {"a%00b", NULL},  {"% 41", NULL},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[16];
        snprintf(text, sizeof text, "%s", cases[i].text);
        bool decoded = url_decode(text);
        if (decoded != (cases[i].decoded != NULL) || (decoded && strcmp(text, cases[i].decoded) != 0))
            fail_msg("\"%s\" becomes \"%s\"", cases[i].text, decoded ? text : "nothing");
    }
}

static void what_a_parameter_cannot_have_is_encoded(void **state)
{
    static const char *const cases[][2] = {
        {"", ""},
        {"/b/7d44-1", "/b/7d44-1"},
        {"/templates?template=1&battle=2#x", "/templates%3Ftemplate%3D1%26battle%3D2%23x"},
        {"a b+c%20", "a%20b%2Bc%2520"},
        {"ş\"'<", "%C5%9F%22%27%3C"},
        {"https://a.example/~x_y", "https%3A//a.example/~x_y"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf out = buf_new(*state);
        url_encode(&out, cases[i][0]);
        assert_text(out.text, cases[i][1], cases[i][0]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_login_is_clear_where_no_other_part_can_have_a_piece_of_it),
        cmocka_unit_test(a_host_is_letters_digits_and_few_signs),
        cmocka_unit_test(an_escape_becomes_its_byte),
        arena_test(what_a_parameter_cannot_have_is_encoded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
