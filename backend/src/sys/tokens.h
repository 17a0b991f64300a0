/* Signed tokens: JWT with HS256 (RFC 7519). crypto_start comes first. Times are seconds since
 * 1970. */
#ifndef PW_SYS_TOKENS_H
#define PW_SYS_TOKENS_H

#include "base/arena.h"
#include "base/uuid.h"

/* The keys: tokens are made with the first, and read with either, so that the key can be changed
 * while tokens of the one before are still in use. */
struct token_keys {
    const char *secret, *previous; /* previous "": there is none */
};

/* Whom a session's token is for. */
struct token_holder {
    char user_id[UUID_SIZE];    /* "": nobody */
    char session_id[UUID_SIZE]; /* "": a token of before sessions */
    int64_t expires_s;          /* set by token_read */
};

/* A session's token for its holder, valid for `lifetime_s` from `now_s`. No two are the same. */
char *token_make(struct arena *, const struct token_keys *, const struct token_holder *, int64_t now_s,
                 int64_t lifetime_s);

/* True: the token is ours, HS256, not expired; the holder's ids are in lower case. Remix tokens and
 * the like are refused by their key and claims. Whether the session has ended isn't known here. */
bool token_read(const char *token, const struct token_keys *, int64_t now_s, struct token_holder *) MUST_CHECK;

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
char *claims_make(struct arena *, const struct token_keys *, const struct claims *, int64_t expires_s);

/* True: it is ours, for this purpose and not expired. Sets the values of the named claims, in
 * the arena; NULL where one is missing. */
bool claims_read(struct arena *, const char *token, const struct token_keys *, int64_t now_s,
                 const struct claims *) MUST_CHECK;

#endif
