#include "unit.h"

#include "base/uuid.h"

static const struct sample {
    const char *text;
    bool valid;
} samples[] = {
    {"1b4e28ba-2fa1-11d2-883f-0016d3cca427", true},
    {"1B4E28BA-2FA1-41D2-A83F-0016D3CCA427", true},
    {"1b4e28ba-2fa1-51d2-bfff-0016d3cca427", true},
    {"1b4e28ba-2fa1-51d2-Bfff-0016d3cca427", true},
    {"", false},
    {"1b4e28ba-2fa1-01d2-883f-0016d3cca427", false},
    {"1b4e28ba-2fa1-61d2-883f-0016d3cca427", false},
    {"1b4e28ba-2fa1-11d2-783f-0016d3cca427", false},
    {"1b4e28ba-2fa1-11d2-c83f-0016d3cca427", false},
    {"00000000-0000-0000-0000-000000000000", false},
    {"1b4e28ba-2fa1-11d2-883f-0016d3cca42", false},
    {"1b4e28ba-2fa1-11d2-883f-0016d3cca4277", false},
    {"1b4e28ba-2fa1-11d2-883f-0016d3cca42g", false},
    {"1b4e28ba+2fa1-11d2-883f-0016d3cca427", false},
    {"{1b4e28ba-2fa1-11d2-883f-0016d3cca4}", false},
    {"1b4e28ba2fa111d2883f0016d3cca4270000", false},
    {"1b4e28ba-2fa1-11d2-883f-0016d3cca4ğ", false},
};

static void validity(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(samples); i++)
        if (uuid_valid(samples[i].text, strlen(samples[i].text)) != samples[i].valid)
            fail_msg("\"%s\" should be %s", samples[i].text, samples[i].valid ? "valid" : "invalid");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(validity)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
