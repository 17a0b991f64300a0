/* OPENAI_*: which settings are usable, where they lead, and what they make of a request. */
#include "unit.h"

#include "llm/dialect.h"
#include "llm/openai.h"
#include "llm/openai_request.h"

static struct config usable_config(void)
{
    return (struct config){.openai_base_url = "http://127.0.0.1",
                           .openai_api_key = "key",
                           .openai_model = "m",
                           .openai_temperature = "",
                           .openai_reasoning_effort = "",
                           .openai_extra_body = ""};
}

static void unusable_ones_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *url, *key, *extra, *error;
    } rows[] = {
        {"ftp://127.0.0.1", "key", "", "OPENAI_BASE_URL must start with http:// or https://"},
        {"127.0.0.1:1234", "key", "", "OPENAI_BASE_URL must start with http:// or https://"},
        {"http://me:wo@rd@127.0.0.1", "key", "",
         "OPENAI_BASE_URL must have '@', '/', '?' and '#' in its user name or password percent-encoded"},
        {"http://127.0.0.1/v1?key=x", "key", "",
         "OPENAI_BASE_URL must end before a query or a fragment: leave out '?' or '#' and what follows"},
        {"http://127.0.0.1/#x", "key", "",
         "OPENAI_BASE_URL must end before a query or a fragment: leave out '?' or '#' and what follows"},
        {"http://127.0.0.1/v1 ", "key", "", "OPENAI_BASE_URL must have no blanks and visible ASCII characters only"},
        {"http://127.0.0.1/v1/chat/completions/", "key", "",
         "OPENAI_BASE_URL must end before /chat/completions, which is added"},
        {"https://api.openai.com", "", "", "OPENAI_API_KEY must be set for https://api.openai.com"},
        {"http://127.0.0.1", "key\r\nX-Evil: 1", "", "OPENAI_API_KEY must have visible ASCII characters only"},
        {"http://127.0.0.1", "", "[1]", "OPENAI_EXTRA_BODY must be a JSON object"},
        {"http://127.0.0.1", "", "{\"a\":", "OPENAI_EXTRA_BODY must be a JSON object"},
        {"http://127.0.0.1", "", "{\"stream\":true}",
         "OPENAI_EXTRA_BODY must not have \"stream\", which each request has already"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct config config = usable_config();
        struct err err;
        config.openai_base_url = rows[i].url;
        config.openai_api_key = rows[i].key;
        config.openai_extra_body = rows[i].extra;
        assert_false(openai_settings_are_usable(&config, &err));
        assert_text(err.text, rows[i].error, rows[i].url);
    }
}

static void v1_is_added_where_there_is_no_path(void **state)
{
    static const struct {
        const char *base, *want;
    } rows[] = {
        {"https://api.openai.com", "https://api.openai.com/v1/models"},
        {"http://127.0.0.1:11434/", "http://127.0.0.1:11434/v1/models"},
        {"http://127.0.0.1:11434//", "http://127.0.0.1:11434/v1/models"},
        {"http://127.0.0.1:11434/v1", "http://127.0.0.1:11434/v1/models"},
        {"http://127.0.0.1:11434/v1/", "http://127.0.0.1:11434/v1/models"},
        {"https://generativelanguage.googleapis.com/v1beta/openai/",
         "https://generativelanguage.googleapis.com/v1beta/openai/models"},
        {"https://open.bigmodel.cn/api/paas/v4", "https://open.bigmodel.cn/api/paas/v4/models"},
        {"http://me:word@[::1]:8080", "http://me:word@[::1]:8080/v1/models"},
        {"http://host/proxy", "http://host/proxy/models"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct config config = usable_config();
        struct err err;
        config.openai_base_url = rows[i].base;
        assert_true(openai_settings_are_usable(&config, &err));
        assert_text(openai_url(*state, rows[i].base, "/models"), rows[i].want, rows[i].base);
    }
}

static struct brief reply_brief(struct arena *arena)
{
    struct brief brief;
    struct err err;
    assert_true(brief_read(&brief, LLM_REPLY, "{\"persona\":{\"name\":\"Ayla\"}}", arena, &err));
    brief.max_chars = 280;
    return brief;
}

static const char *tail_of_request(struct arena *arena, const struct config *config, unsigned traits, bool stream)
{
    const struct brief brief = reply_brief(arena);
    struct buf body = openai_request(config, &brief, traits, stream, arena);
    const char *end = strstr(body.text, "}],");
    return end ? end + 2 : body.text;
}

static void a_request_is_what_settings_and_traits_say(void **state)
{
    const struct {
        const char *temperature, *effort, *extra;
        unsigned traits;
        const char *want;
    } rows[] = {
        {"", "", "", 0, ",\"max_tokens\":280,\"temperature\":0.7}"},
        {"", "", "", DIALECT_COMPLETION_TOKENS, ",\"max_completion_tokens\":280,\"temperature\":0.7}"},
        {"", "", "", DIALECT_UNBOUNDED | DIALECT_COMPLETION_TOKENS, ",\"temperature\":0.7}"},
        {"", "", "", DIALECT_NO_TEMPERATURE, ",\"max_tokens\":280}"},
        {"", "", "", DIALECT_SOME_ROOM, ",\"max_tokens\":2328,\"temperature\":0.7}"},
        {"", "", "", DIALECT_SOME_ROOM | DIALECT_MORE_ROOM, ",\"max_tokens\":16664,\"temperature\":0.7}"},
        {"", "", "", DIALECT_SOME_ROOM | DIALECT_NO_ROOM, ",\"max_tokens\":280,\"temperature\":0.7}"},
        {"1", "", "", 0, ",\"max_tokens\":280,\"temperature\":1}"},
        {"0.25", "low", "", 0, ",\"max_tokens\":280,\"temperature\":0.25,\"reasoning_effort\":\"low\"}"},
        {"", "", "{}", 0, ",\"max_tokens\":280,\"temperature\":0.7}"},
        {"", "", " {\"top_p\": 0.9, \"k\": {\"think\": false}} ", 0,
         ",\"max_tokens\":280,\"temperature\":0.7,\"top_p\":0.9,\"k\":{\"think\":false}}"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct config config = usable_config();
        config.openai_temperature = rows[i].temperature;
        config.openai_reasoning_effort = rows[i].effort;
        config.openai_extra_body = rows[i].extra;
        assert_text(tail_of_request(*state, &config, rows[i].traits, false), rows[i].want, rows[i].extra);
    }
}

static void a_stream_is_asked_for_with_its_usage(void **state)
{
    enum { BARE = DIALECT_UNBOUNDED | DIALECT_NO_TEMPERATURE };
    struct config config = usable_config();
    assert_text(tail_of_request(*state, &config, BARE, true),
                ",\"stream\":true,\"stream_options\":{\"include_usage\":true}}", "stream");
    assert_text(tail_of_request(*state, &config, BARE | DIALECT_NO_STREAM_USAGE, true), ",\"stream\":true}", "stream");
}

static void without_a_system_role_its_message_leads_the_users(void **state)
{
    const struct brief brief = reply_brief(*state);
    struct config config = usable_config();
    const char *with = openai_request(&config, &brief, 0, false, *state).text,
               *without = openai_request(&config, &brief, DIALECT_NO_SYSTEM, false, *state).text;
    assert_non_null(strstr(with, "\"role\":\"system\""));
    assert_null(strstr(without, "\"role\":\"system\""));
    const char *system = strstr(with, "\"content\":\"") + 11;
    const char *merged = strstr(without, "\"content\":\"") + 11;
    assert_int_equal(strncmp(system, merged, 60), 0);
    assert_non_null(strstr(merged, "Ayla"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unusable_ones_are_named), arena_test(v1_is_added_where_there_is_no_path),
        arena_test(a_request_is_what_settings_and_traits_say), arena_test(a_stream_is_asked_for_with_its_usage),
        arena_test(without_a_system_role_its_message_leads_the_users)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
