/* The mock's latency and faults; its words are domain/mock_voice.c's. */
#include <stdlib.h>
#include <string.h>

#include "domain/mock_voice.h"
#include "llm/provider.h"
#include "sys/crypto.h"

enum { WORD_EVERY_MS = 15 };

struct mock {
    struct loop *loop;
    uint64_t latency_ms;
    double failure_rate;
    enum mock_failure failure;
};

struct mock_attempt {
    struct timer *timer;
    struct attempt_result result;
    struct attempt_ask ask;
    struct arena *arena;
    char *text;       /* made at the first word, else at the end */
    size_t shown;     /* bytes of it that were handed on */
    uint64_t word_ms; /* between two words; 0: all come at the end */
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
    arena_free(attempt->arena);
}

static void mock_end(struct mock_attempt *attempt)
{
    if (attempt->result.outcome == ATTEMPT_TEXT)
        attempt->result.text = attempt->text ? attempt->text : mock_voice(attempt->ask.brief, attempt->arena);
    attempt->ask.done(attempt->ask.ctx, &attempt->result);
    mock_cancel(attempt);
}

/* Hands one word more on; false: that was all. */
static bool mock_word(struct mock_attempt *attempt)
{
    const char *rest = attempt->text + attempt->shown;
    if (!*rest)
        return false;
    rest += strspn(rest, " ");
    attempt->shown = (size_t)(rest + strcspn(rest, " ") - attempt->text);
    attempt->ask.words(attempt->ask.ctx, arena_copy(attempt->arena, attempt->text, attempt->shown));
    return true;
}

static void mock_on_timer(void *ctx)
{
    struct mock_attempt *attempt = ctx;
    if (attempt->word_ms && mock_word(attempt))
        timer_set(attempt->timer, attempt->word_ms);
    else
        mock_end(attempt);
}

static int words_in(const char *text)
{
    int words = *text != '\0';
    for (; *text; text++)
        words += *text == ' ';
    return words;
}

/* The words are spread over the latency, else come at a reader's pace; the last comes in time. */
static uint64_t word_pace(const struct mock *mock, const char *text, uint64_t timeout_ms)
{
    uint64_t words = (uint64_t)MAX(words_in(text), 1);
    uint64_t pace = mock->latency_ms ? mock->latency_ms / words : WORD_EVERY_MS;
    return MAX(MIN(pace, timeout_ms / (words + 1)), 1);
}

static void *mock_start(void *state, const struct attempt_ask *ask)
{
    const struct mock *mock = state;
    enum mock_failure fate = random_roll() < mock->failure_rate ? mock->failure : MOCK_OK;
    if (mock->latency_ms >= ask->timeout_ms)
        fate = MOCK_TIMEOUT;
    struct arena *arena = arena_new();
    struct mock_attempt *attempt = arena_alloc(arena, sizeof *attempt);
    *attempt = (struct mock_attempt){.result = outcomes[fate], .ask = *ask, .arena = arena};
    attempt->result.retry_after_ms = RETRY_UNNAMED;
    attempt->timer = timer_new(mock->loop, mock_on_timer, attempt);
    if (fate == MOCK_OK && ask->words) {
        attempt->text = mock_voice(ask->brief, arena);
        attempt->word_ms = word_pace(mock, attempt->text, ask->timeout_ms);
    }
    timer_set(attempt->timer, fate == MOCK_TIMEOUT ? ask->timeout_ms
                              : attempt->word_ms   ? attempt->word_ms
                                                   : mock->latency_ms);
    return attempt;
}

const struct llm_provider llm_mock = {.open = open_mock, .close = free, .attempt = mock_start, .cancel = mock_cancel};
