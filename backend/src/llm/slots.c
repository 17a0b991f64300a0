#include "llm/slots.h"

#include "base/clock.h"
#include "config/levers.h"

static const struct llm_provider *const providers[PROVIDERS] = {[PROVIDER_MOCK] = &llm_mock,
                                                                [PROVIDER_OPENAI] = &llm_openai};

/* Opens the provider unless it is open. */
static bool open_slot(struct provider_slots *slots, enum provider name, struct err *err)
{
    struct provider_slot *slot = &slots->slots[name];
    bool remote = name == PROVIDER_OPENAI;
    if (slot->provider)
        return true;
    void *state = providers[name]->open(slots->loop, slots->config, slots->limit, err);
    if (!state)
        return false;
    *slot = (struct provider_slot){
        .name = name,
        .provider = providers[name],
        .state = state,
        .attempts_max = remote ? (unsigned)slots->config->openai_max_retries + 1 : 1,
        .timeout_ns = remote ? (uint64_t)slots->config->openai_timeout * NS_PER_MS : UINT64_MAX,
    };
    return true;
}

bool slots_open(struct provider_slots *slots, struct loop *loop, const struct config *config, int limit,
                struct err *err)
{
    *slots = (struct provider_slots){.loop = loop, .config = config, .limit = MAX(limit, 1)};
    return open_slot(slots, (enum provider)config->llm_provider, err);
}

void slots_close(struct provider_slots *slots)
{
    for (int i = 0; i < PROVIDERS; i++)
        if (slots->slots[i].provider)
            slots->slots[i].provider->close(slots->slots[i].state);
}

bool slots_can_use(struct loop *loop, const struct config *config, enum provider name, struct err *err)
{
    void *state = providers[name]->open(loop, config, 1, err);
    if (state)
        providers[name]->close(state);
    return state;
}

struct provider_slot *slots_current(struct provider_slots *slots)
{
    struct err err;
    enum provider configured = (enum provider)slots->config->llm_provider;
    enum provider name = (enum provider)lever_value(LEVER_LLM_PROVIDER, configured);
    return &slots->slots[open_slot(slots, name, &err) ? name : configured];
}

int slots_limit(const struct provider_slots *slots)
{
    int64_t configured = slots->config->llm_max_concurrency;
    int64_t total = lever_value(LEVER_LLM_MAX_CONCURRENCY, configured);
    return total == configured ? slots->limit : (int)MAX(total * slots->limit / configured, 1);
}
