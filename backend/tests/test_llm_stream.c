/* Words as they come: what is handed on of a stream, and what never is. */
#include "unit.h"

#include "canned_server.h"
#include "llm/report.h"
#include "llm_world.h"

#define DELTA(content) "data: {\"choices\":[{\"delta\":{\"content\":\"" content "\"}}]}\n\n"
#define END "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"
#define WHOLE "{\"choices\":[{\"message\":{\"content\":\"Fine.\"}}]}"
#define STREAM(content) {.status = 200, .header = "Content-Type: text/event-stream", .body = content END}
#define HALF(content) {.how = CUT, .status = 200, .header = "Content-Type: text/event-stream", .body = content}

static struct config streaming_config(const char *url)
{
    return (struct config){.llm_provider = PROVIDER_OPENAI,
                           .openai_base_url = url,
                           .openai_api_key = "",
                           .openai_model = "m",
                           .openai_temperature = "",
                           .openai_reasoning_effort = "",
                           .openai_extra_body = "",
                           .openai_timeout = 20000,
                           .openai_max_retries = 2,
                           .openai_retry_base = 60,
                           .llm_breaker_failures = 1000000};
}

/* clang-format off */
static const struct scene {
    const char *name;
    struct step steps[MAX_STEPS];
    int requests;
    const char *text, *heard; /* of the second call: the first one's model isn't known yet */
    int restarts;
} scenes[] = {
    {"words", {STREAM(DELTA("One.")), STREAM(DELTA("Fine") DELTA(" day."))}, 2, "Fine day.", "Fine day.", 0},
    {"a block", {STREAM(DELTA("One.")), STREAM(DELTA("<th") DELTA("ink>LEAK</thi") DELTA("nk>Fine."))}, 2, "Fine.", "Fine.", 0},
    {"a block that begins late", {STREAM(DELTA("One.")), STREAM(DELTA("Fine. <") DELTA("think>LEAK"))}, 2, "Fine.", "Fine.", 0},
    {"a quote around all", {STREAM(DELTA("One.")), STREAM(DELTA("\\\"Fine") DELTA(" day.\\\""))}, 2, "Fine day.", "", 0},
    {"no opening tag", {STREAM(DELTA("LEAK</think>One.")), STREAM(DELTA("LEAK ") DELTA("LEAK</think>") DELTA("Fine."))}, 2, "Fine.", "Fine.", 0},
    {"cut off, then another text", {STREAM(DELTA("One.")), HALF(DELTA("Half a te")), STREAM(DELTA("Fine."))}, 3, "Fine.", "Fine.", 1},
    {"a server that doesn't stream", {STREAM(DELTA("One.")), {.status = 200, .body = WHOLE}}, 2, "Fine.", "", 0},
    {"a server that refuses it", {STREAM(DELTA("One.")), {.status = 400, .body = "{\"error\":{\"param\":\"stream\"}}"}, {.status = 200, .body = WHOLE}}, 3, "Fine.", "", 0},
};
/* clang-format on */

static void check_scene(const struct scene *scene)
{
    print_message("    %s\n", scene->name);
    struct server *server = server_start(scene->steps, steps_count(scene->steps));
    struct config config = streaming_config(server->url);
    struct world *world = world_new(&config, 1);
    world->listens = true;
    generate(world, 3000);
    wait_for(world, 1);
    assert_string_equal(world->outcomes[0].text, "One.");
    assert_string_equal(world->outcomes[0].heard, "");
    generate(world, 3000);
    wait_for(world, 2);
    const struct outcome *second = &world->outcomes[1];
    assert_int_equal(second->status, LLM_OK);
    assert_string_equal(second->text, scene->text);
    assert_string_equal(second->heard, scene->heard);
    assert_int_equal(second->restarts, scene->restarts);
    assert_int_equal(server->requests, scene->requests);
    world_free(world);
    server_stop(server);
}

static void what_is_handed_on_of_a_stream(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(scenes); i++)
        check_scene(&scenes[i]);
}

static void streams_are_asked_for_where_words_are_wanted(void **state)
{
    (void)state;
    static const struct {
        int64_t setting;
        bool listens, streamed;
    } rows[] = {{STREAM_AUTO, false, false}, {STREAM_AUTO, true, true},    {STREAM_ALWAYS, false, true},
                {STREAM_NEVER, true, false}, {STREAM_NEVER, false, false}, {STREAM_ALWAYS, true, true}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct server *server = server_start(&(struct step)STREAM(DELTA("Fine.")), 1);
        struct config config = streaming_config(server->url);
        config.openai_stream = rows[i].setting;
        config.openai_max_retries = 0;
        struct world *world = world_new(&config, 1);
        world->listens = rows[i].listens;
        generate(world, 2000);
        wait_for(world, 1);
        assert_int_equal(strstr(server->last, "\"stream\":true") != NULL, rows[i].streamed);
        assert_int_equal(world->outcomes[0].status == LLM_OK, rows[i].streamed);
        world_free(world);
        server_stop(server);
    }
}

static void the_mock_speaks_word_by_word(void **state)
{
    (void)state;
    const struct config config = {.llm_provider = PROVIDER_MOCK, .mock_latency = 200, .llm_breaker_failures = 10};
    struct world *world = world_new(&config, 1);
    world->listens = true;
    generate(world, 5000);
    wait_for(world, 1);
    const struct outcome *outcome = &world->outcomes[0];
    assert_string_equal(outcome->heard, outcome->text);
    assert_true(outcome->pieces > 10);
    assert_in_range(outcome->took_ms, 100, 2000);
    struct llm_call *call = generate(world, 5000);
    run_for(world, 80);
    assert_true(world->outcomes[1].pieces > 0);
    llm_drop(call);
    world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_handed_on_of_a_stream),
                                       cmocka_unit_test(streams_are_asked_for_where_words_are_wanted),
                                       cmocka_unit_test(the_mock_speaks_word_by_word)};
    llm_metrics();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
