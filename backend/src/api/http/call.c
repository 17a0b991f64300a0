#include "api/http/call.h"

#include <string.h>

#include "api/http/route.h"
#include "api/http/router.h"

/* ---- waiting ---- */

static struct call_wait *find_wait(struct call *call, call_drop *drop)
{
    for (int i = 0; i < call->wait_count; i++)
        if (call->waits[i].drop == drop)
            return &call->waits[i];
    return NULL;
}

void call_wait(struct call *call, call_drop *drop, void *what)
{
    INVARIANT(call->wait_count < CALL_WAITS_MAX && !find_wait(call, drop));
    call->waits[call->wait_count++] = (struct call_wait){.drop = drop, .what = what};
}

void call_got(struct call *call, call_drop *drop)
{
    struct call_wait *wait = find_wait(call, drop);
    if (wait)
        *wait = call->waits[--call->wait_count];
}

void call_stop_waiting(struct call *call)
{
    while (call->wait_count > 0) {
        struct call_wait wait = call->waits[--call->wait_count];
        wait.drop(wait.what);
    }
}

static void drop_timer(void *timer)
{
    timer_free(timer);
}

void call_after(struct call *call, uint64_t ms, loop_fn *fn)
{
    if (!find_wait(call, drop_timer))
        call_wait(call, drop_timer, timer_new(call->api->loop, fn, call));
    timer_set(find_wait(call, drop_timer)->what, ms);
}

/* ---- fields and parameters ---- */

static int field_place(const struct call *call, const char *name)
{
    const struct field *field = call->route->body;
    INVARIANT(field);
    while (field->kind != FIELD_END && strcmp(field->name, name) != 0)
        field++;
    INVARIANT(field->kind != FIELD_END);
    return call->body_at + (int)(field - call->route->body);
}

const char *call_field(const struct call *call, const char *name)
{
    return call->params[field_place(call, name)];
}

void call_set_field(struct call *call, const char *name, const char *value)
{
    call->params[field_place(call, name)] = value;
}

void call_param(struct call *call, const char *value)
{
    INVARIANT(call->param_count < SQL_MAX_PARAMS);
    call->params[call->param_count++] = value;
}

void call_number_param(struct call *call, int64_t value)
{
    call_param(call, arena_printf(call->arena, "%lld", (long long)value));
}

const char *call_query_value(struct call *call, const char *name)
{
    static const char malformed[] = "?"; /* passes no check */
    size_t name_len = strlen(name);
    for (const char *at = call->http->query; *at;) {
        size_t len = strcspn(at, "&");
        if (len > name_len && at[name_len] == '=' && strncmp(at, name, name_len) == 0) {
            const char *value = percent_decode(call->arena, at + name_len + 1, len - name_len - 1, true);
            return value ? value : malformed;
        }
        at += len + (at[len] == '&');
    }
    return NULL;
}

/* ---- statements ---- */

static void drop_statement(void *statement)
{
    db_drop(statement);
}

struct undoable {
    struct db *db;
    struct db_call *statement;
    db_done *left;
};

static void leave_statement(void *ctx)
{
    const struct undoable *undoable = ctx;
    db_hand_over(undoable->statement, undoable->left, undoable->db);
}

static void call_on_statement(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    struct call *call = ctx;
    call_got(call, drop_statement);
    call_got(call, leave_statement);
    if (outcome == DB_REFUSED && call->claim && !call->streamed)
        call->claim->refused(call);
    else
        call->on_rows(call, outcome, rows);
}

static struct db_call *call_send(struct call *call, enum sql sql, const char *const *params)
{
    struct db *db = call->api->db;
    if (!call->claim || !sql_statements[sql].writes)
        return db_query(db, sql, params, call_on_statement, call);
    return db_query_behind(db, &call->claim->statement, &(struct db_ask){sql, params}, call_on_statement, call);
}

void call_query_with(struct call *call, enum sql sql, const char *const *params, call_rows *done)
{
    call->statement = sql;
    call->on_rows = done;
    call_wait(call, drop_statement, call_send(call, sql, params));
}

void call_query_or_undo(struct call *call, enum sql sql, const char *const *params, call_rows *done, db_done *left)
{
    struct undoable *undoable = arena_alloc(call->arena, sizeof *undoable);
    call->statement = sql;
    call->on_rows = done;
    *undoable = (struct undoable){.db = call->api->db, .statement = call_send(call, sql, params), .left = left};
    call_wait(call, leave_statement, undoable);
}

void call_query(struct call *call, enum sql sql, call_rows *done)
{
    call_query_with(call, sql, call->params, done);
}

void call_wake_worker(struct call *call)
{
    call->api->wakes_worker = true;
}
