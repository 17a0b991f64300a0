#include "sys/db/call.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "sys/db/metrics.h"

struct db_rows {
    PGresult *result;
    bool kept;
};

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

static void count_end(struct db_call *call)
{
    --*call->open_calls;
    if (call->open_slow_reads)
        --*call->open_slow_reads;
}

void call_forget(struct db_call *call)
{
    count_end(call);
    call_free(call);
}

void call_finish(struct db_call *call, enum db_outcome outcome)
{
    PGresult **shown = call->failure ? &call->failure : &call->rows;
    struct db_rows rows = {.result = *shown};
    count_end(call);
    if (call->sent_at && outcome != DB_LOST)
        db_observe_query(call->statement, clock_ns() - call->sent_at);
    if (outcome != DB_OK)
        db_count_error(db_sqlstate(&rows));
    if (call->done)
        call->done(call->ctx, outcome, &rows);
    if (rows.kept)
        *shown = NULL;
    call_free(call);
}

int db_count(const struct db_rows *rows)
{
    return rows->result ? PQntuples(rows->result) : 0;
}

const char *db_text(const struct db_rows *rows, int row, int column)
{
    return PQgetisnull(rows->result, row, column) ? NULL : PQgetvalue(rows->result, row, column);
}

int64_t db_number(const struct db_rows *rows, int row, int column)
{
    const char *text = db_text(rows, row, column);
    return text ? strtoll(text, NULL, 10) : 0;
}

bool db_is_true(const struct db_rows *rows, int row, int column)
{
    const char *text = db_text(rows, row, column);
    return text && *text == 't';
}

static void clear_result(void *result)
{
    PQclear(result);
}

void db_keep(struct db_rows *rows, struct arena *arena)
{
    if (!rows->kept)
        arena_defer(arena, clear_result, rows->result);
    rows->kept = true;
}

static const char *error_field(const struct db_rows *rows, int field)
{
    const char *text = rows->result ? PQresultErrorField(rows->result, field) : NULL;
    return text ? text : "";
}

const char *db_sqlstate(const struct db_rows *rows)
{
    return error_field(rows, PG_DIAG_SQLSTATE);
}

const char *db_constraint(const struct db_rows *rows)
{
    return error_field(rows, PG_DIAG_CONSTRAINT_NAME);
}

const char *db_message(const struct db_rows *rows)
{
    return error_field(rows, PG_DIAG_MESSAGE_PRIMARY);
}

const char *db_outcome_name(enum db_outcome outcome)
{
    static const char *const names[] = {[DB_OK] = "done",
                                        [DB_FAILED] = "statement failed",
                                        [DB_TIMED_OUT] = "statement timed out",
                                        [DB_BUSY] = "too many statements waiting",
                                        [DB_AWAY] = "database away",
                                        [DB_LOST] = "database connection lost"};
    return names[outcome];
}

bool db_is_passing(const char *sqlstate)
{
    static const char *const passing[] = {"40", "53", "25006"};
    for (size_t i = 0; i < COUNT(passing); i++)
        if (strncmp(sqlstate, passing[i], strlen(passing[i])) == 0)
            return true;
    return false;
}
