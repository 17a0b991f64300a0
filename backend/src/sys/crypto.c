#include "sys/crypto.h"

#include <sodium.h>
#include <string.h>

bool crypto_start(struct err *err)
{
    return sodium_init() >= 0 || fail(err, "while starting the crypto library");
}

/* ---- hashes (BLAKE2b, RFC 7693) ---- */

/* A key may have any length, so its hash is the key. */
void keyed_hash(unsigned char out[static KEYED_HASH_SIZE], const char *key, const char *text)
{
    unsigned char short_key[crypto_generichash_KEYBYTES];
    crypto_generichash(short_key, sizeof short_key, (const unsigned char *)key, strlen(key), NULL, 0);
    crypto_generichash(out, KEYED_HASH_SIZE, (const unsigned char *)text, strlen(text), short_key, sizeof short_key);
}

void version_hash(unsigned char out[static VERSION_HASH_SIZE], const char *text)
{
    static const unsigned char key[crypto_shorthash_siphashx24_KEYBYTES] = "versions";
    _Static_assert(crypto_shorthash_siphashx24_BYTES == VERSION_HASH_SIZE, "a hash fills its place");
    crypto_shorthash_siphashx24(out, (const unsigned char *)text, strlen(text), key);
}

void digest_bytes(char out[static DIGEST_SIZE], const char *bytes, size_t len)
{
    unsigned char hash[DIGEST_SIZE / 2];
    crypto_generichash(hash, sizeof hash, (const unsigned char *)bytes, len, NULL, 0);
    sodium_bin2hex(out, DIGEST_SIZE, hash, sizeof hash);
}

void digest(char out[static DIGEST_SIZE], const char *token)
{
    digest_bytes(out, token, strlen(token));
}

/* The hashes are compared: texts of different lengths take the same time. */
bool secret_is(const char *sent, const char *secret)
{
    unsigned char one[KEYED_HASH_SIZE], other[KEYED_HASH_SIZE];
    keyed_hash(one, secret, sent);
    keyed_hash(other, secret, secret);
    return sodium_memcmp(one, other, sizeof one) == 0;
}

/* ---- random numbers ---- */

void random_secret(char out[static SECRET_SIZE])
{
    unsigned char bytes[SECRET_SIZE / 2];
    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2hex(out, SECRET_SIZE, bytes, sizeof bytes);
}

void random_token(char out[static TOKEN_SIZE])
{
    unsigned char bytes[32];
    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2base64(out, TOKEN_SIZE, bytes, sizeof bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

/* Every request needs an id, and a system call costs more than the rest of making one: a thread
 * fetches random bytes by the page. */
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
