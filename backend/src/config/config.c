#include "config/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/problems.h"
#include "config/setting.h"
#include "config/smtp_url.h"
#include "config/value.h"
#include "sys/db/url.h"
#include "sys/log.h"
#include "sys/redis/place.h"

static const char *const envs[] = {[ENV_DEV] = "dev", [ENV_PROD] = "prod", NULL};
static const char *const poolers[] = {[POOLER_NONE] = "none", [POOLER_TRANSACTION] = "transaction", NULL};
static const char *const forwarded_headers[] = {
    [HEADER_X_FORWARDED_FOR] = "x-forwarded-for", [HEADER_FORWARDED] = "forwarded", NULL};
static const char *const providers[] = {[PROVIDER_MOCK] = "mock", [PROVIDER_OPENAI] = "openai", NULL};
static const char *const stream_uses[] = {
    [STREAM_AUTO] = "auto", [STREAM_ALWAYS] = "always", [STREAM_NEVER] = "never", NULL};
static const char *const tokens_fields[] = {[TOKENS_FIELD_LEARN] = "learn",
                                            [TOKENS_FIELD_MAX] = "max_tokens",
                                            [TOKENS_FIELD_COMPLETION] = "max_completion_tokens",
                                            [TOKENS_FIELD_NONE] = "none",
                                            NULL};
static const char *const levels[] = {
    [LOG_DEBUG] = "debug", [LOG_INFO] = "info", [LOG_WARN] = "warn", [LOG_ERROR] = "error", NULL};
static const char *const failures[] = {[MOCK_OK] = "none",
                                       [MOCK_TIMEOUT] = "timeout",
                                       [MOCK_STATUS_429] = "status_429",
                                       [MOCK_STATUS_500] = "status_500",
                                       [MOCK_BAD_JSON] = "bad_json",
                                       [MOCK_EMPTY] = "empty",
                                       [MOCK_REFUSED] = "refused",
                                       NULL};

static const char *temperature_problem(const char *text)
{
    char *end;
    double value = strtod(text, &end);
    bool is_number = end > text && *end == '\0' && value >= 0 && value <= 2;
    return is_number || strcmp(text, "none") == 0 ? NULL : "must be a number from 0 to 2, or none";
}

#define AT(member) .at = offsetof(struct config, member)

static const struct setting settings[] = {
    {"APP_ENV", CHOICE, AT(app_env), "dev", .choices = envs,
     .help = "`prod` (or `production`) refuses weak secrets and an unintended mock provider"},
    {"PORT", NUMBER, AT(port), "8080", 1, 65535, .help = "port of the API"},
    {"LISTEN_ADDRESS", TEXT, AT(listen_address), "", .problem = addresses_problem,
     .help = "addresses that the services listen on, by commas, `::` for all; all where `APP_ENV=prod`, else loopback"},
    {"OBSERVABILITY_LISTEN", TEXT, AT(observability_listen), "", .problem = place_problem,
     .help =
         "address and port for the API's `/metrics` and `/openapi.json`, which `PORT` has no longer, and its health; "
         "the worker's port is on that address, too"},
    {"METRICS_TOKEN", TEXT, AT(metrics_token), "", .problem = token_problem,
     .help = "bearer token without which `/metrics` and `/openapi.json` answer 401; open where unset"},
    {"DATABASE_URL", TEXT, AT(database_url),
     "postgres://postgres:postgres@localhost:5432/personaworlds?sslmode=disable",
     .help = "Postgres, or several hosts of which one takes changes; `up` starts its own where it is unset",
     .problem = database_url_problem},
    {"DATABASE_DIRECT_URL", TEXT, AT(database_direct_url), "",
     .help = "past a pooler, for migrations and LISTEN; `DATABASE_URL` where unset", .problem = database_url_problem},
    {"DATABASE_OWNER_URL", TEXT, AT(database_owner_url), "",
     .help = "as the role that owns the tables, for `roles`, migrations and `seed`; `DATABASE_DIRECT_URL` where unset",
     .problem = database_url_problem},
    {"DATABASE_ROLE_PASSWORDS", TEXT, AT(database_role_passwords), "",
     .help = "`owner:...,api:...,worker:...,ops:...`, or some of them: the passwords that `roles --apply` gives"},
    {"DB_POOLER", CHOICE, AT(db_pooler), "none", .choices = poolers,
     .help = "what `DATABASE_URL` leads to: Postgres itself, or a pooler in transaction mode"},
    {"DB_QUERY_TIMEOUT", DURATION, AT(db_query_timeout), "5s", 10, HOUR,
     .help = "a statement is ended by Postgres after this"},
    {"DB_POOL_SIZE", NUMBER, AT(db_pool_size), "4", 1, 64,
     .help = "connections per thread: one for reads, the rest for writes"},
    {"AUTO_MIGRATE", BOOLEAN, AT(auto_migrate), "",
     .help = "apply migrations at the start; on, and off where `APP_ENV=prod` or where only a pooler is known"},
    {"MIGRATIONS_DIR", TEXT, AT(migrations_dir), "", .help = "a folder with migrations instead of the embedded ones"},
    {"JWT_SECRET", TEXT, AT(jwt_secret), "",
     .help = "key of the session tokens; at least 32 bytes that can't be guessed where `APP_ENV=prod`: `openssl rand "
             "-hex 32`; else a random one per start where unset"},
    {"JWT_SECRET_PREVIOUS", TEXT, AT(jwt_secret_previous), "",
     .help = "the `JWT_SECRET` of before: its tokens stay good, so that nobody is logged out by a new one"},
    {"REFUSE_COMMON_PASSWORDS", BOOLEAN, AT(refuse_common_passwords), "",
     .help = "sign-up refuses the 10,000 most common passwords; on where `APP_ENV=prod`, else off"},
    {"FRONTEND_ORIGIN", TEXT, AT(frontend_origin), "http://localhost:8080",
     .help = "where people open the pages; shared links begin with it"},
    {"SECURE_COOKIES", BOOLEAN, AT(secure_cookies), "0",
     .help = "cookies over HTTPS alone; always so where `APP_ENV=prod`"},
    {"API_THREADS", NUMBER, AT(api_threads), "", 1, 64,
     .help = "event loops of the API; as many as there are cores where unset"},
    {"API_REQUEST_TIMEOUT", DURATION, AT(request_timeout), "15s", 100, HOUR,
     .help = "every request ends within this: 504"},
    {"API_READ_TIMEOUT", DURATION, AT(read_timeout), "15s", 100, HOUR,
     .help = "a request must have come in whole within this"},
    {"API_WRITE_TIMEOUT", DURATION, AT(write_timeout), "30s", 100, HOUR,
     .help = "an answer must have been read within this"},
    {"API_IDLE_TIMEOUT", DURATION, AT(idle_timeout), "60s", 100, HOUR,
     .help = "a connection without a request is closed after this"},
    {"API_STOP_DELAY", DURATION, AT(stop_delay), "5s", 0, HOUR,
     .help = "after SIGTERM readyz fails for this long before the port closes, so that a balancer notices (up: 300ms)"},
    {"REQUEST_BODY_MAX_BYTES", NUMBER, AT(request_body_max), "65536", 1024, 64 << 20, .help = "largest body"},
    {"PUBLIC_BODY_MAX_BYTES", NUMBER, AT(public_body_max), "16384", 1024, 64 << 20,
     .help = "largest body on `/auth/*`, `/events`, follows and remix intents"},
    {"CONNECTIONS_PER_ADDRESS", NUMBER, AT(connections_per_address), "", 1, 1000000,
     .help =
         "connections of one IPv4 address or IPv6 /64 to a process, trusted proxies aside; half of what it can hold "
         "where unset"},
    {"STREAM_MAX", NUMBER, AT(stream_max), "10000", 0, 1000000,
     .help = "live streams of a process; at most three quarters of its connections"},
    {"STREAM_LIFE", DURATION, AT(stream_life), "1h", 100, 24 * HOUR,
     .help = "a live stream ends after this, give or take a tenth, and is opened anew by its client"},
    {"DRAFT_MAX_LEN", NUMBER, AT(draft_max_len), "500", 40, 10000, .help = "longest post, in code points"},
    {"REPLY_MAX_LEN", NUMBER, AT(reply_max_len), "280", 40, 10000, .help = "longest reply, in code points"},
    {"SUMMARY_MAX_LEN", NUMBER, AT(summary_max_len), "400", 40, 10000, .help = "longest summary, in code points"},
    {"DEFAULT_DRAFT_QUOTA", NUMBER, AT(draft_quota), "5", 1, 10000, .help = "drafts a day of a new persona"},
    {"DEFAULT_REPLY_QUOTA", NUMBER, AT(reply_quota), "25", 1, 10000, .help = "replies a day of a new persona"},
    {"DEFAULT_PREVIEW_QUOTA", NUMBER, AT(preview_quota), "5", 1, 10000, .help = "previews a day of a persona"},
    {"MAX_DRAFT_QUOTA", NUMBER, AT(max_draft_quota), "50", 1, 10000,
     .help = "the most drafts a day that a persona may have"},
    {"MAX_REPLY_QUOTA", NUMBER, AT(max_reply_quota), "200", 1, 10000,
     .help = "the most replies a day that a persona may have"},
    {"MAX_PERSONAS", NUMBER, AT(max_personas), "50", 1, 1000000, .help = "personas that a user may have"},
    {"USER_DAILY_MODEL_CALLS", NUMBER, AT(user_daily_model_calls), "200", 1, 1000000000,
     .help = "calls of the model in a UTC day for all personas of a user: a draft or a reply is one, a preview two"},
    {"CORS_ALLOWED_ORIGINS", TEXT, AT(cors_allowed_origins), "",
     .help = "origins whose pages may call the API, by commas; where unset `FRONTEND_ORIGIN`, and outside prod port "
             "3000 of localhost"},
    {"TRUSTED_PROXIES", TEXT, AT(trusted_proxies), "",
     .help = "networks (CIDR, by commas) of proxies, whose word about the client's address is believed"},
    {"FORWARDED_HEADER", CHOICE, AT(forwarded_header), "x-forwarded-for", .choices = forwarded_headers,
     .help =
         "the header in which those proxies name the client; only this one is read, as a proxy that sets one passes "
         "on the other"},
    {"REDIS_URL", TEXT, AT(redis_url), "",
     .help = "`redis://[user:password@]host[:port][,host[:port]…][/db]` or `rediss://…`: all replicas share their rate "
             "limits "
             "there",
     .problem = redis_place_problem},
    {"REDIS_CA_BUNDLE", TEXT, AT(redis_ca_bundle), "",
     .help = "a file with the authorities (PEM) that the certificate of a `rediss://` is checked with; the system's "
             "where unset"},
    {"RATE_LIMIT_PUBLIC_READ", RATE, AT(rate_public_read), "120/1m", SECOND, 24 * HOUR,
     .help = "rate limit of public profiles, battles and templates, by address"},
    {"RATE_LIMIT_PUBLIC_WRITE", RATE, AT(rate_public_write), "30/1m", SECOND, 24 * HOUR,
     .help = "rate limit of follows, by address"},
    {"RATE_LIMIT_EVENTS", RATE, AT(rate_events), "120/1m", SECOND, 24 * HOUR,
     .help = "rate limit of events, by user and by address"},
    {"RATE_LIMIT_AUTH", RATE, AT(rate_auth), "30/1m", SECOND, 24 * HOUR,
     .help = "rate limit of requests to `/auth/*`, by address"},
    {"RATE_LIMIT_LOGIN_FAILURE", RATE, AT(rate_login_failure), "10/15m", SECOND, 24 * HOUR,
     .help = "rate limit of failed logins, by e-mail address and network; ten times that by e-mail address alone"},
    {"RATE_LIMIT_STREAM_OPEN", RATE, AT(rate_stream_open), "60/1m", SECOND, 24 * HOUR,
     .help = "rate limit of opening live streams, by address"},
    {"RATE_LIMIT_BATTLE_CREATE", RATE, AT(rate_battle_create), "20/1m", SECOND, 24 * HOUR,
     .help = "rate limit of new battles, by user"},
    {"RATE_LIMIT_TEMPLATE_CREATE", RATE, AT(rate_template_create), "10/1m", SECOND, 24 * HOUR,
     .help = "rate limit of new templates, by user"},
    {"RATE_LIMIT_PERSONA_WRITE", RATE, AT(rate_persona_write), "20/1m", SECOND, 24 * HOUR,
     .help = "rate limit of new personas, by user"},
    {"RATE_LIMIT_REPLY_REQUEST", RATE, AT(rate_reply_request), "30/1m", SECOND, 24 * HOUR,
     .help = "rate limit of requests for replies, by user"},
    {"RATE_LIMIT_SUMMARY", RATE, AT(rate_summary), "20/1h", SECOND, 24 * HOUR,
     .help = "summaries of threads that readers at one address make the model write"},
    {"RATE_LIMIT_SUMMARY_ALL", RATE, AT(rate_summary_all), "200/1h", SECOND, 24 * HOUR,
     .help = "the same for all readers together who aren't signed in"},
    {"RATE_LIMIT_LLM", RATE, AT(rate_llm), "30/1m", SECOND, 24 * HOUR,
     .help = "rate limit of drafts and previews, by user"},
    {"RATE_LIMIT_ACCOUNT", RATE, AT(rate_account), "10/1h", SECOND, 24 * HOUR,
     .help = "rate limit of changes of an account, its password and its end, by user"},
    {"RATE_LIMIT_EXPORT", RATE, AT(rate_export), "2/24h", SECOND, 24 * HOUR,
     .help = "rate limit of exports of an account, by user"},
    {"RATE_LIMIT_FORGOT", RATE, AT(rate_forgot), "5/1h", SECOND, 24 * HOUR,
     .help = "rate limit of requests for a mail that sets a new password, by address; an account has three an hour"},
    {"RATE_LIMIT_VERIFICATION", RATE, AT(rate_verification), "3/24h", SECOND, 24 * HOUR,
     .help = "rate limit of requests for a mail that verifies an address, by user"},
    {"RATE_LIMIT_SEARCH", RATE, AT(rate_search), "30/1m", SECOND, 24 * HOUR, .help = "rate limit of searches, by user"},
    {"WORKER_OBSERVABILITY_PORT", NUMBER, AT(worker_port), "9091", 1, 65535,
     .help = "port of the worker's health and metrics"},
    {"WORKER_POLL_EVERY", DURATION, AT(worker_poll_every), "3s", 100, HOUR, .help = "safety net beside notifications"},
    {"WORKER_TASK_TIMEOUT", DURATION, AT(worker_task_timeout), "15s", 100, HOUR,
     .help = "a job's attempt ends within this"},
    {"WORKER_CONCURRENCY", NUMBER, AT(worker_concurrency), "32", 1, 4096, .help = "jobs under way in one worker"},
    {"WORKER_DRAIN_TIMEOUT", DURATION, AT(worker_drain_timeout), "20s", 0, HOUR,
     .help = "time for running jobs to finish after SIGTERM"},
    {"JOB_MAX_ATTEMPTS", NUMBER, AT(job_max_attempts), "5", INT64_MIN, INT64_MAX,
     .help = "attempts before a job fails for good (clamped to 1-20)"},
    {"JOB_RETRY_BASE", DURATION, AT(job_retry_base), "30s", 1, HOUR, .help = "wait after the first failure; doubles"},
    {"JOB_RETRY_MAX", DURATION, AT(job_retry_max), "10m", 1, 24 * HOUR, .help = "longest wait between attempts"},
    {"JOB_RETENTION", DURATION, AT(job_retention), "168h", 0, 10000 * HOUR,
     .help = "finished jobs are kept this long, or, where they are done, a day longer"},
    {"EVENT_RETENTION", DURATION, AT(event_retention), "2160h", 360 * HOUR, 100000 * HOUR,
     .help = "events are kept this long, or a day longer; 15 days at least, as feeds, weekly digests and analytics "
             "count those of 14"},
    {"ACTIVITY_RETENTION", DURATION, AT(activity_retention), "2160h", 192 * HOUR, 100000 * HOUR,
     .help = "personas' activity is kept this long, or a day longer; 8 days at least, as digests of the last 7 "
             "may be made again"},
    {"NOTIFICATION_RETENTION", DURATION, AT(notification_retention), "2160h", 168 * HOUR, 100000 * HOUR,
     .help = "notifications are kept this long, or a month longer, read or not; 7 days at least, "
             "so that who comes once a week reads all"},
    {"QUOTA_RETENTION", DURATION, AT(quota_retention), "168h", 48 * HOUR, 100000 * HOUR,
     .help = "used quota units and expired reservations are kept this long, or a day longer; 2 days at least, as a UTC "
             "day's are counted"},
    {"JOURNAL_RETENTION", DURATION, AT(journal_retention), "8760h", 720 * HOUR, 100000 * HOUR,
     .help = "what `incident report` makes timelines of is kept this long; 30 days at least"},
    {"LLM_PROVIDER", CHOICE, AT(llm_provider), "mock", .choices = providers,
     .help = "who writes: the built-in mock, or an OpenAI-compatible server"},
    {"LLM_MAX_CONCURRENCY", NUMBER, AT(llm_max_concurrency), "64", 1, 100000,
     .help = "calls to the provider in flight in one process; more wait"},
    {"LLM_BREAKER_FAILURES", NUMBER, AT(llm_breaker_failures), "10", 1, 100000,
     .help = "failed attempts in a row after which the provider isn't asked"},
    {"LLM_BREAKER_COOLDOWN", DURATION, AT(llm_breaker_cooldown), "10s", 10, HOUR,
     .help = "so long; then one call at a time until one succeeds"},
    {"LLM_DAILY_TOKENS", NUMBER, AT(llm_daily_tokens), "0", 0, INT64_C(1000000000000000),
     .help = "tokens that all processes together may use in a UTC day; 0: no bound; the mock's cost none"},
    {"OPENAI_BASE_URL", TEXT, AT(openai_base_url), "https://api.openai.com",
     .help = "up to where `/chat/completions` follows; `/v1` is added where it has no path"},
    {"OPENAI_API_KEY", TEXT, AT(openai_api_key), "",
     .help = "needed with the default base URL; local servers need none"},
    {"OPENAI_MODEL", TEXT, AT(openai_model), "gpt-4o-mini", .help = "model name"},
    {"OPENAI_MAX_TOKENS_FIELD", CHOICE, AT(openai_tokens_field), "learn", .choices = tokens_fields,
     .help = "the field that bounds the answer's tokens; learnt from what the server refuses where unset"},
    {"OPENAI_TEMPERATURE", TEXT, AT(openai_temperature), "", .problem = temperature_problem,
     .help = "for all texts, 0 to 2, or `none`; by the kind of text, and none where refused, where unset"},
    {"OPENAI_REASONING_EFFORT", TEXT, AT(openai_reasoning_effort), "",
     .help = "sent as `reasoning_effort`, like `low`; not sent where unset"},
    {"OPENAI_EXTRA_BODY", TEXT, AT(openai_extra_body), "",
     .help = "a JSON object whose members are sent in each request, too"},
    {"OPENAI_STREAM", CHOICE, AT(openai_stream), "auto", .choices = stream_uses,
     .help = "whether texts are streamed: where words are wanted as they come, `always` or `never`"},
    {"OPENAI_REQUEST_TIMEOUT", DURATION, AT(openai_timeout), "20s", 10, HOUR, .help = "one call, retries included"},
    {"OPENAI_MAX_RETRIES", NUMBER, AT(openai_max_retries), "2", 0, 5, .help = "further attempts of one call"},
    {"OPENAI_RETRY_BASE", DURATION, AT(openai_retry_base), "400ms", 1, HOUR,
     .help = "wait after the first failure; doubles; `Retry-After` wins"},
    {"MOCK_LLM_LATENCY", DURATION, AT(mock_latency), "0ms", 0, HOUR, .help = "the mock takes this long"},
    {"MOCK_LLM_FAILURE_RATE", FRACTION, AT(mock_failure_rate), "0", 0, 1,
     .help = "share of the mock's calls that fail, 0 to 1"},
    {"MOCK_LLM_FAILURE", CHOICE, AT(mock_failure), "none", .choices = failures, .help = "how the mock fails"},
    {"ADMIN_EMAILS", TEXT, AT(admin_emails), "",
     .help = "administrators beside those of `personaworlds admin`, by commas; verified addresses count alone"},
    {"SMTP_URL", TEXT, AT(smtp_url), "", .problem = smtp_url_problem,
     .help = "`smtp://[user:password@]host[:port]` or `smtps://…`: the server that takes the mails; where unset the "
             "links are in the worker's log, and with `APP_ENV=prod` there are none"},
    {"SMTP_CA_BUNDLE", TEXT, AT(smtp_ca_bundle), "",
     .help = "a file with the authorities (PEM) that the mail server's certificate is checked with; the system's where "
             "unset"},
    {"MAIL_FROM", TEXT, AT(mail_from), "", .problem = mail_from_problem,
     .help = "who the mails are from: an address, or a name and the address in `<>`"},
    {"LOG_LEVEL", CHOICE, AT(log_level), "info", .choices = levels, .help = "least level that is logged"},
};

const struct setting *setting_named(const char *name)
{
    for (size_t i = 0; i < COUNT(settings); i++)
        if (strcmp(settings[i].name, name) == 0)
            return &settings[i];
    abort();
}

static bool take_value(const struct setting *s, const char *value, struct config *config, struct err *err)
{
    if (!*value)
        value = s->default_text;
    if (!*value && s->kind != TEXT)
        return true; /* config_read derives it from other settings */
    if (s->choices == envs && strcasecmp(value, "production") == 0)
        value = "prod";
    char form[SETTING_SIZE];
    if (!setting_read(s, value, (char *)config + s->at))
        return fail(err, "%s must be %s", s->name, setting_form(s, form));
    const char *problem = s->problem && *value ? s->problem(value) : NULL;
    return !problem || fail(err, "%s %s", s->name, problem);
}

static bool read_setting(const struct setting *s, struct config *config, struct err *err)
{
    const char *value = value_read(s->name, err);
    bool ok = value && take_value(s, value, config, err);
    if (value && s->kind != TEXT)
        value_let_go(s->name, value);
    return ok;
}

/* Gives an unreadable setting a value. A text stays as written, or empty, and is refused where it
 * is used: a default would be another database or secret than is meant. Any other setting gets the
 * table's default, or 0 where config_read derives it. */
static void replace_unreadable(const struct setting *s, struct config *config)
{
    void *at = (char *)config + s->at;
    const char **text = at;
    if (s->kind == TEXT)
        *text = *text ? *text : "";
    else if (!*s->default_text)
        *(int64_t *)at = 0;
    else if (!setting_read(s, s->default_text, at))
        abort();
}

bool config_unfold_files(struct err *err)
{
    for (size_t i = 0; i < COUNT(settings); i++)
        if (!value_unfold(settings[i].name, err))
            return false;
    return true;
}

bool config_is_set(const char *name)
{
    return value_is_set(name);
}

/* An origin has no path (RFC 6454), not even a slash. Kept for the process's life, like the
 * environment itself. */
static const char *without_trailing_slash(const char *origin)
{
    char *copy = must_strdup(origin);
    for (size_t len = strlen(copy); len > 0 && copy[len - 1] == '/'; len--)
        copy[len - 1] = '\0';
    return copy;
}

static void derive(struct config *config)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    if (config->api_threads == 0)
        config->api_threads = MIN(MAX(cores, 1), 64);
    if (!*config->database_direct_url)
        config->database_direct_url = config->db_pooler == POOLER_NONE ? config->database_url : NULL;
    if (!*config->database_owner_url)
        config->database_owner_url = config->database_direct_url;
    if (!config_is_set("AUTO_MIGRATE"))
        config->auto_migrate = config->app_env != ENV_PROD && config->database_owner_url;
    if (!*config->listen_address)
        config->listen_address = config->app_env == ENV_PROD ? "::" : "127.0.0.1,::1";
    if (!config_is_set("REFUSE_COMMON_PASSWORDS"))
        config->refuse_common_passwords = config->app_env == ENV_PROD;
    const char *origin = config->frontend_origin;
    config->frontend_origin = without_trailing_slash(origin);
    value_let_go("FRONTEND_ORIGIN", origin);
    config->job_max_attempts = MIN(MAX(config->job_max_attempts, 1), 20);
}

int config_read_all(struct config *config, struct err *errs, int max)
{
    int unreadable = 0;
    *config = (struct config){0};
    for (size_t i = 0; i < COUNT(settings); i++) {
        struct err why;
        if (read_setting(&settings[i], config, &why))
            continue;
        if (unreadable < max)
            errs[unreadable] = why;
        unreadable++;
        replace_unreadable(&settings[i], config);
    }
    derive(config);
    return unreadable;
}

bool config_read(struct config *config, struct err *err)
{
    return config_read_all(config, err, 1) == 0;
}

const char *config_name(int place)
{
    return place < (int)COUNT(settings) ? settings[place].name : NULL;
}

void config_count(int *all, int *set)
{
    *all = COUNT(settings);
    *set = 0;
    for (size_t i = 0; i < COUNT(settings); i++)
        *set += config_is_set(settings[i].name);
}

void config_describe(bool as_env_file)
{
    for (size_t i = 0; i < COUNT(settings); i++) {
        const struct setting *s = &settings[i];
        char bounds[SETTING_SIZE];
        if (as_env_file)
            printf("# %s\n#%s=%s\n\n", s->help, s->name, s->default_text);
        else
            printf("| `%s` | %s%s%s | %s | %s |\n", s->name, *s->default_text ? "`" : "", s->default_text,
                   *s->default_text ? "`" : "", setting_bounds(s, bounds), s->help);
    }
}
