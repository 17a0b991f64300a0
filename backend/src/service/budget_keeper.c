#include "service/budget_keeper.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "config/levers.h"
#include "llm/shared_budget.h"
#include "sys/log.h"
#include "sys/metrics.h"

struct budget_keeper {
    struct loop *loop;
    struct db *db;
    const struct config *config;
    loop_fn *opened;
    void *ctx;
    struct db_call *call;
    struct budget_exchange exchange; /* under way */
    struct budget_row row;           /* as last seen */
    atomic_bool is_posted;           /* the loop is told to take tokens */
    bool leaves, was_closed, in_trouble;
};

static struct metric *limit_gauge, *used_gauge, *used_up_gauge;

void budget_metrics(void)
{
    limit_gauge = metric_series(
        metric_family(METRIC_GAUGE, "llm_budget_tokens", "Tokens that a UTC day has; 0: no bound.", NULL), "");
    used_gauge = metric_series(metric_family(METRIC_GAUGE, "llm_budget_used_tokens",
                                             "Tokens that all processes together have used in this UTC day.", NULL),
                               "");
    used_up_gauge =
        metric_series(metric_family(METRIC_GAUGE, "llm_budget_used_up",
                                    "1 while calls of this process find too few of the day's tokens left.", NULL),
                      "");
}

/* ---- seeing the day's row ---- */

static void see_row(struct budget_keeper *keeper)
{
    uint64_t now = loop_now(keeper->loop);
    shared_budget_see(keeper->config, &keeper->row, now);
    metric_set(limit_gauge, (double)lever_value(LEVER_LLM_DAILY_TOKENS, keeper->config->llm_daily_tokens));
    metric_set(used_gauge, (double)keeper->row.used);
    bool is_closed = shared_budget_closed_ms(now) > 0, has_opened = keeper->was_closed && !is_closed;
    keeper->was_closed = is_closed;
    metric_set(used_up_gauge, is_closed);
    if (has_opened && keeper->opened)
        keeper->opened(keeper->ctx);
}

/* ---- exchanging with it ---- */

static void exchange_next(struct budget_keeper *keeper);

static void on_exchanged(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    enum { GRANTED, TAKEN, USED, CALLS };
    struct budget_keeper *keeper = ctx;
    keeper->call = NULL;
    if (db_is_new_trouble(outcome, rows, &keeper->in_trouble))
        log_warn("llm_budget_unreachable", log_str("error", db_outcome_name(outcome)),
                 log_str("detail", db_message(rows)));
    if (outcome != DB_OK) {
        shared_budget_not_exchanged(&keeper->exchange, outcome == DB_LOST);
        return; /* the next look at the state tries again */
    }
    shared_budget_exchanged(db_number(rows, 0, GRANTED));
    if (keeper->exchange.day == keeper->row.day) {
        keeper->row.taken = db_number(rows, 0, TAKEN);
        keeper->row.used = db_number(rows, 0, USED);
        keeper->row.calls = db_number(rows, 0, CALLS);
        keeper->row.quiet_ms = 0;
        see_row(keeper);
    }
    exchange_next(keeper);
}

static void exchange_next(struct budget_keeper *keeper)
{
    enum { PARAMS = 7, NUMBER_SIZE = 24 };
    char texts[PARAMS][NUMBER_SIZE];
    const char *params[PARAMS];
    struct budget_exchange *exchange = &keeper->exchange;
    if (keeper->call || !db_is_up(keeper->db) || !shared_budget_next(keeper->leaves, exchange))
        return;
    const int64_t values[PARAMS] = {exchange->day,  exchange->limit, exchange->more, exchange->least,
                                    exchange->back, exchange->used,  exchange->calls};
    for (int i = 0; i < PARAMS; i++) {
        snprintf(texts[i], NUMBER_SIZE, "%" PRId64, values[i]);
        params[i] = texts[i];
    }
    keeper->call = db_query(keeper->db, SQL_BUDGETS_EXCHANGE, params, on_exchanged, keeper);
}

static void budget_keeper_on_state(void *ctx, const struct db_rows *rows)
{
    struct budget_keeper *keeper = ctx;
    keeper->row = (struct budget_row){.day = db_number(rows, 0, STATE_BUDGET_DAY),
                                      .taken = db_number(rows, 0, STATE_BUDGET_TAKEN),
                                      .used = db_number(rows, 0, STATE_BUDGET_USED),
                                      .calls = db_number(rows, 0, STATE_BUDGET_CALLS),
                                      .quiet_ms = db_number(rows, 0, STATE_BUDGET_QUIET_MS),
                                      .ends_in_ms = db_number(rows, 0, STATE_DAY_ENDS_IN_MS)};
    if (!keeper->call) /* else this row may be older than the exchange's */
        see_row(keeper);
    exchange_next(keeper);
}

static void on_posted(void *ctx)
{
    struct budget_keeper *keeper = ctx;
    atomic_store(&keeper->is_posted, false);
    exchange_next(keeper);
}

static void post_need(void *ctx)
{
    struct budget_keeper *keeper = ctx;
    if (!atomic_exchange(&keeper->is_posted, true))
        loop_post(keeper->loop, on_posted, keeper);
}

/* ---- the keeper's life ---- */

struct budget_keeper *budget_keeper_start(struct loop *loop, struct db *db, struct state_watch *state,
                                          const struct config *config, loop_fn *opened, void *ctx)
{
    struct budget_keeper *keeper = must_calloc(1, sizeof *keeper);
    keeper->loop = loop;
    keeper->db = db;
    keeper->config = config;
    keeper->opened = opened;
    keeper->ctx = ctx;
    state_watch_tell(state, budget_keeper_on_state, keeper);
    shared_budget_on_need(post_need, keeper);
    return keeper;
}

bool budget_keeper_gave_back(struct budget_keeper *keeper)
{
    keeper->leaves = true;
    if (!db_is_up(keeper->db))
        return true;
    exchange_next(keeper);
    return !keeper->call;
}

void budget_keeper_stop(struct budget_keeper *keeper)
{
    shared_budget_on_need(NULL, NULL);
    if (keeper->call)
        db_drop(keeper->call);
    free(keeper);
}
