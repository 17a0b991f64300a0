#include "llm/llm.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "base/clock.h"
#include "domain/retry.h"
#include "llm/provider.h"
#include "llm/report.h"
#include "sys/crypto.h"

/* REFUSED                             the queue was full: ends in the next turn
 * WAITING -> TRYING                   a slot is free; else ends at the deadline
 *            TRYING <-> PAUSING       failed, and tried again; else ends with what the attempt gave
 *
 * The one timer of a call belongs to its state: REFUSED's next turn, WAITING's deadline, PAUSING's end. TRYING is bounded by the provider.
 * PAUSING keeps the slot: while the provider fails, fewer calls go out.
 */
enum call_state { CALL_REFUSED, CALL_WAITING, CALL_TRYING, CALL_PAUSING };

enum { MAX_WAITING = 4096, RETRY_LEAST_MS = 50, RETRY_MOST_MS = 60 * 60 * 1000, QUEUE_FULL_RETRY_MS = 1000 };

TAILQ_HEAD(calls, llm_call);

struct llm {
    struct loop *loop;
    enum provider name;
    const struct llm_provider *provider;
    void *state;
    struct retry_policy retry;
    unsigned attempts_max;
    uint64_t timeout_ns; /* of a call that holds a slot; the mock has only the caller's deadline */
    int limit, in_flight, waiting_count;
    struct calls waiting, others;
};

struct llm_call {
    TAILQ_ENTRY(llm_call) link;
    struct llm *llm;
    enum call_state state;
    struct timer *timer;
    const struct brief *brief;
    struct llm_about about;
    uint64_t begun, deadline;
    llm_done *done;
    void *ctx;
    unsigned attempts;
    uint64_t attempt_begun;
    void *attempt;
};

struct llm *llm_open(struct loop *loop, const struct config *config, int limit, struct err *err)
{
    static const struct llm_provider *const providers[] = {[PROVIDER_MOCK] = &llm_mock, [PROVIDER_OPENAI] = &llm_openai};
    enum provider name = (enum provider)config->llm_provider;
    void *state = providers[name]->open(loop, config, limit, err);
    if (!state)
        return NULL;
    bool remote = name == PROVIDER_OPENAI;
    struct llm *llm = must_alloc(sizeof *llm);
    *llm = (struct llm){
        .loop = loop,
        .name = name,
        .provider = providers[name],
        .state = state,
        .retry = {.base_ms = (uint64_t)config->openai_retry_base, .max_ms = RETRY_MOST_MS, .least_ms = RETRY_LEAST_MS},
        .attempts_max = remote ? (unsigned)config->openai_max_retries + 1 : 1,
        .timeout_ns = remote ? (uint64_t)config->openai_timeout * NS_PER_MS : UINT64_MAX,
        .limit = MAX(limit, 1),
    };
    TAILQ_INIT(&llm->waiting);
    TAILQ_INIT(&llm->others);
    return llm;
}

static uint64_t ms_left(const struct llm_call *call)
{
    uint64_t now = loop_now(call->llm->loop);
    return call->deadline > now ? (call->deadline - now + NS_PER_MS - 1) / NS_PER_MS : 0;
}

static bool holds_slot(const struct llm_call *call)
{
    return call->state == CALL_TRYING || call->state == CALL_PAUSING;
}

static void attempt_ended(void *ctx, const struct attempt_result *result);

static void try_once(struct llm_call *call)
{
    call->state = CALL_TRYING;
    call->attempts++;
    call->attempt_begun = loop_now(call->llm->loop);
    call->attempt = call->llm->provider->attempt(call->llm->state, call->brief, MAX(ms_left(call), 1), attempt_ended, call);
}

static void leave_queue(struct llm_call *call)
{
    struct llm *llm = call->llm;
    TAILQ_REMOVE(&llm->waiting, call, link);
    TAILQ_INSERT_TAIL(&llm->others, call, link);
    llm->waiting_count--;
}

/* The provider's time starts with the slot, so that a queue of our own doesn't count against it. */
static void admit(struct llm_call *call)
{
    struct llm *llm = call->llm;
    leave_queue(call);
    timer_stop(call->timer);
    llm->in_flight++;
    report_in_flight(llm->name, 1);
    uint64_t now = loop_now(llm->loop);
    if (llm->timeout_ns < UINT64_MAX - now)
        call->deadline = MIN(call->deadline, now + llm->timeout_ns);
    try_once(call);
}

static void admit_waiting(struct llm *llm)
{
    while (llm->in_flight < llm->limit && !TAILQ_EMPTY(&llm->waiting))
        admit(TAILQ_FIRST(&llm->waiting));
}

/* Takes the call out of everything; it is free afterwards. */
static void remove_call(struct llm_call *call)
{
    struct llm *llm = call->llm;
    if (call->attempt)
        llm->provider->cancel(call->attempt);
    if (call->state == CALL_WAITING)
        leave_queue(call);
    if (holds_slot(call)) {
        llm->in_flight--;
        report_in_flight(llm->name, -1);
    }
    TAILQ_REMOVE(&llm->others, call, link);
    timer_free(call->timer);
    free(call);
}

/* The slot goes to the next one before the callback runs, which may start calls of its own: they queue behind. */
static void end_call(struct llm_call *call, const struct llm_result *result)
{
    struct llm *llm = call->llm;
    llm_done *done = call->done;
    void *ctx = call->ctx;
    report_call(llm->name, call->brief->operation, result, call->state == CALL_REFUSED, loop_now(llm->loop) - call->begun);
    remove_call(call);
    admit_waiting(llm);
    done(ctx, result);
}

/* Attempt 0 in the log: the provider wasn't asked. */
static void end_unasked(struct llm_call *call, const struct llm_result *result)
{
    report_attempt(&(struct attempt_about){.provider = call->llm->name, .operation = call->brief->operation, .about = call->about,
                                           .error = result->error, .ns = loop_now(call->llm->loop) - call->begun},
                   &(struct attempt_result){.retry_after_ms = NO_RETRY_AFTER});
    end_call(call, result);
}

static void wake(void *ctx)
{
    static const struct llm_result queue_full = {
        .status = LLM_BUSY, .error = "too many calls wait for the provider", .retry_after_ms = QUEUE_FULL_RETRY_MS};
    static const struct llm_result waited_too_long = {.status = LLM_LATE, .error = "provider is busy with earlier calls"};
    struct llm_call *call = ctx;
    switch (call->state) {
    case CALL_REFUSED: end_unasked(call, &queue_full); break;
    case CALL_WAITING: end_unasked(call, &waited_too_long); break;
    case CALL_PAUSING: try_once(call); break;
    case CALL_TRYING: break;
    }
}

struct llm_call *llm_generate(struct llm *llm, const struct brief *brief, const struct llm_about *about, uint64_t deadline, llm_done *done,
                              void *ctx)
{
    struct llm_call *call = must_alloc(sizeof *call);
    *call = (struct llm_call){
        .llm = llm, .brief = brief, .about = *about, .begun = loop_now(llm->loop), .deadline = deadline, .done = done, .ctx = ctx};
    call->timer = timer_new(llm->loop, wake, call);
    if (llm->waiting_count == MAX_WAITING) {
        call->state = CALL_REFUSED;
        TAILQ_INSERT_TAIL(&llm->others, call, link);
        timer_set(call->timer, 0);
        return call;
    }
    call->state = CALL_WAITING;
    TAILQ_INSERT_TAIL(&llm->waiting, call, link);
    llm->waiting_count++;
    timer_set(call->timer, ms_left(call));
    admit_waiting(llm);
    return call;
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
    llm->provider->close(llm->state);
    free(llm);
}

struct verdict {
    enum llm_status status;
    bool again;
};

static struct verdict judge_status(int status)
{
    switch (status) {
    case 400:
    case 413:
    case 422: return (struct verdict){LLM_REFUSED, false};
    case 408:
    case 429: return (struct verdict){LLM_FAILED, true};
    default: return status >= 500 ? (struct verdict){LLM_FAILED, true} : (struct verdict){LLM_SETUP, false};
    }
}

static struct verdict judge(const struct attempt_result *result)
{
    switch (result->outcome) {
    case ATTEMPT_TEXT: return (struct verdict){LLM_OK, false};
    case ATTEMPT_STATUS: return judge_status(result->status);
    case ATTEMPT_TIMED_OUT: return (struct verdict){LLM_LATE, false};
    case ATTEMPT_UNREACHABLE:
    case ATTEMPT_UNREADABLE:
    case ATTEMPT_NO_TEXT: break;
    }
    return (struct verdict){LLM_FAILED, true};
}

enum { SENTENCE_SIZE = 64 };

static const char *sentence(char out[static SENTENCE_SIZE], const struct attempt_result *result)
{
    static const char *const sentences[] = {
        [ATTEMPT_UNREACHABLE] = "provider could not be reached",
        [ATTEMPT_UNREADABLE] = "provider's answer could not be read",
        [ATTEMPT_NO_TEXT] = "provider gave no text",
        [ATTEMPT_TIMED_OUT] = "provider did not answer in time",
    };
    if (result->outcome != ATTEMPT_STATUS)
        return sentences[result->outcome];
    snprintf(out, SENTENCE_SIZE, "provider answered %d", result->status);
    return out;
}

/* How long to wait before the next attempt; false where there will be none. What the provider names goes before our own policy, and a time of
 * its own beyond the deadline makes the call busy: the caller can tell its client when to come back. */
static bool next_attempt(const struct llm_call *call, const struct attempt_result *result, enum llm_status *status, uint64_t *wait_ms)
{
    struct verdict verdict = judge(result);
    bool named = result->retry_after_ms != NO_RETRY_AFTER;
    *status = verdict.status;
    if (!verdict.again)
        return false;
    *wait_ms = named ? MAX(result->retry_after_ms, RETRY_LEAST_MS) : retry_delay_ms(&call->llm->retry, call->attempts, random_roll());
    bool in_time = *wait_ms < ms_left(call);
    if (named && !in_time)
        *status = LLM_BUSY;
    return in_time && call->attempts < call->llm->attempts_max;
}

static void attempt_ended(void *ctx, const struct attempt_result *result)
{
    struct llm_call *call = ctx;
    char text[SENTENCE_SIZE];
    const char *error = sentence(text, result);
    report_attempt(&(struct attempt_about){.provider = call->llm->name, .operation = call->brief->operation, .about = call->about,
                                           .number = (int)call->attempts, .error = error, .ns = loop_now(call->llm->loop) - call->attempt_begun},
                   result);
    call->attempt = NULL;
    enum llm_status status;
    uint64_t wait_ms;
    if (next_attempt(call, result, &status, &wait_ms)) {
        call->state = CALL_PAUSING;
        timer_set(call->timer, wait_ms);
        return;
    }
    uint64_t retry_after = result->retry_after_ms == NO_RETRY_AFTER ? 0 : result->retry_after_ms;
    end_call(call, &(struct llm_result){.status = status, .text = result->text, .error = error, .retry_after_ms = retry_after});
}
