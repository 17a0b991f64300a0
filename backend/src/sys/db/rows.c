#include "sys/db/rows.h"

#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

struct db_rows {
    const struct db_given *given;
    PGresult *result; /* of the first part */
    bool kept;
};

void rows_hand_over(const struct db_given *given, db_done *done, void *ctx, enum db_outcome outcome)
{
    struct db_rows rows = {.given = given, .result = given->count > 0 ? given->results[0] : NULL};
    if (done)
        done(ctx, outcome, &rows);
    if (rows.kept)
        given->results[0] = NULL;
}

const struct db_given *rows_given(const struct db_rows *rows)
{
    return rows->given;
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

bool db_lacks_table(enum db_outcome outcome, const struct db_rows *rows)
{
    return outcome == DB_FAILED && strcmp(db_sqlstate(rows), "42P01") == 0;
}

bool db_is_new_trouble(enum db_outcome outcome, const struct db_rows *rows, bool *in_trouble)
{
    bool was_in_trouble = *in_trouble;
    *in_trouble = (outcome == DB_FAILED || outcome == DB_TIMED_OUT) && !db_lacks_table(outcome, rows);
    return *in_trouble && !was_in_trouble;
}

const char *db_outcome_name(enum db_outcome outcome)
{
    static const char *const names[] = {[DB_OK] = "done",
                                        [DB_FAILED] = "statement failed",
                                        [DB_REFUSED] = "refused by the schema",
                                        [DB_TIMED_OUT] = "statement timed out",
                                        [DB_BUSY] = "too many statements waiting",
                                        [DB_AWAY] = "database away",
                                        [DB_LOST] = "database connection lost"};
    return names[outcome];
}

static bool begins_with_any(const char *sqlstate, const char *const *begins, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strncmp(sqlstate, begins[i], strlen(begins[i])) == 0)
            return true;
    return false;
}

bool db_is_passing(const char *sqlstate)
{
    static const char *const passing[] = {"40", "53", "25006"};
    return begins_with_any(sqlstate, passing, COUNT(passing));
}

bool db_is_unfit(const char *sqlstate)
{
    static const char *const unfit[] = {"58", "42P01", "42703", "42883", "42501"};
    return db_is_passing(sqlstate) || begins_with_any(sqlstate, unfit, COUNT(unfit));
}
