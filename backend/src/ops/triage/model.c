/* Mode 5's model: whether its provider answers, in time, and within what it may cost. */
#include <math.h>
#include <string.h>

#include "llm/trouble.h"
#include "ops/shared/times.h"
#include "ops/triage/judge.h"

struct model_calls {
    double ended, failed, timed_out; /* failed: timeouts included */
    double not_made;                 /* refused here, by the breaker, for want of room or of tokens; not in `ended` */
    bool breaker_open;
};

#define CALLS "llm_requests_total"

/* Who writes now, where the lever says it: the breaker of one that nobody asks any more stays as
 * it was. "": any. */
static const char *provider_in_force(const struct look *look)
{
    enum { KEY, VALUE, EXPIRES_IN_MS = 3 };
    for (int row = 0; row < look_rows(look, ASK_LEVERS); row++) {
        const char *left = look_cell(look, ASK_LEVERS, row, EXPIRES_IN_MS);
        if (strcmp(look_cell(look, ASK_LEVERS, row, KEY), "llm.provider") == 0 && !(left && strcmp(left, "0") == 0))
            return look_cell(look, ASK_LEVERS, row, VALUE);
    }
    return "";
}

static struct model_calls calls_in(const struct look *look, const struct page *page)
{
    const char *provider = provider_in_force(look);
    struct model_calls calls = {
        .not_made = page_sum(page, CALLS, WHERE(BEGINS("provider", provider), IS("status", "rejected"))),
        .timed_out = page_sum(page, CALLS, WHERE(BEGINS("provider", provider), IS("status", "timeout"))),
        .breaker_open = page_max(&look->now, "llm_breaker_state", WHERE(BEGINS("provider", provider))) >= 2,
    };
    calls.ended = page_sum(page, CALLS, WHERE(BEGINS("provider", provider))) - calls.not_made;
    calls.failed = calls.ended - page_sum(page, CALLS, WHERE(BEGINS("provider", provider), IS("status", "ok")));
    return calls;
}

/* An open breaker lets no call out: then what it saw before, since the processes' start, says
 * how they failed. */
static struct model_calls recent_calls(const struct look *look)
{
    struct model_calls calls = calls_in(look, &look->gained);
    return calls.breaker_open && !(calls.ended > 0) ? calls_in(look, &look->now) : calls;
}

static bool is_failing(const struct model_calls *calls)
{
    return calls->breaker_open ||
           (calls->failed >= MODEL_FAILURES_AT_LEAST && calls->failed > MODEL_FAILURE_SHARE * calls->ended);
}

/* Calls that fail by taking too long are the slow model's; a provider that refuses at once may
 * take long, too, with all the tries. */
static bool fails_by_time(const struct model_calls *calls)
{
    return calls->timed_out > 0 && calls->timed_out >= calls->failed - calls->timed_out;
}

/* How long calls take: NaN where nothing tells. Those that ended in the sample tell; where none
 * did, those that were in flight all the time have taken as long as the sample, at least. A
 * process that hasn't been there for long tells by all that it has seen. */
static double model_time(struct judge *judge, const char **how)
{
    const struct look *look = judge->look;
    const char *provider = provider_in_force(judge->look);
    double ended = page_sum(&look->gained, "llm_request_duration_seconds_bucket",
                            WHERE(BEGINS("provider", provider), IS("le", "+Inf")));
    double in_flight = page_sum(&look->now, "llm_in_flight", WHERE(BEGINS("provider", provider)));
    *how = arena_printf(judge->arena, "p95 of the %.0f calls that ended within %s", ended,
                        times_measured(judge->arena, look->gained_s));
    if (ended >= MODEL_CALLS_AT_LEAST)
        return page_quantile(&look->gained, 0.95, "llm_request_duration_seconds", WHERE(BEGINS("provider", provider)));
    if (!(in_flight > 0))
        return NAN;
    *how = arena_printf(judge->arena, "of %.0f calls in flight none ended in the sample", in_flight);
    if (look->in_flight_before > 0 && look->sample_s >= MODEL_P95)
        return look->sample_s;
    *how = arena_printf(judge->arena, "%.0f calls in flight, none ended in the sample; p95 since the start", in_flight);
    return page_quantile(&look->now, 0.95, "llm_request_duration_seconds", WHERE(BEGINS("provider", provider)));
}

/* The attempts of the calls that tell, by what an operator can set right. */
static double troubles_in(const struct look *look, enum trouble trouble)
{
    bool has_calls = calls_in(look, &look->gained).ended > 0;
    return page_sum(has_calls ? &look->gained : &look->now, "llm_troubles_total",
                    WHERE(BEGINS("provider", provider_in_force(look)), IS("cause", trouble_names[trouble])));
}

static enum trouble main_trouble(const struct look *look)
{
    enum trouble main = TROUBLE_NONE;
    double most = 0;
    for (enum trouble trouble = TROUBLE_NONE + 1; trouble < TROUBLES; trouble++)
        if (troubles_in(look, trouble) > most) {
            most = troubles_in(look, trouble);
            main = trouble;
        }
    return main;
}

static void model_slow(struct judge *judge, struct verdict *verdict)
{
    const struct model_calls calls = recent_calls(judge->look);
    const char *how;
    double time = model_time(judge, &how);
    const char *text = arena_printf(judge->arena, "%s: %s", how, times_measured(judge->arena, time));
    if (!(time > MODEL_P95))
        say_ok(judge, verdict, "%s", text);
    else if (is_failing(&calls) && !fails_by_time(&calls))
        say_unknown(judge, verdict, "follows from model_failing: %s", text);
    else
        say_found(judge, verdict, "%s%s", text,
                  calls.timed_out > 0 ? arena_printf(judge->arena, "; %.0f timed out", calls.timed_out) : "");
}

static void model_failing(struct judge *judge, struct verdict *verdict)
{
    const struct model_calls calls = recent_calls(judge->look);
    const char *text =
        arena_printf(judge->arena, "%.0f of %.0f calls failed (%.0f timed out)%s%s", calls.failed, calls.ended,
                     calls.timed_out, calls.breaker_open ? "; the circuit breaker is open" : "",
                     calls.not_made > 0 ? arena_printf(judge->arena, "; %.0f more weren't made", calls.not_made) : "");
    enum trouble trouble = main_trouble(judge->look);
    if (!is_failing(&calls))
        say_ok(judge, verdict, "%s", text);
    else if (!trouble && fails_by_time(&calls) && is_found(judge, "model_slow"))
        say_unknown(judge, verdict, "follows from model_slow: %s", text);
    else if (trouble)
        say_found(judge, verdict, "%s; %s (%s): %s", text, trouble_sentences[trouble], trouble_names[trouble],
                  trouble_remedies[trouble]);
    else
        say_found(judge, verdict, "%s", text);
}

/* A single call may have run into it; while it lasts, all do. */
static void model_quota(struct judge *judge, struct verdict *verdict)
{
    const struct model_calls calls = recent_calls(judge->look);
    double refused = troubles_in(judge->look, TROUBLE_QUOTA);
    if (is_failing(&calls) && refused > 0)
        say_found(judge, verdict, "%.0f calls were refused: %s; %s", refused, trouble_sentences[TROUBLE_QUOTA],
                  trouble_remedies[TROUBLE_QUOTA]);
    else
        say_ok(judge, verdict, "%.0f calls were refused for it", refused);
}

/* ---- the model's budget ---- */

bool budget_is_used_up(const struct look *look)
{
    return page_max(&look->now, "llm_budget_used_up", NULL) > 0;
}

static void model_budget(struct judge *judge, struct verdict *verdict)
{
    const struct page *now = &judge->look->now;
    double limit = page_max(now, "llm_budget_tokens", NULL), used = page_max(now, "llm_budget_used_tokens", NULL);
    if (!(limit > 0)) {
        say_ok(judge, verdict, "no bound is set");
        return;
    }
    const char *text = arena_printf(judge->arena, "%.0f of %.0f tokens of this UTC day are used (%.0f %%)", used, limit,
                                    100 * used / limit);
    add_placeholder(verdict, "tokens", arena_printf(judge->arena, "%.0f", 2 * limit));
    if (budget_is_used_up(judge->look))
        say_found(judge, verdict, "%s: nothing is written until midnight UTC", text);
    else if (used >= BUDGET_SHARE * limit)
        say_found(judge, verdict, "%s", text);
    else
        say_ok(judge, verdict, "%s", text);
}

const struct check model_checks[] = {
    {"model_slow", NEED_SAMPLE, model_slow, {NULL}},
    {"model_failing", NEED_SAMPLE, model_failing, {"model_quota"}},
    {"model_quota", NEED_SAMPLE, model_quota, {NULL}},
    {"model_budget", NEED_SAMPLE, model_budget, {NULL}},
    {0},
};
