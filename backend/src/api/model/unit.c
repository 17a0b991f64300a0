#include "api/model/unit.h"

#include "sys/db/json.h"

static void db_give_back(struct db *db, const char *reservation, const char *calls)
{
    db_tell(db, SQL_QUOTAS_RELEASE, (const char *const[]){reservation, calls});
}

static void on_reserved_for_nobody(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    const char *reservation = outcome == DB_OK ? db_column(rows, "reservation") : NULL;
    if (reservation)
        db_give_back(ctx, reservation, "0");
}

void unit_ask(struct call *call, const char *const *params, call_rows *done)
{
    call_query_or_undo(call, SQL_QUOTAS_RESERVE, params, done, on_reserved_for_nobody);
}

static const char *calls_made(const struct unit *unit)
{
    return arena_printf(unit->call->arena, "%d", unit->calls);
}

/* The call doesn't wait for this statement. A text that is stored meanwhile keeps its unit; where
 * the unit is back first, the text isn't stored. */
static void unit_drop(void *ctx)
{
    const struct unit *unit = ctx;
    db_give_back(unit->call->api->db, unit->reservation, calls_made(unit));
}

void unit_hold(struct unit *unit, struct call *call, const char *reservation)
{
    *unit = (struct unit){.call = call, .reservation = arena_strdup(call->arena, reservation)};
    call_wait(call, unit_drop, unit);
}

void unit_let_go(struct unit *unit)
{
    call_got(unit->call, unit_drop);
}

void unit_give_back(struct unit *unit, call_rows *done)
{
    const char *const params[] = {unit->reservation, calls_made(unit)};
    call_query_with(unit->call, SQL_QUOTAS_RELEASE, params, done);
}
