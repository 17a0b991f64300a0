/* What is wrong at the provider, and what an operator can do, told from how an attempt failed: for
 * log, metric, doctor and triage. Pure.
 */
#ifndef PW_LLM_TROUBLE_H
#define PW_LLM_TROUBLE_H

#include "llm/words.h"
#include "sys/curl/http_client.h"

enum trouble {
    TROUBLE_NONE, /* none of these, or none at all; a call that only takes too long is none */
    TROUBLE_KEY,
    TROUBLE_MODEL,
    TROUBLE_URL,
    TROUBLE_ROUTE, /* nobody answers there */
    TROUBLE_TLS,
    TROUBLE_QUOTA,
    TROUBLE_LIMIT,   /* too many calls in a time */
    TROUBLE_OUTAGE,  /* it answers with 5xx, or breaks off */
    TROUBLE_REFUSAL, /* it won't write what it is asked for */
    TROUBLES
};

/* "wrong_key", "wrong_model", "wrong_url", "no_route", "tls_fault", "quota_used_up",
 * "rate_limited", "outage", "refused"; NULL: none */
extern const char *const trouble_names[TROUBLES];
/* "the key is refused" */
extern const char *const trouble_sentences[TROUBLES];
/* what to do about it */
extern const char *const trouble_remedies[TROUBLES];

/* Of a connection that failed, or of an answer of this status (an error within a 200 names its own)
 * and what it says. A quota that is used up is known from more (llm/openai_answer.h). */
enum trouble trouble_of(const struct http_reply *, int status, const struct provider_error *);

#endif
