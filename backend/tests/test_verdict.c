/* When a call goes on after an attempt, after how long, and what the attempt says of the
 * provider: values in, no time passes. */
#include "unit.h"

#include "base/clock.h"
#include "llm/verdict.h"

enum { UNIX_NOW = 784111777 }; /* Sun, 06 Nov 1994 08:49:37 GMT */

static const struct retry_policy policy = {.base_ms = 400, .max_ms = 3600000, .least_ms = 50};

static uint64_t at_ms(uint64_t ms)
{
    return 5 * NS_PER_S + ms * NS_PER_MS;
}

/* Attempt `number` of three, which fails with a 429 when the call has `left_ms` left. */
static struct verdict after_429(const char *retry_after, const char *retry_after_ms, unsigned number, uint64_t left_ms,
                                double roll)
{
    const struct attempt_result result = {.outcome = ATTEMPT_STATUS,
                                          .status = 429,
                                          .retry_after_ms = retry_named_ms(retry_after, retry_after_ms, UNIX_NOW)};
    const struct attempt_moment at = {.number = number,
                                      .max_attempts = 3,
                                      .call_begun = at_ms(0),
                                      .begun = at_ms(100),
                                      .now = at_ms(200),
                                      .deadline = at_ms(200 + left_ms),
                                      .roll = roll};
    return verdict_of(&result, &policy, &at);
}

enum { ENDS = -1 };

static const struct wait {
    const char *retry_after, *retry_after_ms;
    unsigned number;
    uint64_t left_ms;
    double roll;
    int64_t wait_ms; /* ENDS: no further attempt */
    enum llm_status status;
} waits[] = {
    /* our own: doubling, ± 20 %, while attempts and time are left */
    {NULL, NULL, 1, 20000, 0.5, 400, LLM_FAILED},
    {NULL, NULL, 2, 20000, 0.5, 800, LLM_FAILED},
    {NULL, NULL, 3, 20000, 0.5, ENDS, LLM_FAILED},
    {NULL, NULL, 1, 20000, 0.0, 320, LLM_FAILED},
    {NULL, NULL, 2, 20000, 0.75, 880, LLM_FAILED},
    {NULL, NULL, 1, 401, 0.5, 400, LLM_FAILED},
    {NULL, NULL, 1, 400, 0.5, ENDS, LLM_FAILED},
    {NULL, NULL, 1, 0, 0.5, ENDS, LLM_FAILED},
    /* seconds */
    {"2", NULL, 1, 20000, 0.9, 2000, LLM_FAILED},
    {"2", NULL, 2, 20000, 0.0, 2000, LLM_FAILED},
    {"2", NULL, 3, 20000, 0.5, ENDS, LLM_FAILED},
    {"2", NULL, 1, 2001, 0.5, 2000, LLM_FAILED},
    {"2", NULL, 1, 2000, 0.5, ENDS, LLM_BUSY},
    {"60", NULL, 3, 20000, 0.5, ENDS, LLM_BUSY},
    /* a date, and one in the past: at once is 50 ms */
    {"Sun, 06 Nov 1994 08:49:40 GMT", NULL, 1, 20000, 0.5, 3000, LLM_FAILED},
    {"Sun, 06 Nov 1994 08:50:37 GMT", NULL, 1, 20000, 0.5, ENDS, LLM_BUSY},
    {"Sun, 06 Nov 1994 08:49:37 GMT", NULL, 1, 20000, 0.5, 50, LLM_FAILED},
    {"Fri, 31 Dec 1993 23:59:59 GMT", NULL, 1, 20000, 0.5, 50, LLM_FAILED},
    {"0", NULL, 2, 20000, 0.5, 50, LLM_FAILED},
    {"0", NULL, 1, 50, 0.5, ENDS, LLM_BUSY},
    /* milliseconds, and both */
    {NULL, "120", 1, 20000, 0.5, 120, LLM_FAILED},
    {NULL, "49", 1, 20000, 0.5, 50, LLM_FAILED},
    {NULL, "60000", 1, 20000, 0.5, ENDS, LLM_BUSY},
    {"60", "120", 1, 20000, 0.5, 120, LLM_FAILED},
    {"1", "60000", 1, 20000, 0.5, ENDS, LLM_BUSY},
    {"1", "soon", 1, 20000, 0.5, 1000, LLM_FAILED},
    /* absurdly long, also for a call that has days */
    {"99999999999999999999", NULL, 1, 20000, 0.5, ENDS, LLM_BUSY},
    {"Fri, 31 Dec 9999 23:59:59 GMT", NULL, 1, 20000, 0.5, ENDS, LLM_BUSY},
    {"99999999999999999999", NULL, 1, 90000000, 0.5, 86400000, LLM_FAILED},
    /* malformed: as if it weren't there */
    {"soon", NULL, 1, 20000, 0.5, 400, LLM_FAILED},
    {"1, 60", NULL, 2, 20000, 0.5, 800, LLM_FAILED},
    {"-1", "x", 1, 300, 0.5, ENDS, LLM_FAILED},
};

static void waits_before_the_next_attempt(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(waits); i++) {
        const struct wait *row = &waits[i];
        struct verdict got = after_429(row->retry_after, row->retry_after_ms, row->number, row->left_ms, row->roll);
        int64_t wait_ms = got.again ? (int64_t)got.wait_ms : ENDS;
        if (wait_ms != row->wait_ms || got.status != row->status || got.news != BREAKER_ILL)
            fail_msg("row %zu, \"%s\": waits %lld ms, status %d, news %d", i, row->retry_after ? row->retry_after : "-",
                     (long long)wait_ms, got.status, got.news);
    }
}

static void a_wait_needs_a_moment_of_time_after_it(void **state)
{
    (void)state;
    const struct attempt_result result = {.outcome = ATTEMPT_NO_TEXT, .retry_after_ms = 100};
    struct attempt_moment at = {.number = 1, .max_attempts = 2, .now = at_ms(0), .deadline = at_ms(100) + 1};
    assert_true(verdict_of(&result, &policy, &at).again);
    at.deadline = at_ms(100);
    assert_false(verdict_of(&result, &policy, &at).again);
    at.now = at_ms(200); /* a loop that was held up */
    assert_false(verdict_of(&result, &policy, &at).again);
}

static void what_each_result_means(void **state)
{
    (void)state;
    static const struct {
        enum attempt_outcome outcome;
        int status;
        struct verdict want;
    } cases[] = {
        {ATTEMPT_TEXT, 200, {LLM_OK, false, 0, BREAKER_WELL}},
        {ATTEMPT_TIMED_OUT, 0, {LLM_LATE, false, 0, BREAKER_ILL}},
        {ATTEMPT_UNREACHABLE, 0, {LLM_FAILED, true, 400, BREAKER_ILL}},
        {ATTEMPT_UNREADABLE, 200, {LLM_FAILED, true, 400, BREAKER_ILL}},
        {ATTEMPT_NO_TEXT, 200, {LLM_FAILED, true, 400, BREAKER_ILL}},
        {ATTEMPT_NO_ROOM, 200, {LLM_FAILED, true, 400, BREAKER_ALIVE}},
        {ATTEMPT_REFUSED, 200, {LLM_REFUSED, false, 0, BREAKER_ALIVE}},
        {ATTEMPT_REFUSED, 400, {LLM_REFUSED, false, 0, BREAKER_ALIVE}},
        {ATTEMPT_QUOTA_USED, 429, {LLM_MISCONFIGURED, false, 0, BREAKER_ALIVE}},
        {ATTEMPT_STATUS, 307, {LLM_MISCONFIGURED, false, 0, BREAKER_ALIVE}},
        {ATTEMPT_STATUS, 400, {LLM_REFUSED, false, 0, BREAKER_ALIVE}},
        {ATTEMPT_STATUS, 401, {LLM_MISCONFIGURED, false, 0, BREAKER_ALIVE}},
        {ATTEMPT_STATUS, 403, {LLM_MISCONFIGURED, false, 0, BREAKER_ALIVE}},
        {ATTEMPT_STATUS, 404, {LLM_MISCONFIGURED, false, 0, BREAKER_ALIVE}},
        {ATTEMPT_STATUS, 408, {LLM_FAILED, true, 400, BREAKER_ILL}},
        {ATTEMPT_STATUS, 413, {LLM_REFUSED, false, 0, BREAKER_ALIVE}},
        {ATTEMPT_STATUS, 422, {LLM_REFUSED, false, 0, BREAKER_ALIVE}},
        {ATTEMPT_STATUS, 429, {LLM_FAILED, true, 400, BREAKER_ILL}},
        {ATTEMPT_STATUS, 500, {LLM_FAILED, true, 400, BREAKER_ILL}},
        {ATTEMPT_STATUS, 599, {LLM_FAILED, true, 400, BREAKER_ILL}},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct attempt_result result = {
            .outcome = cases[i].outcome, .status = cases[i].status, .retry_after_ms = RETRY_UNNAMED};
        const struct attempt_moment at = {
            .number = 1, .max_attempts = 3, .now = at_ms(0), .deadline = at_ms(20000), .roll = 0.5};
        struct verdict got = verdict_of(&result, &policy, &at), want = cases[i].want;
        if (got.status != want.status || got.again != want.again || got.wait_ms != want.wait_ms ||
            got.news != want.news)
            fail_msg("outcome %d, HTTP %d: %d %d %llu %d", cases[i].outcome, cases[i].status, got.status, got.again,
                     (unsigned long long)got.wait_ms, got.news);
    }
}

/* Of a call that lasts a second. */
static void silence_counts_where_the_provider_had_half_of_the_time(void **state)
{
    (void)state;
    static const struct {
        enum attempt_outcome outcome;
        uint64_t begun_ms;
        enum breaker_news want;
    } cases[] = {
        {ATTEMPT_TIMED_OUT, 0, BREAKER_ILL},       {ATTEMPT_TIMED_OUT, 500, BREAKER_ILL},
        {ATTEMPT_TIMED_OUT, 501, BREAKER_NOTHING}, {ATTEMPT_TIMED_OUT, 2000, BREAKER_NOTHING},
        {ATTEMPT_UNREACHABLE, 900, BREAKER_ILL},   {ATTEMPT_TEXT, 900, BREAKER_WELL},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct attempt_result result = {.outcome = cases[i].outcome, .retry_after_ms = RETRY_UNNAMED};
        const struct attempt_moment at = {.number = 1,
                                          .max_attempts = 3,
                                          .call_begun = at_ms(0),
                                          .begun = at_ms(cases[i].begun_ms),
                                          .now = at_ms(1000),
                                          .deadline = at_ms(1000)};
        enum breaker_news got = verdict_of(&result, &policy, &at).news;
        if (got != cases[i].want)
            fail_msg("outcome %d, begun at %llu ms: %d", cases[i].outcome, (unsigned long long)cases[i].begun_ms, got);
    }
}

static const struct breaker_policy ten_failures = {.failures = 10, .cooldown_ns = 10 * NS_PER_S};

/* One call with this outcome, through the breaker. */
static void pass_breaker(struct breaker *breaker, uint64_t now, enum attempt_outcome outcome)
{
    bool probe;
    if (!breaker_ask(breaker, now, &probe))
        return;
    const struct attempt_result result = {.outcome = outcome, .retry_after_ms = RETRY_UNNAMED};
    const struct attempt_moment at = {
        .number = 1, .max_attempts = 1, .call_begun = now, .begun = now, .now = now, .deadline = now + NS_PER_S};
    breaker_learn(breaker, &ten_failures, now, probe, verdict_of(&result, &policy, &at).news);
}

/* Ten minutes at two calls a second, of which three in ten are refused. */
static void refusals_never_open_the_breaker(void **state)
{
    (void)state;
    enum { SEEDS = 1000, CALLS = 1200 };
    static const enum attempt_outcome refusals[] = {ATTEMPT_REFUSED, ATTEMPT_QUOTA_USED, ATTEMPT_NO_ROOM};
    for (unsigned seed = 1; seed <= SEEDS; seed++) {
        struct breaker breaker = {0};
        unsigned random = seed;
        for (unsigned i = 0; i < CALLS; i++) {
            random = random * 1664525 + 1013904223; /* Numerical Recipes, "An Even Quicker Generator" */
            bool refused = random >> 16 < 0x10000 * 3 / 10;
            pass_breaker(&breaker, at_ms(i * 500), refused ? refusals[i % COUNT(refusals)] : ATTEMPT_TEXT);
            assert_int_equal(breaker.state, BREAKER_CLOSED);
        }
    }
}

/* A refusal proves that the provider answers, not that it writes. */
static void refusals_between_failures_hide_none(void **state)
{
    (void)state;
    struct breaker breaker = {0};
    for (unsigned i = 0; i < ten_failures.failures; i++) {
        assert_int_equal(breaker.state, BREAKER_CLOSED);
        pass_breaker(&breaker, at_ms(2 * i), ATTEMPT_REFUSED);
        pass_breaker(&breaker, at_ms(2 * i + 1), ATTEMPT_UNREACHABLE);
    }
    assert_int_equal(breaker.state, BREAKER_OPEN);
    pass_breaker(&breaker, at_ms(100) + ten_failures.cooldown_ns, ATTEMPT_REFUSED);
    assert_int_equal(breaker.state, BREAKER_CLOSED);
}

static void silence_after_the_first_words_is_no_illness(void **state)
{
    (void)state;
    const struct attempt_result result = {
        .outcome = ATTEMPT_TIMED_OUT, .has_begun = true, .retry_after_ms = RETRY_UNNAMED};
    const struct attempt_moment at = {.number = 1, .max_attempts = 3, .now = at_ms(1000), .deadline = at_ms(1000)};
    assert_int_equal(verdict_of(&result, &policy, &at).news, BREAKER_ALIVE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_before_the_next_attempt),
        cmocka_unit_test(a_wait_needs_a_moment_of_time_after_it),
        cmocka_unit_test(what_each_result_means),
        cmocka_unit_test(silence_counts_where_the_provider_had_half_of_the_time),
        cmocka_unit_test(silence_after_the_first_words_is_no_illness),
        cmocka_unit_test(refusals_never_open_the_breaker),
        cmocka_unit_test(refusals_between_failures_hide_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
