#include "config/levers.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "config/setting.h"

static const struct row {
    const char *key, *setting;
} rows[LEVER_PAUSES] = {
    [LEVER_LLM_PROVIDER] = {"llm.provider", "LLM_PROVIDER"},
    [LEVER_LLM_MAX_CONCURRENCY] = {"llm.max_concurrency", "LLM_MAX_CONCURRENCY"},
    [LEVER_LLM_DAILY_TOKENS] = {"llm.daily_tokens", "LLM_DAILY_TOKENS"},
    [LEVER_RATE_PUBLIC_READ] = {"rate_limit.public_read", "RATE_LIMIT_PUBLIC_READ"},
    [LEVER_RATE_PUBLIC_WRITE] = {"rate_limit.public_write", "RATE_LIMIT_PUBLIC_WRITE"},
    [LEVER_RATE_EVENTS] = {"rate_limit.events", "RATE_LIMIT_EVENTS"},
    [LEVER_RATE_AUTH] = {"rate_limit.auth", "RATE_LIMIT_AUTH"},
    [LEVER_RATE_LOGIN_FAILURE] = {"rate_limit.login_failure", "RATE_LIMIT_LOGIN_FAILURE"},
    [LEVER_RATE_STREAM_OPEN] = {"rate_limit.stream_open", "RATE_LIMIT_STREAM_OPEN"},
    [LEVER_RATE_BATTLE_CREATE] = {"rate_limit.battle_create", "RATE_LIMIT_BATTLE_CREATE"},
    [LEVER_RATE_TEMPLATE_CREATE] = {"rate_limit.template_create", "RATE_LIMIT_TEMPLATE_CREATE"},
    [LEVER_RATE_PERSONA_WRITE] = {"rate_limit.persona_write", "RATE_LIMIT_PERSONA_WRITE"},
    [LEVER_RATE_REPLY_REQUEST] = {"rate_limit.reply_request", "RATE_LIMIT_REPLY_REQUEST"},
    [LEVER_RATE_SUMMARY] = {"rate_limit.summary", "RATE_LIMIT_SUMMARY"},
    [LEVER_RATE_SUMMARY_ALL] = {"rate_limit.summary_all", "RATE_LIMIT_SUMMARY_ALL"},
    [LEVER_RATE_LLM] = {"rate_limit.llm", "RATE_LIMIT_LLM"},
    [LEVER_RATE_ACCOUNT] = {"rate_limit.account", "RATE_LIMIT_ACCOUNT"},
    [LEVER_RATE_EXPORT] = {"rate_limit.export", "RATE_LIMIT_EXPORT"},
    [LEVER_RATE_FORGOT] = {"rate_limit.forgot", "RATE_LIMIT_FORGOT"},
    [LEVER_RATE_VERIFICATION] = {"rate_limit.verification", "RATE_LIMIT_VERIFICATION"},
    [LEVER_RATE_SEARCH] = {"rate_limit.search", "RATE_LIMIT_SEARCH"},
    [LEVER_JOB_RETRY_BASE] = {"job.retry_base", "JOB_RETRY_BASE"},
    [LEVER_JOB_RETRY_MAX] = {"job.retry_max", "JOB_RETRY_MAX"},
    [LEVER_WORKER_CONCURRENCY] = {"worker.concurrency", "WORKER_CONCURRENCY"},
};

/* The setting of every pause; the environment has none for them. */
static const struct setting pause = {.kind = BOOLEAN,
                                     .help = "true: nobody takes a job of this type; what runs is finished"};

static const struct setting *setting_of(enum lever lever)
{
    return lever_is_pause(lever) ? &pause : setting_named(rows[lever].setting);
}

/* ---- the values in force ---- */

/* One more than the value, which is never negative: 0 is "not set". */
static atomic_int_fast64_t in_force[LEVERS];

/* A rate's count and its window in milliseconds fit into one number (setting.c bounds both), so a
 * reader never sees a count with another rate's window. */
enum { WINDOW_BITS = 32 };

int64_t lever_pack(struct rate rate)
{
    return rate.count << WINDOW_BITS | rate.window;
}

struct rate lever_unpack(int64_t value)
{
    return (struct rate){.count = value >> WINDOW_BITS, .window = value & ((INT64_C(1) << WINDOW_BITS) - 1)};
}

int64_t lever_value(enum lever lever, int64_t configured)
{
    int64_t value = atomic_load_explicit(&in_force[lever], memory_order_relaxed);
    return value ? value - 1 : configured;
}

struct rate lever_rate(enum lever lever, struct rate configured)
{
    int64_t value = atomic_load_explicit(&in_force[lever], memory_order_relaxed);
    return value ? lever_unpack(value - 1) : configured;
}

bool lever_is_set(enum lever lever)
{
    return atomic_load_explicit(&in_force[lever], memory_order_relaxed) != 0;
}

void lever_set(enum lever lever, int64_t value)
{
    atomic_store_explicit(&in_force[lever], value + 1, memory_order_relaxed);
}

void lever_clear(enum lever lever)
{
    atomic_store_explicit(&in_force[lever], 0, memory_order_relaxed);
}

/* ---- the table ---- */

const char *lever_key(enum lever lever)
{
    return lever_is_pause(lever) ? job_types[lever - LEVER_PAUSES].pause_key : rows[lever].key;
}

const char *lever_help(enum lever lever)
{
    return setting_of(lever)->help;
}

bool lever_find(const char *key, enum lever *lever)
{
    for (*lever = 0; *lever < LEVERS; ++*lever)
        if (strcmp(lever_key(*lever), key) == 0)
            return true;
    return false;
}

bool lever_is_pause(enum lever lever)
{
    return lever >= LEVER_PAUSES;
}

enum lever lever_pause(enum job_type_id type)
{
    return (enum lever)(LEVER_PAUSES + (int)type);
}

/* ---- values ---- */

union member { /* of struct config, for a lever's kinds */
    int64_t number;
    struct rate rate;
};

/* The statements of the queue compare with 'true', so a pause has these two forms and no other. */
static bool is_exact(enum lever lever, const char *text)
{
    return !lever_is_pause(lever) || strcmp(text, "true") == 0 || strcmp(text, "false") == 0;
}

bool lever_parse(enum lever lever, const char *text, int64_t *value, struct err *err)
{
    const struct setting *setting = setting_of(lever);
    union member member;
    char form[SETTING_SIZE];
    if (!is_exact(lever, text) || !setting_read(setting, text, &member))
        return fail(err, "%s must be %s", lever_key(lever), setting_form(setting, form));
    *value = setting->kind == RATE ? lever_pack(member.rate) : member.number;
    return true;
}

const char *lever_format(enum lever lever, int64_t value, char out[static LEVER_TEXT])
{
    const struct setting *setting = setting_of(lever);
    union member member = {.number = value};
    if (setting->kind == RATE)
        member.rate = lever_unpack(value);
    return setting_write(setting, &member, out);
}

const char *lever_bounds(enum lever lever, char out[static LEVER_TEXT])
{
    return setting_bounds(setting_of(lever), out);
}

bool lever_is_rate(enum lever lever)
{
    return setting_of(lever)->kind == RATE;
}

int64_t lever_default(enum lever lever)
{
    int64_t value = 0;
    struct err err;
    return lever_parse(lever, setting_of(lever)->default_text, &value, &err) ? value : 0;
}

int64_t lever_configured(enum lever lever, const struct config *config)
{
    const struct setting *setting = setting_of(lever);
    const void *at = (const char *)config + setting->at;
    if (lever_is_pause(lever))
        return false;
    return setting->kind == RATE ? lever_pack(*(const struct rate *)at) : *(const int64_t *)at;
}
