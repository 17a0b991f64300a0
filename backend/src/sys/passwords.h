/* Passwords, hashed with Argon2id (libsodium). crypto_start comes first.
 *
 * Password work takes 30 ms and 19 MiB, so one thread of the process does it, a job at a time,
 * behind a queue with a lane for each kind of asker, in which networks take turns
 * (base/turns.h). The password is copied, and wiped after use. The job owns its data: drop it
 * when the request ends. */
#ifndef PW_SYS_PASSWORDS_H
#define PW_SYS_PASSWORDS_H

#include "base/turns.h"
#include "sys/loop.h"

struct password_job;

enum password_outcome {
    PASSWORD_OK,
    PASSWORD_WRONG,   /* when hashing: the hash failed */
    PASSWORD_CROWDED, /* the job lost its place to a network that asked less */
};

/* Runs on the loop that asked. When hashing, `hash` is the PHC string, valid during the call; when
 * checking it is NULL. */
typedef void password_done(void *ctx, enum password_outcome, const char *hash);

/* Who waits apart from whom. */
enum password_lane { PASSWORD_OF_KNOWN, PASSWORD_OF_LOGIN, PASSWORD_OF_SIGNUP, PASSWORD_LANES };

struct password_ask {
    struct loop *loop;
    enum password_lane lane;
    struct turn_origin origin;
    const char *password;
    size_t len;
    const char *other; /* when checking: another form that is right, too; NULL: none */
    password_done *done;
    void *ctx;
};

void password_start(int room); /* the thread; at most `room` jobs wait in a lane */
void password_stop(void);      /* also where it wasn't started; waiting jobs end without a callback */

/* NULL: there is no room, and nothing will be called */
struct password_job *password_hash(const struct password_ask *);
/* `hash` NULL: an unknown account; takes as long as a known one and is never ok */
struct password_job *password_check(const struct password_ask *, const char *hash);
void password_drop(struct password_job *); /* no callback will come; a job that waits gives its place back */

/* For commands: hashes in the calling thread. */
enum { PASSWORD_HASH_SIZE = 128 };
bool password_hash_now(const char *password, char hash[static PASSWORD_HASH_SIZE]) MUST_CHECK;

#endif
