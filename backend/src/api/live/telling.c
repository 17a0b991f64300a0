#include <stdlib.h>

#include "api/live/desk_parts.h"

enum { SLICE = 256 }; /* writes at a time */

/* ---- who watches what ---- */

static void watcher_join(struct live_desk *desk, struct live_stream *stream, int i)
{
    struct subject *subject = (struct subject *)(void *)topics_find(&desk->subjects, &stream->keys[i]);
    if (!subject) {
        subject = must_calloc(1, sizeof *subject);
        subject->topic.key = stream->keys[i];
        LIST_INIT(&subject->watchers);
        topics_add(&desk->subjects, &subject->topic);
    }
    stream->watchers[i] = (struct watcher){.stream = stream, .subject = subject};
    LIST_INSERT_HEAD(&subject->watchers, &stream->watchers[i], link);
}

static void watcher_leave(struct live_desk *desk, struct watcher *watcher)
{
    struct subject *subject = watcher->subject;
    if (!subject)
        return;
    if (desk->next == watcher)
        desk->next = LIST_NEXT(watcher, link);
    LIST_REMOVE(watcher, link);
    watcher->subject = NULL;
    if (LIST_EMPTY(&subject->watchers)) {
        topics_remove(&desk->subjects, &subject->topic);
        free(subject);
    }
}

void watchers_join(struct live_desk *desk, struct live_stream *stream)
{
    stream->watchers = must_calloc((size_t)stream->key_count, sizeof *stream->watchers);
    for (int i = 0; i < stream->key_count; i++)
        if (stream->keys[i].kind != KEY_ADDRESS)
            watcher_join(desk, stream, i);
}

void watchers_leave(struct live_desk *desk, struct live_stream *stream)
{
    for (int i = 0; stream->watchers && i < stream->key_count; i++)
        watcher_leave(desk, &stream->watchers[i]);
    free(stream->watchers);
    stream->watchers = NULL;
}

/* ---- events for many ---- */

static void tell_begin(struct live_desk *desk, const struct live_event *event)
{
    const struct subject *subject = (const struct subject *)(const void *)topics_find(&desk->subjects, &event->about);
    desk->next = subject ? LIST_FIRST(&subject->watchers) : NULL;
    desk->is_telling = true;
}

static void tell_end(struct live_desk *desk, struct live_message *message)
{
    TAILQ_REMOVE(&desk->told, message, link);
    message_free(message);
    desk->is_telling = false;
}

/* Writes the oldest event on. Returns how many writes are left of the slice. */
static int tell_on(struct live_desk *desk, int left)
{
    struct live_message *message = TAILQ_FIRST(&desk->told);
    const struct live_event *event = message->events[0];
    if (!desk->is_telling)
        tell_begin(desk, event);
    for (struct watcher *watcher; left > 0 && (watcher = desk->next); left--) {
        desk->next = LIST_NEXT(watcher, link); /* writing may end the stream */
        (void)!write_event(watcher->stream, event);
    }
    if (!desk->next)
        tell_end(desk, message);
    return left - 1;
}

/* The rest comes after others had a turn. */
void tell_slice(void *ctx)
{
    struct live_desk *desk = ctx;
    for (int left = SLICE; left > 0 && !TAILQ_EMPTY(&desk->told);)
        left = tell_on(desk, left);
    if (!TAILQ_EMPTY(&desk->told))
        timer_set(desk->slice, 1);
}

void desk_forget_told(struct live_desk *desk)
{
    for (struct live_message *message; (message = TAILQ_FIRST(&desk->told));)
        tell_end(desk, message);
}
