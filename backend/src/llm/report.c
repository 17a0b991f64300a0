#include "llm/report.h"

#include "sys/log.h"
#include "sys/metrics.h"

enum call_end { END_OK, END_ERROR, END_TIMEOUT, END_REJECTED, ENDS };
enum token_kind { TOKENS_PROMPT, TOKENS_COMPLETION, TOKEN_KINDS };

static const char *const provider_names[PROVIDERS] = {[PROVIDER_MOCK] = "mock", [PROVIDER_OPENAI] = "openai"};
static const char *const end_names[ENDS] = {
    [END_OK] = "ok", [END_ERROR] = "error", [END_TIMEOUT] = "timeout", [END_REJECTED] = "rejected"};
static const char *const token_names[TOKEN_KINDS] = {[TOKENS_PROMPT] = "prompt", [TOKENS_COMPLETION] = "completion"};

static struct {
    struct metric *in_flight, *breaker;
    struct metric *tokens[TOKEN_KINDS];
    struct metric *troubles[TROUBLES];
    struct metric *requests[LLM_OPERATIONS][ENDS];
    struct metric *durations[LLM_OPERATIONS];
} metrics[PROVIDERS];

static void make_operation_series(struct family *requests, struct family *durations, int provider, int operation)
{
    char labels[256];
    const char *operation_name = llm_operation_names[operation], *provider_name = provider_names[provider];
    for (int end = 0; end < ENDS; end++)
        metrics[provider].requests[operation][end] =
            metric_series(requests, metric_labels(labels, 3, "operation", operation_name, "provider", provider_name,
                                                  "status", end_names[end]));
    metrics[provider].durations[operation] =
        metric_series(durations, metric_labels(labels, 2, "operation", operation_name, "provider", provider_name));
}

void llm_metrics(void)
{
    struct family *requests =
        metric_family(METRIC_COUNTER, "llm_requests_total", "Calls to the model provider by how they ended.", NULL);
    struct family *durations =
        metric_family(METRIC_HISTOGRAM, "llm_request_duration_seconds",
                      "Calls to the model provider, waiting for a slot and retries included.", duration_edges);
    struct family *tokens =
        metric_family(METRIC_COUNTER, "llm_tokens_total", "Tokens as the provider counted them.", NULL);
    struct family *in_flight =
        metric_family(METRIC_GAUGE, "llm_in_flight", "Calls that hold one of LLM_MAX_CONCURRENCY slots.", NULL);
    struct family *breaker = metric_family(METRIC_GAUGE, "llm_breaker_state",
                                           "The provider's circuit breaker: 0 closed, 1 half-open, 2 open.", NULL);
    struct family *troubles = metric_family(METRIC_COUNTER, "llm_troubles_total",
                                            "Attempts that failed, by what is wrong at the provider.", NULL);
    char labels[256];
    for (int p = 0; p < PROVIDERS; p++) {
        for (int operation = 0; operation < LLM_OPERATIONS; operation++)
            make_operation_series(requests, durations, p, operation);
        for (int kind = 0; kind < TOKEN_KINDS; kind++)
            metrics[p].tokens[kind] = metric_series(
                tokens, metric_labels(labels, 2, "provider", provider_names[p], "kind", token_names[kind]));
        for (int trouble = TROUBLE_NONE + 1; trouble < TROUBLES; trouble++)
            metrics[p].troubles[trouble] = metric_series(
                troubles, metric_labels(labels, 2, "provider", provider_names[p], "cause", trouble_names[trouble]));
        metrics[p].breaker = metric_series(breaker, metric_labels(labels, 1, "provider", provider_names[p]));
        metrics[p].in_flight = metric_series(in_flight, metric_labels(labels, 1, "provider", provider_names[p]));
    }
}

void report_in_flight(enum provider provider, int by)
{
    metric_shift(metrics[provider].in_flight, by);
}

void report_breaker(enum provider provider, enum breaker_state state, unsigned failures, uint64_t wait_ns)
{
    struct log_field name = log_str("provider", provider_names[provider]);
    metric_set(metrics[provider].breaker, state);
    switch (state) {
    case BREAKER_CLOSED: log_info("llm_breaker_closed", name); break;
    case BREAKER_HALF_OPEN: log_info("llm_breaker_half_open", name); break;
    case BREAKER_OPEN:
        log_warn("llm_breaker_opened", name, log_int("failures", failures), log_ms("wait_ms", wait_ns));
        break;
    }
}

static enum call_end end_of_call(enum llm_status status)
{
    switch (status) {
    case LLM_OK: return END_OK;
    case LLM_LATE: return END_TIMEOUT;
    case LLM_FAILED:
    case LLM_REFUSED:
    case LLM_MISCONFIGURED:
    case LLM_BUSY:
    case LLM_USED_UP: break;
    }
    return END_ERROR;
}

void report_call(enum provider provider, enum llm_operation operation, const struct llm_result *result,
                 bool refused_here, uint64_t ns)
{
    metric_add(metrics[provider].requests[operation][refused_here ? END_REJECTED : end_of_call(result->status)], 1);
    if (!refused_here)
        metric_observe(metrics[provider].durations[operation], ns);
}

void report_attempt(const struct attempt_about *a, const struct attempt_result *result)
{
    metric_add(metrics[a->provider].tokens[TOKENS_PROMPT], (uint64_t)result->prompt_tokens);
    metric_add(metrics[a->provider].tokens[TOKENS_COMPLETION], (uint64_t)result->completion_tokens);
    if (!a->error)
        return;
    if (result->trouble)
        metric_add(metrics[a->provider].troubles[result->trouble], 1);
    log_warn(
        "llm_attempt_failed", log_str("operation", llm_operation_names[a->operation]),
        log_str("provider", provider_names[a->provider]), log_int("attempt", a->number),
        log_id("status", result->status), log_str("error", a->error), log_str("cause", trouble_names[result->trouble]),
        log_str("detail", result->problem ? result->problem : result->words),
        log_str("request_id", a->about.request_id), log_id("job_id", a->about.job_id), log_ms("latency_ms", a->ns));
}
