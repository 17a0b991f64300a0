#include "api/live/inbox.h"

#include <stdlib.h>

void inbox_open(struct inbox *inbox, struct loop *loop, loop_fn *fn, void *ctx)
{
    pthread_mutex_init(&inbox->lock, NULL);
    TAILQ_INIT(&inbox->messages);
    inbox->loop = loop;
    inbox->fn = fn;
    inbox->ctx = ctx;
}

void inbox_close(struct inbox *inbox)
{
    for (struct live_message *message; (message = inbox_take(inbox));)
        message_free(message);
    pthread_mutex_destroy(&inbox->lock);
}

struct live_message *message_new(enum live_word word, struct live_stream *stream, int events)
{
    struct live_message *message = must_calloc(1, sizeof *message + (size_t)events * sizeof(struct live_event *));
    message->word = word;
    message->stream = stream;
    return message;
}

void message_free(struct live_message *message)
{
    for (int i = 0; i < message->event_count; i++)
        live_event_release(message->events[i]);
    free(message->state);
    free(message);
}

void inbox_put(struct inbox *inbox, struct live_message *message)
{
    pthread_mutex_lock(&inbox->lock);
    bool was_empty = TAILQ_EMPTY(&inbox->messages);
    TAILQ_INSERT_TAIL(&inbox->messages, message, link);
    pthread_mutex_unlock(&inbox->lock);
    if (was_empty)
        loop_post(inbox->loop, inbox->fn, inbox->ctx);
}

struct live_message *inbox_take(struct inbox *inbox)
{
    pthread_mutex_lock(&inbox->lock);
    struct live_message *message = TAILQ_FIRST(&inbox->messages);
    if (message)
        TAILQ_REMOVE(&inbox->messages, message, link);
    pthread_mutex_unlock(&inbox->lock);
    return message;
}
