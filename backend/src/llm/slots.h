/* The providers that a loop has opened, each with its calls in flight. On the loop's thread. */
#ifndef PW_LLM_SLOTS_H
#define PW_LLM_SLOTS_H

#include "llm/provider.h"

/* A provider in this loop: its connections and its calls in flight. */
struct provider_slot {
    enum provider name;
    const struct llm_provider *provider; /* NULL: not opened yet */
    void *state;
    unsigned attempts_max;
    uint64_t timeout_ns; /* of a call that holds a slot; the mock has only the caller's deadline */
    int in_flight;
};

struct provider_slots {
    struct loop *loop;
    const struct config *config;
    int limit; /* of calls in flight, for each provider: the loop's share of LLM_MAX_CONCURRENCY */
    struct provider_slot slots[PROVIDERS];
};

/* Opens the configured provider. */
bool slots_open(struct provider_slots *, struct loop *, const struct config *, int limit, struct err *) MUST_CHECK;
void slots_close(struct provider_slots *);
/* Whether a provider can be opened; false: `err` says why not. */
bool slots_can_use(struct loop *, const struct config *, enum provider, struct err *) MUST_CHECK;

/* The provider that the lever names, else the setting. Where that can't be opened, the configured
 * one. */
struct provider_slot *slots_current(struct provider_slots *);
/* The limit in force: it changes in proportion where the lever changes LLM_MAX_CONCURRENCY. */
int slots_limit(const struct provider_slots *);

#endif
