#include "service/auto_migrate.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/arena.h"
#include "service/journal.h"
#include "service/migrate.h"
#include "sys/db/session.h"
#include "sys/log.h"

enum { CONNECT_TIMEOUT_MS = 3000, LOCK_WAIT_MS = 1000, AGAIN_MS = 500, MAX_FAILURES = 2 };

static struct {
    pthread_t thread;
    int stop_fd; /* an eventfd, readable once a stop came */
    bool running, failed;
    const struct config *config;
} migrator;

static bool stop_came_within(int timeout_ms)
{
    struct pollfd stop = {.fd = migrator.stop_fd, .events = POLLIN};
    return poll(&stop, 1, timeout_ms) > 0;
}

static bool database_is_there(void)
{
    struct err ignored;
    struct session *session =
        session_open_until(migrator.stop_fd, migrator.config->database_owner_url, CONNECT_TIMEOUT_MS, &ignored);
    session_close(session);
    return session != NULL;
}

static void note_migration(const char *version)
{
    log_info("migration_applied", log_str("version", version));
    journal_note(JOURNAL_MIGRATION, "applied %s", version);
}

static void log_migration(void *ctx, enum migrate_event event, const char *text)
{
    (void)ctx;
    if (event == MIGRATION_APPLIED)
        note_migration(text);
    else if (event == MIGRATION_MARKED)
        log_warn("migration_marked", log_str("version", text));
    else
        log_warn("migrations_unknown", log_str("versions", text));
}

/* A connection that broke is tried again, and so is a lock that another process holds; a
 * migration that fails twice with the database there won't get better. One that is there in part
 * needs somebody who looks: until then /readyz says that it is pending, and no restart helps. */
static bool migrate_or_stop(struct err *err)
{
    const struct migrate_ask ask = {.url = migrator.config->database_owner_url,
                                    .dir = migrator.config->migrations_dir,
                                    .lock_wait_ms = LOCK_WAIT_MS,
                                    .stop_fd = migrator.stop_fd,
                                    .on_event = log_migration};
    for (int failures = 0; failures < MAX_FAILURES;) {
        enum migrate_outcome outcome = database_is_there() ? migrate_apply(&ask, err) : MIGRATE_AWAY;
        if (outcome == MIGRATE_HALF)
            log_error("migration_half_there", log_str("error", err->text));
        if (outcome == MIGRATE_DONE || outcome == MIGRATE_HALF || stop_came_within(AGAIN_MS))
            return true;
        failures += outcome == MIGRATE_FAILED;
    }
    return false;
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

bool auto_migrate_start(const struct config *config, struct err *err)
{
    migrator.config = config;
    migrator.stop_fd = eventfd(0, EFD_CLOEXEC);
    int error = migrator.stop_fd < 0 ? errno : pthread_create(&migrator.thread, NULL, migrate_in_background, NULL);
    migrator.running = error == 0;
    return migrator.running || fail(err, "while starting the thread: %s", strerror(error));
}

bool auto_migrate_stop(void)
{
    if (!migrator.running)
        return true;
    eventfd_write(migrator.stop_fd, 1); /* fails only where the counter is full */
    pthread_join(migrator.thread, NULL);
    close(migrator.stop_fd);
    return !migrator.failed;
}
