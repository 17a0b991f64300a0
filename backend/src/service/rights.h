/* What the database's roles may do with its tables: one table, rights.c. `personaworlds roles`
 * prints it as SQL, `migrate` grants it again, a test holds it against the catalogue.
 *
 * The roles are personaworlds_owner, who owns all and migrates; personaworlds_api and
 * personaworlds_worker for the services; personaworlds_ops for the commands. They belong to the
 * cluster, so no migration makes them.
 */
#ifndef PW_SERVICE_RIGHTS_H
#define PW_SERVICE_RIGHTS_H

#include "base/arena.h"

struct session;

enum rights_of { RIGHTS_OF_API, RIGHTS_OF_WORKER };

/* Each right of a role, as three Postgres arrays of one length, in the arena. */
struct rights_list {
    const char *tables, *rights, *columns; /* a column is null for a right on all of a table */
};
struct rights_list rights_list(struct arena *, enum rights_of);

/* A script of REVOKE and GRANT, in the arena. Run again, it changes nothing. */
const char *rights_script(struct arena *);

/* Grants the rights, all or none, on those tables and columns that are there. Nothing happens where
 * the roles aren't there, or where the session's role doesn't own the tables. */
bool rights_grant(struct session *, struct arena *, struct err *err) MUST_CHECK;

#endif
