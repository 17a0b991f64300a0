#include "unit.h"

#include "domain/account.h"

static void addresses_fold_ascii_alone(void **state)
{
    assert_text(account_email(*state, "Ada@Example.ORG"), "ada@example.org", "ASCII");
    assert_text(account_email(*state, "İ\u212A@x"), "İ\u212A@x", "other letters");
    assert_text(account_email_folded(*state, "İ\u212A@x"), "ik@x", "other letters");
}

static void addresses_that_an_account_may_have(void **state)
{
    static const char *const fit[] = {"a@b", "a b@c", "şükrü@örnek.tr"};
    static const char *const unfit[] = {"", "nobody", "a\nb@c", "a@b\u200B", "\u202Ea@b", "a@b\x7F"};
    for (size_t i = 0; i < COUNT(fit); i++)
        assert_true(account_email_is_fit(fit[i]));
    for (size_t i = 0; i < COUNT(unfit); i++)
        assert_false(account_email_is_fit(unfit[i]));
    assert_true(account_email_is_fit(repeated(*state, "@", EMAIL_MAX_BYTES)));
    assert_false(account_email_is_fit(repeated(*state, "@", EMAIL_MAX_BYTES + 1)));
}

static void common_passwords_are_known_in_any_case(void **state)
{
    static const char *const common[] = {"password", "PassWord",         "12345678", "qwertyuiop", "trustno1",
                                         "        ", "\t\t\t\t\t\t\t\t", "şşşş",     "🦊🦊",       "felicidade"};
    static const char *const others[] = {"correct horse battery",
                                         "password ",
                                         "passwor",
                                         "zzzzzzzy",
                                         "şşşx",
                                         "a password of nobody else's, and a long one"};
    for (size_t i = 0; i < COUNT(common); i++)
        if (!account_password_is_common(*state, common[i]))
            fail_msg("%s isn't common", common[i]);
    for (size_t i = 0; i < COUNT(others); i++)
        if (account_password_is_common(*state, others[i]))
            fail_msg("%s is common", others[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(addresses_fold_ascii_alone),
        arena_test(addresses_that_an_account_may_have),
        arena_test(common_passwords_are_known_in_any_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
