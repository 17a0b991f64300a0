/* The desk's inside, for its files alone: desk.c has the streams' lives, writing.c what is written
 * to one of them, telling.c events for many. */
#ifndef PW_API_LIVE_DESK_PARTS_H
#define PW_API_LIVE_DESK_PARTS_H

#include "api/live/hub.h"
#include "api/live/live_stream.h"

/* What somebody of this loop watches. */
struct subject {
    struct topic topic; /* first */
    LIST_HEAD(, watcher) watchers;
};

struct watcher {
    LIST_ENTRY(watcher) link;
    struct live_stream *stream;
    struct subject *subject;
};

struct live_desk {
    struct api *api;
    struct live_hub *hub; /* NULL: it has ended, and so have the threads */
    struct inbox inbox;
    struct topics subjects;
    TAILQ_HEAD(, live_stream) streams; /* all, in the order of the round */
    int stream_count;
    TAILQ_HEAD(, live_message) told; /* events that aren't written to all yet, the oldest first */
    struct watcher *next;            /* who gets the first of them next, where it has begun */
    bool is_telling, is_draining;
    struct timer *tick, *slice;
};

uint64_t desk_now(const struct live_desk *); /* loop time */

/* ---- writing.c ---- */

void count_open(int step); /* streams_open */
/* Ends the stream, behind what waits for its client. */
void say_goodbye(struct live_stream *, const char *reason, const char *error);
/* Each is false where the client was too slow: the stream has ended then. */
bool write_text(struct live_stream *, const char *text, size_t len) MUST_CHECK;
bool write_own(struct live_stream *, enum live_kind, uint64_t n, const char *json) MUST_CHECK;
/* An event that happened before the stream began, or that it has, isn't written. */
bool write_event(struct live_stream *, const struct live_event *) MUST_CHECK;

/* ---- telling.c ---- */

void watchers_join(struct live_desk *, struct live_stream *);  /* events about its keys are written to it */
void watchers_leave(struct live_desk *, struct live_stream *); /* no more; harmless where it hasn't joined */
void tell_slice(void *desk);                                   /* writes some of what was told */
void desk_forget_told(struct live_desk *);                     /* at the end */

#endif
