/* The callers of the API, by the settings: the proxies whose X-Forwarded-For or Forwarded is
 * believed (TRUSTED_PROXIES), and the web origins whose pages may call in a browser
 * (CORS_ALLOWED_ORIGINS). For the API, and for commands that check these settings. Everything lives
 * in the arena.
 */
#ifndef PW_DOMAIN_CALLERS_H
#define PW_DOMAIN_CALLERS_H

#include "base/arena.h"
#include "config/config.h"
#include "domain/cidr.h"

struct proxies {
    struct cidr *networks;
    int count;
};

/* TRUSTED_PROXIES. False: `err` names the member that is no network. */
bool proxies_read(struct arena *, const struct config *, struct proxies *, struct err *err) MUST_CHECK;

struct origins {
    const char **list; /* each without a trailing slash */
    int count;
    bool any; /* "*" is among them */
};

/* CORS_ALLOWED_ORIGINS. Where that is unset: FRONTEND_ORIGIN, and outside prod the origins of the
 * pages' development server, too. */
bool origins_read(struct arena *, const struct config *, struct origins *, struct err *err) MUST_CHECK;

/* scheme://host[:port] and nothing after it; a browser sends no more, so anything else would
 * never match. */
bool origin_is_valid(const char *text);

#endif
