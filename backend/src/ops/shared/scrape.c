#include "ops/shared/scrape.h"

#include <math.h>
#include <time.h>

#include "base/clock.h"
#include "sys/curl/http_client.h"

enum { BODY_MAX = 16 << 20 }; /* a page of metrics is half a megabyte */

struct scrape_round {
    struct arena *arena;
    struct loop *loop;
    int under_way;
};

struct scrape_question {
    struct scrape_round *round;
    struct scrape *scrape;
};

static double clock_ahead(const char *date)
{
    struct tm tm = {0};
    const char *end = date ? strptime(date, "%a, %d %b %Y %H:%M:%S GMT", &tm) : NULL;
    return end && !*end ? (double)timegm(&tm) - (double)clock_unix_us() / 1e6 : (double)NAN;
}

static void on_reply(void *ctx, const struct http_reply *reply)
{
    struct scrape_question *question = ctx;
    struct scrape_round *round = question->round;
    struct scrape *scrape = question->scrape;
    if (reply->outcome == HTTP_ANSWERED) {
        scrape->status = reply->status;
        scrape->clock_ahead_s = clock_ahead(reply->date);
        scrape->body = arena_copy(round->arena, reply->body, reply->body_len);
    } else {
        scrape->error = arena_strdup(round->arena, reply->problem);
    }
    if (--round->under_way == 0)
        loop_stop(round->loop);
}

static const char *authorization(struct arena *arena, const struct scrape *scrape)
{
    bool has_token = scrape->token && *scrape->token;
    return has_token ? arena_printf(arena, "Authorization: Bearer %s", scrape->token) : NULL;
}

static void scrape_ask(struct scrape_round *round, struct http_client *client, struct scrape *scrapes, int count,
                       uint64_t timeout_ms)
{
    struct scrape_question *questions = arena_alloc(round->arena, ((size_t)count + 1) * sizeof *questions);
    round->under_way = count;
    for (int i = 0; i < count; i++) {
        questions[i] = (struct scrape_question){round, &scrapes[i]};
        const char *headers[] = {authorization(round->arena, &scrapes[i]), NULL};
        const struct http_ask get = {
            .url = scrapes[i].url, .headers = headers, .timeout_ms = timeout_ms, .answer_max = BODY_MAX};
        http_client_ask(client, &get, on_reply, &questions[i]);
    }
    if (count)
        loop_run(round->loop);
}

void scrape_all(struct arena *arena, struct scrape *scrapes, int count, uint64_t timeout_ms)
{
    struct err err;
    struct scrape_round round = {.arena = arena, .loop = loop_new()};
    struct http_client *client = http_client_open(round.loop, 0, &err);
    for (int i = 0; i < count; i++)
        scrapes[i] = (struct scrape){.url = scrapes[i].url,
                                     .token = scrapes[i].token,
                                     .body = "",
                                     .clock_ahead_s = (double)NAN,
                                     .error = client ? NULL : arena_strdup(arena, err.text)};
    if (client)
        scrape_ask(&round, client, scrapes, count, timeout_ms);
    http_client_close(client);
    loop_free(round.loop);
}
