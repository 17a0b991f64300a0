#include "service/auto_migrate.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "service/migrate.h"
#include "sys/db/session.h"
#include "sys/log.h"

enum { CONNECT_TIMEOUT_MS = 3000, LOCK_WAIT_MS = 1000, AGAIN_MS = 500, MAX_FAILURES = 2 };

static struct {
    pthread_mutex_t lock;
    pthread_cond_t stop_came;
    pthread_t thread;
    bool running, stopping, failed;
    const struct config *config;
} migrator = {.lock = PTHREAD_MUTEX_INITIALIZER, .stop_came = PTHREAD_COND_INITIALIZER};

static bool wait_or_stop(void)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += AGAIN_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    pthread_mutex_lock(&migrator.lock);
    if (!migrator.stopping)
        pthread_cond_timedwait(&migrator.stop_came, &migrator.lock, &until);
    bool stopping = migrator.stopping;
    pthread_mutex_unlock(&migrator.lock);
    return !stopping;
}

static bool database_is_there(void)
{
    struct err ignored;
    struct session *session = session_open(migrator.config->database_direct_url, CONNECT_TIMEOUT_MS, &ignored);
    session_close(session);
    return session != NULL;
}

static void log_migration(void *ctx, enum migrate_event event, const char *text)
{
    (void)ctx;
    if (event == MIGRATION_APPLIED)
        log_info("migration_applied", log_str("version", text));
    else
        log_warn("migrations_unknown", log_str("versions", text));
}

/* A connection that broke is tried again, and so is a lock that another process holds; a
 * migration that fails twice with the database there won't get better. */
static bool migrate_or_stop(struct err *err)
{
    const struct migrate_ask ask = {.url = migrator.config->database_direct_url,
                                    .dir = migrator.config->migrations_dir,
                                    .lock_wait_ms = LOCK_WAIT_MS,
                                    .on_event = log_migration};
    int failures = 0;
    do {
        if (!database_is_there())
            continue;
        enum migrate_outcome outcome = migrate_apply(&ask, err);
        if (outcome == MIGRATE_DONE)
            return true;
        failures += outcome == MIGRATE_FAILED;
    } while (failures < MAX_FAILURES && wait_or_stop());
    return failures < MAX_FAILURES;
}

static void *migrate_in_background(void *arg)
{
    (void)arg;
    struct err err;
    if (!migrate_or_stop(&err)) {
        log_error("startup_failed", log_str("step", "run_migrations"), log_str("error", err.text));
        migrator.failed = true;
        kill(getpid(), SIGTERM);
    }
    arena_drain_spares();
    return NULL;
}

void auto_migrate_start(const struct config *config)
{
    migrator.config = config;
    migrator.running = pthread_create(&migrator.thread, NULL, migrate_in_background, NULL) == 0;
}

bool auto_migrate_stop(void)
{
    if (!migrator.running)
        return true;
    pthread_mutex_lock(&migrator.lock);
    migrator.stopping = true;
    pthread_cond_signal(&migrator.stop_came);
    pthread_mutex_unlock(&migrator.lock);
    pthread_join(migrator.thread, NULL);
    return !migrator.failed;
}
