/* The hub's inside, for its files alone: hub.c has streams and time, look.c asks the database,
 * post_state.c, user_state.c and feed_look.c find the differences. */
#ifndef PW_API_LIVE_HUB_PARTS_H
#define PW_API_LIVE_HUB_PARTS_H

#include "api/live/inbox.h"
#include "api/live/ring.h"
#include "api/live/tracked.h"
#include "base/buf.h"

enum { DESKS_MAX = 64, LOOK_MAX = 200 };

enum look_kind { LOOK_POSTS, LOOK_USERS, LOOK_KINDS };

struct look { /* one statement at a time for each kind */
    struct live_hub *hub;
    enum look_kind kind;
    struct db_call *call;
    struct tracked *what[LOOK_MAX];
    int count;
    struct tracked_list all, dirty; /* all: in the order of the sweep */
    int all_count;
    double sweep_due; /* how many the sweep has to look at by now */
    bool in_trouble;
};

struct feed_look {
    struct db_call *call;
    struct timer *timer; /* FEED_EVERY_MS between two looks */
    bool is_known;       /* a first look was made: what comes from now on is told */
    bool is_wanted, has_waiting, in_trouble;
    int64_t looked_us; /* the database's clock; 0: never */
    struct seen seen;  /* posts */
};

struct live_hub {
    struct loop *loop;
    struct db *db;
    int64_t stream_max, streams;
    uint64_t sweep_ms, feed_due; /* feed_due: loop time of the feed's next sweep */
    int64_t slack_us;            /* a row may be committed so much later than its time says */
    uint32_t boot;
    uint64_t n, reset_n; /* of the last event; and of the last reset of all streams */
    bool was_listening, is_stopped;
    struct inbox *desks[DESKS_MAX];
    int desk_count;
    struct inbox inbox;
    struct topics topics; /* struct tracked */
    struct live_ring ring;
    struct look looks[LOOK_KINDS];
    struct feed_look feed;
    TAILQ_HEAD(, live_stream) waiting; /* joined; something of theirs isn't known yet */
    struct db_call *owners;            /* whose digests were stored */
    struct timer *sweep_timer, *retry_timer;
};

/* ---- tracking.c ---- */

struct tracked *hub_find(const struct live_hub *, const struct live_key *); /* NULL: nobody is interested */
struct tracked *hub_track(struct live_hub *, const struct live_key *);      /* from now on, where it isn't */
void hub_forget(struct live_hub *, struct tracked *);                       /* it has no streams and isn't in a look */
void hub_want_look(struct live_hub *, struct tracked *);                    /* in its turn */
bool is_address(const struct tracked *);                                    /* nothing is looked for */
/* To all streams that are about it. */
void hub_tell(struct live_hub *, enum live_kind, struct tracked *about, const char *json);
void hub_put_to_desks(struct live_hub *, enum live_word, struct live_event *); /* the event may be NULL */

/* ---- joining.c ---- */

/* A stream comes, where it may, and begins when its posts and its user are known. */
void hub_join(struct live_hub *, struct live_stream *);
void hub_leave(struct live_hub *, struct live_stream *); /* the hub's last word about it */
void hub_begin_known(struct live_hub *);                 /* streams that can begin by now */
void hub_refuse_waiting(struct live_hub *, enum live_refusal);

/* ---- look.c ---- */

void looks_go_on(struct live_hub *); /* where something waits for a look, and none is under way */
void looks_stop(struct live_hub *);  /* no answer comes any more */
/* From when rows are looked for. */
int64_t look_since(const struct live_hub *, int64_t looked_us);

/* ---- post_state.c, user_state.c ---- */

/* Rows of live/posts, or live/users, about what is tracked: `count` of them from `first` on. True:
 * there are more. */
bool post_take(struct live_hub *, struct tracked *, const struct db_rows *, int first, int count);
bool user_take(struct live_hub *, struct tracked *, const struct db_rows *, int first, int count);

/* Adds to a JSON object that begins with a brace where the thread stands, by its post's id; nothing
 * where the post isn't published, or no post is tracked. */
void post_add_state(struct buf *, const struct tracked *);

/* ---- feed_look.c ---- */

void feed_open(struct live_hub *);       /* with the hub */
void feed_want_look(struct live_hub *);  /* soon */
void feed_begin_anew(struct live_hub *); /* the first user is there */
void feed_stop(struct live_hub *);       /* no answer comes any more */

#endif
