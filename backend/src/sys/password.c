#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys/crypto.h"

/* Argon2id as OWASP's password storage cheat sheet has it: 19 MiB, 2 passes, 1 lane. */
enum { PASSES = 2, MEMORY = 19 * 1024 * 1024, NICE = 10 };

struct password_job {
    struct password_job *next; /* in the queue */
    struct password_job *newer, *older; /* among all */
    struct loop *loop;
    password_done *done; /* NULL: dropped; loop's thread only */
    void *ctx;
    bool checks, known, ok;
    char hash[crypto_pwhash_STRBYTES];
    size_t len;
    char password[];
};

static struct {
    pthread_mutex_t lock;
    pthread_cond_t filled;
    pthread_t thread;
    bool running, stopping;
    struct password_job *first, **last, *newest;
    int queued, limit;
} hasher = {.lock = PTHREAD_MUTEX_INITIALIZER, .filled = PTHREAD_COND_INITIALIZER};

/* The hash of nobody's password, with the same costs: an unknown account takes as long as a known one. */
static const char nobody[crypto_pwhash_STRBYTES] =
    "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$9EIv2+ZDLfRyL2vVNqNKdVWUy9bYBJXRZ3vpgmzQkYo";

static void unlink_job(struct password_job *job)
{
    *(job->newer ? &job->newer->older : &hasher.newest) = job->older;
    if (job->older)
        job->older->newer = job->newer;
}

static void job_free(struct password_job *job)
{
    sodium_memzero(job->password, job->len);
    free(job);
}

static void deliver(void *ctx)
{
    struct password_job *job = ctx;
    if (job->done)
        job->done(job->ctx, job->ok, job->checks ? NULL : job->hash);
    pthread_mutex_lock(&hasher.lock);
    unlink_job(job);
    pthread_mutex_unlock(&hasher.lock);
    job_free(job);
}

static void work_on(struct password_job *job)
{
    if (!job->checks) {
        job->ok = crypto_pwhash_str_alg(job->hash, job->password, job->len, PASSES, MEMORY, crypto_pwhash_ALG_ARGON2ID13) == 0;
        return;
    }
    bool same = crypto_pwhash_str_verify(job->known ? job->hash : nobody, job->password, job->len) == 0;
    job->ok = same && job->known;
}

static struct password_job *take(void)
{
    pthread_mutex_lock(&hasher.lock);
    while (!hasher.first && !hasher.stopping)
        pthread_cond_wait(&hasher.filled, &hasher.lock);
    struct password_job *job = hasher.stopping ? NULL : hasher.first;
    if (job) {
        hasher.first = job->next;
        hasher.last = hasher.first ? hasher.last : &hasher.first;
        hasher.queued--;
    }
    pthread_mutex_unlock(&hasher.lock);
    return job;
}

static void *hasher_main(void *arg)
{
    (void)arg;
    setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), NICE);
    for (struct password_job *job; (job = take());) {
        work_on(job);
        loop_post(job->loop, deliver, job);
    }
    return NULL;
}

void password_start(int limit)
{
    hasher.limit = limit;
    hasher.last = &hasher.first;
    hasher.running = pthread_create(&hasher.thread, NULL, hasher_main, NULL) == 0;
    if (!hasher.running)
        abort();
}

void password_stop(void)
{
    if (!hasher.running)
        return;
    pthread_mutex_lock(&hasher.lock);
    hasher.stopping = true;
    pthread_cond_signal(&hasher.filled);
    pthread_mutex_unlock(&hasher.lock);
    pthread_join(hasher.thread, NULL);
    hasher.running = false;
    for (struct password_job *job = hasher.newest, *older; job; job = older) {
        older = job->older;
        job_free(job);
    }
}

static struct password_job *start(struct password_job job, const char *password, size_t len)
{
    struct password_job *queued = NULL;
    pthread_mutex_lock(&hasher.lock);
    if (hasher.queued < hasher.limit) {
        queued = must_alloc(sizeof job + len);
        *queued = job;
        queued->len = len;
        memcpy(queued->password, password, len);
        queued->older = hasher.newest;
        if (hasher.newest)
            hasher.newest->newer = queued;
        hasher.newest = queued;
        *hasher.last = queued;
        hasher.last = &queued->next;
        hasher.queued++;
        pthread_cond_signal(&hasher.filled);
    }
    pthread_mutex_unlock(&hasher.lock);
    return queued;
}

struct password_job *password_hash(struct loop *loop, const char *password, size_t len, password_done *done, void *ctx)
{
    return start((struct password_job){.loop = loop, .done = done, .ctx = ctx}, password, len);
}

struct password_job *password_check(struct loop *loop, const char *password, size_t len, const char *hash, password_done *done, void *ctx)
{
    struct password_job job = {.loop = loop, .done = done, .ctx = ctx, .checks = true, .known = hash != NULL};
    if (hash)
        strncpy(job.hash, hash, sizeof job.hash - 1);
    return start(job, password, len);
}

void password_drop(struct password_job *job)
{
    job->done = NULL;
}

bool password_hash_now(const char *password, char hash[static PASSWORD_HASH_SIZE])
{
    return crypto_pwhash_str_alg(hash, password, strlen(password), PASSES, MEMORY, crypto_pwhash_ALG_ARGON2ID13) == 0;
}
