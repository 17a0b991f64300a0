/* The mock's latency and faults; its words are domain/mock_voice.c's. */
#include <stdlib.h>

#include "domain/mock_voice.h"
#include "llm/provider.h"
#include "sys/crypto.h"

struct mock {
    struct loop *loop;
    uint64_t latency_ms;
    double failure_rate;
    enum mock_failure failure;
};

struct mock_attempt {
    struct timer *timer;
    struct attempt_result result; /* its text is made at the end */
    const struct brief *brief;
    attempt_done *done;
    void *ctx;
};

static const struct attempt_result outcomes[] = {
    [MOCK_OK] = {.outcome = ATTEMPT_TEXT},
    [MOCK_TIMEOUT] = {.outcome = ATTEMPT_TIMED_OUT},
    [MOCK_STATUS_429] = {.outcome = ATTEMPT_STATUS, .status = 429},
    [MOCK_STATUS_500] = {.outcome = ATTEMPT_STATUS, .status = 500},
    [MOCK_BAD_JSON] = {.outcome = ATTEMPT_UNREADABLE, .status = 200},
    [MOCK_EMPTY] = {.outcome = ATTEMPT_NO_TEXT, .status = 200},
    [MOCK_REFUSED] = {.outcome = ATTEMPT_STATUS, .status = 400},
};

static void *open_mock(struct loop *loop, const struct config *config, int limit, struct err *err)
{
    (void)limit, (void)err;
    bool kind_given = config->mock_failure != MOCK_OK, rate_given = config->mock_failure_rate > 0;
    struct mock *mock = must_alloc(sizeof *mock);
    *mock = (struct mock){
        .loop = loop,
        .latency_ms = (uint64_t)config->mock_latency,
        .failure_rate = rate_given ? config->mock_failure_rate : kind_given,
        .failure = kind_given ? (enum mock_failure)config->mock_failure : MOCK_STATUS_500,
    };
    return mock;
}

static void mock_cancel(void *ctx)
{
    struct mock_attempt *attempt = ctx;
    timer_free(attempt->timer);
    free(attempt);
}

static void mock_end(void *ctx)
{
    struct mock_attempt *attempt = ctx;
    struct arena *arena = arena_new();
    struct attempt_result result = attempt->result;
    if (result.outcome == ATTEMPT_TEXT)
        result.text = mock_voice(attempt->brief, arena);
    attempt->done(attempt->ctx, &result);
    mock_cancel(attempt);
    arena_free(arena);
}

static void *mock_start(void *state, const struct brief *brief, uint64_t timeout_ms, attempt_done *done, void *ctx)
{
    const struct mock *mock = state;
    enum mock_failure fate = random_roll() < mock->failure_rate ? mock->failure : MOCK_OK;
    if (mock->latency_ms >= timeout_ms)
        fate = MOCK_TIMEOUT;
    struct mock_attempt *attempt = must_alloc(sizeof *attempt);
    *attempt = (struct mock_attempt){.result = outcomes[fate], .brief = brief, .done = done, .ctx = ctx};
    attempt->result.retry_after_ms = RETRY_UNNAMED;
    attempt->timer = timer_new(mock->loop, mock_end, attempt);
    timer_set(attempt->timer, fate == MOCK_TIMEOUT ? timeout_ms : mock->latency_ms);
    return attempt;
}

const struct llm_provider llm_mock = {.open = open_mock, .close = free, .attempt = mock_start, .cancel = mock_cancel};
