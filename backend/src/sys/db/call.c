#include "sys/db/call.h"

#include <stdlib.h>

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

void call_free(struct db_call *call)
{
    PQclear(call->rows);
    PQclear(call->failure);
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

void call_finish(struct db_call *call, enum db_outcome outcome)
{
    PGresult **shown = call->failure ? &call->failure : &call->rows, *result = *shown;
    call_count_end(call);
    if (call->sent_at && outcome != DB_LOST)
        db_observe_query(call->statement, clock_ns() - call->sent_at);
    if (outcome != DB_OK)
        db_count_error(sqlstate_of(result));
    *shown = NULL;
    rows_hand_over(result, call->done, call->ctx, outcome);
    call_free(call);
}
