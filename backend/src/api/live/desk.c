#include "api/live/desk.h"

#include <stdlib.h>
#include <string.h>

#include "api/guard/blocks.h"
#include "api/guard/revocations.h"
#include "api/http/answer.h"
#include "api/http/client.h"
#include "api/http/event_stream.h"
#include "api/live/desk_parts.h"
#include "base/clock.h"
#include "sys/crypto.h"
#include "version.h"

enum {
    TICK_MS = 100,
    ROUND_TICKS = 10, /* each stream is looked at once in so many */
    COMMENT_MS = 15000,
    RESET_SPREAD_MS = 5000,
};

/* ---- a stream's life ---- */

static void stream_free(struct live_desk *desk, struct live_stream *stream)
{
    TAILQ_REMOVE(&desk->streams, stream, link);
    desk->stream_count--;
    free(stream->keys);
    free(stream);
}

/* The call has ended; the hub has the last word. */
static void stream_drop(void *ctx)
{
    struct live_stream *stream = ctx;
    struct live_desk *desk = stream->desk;
    watchers_leave(desk, stream);
    stream->call = NULL;
    if (stream->is_open)
        count_open(-1);
    stream->is_open = false;
    if (desk->hub)
        live_hub_put(desk->hub, message_new(WORD_LEAVE, stream, 0));
}

static uint64_t life_of(const struct call *call, bool *ends_with_token)
{
    const uint64_t life = (uint64_t)((double)call->api->config->stream_life * (0.9 + 0.2 * random_roll()));
    int64_t token_left = call->token_expires_s - clock_unix_us() / 1000000;
    uint64_t token_ms = *call->user_id ? (uint64_t)MAX(token_left, 0) * 1000 : UINT64_MAX;
    *ends_with_token = token_ms <= life;
    return MIN(life, token_ms);
}

static struct live_key address_key(struct call *call)
{
    enum { CUSTOMER_PREFIX = 64 };
    struct live_key key = {.kind = KEY_ADDRESS};
    struct address client = client_of(call->http);
    if (!address_is_v4(&client))
        client = address_cut(&client, CUSTOMER_PREFIX);
    memcpy(key.bytes, client.bytes, sizeof key.bytes);
    return key;
}

static void set_keys(struct live_stream *stream, struct call *call, const struct live_opening *opening)
{
    stream->keys = must_calloc((size_t)opening->post_count + 2, sizeof *stream->keys);
    memcpy(stream->keys, opening->posts, (size_t)opening->post_count * sizeof *stream->keys);
    stream->key_count = opening->post_count;
    stream->keys[stream->key_count++] = address_key(call);
    if (*call->user_id)
        stream->keys[stream->key_count++] = live_key_of(KEY_USER, call->user_id);
}

void desk_open(struct call *call, const struct live_opening *opening)
{
    struct live_desk *desk = call->api->live;
    if (desk->is_draining) {
        call_stopping(call);
        return;
    }
    struct live_stream *stream = must_calloc(1, sizeof *stream);
    stream->desk = desk;
    stream->desk_inbox = &desk->inbox;
    stream->call = call;
    memcpy(stream->holder.user_id, call->user_id, UUID_SIZE);
    memcpy(stream->holder.session_id, call->session_id, UUID_SIZE);
    stream->client = client_of(call->http);
    stream->ends = desk_now(desk) + life_of(call, &stream->ends_with_token) * NS_PER_MS;
    stream->has_last_id = opening->has_last_id;
    stream->last = opening->last;
    set_keys(stream, call, opening);
    TAILQ_INSERT_TAIL(&desk->streams, stream, link);
    desk->stream_count++;
    if (!timer_is_set(desk->tick))
        timer_set(desk->tick, TICK_MS);
    call->state = stream;
    call_wait(call, stream_drop, stream);
    live_hub_put(desk->hub, message_new(WORD_JOIN, stream, 0));
}

/* ---- the hub's words ---- */

static bool write_hello(struct live_stream *stream, const struct live_message *begin)
{
    static const char retry[] = "retry: 2000\n\n";
    char now[RFC3339_SIZE];
    struct arena *arena = arena_new();
    rfc3339_from_us(now, clock_unix_us());
    const char *hello = arena_printf(arena, "{\"build\":\"%s-%s\",\"resumed\":%s,\"now\":\"%s\",%s}", PW_VERSION,
                                     PW_COMMIT, begin->is_resumed ? "true" : "false", now, begin->state);
    /* Cut before what it missed came, a resumed stream must not begin behind it. */
    bool ok = write_text(stream, retry, sizeof retry - 1) &&
              write_own(stream, LIVE_HELLO, begin->is_resumed ? stream->last.n : begin->n, hello);
    arena_free(arena);
    return ok;
}

static void stream_begin(struct live_desk *desk, struct live_stream *stream, const struct live_message *begin)
{
    if (desk->is_draining) {
        call_stopping(stream->call);
        return;
    }
    if (!call_events_begin_long(stream->call, 200))
        return; /* HEAD; its end follows */
    stream->is_open = true;
    count_open(+1);
    watchers_join(desk, stream);
    bool ok = write_hello(stream, begin);
    for (int i = 0; ok && i < begin->event_count; i++)
        ok = write_event(stream, begin->events[i]);
    if (ok && stream->has_last_id && !begin->is_resumed)
        ok = write_own(stream, LIVE_RESET, begin->n, "{}");
    stream->last_n = MAX(stream->last_n, begin->n);
}

static void refuse_many(struct call *call)
{
    enum { AFTER_MS = 10000 };
    call_fail_until(call, 429, "too many open streams", AFTER_MS);
}

static void stream_refuse(struct call *call, enum live_refusal refusal)
{
    switch (refusal) {
    case REFUSED_BUSY: call_busy(call, "streams"); return;
    case REFUSED_TOO_MANY: refuse_many(call); return;
    case REFUSED_GONE_USER: call_fail(call, 401, "invalid token"); return;
    case REFUSED_NO_DATABASE: call_fail_db(call, DB_AWAY, NULL, false); return;
    }
}

/* A client that reads everything again asks the database: not all of them at once. */
static void plan_resets(struct live_desk *desk, uint64_t n)
{
    struct live_stream *stream;
    TAILQ_FOREACH (stream, &desk->streams, link)
        if (stream->is_open) {
            stream->reset_at = desk_now(desk) + (uint64_t)(random_roll() * RESET_SPREAD_MS) * NS_PER_MS;
            stream->reset_n = n;
        }
}

/* True: the message is kept. */
static bool desk_hear(struct live_desk *desk, struct live_message *message)
{
    struct live_stream *stream = message->stream;
    switch (message->word) {
    case WORD_BEGIN:
        if (stream->call)
            stream_begin(desk, stream, message);
        return false;
    case WORD_REFUSE:
        if (stream->call)
            stream_refuse(stream->call, message->refusal);
        return false;
    case WORD_TELL: TAILQ_INSERT_TAIL(&desk->told, message, link); return true;
    case WORD_RESET: plan_resets(desk, message->n); return false;
    case WORD_LEFT: stream_free(desk, stream); return false;
    case WORD_JOIN:
    case WORD_LEAVE: break; /* the hub's */
    }
    return false;
}

static void desk_on_inbox(void *ctx)
{
    struct live_desk *desk = ctx;
    for (struct live_message *message; (message = inbox_take(&desk->inbox));)
        if (!desk_hear(desk, message))
            message_free(message);
    if (!timer_is_set(desk->slice))
        tell_slice(desk);
}

struct inbox *live_desk_inbox(struct live_desk *desk)
{
    return &desk->inbox;
}

/* ---- the round ---- */

static bool is_over(struct live_desk *desk, const struct live_stream *stream)
{
    return desk_now(desk) >= stream->ends || (*stream->holder.user_id && revocations_have(&stream->holder)) ||
           blocks_have(desk->api->blocks, &stream->client);
}

static void stream_end_over(struct live_desk *desk, struct live_stream *stream)
{
    bool has_lived = desk_now(desk) >= stream->ends && !stream->ends_with_token;
    say_goodbye(stream, has_lived ? "limit" : "expired", NULL);
}

static void stream_look(struct live_desk *desk, struct live_stream *stream)
{
    static const char comment[] = ":\n\n";
    if (!stream->is_open)
        return;
    if (is_over(desk, stream)) {
        stream_end_over(desk, stream);
    } else if (stream->reset_at && desk_now(desk) >= stream->reset_at) {
        stream->reset_at = 0;
        stream->last_n = MAX(stream->last_n, stream->reset_n);
        (void)!write_own(stream, LIVE_RESET, stream->last_n, "{}");
    } else if (desk_now(desk) >= stream->quiet_since + COMMENT_MS * NS_PER_MS) {
        (void)!write_text(stream, comment, sizeof comment - 1);
    }
}

static void desk_tick(void *ctx)
{
    struct live_desk *desk = ctx;
    for (int left = (desk->stream_count + ROUND_TICKS - 1) / ROUND_TICKS; left > 0; left--) {
        struct live_stream *stream = TAILQ_FIRST(&desk->streams);
        TAILQ_REMOVE(&desk->streams, stream, link);
        TAILQ_INSERT_TAIL(&desk->streams, stream, link);
        stream_look(desk, stream);
    }
    if (desk->stream_count > 0)
        timer_set(desk->tick, TICK_MS);
}

/* ---- the desk's life ---- */

struct live_desk *live_desk_open(struct api *api)
{
    struct live_desk *desk = must_calloc(1, sizeof *desk);
    desk->api = api;
    TAILQ_INIT(&desk->streams);
    TAILQ_INIT(&desk->told);
    inbox_open(&desk->inbox, api->loop, desk_on_inbox, desk);
    desk->slice = timer_new(api->loop, tell_slice, desk);
    desk->tick = timer_new(api->loop, desk_tick, desk);
    return desk;
}

void live_desk_set_hub(struct live_desk *desk, struct live_hub *hub)
{
    desk->hub = hub;
}

void live_desk_drain(struct live_desk *desk)
{
    struct live_stream *stream;
    desk->is_draining = true;
    TAILQ_FOREACH (stream, &desk->streams, link)
        if (stream->is_open)
            say_goodbye(stream, "shutdown", NULL);
}

void live_desk_close(struct live_desk *desk)
{
    if (!desk)
        return;
    inbox_close(&desk->inbox);
    desk_forget_told(desk);
    for (struct live_stream *stream; (stream = TAILQ_FIRST(&desk->streams));) {
        free(stream->tracked);
        stream_free(desk, stream);
    }
    topics_free(&desk->subjects);
    timer_free(desk->tick);
    timer_free(desk->slice);
    free(desk);
}
