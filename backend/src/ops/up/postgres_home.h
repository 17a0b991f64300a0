/* Where the private cluster of `up` lives, who runs it, and with which programs.
 *
 * The folder is STATE/postgres, owned by whoever runs Postgres. Root may not run it, so there
 * the user `postgres` of the Debian package does; where that user can't reach STATE (a checkout
 * below /root), STATE/postgres is a link to a folder below /var/lib.
 */
#ifndef PW_OPS_UP_POSTGRES_HOME_H
#define PW_OPS_UP_POSTGRES_HOME_H

#include <limits.h>
#include <sys/types.h>

#include "base/base.h"

struct postgres_home {
    char folder[PATH_MAX]; /* absolute, without links; data/ is in it */
    char socket_folder[PATH_MAX];
    bool socket_is_elsewhere; /* in a folder of its own below /tmp, to be removed at the end */
    /* the folder of initdb and postgres, of the version that made the data */
    char programs[PATH_MAX];
    uid_t uid;
    gid_t gid;
};

/* Finds all of it, and makes what is missing. `state` is an absolute path of an existing folder. */
bool postgres_home_find(struct postgres_home *, const char *state, struct err *err) MUST_CHECK;
/* removes the socket's folder where it is elsewhere */
void postgres_home_leave(const struct postgres_home *);

#endif
