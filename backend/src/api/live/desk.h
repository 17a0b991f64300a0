/* One loop's live streams. The hub (api/live/hub.h) says what happens; the desk writes it to those
 * who watch it, in slices, so that an event for thousands keeps nobody else waiting. */
#ifndef PW_API_LIVE_DESK_H
#define PW_API_LIVE_DESK_H

#include "api/http/call.h"
#include "api/live/hub.h"

enum { LIVE_WATCH_MAX = 50 };

struct live_opening { /* what a request asks for */
    struct live_key posts[LIVE_WATCH_MAX];
    int post_count;
    bool has_last_id;
    struct live_id last;
};

struct live_desk;

void live_desk_metrics(void); /* once per process, before any thread */

struct live_desk *live_desk_open(struct api *);    /* of the thread's part of the service */
struct inbox *live_desk_inbox(struct live_desk *); /* for the hub */
/* Before the loop runs; NULL when the hub has stopped. */
void live_desk_set_hub(struct live_desk *, struct live_hub *);
void live_desk_drain(struct live_desk *); /* says goodbye to all, and takes no more */
void live_desk_close(struct live_desk *); /* after the hub's stop; NULL is fine */

/* Answers the call with a stream, or says why not. */
void desk_open(struct call *, const struct live_opening *);

#endif
