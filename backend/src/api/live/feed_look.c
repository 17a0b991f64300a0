#include <string.h>

#include "api/live/hub_parts.h"
#include "base/buf.h"
#include "base/clock.h"
#include "sys/log.h"

/* A look asks about all users of the process, so there are few; a user is told every ten seconds at
 * most. */
enum { FEED_EVERY_MS = 1000, FEED_TOLD_EVERY_MS = 10000, POSTS_MAX = 200 /* of a look */ };

enum column { POST, POST_US, USER_ID, NOW_US };

static void tell_newer(struct live_hub *hub, struct tracked *t)
{
    struct user_state *state = &t->state.user;
    struct arena *arena = arena_new();
    hub_tell(hub, LIVE_FEED, t, arena_printf(arena, "{\"newer\":%lld}", (long long)state->newer));
    arena_free(arena);
    state->newer = 0;
    state->feed_due = loop_now(hub->loop) + FEED_TOLD_EVERY_MS * NS_PER_MS;
}

/* Those who were told a moment ago wait. */
static void tell_those_due(struct live_hub *hub)
{
    struct tracked *t;
    hub->feed.has_waiting = false;
    TAILQ_FOREACH (t, &hub->looks[LOOK_USERS].all, all) {
        if (t->state.user.newer == 0)
            continue;
        if (loop_now(hub->loop) >= t->state.user.feed_due)
            tell_newer(hub, t);
        else
            hub->feed.has_waiting = true;
    }
}

/* What was published before somebody's stream began was in the feed by then. */
static void count_newer(struct live_hub *hub, const char *user, int64_t post_us)
{
    struct live_key key = live_key_of(KEY_USER, user);
    struct tracked *t = hub_find(hub, &key);
    if (t && t->is_known && post_us >= t->state.user.known_us - hub->slack_us)
        t->state.user.newer++;
}

static void take_posts(struct live_hub *hub, const struct db_rows *rows)
{
    struct feed_look *feed = &hub->feed;
    const char *last = "";
    int posts = 0;
    bool is_new = false;
    for (int row = 0; row < db_count(rows) && db_text(rows, row, POST); row++) {
        const char *post = db_text(rows, row, POST), *user = db_text(rows, row, USER_ID);
        if (strcmp(post, last) != 0) {
            is_new = seen_add(&feed->seen, post, db_number(rows, row, POST_US)) && feed->is_known;
            feed->looked_us = db_number(rows, row, POST_US);
            posts++;
        }
        last = post;
        if (is_new && user)
            count_newer(hub, user, db_number(rows, row, POST_US));
    }
    if (posts < POSTS_MAX) {
        feed->looked_us = db_number(rows, 0, NOW_US);
        feed->is_known = true;
    } else {
        feed->is_wanted = true; /* the next look goes on from there */
    }
    seen_forget(&feed->seen, feed->looked_us - hub->slack_us);
}

static void on_feed(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    struct live_hub *hub = ctx;
    hub->feed.call = NULL;
    timer_set(hub->feed.timer, FEED_EVERY_MS);
    if (db_is_new_trouble(outcome, rows, &hub->feed.in_trouble))
        log_warn("live_look_failed", log_str("query", "live/feed"), log_str("error", db_outcome_name(outcome)),
                 log_str("detail", db_message(rows)));
    if (outcome != DB_OK || db_count(rows) == 0) {
        hub->feed.is_wanted = true;
        return;
    }
    take_posts(hub, rows);
    tell_those_due(hub);
}

static void add_users(const struct live_hub *hub, struct buf *users)
{
    const struct tracked *t;
    char id[UUID_SIZE];
    buf_str(users, "{");
    TAILQ_FOREACH (t, &hub->looks[LOOK_USERS].all, all) {
        live_key_write(id, &t->topic.key);
        buf_printf(users, "%s%s", users->len > 1 ? "," : "", id);
    }
    buf_str(users, "}");
}

static void add_seen_posts(const struct feed_look *feed, struct buf *seen)
{
    buf_str(seen, "{");
    for (int i = 0; i < feed->seen.count; i++)
        buf_printf(seen, "%s%s", i ? "," : "", feed->seen.items[i].id);
    buf_str(seen, "}");
}

static void feed_look(struct live_hub *hub)
{
    struct arena *arena = arena_new();
    struct buf users = buf_new(arena), seen = buf_new(arena);
    hub->feed.is_wanted = false;
    add_users(hub, &users);
    add_seen_posts(&hub->feed, &seen);
    const char *since = arena_printf(arena, "%lld", (long long)look_since(hub, hub->feed.looked_us));
    hub->feed.call = db_query(hub->db, SQL_LIVE_FEED, (const char *[]){since, seen.text, users.text}, on_feed, hub);
    arena_free(arena);
}

void feed_want_look(struct live_hub *hub)
{
    hub->feed.is_wanted = true;
    if (hub->feed.call || timer_is_set(hub->feed.timer))
        return;
    if (!TAILQ_EMPTY(&hub->looks[LOOK_USERS].all))
        feed_look(hub);
}

void feed_begin_anew(struct live_hub *hub)
{
    hub->feed.is_known = false;
    hub->feed.looked_us = 0;
    feed_want_look(hub);
}

static void feed_on_timer(void *ctx)
{
    struct live_hub *hub = ctx;
    if (hub->feed.has_waiting)
        tell_those_due(hub);
    if (hub->feed.is_wanted)
        feed_want_look(hub);
    else if (hub->feed.has_waiting)
        timer_set(hub->feed.timer, FEED_EVERY_MS);
}

void feed_open(struct live_hub *hub)
{
    hub->feed.timer = timer_new(hub->loop, feed_on_timer, hub);
}

void feed_stop(struct live_hub *hub)
{
    if (hub->feed.call)
        db_drop(hub->feed.call);
    timer_free(hub->feed.timer);
    seen_free(&hub->feed.seen);
}
