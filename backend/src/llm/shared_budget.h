/* This process's part in the daily budget of tokens (domain/model/budget.h), shared by all its
 * loops. Any thread.
 *
 * The limit is LLM_DAILY_TOKENS, or its lever. service/budget_keeper.h speaks with the database.
 * `llm_budget_used_up` and `llm_budget_open` in the log say that calls find it used up, and that
 * they don't any more.
 */
#ifndef PW_LLM_SHARED_BUDGET_H
#define PW_LLM_SHARED_BUDGET_H

#include "config/config.h"
#include "domain/model/budget.h"

/* ---- for calls; times are loop time ---- */

/* budget_knows */
bool shared_budget_knows(enum llm_operation);
/* budget_ask */
enum budget_answer shared_budget_ask(const struct config *, enum llm_operation, int64_t most, uint64_t now,
                                     struct budget_promise *) MUST_CHECK;
/* budget_settle */
void shared_budget_settle(enum llm_operation, const struct budget_promise *, int64_t used);
/* budget_return */
void shared_budget_return(const struct budget_promise *);
/* budget_closed_ms */
uint64_t shared_budget_closed_ms(uint64_t now);

/* ---- for the keeper ---- */

/* fn(ctx) is called where tokens have to be taken, on any thread, and with the budget locked: it
 * only posts. NULL: nobody is told any more. */
void shared_budget_on_need(void (*fn)(void *ctx), void *ctx);
/* budget_next */
bool shared_budget_next(bool leaves, struct budget_exchange *) MUST_CHECK;
/* budget_exchanged */
void shared_budget_exchanged(int64_t granted);
/* budget_not_exchanged */
void shared_budget_not_exchanged(const struct budget_exchange *, bool maybe_made);
/* budget_see */
void shared_budget_see(const struct config *, const struct budget_row *, uint64_t now);

#endif
