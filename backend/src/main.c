#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "api/http/server.h"
#include "config/config.h"
#include "llm/llm.h"
#include "llm/report.h"
#include "ops/admin/admin.h"
#include "ops/block/block.h"
#include "ops/digest/digest.h"
#include "ops/doctor/doctor.h"
#include "ops/healthcheck/healthcheck.h"
#include "ops/incident/incident.h"
#include "ops/levers/lever_command.h"
#include "ops/migrate/migrate_command.h"
#include "ops/queue/queue.h"
#include "ops/roles/roles.h"
#include "ops/runbook/runbook_command.h"
#include "ops/seed/seed.h"
#include "ops/shared/command_line.h"
#include "ops/shared/happened.h"
#include "ops/shared/settings_source.h"
#include "ops/shared/stack_file.h"
#include "ops/triage/triage.h"
#include "ops/up/up.h"
#include "ops/verify/verify.h"
#include "service/auto_migrate.h"
#include "service/budget_keeper.h"
#include "service/journal.h"
#include "service/lever_gauges.h"
#include "service/migrate.h"
#include "service/queue_gauges.h"
#include "service/readiness.h"
#include "service/server_gauges.h"
#include "sys/confine.h"
#include "sys/crypto.h"
#include "sys/db/db.h"
#include "sys/db/metrics.h"
#include "sys/log.h"
#include "sys/metrics.h"
#include "sys/standard.h"
#include "version.h"
#include "worker/job/report.h"
#include "worker/worker.h"

typedef int service_fn(const struct config *, const char *versions, int version_count);

static int fail_start(const char *step, const struct err *err)
{
    log_error("startup_failed", log_str("step", step), log_str("error", err->text));
    return EXIT_FAILED;
}

static void make_metrics(const struct config *config, void (*own_metrics)(void))
{
    metrics_standard();
    db_metrics();
    llm_metrics();
    budget_metrics();
    queue_gauges_metrics();
    server_gauges_metrics();
    lever_gauges_metrics();
    readiness_begin(config->app_env == ENV_PROD);
    own_metrics();
}

static void warn_of_unverified(const struct config *config)
{
    const char *name = config_unverified_database(config);
    if (name)
        log_warn("database_unverified", log_str("setting", name),
                 log_str("error",
                         "it leads to another machine, whose certificate nobody checks: use "
                         "sslmode=verify-full and sslrootcert (docs/CONFIG.md)"));
}

/* The versions live in the arena. */
static int serve(const struct config *config, struct arena *arena, void (*own_metrics)(void), service_fn *run)
{
    struct err err;
    int count = 0;
    const char *const *versions = migrate_versions(arena, config->migrations_dir, &count, &err);
    if (!versions)
        return fail_start("config", &err);
    signal(SIGPIPE, SIG_IGN);
    warn_of_unverified(config);
    make_metrics(config, own_metrics);
    if (config->auto_migrate && !auto_migrate_start(config, &err))
        return fail_start("run_migrations", &err);
    journal_note(JOURNAL_PROCESS, "started: version %s (%s)", PW_VERSION, PW_COMMIT);
    int code = run(config, db_array(arena, versions, count), count);
    return auto_migrate_stop() && !readiness_refused() ? code : EXIT_FAILED;
}

static int run_service(const char *name, config_check_fn *check, void (*own_metrics)(void), service_fn *run)
{
    static struct config config;
    struct err err;
    struct arena *arena = arena_new();
    log_start(name);
    bool ok = confine_process(&err) && config_read(&config, &err) && check(&config, &err) && crypto_start(&err);
    if (ok)
        log_set_level((enum log_level)config.log_level);
    int code = ok ? serve(&config, arena, own_metrics, run) : fail_start("config", &err);
    arena_free(arena);
    arena_drain_spares();
    log_stop();
    return code;
}

/* Outside prod the API runs without a secret of its own, but with none that anybody knows. */
static int run_api(const struct config *config, const char *versions, int version_count)
{
    static struct config with_secret;
    static char secret[SECRET_SIZE];
    with_secret = *config;
    if (!*config->jwt_secret) {
        random_secret(secret);
        with_secret.jwt_secret = secret;
        log_warn("jwt_secret_random", log_str("error",
                                              "JWT_SECRET isn't set: sessions end with this process, and no "
                                              "other process takes them"));
    }
    return server_run(&with_secret, versions, version_count);
}

#define USAGE_OF_SERVICE(name, does)         \
    "usage: personaworlds " name "\n\n" does \
    "\n\nSettings come from the environment: `personaworlds config` lists them.\n"
#define API_DOES "the HTTP API on PORT"
#define WORKER_DOES "the worker; its health and metrics on WORKER_OBSERVABILITY_PORT"

static int api_main(int argc, char **argv)
{
    int code;
    struct command_line line = {.command = "api", .usage = USAGE_OF_SERVICE("api", API_DOES)};
    return command_line_read(&line, argc, argv, &code) ? run_service("api", config_check_api, server_metrics, run_api)
                                                       : code;
}

static int worker_main(int argc, char **argv)
{
    int code;
    struct command_line line = {.command = "worker", .usage = USAGE_OF_SERVICE("worker", WORKER_DOES)};
    return command_line_read(&line, argc, argv, &code)
               ? run_service("worker", config_check, report_job_metrics, worker_run)
               : code;
}

static int config_main(int argc, char **argv)
{
    bool as_env_file = false;
    int code;
    const struct option options[] = {{.name = "--env", .kind = OPTION_SWITCH, .value = &as_env_file}, {0}};
    struct command_line line = {.command = "config",
                                .usage =
                                    "usage: personaworlds config [--env]\n\nlists every setting with its default "
                                    "and bounds; --env as an .env file\n",
                                .options = options};
    if (!command_line_read(&line, argc, argv, &code))
        return code;
    config_describe(as_env_file);
    return EXIT_FINE;
}

static const struct command {
    const char *name, *arguments, *does;
    int (*run)(int argc, char **argv);
    enum stack_use stack; /* what it makes of the stack that `up` runs in the same folder */
} commands[] = {
    {"up", "[--demo] [--port N]", "everything on one machine: database, schema, API and worker, until Ctrl-C", up_main,
     STACK_UNUSED},
    {"api", "", API_DOES, api_main, STACK_UNUSED},
    {"worker", "", WORKER_DOES, worker_main, STACK_UNUSED},
    {"migrate", "[--status]", "applies the database's migrations, or lists them", migrate_main, STACK_FILLS},
    {"roles", "[--apply]", "the database's roles and their rights, as SQL or done", roles_main, STACK_FILLS},
    {"seed", "[--demo]", "the rooms, and with --demo people and posts to look at", seed_main, STACK_FILLS},
    {"doctor", "[--list] [CHECK...]", "looks at configuration and environment before a start", doctor_main,
     STACK_FILLS},
    {"verify", "[--for 15m] ...", "watches the recovery checklist until all of it has held", verify_main, STACK_FILLS},
    {"settings", "list|set|unset ...", "the levers of the running services: lists, sets, gives back", settings_main,
     STACK_DECIDES},
    {"triage", "[--json] [FLAGS]", "what is wrong: one look at services, database and queue, with remedies",
     triage_main, STACK_FILLS},
    {"runbook", "[--as DEPLOYMENT]", "the runbook's short names as functions of a shell, for the deployment here",
     runbook_main, STACK_UNUSED},
    {"queue", "status|pause|...", "the jobs' queue: what it holds; pauses, resumes, retries, cancels, drains",
     queue_main, STACK_FILLS},
    {"digest", "rebuild ...", "asks again for digests that are missing or stale", digest_main, STACK_FILLS},
    {"block", "add|list|remove ...", "addresses whose requests are refused", block_main, STACK_FILLS},
    {"incident", "open|note|report ...", "what happened, as one timeline; what you note stands in it", incident_main,
     STACK_FILLS},
    {"admin", "grant|revoke|list ...", "who is an administrator", admin_main, STACK_FILLS},
    {"healthcheck", "[api|worker] ...", "whether the service here lives, for a container without curl",
     healthcheck_main, STACK_FILLS},
    {"config", "[--env]", "lists every setting with its default and bounds; --env as an .env file", config_main,
     STACK_UNUSED},
};

static void print_commands(FILE *out)
{
    for (size_t i = 0; i < COUNT(commands); i++)
        fprintf(out, "  %-11s %-20s %s\n", commands[i].name, commands[i].arguments, commands[i].does);
}

static const struct command_line program = {
    .usage = "usage: personaworlds COMMAND [FLAGS]\n\ncommands:\n",
    .print_list = print_commands,
    .usage_end =
        "\nSettings come from the environment: `personaworlds config` lists them. --env-file FILE with any command "
        "takes them from a file\nlike systemd's and compose's. `personaworlds --version` prints the version.\n"};

static int print_version(void)
{
    printf("personaworlds %s (%s)\n", PW_VERSION, PW_COMMIT);
    return EXIT_FINE;
}

/* For commands that operators type. */
static void prepare(const struct command *command)
{
    stack_file_use(command->stack, command->name);
    if (command->stack != STACK_UNUSED)
        happened_join();
}

static int run_command(const struct command *command, int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--version") == 0)
        return print_version();
    struct err err;
    if (!env_file_use(&argc, argv, &err)) {
        fprintf(stderr, "personaworlds %s: %s\n", command->name, err.text);
        return EXIT_USAGE;
    }
    if (!command_line_asks_for_help(argc, argv))
        prepare(command);
    return command->run(argc, argv);
}

static int run_program(int argc, char **argv)
{
    if (argc < 2)
        return command_line_wrong_word(&program, "a command is missing", "");
    if (strcmp(argv[1], "--help") == 0) {
        command_line_print_usage(&program, stdout);
        return EXIT_FINE;
    }
    if (strcmp(argv[1], "--version") == 0)
        return print_version();
    for (size_t i = 0; i < COUNT(commands); i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return run_command(&commands[i], argc - 1, argv + 1);
    return command_line_wrong_word(&program, argv[1][0] == '-' ? "unknown flag " : "unknown command ", argv[1]);
}

int main(int argc, char **argv)
{
    standard_open();
    return standard_end(run_program(argc, argv));
}
