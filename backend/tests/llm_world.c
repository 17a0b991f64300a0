#include "llm_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>
#undef fail /* base.h has one of its own */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "sys/metrics.h"

const struct llm_about about = {.request_id = "req-1", .job_id = 42};
struct brief brief = {
    .operation = LLM_POST_DRAFT,
    .variant = 1,
    .max_chars = 500,
    .persona =
        {.name = "Ayla", .bio = "Builds \"small\" things", .tone = "warm", .language = LANGUAGE_EN, .formality = 1},
    .room_name = "Garden",
    .room_description = "",
    .about = "",
    .post = {"", ""},
    .date = "",
};

static void guard_fired(void *ctx)
{
    (void)ctx;
    print_error("the loop hangs\n");
    abort();
}

struct world *world_new(const struct config *config, int limit)
{
    struct world *world = must_calloc(1, sizeof *world);
    struct err err;
    world->loop = loop_new();
    world->guard = timer_new(world->loop, guard_fired, NULL);
    timer_set(world->guard, 20000);
    world->llm = llm_open(world->loop, config, limit, &err);
    assert_non_null(world->llm);
    /* what timers go by: at the start it may stand still for as long as the machine is busy */
    world->begun = loop_now(world->loop);
    return world;
}

void world_free(struct world *world)
{
    llm_close(world->llm);
    timer_free(world->guard);
    loop_free(world->loop);
    arena_drain_spares();
    free(world);
}

void on_done(void *ctx, const struct llm_result *result)
{
    struct outcome *outcome = ctx;
    struct world *world = outcome->world;
    assert_false(outcome->ended);
    outcome->ended = true;
    outcome->status = result->status;
    outcome->retry_after_ms = result->retry_after_ms;
    outcome->took_ms = (loop_now(world->loop) - world->begun) / NS_PER_MS;
    snprintf(outcome->text, sizeof outcome->text, "%s", result->text ? result->text : "");
    snprintf(outcome->error, sizeof outcome->error, "%s", result->error ? result->error : "");
    world->order[world->ended++] = outcome->number;
    if (world->ended == world->wanted)
        loop_stop(world->loop);
}

static void on_begun(void *ctx)
{
    struct outcome *outcome = ctx;
    outcome->begun++;
}

static void on_words(void *ctx, const char *words)
{
    struct outcome *outcome = ctx;
    if (!words) {
        outcome->heard[0] = '\0';
        outcome->restarts++;
        return;
    }
    size_t len = strlen(outcome->heard);
    snprintf(outcome->heard + len, sizeof outcome->heard - len, "%s", words);
    outcome->pieces++;
}

struct llm_call *generate(struct world *world, uint64_t within_ms)
{
    struct outcome *outcome = &world->outcomes[world->calls];
    uint64_t now = loop_now(world->loop);
    *outcome = (struct outcome){.world = world, .number = world->calls++};
    return llm_generate(world->llm, &(struct llm_ask){.brief = &brief,
                                                      .about = about,
                                                      .deadline = now + within_ms * NS_PER_MS,
                                                      .since = now - world->used_ms * NS_PER_MS,
                                                      .done = on_done,
                                                      .begun = on_begun,
                                                      .words = world->listens ? on_words : NULL,
                                                      .ctx = outcome});
}

void wait_for(struct world *world, int ended)
{
    world->wanted = ended;
    if (world->ended < ended)
        loop_run(world->loop);
}

static void stop_loop(void *ctx)
{
    loop_stop(ctx);
}

void run_for(struct world *world, uint64_t ms)
{
    struct timer *timer = timer_new(world->loop, stop_loop, world->loop);
    timer_set(timer, ms);
    loop_run(world->loop);
    timer_free(timer);
}

bool page_has(const char *line)
{
    struct arena *arena = arena_new();
    struct buf page = buf_new(arena);
    metrics_write(&page);
    bool found = strstr(page.text, line) != NULL;
    arena_free(arena);
    return found;
}

int64_t series(const char *name)
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
