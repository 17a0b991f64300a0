/* Passwords, hashed with Argon2id (libsodium). crypto_start comes first.
 *
 * Password work takes 30 ms and 19 MiB, so one thread of the process does it, a job at a time,
 * behind a queue. The password is copied, and wiped after use. The job owns its data: drop it
 * when the request ends. */
#ifndef PW_SYS_PASSWORDS_H
#define PW_SYS_PASSWORDS_H

#include "sys/loop.h"

struct password_job;

/* Runs on the loop that asked. When hashing, `hash` is the PHC string, valid during the call; when
 * checking it is NULL. */
typedef void password_done(void *ctx, bool ok, const char *hash);

struct password_ask {
    struct loop *loop;
    const char *password;
    size_t len;
    password_done *done;
    void *ctx;
};

void password_start(int limit); /* the thread; at most `limit` jobs wait */
void password_stop(void);       /* also where it wasn't started; waiting jobs end without a callback */

/* NULL: the queue is full, and nothing will be called */
struct password_job *password_hash(const struct password_ask *);
/* `hash` NULL: an unknown account; takes as long as a known one and is never ok */
struct password_job *password_check(const struct password_ask *, const char *hash);
void password_drop(struct password_job *); /* no callback will come */

/* For commands: hashes in the calling thread. */
enum { PASSWORD_HASH_SIZE = 128 };
bool password_hash_now(const char *password, char hash[static PASSWORD_HASH_SIZE]) MUST_CHECK;

#endif
