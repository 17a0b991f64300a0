/* What an operator has to mend, told from how an attempt failed: for log, metric, doctor and
 * triage. Pure.
 */
#ifndef PW_LLM_TROUBLE_H
#define PW_LLM_TROUBLE_H

#include "llm/words.h"
#include "sys/curl/http_client.h"

enum trouble {
    TROUBLE_NONE, /* nothing that one could set right here, or nothing at all */
    TROUBLE_KEY,
    TROUBLE_MODEL,
    TROUBLE_URL,
    TROUBLE_ROUTE, /* nobody answers there */
    TROUBLE_TLS,
    TROUBLE_QUOTA,
    TROUBLES
};

/* "wrong_key", "wrong_model", "wrong_url", "no_route", "tls_fault", "quota_used_up"; NULL: none */
extern const char *const trouble_names[TROUBLES];
/* "the key is refused" */
extern const char *const trouble_sentences[TROUBLES];
/* what to do about it */
extern const char *const trouble_remedies[TROUBLES];

/* Of a connection that failed, or of an answer of this status (an error within a 200 names its own)
 * and what it says. A quota that is used up is known from more (llm/openai_answer.h). */
enum trouble trouble_of(const struct http_reply *, int status, const struct provider_error *);

#endif
