#include "service/migrate.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/buf.h"
#include "base/clock.h"
#include "migrations.h"
#include "service/migrate_trace.h"
#include "service/rights.h"
#include "sql.h"
#include "sys/db/session.h"

enum { CONNECT_TIMEOUT_MS = 10000, LOCK_POLL_MS = 50, MIGRATION_MAX_BYTES = 4 << 20 };

static const char no_transaction[] = "-- no transaction";

struct run {
    struct session *session;
    struct arena *arena;
    const struct migration *migrations; /* a NULL name ends them */
    const struct migrate_ask *ask;      /* NULL where nothing is to be applied */
};

/* ---- where the files are ---- */

static const char *file_text(struct arena *arena, const char *path, struct err *err)
{
    char *text = NULL;
    struct stat info;
    FILE *file = fopen(path, "re");
    if (!file || fstat(fileno(file), &info) != 0) {
        fail(err, "while reading %s: %s", path, strerror(errno));
    } else if (info.st_size > MIGRATION_MAX_BYTES) {
        fail(err, "while reading %s: over %d MiB", path, MIGRATION_MAX_BYTES >> 20);
    } else {
        size_t size = (size_t)info.st_size;
        text = arena_alloc(arena, size + 1);
        if (fread(text, 1, size, file) != size || strlen(text) != size) {
            fail(err, "while reading %s: it is no text, or changed just now", path);
            text = NULL;
        }
    }
    if (file)
        fclose(file);
    return text;
}

static int is_sql_file(const struct dirent *entry)
{
    size_t len = strlen(entry->d_name);
    return entry->d_name[0] != '.' && len > 4 && strcmp(entry->d_name + len - 4, ".sql") == 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static const struct migration *from_folder(struct arena *arena, const char *dir, struct err *err)
{
    struct dirent **entries = NULL;
    int n = scandir(dir, &entries, is_sql_file, by_name);
    if (n < 0) {
        fail(err, "while reading MIGRATIONS_DIR %s: %s", dir, strerror(errno));
        return NULL;
    }
    struct migration *migrations = arena_alloc(arena, ((size_t)n + 1) * sizeof *migrations);
    bool ok = true;
    for (int i = 0; i < n; i++) {
        migrations[i].name = arena_strdup(arena, entries[i]->d_name);
        if (ok)
            migrations[i].text = file_text(arena, arena_printf(arena, "%s/%s", dir, entries[i]->d_name), err);
        ok = ok && migrations[i].text;
        free(entries[i]);
    }
    free(entries);
    return ok ? migrations : NULL;
}

static const struct migration *find_migrations(struct arena *arena, const char *dir, struct err *err)
{
    return dir && *dir ? from_folder(arena, dir, err) : embedded_migrations;
}

const char *const *migrate_versions(struct arena *arena, const char *dir, int *count, struct err *err)
{
    const struct migration *migrations = find_migrations(arena, dir, err);
    if (!migrations)
        return NULL;
    int n = 0;
    while (migrations[n].name)
        n++;
    const char **versions = arena_alloc(arena, ((size_t)n + 1) * sizeof *versions);
    for (int i = 0; i < n; i++)
        versions[i] = migrations[i].name;
    *count = n;
    return versions;
}

/* ---- what the database has ---- */

enum column { VERSION, IS_KNOWN, APPLIED_AT, IS_CHANGED };

static bool cell_is_true(const struct table *table, int row, int column)
{
    return strcmp(table_cell(table, row, column), "t") == 0;
}

static bool migrate_query(const struct run *run, enum sql statement, const char *const *params, struct table *table,
                          struct err *err)
{
    struct session_ask ask = {.statement = statement, .params = params};
    if (!session_query(run->session, run->arena, &ask))
        return fail(err, "while running %s: %s", sql_statements[statement].name, ask.err.text);
    *table = ask.table;
    return true;
}

static bool list_versions(const struct run *run, struct table *table, struct err *err)
{
    struct buf json = buf_new(run->arena);
    const char *separator = "{";
    for (const struct migration *m = run->migrations; m->name; m++) {
        buf_str(&json, separator);
        buf_json(&json, m->name);
        buf_str(&json, ":");
        buf_json(&json, m->text);
        separator = ",";
    }
    buf_str(&json, *separator == '{' ? "{}" : "}");
    return migrate_query(run, SQL_MIGRATE_LIST, (const char *const[]){json.text}, table, err);
}

/* Changes nothing, so on an empty database there is no table to read. */
static bool look_at_versions(const struct run *run, struct table *versions, bool *exists, struct err *err)
{
    struct table has_table;
    if (!migrate_query(run, SQL_MIGRATE_HAS_TABLE, NULL, &has_table, err))
        return false;
    *exists = cell_is_true(&has_table, 0, 0);
    return !*exists || list_versions(run, versions, err);
}

/* ---- applying ---- */

static enum migrate_outcome migrate_take_lock(const struct run *run, struct err *err)
{
    uint64_t give_up = clock_ns() + run->ask->lock_wait_ms * NS_PER_MS;
    struct table answer;
    for (;;) {
        if (!migrate_query(run, SQL_MIGRATE_TRY_LOCK, NULL, &answer, err))
            return MIGRATE_FAILED;
        if (cell_is_true(&answer, 0, 0))
            return MIGRATE_DONE;
        if (clock_ns() > give_up) {
            fail(err, "while waiting for another process that applies migrations: it isn't done yet");
            return MIGRATE_BUSY;
        }
        nanosleep(&(struct timespec){.tv_nsec = LOCK_POLL_MS * (long)NS_PER_MS}, NULL);
    }
}

/* Changes the table only where it has to: an ALTER TABLE that changes nothing would still wait
 * for a running pg_dump, and readiness behind it. */
static bool make_table(const struct run *run, struct err *err)
{
    struct table table;
    if (!migrate_query(run, SQL_MIGRATE_HAS_TABLE, NULL, &table, err))
        return false;
    bool exists = cell_is_true(&table, 0, 0), has_checksums = cell_is_true(&table, 0, 1);
    return (exists || migrate_query(run, SQL_MIGRATE_CREATE_TABLE, NULL, &table, err)) &&
           (!exists || has_checksums || migrate_query(run, SQL_MIGRATE_ADD_CHECKSUM, NULL, &table, err));
}

static bool record_migration(const struct run *run, const struct migration *m, struct err *err)
{
    struct table none;
    return migrate_query(run, SQL_MIGRATE_RECORD, (const char *const[]){m->name, m->text}, &none, err);
}

static bool apply_in_transaction(const struct run *run, const struct migration *m, struct err *err)
{
    struct table none;
    return session_run(run->session, "BEGIN", err) &&
           migrate_query(run, SQL_MIGRATE_SHORT_LOCK_TIMEOUT, NULL, &none, err) &&
           session_run(run->session, m->text, err) && record_migration(run, m, err) &&
           session_run(run->session, "COMMIT", err);
}

/* An index whose build was cut off is in the way of its next one. */
static bool apply_outside_transaction(const struct run *run, const struct migration *m, struct err *err)
{
    return migrate_drop_unfinished(run->session, run->arena, m, err) && session_run(run->session, m->text, err) &&
           record_migration(run, m, err);
}

static bool apply_migration(const struct run *run, const struct migration *m, struct err *err)
{
    struct err why;
    bool outside = strncmp(m->text, no_transaction, strlen(no_transaction)) == 0;
    if (!(outside ? apply_outside_transaction(run, m, &why) : apply_in_transaction(run, m, &why)))
        return fail(err, "while applying %s: %s", m->name, why.text);
    run->ask->on_event(run->ask->ctx, MIGRATION_APPLIED, m->name);
    return true;
}

static bool mark_migration(const struct run *run, const struct migration *m, struct err *err)
{
    struct err why;
    if (!record_migration(run, m, &why))
        return fail(err, "while marking %s as applied: %s", m->name, why.text);
    run->ask->on_event(run->ask->ctx, MIGRATION_MARKED, m->name);
    return true;
}

/* Applies what isn't recorded as applied, or records it where all of it is there: then only its
 * row was lost, as in a table that was restored from an older dump. */
static enum migrate_outcome bring_in(const struct run *run, const struct migration *m, struct err *err)
{
    struct migrate_trace trace;
    if (!migrate_find_trace(run->session, run->arena, m, &trace, err))
        return MIGRATE_FAILED;
    switch (trace.left) {
    case LEFT_PART:
        fail(err,
             "while looking at %s: it isn't recorded as applied, and a part of it is there, but not %s; restore that, "
             "or remove the rest, which begins with %s",
             m->name, trace.missing, trace.there);
        return MIGRATE_HALF;
    case LEFT_ALL: return mark_migration(run, m, err) ? MIGRATE_DONE : MIGRATE_FAILED;
    case LEFT_NOTHING: return apply_migration(run, m, err) ? MIGRATE_DONE : MIGRATE_FAILED;
    }
    return MIGRATE_FAILED;
}

static const struct migration *named(const struct run *run, const char *name)
{
    const struct migration *m = run->migrations;
    while (strcmp(m->name, name) != 0)
        m++;
    return m;
}

static bool none_is_changed(const struct table *versions, struct err *err)
{
    for (int row = 0; row < versions->rows; row++)
        if (cell_is_true(versions, row, IS_CHANGED))
            return fail(err,
                        "while checking migrations: %s changed after it was applied; put its old text back and make "
                        "the change a new migration",
                        table_cell(versions, row, VERSION));
    return true;
}

static void add_name(struct buf *list, const char *name)
{
    buf_printf(list, "%s%s", list->len ? ", " : "", name);
}

/* Whether there are any. */
static bool report_unknown(const struct run *run, const struct table *versions)
{
    struct buf list = buf_new(run->arena);
    for (int row = 0; row < versions->rows; row++)
        if (!cell_is_true(versions, row, IS_KNOWN))
            add_name(&list, table_cell(versions, row, VERSION));
    if (list.len)
        run->ask->on_event(run->ask->ctx, MIGRATION_UNKNOWN, list.text);
    return list.len > 0;
}

static enum migrate_outcome bring_in_missing(const struct run *run, const struct table *versions, bool *is_changed,
                                             struct err *err)
{
    enum migrate_outcome outcome = MIGRATE_DONE;
    for (int row = 0; row < versions->rows && outcome == MIGRATE_DONE; row++) {
        if (table_cell(versions, row, APPLIED_AT))
            continue;
        outcome = bring_in(run, named(run, table_cell(versions, row, VERSION)), err);
        *is_changed = true;
    }
    return outcome;
}

static enum migrate_outcome apply_missing(const struct run *run, struct err *err)
{
    struct table versions;
    if (!make_table(run, err) || !list_versions(run, &versions, err) || !none_is_changed(&versions, err))
        return MIGRATE_FAILED;
    bool is_newer = report_unknown(run, &versions), is_changed = run->ask->grants_anew;
    enum migrate_outcome outcome = bring_in_missing(run, &versions, &is_changed, err);
    if (outcome != MIGRATE_DONE)
        return outcome;
    /* a newer program's services need the rights that it granted */
    bool has_rights = is_newer || !is_changed || rights_grant(run->session, run->arena, err);
    return has_rights ? MIGRATE_DONE : MIGRATE_FAILED;
}

static enum migrate_outcome apply_under_lock(const struct run *run, struct err *err)
{
    struct table none;
    if (!migrate_query(run, SQL_MIGRATE_SESSION_SETTINGS, NULL, &none, err))
        return MIGRATE_FAILED;
    enum migrate_outcome locked = migrate_take_lock(run, err);
    if (locked != MIGRATE_DONE)
        return locked;
    return apply_missing(run, err);
}

/* A transaction pooler would leave the advisory lock with one server connection and go on with
 * another. */
static struct session *open_until(int stop_fd, const char *url, struct err *err)
{
    if (url)
        return session_open_until(stop_fd, url, CONNECT_TIMEOUT_MS, err);
    fail(err,
         "DATABASE_DIRECT_URL must be set where DB_POOLER=transaction, or DATABASE_OWNER_URL: migrations hold a lock "
         "for their whole session");
    return NULL;
}

struct session *migrate_open(const char *url, struct err *err)
{
    return open_until(NO_STOP, url, err);
}

enum migrate_outcome migrate_apply(const struct migrate_ask *ask, struct err *err)
{
    struct run run = {.arena = arena_new(), .ask = ask};
    run.migrations = find_migrations(run.arena, ask->dir, err);
    run.session = run.migrations ? open_until(ask->stop_fd, ask->url, err) : NULL;
    enum migrate_outcome outcome = run.session                  ? apply_under_lock(&run, err)
                                   : run.migrations && ask->url ? MIGRATE_AWAY
                                                                : MIGRATE_FAILED;
    session_close(run.session);
    arena_free(run.arena);
    return outcome;
}

static void sort_versions(const struct table *versions, struct migration_states *states, struct buf *pending,
                          struct buf *changed, struct buf *unknown)
{
    for (int row = 0; row < versions->rows; row++) {
        const char *name = table_cell(versions, row, VERSION);
        bool is_known = cell_is_true(versions, row, IS_KNOWN),
             is_applied = table_cell(versions, row, APPLIED_AT) != NULL;
        states->applied += is_known && is_applied;
        states->pending_count += !is_applied;
        if (!is_applied)
            add_name(pending, name);
        if (!is_known)
            add_name(unknown, name);
        if (cell_is_true(versions, row, IS_CHANGED))
            add_name(changed, name);
    }
}

bool migrate_look(struct session *session, struct arena *arena, const char *dir, struct migration_states *states,
                  struct err *err)
{
    struct run run = {.session = session, .arena = arena, .migrations = find_migrations(arena, dir, err)};
    struct buf pending = buf_new(arena), changed = buf_new(arena), unknown = buf_new(arena);
    struct table versions = {0};
    bool exists;
    if (!run.migrations || !look_at_versions(&run, &versions, &exists, err))
        return false;
    *states = (struct migration_states){0};
    sort_versions(&versions, states, &pending, &changed, &unknown);
    for (const struct migration *m = run.migrations; !exists && m->name; m++, states->pending_count++)
        add_name(&pending, m->name);
    states->pending = pending.text;
    states->changed = changed.text;
    states->unknown = unknown.text;
    return true;
}

static const struct migration_state *list_pending(const struct run *run)
{
    int count = 0;
    while (run->migrations[count].name)
        count++;
    struct migration_state *list = arena_alloc(run->arena, ((size_t)count + 1) * sizeof *list);
    for (int i = 0; i < count; i++)
        list[i] = (struct migration_state){.version = run->migrations[i].name, .is_known = true};
    return list;
}

static const struct migration_state *list_rows(const struct run *run, const struct table *versions)
{
    struct migration_state *list = arena_alloc(run->arena, ((size_t)versions->rows + 1) * sizeof *list);
    for (int row = 0; row < versions->rows; row++)
        list[row] = (struct migration_state){.version = table_cell(versions, row, VERSION),
                                             .applied_at = table_cell(versions, row, APPLIED_AT),
                                             .is_known = cell_is_true(versions, row, IS_KNOWN),
                                             .is_changed = cell_is_true(versions, row, IS_CHANGED)};
    return list;
}

const struct migration_state *migrate_list(struct session *session, struct arena *arena, const char *dir,
                                           struct err *err)
{
    struct run run = {.session = session, .arena = arena, .migrations = find_migrations(arena, dir, err)};
    struct table versions = {0};
    bool exists;
    if (!run.migrations || !look_at_versions(&run, &versions, &exists, err))
        return NULL;
    return exists ? list_rows(&run, &versions) : list_pending(&run);
}
