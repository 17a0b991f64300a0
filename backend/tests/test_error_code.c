#include "unit.h"

#include "domain/error_code.h"

static void sentences_and_their_codes(void **state)
{
    static const struct {
        const char *sentence, *code;
    } cases[] = {
        {"not found", "not_found"},
        {"persona 1b4e28ba-2fa1-11d2-883f-0016d3cca427 not found", "persona_not_found"},
        {"llm draft failed: provider answered 500", "llm_draft_failed"},
        {"name must be <= 80 chars", "name_must_be_80_chars"},
        {"unknown field \"x\"", "unknown_field"},
        {"unknown field \"a: b\" here", "unknown_field_here"},
        {"unknown field \"", "unknown_field"},
        {"signup_required", "signup_required"},
        {"persona_id is invalid", "persona_id_is_invalid"},
        {"Request Timed OUT", "request_timed_out"},
        {"request body must contain a single JSON object", "request_body_must_contain_a_single_json_object"},
        {"preferred_language must be tr or en", "preferred_language_must_be_tr_or_en"},
        {"unsupported job type: x", "unsupported_job_type"},
        {"e-posta çok uzun", "e_posta_ok_uzun"},
        {"", "error"},
        {": x", "error"},
        {"…", "error"},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_text(error_code(*state, cases[i].sentence), cases[i].code, cases[i].sentence);
}

int main(void)
{
    const struct CMUnitTest tests[] = {arena_test(sentences_and_their_codes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
