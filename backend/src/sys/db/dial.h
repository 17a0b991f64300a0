/* Connects to one of a URL's servers, in the background of an event loop. A round tries each once
 * (sys/db/hosts.h), and where there are several each has DIAL_MS for all that a connection takes:
 * connecting, TLS, the login, and the server's word on whether it takes changes. A name has as long
 * to be looked up; one that takes longer is known in the next round. For sys/db/lane.c alone. */
#ifndef PW_SYS_DB_DIAL_H
#define PW_SYS_DB_DIAL_H

#include <libpq-fe.h>

#include "sys/db/db_config.h"
#include "sys/db/hosts.h"

enum { DIAL_MS = 1000, DIAL_ALONE_MS = 3000 };

struct dial;

struct dial_owner {
    void (*connected)(void *ctx, PGconn *); /* the owner's from now on */
    /* No server of the round; why the first one didn't, in libpq's words. */
    void (*failed)(void *ctx, const char *why);
};

/* `options` NULL: none, as a pooler takes none. The URL must be one that hosts_read takes. */
struct dial *dial_new(struct loop *, const struct db_config *, const char *options, const struct dial_owner *,
                      void *ctx);
void dial_free(struct dial *);  /* no callback comes any more */
void dial_begin(struct dial *); /* a round; it may fail from inside this call */
/* of the server that took us last */
struct hosts *dial_hosts(struct dial *);

#endif
