/* Messages between the hub's thread and the desks' threads, in their order. */
#ifndef PW_API_LIVE_INBOX_H
#define PW_API_LIVE_INBOX_H

#include <pthread.h>
#include <sys/queue.h>

#include "api/live/event.h"
#include "sys/loop.h"

struct live_stream;

enum live_word {
    /* to the hub */
    WORD_JOIN,
    WORD_LEAVE, /* the last word about a stream; answered by WORD_LEFT */
    /* to a desk */
    WORD_BEGIN,  /* n, is_resumed, state and events: what the stream begins with */
    WORD_REFUSE, /* refusal */
    WORD_TELL,   /* event */
    WORD_RESET,  /* n */
    WORD_LEFT,
};

enum live_refusal { REFUSED_BUSY, REFUSED_TOO_MANY, REFUSED_GONE_USER, REFUSED_NO_DATABASE };

struct live_message {
    TAILQ_ENTRY(live_message) link;
    enum live_word word;
    struct live_stream *stream;
    uint64_t n;
    bool is_resumed;
    char *state; /* malloc'ed members of a JSON object; NULL: none */
    enum live_refusal refusal;
    int event_count;
    struct live_event *events[]; /* held */
};

struct inbox {
    pthread_mutex_t lock;
    TAILQ_HEAD(, live_message) messages;
    struct loop *loop;
    loop_fn *fn;
    void *ctx;
};

/* fn(ctx) runs on the loop where something has come into an empty inbox: it takes all. */
void inbox_open(struct inbox *, struct loop *, loop_fn *fn, void *ctx);
void inbox_close(struct inbox *); /* frees what is left; no thread puts anything any more */

/* With room for so many events. */
struct live_message *message_new(enum live_word, struct live_stream *, int events);
void message_free(struct live_message *);              /* and lets its events go */
void inbox_put(struct inbox *, struct live_message *); /* from any thread */
struct live_message *inbox_take(struct inbox *);       /* NULL: it is empty */

#endif
