#include "llm/llm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/clock.h"
#include "config/levers.h"
#include "domain/retry.h"
#include "llm/heard.h"
#include "llm/provider.h"
#include "llm/report.h"
#include "llm/shared_breaker.h"
#include "llm/shared_budget.h"
#include "llm/slots.h"
#include "llm/verdict.h"
#include "llm/words.h"
#include "sys/crypto.h"

/* REFUSED                        the queue was full, or the breaker open: ends in the next turn
 * WAITING -> TRYING              a slot is free; REFUSED when the breaker opens; else ends at the
 *                                deadline
 *            TRYING <-> PAUSING  failed, and tried again; else, or when the breaker opens, ends
 *                                with what the last attempt gave
 *
 * The one timer of a call belongs to its state: REFUSED's next turn, WAITING's deadline,
 * PAUSING's end. TRYING is bounded by the provider. PAUSING keeps the slot: while the provider
 * fails, fewer calls go out.
 */
enum call_state { CALL_REFUSED, CALL_WAITING, CALL_TRYING, CALL_PAUSING };

enum {
    MAX_WAITING = 4096,
    RETRY_LEAST_MS = 50,
    RETRY_MOST_MS = 60 * 60 * 1000,
    QUEUE_FULL_RETRY_MS = 1000,
    LOOK_EVERY_MS = 250,
    LOOK_FOR_TOKENS_MS = 10, /* they come within a round trip to the database */
};

TAILQ_HEAD(calls, llm_call);

struct llm {
    struct loop *loop;
    const struct config *config;
    struct provider_slots slots;
    struct retry_policy retry;
    struct breaker_policy breaker;
    int waiting_count;
    bool lacks_tokens; /* the call that waits longest does */
    struct calls waiting, others;
    struct timer *look;
};

struct llm_call {
    TAILQ_ENTRY(llm_call) link;
    struct llm *llm;
    struct provider_slot *slot; /* whose slot it has, from its first attempt to its end; NULL: none */
    enum call_state state;
    struct timer *timer;
    struct llm_ask ask;
    uint64_t begun;
    unsigned attempts, learnt; /* attempts after which the next request was another one */
    uint64_t attempt_begun;
    void *attempt;
    struct heard heard;            /* by the caller, where it wants words */
    bool is_probe;                 /* of a half-open breaker, while it tries */
    int64_t most_tokens;           /* 0: not asked for yet */
    struct budget_promise promise; /* while it holds a slot */
    int64_t tokens;                /* used by its attempts */
    struct llm_result refusal;     /* REFUSED: what the caller is told */
    enum llm_status failure;       /* PAUSING: how the last attempt ended */
    char error[SENTENCE_SIZE], words[WORDS_SIZE];
};

static void llm_look(void *ctx);

struct llm *llm_open(struct loop *loop, const struct config *config, int limit, struct err *err)
{
    struct llm *llm = must_alloc(sizeof *llm);
    *llm = (struct llm){
        .loop = loop,
        .config = config,
        .retry = {.base_ms = (uint64_t)config->openai_retry_base, .max_ms = RETRY_MOST_MS, .least_ms = RETRY_LEAST_MS},
        .breaker = {.failures = (unsigned)config->llm_breaker_failures,
                    .cooldown_ns = (uint64_t)config->llm_breaker_cooldown * NS_PER_MS},
    };
    TAILQ_INIT(&llm->waiting);
    TAILQ_INIT(&llm->others);
    if (!slots_open(&llm->slots, loop, config, limit, err)) {
        free(llm);
        return NULL;
    }
    llm->look = timer_new(loop, llm_look, llm);
    return llm;
}

bool llm_can_use(struct loop *loop, const struct config *config, enum provider name, struct err *err)
{
    return slots_can_use(loop, config, name, err);
}

static uint64_t ms_left(const struct llm_call *call)
{
    uint64_t now = loop_now(call->llm->loop);
    return call->ask.deadline > now ? (call->ask.deadline - now + NS_PER_MS - 1) / NS_PER_MS : 0;
}

static void attempt_ended(void *ctx, const struct attempt_result *result);

static void call_hear(void *ctx, const char *text)
{
    struct llm_call *call = ctx;
    heard_more(&call->heard, text, call->ask.words, call->ask.ctx);
}

/* Starts an attempt; the breaker has let the call pass. */
static void try_once(struct llm_call *call)
{
    call->state = CALL_TRYING;
    call->attempts++;
    call->attempt_begun = loop_now(call->llm->loop);
    const struct attempt_ask ask = {.brief = call->ask.brief,
                                    .timeout_ms = MAX(ms_left(call), 1),
                                    .words = call->ask.words ? call_hear : NULL,
                                    .done = attempt_ended,
                                    .ctx = call};
    call->attempt = call->slot->provider->attempt(call->slot->state, &ask);
}

static void leave_queue(struct llm_call *call)
{
    struct llm *llm = call->llm;
    INVARIANT_LINKED(call, link);
    TAILQ_REMOVE(&llm->waiting, call, link);
    TAILQ_INSERT_TAIL(&llm->others, call, link);
    llm->waiting_count--;
}

/* Ends the call in the next turn, as its callback must not come from inside llm_generate. */
static void llm_refuse(struct llm_call *call, enum llm_status status, const char *why, uint64_t retry_after_ms)
{
    call->state = CALL_REFUSED;
    call->refusal = (struct llm_result){.status = status, .error = why, .retry_after_ms = retry_after_ms};
    timer_set(call->timer, 0);
}

/* Gives the call a slot. The provider's timeout starts here, so that waiting in our own queue
 * doesn't count against the provider. */
static void llm_admit(struct llm_call *call, struct provider_slot *slot)
{
    struct llm *llm = call->llm;
    leave_queue(call);
    timer_stop(call->timer);
    call->slot = slot;
    slot->in_flight++;
    report_in_flight(slot->name, 1);
    uint64_t now = loop_now(llm->loop);
    if (slot->timeout_ns < UINT64_MAX - now)
        call->ask.deadline = MIN(call->ask.deadline, now + slot->timeout_ns);
    if (call->ask.begun)
        call->ask.begun(call->ask.ctx);
    try_once(call);
}

static void refuse_waiting(struct llm *llm, uint64_t retry_after_ms)
{
    for (struct llm_call *call; (call = TAILQ_FIRST(&llm->waiting));) {
        leave_queue(call);
        llm_refuse(call, LLM_BUSY, "provider keeps failing and isn't asked for now", retry_after_ms);
    }
}

/* Tokens for the call; what the mock makes costs none. */
static enum budget_answer ask_budget(struct llm_call *call, const struct provider_slot *slot)
{
    const struct brief *brief = call->ask.brief;
    if (!slot->provider->most_tokens)
        return BUDGET_PROMISED;
    if (!call->most_tokens && !shared_budget_knows(brief->operation))
        call->most_tokens = slot->provider->most_tokens(slot->state, brief);
    return shared_budget_ask(call->llm->config, brief->operation, call->most_tokens, loop_now(call->llm->loop),
                             &call->promise);
}

static void refuse_used_up(struct llm_call *call)
{
    leave_queue(call);
    llm_refuse(call, LLM_USED_UP, "daily model budget used up", shared_budget_closed_ms(loop_now(call->llm->loop)));
}

/* The breaker is asked for each call: another thread's loop may open it, or take the probe, at
 * any time. */
static bool admit_first(struct llm *llm, struct provider_slot *slot)
{
    struct llm_call *call = TAILQ_FIRST(&llm->waiting);
    if (slot->in_flight >= slots_limit(&llm->slots))
        return false;
    enum budget_answer answer = ask_budget(call, slot);
    llm->lacks_tokens = answer == BUDGET_WAIT;
    if (answer == BUDGET_USED_UP)
        refuse_used_up(call);
    if (answer != BUDGET_PROMISED)
        return answer == BUDGET_USED_UP;
    if (!shared_breaker_ask(slot->name, loop_now(llm->loop), &call->is_probe)) {
        shared_budget_return(&call->promise);
        return false;
    }
    llm_admit(call, slot);
    return true;
}

/* Admits waiting calls while slots are free. Levers and other threads change provider, limit,
 * budget and breaker without an event in this loop, so a timer calls this again while calls
 * wait. */
static void admit_waiting(struct llm *llm)
{
    struct provider_slot *slot = slots_current(&llm->slots);
    llm->lacks_tokens = false;
    while (!TAILQ_EMPTY(&llm->waiting) && admit_first(llm, slot))
        ;
    uint64_t wait_ms = TAILQ_EMPTY(&llm->waiting) ? 0 : shared_breaker_wait_ms(slot->name, loop_now(llm->loop));
    if (wait_ms > 0)
        refuse_waiting(llm, wait_ms);
    if (!TAILQ_EMPTY(&llm->waiting) && (llm->lacks_tokens || !timer_is_set(llm->look)))
        timer_set(llm->look, llm->lacks_tokens ? LOOK_FOR_TOKENS_MS : LOOK_EVERY_MS);
}

static void llm_look(void *ctx)
{
    admit_waiting(ctx);
}

static void llm_learn(struct llm_call *call, enum breaker_news news)
{
    shared_breaker_learn(call->slot->name, &call->llm->breaker, loop_now(call->llm->loop), call->is_probe, news);
    call->is_probe = false;
}

static void leave_slot(struct llm_call *call)
{
    if (call->attempt) {
        call->slot->provider->cancel(call->attempt);
        call->tokens += call->promise.tokens; /* nobody will say what it has cost */
        llm_learn(call, BREAKER_NOTHING);
    }
    if (call->slot->provider->most_tokens)
        shared_budget_settle(call->ask.brief->operation, &call->promise, call->tokens);
    call->slot->in_flight--;
    report_in_flight(call->slot->name, -1);
}

/* Takes the call out of its list and its slot, and frees it. */
static void remove_call(struct llm_call *call)
{
    if (call->state == CALL_WAITING)
        leave_queue(call);
    if (call->slot)
        leave_slot(call);
    INVARIANT_LINKED(call, link);
    TAILQ_REMOVE(&call->llm->others, call, link);
    timer_free(call->timer);
    heard_free(&call->heard);
    free(call);
}

/* The provider that log and metrics name for a call: the one that was asked, or would have been. */
static enum provider provider_of(const struct llm_call *call)
{
    return call->slot ? call->slot->name : slots_current(&call->llm->slots)->name;
}

/* The slot goes to the next waiting call before the callback runs: calls that the callback starts
 * queue behind those that wait. */
static void llm_end_call(struct llm_call *call, const struct llm_result *result)
{
    struct llm *llm = call->llm;
    llm_done *done = call->ask.done;
    void *ctx = call->ask.ctx;
    report_call(provider_of(call), call->ask.brief->operation, result, call->state == CALL_REFUSED,
                loop_now(llm->loop) - call->begun);
    remove_call(call);
    admit_waiting(llm);
    done(ctx, result);
}

/* Attempt 0 in the log: the provider wasn't asked. */
static void end_unasked(struct llm_call *call, const struct llm_result *result)
{
    report_attempt(&(struct attempt_about){.provider = provider_of(call),
                                           .operation = call->ask.brief->operation,
                                           .about = call->ask.about,
                                           .error = result->error,
                                           .ns = loop_now(call->llm->loop) - call->begun},
                   &(struct attempt_result){.retry_after_ms = RETRY_UNNAMED});
    llm_end_call(call, result);
}

/* Where the breaker has opened meanwhile the call ends with its last failure, not as LLM_BUSY. A
 * job whose text makes the provider fail thus uses its attempts up; as LLM_BUSY it would come
 * back for ever as the probe that keeps the breaker open. */
static void try_again(struct llm_call *call)
{
    uint64_t now = loop_now(call->llm->loop);
    if (shared_breaker_ask(call->slot->name, now, &call->is_probe)) {
        try_once(call);
        return;
    }
    char error[SENTENCE_SIZE], words[WORDS_SIZE];
    memcpy(error, call->error, sizeof error);
    memcpy(words, call->words, sizeof words);
    llm_end_call(call, &(struct llm_result){.status = call->failure,
                                            .error = error,
                                            .words = *words ? words : NULL,
                                            .retry_after_ms = shared_breaker_wait_ms(call->slot->name, now)});
}

static void llm_on_timer(void *ctx)
{
    static const struct llm_result waited_too_long = {.status = LLM_LATE,
                                                      .error = "provider is busy with earlier calls"};
    static const struct llm_result lacked_tokens = {.status = LLM_BUSY,
                                                    .error =
                                                        "what is left of the daily model budget is with other calls",
                                                    .retry_after_ms = 1000};
    struct llm_call *call = ctx;
    switch (call->state) {
    case CALL_REFUSED:
        end_unasked(call, &(struct llm_result){.status = call->refusal.status,
                                               .error = call->refusal.error,
                                               .retry_after_ms = call->refusal.retry_after_ms});
        break;
    case CALL_WAITING: end_unasked(call, call->llm->lacks_tokens ? &lacked_tokens : &waited_too_long); break;
    case CALL_PAUSING: try_again(call); break;
    case CALL_TRYING: break;
    }
}

struct llm_call *llm_generate(struct llm *llm, const struct llm_ask *ask)
{
    struct llm_call *call = must_alloc(sizeof *call);
    *call = (struct llm_call){.llm = llm, .ask = *ask, .begun = loop_now(llm->loop)};
    call->timer = timer_new(llm->loop, llm_on_timer, call);
    if (llm->waiting_count == MAX_WAITING) {
        TAILQ_INSERT_TAIL(&llm->others, call, link);
        llm_refuse(call, LLM_BUSY, "too many calls wait for the provider", QUEUE_FULL_RETRY_MS);
        return call;
    }
    call->state = CALL_WAITING;
    TAILQ_INSERT_TAIL(&llm->waiting, call, link);
    llm->waiting_count++;
    timer_set(call->timer, ms_left(call));
    admit_waiting(llm);
    return call;
}

bool llm_is_out_of_tokens(struct llm *llm)
{
    return slots_current(&llm->slots)->provider->most_tokens && shared_budget_closed_ms(loop_now(llm->loop)) > 0;
}

void llm_drop(struct llm_call *call)
{
    struct llm *llm = call->llm;
    remove_call(call);
    admit_waiting(llm);
}

void llm_close(struct llm *llm)
{
    if (!llm)
        return;
    while (!TAILQ_EMPTY(&llm->waiting))
        remove_call(TAILQ_FIRST(&llm->waiting));
    while (!TAILQ_EMPTY(&llm->others))
        remove_call(TAILQ_FIRST(&llm->others));
    slots_close(&llm->slots);
    timer_free(llm->look);
    free(llm);
}

static struct verdict judge_attempt(const struct llm_call *call, const struct attempt_result *result)
{
    const struct attempt_moment at = {.number = call->attempts,
                                      .max_attempts = call->slot->attempts_max + call->learnt,
                                      .call_begun = call->ask.since ? call->ask.since : call->begun,
                                      .begun = call->attempt_begun,
                                      .now = loop_now(call->llm->loop),
                                      .deadline = call->ask.deadline,
                                      .roll = random_roll()};
    return verdict_of(result, &call->llm->retry, &at);
}

static void pause_call(struct llm_call *call, const struct verdict *verdict, const char *error, const char *words)
{
    call->state = CALL_PAUSING;
    call->failure = verdict->status;
    snprintf(call->error, sizeof call->error, "%s", error);
    snprintf(call->words, sizeof call->words, "%s", words ? words : "");
    admit_waiting(call->llm); /* refuses the waiting calls where the breaker has opened */
    timer_set(call->timer, verdict->wait_ms);
}

static void attempt_ended(void *ctx, const struct attempt_result *result)
{
    struct llm_call *call = ctx;
    char text[SENTENCE_SIZE];
    const char *error = verdict_sentence(text, result);
    call->learnt += result->is_learnt;
    call->tokens += result->tokens;
    struct verdict verdict = judge_attempt(call, result);
    report_attempt(&(struct attempt_about){.provider = provider_of(call),
                                           .operation = call->ask.brief->operation,
                                           .about = call->ask.about,
                                           .number = (int)call->attempts,
                                           .error = error,
                                           .ns = loop_now(call->llm->loop) - call->attempt_begun},
                   result);
    call->attempt = NULL;
    llm_learn(call, verdict.news);
    if (verdict.again) {
        pause_call(call, &verdict, error, result->words);
        return;
    }
    uint64_t retry_after = result->retry_after_ms == RETRY_UNNAMED ? 0 : result->retry_after_ms;
    llm_end_call(call, &(struct llm_result){.status = verdict.status,
                                            .text = result->text,
                                            .error = error,
                                            .words = result->words,
                                            .retry_after_ms = retry_after});
}
