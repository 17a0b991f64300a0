/* The model provider for one event loop: the mock, or any OpenAI-compatible server over
 * libcurl's multi interface.
 *
 * A call never blocks, never holds a database connection, and ends by its deadline. At most
 * `limit` calls are in flight; more wait in order. Provider and limit may change while it runs
 * (config/levers.h), and are obeyed within 250 ms by the calls that wait. Which provider is
 * asked is decided when a call gets its slot, and holds for its retries. Both can be in use at a
 * time, each with slots of its own. Retries (connection errors, 429, 5xx, unreadable answers)
 * happen inside; the caller sees one result. Lengths and content are the caller's to check; the
 * text comes trimmed and cut to brief->max_chars.
 *
 * A provider that fails LLM_BREAKER_FAILURES times in a row, in the whole process, isn't asked for
 * LLM_BREAKER_COOLDOWN, then by one call at a time until one succeeds (domain/breaker.h). New and
 * waiting calls end as LLM_BUSY meanwhile; a call that had an attempt before ends with that
 * attempt's result.
 *
 * The provider's calls share a daily budget of tokens with all processes, which the mock's don't
 * need (llm/shared_budget.h). A call that finds it used up ends as LLM_USED_UP.
 *
 * A call's deadline is the caller's, or OPENAI_REQUEST_TIMEOUT after it got its slot if that is
 * earlier; retries don't prolong it. The mock never retries. MOCK_LLM_FAILURE alone makes every
 * call fail, MOCK_LLM_FAILURE_RATE alone means status_500.
 */
#ifndef PW_LLM_LLM_H
#define PW_LLM_LLM_H

#include "config/config.h"
#include "domain/brief.h"
#include "llm/result.h"
#include "sys/loop.h"

struct llm;
struct llm_call;

/* `limit`: this loop's share of LLM_MAX_CONCURRENCY. NULL where libcurl can't be loaded, or the
 * address or key is unusable. */
struct llm *llm_open(struct loop *, const struct config *, int limit, struct err *) MUST_CHECK;
/* Whether the provider could be opened, configured or not; false: `err` says why not. */
bool llm_can_use(struct loop *, const struct config *, enum provider, struct err *) MUST_CHECK;
/* open calls are dropped without a callback; not from inside a callback; NULL is fine */
void llm_close(struct llm *);

/* A text that is asked for. */
struct llm_ask {
    const struct brief *brief; /* it and the texts of `about` must live until the callback or llm_drop */
    struct llm_about about;
    uint64_t deadline; /* loop time, ns */
    /* Loop time: since when the caller's time runs, where an earlier call has used some of it; 0:
     * now. Where less than half is left, a timeout doesn't count against the provider. */
    uint64_t since;
    llm_done *done;
    llm_begun *begun; /* at most once, also from inside llm_generate; must not drop; NULL: no matter */
    llm_words *words; /* NULL: the whole text is enough */
    void *ctx;
};

/* `ask` is copied. `done` comes from the loop, exactly once, never from inside this call. */
struct llm_call *llm_generate(struct llm *, const struct llm_ask *ask);
/* Whether the daily budget is used up, as calls to the provider in force have found it. */
bool llm_is_out_of_tokens(struct llm *);
void llm_drop(struct llm_call *); /* cancels, not from inside `words`; no callback will come */

#endif
