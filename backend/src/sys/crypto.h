/* The start of libsodium, keyed hashes and random numbers. Passwords and tokens: sys/passwords.h,
 * sys/tokens.h. */
#ifndef PW_SYS_CRYPTO_H
#define PW_SYS_CRYPTO_H

#include "base/uuid.h"

bool crypto_start(struct err *err) MUST_CHECK; /* once per process, before all functions of the three headers */

/* A hash of the text that can't be computed or aimed at without the key; equal in all processes
 * that have the key. */
enum { KEYED_HASH_SIZE = 16 };
void keyed_hash(unsigned char out[static KEYED_HASH_SIZE], const char *key, const char *text);

/* The text's hash, in hex: what a table has of a token, so that who reads the table can't use it.
 * Nobody guesses the text, which has a key's length of chance in it. */
enum { DIGEST_SIZE = 65 };
void digest(char out[static DIGEST_SIZE], const char *token);
/* The same of bytes, for texts that are compared by it and no secret. */
void digest_bytes(char out[static DIGEST_SIZE], const char *bytes, size_t len);

/* A hash that tells versions of a text apart, at 40 % of the others' cost. No secret keeps it: who
 * wants to may write two texts that share one. */
enum { VERSION_HASH_SIZE = 16 };
void version_hash(unsigned char out[static VERSION_HASH_SIZE], const char *text);

/* Whether a text that somebody sent is the secret; how long that takes tells nothing of it. */
bool secret_is(const char *sent, const char *secret);

enum { SECRET_SIZE = 65 };
void random_secret(char out[static SECRET_SIZE]); /* 32 bytes, in hex */
enum { TOKEN_SIZE = 44 };
void random_token(char out[static TOKEN_SIZE]); /* 32 bytes, as URLs have them (base64url) */
void random_uuid(char out[static UUID_SIZE]);   /* version 4, lower case */
double random_roll(void);                       /* [0, 1) */

#endif
