#include "service/migrate_trace.h"

#include <string.h>

#include "base/buf.h"
#include "migrations.h"
#include "sql.h"
#include "sys/db/db.h"
#include "sys/db/session.h"

enum { OBJECTS_MAX = 256 }; /* of a migration */

struct objects {
    const char *kinds[OBJECTS_MAX], *names[OBJECTS_MAX], *ofs[OBJECTS_MAX];
    int count;
};

/* Its place in embedded_migrations; -1: it is another folder's. */
static int place_of(const struct migration *m)
{
    for (int i = 0; embedded_migrations[i].name; i++)
        if (strcmp(embedded_migrations[i].name, m->name) == 0)
            return strcmp(embedded_migrations[i].text, m->text) == 0 ? i : -1;
    return -1;
}

static struct objects *objects_of(struct arena *arena, const struct migration *m, const char *kind)
{
    struct objects *objects = arena_alloc(arena, sizeof *objects);
    int place = place_of(m);
    objects->count = 0;
    for (const struct made_object *each = embedded_made_objects; place >= 0 && each->kind; each++) {
        if (each->migration != place || (kind && strcmp(each->kind, kind) != 0))
            continue;
        INVARIANT(objects->count < OBJECTS_MAX);
        objects->kinds[objects->count] = each->kind;
        objects->names[objects->count] = each->name;
        objects->ofs[objects->count++] = each->of;
    }
    return objects;
}

static bool trace_ask(struct session *session, struct arena *arena, struct session_ask *ask, struct err *err)
{
    return session_query(session, arena, ask) ||
           fail(err, "while running %s: %s", sql_statements[ask->statement].name, ask->err.text);
}

bool migrate_find_trace(struct session *session, struct arena *arena, const struct migration *m,
                        struct migrate_trace *trace, struct err *err)
{
    enum { NAME, IS_THERE };
    const struct objects *objects = objects_of(arena, m, NULL);
    const char *const params[] = {db_array(arena, objects->kinds, objects->count),
                                  db_array(arena, objects->names, objects->count),
                                  db_array(arena, objects->ofs, objects->count)};
    struct session_ask ask = {.statement = SQL_MIGRATE_OBJECTS, .params = params};
    *trace = (struct migrate_trace){.left = LEFT_NOTHING};
    if (objects->count && !trace_ask(session, arena, &ask, err))
        return false;
    for (int row = 0; objects->count && row < ask.table.rows; row++) {
        bool is_there = strcmp(table_cell(&ask.table, row, IS_THERE), "t") == 0;
        const char **first = is_there ? &trace->there : &trace->missing;
        if (!*first)
            *first = table_cell(&ask.table, row, NAME);
    }
    if (trace->there)
        trace->left = trace->missing ? LEFT_PART : LEFT_ALL;
    return true;
}

bool migrate_drop_unfinished(struct session *session, struct arena *arena, const struct migration *m, struct err *err)
{
    enum { DROP, BUILDER };
    const struct objects *indexes = objects_of(arena, m, "index");
    const char *const params[] = {db_array(arena, indexes->names, indexes->count)};
    struct session_ask ask = {.statement = SQL_MIGRATE_UNFINISHED_INDEXES, .params = params};
    if (!indexes->count)
        return true;
    if (!trace_ask(session, arena, &ask, err))
        return false;
    for (int row = 0; row < ask.table.rows; row++) {
        const char *builder = table_cell(&ask.table, row, BUILDER);
        if (builder)
            return fail(err, "process %s of Postgres builds its index just now: wait until it has ended", builder);
        if (!session_run(session, table_cell(&ask.table, row, DROP), err))
            return false;
    }
    return true;
}
