#include "sys/tokens.h"

#include <errno.h>
#include <jwt.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_TOKEN = 4096 };

/* ---- session tokens (RFC 7519) ---- */

/* The token's text; the token is freed. */
static char *token_encode(struct arena *arena, jwt_t *jwt, bool made)
{
    char *encoded = made ? jwt_encode_str(jwt) : NULL;
    if (!encoded)
        abort(); /* only for want of memory */
    char *token = arena_strdup(arena, encoded);
    free(encoded);
    jwt_free(jwt);
    return token;
}

static const char issuer[] = "personaworlds", audience[] = "personaworlds api";

/* RFC 7519, section 4.1.7: no other token has it. */
static bool add_token_id(jwt_t *jwt)
{
    unsigned char bytes[16];
    char text[2 * sizeof bytes + 1];
    randombytes_buf(bytes, sizeof bytes);
    return jwt_add_grant(jwt, "jti", sodium_bin2hex(text, sizeof text, bytes, sizeof bytes)) == 0;
}

static bool add_claims(jwt_t *jwt, const struct token_holder *holder)
{
    const char *const claims[][2] = {{"iss", issuer},
                                     {"aud", audience},
                                     {"user_id", holder->user_id},
                                     {"sub", holder->user_id},
                                     {"sid", holder->session_id}};
    bool added = add_token_id(jwt);
    for (size_t i = 0; added && i < COUNT(claims); i++)
        added = jwt_add_grant(jwt, claims[i][0], claims[i][1]) == 0;
    return added;
}

char *token_make(struct arena *arena, const struct token_keys *keys, const struct token_holder *holder, int64_t now_s,
                 int64_t lifetime_s)
{
    jwt_t *jwt = NULL;
    const unsigned char *key = (const unsigned char *)keys->secret;
    if (jwt_new(&jwt) != 0)
        abort();
    bool made = add_claims(jwt, holder) && jwt_add_grant_int(jwt, "iat", now_s) == 0 &&
                jwt_add_grant_int(jwt, "exp", now_s + lifetime_s) == 0 &&
                jwt_set_alg(jwt, JWT_ALG_HS256, key, (int)strlen(keys->secret)) == 0;
    return token_encode(arena, jwt, made);
}

static bool lower_uuid(char out[static UUID_SIZE], const char *text)
{
    if (!text || !uuid_valid(text, strlen(text)))
        return false;
    for (int i = 0; i < UUID_SIZE; i++)
        out[i] = (char)(text[i] >= 'A' && text[i] <= 'F' ? text[i] + ('a' - 'A') : text[i]);
    return true;
}

static bool read_expiry(jwt_t *jwt, int64_t *expires)
{
    errno = 0;
    *expires = jwt_get_grant_int(jwt, "exp");
    return errno == 0;
}

/* Whether the claim is a text, or isn't there; then `text` is NULL. */
static bool is_text_or_absent(jwt_t *jwt, const char *claim, const char **text)
{
    errno = 0;
    *text = jwt_get_grant(jwt, claim);
    return *text || errno == ENOENT;
}

/* Tokens of before have no issuer and audience; none has another's. */
static bool is_ours(jwt_t *jwt)
{
    const char *iss, *aud;
    return is_text_or_absent(jwt, "iss", &iss) && is_text_or_absent(jwt, "aud", &aud) &&
           (!iss || strcmp(iss, issuer) == 0) && (!aud || strcmp(aud, audience) == 0);
}

static bool read_holder(jwt_t *jwt, struct token_holder *holder)
{
    const char *user = jwt_get_grant(jwt, "user_id"), *subject = jwt_get_grant(jwt, "sub"), *session;
    holder->session_id[0] = '\0';
    return user && subject && strcmp(user, subject) == 0 && lower_uuid(holder->user_id, user) &&
           is_text_or_absent(jwt, "sid", &session) && (!session || lower_uuid(holder->session_id, session));
}

static bool token_verify(const char *token, const char *secret, int64_t now_s, struct token_holder *holder,
                         int64_t *expires)
{
    jwt_t *jwt = NULL;
    if (!*secret || jwt_decode(&jwt, token, (const unsigned char *)secret, (int)strlen(secret)) != 0)
        return false;
    bool ok = jwt_get_alg(jwt) == JWT_ALG_HS256 && read_expiry(jwt, expires) && *expires > now_s && is_ours(jwt) &&
              read_holder(jwt, holder);
    jwt_free(jwt);
    return ok;
}

/* Verifying took a fifth of a small request, so a thread remembers the tokens that it found
 * good, by a hash under a key that only this thread knows: nobody can aim at an entry, and
 * comparing hashes tells nothing about tokens. */
struct known_token {
    unsigned char hash[crypto_generichash_BYTES];
    int64_t expires;
    struct token_holder holder;
};

static struct known_token *slot_for(const char *token, size_t len, unsigned char hash[static crypto_generichash_BYTES])
{
    enum { SLOTS = 256 };
    static _Thread_local struct known_token slots[SLOTS];
    static _Thread_local unsigned char key[crypto_generichash_KEYBYTES];
    static _Thread_local bool has_key;
    if (!has_key)
        randombytes_buf(key, sizeof key);
    has_key = true;
    crypto_generichash(hash, crypto_generichash_BYTES, (const unsigned char *)token, len, key, sizeof key);
    return &slots[hash[0] % SLOTS];
}

bool token_read(const char *token, const struct token_keys *keys, int64_t now_s, struct token_holder *holder)
{
    unsigned char hash[crypto_generichash_BYTES];
    size_t len = strlen(token);
    if (len > LONGEST_TOKEN)
        return false;
    struct known_token *known = slot_for(token, len, hash);
    if (sodium_memcmp(known->hash, hash, sizeof hash) == 0 && known->expires > now_s) {
        *holder = known->holder;
        return true;
    }
    int64_t expires;
    if (!token_verify(token, keys->secret, now_s, holder, &expires) &&
        !token_verify(token, keys->previous, now_s, holder, &expires))
        return false;
    holder->expires_s = known->expires = expires;
    memcpy(known->hash, hash, sizeof hash);
    known->holder = *holder;
    return true;
}

/* ---- tokens for one purpose ---- */

/* HMAC-SHA-256 as a key derivation function: a secret of any length, and as strong as it (RFC
 * 5869, section 2.3, with one block). */
static void derive_key(unsigned char key[static crypto_auth_hmacsha256_BYTES], const char *secret, const char *purpose)
{
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, (const unsigned char *)secret, strlen(secret));
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)purpose, strlen(purpose));
    crypto_auth_hmacsha256_final(&state, key);
}

char *claims_make(struct arena *arena, const struct token_keys *keys, const struct claims *claims, int64_t expires_s)
{
    unsigned char key[crypto_auth_hmacsha256_BYTES];
    derive_key(key, keys->secret, claims->purpose);
    jwt_t *jwt = NULL;
    if (jwt_new(&jwt) != 0)
        abort();
    bool made = jwt_add_grant_int(jwt, "exp", expires_s) == 0 && jwt_set_alg(jwt, JWT_ALG_HS256, key, sizeof key) == 0;
    for (int i = 0; made && i < claims->count; i++) {
        const struct claim *claim = &claims->list[i];
        made = !claim->value || jwt_add_grant(jwt, claim->name, claim->value) == 0;
    }
    return token_encode(arena, jwt, made);
}

static bool claims_verify(struct arena *arena, const char *token, const char *secret, int64_t now_s,
                          const struct claims *claims)
{
    unsigned char key[crypto_auth_hmacsha256_BYTES];
    jwt_t *jwt = NULL;
    int64_t expires;
    if (!*secret)
        return false;
    derive_key(key, secret, claims->purpose);
    if (jwt_decode(&jwt, token, key, sizeof key) != 0)
        return false;
    bool ok = jwt_get_alg(jwt) == JWT_ALG_HS256 && read_expiry(jwt, &expires) && expires > now_s;
    for (int i = 0; ok && i < claims->count; i++) {
        const char *value = jwt_get_grant(jwt, claims->list[i].name);
        claims->list[i].value = value ? arena_strdup(arena, value) : NULL;
    }
    jwt_free(jwt);
    return ok;
}

bool claims_read(struct arena *arena, const char *token, const struct token_keys *keys, int64_t now_s,
                 const struct claims *claims)
{
    return strlen(token) <= LONGEST_TOKEN && (claims_verify(arena, token, keys->secret, now_s, claims) ||
                                              claims_verify(arena, token, keys->previous, now_s, claims));
}
