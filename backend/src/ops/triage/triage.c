#include "ops/triage/triage.h"

#include <stdio.h>
#include <string.h>

#include "base/duration.h"
#include "config/config.h"
#include "ops/shared/exit_codes.h"
#include "ops/triage/checks.h"
#include "ops/triage/report.h"

/* ---- the command line ---- */

static void print_usage(FILE *out)
{
    fputs(
        "Usage: personaworlds triage [FLAGS]\n"
        "One look at the running services and their database: findings, most likely cause first, each with its failure "
        "mode of docs/RUNBOOK.md, its\n"
        "evidence and the commands that remedy it; then what was seen. Takes about as long as the sample.\n\n"
        "  --json             one object instead: since, checks (each with status ok, finding or unknown), findings\n"
        "  --since TIME       how far back jobs and process starts count (15m)\n"
        "  --sample TIME      the time between two scrapes, which rates are taken from (5s)\n"
        "  --api URL          an API's address, as often as there are APIs (http://localhost:PORT)\n"
        "  --worker URL       a worker's, likewise (http://localhost:WORKER_OBSERVABILITY_PORT)\n"
        "  --prometheus URL   takes rates over --since from this Prometheus instead of the sample\n\n"
        "The database is the one in DATABASE_URL; it is only read. Exit code: 0 no finding, 1 findings, 3 usage, 4 "
        "nothing could be looked at.\n",
        out);
}

static int usage_error(const char *what, const char *word)
{
    fprintf(stderr, "personaworlds triage: %s%s\n\n", what, word);
    print_usage(stderr);
    return EXIT_USAGE;
}

static bool read_time(const char *text, int64_t min, int64_t max, int64_t *ms)
{
    return duration_read(text, ms) && *ms >= min && *ms <= max;
}

/* NULL, or what is wrong with the flag. */
static const char *read_flag(struct arena *arena, struct triage_options *options, const char *flag, const char *value)
{
    if (strcmp(flag, "--since") == 0)
        return read_time(value, SECOND, 168 * HOUR, &options->since_ms)
                   ? NULL
                   : "must be a duration like 15m, within 1s to 168h: ";
    if (strcmp(flag, "--sample") == 0)
        return read_time(value, 50, 60 * SECOND, &options->sample_ms)
                   ? NULL
                   : "must be a duration like 5s, within 50ms to 1m: ";
    if (strcmp(flag, "--api") == 0)
        return addresses_add(arena, &options->apis, value)
                   ? NULL
                   : "must be an address like http://localhost:8080, at most 16 of them: ";
    if (strcmp(flag, "--worker") == 0)
        return addresses_add(arena, &options->workers, value)
                   ? NULL
                   : "must be an address like http://localhost:9091, at most 16 of them: ";
    if (strcmp(flag, "--prometheus") == 0)
        return (options->prometheus = address_of(arena, value)) ? NULL
                                                                : "must be an address like http://localhost:9090: ";
    return "isn't known: ";
}

/* 0, or EXIT_USAGE after it said why. */
static int read_options(struct arena *arena, int argc, char **argv, struct triage_options *options)
{
    *options = (struct triage_options){.since_ms = 900 * SECOND, .sample_ms = 5 * SECOND};
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0) {
            options->as_json = true;
            continue;
        }
        const char *wrong = argv[i][0] != '-' ? "isn't known: "
                            : i + 1 == argc   ? "isn't known, or lacks its value: "
                                              : read_flag(arena, options, argv[i], argv[i + 1]);
        if (wrong)
            return usage_error(wrong, argv[i]);
        i++;
    }
    return 0;
}

/* An unreadable setting has its default here; doctor is who tells of it. */
static void add_own_addresses(struct arena *arena, struct triage_options *options)
{
    static struct config config; /* its texts live as long as the process */
    struct err ignored;
    (void)(config_read_all(&config, &ignored, 1) == 0);
    addresses_default(arena, &options->apis, config.port);
    addresses_default(arena, &options->workers, config.worker_port);
}

/* ---- the look ---- */

static bool saw_anything(const struct look *look)
{
    bool saw = look->database.answers;
    for (int i = 0; i < look->service_count; i++)
        saw = saw || !look->services[i].health.error;
    return saw;
}

static int run(struct arena *arena, const struct triage_options *options)
{
    struct verdict verdicts[RUNBOOK_CHECKS];
    int findings = 0;
    const struct look *look = look_around(arena, options);
    triage_judge(look, verdicts);
    for (int i = 0; i < RUNBOOK_CHECKS; i++)
        findings += verdicts[i].status == CHECK_FINDING;
    if (options->as_json)
        triage_print_json(look, verdicts);
    else
        triage_print_screen(look, verdicts, findings);
    if (!saw_anything(look))
        return EXIT_COULD_NOT_LOOK;
    return findings ? EXIT_FINDINGS : EXIT_FINE;
}

int triage_main(int argc, char **argv)
{
    struct triage_options options;
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        print_usage(stdout);
        return EXIT_FINE;
    }
    struct arena *arena = arena_new();
    int code = read_options(arena, argc, argv, &options);
    if (!code) {
        add_own_addresses(arena, &options);
        code = run(arena, &options);
    }
    arena_free(arena);
    return code;
}
