#include "api/guard/limits.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "api/http/call.h"
#include "api/http/client.h"
#include "base/clock.h"
#include "config/levers.h"
#include "domain/rate.h"
#include "sys/crypto.h"
#include "sys/log.h"
#include "sys/metrics.h"
#include "sys/redis/redis.h"

enum { SHARDS = 8, KEYS_PER_SHARD = 16384, REDIS_WAIT_MS = 80 /* with the loop's own delay no more than 100 */ };

enum scope { BY_ADDRESS, BY_USER, BY_USER_OR_ADDRESS, BY_ACCOUNT };

static const struct class {
    const char *endpoint;
    enum scope scope;
    size_t rate_at; /* offset in struct config */
    enum lever lever;
    const char *sentence;
} classes[LIMITS] = {
#define RATE(name, NAME) .rate_at = offsetof(struct config, rate_##name), .lever = LEVER_RATE_##NAME
    [LIMIT_PUBLIC_READ] = {"public_read", BY_ADDRESS, RATE(public_read, PUBLIC_READ),
                           "public profile rate limit exceeded"},
    [LIMIT_PUBLIC_WRITE] = {"public_write", BY_ADDRESS, RATE(public_write, PUBLIC_WRITE), "follow rate limit exceeded"},
    [LIMIT_EVENTS] = {"events", BY_USER_OR_ADDRESS, RATE(events, EVENTS), "rate limit exceeded"},
    [LIMIT_AUTH] = {"auth", BY_ADDRESS, RATE(auth, AUTH), "rate limit exceeded"},
    [LIMIT_LOGIN_FAILURE] = {"login_failure", BY_ACCOUNT, RATE(login_failure, LOGIN_FAILURE), "rate limit exceeded"},
    [LIMIT_BATTLE_CREATE] = {"battle_create", BY_USER, RATE(battle_create, BATTLE_CREATE),
                             "battle creation rate limit exceeded"},
    [LIMIT_TEMPLATE_CREATE] = {"template_create", BY_USER, RATE(template_create, TEMPLATE_CREATE),
                               "template creation rate limit exceeded"},
    [LIMIT_LLM] = {"llm", BY_USER, RATE(llm, LLM), "rate limit exceeded"},
#undef RATE
};

static const char *const scope_names[] = {[BY_ADDRESS] = "ip", [BY_USER] = "user", [BY_ACCOUNT] = "account"};

const char *limit_sentence(enum limit limit)
{
    return classes[limit].sentence;
}

struct limit_check {
    struct call *call;
    enum limit limit;
    enum scope scope; /* never BY_USER_OR_ADDRESS */
    struct rate_key key;
    struct rate_rule rule;
    bool takes;
    limit_passed *passed;
    struct redis_call *shared;
};

struct limits {
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
    struct shard *shard = &shards[check->limit][check->key.high % SHARDS];
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

static struct metric *rejections[LIMITS][COUNT(scope_names)];

static int64_t whole_seconds(int64_t ms)
{
    return MAX((ms + 999) / 1000, 1);
}

/* RateLimit-Policy and RateLimit as in draft-ietf-httpapi-ratelimit-headers-08. */
static void describe(struct call *call, const struct limit_check *check, const struct rate_state *state)
{
    const char *name = classes[check->limit].endpoint;
    call->rate_policy = arena_printf(call->arena, "\"%s\";q=%lld;w=%lld", name, (long long)check->rule.count,
                                     (long long)whole_seconds(check->rule.window_ms));
    call->rate_state = arena_printf(call->arena, "\"%s\";r=%lld;t=%lld", name, (long long)state->left,
                                    (long long)whole_seconds(state->resets_ms));
}

/* Reported once, to the log and to the count. */
static void refuse(struct call *call, const struct limit_check *check, const struct rate_state *state)
{
    const struct class *class = &classes[check->limit];
    metric_add(rejections[check->limit][check->scope], 1);
    log_warn("rate_limited", log_str("scope", scope_names[check->scope]), log_str("endpoint", class->endpoint),
             log_str("client", client_address(call)), log_str("request_id", call->request_id),
             log_str("user_id", call->user_id));
    describe(call, check, state);
    http_add_header(call->http, "Retry-After",
                    arena_printf(call->arena, "%lld", (long long)whole_seconds(state->resets_ms)));
    call_fail(call, 429, class->sentence);
}

/* What is said of an account stays unsaid while it has room: the caller of a login route learns
 * of the route's own limit. */
static void decide(struct limit_check *check, struct rate_state state)
{
    struct call *call = check->call;
    if (!state.allowed) {
        refuse(call, check, &state);
        return;
    }
    if (check->scope != BY_ACCOUNT)
        describe(call, check, &state);
    check->passed(call);
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

/* One line for an outage, however many loops meet it: it begins with the first that loses Redis,
 * and ends when all have it. */
static void on_redis(void *ctx, bool up, const char *why)
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
    check->call->limit = NULL;
    struct rate_state state = count_here(check);
    if (numbers && count == 3)
        state = (struct rate_state){.allowed = numbers[0], .left = numbers[1], .resets_ms = numbers[2]};
    decide(check, state);
}

static bool ask_redis(struct limit_check *check)
{
    struct call *call = check->call;
    struct redis *redis = call->api->limits->redis;
    if (!redis)
        return false;
    const char *const arguments[] = {
        arena_printf(call->arena, "personaworlds:rate:%s:%016llx%016llx", classes[check->limit].endpoint,
                     (unsigned long long)check->key.high, (unsigned long long)check->key.low),
        arena_printf(call->arena, "%lld", (long long)check->rule.count),
        arena_printf(call->arena, "%lld", (long long)check->rule.window_ms),
        check->takes ? "1" : "0",
    };
    check->shared = redis_run(redis, arguments, COUNT(arguments), on_shared, check);
    if (check->shared)
        call->limit = check;
    return check->shared != NULL;
}

void limit_drop(struct limit_check *check)
{
    redis_drop(check->shared);
}

/* ---- a call's check ---- */

static enum scope scope_of(const struct call *call, enum limit limit)
{
    enum scope scope = classes[limit].scope;
    if (scope != BY_USER_OR_ADDRESS)
        return scope;
    return *call->user_id ? BY_USER : BY_ADDRESS;
}

/* Equal in all replicas, and tells nobody who can read Redis whose key it is. */
static struct rate_key key_of(struct call *call, enum limit limit, enum scope scope, const char *account)
{
    struct rate_key key;
    unsigned char hash[KEYED_HASH_SIZE];
    const char *who = scope == BY_ACCOUNT ? account : scope == BY_USER ? call->user_id : client_network(call);
    keyed_hash(hash, call->api->config->jwt_secret,
               arena_printf(call->arena, "%s %s %s", classes[limit].endpoint, scope_names[scope], who));
    memcpy(&key.high, hash, sizeof key.high);
    memcpy(&key.low, hash + sizeof key.high, sizeof key.low);
    return key;
}

static struct rate rate_of(const struct call *call, enum limit limit)
{
    const struct rate *configured = (const void *)((const char *)call->api->config + classes[limit].rate_at);
    return lever_rate(classes[limit].lever, *configured);
}

static void check_limit(struct call *call, enum limit limit, const char *account, bool takes, limit_passed *passed)
{
    struct limit_check *check = arena_alloc(call->arena, sizeof *check);
    enum scope scope = scope_of(call, limit);
    struct rate rate = rate_of(call, limit);
    *check = (struct limit_check){.call = call,
                                  .limit = limit,
                                  .scope = scope,
                                  .key = key_of(call, limit, scope, account),
                                  .rule = {.count = rate.count, .window_ms = rate.window},
                                  .takes = takes,
                                  .passed = passed};
    if (!ask_redis(check))
        decide(check, count_here(check));
}

void limit_take(struct call *call, enum limit limit, const char *account, limit_passed *passed)
{
    if (limit == LIMIT_NONE)
        passed(call);
    else
        check_limit(call, limit, account, true, passed);
}

void limit_look(struct call *call, enum limit limit, const char *account, limit_passed *passed)
{
    check_limit(call, limit, account, false, passed);
}

/* ---- start and end ---- */

static void make_series(struct family *family, enum limit limit, enum scope scope)
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
        bool two = classes[limit].scope == BY_USER_OR_ADDRESS;
        make_series(family, limit, two ? BY_USER : classes[limit].scope);
        if (two)
            make_series(family, limit, BY_ADDRESS);
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
    sharing.loops++;
    if (!*config->redis_url)
        return limits;
    limits->redis = redis_open(loop,
                               &(struct redis_config){.url = config->redis_url,
                                                      .script = script,
                                                      .probe = probe,
                                                      .probe_count = COUNT(probe),
                                                      .answer_ms = REDIS_WAIT_MS,
                                                      .on_change = on_redis,
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
