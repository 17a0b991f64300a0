/* Passwords (Argon2id), tokens (JWT, HS256) and random ids. */
#ifndef PW_SYS_CRYPTO_H
#define PW_SYS_CRYPTO_H

#include "base/arena.h"
#include "sys/loop.h"

bool crypto_start(struct err *err) MUST_CHECK; /* once per process, first */

/* Password work takes 30 ms and 19 MiB, so one thread of the process does it, a job at a time,
 * behind a queue of `limit` jobs. done(ctx, ok, hash) runs on `loop`: for hashing `hash` is the
 * PHC string (valid during the call), for checking it is NULL. NULL: the queue is full and
 * nothing will be called. The password is copied and wiped after use. The job owns its data:
 * drop it when the request ends. */
struct password_job;
typedef void password_done(void *ctx, bool ok, const char *hash);
void password_start(int limit);
void password_stop(void);
struct password_job *password_hash(struct loop *, const char *password, size_t len, password_done *done, void *ctx);
/* `hash` NULL: an unknown account; takes as long as a known one and is never ok. */
struct password_job *password_check(struct loop *, const char *password, size_t len, const char *hash,
                                    password_done *done, void *ctx);
void password_drop(struct password_job *); /* no callback will come */

/* For commands, which have the time: hashes in this thread. */
enum { PASSWORD_HASH_SIZE = 128 };
bool password_hash_now(const char *password, char hash[static PASSWORD_HASH_SIZE]) MUST_CHECK;

/* A token for the user, valid for `lifetime_s` from `now_s`. */
char *token_make(struct arena *, const char *secret, const char *user_id, int64_t now_s, int64_t lifetime_s);

enum { UUID_SIZE = 37 };

/* True: the token is ours, HS256, not expired; user_id has its user in lower case. Remix tokens
 * and the like are refused by their key and claims. */
bool token_read(const char *token, const char *secret, int64_t now_s, char user_id[static UUID_SIZE]) MUST_CHECK;

/* A token for one purpose ("remix") that carries texts: HS256 under a key of its own, derived
 * from the secret and the purpose, so that it is no session token, nor the other way round. */
struct claim {
    const char *name, *value; /* a NULL value is left out */
};
char *claims_make(struct arena *, const char *secret, const char *purpose, const struct claim *, int n,
                  int64_t expires_s);

/* True: it is ours, for this purpose and not expired. Sets the values of the named claims, in
 * the arena; NULL where one is missing. */
bool claims_read(struct arena *, const char *token, const char *secret, const char *purpose, int64_t now_s,
                 struct claim *, int n) MUST_CHECK;

/* A hash of the text that nobody can make or aim at without the key; equal in all processes that
 * have it. */
enum { KEYED_HASH_SIZE = 16 };
void keyed_hash(unsigned char out[static KEYED_HASH_SIZE], const char *key, const char *text);

void random_uuid(char out[static UUID_SIZE]); /* version 4, lower case */
double random_roll(void);                     /* [0, 1) */

#endif
