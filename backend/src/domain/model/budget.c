#include "domain/model/budget.h"

#include "base/clock.h"

static int64_t portion(const struct budget *budget)
{
    return MAX(budget->limit / 100, 1);
}

/* What must be left for a call: a half of it, or more where that would be over the limit by more
 * than a twentieth. */
static int64_t least_for(const struct budget *budget, int64_t tokens)
{
    return tokens - MIN(tokens / 2, budget->limit / 20);
}

/* ---- what calls use ---- */

static bool is_guessed(const struct budget *budget, enum llm_operation operation)
{
    return budget->costs[operation].calls == 0 && budget->row.calls == 0;
}

bool budget_knows(const struct budget *budget, enum llm_operation operation)
{
    return !is_guessed(budget, operation);
}

static int64_t estimate(const struct budget *budget, enum llm_operation operation, int64_t most)
{
    int64_t cost = budget->costs[operation].calls ? budget->costs[operation].tokens
                   : budget->row.calls > 0        ? budget->row.used / budget->row.calls
                                                  : MIN(most, budget->limit / 2);
    return MAX(MIN(cost, budget->limit), 1);
}

/* The average of the first calls, then a moving one. */
static void learn_cost(struct budget *budget, enum llm_operation operation, int64_t used)
{
    enum { MOVING_CALLS = 16 };
    int64_t *tokens = &budget->costs[operation].tokens, *calls = &budget->costs[operation].calls;
    *calls = MIN(*calls + 1, MOVING_CALLS);
    *tokens += (used - *tokens) / *calls;
}

/* ---- asking ---- */

static int64_t quiet_ms(const struct budget *budget, uint64_t now)
{
    return budget->row.quiet_ms + (int64_t)((now - MIN(budget->seen_at, now)) / NS_PER_MS);
}

static bool is_used_up(const struct budget *budget, int64_t tokens, uint64_t now)
{
    int64_t unused = budget->limit - budget->row.used - budget->used, untaken = budget->limit - budget->row.taken;
    int64_t least = least_for(budget, tokens);
    if (budget->limit == 0 || !budget->is_known)
        return false;
    return unused < least || (budget->free < tokens && untaken < least && quiet_ms(budget, now) >= budget->call_ms);
}

static enum budget_answer promise_tokens(struct budget *budget, int64_t tokens, struct budget_promise *promise)
{
    *promise = (struct budget_promise){.day = budget->row.day, .tokens = tokens};
    budget->free -= tokens;
    budget->promised += tokens;
    budget->wanted = 0;
    budget->refused = 0;
    return BUDGET_PROMISED;
}

enum budget_answer budget_ask(struct budget *budget, enum llm_operation operation, int64_t most, uint64_t now,
                              struct budget_promise *promise)
{
    if (budget->limit == 0)
        return promise_tokens(budget, 0, promise);
    int64_t tokens = estimate(budget, operation, most);
    if (!budget->is_known)
        return BUDGET_WAIT;
    if (is_guessed(budget, operation) && budget->promised > 0 && budget->promised + tokens > portion(budget))
        return BUDGET_WAIT;
    if (is_used_up(budget, tokens, now)) {
        budget->refused = tokens;
        budget->wanted = 0;
        return BUDGET_USED_UP;
    }
    if (budget->free >= tokens)
        return promise_tokens(budget, tokens, promise);
    budget->wanted = tokens;
    return BUDGET_WAIT;
}

/* Tokens that were promised on another day are that day's. */
static bool take_promise_back(struct budget *budget, const struct budget_promise *promise)
{
    budget->promised -= promise->tokens;
    return promise->day == budget->row.day;
}

void budget_settle(struct budget *budget, enum llm_operation operation, const struct budget_promise *promise,
                   int64_t used)
{
    if (used > 0)
        learn_cost(budget, operation, used);
    if (!take_promise_back(budget, promise))
        return;
    budget->free += promise->tokens - used;
    budget->used += used;
    budget->calls += used > 0;
}

void budget_return(struct budget *budget, const struct budget_promise *promise)
{
    if (take_promise_back(budget, promise))
        budget->free += promise->tokens;
}

/* ---- with the database ---- */

/* Takes a call's tokens, or a whole portion where there is room for it. What is free goes back in
 * the same step, so that too little for a call is nobody's: others may have what makes it whole.
 * The call may be over the limit by less than half of it. */
static void plan_for_call(const struct budget *budget, struct budget_exchange *exchange)
{
    exchange->back = budget->free;
    int64_t untaken = budget->limit - budget->row.taken + exchange->back;
    bool has_room = untaken >= MAX(portion(budget), budget->wanted);
    exchange->more = has_room ? MAX(portion(budget), budget->wanted) : budget->wanted;
    exchange->least = has_room ? exchange->more : least_for(budget, budget->wanted);
    if (exchange->least > untaken)
        exchange->more = exchange->least = 0;
}

/* Keeps a portion, or what a call waits for; up to two of them, so that not every call's end is an
 * exchange. */
static void plan_ahead(const struct budget *budget, struct budget_exchange *exchange)
{
    int64_t ahead = portion(budget) - budget->free;
    int64_t keep = budget->limit == 0 ? 0 : MAX(portion(budget), budget->wanted);
    if (budget->free < 0 || budget->free > 2 * keep)
        exchange->back = budget->free - (budget->free < 0 ? 0 : keep);
    if (budget->limit == 0 || budget->promised == 0 || ahead <= portion(budget) / 2 ||
        ahead > budget->limit - budget->row.taken)
        return;
    exchange->more = exchange->least = MIN(ahead, portion(budget));
}

static struct budget_exchange plan(const struct budget *budget, bool leaves)
{
    struct budget_exchange exchange = {
        .day = budget->row.day, .limit = budget->limit, .used = budget->used, .calls = budget->calls};
    if (!budget->is_known)
        return exchange;
    if (leaves)
        exchange.back = budget->free;
    else if (budget->limit > 0 && budget->wanted > budget->free)
        plan_for_call(budget, &exchange);
    else
        plan_ahead(budget, &exchange);
    return exchange;
}

bool budget_needs_more(const struct budget *budget)
{
    return plan(budget, false).more > 0;
}

bool budget_next(struct budget *budget, bool leaves, struct budget_exchange *exchange)
{
    *exchange = plan(budget, leaves);
    bool says = exchange->more || exchange->back || exchange->used || exchange->calls;
    if (!says || !budget->is_known)
        return false;
    budget->free -= exchange->back;
    budget->used = budget->calls = 0;
    return true;
}

void budget_exchanged(struct budget *budget, int64_t granted)
{
    budget->free += granted;
}

void budget_not_exchanged(struct budget *budget, const struct budget_exchange *exchange, bool maybe_made)
{
    budget->free += maybe_made ? MIN(exchange->back, 0) : exchange->back;
    budget->used += exchange->used;
    budget->calls += exchange->calls;
}

/* Another day's free tokens are gone with it; what wasn't told of it is counted in the new one. */
void budget_see(struct budget *budget, const struct budget_row *row, uint64_t now)
{
    if (budget->is_known && row->day != budget->row.day)
        budget->free = MIN(budget->free, 0);
    budget->row = *row;
    budget->seen_at = now;
    budget->is_known = true;
    if (budget->refused && !is_used_up(budget, budget->refused, now))
        budget->refused = 0;
}

uint64_t budget_closed_ms(const struct budget *budget, uint64_t now)
{
    uint64_t since_ms = (now - MIN(budget->seen_at, now)) / NS_PER_MS, left = (uint64_t)budget->row.ends_in_ms;
    return budget->refused && budget->limit ? MAX(left - MIN(since_ms, left), 1) : 0;
}
