/* How a call to the model ends, and the ids that its log lines carry. */
#ifndef PW_LLM_RESULT_H
#define PW_LLM_RESULT_H

#include "base/base.h"

enum llm_status {
    LLM_OK,
    LLM_FAILED,  /* the provider's failure, after our retries; a later call may succeed */
    LLM_REFUSED, /* 400, 413, 422, or by the model: this request will never work */
    /* 401, 403, 404, other 4xx, a redirect: a wrong setting; or a quota used up; jobs come back */
    LLM_MISCONFIGURED,
    LLM_LATE, /* the deadline passed */
    /* not asked (our own queue, 4096, is full, or the breaker is open), or its Retry-After lies
     * beyond the deadline: retry_after_ms */
    LLM_BUSY,
    LLM_USED_UP, /* our own daily budget of tokens: not asked; retry_after_ms: until midnight UTC */
};

struct llm_result {
    enum llm_status status;
    const char *text; /* LLM_OK; valid during the callback */
    /* else: a short sentence without secrets or user text, fit for a client: "provider answered
     * 500" */
    const char *error;
    const char *words;       /* the provider's own, for operators (llm/words.h); NULL: it said none */
    uint64_t retry_after_ms; /* 0: the provider named none; at most a day */
};

typedef void llm_done(void *ctx, const struct llm_result *);

/* The call has its slot: from now on the provider is asked. */
typedef void llm_begun(void *ctx);

/* The words that came since the last time, without anything of the model's reasoning; NULL: all
 * that came is void, and the text begins anew. None is checked yet: what counts is the whole text,
 * which may be shorter. */
typedef void llm_words(void *ctx, const char *words);

struct llm_about { /* for the log line of a failed attempt; "" and 0 where unknown */
    const char *request_id;
    int64_t job_id;
};

#endif
