/* Where a Redis is and how to log in, from
 * redis://[user:password@]host[:port][,host[:port]…][/database], or rediss:// for TLS (parts
 * percent-encoded). For sys/redis/redis.c. */
#ifndef PW_SYS_REDIS_PLACE_H
#define PW_SYS_REDIS_PLACE_H

#include "base/base.h"

enum { REDIS_HOSTS_MAX = 8 };

struct redis_place {
    char *user, *password; /* password NULL: no login; user "": the default one */
    struct redis_host {
        char *name;
        int port;
    } hosts[REDIS_HOSTS_MAX];
    int count;
    char *database; /* "": the first */
    bool is_tls;
};

/* The end of a sentence "REDIS_URL ...": what it has to be. Quotes nothing. */
extern const char redis_place_form[];

/* What is wrong with a URL, as the end of the same sentence; NULL: nothing. Quotes nothing. */
const char *redis_place_problem(const char *url);

/* `place` begins with zeroes, and must be cleared after a failure, too. */
bool redis_place_read(struct redis_place *, const char *url) MUST_CHECK;
void redis_place_clear(struct redis_place *);

#endif
