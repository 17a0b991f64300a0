#include <stdlib.h>

#include "api/live/hub.h"
#include "api/live/hub_parts.h"
#include "api/live/live_stream.h"
#include "sys/metrics.h"

enum {
    TRACKED_MAX = 100000,
    STREAMS_OF_USER = 10,
    STREAMS_OF_ADDRESS = 20,
    REPLAY_BYTES = 32 * 1024, /* more is read faster than told */
};

static struct metric *resumes[2];

void live_hub_metrics(void)
{
    struct family *f = metric_family(METRIC_COUNTER, "stream_resumes_total",
                                     "Streams that were opened again with an event's id, by what they got: what they "
                                     "had missed (resumed), or a reset.",
                                     NULL);
    resumes[false] = metric_series(f, "result=\"reset\"");
    resumes[true] = metric_series(f, "result=\"resumed\"");
}

/* ---- a stream begins ---- */

static bool was_told_since(const struct live_stream *stream, uint64_t n)
{
    for (int i = 0; i < stream->key_count; i++)
        if (stream->tracked[i]->since_n > n)
            return false;
    return true;
}

static bool has_news(const struct live_stream *stream, uint64_t n)
{
    for (int i = 0; i < stream->key_count; i++)
        if (stream->tracked[i]->last_n > n)
            return true;
    return false;
}

static bool is_about(const struct live_stream *stream, const struct live_event *event)
{
    for (int i = 0; i < stream->key_count; i++)
        if (live_keys_equal(&stream->keys[i], &event->about))
            return true;
    return false;
}

/* How many of the newest events are after n. */
static int events_since(const struct live_hub *hub, uint64_t n)
{
    const struct live_event *event;
    int count = 0;
    while ((event = live_ring_newest(&hub->ring, count)) && event->n > n)
        count++;
    return count;
}

/* What the stream missed; NULL: it can't be told. */
static struct live_message *message_of_missed(struct live_hub *hub, struct live_stream *stream)
{
    uint64_t n = stream->last.n;
    size_t bytes = 0;
    if (stream->last.boot != hub->boot || n > hub->n || n < hub->reset_n || !live_ring_reaches(&hub->ring, n) ||
        !was_told_since(stream, n))
        return NULL;
    int newest = has_news(stream, n) ? events_since(hub, n) : 0;
    struct live_message *message = message_new(WORD_BEGIN, stream, newest);
    for (int i = newest - 1; i >= 0; i--) {
        struct live_event *event = live_ring_newest(&hub->ring, i);
        if (!is_about(stream, event))
            continue;
        bytes += event->len;
        message->events[message->event_count++] = live_event_hold(event);
    }
    message->is_resumed = true;
    if (bytes <= REPLAY_BYTES)
        return message;
    message_free(message);
    return NULL;
}

/* Where all that the stream is about stands: what a client read before that may be older. */
static char *state_of(const struct live_stream *stream)
{
    struct arena *arena = arena_new();
    struct buf json = buf_new(arena);
    buf_str(&json, "{");
    for (int i = 0; i < stream->key_count; i++)
        post_add_state(&json, stream->tracked[i]);
    buf_str(&json, "}");
    const struct tracked *last = stream->tracked[stream->key_count - 1];
    const char *unread = last->topic.key.kind != KEY_USER
                             ? ""
                             : arena_printf(arena, ",\"unread_count\":%lld", (long long)last->state.user.unread);
    char *state = must_strdup(arena_printf(arena, "\"threads\":%s%s", json.text, unread));
    arena_free(arena);
    return state;
}

static void hub_begin(struct live_hub *hub, struct live_stream *stream)
{
    struct live_message *message = stream->has_last_id ? message_of_missed(hub, stream) : NULL;
    if (stream->has_last_id)
        metric_add(resumes[message != NULL], 1);
    if (!message)
        message = message_new(WORD_BEGIN, stream, 0);
    message->n = hub->n;
    message->state = state_of(stream);
    inbox_put(stream->desk_inbox, message);
}

static void hub_refuse(struct live_stream *stream, enum live_refusal refusal)
{
    struct live_message *message = message_new(WORD_REFUSE, stream, 0);
    message->refusal = refusal;
    inbox_put(stream->desk_inbox, message);
}

static void hub_stop_waiting(struct live_hub *hub, struct live_stream *stream)
{
    if (stream->is_waiting)
        TAILQ_REMOVE(&hub->waiting, stream, waiting);
    stream->is_waiting = false;
}

static bool all_are_known(const struct live_stream *stream)
{
    for (int i = 0; i < stream->key_count; i++)
        if (!stream->tracked[i]->is_known)
            return false;
    return true;
}

static bool is_of_gone_user(const struct live_stream *stream)
{
    for (int i = 0; i < stream->key_count; i++)
        if (stream->keys[i].kind == KEY_USER && stream->tracked[i]->state.user.is_gone)
            return true;
    return false;
}

static void begin_if_known(struct live_hub *hub, struct live_stream *stream)
{
    if (!all_are_known(stream))
        return;
    hub_stop_waiting(hub, stream);
    if (is_of_gone_user(stream))
        hub_refuse(stream, REFUSED_GONE_USER);
    else
        hub_begin(hub, stream);
}

void hub_begin_known(struct live_hub *hub)
{
    for (struct live_stream *stream = TAILQ_FIRST(&hub->waiting), *next; stream; stream = next) {
        next = TAILQ_NEXT(stream, waiting);
        begin_if_known(hub, stream);
    }
}

void hub_refuse_waiting(struct live_hub *hub, enum live_refusal refusal)
{
    for (struct live_stream *stream; (stream = TAILQ_FIRST(&hub->waiting));) {
        hub_stop_waiting(hub, stream);
        hub_refuse(stream, refusal);
    }
}

/* ---- streams come and go ---- */

static int streams_of(const struct live_hub *hub, const struct live_key *key)
{
    const struct tracked *t = hub_find(hub, key);
    return t ? t->streams : 0;
}

static int most_streams(const struct live_key *key)
{
    return key->kind == KEY_USER ? STREAMS_OF_USER : key->kind == KEY_ADDRESS ? STREAMS_OF_ADDRESS : INT32_MAX;
}

/* False: why is in *refusal. */
static bool may_join(const struct live_hub *hub, const struct live_stream *stream, enum live_refusal *refusal)
{
    *refusal = REFUSED_BUSY;
    if (hub->streams >= hub->stream_max || hub->topics.count > TRACKED_MAX)
        return false;
    *refusal = REFUSED_TOO_MANY;
    for (int i = 0; i < stream->key_count; i++)
        if (streams_of(hub, &stream->keys[i]) >= most_streams(&stream->keys[i]))
            return false;
    return true;
}

void hub_join(struct live_hub *hub, struct live_stream *stream)
{
    enum live_refusal refusal;
    if (!may_join(hub, stream, &refusal)) {
        hub_refuse(stream, refusal);
        return;
    }
    hub->streams++;
    stream->is_joined = stream->is_waiting = true;
    stream->tracked = must_calloc((size_t)stream->key_count, sizeof(struct tracked *));
    for (int i = 0; i < stream->key_count; i++) {
        stream->tracked[i] = hub_track(hub, &stream->keys[i]);
        stream->tracked[i]->streams++;
    }
    TAILQ_INSERT_TAIL(&hub->waiting, stream, waiting);
    begin_if_known(hub, stream);
}

static void hub_untrack(struct live_hub *hub, struct tracked *t)
{
    t->left_at = loop_now(hub->loop);
    if (--t->streams == 0 && is_address(t))
        hub_forget(hub, t);
}

void hub_leave(struct live_hub *hub, struct live_stream *stream)
{
    hub_stop_waiting(hub, stream);
    for (int i = 0; stream->is_joined && i < stream->key_count; i++)
        hub_untrack(hub, stream->tracked[i]);
    hub->streams -= stream->is_joined;
    free(stream->tracked);
    stream->tracked = NULL;
    inbox_put(stream->desk_inbox, message_new(WORD_LEFT, stream, 0));
}
