#include "ops/triage/triage.h"

#include "base/buf.h"
#include "base/duration.h"
#include "config/listen.h"
#include "ops/shared/command_line.h"
#include "ops/shared/deployment.h"
#include "ops/shared/happened.h"
#include "ops/triage/checks.h"
#include "ops/triage/report.h"

/* ---- the look ---- */

/* An unreadable setting has its default here; doctor is who tells of it. */
static void add_own_addresses(struct arena *arena, struct triage_options *options)
{
    static struct config config; /* its texts live as long as the process */
    struct err ignored;
    (void)(config_read_all(&config, &ignored, 1) == 0);
    options->config = &config;
    options->metrics_token = config.metrics_token;
    addresses_default(arena, &options->apis, listen_api_probes(&config));
    addresses_default(arena, &options->workers, listen_worker(&config));
}

static bool saw_anything(const struct look *look)
{
    bool saw = look->database.answers;
    for (int i = 0; i < look->service_count; i++)
        saw = saw || !look->services[i].health.error;
    return saw;
}

/* One entry a look, and none for a look that found nothing. Without the evidence, which may quote a
 * session's statement. */
static void record_findings(struct arena *arena, const struct look *look, const struct verdict *verdicts)
{
    enum { CONNECT_MS = 1000 }; /* who looks has waited long enough */
    struct buf text = buf_new(arena);
    for (int i = 0; i < RUNBOOK_CHECKS; i++)
        if (verdicts[i].status == CHECK_FINDING)
            buf_printf(&text, "%s%s: %s", text.len ? "; " : "", runbook_checks[i].id, runbook_checks[i].finding);
    const struct database where = {.is_away = !look->database.answers, .connect_ms = CONNECT_MS};
    if (text.len)
        happened_beside(where, JOURNAL_TRIAGE, "found %s", text.text);
}

static int triage(struct arena *arena, const struct triage_options *options)
{
    struct verdict verdicts[RUNBOOK_CHECKS];
    int order[RUNBOOK_CHECKS];
    const struct look *look = look_around(arena, options);
    triage_judge(look, verdicts);
    int findings = triage_findings(verdicts, order);
    if (options->as_json)
        triage_print_json(look, verdicts);
    else
        triage_print_screen(look, verdicts);
    record_findings(arena, look, verdicts);
    if (!saw_anything(look))
        return EXIT_COULD_NOT_LOOK;
    if (!findings)
        return EXIT_FINE;
    return verdicts[order[0]].weight == WEIGHT_WARNING ? EXIT_WARNINGS : EXIT_FINDINGS;
}

/* ---- the command line ---- */

static const char usage[] =
    "Usage: personaworlds triage [FLAGS]\n"
    "One look at the running services and their database: findings, most likely cause first, each with its failure "
    "mode of docs/RUNBOOK.md, its\n"
    "evidence and the commands that remedy it; then what was seen. Takes about as long as the sample.\n\n"
    "  --json             one object instead: since, checks (each with status ok, finding or unknown), findings\n"
    "  --since TIME       how far back jobs and process starts count (15m)\n"
    "  --sample TIME      the time between two scrapes, which rates are taken from (5s)\n"
    "  --api URL          an API's address, as often as there are APIs (http://localhost:PORT)\n"
    "  --worker URL       a worker's, likewise (http://localhost:WORKER_OBSERVABILITY_PORT)\n"
    "  --as DEPLOYMENT    commands for compose, systemd, kubernetes or up; without it, for what is found here\n"
    "  --prometheus URL   takes rates over --since from this Prometheus instead of the sample\n\n"
    "The database is the one in DATABASE_URL; it is only read. Exit code: 0 no finding, 1 findings, 2 warnings only, 3 "
    "usage, 4 nothing could be looked at.\n";

static bool triage_read(struct arena *arena, int argc, char **argv, struct triage_options *o, int *code)
{
    const char *as = NULL;
    const struct option options[] = {
        {.name = "--json", .kind = OPTION_SWITCH, .value = &o->as_json},
        {"--since", OPTION_DURATION, &o->since_ms, .like = "15m", .least = SECOND, .most = 168 * HOUR},
        {"--sample", OPTION_DURATION, &o->sample_ms, .like = "5s", .least = 50, .most = 60 * SECOND},
        {"--api", OPTION_ADDRESSES, &o->apis, .like = "http://localhost:8080"},
        {"--worker", OPTION_ADDRESSES, &o->workers, .like = "http://localhost:9091"},
        {.name = "--as", .kind = OPTION_TEXT, .value = &as},
        {"--prometheus", OPTION_ADDRESS, &o->prometheus, .like = "http://localhost:9090"},
        {0}};
    struct command_line line = {.command = "triage", .usage = usage, .options = options, .arena = arena};
    if (!command_line_read(&line, argc, argv, code))
        return false;
    o->deployment_why = deployment_choose(as, &o->deployment);
    if (!o->deployment_why)
        *code = command_line_wrong_value(&line, DEPLOYMENT_WRONG);
    return o->deployment_why != NULL;
}

int triage_main(int argc, char **argv)
{
    struct triage_options options = {.since_ms = 900 * SECOND, .sample_ms = 5 * SECOND};
    int code;
    struct arena *arena = arena_new();
    if (triage_read(arena, argc, argv, &options, &code)) {
        add_own_addresses(arena, &options);
        code = triage(arena, &options);
    }
    arena_free(arena);
    return code;
}
