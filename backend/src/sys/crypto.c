#include "sys/crypto.h"

#include <errno.h>
#include <jwt.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/uuid.h"

enum { LONGEST_TOKEN = 4096 };

static unsigned char token_hash_key[crypto_generichash_KEYBYTES];

bool crypto_start(struct err *err)
{
    if (sodium_init() < 0)
        return fail(err, "while starting the crypto library");
    randombytes_buf(token_hash_key, sizeof token_hash_key);
    return true;
}

/* ---- session tokens (RFC 7519) ---- */

char *token_make(struct arena *arena, const char *secret, const char *user_id, int64_t now_s, int64_t lifetime_s)
{
    jwt_t *jwt = NULL;
    if (jwt_new(&jwt) != 0)
        abort();
    bool made = jwt_add_grant(jwt, "user_id", user_id) == 0 && jwt_add_grant(jwt, "sub", user_id) == 0 &&
                jwt_add_grant_int(jwt, "iat", now_s) == 0 && jwt_add_grant_int(jwt, "exp", now_s + lifetime_s) == 0 &&
                jwt_set_alg(jwt, JWT_ALG_HS256, (const unsigned char *)secret, (int)strlen(secret)) == 0;
    char *encoded = made ? jwt_encode_str(jwt) : NULL;
    if (!encoded)
        abort(); /* only for want of memory */
    char *token = arena_strdup(arena, encoded);
    free(encoded);
    jwt_free(jwt);
    return token;
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

static bool verify(const char *token, const char *secret, int64_t now_s, char user_id[static UUID_SIZE],
                   int64_t *expires)
{
    jwt_t *jwt = NULL;
    if (jwt_decode(&jwt, token, (const unsigned char *)secret, (int)strlen(secret)) != 0)
        return false;
    const char *user = jwt_get_grant(jwt, "user_id");
    const char *subject = jwt_get_grant(jwt, "sub");
    bool ok = jwt_get_alg(jwt) == JWT_ALG_HS256 && read_expiry(jwt, expires) && *expires > now_s && user && subject &&
              strcmp(user, subject) == 0 && lower_uuid(user_id, user);
    jwt_free(jwt);
    return ok;
}

/* Verifying took a fifth of a small request, so a thread remembers the tokens that it found
 * good, by a hash under a key that only this process knows (token_hash_key): nobody can aim at
 * an entry, and comparing hashes tells nothing about tokens. */
struct known_token {
    unsigned char hash[crypto_generichash_BYTES];
    int64_t expires;
    char user_id[UUID_SIZE];
};

static struct known_token *slot_for(const char *token, size_t len, unsigned char hash[static crypto_generichash_BYTES])
{
    enum { SLOTS = 256 };
    static _Thread_local struct known_token slots[SLOTS];
    crypto_generichash(hash, crypto_generichash_BYTES, (const unsigned char *)token, len, token_hash_key,
                       sizeof token_hash_key);
    return &slots[hash[0] % SLOTS];
}

bool token_read(const char *token, const char *secret, int64_t now_s, char user_id[static UUID_SIZE])
{
    unsigned char hash[crypto_generichash_BYTES];
    size_t len = strlen(token);
    if (len > LONGEST_TOKEN)
        return false;
    struct known_token *known = slot_for(token, len, hash);
    if (sodium_memcmp(known->hash, hash, sizeof hash) == 0 && known->expires > now_s) {
        memcpy(user_id, known->user_id, UUID_SIZE);
        return true;
    }
    int64_t expires;
    if (!verify(token, secret, now_s, user_id, &expires))
        return false;
    known->expires = expires;
    memcpy(known->hash, hash, sizeof hash);
    memcpy(known->user_id, user_id, UUID_SIZE);
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

char *claims_make(struct arena *arena, const char *secret, const char *purpose, const struct claim *claims, int n,
                  int64_t expires_s)
{
    unsigned char key[crypto_auth_hmacsha256_BYTES];
    derive_key(key, secret, purpose);
    jwt_t *jwt = NULL;
    if (jwt_new(&jwt) != 0)
        abort();
    bool made = jwt_add_grant_int(jwt, "exp", expires_s) == 0 && jwt_set_alg(jwt, JWT_ALG_HS256, key, sizeof key) == 0;
    for (int i = 0; i < n; i++)
        made = made && (!claims[i].value || jwt_add_grant(jwt, claims[i].name, claims[i].value) == 0);
    char *encoded = made ? jwt_encode_str(jwt) : NULL;
    if (!encoded)
        abort(); /* only for want of memory */
    char *token = arena_strdup(arena, encoded);
    free(encoded);
    jwt_free(jwt);
    return token;
}

bool claims_read(struct arena *arena, const char *token, const char *secret, const char *purpose, int64_t now_s,
                 struct claim *claims, int n)
{
    unsigned char key[crypto_auth_hmacsha256_BYTES];
    derive_key(key, secret, purpose);
    jwt_t *jwt = NULL;
    int64_t expires;
    if (strlen(token) > LONGEST_TOKEN || jwt_decode(&jwt, token, key, sizeof key) != 0)
        return false;
    bool ok = jwt_get_alg(jwt) == JWT_ALG_HS256 && read_expiry(jwt, &expires) && expires > now_s;
    for (int i = 0; ok && i < n; i++) {
        const char *value = jwt_get_grant(jwt, claims[i].name);
        claims[i].value = value ? arena_strdup(arena, value) : NULL;
    }
    jwt_free(jwt);
    return ok;
}

/* ---- hashes (BLAKE2b, RFC 7693) ---- */

/* A key may have any length, so its hash is the key. */
void keyed_hash(unsigned char out[static KEYED_HASH_SIZE], const char *key, const char *text)
{
    unsigned char short_key[crypto_generichash_KEYBYTES];
    crypto_generichash(short_key, sizeof short_key, (const unsigned char *)key, strlen(key), NULL, 0);
    crypto_generichash(out, KEYED_HASH_SIZE, (const unsigned char *)text, strlen(text), short_key, sizeof short_key);
}

/* ---- chance ---- */

/* Ids are wanted for every request and a system call costs more than the rest of them: a thread
 * takes chance by the page. */
static void random_id_bytes(unsigned char out[static 16])
{
    static _Thread_local unsigned char page[1024];
    static _Thread_local size_t left;
    if (left < 16) {
        randombytes_buf(page, sizeof page);
        left = sizeof page;
    }
    left -= 16;
    memcpy(out, page + left, 16);
}

void random_uuid(char out[static UUID_SIZE])
{
    static const char hex[] = "0123456789abcdef";
    unsigned char bytes[16];
    random_id_bytes(bytes);
    bytes[6] = (unsigned char)((bytes[6] & 0x0F) | 0x40); /* version 4, RFC 4122 section 4.4 */
    bytes[8] = (unsigned char)((bytes[8] & 0x3F) | 0x80);
    for (int i = 0, at = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            out[at++] = '-';
        out[at++] = hex[bytes[i] >> 4];
        out[at++] = hex[bytes[i] & 0x0F];
    }
    out[UUID_SIZE - 1] = '\0';
}

double random_roll(void)
{
    return (double)randombytes_random() / 4294967296.0;
}
