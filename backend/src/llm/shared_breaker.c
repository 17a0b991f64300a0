#include "llm/shared_breaker.h"

#include <pthread.h>

#include "base/clock.h"
#include "llm/report.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct breaker breakers[PROVIDERS];

/* Under the lock, so that the metric ends with the latest state. */
static void tell_change(enum provider provider, enum breaker_state before, uint64_t now)
{
    const struct breaker *breaker = &breakers[provider];
    if (breaker->state != before)
        report_breaker(provider, breaker->state, breaker->failures, breaker_wait_ns(breaker, now));
}

uint64_t shared_breaker_wait_ms(enum provider provider, uint64_t now)
{
    pthread_mutex_lock(&lock);
    uint64_t wait = breaker_wait_ns(&breakers[provider], now);
    pthread_mutex_unlock(&lock);
    return (wait + NS_PER_MS - 1) / NS_PER_MS;
}

bool shared_breaker_ask(enum provider provider, uint64_t now, bool *probe)
{
    pthread_mutex_lock(&lock);
    enum breaker_state before = breakers[provider].state;
    bool may = breaker_ask(&breakers[provider], now, probe);
    tell_change(provider, before, now);
    pthread_mutex_unlock(&lock);
    return may;
}

void shared_breaker_learn(enum provider provider, const struct breaker_policy *policy, uint64_t now, bool probe,
                          enum breaker_news news)
{
    pthread_mutex_lock(&lock);
    enum breaker_state before = breakers[provider].state;
    breaker_learn(&breakers[provider], policy, now, probe, news);
    tell_change(provider, before, now);
    pthread_mutex_unlock(&lock);
}
