/* What an attempt's result means for its call and for the provider's health. Pure: time and
 * chance are parameters. */
#ifndef PW_LLM_VERDICT_H
#define PW_LLM_VERDICT_H

#include "domain/breaker.h"
#include "llm/provider.h"
#include "llm/result.h"

struct attempt_moment {    /* the end of an attempt; times are loop time, ns */
    unsigned number;       /* of the attempt, from 1 */
    unsigned max_attempts; /* of the call, the first one counted */
    uint64_t call_begun;   /* since when the call's time runs */
    uint64_t begun, now;   /* when the attempt began, and now */
    uint64_t deadline;     /* of the call */
    double roll;           /* random in [0, 1): spreads our own waits */
};

struct verdict {
    enum llm_status status; /* of the call, where this was its last attempt */
    bool again;             /* another attempt follows after wait_ms, before the deadline */
    uint64_t wait_ms;
    /* What the breaker learns. As the provider's failure: no connection, no readable answer, an
     * answer without a text, 408, 429, 5xx, and a timeout of an attempt that began with half of its
     * call's time or more and got nothing. Not: another timeout, other 4xx, redirects, a refusal, a
     * quota used up, a bound on tokens. */
    enum breaker_news news;
};

/* A wait that the provider names is taken in place of our policy's, and is policy->least_ms at
 * least. Where the wait ends after the deadline the call ends as LLM_BUSY, so that its caller can
 * tell the client when to come back. */
struct verdict verdict_of(const struct attempt_result *, const struct retry_policy *, const struct attempt_moment *);

/* Why an attempt gave no text, fit for a client; NULL where it gave one. */
enum { SENTENCE_SIZE = 64 };
const char *verdict_sentence(char out[static SENTENCE_SIZE], const struct attempt_result *);

#endif
