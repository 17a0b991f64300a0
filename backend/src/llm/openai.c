/* One attempt on an OpenAI-compatible server: POST {base}/v1/chat/completions (OpenAI API
 * reference, "Create chat completion"). */
#include "llm/openai.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/url.h"
#include "domain/prompt.h"
#include "domain/retry.h"
#include "llm/openai_answer.h"
#include "llm/provider.h"
#include "sys/curl.h"

struct openai {
    struct http_client *client;
    struct arena *arena;
    const char *url, *model;
    const char *headers[2];
};

struct openai_attempt {
    struct arena *arena;
    struct http_call *call;
    const struct brief *brief;
    attempt_done *done;
    void *ctx;
};

/* High for posts, which should vary; low for summaries, which should not. */
static const double temperatures[LLM_OPERATIONS] = {
    [LLM_POST_DRAFT] = 0.9, [LLM_REPLY] = 0.7, [LLM_THREAD_SUMMARY] = 0.3, [LLM_ACTIVITY_SUMMARY] = 0.3};

/* Adds "/v1" where the base address lacks it. */
const char *openai_url(struct arena *arena, const char *base, const char *path)
{
    size_t len = strlen(base);
    while (len > 0 && base[len - 1] == '/')
        len--;
    bool versioned = len >= 3 && strncmp(base + len - 3, "/v1", 3) == 0;
    return arena_printf(arena, "%.*s%s%s", (int)len, base, versioned ? "" : "/v1", path);
}

/* RFC 6750, section 2.1, allows less; what matters is that no byte can end the header or its
 * line. */
static bool is_header_text(const char *text)
{
    for (; *text; text++)
        if (*text <= ' ' || *text > '~')
            return false;
    return true;
}

bool openai_settings_are_usable(const struct config *config, struct err *err)
{
    const char *base = config->openai_base_url;
    if (strncasecmp(base, "http://", 7) != 0 && strncasecmp(base, "https://", 8) != 0)
        return fail(err, "OPENAI_BASE_URL must start with http:// or https://");
    if (!url_login_is_clear(base))
        return fail(err,
                    "OPENAI_BASE_URL must have '@', '/', '?' and '#' in its user name or password percent-encoded");
    if (!is_header_text(config->openai_api_key))
        return fail(err, "OPENAI_API_KEY must have visible ASCII characters only");
    return config_has_key(config, err);
}

const char *openai_authorization(struct arena *arena, const struct config *config)
{
    return *config->openai_api_key ? arena_printf(arena, "Authorization: Bearer %s", config->openai_api_key) : NULL;
}

static void close_openai(void *state)
{
    struct openai *openai = state;
    http_client_close(openai->client);
    arena_free(openai->arena);
}

static void *open_openai(struct loop *loop, const struct config *config, int limit, struct err *err)
{
    if (!openai_settings_are_usable(config, err))
        return NULL;
    struct http_client *client = http_client_open(loop, limit, err);
    if (!client)
        return NULL;
    struct arena *arena = arena_new();
    struct openai *openai = arena_alloc(arena, sizeof *openai);
    *openai = (struct openai){.client = client,
                              .arena = arena,
                              .url = openai_url(arena, config->openai_base_url, "/chat/completions"),
                              .model = config->openai_model,
                              .headers = {openai_authorization(arena, config)}};
    return openai;
}

/* A token has more than one character in nearly every text, so this bound never cuts a text that
 * fits; it limits the cost of a model that doesn't stop. */
static int max_tokens(const struct brief *brief)
{
    enum { LEAST = 256, MOST = 1024 };
    return brief->max_chars ? MIN(MAX(brief->max_chars, LEAST), MOST) : MOST;
}

static struct buf request_body(const struct openai *openai, const struct brief *brief, struct arena *arena)
{
    struct prompt prompt = prompt_build(brief, arena);
    struct buf body = buf_new(arena);
    buf_str(&body, "{\"model\":");
    buf_json(&body, openai->model);
    buf_str(&body, ",\"messages\":[{\"role\":\"system\",\"content\":");
    buf_json(&body, prompt.system);
    buf_str(&body, "},{\"role\":\"user\",\"content\":");
    buf_json(&body, prompt.user);
    buf_printf(&body, "}],\"max_tokens\":%d,\"temperature\":%.1f}", max_tokens(brief), temperatures[brief->operation]);
    return body;
}

static enum attempt_outcome outcome_without_answer(const struct http_reply *reply)
{
    if (reply->outcome == HTTP_TIMED_OUT)
        return ATTEMPT_TIMED_OUT;
    return reply->status ? ATTEMPT_UNREADABLE : ATTEMPT_UNREACHABLE;
}

static void openai_on_reply(void *ctx, const struct http_reply *reply)
{
    struct openai_attempt *attempt = ctx;
    uint64_t named_ms = retry_named_ms(reply->retry_after, reply->retry_after_ms, clock_unix_us() / 1000000);
    struct attempt_result result = {.status = reply->status, .problem = reply->problem, .retry_after_ms = named_ms};
    const struct openai_answer answer = {
        .status = reply->status, .body = reply->body, .len = reply->body_len, .max_chars = attempt->brief->max_chars};
    if (reply->outcome == HTTP_ANSWERED)
        openai_answer_read(&answer, attempt->arena, &result);
    else
        result.outcome = outcome_without_answer(reply);
    attempt->done(attempt->ctx, &result);
    arena_free(attempt->arena);
}

static void *openai_start(void *state, const struct brief *brief, uint64_t timeout_ms, attempt_done *done, void *ctx)
{
    enum { ANSWER_MAX = 1024 * 1024 };
    const struct openai *openai = state;
    struct arena *arena = arena_new();
    struct openai_attempt *attempt = arena_alloc(arena, sizeof *attempt);
    *attempt = (struct openai_attempt){.arena = arena, .brief = brief, .done = done, .ctx = ctx};
    /* an arena of its own: the body's parts need several times its memory, and a call lives long */
    struct arena *draft = arena_new();
    struct buf body = request_body(openai, brief, draft);
    body.text = arena_strdup(arena, body.text);
    arena_free(draft);
    const struct http_ask post = {.url = openai->url,
                                  .headers = openai->headers,
                                  .body = body.text,
                                  .body_len = body.len,
                                  .timeout_ms = timeout_ms,
                                  .answer_max = ANSWER_MAX};
    attempt->call = http_client_ask(openai->client, &post, openai_on_reply, attempt);
    return attempt;
}

static void openai_cancel(void *ctx)
{
    struct openai_attempt *attempt = ctx;
    http_call_cancel(attempt->call);
    arena_free(attempt->arena);
}

const struct llm_provider llm_openai = {
    .open = open_openai, .close = close_openai, .attempt = openai_start, .cancel = openai_cancel};
