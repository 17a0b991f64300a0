/* The provider over HTTP against canned answers: retries, what a call ends with, the request,
 * and what operators see. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>
#undef fail /* base.h has one of its own */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "canned_server.h"
#include "llm/report.h"
#include "llm_world.h"

static struct config openai_config(const char *url)
{
    return (struct config){.llm_provider = PROVIDER_OPENAI,
                           .openai_base_url = url,
                           .openai_api_key = "key-123",
                           .openai_model = "test-model",
                           .openai_temperature = "",
                           .openai_reasoning_effort = "",
                           .openai_extra_body = "",
                           .openai_timeout = 20000,
                           .openai_max_retries = 2,
                           .openai_retry_base = 60,
                           .llm_breaker_failures = 1000000};
}

#define SAYS(content)                                                           \
    "{\"choices\":[{\"message\":{\"role\":\"assistant\",\"content\":\"" content \
    "\"}}],\"usage\":{\"prompt_tokens\":100,\"completion_tokens\":7}}"
#define GOOD {.status = 200, .body = SAYS(" A fine text.\\n")}
#define REFUSES(param) \
    {.status = 400, .body = "{\"error\":{\"code\":\"unsupported_parameter\",\"param\":\"" param "\"}}"}
#define NO_ROOM {.status = 200, .body = "{\"choices\":[{\"finish_reason\":\"length\",\"message\":{\"content\":\"\"}}]}"}
#define TOO_LONG {.status = 200, .body = SAYS("Padded"), .padding = 1100 * 1024}

/* clang-format off */
static const struct scene {
    const char *name;
    struct step steps[MAX_STEPS];
    int attempts;
    enum llm_status status;
    const char *error; /* or, where it went well, the text */
    uint64_t retry_after_ms;
} scenes[] = {
    {"good", {GOOD}, 1, LLM_OK, "A fine text.", 0},
    {"500, then good", {{.status = 500}, GOOD}, 2, LLM_OK, "A fine text.", 0},
    {"503 twice, then good", {{.status = 503}, {.status = 503}, GOOD}, 3, LLM_OK, "A fine text.", 0},
    {"408, then good", {{.status = 408}, GOOD}, 2, LLM_OK, "A fine text.", 0},
    {"500 for ever", {{.status = 500}}, 3, LLM_FAILED, "provider answered 500", 0},
    {"broken JSON, then good", {{.status = 200, .body = "{\"choices\":[{\"mess"}, GOOD}, 2, LLM_OK, "A fine text.", 0},
    {"no object", {{.status = 200, .body = "[]"}}, 3, LLM_FAILED, "provider's answer could not be read", 0},
    {"choices of the wrong kind, then good", {{.status = 200, .body = "{\"choices\":[17]}"}, GOOD}, 2, LLM_OK, "A fine text.", 0},
    {"no choices, then good", {{.status = 200, .body = "{\"choices\":[]}"}, GOOD}, 2, LLM_OK, "A fine text.", 0},
    {"blank", {{.status = 200, .body = SAYS(" \\n ")}}, 3, LLM_FAILED, "provider gave no text", 0},
    {"null text, then good", {{.status = 200, .body = "{\"choices\":[{\"message\":{\"content\":null}}]}"}, GOOD}, 2, LLM_OK, "A fine text.", 0},
    {"429, at once", {{.status = 429, .header = "Retry-After: 0"}, GOOD}, 2, LLM_OK, "A fine text.", 0},
    {"429, a past date", {{.status = 429, .header = "Retry-After: Fri, 31 Dec 1999 23:59:59 GMT"}, GOOD}, 2, LLM_OK, "A fine text.", 0},
    {"429, milliseconds first", {{.status = 429, .header = "Retry-After: 60\r\nretry-after-ms: 120"}, GOOD}, 2, LLM_OK, "A fine text.", 0},
    {"429, two of them", {{.status = 429, .header = "Retry-After: 0\r\nRetry-After: 60"}, GOOD}, 2, LLM_OK, "A fine text.", 0},
    {"429, rubbish", {{.status = 429, .header = "Retry-After: soon"}, GOOD}, 2, LLM_OK, "A fine text.", 0},
    {"429, too late", {{.status = 429, .header = "Retry-After: 60"}, GOOD}, 1, LLM_BUSY, "provider answered 429", 60000},
    {"429, in a month", {{.status = 429, .header = "Retry-After: 2592000"}, GOOD}, 1, LLM_BUSY, "provider answered 429", 86400000},
    {"429 for ever", {{.status = 429, .header = "retry-after-ms: 70"}}, 3, LLM_FAILED, "provider answered 429", 70},
    {"another field, then good", {REFUSES("max_tokens"), GOOD}, 2, LLM_OK, "A fine text.", 0},
    {"everything by and by", {REFUSES("max_tokens"), REFUSES("temperature"), REFUSES("max_completion_tokens"), REFUSES("messages[0].role"), GOOD}, 5, LLM_OK, "A fine text.", 0},
    {"the model", {REFUSES("model"), GOOD}, 1, LLM_MISCONFIGURED, "provider answered 400", 0},
    {"another's parameter", {REFUSES("messages[1].content"), GOOD}, 1, LLM_REFUSED, "provider answered 400", 0},
    {"no room, then good", {NO_ROOM, GOOD}, 2, LLM_OK, "A fine text.", 0},
    {"no room for ever", {NO_ROOM}, 5, LLM_FAILED, "provider gave no text within the bound on tokens", 0},
    {"400", {{.status = 400}, GOOD}, 1, LLM_REFUSED, "provider answered 400", 0},
    {"413", {{.status = 413}, GOOD}, 1, LLM_REFUSED, "provider answered 413", 0},
    {"422", {{.status = 422}, GOOD}, 1, LLM_REFUSED, "provider answered 422", 0},
    {"401", {{.status = 401}, GOOD}, 1, LLM_MISCONFIGURED, "provider answered 401", 0},
    {"404", {{.status = 404}, GOOD}, 1, LLM_MISCONFIGURED, "provider answered 404", 0},
    {"a redirect", {{.status = 307, .header = "Location: /v1/chat/completions"}, GOOD}, 1, LLM_MISCONFIGURED, "provider answered 307", 0},
    {"hangs", {{.how = HANG}}, 1, LLM_LATE, "provider did not answer in time", 0},
    {"too long, then good", {TOO_LONG, GOOD}, 2, LLM_OK, "A fine text.", 0},
    {"too long for ever", {TOO_LONG}, 3, LLM_FAILED, "provider's answer could not be read", 0},
    {"cut off, then good", {{.how = CUT, .status = 200, .body = SAYS("Half")}, GOOD}, 2, LLM_OK, "A fine text.", 0},
    {"cut off for ever", {{.how = CUT, .status = 200, .body = SAYS("Half")}}, 3, LLM_FAILED, "provider's answer could not be read", 0},
    {"closes, then good", {{.how = CLOSE}, GOOD}, 2, LLM_OK, "A fine text.", 0},
    {"closes for ever", {{.how = CLOSE}}, 3, LLM_FAILED, "provider could not be reached", 0},
};
/* clang-format on */

/* How often the provider was asked and what the call came to. How long the pauses last:
 * test_verdict.c. */
static void check_scene(const struct scene *scene)
{
    enum { DEADLINE_MS = 1500 };
    print_message("    %s\n", scene->name);
    struct server *server = server_start(scene->steps, steps_count(scene->steps));
    struct config config = openai_config(server->url);
    struct world *world = world_new(&config, 4);
    generate(world, DEADLINE_MS);
    assert_int_equal(world->ended, 0);
    wait_for(world, 1);
    const struct outcome *outcome = &world->outcomes[0];
    assert_string_equal(outcome->status == LLM_OK ? outcome->text : outcome->error, scene->error);
    assert_int_equal(outcome->status, scene->status);
    assert_int_equal(server->requests, scene->attempts);
    assert_int_equal(outcome->retry_after_ms, scene->retry_after_ms);
    world_free(world);
    server_stop(server);
}

static void test_scenes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(scenes); i++)
        check_scene(&scenes[i]);
}

static void test_the_timeout_of_the_setting_ends_a_call(void **state)
{
    (void)state;
    struct server *server = server_start(&(struct step){.how = HANG}, 1);
    struct config config = openai_config(server->url);
    config.openai_timeout = 100;
    struct world *world = world_new(&config, 4);
    generate(world, 10000);
    wait_for(world, 1);
    assert_int_equal(world->outcomes[0].status, LLM_LATE);
    assert_in_range(world->outcomes[0].took_ms, 99, 2000);
    assert_int_equal(server->requests, 1);
    world_free(world);
    server_stop(server);
}

/* The rest of a time that an earlier call has used. */
static void test_a_short_rest_says_nothing_of_the_provider(void **state)
{
    (void)state;
    struct server *server = server_start(&(struct step){.how = HANG}, 1);
    struct config config = openai_config(server->url);
    config.llm_breaker_failures = 1;
    struct world *world = world_new(&config, 4);
    world->used_ms = 500;
    generate(world, 100);
    wait_for(world, 1);
    assert_int_equal(world->outcomes[0].status, LLM_LATE);
    assert_int_equal(series("llm_breaker_state{provider=\"openai\"} "), 0);
    world_free(world);
    server_stop(server);
}

static void test_nobody_listens(void **state)
{
    (void)state;
    struct server *server = server_start(&(struct step)GOOD, 1);
    struct config config = openai_config(server->url);
    char url[64];
    snprintf(url, sizeof url, "%s", server->url);
    config.openai_base_url = url;
    server_stop(server);
    struct world *world = world_new(&config, 4);
    generate(world, 2000);
    wait_for(world, 1);
    assert_int_equal(world->outcomes[0].status, LLM_FAILED);
    assert_string_equal(world->outcomes[0].error, "provider could not be reached");
    world_free(world);
}

static void test_the_request(void **state)
{
    (void)state;
    static const char *const tails[] = {"", "/", "/v1", "/v1/", "//"};
    for (size_t i = 0; i < COUNT(tails); i++) {
        struct server *server = server_start(&(struct step)GOOD, 1);
        char url[96];
        snprintf(url, sizeof url, "%s%s", server->url, tails[i]);
        struct config config = openai_config(url);
        config.openai_api_key = i == 0 ? "" : "key-123";
        struct world *world = world_new(&config, 4);
        generate(world, 2000);
        wait_for(world, 1);
        assert_int_equal(world->outcomes[0].status, LLM_OK);
        assert_ptr_equal(strstr(server->last, "POST /v1/chat/completions HTTP/1.1\r\n"), server->last);
        assert_non_null(strstr(server->last, "\r\nContent-Type: application/json\r\n"));
        assert_int_equal(strstr(server->last, "\r\nAuthorization: Bearer key-123\r\n") != NULL, i > 0);
        assert_int_equal(strstr(server->last, "Authorization") != NULL, i > 0);
        assert_non_null(
            strstr(server->last, "{\"model\":\"test-model\",\"messages\":[{\"role\":\"system\",\"content\":\""));
        assert_non_null(strstr(server->last, "Builds \\\"small\\\" things"));
        assert_non_null(strstr(server->last, "\"max_tokens\":500,\"temperature\":0.9}"));
        world_free(world);
        server_stop(server);
    }
}

static void test_a_long_text_is_cut_at_a_sentence(void **state)
{
    (void)state;
    struct server *server = server_start(
        &(struct step){.status = 200, .body = SAYS("Önce küçük bir adım. Sonra çok daha uzun olan ikinci cümle.")}, 1);
    struct config config = openai_config(server->url);
    struct world *world = world_new(&config, 4);
    brief.max_chars = 40;
    generate(world, 2000);
    wait_for(world, 1);
    brief.max_chars = 500;
    assert_string_equal(world->outcomes[0].text, "Önce küçük bir adım.");
    world_free(world);
    server_stop(server);
}

static void test_connections_are_reused(void **state)
{
    (void)state;
    struct server *server = server_start(&(struct step)GOOD, 1);
    struct config config = openai_config(server->url);
    struct world *world = world_new(&config, 1);
    for (int i = 1; i <= 4; i++) {
        generate(world, 2000);
        wait_for(world, i);
    }
    assert_int_equal(server->requests, 4);
    assert_int_equal(server->connections, 1);
    world_free(world);
    server_stop(server);
}

static void test_a_connection_that_was_late_is_not_used_again(void **state)
{
    (void)state;
    struct server *server = server_start((struct step[]){GOOD, {.how = HANG}, GOOD}, 3);
    struct config config = openai_config(server->url);
    struct world *world = world_new(&config, 1);
    for (int i = 1; i <= 3; i++) {
        generate(world, i == 2 ? 100 : 2000);
        wait_for(world, i);
        assert_int_equal(world->outcomes[i - 1].status, i == 2 ? LLM_LATE : LLM_OK);
    }
    assert_int_equal(server->requests, 3);
    assert_int_equal(server->connections, 2);
    world_free(world);
    server_stop(server);
}

static void test_dropped_and_left_calls_close_their_connections(void **state)
{
    (void)state;
    struct server *server = server_start(&(struct step){.how = HANG}, 1);
    struct config config = openai_config(server->url);
    struct world *world = world_new(&config, 2);
    struct llm_call *call = generate(world, 10000);
    while (server->requests < 1)
        run_for(world, 5);
    llm_drop(call);
    generate(world, 10000);
    while (server->requests < 2)
        run_for(world, 5);
    world_free(world);
    server_stop(server); /* returns, so both connections were closed */
}

static void test_a_pausing_call_can_be_dropped(void **state)
{
    (void)state;
    struct server *server = server_start(&(struct step){.status = 429, .header = "Retry-After: 2"}, 1);
    struct config config = openai_config(server->url);
    struct world *world = world_new(&config, 1);
    struct llm_call *call = generate(world, 10000);
    while (server->requests < 1)
        run_for(world, 5);
    run_for(world, 50);
    assert_int_equal(server->requests, 1);
    llm_drop(call);
    assert_true(page_has("llm_in_flight{provider=\"openai\"} 0\n"));
    assert_int_equal(world->ended, 0);
    world_free(world);
    server_stop(server);
}

/* The first call hangs with the one provider and the second waits for it; from the change on,
 * calls go to the other. */
static void test_the_provider_may_change_between_calls(void **state)
{
    (void)state;
    struct server *server = server_start(&(struct step){.how = HANG}, 1);
    struct config config = openai_config(server->url);
    struct world *world = world_new(&config, 1);
    struct llm_call *hanging = generate(world, 10000);
    generate(world, 10000);
    while (server->requests < 1)
        run_for(world, 5);
    config.llm_provider = PROVIDER_MOCK;
    wait_for(world, 1);
    assert_int_equal(world->order[0], 1);
    assert_int_equal(world->outcomes[1].status, LLM_OK);
    assert_in_range(world->outcomes[1].took_ms, 0, 900);
    assert_true(page_has("llm_in_flight{provider=\"openai\"} 1\n"));
    assert_true(page_has("llm_in_flight{provider=\"mock\"} 0\n"));
    config.llm_provider = PROVIDER_OPENAI;
    llm_drop(hanging);
    generate(world, 10000);
    while (server->requests < 2)
        run_for(world, 5);
    world_free(world);
    server_stop(server);
}

#define CALLS(status) "llm_requests_total{operation=\"reply\",provider=\"openai\",status=\"" status "\"} "
#define TOKENS(kind) "llm_tokens_total{provider=\"openai\",kind=\"" kind "\"} "

static void test_calls_and_tokens_are_counted(void **state)
{
    (void)state;
    struct server *server =
        server_start((struct step[]){{.status = 200, .body = SAYS("")}, GOOD, {.status = 400}, {.how = HANG}}, 4);
    struct config config = openai_config(server->url);
    struct world *world = world_new(&config, 1);
    int64_t prompt = series(TOKENS("prompt")), completion = series(TOKENS("completion"));
    brief.operation = LLM_REPLY;
    for (int i = 1; i <= 3; i++) {
        generate(world, i == 3 ? 100 : 2000);
        wait_for(world, i);
    }
    brief.operation = LLM_POST_DRAFT;
    assert_int_equal(series(CALLS("ok")), 1);
    assert_int_equal(series(CALLS("error")), 1);
    assert_int_equal(series(CALLS("timeout")), 1);
    assert_int_equal(series(CALLS("rejected")), 0);
    assert_int_equal(series(TOKENS("prompt")), prompt + 200); /* an empty text costs as well */
    assert_int_equal(series(TOKENS("completion")), completion + 14);
    assert_int_equal(series("llm_request_duration_seconds_count{operation=\"reply\",provider=\"openai\"} "), 3);
    world_free(world);
    server_stop(server);
}

static void test_implausible_usage_is_not_counted(void **state)
{
    (void)state;
    static const char body[] =
        "{\"choices\":[{\"message\":{\"content\":\"x\"}}],\"usage\":{\"prompt_tokens\":-5,\"completion_tokens\":1e300}"
        "}";
    struct server *server = server_start(&(struct step){.status = 200, .body = body}, 1);
    struct config config = openai_config(server->url);
    struct world *world = world_new(&config, 1);
    int64_t prompt = series(TOKENS("prompt")), completion = series(TOKENS("completion"));
    generate(world, 2000);
    wait_for(world, 1);
    assert_int_equal(world->outcomes[0].status, LLM_OK);
    assert_int_equal(series(TOKENS("prompt")), prompt);
    assert_int_equal(series(TOKENS("completion")), completion);
    world_free(world);
    server_stop(server);
}

/* A log that wasn't started writes at once. */
static void test_a_failed_attempt_is_logged_without_secrets(void **state)
{
    (void)state;
    static char text[64 * 1024];
    struct step echo = {.status = 500, .body = "{\"error\":{\"message\":\"key-123 Builds\",\"code\":\"key-123\"}}"};
    struct server *server = server_start((struct step[]){{.how = CLOSE}, echo, GOOD}, 3);
    struct config config = openai_config(server->url);
    struct world *world = world_new(&config, 1);
    FILE *file = tmpfile();
    fflush(stdout);
    int terminal = dup(STDOUT_FILENO);
    dup2(fileno(file), STDOUT_FILENO);
    generate(world, 2000);
    wait_for(world, 1);
    ssize_t len = pread(fileno(file), text, sizeof text - 1, 0);
    dup2(terminal, STDOUT_FILENO);
    close(terminal);
    fclose(file);
    assert_true(len > 0);
    assert_non_null(strstr(text, "\"level\":\"warn\",\"msg\":\"llm_attempt_failed\""));
    assert_non_null(strstr(text,
                           "\"operation\":\"post_draft\",\"provider\":\"openai\",\"attempt\":1,\"error\":\"provider "
                           "could not be reached\""));
    assert_non_null(strstr(text, "\"detail\":\"Empty reply from server\""));
    assert_non_null(strstr(
        text,
        "\"attempt\":2,\"status\":500,\"error\":\"provider answered 500\",\"cause\":\"outage\",\"detail\":\"… …\","));
    assert_non_null(strstr(text, "\"request_id\":\"req-1\",\"job_id\":42,\"latency_ms\":"));
    assert_null(strstr(text, "\"attempt\":3"));
    assert_null(strstr(text, "key-123"));
    assert_null(strstr(text, "Builds"));
    world_free(world);
    server_stop(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_scenes),
                                       cmocka_unit_test(test_the_timeout_of_the_setting_ends_a_call),
                                       cmocka_unit_test(test_a_short_rest_says_nothing_of_the_provider),
                                       cmocka_unit_test(test_nobody_listens),
                                       cmocka_unit_test(test_the_request),
                                       cmocka_unit_test(test_a_long_text_is_cut_at_a_sentence),
                                       cmocka_unit_test(test_connections_are_reused),
                                       cmocka_unit_test(test_a_connection_that_was_late_is_not_used_again),
                                       cmocka_unit_test(test_dropped_and_left_calls_close_their_connections),
                                       cmocka_unit_test(test_a_pausing_call_can_be_dropped),
                                       cmocka_unit_test(test_the_provider_may_change_between_calls),
                                       cmocka_unit_test(test_calls_and_tokens_are_counted),
                                       cmocka_unit_test(test_implausible_usage_is_not_counted),
                                       cmocka_unit_test(test_a_failed_attempt_is_logged_without_secrets)};
    llm_metrics();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
