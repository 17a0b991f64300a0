/* Covers: sys/tokens.c sys/crypto.c */
#include "sys/tokens.h"

#include <sodium.h>
#include <stdlib.h>

#include "fuzz.h"
#include "sys/crypto.h"

static const char secret[] = "a secret of thirty-two bytes: yes";
static const struct token_keys keys = {.secret = secret, .previous = "the secret before, also 32 bytes long"};
static const int64_t now_s = 1700000000;

static char *base64(struct arena *arena, const unsigned char *bytes, size_t len)
{
    size_t size = sodium_base64_encoded_len(len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return sodium_bin2base64(arena_alloc(arena, size), size, bytes, len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

/* A token that says what the input says, rightly signed: else no input would get past the
 * signature. */
static const char *signed_token(struct arena *arena, const unsigned char *key, size_t key_len, const uint8_t *data,
                                size_t size)
{
    static const char header[] = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";
    crypto_auth_hmacsha256_state state;
    unsigned char mac[crypto_auth_hmacsha256_BYTES];
    const char *head = base64(arena, (const unsigned char *)header, strlen(header));
    const char *text = arena_printf(arena, "%s.%s", head, base64(arena, data, size));
    crypto_auth_hmacsha256_init(&state, key, key_len);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)text, strlen(text));
    crypto_auth_hmacsha256_final(&state, mac);
    return arena_printf(arena, "%s.%s", text, base64(arena, mac, sizeof mac));
}

static bool read_session(const char *token)
{
    struct token_holder holder = {0}, again = {0};
    bool ok = token_read(token, &keys, now_s, &holder);
    INVARIANT(!ok || uuid_valid(holder.user_id, strlen(holder.user_id)));
    INVARIANT(!ok || !*holder.session_id || uuid_valid(holder.session_id, strlen(holder.session_id)));
    /* what is remembered stays good, and its holder the same */
    INVARIANT(!ok || (token_read(token, &keys, now_s, &again) && strcmp(holder.user_id, again.user_id) == 0 &&
                      strcmp(holder.session_id, again.session_id) == 0));
    return ok;
}

static bool read_remix(struct arena *arena, const char *token)
{
    struct claim claims[] = {{.name = "slug"}, {.name = "exp"}};
    const struct claims wanted = {.purpose = "remix", .list = claims, .count = COUNT(claims)};
    return claims_read(arena, token, &keys, now_s, &wanted);
}

/* What we make we read, and only for what it was made. */
static void check_own_tokens(struct arena *arena, const char *value)
{
    struct token_holder holder;
    random_uuid(holder.user_id);
    random_uuid(holder.session_id);
    struct claim claim = {"slug", value};
    const struct claims claims = {.purpose = "remix", .list = &claim, .count = 1};
    INVARIANT(uuid_valid(holder.user_id, strlen(holder.user_id)) && random_roll() < 1);
    const char *session = token_make(arena, &keys, &holder, now_s, 60);
    const char *remix = claims_make(arena, &keys, &claims, now_s + 60);
    INVARIANT(read_session(session) && !read_remix(arena, session));
    INVARIANT(read_remix(arena, remix) && !read_session(remix));
    unsigned char one[KEYED_HASH_SIZE], other[KEYED_HASH_SIZE];
    keyed_hash(one, secret, value);
    keyed_hash(other, value, secret);
    INVARIANT(memcmp(one, other, sizeof one) != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err;
    INVARIANT(crypto_start(&err));
    struct arena *arena = arena_new();
    const char *text = fuzz_text(arena, data, size);
    INVARIANT(!read_session(text)); /* nobody finds a signature by chance */
    read_session(signed_token(arena, (const unsigned char *)secret, strlen(secret), data, size));
    unsigned char key[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_state state; /* the key of remix tokens, by the rule of tokens.h */
    crypto_auth_hmacsha256_init(&state, (const unsigned char *)secret, strlen(secret));
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)"remix", 5);
    crypto_auth_hmacsha256_final(&state, key);
    read_remix(arena, signed_token(arena, key, sizeof key, data, size));
    if (size == 0 || data[0] % 64 == 0) /* making tokens is slow and reads nothing foreign */
        check_own_tokens(arena, "a-slug");
    arena_free(arena);
    return 0;
}
