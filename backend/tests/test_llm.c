#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>
#undef fail /* base.h has one of its own */

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "llm/llm.h"
#include "sys/log.h"
#include "sys/metrics.h"

/* --- A provider in a thread: one step per request, then the last one again --- */

enum how { SEND, HANG, CLOSE, CUT };

struct step {
    enum how how;
    int status;
    const char *header; /* one line, or NULL */
    const char *body;
    size_t padding; /* blanks after the body */
};

enum { MAX_STEPS = 5, REQUEST_SIZE = 64 * 1024 };

struct server {
    pthread_t thread;
    int listener;
    char url[64];
    struct step steps[MAX_STEPS];
    int step_count;
    _Atomic int requests, connections;
    char last[REQUEST_SIZE]; /* head and body; read it when the call has ended */
};

static bool read_request(int fd, char *text)
{
    size_t len = 0, whole = SIZE_MAX;
    while (len < whole) {
        ssize_t n = recv(fd, text + len, REQUEST_SIZE - 1 - len, 0);
        if (n <= 0)
            return false;
        len += (size_t)n;
        text[len] = '\0';
        const char *end = strstr(text, "\r\n\r\n"), *length = strstr(text, "Content-Length: ");
        if (end && length)
            whole = (size_t)(end + 4 - text) + strtoul(length + strlen("Content-Length: "), NULL, 10);
    }
    return true;
}

static bool send_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        bytes += n;
        len -= (size_t)n;
    }
    return true;
}

/* False: the connection ends. A cut answer promises more than it brings. */
static bool play(int fd, const struct step *step)
{
    char head[512], blanks[4096];
    const char *body = step->body ? step->body : "{}";
    size_t len = strlen(body) + step->padding + (step->how == CUT ? 10 : 0);
    if (step->how == CLOSE)
        return false;
    if (step->how == HANG)
        return recv(fd, head, 1, 0) > 0;
    int n = snprintf(head, sizeof head, "HTTP/1.1 %d Scripted\r\nContent-Length: %zu\r\n%s%s\r\n", step->status, len, step->header ? step->header : "",
                     step->header ? "\r\n" : "");
    memset(blanks, ' ', sizeof blanks);
    bool open = send_all(fd, head, (size_t)n) && send_all(fd, body, strlen(body));
    for (size_t left = step->padding; open && left > 0; left -= MIN(left, sizeof blanks))
        open = send_all(fd, blanks, MIN(left, sizeof blanks));
    return open && step->how == SEND;
}

static void *serve(void *ctx)
{
    struct server *server = ctx;
    for (int fd; (fd = accept(server->listener, NULL, NULL)) >= 0; close(fd)) {
        server->connections++;
        while (read_request(fd, server->last)) {
            int number = server->requests++;
            if (!play(fd, &server->steps[MIN(number, server->step_count - 1)]))
                break;
        }
    }
    return NULL;
}

static struct server *server_start(const struct step *steps, int count)
{
    struct server *server = must_calloc(1, sizeof *server);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    server->step_count = count;
    memcpy(server->steps, steps, (size_t)count * sizeof *steps);
    server->listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(server->listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(server->listener, 16), 0);
    assert_int_equal(getsockname(server->listener, (struct sockaddr *)&address, &size), 0);
    snprintf(server->url, sizeof server->url, "http://127.0.0.1:%d", ntohs(address.sin_port));
    assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
    return server;
}

/* The client must have closed its connections, else the thread waits for them. */
static void server_stop(struct server *server)
{
    shutdown(server->listener, SHUT_RDWR);
    pthread_join(server->thread, NULL);
    close(server->listener);
    free(server);
}

/* --- A loop with a provider, and what its calls came to --- */

enum { MAX_CALLS = 8, GUARD_MS = 20000 };

struct outcome {
    struct world *world;
    int number;
    bool ended;
    enum llm_status status;
    char text[512], error[128];
    uint64_t retry_after_ms, took_ms;
};

struct world {
    struct loop *loop;
    struct timer *guard;
    struct llm *llm;
    uint64_t begun;
    struct outcome outcomes[MAX_CALLS];
    int calls, ended, wanted;
    int order[MAX_CALLS];
};

static const struct config mock_config = {.llm_provider = PROVIDER_MOCK, .openai_timeout = 20000};
static const struct llm_about about = {.request_id = "req-1", .job_id = 42};
static struct brief brief = {
    .operation = LLM_POST_DRAFT,
    .variant = 1,
    .max_chars = 500,
    .persona = {.name = "Ayla", .bio = "Builds \"small\" things", .tone = "warm", .language = LANGUAGE_EN, .formality = 1},
    .room_name = "Garden",
    .room_description = "",
    .post = {"", ""},
    .date = "",
};

static struct config openai_config(const char *url)
{
    return (struct config){.llm_provider = PROVIDER_OPENAI, .openai_base_url = url, .openai_api_key = "key-123", .openai_model = "test-model",
                           .openai_timeout = 20000, .openai_max_retries = 2, .openai_retry_base = 60};
}

static void guard_fired(void *ctx)
{
    (void)ctx;
    print_error("the loop hangs\n");
    abort();
}

static struct world *world_new(const struct config *config, int limit)
{
    struct world *world = must_calloc(1, sizeof *world);
    struct err err;
    world->loop = loop_new();
    world->guard = timer_new(world->loop, guard_fired, NULL);
    timer_set(world->guard, GUARD_MS);
    world->llm = llm_open(world->loop, config, limit, &err);
    assert_non_null(world->llm);
    world->begun = clock_ns();
    return world;
}

static void world_free(struct world *world)
{
    llm_close(world->llm);
    timer_free(world->guard);
    loop_free(world->loop);
    arena_drain_spares();
    free(world);
}

static void on_done(void *ctx, const struct llm_result *result)
{
    struct outcome *outcome = ctx;
    struct world *world = outcome->world;
    assert_false(outcome->ended);
    outcome->ended = true;
    outcome->status = result->status;
    outcome->retry_after_ms = result->retry_after_ms;
    outcome->took_ms = (clock_ns() - world->begun) / NS_PER_MS;
    snprintf(outcome->text, sizeof outcome->text, "%s", result->text ? result->text : "");
    snprintf(outcome->error, sizeof outcome->error, "%s", result->error ? result->error : "");
    world->order[world->ended++] = outcome->number;
    if (world->ended == world->wanted)
        loop_stop(world->loop);
}

static struct llm_call *generate(struct world *world, uint64_t within_ms)
{
    struct outcome *outcome = &world->outcomes[world->calls];
    *outcome = (struct outcome){.world = world, .number = world->calls++};
    return llm_generate(world->llm, &brief, &about, loop_now(world->loop) + within_ms * NS_PER_MS, on_done, outcome);
}

static void wait_for(struct world *world, int ended)
{
    world->wanted = ended;
    if (world->ended < ended)
        loop_run(world->loop);
}

static void stop_loop(void *ctx)
{
    loop_stop(ctx);
}

static void run_for(struct world *world, uint64_t ms)
{
    struct timer *timer = timer_new(world->loop, stop_loop, world->loop);
    timer_set(timer, ms);
    loop_run(world->loop);
    timer_free(timer);
}

static bool page_has(const char *line)
{
    struct arena *arena = arena_new();
    struct buf page = buf_new(arena);
    metrics_write(&page);
    bool found = strstr(page.text, line) != NULL;
    arena_free(arena);
    return found;
}

static int64_t series(const char *name)
{
    struct arena *arena = arena_new();
    struct buf page = buf_new(arena);
    metrics_write(&page);
    const char *line = strstr(page.text, name);
    assert_non_null(line);
    int64_t value = strtoll(line + strlen(name), NULL, 10);
    arena_free(arena);
    return value;
}

/* --- Mock --- */

static void test_mock_writes_after_its_latency(void **state)
{
    (void)state;
    struct config config = mock_config;
    config.mock_latency = 60;
    struct world *world = world_new(&config, 4);
    generate(world, 1000);
    assert_int_equal(world->ended, 0);
    wait_for(world, 1);
    assert_int_equal(world->outcomes[0].status, LLM_OK);
    assert_non_null(strstr(world->outcomes[0].text, "Ayla"));
    assert_in_range(world->outcomes[0].took_ms, 59, 900);
    world_free(world);
}

static void test_mock_fails_as_told(void **state)
{
    (void)state;
    static const struct {
        enum mock_failure failure;
        double rate;
        enum llm_status status;
        const char *error;
    } rows[] = {
        {MOCK_TIMEOUT, 0, LLM_LATE, "provider did not answer in time"},
        {MOCK_STATUS_429, 0, LLM_FAILED, "provider answered 429"},
        {MOCK_STATUS_500, 1, LLM_FAILED, "provider answered 500"},
        {MOCK_BAD_JSON, 0, LLM_FAILED, "provider's answer could not be read"},
        {MOCK_EMPTY, 0, LLM_FAILED, "provider gave no text"},
        {MOCK_REFUSED, 1, LLM_REFUSED, "provider answered 400"},
        {MOCK_OK, 1, LLM_FAILED, "provider answered 500"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct config config = mock_config;
        config.mock_failure = rows[i].failure;
        config.mock_failure_rate = rows[i].rate;
        config.openai_max_retries = 5;
        struct world *world = world_new(&config, 4);
        generate(world, 80);
        wait_for(world, 1);
        assert_int_equal(world->outcomes[0].status, rows[i].status);
        assert_string_equal(world->outcomes[0].error, rows[i].error);
        if (rows[i].status == LLM_LATE)
            assert_in_range(world->outcomes[0].took_ms, 79, 900);
        world_free(world);
    }
}

static void test_mock_fails_by_share(void **state)
{
    (void)state;
    struct config config = mock_config;
    config.mock_failure = MOCK_EMPTY;
    config.mock_failure_rate = 0.5;
    struct world *world = world_new(&config, 4);
    int failed = 0, ended = 0;
    for (int round = 0; round < 50; round++) {
        world->calls = world->ended = 0;
        for (int i = 0; i < 4; i++)
            generate(world, 1000);
        wait_for(world, 4);
        for (int i = 0; i < 4; i++, ended++)
            failed += world->outcomes[i].status == LLM_FAILED;
    }
    assert_int_equal(ended, 200);
    assert_in_range(failed, 60, 140); /* 5.6 standard deviations */
    world_free(world);
}

static void test_latency_beyond_the_deadline_is_late(void **state)
{
    (void)state;
    struct config config = mock_config;
    config.mock_latency = 5000;
    struct world *world = world_new(&config, 4);
    generate(world, 50);
    wait_for(world, 1);
    assert_int_equal(world->outcomes[0].status, LLM_LATE);
    assert_in_range(world->outcomes[0].took_ms, 49, 900);
    world_free(world);
}

/* --- Slots and the queue --- */

static void test_calls_wait_in_order(void **state)
{
    (void)state;
    struct config config = mock_config;
    config.mock_latency = 20;
    struct world *world = world_new(&config, 2);
    for (int i = 0; i < 5; i++)
        generate(world, 5000);
    assert_true(page_has("llm_in_flight{provider=\"mock\"} 2\n"));
    wait_for(world, 5);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(world->order[i], i);
        assert_int_equal(world->outcomes[i].status, LLM_OK);
    }
    assert_in_range(world->outcomes[4].took_ms, 58, 2000); /* three rounds of two */
    assert_true(page_has("llm_in_flight{provider=\"mock\"} 0\n"));
    world_free(world);
}

static void test_a_waiting_call_gives_up_at_its_deadline(void **state)
{
    (void)state;
    struct config config = mock_config;
    config.mock_latency = 150;
    struct world *world = world_new(&config, 1);
    generate(world, 5000);
    generate(world, 40);
    generate(world, 5000);
    wait_for(world, 3);
    assert_int_equal(world->order[0], 1);
    assert_int_equal(world->outcomes[1].status, LLM_LATE);
    assert_string_equal(world->outcomes[1].error, "provider is busy with earlier calls");
    assert_int_equal(world->outcomes[0].status, LLM_OK);
    assert_int_equal(world->outcomes[2].status, LLM_OK);
    world_free(world);
}

static void test_dropped_calls_give_their_slot_away_and_stay_silent(void **state)
{
    (void)state;
    struct config config = mock_config;
    config.mock_latency = 50;
    struct world *world = world_new(&config, 1);
    struct llm_call *running = generate(world, 5000), *waiting = generate(world, 5000);
    generate(world, 5000);
    llm_drop(waiting);
    llm_drop(running);
    assert_true(page_has("llm_in_flight{provider=\"mock\"} 1\n"));
    wait_for(world, 1);
    assert_int_equal(world->order[0], 2);
    run_for(world, 100);
    assert_int_equal(world->ended, 1);
    world_free(world);
}

static void test_a_full_queue_refuses_in_the_next_turn(void **state)
{
    (void)state;
    enum { LIMIT = 2, QUEUE = 4096 };
    struct config config = mock_config;
    config.mock_failure = MOCK_TIMEOUT;
    struct world *world = world_new(&config, LIMIT);
    struct outcome filler = {.world = world};
    int64_t rejected = series("llm_requests_total{operation=\"post_draft\",provider=\"mock\",status=\"rejected\"} ");
    for (int i = 0; i < LIMIT + QUEUE; i++)
        llm_generate(world->llm, &brief, &about, loop_now(world->loop) + 60 * NS_PER_S, on_done, &filler);
    generate(world, 5000);
    assert_int_equal(world->ended, 0);
    wait_for(world, 1);
    assert_int_equal(world->outcomes[0].status, LLM_BUSY);
    assert_int_equal(world->outcomes[0].retry_after_ms, 1000);
    assert_string_equal(world->outcomes[0].error, "too many calls wait for the provider");
    assert_int_equal(series("llm_requests_total{operation=\"post_draft\",provider=\"mock\",status=\"rejected\"} "), rejected + 1);
    assert_false(filler.ended);
    world_free(world);
    assert_true(page_has("llm_in_flight{provider=\"mock\"} 0\n"));
}

/* A callback may start the next call, and drop another. */
struct chain {
    struct world *world;
    struct llm_call *victim;
};

static void on_chain(void *ctx, const struct llm_result *result)
{
    struct chain *chain = ctx;
    assert_int_equal(result->status, LLM_OK);
    llm_drop(chain->victim);
    generate(chain->world, 1000);
}

static void test_callbacks_may_start_and_drop_calls(void **state)
{
    (void)state;
    struct world *world = world_new(&mock_config, 1);
    struct chain chain = {.world = world};
    llm_generate(world->llm, &brief, &about, loop_now(world->loop) + NS_PER_S, on_chain, &chain);
    chain.victim = generate(world, 1000);
    wait_for(world, 1);
    assert_int_equal(world->order[0], 1);
    assert_false(world->outcomes[0].ended);
    world_free(world);
}

/* --- OpenAI-compatible server --- */

#define SAYS(content) "{\"choices\":[{\"message\":{\"role\":\"assistant\",\"content\":\"" content "\"}}],\"usage\":{\"prompt_tokens\":100,\"completion_tokens\":7}}"
#define GOOD {.status = 200, .body = SAYS(" A fine text.\\n")}
#define TOO_LONG {.status = 200, .body = SAYS("Padded"), .padding = 1100 * 1024}

static const struct scene {
    const char *name;
    struct step steps[MAX_STEPS];
    int attempts;
    enum llm_status status;
    const char *error; /* or, where it went well, the text */
    uint64_t retry_after_ms, least_ms;
} scenes[] = {
    {"good", {GOOD}, 1, LLM_OK, "A fine text.", 0, 0},
    {"500, then good", {{.status = 500}, GOOD}, 2, LLM_OK, "A fine text.", 0, 50},
    {"503 twice, then good", {{.status = 503}, {.status = 503}, GOOD}, 3, LLM_OK, "A fine text.", 0, 140},
    {"408, then good", {{.status = 408}, GOOD}, 2, LLM_OK, "A fine text.", 0, 50},
    {"500 for ever", {{.status = 500}}, 3, LLM_FAILED, "provider answered 500", 0, 140},
    {"broken JSON, then good", {{.status = 200, .body = "{\"choices\":[{\"mess"}, GOOD}, 2, LLM_OK, "A fine text.", 0, 50},
    {"no object", {{.status = 200, .body = "[]"}}, 3, LLM_FAILED, "provider's answer could not be read", 0, 0},
    {"choices of the wrong kind, then good", {{.status = 200, .body = "{\"choices\":[17]}"}, GOOD}, 2, LLM_OK, "A fine text.", 0, 50},
    {"no choices, then good", {{.status = 200, .body = "{\"choices\":[]}"}, GOOD}, 2, LLM_OK, "A fine text.", 0, 50},
    {"blank", {{.status = 200, .body = SAYS(" \\n ")}}, 3, LLM_FAILED, "provider gave no text", 0, 140},
    {"null text, then good", {{.status = 200, .body = "{\"choices\":[{\"message\":{\"content\":null}}]}"}, GOOD}, 2, LLM_OK, "A fine text.", 0, 50},
    {"429, at once", {{.status = 429, .header = "Retry-After: 0"}, GOOD}, 2, LLM_OK, "A fine text.", 0, 49},
    {"429, in a second", {{.status = 429, .header = "Retry-After: 1"}, GOOD}, 2, LLM_OK, "A fine text.", 0, 999},
    {"429, a past date", {{.status = 429, .header = "Retry-After: Fri, 31 Dec 1999 23:59:59 GMT"}, GOOD}, 2, LLM_OK, "A fine text.", 0, 49},
    {"429, milliseconds first", {{.status = 429, .header = "Retry-After: 60\r\nretry-after-ms: 120"}, GOOD}, 2, LLM_OK, "A fine text.", 0, 119},
    {"429, rubbish", {{.status = 429, .header = "Retry-After: soon"}, GOOD}, 2, LLM_OK, "A fine text.", 0, 50},
    {"429, too late", {{.status = 429, .header = "Retry-After: 60"}, GOOD}, 1, LLM_BUSY, "provider answered 429", 60000, 0},
    {"429, in a month", {{.status = 429, .header = "Retry-After: 2592000"}, GOOD}, 1, LLM_BUSY, "provider answered 429", 86400000, 0},
    {"429 for ever", {{.status = 429, .header = "retry-after-ms: 70"}}, 3, LLM_FAILED, "provider answered 429", 70, 139},
    {"400", {{.status = 400}, GOOD}, 1, LLM_REFUSED, "provider answered 400", 0, 0},
    {"413", {{.status = 413}, GOOD}, 1, LLM_REFUSED, "provider answered 413", 0, 0},
    {"422", {{.status = 422}, GOOD}, 1, LLM_REFUSED, "provider answered 422", 0, 0},
    {"401", {{.status = 401}, GOOD}, 1, LLM_SETUP, "provider answered 401", 0, 0},
    {"404", {{.status = 404}, GOOD}, 1, LLM_SETUP, "provider answered 404", 0, 0},
    {"a redirect", {{.status = 307, .header = "Location: /v1/chat/completions"}, GOOD}, 1, LLM_SETUP, "provider answered 307", 0, 0},
    {"hangs", {{.how = HANG}}, 1, LLM_LATE, "provider did not answer in time", 0, 1490},
    {"too long, then good", {TOO_LONG, GOOD}, 2, LLM_OK, "A fine text.", 0, 50},
    {"too long for ever", {TOO_LONG}, 3, LLM_FAILED, "provider's answer could not be read", 0, 140},
    {"cut off, then good", {{.how = CUT, .status = 200, .body = SAYS("Half")}, GOOD}, 2, LLM_OK, "A fine text.", 0, 50},
    {"cut off for ever", {{.how = CUT, .status = 200, .body = SAYS("Half")}}, 3, LLM_FAILED, "provider's answer could not be read", 0, 140},
    {"closes, then good", {{.how = CLOSE}, GOOD}, 2, LLM_OK, "A fine text.", 0, 50},
    {"closes for ever", {{.how = CLOSE}}, 3, LLM_FAILED, "provider could not be reached", 0, 140},
};

static int steps_of(const struct scene *scene)
{
    int count = 1;
    while (count < MAX_STEPS && (scene->steps[count].how || scene->steps[count].status))
        count++;
    return count;
}

static void check_scene(const struct scene *scene)
{
    enum { DEADLINE_MS = 1500 };
    print_message("    %s\n", scene->name);
    struct server *server = server_start(scene->steps, steps_of(scene));
    struct config config = openai_config(server->url);
    struct world *world = world_new(&config, 4);
    generate(world, DEADLINE_MS);
    assert_int_equal(world->ended, 0);
    wait_for(world, 1);
    const struct outcome *outcome = &world->outcomes[0];
    assert_string_equal(outcome->status == LLM_OK ? outcome->text : outcome->error, scene->error);
    assert_int_equal(outcome->status, scene->status);
    assert_int_equal(server->requests, scene->attempts);
    assert_int_equal(outcome->retry_after_ms, scene->retry_after_ms);
    assert_in_range(outcome->took_ms, scene->least_ms, DEADLINE_MS + 500);
    world_free(world);
    server_stop(server);
}

static void test_scenes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(scenes); i++)
        check_scene(&scenes[i]);
}

static void test_the_timeout_of_the_setting_ends_a_call(void **state)
{
    (void)state;
    struct server *server = server_start(&(struct step){.how = HANG}, 1);
    struct config config = openai_config(server->url);
    config.openai_timeout = 100;
    struct world *world = world_new(&config, 4);
    generate(world, 10000);
    wait_for(world, 1);
    assert_int_equal(world->outcomes[0].status, LLM_LATE);
    assert_in_range(world->outcomes[0].took_ms, 99, 2000);
    assert_int_equal(server->requests, 1);
    world_free(world);
    server_stop(server);
}

static void test_nobody_listens(void **state)
{
    (void)state;
    struct server *server = server_start(&(struct step)GOOD, 1);
    struct config config = openai_config(server->url);
    char url[64];
    snprintf(url, sizeof url, "%s", server->url);
    config.openai_base_url = url;
    server_stop(server);
    struct world *world = world_new(&config, 4);
    generate(world, 2000);
    wait_for(world, 1);
    assert_int_equal(world->outcomes[0].status, LLM_FAILED);
    assert_string_equal(world->outcomes[0].error, "provider could not be reached");
    assert_in_range(world->outcomes[0].took_ms, 140, 2500); /* two pauses */
    world_free(world);
}

static void test_the_request(void **state)
{
    (void)state;
    static const char *const tails[] = {"", "/", "/v1", "/v1/", "//"};
    for (size_t i = 0; i < COUNT(tails); i++) {
        struct server *server = server_start(&(struct step)GOOD, 1);
        char url[96];
        snprintf(url, sizeof url, "%s%s", server->url, tails[i]);
        struct config config = openai_config(url);
        config.openai_api_key = i == 0 ? "" : "key-123";
        struct world *world = world_new(&config, 4);
        generate(world, 2000);
        wait_for(world, 1);
        assert_int_equal(world->outcomes[0].status, LLM_OK);
        assert_ptr_equal(strstr(server->last, "POST /v1/chat/completions HTTP/1.1\r\n"), server->last);
        assert_non_null(strstr(server->last, "\r\nContent-Type: application/json\r\n"));
        assert_int_equal(strstr(server->last, "\r\nAuthorization: Bearer key-123\r\n") != NULL, i > 0);
        assert_int_equal(strstr(server->last, "Authorization") != NULL, i > 0);
        assert_non_null(strstr(server->last, "{\"model\":\"test-model\",\"messages\":[{\"role\":\"system\",\"content\":\""));
        assert_non_null(strstr(server->last, "Builds \\\"small\\\" things"));
        assert_non_null(strstr(server->last, "\"max_tokens\":500,\"temperature\":0.9}"));
        world_free(world);
        server_stop(server);
    }
}

static void test_a_long_text_is_cut_at_a_sentence(void **state)
{
    (void)state;
    struct server *server = server_start(&(struct step){.status = 200, .body = SAYS("Önce küçük bir adım. Sonra çok daha uzun olan ikinci cümle.")}, 1);
    struct config config = openai_config(server->url);
    struct world *world = world_new(&config, 4);
    brief.max_chars = 40;
    generate(world, 2000);
    wait_for(world, 1);
    brief.max_chars = 500;
    assert_string_equal(world->outcomes[0].text, "Önce küçük bir adım.");
    world_free(world);
    server_stop(server);
}

static void test_connections_are_reused(void **state)
{
    (void)state;
    struct server *server = server_start(&(struct step)GOOD, 1);
    struct config config = openai_config(server->url);
    struct world *world = world_new(&config, 1);
    for (int i = 1; i <= 4; i++) {
        generate(world, 2000);
        wait_for(world, i);
    }
    assert_int_equal(server->requests, 4);
    assert_int_equal(server->connections, 1);
    world_free(world);
    server_stop(server);
}

static void test_a_connection_that_was_late_is_not_used_again(void **state)
{
    (void)state;
    struct server *server = server_start((struct step[]){GOOD, {.how = HANG}, GOOD}, 3);
    struct config config = openai_config(server->url);
    struct world *world = world_new(&config, 1);
    for (int i = 1; i <= 3; i++) {
        generate(world, i == 2 ? 100 : 2000);
        wait_for(world, i);
        assert_int_equal(world->outcomes[i - 1].status, i == 2 ? LLM_LATE : LLM_OK);
    }
    assert_int_equal(server->requests, 3);
    assert_int_equal(server->connections, 2);
    world_free(world);
    server_stop(server);
}

static void test_dropped_and_left_calls_close_their_connections(void **state)
{
    (void)state;
    struct server *server = server_start(&(struct step){.how = HANG}, 1);
    struct config config = openai_config(server->url);
    struct world *world = world_new(&config, 2);
    struct llm_call *call = generate(world, 10000);
    while (server->requests < 1)
        run_for(world, 5);
    llm_drop(call);
    generate(world, 10000);
    while (server->requests < 2)
        run_for(world, 5);
    world_free(world);
    server_stop(server); /* returns, so both connections were closed */
}

static void test_a_pausing_call_can_be_dropped(void **state)
{
    (void)state;
    struct server *server = server_start(&(struct step){.status = 429, .header = "Retry-After: 2"}, 1);
    struct config config = openai_config(server->url);
    struct world *world = world_new(&config, 1);
    struct llm_call *call = generate(world, 10000);
    while (server->requests < 1)
        run_for(world, 5);
    run_for(world, 50);
    llm_drop(call);
    assert_true(page_has("llm_in_flight{provider=\"openai\"} 0\n"));
    assert_int_equal(world->ended, 0);
    world_free(world);
    server_stop(server);
}

static void test_unusable_settings_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *url, *key, *error;
    } rows[] = {
        {"ftp://127.0.0.1", "key", "OPENAI_BASE_URL must start with http:// or https://"},
        {"127.0.0.1:1234", "key", "OPENAI_BASE_URL must start with http:// or https://"},
        {"http://127.0.0.1", "key\r\nX-Evil: 1", "OPENAI_API_KEY must have visible ASCII characters only"},
    };
    struct loop *loop = loop_new();
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct config config = openai_config(rows[i].url);
        config.openai_api_key = rows[i].key;
        struct err err;
        assert_null(llm_open(loop, &config, 1, &err));
        assert_string_equal(err.text, rows[i].error);
    }
    loop_free(loop);
}

/* --- What operators see --- */

#define CALLS(status) "llm_requests_total{operation=\"reply\",provider=\"openai\",status=\"" status "\"} "
#define TOKENS(kind) "llm_tokens_total{provider=\"openai\",kind=\"" kind "\"} "

static void test_calls_and_tokens_are_counted(void **state)
{
    (void)state;
    struct server *server = server_start((struct step[]){{.status = 200, .body = SAYS("")}, GOOD, {.status = 400}, {.how = HANG}}, 4);
    struct config config = openai_config(server->url);
    struct world *world = world_new(&config, 1);
    int64_t prompt = series(TOKENS("prompt")), completion = series(TOKENS("completion"));
    brief.operation = LLM_REPLY;
    for (int i = 1; i <= 3; i++) {
        generate(world, i == 3 ? 100 : 2000);
        wait_for(world, i);
    }
    brief.operation = LLM_POST_DRAFT;
    assert_int_equal(series(CALLS("ok")), 1);
    assert_int_equal(series(CALLS("error")), 1);
    assert_int_equal(series(CALLS("timeout")), 1);
    assert_int_equal(series(CALLS("rejected")), 0);
    assert_int_equal(series(TOKENS("prompt")), prompt + 200); /* an empty text costs as well */
    assert_int_equal(series(TOKENS("completion")), completion + 14);
    assert_int_equal(series("llm_request_duration_seconds_count{operation=\"reply\",provider=\"openai\"} "), 3);
    world_free(world);
    server_stop(server);
}

static void test_implausible_usage_is_not_counted(void **state)
{
    (void)state;
    static const char body[] = "{\"choices\":[{\"message\":{\"content\":\"x\"}}],\"usage\":{\"prompt_tokens\":-5,\"completion_tokens\":1e300}}";
    struct server *server = server_start(&(struct step){.status = 200, .body = body}, 1);
    struct config config = openai_config(server->url);
    struct world *world = world_new(&config, 1);
    int64_t prompt = series(TOKENS("prompt")), completion = series(TOKENS("completion"));
    generate(world, 2000);
    wait_for(world, 1);
    assert_int_equal(world->outcomes[0].status, LLM_OK);
    assert_int_equal(series(TOKENS("prompt")), prompt);
    assert_int_equal(series(TOKENS("completion")), completion);
    world_free(world);
    server_stop(server);
}

/* Standard output goes to a file for a while. The log's thread writes when it likes, so this waits until `last` is there. */
static void read_log(FILE *file, const char *last, char *text, size_t size)
{
    uint64_t until = clock_ns() + 10 * NS_PER_S;
    do {
        ssize_t n = pread(fileno(file), text, size - 1, 0);
        text[MAX(n, 0)] = '\0';
        usleep(1000);
    } while (!strstr(text, last) && clock_ns() < until);
}

static void test_a_failed_attempt_is_logged_without_secrets(void **state)
{
    (void)state;
    static char text[64 * 1024];
    struct step echo = {.status = 500, .body = "{\"error\":{\"message\":\"key-123 Builds\",\"code\":\"key-123\"}}"};
    struct server *server = server_start((struct step[]){{.how = CLOSE}, echo, GOOD}, 3);
    struct config config = openai_config(server->url);
    struct world *world = world_new(&config, 1);
    FILE *file = tmpfile();
    fflush(stdout);
    int terminal = dup(STDOUT_FILENO);
    dup2(fileno(file), STDOUT_FILENO);
    generate(world, 2000);
    wait_for(world, 1);
    read_log(file, "\"attempt\":2", text, sizeof text);
    dup2(terminal, STDOUT_FILENO);
    close(terminal);
    fclose(file);
    assert_non_null(strstr(text, "\"level\":\"warn\",\"msg\":\"llm_attempt_failed\""));
    assert_non_null(strstr(text, "\"operation\":\"post_draft\",\"provider\":\"openai\",\"attempt\":1,\"error\":\"provider could not be reached\",\"detail\":\""));
    assert_non_null(strstr(text, "\"attempt\":2,\"status\":500,\"error\":\"provider answered 500\",\"request_id\":"));
    assert_non_null(strstr(text, "\"request_id\":\"req-1\",\"job_id\":42,\"latency_ms\":"));
    assert_null(strstr(text, "\"attempt\":3"));
    assert_null(strstr(text, "key-123"));
    assert_null(strstr(text, "Builds"));
    world_free(world);
    server_stop(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mock_writes_after_its_latency),
        cmocka_unit_test(test_mock_fails_as_told),
        cmocka_unit_test(test_mock_fails_by_share),
        cmocka_unit_test(test_latency_beyond_the_deadline_is_late),
        cmocka_unit_test(test_calls_wait_in_order),
        cmocka_unit_test(test_a_waiting_call_gives_up_at_its_deadline),
        cmocka_unit_test(test_dropped_calls_give_their_slot_away_and_stay_silent),
        cmocka_unit_test(test_a_full_queue_refuses_in_the_next_turn),
        cmocka_unit_test(test_callbacks_may_start_and_drop_calls),
        cmocka_unit_test(test_scenes),
        cmocka_unit_test(test_the_timeout_of_the_setting_ends_a_call),
        cmocka_unit_test(test_nobody_listens),
        cmocka_unit_test(test_the_request),
        cmocka_unit_test(test_a_long_text_is_cut_at_a_sentence),
        cmocka_unit_test(test_connections_are_reused),
        cmocka_unit_test(test_a_connection_that_was_late_is_not_used_again),
        cmocka_unit_test(test_dropped_and_left_calls_close_their_connections),
        cmocka_unit_test(test_a_pausing_call_can_be_dropped),
        cmocka_unit_test(test_unusable_settings_are_refused),
        cmocka_unit_test(test_calls_and_tokens_are_counted),
        cmocka_unit_test(test_implausible_usage_is_not_counted),
        cmocka_unit_test(test_a_failed_attempt_is_logged_without_secrets),
    };
    log_start("test", LOG_WARN);
    llm_metrics();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    log_stop();
    return failed;
}
