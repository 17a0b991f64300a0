/* What the hub follows: posts that are watched and users whose streams are open, each as the last
 * look at the database left it, and how many streams a network has. For the hub's files alone. */
#ifndef PW_API_LIVE_TRACKED_H
#define PW_API_LIVE_TRACKED_H

#include <sys/queue.h>

#include "api/live/seen.h"
#include "api/live/topics.h"
#include "sys/db/db.h"

enum { THREAD_VERSION_SIZE = 80 }; /* two times and a number */

struct post_state {
    bool is_published, summary_is_fresh;
    int64_t changed_us, replies, queued, running, failed_us, summary_us; /* summary_us 0: there is none */
    uint64_t names;                                                      /* a hash, as it only has to be compared */
    char version[THREAD_VERSION_SIZE];
};

struct user_state {
    bool is_gone;
    int64_t unread, weekly_us;
    int64_t known_us;  /* by the database's clock: of the first look */
    int64_t newer;     /* posts of followed personas that wait to be told */
    uint64_t feed_due; /* loop time from when they may be */
};

struct tracked {
    struct topic topic; /* first */
    TAILQ_ENTRY(tracked) all, dirty;
    int streams;
    bool is_known; /* looked at: its state is there, and what changes from now on is told */
    bool is_dirty; /* waits for a look */
    bool is_in_look;
    uint64_t since_n, last_n; /* numbers of events: told from the one, to the other */
    uint64_t left_at;         /* loop time when the last stream left, where there is none */
    int64_t looked_us;        /* the database's clock at the last look; 0: never */
    struct seen seen;         /* replies; or notifications and digests */
    union {
        struct post_state post;
        struct user_state user;
    } state;
};
TAILQ_HEAD(tracked_list, tracked);

struct tracked *tracked_new(const struct live_key *); /* of which nothing is known */
void tracked_free(struct tracked *);                  /* its owner has taken it off the lists */

#endif
