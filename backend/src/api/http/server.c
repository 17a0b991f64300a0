#include "api/http/server.h"

#include <stdlib.h>

#include "api/cards/store.h"
#include "api/cards/tags.h"
#include "api/events/activity.h"
#include "api/events/batches.h"
#include "api/feed/shared.h"
#include "api/guard/blocks.h"
#include "api/guard/limits.h"
#include "api/guard/revocations.h"
#include "api/http/answer_cache.h"
#include "api/http/caching.h"
#include "api/http/client.h"
#include "api/http/cors.h"
#include "api/http/descriptors.h"
#include "api/http/http_metrics.h"
#include "api/http/pipeline.h"
#include "api/live/desk.h"
#include "api/openapi/openapi.h"
#include "api/site/discover.h"
#include "api/site/sitemap.h"
#include "base/clock.h"
#include "config/listen.h"
#include "llm/llm.h"
#include "service/budget_keeper.h"
#include "service/database.h"
#include "service/journal.h"
#include "service/lever_watch.h"
#include "service/live_tell.h"
#include "service/queue_gauges.h"
#include "service/readiness.h"
#include "service/server_gauges.h"
#include "service/state_watch.h"
#include "sys/http/http.h"
#include "sys/log.h"
#include "sys/passwords.h"

enum {
    STATEMENTS_MAX = 4096, /* waiting or under way in one thread */
    /* waiting in each of three lanes: all together are some seconds' work, well within a request's
     * time */
    PASSWORDS_MAX = 64,
    DRAIN_CHECK_MS = 20,
    ANSWER_BYTES_MAX = 8 << 20, /* answers in memory, of all threads */
    /* bodies on their way in and answers on their way out, of all threads: 1,024 of the largest
     * bodies */
    CALL_BYTES_MAX = 64 << 20,
    DRAIN_MAX_MS = 20000,
    DOORS_MAX = HTTP_PLACES_MAX + 1,
};

struct server;

struct unit { /* a thread's part */
    struct server *server;
    struct api api;
    struct door doors[DOORS_MAX];
    struct http_server *https[DOORS_MAX]; /* one for each door; NULL: not started */
    struct thread *thread;                /* NULL: the main one */
    struct timer *drain_timer;
    uint64_t drain_until;
    int llm_share, door_count, fds[DOORS_MAX];
    bool draining;
};

struct server {
    const struct config *config;
    struct readiness_needs needs;
    int unit_count;
    struct descriptor_shares shares;
    struct http_places places, apart; /* for clients; for operators, where that is apart */
    struct timer *notice;
    struct budget_keeper *budget; /* on the first unit's loop */
    struct journal *journal;      /* likewise */
    bool draining;
    struct unit units[];
};

void server_metrics(void)
{
    http_metrics();
    caching_metrics();
    limits_metrics();
    blocks_metrics();
    card_store_metrics();
    events_metrics();
    live_hub_metrics();
    live_desk_metrics();
}

/* ---- a unit's life ---- */

/* Of each place of a thread; room for a few of the largest bodies in any case. */
static size_t memory_limit(const struct server *server)
{
    enum { LEAST_BODIES = 4 };
    return MAX((size_t)CALL_BYTES_MAX / (size_t)(server->unit_count * MAX(server->places.count, 1)),
               LEAST_BODIES * (size_t)server->config->request_body_max);
}

static bool is_proxy(void *ctx, const char *peer)
{
    (void)ctx;
    return client_is_proxy(peer);
}

static struct http_server *start_http(struct unit *unit, int door)
{
    const struct config *config = unit->server->config;
    bool is_apart = unit->doors[door].served == SERVES_OPERATORS;
    const struct http_config http = {
        .listen_fd = unit->fds[door],
        .connection_limit = is_apart ? OPERATORS_MAX : unit->server->shares.connection_limit,
        .connections_per_address = is_apart ? 0 : unit->server->shares.connections_per_address,
        .is_exempt = is_proxy,
        .memory_limit = memory_limit(unit->server),
        .request_timeout_ms = (uint64_t)config->request_timeout,
        .read_timeout_ms = (uint64_t)config->read_timeout,
        .write_timeout_ms = (uint64_t)config->write_timeout,
        .idle_timeout_ms = (uint64_t)config->idle_timeout,
        .admit = pipeline_admit,
        .body_limit = pipeline_body_limit,
        .on_headers = pipeline_headers,
        .on_request = pipeline_request,
        .on_deadline = pipeline_deadline,
        .on_end = pipeline_end,
        .ctx = &unit->doors[door]};
    return http_start(unit->api.loop, &http);
}

static void start_all_http(struct unit *unit)
{
    for (int i = 0; i < unit->door_count; i++)
        unit->https[i] = start_http(unit, i);
}

static bool unit_open(struct unit *unit, struct err *err)
{
    const struct server *server = unit->server;
    const struct config *config = server->config;
    struct api *api = &unit->api;
    api->config = config;
    api->loop = loop_new();
    api->answers = answer_cache_new(ANSWER_BYTES_MAX / (size_t)server->unit_count);
    api->blocks = blocks_view_open();
    api->cards = card_desk_open(api->loop);
    api->card_tags = card_tags_new();
    api->db = db_open(api->loop, &server->needs.database);
    api->events = events_open(api->loop, api->db);
    api->feed = feed_keeper_open(api->db);
    api->activity = activity_open(api->loop, api->db);
    api->live = live_desk_open(api);
    api->pages = page_desk_open(api->db, config);
    api->tell = live_tell_open(api->loop, api->db);
    api->limits = limits_open(api->loop, config, err);
    api->llm = api->limits ? llm_open(api->loop, config, unit->llm_share, err) : NULL;
    if (!api->llm)
        return false;
    start_all_http(unit);
    loop_each_turn(api->loop, TURN_ANSWER, pipeline_wake_worker, api);
    return true;
}

/* Also closes a unit that was opened only in part. */
static void unit_close(struct unit *unit)
{
    for (int i = 0; i < unit->door_count; i++)
        if (unit->https[i])
            http_stop(unit->https[i]);
    answer_cache_free(unit->api.answers);
    blocks_view_close(unit->api.blocks);
    card_desk_close(unit->api.cards);
    card_tags_free(unit->api.card_tags);
    limits_close(unit->api.limits);
    if (unit->api.llm)
        llm_close(unit->api.llm);
    feed_keeper_close(unit->api.feed);
    page_desk_close(unit->api.pages);
    activity_close(unit->api.activity);
    live_desk_close(unit->api.live);
    live_tell_close(unit->api.tell);
    events_close(unit->api.events);
    db_close(unit->api.db);
    timer_free(unit->drain_timer);
    loop_free(unit->api.loop);
    arena_drain_spares();
}

/* Tokens go back when the unit's own calls have ended, and the journal has that it stops. */
static bool left_nothing_behind(struct unit *unit)
{
    return unit != unit->server->units ||
           (budget_keeper_gave_back(unit->server->budget) && journal_finish(unit->server->journal));
}

static void check_drained(void *ctx)
{
    struct unit *unit = ctx;
    int connections = 0;
    for (int i = 0; i < unit->door_count; i++)
        connections += http_connections(unit->https[i]);
    bool is_idle = connections == 0 && events_are_written(unit->api.events);
    bool is_done = is_idle && left_nothing_behind(unit);
    if (is_done || loop_now(unit->api.loop) >= unit->drain_until)
        loop_stop(unit->api.loop);
    else
        timer_set(unit->drain_timer, DRAIN_CHECK_MS);
}

static void unit_drain(void *ctx)
{
    struct unit *unit = ctx;
    if (unit->draining)
        return;
    unit->draining = true;
    live_desk_drain(unit->api.live);
    for (int i = 0; i < unit->door_count; i++)
        http_drain(unit->https[i]);
    unit->drain_timer = timer_new(unit->api.loop, check_drained, unit);
    unit->drain_until = loop_now(unit->api.loop) + DRAIN_MAX_MS * NS_PER_MS;
    check_drained(unit);
}

static void unit_leave(void *ctx)
{
    struct unit *unit = ctx;
    for (int i = 0; i < unit->door_count; i++)
        http_leave(unit->https[i]);
}

static void unit_main(void *ctx)
{
    struct unit *unit = ctx;
    loop_run(unit->api.loop);
    arena_drain_spares();
}

/* ---- the process ---- */

static void drain_all(void *ctx)
{
    struct server *server = ctx;
    server->draining = true;
    for (int i = 0; i < server->unit_count; i++)
        loop_post(server->units[i].api.loop, unit_drain, &server->units[i]);
}

static void on_stop_signal(void *ctx)
{
    struct server *server = ctx;
    if (server->draining)
        return;
    if (timer_is_set(server->notice)) { /* the second signal stops at once */
        timer_stop(server->notice);
        drain_all(server);
        return;
    }
    log_info("api_stopping");
    journal_note(JOURNAL_PROCESS, "stopping, as it was told");
    readiness_shut_down();
    for (int i = 0; i < server->unit_count; i++)
        loop_post(server->units[i].api.loop, unit_leave, &server->units[i]);
    timer_set(server->notice, (uint64_t)server->config->stop_delay);
}

static int server_fail_start(struct server *server, const char *step, const struct err *err)
{
    log_error("startup_failed", log_str("step", step), log_str("error", err->text));
    for (int i = 0; i < server->unit_count; i++)
        if (server->units[i].api.loop)
            unit_close(&server->units[i]);
    card_store_stop();
    password_stop();
    free(server);
    return 1;
}

static bool open_door(struct unit *unit, const struct http_place *place, enum served served, struct err *err)
{
    int i = unit->door_count++;
    unit->doors[i] = (struct door){.api = &unit->api, .served = served};
    return http_listen(place, &unit->fds[i], err);
}

/* Operators' requests are few: the first thread has them all. */
static bool listen_all(struct server *server, struct err *err)
{
    enum served served = server->apart.count ? SERVES_CLIENTS : SERVES_ALL;
    if (!http_places_are_free(&server->apart, err))
        return false;
    for (int i = 0; i < server->unit_count; i++)
        for (int place = 0; place < server->places.count; place++)
            if (!open_door(&server->units[i], &server->places.list[place], served, err))
                return false;
    return server->apart.count == 0 || open_door(&server->units[0], &server->apart.list[0], SERVES_OPERATORS, err);
}

static bool open_all(struct server *server, struct err *err)
{
    int limit = (int)server->config->llm_max_concurrency;
    for (int i = 0; i < server->unit_count; i++) {
        struct unit *unit = &server->units[i];
        unit->server = server;
        unit->llm_share = MAX(limit / server->unit_count + (i < limit % server->unit_count), 1);
        if (!unit_open(unit, err))
            return false;
    }
    return true;
}

/* Streams leave a quarter of the connections to what is answered at once. */
static struct live_hub *open_hub(struct server *server)
{
    const struct api *first = &server->units[0].api;
    int64_t connections = (int64_t)server->shares.connection_limit * server->unit_count * server->places.count;
    int64_t most = MIN(server->config->stream_max, connections / 4 * 3);
    struct live_hub *hub = live_hub_open(first->loop, first->db, server->config, most);
    for (int i = 0; i < server->unit_count; i++) {
        live_hub_add_desk(hub, live_desk_inbox(server->units[i].api.live));
        live_desk_set_hub(server->units[i].api.live, hub);
    }
    return hub;
}

static void stop_hub(struct server *server, struct live_hub *hub)
{
    live_hub_stop(hub);
    for (int i = 0; i < server->unit_count; i++)
        live_desk_set_hub(server->units[i].api.live, NULL);
}

static void say_listening(const struct server *server)
{
    const struct config *config = server->config;
    log_info("api_listening", log_int("port", config->port), log_str("address", config->listen_address),
             log_str("observability", config->observability_listen), log_int("threads", server->unit_count));
}

static void server_serve(struct server *server)
{
    struct unit *first = &server->units[0];
    struct queue_gauges *gauges = queue_gauges_start(first->api.loop, first->api.db);
    struct server_gauges *server_gauges = server_gauges_start(first->api.loop, first->api.db);
    struct state_watch *state = state_watch_start(first->api.loop, first->api.db);
    struct lever_watch *levers = lever_watch_start(first->api.loop, state, server->config, NULL, NULL);
    server->budget = budget_keeper_start(first->api.loop, first->api.db, state, server->config, NULL, NULL);
    struct blocks_watch *blocks = blocks_watch_start(first->api.loop, first->api.db, state);
    struct revocations_watch *revocations = revocations_watch_start(first->api.loop, first->api.db, state);
    struct live_hub *hub = open_hub(server);
    struct readiness *readiness = readiness_start(first->api.loop, first->api.db, &server->needs);
    server->journal =
        journal_start(first->api.loop, first->api.db, "api", server->config->port, readiness_found_schema);
    server->notice = timer_new(first->api.loop, drain_all, server);
    loop_on_stop(first->api.loop, on_stop_signal, server);
    for (int i = 1; i < server->unit_count; i++)
        server->units[i].thread = thread_start(unit_main, &server->units[i]);
    say_listening(server);
    loop_run(first->api.loop);
    for (int i = 1; i < server->unit_count; i++)
        thread_join(server->units[i].thread);
    password_stop(); /* it posts to the loops */
    journal_stop(server->journal);
    readiness_stop(readiness);
    queue_gauges_stop(gauges);
    server_gauges_stop(server_gauges);
    state_watch_stop(state);
    lever_watch_stop(levers);
    blocks_watch_stop(blocks);
    revocations_watch_stop(revocations);
    budget_keeper_stop(server->budget);
    timer_free(server->notice);
    stop_hub(server, hub);
    for (int i = 0; i < server->unit_count; i++)
        unit_close(&server->units[i]);
    live_hub_free(hub);
    log_info("api_stopped");
}

int server_run(const struct config *config, const char *versions, int version_count)
{
    struct err err;
    int threads = (int)config->api_threads;
    struct server *server = must_calloc(1, sizeof *server + (size_t)threads * sizeof server->units[0]);
    server->config = config;
    server->needs = (struct readiness_needs){.database = database_of(config, "personaworlds api", STATEMENTS_MAX),
                                             .versions = versions,
                                             .version_count = version_count,
                                             .rights = RIGHTS_OF_API,
                                             .secret = config->jwt_secret};
    /* A statement ends with its request's time at the latest: the client has its 504 by then. */
    server->needs.database.query_timeout_ms = (uint64_t)MIN(config->db_query_timeout, config->request_timeout);
    server->unit_count = threads;
    if (!cors_start(config, &err) || !client_start(config, &err))
        return server_fail_start(server, "config", &err);
    server->places = listen_api(config);
    server->apart = listen_operators(config);
    if (!http_places_are_free(&server->places, &err))
        return server_fail_start(server, "listen", &err);
    if (!descriptors_share(config, server->places.count, &server->shares, &err))
        return server_fail_start(server, "config", &err);
    if (!listen_all(server, &err))
        return server_fail_start(server, "listen", &err);
    password_start(PASSWORDS_MAX);
    card_store_start();
    openapi_make();
    if (!open_all(server, &err))
        return server_fail_start(server, "config", &err);
    server_serve(server);
    card_store_stop();
    openapi_free();
    kept_page_forget(&discover_page);
    kept_page_forget(&sitemap_page);
    free(server);
    return 0;
}
