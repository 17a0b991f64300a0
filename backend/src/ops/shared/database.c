#include "ops/shared/database.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "ops/shared/exit_codes.h"
#include "sys/crypto.h"

/* Once a process, however many databases it opens: the texts live as long as it does. NULL: `err`
 * says why the settings can't be read. */
static const struct config *own_config(struct err *err)
{
    static enum { UNREAD, READ, UNREADABLE } state;
    static struct config config;
    static struct err why;
    if (state == UNREAD)
        state = config_read(&config, &why) ? READ : UNREADABLE;
    if (state == UNREADABLE)
        *err = why;
    return state == READ ? &config : NULL;
}

bool database_open(struct database *d, struct err *err)
{
    enum { CONNECT_TIMEOUT_MS = 5000 };
    *d = (struct database){
        .arena = arena_new(), .as_owner = d->as_owner, .is_away = d->is_away, .connect_ms = d->connect_ms};
    d->config = crypto_start(err) ? own_config(err) : NULL;
    d->is_configured = d->config != NULL;
    if (!d->config || d->is_away)
        return d->config ? fail(err, "the database is away") : false;
    const char *owner = d->as_owner ? d->config->database_owner_url : NULL;
    uint64_t patience_ms = d->connect_ms ? d->connect_ms : CONNECT_TIMEOUT_MS;
    d->session = session_open(owner ? owner : d->config->database_url, patience_ms, err);
    return d->session != NULL;
}

void database_close(struct database *d)
{
    session_close(d->session);
    arena_free(d->arena);
}

int database_command(const char *command, struct database *d, database_work *work, void *request)
{
    struct err reason = {""};
    int code = database_open(d, &reason) ? work(request, &reason) : EXIT_COULD_NOT_LOOK;
    database_close(d);
    if (code != EXIT_FINE && *reason.text)
        fprintf(stderr, "personaworlds %s: %s\n", command, reason.text);
    return code;
}

bool database_ask(const struct database *d, enum sql statement, const char *const *params, struct table *table,
                  struct err *err)
{
    struct session_ask ask = {.statement = statement, .params = params};
    if (!session_query(d->session, d->arena, &ask))
        return fail(err, "while running %s: %s", sql_statements[statement].name, ask.err.text);
    *table = ask.table;
    return true;
}

/* Whether the change met another one at this very moment. A full disk, a server without connections
 * or one that only reads doesn't go away within a command's patience. */
static bool can_be_sent_again(const struct database *d)
{
    static const char unique_violation[] = "23505", rolled_back[] = "40";
    const char *sqlstate = session_sqlstate(d->session);
    return strcmp(sqlstate, unique_violation) == 0 || strncmp(sqlstate, rolled_back, strlen(rolled_back)) == 0;
}

/* 1, 2, 4 ... 128 ms: those who met don't meet again at once. */
static void pause_before_try(int try)
{
    enum { MOST_DOUBLINGS = 7 };
    nanosleep(&(struct timespec){.tv_nsec = (1L << MIN(try, MOST_DOUBLINGS)) * (long)NS_PER_MS}, NULL);
}

bool database_change(const struct database *d, enum sql statement, const char *const *params, struct table *table,
                     struct err *err)
{
    enum { TRIES = 20 };
    for (int i = 0; i < TRIES; i++) {
        if (database_ask(d, statement, params, table, err))
            return true;
        if (!can_be_sent_again(d))
            return false;
        pause_before_try(i);
    }
    return false;
}

bool database_wake_workers(const struct database *d, struct err *err)
{
    struct table none;
    return database_ask(d, SQL_JOBS_NOTIFY, (const char *[]){"jobs"}, &none, err);
}

long long table_number(const struct table *table, int row, int column)
{
    const char *cell = table_cell(table, row, column);
    return cell ? strtoll(cell, NULL, 10) : 0;
}
