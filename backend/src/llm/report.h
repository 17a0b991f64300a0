/* Counts and logs each call and each attempt, exactly once.
 *
 * Any thread: API threads and the worker's loop report alike, each its own calls. */
#ifndef PW_LLM_REPORT_H
#define PW_LLM_REPORT_H

#include "domain/breaker.h"
#include "llm/provider.h"
#include "llm/result.h"

void llm_metrics(void); /* makes the llm_* series; once per process, before any thread */

/* calls that hold a slot: 1 where one got a slot, -1 where it gave the slot back */
void report_in_flight(enum provider, int by);
/* logs and counts a change of the breaker */
void report_breaker(enum provider, enum breaker_state, unsigned failures, uint64_t wait_ns);

/* A call has ended with this; `ns` since llm_generate. `refused_here`: the provider wasn't
 * asked, as our own queue was full or its breaker open. */
void report_call(enum provider, enum llm_operation, const struct llm_result *, bool refused_here, uint64_t ns);

struct attempt_about {
    enum provider provider;
    enum llm_operation operation;
    struct llm_about about;
    int number;        /* from 1; 0: the call ended without one */
    const char *error; /* NULL: it worked */
    uint64_t ns;
};

/* logs and counts an attempt that ended */
void report_attempt(const struct attempt_about *, const struct attempt_result *);

#endif
