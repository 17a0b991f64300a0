#include "sys/redis/redis.h"

#include <arpa/inet.h>
#include <hiredis/async.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/clock.h"
#include "sys/lookup.h"
#include "sys/redis/answer.h"
#include "sys/redis/place.h"
#include "sys/redis/tls.h"

enum { CONNECT_MS = 1000, RETRY_MS = 250, SHA_SIZE = 41 };

struct redis_call {
    TAILQ_ENTRY(redis_call) link;
    struct redis *redis;
    redis_done *done; /* NULL: dropped */
    void *ctx;
    uint64_t asked;
    int count, keys;
    char words[REDIS_WORDS_MAX][REDIS_WORD_SIZE];
};

struct redis {
    struct loop *loop;
    struct redis_config config;
    struct redis_place place;
    int host;              /* of the place: the one that is tried or used */
    struct redis_tls *tls; /* NULL: without */
    char sha[SHA_SIZE];
    redisAsyncContext *connection; /* NULL: none, or hiredis is about to free it */
    struct fd_watch *watch;
    int events;
    struct lookup *lookup; /* of the host's name; NULL: none is under way */
    struct fd_watch *lookup_watch;
    struct timer *attempt, *patience;
    TAILQ_HEAD(calls, redis_call) calls; /* the oldest first, which is answered first */
    bool up, was_reported, reported_up, closing;
};

/* ---- callbacks to the owner ---- */

static void redis_log_state(struct redis *redis, bool up, const char *why)
{
    redis->up = up;
    if (redis->closing || (redis->was_reported && redis->reported_up == up))
        return;
    redis->was_reported = true;
    redis->reported_up = up;
    redis->config.on_change(redis->config.ctx, up, why);
}

static void redis_call_finish(struct redis_call *call, const int64_t *numbers, int count)
{
    INVARIANT_LINKED(call, link);
    TAILQ_REMOVE(&call->redis->calls, call, link);
    if (call->done)
        call->done(call->ctx, numbers, count);
    free(call);
}

/* The connection, which is then freed, if it isn't being freed already. */
static redisAsyncContext *redis_let_go(struct redis *redis)
{
    redisAsyncContext *connection = redis->connection;
    redis->connection = NULL;
    if (redis->tls)
        redis_tls_ended(redis->tls);
    return connection;
}

static void redis_end_lookup(struct redis *redis)
{
    fd_watch_free(redis->lookup_watch);
    redis->lookup_watch = NULL;
    lookup_free(redis->lookup);
    redis->lookup = NULL;
}

/* Ends the connection, and with it all calls, and tries the next server in a while. `why` may be
 * the connection's own. */
static void redis_lose(struct redis *redis, const char *why)
{
    char reason[160];
    const char *problem = redis->tls ? redis_tls_problem(redis->tls) : NULL;
    snprintf(reason, sizeof reason, "%s", problem ? problem : why);
    redisAsyncContext *connection = redis_let_go(redis);
    redis_log_state(redis, false, reason);
    redis_end_lookup(redis);
    redis->host = (redis->host + 1) % redis->place.count;
    timer_set(redis->attempt, RETRY_MS);
    if (connection)
        redisAsyncFree(connection);
}

/* ---- hiredis and the loop ---- */

static void set_events(struct redis *redis, int events)
{
    redis->events = events;
    fd_watch_set(redis->watch, events);
}

static void add_read(void *ctx)
{
    struct redis *redis = ctx;
    set_events(redis, redis->events | WATCH_READ);
}

static void del_read(void *ctx)
{
    struct redis *redis = ctx;
    set_events(redis, redis->events & ~WATCH_READ);
}

static void add_write(void *ctx)
{
    struct redis *redis = ctx;
    set_events(redis, redis->events | WATCH_WRITE);
}

static void del_write(void *ctx)
{
    struct redis *redis = ctx;
    set_events(redis, redis->events & ~WATCH_WRITE);
}

static void stop_watching(void *ctx)
{
    struct redis *redis = ctx;
    fd_watch_free(redis->watch);
    redis->watch = NULL;
    redis->events = 0;
}

static void redis_on_ready(void *ctx, int ready)
{
    struct redis *redis = ctx;
    if (ready & WATCH_READ && redis->connection)
        redisAsyncHandleRead(redis->connection);
    if (ready & WATCH_WRITE && redis->connection)
        redisAsyncHandleWrite(redis->connection);
}

static void watch_connection(struct redis *redis)
{
    redisAsyncContext *c = redis->connection;
    c->data = redis;
    c->ev.data = redis;
    c->ev.addRead = add_read;
    c->ev.delRead = del_read;
    c->ev.addWrite = add_write;
    c->ev.delWrite = del_write;
    c->ev.cleanup = stop_watching;
    redis->watch = fd_watch_new(redis->loop, c->c.fd, redis_on_ready, redis);
}

/* ---- calls ---- */

static void on_answer(redisAsyncContext *, void *, void *);

static const char *number_of_keys(int keys)
{
    static const char *const numbers[] = {"0", "1", "2", "3"};
    INVARIANT(keys >= 0 && keys < (int)COUNT(numbers));
    return numbers[keys];
}

/* By the script's hash, or, where the server has forgotten the script, by its text. */
static bool redis_send_call(struct redis_call *call, bool whole)
{
    struct redis *redis = call->redis;
    const char *parts[3 + REDIS_WORDS_MAX] = {whole ? "EVAL" : "EVALSHA", whole ? redis->config.script : redis->sha,
                                              number_of_keys(call->keys)};
    for (int i = 0; i < call->count; i++)
        parts[3 + i] = call->words[i];
    return redis->connection &&
           redisAsyncCommandArgv(redis->connection, on_answer, call, 3 + call->count, parts, NULL) == REDIS_OK;
}

static void on_answer(redisAsyncContext *c, void *answer, void *ctx)
{
    (void)c;
    struct redis_call *call = ctx;
    struct redis *redis = call->redis;
    const redisReply *reply = answer;
    int64_t numbers[REDIS_NUMBERS_MAX];
    int count = reply ? redis_answer_numbers(reply, numbers) : -1;
    if (count >= 0) {
        redis_call_finish(call, numbers, count);
        return;
    }
    /* the call keeps its place, and its time for the answer */
    if (reply && redis_answer_is_unknown_script(reply) && redis_send_call(call, true))
        return;
    redis->up = false; /* no new calls while this connection ends */
    redis_call_finish(call, NULL, 0);
    if (reply && redis->connection)
        redis_lose(redis, redis_answer_problem(reply));
}

struct redis_call *redis_run(struct redis *redis, const struct redis_words *words, redis_done *done, void *ctx)
{
    if (!redis->up)
        return NULL;
    struct redis_call *call = must_calloc(1, sizeof *call);
    INVARIANT(words->count <= REDIS_WORDS_MAX);
    *call = (struct redis_call){
        .redis = redis, .done = done, .ctx = ctx, .asked = clock_ns(), .count = words->count, .keys = words->keys};
    for (int i = 0; i < call->count; i++)
        snprintf(call->words[i], REDIS_WORD_SIZE, "%s", words->words[i]);
    if (!redis_send_call(call, false)) {
        free(call);
        return NULL;
    }
    TAILQ_INSERT_TAIL(&redis->calls, call, link);
    if (!timer_is_set(redis->patience))
        timer_set(redis->patience, redis->config.answer_ms);
    return call;
}

void redis_drop(struct redis_call *call)
{
    call->done = NULL;
}

/* Reads first: where the loop itself was late, the answer may wait in the socket. */
static void lose_patience(void *ctx)
{
    struct redis *redis = ctx;
    if (redis->connection)
        redisAsyncHandleRead(redis->connection);
    const struct redis_call *oldest = TAILQ_FIRST(&redis->calls);
    if (!oldest || !redis->connection)
        return;
    uint64_t waited_ms = (clock_ns() - oldest->asked) / NS_PER_MS;
    if (waited_ms < redis->config.answer_ms)
        timer_set(redis->patience, redis->config.answer_ms - waited_ms);
    else
        redis_lose(redis, "no answer in time");
}

/* ---- connecting ---- */

static bool is_ok(struct redis *redis, const redisReply *reply)
{
    if (!reply)
        return false; /* the connection has ended, which on_lost reports */
    if (reply->type != REDIS_REPLY_ERROR)
        return true;
    redis_lose(redis, reply->str);
    return false;
}

static void on_step(redisAsyncContext *c, void *reply, void *ctx)
{
    (void)ctx;
    (void)is_ok(c->data, reply);
}

static void on_probed(redisAsyncContext *c, void *reply, void *ctx)
{
    (void)ctx;
    struct redis *redis = c->data;
    if (!redis->connection || !is_ok(redis, reply))
        return;
    timer_stop(redis->attempt);
    redis_log_state(redis, true, NULL);
}

static void on_loaded(redisAsyncContext *c, void *answer, void *ctx)
{
    (void)ctx;
    struct redis *redis = c->data;
    const redisReply *reply = answer;
    if (!redis->connection || !is_ok(redis, reply))
        return;
    snprintf(redis->sha, sizeof redis->sha, "%s", reply->str ? reply->str : "");
    const struct redis_words *probe = &redis->config.probe;
    const char *parts[3 + REDIS_WORDS_MAX] = {"EVALSHA", redis->sha, number_of_keys(probe->keys)};
    for (int i = 0; i < probe->count; i++)
        parts[3 + i] = probe->words[i];
    redisAsyncCommandArgv(c, on_probed, NULL, 3 + probe->count, parts, NULL);
}

static void on_connected(const redisAsyncContext *c, int status)
{
    struct redis *redis = c->data;
    redisAsyncContext *connection = redis->connection;
    if (status != REDIS_OK) { /* hiredis frees it */
        redis->connection = NULL;
        redis_lose(redis, c->errstr && *c->errstr ? c->errstr : "cannot connect");
        return;
    }
    if (redis->place.password && *redis->place.user)
        redisAsyncCommand(connection, on_step, NULL, "AUTH %s %s", redis->place.user, redis->place.password);
    else if (redis->place.password)
        redisAsyncCommand(connection, on_step, NULL, "AUTH %s", redis->place.password);
    if (*redis->place.database)
        redisAsyncCommandArgv(connection, on_step, NULL, 2, (const char *[]){"SELECT", redis->place.database}, NULL);
    redisAsyncCommand(connection, on_loaded, NULL, "SCRIPT LOAD %s", redis->config.script);
}

/* The connection ended: the server closed it, it broke, or redis_lose closed it. */
static void on_lost(const redisAsyncContext *c, int status)
{
    (void)status;
    struct redis *redis = c->data;
    if (redis->connection != c)
        return;
    redis->connection = NULL;
    redis_lose(redis, c->errstr && *c->errstr ? c->errstr : "connection closed");
}

static const struct redis_host *redis_host(const struct redis *redis)
{
    return &redis->place.hosts[redis->host];
}

static void redis_connect(struct redis *redis, const char *address)
{
    redisAsyncContext *c = redisAsyncConnect(address, redis_host(redis)->port);
    if (!c || c->err) {
        redis_lose(redis, c ? c->errstr : "out of memory");
        if (c)
            redisAsyncFree(c);
        return;
    }
    redis->connection = c;
    watch_connection(redis);
    const char *wrong = redis->tls ? redis_tls_begin(redis->tls, c, redis_host(redis)->name) : NULL;
    if (wrong) {
        redis_lose(redis, wrong);
        return;
    }
    redisAsyncSetConnectCallback(c, on_connected);
    redisAsyncSetDisconnectCallback(c, on_lost);
    timer_set(redis->attempt, CONNECT_MS);
}

static void redis_on_looked_up(void *ctx, int ready)
{
    (void)ready;
    struct redis *redis = ctx;
    const char *why, *addresses = lookup_addresses(redis->lookup, &why);
    if (!addresses) {
        redis_lose(redis, why);
        return;
    }
    char first[INET6_ADDRSTRLEN];
    snprintf(first, sizeof first, "%.*s", (int)strcspn(addresses, ","), addresses);
    redis_end_lookup(redis);
    redis_connect(redis, first);
}

static void redis_look_up(struct redis *redis)
{
    redis->lookup = lookup_start(redis_host(redis)->name);
    redis->lookup_watch = fd_watch_new(redis->loop, lookup_fd(redis->lookup), redis_on_looked_up, redis);
    fd_watch_set(redis->lookup_watch, WATCH_READ);
    timer_set(redis->attempt, CONNECT_MS);
}

static void redis_attempt(void *ctx)
{
    struct redis *redis = ctx;
    const char *name = redis_host(redis)->name;
    unsigned char bytes[16];
    if (redis->connection || redis->lookup)
        redis_lose(redis, redis->lookup ? "the host name's lookup timed out" : "connecting timed out");
    else if (inet_pton(AF_INET, name, bytes) == 1 || inet_pton(AF_INET6, name, bytes) == 1)
        redis_connect(redis, name);
    else
        redis_look_up(redis);
}

static void redis_free(struct redis *redis)
{
    redis_place_clear(&redis->place);
    redis_tls_free(redis->tls);
    free(redis);
}

/* ---- start and end ---- */

struct redis *redis_open(struct loop *loop, const struct redis_config *config, struct err *err)
{
    struct redis *redis = must_calloc(1, sizeof *redis);
    redis->loop = loop;
    redis->config = *config;
    redis->config.url = NULL; /* read here; not kept */
    TAILQ_INIT(&redis->calls);
    if (!redis_place_read(&redis->place, config->url)) {
        fail(err, "REDIS_URL %s", redis_place_form);
        redis_free(redis);
        return NULL;
    }
    if (redis->place.is_tls && !(redis->tls = redis_tls_new(config->ca_bundle, err))) {
        redis_free(redis);
        return NULL;
    }
    redis->attempt = timer_new(loop, redis_attempt, redis);
    redis->patience = timer_new(loop, lose_patience, redis);
    timer_set(redis->attempt, 0);
    return redis;
}

void redis_close(struct redis *redis)
{
    if (!redis)
        return;
    struct redis_call *call;
    redisAsyncContext *connection = redis_let_go(redis);
    redis->closing = true;
    redis->up = false;
    TAILQ_FOREACH (call, &redis->calls, link)
        call->done = NULL;
    if (connection)
        redisAsyncFree(connection);
    redis_end_lookup(redis);
    timer_free(redis->attempt);
    timer_free(redis->patience);
    redis_free(redis);
}
