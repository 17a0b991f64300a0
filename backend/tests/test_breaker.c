#include "unit.h"

#include "domain/breaker.h"

static const struct breaker_policy policy = {.failures = 3, .cooldown_ns = 1000};

enum act { ASK, WELL, ALIVE, ILL, NOTHING, STRAY_WELL, STRAY_ILL };

/* A step at a time: an act, and what is so afterwards. STRAY: from an asker that is no probe. */
static const struct step {
    uint64_t now;
    enum act act;
    bool may; /* of ASK */
    enum breaker_state state;
    uint64_t wait_ns;
} story[] = {
    {0, ASK, true, BREAKER_CLOSED, 0},
    {0, ILL, false, BREAKER_CLOSED, 0},
    {0, ILL, false, BREAKER_CLOSED, 0},
    {0, WELL, false, BREAKER_CLOSED, 0}, /* begins to count anew */
    {0, ILL, false, BREAKER_CLOSED, 0},
    {0, ALIVE, false, BREAKER_CLOSED, 0}, /* neither counts nor makes up */
    {0, NOTHING, false, BREAKER_CLOSED, 0},
    {0, ILL, false, BREAKER_CLOSED, 0},
    {100, ILL, false, BREAKER_OPEN, 1000},
    {600, ASK, false, BREAKER_OPEN, 500},
    {50, ASK, false, BREAKER_OPEN, 1050}, /* another thread's clock is a little behind */
    {700, STRAY_WELL, false, BREAKER_OPEN, 400},
    {700, STRAY_ILL, false, BREAKER_OPEN, 400},
    {1100, ASK, true, BREAKER_HALF_OPEN, 1000000000},
    {1100, ASK, false, BREAKER_HALF_OPEN, 1000000000}, /* one at a time */
    {1150, STRAY_ILL, false, BREAKER_HALF_OPEN, 1000000000},
    {1150, STRAY_WELL, false, BREAKER_HALF_OPEN, 1000000000},
    {1200, NOTHING, false, BREAKER_HALF_OPEN, 0}, /* its client left */
    {1200, ASK, true, BREAKER_HALF_OPEN, 1000000000},
    {1300, ILL, false, BREAKER_OPEN, 1000},
    {2299, ASK, false, BREAKER_OPEN, 1},
    {2300, ASK, true, BREAKER_HALF_OPEN, 1000000000},
    {2400, WELL, false, BREAKER_CLOSED, 0},
    {2400, ILL, false, BREAKER_CLOSED, 0},
    {2400, ILL, false, BREAKER_CLOSED, 0},
    {2400, ILL, false, BREAKER_OPEN, 1000},
    {3400, ASK, true, BREAKER_HALF_OPEN, 1000000000},
    {3500, ALIVE, false, BREAKER_CLOSED, 0},
};

static void play(struct breaker *breaker, const struct step *step, bool *probe, size_t i)
{
    static const enum breaker_news news[] = {[WELL] = BREAKER_WELL,       [ALIVE] = BREAKER_ALIVE,
                                             [ILL] = BREAKER_ILL,         [NOTHING] = BREAKER_NOTHING,
                                             [STRAY_WELL] = BREAKER_WELL, [STRAY_ILL] = BREAKER_ILL};
    bool is_probe;
    if (step->act == ASK) {
        bool may = breaker_ask(breaker, step->now, &is_probe);
        if (may != step->may)
            fail_msg("step %zu: %s", i, may ? "let pass" : "refused");
        *probe = *probe || is_probe;
        return;
    }
    bool stray = step->act >= STRAY_WELL;
    breaker_learn(breaker, &policy, step->now, !stray && *probe, news[step->act]);
    *probe = *probe && stray;
}

static void the_story(void **state)
{
    (void)state;
    struct breaker breaker = {0};
    bool probe = false;
    for (size_t i = 0; i < COUNT(story); i++) {
        play(&breaker, &story[i], &probe, i);
        if (breaker.state != story[i].state || breaker_wait_ns(&breaker, story[i].now) != story[i].wait_ns)
            fail_msg("step %zu: state %d, wait %llu", i, breaker.state,
                     (unsigned long long)breaker_wait_ns(&breaker, story[i].now));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_story)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
