#include "llm/verdict.h"

#include <stdio.h>

static struct verdict judge_status(int status)
{
    switch (status) {
    case 400:
    case 413:
    case 422: return (struct verdict){LLM_REFUSED, false, BREAKER_ALIVE};
    case 408:
    case 429: return (struct verdict){LLM_FAILED, true, BREAKER_ILL};
    default: return status >= 500 ? (struct verdict){LLM_FAILED, true, BREAKER_ILL} : (struct verdict){LLM_SETUP, false, BREAKER_ALIVE};
    }
}

struct verdict verdict_of(const struct attempt_result *result)
{
    switch (result->outcome) {
    case ATTEMPT_TEXT: return (struct verdict){LLM_OK, false, BREAKER_WELL};
    case ATTEMPT_STATUS: return judge_status(result->status);
    case ATTEMPT_TIMED_OUT: return (struct verdict){LLM_LATE, false, BREAKER_ILL};
    case ATTEMPT_UNREACHABLE:
    case ATTEMPT_UNREADABLE:
    case ATTEMPT_NO_TEXT: break;
    }
    return (struct verdict){LLM_FAILED, true, BREAKER_ILL};
}

const char *verdict_sentence(char out[static SENTENCE_SIZE], const struct attempt_result *result)
{
    static const char *const sentences[] = {
        [ATTEMPT_UNREACHABLE] = "provider could not be reached",
        [ATTEMPT_UNREADABLE] = "provider's answer could not be read",
        [ATTEMPT_NO_TEXT] = "provider gave no text",
        [ATTEMPT_TIMED_OUT] = "provider did not answer in time",
    };
    if (result->outcome != ATTEMPT_STATUS)
        return sentences[result->outcome];
    snprintf(out, SENTENCE_SIZE, "provider answered %d", result->status);
    return out;
}
