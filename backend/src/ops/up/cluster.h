/* The private Postgres cluster of `up`: made once, started and stopped with the program. It
 * listens on a Unix socket alone, in a folder that only its user (and root) can enter, so it
 * needs no password.
 */
#ifndef PW_OPS_UP_CLUSTER_H
#define PW_OPS_UP_CLUSTER_H

#include "base/arena.h"
#include "ops/up/child.h"
#include "ops/up/postgres_home.h"

struct cluster {
    struct postgres_home home;
    struct child initdb, server;
    char log_path[PATH_MAX];
};

/* Makes the cluster and its database where there are none yet, starts it, and returns when it
 * answers. Where the Postgres of a killed `up` is still ending, waits for that. False: `err`
 * says why, or Ctrl-C came; cluster_stop is needed in any case. */
bool cluster_start(struct cluster *, const char *state, struct err *err) MUST_CHECK;
void cluster_stop(struct cluster *); /* zeroed, never started, or ended by itself is fine */

/* for libpq; without a secret */
const char *cluster_url(const struct cluster *, struct arena *, const char *user, const char *database);

#endif
