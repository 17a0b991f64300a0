#include "service/rights.h"

#include <string.h>

#include "base/buf.h"
#include "sql.h"
#include "sys/db/db.h"
#include "sys/db/session.h"

/* clang-format off */
/* A lock (FOR UPDATE, FOR SHARE) needs the right to update some column: where nothing else is
 * updated, one that matters least is named. Triggers and functions run as their caller, so the
 * counters that they write are here, too; references (ON DELETE) run as the owner. */
static const struct right {
    const char *table;
    const char *api, *worker, *ops; /* as GRANT has them; NULL: none */
} rights[] = {
    /* accounts: hashes of passwords are for the API alone */
    {"users",                   "select, insert, update",
                                "select (id, email, email_verified_at, language, created_at, last_active_at, weekly_due_at), "
                                "update (weekly_due_at), delete",
                                "select (id, email, created_at, last_active_at, weekly_due_at), update (weekly_due_at)"},
    {"sessions",                "select, insert, update", "select (id, user_id, expires_at), update (last_seen_at), delete", NULL},
    {"revocations",             "select, insert, update", "select, delete", NULL},
    {"revocations_version",     "select, update", "select", NULL},
    {"account_networks",        "select, insert, update (last_login_at), delete", NULL, NULL},
    {"account_deletions",       "select, insert", "select, update (requested_at)", "select"},
    {"mail_links",              "select, delete", "select, insert, update (expires_at), delete", NULL},
    {"mail_asks",               "select, insert, update", "select, update (began_at), delete", NULL},
    {"idempotency_keys",        "select, insert, update, delete", "select, update (expires_at), delete", NULL},
    {"administrators",          "select, delete", NULL, "select, insert, delete"},
    {"administrator_changes",   NULL, NULL, "select, insert"},

    /* personas and what they write */
    {"personas",                "select, insert, update, delete", "select, update (updated_at), delete", "select (id), update (updated_at)"},
    {"persona_public_profiles", "select, insert, update", "select", NULL},
    {"persona_follows",         "select, insert, delete", "select, delete", NULL},
    {"persona_follower_counts", "select, insert, update", "select, update", NULL},
    {"room_post_counts",        "select, insert, update", "select, insert, update", NULL},
    {"rooms",                   "select, update (created_at)", "select", "select"},
    {"templates",               "select, insert, update, delete", "select, delete", NULL},
    {"posts",                   "select, insert, update, delete", "select, update (replies_count, template_id, topic, topic_rule, voices), delete", "select (id)"},
    {"replies",                 "select", "select, insert, delete", NULL},
    {"thread_summaries",        "select", "select, insert, update", NULL},
    {"persona_activity_events", "select, insert", "select, insert, update (metadata), delete", "select"},
    {"persona_digests",         "select", "select, insert, update, delete", "select"},
    {"shown_persona_digests",   "select", NULL, NULL},
    {"weekly_digests",          "select", "select, insert, update", "select"},

    /* jobs and what the model may cost */
    {"jobs",                    "select, insert, update (dirty)", "select, insert, update, delete", "select, insert, update"},
    {"jobs_done",               NULL, "select, insert, update (dirty), delete", "select"},
    {"jobs_all",                NULL, NULL, "select"},
    {"workers",                 "select", "select, insert, update, delete", "select"},
    {"quota_events",            "select, insert, update, delete", "select, insert, update (expires_at), delete", NULL},
    {"summary_asks",            "select, insert, update", "select, update (began_at), delete", NULL},
    {"model_budgets",           "select, insert, update", "select, insert, update", "select"},

    /* events, and what is counted from them */
    {"events",                  "select, insert", "select, update (client), delete", "select"},
    {"event_counts",            "select, insert, update", NULL, "select"},
    {"battle_engagement",       "select, insert, update, delete", "select, delete", NULL},
    {"battle_sharers",          "select, insert, update, delete", "select, delete", NULL},
    {"battle_remixers",         "select, insert", NULL, NULL},
    {"template_usage",          "select, insert, update, delete", "select, delete", NULL},
    {"template_users",          "select, insert, update, delete", "select, delete", NULL},
    {"notifications",           "select, insert, update (read_at)", "select, update (read_at), delete", "select"},
    {"notification_counts",     "select, insert, update, delete", "select, delete", NULL},

    /* what operators set */
    {"settings",                "select", "select", "select, insert, update, delete"},
    {"blocked_addresses",       "select", NULL, "select, insert, update, delete"},
    {"blocked_addresses_version", "select", "select", "select, update"},
    {"journal",                 "insert", "select, insert, delete", "select, insert"},
    {"schema_migrations",       "select", "select", "select"},
};
/* clang-format on */

/* What the owner does for a service that may not do it itself. */
static const struct function {
    const char *signature, *role;
} functions[] = {
    {"make_partitions()", "worker"},
    {"forget_rows(text, bigint, int, bigint)", "worker"},
};

/* ",id,name,", or NULL: all that are named are there. */
static bool has_column(const char *columns, struct arena *arena, const char *name, size_t len)
{
    return !columns || strstr(columns, arena_printf(arena, ",%.*s,", (int)len, name));
}

/* "(a, b)" with those that are there. A migration that is still to come may make others. Each right
 * names at least one column that any release has. */
static const char *add_columns(struct buf *script, const char *list, const char *columns)
{
    const char *separator = "(";
    for (list++; *list != ')'; list += strspn(list, ", ")) {
        size_t len = strcspn(list, ",)");
        if (has_column(columns, script->arena, list, len)) {
            buf_printf(script, "%s%.*s", separator, (int)len, list);
            separator = ", ";
        }
        list += len;
    }
    buf_str(script, ")");
    return list + 1;
}

static void grant(struct buf *script, const char *table, const char *columns, const char *role, const char *what)
{
    if (!what)
        return;
    buf_str(script, "GRANT ");
    while (*what) {
        size_t len = strcspn(what, "(");
        buf_add(script, what, len);
        what = what[len] ? add_columns(script, what + len, columns) : what + len;
    }
    buf_printf(script, " ON %s TO personaworlds_%s;\n", table, role);
}

static void add_right(struct buf *script, const struct right *right, const char *columns)
{
    buf_printf(script, "REVOKE ALL ON %s FROM PUBLIC, personaworlds_api, personaworlds_worker, personaworlds_ops;\n",
               right->table);
    grant(script, right->table, columns, "api", right->api);
    grant(script, right->table, columns, "worker", right->worker);
    grant(script, right->table, columns, "ops", right->ops);
}

/* A table's bigserial takes its next number as the caller. */
static void add_sequences(struct buf *script)
{
    buf_str(script,
            "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO personaworlds_api, personaworlds_worker, "
            "personaworlds_ops;\n");
}

static void add_function(struct buf *script, const struct function *function)
{
    buf_printf(script, "REVOKE ALL ON FUNCTION %s FROM PUBLIC;\nGRANT EXECUTE ON FUNCTION %s TO personaworlds_%s;\n",
               function->signature, function->signature, function->role);
}

const char *rights_script(struct arena *arena)
{
    struct buf script = buf_new(arena);
    for (size_t i = 0; i < COUNT(rights); i++)
        add_right(&script, &rights[i], NULL);
    for (size_t i = 0; i < COUNT(functions); i++)
        add_function(&script, &functions[i]);
    add_sequences(&script);
    return script.text;
}

/* ---- listing ---- */

enum { RIGHTS_MAX = 512 };

struct listed {
    struct arena *arena;
    const char *tables[RIGHTS_MAX], *rights[RIGHTS_MAX], *columns[RIGHTS_MAX];
    int count;
};

static void list_right(struct listed *listed, const char *table, const char *right, const char *column)
{
    INVARIANT(listed->count < RIGHTS_MAX);
    listed->tables[listed->count] = table;
    listed->rights[listed->count] = right;
    listed->columns[listed->count++] = column;
}

/* One right for each column of "(a, b)"; returns what follows it. */
static const char *list_columns(struct listed *listed, const char *table, const char *right, const char *at)
{
    for (at++; *at != ')'; at += strspn(at, ", ")) {
        size_t len = strcspn(at, ",)");
        list_right(listed, table, right, arena_printf(listed->arena, "%.*s", (int)len, at));
        at += len;
    }
    return at + 1;
}

/* `what`: "select (id, name), delete" */
static void list_rights(struct listed *listed, const char *table, const char *what)
{
    for (const char *at = what; *at; at += strspn(at, ", ")) {
        size_t len = strcspn(at, " ,");
        const char *right = arena_printf(listed->arena, "%.*s", (int)len, at);
        at += len + (at[len] == ' ');
        if (*at == '(')
            at = list_columns(listed, table, right, at);
        else
            list_right(listed, table, right, NULL);
    }
}

struct rights_list rights_list(struct arena *arena, enum rights_of whose)
{
    struct listed listed = {.arena = arena};
    for (size_t i = 0; i < COUNT(rights); i++) {
        const char *what = whose == RIGHTS_OF_API ? rights[i].api : rights[i].worker;
        if (what)
            list_rights(&listed, rights[i].table, what);
    }
    return (struct rights_list){db_array(arena, listed.tables, listed.count),
                                db_array(arena, listed.rights, listed.count),
                                db_array(arena, listed.columns, listed.count)};
}

/* ---- granting ---- */

static bool rights_ask(struct session *session, struct arena *arena, struct session_ask *ask, struct err *err)
{
    return session_query(session, arena, ask) ||
           fail(err, "while running %s: %s", sql_statements[ask->statement].name, ask->err.text);
}

static const struct right *right_of(const char *table)
{
    for (size_t i = 0; i < COUNT(rights); i++)
        if (strcmp(rights[i].table, table) == 0)
            return &rights[i];
    return NULL;
}

static const struct function *function_of(const char *signature)
{
    for (size_t i = 0; i < COUNT(functions); i++)
        if (strcmp(functions[i].signature, signature) == 0)
            return &functions[i];
    return NULL;
}

enum { NAME, IN_IT }; /* columns of roles/tables and roles/functions */

/* MIGRATIONS_DIR may have made other tables and functions than the program knows. */
static const char *script_of(struct arena *arena, const struct table *tables_there, const struct table *functions_there)
{
    struct buf script = buf_new(arena);
    buf_str(&script, "BEGIN;\n");
    for (int row = 0; row < tables_there->rows; row++)
        add_right(&script, right_of(table_cell(tables_there, row, NAME)), table_cell(tables_there, row, IN_IT));
    for (int row = 0; row < functions_there->rows; row++)
        add_function(&script, function_of(table_cell(functions_there, row, NAME)));
    add_sequences(&script);
    buf_str(&script, "COMMIT;\n");
    return script.text;
}

bool rights_grant(struct session *session, struct arena *arena, struct err *err)
{
    const char *names[COUNT(rights)], *signatures[COUNT(functions)];
    for (size_t i = 0; i < COUNT(rights); i++)
        names[i] = rights[i].table;
    for (size_t i = 0; i < COUNT(functions); i++)
        signatures[i] = functions[i].signature;
    struct session_ask found = {.statement = SQL_ROLES_FOUND};
    if (!rights_ask(session, arena, &found, err))
        return false;
    if (*table_cell(&found.table, 0, 0) != 't')
        return true;
    struct session_ask tables = {.statement = SQL_ROLES_TABLES,
                                 .params = (const char *const[]){db_array(arena, names, COUNT(rights))}};
    struct session_ask routines = {.statement = SQL_ROLES_FUNCTIONS,
                                   .params = (const char *const[]){db_array(arena, signatures, COUNT(functions))}};
    struct err why;
    if (!rights_ask(session, arena, &tables, err) || !rights_ask(session, arena, &routines, err))
        return false;
    return session_run(session, script_of(arena, &tables.table, &routines.table), &why) ||
           fail(err, "while granting the roles their rights: %s", why.text);
}
