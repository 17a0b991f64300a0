#include "unit.h"

#include "config/secret.h"

static void weak_secrets_are_told_by_their_weakness(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"", "is shorter than 32 bytes"},
        {"dev-secret-change-me", "is a known default"},
        {"8d1c63b0f97e42a58d1c63b0f97e42a", "is shorter than 32 bytes"},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "has fewer than 6 different bytes"},
        {"abcdeabcedabdceabdecacbdeabcdeacbde", "has fewer than 6 different bytes"},
        {"0123456789abcdef0123456789abcdef0123", "is a short text again and again"},
        {"my secret! my secret! my secret! my", "is a short text again and again"},
        {"abcdefghijklmnopqrstuvwxyz0123456789", "is made of sequences like 0123 or abcd"},
        {"zyxwvutsrqponmlkjihgfedcba9876543210", "is made of sequences like 0123 or abcd"},
        {"8d1c63b0f97e42a5aaaaaaaaaaaaaaaaaaaaaaaaaa", "is made of sequences like 0123 or abcd"},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_text(secret_weakness(cases[i][0]), cases[i][1], cases[i][0]);
}

static void strong_secrets_are_taken(void **state)
{
    (void)state;
    static const char *const strong[] = {
        "8d1c63b0f97e42a58d0c63b0f97e42a5",                                 /* 32 bytes, almost a repetition */
        "5b1f0e7c2a9d4863f1c07b5e92d8a4360be17f29c5d3a8f4617b0c9e2d5a8f31", /* openssl rand -hex 32 */
        "Zk3/9aXq+1mPvB7cYt0sLw2eRj5uHg8d",
        "a sentence that somebody chose with care",
    };
    for (size_t i = 0; i < COUNT(strong); i++)
        assert_null(secret_weakness(strong[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weak_secrets_are_told_by_their_weakness),
        cmocka_unit_test(strong_secrets_are_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
