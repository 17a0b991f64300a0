/* bench_llm URL CALLS PER_SECOND whole|streamed: what a call through the provider's layer costs
 * beyond the server's own time, which the last word of the server's text tells in microseconds.
 * Calls begin by the clock, whatever became of those before. Streamed, the words are wanted as they
 * come. Prints a number of microseconds for each call. For bench/provider.py. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "llm/llm.h"
#include "llm/report.h"

static struct brief brief = {
    .operation = LLM_POST_DRAFT,
    .variant = 1,
    .max_chars = 500,
    .persona = {.name = "Ayla", .bio = "Builds small things", .tone = "warm", .language = LANGUAGE_EN, .formality = 1},
    .room_name = "Garden",
    .room_description = "",
    .about = "",
    .post = {"", ""},
    .date = "",
};

struct bench {
    struct loop *loop;
    struct llm *llm;
    struct timer *timer;
    uint64_t begun, every_ns;
    long calls, started, ended, failed;
    llm_words *words; /* NULL: whole answers */
};

struct one {
    struct bench *bench;
    uint64_t begun;
};

/* NAN where the text doesn't end with a number. */
static double own_time_us(const char *text)
{
    const char *last = strrchr(text, ' ');
    char *end;
    double us = last ? strtod(last, &end) : NAN;
    return last && end > last + 1 && !*end ? us : NAN;
}

static void on_words(void *ctx, const char *text)
{
    (void)ctx;
    (void)text;
}

static void on_done(void *ctx, const struct llm_result *result)
{
    struct one *one = ctx;
    struct bench *bench = one->bench;
    double took_us = (double)(clock_ns() - one->begun) / 1000;
    if (result->status == LLM_OK)
        printf("%.1f\n", took_us - own_time_us(result->text));
    else
        bench->failed++;
    free(one);
    if (++bench->ended == bench->calls)
        loop_stop(bench->loop);
}

static void begin_due(void *ctx)
{
    static const struct llm_about about = {.request_id = "bench"};
    struct bench *bench = ctx;
    while (bench->started < bench->calls && clock_ns() >= bench->begun + (uint64_t)bench->started * bench->every_ns) {
        struct one *one = must_alloc(sizeof *one);
        *one = (struct one){.bench = bench, .begun = clock_ns()};
        bench->started++;
        llm_generate(bench->llm, &(struct llm_ask){.brief = &brief,
                                                   .about = about,
                                                   .deadline = loop_now(bench->loop) + 20 * NS_PER_S,
                                                   .done = on_done,
                                                   .words = bench->words,
                                                   .ctx = one});
    }
    if (bench->started < bench->calls)
        timer_set(bench->timer, 1);
}

int main(int argc, char **argv)
{
    if (argc != 5)
        return 3;
    const struct config config = {.llm_provider = PROVIDER_OPENAI,
                                  .openai_base_url = argv[1],
                                  .openai_api_key = "",
                                  .openai_model = "bench",
                                  .openai_temperature = "",
                                  .openai_reasoning_effort = "",
                                  .openai_extra_body = "",
                                  .openai_timeout = 20000,
                                  .openai_retry_base = 400,
                                  .llm_breaker_failures = 1000000};
    struct bench bench = {.loop = loop_new(),
                          .calls = strtol(argv[2], NULL, 10),
                          .every_ns = NS_PER_S / strtoul(argv[3], NULL, 10),
                          .words = strcmp(argv[4], "streamed") == 0 ? on_words : NULL};
    struct err err;
    llm_metrics();
    bench.llm = llm_open(bench.loop, &config, 1000, &err);
    if (!bench.llm)
        return 1;
    bench.timer = timer_new(bench.loop, begin_due, &bench);
    bench.begun = clock_ns();
    timer_set(bench.timer, 0);
    loop_run(bench.loop);
    llm_close(bench.llm);
    timer_free(bench.timer);
    loop_free(bench.loop);
    fprintf(stderr, "%ld failed\n", bench.failed);
    return bench.failed > 0;
}
