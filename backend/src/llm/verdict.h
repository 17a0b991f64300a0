/* What an attempt's result means. Pure. */
#ifndef PW_VERDICT_H
#define PW_VERDICT_H

#include "domain/breaker.h"
#include "llm/llm.h"
#include "llm/provider.h"

struct verdict {
    enum llm_status status; /* of the call, where this was its last attempt */
    bool again;             /* another attempt may do better */
    enum breaker_news news; /* of the provider's health: what another attempt may better, and a timeout, count against it; other 4xx don't */
};

struct verdict verdict_of(const struct attempt_result *);

/* Why it gave no text, fit for a client; NULL where it gave one. */
enum { SENTENCE_SIZE = 64 };
const char *verdict_sentence(char out[static SENTENCE_SIZE], const struct attempt_result *);

#endif
