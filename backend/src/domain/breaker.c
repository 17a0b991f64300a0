#include "domain/breaker.h"

#include "base/clock.h"

uint64_t breaker_wait_ns(const struct breaker *breaker, uint64_t now)
{
    switch (breaker->state) {
    case BREAKER_CLOSED: break;
    case BREAKER_HALF_OPEN: return breaker->probing ? NS_PER_S : 0;
    case BREAKER_OPEN: return breaker->open_until > now ? breaker->open_until - now : 0;
    }
    return 0;
}

bool breaker_ask(struct breaker *breaker, uint64_t now, bool *probe)
{
    *probe = false;
    if (breaker_wait_ns(breaker, now) > 0)
        return false;
    if (breaker->state == BREAKER_CLOSED)
        return true;
    *probe = true;
    breaker->state = BREAKER_HALF_OPEN;
    breaker->probing = true;
    return true;
}

static void open_it(struct breaker *breaker, const struct breaker_policy *policy, uint64_t now)
{
    breaker->state = BREAKER_OPEN;
    breaker->open_until = now + policy->cooldown_ns;
}

static void close_it(struct breaker *breaker)
{
    breaker->state = BREAKER_CLOSED;
    breaker->failures = 0;
}

static void learn_from_probe(struct breaker *breaker, const struct breaker_policy *policy, uint64_t now,
                             enum breaker_news news)
{
    breaker->probing = false;
    if (news == BREAKER_ILL)
        open_it(breaker, policy, now);
    else if (news != BREAKER_NOTHING)
        close_it(breaker);
}

static void learn_while_closed(struct breaker *breaker, const struct breaker_policy *policy, uint64_t now,
                               enum breaker_news news)
{
    if (news == BREAKER_WELL)
        breaker->failures = 0;
    else if (news == BREAKER_ILL && ++breaker->failures >= policy->failures)
        open_it(breaker, policy, now);
}

void breaker_learn(struct breaker *breaker, const struct breaker_policy *policy, uint64_t now, bool probe,
                   enum breaker_news news)
{
    if (probe)
        learn_from_probe(breaker, policy, now, news);
    else if (breaker->state == BREAKER_CLOSED)
        learn_while_closed(breaker, policy, now, news);
}
