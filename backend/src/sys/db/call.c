#include "sys/db/call.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "sys/db/metrics.h"
#include "sys/log.h"

void calls_push(struct calls *calls, struct db_call *call)
{
    call->next = NULL;
    *calls->last = call;
    calls->last = &call->next;
}

struct db_call *calls_pop(struct calls *calls)
{
    struct db_call *call = calls->first;
    if (!call)
        return NULL;
    calls->first = call->next;
    if (!calls->first)
        calls->last = &calls->first;
    return call;
}

void calls_init(struct calls *calls)
{
    *calls = (struct calls){.first = NULL, .last = &calls->first};
}

void call_clear(struct db_call *call)
{
    for (int i = 0; i < SQL_PARTS_MAX; i++)
        PQclear(call->results[i]);
    PQclear(call->failure);
    memset(call->results, 0, sizeof call->results);
    call->failure = NULL;
    call->answered = 0;
    call->aborted = call->is_unconfirmed = false;
}

void call_free(struct db_call *call)
{
    call_clear(call);
    free(call);
}

static void call_count_end(struct db_call *call)
{
    --*call->open_calls;
    if (call->open_slow_reads)
        --*call->open_slow_reads;
}

void call_forget(struct db_call *call)
{
    call_count_end(call);
    call_free(call);
}

bool call_writes(const struct db_call *call)
{
    return sql_statements[call->statement].writes;
}

bool call_shares_transaction(const struct db_call *call)
{
    return !call_writes(call) && !call->alone;
}

void call_keep_failure(struct db_call *call, PGresult *result)
{
    if (call->failure)
        PQclear(result);
    else
        call->failure = result;
}

/* As Postgres gave it; "" where it gave none. */
static const char *sqlstate_of(const PGresult *result)
{
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    return sqlstate ? sqlstate : "";
}

/* A commit that waited for a standby was let go before one had it ("canceling wait for synchronous
 * replication", after pg_cancel_backend): it is done here, and a failover may undo it. It looks
 * like a success but for this warning, whose words are in the server's language. None of our
 * statements warns, so a warning that has no meaning of its own (01000) beside a write is this
 * one. */
void call_on_notice(struct db_call *call, const PGresult *notice)
{
    const char *severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
    bool is_warning = severity && strcmp(severity, "WARNING") == 0;
    if (!is_warning || strcmp(sqlstate_of(notice), "01000") != 0)
        return;
    call->is_unconfirmed = true;
    log_warn("commit_unconfirmed", log_str("query", sql_statements[call->statement].name));
}

enum db_outcome call_outcome(const struct db_call *call)
{
    if (!call->failure)
        return call->is_unconfirmed ? DB_LOST : DB_OK;
    const char *state = sqlstate_of(call->failure);
    if (strcmp(state, "57014") == 0 || strcmp(state, "55P03") == 0)
        return DB_TIMED_OUT;
    if (strncmp(state, "PW", 2) == 0)
        return DB_REFUSED;
    return strncmp(state, "57P", 3) == 0 || strncmp(state, "08", 2) == 0 ? DB_LOST : DB_FAILED;
}

bool call_met_read_only(const struct db_call *call)
{
    return call->failure && strcmp(sqlstate_of(call->failure), "25006") == 0;
}

bool call_has_stale_plan(const struct db_call *call)
{
    const char *state = call->failure ? sqlstate_of(call->failure) : "";
    return strcmp(state, "26000") == 0 ||
           (strcmp(state, "0A000") == 0 && strstr(PQresultErrorMessage(call->failure), "cached plan"));
}

void call_finish(struct db_call *call, enum db_outcome outcome)
{
    if (call->is_unconfirmed)
        call_clear(call);
    const struct db_given given = {.statement = call->statement,
                                   .params = call->params,
                                   .results = call->failure ? &call->failure : call->results,
                                   .count = call->failure ? 1 : call->answered};
    call_count_end(call);
    if (call->sent_at && outcome != DB_LOST)
        db_observe_query(call->statement, clock_ns() - call->sent_at);
    if (outcome != DB_OK && outcome != DB_REFUSED)
        db_count_error(sqlstate_of(call->failure));
    rows_hand_over(&given, call->done, call->ctx, outcome);
    call_free(call);
}
