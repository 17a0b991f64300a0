#include "ops/up/cluster.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "ops/shared/database.h"

static const char *path_in(const struct cluster *cluster, struct arena *arena, const char *name)
{
    return arena_printf(arena, "%s/%s", cluster->home.folder, name);
}

/* The last thing that Postgres or initdb said, for an error. */
static bool fail_with_log(const struct cluster *cluster, const char *doing, const struct child *child, struct err *err)
{
    char end[CHILD_END_SIZE], tail[250];
    int fd = open(cluster->log_path, O_RDONLY | O_CLOEXEC);
    off_t size = lseek(fd, 0, SEEK_END);
    ssize_t len = pread(fd, tail, sizeof tail - 1, MAX(0, size - (off_t)sizeof tail + 1));
    if (fd >= 0)
        close(fd);
    tail[MAX(0, len)] = '\0';
    tail[len > 0 && tail[len - 1] == '\n' ? len - 1 : MAX(0, len)] = '\0';
    return fail(err, "while %s: %s; the last lines of %s:\n%s", doing, child_end(child, end), cluster->log_path, tail);
}

/* As the user that runs Postgres, with its log for all that it says. */
static struct child_plan plan_of_program(const struct cluster *cluster, const char *const *argv, int log,
                                         int last_signal)
{
    return (struct child_plan){.name = "Postgres",
                               .argv = argv,
                               .folder = cluster->home.folder,
                               .uid = cluster->home.uid,
                               .gid = cluster->home.gid,
                               .out = log,
                               .err = log,
                               .last_signal = last_signal};
}

/* ---- making it ---- */

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *at)
{
    (void)info, (void)type, (void)at;
    return remove(path);
}

/* Into a folder that is renamed when it is complete, so that one that was interrupted is never
 * taken for a database. */
static bool cluster_make(struct cluster *cluster, struct arena *arena, int log, struct err *err)
{
    const char *data = path_in(cluster, arena, "data"), *unfinished = path_in(cluster, arena, "data.new");
    if (access(path_in(cluster, arena, "data/PG_VERSION"), F_OK) == 0)
        return true;
    fputs("making a private Postgres database (once) ...\n", stderr);
    nftw(unfinished, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    const char *initdb = arena_printf(arena, "%s/initdb", cluster->home.programs);
    const char *const argv[] = {initdb,  "--pgdata",   unfinished, "--username",       "postgres",  "--auth",
                                "trust", "--encoding", "UTF8",     "--locale=C.UTF-8", "--no-sync", "--no-instructions",
                                NULL};
    const struct child_plan plan = plan_of_program(cluster, argv, log, SIGKILL);
    if (!child_start(&cluster->initdb, &plan, err))
        return false;
    while (child_runs(&cluster->initdb)) {
        if (stops_asked())
            return fail(err, "stopped while making the database");
        children_wait(NULL, 0, -1);
    }
    if (!child_succeeded(&cluster->initdb))
        return fail_with_log(cluster, "making the database", &cluster->initdb, err);
    return rename(unfinished, data) == 0 || fail(err, "while making %s: %s", data, strerror(errno));
}

/* ---- starting it ---- */

/* Postgres refuses to start while a process has the number that a killed server left in its
 * files, be it a zombie that nobody has waited for, or, after a container's restart, anybody. We
 * hold the lock, so a server of ours is gone; one that somebody started by hand works in the
 * data's folder. */
static void forget_killed_server(struct cluster *cluster, struct arena *arena)
{
    const char *data = path_in(cluster, arena, "data"), *file = path_in(cluster, arena, "data/postmaster.pid");
    char text[24] = "", folder[PATH_MAX];
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    ssize_t got = read(fd, text, sizeof text - 1);
    close(fd);
    ssize_t len =
        got > 0 ? readlink(arena_printf(arena, "/proc/%ld/cwd", strtol(text, NULL, 10)), folder, sizeof folder - 1)
                : -1;
    folder[MAX(0, len)] = '\0';
    if (strcmp(folder, data) == 0)
        return;
    unlink(file);
    unlink(path_in(cluster, arena, ".s.PGSQL.5432.lock"));
}

static bool start_server(struct cluster *cluster, struct arena *arena, int log, struct err *err)
{
    const char *program = arena_printf(arena, "%s/postgres", cluster->home.programs);
    const char *sockets = arena_printf(arena, "unix_socket_directories=\"%s\"", cluster->home.socket_folder);
    const char *const argv[] = {
        program, "-D", path_in(cluster, arena, "data"), "-p", "5432", "-c", "listen_addresses=", "-c", sockets, NULL};
    const struct child_plan plan = plan_of_program(cluster, argv, log, SIGINT);
    return child_start(&cluster->server, &plan, err);
}

/* A session once the server answers; after a crash it may replay its log for a while first. */
static struct session *wait_for_server(struct cluster *cluster, struct arena *arena, struct err *err)
{
    enum { CONNECT_MS = 2000, PAUSE_MS = 10, PATIENCE_S = 120 };
    const char *url = cluster_url(cluster, arena, "postgres", "postgres");
    struct err not_yet;
    for (uint64_t give_up = clock_ns() + PATIENCE_S * NS_PER_S; clock_ns() < give_up;) {
        struct session *session = session_open(url, CONNECT_MS, &not_yet);
        if (session)
            return session;
        children_wait(NULL, 0, PAUSE_MS);
        if (!child_runs(&cluster->server)) {
            fail_with_log(cluster, "starting Postgres", &cluster->server, err);
            return NULL;
        }
        if (stops_asked()) {
            fail(err, "stopped while starting Postgres");
            return NULL;
        }
    }
    fail(err, "while starting Postgres: it doesn't answer after %d s: %s", PATIENCE_S, not_yet.text);
    return NULL;
}

static bool make_database(struct session *session, struct arena *arena, struct err *err)
{
    const struct database server = {.arena = arena, .session = session};
    struct table found, none;
    return database_ask(&server, SQL_UP_HAS_DATABASE, NULL, &found, err) &&
           (found.rows || database_ask(&server, SQL_UP_CREATE_DATABASE, NULL, &none, err));
}

static bool cluster_make_and_start(struct cluster *cluster, struct arena *arena, int log, struct err *err)
{
    if (!cluster_make(cluster, arena, log, err))
        return false;
    fputs("starting Postgres ...\n", stderr);
    forget_killed_server(cluster, arena);
    if (!start_server(cluster, arena, log, err))
        return false;
    struct session *session = wait_for_server(cluster, arena, err);
    bool ok = session && make_database(session, arena, err);
    session_close(session);
    return ok;
}

/* Postgres has the log open as its output, so a lock on it lasts until the last of its processes
 * has ended. */
static bool wait_for_earlier(int log, struct err *err)
{
    enum { PAUSE_MS = 20, PATIENCE_S = 60 };
    for (uint64_t give_up = clock_ns() + PATIENCE_S * NS_PER_S; flock(log, LOCK_EX | LOCK_NB) != 0;
         children_wait(NULL, 0, PAUSE_MS))
        if (clock_ns() > give_up || stops_asked())
            return fail(err, "while waiting for the Postgres of an earlier `up` in this folder: it still runs");
    return ftruncate(log, 0) == 0 || fail(err, "while emptying its log: %s", strerror(errno));
}

bool cluster_start(struct cluster *cluster, const char *state, struct err *err)
{
    int len = snprintf(cluster->log_path, sizeof cluster->log_path, "%s/postgres.log", state);
    int log = len < (int)sizeof cluster->log_path
                  ? open(cluster->log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)
                  : -1;
    if (log < 0)
        return fail(err, "while opening %s: %s", cluster->log_path, strerror(errno));
    struct arena *arena = arena_new();
    bool ok = wait_for_earlier(log, err) && postgres_home_find(&cluster->home, state, err) &&
              cluster_make_and_start(cluster, arena, log, err);
    arena_free(arena);
    close(log);
    return ok;
}

/* SIGINT is Postgres's fast shutdown: clients are sent away and the data are written. SIGQUIT
 * leaves it to the next start to repair. */
void cluster_stop(struct cluster *cluster)
{
    enum { FAST_MS = 60000, IMMEDIATE_MS = 5000 };
    child_signal(&cluster->initdb, SIGKILL);
    child_signal(&cluster->server, SIGINT);
    if (!child_wait(&cluster->server, FAST_MS)) {
        child_signal(&cluster->server, SIGQUIT);
        if (!child_wait(&cluster->server, IMMEDIATE_MS))
            child_signal(&cluster->server, SIGKILL);
    }
    postgres_home_leave(&cluster->home);
}

const char *cluster_url(const struct cluster *cluster, struct arena *arena, const char *user, const char *database)
{
    struct buf url = buf_new(arena);
    buf_printf(&url, "postgres://%s@/%s?port=5432&host=", user, database);
    for (const char *c = cluster->home.socket_folder; *c; c++)
        if (strchr("/.-_", *c) || (*c >= '0' && *c <= '9') || (*c >= 'A' && *c <= 'Z') || (*c >= 'a' && *c <= 'z'))
            buf_add(&url, c, 1);
        else
            buf_printf(&url, "%%%02X", (unsigned)(unsigned char)*c);
    return url.text;
}
