/* A command's connection to the database in DATABASE_URL (a pooler will do), and the statements
 * that it runs there. */
#ifndef PW_OPS_SHARED_DATABASE_H
#define PW_OPS_SHARED_DATABASE_H

#include "base/arena.h"
#include "config/config.h"
#include "sql.h"
#include "sys/db/session.h"

struct database {
    struct arena *arena; /* what statements answered lives until database_close */
    struct session *session;
    const struct config *config;
    /* set before it is opened */
    bool as_owner;       /* DATABASE_OWNER_URL instead, where there is one */
    bool is_away;        /* it isn't asked */
    uint64_t connect_ms; /* how long to wait for it; 0: five seconds */
    /* the settings could be read, whether it could be reached or not */
    bool is_configured;
    bool is_quiet; /* of what can't be written into the journal nothing is said */
};

/* Reads the settings and connects within five seconds. False: `err` says why; database_close is
 * due all the same. */
bool database_open(struct database *, struct err *err) MUST_CHECK;
void database_close(struct database *);

/* What a command does with its database. Returns the exit code. Where that isn't EXIT_FINE,
 * `reason` says what went wrong, or stays empty because the work has printed it. */
typedef int database_work(void *request, struct err *reason);

/* Connects, does the work, and says on stderr what went wrong. `database` is where the work finds
 * it, like a member of the request. Returns the exit code: EXIT_COULD_NOT_LOOK where there is no
 * connection. */
int database_command(const char *command, struct database *, database_work *, void *request);

/* Runs a statement by itself: `-- first:` is not for commands. */
bool database_ask(const struct database *, enum sql, const char *const *params, struct table *,
                  struct err *err) MUST_CHECK;

/* The same for a change that others may get in the way of: sent again, after a moment,
 * where it was rolled back for another's sake, or because an equal row came at this very moment,
 * which the next look sees. */
bool database_change(const struct database *, enum sql, const char *const *params, struct table *,
                     struct err *err) MUST_CHECK;

/* Who waits for jobs needs no poll to find them. */
bool database_wake_workers(const struct database *, struct err *err) MUST_CHECK;

/* A column of whole numbers. */
long long table_number(const struct table *, int row, int column);

#endif
