#include "config/config.h"

#include <string.h>

#include "config/mail.h"
#include "config/secret.h"
#include "sys/db/url.h"

bool config_has_key(const struct config *config, struct err *err)
{
    bool default_server = strstr(config->openai_base_url, "://api.openai.com") != NULL;
    if (default_server && !*config->openai_api_key)
        return fail(err, "OPENAI_API_KEY must be set for https://api.openai.com");
    return true;
}

bool config_provider_is_chosen(const struct config *config, struct err *err)
{
    return config->app_env != ENV_PROD || config_is_set("LLM_PROVIDER") ||
           fail(err, "LLM_PROVIDER must be set where APP_ENV=prod (mock is allowed, but only explicitly)");
}

bool config_origins_are_named(const struct config *config, struct err *err)
{
    return config->app_env != ENV_PROD || !strchr(config->cors_allowed_origins, '*') ||
           fail(err, "CORS_ALLOWED_ORIGINS must name each origin, without *, where APP_ENV=prod");
}

bool config_can_migrate(const struct config *config, struct err *err)
{
    return !config->auto_migrate || config->database_owner_url ||
           fail(err,
                "AUTO_MIGRATE needs DATABASE_DIRECT_URL or DATABASE_OWNER_URL where DB_POOLER=transaction: migrations "
                "hold a lock for their whole session");
}

const char *config_unverified_database(const struct config *config)
{
    const char *direct = config->database_direct_url;
    if (config->app_env != ENV_PROD)
        return NULL;
    if (database_url_is_unverified(config->database_url))
        return "DATABASE_URL";
    return direct && database_url_is_unverified(direct) ? "DATABASE_DIRECT_URL" : NULL;
}

static bool refuse_weak(const char *name, const char *secret, struct err *err)
{
    const char *weakness = secret_weakness(secret);
    return !weakness ||
           fail(err, "%s %s, which is refused where APP_ENV=prod: make one by `openssl rand -hex 32`", name, weakness);
}

static bool secrets_are_strong(const struct config *config, struct err *err)
{
    const char *secret = config->jwt_secret, *previous = config->jwt_secret_previous;
    return config->app_env != ENV_PROD || ((!*secret || refuse_weak("JWT_SECRET", secret, err)) &&
                                           (!*previous || refuse_weak("JWT_SECRET_PREVIOUS", previous, err)));
}

bool config_check(const struct config *config, struct err *err)
{
    return secrets_are_strong(config, err) && config_provider_is_chosen(config, err) &&
           config_origins_are_named(config, err) && config_can_migrate(config, err) &&
           config_mail_is_whole(config, err) &&
           (config->llm_provider != PROVIDER_OPENAI || config_has_key(config, err));
}

bool config_check_api(const struct config *config, struct err *err)
{
    return (config->app_env != ENV_PROD || refuse_weak("JWT_SECRET", config->jwt_secret, err)) &&
           config_check(config, err);
}
