#include "api/guard/limits.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "api/guard/rate_key.h"
#include "base/clock.h"
#include "config/levers.h"
#include "sys/log.h"
#include "sys/metrics.h"
#include "sys/redis/redis.h"

enum { SHARDS = 8, KEYS_PER_SHARD = 16384, REDIS_WAIT_MS = 80 /* with the loop's own delay no more than 100 */ };

static const struct class {
    const char *endpoint;
    enum limit_scope scope;
    size_t rate_at; /* offset in struct config */
    enum lever lever;
    const char *sentence;
} classes[LIMITS] = {
#define RATE(name, NAME) .rate_at = offsetof(struct config, rate_##name), .lever = LEVER_RATE_##NAME
    [LIMIT_PUBLIC_READ] = {"public_read", LIMIT_BY_ADDRESS, RATE(public_read, PUBLIC_READ),
                           "public profile rate limit exceeded"},
    [LIMIT_PUBLIC_WRITE] = {"public_write", LIMIT_BY_ADDRESS, RATE(public_write, PUBLIC_WRITE),
                            "follow rate limit exceeded"},
    [LIMIT_EVENTS] = {"events", LIMIT_BY_USER_OR_ADDRESS, RATE(events, EVENTS), "rate limit exceeded"},
    [LIMIT_AUTH] = {"auth", LIMIT_BY_ADDRESS, RATE(auth, AUTH), "rate limit exceeded"},
    [LIMIT_LOGIN_FAILURE] = {"login_failure", LIMIT_BY_ACCOUNT, RATE(login_failure, LOGIN_FAILURE),
                             "rate limit exceeded"},
    [LIMIT_BATTLE_CREATE] = {"battle_create", LIMIT_BY_USER, RATE(battle_create, BATTLE_CREATE),
                             "battle creation rate limit exceeded"},
    [LIMIT_TEMPLATE_CREATE] = {"template_create", LIMIT_BY_USER, RATE(template_create, TEMPLATE_CREATE),
                               "template creation rate limit exceeded"},
    [LIMIT_PERSONA_WRITE] = {"persona_write", LIMIT_BY_USER, RATE(persona_write, PERSONA_WRITE), "rate limit exceeded"},
    [LIMIT_REPLY_REQUEST] = {"reply_request", LIMIT_BY_USER, RATE(reply_request, REPLY_REQUEST), "rate limit exceeded"},
    [LIMIT_LLM] = {"llm", LIMIT_BY_USER, RATE(llm, LLM), "rate limit exceeded"},
#undef RATE
};

static const char *const scope_names[LIMIT_SCOPES] = {
    [LIMIT_BY_ADDRESS] = "ip", [LIMIT_BY_USER] = "user", [LIMIT_BY_ACCOUNT] = "account"};

const char *limit_sentence(enum limit limit)
{
    return classes[limit].sentence;
}

struct limit_check {
    struct limit_client client;
    struct rate_key key;
    struct rate_rule rule;
    bool takes;
    limit_done *done;
    void *ctx;
    struct redis_call *shared;
};

struct limits {
    const struct config *config;
    struct redis *redis; /* NULL without REDIS_URL */
    bool connected;
};

/* ---- the process's own counts ---- */

static struct shard {
    pthread_mutex_t lock;
    struct rate_table *table; /* made with the first key */
} shards[LIMITS][SHARDS];

static struct rate_state count_here(const struct limit_check *check)
{
    struct shard *shard = &shards[check->client.limit][check->key.high % SHARDS];
    int64_t now_ms = (int64_t)(clock_ns() / NS_PER_MS);
    pthread_mutex_lock(&shard->lock);
    if (!shard->table)
        shard->table = rate_table_new(KEYS_PER_SHARD);
    struct rate_state state = check->takes ? rate_take(shard->table, check->key, &check->rule, now_ms)
                                           : rate_look(shard->table, check->key, &check->rule, now_ms);
    pthread_mutex_unlock(&shard->lock);
    return state;
}

/* ---- the verdict ---- */

static struct metric *rejections[LIMITS][LIMIT_SCOPES];

static int64_t whole_seconds(int64_t ms)
{
    return MAX((ms + 999) / 1000, 1);
}

/* An account's limit stays hidden while it has room; the answer then shows the route's own
 * limit. */
static struct limit_verdict *limit_verdict_new(const struct limit_check *check, const struct rate_state *state)
{
    enum limit_scope scope = check->client.scope;
    struct arena *arena = check->client.arena;
    const struct class *class = &classes[check->client.limit];
    struct limit_verdict *verdict = arena_alloc(arena, sizeof *verdict);
    *verdict = (struct limit_verdict){.is_allowed = state->allowed,
                                      .retry_after_s = whole_seconds(state->resets_ms),
                                      .sentence = class->sentence,
                                      .scope = scope_names[scope],
                                      .endpoint = class->endpoint};
    if (state->allowed && scope == LIMIT_BY_ACCOUNT)
        return verdict;
    verdict->policy_header = arena_printf(arena, "\"%s\";q=%lld;w=%lld", class->endpoint, (long long)check->rule.count,
                                          (long long)whole_seconds(check->rule.window_ms));
    verdict->state_header = arena_printf(arena, "\"%s\";r=%lld;t=%lld", class->endpoint, (long long)state->left,
                                         (long long)verdict->retry_after_s);
    return verdict;
}

static void limit_decide(const struct limit_check *check, struct rate_state state)
{
    if (!state.allowed)
        metric_add(rejections[check->client.limit][check->client.scope], 1);
    check->done(check->ctx, limit_verdict_new(check, &state));
}

/* ---- the replicas' common counts ---- */

/* KEYS[1]; ARGV: count, window in ms, 1 to count. Answers {allowed, left, resets in ms}. The
 * key's expiry is the window's end, by the server's clock; where windows have become shorter
 * meanwhile, it comes sooner. */
static const char script[] =
    "local most, window = tonumber(ARGV[1]), tonumber(ARGV[2])\n"
    "local used = tonumber(redis.call('GET', KEYS[1]) or '0')\n"
    "local resets = redis.call('PTTL', KEYS[1])\n"
    "if resets > window then\n"
    "  redis.call('PEXPIRE', KEYS[1], window)\n"
    "  resets = window\n"
    "end\n"
    "if used >= most and resets >= 0 then return {0, 0, resets} end\n"
    "if ARGV[3] == '1' then\n"
    "  used = redis.call('INCR', KEYS[1])\n"
    "  if resets < 0 then redis.call('PEXPIRE', KEYS[1], window) end\n"
    "end\n"
    "return {1, math.max(most - used, 0), resets > 0 and resets or window}\n";

static struct {
    int loops;
    atomic_int connected;
    atomic_bool away;
    struct metric *gauge;
} sharing;

/* One log line per outage, not one per loop: an outage begins when the first loop loses Redis and
 * ends when all loops are connected. */
static void limits_on_redis(void *ctx, bool up, const char *why)
{
    struct limits *limits = ctx;
    if (up != limits->connected)
        atomic_fetch_add(&sharing.connected, up ? 1 : -1);
    limits->connected = up;
    bool all = atomic_load(&sharing.connected) == sharing.loops;
    metric_set(sharing.gauge, all);
    if (!up && !atomic_exchange(&sharing.away, true))
        log_warn("redis_away", log_str("error", why));
    else if (all && atomic_exchange(&sharing.away, false))
        log_info("redis_back");
}

static void on_shared(void *ctx, const int64_t *numbers, int count)
{
    struct limit_check *check = ctx;
    struct rate_state state = count_here(check);
    if (numbers && count == 3)
        state = (struct rate_state){.allowed = numbers[0], .left = numbers[1], .resets_ms = numbers[2]};
    limit_decide(check, state);
}

static bool ask_redis(struct limits *limits, struct limit_check *check)
{
    struct arena *arena = check->client.arena;
    if (!limits->redis)
        return false;
    const char *const arguments[] = {
        arena_printf(arena, "personaworlds:rate:%s:%016llx%016llx", classes[check->client.limit].endpoint,
                     (unsigned long long)check->key.high, (unsigned long long)check->key.low),
        arena_printf(arena, "%lld", (long long)check->rule.count),
        arena_printf(arena, "%lld", (long long)check->rule.window_ms),
        check->takes ? "1" : "0",
    };
    check->shared = redis_run(limits->redis, arguments, COUNT(arguments), on_shared, check);
    return check->shared != NULL;
}

void limit_drop(struct limit_check *check)
{
    redis_drop(check->shared);
}

/* ---- a check ---- */

enum limit_scope limit_scope(enum limit limit, bool is_user)
{
    enum limit_scope scope = classes[limit].scope;
    if (scope != LIMIT_BY_USER_OR_ADDRESS)
        return scope;
    return is_user ? LIMIT_BY_USER : LIMIT_BY_ADDRESS;
}

static struct rate_key key_of(const struct config *config, const struct limit_client *client)
{
    return rate_key_of(config->jwt_secret, arena_printf(client->arena, "%s %s %s", classes[client->limit].endpoint,
                                                        scope_names[client->scope], client->who));
}

static struct rate_rule rule_of(const struct config *config, enum limit limit)
{
    const struct rate *configured = (const void *)((const char *)config + classes[limit].rate_at);
    struct rate rate = lever_rate(classes[limit].lever, *configured);
    return (struct rate_rule){.count = rate.count, .window_ms = rate.window};
}

static struct limit_check *check_new(const struct limits *limits, const struct limit_client *client, bool takes)
{
    struct limit_check *check = arena_alloc(client->arena, sizeof *check);
    *check = (struct limit_check){.client = *client,
                                  .key = key_of(limits->config, client),
                                  .rule = rule_of(limits->config, client->limit),
                                  .takes = takes};
    return check;
}

static struct limit_check *check_begin(struct limits *limits, struct limit_check *check, limit_done *done, void *ctx)
{
    check->done = done;
    check->ctx = ctx;
    if (ask_redis(limits, check))
        return check;
    limit_decide(check, count_here(check));
    return NULL;
}

struct limit_check *limit_take(struct limits *limits, const struct limit_client *client, limit_done *done, void *ctx)
{
    return check_begin(limits, check_new(limits, client, true), done, ctx);
}

struct limit_check *limit_look(struct limits *limits, const struct limit_client *client, limit_done *done, void *ctx)
{
    return check_begin(limits, check_new(limits, client, false), done, ctx);
}

/* ---- start and end ---- */

static void make_series(struct family *family, enum limit limit, enum limit_scope scope)
{
    char labels[256];
    rejections[limit][scope] = metric_series(
        family, metric_labels(labels, 2, "scope", scope_names[scope], "endpoint", classes[limit].endpoint));
}

void limits_metrics(void)
{
    struct family *family =
        metric_family(METRIC_COUNTER, "rate_limit_events_total", "Requests that a rate limit refused.", NULL);
    for (enum limit limit = LIMIT_NONE + 1; limit < LIMITS; limit++) {
        bool two = classes[limit].scope == LIMIT_BY_USER_OR_ADDRESS;
        make_series(family, limit, two ? LIMIT_BY_USER : classes[limit].scope);
        if (two)
            make_series(family, limit, LIMIT_BY_ADDRESS);
    }
    sharing.gauge = metric_series(
        metric_family(METRIC_GAUGE, "rate_limit_shared", "1 while all replicas count together, in Redis.", NULL), "");
    for (size_t i = 0; i < (size_t)LIMITS * SHARDS; i++)
        pthread_mutex_init(&shards[i / SHARDS][i % SHARDS].lock, NULL);
}

struct limits *limits_open(struct loop *loop, const struct config *config, struct err *err)
{
    static const char *const probe[] = {"personaworlds:rate:probe", "1000000000", "1000", "1"};
    struct limits *limits = must_calloc(1, sizeof *limits);
    limits->config = config;
    sharing.loops++;
    if (!*config->redis_url)
        return limits;
    limits->redis = redis_open(loop,
                               &(struct redis_config){.url = config->redis_url,
                                                      .script = script,
                                                      .probe = probe,
                                                      .probe_count = COUNT(probe),
                                                      .answer_ms = REDIS_WAIT_MS,
                                                      .on_change = limits_on_redis,
                                                      .ctx = limits},
                               err);
    if (limits->redis)
        return limits;
    free(limits);
    return NULL;
}

void limits_close(struct limits *limits)
{
    if (limits)
        redis_close(limits->redis);
    free(limits);
}
