#include "sys/crypto.h"

#include <errno.h>
#include <jwt.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/uuid.h"

bool crypto_start(struct err *err)
{
    return sodium_init() >= 0 || fail(err, "while starting the crypto library");
}

/* ---- session tokens (RFC 7519) ---- */

char *token_make(struct arena *arena, const char *secret, const char *user_id, int64_t now_s, int64_t lifetime_s)
{
    jwt_t *jwt = NULL;
    if (jwt_new(&jwt) != 0)
        abort();
    bool made = jwt_add_grant(jwt, "user_id", user_id) == 0 && jwt_add_grant(jwt, "sub", user_id) == 0 && jwt_add_grant_int(jwt, "iat", now_s) == 0 &&
                jwt_add_grant_int(jwt, "exp", now_s + lifetime_s) == 0 &&
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

static bool is_alive(jwt_t *jwt, int64_t now_s)
{
    errno = 0;
    int64_t expires = jwt_get_grant_int(jwt, "exp");
    return errno == 0 && expires > now_s;
}

bool token_read(const char *token, const char *secret, int64_t now_s, char user_id[static UUID_SIZE])
{
    enum { LONGEST = 4096 };
    jwt_t *jwt = NULL;
    if (strlen(token) > LONGEST || jwt_decode(&jwt, token, (const unsigned char *)secret, (int)strlen(secret)) != 0)
        return false;
    const char *user = jwt_get_grant(jwt, "user_id");
    const char *subject = jwt_get_grant(jwt, "sub");
    bool ok = jwt_get_alg(jwt) == JWT_ALG_HS256 && is_alive(jwt, now_s) && user && subject && strcmp(user, subject) == 0 && lower_uuid(user_id, user);
    jwt_free(jwt);
    return ok;
}

/* ---- chance ---- */

/* Ids are wanted for every request and a system call costs more than the rest of them: a thread takes chance by the page. */
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
