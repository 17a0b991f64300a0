/* The circuit breakers of this process, one for each provider: all threads share them. Any thread.
 * Each change of state is logged (`llm_breaker_opened`, `llm_breaker_half_open`,
 * `llm_breaker_closed`) and stands in llm_breaker_state. */
#ifndef PW_LLM_SHARED_BREAKER_H
#define PW_LLM_SHARED_BREAKER_H

#include "config/config.h"
#include "domain/breaker.h"

uint64_t shared_breaker_wait_ms(enum provider, uint64_t now); /* rounded up; 0: it may be asked */

/* As breaker_ask and breaker_learn; times in loop time, ns. */
bool shared_breaker_ask(enum provider, uint64_t now, bool *probe) MUST_CHECK;
void shared_breaker_learn(enum provider, const struct breaker_policy *, uint64_t now, bool probe, enum breaker_news);

#endif
