#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/http/server.h"
#include "base/buf.h"
#include "config/config.h"
#include "llm/llm.h"
#include "llm/report.h"
#include "ops/block/block.h"
#include "ops/digest/digest.h"
#include "ops/doctor/doctor.h"
#include "ops/levers/lever_command.h"
#include "ops/migrate/migrate_command.h"
#include "ops/queue/queue.h"
#include "ops/seed/seed.h"
#include "ops/shared/stack_file.h"
#include "ops/triage/triage.h"
#include "ops/up/up.h"
#include "ops/verify/verify.h"
#include "service/auto_migrate.h"
#include "service/migrate.h"
#include "service/queue_gauges.h"
#include "service/readiness.h"
#include "sys/crypto.h"
#include "sys/db/metrics.h"
#include "sys/log.h"
#include "sys/metrics.h"
#include "version.h"
#include "worker/job/report.h"
#include "worker/worker.h"

enum { USAGE = 3 };

typedef int service_fn(const struct config *, const char *versions, int version_count);

static int fail_start(const char *step, const struct err *err)
{
    log_error("startup_failed", log_str("step", step), log_str("error", err->text));
    return 1;
}

/* As a Postgres array literal: file names need no quotes but for safety. */
static const char *as_array(struct arena *arena, const char *const *versions, int count)
{
    struct buf array = buf_new(arena);
    for (int i = 0; i < count; i++) {
        buf_str(&array, i ? "," : "{");
        buf_json(&array, versions[i]);
    }
    buf_str(&array, count ? "}" : "{}");
    return array.text;
}

static void make_metrics(void (*own_metrics)(void))
{
    metrics_standard();
    db_metrics();
    llm_metrics();
    queue_gauges_metrics();
    readiness_metrics();
    own_metrics();
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
    make_metrics(own_metrics);
    if (config->auto_migrate)
        auto_migrate_start(config);
    int code = run(config, as_array(arena, versions, count), count);
    return auto_migrate_stop() ? code : 1;
}

static int run_service(const char *name, void (*own_metrics)(void), service_fn *run)
{
    static struct config config;
    struct err err;
    struct arena *arena = arena_new();
    log_start(name);
    bool ok = config_read(&config, &err) && config_check(&config, &err) && crypto_start(&err);
    if (ok)
        log_set_level((enum log_level)config.log_level);
    int code = ok ? serve(&config, arena, own_metrics, run) : fail_start("config", &err);
    arena_free(arena);
    arena_drain_spares();
    log_stop();
    return code;
}

static int api_main(int argc, char **argv)
{
    (void)argc, (void)argv;
    return run_service("api", server_metrics, server_run);
}

static int worker_main(int argc, char **argv)
{
    (void)argc, (void)argv;
    return run_service("worker", report_job_metrics, worker_run);
}

static int config_main(int argc, char **argv)
{
    bool as_env_file = argc == 2 && strcmp(argv[1], "--env") == 0;
    bool help = argc == 2 && strcmp(argv[1], "--help") == 0;
    if (help || (argc > 1 && !as_env_file)) {
        fputs(
            "usage: personaworlds config [--env]\n\nlists every setting with its default and bounds; --env as an .env "
            "file\n",
            help ? stdout : stderr);
        return help ? 0 : USAGE;
    }
    config_describe(as_env_file);
    return 0;
}

static const struct command {
    const char *name, *arguments, *does;
    int (*run)(int argc, char **argv);
    bool has_flags;       /* and reads them, and --help, by itself */
    enum stack_use stack; /* what it makes of the stack that `up` runs in the same folder */
} commands[] = {
    {"up", "[--demo] [--port N]", "everything on one machine: database, schema, API and worker, until Ctrl-C", up_main,
     true, STACK_UNUSED},
    {"api", "", "the HTTP API on PORT", api_main, false, STACK_UNUSED},
    {"worker", "", "the worker; its health and metrics on WORKER_OBSERVABILITY_PORT", worker_main, false, STACK_UNUSED},
    {"migrate", "[--status]", "applies the database's migrations, or lists them", migrate_main, true, STACK_FILLS},
    {"seed", "[--demo]", "the rooms, and with --demo people and posts to look at", seed_main, true, STACK_FILLS},
    {"doctor", "[--list] [CHECK...]", "looks at configuration and environment before a start", doctor_main, true,
     STACK_FILLS},
    {"verify", "[--for 15m] ...", "watches the recovery checklist until all of it has held", verify_main, true,
     STACK_FILLS},
    {"settings", "list|set|unset ...", "the levers of the running services: lists, sets, gives back", settings_main,
     true, STACK_DECIDES},
    {"triage", "[--json] [FLAGS]", "what is wrong: one look at services, database and queue, with remedies",
     triage_main, true, STACK_FILLS},
    {"queue", "status|pause|...", "the jobs' queue: what it holds; pauses, resumes, retries, cancels, drains",
     queue_main, true, STACK_FILLS},
    {"digest", "rebuild ...", "asks again for digests that are missing or stale", digest_main, true, STACK_FILLS},
    {"block", "add|list|remove ...", "addresses whose requests are refused", block_main, true, STACK_FILLS},
    {"config", "[--env]", "lists every setting with its default and bounds; --env as an .env file", config_main, true,
     STACK_UNUSED},
};

static void usage(FILE *out)
{
    fputs("usage: personaworlds COMMAND [FLAGS]\n\ncommands:\n", out);
    for (size_t i = 0; i < COUNT(commands); i++)
        fprintf(out, "  %-8s %-20s %s\n", commands[i].name, commands[i].arguments, commands[i].does);
    fputs(
        "\nSettings come from the environment: `personaworlds config` lists them.\n`personaworlds --version` prints "
        "the version.\n",
        out);
}

static int usage_error(const char *what, const char *word)
{
    fprintf(stderr, "personaworlds: %s %s\n\n", what, word);
    usage(stderr);
    return USAGE;
}

static int print_version(void)
{
    printf("personaworlds %s (%s)\n", PW_VERSION, PW_COMMIT);
    return 0;
}

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0)
            return true;
    return false;
}

static int run_command(const struct command *command, int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--version") == 0)
        return print_version();
    if (!asks_for_help(argc, argv))
        stack_file_use(command->stack, command->name);
    if (command->has_flags || argc == 1)
        return command->run(argc, argv);
    if (strcmp(argv[1], "--help") != 0)
        return usage_error("unknown flag", argv[1]);
    printf("usage: personaworlds %s\n\n%s\n\nSettings come from the environment: `personaworlds config` lists them.\n",
           command->name, command->does);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return usage_error("a command is missing", "");
    if (strcmp(argv[1], "--help") == 0) {
        usage(stdout);
        return 0;
    }
    if (strcmp(argv[1], "--version") == 0)
        return print_version();
    for (size_t i = 0; i < COUNT(commands); i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return run_command(&commands[i], argc - 1, argv + 1);
    return usage_error(argv[1][0] == '-' ? "unknown flag" : "unknown command", argv[1]);
}
