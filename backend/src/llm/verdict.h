/* What an attempt's result means for its call and for the provider's health. Pure: time and
 * chance come in. */
#ifndef PW_LLM_VERDICT_H
#define PW_LLM_VERDICT_H

#include "domain/breaker.h"
#include "llm/provider.h"
#include "llm/result.h"

struct attempt_moment { /* the end of an attempt; times as the loop has them, ns */
    /* the attempt's, from 1; how many its call may have */
    unsigned number, most;
    uint64_t call_begun, begun, now, deadline; /* `deadline` is the call's */
    double roll;                               /* [0, 1) */
};

struct verdict {
    enum llm_status status; /* of the call, where this was its last attempt */
    bool again;             /* it wasn't: the next one follows after wait_ms, before the deadline */
    uint64_t wait_ms;
    /* what another attempt may better, and a timeout, count against the provider; other 4xx
     * don't */
    enum breaker_news news;
};

/* A wait that the provider names goes before our own policy, and is policy->least_ms at least.
 * Where it lasts beyond the deadline the call is busy: its caller can tell its client when to
 * come back. */
struct verdict verdict_of(const struct attempt_result *, const struct retry_policy *, const struct attempt_moment *);

/* Why it gave no text, fit for a client; NULL where it gave one. */
enum { SENTENCE_SIZE = 64 };
const char *verdict_sentence(char out[static SENTENCE_SIZE], const struct attempt_result *);

#endif
