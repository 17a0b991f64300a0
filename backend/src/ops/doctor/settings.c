/* doctor's checks that ask nobody else: settings, secrets, files. */
#include <sys/resource.h>

#include "config/mail.h"
#include "config/secret.h"
#include "domain/callers.h"
#include "ops/doctor/checkup.h"
#include "ops/shared/settings_source.h"
#include "service/migrate.h"

static const char in_the_environment[] =
    "correct it in the environment; `personaworlds config` lists every setting with its bounds";

typedef bool rule_fn(const struct config *, struct err *);

static void check_rule(struct checkup *checkup, rule_fn *holds)
{
    struct err why;
    if (!holds(checkup->config, &why))
        found(checkup, VERDICT_PROBLEM, in_the_environment, "%s", why.text);
}

/* What only the API refuses to start with. */
static void check_callers(struct checkup *checkup)
{
    struct proxies proxies;
    struct origins origins;
    struct err why;
    if (!proxies_read(checkup->arena, checkup->config, &proxies, &why))
        found(checkup, VERDICT_PROBLEM, in_the_environment, "%s", why.text);
    if (!origins_read(checkup->arena, checkup->config, &origins, &why))
        found(checkup, VERDICT_PROBLEM, in_the_environment, "%s", why.text);
}

void check_settings(struct checkup *checkup)
{
    int all, set;
    for (int i = 0; i < checkup->unreadable_count; i++)
        found(checkup, VERDICT_PROBLEM, in_the_environment, "%s", checkup->unreadable[i].text);
    check_rule(checkup, config_origins_are_named);
    check_rule(checkup, config_can_migrate);
    check_rule(checkup, config_mail_is_whole);
    check_callers(checkup);
    config_count(&all, &set);
    int elsewhere = settings_are_the_shells() ? env_file_unset(".env") : 0;
    if (elsewhere)
        found(checkup, VERDICT_WARNING, "`personaworlds doctor --env-file .env`, where the services have them",
              "settings from this shell: %d of %d set; ./.env has %d that aren't", set, all, elsewhere);
    if (STAILQ_EMPTY(&checkup->findings))
        found(checkup, VERDICT_OK, NULL, "%d settings, %d of them set by %s, APP_ENV=%s", all, set, settings_source(),
              checkup->config->app_env == ENV_PROD ? "prod" : "dev");
}

void check_secrets(struct checkup *checkup)
{
    const struct config *config = checkup->config;
    const char *weakness = secret_weakness(config->jwt_secret);
    if (weakness)
        found(checkup, config->app_env == ENV_PROD ? VERDICT_PROBLEM : VERDICT_WARNING,
              "JWT_SECRET=$(openssl rand -hex 32)", "JWT_SECRET %s: anybody could make session tokens", weakness);
    const char *previous = *config->jwt_secret_previous ? secret_weakness(config->jwt_secret_previous) : NULL;
    if (previous)
        found(checkup, config->app_env == ENV_PROD ? VERDICT_PROBLEM : VERDICT_WARNING, "unset JWT_SECRET_PREVIOUS",
              "JWT_SECRET_PREVIOUS %s: anybody could make session tokens", previous);
    if (config->llm_provider == PROVIDER_OPENAI)
        check_rule(checkup, config_has_key);
    if (STAILQ_EMPTY(&checkup->findings))
        found(checkup, VERDICT_OK, NULL, "JWT_SECRET is long and can't be foreseen%s",
              *config->openai_api_key ? "; OPENAI_API_KEY is set" : "");
}

static void check_descriptors(struct checkup *checkup)
{
    enum { ENOUGH = 4096 };
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_max < ENOUGH)
        found(checkup, VERDICT_WARNING,
              arena_printf(checkup->arena, "raise it: `%s`", act_here(checkup, ACT_MORE_FILES)),
              "at most %llu file descriptors, and so fewer connections at a time", (unsigned long long)limit.rlim_max);
}

/* The API raises its own soft limit, so the hard one counts. */
void check_files(struct checkup *checkup)
{
    const char *dir = checkup->config->migrations_dir;
    struct err why;
    int count = 0;
    check_descriptors(checkup);
    if (!migrate_versions(checkup->arena, dir, &count, &why))
        found(checkup, VERDICT_PROBLEM, "unset MIGRATIONS_DIR to use the migrations in the program, or correct it",
              "%s", why.text);
    else if (*dir && !count)
        found(checkup, VERDICT_PROBLEM, "unset MIGRATIONS_DIR to use the migrations in the program, or correct it",
              "MIGRATIONS_DIR has no migration");
    if (STAILQ_EMPTY(&checkup->findings))
        found(checkup, VERDICT_OK, NULL, "enough file descriptors; %d migrations %s", count,
              *dir ? "in MIGRATIONS_DIR" : "in the program");
}
