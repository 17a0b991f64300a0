/* TLS for a connection to Redis: 1.2 or newer, with a certificate for the host that was asked for
 * of an authority that is trusted. For sys/redis/redis.c.
 *
 * It is there with hiredis 1, by OpenSSL: older ones can't check a host's name, and have no TLS for
 * connections of an event loop. */
#ifndef PW_SYS_REDIS_TLS_H
#define PW_SYS_REDIS_TLS_H

#include "base/base.h"

struct redisAsyncContext;
struct redis_tls;

bool redis_tls_is_there(void); /* built in */

/* `ca_bundle`: a file with the authorities (PEM); "": the system's. NULL: it can't be read. */
struct redis_tls *redis_tls_new(const char *ca_bundle, struct err *) MUST_CHECK;
void redis_tls_free(struct redis_tls *); /* NULL is fine */

/* A connection that has just been begun, to the name or address `host`. Before any command. NULL,
 * or why it can't be used, as long as the connection lasts. */
const char *redis_tls_begin(struct redis_tls *, struct redisAsyncContext *, const char *host) MUST_CHECK;
/* What is wrong with the certificate that was shown last; NULL: nothing. Until the connection is
 * freed. */
const char *redis_tls_problem(const struct redis_tls *);
void redis_tls_ended(struct redis_tls *); /* the connection is about to be freed */

#endif
