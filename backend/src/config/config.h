/* Settings, from the environment only. One table (config.c) has each with its kind, default and
 * bounds; docs/CONFIG.md and .env.example are checked against it. An unreadable value, or one
 * out of bounds, is an error that names the variable; never a silent default. `NAME_FILE` gives
 * a setting's value from a file. Durations are milliseconds here.
 */
#ifndef PW_CONFIG_CONFIG_H
#define PW_CONFIG_CONFIG_H

#include "config/rate.h"

enum provider { PROVIDER_MOCK, PROVIDER_OPENAI, PROVIDERS };
enum pooler { POOLER_NONE, POOLER_TRANSACTION };
enum app_env { ENV_DEV, ENV_PROD };
enum forwarded_header { HEADER_X_FORWARDED_FOR, HEADER_FORWARDED };
enum stream_use { STREAM_AUTO, STREAM_ALWAYS, STREAM_NEVER };
enum tokens_field { TOKENS_FIELD_LEARN, TOKENS_FIELD_MAX, TOKENS_FIELD_COMPLETION, TOKENS_FIELD_NONE };
enum mock_failure { MOCK_OK, MOCK_TIMEOUT, MOCK_STATUS_429, MOCK_STATUS_500, MOCK_BAD_JSON, MOCK_EMPTY, MOCK_REFUSED };

struct config {
    int64_t app_env, port, worker_port, api_threads, log_level;
    const char *database_url, *migrations_dir;
    const char *jwt_secret;                                            /* "" outside prod: the API makes one */
    const char *jwt_secret_previous;                                   /* "": there is none */
    const char *listen_address, *observability_listen, *metrics_token; /* the latter two "": not set */
    const char *database_direct_url;                                   /* NULL: the only way leads through a pooler */
    const char *database_owner_url;                                    /* NULL: the same */
    const char *database_role_passwords;                               /* "": none */
    const char *frontend_origin;                                       /* without a trailing slash */
    int64_t db_pooler, auto_migrate, secure_cookies, refuse_common_passwords;
    int64_t db_query_timeout, db_pool_size;
    int64_t request_body_max, public_body_max;
    int64_t connections_per_address; /* 0: half of what the process can hold */
    int64_t request_timeout, read_timeout, write_timeout, idle_timeout, stop_delay;
    int64_t stream_max, stream_life;
    int64_t draft_max_len, reply_max_len, summary_max_len;
    int64_t draft_quota, reply_quota, preview_quota, max_draft_quota, max_reply_quota;
    int64_t max_personas, user_daily_model_calls;
    int64_t worker_poll_every, worker_task_timeout, worker_concurrency, worker_drain_timeout;
    int64_t job_max_attempts, job_retry_base, job_retry_max, job_retention;
    int64_t event_retention, activity_retention, notification_retention, quota_retention, journal_retention;
    const char *cors_allowed_origins, *trusted_proxies, *redis_url, *redis_ca_bundle;
    int64_t forwarded_header; /* enum forwarded_header */
    struct rate rate_public_read, rate_public_write, rate_events, rate_auth, rate_login_failure, rate_stream_open,
        rate_battle_create, rate_template_create, rate_llm, rate_persona_write, rate_reply_request, rate_summary,
        rate_summary_all, rate_account, rate_export, rate_forgot, rate_verification, rate_search;
    int64_t llm_provider, llm_max_concurrency, llm_breaker_failures, llm_breaker_cooldown;
    int64_t llm_daily_tokens;
    double mock_failure_rate;
    int64_t mock_latency, mock_failure;
    const char *openai_base_url, *openai_api_key, *openai_model;
    int64_t openai_tokens_field;                                                  /* enum tokens_field */
    int64_t openai_stream;                                                        /* enum stream_use */
    const char *openai_temperature, *openai_reasoning_effort, *openai_extra_body; /* "": not set */
    const char *admin_emails;
    const char *smtp_url, *smtp_ca_bundle, *mail_from; /* "": not set */
    int64_t openai_timeout, openai_max_retries, openai_retry_base;
};

/* Reads the environment. False: `err` names the variable and says what it should be. Texts live
 * as long as the process. */
bool config_read(struct config *, struct err *err) MUST_CHECK;

/* Reads all settings, also after one that can't be read. An unreadable text stays as written, or is
 * empty where its file can't be read; any other unreadable setting has its default. Returns the
 * number of unreadable settings; `errs` gets the sentences of the first `max`. */
int config_read_all(struct config *, struct err *errs, int max) MUST_CHECK;

/* Checks what a service needs beyond valid single values: the provider's key, and in prod no secret
 * that is a default. Commands like `migrate` don't call it. */
typedef bool config_check_fn(const struct config *, struct err *err);
bool config_check(const struct config *, struct err *err) MUST_CHECK;

/* The same for the API, which needs a secret in prod; the worker signs nothing. */
bool config_check_api(const struct config *, struct err *err) MUST_CHECK;

/* The rules of config_check one by one, for a caller that reports every broken rule. */
/* in prod LLM_PROVIDER must be set, even for the mock */
bool config_provider_is_chosen(const struct config *, struct err *err) MUST_CHECK;
bool config_origins_are_named(const struct config *, struct err *err) MUST_CHECK;
bool config_can_migrate(const struct config *, struct err *err) MUST_CHECK;
/* only OpenAI's own server needs OPENAI_API_KEY */
bool config_has_key(const struct config *, struct err *err) MUST_CHECK;

/* In prod, the setting that leads to a database on another machine without verifying its
 * certificate; NULL: none. A warning, as the network between may be private. */
const char *config_unverified_database(const struct config *);

/* The name of a setting by its place in the table, from 0. NULL: there are no more. */
const char *config_name(int place);

/* Whether the environment has NAME or NAME_FILE; the value may be unreadable. */
bool config_is_set(const char *name);

/* Puts what NAME_FILE gives into NAME itself, for a process that can't read the files. Before any
 * thread is started. */
bool config_unfold_files(struct err *err) MUST_CHECK;

/* How many settings there are, and how many of them the environment sets, NAME_FILE included. */
void config_count(int *all, int *set);

/* Writes the table as Markdown rows (`| NAME | default | bounds | help |`), or as .env.example
 * lines: the documents' test compares them. */
void config_describe(bool as_env_file);

struct setting; /* config/setting.h */

/* The table's row of that name; a name without a row ends the program. */
const struct setting *setting_named(const char *name);

#endif
