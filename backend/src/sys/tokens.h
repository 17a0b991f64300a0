/* Signed tokens: JWT with HS256 (RFC 7519). crypto_start comes first. Times are seconds since
 * 1970. */
#ifndef PW_SYS_TOKENS_H
#define PW_SYS_TOKENS_H

#include "base/arena.h"
#include "base/uuid.h"

/* A session's token for the user, valid for `lifetime_s` from `now_s`. */
char *token_make(struct arena *, const char *secret, const char *user_id, int64_t now_s, int64_t lifetime_s);

/* True: the token is ours, HS256, not expired; user_id has its user in lower case. Remix tokens
 * and the like are refused by their key and claims. */
bool token_read(const char *token, const char *secret, int64_t now_s, char user_id[static UUID_SIZE]) MUST_CHECK;

/* A token for one purpose ("remix") that carries texts: under a key of its own, derived from the
 * secret and the purpose, so that neither kind passes as the other. */
struct claim {
    const char *name, *value; /* a NULL value is left out */
};

struct claims {
    const char *purpose;
    struct claim *list;
    int count;
};

/* The token, in the arena, with the values of the claims. */
char *claims_make(struct arena *, const char *secret, const struct claims *, int64_t expires_s);

/* True: it is ours, for this purpose and not expired. Sets the values of the named claims, in
 * the arena; NULL where one is missing. */
bool claims_read(struct arena *, const char *token, const char *secret, int64_t now_s,
                 const struct claims *) MUST_CHECK;

#endif
