/* The ranking of a feed: posts of followed personas, trending battles of others, and the newest
 * templates. Pure. The weights of the scores stand in feed.c. */
#ifndef PW_DOMAIN_FEED_H
#define PW_DOMAIN_FEED_H

#include "base/base.h"

enum { FEED_MAX = 50, FEED_TRENDING_MAX = 20 };

/* A battle or a template. */
struct feed_entry {
    const char *id;
    const char *owner;  /* the id of its user; NULL: a built-in template */
    int64_t created_us; /* since 1970; what lies ahead is as old as now */
    int64_t shares, remixes;
    int64_t uses;     /* of a template */
    const char *json; /* as the answer shows it to everybody, an object */
};

struct feed_list {
    const struct feed_entry *at;
    int count;
};

struct feed_sources {
    struct feed_list followed;  /* 20 at most */
    struct feed_list trending;  /* most engaged first; a caller's own are passed over */
    struct feed_list templates; /* 12 at most */
    const char *caller;         /* the id of a user */
};

enum feed_reason { FEED_FOLLOWED, FEED_TRENDING, FEED_TEMPLATE, FEED_REASONS };

struct feed_item {
    const struct feed_entry *entry;
    int64_t score;                 /* in hundredths */
    enum feed_reason reason;       /* that of the score */
    bool has_reason[FEED_REASONS]; /* all of them */
};

/* How many battles of others `trending` has, FEED_TRENDING_MAX at most. */
int feed_trending_of_others(const struct feed_sources *);

/* The best items at the time `now_us`, best first, and how many they are. A battle that is in both
 * lists is one item, shown as `followed` has it. */
int feed_rank(const struct feed_sources *, int64_t now_us, struct feed_item items[static FEED_MAX]);

#endif
