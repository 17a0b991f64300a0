#include "sys/passwords.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "sys/work.h"

/* Argon2id as OWASP's password storage cheat sheet has it: 19 MiB, 2 passes, 1 lane. */
enum { PASSES = 2, MEMORY = 19 * 1024 * 1024 };

struct password_job {
    struct work work;                   /* first */
    struct password_job *newer, *older; /* among all */
    struct loop *loop;
    password_done *done; /* NULL: dropped; loop's thread only */
    void *ctx;
    bool checks, known;
    enum password_outcome outcome;
    char hash[crypto_pwhash_STRBYTES];
    size_t len, other_len; /* other_len 0: there is no other form */
    char password[];       /* then the other form */
};

static struct {
    struct work_queue *queue;
    pthread_mutex_t lock;
    struct password_job *newest;
} hasher = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* The hash of nobody's password, with the same costs: an unknown account takes as long as a
 * known one. */
static const char nobody[crypto_pwhash_STRBYTES] =
    "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$9EIv2+ZDLfRyL2vVNqNKdVWUy9bYBJXRZ3vpgmzQkYo";

static void password_job_unlink(struct password_job *job)
{
    *(job->newer ? &job->newer->older : &hasher.newest) = job->older;
    if (job->older)
        job->older->newer = job->newer;
}

static void password_job_free(struct password_job *job)
{
    sodium_memzero(job->password, job->len + job->other_len);
    free(job);
}

static void password_job_end(struct password_job *job)
{
    pthread_mutex_lock(&hasher.lock);
    password_job_unlink(job);
    pthread_mutex_unlock(&hasher.lock);
    password_job_free(job);
}

static void password_job_deliver(void *ctx)
{
    struct password_job *job = ctx;
    if (job->done)
        job->done(job->ctx, job->outcome, job->checks ? NULL : job->hash);
    password_job_end(job);
}

static bool is_right(const struct password_job *job, const char *password, size_t len)
{
    return crypto_pwhash_str_verify(job->known ? job->hash : nobody, password, len) == 0 && job->known;
}

static bool password_job_compute(struct password_job *job)
{
    if (!job->checks)
        return crypto_pwhash_str_alg(job->hash, job->password, job->len, PASSES, MEMORY,
                                     crypto_pwhash_ALG_ARGON2ID13) == 0;
    return is_right(job, job->password, job->len) ||
           (job->other_len && is_right(job, job->password + job->len, job->other_len));
}

static void password_job_run(struct work *work)
{
    struct password_job *job = (struct password_job *)work;
    job->outcome = password_job_compute(job) ? PASSWORD_OK : PASSWORD_WRONG;
    loop_post(job->loop, password_job_deliver, job);
}

static void password_job_push_out(struct work *work)
{
    struct password_job *job = (struct password_job *)work;
    job->outcome = PASSWORD_CROWDED;
    loop_post(job->loop, password_job_deliver, job);
}

void password_start(int room)
{
    hasher.queue = work_open(1, PASSWORD_LANES, room);
}

void password_stop(void)
{
    if (!hasher.queue)
        return;
    work_close(hasher.queue);
    hasher.queue = NULL;
    for (struct password_job *job = hasher.newest, *older; job; job = older) {
        older = job->older;
        password_job_free(job);
    }
}

static void password_job_link(struct password_job *job)
{
    job->older = hasher.newest;
    if (hasher.newest)
        hasher.newest->newer = job;
    hasher.newest = job;
}

static struct password_job *password_job_new(const struct password_ask *ask, bool checks, const char *hash)
{
    size_t other_len = ask->other ? strlen(ask->other) : 0;
    struct password_job *job = must_alloc(sizeof *job + ask->len + other_len);
    *job = (struct password_job){.work = {.turn = {.origin = ask->origin, .lane = (int)ask->lane},
                                          .run = password_job_run,
                                          .push_out = password_job_push_out},
                                 .loop = ask->loop,
                                 .done = ask->done,
                                 .ctx = ask->ctx,
                                 .checks = checks,
                                 .known = hash != NULL,
                                 .len = ask->len,
                                 .other_len = other_len};
    if (hash)
        strncpy(job->hash, hash, sizeof job->hash - 1);
    memcpy(job->password, ask->password, ask->len);
    if (other_len)
        memcpy(job->password + ask->len, ask->other, other_len);
    return job;
}

/* The job may be linked after it was queued: its end is posted to this thread's loop. */
static struct password_job *password_job_start(struct password_job *job)
{
    if (!work_add(hasher.queue, &job->work)) {
        password_job_free(job);
        return NULL;
    }
    pthread_mutex_lock(&hasher.lock);
    password_job_link(job);
    pthread_mutex_unlock(&hasher.lock);
    return job;
}

struct password_job *password_hash(const struct password_ask *ask)
{
    return password_job_start(password_job_new(ask, false, NULL));
}

struct password_job *password_check(const struct password_ask *ask, const char *hash)
{
    return password_job_start(password_job_new(ask, true, hash));
}

void password_drop(struct password_job *job)
{
    if (!hasher.queue) /* the service ends, and its jobs are gone */
        return;
    job->done = NULL;
    if (work_remove(hasher.queue, &job->work))
        password_job_end(job);
}

bool password_hash_now(const char *password, char hash[static PASSWORD_HASH_SIZE])
{
    return crypto_pwhash_str_alg(hash, password, strlen(password), PASSES, MEMORY, crypto_pwhash_ALG_ARGON2ID13) == 0;
}
