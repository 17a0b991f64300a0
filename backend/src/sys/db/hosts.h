/* The servers that a database's URL names, and the order in which they are tried: each by itself,
 * as libpq would spend the time of all on one that takes connections and doesn't answer, and would
 * look names up while it blocks. For the connections of sys/db/.
 *
 * A round tries each server once, and each address of its name. It begins with the server that was
 * good last, or, where that one was found silent or read-only, behind it. It asks no server and no
 * DNS: whoever looks a name up tells what was found.
 */
#ifndef PW_SYS_DB_HOSTS_H
#define PW_SYS_DB_HOSTS_H

#include <libpq-fe.h>

#include "base/base.h"

enum { HOSTS_MAX = 16, HOSTS_LABEL_SIZE = 128 };

struct hosts;

/* NULL: libpq can't read the URL, it names more than HOSTS_MAX servers, or not as many ports (one
 * is for all) or addresses as hosts. */
struct hosts *hosts_read(const char *url) MUST_CHECK;
void hosts_free(struct hosts *); /* NULL is fine */

/* How many servers the URL names; where it is one that was looked up: how many addresses. */
int hosts_count(const struct hosts *);

void hosts_begin(struct hosts *); /* a round */

/* The next server of the round. HOSTS_LOOK_UP: hosts_name has to be looked up; then comes
 * hosts_found, or the next one. */
enum hosts_step { HOSTS_OVER, HOSTS_LOOK_UP, HOSTS_CONNECT };
enum hosts_step hosts_next(struct hosts *);
int hosts_place(const struct hosts *); /* of this server in the URL, from 0 */
const char *hosts_name(const struct hosts *);
void hosts_found(struct hosts *, const char *addresses); /* joined by commas */

/* Begins to connect to this server: what the URL says, and over it pairs of a name and a value
 * (NULL: what the URL says), which {NULL} ends. */
PGconn *hosts_connect(const struct hosts *, const char *const (*over)[2]);
/* target_session_attrs as the URL has it; a list that has none wants "read-write". NULL: any. */
const char *hosts_wanted(const struct hosts *);

void hosts_good(struct hosts *);      /* this server took us: rounds begin here */
void hosts_good_last(struct hosts *); /* not any more: they begin behind it */

/* "host:port" of this server, for logs and to tell servers apart. */
void hosts_label(const struct hosts *, char out[static HOSTS_LABEL_SIZE]);

#endif
