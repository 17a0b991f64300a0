/* One attempt on an OpenAI-compatible server: POST {base}/v1/chat/completions (OpenAI API
 * reference, "Create chat completion"). */
#include "llm/openai.h"

#include <jansson.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "domain/model/text.h"
#include "domain/retry.h"
#include "llm/dialect.h"
#include "llm/openai_answer.h"
#include "llm/openai_request.h"
#include "llm/openai_stream.h"
#include "llm/provider.h"
#include "llm/words.h"
#include "sys/curl/http_client.h"

struct openai {
    struct http_client *client;
    struct arena *arena;
    const struct config *config;
    struct dialect *dialect;
    const char *url;
    const char *headers[2];
};

struct openai_attempt {
    struct arena *arena;
    struct http_call *call;
    const struct openai *openai;
    struct attempt_ask ask;
    const char *body;
    size_t body_len;
    unsigned traits;              /* of the dialect, as the request has them */
    struct openai_stream *stream; /* NULL: the answer comes whole */
    size_t looked;                /* bytes of its content when words were last handed on */
    bool has_begun;
};

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
                              .config = config,
                              .dialect = dialect_of(config),
                              .url = openai_url(arena, config->openai_base_url, "/chat/completions"),
                              .headers = {openai_authorization(arena, config)}};
    return openai;
}

static void attempt_free(struct openai_attempt *attempt)
{
    if (attempt->stream)
        openai_stream_free(attempt->stream);
    arena_free(attempt->arena);
}

static enum attempt_outcome outcome_without_answer(const struct http_reply *reply)
{
    if (reply->outcome == HTTP_TIMED_OUT)
        return ATTEMPT_TIMED_OUT;
    return reply->status ? ATTEMPT_UNREADABLE : ATTEMPT_UNREACHABLE;
}

/* What the attempt costs where the server doesn't count it: a token has about four bytes of text. A
 * server that refused, or wasn't reached, made nothing; one that is late may have. */
static int64_t tokens_used(const struct openai_attempt *attempt, const struct http_reply *reply,
                           const struct attempt_result *result)
{
    enum { TOKEN_BYTES = 4 };
    size_t answer_len = reply->body_len;
    if (result->prompt_tokens || result->completion_tokens)
        return result->prompt_tokens + result->completion_tokens;
    bool is_free = result->outcome == ATTEMPT_STATUS || result->outcome == ATTEMPT_UNREACHABLE ||
                   result->outcome == ATTEMPT_QUOTA_USED;
    if (attempt->stream)
        openai_stream_content(attempt->stream, &answer_len);
    return is_free ? 0 : (int64_t)((attempt->body_len + answer_len) / TOKEN_BYTES) + 1;
}

/* A server says "400", FastAPI's "422", of a parameter that it doesn't take. Of a role that the
 * chat template doesn't take some of llama.cpp's say "500"; a 500 about anything else is no
 * refusal, however it is worded. */
static void learn_from_refusal(const struct openai_attempt *attempt, const struct provider_error *error,
                               struct attempt_result *result)
{
    enum { BAD_REQUEST = 400, UNPROCESSABLE = 422, SERVER_ERROR = 500 };
    const struct dialect_refusal refusal = {.param = error->param, .message = error->message};
    bool is_refusal = result->status == BAD_REQUEST || result->status == UNPROCESSABLE;
    if (!is_refusal && !(result->status == SERVER_ERROR && dialect_is_about_system(&refusal)))
        return;
    enum dialect_fault fault = dialect_learn(attempt->openai->dialect, attempt->traits, &refusal);
    result->is_learnt = fault == FAULT_LEARNT;
    result->is_misset = fault == FAULT_SET;
}

static void read_answer(const struct openai_attempt *attempt, const struct http_reply *reply,
                        struct attempt_result *result)
{
    const struct openai *openai = attempt->openai;
    /* a server that doesn't stream answers as if it hadn't been asked to */
    json_t *streamed = attempt->stream ? openai_stream_answer(attempt->stream) : NULL;
    const struct openai_answer answer = {.status = reply->status,
                                         .body = reply->body,
                                         .len = reply->body_len,
                                         .json = streamed,
                                         .max_chars = attempt->ask.brief->max_chars};
    struct provider_error error;
    openai_answer_read(&answer, attempt->arena, result, &error);
    json_decref(streamed);
    if (error.message || error.code)
        result->words = words_of_error(&error, openai->config->openai_api_key,
                                       brief_said(attempt->ask.brief, attempt->arena), attempt->arena);
    result->trouble = result->outcome == ATTEMPT_QUOTA_USED ? TROUBLE_QUOTA
                      : result->outcome == ATTEMPT_REFUSED  ? TROUBLE_REFUSAL
                                                            : trouble_of(reply, result->status, &error);
    if (result->outcome == ATTEMPT_TEXT)
        dialect_see(openai->dialect, result->closes_alone);
    else if (result->outcome == ATTEMPT_STATUS)
        learn_from_refusal(attempt, &error, result);
    else if (result->outcome == ATTEMPT_NO_ROOM)
        result->is_learnt = dialect_learn_room(openai->dialect, attempt->traits);
}

static void openai_on_reply(void *ctx, const struct http_reply *reply)
{
    struct openai_attempt *attempt = ctx;
    uint64_t named_ms = retry_named_ms(reply->retry_after, reply->retry_after_ms, clock_unix_us() / 1000000);
    struct attempt_result result = {.status = reply->status,
                                    .problem = reply->problem,
                                    .retry_after_ms = named_ms,
                                    .has_begun = attempt->has_begun || reply->body_len > 0};
    if (reply->outcome == HTTP_ANSWERED) {
        read_answer(attempt, reply, &result);
    } else {
        result.outcome = outcome_without_answer(reply);
        result.trouble = trouble_of(reply, 0, &(struct provider_error){0});
    }
    result.tokens = tokens_used(attempt, reply, &result);
    attempt->ask.done(attempt->ask.ctx, &result);
    attempt_free(attempt);
}

/* The words so far. Those of a model that leaves the opening tag out are certain from the closing
 * one on, and those of one that isn't known yet at the end alone. */
static void hand_words_on(const struct openai_attempt *attempt, const char *content)
{
    struct arena *arena = arena_new();
    const struct attempt_ask *ask = &attempt->ask;
    unsigned traits = dialect_traits(attempt->openai->dialect);
    bool is_certain = traits & DIALECT_CLOSES_ALONE ? model_text_closes_alone(arena, content) : traits & DIALECT_KNOWN;
    char *text = is_certain ? model_text_so_far(arena, content) : NULL;
    if (text && ask->brief->max_chars)
        text[utf8_bytes(text, (size_t)ask->brief->max_chars)] = '\0';
    if (text && *text)
        ask->words(ask->ctx, text);
    arena_free(arena);
}

/* A long content, as of much reasoning, is looked at more rarely: each look reads all of it. */
static bool openai_take(void *ctx, const char *bytes, size_t len)
{
    enum { LOOKS = 64 };
    struct openai_attempt *attempt = ctx;
    size_t known;
    bool is_stream = openai_stream_add(attempt->stream, bytes, len);
    const char *content = openai_stream_content(attempt->stream, &known);
    attempt->has_begun = true;
    if (attempt->ask.words && (known - attempt->looked) * LOOKS > known) {
        attempt->looked = known;
        hand_words_on(attempt, content);
    }
    return is_stream;
}

static bool is_streamed(const struct openai *openai, const struct attempt_ask *ask, unsigned traits)
{
    int64_t use = openai->config->openai_stream;
    return !(traits & DIALECT_NO_STREAM) && (use == STREAM_ALWAYS || (use == STREAM_AUTO && ask->words));
}

static void *openai_start(void *state, const struct attempt_ask *ask)
{
    enum { ANSWER_MAX = 1024 * 1024 };
    const struct openai *openai = state;
    struct arena *arena = arena_new();
    struct openai_attempt *attempt = arena_alloc(arena, sizeof *attempt);
    *attempt = (struct openai_attempt){
        .arena = arena, .openai = openai, .ask = *ask, .traits = dialect_traits(openai->dialect)};
    if (is_streamed(openai, ask, attempt->traits))
        attempt->stream = openai_stream_new(arena);
    /* an arena of its own: the body's parts need several times its memory, and a call lives long */
    struct arena *draft = arena_new();
    struct buf body = openai_request(openai->config, ask->brief, attempt->traits, attempt->stream, draft);
    attempt->body = arena_strdup(arena, body.text);
    attempt->body_len = body.len;
    arena_free(draft);
    const struct http_ask post = {.url = openai->url,
                                  .headers = openai->headers,
                                  .body = attempt->body,
                                  .body_len = attempt->body_len,
                                  .timeout_ms = ask->timeout_ms,
                                  .answer_max = ANSWER_MAX,
                                  .take = attempt->stream ? openai_take : NULL};
    attempt->call = http_client_ask(openai->client, &post, openai_on_reply, attempt);
    return attempt;
}

static void openai_cancel(void *ctx)
{
    struct openai_attempt *attempt = ctx;
    http_call_cancel(attempt->call);
    attempt_free(attempt);
}

/* A token has a byte of the request at least, as tokenizers begin with bytes. */
static int64_t openai_most_tokens(void *state, const struct brief *brief)
{
    const struct openai *openai = state;
    unsigned traits = dialect_traits(openai->dialect);
    struct arena *arena = arena_new();
    int64_t prompt = (int64_t)openai_request(openai->config, brief, traits, false, arena).len;
    arena_free(arena);
    return prompt + openai_answer_tokens(brief, traits);
}

const struct llm_provider llm_openai = {.open = open_openai,
                                        .close = close_openai,
                                        .attempt = openai_start,
                                        .cancel = openai_cancel,
                                        .most_tokens = openai_most_tokens};
