/* What llm.c asks of a provider: one attempt at one text. Waiting, retries, deadlines'
 * consequences and metrics are llm.c's. */
#ifndef PW_LLM_PROVIDER_H
#define PW_LLM_PROVIDER_H

#include "config/config.h"
#include "domain/brief.h"
#include "domain/retry.h"
#include "llm/trouble.h"
#include "sys/loop.h"

enum attempt_outcome {
    ATTEMPT_TEXT,
    ATTEMPT_STATUS,      /* an answer with a status other than 2xx, or an error that names one */
    ATTEMPT_UNREACHABLE, /* no answer at all */
    ATTEMPT_UNREADABLE,  /* cut off, too long, no JSON, no choices */
    ATTEMPT_NO_TEXT,
    ATTEMPT_NO_ROOM,    /* no text before the bound on its tokens: a model that reasons */
    ATTEMPT_REFUSED,    /* by the model, or by a filter around it */
    ATTEMPT_QUOTA_USED, /* what the account may spend */
    ATTEMPT_TIMED_OUT,
};

struct attempt_result { /* valid during the callback */
    enum attempt_outcome outcome;
    int status;          /* HTTP, or of an error within the answer; 0: none */
    const char *text;    /* ATTEMPT_TEXT: trimmed and cut to brief->max_chars, never empty */
    const char *problem; /* for the log, without secrets or user text; NULL: nothing to add */
    const char *words;   /* the provider's own, made safe (llm/words.h); NULL: it said none */
    enum trouble trouble;
    bool closes_alone;                        /* model_text_closes_alone */
    bool has_begun;                           /* bytes of an answer came */
    bool is_learnt;                           /* the next request is another one, so it follows at once, uncounted */
    bool is_misset;                           /* ATTEMPT_STATUS: about a parameter that a setting decides */
    uint64_t retry_after_ms;                  /* RETRY_UNNAMED: the provider named none */
    int64_t prompt_tokens, completion_tokens; /* as the provider counted them; 0: it didn't */
    int64_t tokens;                           /* to be paid for: as counted, or an estimate */
};

typedef void attempt_done(void *ctx, const struct attempt_result *);
/* The text so far, cleaned like the whole one. It mostly begins with what came before, but not
 * always. */
typedef void attempt_words(void *ctx, const char *text);

struct attempt_ask {
    const struct brief *brief; /* lives until `done` */
    uint64_t timeout_ms;
    attempt_words *words; /* NULL: not wanted as they come */
    attempt_done *done;
    void *ctx;
};

struct llm_provider {
    void *(*open)(struct loop *, const struct config *, int limit, struct err *);
    void (*close)(void *state); /* no attempt is left */

    /* `done` comes from the loop within timeout_ms, exactly once, never from inside this call. */
    void *(*attempt)(void *state, const struct attempt_ask *);
    void (*cancel)(void *attempt); /* `done` will not come */

    /* The most tokens that an attempt may use. NULL: attempts cost nothing. */
    int64_t (*most_tokens)(void *state, const struct brief *);
};

extern const struct llm_provider llm_mock, llm_openai;

#endif
