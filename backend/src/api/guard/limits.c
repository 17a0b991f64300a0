#include "api/guard/limits.h"

#include <pthread.h>
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
    int64_t times; /* the limit is so many times the setting; 0: once */
} classes[LIMITS] = {
#define RATE(name, NAME) .rate_at = offsetof(struct config, rate_##name), .lever = LEVER_RATE_##NAME
    [LIMIT_PUBLIC_READ] = {"public_read", LIMIT_BY_ADDRESS, RATE(public_read, PUBLIC_READ),
                           "public profile rate limit exceeded"},
    [LIMIT_PUBLIC_WRITE] = {"public_write", LIMIT_BY_ADDRESS, RATE(public_write, PUBLIC_WRITE),
                            "follow rate limit exceeded"},
    [LIMIT_EVENTS] = {"events", LIMIT_BY_USER_AND_ADDRESS, RATE(events, EVENTS), "rate limit exceeded"},
    [LIMIT_AUTH] = {"auth", LIMIT_BY_ADDRESS, RATE(auth, AUTH), "rate limit exceeded"},
    [LIMIT_LOGIN_FAILURE] = {"login_failure", LIMIT_BY_ACCOUNT_NETWORK, RATE(login_failure, LOGIN_FAILURE),
                             "rate limit exceeded"},
    [LIMIT_ACCOUNT_FAILURE] = {"login_failure", LIMIT_BY_ACCOUNT, RATE(login_failure, LOGIN_FAILURE),
                               "rate limit exceeded", .times = 10},
    [LIMIT_STREAM_OPEN] = {"stream_open", LIMIT_BY_ADDRESS, RATE(stream_open, STREAM_OPEN), "rate limit exceeded"},
    [LIMIT_BATTLE_CREATE] = {"battle_create", LIMIT_BY_USER, RATE(battle_create, BATTLE_CREATE),
                             "battle creation rate limit exceeded"},
    [LIMIT_TEMPLATE_CREATE] = {"template_create", LIMIT_BY_USER, RATE(template_create, TEMPLATE_CREATE),
                               "template creation rate limit exceeded"},
    [LIMIT_PERSONA_WRITE] = {"persona_write", LIMIT_BY_USER, RATE(persona_write, PERSONA_WRITE), "rate limit exceeded"},
    [LIMIT_REPLY_REQUEST] = {"reply_request", LIMIT_BY_USER, RATE(reply_request, REPLY_REQUEST), "rate limit exceeded"},
    [LIMIT_LLM] = {"llm", LIMIT_BY_USER, RATE(llm, LLM), "rate limit exceeded"},
    [LIMIT_ACCOUNT] = {"account", LIMIT_BY_USER, RATE(account, ACCOUNT), "rate limit exceeded"},
    [LIMIT_EXPORT] = {"export", LIMIT_BY_USER, RATE(export, EXPORT), "export rate limit exceeded"},
    [LIMIT_FORGOT] = {"forgot", LIMIT_BY_ADDRESS, RATE(forgot, FORGOT), "rate limit exceeded"},
    [LIMIT_VERIFICATION] = {"verification", LIMIT_BY_USER, RATE(verification, VERIFICATION), "rate limit exceeded"},
    [LIMIT_SEARCH] = {"search", LIMIT_BY_USER, RATE(search, SEARCH), "rate limit exceeded"},
#undef RATE
};

static const char *const scope_names[LIMIT_SCOPES] = {[LIMIT_BY_ADDRESS] = "ip",
                                                      [LIMIT_BY_USER] = "user",
                                                      [LIMIT_BY_ACCOUNT] = "account",
                                                      [LIMIT_BY_ACCOUNT_NETWORK] = "account_network"};

const char *limit_sentence(enum limit limit)
{
    return classes[limit].sentence;
}

/* How many times a limit's count each of a client's buckets has: the client's own, and those of the
 * networks around it. */
static const int bucket_times[1 + LIMIT_NETWORKS] = {1, 4, 16};

struct limit_check {
    struct limit_client client;
    struct rate_key keys[1 + LIMIT_NETWORKS];
    struct rate_rule rules[1 + LIMIT_NETWORKS];
    int buckets;
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

/* A request that one bucket refuses is counted in none: else the clients of a full network would
 * use up their own buckets, too. */
static void count_in(struct rate_table *table, const struct limit_check *check, struct rate_state *states)
{
    int64_t now_ms = (int64_t)(clock_ns() / NS_PER_MS);
    bool takes = check->takes;
    for (int i = 0; i < check->buckets; i++) {
        states[i] = rate_look(table, check->keys[i], &check->rules[i], now_ms);
        takes = takes && states[i].allowed;
    }
    for (int i = 0; takes && i < check->buckets; i++)
        states[i] = rate_take(table, check->keys[i], &check->rules[i], now_ms);
}

/* A client's buckets lie in the shard of the widest one, so that one lock makes them exact. */
static void count_here(const struct limit_check *check, struct rate_state *states)
{
    struct shard *shard = &shards[check->client.limit][check->keys[check->buckets - 1].high % SHARDS];
    pthread_mutex_lock(&shard->lock);
    if (!shard->table)
        shard->table = rate_table_new(KEYS_PER_SHARD);
    count_in(shard->table, check, states);
    pthread_mutex_unlock(&shard->lock);
}

/* ---- the verdict ---- */

static struct metric *rejections[LIMITS][LIMIT_SCOPES];

static int64_t whole_seconds(int64_t ms)
{
    return MAX((ms + 999) / 1000, 1);
}

static bool is_tighter(const struct rate_state *one, const struct rate_state *other)
{
    if (one->allowed != other->allowed)
        return !one->allowed;
    return one->allowed && one->left != other->left ? one->left < other->left : one->resets_ms > other->resets_ms;
}

/* The bucket that decides: of full ones the one that stays full for longest, else the one with the
 * least room. */
static int tightest(const struct rate_state *states, int count)
{
    int found = 0;
    for (int i = 1; i < count; i++)
        if (is_tighter(&states[i], &states[found]))
            found = i;
    return found;
}

/* An account's limit stays hidden while it has room; the answer then shows the route's own
 * limit. */
static struct limit_verdict *limit_verdict_new(const struct limit_check *check, const struct rate_rule *rule,
                                               const struct rate_state *state)
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
    if (state->allowed && (scope == LIMIT_BY_ACCOUNT || scope == LIMIT_BY_ACCOUNT_NETWORK))
        return verdict;
    verdict->policy_header = arena_printf(arena, "\"%s\";q=%lld;w=%lld", class->endpoint, (long long)rule->count,
                                          (long long)whole_seconds(rule->window_ms));
    verdict->state_header = arena_printf(arena, "\"%s\";r=%lld;t=%lld", class->endpoint, (long long)state->left,
                                         (long long)verdict->retry_after_s);
    return verdict;
}

static void limit_decide(const struct limit_check *check, const struct rate_state *states)
{
    int i = tightest(states, check->buckets);
    if (!states[i].allowed)
        metric_add(rejections[check->client.limit][check->client.scope], 1);
    check->done(check->ctx, limit_verdict_new(check, &check->rules[i], &states[i]));
}

/* ---- the replicas' common counts ---- */

/* KEYS: a client's buckets; ARGV: window in ms, 1 to count, and each bucket's count. Answers
 * allowed, left, resets in ms for each bucket. A request that one bucket refuses is counted in
 * none. A key's expiry is the window's end, by the server's clock; where windows have become
 * shorter meanwhile, it comes sooner. */
static const char script[] =
    "local window, takes = tonumber(ARGV[1]), ARGV[2] == '1'\n"
    "local used, resets, full, answer = {}, {}, {}, {}\n"
    "for i, key in ipairs(KEYS) do\n"
    "  used[i] = tonumber(redis.call('GET', key) or '0')\n"
    "  resets[i] = redis.call('PTTL', key)\n"
    "  if resets[i] > window then\n"
    "    redis.call('PEXPIRE', key, window)\n"
    "    resets[i] = window\n"
    "  end\n"
    "  full[i] = used[i] >= tonumber(ARGV[2 + i]) and resets[i] >= 0\n"
    "  takes = takes and not full[i]\n"
    "end\n"
    "for i, key in ipairs(KEYS) do\n"
    "  if takes then\n"
    "    used[i] = redis.call('INCR', key)\n"
    "    if resets[i] < 0 then redis.call('PEXPIRE', key, window) end\n"
    "  end\n"
    "  table.insert(answer, full[i] and 0 or 1)\n"
    "  table.insert(answer, math.max(tonumber(ARGV[2 + i]) - used[i], 0))\n"
    "  table.insert(answer, resets[i] >= 0 and resets[i] or window)\n"
    "end\n"
    "return answer\n";

static struct {
    int loops;
    pthread_mutex_t lock; /* over what follows, and what is said of it */
    int connected;
    bool away;
    struct metric *gauge, *away_gauge;
} sharing = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* One log line per outage, not one per loop: an outage begins when the first loop loses Redis and
 * ends when all loops are connected. */
static void limits_on_redis(void *ctx, bool up, const char *why)
{
    struct limits *limits = ctx;
    pthread_mutex_lock(&sharing.lock);
    if (up != limits->connected)
        sharing.connected += up ? 1 : -1;
    limits->connected = up;
    bool all = sharing.connected == sharing.loops, was_away = sharing.away;
    sharing.away = !up || (was_away && !all);
    metric_set(sharing.gauge, all);
    metric_set(sharing.away_gauge, sharing.away);
    if (sharing.away && !was_away)
        log_warn("redis_away", log_str("error", why));
    else if (was_away && !sharing.away)
        log_info("redis_back");
    pthread_mutex_unlock(&sharing.lock);
}

enum { NUMBERS = 3 /* of a bucket in the script's answer */ };

static void on_shared(void *ctx, const int64_t *numbers, int count)
{
    struct limit_check *check = ctx;
    struct rate_state states[1 + LIMIT_NETWORKS];
    count_here(check, states);
    for (int i = 0; numbers && count == NUMBERS * check->buckets && i < check->buckets; i++, numbers += NUMBERS)
        states[i] = (struct rate_state){.allowed = numbers[0], .left = numbers[1], .resets_ms = numbers[2]};
    limit_decide(check, states);
}

static bool ask_redis(struct limits *limits, struct limit_check *check)
{
    struct arena *arena = check->client.arena;
    const char *words[REDIS_WORDS_MAX];
    int count = 0;
    if (!limits->redis)
        return false;
    for (int i = 0; i < check->buckets; i++)
        words[count++] =
            arena_printf(arena, "personaworlds:rate:%s:%016llx%016llx", classes[check->client.limit].endpoint,
                         (unsigned long long)check->keys[i].high, (unsigned long long)check->keys[i].low);
    words[count++] = arena_printf(arena, "%lld", (long long)check->rules[0].window_ms);
    words[count++] = check->takes ? "1" : "0";
    for (int i = 0; i < check->buckets; i++)
        words[count++] = arena_printf(arena, "%lld", (long long)check->rules[i].count);
    check->shared = redis_run(limits->redis, &(struct redis_words){words, count, check->buckets}, on_shared, check);
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
    if (scope != LIMIT_BY_USER_AND_ADDRESS)
        return scope;
    return is_user ? LIMIT_BY_USER : LIMIT_BY_ADDRESS;
}

bool limit_is_by_both(enum limit limit)
{
    return classes[limit].scope == LIMIT_BY_USER_AND_ADDRESS;
}

static struct rate_key key_of(const struct config *config, const struct limit_client *client, const char *who)
{
    return rate_key_of(config->jwt_secret, arena_printf(client->arena, "%s %s %s", classes[client->limit].endpoint,
                                                        scope_names[client->scope], who));
}

static struct rate_rule rule_of(const struct config *config, enum limit limit)
{
    const struct rate *configured = (const void *)((const char *)config + classes[limit].rate_at);
    struct rate rate = lever_rate(classes[limit].lever, *configured);
    return (struct rate_rule){.count = rate.count * MAX(classes[limit].times, 1), .window_ms = rate.window};
}

static struct limit_check *check_new(const struct limits *limits, const struct limit_client *client, bool takes)
{
    struct limit_check *check = arena_alloc(client->arena, sizeof *check);
    const struct rate_rule rule = rule_of(limits->config, client->limit);
    *check = (struct limit_check){.client = *client, .takes = takes};
    for (const char *who = client->who; who && check->buckets < 1 + LIMIT_NETWORKS;) {
        int i = check->buckets++;
        check->keys[i] = key_of(limits->config, client, who);
        check->rules[i] = rule;
        check->rules[i].count *= bucket_times[i];
        who = i < LIMIT_NETWORKS ? client->networks[i] : NULL;
    }
    return check;
}

static struct limit_check *check_begin(struct limits *limits, struct limit_check *check, limit_done *done, void *ctx)
{
    check->done = done;
    check->ctx = ctx;
    if (ask_redis(limits, check))
        return check;
    struct rate_state states[1 + LIMIT_NETWORKS];
    count_here(check, states);
    limit_decide(check, states);
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
        make_series(family, limit, limit_scope(limit, true));
        if (limit_is_by_both(limit))
            make_series(family, limit, LIMIT_BY_ADDRESS);
    }
    sharing.gauge = metric_series(
        metric_family(METRIC_GAUGE, "rate_limit_shared", "1 while all replicas count together, in Redis.", NULL), "");
    sharing.away_gauge = metric_series(
        metric_family(METRIC_GAUGE, "rate_limit_redis_away",
                      "1 while the Redis of REDIS_URL can't be asked, so that each replica counts by itself.", NULL),
        "");
    for (size_t i = 0; i < (size_t)LIMITS * SHARDS; i++)
        pthread_mutex_init(&shards[i / SHARDS][i % SHARDS].lock, NULL);
}

struct limits *limits_open(struct loop *loop, const struct config *config, struct err *err)
{
    static const char *const probe[] = {"personaworlds:rate:probe", "1000", "1", "1000000000"};
    struct limits *limits = must_calloc(1, sizeof *limits);
    limits->config = config;
    sharing.loops++;
    if (!*config->redis_url)
        return limits;
    limits->redis = redis_open(loop,
                               &(struct redis_config){.url = config->redis_url,
                                                      .ca_bundle = config->redis_ca_bundle,
                                                      .script = script,
                                                      .probe = {probe, COUNT(probe), .keys = 1},
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
