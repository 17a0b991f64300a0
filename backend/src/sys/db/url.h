/* The gate for the URLs of databases. libpq and the server quote pieces of a URL in their messages,
 * and host names go to DNS; so a URL is used only after this module has found that no piece of the
 * password can be taken for another part. Pure: it asks no server and no DNS.
 */
#ifndef PW_SYS_DB_URL_H
#define PW_SYS_DB_URL_H

#include "base/arena.h"

/* What is wrong with a URL, or with libpq's "keyword=value" form of one, as the end of a
 * sentence "DATABASE_URL must ..."; NULL: nothing. It quotes nothing of the URL but the plain name
 * of a parameter that libpq doesn't know, and lives until the thread asks again. */
const char *database_url_problem(const char *url);

/* Whether passwords and rows go to another machine of which nobody checks that it is the right one:
 * any but this machine, with an sslmode that verifies no certificate. False for a URL with a
 * problem. */
bool database_url_is_unverified(const char *url);

/* "host:port/name", which tells databases apart, whoever logs in; in the arena. NULL: the URL can't
 * be read. */
const char *database_url_place(struct arena *, const char *url);

#endif
