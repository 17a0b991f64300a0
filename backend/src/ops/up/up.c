#include "ops/up/up.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "config/listen.h"
#include "ops/shared/command_line.h"
#include "ops/shared/ports.h"
#include "ops/shared/stack_file.h"
#include "ops/up/child.h"
#include "ops/up/cluster.h"
#include "ops/up/merged_log.h"
#include "ops/up/state.h"
#include "sys/http/http.h"

enum { API, WORKER, SERVICES };
static const char *const service_names[SERVICES] = {[API] = "api", [WORKER] = "worker"};

struct up_service {
    struct child child;
    struct log_source log;
    struct http_places places;
    bool is_ready;       /* or was, once: so its settings are good, and it is started again */
    uint64_t started_ns; /* the latest start */
    uint64_t again_ns;   /* the next one, of a service that has ended; 0: none */
    uint64_t pause_ms;   /* before the latest start */
};

struct up {
    const char *port; /* NULL: as PORT says */
    bool demo;
    bool only_database;
    char program[PATH_MAX]; /* this very file */
    struct up_state state;
    struct cluster cluster;
    bool has_cluster;
    uid_t uid; /* who runs the services */
    gid_t gid;
    struct child step;
    struct up_service services[SERVICES];
    struct config config;
    struct arena *arena;
};

/* ---- the environment of the services ---- */

static bool find_program(struct up *up, struct err *err)
{
    ssize_t len = readlink("/proc/self/exe", up->program, sizeof up->program - 1);
    up->program[MAX(0, len)] = '\0';
    return len >= 0 || fail(err, "while looking for this program: %s", strerror(errno));
}

static bool read_settings(struct up *up, struct err *err)
{
    if (!state_use_secret(&up->state, err))
        return false;
    if (up->port)
        setenv("PORT", up->port, 1);
    if (!config_read(&up->config, err))
        return false;
    if (!config_is_set("FRONTEND_ORIGIN"))
        setenv("FRONTEND_ORIGIN", arena_printf(up->arena, "http://localhost:%lld", (long long)up->config.port), 1);
    if (!config_is_set("API_STOP_DELAY"))
        setenv("API_STOP_DELAY", "300ms", 1); /* no balancer asks */
    up->services[API].places = listen_api(&up->config);
    up->services[WORKER].places = listen_worker(&up->config);
    return up->only_database || (http_places_are_free(&up->services[API].places, err) &&
                                 http_places_are_free(&up->services[WORKER].places, err));
}

static bool up_configure(struct up *up, struct err *err)
{
    bool ok = read_settings(up, err);
    if (!ok)
        state_forget(&up->state);
    return ok;
}

/* ---- database, schema, first data ---- */

static struct child_plan plan_of(const char *const *argv, int out)
{
    return (struct child_plan){.name = argv[1],
                               .argv = argv,
                               .uid = geteuid(),
                               .gid = getegid(),
                               .out = out,
                               .err = STDERR_FILENO,
                               .last_signal = SIGKILL};
}

/* Runs one of our own commands to its end. It says itself what went wrong. */
static bool run_step(struct up *up, const char *command, const char *option, struct err *err)
{
    const char *const argv[] = {up->program, command, option, NULL};
    const struct child_plan plan = plan_of(argv, STDERR_FILENO);
    if (!child_start(&up->step, &plan, err))
        return false;
    while (child_runs(&up->step) && !stops_asked())
        children_wait(NULL, 0, -1);
    if (child_succeeded(&up->step))
        return true;
    child_signal(&up->step, SIGKILL);
    return fail(err, stops_asked() ? "stopped" : "`%s` failed", command);
}

static void forget_setting(const struct up *up, const char *name)
{
    unsetenv(name);
    unsetenv(arena_printf(up->arena, "%s_FILE", name));
}

/* The private database needs no password. */
static void log_in_as(const struct up *up, const char *setting, const char *role)
{
    if (up->has_cluster)
        setenv(setting, cluster_url(&up->cluster, up->arena, role, "personaworlds"), 1);
}

static bool have_database(struct up *up, struct err *err)
{
    if (config_is_set("DATABASE_URL"))
        return true;
    up->has_cluster = true;
    if (!cluster_start(&up->cluster, up->state.folder, err))
        return false;
    forget_setting(up, "DATABASE_DIRECT_URL");
    forget_setting(up, "DB_POOLER");
    forget_setting(up, "DATABASE_ROLE_PASSWORDS");
    log_in_as(up, "DATABASE_URL", "personaworlds_ops");
    log_in_as(up, "DATABASE_OWNER_URL", "postgres");
    if (!run_step(up, "roles", "--apply", err))
        return false;
    log_in_as(up, "DATABASE_OWNER_URL", "personaworlds_owner");
    return true;
}

/* For who wants to reach the data while no service does: restoring a backup, or psql. */
static bool keep_database(struct up *up, struct err *err)
{
    char end[CHILD_END_SIZE];
    if (!up->has_cluster)
        return fail(err, "--database is for the private database, and DATABASE_URL names another");
    puts(cluster_url(&up->cluster, up->arena, "postgres", "personaworlds"));
    fflush(stdout);
    while (!stops_asked()) {
        children_wait(NULL, 0, -1);
        if (!child_runs(&up->cluster.server))
            return fail(err, "Postgres ended unexpectedly (%s); see %s", child_end(&up->cluster.server, end),
                        up->cluster.log_path);
    }
    return true;
}

/* ---- the services ---- */

/* Root's services run as the user that runs Postgres, or as nobody where that is elsewhere. That
 * user may read neither this folder nor files that settings name, so their texts go along. */
static bool choose_account(struct up *up, struct err *err)
{
    up->uid = geteuid();
    up->gid = getegid();
    if (up->uid != 0)
        return true;
    const struct passwd *user = up->has_cluster ? getpwuid(up->cluster.home.uid) : getpwnam("nobody");
    if (!user)
        return fail(err, "while looking for a user to run the services: there is none with the number %ld",
                    up->has_cluster ? (long)up->cluster.home.uid : -1);
    up->uid = user->pw_uid;
    up->gid = user->pw_gid;
    setenv("HOME", user->pw_dir, 1);
    return config_unfold_files(err);
}

/* Migrations are applied; the owner's way in isn't for the services. */
static bool prepare_services(struct up *up, struct err *err)
{
    forget_setting(up, "DATABASE_OWNER_URL");
    forget_setting(up, "DATABASE_ROLE_PASSWORDS");
    setenv("AUTO_MIGRATE", "0", 1);
    return choose_account(up, err);
}

static bool start_service(struct up *up, struct up_service *service, const char *name, struct err *err)
{
    int pipe_ends[2];
    const char *const argv[] = {up->program, name, NULL};
    service->log.name = name;
    if (pipe2(pipe_ends, O_CLOEXEC) != 0)
        return fail(err, "while starting %s: %s", name, strerror(errno));
    struct child_plan plan = plan_of(argv, pipe_ends[1]);
    plan.uid = up->uid;
    plan.gid = up->gid;
    log_in_as(up, "DATABASE_URL", arena_printf(up->arena, "personaworlds_%s", name));
    bool ok = child_start(&service->child, &plan, err);
    close(pipe_ends[1]);
    log_source_close(&service->log);
    service->log.fd = pipe_ends[0];
    service->started_ns = clock_ns();
    service->again_ns = 0;
    fcntl(service->log.fd, F_SETFL, O_NONBLOCK);
    return ok;
}

static void say_ready(struct up *up)
{
    const char *api = http_places_url(up->arena, &up->services[API].places);
    const char *worker = http_places_url(up->arena, &up->services[WORKER].places);
    const char *url =
        up->has_cluster ? cluster_url(&up->cluster, up->arena, "personaworlds_owner", "personaworlds") : NULL;
    fprintf(stderr, "\nPersonaWorlds runs at %s (the worker's health and metrics: %s)\n", api, worker);
    if (url)
        fprintf(stderr, "Database: psql '%s'\n", url);
    fputs("Ctrl-C stops everything; the data stay.\n\n", stderr);
    if (!log_is_for_people())
        merged_log_say("info", "up_ready", arena_printf(up->arena, ",\"address\":\"%s\"", api));
}

static bool all_ready(struct up *up)
{
    bool all = true;
    for (int i = 0; i < SERVICES; i++) {
        struct up_service *service = &up->services[i];
        if (!service->is_ready)
            service->is_ready = port_is_ready(&service->places.list[0]);
        all = all && service->is_ready;
    }
    return all;
}

static void show_logs(struct up *up, int timeout_ms)
{
    struct pollfd fds[SERVICES];
    for (int i = 0; i < SERVICES; i++)
        fds[i] = (struct pollfd){.fd = up->services[i].log.fd, .events = POLLIN};
    children_wait(fds, SERVICES, timeout_ms);
    for (int i = 0; i < SERVICES; i++)
        if (fds[i].revents)
            log_source_read(&up->services[i].log);
}

/* ---- the ends of services ---- */

/* Who was killed hadn't come to that by what the log says. */
static const char *why_ended(struct up *up, struct up_service *service)
{
    char end[CHILD_END_SIZE];
    log_source_read(&service->log);
    const char *why = WIFSIGNALED(service->child.status) ? "" : service->log.last_error;
    return arena_printf(up->arena, "%s%s%s", child_end(&service->child, end), *why ? ": " : "", why);
}

/* 0.2 s, doubled up to 30 s while it keeps ending; from the beginning after a minute. */
static void plan_restart(struct up *up, struct up_service *service)
{
    enum { FIRST_MS = 200, MOST_MS = 30000, LONG_S = 60 };
    bool ran_long = clock_ns() - service->started_ns > LONG_S * NS_PER_S;
    service->pause_ms = service->pause_ms && !ran_long ? MIN(2 * service->pause_ms, MOST_MS) : FIRST_MS;
    service->again_ns = clock_ns() + service->pause_ms * NS_PER_MS;
    struct buf fields = buf_new(up->arena);
    buf_printf(&fields, ",\"ended\":\"%s\",\"again_in_ms\":%llu,\"error\":", service->child.name,
               (unsigned long long)service->pause_ms);
    buf_json(&fields, why_ended(up, service));
    *service->log.last_error = '\0';
    merged_log_say("error", "service_ended", fields.text);
}

static bool start_again(struct up *up, struct up_service *service, struct err *err)
{
    merged_log_say("info", "service_started_again",
                   arena_printf(up->arena, ",\"started\":\"%s\"", service->child.name));
    return start_service(up, service, service->child.name, err);
}

/* One that never was ready won't get so: `err` says why it ended. */
static bool keep_service(struct up *up, struct up_service *service, struct err *err)
{
    if (child_runs(&service->child))
        return true;
    if (!service->is_ready)
        return fail(err, "%s ended unexpectedly (%s)", service->child.name, why_ended(up, service));
    if (!service->again_ns)
        plan_restart(up, service);
    return clock_ns() < service->again_ns || start_again(up, service, err);
}

/* What should run does, or will again; else `err` says what ended and, as far as its log tells,
 * why. */
static bool all_run(struct up *up, struct err *err)
{
    char end[CHILD_END_SIZE];
    for (int i = 0; i < SERVICES; i++)
        if (!keep_service(up, &up->services[i], err))
            return false;
    if (up->has_cluster && !child_runs(&up->cluster.server))
        return fail(err, "Postgres ended unexpectedly (%s); see %s", child_end(&up->cluster.server, end),
                    up->cluster.log_path);
    return true;
}

/* Until the next of the services is to be started again; -1: none is. */
static int until_restart_ms(const struct up *up)
{
    uint64_t now = clock_ns(), first = UINT64_MAX;
    for (int i = 0; i < SERVICES; i++)
        if (up->services[i].again_ns)
            first = MIN(first, up->services[i].again_ns);
    return first == UINT64_MAX ? -1 : first > now ? (int)((first - now) / NS_PER_MS) + 1 : 0;
}

static bool keep_log(struct up *up, struct err *err)
{
    return merged_log_keep(arena_printf(up->arena, "%s/log", up->state.folder), err);
}

static bool run_services(struct up *up, struct err *err)
{
    enum { READY_POLL_MS = 20 };
    fputs("starting the API and the worker ...\n", stderr);
    for (int i = 0; i < SERVICES; i++)
        if (!start_service(up, &up->services[i], service_names[i], err))
            return false;
    bool ready = false, said = false;
    while (!stops_asked()) {
        show_logs(up, said ? until_restart_ms(up) : READY_POLL_MS);
        if (!stops_asked() && !all_run(up, err))
            return false;
        if (ready && !said) {
            said = true;
            say_ready(up);
        }
        /* said only if all still run after that: it might be somebody else's port */
        ready = ready || all_ready(up);
    }
    return true;
}

/* ---- the end ---- */

/* The services finish what they do, for as long as they themselves allow; a second Ctrl-C ends
 * that. */
static void stop_services(struct up *up)
{
    int asked = stops_asked();
    for (int i = 0; i < SERVICES; i++)
        child_signal(&up->services[i].child, SIGTERM);
    while (child_runs(&up->services[API].child) || child_runs(&up->services[WORKER].child)) {
        show_logs(up, -1);
        for (int i = 0; i < SERVICES && stops_asked() > asked; i++)
            child_signal(&up->services[i].child, SIGKILL);
    }
    for (int i = 0; i < SERVICES; i++) {
        log_source_read(&up->services[i].log);
        log_source_close(&up->services[i].log);
    }
}

static void up_stop(struct up *up)
{
    bool had_services = up->services[API].child.pid != 0;
    if (had_services)
        fputs("stopping ...\n", stderr);
    stop_services(up);
    if (up->has_cluster)
        cluster_stop(&up->cluster);
    if (merged_log_dropped())
        fprintf(stderr, "%zu log lines were not read and dropped\n", merged_log_dropped());
    if (had_services)
        fputs("stopped\n", stderr);
}

/* ---- the command ---- */

static bool serve(struct up *up, struct err *err)
{
    return run_step(up, "migrate", NULL, err) && run_step(up, "seed", up->demo ? "--demo" : NULL, err) &&
           stack_file_write(up->state.folder, err) && prepare_services(up, err) && keep_log(up, err) &&
           run_services(up, err);
}

static int up(struct up *up)
{
    struct err err;
    children_begin();
    up->arena = arena_new();
    bool ok = find_program(up, &err) && state_open(&up->state, &err) && up_configure(up, &err) &&
              have_database(up, &err) && (up->only_database ? keep_database(up, &err) : serve(up, &err));
    if (!ok && !stops_asked())
        fprintf(stderr, "personaworlds up: %s\n", err.text);
    up_stop(up);
    state_close(&up->state);
    arena_free(up->arena);
    return ok || stops_asked() ? EXIT_FINE : EXIT_FAILED;
}

int up_main(int argc, char **argv)
{
    static struct up state = {.state.lock = -1, .services = {{.log.fd = -1}, {.log.fd = -1}}};
    int code;
    const struct option options[] = {{.name = "--demo", .kind = OPTION_SWITCH, .value = &state.demo},
                                     {.name = "--database", .kind = OPTION_SWITCH, .value = &state.only_database},
                                     {.name = "--port", .kind = OPTION_TEXT, .value = &state.port},
                                     {0}};
    struct command_line line = {
        .command = "up",
        .usage =
            "Usage: personaworlds up [--demo] [--port N] [--database]\n"
            "Runs everything in this folder: a private Postgres (the one in DATABASE_URL where that is set), "
            "migrations, seed,\n"
            "API and worker, which are started again where they die. Data and log are kept in ./.personaworlds. "
            "Ctrl-C stops all.\n"
            "  --demo      adds users, personas and posts to look at\n"
            "  --port N    port of the API instead of PORT (8080)\n"
            "  --database  starts nothing but the private Postgres, and prints its superuser's URL\n",
        .options = options};
    return command_line_read(&line, argc, argv, &code) ? up(&state) : code;
}
