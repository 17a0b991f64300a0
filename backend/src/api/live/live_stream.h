#ifndef PW_API_LIVE_LIVE_STREAM_H
#define PW_API_LIVE_LIVE_STREAM_H

#include "api/http/call.h"
#include "api/live/inbox.h"
#include "api/live/tracked.h"
#include "domain/cidr.h"
#include "sys/tokens.h"

/* A stream, from its request to the hub's last word about it. */
struct watcher;
struct live_stream {
    /* the desk's */
    TAILQ_ENTRY(live_stream) link;
    struct live_desk *desk;
    struct call *call; /* NULL: it has ended, and the hub is to let it go */
    struct token_holder holder;
    struct address client;
    bool is_open;
    uint64_t last_n;         /* of the last event that it was told, or that happened before it began */
    uint64_t quiet_since;    /* ns, loop time, as the two below */
    uint64_t ends, reset_at; /* reset_at 0: none is due */
    uint64_t reset_n;
    bool ends_with_token;
    struct watcher *watchers;

    /* for both; never changed: its posts, its user and its network */
    struct live_key *keys;
    int key_count;
    struct inbox *desk_inbox;
    bool has_last_id;
    struct live_id last;

    /* the hub's */
    TAILQ_ENTRY(live_stream) waiting;
    bool is_joined, is_waiting;
    struct tracked **tracked; /* as in keys */
};

#endif
