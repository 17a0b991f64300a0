/* Slots, the queue, deadlines and drops, and the mock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>
#undef fail /* base.h has one of its own */

#include <string.h>

#include "base/clock.h"
#include "llm/report.h"
#include "llm_world.h"

static const struct config mock_config = {
    .llm_provider = PROVIDER_MOCK, .openai_timeout = 20000, .llm_breaker_failures = 1000000};

static void test_mock_writes_after_its_latency(void **state)
{
    (void)state;
    struct config config = mock_config;
    config.mock_latency = 60;
    struct world *world = world_new(&config, 4);
    generate(world, 1000);
    assert_int_equal(world->ended, 0);
    wait_for(world, 1);
    assert_int_equal(world->outcomes[0].status, LLM_OK);
    assert_non_null(strstr(world->outcomes[0].text, "Ayla"));
    assert_in_range(world->outcomes[0].took_ms, 59, 900);
    world_free(world);
}

static void test_mock_fails_as_told(void **state)
{
    (void)state;
    static const struct {
        enum mock_failure failure;
        double rate;
        enum llm_status status;
        const char *error;
    } rows[] = {
        {MOCK_TIMEOUT, 0, LLM_LATE, "provider did not answer in time"},
        {MOCK_STATUS_429, 0, LLM_FAILED, "provider answered 429"},
        {MOCK_STATUS_500, 1, LLM_FAILED, "provider answered 500"},
        {MOCK_BAD_JSON, 0, LLM_FAILED, "provider's answer could not be read"},
        {MOCK_EMPTY, 0, LLM_FAILED, "provider gave no text"},
        {MOCK_REFUSED, 1, LLM_REFUSED, "provider answered 400"},
        {MOCK_OK, 1, LLM_FAILED, "provider answered 500"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct config config = mock_config;
        config.mock_failure = rows[i].failure;
        config.mock_failure_rate = rows[i].rate;
        config.openai_max_retries = 5;
        struct world *world = world_new(&config, 4);
        generate(world, 80);
        wait_for(world, 1);
        assert_int_equal(world->outcomes[0].status, rows[i].status);
        assert_string_equal(world->outcomes[0].error, rows[i].error);
        if (rows[i].status == LLM_LATE)
            assert_in_range(world->outcomes[0].took_ms, 79, 900);
        world_free(world);
    }
}

static void test_mock_fails_by_share(void **state)
{
    (void)state;
    struct config config = mock_config;
    config.mock_failure = MOCK_EMPTY;
    config.mock_failure_rate = 0.5;
    struct world *world = world_new(&config, 4);
    int failed = 0, ended = 0;
    for (int round = 0; round < 50; round++) {
        world->calls = world->ended = 0;
        for (int i = 0; i < 4; i++)
            generate(world, 1000);
        wait_for(world, 4);
        for (int i = 0; i < 4; i++, ended++)
            failed += world->outcomes[i].status == LLM_FAILED;
    }
    assert_int_equal(ended, 200);
    assert_in_range(failed, 60, 140); /* 5.6 standard deviations */
    world_free(world);
}

static void test_latency_beyond_the_deadline_is_late(void **state)
{
    (void)state;
    struct config config = mock_config;
    config.mock_latency = 5000;
    struct world *world = world_new(&config, 4);
    generate(world, 50);
    wait_for(world, 1);
    assert_int_equal(world->outcomes[0].status, LLM_LATE);
    assert_in_range(world->outcomes[0].took_ms, 49, 900);
    world_free(world);
}

static void test_calls_wait_in_order(void **state)
{
    (void)state;
    struct config config = mock_config;
    config.mock_latency = 20;
    struct world *world = world_new(&config, 2);
    for (int i = 0; i < 5; i++)
        generate(world, 5000);
    for (int i = 0; i < 5; i++)
        assert_int_equal(world->outcomes[i].begun, i < 2);
    assert_true(page_has("llm_in_flight{provider=\"mock\"} 2\n"));
    wait_for(world, 5);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(world->outcomes[i].begun, 1);
        assert_int_equal(world->order[i], i);
        assert_int_equal(world->outcomes[i].status, LLM_OK);
    }
    assert_in_range(world->outcomes[4].took_ms, 58, 2000); /* three rounds of two */
    assert_true(page_has("llm_in_flight{provider=\"mock\"} 0\n"));
    world_free(world);
}

static void test_a_waiting_call_gives_up_at_its_deadline(void **state)
{
    (void)state;
    struct config config = mock_config;
    config.mock_latency = 150;
    struct world *world = world_new(&config, 1);
    generate(world, 5000);
    generate(world, 40);
    generate(world, 5000);
    wait_for(world, 3);
    assert_int_equal(world->order[0], 1);
    assert_int_equal(world->outcomes[1].status, LLM_LATE);
    assert_string_equal(world->outcomes[1].error, "provider is busy with earlier calls");
    assert_int_equal(world->outcomes[0].status, LLM_OK);
    assert_int_equal(world->outcomes[2].status, LLM_OK);
    world_free(world);
}

static void test_dropped_calls_give_their_slot_away_and_stay_silent(void **state)
{
    (void)state;
    struct config config = mock_config;
    config.mock_latency = 50;
    struct world *world = world_new(&config, 1);
    struct llm_call *running = generate(world, 5000), *waiting = generate(world, 5000);
    generate(world, 5000);
    llm_drop(waiting);
    llm_drop(running);
    assert_true(page_has("llm_in_flight{provider=\"mock\"} 1\n"));
    wait_for(world, 1);
    assert_int_equal(world->order[0], 2);
    run_for(world, 100);
    assert_int_equal(world->ended, 1);
    world_free(world);
}

static void test_a_full_queue_refuses_in_the_next_turn(void **state)
{
    (void)state;
    enum { LIMIT = 2, QUEUE = 4096 };
    struct config config = mock_config;
    config.mock_failure = MOCK_TIMEOUT;
    struct world *world = world_new(&config, LIMIT);
    struct outcome filler = {.world = world};
    int64_t rejected = series("llm_requests_total{operation=\"post_draft\",provider=\"mock\",status=\"rejected\"} ");
    for (int i = 0; i < LIMIT + QUEUE; i++)
        llm_generate(world->llm, &(struct llm_ask){.brief = &brief,
                                                   .about = about,
                                                   .deadline = loop_now(world->loop) + 60 * NS_PER_S,
                                                   .done = on_done,
                                                   .ctx = &filler});
    generate(world, 5000);
    assert_int_equal(world->ended, 0);
    wait_for(world, 1);
    assert_int_equal(world->outcomes[0].status, LLM_BUSY);
    assert_int_equal(world->outcomes[0].begun, 0);
    assert_int_equal(world->outcomes[0].retry_after_ms, 1000);
    assert_string_equal(world->outcomes[0].error, "too many calls wait for the provider");
    assert_int_equal(series("llm_requests_total{operation=\"post_draft\",provider=\"mock\",status=\"rejected\"} "),
                     rejected + 1);
    assert_false(filler.ended);
    world_free(world);
    assert_true(page_has("llm_in_flight{provider=\"mock\"} 0\n"));
}

/* A callback may start the next call, and drop another. */
struct chain {
    struct world *world;
    struct llm_call *victim;
};

static void on_chain(void *ctx, const struct llm_result *result)
{
    struct chain *chain = ctx;
    assert_int_equal(result->status, LLM_OK);
    llm_drop(chain->victim);
    generate(chain->world, 1000);
}

static void test_callbacks_may_start_and_drop_calls(void **state)
{
    (void)state;
    struct world *world = world_new(&mock_config, 1);
    struct chain chain = {.world = world};
    llm_generate(world->llm, &(struct llm_ask){.brief = &brief,
                                               .about = about,
                                               .deadline = loop_now(world->loop) + NS_PER_S,
                                               .done = on_chain,
                                               .ctx = &chain});
    chain.victim = generate(world, 1000);
    wait_for(world, 1);
    assert_int_equal(world->order[0], 1);
    assert_false(world->outcomes[0].ended);
    world_free(world);
}

static const char opened[] = "provider keeps failing and isn't asked for now";

static struct config breaking(enum mock_failure failure)
{
    struct config config = mock_config;
    config.llm_breaker_failures = 3;
    config.llm_breaker_cooldown = 300;
    config.mock_failure = failure;
    return config;
}

/* Ends a test with a breaker that is closed: it is the process's. */
static void mend(void)
{
    struct world *world = world_new(&mock_config, 1);
    generate(world, 1000);
    wait_for(world, 1);
    assert_int_equal(world->outcomes[0].status, LLM_OK);
    assert_true(page_has("llm_breaker_state{provider=\"mock\"} 0\n"));
    world_free(world);
}

static void test_the_breaker_refuses_until_a_probe_succeeds(void **state)
{
    (void)state;
    struct config config = breaking(MOCK_STATUS_500);
    config.mock_latency = 20;
    struct world *world = world_new(&config, 1);
    int64_t rejected = series("llm_requests_total{operation=\"post_draft\",provider=\"mock\",status=\"rejected\"} ");
    for (int i = 0; i < 5; i++) /* one at a time: the last two wait when the third opens it */
        generate(world, 5000);
    wait_for(world, 5);
    for (int i = 0; i < 5; i++)
        assert_int_equal(world->outcomes[i].status, i < 3 ? LLM_FAILED : LLM_BUSY);
    assert_string_equal(world->outcomes[4].error, opened);
    assert_in_range(world->outcomes[4].retry_after_ms, 1, 300);
    assert_in_range(world->outcomes[4].took_ms, 0, 290);
    assert_int_equal(series("llm_requests_total{operation=\"post_draft\",provider=\"mock\",status=\"rejected\"} "),
                     rejected + 2);
    assert_true(page_has("llm_breaker_state{provider=\"mock\"} 2\n"));
    assert_true(page_has("llm_breaker_state{provider=\"openai\"} 0\n"));
    run_for(world, 300);
    generate(world, 5000); /* the probe */
    generate(world, 5000);
    assert_true(page_has("llm_breaker_state{provider=\"mock\"} 1\n"));
    wait_for(world, 7);
    assert_int_equal(world->outcomes[5].status, LLM_FAILED);
    assert_int_equal(world->outcomes[6].status, LLM_BUSY);
    assert_int_equal(world->outcomes[6].retry_after_ms, 1000);
    assert_true(page_has("llm_breaker_state{provider=\"mock\"} 2\n"));
    run_for(world, 310);
    world_free(world);
    mend();
}

static void test_a_dropped_probe_lets_the_next_one_probe(void **state)
{
    (void)state;
    struct config config = breaking(MOCK_STATUS_500);
    struct world *world = world_new(&config, 2);
    for (int i = 0; i < 3; i++)
        generate(world, 5000);
    wait_for(world, 3);
    run_for(world, 310);
    llm_drop(generate(world, 5000));
    assert_true(page_has("llm_breaker_state{provider=\"mock\"} 1\n"));
    world_free(world);
    mend();
}

static void test_refusals_and_calls_in_haste_open_no_breaker(void **state)
{
    (void)state;
    struct config config = breaking(MOCK_REFUSED);
    struct world *world = world_new(&config, 4);
    for (int i = 0; i < 5; i++)
        generate(world, 1000);
    wait_for(world, 5);
    for (int i = 0; i < 5; i++)
        assert_int_equal(world->outcomes[i].status, LLM_REFUSED);
    world_free(world);

    config = breaking(MOCK_OK);
    config.mock_latency = 100;
    world = world_new(&config, 1);
    for (int i = 0; i < 6; i++) { /* the second of each two has 50 ms left when its turn comes */
        generate(world, i % 2 ? 150 : 5000);
        if (i % 2)
            wait_for(world, i + 1);
    }
    for (int i = 0; i < 6; i++)
        assert_int_equal(world->outcomes[i].status, i % 2 ? LLM_LATE : LLM_OK);
    world_free(world);
    mend();
}

/* All threads' failures together, and a refusal on the other one. */
struct thread_share {
    const struct config *config;
    enum llm_status status;
};

static void fail_on_a_thread(void *ctx)
{
    struct thread_share *share = ctx;
    struct world *world = world_new(share->config, 1);
    generate(world, 5000);
    wait_for(world, 1);
    share->status = world->outcomes[0].status;
    world_free(world);
}

static void test_threads_share_the_breaker(void **state)
{
    (void)state;
    struct config config = breaking(MOCK_STATUS_500);
    config.mock_latency = 100;
    struct thread_share shares[3] = {{&config, LLM_OK}, {&config, LLM_OK}, {&config, LLM_OK}};
    struct thread *threads[3];
    for (int i = 0; i < 3; i++)
        threads[i] = thread_start(fail_on_a_thread, &shares[i]);
    for (int i = 0; i < 3; i++)
        thread_join(threads[i]);
    for (int i = 0; i < 3; i++)
        assert_int_equal(shares[i].status, LLM_FAILED);
    struct world *world = world_new(&config, 1);
    generate(world, 5000);
    wait_for(world, 1);
    assert_int_equal(world->outcomes[0].status, LLM_BUSY);
    assert_int_equal(world->outcomes[0].begun, 0);
    run_for(world, 310);
    world_free(world);
    mend();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mock_writes_after_its_latency),
        cmocka_unit_test(test_mock_fails_as_told),
        cmocka_unit_test(test_mock_fails_by_share),
        cmocka_unit_test(test_latency_beyond_the_deadline_is_late),
        cmocka_unit_test(test_calls_wait_in_order),
        cmocka_unit_test(test_a_waiting_call_gives_up_at_its_deadline),
        cmocka_unit_test(test_dropped_calls_give_their_slot_away_and_stay_silent),
        cmocka_unit_test(test_a_full_queue_refuses_in_the_next_turn),
        cmocka_unit_test(test_callbacks_may_start_and_drop_calls),
        cmocka_unit_test(test_the_breaker_refuses_until_a_probe_succeeds),
        cmocka_unit_test(test_a_dropped_probe_lets_the_next_one_probe),
        cmocka_unit_test(test_refusals_and_calls_in_haste_open_no_breaker),
        cmocka_unit_test(test_threads_share_the_breaker),
    };
    llm_metrics();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
