/* What is shown of a provider's own words, and what never is. */
#include "unit.h"

#include "llm/words.h"

static const char said[] = "Ayla\nShe keeps a secret garden behind the mill.\nÖlçmeden kesmez.\n";

static void only_the_providers_own_words_are_shown(void **state)
{
    static const struct {
        struct provider_error error;
        const char *want;
    } rows[] = {
        {{"Unsupported parameter: 'max_tokens'", "unsupported_parameter", "max_tokens"},
         "Unsupported parameter: 'max_tokens' (unsupported_parameter, max_tokens)"},
        {{"The model `gpt-4o-mini-2024-07-18` does not exist", "model_not_found", NULL},
         "The model `gpt-4o-mini-2024-07-18` does not exist (model_not_found)"},
        {{"Over\n  capacity", NULL, NULL}, "Over capacity"},
        {{NULL, "rate_limit_exceeded", NULL}, "(rate_limit_exceeded)"},
        {{NULL, NULL, NULL}, NULL},
        {{"", "", ""}, NULL},
        /* the key, and what looks like one */
        {{"Incorrect API key provided: own-key-77. You can", NULL, NULL}, "Incorrect API key provided: … You can"},
        {{"Incorrect API key provided: sk-proj-abcd.", "invalid_api_key", NULL},
         "Incorrect API key provided: … (invalid_api_key)"},
        {{"Key abcd****wxyz is no key", NULL, NULL}, "Key … is no key"},
        {{"Bad", "own-key-77", "x-own-key-77"}, "Bad"},
        /* what the user wrote */
        {{"Refused: 'She keeps a secret garden' is private", NULL, NULL}, "Refused: '…' is private"},
        {{"Refused: 'keeps a secret' is private", NULL, NULL}, "Refused: '…' is private"},
        {{"No gardening in a secret", NULL, NULL}, "No gardening in …"},
        {{"Ayla sees ölçmeden, not Ölçmeden", NULL, NULL}, "Ayla sees ölçmeden, not …"},
        {{"no name at all", "with a blank", "<script>"}, "no name at all"},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_text(words_of_error(&rows[i].error, "own-key-77", said, *state), rows[i].want, rows[i].want);
}

static void a_long_message_is_cut(void **state)
{
    const struct provider_error error = {.message = repeated(*state, "word ", 1000), .code = "long"};
    const char *words = words_of_error(&error, "", said, *state);
    assert_in_range(strlen(words), 100, WORDS_SIZE - 1);
    assert_string_equal(words + strlen(words) - 6, "(long)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {arena_test(only_the_providers_own_words_are_shown),
                                       arena_test(a_long_message_is_cut)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
