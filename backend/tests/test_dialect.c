/* What is learnt from refusals in the words that servers use, and when nothing is. */
#include "unit.h"

#include "llm/dialect.h"

static struct config config_for(const char *model)
{
    return (struct config){.openai_base_url = "http://127.0.0.1",
                           .openai_model = model,
                           .openai_temperature = "",
                           .openai_extra_body = "{\"top_k\":1}"};
}

static const struct {
    const char *param, *message;
    unsigned sent;
    enum dialect_fault fault;
    unsigned learnt;
} rows[] = {
    /* OpenAI */
    {"max_tokens", "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens'",
     0, FAULT_LEARNT, DIALECT_COMPLETION_TOKENS},
    {"temperature", "Unsupported value: 'temperature' does not support 0.7 with this model.", 0, FAULT_LEARNT,
     DIALECT_NO_TEMPERATURE},
    {"messages[0].role", "Unsupported value: 'messages[0].role' does not support 'system' with this model.", 0,
     FAULT_LEARNT, DIALECT_NO_SYSTEM},
    {"max_tokens", "max_tokens is too large: 16664. This model supports at most 4096 completion tokens",
     DIALECT_SOME_ROOM | DIALECT_MORE_ROOM, FAULT_LEARNT, DIALECT_NO_ROOM},
    {"max_tokens", "max_tokens is too large: 1024.", 0, FAULT_LEARNT, DIALECT_UNBOUNDED},
    {"messages", "This model's maximum context length is 8192 tokens.", 0, FAULT_ELSEWHERE, 0},
    {"model", "invalid model ID", 0, FAULT_SET, 0},
    {"reasoning_effort", "Unsupported value", 0, FAULT_SET, 0},
    {"top_k", "Unknown parameter", 0, FAULT_SET, 0},
    {"messages[1].content", "Invalid content", 0, FAULT_ELSEWHERE, 0},
    /* without a param: LiteLLM, vLLM, llama.cpp, Mistral, Groq, FastAPI */
    {NULL, "litellm.UnsupportedParamsError: gpt-5 models don't support temperature=0.7", 0, FAULT_LEARNT,
     DIALECT_NO_TEMPERATURE},
    {NULL, "Unsupported parameter(s): `max_tokens`. Use max_completion_tokens", 0, FAULT_LEARNT,
     DIALECT_COMPLETION_TOKENS},
    {"", "property 'max_completion_tokens' is unsupported", DIALECT_COMPLETION_TOKENS, FAULT_LEARNT, DIALECT_UNBOUNDED},
    {NULL, "System role not supported", 0, FAULT_LEARNT, DIALECT_NO_SYSTEM},
    {NULL, "'max_tokens' is too large: 1024. This model's maximum context length is 2048 tokens", 0, FAULT_LEARNT,
     DIALECT_UNBOUNDED},
    {NULL, "max_tokens_to_sample: field required", 0, FAULT_ELSEWHERE, 0},
    {NULL, "Conversation roles must alternate", 0, FAULT_ELSEWHERE, 0},
    {NULL, NULL, 0, FAULT_ELSEWHERE, 0},
    {"stream_options", "Unknown parameter", 0, FAULT_LEARNT, DIALECT_NO_STREAM_USAGE},
    {"stream", "Your organization must be verified to stream this model.", 0, FAULT_LEARNT, DIALECT_NO_STREAM},
    {NULL, "`stream` is not supported", 0, FAULT_LEARNT, DIALECT_NO_STREAM},
    /* what was left out already */
    {"temperature", "still unsupported", DIALECT_NO_TEMPERATURE, FAULT_SET, 0},
    {"messages[0].role", NULL, DIALECT_NO_SYSTEM, FAULT_SET, 0},
    {"max_completion_tokens", NULL, DIALECT_COMPLETION_TOKENS | DIALECT_UNBOUNDED, FAULT_SET, 0},
};

static void each_refusal_teaches_what_it_names(void **state)
{
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct config config = config_for(arena_printf(*state, "row %zu", i));
        const struct dialect_refusal refusal = {rows[i].param, rows[i].message};
        struct dialect *dialect = dialect_of(&config);
        enum dialect_fault fault = dialect_learn(dialect, rows[i].sent, &refusal);
        if (fault != rows[i].fault || dialect_traits(dialect) != rows[i].learnt)
            fail_msg("row %zu: fault %d, traits %u", i, fault, dialect_traits(dialect));
    }
}

static void it_is_known_to_who_asks_the_same_server_and_model(void **state)
{
    (void)state;
    struct config config = config_for("known");
    struct dialect *dialect = dialect_of(&config);
    assert_int_equal(dialect_learn(dialect, 0, &(struct dialect_refusal){"temperature", NULL}), FAULT_LEARNT);
    assert_ptr_equal(dialect_of(&config), dialect);
    /* a request that was under way meanwhile is sent again, too */
    assert_int_equal(dialect_learn(dialect, 0, &(struct dialect_refusal){"temperature", NULL}), FAULT_LEARNT);
    config.openai_model = "another";
    assert_int_equal(dialect_traits(dialect_of(&config)), 0);
    config = config_for("known");
    config.openai_base_url = "http://127.0.0.2";
    assert_int_equal(dialect_traits(dialect_of(&config)), 0);
}

static void what_a_setting_fixes_is_not_learnt(void **state)
{
    (void)state;
    struct config config = config_for("fixed");
    config.openai_tokens_field = TOKENS_FIELD_COMPLETION;
    config.openai_temperature = "1";
    struct dialect *dialect = dialect_of(&config);
    assert_int_equal(dialect_traits(dialect), DIALECT_COMPLETION_TOKENS);
    assert_int_equal(dialect_learn(dialect, DIALECT_COMPLETION_TOKENS, &(struct dialect_refusal){"temperature", NULL}),
                     FAULT_SET);
    assert_int_equal(
        dialect_learn(dialect, DIALECT_COMPLETION_TOKENS, &(struct dialect_refusal){"max_completion_tokens", NULL}),
        FAULT_SET);
    assert_int_equal(dialect_traits(dialect), DIALECT_COMPLETION_TOKENS);
    config = config_for("none at all");
    config.openai_tokens_field = TOKENS_FIELD_NONE;
    config.openai_temperature = "none";
    assert_int_equal(dialect_traits(dialect_of(&config)), DIALECT_UNBOUNDED | DIALECT_NO_TEMPERATURE);
}

static void room_grows_twice_and_no_more(void **state)
{
    const struct config config = config_for("roomy");
    struct dialect *dialect = dialect_of(&config);
    assert_string_equal(dialect_words(dialect, *state), "");
    assert_true(dialect_learn_room(dialect, 0));
    assert_true(dialect_learn_room(dialect, 0)); /* another request of before */
    assert_int_equal(dialect_traits(dialect), DIALECT_SOME_ROOM);
    assert_true(dialect_learn_room(dialect, DIALECT_SOME_ROOM));
    assert_false(dialect_learn_room(dialect, DIALECT_SOME_ROOM | DIALECT_MORE_ROOM));
    assert_false(dialect_learn_room(dialect, DIALECT_UNBOUNDED));
    assert_string_equal(dialect_words(dialect, *state), "room for reasoning, more room for reasoning");
    assert_int_equal(dialect_tokens(dialect_traits(dialect), 280), 16384 + 280);
}

int main(void)
{
    const struct CMUnitTest tests[] = {arena_test(each_refusal_teaches_what_it_names),
                                       cmocka_unit_test(it_is_known_to_who_asks_the_same_server_and_model),
                                       cmocka_unit_test(what_a_setting_fixes_is_not_learnt),
                                       arena_test(room_grows_twice_and_no_more)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
