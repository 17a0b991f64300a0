#include "sys/db/call.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "sys/db/metrics.h"

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
    call->aborted = false;
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

/* As Postgres gave it; "" where it gave none. */
static const char *sqlstate_of(const PGresult *result)
{
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    return sqlstate ? sqlstate : "";
}

enum db_outcome call_outcome(const struct db_call *call)
{
    if (!call->failure)
        return DB_OK;
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
