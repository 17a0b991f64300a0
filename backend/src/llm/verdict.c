#include "llm/verdict.h"

#include <stdio.h>

#include "base/clock.h"

/* The meaning of a result without regard to the time left. */
struct meaning {
    enum llm_status status; /* of the call, where no attempt follows */
    bool may_better;        /* another attempt may succeed */
    enum breaker_news news;
};

static struct meaning meaning_of_status(int status)
{
    switch (status) {
    case 400:
    case 413:
    case 422: return (struct meaning){LLM_REFUSED, false, BREAKER_ALIVE};
    case 408:
    case 429: return (struct meaning){LLM_FAILED, true, BREAKER_ILL};
    default:
        return status >= 500 ? (struct meaning){LLM_FAILED, true, BREAKER_ILL}
                             : (struct meaning){LLM_MISCONFIGURED, false, BREAKER_ALIVE};
    }
}

static struct meaning meaning_of(const struct attempt_result *result)
{
    switch (result->outcome) {
    case ATTEMPT_TEXT: return (struct meaning){LLM_OK, false, BREAKER_WELL};
    case ATTEMPT_STATUS:
        return result->is_misset ? (struct meaning){LLM_MISCONFIGURED, false, BREAKER_ALIVE}
                                 : meaning_of_status(result->status);
    case ATTEMPT_TIMED_OUT: return (struct meaning){LLM_LATE, false, BREAKER_ILL};
    case ATTEMPT_REFUSED: return (struct meaning){LLM_REFUSED, false, BREAKER_ALIVE};
    case ATTEMPT_QUOTA_USED: return (struct meaning){LLM_MISCONFIGURED, false, BREAKER_ALIVE};
    case ATTEMPT_NO_ROOM: return (struct meaning){LLM_FAILED, true, BREAKER_ALIVE};
    case ATTEMPT_UNREACHABLE:
    case ATTEMPT_UNREADABLE:
    case ATTEMPT_NO_TEXT: break;
    }
    return (struct meaning){LLM_FAILED, true, BREAKER_ILL};
}

static uint64_t span(uint64_t from, uint64_t to)
{
    return to > from ? to - from : 0;
}

/* The attempt had less than half of its call's time, as the call waited in our queue or made
 * earlier attempts. A timeout then says nothing about the provider's health. */
static bool had_little_time(const struct attempt_moment *at)
{
    return span(at->begun, at->deadline) * 2 < span(at->call_begun, at->deadline);
}

static bool ends_in_time(uint64_t wait_ms, const struct attempt_moment *at)
{
    uint64_t left = span(at->now, at->deadline);
    return left > 0 && wait_ms <= (left - 1) / NS_PER_MS;
}

struct verdict verdict_of(const struct attempt_result *result, const struct retry_policy *policy,
                          const struct attempt_moment *at)
{
    struct meaning meaning = meaning_of(result);
    if (result->is_learnt)
        return (struct verdict){.status = LLM_MISCONFIGURED, .news = BREAKER_ALIVE, .again = ends_in_time(0, at)};
    struct verdict verdict = {.status = meaning.status, .news = meaning.news};
    if (result->outcome == ATTEMPT_TIMED_OUT && had_little_time(at))
        verdict.news = BREAKER_NOTHING;
    if (result->outcome == ATTEMPT_TIMED_OUT && result->has_begun)
        verdict.news = BREAKER_ALIVE; /* slow, but it writes */
    if (!meaning.may_better)
        return verdict;
    bool named = result->retry_after_ms != RETRY_UNNAMED;
    uint64_t wait_ms =
        named ? MAX(result->retry_after_ms, policy->least_ms) : retry_delay_ms(policy, at->number, at->roll);
    bool in_time = ends_in_time(wait_ms, at);
    if (named && !in_time)
        verdict.status = LLM_BUSY;
    verdict.again = in_time && at->number < at->max_attempts;
    verdict.wait_ms = verdict.again ? wait_ms : 0;
    return verdict;
}

const char *verdict_sentence(char out[static SENTENCE_SIZE], const struct attempt_result *result)
{
    static const char *const sentences[] = {
        [ATTEMPT_UNREACHABLE] = "provider could not be reached",
        [ATTEMPT_UNREADABLE] = "provider's answer could not be read",
        [ATTEMPT_NO_TEXT] = "provider gave no text",
        [ATTEMPT_NO_ROOM] = "provider gave no text within the bound on tokens",
        [ATTEMPT_REFUSED] = "the model refused",
        [ATTEMPT_QUOTA_USED] = "the provider's quota is used up",
        [ATTEMPT_TIMED_OUT] = "provider did not answer in time",
    };
    if (result->outcome != ATTEMPT_STATUS)
        return sentences[result->outcome];
    snprintf(out, SENTENCE_SIZE, "provider answered %d", result->status);
    return out;
}
