/* The key of a client in a table of rates (domain/rate.h). */
#ifndef PW_API_GUARD_RATE_KEY_H
#define PW_API_GUARD_RATE_KEY_H

#include "domain/rate.h"

/* A hash of `who` under the secret, equal in all replicas. Without the secret nobody can tell whose
 * key it is, or choose names whose keys collide. */
struct rate_key rate_key_of(const char *secret, const char *who);

#endif
