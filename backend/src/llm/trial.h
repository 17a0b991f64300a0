/* One real text from the configured OpenAI-compatible server, for who wants to know whether it
 * works: past queue, breaker and metrics. Blocks; from a thread of its own. It costs what a draft
 * costs. */
#ifndef PW_LLM_TRIAL_H
#define PW_LLM_TRIAL_H

#include "base/arena.h"
#include "config/config.h"
#include "llm/trouble.h"

struct llm_trial {
    const char *text;   /* NULL: none came */
    const char *error;  /* then: a sentence */
    const char *detail; /* then: the connection's fault or the provider's own words; NULL: none */
    enum trouble trouble;
    uint64_t took_ms;                         /* of the last attempt; what was refused and learnt came before it */
    int64_t prompt_tokens, completion_tokens; /* 0: the server doesn't count */
    const char *learnt;                       /* dialect_words */
};

/* Ends within `timeout_ms`. All texts are in the arena. False: a setting is unusable, `err` says
 * which. */
bool llm_try(const struct config *, uint64_t timeout_ms, struct arena *, struct llm_trial *,
             struct err *err) MUST_CHECK;

#endif
