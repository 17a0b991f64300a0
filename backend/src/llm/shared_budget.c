#include "llm/shared_budget.h"

#include <pthread.h>

#include "config/levers.h"
#include "sys/log.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct budget budget;
static bool is_told; /* the log was, that the budget is used up */
static void (*on_need)(void *ctx);
static void *on_need_ctx;

/* The setting or its lever, which may have changed since. */
static void set_terms(const struct config *config)
{
    budget.limit = lever_value(LEVER_LLM_DAILY_TOKENS, config->llm_daily_tokens);
    budget.call_ms = config->openai_timeout;
}

static void tell_need(void)
{
    if (on_need && budget_needs_more(&budget))
        on_need(on_need_ctx);
}

static void tell_change(uint64_t now)
{
    bool is_closed = budget_closed_ms(&budget, now) > 0;
    if (is_closed == is_told)
        return;
    is_told = is_closed;
    if (is_closed)
        log_warn("llm_budget_used_up", log_int("limit", budget.limit), log_int("used", budget.row.used),
                 log_int("taken", budget.row.taken), log_int("opens_in_ms", (int64_t)budget_closed_ms(&budget, now)));
    else
        log_info("llm_budget_open", log_int("limit", budget.limit), log_int("used", budget.row.used));
}

bool shared_budget_knows(enum llm_operation operation)
{
    pthread_mutex_lock(&lock);
    bool knows = budget_knows(&budget, operation);
    pthread_mutex_unlock(&lock);
    return knows;
}

enum budget_answer shared_budget_ask(const struct config *config, enum llm_operation operation, int64_t most,
                                     uint64_t now, struct budget_promise *promise)
{
    pthread_mutex_lock(&lock);
    set_terms(config);
    enum budget_answer answer = budget_ask(&budget, operation, most, now, promise);
    tell_change(now);
    tell_need();
    pthread_mutex_unlock(&lock);
    return answer;
}

void shared_budget_settle(enum llm_operation operation, const struct budget_promise *promise, int64_t used)
{
    pthread_mutex_lock(&lock);
    budget_settle(&budget, operation, promise, used);
    tell_need();
    pthread_mutex_unlock(&lock);
}

void shared_budget_return(const struct budget_promise *promise)
{
    pthread_mutex_lock(&lock);
    budget_return(&budget, promise);
    pthread_mutex_unlock(&lock);
}

uint64_t shared_budget_closed_ms(uint64_t now)
{
    pthread_mutex_lock(&lock);
    uint64_t ms = budget_closed_ms(&budget, now);
    pthread_mutex_unlock(&lock);
    return ms;
}

void shared_budget_on_need(void (*fn)(void *ctx), void *ctx)
{
    pthread_mutex_lock(&lock);
    on_need = fn;
    on_need_ctx = ctx;
    pthread_mutex_unlock(&lock);
}

bool shared_budget_next(bool leaves, struct budget_exchange *exchange)
{
    pthread_mutex_lock(&lock);
    bool says = budget_next(&budget, leaves, exchange);
    pthread_mutex_unlock(&lock);
    return says;
}

void shared_budget_exchanged(int64_t granted)
{
    pthread_mutex_lock(&lock);
    budget_exchanged(&budget, granted);
    pthread_mutex_unlock(&lock);
}

void shared_budget_not_exchanged(const struct budget_exchange *exchange, bool maybe_made)
{
    pthread_mutex_lock(&lock);
    budget_not_exchanged(&budget, exchange, maybe_made);
    pthread_mutex_unlock(&lock);
}

void shared_budget_see(const struct config *config, const struct budget_row *row, uint64_t now)
{
    pthread_mutex_lock(&lock);
    set_terms(config);
    budget_see(&budget, row, now);
    tell_change(now);
    pthread_mutex_unlock(&lock);
}
